# all recorded
# Statements that loops seldom have: del of all kinds, attributes of functions, globals that come and go,
# starred targets, imports, ints of 50 to 64 bits in containers, assert.
import math

made = 0


def deletions(n):
    d = {}
    items = []
    for i in range(n):
        d[i] = d["last"] = i
        items.append(i)
        items.append([i])
        if i > 10:
            del d[i - 5]
        if i % 2:
            del items[0]
        del items[-1:]
        x = i
        del x
    return len(d), len(items), items[0]


def attributes(n):
    def f():
        pass

    f.count = 0
    f.log = []
    for i in range(n):
        f.count += i
        f.log.append(f.count)
        f.tmp = [i]
        del f.tmp
        if i % 100 == 50:
            try:
                f.missing
            except AttributeError as e:
                f.log.append((str(e), e.name))
    return f.count, len(f.log), f.log[51]


def late_attribute_error(n):
    def f():
        pass

    f.there = 1
    total = 0
    try:
        for i in range(n):
            if i == n - 1:
                del f.there
            total += f.there
    except AttributeError as e:
        return total, str(e), e.name


def globals_come_and_go(n):
    global made, fresh
    for i in range(n):
        made += 1
        fresh = [i]
        if i % 3 == 0:
            del fresh
    return made, fresh


def late_name_error(n):
    global fresh
    fresh = 1
    done = 0
    try:
        for i in range(n):
            del fresh
            if i < n - 2:
                fresh = i
            done += 1
    except NameError as e:
        return done, str(e)


def starred(n):
    out = []
    for i in range(n):
        a, *b, c = range(i % 4 + 2)
        *d, e = "xyz"
        f, *g = [i, [i], (i,)]
        out.append((a, b, c, d, e, len(g), f))
        if len(out) > 5:
            del out[0]
    return out


def late_starred_error(n):
    done = 0
    try:
        for i in range(n):
            a, *b, c = [1, 2] if i < n - 1 else [1]
            done += 1
    except ValueError as e:
        return done, str(e)


def imports(n):
    total = 0
    for i in range(n):
        import math as m
        from math import floor, pi
        total += floor(m.sqrt(i) + pi)
    return total


def wide_ints(n):
    out, d, seen = [], {}, set()
    h = 1
    for i in range(n):
        h = (h * 1000003 ^ i) & 0x3FFFFFFFFFFFFFF
        out.append(h)
        d[h % 50] = h
        d[h] = i
        seen.add(h)
        t = (h, -h)
        out[-1] = max(h, t[1])
        if h in seen and h == out[-1] and [h] == [t[0]]:
            out.append(h + h)
    return sum(out), len(d), len(seen), str(h), f"{h}", -h, h * h


def wide_and_small(n):
    total, out = 0, []
    for i in range(n):
        v = i << 44
        out.append(v)
        total += v
    return total, out[-1], out[40], len(out)


def asserted(n):
    total = 0
    for i in range(n):
        assert i >= 0, "negative"
        assert total != -1
        total += i
    try:
        for i in range(n):
            assert i < n - 1, "at %d" % i
    except AssertionError as e:
        return total, str(e)


print(deletions(300))
print(attributes(300))
print(late_attribute_error(300))
print(globals_come_and_go(300))
print(late_name_error(300))
print(starred(300))
print(late_starred_error(300))
print(imports(200))
print(wide_ints(300))
print(wide_and_small(300))
print(asserted(300))
