/*
 * Gamma, its logarithm, Euclidean norms, integer square root and gcd of machine words.
 *
 * gamma: Lanczos' approximation with g = 6.0246..., 13 terms (Pugh, "An analysis of the Lanczos gamma
 * approximation", 2004; coefficients as published with Boost), the one that CPython uses, and not
 * libm's, so that the last bits agree.
 * Norms: scale by a power of two, add exact squares in double-double, correct the square root once.
 *
 * Threads: pure functions.
 */
#include "runtime/math_internal.h"

#include <math.h>

enum { LANCZOS_TERMS = 13 };
static const double factorials_end = 23.0; /* 22! is the last that a double holds exactly */
static const double lanczos_g = 6.024680040776729583740234375;
static const double lanczos_g_minus_half = 5.524680040776729583740234375;
static const double lanczos_numerator[LANCZOS_TERMS] = {
    23531376880.410759688572007674451636754734846804940,
    42919803642.649098768957899047001988850926355848959,
    35711959237.355668049440185451547166705960488635843,
    17921034426.037209699919755754458931112671403265390,
    6039542586.3520280050642916443072979210699388420708,
    1439720407.3117216736632230727949123939715485786372,
    248874557.86205415651146038641322942321632125127801,
    31426415.585400194380614231628318205362874684987640,
    2876370.6289353724412254090516208496135991145378768,
    186056.26539522349504029498971604569928220784236328,
    8071.6720023658162106380029022722506138218516325024,
    210.82427775157934587250973392071336271166969580291,
    2.5066282746310002701649081771338373386264310793408,
};
static const double lanczos_denominator[LANCZOS_TERMS] = {
    0.0,       39916800.0, 120543840.0, 150917976.0, 105258076.0, 45995730.0, 13339535.0,
    2637558.0, 357423.0,   32670.0,     1925.0,      66.0,        1.0,
};

/* The rational function of Lanczos' sum; in powers of 1/x where x is large. */
static double lanczos_sum(double x)
{
    double numerator = 0.0, denominator = 0.0;
    if (x < 5.0) {
        for (int i = LANCZOS_TERMS; --i >= 0;) {
            numerator = numerator * x + lanczos_numerator[i];
            denominator = denominator * x + lanczos_denominator[i];
        }
    } else {
        for (int i = 0; i < LANCZOS_TERMS; i++) {
            numerator = numerator / x + lanczos_numerator[i];
            denominator = denominator / x + lanczos_denominator[i];
        }
    }
    return numerator / denominator;
}

/* sin(pi * x) for finite x, exact at multiples of 1/2. */
static double sin_pi(double x)
{
    double y = fmod(fabs(x), 2.0);
    double r;
    switch ((int)round(2.0 * y)) {
    case 0: r = sin(M_PI * y); break;
    case 1: r = cos(M_PI * (y - 0.5)); break;
    case 2: r = sin(M_PI * (1.0 - y)); break;
    case 3: r = -cos(M_PI * (y - 1.5)); break;
    default: r = sin(M_PI * (y - 2.0)); break;
    }
    return copysign(1.0, x) * r;
}

static double factorial_of(int n)
{
    double r = 1.0; /* exact up to 22! */
    for (int i = 2; i <= n; i++) {
        r *= i;
    }
    return r;
}

/* Multiplies or divides r by y ** (a - 0.5); in two steps where that alone would overflow. */
static double times_power(double r, double y, double a, int divide)
{
    if (a < 140.0) {
        double p = pow(y, a - 0.5);
        return divide ? r / p : r * p;
    }
    double half = pow(y, a / 2.0 - 0.25);
    return divide ? r / half / half : r * half * half;
}

