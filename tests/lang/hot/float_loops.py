# Hot loops of floats: arithmetic, comparison, inf and nan on the way, conversion to and from int.
import math


def leibniz(n):
    pi = 0.0
    for k in range(n):
        pi += (4.0 * (-1) ** k) / (2 * k + 1)
    return pi


def leibniz_var(n, base):
    pi = 0.0
    for k in range(n):
        pi += (4.0 * base ** k) / (2 * k + 1)
    return pi


def newton(n):
    total = 0.0
    for i in range(1, n):
        x = float(i)
        while abs(x * x - i) > 1e-9 * i:
            x = (x + i / x) * 0.5
        total += x
    return total


def grow(n):
    x = 1.0
    steps = 0
    while x < 1e308 and steps < n:
        x = x * 1.5 + 1.0
        steps += 1
    y = x * 10.0
    z = y - y
    return steps, y, z, z == z


def overflow_inside(n):
    x = 1.0
    infinite = nans = 0
    for i in range(n):
        x = x * 2.0
        if x == math.inf:
            infinite += 1
        y = x - x
        if y != y:
            nans += 1
    return infinite, nans, x


def floor_mod(n):
    a = b = 0.0
    for i in range(1, n):
        a += (i * 0.7) // 1.3 + (i * -0.7) % 1.3
        b += -i / 3.0 % 0.75
    return a, b


def to_int(n):
    total = 0
    x = -100.5
    for i in range(n):
        total += int(x) + round(x) + math.floor(x) + math.ceil(x)
        x += 0.37
    return total, x


def polynomials(n):
    s = 0.0
    for i in range(n):
        x = i / n
        s += ((x - 1.5) * x + 0.25) * x - x ** 2 + x ** 3 - x ** 0.5
    return s


def negative_zero(n):
    zeros = 0
    x = -0.0
    for i in range(n):
        x = x * 1.0
        if math.copysign(1.0, x) < 0:
            zeros += 1
        if i == n // 2:
            x = 0.0
    return zeros, x, -x


def compare_chain(n):
    c = 0
    x = 0.0
    for i in range(n):
        x += 0.1
        if 10.0 < x < 20.0 or 100 <= x <= 150:
            c += 1
    return c, x


print("%.9f %.9f %.9f" % (leibniz(5000), leibniz_var(5000, -1), leibniz_var(3000, 1)))
print("%.9f" % newton(800), grow(5000), overflow_inside(3000), floor_mod(3000), to_int(3000))
print("%.9f" % polynomials(3000), negative_zero(3000), compare_chain(3000))
