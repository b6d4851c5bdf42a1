# Calls from traces of functions with loops, closures, callbacks through natives, changes of what is called.


def dot(a, b):
    total = 0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


def rows(n):
    return [[i * j % 7 for j in range(n)] for i in range(n)]


def product(a, b):
    return [[dot(row, other) for other in b] for row in a]


def first_over(values, limit):
    for v in values:
        if v > limit:
            return v
    return None


def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


def maker(step):
    def go(n):
        return 0 if n <= 0 else step + go(n - step)
    return go


def key_of(value):
    return first_over([value % 5, value % 7, value % 11], 3) or 0


def sort_deep(n):
    if n == 0:
        return [3, 1, 2]
    inner = sort_deep(n - 1)
    return sorted(inner + [n * 37 % 101], key=key_of)


def callback(n, f):
    if n == 0:
        return f(n)
    return max(callback(n - 1, f), f(n), key=lambda v: -v)


print(product(rows(30), rows(30))[3][:6])
total = 0
for i in range(300):
    total += first_over([1, 2, i, 4, 90], 80 - i % 70)
print(total)
print(sum([collatz(i) for i in range(1, 400)]), max([collatz(i) for i in range(1, 200)]))
print([maker(s)(50) for s in range(1, 9)])
goes = [maker(2), maker(3)]
total = 0
for i in range(200):
    total += goes[i % 2](i)
print(total)
print(sort_deep(40))
print(callback(60, lambda v: v * 7 % 23))


def changing(n):
    if n == 0:
        return 0
    return 1 + changing(n - 1)


print([changing(60) for i in range(30)][-1])
kept = changing


def changing(n):
    return 10


print(kept(60), [kept(5) for i in range(3)])


def helper(x):
    return x + 1


def user(n):
    t = 0
    for i in range(n):
        t = helper(t)
    return t


print([user(50) for i in range(20)][-1])


def helper(x):
    return x + 2


print([user(50) for i in range(20)][-1])


def mixed(n, acc):
    while n > 0:
        if n % 4 == 0:
            acc = mixed(n // 4, acc) + 1
        n -= 1
        acc = acc * 3 % 1000003
    return acc


print(mixed(60, 1), mixed(200, 5))


def unset(n):
    if n % 10 == 9:
        value = n
    if n > 0:
        unset(n - 1)
    return value


errors = 0
for i in range(60):
    try:
        unset(i)
    except UnboundLocalError:
        errors += 1
print(errors)