double math_gamma(double x)
{
    if (!isfinite(x)) {
        return isnan(x) || x > 0.0 ? x : (double)NAN;
    }
    if (x == 0.0) {
        return (double)NAN;
    }
    if (x == floor(x)) {
        if (x < 0.0) {
            return (double)NAN;
        }
        if (x <= factorials_end) {
            return factorial_of((int)x - 1);
        }
    }
    double a = fabs(x);
    if (a < 1e-20) {
        return 1.0 / x;
    }
    if (a > 200.0) {
        return x < 0.0 ? 0.0 / sin_pi(x) : (double)INFINITY;
    }
    double y = a + lanczos_g_minus_half;
    /* the rounding error of y, to first order in the result */
    double error =
        a > lanczos_g_minus_half ? (y - a) - lanczos_g_minus_half : (y - lanczos_g_minus_half) - a;
    double z = error * lanczos_g / y;
    if (x < 0.0) {
        double r = -M_PI / sin_pi(a) / a * exp(y) / lanczos_sum(a);
        r -= z * r;
        return times_power(r, y, a, 1);
    }
    double r = lanczos_sum(a) / exp(y);
    r += z * r;
    return times_power(r, y, a, 0);
}

double math_lgamma(double x)
{
    if (!isfinite(x)) {
        return isnan(x) ? x : (double)INFINITY;
    }
    if (x == floor(x) && x <= 2.0) {
        return x <= 0.0 ? (double)NAN : 0.0;
    }
    double a = fabs(x);
    if (a < 1e-20) {
        return -log(a);
    }
    double r = log(lanczos_sum(a)) - lanczos_g;
    r += (a - 0.5) * (log(a + lanczos_g - 0.5) - 1);
    if (x < 0.0) {
        static const double log_pi = 1.144729885849400174143427351353058711647;
        r = log_pi - log(fabs(sin_pi(a))) - log(a) - r;
    }
    return r;
}

/* sum + x, with the rounding error added to *low. */
static double add_exactly(double sum, double x, double *low)
{
    double s = sum + x;
    double part = s - sum;
    *low += (sum - (s - part)) + (x - part);
    return s;
}

double math_norm(double *v, size_t count)
{
    double largest = 0.0;
    int nan = 0;
    for (size_t i = 0; i < count; i++) {
        v[i] = fabs(v[i]);
        nan |= isnan(v[i]);
        largest = v[i] > largest ? v[i] : largest;
    }
    if (isinf(largest)) {
        return largest;
    }
    if (nan) {
        return (double)NAN;
    }
    if (largest == 0.0 || count <= 1) {
        return largest;
    }
    int exponent;
    frexp(largest, &exponent);
    int shift = 0;
    if (exponent < -1022) { /* the scale itself would overflow: leave the subnormals first */
        shift = 200;
        for (size_t i = 0; i < count; i++) {
            v[i] = ldexp(v[i], shift);
        }
        exponent += shift;
    }
    double scale = ldexp(1.0, -exponent);
    double high = 1.0, low = 0.0; /* starts at 1, larger than any square: then the sums are exact */
    for (size_t i = 0; i < count; i++) {
        double x = v[i] * scale;
        double square = x * x;
        low += fma(x, x, -square);
        high = add_exactly(high, square, &low);
    }
    double h = sqrt(high - 1.0 + low);
    double square = -h * h;
    double rest = fma(-h, h, -square);
    high = add_exactly(high, square, &rest);
    double correction = (high - 1.0 + (low + rest)) / (2.0 * h);
    return ldexp((h + correction) / scale, -shift);
}

double math_hypot2(double x, double y)
{
    double v[2] = {x, y};
    return math_norm(v, 2);
}

uint64_t math_isqrt_u64(uint64_t n)
{
    uint64_t r = (uint64_t)sqrt((double)n);
    /* the double may be off by one, or r * r beyond 64 bits for n near 2**64 */
    while (r > UINT32_MAX || r * r > n) {
        r--;
    }
    while (r < UINT32_MAX && (r + 1) * (r + 1) <= n) {
        r++;
    }
    return r;
}

uint64_t math_gcd_u64(uint64_t a, uint64_t b)
{
    if (a == 0 || b == 0) {
        return a | b;
    }
    int shift = __builtin_ctzll(a | b);
    a >>= __builtin_ctzll(a);
    while (b != 0) {
        b >>= __builtin_ctzll(b);
        if (a > b) {
            uint64_t t = a;
            a = b;
            b = t;
        }
        b -= a;
    }
    return a << shift;
}
