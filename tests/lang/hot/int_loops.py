# Hot loops of ints: all operators, negative numbers, while and for, steps of all kinds.
def sums(n):
    a = b = c = d = 0
    for i in range(n):
        a += i
        b -= i * 3
        c ^= i << 2
        d = (d + i * i) % 1000003
    return a, b, c, d


def divisions(n):
    q = r = s = 0
    for i in range(-n, n):
        q += i // 7
        r += i % 7
        s += i // -3 + i % -5
    return q, r, s


def bits(n):
    x = 0xACE1
    ones = 0
    i = 0
    while i < n:
        bit = (x ^ (x >> 2) ^ (x >> 3) ^ (x >> 5)) & 1
        x = (x >> 1) | (bit << 15)
        ones += bit
        i += 1
    return x, ones, ~x, -x


def powers_of_two(n):
    total = 0
    for i in range(n):
        total += i // 8 + i % 16 + i * 4 + (i >> 1) + (-i) // 4 + (-i) % 8
    return total


def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


def counting_down(n):
    steps = 0
    while n > 0:
        n -= 3
        steps += 1
        if n % 2 == 0:
            n -= 1
    return steps, n


def compares(n):
    counts = [0, 0, 0, 0, 0, 0]
    for i in range(n):
        if i < n // 2:
            counts[0] += 1
        if i <= 10:
            counts[1] += 1
        if i == 77:
            counts[2] += 1
        if i != 5:
            counts[3] += 1
        if i > n - 4:
            counts[4] += 1
        if i >= 1000:
            counts[5] += 1
    return counts


def variable_shifts(n):
    total = 0
    for i in range(n):
        total += (1 << (i % 20)) + (123456789 >> (i % 30))
    return total


def small_range_steps():
    out = []
    for step in (1, 2, 3, -1, -2, -7):
        total = 0
        count = 0
        start, stop = (0, 3000) if step > 0 else (3000, 0)
        for i in range(start, stop, step):
            total += i
            count += 1
        out.append((total, count, i))
    return out


print(sums(5000), divisions(2000), bits(5000), powers_of_two(4000))
print(sum([gcd(i, 360) for i in range(1, 2000)]), counting_down(9000), compares(3000), variable_shifts(3000))
print(small_range_steps())
total = 0
for i in range(4000):
    total += i * i - i
print(total, i)
