/*
 * Intervals of ints: what arithmetic makes of them, what guards that have passed say, comparisons.
 *
 * A checked uop (add_int_ov) has an exact result, so its interval is the exact one cut to int64; a
 * wrapping uop has the exact interval if that fits int64, else any value.  128-bit arithmetic keeps
 * the rules free of cases.
 */
#include "optimizer/internal.h"

#include "ir/ops/ops.h"
#include "runtime/helpers.h"

typedef __int128 Wide;

static int64_t cut(Wide x)
{
    return x < INT64_MIN ? INT64_MIN : x > INT64_MAX ? INT64_MAX : (int64_t)x;
}

static OptRange exact(Wide low, Wide high) { return (OptRange){cut(low), cut(high)}; }

static OptRange wrapping(Wide low, Wide high)
{
    return low < INT64_MIN || high > INT64_MAX ? OPT_RANGE_ALL
                                               : (OptRange){(int64_t)low, (int64_t)high};
}

static OptRange either(bool wraps, Wide low, Wide high)
{
    return wraps ? wrapping(low, high) : exact(low, high);
}

static OptRange product(bool wraps, OptRange a, OptRange b)
{
    Wide p[4] = {(Wide)a.low * b.low, (Wide)a.low * b.high, (Wide)a.high * b.low,
                 (Wide)a.high * b.high};
    Wide low = p[0], high = p[0];
    for (int i = 1; i < 4; i++) {
        low = p[i] < low ? p[i] : low;
        high = p[i] > high ? p[i] : high;
    }
    return either(wraps, low, high);
}

/* x * x is not negative, unless it wraps. */
static OptRange square(bool wraps, OptRange a)
{
    OptRange r = product(wraps, a, a);
    if (r.low < 0 && (!wraps || r.low != INT64_MIN || r.high != INT64_MAX)) {
        r.low = 0;
    }
    return r;
}

static OptRange shifted_left(bool wraps, OptRange a, OptRange b)
{
    if (b.low < 0 || b.high > 62) {
        return OPT_RANGE_ALL;
    }
    OptRange factor = {INT64_C(1) << b.low, INT64_C(1) << b.high};
    return product(wraps, a, factor);
}

static OptRange shifted_right(OptRange a, OptRange b)
{
    int64_t least = b.low < 0 ? 0 : b.low > 63 ? 63 : b.low;
    int64_t most = b.high < 0 ? 63 : b.high > 63 ? 63 : b.high;
    OptRange r;
    r.low = a.low >> (a.low < 0 ? least : most);
    r.high = a.high >> (a.high < 0 ? most : least);
    return r;
}

/* The smallest 2^k - 1 that is at least x, for x >= 0. */
static int64_t ones_above(int64_t x)
{
    return x == 0 ? 0 : (int64_t)(~UINT64_C(0) >> __builtin_clzll((uint64_t)x));
}

static OptRange bitwise(IrOp op, OptRange a, OptRange b)
{
    if (op == IR_and_int) {
        if (a.low >= 0 && b.low >= 0) {
            return (OptRange){0, a.high < b.high ? a.high : b.high};
        }
        if (a.low >= 0) {
            return (OptRange){0, a.high};
        }
        return b.low >= 0 ? (OptRange){0, b.high} : OPT_RANGE_ALL;
    }
    if (a.low >= 0 && b.low >= 0) {
        int64_t high = ones_above(a.high > b.high ? a.high : b.high);
        return (OptRange){0, high};
    }
    return OPT_RANGE_ALL;
}

static OptRange quotient(OptRange a, OptRange b)
{
    if (b.low <= 0) {
        return OPT_RANGE_ALL;
    }
    /* towards minus infinity, divisor positive */
    OptRange r;
    r.low = a.low >= 0 ? a.low / b.high : a.low / b.low - (a.low % b.low != 0);
    r.high = a.high >= 0 ? a.high / b.low : a.high / b.high - (a.high % b.high != 0);
    return r;
}

