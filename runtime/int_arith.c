/*
 * Int arithmetic: sums, products, negation.  Words first, limbs only where words do not suffice.
 *
 * Threads: any.
 */
#include "runtime/int_internal.h"

/* |a| + |b| with a sign. */
static Value add_magnitudes(Thread *th, const IntView *a, const IntView *b, bool negative)
{
    if (a->size < b->size) {
        const IntView *swap = a;
        a = b;
        b = swap;
    }
    Int *n = int_alloc(th, a->size + 1);
    if (n == NULL) {
        return VALUE_ABSENT;
    }
    mp_limb_t *rp = int_limbs(n);
    if (b->size == 0) {
        mpn_copyi(rp, a->limbs, a->size);
        rp[a->size] = 0;
    } else {
        rp[a->size] = mpn_add(rp, a->limbs, a->size, b->limbs, b->size);
    }
    return int_normalise(n, a->size + 1, negative);
}

/* |a| - |b|, with `negative` as the sign if |a| > |b|. */
static Value subtract_magnitudes(Thread *th, const IntView *a, const IntView *b, bool negative)
{
    int order =
        a->size != b->size ? (a->size > b->size ? 1 : -1) : mpn_cmp(a->limbs, b->limbs, a->size);
    if (order == 0) {
        return value_from_small_int(0);
    }
    if (order < 0) {
        const IntView *swap = a;
        a = b;
        b = swap;
        negative = !negative;
    }
    Int *n = int_alloc(th, a->size);
    if (n == NULL) {
        return VALUE_ABSENT;
    }
    mp_limb_t *rp = int_limbs(n);
    if (b->size == 0) {
        mpn_copyi(rp, a->limbs, a->size);
    } else {
        mpn_sub(rp, a->limbs, a->size, b->limbs, b->size);
    }
    return int_normalise(n, a->size, negative);
}

static Value add_signed(Thread *th, Value a, Value b, bool negate_b)
{
    IntView x, y;
    int_view(a, &x);
    int_view(b, &y);
    bool y_negative = y.negative != negate_b;
    return x.negative == y_negative ? add_magnitudes(th, &x, &y, x.negative)
                                    : subtract_magnitudes(th, &x, &y, x.negative);
}

Value int_add(Thread *th, Value a, Value b)
{
    if (int_is_word(a) && int_is_word(b)) {
        return int_from_i64(th, int_word(a) + int_word(b));
    }
    return add_signed(th, a, b, false);
}

Value int_sub(Thread *th, Value a, Value b)
{
    if (int_is_word(a) && int_is_word(b)) {
        return int_from_i64(th, int_word(a) - int_word(b));
    }
    return add_signed(th, a, b, true);
}

Value int_mul(Thread *th, Value a, Value b)
{
    if (int_is_word(a) && int_is_word(b)) {
        __int128 product = (__int128)int_word(a) * int_word(b);
        bool negative = product < 0;
        return int_from_u128(th, (unsigned __int128)(negative ? -product : product), negative);
    }
    IntView x, y;
    int_view(a, &x);
    int_view(b, &y);
    if (x.size == 0 || y.size == 0) {
        return value_from_small_int(0);
    }
    Int *n = int_alloc(th, x.size + y.size);
    if (n == NULL) {
        return VALUE_ABSENT;
    }
    bool swap = x.size < y.size;
    const IntView *big = swap ? &y : &x, *little = swap ? &x : &y;
    if (!int_mpn_mul(th, int_limbs(n), big->limbs, big->size, little->limbs, little->size)) {
        rt_object_free(th, &n->header);
        return VALUE_ABSENT;
    }
    return int_normalise(n, x.size + y.size, x.negative != y.negative);
}

/* A copy with the given sign. */
static Value with_sign(Thread *th, Value a, bool negative)
{
    IntView view;
    int_view(a, &view);
    if (view.size == 0) {
        return value_from_small_int(0);
    }
    Int *n = int_alloc(th, view.size);
    if (n == NULL) {
        return VALUE_ABSENT;
    }
    mpn_copyi(int_limbs(n), view.limbs, view.size);
    return int_normalise(n, view.size, negative);
}

Value int_neg(Thread *th, Value a)
{
    return int_is_word(a) ? int_from_i64(th, -int_word(a)) : with_sign(th, a, !int_is_negative(a));
}

Value int_abs(Thread *th, Value a)
{
    if (int_is_word(a)) {
        int64_t x = int_word(a);
        return int_from_i64(th, x < 0 ? -x : x);
    }
    return int_is_negative(a) ? with_sign(th, a, false) : rt_newref(th, a);
}

/* ~a = -a - 1. */
Value int_invert(Thread *th, Value a)
{
    if (int_is_word(a)) {
        return int_from_i64(th, ~int_word(a));
    }
    Value next = int_add(th, a, value_from_small_int(1));
    if (next == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value result = int_neg(th, next);
    rt_decref(th, next);
    return result;
}
