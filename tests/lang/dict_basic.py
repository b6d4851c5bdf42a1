# Dicts: order, lookup, mutation, keys that are equal across types, views, errors.
d = {"a": 1, "b": 2, 3: "three", (1, 2): "tuple", None: 0, 1.5: "f"}
print(d, d["a"], d[3], d[(1, 2)], d[None], len(d), "a" in d, "z" in d, "z" not in d, bool({}), {})
d["c"] = 3
d["a"] = 100
del d["b"]
d["b"] = "again"
print(d, list(d), list(d.keys()), list(d.values()), list(d.items()))
print(d.get("a"), d.get("zz"), d.get("zz", 5), d.setdefault("a", 7), d.setdefault("new", 7), d.pop("new"), d.pop("nope", "default"), d.popitem(), d)
e = {1: "int", 1.0: "float", True: "bool"}
print(e, e[1], {0: "a", False: "b"}, {2 ** 70: 1}[2 ** 70], {-1: "m1", -2: "m2"}[-2], {0.5: 1}[1 / 2])
d2 = {"x": 1}
d2.update({"y": 2, "x": 3})
d2.update(z=4)
d2.update([("k", 5), ("l", 6)])
print(d2, d2 | {"x": 0, "n": 1}, {**d2, "y": 9}, d2 == dict(d2), d2 != {}, d2.copy() is d2)
d2 |= {"q": 8}
print(d2, dict(), dict(a=1, b=2), dict([(1, 2), (3, 4)]), dict({"a": 1}, b=3), dict.fromkeys("abc", 0), dict.fromkeys([1, 2]))
for k in d2:
    print(k, end=" ")
for k, v in d2.items():
    print(k, v, end=";")
print()
print({k: v * 2 for k, v in d2.items() if v > 2}, {i: i * i for i in range(5)}, {c: ord(c) for c in "abc"})
print(d2.keys(), d2.values(), d2.items(), sorted(d2), max(d2), "x" in d2.keys(), 3 in d2.values(), ("x", 3) in d2.items(), len(d2.items()), list(reversed(d2)))
print({1: 2} == {1.0: 2.0}, {1: 2, 3: 4} == {3: 4, 1: 2}, {1: [1]} == {1: [1]}, d2.keys() == {"x", "y", "z", "k", "l", "q"}, d2.keys() & {"x", "nope"})
for action in (lambda: {}["a"], lambda: {}[1.5], lambda: {}[(1, 2)], lambda: {}.pop("a"), lambda: {}.popitem(), lambda: {[]: 1}, lambda: {}[{}], lambda: dict(5), lambda: dict([1]), lambda: {} < {}, lambda: {}.foo, lambda: dict([(1, 2, 3)])):
    try:
        print(action())
    except (KeyError, TypeError, AttributeError, ValueError) as err:
        print(type(err).__name__, err)
try:
    del d["nothing"]
except KeyError as err:
    print("KeyError", err, err.args)
big = {}
for i in range(2000):
    big[i * 37 % 2003] = i
for i in range(0, 2000, 3):
    big.pop(i * 37 % 2003)
print(len(big), sum(big.values()), sum(big.keys()), list(big)[:5], list(big.items())[-3:])
try:
    for k in big:
        big[k + 100000] = 1
except RuntimeError as err:
    print("RuntimeError", err)
big.clear()
print(big, len(big))
d3 = {}
d3["self"] = d3
print(d3)
counts = {}
for word in "the cat and the dog and the bird".split():
    counts[word] = counts.get(word, 0) + 1
print(counts, sorted(counts.items(), key=lambda kv: (-kv[1], kv[0])))
