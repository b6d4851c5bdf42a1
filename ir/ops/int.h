/*
 * Bodies of the uops on int64: guards, arithmetic, comparisons.
 *
 * See ir/ops/guards.h for the rules.  Wrapping arithmetic goes through uint64_t, so that no body has
 * undefined behaviour for any operand; where a row of ir/uops.def says "known", the optimizer has
 * proved it.  Division and modulo are Python's (towards minus infinity, sign of the divisor).
 *
 * Threads: pure functions.
 */
#ifndef ADDER_IR_OPS_INT_H
#define ADDER_IR_OPS_INT_H

#include "ir/ops/guards.h"

static inline bool op_guard_lt_int(int64_t a, int64_t b) { return IR_LIKELY(a < b); }
static inline bool op_guard_le_int(int64_t a, int64_t b) { return IR_LIKELY(a <= b); }
static inline bool op_guard_gt_int(int64_t a, int64_t b) { return IR_LIKELY(a > b); }
static inline bool op_guard_ge_int(int64_t a, int64_t b) { return IR_LIKELY(a >= b); }
static inline bool op_guard_eq_int(int64_t a, int64_t b) { return IR_LIKELY(a == b); }
static inline bool op_guard_ne_int(int64_t a, int64_t b) { return IR_LIKELY(a != b); }
static inline bool op_guard_ult_int(int64_t a, int64_t b)
{
    return IR_LIKELY((uint64_t)a < (uint64_t)b);
}
static inline bool op_guard_exact_float(int64_t a)
{
    return IR_LIKELY((uint64_t)a + (UINT64_C(1) << 53) <= (UINT64_C(1) << 54));
}

static inline bool op_add_int_ov(int64_t *r, int64_t a, int64_t b)
{
    int64_t sum;
    if (!IR_LIKELY(!__builtin_add_overflow(a, b, &sum))) {
        return false;
    }
    *r = sum;
    return true;
}
static inline bool op_sub_int_ov(int64_t *r, int64_t a, int64_t b)
{
    int64_t difference;
    if (!IR_LIKELY(!__builtin_sub_overflow(a, b, &difference))) {
        return false;
    }
    *r = difference;
    return true;
}
static inline bool op_mul_int_ov(int64_t *r, int64_t a, int64_t b)
{
    int64_t product;
    if (!IR_LIKELY(!__builtin_mul_overflow(a, b, &product))) {
        return false;
    }
    *r = product;
    return true;
}
static inline bool op_neg_int_ov(int64_t *r, int64_t a) { return op_sub_int_ov(r, 0, a); }
static inline bool op_abs_int_ov(int64_t *r, int64_t a)
{
    if (!IR_LIKELY(a != INT64_MIN)) {
        return false;
    }
    *r = a < 0 ? -a : a;
    return true;
}

static inline int64_t op_add_int(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}
static inline int64_t op_sub_int(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}
static inline int64_t op_mul_int(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a * (uint64_t)b);
}
static inline int64_t op_neg_int(int64_t a) { return (int64_t)(0 - (uint64_t)a); }
static inline int64_t op_and_int(int64_t a, int64_t b) { return a & b; }
static inline int64_t op_or_int(int64_t a, int64_t b) { return a | b; }
static inline int64_t op_xor_int(int64_t a, int64_t b) { return a ^ b; }
static inline int64_t op_not_int(int64_t a) { return ~a; }
static inline int64_t op_shl_int(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a << (b & 63));
}
static inline int64_t op_shr_int(int64_t a, int64_t b) { return a >> (b & 63); }
static inline bool op_shl_int_ov(int64_t *r, int64_t a, int64_t b)
{
    if (!IR_LIKELY((uint64_t)b <= 62)) {
        return false;
    }
    int64_t shifted = op_shl_int(a, b);
    if (!IR_LIKELY(op_shr_int(shifted, b) == a)) {
        return false;
    }
    *r = shifted;
    return true;
}
static inline bool op_shr_int_any(int64_t *r, int64_t a, int64_t b)
{
    if (!IR_LIKELY(b >= 0)) {
        return false;
    }
    *r = a >> (b > 63 ? 63 : b);
    return true;
}

