/*
 * The math module, part 3: functions of ints of any size: gcd lcm isqrt factorial comb perm.
 *
 * Products of many factors are taken as balanced trees, so that large numbers meet numbers of their
 * own size.  Every intermediate is owned and dropped by the functions in _steal.
 *
 * Threads: any.
 */
#include "runtime/int.h"
#include "runtime/math_internal.h"
#include "runtime/natives_internal.h"

static Value small(int64_t x) { return value_from_small_int(x); }
static bool is_zero(Value v) { return v == value_from_small_int(0); }

typedef Value (*IntOperation)(Thread *th, Value a, Value b);

/* operation(a, b); takes both references, and passes failure of either on. */
static Value apply_steal(Thread *th, IntOperation operation, Value a, Value b)
{
    Value r = a == VALUE_ABSENT || b == VALUE_ABSENT ? VALUE_ABSENT : operation(th, a, b);
    rt_xdecref(th, a);
    rt_xdecref(th, b);
    return r;
}

/* An int value from anything with __index__. owns: new. */
static Value index_value(Thread *th, Value v)
{
    if (value_is_int(v)) {
        return rt_newref(th, v);
    }
    int64_t x;
    return int_as_index(th, v, &x, false) ? int_from_i64(th, x) : VALUE_ABSENT;
}

static uint64_t magnitude(int64_t x) { return x < 0 ? -(uint64_t)x : (uint64_t)x; }

/* a, b: stolen. */
static Value gcd_steal(Thread *th, Value a, Value b)
{
    int64_t x, y;
    while (a != VALUE_ABSENT && b != VALUE_ABSENT) {
        if (int_to_i64(a, &x) && int_to_i64(b, &y)) {
            uint64_t g = math_gcd_u64(magnitude(x), magnitude(y));
            rt_decref(th, a);
            rt_decref(th, b);
            return int_from_u64(th, g);
        }
        if (is_zero(b)) {
            Value r = int_abs(th, a);
            rt_decref(th, a);
            return r;
        }
        Value rest = int_mod(th, a, b);
        rt_decref(th, a);
        a = b;
        b = rest;
    }
    rt_xdecref(th, a);
    rt_xdecref(th, b);
    return VALUE_ABSENT;
}

static Value math_gcd(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)kwnames;
    Value r = small(0);
    for (uint32_t i = 0; i < nargs && r != VALUE_ABSENT; i++) {
        r = gcd_steal(th, r, index_value(th, args[i]));
    }
    return r;
}

/* |a * b| / gcd(a, b); a: stolen. */
static Value lcm_steal(Thread *th, Value a, Value b)
{
    if (a == VALUE_ABSENT || b == VALUE_ABSENT || is_zero(a) || is_zero(b)) {
        bool failed = a == VALUE_ABSENT || b == VALUE_ABSENT;
        rt_xdecref(th, a);
        rt_xdecref(th, b);
        return failed ? VALUE_ABSENT : small(0);
    }
    Value g = gcd_steal(th, rt_newref(th, a), rt_newref(th, b));
    Value part = apply_steal(th, int_floordiv, a, g);
    Value product = apply_steal(th, int_mul, part, b);
    Value r = product == VALUE_ABSENT ? VALUE_ABSENT : int_abs(th, product);
    rt_xdecref(th, product);
    return r;
}

static Value math_lcm(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)kwnames;
    Value r = small(1);
    for (uint32_t i = 0; i < nargs && r != VALUE_ABSENT; i++) {
        r = lcm_steal(th, r, index_value(th, args[i]));
    }
    return r;
}

/* Newton's iteration with a precision that doubles: each step divides numbers of the length that it
 * needs only. */
