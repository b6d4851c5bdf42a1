# Methods of lists, and what they raise.
a = [3, 1, 2]
a.append(4)
a.extend([5, 6])
a.extend("ab")
a.insert(0, "first")
a.insert(100, "last")
a.insert(-1, "before last")
print(a)
print(a.pop(), a.pop(0), a.pop(-2), a)
a.remove("a")
print(a, a.index(2), a.index(6, 2), a.count(1), a.count("z"))
a.reverse()
print(a)
b = a.copy()
b.clear()
print(a, b)
c = [5, 2, 9, 1, 5]
c.sort()
print(c)
c.sort(reverse=True)
print(c)
words = ["banana", "Apple", "cherry", "date"]
words.sort()
print(words)
words.sort(key=len)
print(words)
words.sort(key=lambda w: w.lower(), reverse=True)
print(words)
print(sorted([3, 1, 2]), sorted("hello", reverse=True), sorted([1.5, 1, True, 0]), sorted([(2, "b"), (1, "z"), (2, "a")]), sorted([], key=len))
pairs = [(i * 7 % 5, i) for i in range(20)]
print(sorted(pairs, key=lambda p: p[0]))
print(sorted(pairs, key=lambda p: p[0], reverse=True))
big = [(i * 7919) % 1009 for i in range(500)]
big.sort()
print(big[:10], big[-10:], sum(big), all([big[i] <= big[i + 1] for i in range(499)]))
print(a.append(1), a)
for action in (lambda: [].pop(), lambda: [1].pop(5), lambda: [1].remove(2), lambda: [1].index(2), lambda: [1, "a"].sort(), lambda: [1].append(), lambda: [1].foo, lambda: [1].extend(5), lambda: [2, 1].sort(5), lambda: [1].insert(1), lambda: ["a"].pop("a")):
    try:
        print(action())
    except (IndexError, ValueError, TypeError, AttributeError) as e:
        print(type(e).__name__, e)
x = [1, 2, 3]
for v in x:
    if len(x) < 8:
        x.append(v * 10)
print(x)
y = [1, 2, 3, 4]
for v in y:
    y.remove(v)
print(y)
print(list(reversed([1, 2, 3])), max([1, 5, 2]), min([4, 2, 8]), sum([1, 2.5], 10))
