/*
 * Folding rules of // and %: powers of two, known signs, and division by a constant through a
 * multiplication.
 *
 * Multiplication by a reciprocal (Granlund and Montgomery).  For 0 <= y < 2^63 and d > 1, no power
 * of two, with 2^s < d < 2^(s+1) and M = floor(2^(64+s-1) / d) + 1 < 2^63: floor(y*M / 2^64) >> (s-1)
 * is floor(y/d) if e*y < 2^(64+s-1), where 0 < e = M*d - 2^(64+s-1) <= d.  That holds for every
 * y <= 2^62; for larger y it holds if e <= 2^s.  Else one bit more is used: M in (2^63, 2^64) is
 * negative as an int64, mulhi gives y less, and y is added.
 * A dividend that may be negative is made non-negative by x ^ (x >> 63), and so is the quotient back:
 * floor(x/d) = ~(~x / d) for x < 0.
 *
 * The reciprocal is used once ranges are known, so that it is made once and in its best form.
 */
#include "optimizer/internal.h"

typedef unsigned __int128 Wide;

static bool power_of_two(int64_t k) { return k > 0 && (k & (k - 1)) == 0; }

/* floor(y / d) for 0 <= y <= most. */
static IrRef divide_natural(Opt *o, IrRef y, int64_t d, int64_t most)
{
    int s = 63 - __builtin_clzll((uint64_t)d); /* 2^s < d < 2^(s+1) */
    int shift = s - 1;
    Wide scale = (Wide)1 << (64 + shift);
    uint64_t m = (uint64_t)(scale / (uint64_t)d) + 1;
    Wide e = (Wide)m * (uint64_t)d - scale;
    IrRef high;
    if (e * (uint64_t)most < scale) {
        high = opt_emit2(o, IR_mulhi_int, y, ir_const_int(o->t, (int64_t)m));
    } else {
        shift = s;
        m = (uint64_t)(((Wide)1 << (64 + shift)) / (uint64_t)d) + 1;
        high = opt_emit2(o, IR_mulhi_int, y, ir_const_int(o->t, (int64_t)m));
        high = opt_emit2(o, IR_add_int, high, y);
    }
    return opt_emit2(o, IR_shr_int, high, ir_const_int(o->t, shift));
}

static IrRef divide_const(Opt *o, IrRef x, int64_t d)
{
    OptRange r = opt_range(o, x);
    if (r.low >= 0) {
        return divide_natural(o, x, d, r.high);
    }
    int64_t most = r.high > ~r.low ? r.high : ~r.low;
    IrRef sign = opt_emit2(o, IR_shr_int, x, ir_const_int(o->t, 63));
    IrRef y = opt_emit2(o, IR_xor_int, x, sign);
    return opt_emit2(o, IR_xor_int, divide_natural(o, y, d, most), sign);
}

static FoldResult fold_quotient(Opt *o, Fold *f)
{
    int64_t k;
    OptRange a = opt_range(o, f->a), b = opt_range(o, f->b);
    if (f->op == IR_floordiv_int) {
        if (b.low > 0) {
            f->snap = IR_NONE;
            return fold_into(f, IR_floordiv_int_pos, f->a, f->b);
        }
        if (opt_const_int(o, f->b, &k) && k == -1) {
            return fold_into(f, IR_neg_int_ov, f->a, IR_NONE);
        }
        return FOLD_KEEP;
    }
    if (a.low >= 0 && a.high < b.low) {
        return fold_to(f, ir_const_int(o->t, 0));
    }
    if (!opt_const_int(o, f->b, &k)) {
        return FOLD_KEEP;
    }
    if (power_of_two(k)) {
        return fold_into(f, IR_shr_int, f->a, ir_const_int(o->t, __builtin_ctzll((uint64_t)k)));
    }
    return o->ranges_known && k > 1 ? fold_to(f, divide_const(o, f->a, k)) : FOLD_KEEP;
}

static FoldResult fold_rest(Opt *o, Fold *f)
{
    int64_t k;
    OptRange a = opt_range(o, f->a), b = opt_range(o, f->b);
    if (f->op == IR_mod_int) {
        if (b.low > 0) {
            f->snap = IR_NONE;
            return fold_into(f, IR_mod_int_pos, f->a, f->b);
        }
        if (opt_const_int(o, f->b, &k) && k == -1) {
            return fold_to(f, ir_const_int(o->t, 0));
        }
        return FOLD_KEEP;
    }
    if (a.low >= 0 && a.high < b.low) {
        return fold_to(f, f->a);
    }
    if (!opt_const_int(o, f->b, &k)) {
        return FOLD_KEEP;
    }
    if (power_of_two(k)) {
        return fold_into(f, IR_and_int, f->a, ir_const_int(o->t, k - 1));
    }
    if (!o->ranges_known || k <= 1) {
        return FOLD_KEEP;
    }
    IrRef quotient = divide_const(o, f->a, k);
    IrRef product = opt_emit2(o, IR_mul_int, quotient, f->b);
    IrRef result = opt_emit2(o, IR_sub_int, f->a, product);
    if (!ir_is_const(result) && o->ranges != NULL) {
        o->ranges[result] = (OptRange){0, k - 1};
    }
    return fold_to(f, result);
}

FoldResult opt_fold_divide(Opt *o, Fold *f)
{
    switch (f->op) {
    case IR_floordiv_int:
    case IR_floordiv_int_pos: return fold_quotient(o, f);
    case IR_mod_int:
    case IR_mod_int_pos: return fold_rest(o, f);
    default: return FOLD_KEEP;
    }
}
