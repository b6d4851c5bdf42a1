# enumerate, zip, map, filter, reversed, iter, next, sorted: laziness, ends, errors.
print(list(enumerate("abc")), list(enumerate([1, 2], 10)), list(enumerate([], start=5)), list(zip([1, 2, 3], "ab")), list(zip()), list(zip([1])), list(zip("ab", "cd", "ef")))
print(list(map(str, [1, 2])), list(map(lambda a, b: a + b, [1, 2, 3], [10, 20])), list(filter(None, [0, 1, "", "a"])), list(filter(lambda x: x > 1, [1, 2, 3])), list(reversed([1, 2, 3])), list(reversed("abc")), list(reversed((1, 2))))
it = iter([1, 2, 3])
print(next(it), next(it), next(it), next(it, "end"), next(it, None))
it = iter("ab")
print(list(it), list(it))
it = iter(range(10))
print(next(it), next(it), sum(it), list(it))
z = zip(range(3), range(3))
print(next(z), list(z), iter(it) is it)
m = map(lambda x: print("called", x) or x, [1, 2])
print("before")
print(next(m), list(m))
e = enumerate("xy")
for i, c in e:
    print(i, c)
for a, b in zip([1, 2], [3, 4]):
    print(a * b, end=" ")
for i, (a, b) in enumerate(zip("ab", "cd")):
    print(i, a, b, end=" ")
print()
print(sorted(map(abs, [-3, 1, -2])), max(map(len, ["a", "bb"])), "".join(map(chr, [97, 98])), dict(zip("ab", [1, 2])), tuple(map(int, "123")), set(map(bool, [1, 2])), any(map(bool, [0])))
print(sum(map(lambda x: x * x, filter(lambda x: x % 2, range(10)))), list(map(max, [1, 5], [3, 2])), list(zip(*[(1, 2), (3, 4)])))
d = iter({"a": 1}.items())
print(next(d), 2 in iter([1, 2]), [*map(str, range(3))], list(enumerate(reversed([1, 2]))))
print(list(iter(lambda s=[3]: s.append(s[-1] - 1) or s[-1], 0)))
for action in (lambda: next(iter([])), lambda: next(5), lambda: iter(5), lambda: list(5), lambda: list(zip(5)), lambda: map(str), lambda: list(map(5, [1])), lambda: reversed(5), lambda: enumerate(), lambda: list(filter(5, [1])), lambda: list(map(lambda x: 1 // x, [1, 0])), lambda: reversed({1}), lambda: list(zip([1], [1, 2], strict=True))):
    try:
        print(action())
    except (StopIteration, TypeError, ValueError, ZeroDivisionError) as e:
        print(type(e).__name__, e)

# Lengths and indices beyond an index.
HUGE = 10**30


def overflow(f):
    try:
        return f()
    except (OverflowError, IndexError) as e:
        return type(e).__name__, str(e)


print(overflow(lambda: list(range(HUGE))))
print(overflow(lambda: tuple(range(HUGE))))
print(overflow(lambda: [].extend(range(-HUGE, HUGE))))
print(overflow(lambda: [].insert(HUGE, 1)))
print(overflow(lambda: [1].pop(-HUGE)))
print(overflow(lambda: "a".center(HUGE)))
print(overflow(lambda: "a".split(None, HUGE)))
print(overflow(lambda: "a".replace("a", "b", HUGE)))
print(overflow(lambda: [1] * HUGE))
print(overflow(lambda: [1][HUGE]))
print(overflow(lambda: "a" * -HUGE))
