/*
 * The math module, part 2: functions that take ints and floats, sums and norms of many numbers, and
 * the parts of a float.
 *
 * fsum keeps partial sums that do not overlap, so that the result is the exact sum rounded once
 * (Shewchuk, "Adaptive precision floating-point arithmetic", 1997).
 *
 * Threads: any.
 */
#include <float.h>
#include <limits.h>
#include <math.h>

#include "runtime/cursor.h"
#include "runtime/float.h"
#include "runtime/math_internal.h"
#include "runtime/memory.h"
#include "runtime/natives_internal.h"

/* A growing array of doubles that starts on the stack. */
enum { DOUBLES_INLINE = 32 };
typedef struct Doubles {
    double *items;
    size_t count, capacity;
    double inside[DOUBLES_INLINE];
} Doubles;

static void doubles_init(Doubles *d)
{
    d->items = d->inside;
    d->count = 0;
    d->capacity = DOUBLES_INLINE;
}

static bool doubles_push(Thread *th, Doubles *d, double x)
{
    if (d->count == d->capacity) {
        double *items = rt_malloc(2 * d->capacity * sizeof *items);
        if (items == NULL) {
            rt_raise_memory_error(th);
            return false;
        }
        memcpy(items, d->items, d->count * sizeof *items);
        if (d->items != d->inside) {
            rt_free(d->items);
        }
        d->items = items;
        d->capacity *= 2;
    }
    d->items[d->count++] = x;
    return true;
}

static void doubles_free(Doubles *d)
{
    if (d->items != d->inside) {
        rt_free(d->items);
    }
}

/* Floor, ceil and trunc: of floats by libm, of ints the number itself, else the type's method. */
static Value to_int(Thread *th, Value v, double (*round_function)(double), const char *method_name)
{
    if (value_is_double(v)) {
        return int_from_double(th, round_function(value_double(v)));
    }
    if (value_is_int_like(v)) {
        return int_add(th, v, value_from_small_int(0)); /* a bool becomes an int */
    }
    Value method = type_special_method(th, v, method_name);
    if (method != VALUE_ABSENT) {
        Value result = rt_call(th, method, NULL, 0, VALUE_ABSENT);
        rt_decref(th, method);
        return result;
    }
    if (rt_pending(th)) {
        return VALUE_ABSENT;
    }
    if (round_function == trunc) {
        return rt_raise(th, EXC_TYPE_ERROR, "type %T doesn't define __trunc__ method", v);
    }
    double d;
    return float_from_value(th, v, &d) ? int_from_double(th, round_function(d)) : VALUE_ABSENT;
}

static Value math_floor(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return to_int(th, args[0], floor, "__floor__");
}

static Value math_ceil(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return to_int(th, args[0], ceil, "__ceil__");
}

static Value math_trunc(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return to_int(th, args[0], trunc, "__trunc__");
}

/* log of an int beyond double: of its top 64 bits, plus the rest of its length. */
static bool log_of_big(Thread *th, Value v, double (*log_function)(double), double *out)
{
    int64_t shift = int_bit_length(v) - 64;
    Value top = int_rshift(th, v, value_from_small_int(shift));
    double d = 0.0;
    bool done = top != VALUE_ABSENT && int_to_double(th, top, &d);
    rt_xdecref(th, top);
    *out = log_function(d * 0x1p-64) + log_function(2.0) * (double)(shift + 64);
    return done;
}

static bool log_of(Thread *th, Value v, double (*log_function)(double), double *out)
{
    double d;
    if (value_is_int_like(v)) {
        if (int_compare(v, value_from_small_int(0)) <= 0) {
            rt_raise(th, EXC_VALUE_ERROR, "math domain error");
            return false;
        }
        if (int_bit_length(v) > DBL_MAX_EXP) {
            return log_of_big(th, v, log_function, out);
        }
        if (!int_to_double(th, v, &d)) {
            if (!rt_pending_is(th, EXC_OVERFLOW_ERROR)) {
                return false;
            }
            rt_clear_exception(th); /* rounds to infinity */
            return log_of_big(th, v, log_function, out);
        }
    } else if (!float_from_value(th, v, &d)) {
        return false;
    }
    if (d <= 0.0) {
        rt_raise(th, EXC_VALUE_ERROR, "math domain error");
        return false;
    }
    *out = log_function(d);
    return true;
}

static Value math_log(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    if (!native_no_keywords(th, "log", kwnames)) {
        return VALUE_ABSENT;
    }
    if (nargs < 1 || nargs > 2) {
        return rt_raise(th, EXC_TYPE_ERROR, "math.log requires 1 to 2 arguments");
    }
    double number, base = 1.0;
    if (!log_of(th, args[0], log, &number) || (nargs == 2 && !log_of(th, args[1], log, &base))) {
        return VALUE_ABSENT;
    }
    if (base == 0.0) {
        return rt_raise(th, EXC_ZERO_DIVISION_ERROR, "float division by zero");
    }
    return value_from_bits_double(nargs == 2 ? number / base : number);
}

