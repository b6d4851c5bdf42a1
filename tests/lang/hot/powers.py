# Powers in hot loops: constant and variable bases and exponents, ints and floats, big results.
def signs(n):
    t = 0
    for k in range(n):
        t += (-1) ** k * k
    return t


def twos(n):
    t = 0
    for k in range(n):
        t += 2 ** (k % 48) - 2 ** (k % 3)
    return t


def squares(n):
    t = 0
    f = 0.0
    for k in range(n):
        t += k ** 2 + k ** 3 - (-k) ** 3 + k ** 1 + k ** 0
        f += (k * 0.001) ** 2 + (k * 0.5) ** 0.5
    return t, f


def variable_base(n, base):
    t = 0
    for k in range(n):
        t += base ** (k % 20)
    return t


def negative_exponents(n):
    t = 0.0
    for k in range(n):
        t += 2 ** -(k % 10) + 10.0 ** -(k % 5)
    return t


def exponent_flips_sign(n):
    ints = floats = 0
    for k in range(n):
        v = 2 ** (k % 5 - 2)
        if isinstance(v, int):
            ints += v
        else:
            floats += v
    return ints, floats


def gets_big(n):
    t = 0
    for k in range(n):
        t += 3 ** (k % 60)
    return t


def modular(n):
    t = 0
    for k in range(1, n):
        t += pow(3, k, 1009) + pow(k, 2, 7)
    return t


def zero_to_negative(n):
    count = 0
    for k in range(n):
        try:
            count += (k % 100) ** -1
        except ZeroDivisionError:
            count += 1000
    return count


def augmented(n):
    total = 0
    for k in range(n):
        x = k % 9
        x **= 3
        total += x
    return total


print(signs(3001), twos(3000), squares(2000), [variable_base(1000, b) for b in (-3, -2, -1, 0, 1, 2, 3, 7)])
print("%.9f" % negative_exponents(2000), exponent_flips_sign(2000), gets_big(1500), modular(1500), "%.6f" % zero_to_negative(2000), augmented(2000))
