# While loops with several live variables, invariants, and conditions that are calls or containers.
def gcd_steps(n):
    steps = 0
    a = 1
    while a < n:
        x, y = a, n
        while y != 0:
            x, y = y, x % y
            steps += 1
        a += 1
    return steps


def integer_sqrt(n):
    low, high = 0, n
    while low < high:
        mid = (low + high + 1) // 2
        if mid * mid <= n:
            low = mid
        else:
            high = mid - 1
    return low


def digits(n):
    count = 0
    total = 0
    while n:
        n, d = divmod(n, 10)
        total += d
        count += 1
    return count, total


def invariant(n, a, b, scale):
    total = 0.0
    i = 0
    while i < n:
        total += a * b + scale / 2 + i * scale
        i += 1
    return total


def until_true(n):
    i = 0
    while True:
        i += 1
        if i * i > n:
            return i


def condition_call(n):
    def less(a, b):
        return a < b

    i = 0
    while less(i, n):
        i += 2
    return i


def swap_roles(n):
    a, b, c = 0, 1, 2
    i = 0
    while i < n:
        a, b, c = b + 1, c, a
        i += 1
    return a, b, c


def queue(n):
    q = [1]
    seen = 0
    while q and seen < n:
        v = q.pop(0)
        seen += 1
        if len(q) < 50:
            q.append(v * 2 % 97)
            q.append(v + 1)
    return seen, q[:5]


def many_live(n):
    a = b = c = d = e = f = g = h = 1
    x = y = z = w = 0.5
    i = 0
    while i < n:
        a, b, c, d = b + 1, c + a % 3, d - 1, a
        e, f, g, h = f ^ a, g + 1, h * 2 % 1001, e + i
        x, y, z, w = y * 0.5, z + 0.25, w - x, x + 1.0
        i += 1
    return a, b, c, d, e, f, g, h, x, y, z, w


print(gcd_steps(300), [integer_sqrt(n) for n in (0, 1, 15, 16, 10 ** 12, 10 ** 30)], digits(7 ** 600), invariant(3000, 2, 3.5, 7), until_true(4000000))
print(condition_call(5000), swap_roles(3000), queue(3000), many_live(3000))