static Value math_log2(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    double r;
    return log_of(th, args[0], log2, &r) ? value_from_bits_double(r) : VALUE_ABSENT;
}

static Value math_log10(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    double r;
    return log_of(th, args[0], log10, &r) ? value_from_bits_double(r) : VALUE_ABSENT;
}

static Value math_frexp(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    double x;
    int exponent = 0;
    if (!float_from_value(th, args[0], &x)) {
        return VALUE_ABSENT;
    }
    if (isfinite(x) && x != 0.0) {
        x = frexp(x, &exponent);
    }
    Value pair[2] = {value_from_bits_double(x), value_from_small_int(exponent)};
    return tuple_new_steal(th, pair, 2);
}

static Value math_ldexp(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    double x;
    if (!float_from_value(th, args[0], &x)) {
        return VALUE_ABSENT;
    }
    if (!value_is_int_like(args[1])) {
        return rt_raise(th, EXC_TYPE_ERROR, "Expected an int as second argument to ldexp.");
    }
    int64_t exponent;
    if (!int_to_i64(args[1], &exponent)) {
        exponent = int_compare(args[1], value_from_small_int(0)) < 0 ? INT64_MIN : INT64_MAX;
    }
    if (!isfinite(x) || x == 0.0) {
        return value_from_bits_double(x);
    }
    int clamped = exponent > INT_MAX ? INT_MAX : exponent < INT_MIN ? INT_MIN : (int)exponent;
    double r = ldexp(x, clamped);
    if (isinf(r)) {
        return rt_raise(th, EXC_OVERFLOW_ERROR, "math range error");
    }
    return value_from_bits_double(r);
}

static Value math_modf(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    double x, whole;
    if (!float_from_value(th, args[0], &x)) {
        return VALUE_ABSENT;
    }
    double fraction = modf(x, &whole);
    Value pair[2] = {value_from_bits_double(fraction), value_from_bits_double(whole)};
    return tuple_new_steal(th, pair, 2);
}

static Value math_isclose(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    static const char *const names[] = {"a", "b", "rel_tol", "abs_tol"};
    static const NativeSignature signature = {"isclose", names, 4, 2, 2};
    Value given[4];
    double n[4] = {0.0, 0.0, 1e-09, 0.0};
    if (!native_bind(th, &signature, args, nargs, kwnames, given)) {
        return VALUE_ABSENT;
    }
    for (int i = 0; i < 4; i++) {
        if (given[i] != VALUE_ABSENT && !float_from_value(th, given[i], &n[i])) {
            return VALUE_ABSENT;
        }
    }
    if (n[2] < 0.0 || n[3] < 0.0) {
        return rt_raise(th, EXC_VALUE_ERROR, "tolerances must be non-negative");
    }
    if (n[0] == n[1]) {
        return VALUE_TRUE;
    }
    if (isinf(n[0]) || isinf(n[1])) {
        return VALUE_FALSE;
    }
    double difference = fabs(n[1] - n[0]);
    return value_from_bool(difference <= fabs(n[2] * n[1]) || difference <= fabs(n[2] * n[0]) ||
                           difference <= n[3]);
}

/* Adds x to the partial sums. fails: false, an exception. */
static bool fsum_add(Thread *th, Doubles *partials, double x, double *special, double *infinities)
{
    double given = x;
    size_t kept = 0;
    for (size_t i = 0; i < partials->count; i++) {
        double y = partials->items[i];
        if (fabs(x) < fabs(y)) {
            double t = x;
            x = y;
            y = t;
        }
        double high = x + y;
        double low = y - (high - x);
        if (low != 0.0) {
            partials->items[kept++] = low;
        }
        x = high;
    }
    partials->count = kept;
    if (x == 0.0) {
        return true;
    }
    if (isfinite(x)) {
        return doubles_push(th, partials, x);
    }
    if (isfinite(given)) {
        rt_raise(th, EXC_OVERFLOW_ERROR, "intermediate overflow in fsum");
        return false;
    }
    if (isinf(given)) {
        *infinities += given;
    }
    *special += given;
    partials->count = 0;
    return true;
}

/* The sum of the partials, rounded once to even. */
static double fsum_round(const Doubles *partials)
{
    size_t n = partials->count;
    if (n == 0) {
        return 0.0;
    }
    const double *p = partials->items;
    double high = p[--n], low = 0.0;
    while (n > 0 && low == 0.0) {
        double x = high, y = p[--n];
        high = x + y;
        low = y - (high - x);
    }
    /* Half an ulp and more of the same sign below: round away from the tie. */
    if (n > 0 && ((low < 0.0 && p[n - 1] < 0.0) || (low > 0.0 && p[n - 1] > 0.0))) {
        double y = low * 2.0;
        double x = high + y;
        if (y == x - high) {
            high = x;
        }
    }
    return high;
}

