/*
 * Folding rules of int powers.
 *
 * A small constant exponent becomes multiplications, each checked; the last product overflows where
 * any does.  A constant base bounds the exponent: -1, 0 and 1 ask for one bit of it, a power of two
 * is a shift, of any other at most 40 powers fit an int64 (-2: 64), which codegen lays out as a
 * table.  So all that is left of the check is one comparison of the exponent, which ranges can prove.
 */
#include "optimizer/internal.h"

#include "ir/ops/ops.h"

enum { MOST_FACTORS = 64 };

/* x ** k by squaring, k >= 2. */
static IrRef multiply(Opt *o, IrRef x, int64_t k, uint32_t snap)
{
    IrRef result = IR_NONE, square = x;
    for (;;) {
        if ((k & 1) != 0) {
            result = result == IR_NONE
                         ? square
                         : opt_emit(o, IR_mul_int_ov, IR_I, result, square, IR_NONE, 0, snap);
        }
        k >>= 1;
        if (k == 0) {
            return result;
        }
        square = opt_emit(o, IR_mul_int_ov, IR_I, square, square, IR_NONE, 0, snap);
    }
}

static FoldResult fold_exponent(Opt *o, Fold *f, int64_t k)
{
    if (k == 0) {
        return fold_to(f, ir_const_int(o->t, 1));
    }
    if (k == 1) {
        return fold_to(f, f->a);
    }
    return k > 1 && k <= MOST_FACTORS ? fold_to(f, multiply(o, f->a, k, f->snap)) : FOLD_KEEP;
}

/* base is -1, 0 or 1: any exponent that is not negative. */
static FoldResult fold_unit(Opt *o, Fold *f, int64_t base)
{
    IrRef zero = ir_const_int(o->t, 0), one = ir_const_int(o->t, 1);
    opt_emit(o, IR_guard_ge_int, IR_N, f->b, zero, IR_NONE, 0, f->snap);
    if (base == 1) {
        return fold_to(f, one);
    }
    f->snap = IR_NONE;
    if (base == 0) {
        return fold_into(f, IR_eq_int, f->b, zero);
    }
    IrRef twice = opt_emit2(o, IR_shl_int, opt_emit2(o, IR_and_int, f->b, one), one);
    return fold_into(f, IR_sub_int, one, twice);
}

static FoldResult fold_base(Opt *o, Fold *f, int64_t base)
{
    if (base >= -1 && base <= 1) {
        return fold_unit(o, f, base);
    }
    IrRef count = ir_const_int(o->t, ir_power_count(base));
    opt_emit(o, IR_guard_ult_int, IR_N, f->b, count, IR_NONE, 0, f->snap);
    f->snap = IR_NONE;
    if (base > 0 && (base & (base - 1)) == 0) {
        IrRef bits = ir_const_int(o->t, __builtin_ctzll((uint64_t)base));
        return fold_into(f, IR_shl_int, ir_const_int(o->t, 1),
                         opt_emit2(o, IR_mul_int, f->b, bits));
    }
    return fold_into(f, IR_pow_int, f->a, f->b);
}

FoldResult opt_fold_power(Opt *o, Fold *f)
{
    int64_t k;
    if (opt_const_int(o, f->b, &k)) {
        return fold_exponent(o, f, k);
    }
    return opt_const_int(o, f->a, &k) ? fold_base(o, f, k) : FOLD_KEEP;
}
