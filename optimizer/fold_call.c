/*
 * Folding rules of helper calls: helpers that are uops as well, questions with known answers.
 * Constant arguments of pure helpers are dealt with before (emit.c).
 */
#include "optimizer/internal.h"

#include "runtime/helpers.h"

static FoldResult fold_math_power(Opt *o, Fold *f)
{
    if (!ir_is_const(f->b)) {
        return FOLD_KEEP;
    }
    double k = ir_const(o->t, f->b)->f;
    if (k == 0.0) {
        return fold_to(f, ir_const_float(o->t, 1.0));
    }
    return k == 1.0 ? fold_to(f, f->a) : FOLD_KEEP;
}

/* The helpers that are uops as well. */
static IrOp uop_of_helper(int32_t helper)
{
    switch ((HelperId)helper) {
    case HELPER_ID_math_sqrt: return IR_sqrt_float;
    case HELPER_ID_math_floor_f: return IR_floor_float;
    case HELPER_ID_math_ceil_f: return IR_ceil_float;
    case HELPER_ID_math_trunc_f: return IR_trunc_float;
    default: return IR_nop;
    }
}

FoldResult opt_fold_call(Opt *o, Fold *f)
{
    IrOp uop = uop_of_helper(f->imm);
    if (uop != IR_nop) {
        return fold_into(f, uop, f->a, IR_NONE);
    }
    switch ((HelperId)f->imm) {
    case HELPER_ID_math_pow: return fold_math_power(o, f);
    case HELPER_ID_value_is: return f->a == f->b ? fold_to(f, ir_const_int(o->t, 1)) : FOLD_KEEP;
    default: return FOLD_KEEP;
    }
}
