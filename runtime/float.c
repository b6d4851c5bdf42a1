/*
 * Float: arithmetic that C does not give as Python means it, hash, rounding, conversion.
 *
 * Text is in float_text.c and float_hex.c, the type in float_type.c.
 *
 * Threads: any.
 */
#include "runtime/float.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/abstract_internal.h"
#include "runtime/int_internal.h"

enum { HASH_INFINITY = 314159 };

int64_t float_hash(double d, Value self)
{
    const uint64_t modulus = (UINT64_C(1) << INT_HASH_BITS) - 1;
    if (isnan(d)) { /* a NaN equals nothing: any hash that its value fixes */
        int64_t h = (int64_t)((self ^ self >> 29) & modulus);
        return h;
    }
    if (isinf(d)) {
        return d > 0 ? HASH_INFINITY : -HASH_INFINITY;
    }
    int exponent;
    double fraction = frexp(fabs(d), &exponent);
    uint64_t x = (uint64_t)ldexp(fraction, 53); /* d = x * 2^(exponent - 53), x < modulus */
    /* 2^61 = 1 in this arithmetic: multiplying by a power of two rotates 61 bits */
    int rotate = (exponent - 53) % INT_HASH_BITS;
    rotate = rotate < 0 ? rotate + INT_HASH_BITS : rotate;
    x = (x << rotate & modulus) | x >> (INT_HASH_BITS - rotate);
    int64_t hash = d < 0 ? -(int64_t)x : (int64_t)x;
    return hash == -1 ? -2 : hash;
}

/* fmod with the sign of the divisor; a zero takes it too. */
double float_mod(double a, double b)
{
    double mod = fmod(a, b);
    if (mod == 0) {
        return copysign(0.0, b);
    }
    return (mod < 0) != (b < 0) ? mod + b : mod;
}

double float_floordiv(double a, double b)
{
    double mod = fmod(a, b);
    double quotient = (a - mod) / b;
    if (mod != 0 && (mod < 0) != (b < 0)) {
        quotient -= 1;
    }
    if (quotient == 0) {
        return copysign(0.0, a / b);
    }
    double whole = floor(quotient);
    return quotient - whole > 0.5 ? whole + 1 : whole;
}

static bool raise_range(Thread *th)
{
    Value items[2] = {value_from_small_int(34 /* ERANGE */),
                      str_from_cstr(th, "Numerical result out of range")};
    Value args = items[1] == VALUE_ABSENT ? VALUE_ABSENT : tuple_new_steal(th, items, 2);
    Value exc =
        args == VALUE_ABSENT ? VALUE_ABSENT : rt_exception_new(th, EXC_OVERFLOW_ERROR, args);
    rt_xdecref(th, args);
    if (exc != VALUE_ABSENT) {
        rt_raise_steal(th, exc);
    }
    return false;
}

bool float_pow(Thread *th, double a, double b, double *out)
{
    if (a == 0 && b < 0) { /* also for -inf */
        rt_raise(th, EXC_ZERO_DIVISION_ERROR, "0.0 cannot be raised to a negative power");
        return false;
    }
    if (a < 0 && isfinite(a) && isfinite(b) && b != floor(b)) {
        rt_raise(th, EXC_NOT_IMPLEMENTED_ERROR,
                 "a negative number to a fractional power is a complex number, and complex is "
                 "not supported");
        return false;
    }
    double result = pow(a, b); /* C99 has Python's rules for NaN and infinities */
    if (isinf(result) && isfinite(a) && isfinite(b)) {
        return raise_range(th);
    }
    *out = result;
    return true;
}

