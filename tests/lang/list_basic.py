# Lists: indexing, slices (read, write, delete), concatenation, comparison, repr, errors.
a = [1, 2, 3, 4, 5]
print(a, a[0], a[-1], a[1:3], a[:2], a[3:], a[::2], a[::-1], a[4:1:-1], a[-3:-1], a[10:], a[:], a[5:2], len(a))
a[0] = 10
a[-1] = 50
print(a, 10 in a, 99 in a, 99 not in a, a + [6], [0] + a, a * 2, 2 * [1, 2], [] * 5, [1] * -1)
a[1:3] = [20, 30, 40]
print(a)
a[1:1] = [11, 12]
print(a)
a[2:5] = []
print(a)
a[::2] = ["x"] * len(a[::2])
print(a)
del a[0]
print(a)
del a[-1], a[0]
print(a)
b = list(range(10))
del b[2:5]
print(b)
del b[::2]
print(b)
b[:] = "abc"
print(b)
b += [1]
b += "xy"
b += (2, 3)
b *= 2
print(b, len(b))
c = b
c.append("same")
print(b is c, b == c, b[-1], [1, 2] == [1, 2], [1, 2] is [1, 2], [1, 2] < [1, 3], [1] < [1, 0], [] < [0], [2] > [1, 9], [1, 2] <= [1, 2], [1, "a"] == [1.0, "a"])
nested = [[1, 2], [3, [4, 5]], []]
print(nested, nested[1][1][0], len(nested), str(nested), [None, True, 1.5, "s", (1,), {}])
nested.append(nested)
print(nested)
one = [1]
for action in (lambda: [][0], lambda: [1][1], lambda: [1][-2], lambda: one["a"], lambda: [1] + (2,), lambda: [1] * "a", lambda: [1] < ["a"], lambda: one[1.0], lambda: [1, 2][::0]):
    try:
        print(action())
    except (IndexError, TypeError, ValueError) as e:
        print(type(e).__name__, e)
d = [1, 2, 3]
try:
    d[5] = 1
except IndexError as e:
    print("IndexError", e)
try:
    del d[5]
except IndexError as e:
    print("IndexError", e)
try:
    d[::2] = [1, 2, 3]
except ValueError as e:
    print("ValueError", e)
try:
    d[0:1] = 5
except TypeError as e:
    print("TypeError", e)
print(d, list(), list([1]), list((1, 2)), list("ab"), list(range(3)), list({1: 2}), [*d, *"ab"], bool([]), bool([0]))
