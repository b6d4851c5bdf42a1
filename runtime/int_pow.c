/*
 * Int powers: a ** b, and pow(a, b, m).
 *
 * a ** b: a = odd * 2^k, so that powers of two and of ten do not square zeros; then left-to-right
 * squaring in two buffers that are reserved for the whole result.
 * pow(a, b, m): left-to-right squaring with a division each step, in four buffers.
 *
 * Threads: any.
 */
#include "runtime/float.h"
#include "runtime/int_internal.h"

static Value pow_float(Thread *th, Value a, Value b)
{
    double x, y, result;
    if (!int_to_double(th, a, &x) || !int_to_double(th, b, &y) || !float_pow(th, x, y, &result)) {
        return VALUE_ABSENT;
    }
    return value_from_bits_double(result);
}

/* Small results, without allocation: true if |base|^e fits 64 bits. */
static bool pow_word(uint64_t base, uint64_t e, uint64_t *out)
{
    uint64_t result = 1;
    for (;;) {
        if ((e & 1) != 0 && __builtin_mul_overflow(result, base, &result)) {
            return false;
        }
        e >>= 1;
        if (e == 0) {
            *out = result;
            return true;
        }
        if (__builtin_mul_overflow(base, base, &base)) {
            return false;
        }
    }
}

/* The odd part of a view's magnitude in fresh limbs. */
typedef struct OddPart {
    mp_limb_t *limbs; /* rt_malloc'ed */
    int64_t size;
    uint64_t twos;
} OddPart;

static bool odd_part(Thread *th, const IntView *v, OddPart *out)
{
    uint64_t twos = mpn_scan1(v->limbs, 0);
    int64_t skip = (int64_t)(twos / LIMB_BITS);
    unsigned bits = (unsigned)(twos % LIMB_BITS);
    int64_t size = v->size - skip;
    mp_limb_t *limbs = rt_malloc((size_t)size * sizeof *limbs);
    if (limbs == NULL) {
        rt_raise_memory_error(th);
        return false;
    }
    if (bits == 0) {
        mpn_copyi(limbs, v->limbs + skip, size);
    } else {
        mpn_rshift(limbs, v->limbs + skip, size, bits);
        size -= limbs[size - 1] == 0;
    }
    *out = (OddPart){.limbs = limbs, .size = size, .twos = twos};
    return true;
}

/* odd ** e for e >= 1 into a or b (room limbs each); *result says which. fails: false. */
static bool pow_buffers(Thread *th, const OddPart *odd, uint64_t e, mp_limb_t *a, mp_limb_t *b,
                        mp_limb_t **result, int64_t *size)
{
    mpn_copyi(a, odd->limbs, odd->size);
    int64_t n = odd->size;
    for (int bit = 62 - __builtin_clzll(e); bit >= 0; bit--) {
        if (!int_mpn_mul(th, b, a, n, a, n)) {
            return false;
        }
        n = 2 * n - (b[2 * n - 1] == 0);
        mp_limb_t *swap = a;
        a = b;
        b = swap;
        if ((e >> bit & 1) != 0) {
            if (!int_mpn_mul(th, b, a, n, odd->limbs, odd->size)) {
                return false;
            }
            n = n + odd->size - (b[n + odd->size - 1] == 0);
            swap = a;
            a = b;
            b = swap;
        }
    }
    *result = a;
    *size = n;
    return true;
}

/* limbs * 2^shift with a sign. */
static Value shifted(Thread *th, const mp_limb_t *limbs, int64_t size, uint64_t shift,
                     bool negative)
{
    int64_t skip = (int64_t)(shift / LIMB_BITS);
    unsigned bits = (unsigned)(shift % LIMB_BITS);
    Int *n = int_alloc(th, size + skip + 1);
    if (n == NULL) {
        return VALUE_ABSENT;
    }
    mp_limb_t *rp = int_limbs(n);
    memset(rp, 0, (size_t)skip * sizeof *rp);
    if (bits == 0) {
        mpn_copyi(rp + skip, limbs, size);
        rp[size + skip] = 0;
    } else {
        rp[size + skip] = mpn_lshift(rp + skip, limbs, size, bits);
    }
    return int_normalise(n, size + skip + 1, negative);
}

