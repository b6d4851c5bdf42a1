# Hot loops with dicts, strings, tuples, sets and iterators inside.
def words(n):
    text = "the quick brown fox jumps over the lazy dog and the cat"
    counts = {}
    for i in range(n):
        for w in text.split():
            counts[w] = counts.get(w, 0) + 1
    return counts


def memo(n):
    cache = {0: 0, 1: 1}
    for i in range(2, n):
        cache[i] = (cache[i - 1] + cache[i - 2]) % 1000007
    return cache[n - 1], len(cache)


def strings(n):
    s = ""
    for i in range(n):
        s += chr(97 + i % 26)
        if len(s) > 50:
            s = s[25:]
    return s


def characters(n):
    vowels = 0
    text = "hello world, how are you" * n
    for c in text:
        if c in "aeiou":
            vowels += 1
    return vowels, text.count("o")


def tuples(n):
    total = 0
    for i in range(n):
        a, b, c = i, i * 2, (i, i + 1)
        x, y = c
        total += a + b + x * y
    return total


def sets(n):
    seen = set()
    repeats = 0
    for i in range(n):
        v = i * i % 97
        if v in seen:
            repeats += 1
        seen.add(v)
    return len(seen), repeats


def iterators(n):
    a = list(range(n))
    total = 0
    for i, (x, y) in enumerate(zip(a, reversed(a))):
        total += i * x - y
    for v in map(lambda v: v * 2, a):
        total += v
    for v in filter(lambda v: v % 3 == 0, a):
        total -= v
    return total


def dict_iteration(n):
    d = {i: i * i for i in range(50)}
    total = 0
    for _ in range(n):
        for k in d:
            total += k
        for k, v in d.items():
            total += v - k
    return total


def tuple_in_list(n):
    points = [(i, i * 2) for i in range(10)]
    sx = sy = 0
    for _ in range(n):
        for x, y in points:
            sx += x
            sy += y
    return sx, sy


def comprehension_in_loop(n):
    t = 0
    for i in range(n):
        t += sum([j * j for j in range(i % 6)]) + len({j % 3 for j in range(i % 4)})
    return t


def swap_variables(n):
    a, b, c = 1, 2, 3
    for i in range(n):
        a, b, c = c, a, b
    return a, b, c


def formatted(n):
    out = []
    for i in range(n):
        s = "%d:%s" % (i, f"{i * 0.5:.1f}")
        if i % 500 == 0:
            out.append(s)
    return out


print(words(100), memo(2000), strings(3000), characters(100), tuples(3000), sets(3000), iterators(2000))
print(dict_iteration(60), tuple_in_list(200), comprehension_in_loop(1000), swap_variables(3001), formatted(2001))
