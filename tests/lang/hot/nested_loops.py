# Nested hot loops: rectangular, triangular, short inner loops, breaks and continues out of them.
def rectangle(n, m):
    total = 0
    for i in range(n):
        for j in range(m):
            total += i * j
    return total


def triangle(n):
    total = 0
    for i in range(n):
        for j in range(i):
            total += i ^ j
    return total


def three_deep(n):
    total = 0
    for i in range(n):
        for j in range(n):
            for k in range(n):
                if (i + j + k) % 3 == 0:
                    total += 1
    return total


def short_inner(n):
    total = 0
    for i in range(n):
        for j in range(2):
            total += i + j
        k = 3
        while k:
            k -= 1
            total -= k
    return total


def breaks(n):
    found = 0
    for i in range(2, n):
        for d in range(2, i):
            if d * d > i:
                found += 1
                break
            if i % d == 0:
                break
        else:
            found += 1
    return found


def continues(n):
    c = 0
    for i in range(n):
        if i % 2:
            continue
        for j in range(10):
            if j % 3 == 0:
                continue
            if j == 8:
                break
            c += j
    return c


def while_in_while(n):
    i = 0
    steps = 0
    while i < n:
        j = i
        while j > 1:
            if j % 2 == 0:
                j //= 2
            else:
                j = 3 * j + 1
            steps += 1
        i += 1
    return steps


def inner_none(n):
    total = 0
    for i in range(n):
        for j in range(i % 3):
            total += 1
        for j in range(0):
            total += 1000
        for j in range(5, 5 + i % 2):
            total += j
    return total


def changing_bounds(n):
    total = 0
    limit = 1
    for i in range(n):
        for j in range(limit):
            total += j
        limit = (limit * 7 + i) % 23
    return total


def over_lists(n):
    rows = [[i * j for j in range(8)] for i in range(8)]
    total = 0
    for _ in range(n):
        for row in rows:
            for v in row:
                total += v
    return total


def return_from_inside(n, stop):
    for i in range(n):
        for j in range(n):
            if i * j == stop:
                return i, j
    return None


print(rectangle(60, 60), triangle(90), three_deep(16), short_inner(2000), breaks(900), continues(1000))
print(while_in_while(300), inner_none(3000), changing_bounds(1000), over_lists(60))
print(return_from_inside(80, 1763), return_from_inside(80, 6237), return_from_inside(50, 1777))
