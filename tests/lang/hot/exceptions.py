# Exceptions raised inside hot loops at various iterations: caught inside, outside, and re-raised.
def zero_division(n, at):
    total = 0
    i = 0
    try:
        for i in range(n):
            total += 1000 // (at - i)
    except ZeroDivisionError as e:
        return "caught %s at %d, total %d" % (e, i, total)
    return "never, total %d" % total


def float_zero(n, at):
    total = 0.0
    x = float(at)
    i = 0
    try:
        for i in range(n):
            total += 1.0 / x
            x -= 1.0
    except ZeroDivisionError as e:
        return "caught %s at %d, total %.6f" % (e, i, total)
    return "never, total %.6f" % total


def modulo_zero(n, at):
    total = 0
    i = 0
    try:
        while i < n:
            total += i % (i - at)
            i += 1
    except ZeroDivisionError as e:
        return "caught %s at %d, total %d" % (e, i, total)
    return total


def index_error(n, size):
    a = list(range(size))
    total = 0
    i = 0
    try:
        for i in range(n):
            total += a[i]
    except IndexError as e:
        return "caught %s at %d, total %d" % (e, i, total)
    return total


def store_error(n, size):
    a = [0] * size
    i = 0
    try:
        while True:
            a[i] = i
            i += 1
    except IndexError as e:
        return "caught %s at %d, sum %d" % (e, i, sum(a))


def inside(n):
    caught = 0
    total = 0
    for i in range(n):
        try:
            total += 100 // (i % 10)
        except ZeroDivisionError:
            caught += 1
    return caught, total


def with_finally(n):
    log = 0
    for i in range(n):
        try:
            if i % 7 == 3:
                continue
            if i == n - 5:
                break
            log += 1
        finally:
            log += 1000
    return log, i


def raising(i):
    if i % 50 == 49:
        raise ValueError(i)
    return i


def from_call(n):
    total = 0
    bad = []
    for i in range(n):
        try:
            total += raising(i)
        except ValueError as e:
            bad.append(e.args[0])
    return total, len(bad), bad[-1]


def out_of_inlined(n):
    total = 0
    try:
        for i in range(n):
            total += helper(i, n)
    except KeyError as e:
        return "KeyError %s, total %d" % (e, total)


def helper(i, n):
    return deeper(i, n) + 1


def deeper(i, n):
    if i == n - 1:
        raise KeyError(i)
    return i


def type_error(n):
    values = [1] * n
    values[n - 2] = "text"
    total = 0
    try:
        for v in values:
            total += v
    except TypeError as e:
        return "%s, total %d" % (e, total)


def key_error(n):
    d = {}
    for i in range(n):
        d[i] = i
    total = 0
    try:
        i = 0
        while True:
            total += d[i]
            i += 1
    except KeyError as e:
        return "KeyError %s total %d" % (e, total)


def unbound_in_loop(n):
    try:
        for i in range(n):
            if i == n - 1:
                del late
            else:
                late = i
        return late
    except UnboundLocalError as e:
        return str(e)


def nested_handlers(n):
    out = [0, 0, 0]
    for i in range(n):
        try:
            try:
                if i % 3 == 0:
                    raise KeyError(i)
                if i % 3 == 1:
                    raise IndexError(i)
                out[2] += 1
            except KeyError:
                out[0] += 1
                raise ValueError(i)
        except (IndexError, ValueError) as e:
            out[1] += 1
    return out


for at in (0, 1, 5, 100, 1021, 1999, 5000):
    print(zero_division(2000, at), "|", float_zero(2000, at), "|", modulo_zero(2000, at))
for size in (0, 1, 10, 999, 1999, 2000):
    print(index_error(2000, size), "|", store_error(2000, size))
print(inside(2000), with_finally(2000), from_call(2000), out_of_inlined(2000), type_error(2000), key_error(1500))
print(unbound_in_loop(2000), nested_handlers(1500))
