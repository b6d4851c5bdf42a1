# Hot recursion: direct, mutual, deep, in loops, with exceptions through it.
def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def fib_float(n):
    return n if n < 2 else fib_float(n - 1.0) + fib_float(n - 2)


def tak(x, y, z):
    if y >= x:
        return z
    return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))


def down(n):
    return 0 if n == 0 else down(n - 1) + 1


def is_even(n):
    return True if n == 0 else is_odd(n - 1)


def is_odd(n):
    return False if n == 0 else is_even(n - 1)


def tree(depth):
    if depth == 0:
        return [None, None]
    return [tree(depth - 1), tree(depth - 1)]


def count(node):
    if node[0] is None:
        return 1
    return 1 + count(node[0]) + count(node[1])


def queens(row, n, columns, d1, d2):
    if row == n:
        return 1
    found = 0
    for c in range(n):
        if not columns[c] and not d1[row + c] and not d2[row - c + n]:
            columns[c] = d1[row + c] = d2[row - c + n] = True
            found += queens(row + 1, n, columns, d1, d2)
            columns[c] = d1[row + c] = d2[row - c + n] = False
    return found


def binomial(n, k):
    if k == 0 or k == n:
        return 1
    return binomial(n - 1, k - 1) + binomial(n - 1, k)


def raise_at(n):
    if n == 0:
        raise ValueError("bottom")
    return raise_at(n - 1) + 1


def power(base, n):
    if n == 0:
        return 1
    half = power(base, n // 2)
    return half * half * (base if n % 2 else 1)


def forever(n):
    return forever(n + 1) + 1


print(fib(17), fib_float(13.0), tak(9, 6, 3), sum([down(i % 300) for i in range(60)]), is_even(700), is_odd(701))
print(count(tree(8)), queens(0, 6, [False] * 6, [False] * 12, [False] * 13), binomial(12, 6), power(3, 200))
caught = 0
for i in range(200):
    try:
        raise_at(i)
    except ValueError:
        caught += 1
print(caught)
for i in range(3):
    try:
        forever(0)
    except RecursionError as e:
        print(e)
print(down(850), fib(15))
