/*
 * Int: representation of integers, conversion from and to C numbers, comparison, hash.
 *
 * Arithmetic is in int_arith.c, int_div.c, int_pow.c, int_bits.c; text in int_text.c; the types in
 * int_type.c; how GMP is called in int_gmp.c.
 *
 * Threads: any; Ints are immutable once int_normalise has returned them.
 */
#include "runtime/int.h"

#include <math.h>

#include "runtime/int_internal.h"

Int *int_alloc(Thread *th, int64_t limbs)
{
    assert(limbs >= 1);
    if (limbs > INT_LIMBS_MAX) {
        rt_raise_memory_error(th);
        return NULL;
    }
    return rt_object_new_unfilled(th, TYPE_INT, sizeof(Int) + (size_t)limbs * sizeof(mp_limb_t));
}

/* Is n outside of the small range and without leading zeros? What every Int satisfies. */
static bool int_is_valid(const Int *n)
{
    int64_t size = n->size < 0 ? -n->size : n->size;
    if (size == 0 || n->limbs[size - 1] == 0) {
        return false;
    }
    if (size > 1) {
        return true;
    }
    uint64_t edge = (uint64_t)SMALL_INT_MAX + (n->size < 0 ? 1 : 0);
    return n->limbs[0] > edge;
}

Value int_normalise(Int *n, int64_t size, bool negative)
{
    while (size > 0 && n->limbs[size - 1] == 0) {
        size--;
    }
    if (size <= 1) {
        uint64_t magnitude = size == 0 ? 0 : n->limbs[0];
        if (magnitude <= (uint64_t)SMALL_INT_MAX + (negative ? 1 : 0)) {
            rt_free(n); /* an int is not tracked: a block as it is */
            return value_from_small_int(negative ? -(int64_t)magnitude : (int64_t)magnitude);
        }
    }
    n->size = negative ? -size : size;
    assert(int_is_valid(n));
    (void)int_is_valid;
    return value_from_object(n);
}

Value int_from_u128(Thread *th, unsigned __int128 magnitude, bool negative)
{
    uint64_t low = (uint64_t)magnitude, high = (uint64_t)(magnitude >> 64);
    if (high == 0 && low <= (uint64_t)SMALL_INT_MAX) {
        return value_from_small_int(negative ? -(int64_t)low : (int64_t)low);
    }
    Int *n = int_alloc(th, high == 0 ? 1 : 2);
    if (n == NULL) {
        return VALUE_ABSENT;
    }
    n->limbs[0] = low;
    if (high != 0) {
        n->limbs[1] = high;
    }
    return int_normalise(n, high == 0 ? 1 : 2, negative);
}

Value int_from_i64_slow(Thread *th, int64_t x)
{
    return int_from_u128(th, x < 0 ? UINT64_C(0) - (uint64_t)x : (uint64_t)x, x < 0);
}

Value int_from_u64(Thread *th, uint64_t x) { return int_from_u128(th, x, false); }

Value int_from_double(Thread *th, double d)
{
    if (isnan(d)) {
        return rt_raise(th, EXC_VALUE_ERROR, "cannot convert float NaN to integer");
    }
    if (isinf(d)) {
        return rt_raise(th, EXC_OVERFLOW_ERROR, "cannot convert float infinity to integer");
    }
    if (fabs(d) < 0x1p62) {
        return int_from_i64(th, (int64_t)d);
    }
    int exponent;
    double fraction = frexp(fabs(d), &exponent); /* in [0.5, 1) */
    uint64_t mantissa = (uint64_t)ldexp(fraction, 64);
    int shift = exponent - 64; /* >= -1: mantissa's low 11 bits are zero */
    if (shift < 0) {
        return int_from_u128(th, mantissa >> 1, d < 0);
    }
    int64_t limbs = shift / LIMB_BITS;
    int bits = shift % LIMB_BITS;
    Int *n = int_alloc(th, limbs + 2);
    if (n == NULL) {
        return VALUE_ABSENT;
    }
    memset(n->limbs, 0, (size_t)limbs * sizeof n->limbs[0]);
    n->limbs[limbs] = mantissa << bits;
    n->limbs[limbs + 1] = bits == 0 ? 0 : mantissa >> (LIMB_BITS - bits);
    return int_normalise(n, limbs + 2, d < 0);
}

bool value_is_int(Value v) { return value_is_small_int(v) || value_has_type(v, TYPE_INT); }

bool value_is_int_like(Value v) { return value_is_int(v) || value_is_bool(v); }

