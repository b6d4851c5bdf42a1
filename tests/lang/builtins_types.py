# type, isinstance, conversions between containers, repr and str of all kinds of values.
for v in (1, 1.5, "s", True, None, [1], (1,), {1: 2}, {1}, range(3), 2 ** 70, len, print, ValueError("x"), frozenset([1]), slice(1, 2)):
    print(type(v), type(v).__name__)
print(type(lambda: 0), type(type), type(int), int, str, ValueError, type(None), type(iter([])), type({}.keys()))
print(isinstance(1, int), isinstance(True, int), isinstance(1, bool), isinstance(1.0, int), isinstance("a", (int, str)), isinstance([], list), isinstance(None, type(None)), isinstance(int, type), isinstance(1, object), isinstance(2 ** 70, int))
print(issubclass(bool, int), issubclass(int, object), issubclass(int, (str, float)), type(1) == int, type(1) is int, type(True) is int, type("a") == type("b"))
print(list((1, 2)), tuple([1, 2]), set([1, 1]), dict([("a", 1)]), str(1.5), int("5"), float("2.5"), bool("x"), list({"a": 1}), list("ab"), str([1, "a", None]), repr("q"), list(range(2)), tuple({1: 2}), str((1,)), str({1: "a"}), str({1}))
print(repr(None), repr(True), str(...), repr(NotImplemented), len, [len], slice(1, 2, 3), str(range(0, 5, 2)), repr(ValueError("x", 1)), [ValueError("in list")])
print(ascii("\u20ac a\n"), repr([float("nan"), -0.0, 1e100]), {"k": [1, {"n": (1,)}]}, [[], [[]]], ((),), {(): []})
print([1, 2, 3][slice(1, None)], slice(1, 5).indices(3), slice(None), slice(5).stop, "abcdef"[slice(0, 6, 2)])
for action in (lambda: isinstance(1, 5), lambda: int([]), lambda: list(1), lambda: tuple(1.5), lambda: dict(1), lambda: set(1), lambda: float([]), lambda: str(1, 2, 3, 4), lambda: bool(1, 2), lambda: issubclass(1, int), lambda: type(1, 2)):
    try:
        print(action())
    except TypeError as e:
        print("TypeError", e)
