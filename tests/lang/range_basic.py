# Ranges: negative steps, indexing, slices, membership, comparison, huge bounds.
for r in (range(5), range(2, 8), range(0, 10, 3), range(10, 0, -2), range(0), range(5, 5), range(5, 0), range(0, 5, -1), range(-3, 3), range(10, -1, -5)):
    print(r, list(r), len(r), bool(r), r[1:] , r[::-1], r[::2], list(reversed(r)), r.start, r.stop, r.step)
r = range(3, 30, 4)
print(r[0], r[-1], r[2], r[1:3], r[-3:], 7 in r, 8 in r, 7.0 in r, "a" in r, r.index(11), r.count(11), r.count(12))
print(range(3) == range(0, 3, 1), range(0) == range(5, 5), range(0, 3, 2) == range(0, 4, 2), range(3) == [0, 1, 2], hash(range(3)) == hash(range(0, 3)))
print(sum(range(101)), max(range(5)), min(range(5, 1, -1)), sorted(range(5, 0, -1)), list(map(str, range(3))), [i for i in range(3) for j in range(i)])
big = range(10 ** 20, 10 ** 20 + 10, 3)
print(big, list(big), len(big), big[1], 10 ** 20 + 3 in big, big[-1])
print(range(2 ** 49 - 2, 2 ** 49 + 2), list(range(2 ** 49 - 2, 2 ** 49 + 2)), list(range(2 ** 63 - 1, 2 ** 63 + 1)), list(range(-2 ** 63 + 1, -2 ** 63 - 2, -1)))
for i in range(2 ** 49 - 3, 2 ** 49 + 3):
    print(i, end=" ")
print()
for i in range(True, 4):
    print(i, end=" ")
print()
for action in (lambda: range(0, 5, 0), lambda: range(1.0), lambda: range("a"), lambda: range(), lambda: range(1, 2, 3, 4), lambda: range(3)[3], lambda: range(3)[-4], lambda: range(3).index(5), lambda: range(3)["a"], lambda: len(range(10 ** 20))):
    try:
        print(action())
    except (ValueError, TypeError, IndexError, OverflowError) as e:
        print(type(e).__name__, e)
for i in range(3):
    i += 10
    print(i, end=" ")
print(i)
for i in range(0):
    pass
print(i)
