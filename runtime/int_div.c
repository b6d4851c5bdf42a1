/*
 * Int division: floor division and remainder with Python's signs, and the correctly rounded
 * quotient of two ints as a float.
 *
 * Threads: any.
 */
#include <math.h>

#include "runtime/containers.h"
#include "runtime/int_internal.h"

static int64_t floor_divide_word(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return q - ((a % b != 0) & ((a < 0) != (b < 0)));
}

static bool divide_words(Thread *th, int64_t a, int64_t b, Value *q, Value *r)
{
    int64_t quotient = floor_divide_word(a, b);
    int64_t rest = a - quotient * b;
    if (q != NULL) {
        *q = int_from_i64(th, quotient); /* -2^49 // -1 is a heap Int */
        if (*q == VALUE_ABSENT) {
            return false;
        }
    }
    if (r != NULL) {
        *r = value_from_small_int(rest);
    }
    return true;
}

/* Adds 1 to the magnitude of n, which has a spare limb at the top. */
static void increment(Int *n, int64_t size)
{
    mp_limb_t *p = int_limbs(n);
    for (int64_t i = 0; i < size && ++p[i] == 0; i++) {
    }
}

/* Truncated quotient and remainder of x / y, |x| >= |y| in limbs, turned into floored ones. */
static bool divide_views(Thread *th, const IntView *x, const IntView *y, Value *q, Value *r)
{
    int64_t qn = x->size - y->size + 1;
    Int *quotient = int_alloc(th, qn + 1);
    Int *rest = quotient == NULL ? NULL : int_alloc(th, y->size);
    if (rest == NULL || !int_mpn_divide(th, int_limbs(quotient), int_limbs(rest), x->limbs, x->size,
                                        y->limbs, y->size)) {
        if (quotient != NULL) {
            rt_object_free(th, &quotient->header);
        }
        if (rest != NULL) {
            rt_object_free(th, &rest->header);
        }
        return false;
    }
    int_limbs(quotient)[qn] = 0;
    bool floor_down = x->negative != y->negative && !mpn_zero_p(int_limbs(rest), y->size);
    if (floor_down) { /* q = -(|q| + 1), r = y - r in magnitude */
        increment(quotient, qn + 1);
        mpn_sub_n(int_limbs(rest), y->limbs, int_limbs(rest), y->size);
    }
    if (q != NULL) {
        *q = int_normalise(quotient, qn + 1, x->negative != y->negative);
    } else {
        rt_object_free(th, &quotient->header);
    }
    if (r != NULL) {
        *r = int_normalise(rest, y->size, y->negative);
    } else {
        rt_object_free(th, &rest->header);
    }
    return true;
}

bool int_divide_floor(Thread *th, Value a, Value b, Value *q, Value *r, const char *what)
{
    if (int_is_word(b) && int_word(b) == 0) {
        rt_raise(th, EXC_ZERO_DIVISION_ERROR, "%s", what);
        return false;
    }
    if (int_is_word(a) && int_is_word(b)) {
        return divide_words(th, int_word(a), int_word(b), q, r);
    }
    IntView x, y;
    int_view(a, &x);
    int_view(b, &y);
    if (x.size >= y.size) {
        return divide_views(th, &x, &y, q, r);
    }
    /* |a| < |b|: quotient 0 or -1 */
    bool down = x.size != 0 && x.negative != y.negative;
    if (r != NULL) {
        *r = down ? int_add(th, a, b) : int_add(th, a, value_from_small_int(0));
        if (*r == VALUE_ABSENT) {
            return false;
        }
    }
    if (q != NULL) {
        *q = value_from_small_int(down ? -1 : 0);
    }
    return true;
}

#define DIVISION_BY_ZERO "integer division or modulo by zero"

Value int_floordiv(Thread *th, Value a, Value b)
{
    Value q;
    return int_divide_floor(th, a, b, &q, NULL, DIVISION_BY_ZERO) ? q : VALUE_ABSENT;
}

Value int_mod(Thread *th, Value a, Value b)
{
    Value r;
    return int_divide_floor(th, a, b, NULL, &r, "integer modulo by zero") ? r : VALUE_ABSENT;
}

Value int_divmod(Thread *th, Value a, Value b)
{
    Value pair[2];
    if (!int_divide_floor(th, a, b, &pair[0], &pair[1], DIVISION_BY_ZERO)) {
        return VALUE_ABSENT;
    }
    return tuple_new_steal(th, pair, 2);
}