/* a / b towards minus infinity; the division itself does not overflow. */
static inline int64_t ir_floor_quotient(int64_t a, int64_t b)
{
    int64_t q = a / b;
    int64_t rest = a % b;
    return q - (rest != 0 && (rest ^ b) < 0);
}
static inline int64_t ir_floor_rest(int64_t a, int64_t b)
{
    int64_t rest = a % b;
    return rest != 0 && (rest ^ b) < 0 ? rest + b : rest;
}
static inline bool op_floordiv_int(int64_t *r, int64_t a, int64_t b)
{
    if (!IR_LIKELY(b != 0) || !IR_LIKELY(a != INT64_MIN || b != -1)) {
        return false;
    }
    *r = ir_floor_quotient(a, b);
    return true;
}
static inline bool op_mod_int(int64_t *r, int64_t a, int64_t b)
{
    if (!IR_LIKELY(b != 0)) {
        return false;
    }
    *r = b == -1 ? 0 : ir_floor_rest(a, b);
    return true;
}
/* b > 0 is known: only then may these be evaluated, by a folder too. */
static inline int64_t op_floordiv_int_pos(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return q - (a % b < 0);
}
static inline int64_t op_mod_int_pos(int64_t a, int64_t b)
{
    int64_t rest = a % b;
    return rest < 0 ? rest + b : rest;
}
/* a ** b by squaring.  A power of -1, 0 or 1 depends on little of b; of anything else b is below 64. */
static inline bool op_pow_int_ov(int64_t *r, int64_t a, int64_t b)
{
    if ((uint64_t)a + 1 <= 2 && b > 2) {
        b = 2 - (b & 1);
    }
    if (!IR_LIKELY((uint64_t)b <= 63)) {
        return false;
    }
    int64_t power = 1;
#pragma clang loop unroll(full)
    for (int step = 0; step < 6; step++) {
        if ((b & 1) != 0 && __builtin_mul_overflow(power, a, &power)) {
            return false;
        }
        b >>= 1;
        if (b == 0) {
            break;
        }
        if (__builtin_mul_overflow(a, a, &a)) {
            return false; /* a bit is still to come, so this square is a factor */
        }
    }
    *r = power;
    return true;
}
/* b >= 0 and that the power fits is known: only then may it be evaluated. */
static inline int64_t op_pow_int(int64_t a, int64_t b)
{
    int64_t power;
    return op_pow_int_ov(&power, a, b) ? power : 0;
}
/* How many exponents, from 0 on, give a power of a that fits, for a < -1 or a > 1: at most 64. */
static inline int64_t ir_power_count(int64_t a)
{
    int64_t count = 0;
    for (int64_t power = 1; count < 64; count++) {
        if (count > 0 && __builtin_mul_overflow(power, a, &power)) {
            break;
        }
    }
    return count;
}
static inline int64_t op_mulhi_int(int64_t a, int64_t b)
{
    return (int64_t)(((__int128)a * b) >> 64);
}
static inline int64_t op_min_int(int64_t a, int64_t b) { return b < a ? b : a; }
static inline int64_t op_max_int(int64_t a, int64_t b) { return b > a ? b : a; }
static inline int64_t op_select_int(int64_t a, int64_t b, int64_t c) { return a != 0 ? b : c; }

static inline int64_t op_lt_int(int64_t a, int64_t b) { return a < b; }
static inline int64_t op_le_int(int64_t a, int64_t b) { return a <= b; }
static inline int64_t op_gt_int(int64_t a, int64_t b) { return a > b; }
static inline int64_t op_ge_int(int64_t a, int64_t b) { return a >= b; }
static inline int64_t op_eq_int(int64_t a, int64_t b) { return a == b; }
static inline int64_t op_ne_int(int64_t a, int64_t b) { return a != b; }

#endif
