# Loops that are left by exceptions again and again: their traces are retired, others stay.


def lists(n):
    values = [1, 2, 3]
    total = 0
    for i in range(n):
        try:
            total += values[i % 5]
        except IndexError:
            total -= 1
    return total


def keys(words, table):
    hits = misses = 0
    for w in words:
        try:
            hits += table[w]
        except KeyError:
            misses += 1
    return hits, misses


def numbers(texts):
    out = []
    for t in texts:
        try:
            out.append(int(t))
        except ValueError as error:
            out.append(len(str(error)))
    return sum(out)


def rare(n):
    total = 0
    for i in range(n):
        try:
            total += 100 // (i % 1000)
        except ZeroDivisionError:
            total += 1
    return total


def inner(n):
    total = 0
    for i in range(n):
        try:
            for v in (3, 2, 1, i % 3, 5):
                total += 60 // v
        except ZeroDivisionError:
            total += 7
    return total


def callee(v, limit):
    if v > limit:
        raise OverflowError(v)
    return v


def calls(n):
    total = 0
    for i in range(n):
        try:
            total += callee(i % 7, 3)
        except OverflowError as error:
            total += error.args[0]
    return total


def left_behind(values, n):
    """The loop is over when a function that is inlined behind it raises."""
    total = 0
    for i in range(n):
        try:
            for v in values:
                total += v
            total += callee(i % 5, 2)
        except OverflowError:
            total += 1
    return total


print(left_behind([1, 2, 3], 2000), left_behind((4, 5) * 20, 500), left_behind([7] * 30, 500))
print(lists(3000), lists(7))
print(keys(["a", "b", "c", "d"] * 700, {"a": 1, "c": 5}))
print(numbers(["12", "x", "7", "", "9 "] * 500))
print(rare(5000))
print(inner(3000))
print(calls(3000))
for turn in range(5):
    print(lists(500), inner(300), calls(300))
