# Sets: displays, operators, methods, membership, frozenset. Shown sorted: their order is nobody's.
s = {3, 1, 2, 3}
print(sorted(s), len(s), 1 in s, 9 in s, set(), sorted(set("hello")), sorted(set([1, 1.0, True, 2])), bool(set()), {5}, {"a"}, frozenset(), frozenset([7]))
s.add(4)
s.add(4)
s.discard(1)
s.discard(99)
s.remove(2)
print(sorted(s))
a = {1, 2, 3, 4}
b = {3, 4, 5}
print(sorted(a | b), sorted(a & b), sorted(a - b), sorted(a ^ b), a < b, {3} < b, {3, 4, 5} <= b, a >= {1}, a == {4, 3, 2, 1}, a != b, a.isdisjoint({9}), a.issubset(b), a.issuperset({1}))
print(sorted(a.union([7, 8])), sorted(a.intersection(b, [3])), sorted(a.difference([1])), sorted(a.symmetric_difference(b)))
c = a.copy()
c |= {10}
c &= {1, 10, 2}
c -= {2}
c ^= {1, 11}
print(sorted(c))
c.update([5, 6], (7,))
c.intersection_update({5, 6, 11})
c.difference_update([6])
print(sorted(c), sorted({x % 3 for x in range(10)}), sorted({*a, *b}))
c.clear()
print(c, len(c))
f = frozenset([1, 2])
print({f: "x"}[frozenset([2, 1])], f == {1, 2}, sorted(f | {3}), hash(f) == hash(frozenset([2, 1])), f in {f})
p = {42}
print(p.pop(), p)
for action in (lambda: set().pop(), lambda: {1}.remove(2), lambda: {[]}, lambda: {1} + {2}, lambda: set(5), lambda: s[0], lambda: f.add(1), lambda: {1} | [2], lambda: hash({1}), lambda: {{}}):
    try:
        print(action())
    except (KeyError, TypeError, AttributeError) as err:
        print(type(err).__name__, err)
big = set()
for i in range(3000):
    big.add(i * 7 % 1009)
for i in range(0, 1009, 2):
    big.discard(i)
print(len(big), sum(big), 1 in big, 2 in big, min(big), max(big))
total = 0
for v in {10, 20, 30}:
    total += v
print(total)
try:
    for v in big:
        big.add(v + 100000)
except RuntimeError as err:
    print("RuntimeError", err)
