/*
 * The math module, part 1: functions of one or two floats, through libm, and the module itself.
 *
 * A result that is NaN though no argument was is a ValueError, "math domain error"; an infinity from
 * finite arguments is an OverflowError, "math range error", for functions that can overflow, and a
 * domain error at the poles of the others.
 *
 * Threads: any.
 */
#include <math.h>

#include "runtime/float.h"
#include "runtime/math_internal.h"
#include "runtime/natives_internal.h"

static Value raise_domain(Thread *th) { return rt_raise(th, EXC_VALUE_ERROR, "math domain error"); }

static Value raise_range(Thread *th)
{
    return rt_raise(th, EXC_OVERFLOW_ERROR, "math range error");
}

static Value call_1(Thread *th, Value argument, double (*function)(double), bool overflows)
{
    double x;
    if (value_is_double(argument)) {
        x = value_double(argument);
    } else if (!float_from_value(th, argument, &x)) {
        return VALUE_ABSENT;
    }
    double r = function(x);
    if (isnan(r) && !isnan(x)) {
        return raise_domain(th);
    }
    if (isinf(r) && isfinite(x)) {
        return overflows ? raise_range(th) : raise_domain(th);
    }
    return value_from_bits_double(r);
}

#define FLOAT_1(name, function, overflows)                                                 \
    static Value math_##name(Thread *th, const Value *args, uint32_t nargs, Value kwnames) \
    {                                                                                      \
        (void)nargs, (void)kwnames;                                                        \
        return call_1(th, args[0], function, overflows);                                   \
    }

static double to_degrees(double x) { return x * (180.0 / M_PI); }
static double to_radians(double x) { return x * (M_PI / 180.0); }
static double ulp(double x)
{
    if (!isfinite(x)) {
        return fabs(x);
    }
    x = fabs(x);
    double next = nextafter(x, (double)INFINITY);
    return isinf(next) ? x - nextafter(x, -(double)INFINITY) : next - x;
}

FLOAT_1(acos, acos, false)
FLOAT_1(acosh, acosh, false)
FLOAT_1(asin, asin, false)
FLOAT_1(asinh, asinh, false)
FLOAT_1(atan, atan, false)
FLOAT_1(atanh, atanh, false)
FLOAT_1(cbrt, cbrt, false)
FLOAT_1(cos, cos, false)
FLOAT_1(cosh, cosh, true)
FLOAT_1(degrees, to_degrees, true)
FLOAT_1(erf, erf, false)
FLOAT_1(erfc, erfc, false)
FLOAT_1(exp, exp, true)
FLOAT_1(exp2, exp2, true)
FLOAT_1(expm1, expm1, true)
FLOAT_1(fabs, fabs, false)
FLOAT_1(gamma_function, math_gamma, true)
FLOAT_1(lgamma_function, math_lgamma, true)
FLOAT_1(log1p, log1p, false)
FLOAT_1(radians, to_radians, false)
FLOAT_1(sin, sin, false)
FLOAT_1(sinh, sinh, true)
FLOAT_1(sqrt, sqrt, false)
FLOAT_1(tan, tan, false)
FLOAT_1(tanh, tanh, false)
FLOAT_1(ulp, ulp, false)

static bool two_floats(Thread *th, const Value *args, double *x, double *y)
{
    return float_from_value(th, args[0], x) && float_from_value(th, args[1], y);
}

static Value math_atan2(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    double y, x;
    return two_floats(th, args, &y, &x) ? value_from_bits_double(atan2(y, x)) : VALUE_ABSENT;
}

static Value math_copysign(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    double x, y;
    return two_floats(th, args, &x, &y) ? value_from_bits_double(copysign(x, y)) : VALUE_ABSENT;
}

static Value math_nextafter(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    double x, y;
    return two_floats(th, args, &x, &y) ? value_from_bits_double(nextafter(x, y)) : VALUE_ABSENT;
}

static Value math_fmod(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    double x, y;
    if (!two_floats(th, args, &x, &y)) {
        return VALUE_ABSENT;
    }
    double r = fmod(x, y);
    return isnan(r) && !isnan(x) && !isnan(y) ? raise_domain(th) : value_from_bits_double(r);
}

static Value math_remainder(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    double x, y;
    if (!two_floats(th, args, &x, &y)) {
        return VALUE_ABSENT;
    }
    double r = remainder(x, y);
    return isnan(r) && !isnan(x) && !isnan(y) ? raise_domain(th) : value_from_bits_double(r);
}

