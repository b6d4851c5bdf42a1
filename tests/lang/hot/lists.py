# Hot loops over lists: index, store, append, pop, iteration, growth, aliasing, negative indices.
def sieve(n):
    flags = [True] * (n + 1)
    flags[0] = flags[1] = False
    i = 2
    while i * i <= n:
        if flags[i]:
            for j in range(i * i, n + 1, i):
                flags[j] = False
        i += 1
    return sum(flags)


def prefix_sums(n):
    a = [i * 7 % 13 for i in range(n)]
    for i in range(1, n):
        a[i] += a[i - 1]
    return a[-1], a[n // 2]


def bubble(n):
    a = [(i * 7919) % 101 for i in range(n)]
    for i in range(n):
        for j in range(n - 1 - i):
            if a[j] > a[j + 1]:
                a[j], a[j + 1] = a[j + 1], a[j]
    return a


def appends(n):
    a = []
    for i in range(n):
        a.append(i * i)
        if i % 3 == 0:
            a.pop()
    return len(a), sum(a)


def aliased(n):
    a = [0, 1]
    b = a
    for i in range(n):
        a[0] += 1
        b[1] += a[0]
    return a, b is a


def negative(n):
    a = [1, 2, 3, 4]
    for i in range(n):
        a[-1] = a[-2] + i % 5
        a[-2] = a[0] - a[-1] % 7
    return a


def floats(n):
    a = [0.5] * 10
    for i in range(n):
        k = i % 10
        a[k] = a[k] * 0.9 + a[(k + 3) % 10] * 0.1
    return ["%.6f" % v for v in a]


def mixed_items(n):
    a = [1, 2.5, "x", None, [1], (2,)]
    counts = [0] * 6
    for i in range(n):
        v = a[i % 6]
        if v == 1:
            counts[0] += 1
        elif v == 2.5:
            counts[1] += 1
        elif v == "x":
            counts[2] += 1
        elif v is None:
            counts[3] += 1
        elif v == [1]:
            counts[4] += 1
        else:
            counts[5] += 1
    return counts


def matrix(n):
    a = [[i * n + j for j in range(n)] for i in range(n)]
    b = [[(i + j) % 5 for j in range(n)] for i in range(n)]
    c = [[0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            s = 0
            for k in range(n):
                s += a[i][k] * b[k][j]
            c[i][j] = s
    return c[0][0], c[n - 1][n - 1], sum([sum(r) for r in c])


def grow_while_iterating(n):
    a = [1]
    for v in a:
        if len(a) < n:
            a.append(v + 1)
    return len(a), a[-1]


def changes_type(n):
    a = [0] * 8
    for i in range(n):
        a[i % 8] = i if i < n // 2 else i * 0.5
    return a


def slices(n):
    a = list(range(20))
    t = 0
    for i in range(n):
        b = a[i % 5:10 + i % 7]
        t += len(b) + b[0] + b[-1]
    return t


def store_in_itself(n):
    a = [0]
    for i in range(n):
        a[0] = [i]
    return a


def truth(n):
    stack = list(range(n))
    total = 0
    while stack:
        total += stack.pop()
    return total


print(sieve(3000), prefix_sums(3000), bubble(60), appends(3000), aliased(3000), negative(3000))
print(floats(3000), mixed_items(3000), matrix(16), grow_while_iterating(3000), changes_type(3000), slices(2000))
print(store_in_itself(2000), truth(3000))
