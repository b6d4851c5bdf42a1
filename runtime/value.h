/*
 * Value: 64 bits that are any Python object.
 *
 * Encoding (DESIGN 2, figures in TIER1.md).  Raw word v, D1 = 1<<48:
 *
 *     v == 0                      absent: never an object; "error" or "nothing" as a result
 *     0       < v <  D1           pointer to an Object
 *     D1     <= v <  0xFFFA<<48   double: v - D1 are its IEEE bits (NaN payloads dropped, see below)
 *     0xFFFA<<48 | k              immediates: None, False, True, unbound
 *     v >= 0xFFFC<<48             small int: 0xFFFE<<48 + x, x in [-2^49, 2^49)
 *
 * Invariant: a heap int never holds a number of the small range, so unequal small ints are unequal
 * ints.  A double that comes from outside (struct, fromhex, libm, memory) passes
 * value_from_bits_double(), which makes NaNs the default ones; arithmetic, negation and absolute
 * value of such doubles yield such doubles (x86's default NaN is 0xFFF8<<48).
 *
 * Threads: pure functions on words; any thread.
 */
#ifndef ADDER_RUNTIME_VALUE_H
#define ADDER_RUNTIME_VALUE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef uint64_t Value;

#define VALUE_ABSENT ((Value)0)
#define VALUE_DOUBLE_OFFSET 0x0001000000000000ull /* D1 */
#define VALUE_IMMEDIATE 0xFFFA000000000000ull
#define VALUE_NONE (VALUE_IMMEDIATE + 0)
#define VALUE_FALSE (VALUE_IMMEDIATE + 1)
#define VALUE_TRUE (VALUE_IMMEDIATE + 2)
#define VALUE_UNBOUND (VALUE_IMMEDIATE + 3)
#define VALUE_INT_MIN_TAG 0xFFFC000000000000ull /* T: v >= T iff v is a small int */
#define VALUE_INT_BASE 0xFFFE000000000000ull    /* the encoding of 0 */
#define SMALL_INT_MIN (-(INT64_C(1) << 49))
#define SMALL_INT_MAX ((INT64_C(1) << 49) - 1)

struct Object;

static inline bool value_is_object(Value v) { return v - 1 < VALUE_DOUBLE_OFFSET - 1; }
static inline bool value_is_small_int(Value v) { return v >= VALUE_INT_MIN_TAG; }
static inline bool value_is_double(Value v)
{
    return v - VALUE_DOUBLE_OFFSET < VALUE_IMMEDIATE - VALUE_DOUBLE_OFFSET;
}
static inline bool value_is_immediate(Value v) { return v - VALUE_IMMEDIATE < 4; }
static inline bool value_is_bool(Value v) { return v - VALUE_FALSE < 2; }

static inline struct Object *value_object(Value v) { return (struct Object *)(uintptr_t)v; }
static inline Value value_from_object(const void *o) { return (Value)(uintptr_t)o; }

/* The number of a small int; only for value_is_small_int(v). */
static inline int64_t value_int(Value v) { return (int64_t)(v - VALUE_INT_BASE); }
static inline bool int_fits_small(int64_t x)
{
    return (uint64_t)x + (UINT64_C(1) << 49) < (UINT64_C(1) << 50);
}
/* Encodes x; only for int_fits_small(x).  For any int64 use int_from_i64() of runtime/int.h. */
static inline Value value_from_small_int(int64_t x) { return VALUE_INT_BASE + (uint64_t)x; }

static inline double double_from_bits(uint64_t bits)
{
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}
static inline uint64_t bits_from_double(double d)
{
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    return bits;
}
static inline double value_double(Value v) { return double_from_bits(v - VALUE_DOUBLE_OFFSET); }
/* d is the result of arithmetic (+ - * / sqrt, conversion) on decoded doubles. */
static inline Value value_from_double(double d)
{
    return bits_from_double(d) + VALUE_DOUBLE_OFFSET;
}
/* d comes from anywhere else.  Every NaN becomes the default one of its sign: a signalling NaN would
 * turn, when computed with, into one whose bits do not encode, and so would the negation of a
 * positive one with a large payload. */
static inline Value value_from_bits_double(double d)
{
    uint64_t bits = bits_from_double(d);
    if ((bits & INT64_MAX) > 0x7FF0000000000000ull) {
        bits = (bits & 0x8000000000000000ull) | 0x7FF8000000000000ull;
    }
    return bits + VALUE_DOUBLE_OFFSET;
}
static inline Value value_from_bool(bool b) { return VALUE_FALSE + (uint64_t)b; }

#endif
