"""Threads start, run functions with their arguments, and end in several ways."""
import _thread
import sys


def run(function, *args, **kwargs):
    """Runs it in a thread and waits for its end."""
    done = _thread.allocate_lock()
    done.acquire()
    results = []

    def body():
        try:
            results.append(function(*args, **kwargs))
        finally:
            done.release()

    ident = _thread.start_new_thread(body, ())
    done.acquire()
    return ident, results


def add(a, b=10, *rest, c=100):
    return a + b + sum(rest) + c


def exits():
    _thread.exit()


def exits_with_text():
    sys.exit("not shown")


def main():
    print(run(add, 1)[1], run(add, 1, 2, 3, 4)[1], run(add, 1, c=5)[1])
    print(run(exits)[1], run(exits_with_text)[1])
    print(type(run(add, 1)[0]) is int, run(_thread.get_ident)[1][0] != _thread.get_ident())
    seen = []
    lock = _thread.allocate_lock()
    lock.acquire()

    def named(x, *, y, z=3):
        seen.append((x, y, z))
        lock.release()

    _thread.start_new_thread(named, (1,), {"y": 2})
    lock.acquire()
    _thread.start_new_thread(named, (4,), {"y": 5, "z": 6})
    lock.acquire()
    print(seen)
    for bad in [(1, ()), (named, []), (named, (), [])]:
        try:
            _thread.start_new_thread(*bad)
        except TypeError as error:
            print(error)
    try:
        _thread.start_new_thread(named)
    except TypeError as error:
        print(error)


def chain(n, lock):
    """A thread that starts a thread that ..."""
    if n == 0:
        lock.release()
    else:
        _thread.start_new_thread(chain, (n - 1, lock))


def many():
    lock = _thread.allocate_lock()
    lock.acquire()
    chain(50, lock)
    lock.acquire()
    counter = []

    def step(i, lock):
        counter.append(i)
        lock.release()

    for i in range(300):
        _thread.start_new_thread(step, (i, lock))
        lock.acquire()
    print(counter == list(range(300)))


main()
many()
