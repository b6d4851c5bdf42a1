# sum, min, max, abs, divmod, pow, round, any, all, len: arguments, keys, defaults, errors.
print(sum([]), sum([1, 2, 3]), sum([1, 2.5]), sum((1, 2), 10), sum([[1], [2]], []), sum(range(10)), sum([0.1] * 10), sum({1: 0, 2: 0}), sum([True, True]), sum([2 ** 70, 1]), sum([1.5, 2 ** 70]), sum([1], start=5))
print(min(3, 1, 2), max(3, 1, 2), min([3, 1, 2]), max("abc"), min((1.5, 1)), max([], default="none"), min([1, -2], key=abs), max(["a", "bbb", "cc"], key=len), max(1, 2.5, key=lambda v: -v), min("b", "a"), max([1, 1.0]), max({1: 9, 5: 0}))
print(abs(-5), abs(5.5), abs(-0.0), abs(True), divmod(17, 5), divmod(-17, 5), divmod(17, -5), divmod(17.5, 5), pow(2, 10), pow(2, 10, 1000), pow(2.0, 3))
print(any([]), all([]), any([0, "", 1]), all([1, "a", 0]), any(range(3)), all(range(1, 3)), len(""), len([1]), len({}), len(range(7)), len((1, 2)), len({1}))
print(ord("x"), chr(120), hex(10), oct(10), bin(10), bool(1), callable(len), callable(5), callable(lambda: 0), id(5) == id(5), hash(5), hash(5.0), hash(True), hash(-1) == hash(-2), hash(0.5) == hash(0.5))
for action in (lambda: sum(5), lambda: sum(["a"]), lambda: sum(["a"], ""), lambda: min([]), lambda: max(5), lambda: max(), lambda: min(1, "a"), lambda: abs("a"), lambda: divmod(1, 0), lambda: len(5), lambda: ord("ab"), lambda: ord(5), lambda: chr(-1), lambda: chr(1114112), lambda: hex("a"), lambda: pow(2, "a"), lambda: any(5), lambda: len(), lambda: len(1, 2), lambda: max([1], default=1, foo=2), lambda: round("a"), lambda: bin(1.5), lambda: max(1, 2, default=3), lambda: hash([])):
    try:
        print(action())
    except (TypeError, ValueError, ZeroDivisionError, OverflowError) as e:
        print(type(e).__name__, e)
