# stack: 768
# Without a limit of its own Python is bounded by the C stack, however small: no crash.
import sys

sys.setrecursionlimit(10**9)


def outcome(action):
    try:
        action()
    except RecursionError as e:
        return str(e)[:32]
    return "no error"


def warm(x):
    for i in range(70):
        x += i
    return x


def by_sort(x=0):
    warm(x)
    [1, 2].sort(key=by_sort)


def by_map(x=0):
    warm(x)
    list(map(by_map, [1]))


def by_max(x=0):
    max([1], key=by_max)


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


for f in by_sort, by_map, by_max:
    print(f.__name__, outcome(f))
for make in wrap_list, wrap_tuple, wrap_dict:
    a, b = nest(make, 60000), nest(make, 60000)
    print(make.__name__)
    print(outcome(lambda: repr(a)), outcome(lambda: a == b), outcome(lambda: f"{a}"))
a = nest(wrap_tuple, 60000)
print(outcome(lambda: hash(a)))
print(outcome(lambda: {a: 1}))

# Chains of iterators ask each other.
for make in (
    lambda it: map(abs, it),
    lambda it: filter(None, it),
    lambda it: zip(it),
    lambda it: enumerate(it),
):
    it = iter([1] * 10)
    for _ in range(60000):
        it = make(it)
    print(outcome(lambda: next(it)))

# A recursion of Python alone needs no C stack.
def deep(n):
    return 0 if n == 0 else deep(n - 1) + 1


print(deep(100000))
