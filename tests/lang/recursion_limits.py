# Python frames and levels of C share one limit; whichever is met first, it is a RecursionError.
import sys


def outcome(action):
    try:
        action()
    except RecursionError as e:
        return str(e)
    return "no error"


calls = 0


def direct(x=0):
    global calls
    calls += 1
    direct(x)


def by_keyword(x=0):
    global calls
    calls += 1
    by_keyword(x=x)


def by_star(*x):
    global calls
    calls += 1
    by_star(*x)


def by_sort(x=0):
    global calls
    calls += 1
    [1, 2].sort(key=by_sort)


def by_max(x=0):
    global calls
    calls += 1
    max([1], key=by_max)


def by_map(x=0):
    global calls
    calls += 1
    list(map(by_map, [1]))


def by_filter(x=0):
    global calls
    calls += 1
    for _ in filter(by_filter, [1]):
        pass


def by_unpacking(x=0):
    global calls
    calls += 1
    a, b = map(by_unpacking, [1])


def by_iter(x=0):
    global calls
    calls += 1
    for _ in iter(by_iter, 1):
        pass


for f in direct, by_keyword, by_star, by_sort, by_max, by_map, by_filter, by_unpacking, by_iter:
    calls = 0
    print(f.__name__, outcome(f), calls)


def by_sorted(x):
    return sorted([1, 2], key=by_sorted)


print(outcome(lambda: by_sorted(1))[:32])


def nest(make, depth):
    v = make(None)
    for _ in range(depth):
        v = make(v)
    return v


def wrap_list(v):
    return [v]


def wrap_tuple(v):
    return (v,)


def wrap_dict(v):
    return {1: v}


DEEP = 20000
for make in wrap_list, wrap_tuple, wrap_dict:
    a, b = nest(make, DEEP), nest(make, DEEP)
    print(make.__name__)
    print(outcome(lambda: repr(a)))
    print(outcome(lambda: str(a)))
    print(outcome(lambda: f"{a}"))
    print(outcome(lambda: "%s" % [a]))
    print(outcome(lambda: "{}".format(a)))
    print(outcome(lambda: a == b))
    print(outcome(lambda: a != b))
    print(outcome(lambda: a in [b]))
    print(outcome(lambda: [a].index(b)))
    print(outcome(lambda: print(a)))
    if make is not wrap_dict:
        print(outcome(lambda: a < b))
    print(len(a), len(b))
    print(outcome(lambda: repr(nest(make, 500))), outcome(lambda: nest(make, 500) == nest(make, 500)))

s = t = frozenset()
for _ in range(DEEP):
    s, t = frozenset([s]), frozenset([t])
print(outcome(lambda: repr(s)))

types = int
for _ in range(DEEP):
    types = (types,)
print(outcome(lambda: isinstance("", types)))
print(outcome(lambda: issubclass(str, types)))

# What is deep is freed without recursion, also when its last reference is an exception's.
e = None
for i in range(DEEP):
    n = ValueError(i)
    n.__context__ = e
    e = n
e = n = None


def low(n):
    if n > 0:
        return low(n - 1)
    try:
        sys.setrecursionlimit(50)
    except RecursionError as e:
        print(e)


low(90)
try:
    sys.setrecursionlimit(0)
except ValueError as e:
    print(e)


def depth(n=1):
    try:
        return depth(n + 1)
    except RecursionError:
        return n


print(depth())
sys.setrecursionlimit(300)
print(depth(), sys.getrecursionlimit())


sys.setrecursionlimit(5000)
print(depth())
