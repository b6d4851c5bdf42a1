/*
 * Folding rules of guards on numbers: known outcomes, and a guard on a comparison's result becomes a
 * guard that compares (guard_ne_int(lt_int(a, b), 0) is guard_lt_int(a, b)).
 */
#include "optimizer/internal.h"

static IrOp comparison_of(IrOp guard) { return (IrOp)(IR_lt_int + (guard - IR_guard_lt_int)); }
_Static_assert(IR_guard_ne_int - IR_guard_lt_int == IR_ne_int - IR_lt_int, "same order");
_Static_assert(IR_guard_ne_float - IR_guard_lt_float == IR_ne_float - IR_lt_float, "same order");

/* The guard that the comparison d be true or false; nop: there is none. */
static IrOp guard_of(IrOp d, bool truth)
{
    static const IrOp inverse_int[] = {IR_guard_ge_int, IR_guard_gt_int, IR_guard_le_int,
                                       IR_guard_lt_int, IR_guard_ne_int, IR_guard_eq_int};
    static const IrOp inverse_float[] = {IR_guard_not_lt_float, IR_guard_not_le_float,
                                         IR_guard_not_gt_float, IR_guard_not_ge_float,
                                         IR_guard_ne_float,     IR_guard_eq_float};
    if (d >= IR_lt_int && d <= IR_ne_int) {
        return truth ? (IrOp)(IR_guard_lt_int + (d - IR_lt_int)) : inverse_int[d - IR_lt_int];
    }
    if (d >= IR_lt_float && d <= IR_ne_float) {
        return truth ? (IrOp)(IR_guard_lt_float + (d - IR_lt_float))
                     : inverse_float[d - IR_lt_float];
    }
    if (d == IR_same_value) {
        return truth ? IR_guard_same : IR_guard_not_same;
    }
    return IR_nop;
}

/* guard_eq_int or guard_ne_int of something that is 0 or 1, against 0 or 1. */
static FoldResult fold_truth(Opt *o, Fold *f)
{
    int64_t k;
    const IrUop *d = opt_def(o, f->a);
    if (d == NULL || !opt_const_int(o, f->b, &k) || (k != 0 && k != 1)) {
        return FOLD_KEEP;
    }
    bool truth = (f->op == IR_guard_eq_int) == (k == 1);
    IrOp guard = guard_of((IrOp)d->op, truth);
    if (guard == IR_nop) {
        return FOLD_KEEP;
    }
    return fold_into(f, guard, d->a, d->b);
}

static FoldResult fold_int_guard(Opt *o, Fold *f)
{
    int known =
        f->a == f->b
            ? f->op == IR_guard_le_int || f->op == IR_guard_ge_int || f->op == IR_guard_eq_int
            : opt_range_compare(comparison_of(f->op), opt_range(o, f->a), opt_range(o, f->b));
    if (known == 1) {
        return fold_to(f, IR_NONE);
    }
    if (known == 0) {
        o->contradiction = true;
        return FOLD_KEEP;
    }
    if (f->op == IR_guard_eq_int || f->op == IR_guard_ne_int) {
        return fold_truth(o, f);
    }
    /* the constant last */
    if (ir_is_const(f->a)) {
        static const IrOp swapped[] = {IR_guard_gt_int, IR_guard_ge_int, IR_guard_lt_int,
                                       IR_guard_le_int};
        return fold_into(f, swapped[f->op - IR_guard_lt_int], f->b, f->a);
    }
    return FOLD_KEEP;
}

static FoldResult fold_bounds(Opt *o, Fold *f)
{
    OptRange a = opt_range(o, f->a), b = opt_range(o, f->b);
    if (a.low >= 0 && a.high < b.low) {
        return fold_to(f, IR_NONE);
    }
    if (f->a == f->b || (b.low >= 0 && (a.high < 0 || a.low >= b.high))) {
        o->contradiction = true;
    }
    return FOLD_KEEP;
}

/* A float made from an int is zero where the int is. */
static FoldResult fold_float_guard(Opt *o, Fold *f)
{
    const IrUop *d = opt_def(o, f->a);
    bool zero = ir_is_const(f->b) && ir_const(o->t, f->b)->f == 0.0;
    if (!zero || d == NULL || d->op != IR_int_to_float ||
        (f->op != IR_guard_eq_float && f->op != IR_guard_ne_float)) {
        return FOLD_KEEP;
    }
    IrOp guard = f->op == IR_guard_eq_float ? IR_guard_eq_int : IR_guard_ne_int;
    return fold_into(f, guard, d->a, ir_const_int(o->t, 0));
}

FoldResult opt_fold_guard(Opt *o, Fold *f)
{
    if (f->op <= IR_guard_ne_int) {
        return fold_int_guard(o, f);
    }
    if (f->op >= IR_guard_lt_float && f->op <= IR_guard_not_ge_float) {
        return fold_float_guard(o, f);
    }
    if (f->op == IR_guard_ult_int) {
        return fold_bounds(o, f);
    }
    if (f->op == IR_guard_exact_float) {
        OptRange a = opt_range(o, f->a);
        bool fits = a.low >= -(INT64_C(1) << 53) && a.high <= INT64_C(1) << 53;
        return fits ? fold_to(f, IR_NONE) : FOLD_KEEP;
    }
    return FOLD_KEEP;
}
