"""The end does not wait for threads: they stop where they are, and run no Python any more."""
import _thread
import time


def gate():
    lock = _thread.allocate_lock()
    lock.acquire()
    return lock


def spin(ready):
    x = [1]
    ready.release()
    while True:
        x = [x[0] + 1]


def call(n):
    return [n]


def calls(ready):
    ready.release()
    while True:
        call(1)


def sleep(ready):
    ready.release()
    while True:
        time.sleep(0.0001)


def waits(ready, never):
    ready.release()
    never.acquire()
    print("never printed")


def locks(ready, lock):
    ready.release()
    while True:
        lock.acquire()
        lock.release()


def natives(ready):
    ready.release()
    while True:
        sum(range(5000))
        sorted(range(500))


def publishes(ready, shared):
    ready.release()
    while True:
        shared.append({"a": [1, 2]})
        if len(shared) > 50:
            shared.clear()


def dies_late(ready):
    try:
        waits(ready, gate())
    finally:
        print("never printed either")


lock, shared = _thread.allocate_lock(), []
for function, args in [
    (spin, ()),
    (calls, ()),
    (sleep, ()),
    (waits, (gate(),)),
    (locks, (lock,)),
    (locks, (lock,)),
    (natives, ()),
    (publishes, (shared,)),
    (dies_late, ()),
]:
    ready = gate()
    _thread.start_new_thread(function, (ready,) + args)
    ready.acquire()
time.sleep(0.01)
print("the end")
