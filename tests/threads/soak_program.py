"""What tests/threads/soak.py runs: threads that come and go over shared lists, dicts, sets, closures, locks,
strings and exceptions, and count what they did. Arguments: seed, seconds, threads at a time.

Each task leaves the shared objects in a state whose sums are known, or counts in `done` (a dict of its own thread)
what must be found in them at the end. Prints one line; a wrong sum is an AssertionError.
"""
import _thread
import sys
import time

SLOTS = 64
WORDS = ["w%d" % i for i in range(23)]

shared_list = []
slots = [(0, 0)] * SLOTS
words = {}
own_keys = {}
members = set()
group = set()
notes = []
lock = _thread.allocate_lock()
rlock = _thread.RLock()
failures = []
answer = 0


class_of_errors = (ValueError, KeyError, ZeroDivisionError, IndexError)


def random_from(seed):
    state = seed * 2654435761 % 4294967291 + 1

    def draw(n):
        nonlocal state
        state = state * 48271 % 2147483647
        return state % n

    return draw


def make_counter():
    n = 0

    def up(by):
        nonlocal n
        lock.acquire()
        n += by
        lock.release()
        return n

    def get():
        return n

    return up, get


count_up, count_get = make_counter()


def note(done, key, by):
    done[key] = done.get(key, 0) + by


def task_append(draw, done):
    n = 50 + draw(200)
    for i in range(n):
        shared_list.append(i)
    note(done, "list", n)


def task_pop(draw, done):
    n = 0
    for _ in range(50 + draw(200)):
        try:
            shared_list.pop()
        except IndexError:
            break
        n += 1
    note(done, "list", -n)


def task_slots(draw, done):
    for i in range(300):
        k = draw(SLOTS)
        a, b = slots[k]
        if a != b:
            raise AssertionError("a slot holds %r, %r" % (a, b))
        slots[k] = (i, i)


def task_words(draw, done):
    for _ in range(100):
        word = WORDS[draw(23)]
        lock.acquire()
        words[word] = words.get(word, 0) + 1
        lock.release()
    note(done, "words", 100)


def task_recursive_lock(draw, done):
    for _ in range(30):
        rlock.acquire()
        rlock.acquire()
        word = WORDS[draw(5)] + "/r"
        before = own_keys.get(word, 0)
        own_keys[word] = before + 1
        rlock.release()
        rlock.release()
    note(done, "rlock", 30)


def task_own_keys(draw, done):
    me = _thread.get_ident()
    for i in range(120):
        key = (me, i)
        own_keys[key] = str(i)
    for i in range(120):
        key = (me, i)
        if own_keys[key] != str(i):
            raise AssertionError("the value of another key")
        del own_keys[key]


def task_members(draw, done):
    me = draw(1000000007)
    for i in range(100):
        members.add((me, i))
        group.add(i)
    for i in range(100):
        if (me, i) not in members or i not in group:
            raise AssertionError("a member was lost")
        members.discard((me, i))


def task_closure(draw, done):
    by = 1 + draw(5)
    for _ in range(60):
        count_up(by)
    note(done, "closure", 60 * by)


def fail(kind, depth):
    if depth == 0:
        if kind == 0:
            raise ValueError("soak")
        if kind == 1:
            return words["no such word"]
        if kind == 2:
            return 1 // 0
        return [][3]
    return fail(kind, depth - 1)


def task_exceptions(draw, done):
    for i in range(60):
        kind = draw(4)
        try:
            fail(kind, i % 5)
        except class_of_errors as error:
            if type(error) is not class_of_errors[kind]:
                raise AssertionError("another exception: %r" % (error,))
        else:
            raise AssertionError("no exception")


def task_strings(draw, done):
    parts = []
    for i in range(100):
        parts.append("%d:%s" % (i, WORDS[i % 23]))
    text = ",".join(parts)
    if text.split(",") != parts or len(text) != sum([len(p) for p in parts]) + 99:
        raise AssertionError("a text is wrong")
    notes.append(text[:20])
    if len(notes) > 500:
        del notes[:250]


def task_numbers(draw, done):
    total, sign, big = 0.0, 1.0, 1
    for k in range(2000):
        total += sign / (2 * k + 1)
        sign = -sign
        if k % 100 == 0:
            big = big * 1000003 + k
    if not 3.14 < total * 4 < 3.143 or big % 1000003 != 1900:
        raise AssertionError("arithmetic: %r %r" % (total, big))


def task_sort(draw, done):
    items = [draw(1000) for _ in range(200)]
    before = sum(items)
    items.sort()
    for i in range(199):
        if items[i] > items[i + 1]:
            raise AssertionError("not sorted")
    if sum(items) != before:
        raise AssertionError("sort lost an item")


def answer_one():
    return 1


def answer_two():
    return 2


def ask():
    return answer_one()


def task_globals(draw, done):
    global answer, ask
    for i in range(200):
        got = ask()
        if got != 1 and got != 2:
            raise AssertionError("a global function gave %r" % (got,))
        answer = got
        if i % 50 == 49:
            ask = answer_two if draw(2) else answer_one


def task_iterate(draw, done):
    n = 0
    for item in list(slots):
        n += item[0] - item[1]
    try:
        for key in own_keys:
            n += key is None
    except RuntimeError:
        pass
    if n != 0:
        raise AssertionError("iteration")


def task_child(draw, done):
    box = {}
    handle = _thread.start_joinable_thread(run_tasks, (draw(1000000), 2, box))
    handle.join()
    for key in box:
        note(done, key, box[key])


TASKS = [
    task_append, task_pop, task_slots, task_words, task_recursive_lock, task_own_keys, task_members,
    task_closure, task_exceptions, task_strings, task_numbers, task_sort, task_globals, task_iterate, task_child,
]


def run_tasks(seed, count, done):
    draw = random_from(seed)
    try:
        for _ in range(count):
            kind = draw(len(TASKS))
            if kind == len(TASKS) - 1 and count <= 2:
                kind = 0
            TASKS[kind](draw, done)
            note(done, "tasks", 1)
    except BaseException as error:
        failures.append("%s: %s" % (type(error).__name__, error))


def add_up(totals, done):
    for key in done:
        note(totals, key, done[key])


def check(totals):
    found = {
        "list": len(shared_list),
        "words": sum(list(words.values())),
        "rlock": sum([own_keys[key] for key in own_keys if type(key) is str]),
        "closure": count_get(),
    }
    for key in found:
        if found[key] != totals.get(key, 0):
            raise AssertionError("%s: %d, not %d" % (key, found[key], totals.get(key, 0)))
    if failures:
        raise AssertionError(failures[0])
    if len(members) != 0 or len([key for key in own_keys if type(key) is not str]) != 0:
        raise AssertionError("members or keys are left")


def main(seed, seconds, threads):
    end = time.monotonic() + seconds
    totals = {}
    waves = 0
    draw = random_from(seed)
    while time.monotonic() < end:
        running = []
        for _ in range(1 + draw(threads)):
            done = {}
            handle = _thread.start_joinable_thread(run_tasks, (draw(1000000), 4 + draw(40), done))
            running.append((handle, done))
        if draw(3) == 0:
            done = {}
            run_tasks(draw(1000000), 3, done)
            add_up(totals, done)
        for handle, done in running:
            handle.join()
            add_up(totals, done)
        waves += 1
        check(totals)
        if len(shared_list) > 50000:
            note(totals, "list", -len(shared_list))
            shared_list.clear()
    print("soak: seed %d, %d waves, %d tasks" % (seed, waves, totals["tasks"]))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
