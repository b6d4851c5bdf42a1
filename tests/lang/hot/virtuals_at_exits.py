# all recorded
# Tuples and cells that a trace never makes are there when a side trace grows from where it left.
def by_case(i, v):
    p = (i, v, "s")
    if i % 3 == 0:
        return p[0] + len(p[2])
    if i % 3 == 1:
        a, b, c = p
        return a + len(b) + len(c)
    return kept(p)


def kept(p):
    global last
    last = p
    return len(p)


def shared(i, v):
    p = (v, i)
    q = p
    if i % 4 == 0:
        return q[1]
    if i % 4 == 1:
        return len(p[0]) + len(q)
    r = [p, q]
    return len(r) + (r[0] is r[1])


def cells(i, v):
    x = v

    def get():
        return x

    if i % 3 == 0:
        return len(get())
    if i % 3 == 1:
        x = [i, i, i]
        return len(get())
    keep = get
    return len(keep()) + i


def borrowed(i, items):
    p = (items[i % 3], items[0], i)
    if i % 5 == 0:
        items[i % 3] = [i]
        return len(p[0]) + len(p[1])
    if i % 5 == 1:
        items[0] = [i, i]
        return kept(p)
    return p[2]


def numbers(i, x):
    p = (i << 40, x * 0.5, i & 1 == 0, None)
    if i % 3 == 0:
        return p[0]
    if i % 3 == 1:
        return p[1]
    return kept(p) + p[2]


def run(f, n, v):
    total = 0
    for i in range(n):
        total += f(i, v)
    return total


v = ["a", "b"]
for f in by_case, shared, cells:
    print(run(f, 300, v))
print(last, v)
items = [[1], [2, 2], [3, 3, 3]]
print(run(borrowed, 300, items), items, last)
print(run(numbers, 300, 3), last)
