/*
 * Folding rules of int arithmetic and comparisons (division: fold_divide.c).
 *
 * Each rule holds for all int64 operands of the uop, wrapping or checked as the uop is; a checked
 * uop may be replaced by one that leaves in exactly the same cases, or by a pure one where it cannot
 * leave at all.  Constants stand last (commutative uops are put in order before).
 */
#include "optimizer/internal.h"

/* Does a op b stay within int64, by ranges? */
static bool never_overflows(const Opt *o, const Fold *f, IrOp op)
{
    if (!o->ranges_known) {
        return false;
    }
    IrUop exact = {.op = (uint16_t)op, .a = f->a, .b = f->b}; /* x * x has a range of its own */
    OptRange all = OPT_RANGE_ALL;
    OptRange b = f->b == IR_NONE ? all : opt_range(o, f->b);
    /* the wrapping uop's range is everything where it may wrap; a border case counts as overflow */
    OptRange r = opt_range_of(o->t, &exact, opt_range(o, f->a), b, all);
    return r.low != INT64_MIN || r.high != INT64_MAX;
}

static FoldResult to_wrapping(Fold *f, IrOp op)
{
    f->op = op;
    f->snap = IR_NONE;
    return FOLD_AGAIN;
}

static FoldResult fold_add(Opt *o, Fold *f)
{
    int64_t k, inner;
    if (f->op == IR_add_int_ov && never_overflows(o, f, IR_add_int)) {
        return to_wrapping(f, IR_add_int);
    }
    if (!opt_const_int(o, f->b, &k)) {
        return FOLD_KEEP;
    }
    if (k == 0) {
        return fold_to(f, f->a);
    }
    const IrUop *d = opt_def(o, f->a);
    if (f->op == IR_add_int && d != NULL && (d->op == IR_add_int || d->op == IR_add_int_ov) &&
        opt_const_int(o, d->b, &inner)) {
        int64_t sum = (int64_t)((uint64_t)k + (uint64_t)inner);
        return fold_into(f, IR_add_int, d->a, ir_const_int(o->t, sum));
    }
    return FOLD_KEEP;
}

static FoldResult fold_sub(Opt *o, Fold *f)
{
    int64_t k;
    bool checked = f->op == IR_sub_int_ov;
    if (f->a == f->b) {
        return fold_to(f, ir_const_int(o->t, 0));
    }
    if (checked && never_overflows(o, f, IR_sub_int)) {
        return to_wrapping(f, IR_sub_int);
    }
    if (opt_const_int(o, f->b, &k) && k != INT64_MIN) {
        return fold_into(f, checked ? IR_add_int_ov : IR_add_int, f->a, ir_const_int(o->t, -k));
    }
    if (opt_const_int(o, f->a, &k) && k == 0) {
        return fold_into(f, checked ? IR_neg_int_ov : IR_neg_int, f->b, IR_NONE);
    }
    const IrUop *d = opt_def(o, f->a);
    if (d != NULL && (d->op == IR_add_int || d->op == IR_add_int_ov)) {
        /* (x + y) - x: exact if the sum was, else equal modulo 2^64 */
        if (!checked || d->op == IR_add_int_ov) {
            if (d->a == f->b) {
                return fold_to(f, d->b);
            }
            if (d->b == f->b) {
                return fold_to(f, d->a);
            }
        }
    }
    return FOLD_KEEP;
}

static FoldResult fold_mul(Opt *o, Fold *f)
{
    int64_t k;
    bool checked = f->op == IR_mul_int_ov;
    if (checked && never_overflows(o, f, IR_mul_int)) {
        return to_wrapping(f, IR_mul_int);
    }
    if (!opt_const_int(o, f->b, &k)) {
        return FOLD_KEEP;
    }
    if (k == 0) {
        return fold_to(f, f->b);
    }
    if (k == 1) {
        return fold_to(f, f->a);
    }
    if (k == -1) {
        return fold_into(f, checked ? IR_neg_int_ov : IR_neg_int, f->a, IR_NONE);
    }
    if (k == 2) {
        return fold_into(f, checked ? IR_add_int_ov : IR_add_int, f->a, f->a);
    }
    if (!checked && k > 0 && (k & (k - 1)) == 0) {
        return fold_into(f, IR_shl_int, f->a, ir_const_int(o->t, __builtin_ctzll((uint64_t)k)));
    }
    return FOLD_KEEP;
}

