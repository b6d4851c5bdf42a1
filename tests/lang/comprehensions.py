# Comprehensions: nesting, conditions, scoping, closures, unpacking targets, side effects.
print([x * x for x in range(6)], [x for x in range(20) if x % 3 == 0], [x if x % 2 else -x for x in range(6)])
print([(x, y) for x in range(3) for y in range(x)], [[i * j for j in range(3)] for i in range(3)], [y for x in [[1, 2], [3]] for y in x])
print({x % 4: x for x in range(10)}, sorted({x % 3 for x in range(10)}), {k: v for k, v in zip("abc", range(3))}, {(a, b): a * b for a in range(2) for b in range(2)})
x = "outer"
print([x for x in range(3)], x)
print([a + b for a, b in [(1, 2), (3, 4)]], [a for a, *b in [(1, 2, 3), (4,)]], [len(b) for a, *b in [(1, 2, 3), (4,)]])
fs = [lambda: i for i in range(3)]
print([f() for f in fs])
n = 3
print([n * m for m in range(n)], [[n for n in range(m)] for m in range(4)], n)


def scope():
    k = 10
    values = [k + j for j in range(3)]
    doubled = [[k * j for j in range(2)] for k in range(2)]
    return values, doubled, k


print(scope())
print([y := 5, y * 2], y, [last := v for v in range(4)], last, [v for v in range(10) if (h := v // 3) == 2], h)
log = []
print([log.append(i) for i in range(3)], log, [i for i in range(5) if not log.append(i)], len(log))
print([c for w in ["ab", "cd"] for c in w if c != "b"], ["%d-%s" % (i, s) for i, s in enumerate("ab")], [i for i in range(5) if i > 1 if i < 4])
m = [[1, 2, 3], [4, 5, 6]]
print([[row[i] for row in m] for i in range(3)], [sum(r) for r in m], [v for r in m for v in r if v % 2 == 0])
try:
    print([1 // i for i in (2, 1, 0)])
except ZeroDivisionError as e:
    print("ZeroDivisionError", e)
try:
    print(i_never_set)
except NameError as e:
    print("NameError", e)
print([i for i in range(3) for i in range(i, 3)], [[]for _ in range(2)], [None for _ in ()], len([0 for _ in range(1000)]))