static OptRange rest(OptRange a, OptRange b)
{
    if (b.low > 0) {
        int64_t high = b.high - 1;
        return (OptRange){0, a.low >= 0 && a.high < high ? a.high : high};
    }
    if (b.high < 0) {
        return (OptRange){b.low + 1, 0};
    }
    int64_t high = b.high > 0 ? b.high - 1 : 0;
    int64_t low = b.low < 0 ? b.low + 1 : 0;
    return (OptRange){low, high};
}

/* A power of a constant lies between the two largest ones, or the ends. */
static OptRange power(OptRange a, OptRange b)
{
    OptRange any = {a.low >= 0 ? 0 : INT64_MIN, INT64_MAX};
    if (a.low != a.high || (a.low >= -1 && a.low <= 1) || b.low < 0) {
        return any;
    }
    int64_t last = ir_power_count(a.low) - 1, high = b.high < last ? b.high : last;
    if (b.low > high) {
        return any;
    }
    int64_t ends[2] = {op_pow_int(a.low, a.low > 0 || b.low == high ? b.low : high - 1),
                       op_pow_int(a.low, high)};
    return (OptRange){ends[0] < ends[1] ? ends[0] : ends[1], ends[0] < ends[1] ? ends[1] : ends[0]};
}

static OptRange helper_range(int32_t helper)
{
    switch ((HelperId)helper) {
    case HELPER_ID_value_is: return (OptRange){0, 1};
    case HELPER_ID_int_bit_length:
    case HELPER_ID_int_bit_count: return (OptRange){0, 64};
    case HELPER_ID_int_isqrt: return (OptRange){0, 3037000499};
    case HELPER_ID_str_len:
    case HELPER_ID_value_len: return (OptRange){-1, INT64_MAX >> 4};
    case HELPER_ID_str_ord: return (OptRange){-1, 0x10FFFF};
    default: return OPT_RANGE_ALL;
    }
}

static OptRange absolute(OptRange a)
{
    Wide low = a.low >= 0 ? a.low : a.high <= 0 ? -(Wide)a.high : 0;
    Wide high = -(Wide)a.low > a.high ? -(Wide)a.low : a.high;
    return exact(low, high);
}

OptRange opt_range_of(const IrTrace *t, const IrUop *u, OptRange a, OptRange b, OptRange c)
{
    (void)t;
    switch ((IrOp)u->op) {
    case IR_unbox_int:
    case IR_unbox_int_known: return (OptRange){SMALL_INT_MIN, SMALL_INT_MAX};
    case IR_unbox_bool: return (OptRange){0, 1};
    case IR_add_int_ov:
    case IR_add_int: return either(u->op == IR_add_int, (Wide)a.low + b.low, (Wide)a.high + b.high);
    case IR_sub_int_ov:
    case IR_sub_int: return either(u->op == IR_sub_int, (Wide)a.low - b.high, (Wide)a.high - b.low);
    case IR_mul_int_ov:
    case IR_mul_int:
        return u->a == u->b && u->a != IR_NONE ? square(u->op == IR_mul_int, a)
                                               : product(u->op == IR_mul_int, a, b);
    case IR_neg_int_ov:
    case IR_neg_int: return either(u->op == IR_neg_int, -(Wide)a.high, -(Wide)a.low);
    case IR_abs_int_ov: return absolute(a);
    case IR_not_int: return (OptRange){~a.high, ~a.low};
    case IR_and_int:
    case IR_or_int:
    case IR_xor_int: return bitwise((IrOp)u->op, a, b);
    case IR_shl_int:
    case IR_shl_int_ov: return shifted_left(u->op == IR_shl_int, a, b);
    case IR_shr_int:
    case IR_shr_int_any: return shifted_right(a, b);
    case IR_floordiv_int:
    case IR_floordiv_int_pos: return quotient(a, b);
    case IR_mod_int:
    case IR_mod_int_pos: return rest(a, b);
    case IR_pow_int:
    case IR_pow_int_ov: return power(a, b);
    case IR_min_int:
        return (OptRange){a.low < b.low ? a.low : b.low, a.high < b.high ? a.high : b.high};
    case IR_max_int:
        return (OptRange){a.low > b.low ? a.low : b.low, a.high > b.high ? a.high : b.high};
    case IR_select_int:
        return (OptRange){b.low < c.low ? b.low : c.low, b.high > c.high ? b.high : c.high};
    case IR_lt_int:
    case IR_le_int:
    case IR_gt_int:
    case IR_ge_int:
    case IR_eq_int:
    case IR_ne_int:
    case IR_same_value:
    case IR_lt_float:
    case IR_le_float:
    case IR_gt_float:
    case IR_ge_float:
    case IR_eq_float:
    case IR_ne_float: return (OptRange){0, 1};
    case IR_load_list_size:
    case IR_load_tuple_size:
    case IR_load_str_length: return (OptRange){0, INT64_MAX >> 4};
    case IR_call: return helper_range(u->imm);
    default: return OPT_RANGE_ALL;
    }
}