static FoldResult fold_neg(Opt *o, Fold *f)
{
    const IrUop *d = opt_def(o, f->a);
    if (f->op == IR_neg_int_ov && never_overflows(o, f, IR_neg_int)) {
        return to_wrapping(f, IR_neg_int);
    }
    if (d != NULL && (d->op == IR_neg_int_ov || (d->op == IR_neg_int && f->op == IR_neg_int))) {
        return fold_to(f, d->a);
    }
    if (d != NULL && f->op == IR_neg_int && d->op == IR_sub_int) {
        return fold_into(f, IR_sub_int, d->b, d->a);
    }
    return FOLD_KEEP;
}

static FoldResult fold_abs(Opt *o, Fold *f)
{
    OptRange r = opt_range(o, f->a);
    const IrUop *d = opt_def(o, f->a);
    if (r.low >= 0 || (d != NULL && d->op == IR_abs_int_ov)) {
        return fold_to(f, f->a);
    }
    if (r.high <= 0) {
        return fold_into(f, IR_neg_int_ov, f->a, IR_NONE);
    }
    return FOLD_KEEP;
}

static FoldResult fold_and(Opt *o, Fold *f)
{
    int64_t k, inner;
    if (f->a == f->b) {
        return fold_to(f, f->a);
    }
    if (!opt_const_int(o, f->b, &k)) {
        return FOLD_KEEP;
    }
    if (k == 0) {
        return fold_to(f, f->b);
    }
    if (k == -1) {
        return fold_to(f, f->a);
    }
    OptRange r = opt_range(o, f->a);
    if (k > 0 && ((uint64_t)k & ((uint64_t)k + 1)) == 0 && r.low >= 0 && r.high <= k) {
        return fold_to(f, f->a);
    }
    const IrUop *d = opt_def(o, f->a);
    if (d != NULL && d->op == IR_and_int && opt_const_int(o, d->b, &inner)) {
        return fold_into(f, IR_and_int, d->a, ir_const_int(o->t, k & inner));
    }
    return FOLD_KEEP;
}

static FoldResult fold_or_xor(Opt *o, Fold *f)
{
    int64_t k;
    if (f->a == f->b) {
        return fold_to(f, f->op == IR_or_int ? f->a : ir_const_int(o->t, 0));
    }
    if (!opt_const_int(o, f->b, &k)) {
        return FOLD_KEEP;
    }
    if (k == 0) {
        return fold_to(f, f->a);
    }
    if (k == -1) {
        return f->op == IR_or_int ? fold_to(f, f->b) : fold_into(f, IR_not_int, f->a, IR_NONE);
    }
    const IrUop *d = opt_def(o, f->a);
    int64_t inner;
    if (d != NULL && d->op == f->op && opt_const_int(o, d->b, &inner)) {
        int64_t both = f->op == IR_or_int ? k | inner : k ^ inner;
        return fold_into(f, f->op, d->a, ir_const_int(o->t, both));
    }
    return FOLD_KEEP;
}

static FoldResult fold_shift(Opt *o, Fold *f)
{
    OptRange b = opt_range(o, f->b);
    int64_t k;
    if (f->op == IR_shl_int_ov && b.low >= 0 && b.high <= 62 && never_overflows(o, f, IR_shl_int)) {
        return to_wrapping(f, IR_shl_int);
    }
    if (f->op == IR_shr_int_any && b.low >= 0) {
        if (b.high <= 63) {
            return to_wrapping(f, IR_shr_int);
        }
        if (b.low >= 63) {
            f->b = ir_const_int(o->t, 63);
            return to_wrapping(f, IR_shr_int);
        }
    }
    if (opt_const_int(o, f->b, &k) && k == 0) {
        return fold_to(f, f->a);
    }
    const IrUop *d = opt_def(o, f->a);
    int64_t inner;
    if (f->op == IR_shr_int && opt_const_int(o, f->b, &k) && d != NULL && d->op == IR_shr_int &&
        opt_const_int(o, d->b, &inner)) {
        int64_t sum = k + inner > 63 ? 63 : k + inner;
        return fold_into(f, IR_shr_int, d->a, ir_const_int(o->t, sum));
    }
    return FOLD_KEEP;
}

