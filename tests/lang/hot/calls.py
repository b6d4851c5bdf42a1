# Hot loops with calls: inlined functions, defaults, keywords, lambdas, builtins, calls of calls.
import math


def add(a, b):
    return a + b


def twice(x):
    return add(x, x)


def clamp(x, low=0, high=100):
    if x < low:
        return low
    if x > high:
        return high
    return x


def nothing(x):
    pass


def star(*args):
    return len(args)


def pick(i):
    return add if i % 2 else twice_one


def twice_one(a, b):
    return a * 2 - b


def swap(pair):
    a, b = pair
    return b, a


def early(i):
    for j in range(10):
        if j == i % 12:
            return j
    return -1


def simple(n):
    total = 0
    for i in range(n):
        total = add(total, i)
    return total


def nested(n):
    total = 0
    for i in range(n):
        total += twice(add(i, 1)) + clamp(i - 1000) + clamp(i, high=50) + clamp(x=i, low=7)
        nothing(i)
    return total


def varied(n):
    total = 0
    square = lambda v: v * v
    for i in range(n):
        total += square(i) % 7 + star(i, i, i) + pick(i)(i, 3)
        total += early(i)
    return total


def tuples(n):
    p = (1, 2)
    for i in range(n):
        p = swap(p)
        p = (p[0] + 1, p[1])
    return p


def builtins(n):
    total = 0
    items = [3, 1, 2]
    for i in range(n):
        total += abs(i - 1500) + min(i, 100) + max(i, 2000) + len(items) + int(i / 3) + int(True)
        total += int(math.sqrt(i)) + math.floor(i / 7)
    return total, float(total)


def floats(n):
    s = 0.0
    for i in range(n):
        s += math.sin(i) * math.cos(i) + math.sqrt(i) + abs(-0.5 * i) + min(0.5, i) + float(i)
    return s


def through_list(n):
    fs = [add, twice_one, lambda a, b: a - b]
    total = 0
    for i in range(n):
        total += fs[i % 3](i, 2)
    return total


def keyword_only(*, a, b=3):
    return a * b


def keywords(n):
    t = 0
    for i in range(n):
        t += keyword_only(a=i) + keyword_only(b=i, a=2)
    return t


print(simple(3000), nested(3000), varied(3000), tuples(3001), builtins(3000))
print("%.9f" % floats(2000), through_list(3000), keywords(2000))