/* a < b has passed. An impossible result (low > high) is left alone: nothing follows it anyway. */
static void less(OptRange *a, OptRange *b, int64_t gap)
{
    Wide high = (Wide)b->high - gap, low = (Wide)a->low + gap;
    if (high < a->high && high >= a->low) {
        a->high = (int64_t)high;
    }
    if (low > b->low && low <= b->high) {
        b->low = (int64_t)low;
    }
}

static void equal(OptRange *a, OptRange *b)
{
    OptRange r = {a->low > b->low ? a->low : b->low, a->high < b->high ? a->high : b->high};
    if (r.low <= r.high) {
        *a = r;
        *b = r;
    }
}

/* a != k cuts an end. */
static void unequal(OptRange *a, OptRange b)
{
    if (b.low == b.high && a->low < a->high) {
        a->low += a->low == b.low;
        a->high -= a->high == b.low;
    }
}

void opt_range_guard(IrOp op, OptRange *a, OptRange *b)
{
    switch (op) {
    case IR_guard_lt_int: less(a, b, 1); break;
    case IR_guard_le_int: less(a, b, 0); break;
    case IR_guard_gt_int: less(b, a, 1); break;
    case IR_guard_ge_int: less(b, a, 0); break;
    case IR_guard_eq_int: equal(a, b); break;
    case IR_guard_ne_int:
        unequal(a, *b);
        unequal(b, *a);
        break;
    case IR_guard_ult_int:
        if (b->low >= 0) { /* then 0 <= a < b */
            OptRange zero = {0, 0};
            less(&zero, a, 0);
            less(a, b, 1);
        }
        break;
    case IR_guard_exact_float: {
        OptRange exact_floats = {-(INT64_C(1) << 53), INT64_C(1) << 53};
        equal(a, &exact_floats);
        break;
    }
    default: break;
    }
}

int opt_range_compare(IrOp op, OptRange a, OptRange b)
{
    switch (op) {
    case IR_lt_int: return a.high < b.low ? 1 : a.low >= b.high ? 0 : -1;
    case IR_le_int: return a.high <= b.low ? 1 : a.low > b.high ? 0 : -1;
    case IR_gt_int: return opt_range_compare(IR_lt_int, b, a);
    case IR_ge_int: return opt_range_compare(IR_le_int, b, a);
    case IR_eq_int:
        if (a.low == a.high && b.low == b.high && a.low == b.low) {
            return 1;
        }
        return a.high < b.low || b.high < a.low ? 0 : -1;
    case IR_ne_int: {
        int equals = opt_range_compare(IR_eq_int, a, b);
        return equals < 0 ? -1 : !equals;
    }
    default: return -1;
    }
}
