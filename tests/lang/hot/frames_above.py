# A loop in a function that a traced loop calls: Python that natives call back gets frames above its own.
def shown(v):
    return repr(v)


def many(a, b=1, *r, k=2, **n):
    return (a, b, r, k)


def inner(n):
    a, b, c, d, e = 1, "b", [1], (1, 2), 2.5
    acc = []
    out = []

    def tail():
        return acc[-1:]

    for i in range(n):
        try:
            a = many((True & a), b={d: 1})
        except TypeError as ex:
            if i % 40 == 0:
                out.append(str(ex)[:50])
        for v in (a, b, c, d, e):
            if isinstance(v, (list, tuple, str)) and len(v) > 12 or isinstance(v, int):
                a, b, c, d, e = 1, "b", [i], (i, 2), 2.5
        if "none" in map(shown, (a, b, c, d, e)):
            a = 1
        if i % 23 == 0:
            out.append((i, shown(a), shown(b), shown(c), shown(tail())))
    return out


for q in range(3):
    for line in inner(150):
        print(line)
