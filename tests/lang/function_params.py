# Parameters of all kinds, defaults, and the errors of wrong calls.
def plain(a, b, c):
    return (a, b, c)


def defaults(a, b=2, c="three"):
    return (a, b, c)


def star(a, *args):
    return (a, args)


def kw(a, **kwargs):
    return (a, kwargs)


def everything(a, /, b, c=3, *args, d, e=5, **kwargs):
    return (a, b, c, args, d, e, kwargs)


def keyword_only(*, x, y=2):
    return (x, y)


def positional_only(a, b=2, /):
    return (a, b)


def nothing():
    pass


print(plain(1, 2, 3), plain(1, c=3, b=2), plain(*[1, 2, 3]), plain(**{"a": 1, "b": 2, "c": 3}), plain(1, *(2,), **{"c": 3}))
print(defaults(1), defaults(1, 5), defaults(1, c=7), defaults(b=1, a=0))
print(star(1), star(1, 2, 3), star(*"abc"), kw(1), kw(1, x=2, y=3), kw(a=1, b=2), kw(1, **{"z": 26}))
print(everything(1, 2, d=4), everything(1, 2, 3, 4, 5, d=6, e=7, f=8), everything(1, b=2, d=4, a=9), everything(*[1, 2], *[3, 4], d=0, **{"g": 1}, h=2))
print(keyword_only(x=1), keyword_only(y=5, x=4), positional_only(1), positional_only(1, 3), nothing())
five, none, text, empty = 5, None, "s", []
calls = [
    lambda: plain(), lambda: plain(1), lambda: plain(1, 2), lambda: plain(1, 2, 3, 4), lambda: plain(1, 2, 3, d=4),
    lambda: plain(1, 2, b=2, c=3), lambda: plain(1, a=1, b=2, c=3), lambda: defaults(), lambda: defaults(1, 2, 3, 4), lambda: star(),
    lambda: keyword_only(), lambda: keyword_only(1), lambda: keyword_only(1, x=2), lambda: positional_only(a=1),
    lambda: positional_only(), lambda: nothing(1), lambda: nothing(x=1), lambda: everything(1), lambda: everything(1, 2),
    lambda: plain(*1), lambda: plain(**1), lambda: plain(**{1: 2}), lambda: kw(1, **{"a": 2}), lambda: kw(1, x=1, **{"x": 2}), lambda: five(), lambda: none(1),
    lambda: text(), lambda: empty(0),
]
for call in calls:
    try:
        print(call())
    except TypeError as e:
        print("TypeError", e)


def mutable(item, bag=[]):
    bag.append(item)
    return bag


print(mutable(1), mutable(2), mutable(3, []), mutable(4))
n = 10


def late(x=n):
    return x


n = 20
print(late(), late.__name__, (lambda a, b=2, *c, d=4: (a, b, c, d))(1), (lambda: None)(), (lambda *a, **k: (a, k))(1, b=2))
def annotated(a: int, b: "text" = 5) -> None:
    "docstring"
    return a


print(annotated(3), annotated.__name__, (lambda x: x).__name__)
