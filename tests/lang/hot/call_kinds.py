# all recorded
# Calls of every kind in hot loops: defaults, keywords, * and **, closures made anew, natives with keywords.
import math


def with_defaults(a, b=10, c="x", *, d=1.5, e=None):
    if e is None:
        return a + b * d + len(c)
    return a - b - e


def rest(first, *others, scale=1, **named):
    total = first * scale
    for x in others:
        total += x
    return total + len(named) + sum(named.values())


def positional_only(a, /, b, c=3):
    return a * 100 + b * 10 + c


def everything(n):
    t = 0
    for i in range(n):
        t += with_defaults(i)
        t += with_defaults(i, 2)
        t += with_defaults(i, c="abc")
        t += with_defaults(i, d=2.5, b=i)
        t += with_defaults(i, e=i % 3)
        t += rest(i)
        t += rest(i, 1, 2, 3)
        t += rest(i, i, scale=2)
        t += rest(i, 1, k=2, z=i)
        t += positional_only(i % 5, c=1, b=2)
        t += positional_only(i % 5, 2)
    return t


def objects(n):
    out = []

    def keep(v, to=out, *more, key=[]):
        key.append(v)
        if len(key) > 40:
            key.clear()
        to.append(more)
        return key, more

    for i in range(n):
        k, m = keep([i])
        k2, m2 = keep("s", out, [i], "t", key=["own"])
        if len(out) > 60:
            del out[:50]
    return len(k), m, m2, len(k2), len(out)


def closures(n):
    total = 0
    fs = []
    for i in range(n):
        def add(x, y=i):
            nonlocal total
            total += x
            return x + y + i

        fs.append(add)
        total += add(1) - add(2, 3)
        g = lambda x: x * i
        total += g(2)
    return total, [f(0) for f in fs[:5]], fs[-1](1)


def counter():
    n = 0

    def up(by=1):
        nonlocal n
        n += by
        return n

    def get():
        return n

    return up, get


def counters(n):
    t = 0
    for i in range(n):
        up, get = counter()
        up()
        up(5)
        t += get()
    long_up, long_get = counter()
    for i in range(n):
        long_up(i)
    return t, long_get()


def deleted_cell(n):
    out = 0
    for i in range(n):
        x = [i]

        def f():
            return x

        out += f()[0]
        del x
        try:
            f()
            out += 1000000
        except NameError:
            out += 1
    return out


def natives(n):
    t = 0
    words = ["bb", "a", "CCC", "dddd"]
    for i in range(n):
        t += len(sorted(words, key=len, reverse=i % 2 == 0)[0])
        t += max(words, key=len) == "dddd"
        t += min(3, i, 2, key=lambda v: -v)
        t += len(",".join(sorted(words, key=str.lower)))
        t += sum([1, 2, i], start=5)
        t += int("ff", base=16) + int("7")
        t += math.hypot(3, 4) + math.gcd(i, 6)
        t += len("a b c".split(maxsplit=1)) + "abcabc".count("b", 1, 5)
        t += (5).bit_length() + i.bit_length() + (2.5).is_integer() + True.bit_length()
        t += len(dict(a=1, b=i)) + len(str(i)) + divmod(i, 7)[1] + round(2.567, 1)
        append = words.append
        append("x")
        words.pop()
        t += len(list(zip(words, range(2), "ab"))) + ord(chr(97 + i % 5))
        t += isinstance(t, (int, float)) + (type(i) is int) + callable(len)
    return round(t, 3), words


def spread(n):
    t = 0
    for i in range(n):
        args = (i, 2, 3)
        kw = {"sep": "-"}
        t += max(*args) + min(*args, 7)
        t += len("{}{}".format(*args))
        t += len("{a}{b}".format(**{"a": 1, "b": i}))
    return t


def changed_defaults(n):
    def f(a, b=1, *, c=2):
        return a + b + c

    t = 0
    for i in range(n):
        t += f(i)
        if i == n // 2:
            f.__defaults__ = (100,)
        if i == n * 3 // 4:
            f.__kwdefaults__["c"] = 1000
    return t


def wrong_calls(n):
    def f(a, b=1, *, c=2):
        return a + b + c

    fails = []
    for i in range(n):
        try:
            if i % 50 == 10:
                f()
            elif i % 50 == 20:
                f(1, 2, 3)
            elif i % 50 == 30:
                f(1, d=4)
            elif i % 50 == 40:
                f(1, a=4)
            else:
                f(i)
        except TypeError as e:
            fails.append(str(e))
    return len(fails), fails[:4]


def replaced_module_function(n):
    keep = math.floor
    t = 0
    for i in range(n):
        t += math.floor(i + 0.5)
        if i == n // 2:
            math.floor = abs
    math.floor = keep
    return t


print(everything(200))
print(objects(200))
print(closures(150))
print(counters(200))
print(deleted_cell(100))
print(natives(150))
print(spread(200))
print(changed_defaults(400))
print(wrong_calls(300))
print(replaced_module_function(300))


def timed(f):
    calls = [0]

    def wrapper(*args, **kwargs):
        calls[0] += 1
        return f(*args, **kwargs)

    return wrapper, calls


def wrapped(n):
    plain, plain_calls = timed(positional_only)
    objects_too, object_calls = timed(with_defaults)
    t = 0
    for i in range(n):
        t += plain(i % 7, 2)
        t += objects_too(i, 3, "abcd")
        t += positional_only(*(i % 3, 2))
        args = ["x", i]
        t += len(pair(*args)) + len(pair("s", [i])[1])
    return t, plain_calls, object_calls


def pair(a, b):
    return [a, b]


print(wrapped(200))
