/*
 * Bodies of the uops on doubles: guards, arithmetic, comparisons, conversions.
 *
 * See ir/ops/guards.h for the rules.  IEEE double arithmetic, no contraction; comparisons are false
 * for NaN except `ne`; guard_not_* are true for NaN.
 *
 * Threads: pure functions.
 */
#ifndef ADDER_IR_OPS_FLOAT_H
#define ADDER_IR_OPS_FLOAT_H

#include "ir/ops/guards.h"

static inline bool op_guard_lt_float(double a, double b) { return IR_LIKELY(a < b); }
static inline bool op_guard_le_float(double a, double b) { return IR_LIKELY(a <= b); }
static inline bool op_guard_gt_float(double a, double b) { return IR_LIKELY(a > b); }
static inline bool op_guard_ge_float(double a, double b) { return IR_LIKELY(a >= b); }
static inline bool op_guard_eq_float(double a, double b) { return IR_LIKELY(a == b); }
static inline bool op_guard_ne_float(double a, double b) { return IR_LIKELY(a != b); }
static inline bool op_guard_not_lt_float(double a, double b) { return IR_LIKELY(!(a < b)); }
static inline bool op_guard_not_le_float(double a, double b) { return IR_LIKELY(!(a <= b)); }
static inline bool op_guard_not_gt_float(double a, double b) { return IR_LIKELY(!(a > b)); }
static inline bool op_guard_not_ge_float(double a, double b) { return IR_LIKELY(!(a >= b)); }

static inline double op_add_float(double a, double b) { return a + b; }
static inline double op_sub_float(double a, double b) { return a - b; }
static inline double op_mul_float(double a, double b) { return a * b; }
static inline double op_div_float(double a, double b) { return a / b; }
static inline double op_neg_float(double a) { return -a; }
static inline double op_abs_float(double a) { return __builtin_fabs(a); }
static inline double op_sqrt_float(double a) { return __builtin_sqrt(a); }
static inline double op_floor_float(double a) { return __builtin_floor(a); }
static inline double op_ceil_float(double a) { return __builtin_ceil(a); }
static inline double op_trunc_float(double a) { return __builtin_trunc(a); }

static inline int64_t op_lt_float(double a, double b) { return a < b; }
static inline int64_t op_le_float(double a, double b) { return a <= b; }
static inline int64_t op_gt_float(double a, double b) { return a > b; }
static inline int64_t op_ge_float(double a, double b) { return a >= b; }
static inline int64_t op_eq_float(double a, double b) { return a == b; }
static inline int64_t op_ne_float(double a, double b) { return a != b; }
static inline double op_select_float(int64_t a, double b, double c) { return a != 0 ? b : c; }

static inline double op_int_to_float(int64_t a) { return (double)a; }
static inline bool op_float_to_int(int64_t *r, double a)
{
    if (!IR_LIKELY(a >= -0x1p63) || !IR_LIKELY(a < 0x1p63)) {
        return false;
    }
    *r = (int64_t)a;
    return true;
}

#endif
