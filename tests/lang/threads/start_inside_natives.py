"""A thread starts, and ends, while natives that call Python are on the stack of the one that starts it.

The frames outside of those natives go on by code for many threads, at once: what both threads do to one list, dict,
cell and global must not be lost.
"""
import _thread

ROUNDS = 300
count = 0


def work(values, table, put, done):
    for i in range(ROUNDS):
        values[i % 10] = [i]
        values.append(i)
        values.pop()
        table["worker", i] = (i,)
        put([i])
    done.release()


def cell():
    held = [0]

    def put(v):
        nonlocal held
        held = v

    def get():
        return held

    return put, get


def through_sorted(begin):
    return sorted([3, 1, 2], key=lambda v: (begin() if v == 1 else None, v)[1])


def through_map(begin):
    return list(map(lambda v: begin() if v == 2 else v, [1, 2, 3]))


def through_sort_in_map(begin):
    return list(map(lambda v: through_sorted(begin) if v == 2 else v, [1, 2, 3]))


def through_max(begin):
    return max([1, 5, 2], key=lambda v: begin() or v)


def through_deep_calls(begin, depth=60):
    if depth == 0:
        return through_sorted(begin)
    return through_deep_calls(begin, depth - 1)


def through_format(begin):
    return "%s %s" % (begin(), [begin() for _ in range(1)])


def run(through):
    global count
    values = [[0]] * 10
    table = {}
    put, get = cell()
    done = _thread.allocate_lock()
    done.acquire()
    started = []

    def begin():
        if not started:
            started.append(_thread.start_new_thread(work, (values, table, put, done)))

    for i in range(ROUNDS):
        if i == 10:
            through(begin)
        values[i % 10] = [i]
        for v in values:
            if v is None:
                print("torn")
        table["main", i] = values[i % 10]
        put([i])
        if len(get()) != 1:
            print("torn cell")
        count = [i]
        if len(count) != 1:
            print("torn global")
    done.acquire()
    return len(values), len(table), all([table["worker", i] == (i,) for i in range(ROUNDS)])


for through in (through_sorted, through_map, through_sort_in_map, through_max, through_deep_calls, through_format):
    print(through.__name__, run(through))
