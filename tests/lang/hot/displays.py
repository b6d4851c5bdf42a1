# all recorded
# Displays, formatted strings, unpacking, calls of natives, constants that loops carry.
def displays(n):
    t = 0
    for i in range(n):
        d = {"a": i, i: 2, "x": {i}}
        s = {i, 1, 2, "q"}
        t += len(d) + len(s)
        x = [*s, *d, 3]
        y = (*x, i)
        z = {**d, "w": 1}
        w = {*x, *d}
        t += len(x) + len(y) + len(z) + len(w)
        u = f"{i}:{t!r:>10}|{i / 4}|{'abc'!s}|{d['a']:03d}|{i:>{5}}"
        t += len(u)
        l = [k * 2 for k in range(5)]
        m = {k: str(k) for k in "abc"}
        q = {k for k in (1, 2, i)}
        t += len(l) + len(m) + len(q)
        t += max(i, 3, 4) + max(1, 2, t % 3, i, 5)
        t += len("abcabc".replace("a", "x", 1))
        t += len("a,b".split(",")) + len(",".join(m))
        r = sorted([3, 1, i])[0]
        t += r
        e = str(i) + repr(s)[:2]
        b = list(range(3)); c = tuple(b); g = set(c); h = dict(m)
        t += len(b) + len(c) + len(g) + len(h) + len(e)
        t += isinstance(i, (int, str)) + isinstance(e, int)
    return t


def unpacked(n):
    t = 0
    for i in range(n):
        a, b, c = "x", [i], (i, "y")
        d, (e, g) = b, c
        t += len(a) + d[0] + e + len(g)
        l = [a, b, c, "k", i, 2.5]
        tt = (a, b, "z", a, b)
        t += len(l) + len(tt)
        p, q = q2(i)
        t += len(p) + len(q)
        x, y, z = str(i % 10) + "ab"
        t += len(x + y + z)
    return t
def q2(i):
    return "ab", [i] * 3
def carried(n):
    s = "a"
    k = "b"
    out = []
    for i in range(n):
        k = s
        s = "even" if i % 2 == 0 else "odd"
        if i % 50 == 0:
            out.append(k + s)
        s2 = "const"
    return out, s, k, s2
print(displays(300))
print(unpacked(300))
print(carried(500))
