"""What bench/threads/run runs: python programs.py NAME THREADS AMOUNT

THREADS workers do AMOUNT units of work NAME each, or the main thread does them alone (THREADS 0). Prints wall seconds
and CPU seconds of that, and a checksum. What threads share is made by the main thread before; runs in Adder and in
CPython.
"""
import _thread
import math
import sys
import time

try:
    start_thread = _thread.start_joinable_thread
except AttributeError:
    import threading

    def start_thread(function, arguments):
        thread = threading.Thread(target=function, args=arguments)
        thread.start()
        return thread


VALUE = 7
LOCK = _thread.allocate_lock()
GATE = _thread.allocate_lock()  # held until all workers have been started


def add_one(x):
    return x + 1


def make_adder(by):
    def adder(x):
        return x + by

    return adder


def make_row(n):
    return [float(i) for i in range(n)]


def call(n, shared, me):
    def local_add(x):
        return x + 1

    x = 0
    for _ in range(n):
        x = local_add(x)
    return x


def closure_call(n, shared, me):
    adder = shared["adder"]
    x = 0
    for _ in range(n):
        x = adder(x)
    return x


def module_function(n, shared, me):
    x = 0
    for _ in range(n):
        x = add_one(x)
    return x


def global_read(n, shared, me):
    x = 0
    for _ in range(n):
        x += VALUE
    return x


def constant(n, shared, me):
    x = ""
    for i in range(n):
        x = ("a", "constant")[i & 1]
    return len(x)


def list_read(n, shared, me):
    items = shared["objects"]
    x = None
    for i in range(n):
        x = items[i & 15]
    return len(x)


def list_write_own(n, shared, me):
    items = [0] * 16
    for i in range(n):
        items[i & 15] = i
    return items[0]


def list_write_shared(n, shared, me):
    items = shared["slots"]
    for i in range(n):
        items[i & 15] = i
    return 0


def append_own(n, shared, me):
    items = []
    for i in range(n):
        items.append(i)
        if i & 65535 == 65535:
            items = []
    return len(items)


def append_shared(n, shared, me):
    items = shared["list"]
    for i in range(n):
        items.append(i)
        if i & 65535 == 65535:
            items.clear()
    return 0


def dict_get(n, shared, me):
    table = shared["table"]
    x = None
    for _ in range(n):
        x = table["one"]
    return len(x)


def dict_set_own(n, shared, me):
    table = {}
    for i in range(n):
        table[i & 255] = i
    return len(table)


def dict_set_shared(n, shared, me):
    table = shared["numbers"]
    for i in range(n):
        table[i & 255] = i
    return len(table)


def set_add_shared(n, shared, me):
    group = shared["group"]
    for i in range(n):
        group.add(i & 4095)
    return 0


def lock(n, shared, me):
    x = 0
    for _ in range(n):
        LOCK.acquire()
        x += 1
        LOCK.release()
    return x


def lock_append_count(n, shared, me):
    words, items = shared["words"], shared["list"]
    for i in range(n):
        LOCK.acquire()
        words["total"] = words.get("total", 0) + 1
        LOCK.release()
        items.append(i)
        if i & 65535 == 65535:
            items.clear()
    return 0


def allocation(n, shared, me):
    x = None
    for i in range(n):
        x = [i, i]
    return len(x)


def string_building(n, shared, me):
    text = ""
    for i in range(n):
        text = "item " + str(i)
    return len(text)


def exception(n, shared, me):
    x = 0
    for i in range(n):
        try:
            raise ValueError
        except ValueError:
            x += 1
    return x


def pi(n, shared, me):
    total, sign = 0.0, 1.0
    for k in range(n):
        total += sign / (2 * k + 1)
        sign = -sign
    return "%.9f" % (total * 4)


def nbody(n, shared, me):
    x, y, vx, vy = [0.0, 1.0, 5.2, 9.5], [0.0, 0.1, 0.2, 0.3], [0.0] * 4, [0.0, 6.2, 2.7, 2.0]
    mass = [39.5, 0.0001, 0.037, 0.011]
    for _ in range(n):
        for i in range(4):
            for j in range(i + 1, 4):
                dx, dy = x[i] - x[j], y[i] - y[j]
                d2 = dx * dx + dy * dy
                mag = 0.0001 / (d2 * math.sqrt(d2))
                vx[i] -= dx * mass[j] * mag
                vy[i] -= dy * mass[j] * mag
                vx[j] += dx * mass[i] * mag
                vy[j] += dy * mass[i] * mag
        for i in range(4):
            x[i] += 0.0001 * vx[i]
            y[i] += 0.0001 * vy[i]
    return "%.9f" % x[1]


def matmul(n, shared, me):
    """Units are inner products of 60 items; all threads read the same rows."""
    rows, columns = shared["rows"], shared["columns"]
    total = 0.0
    for u in range(n):
        row, column = rows[u % 60], columns[u // 60 % 60]
        x = 0.0
        for k in range(60):
            x += row[k] * column[k]
        total = total / 2 + x
    return "%.9f" % total


def word_count_own(n, shared, me):
    text, words = shared["text"], {}
    for i in range(n):
        word = text[i & 1023]
        words[word] = words.get(word, 0) + 1
    return len(words)


def word_count_shared(n, shared, me):
    text, words = shared["text"], shared["words"]
    for i in range(n):
        word = text[i & 1023]
        LOCK.acquire()
        words[word] = words.get(word, 0) + 1
        LOCK.release()
    return 0


WORKS = [
    call, closure_call, module_function, global_read, constant, list_read, list_write_own,
    list_write_shared, append_own, append_shared, dict_get, dict_set_own, dict_set_shared,
    set_add_shared, lock, lock_append_count, allocation, string_building, exception,
    pi, nbody, matmul, word_count_own, word_count_shared,
]


def make_shared():
    return {
        "adder": make_adder(1),
        "objects": [[i] * 3 for i in range(16)],
        "slots": [0] * 16,
        "list": [],
        "table": {"one": [1, 2, 3], "two": []},
        "numbers": {},
        "group": set(),
        "words": {},
        "rows": [make_row(60) for _ in range(60)],
        "columns": [make_row(60) for _ in range(60)],
        "text": ["w%d" % (i * i % 97) for i in range(1024)],
    }


def worker(work, amount, shared, me, results):
    GATE.acquire()
    GATE.release()
    results[me] = work(amount, shared, me)


def main(name, threads, amount):
    work = [w for w in WORKS if w.__name__ == name][0]
    shared = make_shared()
    results = [None] * max(1, threads)
    wall, cpu = time.perf_counter(), time.process_time()
    if threads == 0:
        worker(work, amount, shared, 0, results)
    else:
        GATE.acquire()
        handles = [start_thread(worker, (work, amount, shared, i, results)) for i in range(threads)]
        GATE.release()
        for handle in handles:
            handle.join()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    for result in results:
        if result is None or result != results[0]:
            raise AssertionError("a worker has failed: %r" % (results,))
    print(wall, cpu, results[0])


if __name__ == "__main__":
    if len(sys.argv) == 1:
        for w in WORKS:
            print(w.__name__)
    else:
        main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
