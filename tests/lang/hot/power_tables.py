# Powers that leave int64: tables of a constant base, squaring of a variable one, and their edges.
def by_three(n, most):
    t = 0
    for k in range(n):
        t += 3 ** (k % most)
    return t


def by_minus_three(n, most):
    t = 0
    for k in range(n):
        t += (-3) ** (k % most)
    return t


def by_minus_two(n, most):
    t = 0
    for k in range(n):
        t += (-2) ** (k % most)
    return t


def by_two(n, most):
    t = 0
    for k in range(n):
        t += 2 ** (k % most)
    return t


def by_others(n):
    t = 0
    for k in range(n):
        t += 10 ** (k % 19) - 7 ** (k & 15) + (-10) ** (k % 18) + 1000003 ** (k % 4)
        t ^= 3037000499 ** (k & 1) + (-4) ** (k % 31) + 5 ** (k % 3)
    return t


def five_tables(n):
    t = 0
    for k in range(n):
        e = k % 9
        t += 3 ** e + 5 ** e + 6 ** e + 7 ** e + 9 ** e + 11 ** e
    return t


def from_below(low, n):
    t = 0
    for k in range(low, n):
        t += 3 ** (k % 7) + (-2) ** (-k % 5)
    return t


def any_power(n, base, low, most):
    t = 0
    for k in range(n):
        t += base ** (low + k % most)
    return t


def edges():
    out = []
    for base in (2, -2, 3, -3, 0, 1, -1, 10, 3037000499, 3037000500, 2 ** 31, -2 ** 31, 2 ** 49):
        for exponent in (0, 1, 2, 18, 19, 30, 31, 39, 40, 61, 62, 63, 64, 65):
            v = 0
            for k in range(30):
                v = base ** exponent
            out.append(v % 1000000007)
    return out


def units(n, base, exponent):
    t = 0
    for k in range(n):
        t += base ** (exponent + k)
    return t


def units_below(n, base):
    t = 0.0
    for k in range(n):
        t += base ** (50 - k)
    return t


def zero_below(n):
    t = 0
    try:
        for k in range(n):
            t += 0 ** (60 - k)
    except ZeroDivisionError as e:
        return t, k, str(e)


def three_below(n):
    t = 0
    for k in range(n):
        t += 3 ** (k % 33 - 3) * 27
    return t


def unseen(n):
    count = 0
    for k in range(n):
        try:
            (k - 100) ** (70 - k)
        except ZeroDivisionError:
            count += k
        3 ** (k % 50)
    return count


def bases_change(n):
    t = 0
    for k in range(n):
        t += (k % 5 - 2) ** k % 1009
    return t


print(by_three(500, 40), by_three(500, 41), by_minus_three(500, 40), by_minus_three(500, 43))
print(by_two(500, 63), by_two(500, 64), by_minus_two(500, 64), by_minus_two(500, 66))
print(by_others(700), five_tables(300), from_below(-300, 300))
for base in (-3, -2, -1, 0, 1, 2, 3, 10):
    print(base, any_power(400, base, 0, 18), any_power(400, base, 2, 80), any_power(400, float(base), 1, 8))
print(edges())
big = 2 ** 70
print(units(300, -1, 10 ** 12), units(300, 1, 10 ** 15), units(300, 0, 0), units(200, -1, big))
print(units_below(200, -1), units_below(200, 1), units_below(100, 2), zero_below(200))
print(three_below(500), unseen(300), bases_change(400))
