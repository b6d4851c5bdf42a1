"""Lists, dicts, sets and cells that many threads use at once, under locks and without."""
import _thread


def gate():
    lock = _thread.allocate_lock()
    lock.acquire()
    return lock


def together(count, function, *args):
    ends = []

    def body(number, end):
        try:
            function(number, *args)
        finally:
            end.release()

    for number in range(count):
        ends.append(gate())
        _thread.start_new_thread(body, (number, ends[-1]))
    for end in ends:
        end.acquire()


def append(number, items, n):
    for i in range(n):
        items.append(number * n + i)


def pop_and_push(number, items, n):
    for _ in range(n):
        items.append(items.pop())


def fill(number, table, n):
    for i in range(n):
        table[number * n + i] = str(i)
        table["own", number] = i


def read(number, table, sums, n):
    total = 0
    for i in range(n):
        total += table[i % len(table)]
    sums.append(total)


def add(number, group, n):
    for i in range(n):
        group.add(i)
        group.add((number, i))


def count(number, words, lock, n):
    for i in range(n):
        word = "w%d" % (i % 17)
        lock.acquire()
        words[word] = words.get(word, 0) + 1
        lock.release()


def cells():
    lock = _thread.allocate_lock()
    total = 0

    def body(number):
        nonlocal total
        for i in range(200):
            lock.acquire()
            total += i
            lock.release()

    together(4, body)
    return total


def build(number, results, n):
    """Each thread's own objects, published at the end."""
    own = {}
    for i in range(n):
        own[i] = [number, (i, str(i)), {i}]
    results[number] = own


def main():
    items = []
    together(4, append, items, 500)
    print(len(items), sorted(items) == list(range(2000)))
    items = list(range(8))
    together(4, pop_and_push, items, 500)
    print(sorted(items))
    table = {}
    together(4, fill, table, 200)
    print(len(table), all([table[k] == str(k % 200) for k in range(800)]))
    sums = []
    together(4, read, {i: i * i for i in range(50)}, sums, 1000)
    together(2, read, list(range(10)), sums, 1000)
    print(sorted(sums))
    group = set()
    together(4, add, group, 200)
    print(len(group))
    words = {}
    together(4, count, words, _thread.allocate_lock(), 340)
    print(sorted(words.items()))
    print(cells())
    results = [None] * 6
    together(6, build, results, 100)
    print([r[7] for r in results], sum([len(r) for r in results]))


main()
