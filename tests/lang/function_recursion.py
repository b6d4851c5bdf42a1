# Recursion: mutual, deep, through builtins, and RecursionError at the limit.
import sys


def even(n):
    return True if n == 0 else odd(n - 1)


def odd(n):
    return False if n == 0 else even(n - 1)


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


def hanoi(n, a, b, c):
    return 0 if n == 0 else hanoi(n - 1, a, c, b) + 1 + hanoi(n - 1, c, b, a)


def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


def flatten(x):
    out = []
    for v in x:
        if isinstance(v, list):
            out.extend(flatten(v))
        else:
            out.append(v)
    return out


def endless(n):
    return endless(n + 1) + 1


def permutations(items):
    if len(items) <= 1:
        return [items]
    return [[items[i]] + rest for i in range(len(items)) for rest in permutations(items[:i] + items[i + 1:])]


print(even(100), odd(100), even(501), ackermann(2, 9), hanoi(10, "a", "b", "c"), depth(800))
print(flatten([1, [2, [3, [4]], 5], [], [[6]]]), permutations([1, 2, 3]))
for _ in range(5):
    try:
        endless(0)
        print("no limit")
    except RecursionError as e:
        print("RecursionError", e)
print(depth(900), sys.getrecursionlimit())


def by_sort(n):
    if n == 0:
        return [0]
    return sorted([n, n - 1], key=lambda v: by_sort(n - 1)[0] + v)


print(by_sort(8))
def catch_deep(n):
    try:
        return catch_deep(n + 1)
    except RecursionError:
        return n > 500


print(catch_deep(0))