Value int_shift_left_bits(Thread *th, Value a, uint64_t bits)
{
    IntView v;
    int_view(a, &v);
    if (v.size == 0) {
        return value_from_small_int(0);
    }
    if (bits / LIMB_BITS >= (uint64_t)(INT_LIMBS_MAX - v.size)) {
        return rt_raise_memory_error(th);
    }
    return shifted(th, v.limbs, v.size, bits, v.negative);
}

static Value pow_limbs(Thread *th, const IntView *x, uint64_t e, bool negative)
{
    OddPart odd;
    if (!odd_part(th, x, &odd)) {
        return VALUE_ABSENT;
    }
    uint64_t odd_bits = (uint64_t)limbs_bit_length(odd.limbs, odd.size);
    uint64_t total, twos;
    mp_limb_t *space = NULL;
    Value value = VALUE_ABSENT;
    bool ok = !__builtin_mul_overflow(odd_bits, e, &total) &&
              !__builtin_mul_overflow(odd.twos, e, &twos) &&
              total / LIMB_BITS < (uint64_t)INT_LIMBS_MAX / 4 &&
              twos / LIMB_BITS < (uint64_t)INT_LIMBS_MAX / 4;
    if (ok) {
        /* a product of n-limb and m-limb numbers is written with n + m limbs: two to spare */
        size_t room = (size_t)(total / LIMB_BITS + 3) + (size_t)odd.size;
        space = rt_malloc(2 * room * sizeof *space);
        ok = space != NULL;
        mp_limb_t *result;
        int64_t size;
        if (ok && pow_buffers(th, &odd, e, space, space + room, &result, &size)) {
            value = shifted(th, result, size, twos, negative);
        }
    }
    if (!ok) {
        rt_raise_memory_error(th);
    }
    rt_free(space);
    rt_free(odd.limbs);
    return value;
}

Value int_pow(Thread *th, Value a, Value b)
{
    if (int_is_negative(b)) {
        return pow_float(th, a, b);
    }
    IntView x, y;
    int_view(a, &x);
    int_view(b, &y);
    if (y.size == 0) {
        return value_from_small_int(1);
    }
    bool negative = x.negative && (y.limbs[0] & 1) != 0;
    if (x.size == 0) {
        return value_from_small_int(0);
    }
    if (x.size == 1 && x.limbs[0] == 1) {
        return value_from_small_int(negative ? -1 : 1);
    }
    if (y.size > 1) {
        return rt_raise_memory_error(th);
    }
    uint64_t word;
    if (x.size == 1 && pow_word(x.limbs[0], y.limbs[0], &word)) {
        return int_from_u128(th, word, negative);
    }
    return pow_limbs(th, &x, y.limbs[0], negative);
}

/* (a / b rounded down by Euclid's steps) the inverse of a modulo m > 1: absent if there is none. */
static Value inverse(Thread *th, Value a, Value modulus)
{
    /* invariant: r0 = s0 * a (mod m), r1 = s1 * a (mod m) */
    Value r0 = rt_newref(th, modulus), s0 = value_from_small_int(0);
    Value r1 = int_mod(th, a, modulus), s1 = value_from_small_int(1);
    while (r1 != VALUE_ABSENT && s1 != VALUE_ABSENT && r1 != value_from_small_int(0)) {
        Value q, r2 = VALUE_ABSENT, s2 = VALUE_ABSENT;
        if (int_divide_floor(th, r0, r1, &q, &r2, "")) {
            Value product = int_mul(th, q, s1);
            s2 = product == VALUE_ABSENT ? VALUE_ABSENT : int_sub(th, s0, product);
            rt_xdecref(th, product);
            rt_decref(th, q);
        }
        rt_xdecref(th, r0);
        rt_xdecref(th, s0);
        r0 = r1;
        s0 = s1;
        r1 = r2;
        s1 = s2;
    }
    Value result = VALUE_ABSENT;
    if (r1 != VALUE_ABSENT && s1 != VALUE_ABSENT) {
        if (r0 == value_from_small_int(1)) {
            result = int_mod(th, s0, modulus);
        } else {
            rt_raise(th, EXC_VALUE_ERROR, "base is not invertible for the given modulus");
        }
    }
    rt_xdecref(th, r0);
    rt_xdecref(th, s0);
    rt_xdecref(th, r1);
    rt_xdecref(th, s1);
    return result;
}