bool int_to_i64(Value v, int64_t *out)
{
    if (int_is_word(v)) {
        *out = int_word(v);
        return true;
    }
    const Int *n = value_heap_int(v);
    if (n->size == 1 && n->limbs[0] <= (uint64_t)INT64_MAX) {
        *out = (int64_t)n->limbs[0];
        return true;
    }
    if (n->size == -1 && n->limbs[0] <= (uint64_t)INT64_MAX + 1) {
        *out = (int64_t)-n->limbs[0];
        return true;
    }
    return false;
}

/* The highest 64 bits of a magnitude, left-aligned; *rest: is any bit below them set? */
static uint64_t top_bits(const IntView *v, bool *rest)
{
    int64_t high = v->size - 1;
    int shift = __builtin_clzll(v->limbs[high]);
    uint64_t top = v->limbs[high] << shift;
    *rest = false;
    if (high > 0) {
        if (shift > 0) {
            top |= v->limbs[high - 1] >> (LIMB_BITS - shift);
            *rest = v->limbs[high - 1] << shift != 0;
        } else {
            *rest = v->limbs[high - 1] != 0;
        }
        for (int64_t i = high - 2; i >= 0 && !*rest; i--) {
            *rest = v->limbs[i] != 0;
        }
    }
    return top;
}

bool int_to_double(Thread *th, Value v, double *out)
{
    if (int_is_word(v)) {
        *out = (double)int_word(v); /* exact: below 2^53 */
        return true;
    }
    IntView view;
    int_view(v, &view);
    bool rest;
    uint64_t top = top_bits(&view, &rest);
    /* a sticky bit below the 53rd makes the conversion's round-half-even exact */
    double d = (double)(top | (uint64_t)rest);
    int64_t exponent = limbs_bit_length(view.limbs, view.size) - 64;
    d = exponent > 1024 ? INFINITY : ldexp(d, (int)exponent);
    if (isinf(d)) {
        rt_raise(th, EXC_OVERFLOW_ERROR, "int too large to convert to float");
        return false;
    }
    *out = view.negative ? -d : d;
    return true;
}

int int_compare(Value a, Value b)
{
    if (int_is_word(a) && int_is_word(b)) {
        int64_t x = int_word(a), y = int_word(b);
        return (x > y) - (x < y);
    }
    IntView x, y;
    int_view(a, &x);
    int_view(b, &y);
    if (x.negative != y.negative) {
        return x.negative ? -1 : 1;
    }
    int magnitude = x.size != y.size ? (x.size > y.size ? 1 : -1)
                                     : (x.size == 0 ? 0 : mpn_cmp(x.limbs, y.limbs, x.size));
    magnitude = (magnitude > 0) - (magnitude < 0);
    return x.negative ? -magnitude : magnitude;
}

/* |a| against |d|, both at least 2^49, d finite. */
static int compare_magnitudes(const IntView *a, double d)
{
    int exponent;
    double fraction = frexp(fabs(d), &exponent);
    int64_t bits = limbs_bit_length(a->limbs, a->size);
    if (bits != exponent) {
        return bits > exponent ? 1 : -1;
    }
    bool rest;
    uint64_t top = top_bits(a, &rest);
    uint64_t other = (uint64_t)ldexp(fraction, 64); /* exact; fraction bits of d included */
    if (top != other) {
        return top > other ? 1 : -1;
    }
    return rest ? 1 : 0;
}

int int_compare_double(Value a, double d)
{
    assert(!isnan(d));
    if (int_is_word(a)) {
        double x = (double)int_word(a);
        return (x > d) - (x < d);
    }
    IntView view;
    int_view(a, &view);
    int sign = view.negative ? -1 : 1;
    if (isinf(d)) {
        return d > 0 ? -1 : 1;
    }
    if ((d < 0) != view.negative || fabs(d) < 0x1p49) {
        return sign;
    }
    return sign * compare_magnitudes(&view, d);
}

int64_t int_hash(Value a)
{
    const uint64_t modulus = (UINT64_C(1) << INT_HASH_BITS) - 1;
    int64_t hash;
    if (int_is_word(a)) {
        hash = int_word(a); /* below the modulus */
    } else {
        IntView view;
        int_view(a, &view);
        uint64_t rest = 0;
        for (int64_t i = view.size - 1; i >= 0; i--) {
            unsigned __int128 x = (unsigned __int128)rest << 64 | view.limbs[i];
            uint64_t folded = (uint64_t)(x & modulus) + (uint64_t)(x >> INT_HASH_BITS & modulus) +
                              (uint64_t)(x >> (2 * INT_HASH_BITS));
            rest = (folded & modulus) + (folded >> INT_HASH_BITS);
            rest = rest >= modulus ? rest - modulus : rest;
        }
        hash = view.negative ? -(int64_t)rest : (int64_t)rest;
    }
    return hash == -1 ? -2 : hash;
}

int64_t int_bit_length(Value a)
{
    IntView view;
    int_view(a, &view);
    return limbs_bit_length(view.limbs, view.size);
}
