/*
 * Folding rules of floats.  Only what is exact for every double, signed zeros, infinities and NaNs
 * included: x + 0.0 is not x for x = -0.0, and pow(x, 2.0) of the C library is not always x * x.
 */
#include "optimizer/internal.h"

static bool const_float(const Opt *o, IrRef r, double *out)
{
    if (!ir_is_const(r) || ir_const(o->t, r)->type != IR_F) {
        return false;
    }
    *out = ir_const(o->t, r)->f;
    return true;
}

/* Is k a power of two whose reciprocal is exact and normal? */
static bool exact_reciprocal(double k)
{
    uint64_t bits = bits_from_double(k);
    uint64_t exponent = bits >> 52 & 0x7FF;
    return (bits & 0xFFFFFFFFFFFFF) == 0 && exponent > 1 && exponent < 0x7FD;
}

static FoldResult fold_arithmetic(Opt *o, Fold *f)
{
    double k;
    if (!const_float(o, f->b, &k)) {
        return FOLD_KEEP;
    }
    uint64_t bits = bits_from_double(k);
    bool minus_zero = bits == UINT64_C(1) << 63;
    switch (f->op) {
    case IR_add_float: return minus_zero ? fold_to(f, f->a) : FOLD_KEEP;
    case IR_sub_float: return bits == 0 ? fold_to(f, f->a) : FOLD_KEEP;
    case IR_mul_float: return bits == bits_from_double(1.0) ? fold_to(f, f->a) : FOLD_KEEP;
    default:
        if (bits == bits_from_double(1.0)) {
            return fold_to(f, f->a);
        }
        if (exact_reciprocal(k)) {
            return fold_into(f, IR_mul_float, f->a, ir_const_float(o->t, 1.0 / k));
        }
        return FOLD_KEEP;
    }
}

FoldResult opt_fold_float(Opt *o, Fold *f)
{
    const IrUop *d = opt_def(o, f->a);
    switch (f->op) {
    case IR_add_float:
    case IR_sub_float:
    case IR_mul_float:
    case IR_div_float: return fold_arithmetic(o, f);
    case IR_neg_float: return d != NULL && d->op == IR_neg_float ? fold_to(f, d->a) : FOLD_KEEP;
    case IR_abs_float:
        if (d != NULL && d->op == IR_abs_float) {
            return fold_to(f, f->a);
        }
        return d != NULL && d->op == IR_neg_float ? fold_into(f, IR_abs_float, d->a, IR_NONE)
                                                  : FOLD_KEEP;
    case IR_floor_float:
    case IR_ceil_float:
    case IR_trunc_float: {
        bool whole = d != NULL && (d->op == IR_int_to_float || d->op == IR_floor_float ||
                                   d->op == IR_ceil_float || d->op == IR_trunc_float);
        return whole ? fold_to(f, f->a) : FOLD_KEEP;
    }
    case IR_float_to_int:
        if (d != NULL && d->op == IR_int_to_float) {
            OptRange r = opt_range(o, d->a);
            if (r.low >= -(INT64_C(1) << 53) && r.high <= INT64_C(1) << 53) {
                return fold_to(f, d->a);
            }
        }
        return FOLD_KEEP;
    default: return FOLD_KEEP;
    }
}
