# Functions whose traces are called by traces: recursion of several shapes, with all kinds of values.
import sys


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def is_even(n):
    return True if n == 0 else is_odd(n - 1)


def is_odd(n):
    return False if n == 0 else is_even(n - 1)


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


def tree(depth, label):
    if depth == 0:
        return (label, None, None)
    return (label, tree(depth - 1, label + "l"), tree(depth - 1, label + "r"))


def walk(node, seen):
    if node is None:
        return 0
    label, left, right = node
    seen.append(label)
    return 1 + walk(left, seen) + walk(right, seen)


def name_of(n):
    if n == 0:
        return "zero"
    return "s" + name_of(n - 1)


def constant(n):
    if n > 0:
        constant(n - 1)
        return "a constant"
    return None


def many(a, b, c, d, e, f):
    if a == 0:
        return [a, b, c, d, e, f]
    return many(a - 1, c, b + 1.5, e, d, [f])


def hanoi(n, a, b, c, moves):
    if n > 0:
        hanoi(n - 1, a, c, b, moves)
        moves.append(a + c)
        hanoi(n - 1, b, a, c, moves)


def big(n):
    if n == 0:
        return 1
    return n * big(n - 1)


def types(n, x):
    if n == 0:
        return x
    if n % 3 == 0:
        return types(n - 1, x + 1.5)
    if n % 7 == 0:
        return types(n - 1, str(x))[:12] + "!"
    return types(n - 1, x)


def permutations(items, at, out):
    if at == len(items):
        out.append(tuple(items))
        return
    for i in range(at, len(items)):
        items[at], items[i] = items[i], items[at]
        permutations(items, at + 1, out)
        items[at], items[i] = items[i], items[at]


def gcd(a, b):
    return a if b == 0 else gcd(b, a % b)


print(fib(19), [fib(i) for i in range(12)])
print(is_even(300), is_odd(301), is_even(77))
print(ackermann(2, 30), ackermann(2, 3))
seen = []
print(walk(tree(7, "t"), seen), seen[-1], len(seen))
print(len(name_of(200)), name_of(3))
print(constant(100), constant(0))
print(many(40, 1, 2.0, "c", None, 5)[:5])
moves = []
hanoi(9, "A", "B", "C", moves)
print(len(moves), moves[:5], moves[-1])
print(big(60), big(5))
total = 0
for k in range(60):
    try:
        total += len(repr(types(k, k)))
    except TypeError as error:
        total += len(str(error))
print(total)
out = []
permutations([1, 2, 3, 4, 5], 0, out)
print(len(out), out[0], out[-1], len(set(out)))
print(gcd(1071, 462), [gcd(i, 84) for i in range(1, 30)])
print(sys.getrecursionlimit())
