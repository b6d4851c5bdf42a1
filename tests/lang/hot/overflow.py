# Ints that leave the small range, the machine word, and come back, inside hot loops.
def doubling(n):
    x = 1
    out = []
    for i in range(n):
        x = x * 2
        if i % 40 == 0:
            out.append(x)
    return out


def factorial(n):
    f = 1
    for i in range(2, n):
        f = f * i
    return f


def fibonacci(n):
    a, b = 0, 1
    for i in range(n):
        a, b = b, a + b
    return a


def across(start, step, n):
    x = start
    for i in range(n):
        x = x + step
    return x


def up_and_down(n):
    x = 2 ** 49 - 100
    top = bottom = 0
    for i in range(n):
        if i % 400 < 200:
            x += 1
        else:
            x -= 1
        if x >= 2 ** 49:
            top += 1
        if x < 2 ** 49 - 50:
            bottom += 1
    return x, top, bottom


def multiply_edges(n):
    out = 0
    for i in range(n):
        a = 2 ** 24 + i * 77
        b = 2 ** 25 - i * 13
        out ^= a * b
        out ^= -a * b * 3
    return out


def squares(n):
    x = 3
    for i in range(n):
        x = x * x
        if x > 10 ** 40:
            x = x % 1000003 + 2
    return x


def negate(n):
    x = -2 ** 49
    total = 0
    for i in range(n):
        total += -x + abs(x) - ~x
        if i % 100 == 99:
            x += 1
    return total


def shift_out(n):
    total = 0
    for i in range(n):
        total += 1 << (i % 70)
        total -= (3 << (i % 66)) >> (i % 9)
    return total


def machine_word(n):
    x = 2 ** 63 - n // 2
    seen = 0
    for i in range(n):
        x += 1
        if x == 2 ** 63:
            seen = i
    return x, seen


def lcg(n):
    x = 12345
    for i in range(n):
        x = (x * 6364136223846793005 + 1442695040888963407) % 2 ** 64
    return x


def masked(n):
    h = 14695981039346656037
    for i in range(n):
        h = ((h ^ (i & 255)) * 1099511628211) & 0xFFFFFFFFFFFFFFFF
    return h


print(doubling(300), factorial(60), fibonacci(400))
for edge in (2 ** 31, 2 ** 32, 2 ** 49, 2 ** 53, 2 ** 62, 2 ** 63, 2 ** 64):
    print(across(edge - 1500, 1, 3000), across(-edge + 1500, -1, 3000), across(edge - 10, edge // 7, 40))
print(up_and_down(3000), multiply_edges(3000), squares(500), negate(2000), shift_out(2000))
print(machine_word(3000), lcg(2000), masked(2000))
print(sum([i * 10 ** 15 for i in range(2000)]))