/* q * 2^exponent, rounded once to the nearest double, ties to even; q has 56 to 58 bits and its
 * lowest bit is set if anything nonzero lies below. */
static double scale_rounded(uint64_t q, int64_t exponent)
{
    int64_t bits = LIMB_BITS - __builtin_clzll(q);
    if (bits + exponent > 1025) {
        return INFINITY;
    }
    int64_t cut = -1074 - exponent; /* bits of q below the smallest double */
    if (bits + exponent > -1021 || cut <= 0) {
        return ldexp((double)q,
                     (int)exponent); /* normal: the conversion rounds, scaling is exact */
    }
    if (cut > bits) {
        return 0.0;
    }
    uint64_t low = q & ((UINT64_C(1) << cut) - 1), half = UINT64_C(1) << (cut - 1);
    q >>= cut;
    q += low > half || (low == half && (q & 1) != 0);
    return ldexp((double)q, -1074);
}

/* The lowest 64 bits of floor(x * 2^-shift / y), with a sticky lowest bit; the quotient is known to
 * have at most 58 bits. fails: false, MemoryError. */
static bool scaled_quotient(Thread *th, const IntView *x, const IntView *y, int64_t shift,
                            uint64_t *out)
{
    int64_t limbs = (shift < 0 ? -shift : shift) / LIMB_BITS;
    unsigned bits = (unsigned)((shift < 0 ? -shift : shift) % LIMB_BITS);
    const IntView *scaled = shift < 0 ? x : y; /* this one is multiplied by 2^|shift| */
    int64_t sn = scaled->size + limbs + 1;
    int64_t nn = shift < 0 ? sn : x->size, dn = shift < 0 ? y->size : sn;
    int64_t room = sn + (nn + 2) + (dn + 1);
    mp_limb_t *space = room > INT_LIMBS_MAX ? NULL : rt_calloc((size_t)room, sizeof *space);
    if (space == NULL) {
        rt_raise_memory_error(th);
        return false;
    }
    mp_limb_t *sp = space, *qp = space + sn, *rp = qp + nn + 2;
    if (bits == 0) {
        mpn_copyi(sp + limbs, scaled->limbs, scaled->size);
    } else {
        sp[sn - 1] = mpn_lshift(sp + limbs, scaled->limbs, scaled->size, bits);
    }
    const mp_limb_t *np = shift < 0 ? sp : x->limbs, *dp = shift < 0 ? y->limbs : sp;
    while (nn > 0 && np[nn - 1] == 0) {
        nn--;
    }
    while (dp[dn - 1] == 0) {
        dn--;
    }
    bool ok = nn < dn || int_mpn_divide(th, qp, rp, np, nn, dp, dn);
    assert(nn >= dn);
    *out = qp[0] | (uint64_t)(ok && !mpn_zero_p(rp, dn));
    rt_free(space);
    return ok;
}

Value int_truediv(Thread *th, Value a, Value b)
{
    if (int_is_word(b) && int_word(b) == 0) {
        return rt_raise(th, EXC_ZERO_DIVISION_ERROR, "division by zero");
    }
    if (int_is_word(a) && int_is_word(b)) { /* both exact as doubles: one rounding */
        return value_from_double((double)int_word(a) / (double)int_word(b));
    }
    IntView x, y;
    int_view(a, &x);
    int_view(b, &y);
    if (x.size == 0) {
        return value_from_double(y.negative ? -0.0 : 0.0);
    }
    bool negative = x.negative != y.negative;
    int64_t difference = limbs_bit_length(x.limbs, x.size) - limbs_bit_length(y.limbs, y.size);
    double d = 0.0;
    if (difference > 1024) {
        d = INFINITY;
    } else if (difference >= -1080) {
        uint64_t q;
        int64_t shift = difference - 57; /* the quotient then has 57 or 58 bits */
        if (!scaled_quotient(th, &x, &y, shift, &q)) {
            return VALUE_ABSENT;
        }
        d = scale_rounded(q, shift);
    }
    if (isinf(d)) {
        return rt_raise(th, EXC_OVERFLOW_ERROR, "integer division result too large for a float");
    }
    return value_from_double(negative ? -d : d);
}
