/*
 * Format specs: the mini-language of format() and f-strings, for int, float and str.
 *
 *     [[fill]align][sign][z][#][0][width][grouping][.precision][type]
 *
 * Threads: pure functions of the values.
 */
#ifndef ADDER_RUNTIME_FORMAT_SPEC_H
#define ADDER_RUNTIME_FORMAT_SPEC_H

#include "runtime/error.h"

/* format(v, spec). v: int value, bool or heap int / float / str; spec: str, absent or empty: str(v).
 * owns: new str. fails: absent, ValueError in CPython's words (or MemoryError, OverflowError). */
Value format_int(Thread *th, Value v, Value spec);
Value format_float(Thread *th, Value v, Value spec);
Value format_str(Thread *th, Value v, Value spec);

#endif
