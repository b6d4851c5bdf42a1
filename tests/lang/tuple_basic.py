# Tuples: displays, slices, comparison, hash, packing, methods, errors.
t = (1, "a", 2.5)
print(t, t[0], t[-1], t[1:], t[::-1], len(t), t + (4,), t * 2, (1,), (), ((),), 1 in t, "z" in t, tuple(), tuple([1, 2]), tuple("ab"))
a = 1, 2, 3
b = 1,
print(a, b, a == (1, 2, 3), a < (1, 2, 4), a < (1, 2), (1, 2) < (1, 2, 0), () < (0,), (1, "a") == (1, "a"), a is a, a != b)
print(hash((1, 2)) == hash((1, 2)), {(1, 2): "x"}[(1, 2)], (1, 2, 1).count(1), (1, 2, 1).index(2), max((1, 5, 3)), sorted((3, 1, 2)))
x, y = 1, 2
x, y = y, x
print(x, y)
(p, q), r = (1, 2), 3
print(p, q, r, (*a, *b), (1, *[2, 3], 4), [*a], {*b})
print((None, True, [1, (2,)]), str((1,)), repr(("a", 'b')), bool(()), bool((0,)))
for action in (lambda: t[5], lambda: t["a"], lambda: t + [1], lambda: (1,).index(2), lambda: hash(([],)), lambda: (1, 2) < (1, "a"), lambda: t.append(1)):
    try:
        print(action())
    except (IndexError, TypeError, ValueError, AttributeError) as e:
        print(type(e).__name__, e)
try:
    t[0] = 5
except TypeError as e:
    print("TypeError", e)
try:
    del t[0]
except TypeError as e:
    print("TypeError", e)
