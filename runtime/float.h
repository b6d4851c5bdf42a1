/*
 * Float: doubles live in the Value; here are conversion, parsing and printing.
 * repr is the shortest text that reads back as the same double, as CPython prints it.
 * Threads: pure functions.
 */
#ifndef ADDER_RUNTIME_FLOAT_H
#define ADDER_RUNTIME_FLOAT_H

#include "runtime/error.h"

enum { FLOAT_REPR_MAX = 40 };
/* Writes repr(d) into out (FLOAT_REPR_MAX bytes), returns the length. */
size_t float_repr(double d, char *out);
/* format(d, spec) pieces: type one of "eEfFgG%r", precision -1: default. owns: rt_malloc'ed text,
 * *length set. fails: NULL out of memory. flags: FLOAT_FORMAT_ALT ('#'). */
char *float_format(double d, char type, int precision, int flags, size_t *length);
enum { FLOAT_FORMAT_ALT = 1, FLOAT_FORMAT_ADD_DOT_0 = 2 };
/* float(text): whitespace, underscores, inf, nan. fails: false (no exception). */
bool float_parse(const char *text, size_t length, double *out);
int64_t float_hash(double d, Value self);
double float_floordiv(double a, double b); /* b != 0; CPython's rules of sign and zero */
double float_mod(double a, double b);      /* b != 0 */
/* a ** b for floats: may raise ZeroDivisionError / OverflowError. A negative base with a fractional
 * exponent is a complex number, which is refused with a clear error naming complex. */
bool float_pow(Thread *th, double a, double b, double *out);
/* float value of any number (float, int, bool, __float__): fails: false, TypeError
 * "must be real number, not str". */
bool float_from_value(Thread *th, Value v, double *out);
/* As float_from_value: 1 done, 0 v is no number (no exception), -1 exception. */
int float_from_number(Thread *th, Value v, double *out);
Value float_round(Thread *th, double d, Value ndigits); /* round(d[, n]) */

#endif
