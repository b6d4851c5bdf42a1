/*
 * Helpers of machine code, part 1: floats and ints without objects, and boxing of their results.
 *
 * A NaN that libm makes may carry any payload; clamp() gives it the one that Values can hold.
 *
 * Threads: pure functions, but for the boxing ones.
 */
#include <math.h>

#include "runtime/float.h"
#include "runtime/helpers.h"
#include "runtime/int.h"
#include "runtime/math_internal.h"

static inline double clamp(double d) { return value_double(value_from_bits_double(d)); }

#define FLOAT_1(name, function) \
    double helper_math_##name(double a) { return clamp(function(a)); }
#define FLOAT_2(name, function) \
    double helper_math_##name(double a, double b) { return clamp(function(a, b)); }

FLOAT_1(sin, sin)
FLOAT_1(cos, cos)
FLOAT_1(tan, tan)
FLOAT_1(asin, asin)
FLOAT_1(acos, acos)
FLOAT_1(atan, atan)
FLOAT_1(sinh, sinh)
FLOAT_1(cosh, cosh)
FLOAT_1(tanh, tanh)
FLOAT_1(asinh, asinh)
FLOAT_1(acosh, acosh)
FLOAT_1(atanh, atanh)
FLOAT_1(exp, exp)
FLOAT_1(exp2, exp2)
FLOAT_1(expm1, expm1)
FLOAT_1(log, log)
FLOAT_1(log2, log2)
FLOAT_1(log10, log10)
FLOAT_1(log1p, log1p)
FLOAT_1(sqrt, sqrt)
FLOAT_1(cbrt, cbrt)
FLOAT_1(erf, erf)
FLOAT_1(erfc, erfc)
FLOAT_1(gamma, math_gamma)
FLOAT_1(lgamma, math_lgamma)
FLOAT_1(floor_f, floor)
FLOAT_1(ceil_f, ceil)
FLOAT_1(trunc_f, trunc)
FLOAT_1(rint_f, rint)
FLOAT_2(atan2, atan2)
FLOAT_2(pow, pow)
FLOAT_2(fmod, fmod)
FLOAT_2(hypot, math_hypot2)
FLOAT_2(copysign, copysign)

double helper_float_floordiv(double a, double b) { return clamp(float_floordiv(a, b)); }
double helper_float_mod(double a, double b) { return clamp(float_mod(a, b)); }

/* base ** exponent by squaring. false: not an int64 (or a negative exponent). */
static bool power_i64(int64_t base, int64_t exponent, int64_t *out)
{
    int64_t r = 1;
    if (exponent < 0) {
        return false;
    }
    if (base >= -1 && base <= 1) { /* the only ones whose exponent may be large */
        *out = exponent == 0 ? 1 : base == -1 && exponent % 2 == 0 ? 1 : base;
        return true;
    }
    for (;;) {
        if ((exponent & 1) != 0 && __builtin_mul_overflow(r, base, &r)) {
            return false;
        }
        exponent >>= 1;
        if (exponent == 0) {
            *out = r;
            return true;
        }
        if (__builtin_mul_overflow(base, base, &base)) {
            return false; /* a bit is still to come, so this square is a factor */
        }
    }
}

static uint64_t magnitude(int64_t x) { return x < 0 ? -(uint64_t)x : (uint64_t)x; }

int64_t helper_int_bit_length(int64_t a) { return a == 0 ? 0 : 64 - __builtin_clzll(magnitude(a)); }
int64_t helper_int_bit_count(int64_t a) { return __builtin_popcountll(magnitude(a)); }

int64_t helper_int_gcd(int64_t a, int64_t b)
{
    uint64_t g = math_gcd_u64(magnitude(a), magnitude(b));
    return g > INT64_MAX ? -1 : (int64_t)g;
}

int64_t helper_int_isqrt(int64_t a) { return a < 0 ? -1 : (int64_t)math_isqrt_u64((uint64_t)a); }

Value helper_float_pow_checked(Thread *th, double a, double b)
{
    double r;
    return float_pow(th, a, b, &r) ? value_from_bits_double(r) : VALUE_ABSENT;
}

Value helper_int_box_i64(Thread *th, int64_t a) { return int_from_i64(th, a); }
Value helper_int_from_float(Thread *th, double a) { return int_from_double(th, a); }

/* operation on a and b as int values, for results or operands beyond int64. */
static Value exact(Thread *th, Value (*operation)(Thread *, Value, Value), int64_t a, int64_t b)
{
    Value x = int_from_i64(th, a);
    Value y = x == VALUE_ABSENT ? VALUE_ABSENT : int_from_i64(th, b);
    Value r = y == VALUE_ABSENT ? VALUE_ABSENT : operation(th, x, y);
    rt_xdecref(th, x);
    rt_xdecref(th, y);
    return r;
}

Value helper_int_add_i64(Thread *th, int64_t a, int64_t b)
{
    int64_t r;
    return __builtin_add_overflow(a, b, &r) ? exact(th, int_add, a, b) : int_from_i64(th, r);
}

Value helper_int_sub_i64(Thread *th, int64_t a, int64_t b)
{
    int64_t r;
    return __builtin_sub_overflow(a, b, &r) ? exact(th, int_sub, a, b) : int_from_i64(th, r);
}

Value helper_int_mul_i64(Thread *th, int64_t a, int64_t b)
{
    int64_t r;
    return __builtin_mul_overflow(a, b, &r) ? exact(th, int_mul, a, b) : int_from_i64(th, r);
}

Value helper_int_lshift_i64(Thread *th, int64_t a, int64_t b)
{
    return exact(th, int_lshift, a, b);
}

Value helper_int_pow_i64(Thread *th, int64_t a, int64_t b)
{
    int64_t r;
    return power_i64(a, b, &r) ? int_from_i64(th, r) : exact(th, int_pow, a, b);
}
