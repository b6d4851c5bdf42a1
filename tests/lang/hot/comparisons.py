# all recorded
# Comparisons and truth of any types, as values and as jumps: each is asked once, in either direction.
def equal_mixed(values, n):
    hits = [0, 0, 0]
    for i in range(n):
        v = values[i % len(values)]
        if v == "two":
            hits[0] += 1
        if v != [4]:
            hits[1] += 1
        if (1, "x") == v:
            hits[2] += 1
    return hits


def ordered(n):
    low = 0
    for i in range(n):
        a, b = [i % 7, "a"], [3, "b"]
        if a < b:
            low += 1
        if (i % 5, 2.5) >= (2, 2.5):
            low += 10
        if {i % 3} <= {0, 1}:
            low += 100
        less = [i % 4] < [2]
        if less is True:
            low += 1000
    return low


def truths(values, n):
    count = 0
    for i in range(n):
        v = values[i % len(values)]
        if v:
            count += 1
        if not v:
            count += 100
        w = v or "other"
        if w != "other":
            count += 10000
        x = v and [i]
        count += x is not None and x == [i]
    return count


def while_truth(n):
    total = 0
    work = {k: k for k in range(n)}
    while work:
        k, v = work.popitem()
        total += v
    rest = set(range(n))
    while rest:
        total -= rest.pop()
    return total


def identity(n):
    big = 1 << 80
    same = 0
    items = [None, big, 1.5, "s", True, big + 1, ()]
    for i in range(n):
        v = items[i % 7]
        if v is None:
            same += 1
        if v is not True:
            same += 10
        same += 100 * (v is items[i % 7])
        if v is big:
            same += 100000
    return same


def contains(n):
    found = 0
    d = {"a": 1, 2: "b", None: 0}
    s = {1, 2.5, "x"}
    for i in range(n):
        if i % 5 in d:
            found += 1
        if "a" not in d:
            found += 10
        if 2.5 in s and i not in s:
            found += 100
        if "ban" in "banana" and i % 3 in (0, 2):
            found += 1000
        if i in range(10, 20) or i in [5, 6]:
            found += 10000
    return found


def chained(n):
    count = 0
    for i in range(n):
        if [0] < [i % 9] <= [5]:
            count += 1
        if "a" <= "abcdef"[i % 6] < "d":
            count += 10
    return count


def raises_late(n):
    values = [1] * n + ["s"]
    seen = 0
    try:
        for v in values:
            if v < 2:
                seen += 1
    except TypeError as e:
        return seen, str(e)


def raises_late_mixed(n):
    values = [[1], (2,), [3]] * n + [None]
    seen = 0
    try:
        for v in values:
            if v > v:
                seen += 1
            if v >= v:
                seen += 10
    except TypeError as e:
        return seen, str(e)


def big_and_float(n):
    count = 0
    for i in range(n):
        big = (1 << 53) + 1 + i % 2
        if big > 9007199254740992.0:
            count += 1
        if big == float(big):
            count += 10
    return count


values = [1, "two", [4], None, 2.5, (1, "x"), {}, {"k": 0}, set(), "", range(0), range(3), 1 << 70]
print(equal_mixed(values, 400))
print(ordered(300))
print(truths(values, 400))
print(while_truth(300))
print(identity(350))
print(contains(200))
print(chained(300))
print(raises_late(200))
print(raises_late_mixed(60))
print(big_and_float(200))
