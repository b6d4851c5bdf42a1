/*
 * Int bits: shifts and the bitwise operations, as on two's complement of unbounded length.
 *
 * Threads: any.
 */
#include "runtime/int_internal.h"

Value int_lshift(Thread *th, Value a, Value b)
{
    if (int_is_negative(b)) {
        return rt_raise(th, EXC_VALUE_ERROR, "negative shift count");
    }
    if (int_is_word(a) && int_word(a) == 0) {
        return value_from_small_int(0);
    }
    int64_t count;
    if (!int_to_i64(b, &count)) {
        return rt_raise(th, EXC_OVERFLOW_ERROR, "too many digits in integer");
    }
    if (int_is_word(a) && count < 64) {
        int64_t x = int_word(a);
        unsigned __int128 magnitude = x < 0 ? (unsigned __int128)-x : (unsigned __int128)x;
        return int_from_u128(th, magnitude << count, x < 0);
    }
    return int_shift_left_bits(th, a, (uint64_t)count);
}

/* floor(a / 2^count) for a heap Int. */
static Value rshift_limbs(Thread *th, const IntView *v, uint64_t count)
{
    int64_t skip = (int64_t)(count / LIMB_BITS);
    unsigned bits = (unsigned)(count % LIMB_BITS);
    if (skip >= v->size) {
        return value_from_small_int(v->negative ? -1 : 0);
    }
    int64_t size = v->size - skip;
    Int *n = int_alloc(th, size + 1);
    if (n == NULL) {
        return VALUE_ABSENT;
    }
    mp_limb_t *rp = int_limbs(n);
    bool lost = skip > 0 && !mpn_zero_p(v->limbs, skip);
    if (bits == 0) {
        mpn_copyi(rp, v->limbs + skip, size);
    } else {
        lost |= mpn_rshift(rp, v->limbs + skip, size, bits) != 0;
    }
    rp[size] = 0;
    if (v->negative && lost) {
        mpn_add_1(rp, rp, size + 1, 1);
    }
    return int_normalise(n, size + 1, v->negative);
}

Value int_rshift(Thread *th, Value a, Value b)
{
    if (int_is_negative(b)) {
        return rt_raise(th, EXC_VALUE_ERROR, "negative shift count");
    }
    int64_t count;
    if (!int_to_i64(b, &count)) {
        count = INT64_MAX;
    }
    if (int_is_word(a)) {
        return value_from_small_int(int_word(a) >> (count > 63 ? 63 : count));
    }
    IntView v;
    int_view(a, &v);
    return rshift_limbs(th, &v, (uint64_t)count);
}

typedef enum BitOp { OP_AND, OP_OR, OP_XOR } BitOp;

static uint64_t apply(BitOp op, uint64_t a, uint64_t b)
{
    switch (op) {
    case OP_AND: return a & b;
    case OP_OR: return a | b;
    default: return a ^ b;
    }
}

/* Limb by limb of a number's two's complement; the magnitude is negated on the way. */
typedef struct Complement {
    const IntView *view;
    uint64_t carry;
} Complement;

static uint64_t complement_limb(Complement *c, int64_t i)
{
    uint64_t limb = i < c->view->size ? c->view->limbs[i] : 0;
    if (!c->view->negative) {
        return limb;
    }
    uint64_t negated;
    c->carry = __builtin_add_overflow(~limb, c->carry, &negated);
    return negated;
}

static Value bitwise_limbs(Thread *th, BitOp op, Value a, Value b)
{
    IntView x, y;
    int_view(a, &x);
    int_view(b, &y);
    int64_t size = (x.size > y.size ? x.size : y.size) + 1;
    Int *n = int_alloc(th, size);
    if (n == NULL) {
        return VALUE_ABSENT;
    }
    mp_limb_t *rp = int_limbs(n);
    Complement cx = {&x, 1}, cy = {&y, 1};
    for (int64_t i = 0; i < size; i++) {
        uint64_t left = complement_limb(&cx, i);
        rp[i] = apply(op, left, complement_limb(&cy, i));
    }
    bool negative = (rp[size - 1] >> 63) != 0;
    if (negative) {
        mpn_neg(rp, rp, size);
    }
    return int_normalise(n, size, negative);
}

static Value bitwise(Thread *th, BitOp op, Value a, Value b)
{
    if (int_is_word(a) && int_is_word(b)) {
        return value_from_small_int(
            (int64_t)apply(op, (uint64_t)int_word(a), (uint64_t)int_word(b)));
    }
    return bitwise_limbs(th, op, a, b);
}

Value int_and(Thread *th, Value a, Value b) { return bitwise(th, OP_AND, a, b); }
Value int_or(Thread *th, Value a, Value b) { return bitwise(th, OP_OR, a, b); }
Value int_xor(Thread *th, Value a, Value b) { return bitwise(th, OP_XOR, a, b); }