/* v.__float__() or v.__index__(): -1 exception, 0 has neither, 1 done. */
static int float_from_special(Thread *th, Value v, double *out)
{
    static const char *const names[] = {"__float__", "__index__"};
    for (int i = 0; i < 2; i++) {
        Value method = type_special_method(th, v, names[i]);
        if (method == VALUE_ABSENT) {
            if (rt_pending(th)) {
                return -1;
            }
            continue;
        }
        Value result = rt_call(th, method, NULL, 0, VALUE_ABSENT);
        rt_decref(th, method);
        if (result == VALUE_ABSENT) {
            return -1;
        }
        bool ok = i == 0 ? value_is_double(result) : value_is_int_like(result);
        if (!ok) {
            rt_raise(th, EXC_TYPE_ERROR,
                     i == 0 ? "%T.%s returned non-float (type %T)"
                            : "%T.%s returned non-int (type %T)",
                     v, names[i], result);
        } else if (i == 0) {
            *out = value_double(result);
        } else {
            ok = int_to_double(th, result, out);
        }
        rt_decref(th, result);
        return ok ? 1 : -1;
    }
    return 0;
}

int float_from_number(Thread *th, Value v, double *out)
{
    if (value_is_double(v)) {
        *out = value_double(v);
        return 1;
    }
    if (value_is_int_like(v)) {
        return int_to_double(th, v, out) ? 1 : -1;
    }
    return value_is_object(v) ? float_from_special(th, v, out) : 0;
}

bool float_from_value(Thread *th, Value v, double *out)
{
    int known = float_from_number(th, v, out);
    if (known == 0) {
        rt_raise(th, EXC_TYPE_ERROR, "must be real number, not %T", v);
    }
    return known == 1;
}

/* Rounds to a multiple of 10^places, places >= 1: on the exact decimal digits, ties to even. */
static double round_to_tens(double d, int places)
{
    enum { DIGITS = DBL_MAX_10_EXP + 2, EXACT_FRACTION = 1080 };
    char text[DIGITS + EXACT_FRACTION + 8];
    /* with this precision the fraction is exact, so "all zeros" below means zero */
    int n = snprintf(text, sizeof text, "%.*f", EXACT_FRACTION, fabs(d));
    int point = n - EXACT_FRACTION - 1;
    int keep = point - places; /* digits that stay */
    if (keep < 0) {
        return copysign(0.0, d); /* |d| < 10^point / 10 <= half a unit */
    }
    char first = text[keep];
    bool more = false;
    for (int i = keep + 1; i < n && !more; i++) {
        more = text[i] != '0' && text[i] != '.';
    }
    bool odd = keep > 0 && ((text[keep - 1] - '0') & 1) != 0;
    bool up = first > '5' || (first == '5' && (more || odd));
    char out[DIGITS + 16];
    out[0] = '0'; /* room for a carry */
    memcpy(out + 1, text, (size_t)keep);
    for (int i = keep; up && i >= 0; i--) {
        if (out[i] != '9') {
            out[i]++;
            break;
        }
        out[i] = '0';
    }
    snprintf(out + keep + 1, 16, "e%d", places);
    return copysign(strtod(out, NULL), d);
}

Value float_round(Thread *th, double d, Value ndigits)
{
    if (ndigits == VALUE_ABSENT || ndigits == VALUE_NONE) {
        return int_from_double(th, isfinite(d) ? rint(d) : d);
    }
    int64_t places;
    if (!int_as_index(th, ndigits, &places, true)) {
        return VALUE_ABSENT;
    }
    enum { PLACES_MAX = 323, PLACES_MIN = -308 }; /* beyond: nothing to round; zero */
    if (!isfinite(d) || places > PLACES_MAX) {
        return value_from_double(d);
    }
    if (places < PLACES_MIN) {
        return value_from_double(copysign(0.0, d));
    }
    double result;
    if (places < 0) {
        result = round_to_tens(d, (int)-places);
    } else {
        char text[DBL_MAX_10_EXP + PLACES_MAX + 8];
        snprintf(text, sizeof text, "%.*f", (int)places, d);
        result = strtod(text, NULL);
    }
    if (isinf(result)) {
        return rt_raise(th, EXC_OVERFLOW_ERROR, "rounded value too large to represent");
    }
    return value_from_double(result);
}
