/*
 * Folding rules of helper calls: powers with a special base or exponent, questions with known
 * answers.  Constant arguments of pure helpers are dealt with before (emit.c).
 */
#include "optimizer/internal.h"

#include "runtime/helpers.h"

/* int_pow_ok(a, b): does a ** b fit an int64?  b >= 0 is known. */
static FoldResult fold_power_question(Opt *o, Fold *f)
{
    int64_t k;
    if (opt_const_int(o, f->b, &k) && (k == 0 || k == 1)) {
        return fold_to(f, ir_const_int(o->t, 1));
    }
    if (!opt_const_int(o, f->a, &k)) {
        return FOLD_KEEP;
    }
    if (k >= -1 && k <= 1) {
        return fold_to(f, ir_const_int(o->t, 1));
    }
    if (k > 1 && (k & (k - 1)) == 0) {
        /* 2^j ** b = 2^(j*b) fits for j*b <= 62 */
        int64_t most = 62 / __builtin_ctzll((uint64_t)k);
        f->type = IR_I;
        return fold_into(f, IR_le_int, f->b, ir_const_int(o->t, most));
    }
    return FOLD_KEEP;
}

/* The product of a and b if the trace has it, checked or not. */
static IrRef find_product(const Opt *o, IrRef a, IrRef b)
{
    IrRef first = a < b ? a : b, second = a < b ? b : a;
    IrRef r = opt_find(o, IR_mul_int_ov, first, second, IR_NONE, 0);
    return r != IR_NONE ? r : opt_find(o, IR_mul_int, first, second, IR_NONE, 0);
}

/* The multiplications that a guard on int_pow_ok(x, k) has left (fold_guard.c); IR_NONE: not there. */
static IrRef find_power(const Opt *o, IrRef x, int64_t k)
{
    IrRef result = IR_NONE, square = x;
    for (;;) {
        if ((k & 1) != 0) {
            result = result == IR_NONE ? square : find_product(o, result, square);
            if (result == IR_NONE) {
                return IR_NONE;
            }
        }
        k >>= 1;
        if (k == 0) {
            return result;
        }
        square = find_product(o, square, square);
        if (square == IR_NONE) {
            return IR_NONE;
        }
    }
}

/* int_pow_small(a, b), which int_pow_ok has allowed. */
static FoldResult fold_power(Opt *o, Fold *f)
{
    int64_t k;
    IrRef one = ir_const_int(o->t, 1);
    if (opt_const_int(o, f->b, &k)) {
        if (k == 0) {
            return fold_to(f, one);
        }
        if (k == 1) {
            return fold_to(f, f->a);
        }
        IrRef product = k > 1 && k <= 64 ? find_power(o, f->a, k) : IR_NONE;
        return product != IR_NONE ? fold_to(f, product) : FOLD_KEEP;
    }
    if (!opt_const_int(o, f->a, &k)) {
        return FOLD_KEEP;
    }
    if (k == 1) {
        return fold_to(f, one);
    }
    f->type = IR_I;
    if (k == 0) {
        return fold_into(f, IR_eq_int, f->b, ir_const_int(o->t, 0));
    }
    if (k == -1) {
        /* 1 - 2 * (b & 1) */
        IrRef twice = opt_emit2(o, IR_shl_int, opt_emit2(o, IR_and_int, f->b, one), one);
        return fold_into(f, IR_sub_int, one, twice);
    }
    if (k > 1 && (k & (k - 1)) == 0) {
        IrRef shift =
            opt_emit2(o, IR_mul_int, f->b, ir_const_int(o->t, __builtin_ctzll((uint64_t)k)));
        return fold_into(f, IR_shl_int, one, shift);
    }
    return FOLD_KEEP;
}

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
    case HELPER_ID_int_pow_ok: return fold_power_question(o, f);
    case HELPER_ID_int_pow_small: return fold_power(o, f);
    case HELPER_ID_math_pow: return fold_math_power(o, f);
    case HELPER_ID_value_is: return f->a == f->b ? fold_to(f, ir_const_int(o->t, 1)) : FOLD_KEEP;
    default: return FOLD_KEEP;
    }
}
