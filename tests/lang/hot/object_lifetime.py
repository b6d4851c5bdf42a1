# Hot loops that make, keep and drop objects: what is kept must stay right.
def keep_some(n):
    kept = []
    for i in range(n):
        pair = (i, [i])
        if i % 100 == 0:
            kept.append(pair)
    return kept


def chain(n):
    head = None
    for i in range(n):
        head = (i, head)
    total = 0
    while head is not None:
        value, head = head
        total += value
    return total


def replace(n):
    box = [None]
    for i in range(n):
        box[0] = [i, box[0][0] if box[0] else None]
    return box


def strings(n):
    last = ""
    total = 0
    for i in range(n):
        s = "item" + str(i)
        total += len(s)
        last = s
    return last, total


def escape_on_exit(n):
    for i in range(n):
        t = (i, i + 1, (i, i * 2))
        if i == n - 1:
            return t


def shared(n):
    a = [1]
    lists = [a] * 5
    for i in range(n):
        lists[i % 5].append(i) if i % 500 == 0 else None
    return lists, a is lists[3]


def big_ints_kept(n):
    kept = []
    x = 1
    for i in range(n):
        x = x * 3 % (2 ** 80 + 13)
        if i % 200 == 0:
            kept.append(x)
    return kept


def floats_kept(n):
    kept = [0.0] * 10
    x = 0.1
    for i in range(n):
        x = x * 1.01
        kept[i % 10] = x
    return ["%.9g" % v for v in kept]


def slices_and_concats(n):
    a = [1, 2, 3]
    for i in range(n):
        a = a[1:] + [i]
    return a


def deep_drop(n):
    x = []
    for i in range(n):
        x = [x]
    depth = 0
    while x:
        x = x[0]
        depth += 1
    return depth


def drop_all(n):
    x = None
    for i in range(n):
        x = (x, i)
    x = None
    return "dropped"


print(keep_some(2000)[-1], chain(3000), replace(1000)[0][1], strings(2000), escape_on_exit(2000), shared(2000))
print(big_ints_kept(1500), floats_kept(2000), slices_and_concats(2000), deep_drop(3000), drop_all(100000))