typedef struct ModPow {
    const IntView *modulus;
    mp_limb_t *power;   /* n limbs, below the modulus */
    mp_limb_t *product; /* 2n limbs */
    mp_limb_t *quotient;
} ModPow;

/* power = power * factor mod m; factor has n limbs. */
static bool mod_multiply(Thread *th, ModPow *m, const mp_limb_t *factor)
{
    int64_t n = m->modulus->size;
    return int_mpn_mul(th, m->product, m->power, n, factor, n) &&
           int_mpn_divide(th, m->quotient, m->power, m->product, 2 * n, m->modulus->limbs, n);
}

/* base^e mod |m| for 0 <= base < |m|, e > 0. */
static Value pow_mod_limbs(Thread *th, const IntView *base, const IntView *e, const IntView *m)
{
    int64_t n = m->size;
    size_t room = (size_t)n * 6 + 2;
    mp_limb_t *space = rt_calloc(room, sizeof *space);
    Int *result = space == NULL ? NULL : int_alloc(th, n);
    if (result == NULL) {
        if (space == NULL) {
            rt_raise_memory_error(th);
        }
        rt_free(space);
        return VALUE_ABSENT;
    }
    ModPow state = {.modulus = m, .power = space, .product = space + n, .quotient = space + 3 * n};
    mp_limb_t *factor = space + 5 * n + 1; /* base, n limbs */
    mpn_copyi(factor, base->limbs, base->size);
    mpn_copyi(state.power, factor, n);
    bool ok = true;
    for (int64_t bit = limbs_bit_length(e->limbs, e->size) - 2; ok && bit >= 0; bit--) {
        ok = mod_multiply(th, &state, state.power) &&
             ((e->limbs[bit / LIMB_BITS] >> (bit % LIMB_BITS) & 1) == 0 ||
              mod_multiply(th, &state, factor));
    }
    Value value = VALUE_ABSENT;
    if (ok) {
        mpn_copyi(int_limbs(result), state.power, n);
        value = int_normalise(result, n, false);
    } else {
        rt_object_free(th, &result->header);
    }
    rt_free(space);
    return value;
}

/* base ** e mod m for m > 0, e >= 0; base is any int. */
static Value pow_mod_positive(Thread *th, Value base, Value e, Value m)
{
    if (m == value_from_small_int(1)) {
        return value_from_small_int(0);
    }
    Value reduced = int_mod(th, base, m);
    if (reduced == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    IntView base_view, e_view, m_view;
    int_view(reduced, &base_view);
    int_view(e, &e_view);
    int_view(m, &m_view);
    Value result;
    if (e_view.size == 0) {
        result = value_from_small_int(1);
    } else if (base_view.size == 0) {
        result = value_from_small_int(0);
    } else {
        result = pow_mod_limbs(th, &base_view, &e_view, &m_view);
    }
    rt_decref(th, reduced);
    return result;
}

/* As pow_mod_positive for any e: a negative one takes the inverse's power. */
static Value pow_mod_any(Thread *th, Value base, Value e, Value m)
{
    if (!int_is_negative(e)) {
        return pow_mod_positive(th, base, e, m);
    }
    Value inverted = m == value_from_small_int(1) ? value_from_small_int(0) : inverse(th, base, m);
    if (inverted == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value positive = int_neg(th, e);
    Value result =
        positive == VALUE_ABSENT ? VALUE_ABSENT : pow_mod_positive(th, inverted, positive, m);
    rt_decref(th, inverted);
    rt_xdecref(th, positive);
    return result;
}

Value int_pow_mod(Thread *th, Value a, Value b, Value modulus)
{
    if (int_is_word(modulus) && int_word(modulus) == 0) {
        return rt_raise(th, EXC_VALUE_ERROR, "pow() 3rd argument cannot be 0");
    }
    Value m = int_abs(th, modulus);
    Value result = m == VALUE_ABSENT ? VALUE_ABSENT : pow_mod_any(th, a, b, m);
    rt_xdecref(th, m);
    if (result == VALUE_ABSENT || !int_is_negative(modulus)) {
        return result;
    }
    Value floored = int_mod(th, result, modulus); /* a negative modulus gives (m, 0] */
    rt_decref(th, result);
    return floored;
}
