# all recorded
# Loops over every kind of iterator: their ends, what is left of them, and what they were made of.
def over_dict(d, n):
    total = 0
    for _ in range(n):
        for k in d:
            total += d[k]
        for k, v in d.items():
            total += len(k) * v
        for v in d.values():
            total -= v
        for k in d.keys():
            total += len(k)
    return total


def over_str(s, n):
    count = 0
    for _ in range(n):
        for c in s:
            if c == "a":
                count += 1
    return count


def over_enumerate(items, n):
    total = 0
    for _ in range(n):
        for i, x in enumerate(items, 1):
            total += i * len(x)
    return total


def over_zip(a, b, n):
    out = []
    for _ in range(n):
        for x, y in zip(a, b):
            out.append(x + y)
    return len(out), out[:4], out[-1]


def over_reversed(a, n):
    text = ""
    for _ in range(n):
        for x in reversed(a):
            text = x + text[:5]
    return text


def increased(v):
    return v + 1


def positive(v):
    return v > 0


def over_map_filter(a, n):
    total = 0
    for _ in range(n):
        for x in map(abs, a):
            total += x
        for x in map(increased, a):
            total += x
        for x in filter(None, a):
            total += x
        for x in filter(positive, a):
            total += x
    return total


def over_set(s, n):
    total = 0
    for _ in range(n):
        for x in s:
            total += x
    return total


def long_loops(n):
    d = {}
    for i in range(n):
        d["key%d" % (i % 97)] = i
    total = 0
    for k, v in d.items():
        total += v * len(k)
    for i, c in enumerate("xyzzy" * n):
        if c == "z":
            total += i
    for a, b, c in zip(range(n), [str(i) for i in range(n)], reversed(range(n))):
        total += a * c + len(b)
    return total


# An iterator that ends is not asked again: what zip took from the first is gone once only.
def one_by_one(n):
    rest = []
    for k in range(n):
        it = iter(list(range(k % 5 + 3)))
        for a, b in zip(it, [10, 20]):
            pass
        rest.append(next(it, None))
    return rest[:12], len(rest)


def counting_end(n):
    asked = []

    def source():
        asked.append(1)
        return 7 if len(asked) % 4 else None

    total = 0
    for _ in range(n):
        for v in iter(source, None):
            total += v
    return total, len(asked)


def left_early(n):
    found = 0
    for i in range(n):
        for j, x in enumerate("abcdefgh"):
            if j == i % 8:
                found += ord(x)
                break
        else:
            found -= 1
    return found


def mixed_items(n):
    out = []
    for i in range(n):
        for v in iter((1, "two", 3.0, None, [4], i)):
            if v == "two" or v is None:
                continue
            if v == [4]:
                out.append(4)
            else:
                out.append(v)
    return out[:5], len(out), sum(out)


def shared_iterator(n):
    it = iter(range(n))
    pairs = 0
    for a in it:
        for b in it:
            pairs += a * b % 7
            if b % 3 == 0:
                break
    return pairs


def raised_within(n):
    def checked(v):
        if v % 50 == 49:
            raise ValueError(v)
        return v

    total = 0
    start = 0
    while start < n:
        try:
            for v in map(checked, range(start, n)):
                total += v
            start = n
        except ValueError as e:
            start = e.args[0] + 1
    return total


def changed_while_iterating(n):
    d = {i: i for i in range(n)}
    seen = 0
    try:
        for k in d:
            seen += k
            if k == n // 2:
                d[-1] = 0
    except RuntimeError as e:
        return seen, str(e)


print(over_dict({"a": 1, "bb": 2, "ccc": 3}, 200))
print(over_str("banana split", 200))
print(over_enumerate(["x", "yy", "zzz"], 200))
print(over_zip([1, 2, 3], [4.5, 5.5, 6.5], 100))
print(over_reversed(["a", "b", "c"], 100))
print(over_map_filter([-3, -2, 0, 1, 5], 150))
print(over_set({1, 2, 3, 500}, 200))
print(long_loops(400))
print(one_by_one(200))
print(counting_end(100))
print(left_early(500))
print(mixed_items(100))
print(shared_iterator(1000))
print(raised_within(500))
print(changed_while_iterating(300))
