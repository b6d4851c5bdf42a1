# Assignment to targets of all kinds; star targets; order of evaluation; errors.
a, b, c = 1, 2, 3
print(a, b, c)
a, *b = [1, 2, 3]
print(a, b)
*a, b = "xyz"
print(a, b)
a, *b, c = range(5)
print(a, b, c)
a, *b, c = 1, 2
print(a, b, c)
(a, b), [c, d], e = (1, 2), [3, 4], 5
print(a, b, c, d, e)
a, (b, *c), *d = 1, (2, 3, 4), 5, 6
print(a, b, c, d)
x = y = z = []
x.append(1)
print(y, z, x is z)
lst = [0] * 5
i = 0
i, lst[i] = 2, "two"
print(i, lst)
lst[0], lst[1] = lst[1], lst[0]
print(lst)
d = {}
d["a"], d["b"] = 1, 2
[d["c"], lst[2]] = "pq"
print(d, lst)
*a, = (1, 2)
print(a)
[a] = [5]
print(a)
() = []
a, b = {"k1": 1, "k2": 2}
print(a, b)
first, second = "ab"
print(first, second)
log = []


def note(v):
    log.append(v)
    return v


lst[note(0)], lst[note(1)] = note("x"), note("y")
print(log, lst)
for action in ("2:1", "2:3", "2:0", "star", "none", "int"):
    try:
        if action == "2:1":
            a, b = [1]
        elif action == "2:3":
            a, b = [1, 2, 3]
        elif action == "2:0":
            a, b = ()
        elif action == "star":
            a, *b, c = [1]
        elif action == "none":
            a, b = None
        else:
            a, b = 5
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)
try:
    a, b = "abc"
except ValueError as e:
    print("ValueError", e)
try:
    a, b = {1, 2, 3}
except ValueError as e:
    print("ValueError", e)
print([*range(3), *"ab"], (*[1], 2), {**{"a": 1}, **{"b": 2}}, max(*[1, 5, 3]), print(*[1, 2], sep="-"))
x: int = 5
y: list
print(x)
(z) = 3
print(z)
