# Stores over items: numbers, then objects that must be freed, then numbers again; None and bools.
def fill(xs, n, value):
    i = 0
    while i < n:
        xs[i] = value
        i += 1


def fill_lists(xs, n):
    for i in range(n):
        xs[i] = [i, str(i)]


def count(xs):
    ints = others = 0
    for x in xs:
        if x == 7:
            ints += 1
        else:
            others += 1
    return ints, others


def replace_some(xs, n):
    # every fifth item is an object, so that the guard on the old item fails now and then
    for k in range(n):
        j = k * 7 % len(xs)
        if k % 5 == 0:
            xs[j] = "s" + str(k)
        else:
            xs[j] = k
    return xs


def same_index(xs, n):
    for k in range(n):
        xs[3] = k
        xs[-3] = [k]
        xs[3] = xs[-3]
        xs[-3] = 5
    return xs[3], xs[-3]


def swap_items(xs, n):
    for k in range(n):
        i = k % len(xs)
        j = (k * 3 + 1) % len(xs)
        xs[i], xs[j] = xs[j], xs[i]
    return xs


def itself(n):
    a = [0, 1]
    b = [a, a]
    for k in range(n):
        b[k % 2] = a
        a[k % 2] = k
        b[k % 2] = None
        b[k % 2] = k > 5
    return a, b


def big_over_small(xs, n):
    for k in range(n):
        xs[k % 4] = 2 ** 62 * (k % 3)
    return xs


xs = [0] * 300
fill(xs, 300, 7)
print(count(xs))
fill_lists(xs, 300)
print(count(xs), xs[299])
fill(xs, 300, 7)
print(count(xs))
fill(xs, 300, None)
fill(xs, 300, 1.5)
fill(xs, 300, True)
fill(xs, 150, "text")
fill(xs, 300, 7)
print(count(xs))
print(replace_some(list(range(11)), 400))
print(same_index([0] * 9, 300))
print(swap_items([1, "two", 3.0, [4], None, True, 2 ** 70], 500))
print(itself(300))
print(big_over_small([0] * 4, 300))
