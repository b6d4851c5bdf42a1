"""RLock: owners, counts, errors, waiting; the sentinel of a thread; _local."""
import _thread


def gate():
    lock = _thread.allocate_lock()
    lock.acquire()
    return lock


def attempt(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except (RuntimeError, TypeError, ValueError, AttributeError) as error:
        return type(error).__name__ + ": " + str(error)


def in_thread(function, *args):
    results, end = [], gate()

    def body():
        try:
            results.append(attempt(function, *args))
        finally:
            end.release()

    _thread.start_new_thread(body, ())
    end.acquire()
    return results[0]


def rlock():
    lock = _thread.RLock()
    print(type(lock), repr(lock).split(" owner")[0], repr(lock).split(" at ")[0])
    print(attempt(lock.release))
    print(lock.acquire(), lock.acquire(), lock.acquire(False), lock.acquire(timeout=1), lock._is_owned())
    print(repr(lock).split(" owner")[0], repr(lock).split(" count")[1].split(" at ")[0])
    print(in_thread(lock.acquire, False), in_thread(lock.acquire, True, 0.001), in_thread(lock._is_owned))
    print(in_thread(lock.release))
    for _ in range(4):
        print(lock.release(), lock._is_owned())
    print(attempt(lock.release), attempt(lock.acquire, False, 1))
    print(in_thread(lock.acquire))  # held by a thread that has ended
    print(lock.acquire(False), lock._is_owned())
    other = _thread.RLock()
    print(other.__enter__(), other.__enter__())
    saved = other._release_save()
    print(saved[0], saved[1] == _thread.get_ident(), other._is_owned(), attempt(other._release_save))
    print(other._acquire_restore(saved), other._is_owned(), other.__exit__(None, None, None))
    print(other.release(), other._is_owned())


def deep(lock, total, n):
    lock.acquire()
    if n:
        deep(lock, total, n - 1)
    else:
        total[0] += 1
    lock.release()


def waiting(threads, rounds):
    lock, total, ends = _thread.RLock(), [0], []

    def body(end):
        for i in range(rounds):
            deep(lock, total, i & 3)
        end.release()

    for _ in range(threads):
        ends.append(gate())
        _thread.start_new_thread(body, (ends[-1],))
    for end in ends:
        end.acquire()
    print(total)


def sentinel():
    """Its lock is released when the thread has ended."""
    locks, end = [], gate()

    def body():
        lock = _thread._set_sentinel()
        lock.acquire()
        locks.append(lock)
        end.release()

    _thread.start_new_thread(body, ())
    end.acquire()
    print(locks[0].acquire(True, 10))


def local_values():
    values = _thread._local()
    values.x = "main"
    values.y = [1]

    def body(n):
        seen = attempt(lambda: values.x)
        values.x = n
        values.z = {}
        del values.z
        return seen, values.x, sorted(values.__dict__), attempt(lambda: values.z)

    print(in_thread(body, 1))
    print(in_thread(body, 2))
    print(values.x, values.y, sorted(values.__dict__))
    print(attempt(_thread._local, 1))
    try:
        del values.nothing
    except AttributeError as error:
        print(error)

    def many(count):
        """Locals die while other threads have values in them."""
        mine = [_thread._local() for _ in range(count)]
        for i, one in enumerate(mine):
            one.value = [i]
        shared.append(mine)
        return sum([one.value[0] for one in mine])

    shared = []
    print([in_thread(many, 20) for _ in range(3)])
    missing = 0
    for mine in shared:
        for one in mine:
            missing += attempt(lambda: one.value) == "AttributeError: '_thread._local' object has no attribute 'value'"
            one.value = 1
    print(missing)
    shared.clear()
    print(values.x)


rlock()
waiting(4, 200)
sentinel()
local_values()