static Value isqrt_big(Thread *th, Value n)
{
    int64_t c = (int_bit_length(n) - 1) / 2, d = 0;
    Value a = small(1);
    for (int s = 63 - __builtin_clzll((uint64_t)c); s >= 0 && a != VALUE_ABSENT; s--) {
        int64_t e = d;
        d = c >> s;
        Value top = int_rshift(th, n, small(2 * c - e - d + 1));
        Value quotient = apply_steal(th, int_floordiv, top, rt_newref(th, a));
        Value shifted = apply_steal(th, int_lshift, a, small(d - e - 1));
        a = apply_steal(th, int_add, shifted, quotient);
    }
    if (a == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value square = int_mul(th, a, a);
    if (square == VALUE_ABSENT) {
        rt_decref(th, a);
        return VALUE_ABSENT;
    }
    bool above = int_compare(square, n) > 0;
    rt_decref(th, square);
    return above ? apply_steal(th, int_sub, a, small(1)) : a;
}

static Value math_isqrt(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    Value n = index_value(th, args[0]);
    if (n == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value r;
    int64_t x;
    if (int_compare(n, small(0)) < 0) {
        r = rt_raise(th, EXC_VALUE_ERROR, "isqrt() argument must be nonnegative");
    } else if (int_to_i64(n, &x)) {
        r = int_from_u64(th, math_isqrt_u64((uint64_t)x));
    } else {
        r = isqrt_big(th, n);
    }
    rt_decref(th, n);
    return r;
}

/* low * (low + 1) * ... * high; 1 if there is no factor. 0 <= low. */
static Value range_product(Thread *th, int64_t low, int64_t high)
{
    enum { RUN = 16 };
    if (high - low < RUN) {
        Value r = small(1);
        uint64_t run = 1;
        for (int64_t i = low; i <= high && r != VALUE_ABSENT; i++) {
            uint64_t next;
            if (__builtin_mul_overflow(run, (uint64_t)i, &next)) {
                r = apply_steal(th, int_mul, r, int_from_u64(th, run));
                next = (uint64_t)i;
            }
            run = next;
        }
        return apply_steal(th, int_mul, r, int_from_u64(th, run));
    }
    LoopPoll poll;
    if (!loop_poll_slow(th, &poll)) {
        return VALUE_ABSENT;
    }
    int64_t middle = low + (high - low) / 2;
    Value left = range_product(th, low, middle);
    Value right = left == VALUE_ABSENT ? VALUE_ABSENT : range_product(th, middle + 1, high);
    return apply_steal(th, int_mul, left, right);
}

static Value factorial(Thread *th, Value n)
{
    int64_t x;
    if (!int_to_i64(n, &x)) {
        if (int_compare(n, small(0)) > 0) {
            return rt_raise(th, EXC_OVERFLOW_ERROR, "factorial() argument should not exceed %lld",
                            (long long)INT64_MAX);
        }
        x = -1;
    }
    if (x < 0) {
        return rt_raise(th, EXC_VALUE_ERROR, "factorial() not defined for negative values");
    }
    return range_product(th, 2, x);
}

static Value math_factorial(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    Value n = index_value(th, args[0]);
    Value r = n == VALUE_ABSENT ? VALUE_ABSENT : factorial(th, n);
    rt_xdecref(th, n);
    return r;
}

/* n * (n - 1) * ... for k factors, k <= n. */
static Value falling_product(Thread *th, Value n, int64_t k)
{
    int64_t x;
    if (int_to_i64(n, &x)) {
        return range_product(th, x - k + 1, x);
    }
    if (k == 0) {
        return small(1);
    }
    if (k == 1) {
        return rt_newref(th, n);
    }
    LoopPoll poll;
    if (!loop_poll_slow(th, &poll)) {
        return VALUE_ABSENT;
    }
    int64_t half = k / 2;
    Value low = int_sub(th, n, small(half));
    Value right = low == VALUE_ABSENT ? VALUE_ABSENT : falling_product(th, low, k - half);
    rt_xdecref(th, low);
    Value left = right == VALUE_ABSENT ? VALUE_ABSENT : falling_product(th, n, half);
    return apply_steal(th, int_mul, left, right);
}

static bool check_negative(Thread *th, Value n, Value k)
{
    if (int_compare(n, small(0)) < 0) {
        rt_raise(th, EXC_VALUE_ERROR, "n must be a non-negative integer");
        return false;
    }
    if (int_compare(k, small(0)) < 0) {
        rt_raise(th, EXC_VALUE_ERROR, "k must be a non-negative integer");
        return false;
    }
    return true;
}

static Value perm(Thread *th, Value n, Value k)
{
    int64_t count;
    if (!check_negative(th, n, k)) {
        return VALUE_ABSENT;
    }
    if (int_compare(n, k) < 0) {
        return small(0);
    }
    if (!int_to_i64(k, &count)) {
        return rt_raise(th, EXC_OVERFLOW_ERROR, "k must not exceed %lld", (long long)INT64_MAX);
    }
    return falling_product(th, n, count);
}

static Value comb(Thread *th, Value n, Value k)
{
    if (!check_negative(th, n, k)) {
        return VALUE_ABSENT;
    }
    if (int_compare(n, k) < 0) {
        return small(0);
    }
    Value other = int_sub(th, n, k);
    if (other == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    int64_t count;
    bool fits = int_to_i64(int_compare(other, k) < 0 ? other : k, &count);
    rt_decref(th, other);
    if (!fits) {
        return rt_raise(th, EXC_OVERFLOW_ERROR, "min(n - k, k) must not exceed %lld",
                        (long long)INT64_MAX);
    }
    Value top = falling_product(th, n, count);
    Value bottom = top == VALUE_ABSENT ? VALUE_ABSENT : range_product(th, 2, count);
    return apply_steal(th, int_floordiv, top, bottom);
}

static Value math_perm(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)kwnames;
    if (nargs == 1 || args[1] == VALUE_NONE) {
        return math_factorial(th, args, 1, VALUE_ABSENT);
    }
    Value n = index_value(th, args[0]);
    Value k = n == VALUE_ABSENT ? VALUE_ABSENT : index_value(th, args[1]);
    Value r = k == VALUE_ABSENT ? VALUE_ABSENT : perm(th, n, k);
    rt_xdecref(th, n);
    rt_xdecref(th, k);
    return r;
}

static Value math_comb(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    Value n = index_value(th, args[0]);
    Value k = n == VALUE_ABSENT ? VALUE_ABSENT : index_value(th, args[1]);
    Value r = k == VALUE_ABSENT ? VALUE_ABSENT : comb(th, n, k);
    rt_xdecref(th, n);
    rt_xdecref(th, k);
    return r;
}

const NativeDef math_int_defs[] = {
    {"comb", math_comb, 2, 2, NATIVE_FUNCTION},
    {"factorial", math_factorial, 1, 1, NATIVE_FUNCTION},
    {"gcd", math_gcd, 0, -1, NATIVE_FUNCTION},
    {"isqrt", math_isqrt, 1, 1, NATIVE_FUNCTION},
    {"lcm", math_lcm, 0, -1, NATIVE_FUNCTION},
    {"perm", math_perm, 1, 2, NATIVE_FUNCTION},
    {NULL, NULL, 0, 0, 0},
};
