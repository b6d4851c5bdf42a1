/*
 * Int: small ints live in the Value, all others in an Int with GMP limbs (mpn_* only, result and
 * scratch reserved before the call, so out of memory is MemoryError).
 *
 * Invariant: an Int is never in the small range and has no leading zero limb; one normaliser
 * (int_normalise in int.c) makes every result and asserts it.
 * "int value" below: a small int, a heap Int, or a bool where said.  Threads: any; Ints are immutable.
 */
#ifndef ADDER_RUNTIME_INT_H
#define ADDER_RUNTIME_INT_H

#include "runtime/error.h"

typedef struct Int {
    Object header;
    int64_t size;     /* number of limbs, negative for a negative number */
    uint64_t limbs[]; /* least significant first */
} Int;

/* Any int64 as an int value. owns: new. fails: absent, MemoryError. */
Value int_from_i64_slow(Thread *th, int64_t x);
static inline Value int_from_i64(Thread *th, int64_t x)
{
    return int_fits_small(x) ? value_from_small_int(x) : int_from_i64_slow(th, x);
}
Value int_from_u64(Thread *th, uint64_t x);
/* Truncates; OverflowError / ValueError for inf and nan as CPython words them. */
Value int_from_double(Thread *th, double d);
/* Parses text as int(text, base) does (underscores, sign, prefix, whitespace, the 4300 digits limit).
 * original: for the ValueError message, may be absent. */
Value int_parse(Thread *th, const char *text, size_t length, int base, Value original);
/* Digits of a literal (no sign), base 2, 8, 10 or 16. */
Value int_from_digits(Thread *th, const char *digits, size_t length, int base);
/* int value or bool of exact or sub type? */
bool value_is_int(Value v);      /* small, heap Int (not bool) */
bool value_is_int_like(Value v); /* also bool */
/* The number as int64. fails: false if it does not fit (no exception). v: int value or bool. */
bool int_to_i64(Value v, int64_t *out);
/* As double, correctly rounded. fails: false with OverflowError "int too large to convert to float". */
bool int_to_double(Thread *th, Value v, double *out);
/* An index from any object (int, bool, __index__): TypeError "'str' object cannot be interpreted as
 * an integer", OverflowError (CPython's words of arguments) if out of int64, or clamped when clamp. */
bool int_as_index(Thread *th, Value v, int64_t *out, bool clamp);

/* a, b: int values or bools. All: owns new, fails absent with the exception set. */
Value int_add(Thread *th, Value a, Value b);
Value int_sub(Thread *th, Value a, Value b);
Value int_mul(Thread *th, Value a, Value b);
Value int_floordiv(Thread *th, Value a, Value b);
Value int_mod(Thread *th, Value a, Value b);
Value int_divmod(Thread *th, Value a, Value b);  /* a tuple */
Value int_truediv(Thread *th, Value a, Value b); /* correctly rounded */
Value int_pow(Thread *th, Value a, Value b);     /* negative exponent: float */
Value int_pow_mod(Thread *th, Value a, Value b, Value modulus);
Value int_lshift(Thread *th, Value a, Value b);
Value int_rshift(Thread *th, Value a, Value b);
Value int_and(Thread *th, Value a, Value b);
Value int_or(Thread *th, Value a, Value b);
Value int_xor(Thread *th, Value a, Value b);
Value int_neg(Thread *th, Value a);
Value int_abs(Thread *th, Value a);
Value int_invert(Thread *th, Value a);
Value int_round(Thread *th, Value a, Value ndigits); /* round(a, ndigits), ties to even */
int int_compare(Value a, Value b);                   /* -1, 0, 1 */
int int_compare_double(Value a, double d);           /* exact; d not NaN */
int64_t int_hash(Value a);                           /* CPython's: modulo 2^61-1 */
int64_t int_bit_length(Value a);
/* Text in base 2..36 without prefix. owns: new str. */
Value int_to_str(Thread *th, Value a, int base);

#endif