static FoldResult fold_min_max(Opt *o, Fold *f)
{
    if (f->a == f->b) {
        return fold_to(f, f->a);
    }
    int less = opt_range_compare(IR_le_int, opt_range(o, f->a), opt_range(o, f->b));
    if (less >= 0) {
        return fold_to(f, (f->op == IR_min_int) == (less == 1) ? f->a : f->b);
    }
    return FOLD_KEEP;
}

static FoldResult fold_select(Opt *o, Fold *f)
{
    int64_t k;
    if (f->b == f->c) {
        return fold_to(f, f->b);
    }
    if (opt_const_int(o, f->a, &k)) {
        return fold_to(f, k != 0 ? f->b : f->c);
    }
    return FOLD_KEEP;
}

/* The comparison that is true where op is false; nop if there is none (floats). */
static IrOp inverse(IrOp op)
{
    switch (op) {
    case IR_lt_int: return IR_ge_int;
    case IR_le_int: return IR_gt_int;
    case IR_gt_int: return IR_le_int;
    case IR_ge_int: return IR_lt_int;
    case IR_eq_int: return IR_ne_int;
    case IR_ne_int: return IR_eq_int;
    case IR_eq_float: return IR_ne_float;
    case IR_ne_float: return IR_eq_float;
    default: return IR_nop;
    }
}

/* (x < y) == 0, (x < y) != 0 and the like, for any comparison that yields 0 or 1. */
static FoldResult fold_truth(Opt *o, Fold *f)
{
    int64_t k;
    const IrUop *d = opt_def(o, f->a);
    if (d == NULL || (f->op != IR_eq_int && f->op != IR_ne_int) || !opt_const_int(o, f->b, &k) ||
        (k != 0 && k != 1)) {
        return FOLD_KEEP;
    }
    bool truth = (d->op >= IR_lt_int && d->op <= IR_same_value) ||
                 (d->op >= IR_lt_float && d->op <= IR_ne_float) || d->op == IR_unbox_bool;
    if (!truth) {
        return FOLD_KEEP;
    }
    if ((f->op == IR_eq_int) == (k == 1)) {
        return fold_to(f, f->a);
    }
    IrOp other = inverse((IrOp)d->op);
    return other == IR_nop ? FOLD_KEEP : fold_into(f, other, d->a, d->b);
}

static FoldResult fold_compare(Opt *o, Fold *f)
{
    if (f->a == f->b) {
        bool holds = f->op == IR_le_int || f->op == IR_ge_int || f->op == IR_eq_int;
        return fold_to(f, ir_const_int(o->t, holds));
    }
    int known = opt_range_compare(f->op, opt_range(o, f->a), opt_range(o, f->b));
    if (known >= 0) {
        return fold_to(f, ir_const_int(o->t, known));
    }
    return fold_truth(o, f);
}

FoldResult opt_fold_int(Opt *o, Fold *f)
{
    switch (f->op) {
    case IR_add_int_ov:
    case IR_add_int: return fold_add(o, f);
    case IR_sub_int_ov:
    case IR_sub_int: return fold_sub(o, f);
    case IR_mul_int_ov:
    case IR_mul_int: return fold_mul(o, f);
    case IR_neg_int_ov:
    case IR_neg_int: return fold_neg(o, f);
    case IR_abs_int_ov: return fold_abs(o, f);
    case IR_and_int: return fold_and(o, f);
    case IR_or_int:
    case IR_xor_int: return fold_or_xor(o, f);
    case IR_not_int:
        return opt_defined_by(o, f->a, IR_not_int) ? fold_to(f, opt_def(o, f->a)->a) : FOLD_KEEP;
    case IR_shl_int:
    case IR_shl_int_ov:
    case IR_shr_int:
    case IR_shr_int_any: return fold_shift(o, f);
    case IR_min_int:
    case IR_max_int: return fold_min_max(o, f);
    case IR_select_int:
    case IR_select_float:
    case IR_select_value: return fold_select(o, f);
    case IR_lt_int:
    case IR_le_int:
    case IR_gt_int:
    case IR_ge_int:
    case IR_eq_int:
    case IR_ne_int: return fold_compare(o, f);
    case IR_same_value: return f->a == f->b ? fold_to(f, ir_const_int(o->t, 1)) : FOLD_KEEP;
    default: return FOLD_KEEP;
    }
}
