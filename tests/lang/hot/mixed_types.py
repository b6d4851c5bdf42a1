# Hot loops that mix ints, floats and bools, and loops whose types change on the way.
def mixed(n):
    a = 0
    b = 0.0
    for i in range(n):
        a = a + i
        b = b + a
        b = b / 2 + i
        a = a - (i > 10)
    return a, b


def becomes_float(n):
    x = 0
    for i in range(n):
        if i == n // 2:
            x = x + 0.5
        x = x + i
    return x


def becomes_int(n):
    x = 0.5
    for i in range(n):
        if i == n // 2:
            x = int(x)
        x = x + 1
    return x


def flips(n):
    x = 0
    ints = floats = 0
    for i in range(n):
        if i % 2:
            x = x + 0.5
        else:
            x = int(x) + 1
        if isinstance(x, int):
            ints += 1
        else:
            floats += 1
    return x, ints, floats


def add(a, b):
    return a + b


def many_types(n):
    out = None
    pairs = [(1, 2), (1.5, 2), ("a", "b"), ([1], [2]), ((1,), (2,)), (True, 1), (2 ** 70, 1)]
    for i in range(n):
        p = pairs[i % 7]
        out = add(p[0], p[1])
    return out


def phases(n):
    results = []
    for pair in ((1, 2), (1.5, 2.5), ("x", "y"), (1, 2.5), ([1], [2])):
        r = None
        for i in range(n):
            r = add(pair[0], pair[1])
        results.append(r)
    return results


def none_or_int(n):
    missing = total = 0
    for i in range(n):
        v = None if i % 3 == 0 else i
        if v is None:
            missing += 1
        else:
            total += v
    return missing, total


def bools(n):
    count = 0
    flag = False
    for i in range(n):
        flag = not flag
        count += flag
        if flag and i % 3 == 0 or i == 7:
            count += 10
    return count, flag


def int_float_compare(n):
    c = 0
    for i in range(n):
        if i < 1000.5:
            c += 1
        if i == 500.0:
            c += 100
        if 0.5 * i > n // 4:
            c += 2
    return c


print(mixed(3000), becomes_float(3000), becomes_int(3000), flips(3000))
print(many_types(3000), phases(1500), none_or_int(3000), bools(3000), int_float_compare(3000))
values = [1, 2.5, True, 3]
t = 0
for k in range(1000):
    for v in values:
        t += v
print(t)