static Value math_pow(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    double x, y;
    if (!two_floats(th, args, &x, &y)) {
        return VALUE_ABSENT;
    }
    double r = pow(x, y);
    if (isfinite(x) && isfinite(y)) {
        if (isnan(r) || (isinf(r) && x == 0.0)) {
            return raise_domain(th);
        }
        if (isinf(r)) {
            return raise_range(th);
        }
    }
    return value_from_bits_double(r);
}

static Value predicate(Thread *th, Value argument, int kind)
{
    double x;
    if (!float_from_value(th, argument, &x)) {
        return VALUE_ABSENT;
    }
    return value_from_bool(kind == 0 ? isfinite(x) : kind == 1 ? isinf(x) != 0 : isnan(x));
}

static Value math_isfinite(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return predicate(th, args[0], 0);
}

static Value math_isinf(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return predicate(th, args[0], 1);
}

static Value math_isnan(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return predicate(th, args[0], 2);
}

const NativeDef math_float_defs[] = {
    {"acos", math_acos, 1, 1, NATIVE_FUNCTION},
    {"acosh", math_acosh, 1, 1, NATIVE_FUNCTION},
    {"asin", math_asin, 1, 1, NATIVE_FUNCTION},
    {"asinh", math_asinh, 1, 1, NATIVE_FUNCTION},
    {"atan", math_atan, 1, 1, NATIVE_FUNCTION},
    {"atan2", math_atan2, 2, 2, NATIVE_FUNCTION},
    {"atanh", math_atanh, 1, 1, NATIVE_FUNCTION},
    {"cbrt", math_cbrt, 1, 1, NATIVE_FUNCTION},
    {"copysign", math_copysign, 2, 2, NATIVE_FUNCTION},
    {"cos", math_cos, 1, 1, NATIVE_FUNCTION},
    {"cosh", math_cosh, 1, 1, NATIVE_FUNCTION},
    {"degrees", math_degrees, 1, 1, NATIVE_FUNCTION},
    {"erf", math_erf, 1, 1, NATIVE_FUNCTION},
    {"erfc", math_erfc, 1, 1, NATIVE_FUNCTION},
    {"exp", math_exp, 1, 1, NATIVE_FUNCTION},
    {"exp2", math_exp2, 1, 1, NATIVE_FUNCTION},
    {"expm1", math_expm1, 1, 1, NATIVE_FUNCTION},
    {"fabs", math_fabs, 1, 1, NATIVE_FUNCTION},
    {"fmod", math_fmod, 2, 2, NATIVE_FUNCTION},
    {"gamma", math_gamma_function, 1, 1, NATIVE_FUNCTION},
    {"isfinite", math_isfinite, 1, 1, NATIVE_FUNCTION},
    {"isinf", math_isinf, 1, 1, NATIVE_FUNCTION},
    {"isnan", math_isnan, 1, 1, NATIVE_FUNCTION},
    {"lgamma", math_lgamma_function, 1, 1, NATIVE_FUNCTION},
    {"log1p", math_log1p, 1, 1, NATIVE_FUNCTION},
    {"nextafter", math_nextafter, 2, 2, NATIVE_FUNCTION},
    {"pow", math_pow, 2, 2, NATIVE_FUNCTION},
    {"radians", math_radians, 1, 1, NATIVE_FUNCTION},
    {"remainder", math_remainder, 2, 2, NATIVE_FUNCTION},
    {"sin", math_sin, 1, 1, NATIVE_FUNCTION},
    {"sinh", math_sinh, 1, 1, NATIVE_FUNCTION},
    {"sqrt", math_sqrt, 1, 1, NATIVE_FUNCTION},
    {"tan", math_tan, 1, 1, NATIVE_FUNCTION},
    {"tanh", math_tanh, 1, 1, NATIVE_FUNCTION},
    {"ulp", math_ulp, 1, 1, NATIVE_FUNCTION},
    {NULL, NULL, 0, 0, 0},
};

Value math_module_new(Thread *th)
{
    Value module = module_new(th, "math");
    if (module == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    if (module_add_natives(th, module, math_float_defs) &&
        module_add_natives(th, module, math_number_defs) &&
        module_add_natives(th, module, math_int_defs) &&
        module_add(th, module, "pi", value_from_double(M_PI)) &&
        module_add(th, module, "e", value_from_double(M_E)) &&
        module_add(th, module, "tau", value_from_double(2 * M_PI)) &&
        module_add(th, module, "inf", value_from_double((double)INFINITY)) &&
        module_add(th, module, "nan", value_from_bits_double((double)NAN))) {
        return module;
    }
    rt_decref(th, module);
    return VALUE_ABSENT;
}
