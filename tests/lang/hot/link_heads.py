# Loops with branches whose side traces come back to the loop's head: what the loop carries changes its
# value, type and range there; what it reads once changes; lists are written; objects are counted.
def collatz(n):
    best = 0
    for start in range(1, n):
        x = start
        steps = 0
        while x != 1:
            if x % 2 == 0:
                x //= 2
            else:
                x = 3 * x + 1
            steps += 1
        if steps > best:
            best = steps
    return best


def kinds(n):
    # a carried variable is an int, a float, a bool, None, a str, depending on the branch
    x = 0
    seen = 0
    i = 0
    while i < n:
        i += 1
        if i % 7 == 0:
            x = i
        elif i % 11 == 0:
            x = i * 0.5
        elif i % 13 == 0:
            x = i % 2 == 0
        elif i % 17 == 0:
            x = None
        elif i % 19 == 0:
            x = "s" + str(i)
        elif x is None:
            seen += 1
        elif x:
            seen += 2
    return x, seen


def swaps(n):
    a, b, c = 1, 2, 3
    for i in range(n):
        if i % 3 == 0:
            a, b = b, a
        elif i % 3 == 1:
            b, c = c, b
        else:
            a += 1
    return a, b, c


def read_once(n):
    # step and items are read by the loop's first iteration only, until a branch changes them
    items = [1, 2, 3]
    step = 1
    total = 0
    i = 0
    while i < n:
        if i % 50 == 49:
            step += 1
        elif i % 31 == 30:
            items = items + [i]
        elif i % 17 == 16:
            items[0] = i
        total += items[i % 3] * step
        i += 1
    return total, len(items), step


def aside(n):
    # written in a branch only: the loop does not know of it
    last = None
    other = 0
    i = 0
    while i < n:
        i += 1
        if i % 5 == 0:
            last = i
        elif i % 9 == 0:
            last = [i]
        elif i % 14 == 0:
            other = last
    return last, other


def ranges(n):
    # the loop relies on 0 <= k; a branch makes it negative, huge, or a big int
    k = 0
    xs = list(range(16))
    out = 0
    i = 0
    while i < n:
        i += 1
        if i % 40 == 0:
            k = -3
        elif i % 90 == 0:
            k = 2 ** 40
        elif i % 130 == 0:
            k = 2 ** 70
        elif k > 15:
            k = 0
        out += xs[k % 16]
        if k < 12:
            k += 1
    return out, k


def objects(n):
    pair = (0, 0)
    keep = []
    i = 0
    while i < n:
        if i % 4 == 0:
            pair = (i, pair[0])
        elif i % 9 == 0:
            keep = [pair]
        elif i % 25 == 0:
            pair, keep = keep, pair
            pair, keep = keep, pair
        else:
            x = pair
            pair = (x[0] + 1, x[1])
        i += 1
    return pair, keep


def same_value(n):
    # two variables that the loop takes for one value
    a = b = 0
    for i in range(n):
        if i % 6 == 5:
            b = a
        elif i % 10 == 9:
            a = -i
            b = a
        else:
            a = b = i
    return a, b


def constants(n):
    flag = True
    zero = 0
    t = 0
    for i in range(n):
        zero = 0
        flag = True
        if i % 8 == 3:
            zero = 1
        elif i % 8 == 5:
            flag = False
        if flag:
            t += 1 + zero
    return flag, zero, t


def helper(x):
    if x % 3 == 0:
        return x // 3
    return x + 2


def through_calls(n):
    x = n
    t = 0
    for i in range(n):
        x = helper(x)
        t += x
    return x, t


def raises(n):
    x = t = 0
    try:
        while True:
            x += 1
            if x % 3 == 0:
                t += 2
            elif x % 5 == 0:
                t += 10 // (n - x)
            else:
                t -= 1
    except ZeroDivisionError as e:
        return x, t, str(e)


def nested(n):
    t = 0
    for i in range(n):
        row = [i, i + 1, i + 2, i * i]
        for j in range(20):
            if (i + j) % 3 == 0:
                t += row[j % 4]
            elif (i * j) % 5 == 1:
                row[j % 4] = j
            else:
                t -= j
    return t


print(collatz(400), kinds(2000), swaps(1000), read_once(1000))
print(aside(1000), ranges(1000), objects(700), same_value(1000), constants(500))
print(through_calls(500), raises(500), nested(150))


def rounds(n):
    # the loops around the hot one are passed on the way back to its head
    t = 0
    for i in range(n):
        u = i * 0.5
        for j in range(i, n):
            row = (i, j)
            k = 0
            while k < 12:
                k += 1
                t += row[k & 1]
                u += k
            t -= k
        if u > 1000.0:
            t += 1
    return t, u


print(rounds(40))
