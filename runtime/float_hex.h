/*
 * Float hex: hexadecimal text of floats. Used by float's methods only.
 *
 * Threads: pure functions.
 */
#ifndef ADDER_RUNTIME_FLOAT_HEX_H
#define ADDER_RUNTIME_FLOAT_HEX_H

#include "runtime/float.h"

/* float.hex(d) into out (FLOAT_REPR_MAX bytes), returns the length. */
size_t float_to_hex(double d, char *out);

typedef enum HexResult { HEX_OK, HEX_INVALID, HEX_TOO_LARGE } HexResult;
/* float.fromhex(text), text zero-terminated. *out is set on HEX_OK only. */
HexResult float_from_hex(const char *text, double *out);

#endif