static Value math_fsum(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    Doubles partials;
    doubles_init(&partials);
    double special = 0.0, infinities = 0.0;
    Cursor c;
    bool ok = cursor_open(th, &c, args[0]);
    Value v;
    while (ok && (v = cursor_next(th, &c)) != VALUE_ABSENT) {
        double x;
        ok = float_from_value(th, v, &x) && fsum_add(th, &partials, x, &special, &infinities);
        rt_decref(th, v);
    }
    cursor_close(th, &c);
    Value result = VALUE_ABSENT;
    if (ok && !rt_pending(th)) {
        if (special == 0.0) {
            result = value_from_bits_double(fsum_round(&partials));
        } else if (isnan(infinities)) {
            rt_raise(th, EXC_VALUE_ERROR, "-inf + inf in fsum");
        } else {
            result = value_from_bits_double(special);
        }
    }
    doubles_free(&partials);
    return result;
}

static Value math_hypot(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)kwnames;
    Doubles v;
    doubles_init(&v);
    bool ok = true;
    for (uint32_t i = 0; i < nargs && ok; i++) {
        double x;
        ok = float_from_value(th, args[i], &x) && doubles_push(th, &v, x);
    }
    Value result = ok ? value_from_bits_double(math_norm(v.items, v.count)) : VALUE_ABSENT;
    doubles_free(&v);
    return result;
}

static Value dist_of_tuples(Thread *th, Value p, Value q)
{
    const Tuple *a = value_tuple(p), *b = value_tuple(q);
    if (a->size != b->size) {
        return rt_raise(th, EXC_VALUE_ERROR, "both points must have the same number of dimensions");
    }
    Doubles v;
    doubles_init(&v);
    bool ok = true;
    for (int64_t i = 0; i < a->size && ok; i++) {
        double x, y;
        ok = float_from_value(th, a->items[i], &x) && float_from_value(th, b->items[i], &y) &&
             doubles_push(th, &v, fabs(x - y));
    }
    Value result = ok ? value_from_bits_double(math_norm(v.items, v.count)) : VALUE_ABSENT;
    doubles_free(&v);
    return result;
}

static Value math_dist(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    Value p = tuple_from_iterable(th, args[0]);
    Value q = p == VALUE_ABSENT ? VALUE_ABSENT : tuple_from_iterable(th, args[1]);
    Value result = q == VALUE_ABSENT ? VALUE_ABSENT : dist_of_tuples(th, p, q);
    rt_xdecref(th, p);
    rt_xdecref(th, q);
    return result;
}

static Value math_prod(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    static const char *const names[] = {NULL, "start"};
    static const NativeSignature signature = {"prod", names, 2, 1, 1};
    Value given[2];
    if (!native_bind(th, &signature, args, nargs, kwnames, given)) {
        return VALUE_ABSENT;
    }
    Value total = given[1] == VALUE_ABSENT ? value_from_small_int(1) : rt_newref(th, given[1]);
    Cursor c;
    bool ok = cursor_open(th, &c, given[0]);
    Value v;
    while (ok && (v = cursor_next(th, &c)) != VALUE_ABSENT) {
        Value product = value_is_double(total) && value_is_double(v)
                            ? value_from_double(value_double(total) * value_double(v))
                            : rt_binary(th, BIN_MUL, total, v);
        rt_decref(th, v);
        rt_decref(th, total);
        total = product;
        ok = product != VALUE_ABSENT;
    }
    cursor_close(th, &c);
    if (!ok || rt_pending(th)) {
        rt_xdecref(th, total);
        return VALUE_ABSENT;
    }
    return total;
}

const NativeDef math_number_defs[] = {
    {"ceil", math_ceil, 1, 1, NATIVE_FUNCTION},
    {"dist", math_dist, 2, 2, NATIVE_FUNCTION},
    {"floor", math_floor, 1, 1, NATIVE_FUNCTION},
    {"frexp", math_frexp, 1, 1, NATIVE_FUNCTION},
    {"fsum", math_fsum, 1, 1, NATIVE_FUNCTION},
    {"hypot", math_hypot, 0, -1, NATIVE_FUNCTION},
    {"isclose", math_isclose, 0, -1, NATIVE_KEYWORDS | NATIVE_FUNCTION},
    {"ldexp", math_ldexp, 2, 2, NATIVE_FUNCTION},
    {"log", math_log, 0, -1, NATIVE_KEYWORDS | NATIVE_FUNCTION},
    {"log10", math_log10, 1, 1, NATIVE_FUNCTION},
    {"log2", math_log2, 1, 1, NATIVE_FUNCTION},
    {"modf", math_modf, 1, 1, NATIVE_FUNCTION},
    {"prod", math_prod, 0, -1, NATIVE_KEYWORDS | NATIVE_FUNCTION},
    {"trunc", math_trunc, 1, 1, NATIVE_FUNCTION},
    {NULL, NULL, 0, 0, 0},
};
