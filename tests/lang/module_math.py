# The math module: functions, constants, special values, domain errors.
import math
from math import sqrt, pi as PI

print(math.pi, math.e, math.inf, math.nan, math.tau, PI == math.pi, sqrt(2))
print(math.sqrt(16), math.sqrt(0), math.sqrt(10 ** 20), math.floor(3.7), math.floor(-3.7), math.ceil(3.2), math.ceil(-3.2), math.trunc(3.9), math.trunc(-3.9), math.floor(5), math.ceil(2 ** 70), math.floor(1e20))
print("%.12g %.12g %.12g %.12g %.12g %.12g" % (math.sin(1), math.cos(1), math.tan(1), math.asin(0.5), math.acos(0.5), math.atan(1)))
print("%.12g %.12g %.12g %.12g %.12g" % (math.atan2(1, -1), math.sinh(1), math.cosh(1), math.tanh(1), math.hypot(3, 4)))
print("%.12g %.12g %.12g %.12g %.12g %.12g" % (math.exp(1), math.log(10), math.log(8, 2), math.log2(1024), math.log10(1000), math.log1p(1e-10)))
print(math.pow(2, 10), math.fabs(-3), math.fmod(7, 3), math.fmod(-7, 3), math.copysign(1, -0.0), math.modf(3.25), math.modf(-3.25), math.frexp(10.0), math.ldexp(0.5, 4), math.degrees(math.pi), math.radians(180))
print(math.isnan(math.nan), math.isinf(-math.inf), math.isfinite(1.0), math.isclose(0.1 + 0.2, 0.3), math.isclose(1, 1.1), math.gcd(12, 18), math.gcd(0, 5), math.gcd(-4, 6), math.lcm(4, 6), math.factorial(20), math.factorial(25), math.comb(10, 3), math.perm(5, 2), math.isqrt(17), math.isqrt(10 ** 40), math.fsum([0.1] * 10), math.prod([1, 2, 3, 4]), math.dist([0, 0], [3, 4]))
print(math.exp(0), math.log(1), math.sin(0), math.sin(0.0), math.sqrt(2.25), math.sqrt(True), math.pow(0, 0), math.floor(True))
for action in (lambda: math.sqrt(-1), lambda: math.log(0), lambda: math.log(-1), lambda: math.exp(1000), lambda: math.pow(-1, 0.5), lambda: math.acos(2), lambda: math.sqrt("a"), lambda: math.floor("a"), lambda: math.floor(math.inf), lambda: math.floor(math.nan), lambda: math.factorial(-1), lambda: math.fmod(1, 0), lambda: math.sqrt(), lambda: math.sqrt(1, 2), lambda: math.nothing, lambda: math.pow(10, 400), lambda: math.isqrt(-1), lambda: math.factorial(1.5), lambda: math.sin(math.inf), lambda: math.log(10 ** 400) > 900):
    try:
        print(action())
    except (ValueError, OverflowError, TypeError, AttributeError) as e:
        print(type(e).__name__, e)
total = 0.0
for i in range(1, 500):
    total += math.sqrt(i) * math.sin(i) + math.log(i) - math.floor(i / 3) + math.fabs(-i) / math.exp(1)
print("%.9f" % total)
