"""Locks: their methods and errors; counters, hand-over, timeouts."""
import _thread
import time


def attempt(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except (RuntimeError, TypeError, ValueError, OverflowError, AttributeError) as error:
        return type(error).__name__ + ": " + str(error)


def errors():
    lock = _thread.allocate_lock()
    print(repr(lock).split(" object")[0], type(lock))
    print(attempt(lock.release))
    print(lock.acquire(), lock.locked(), lock.acquire(False), lock.acquire(blocking=False))
    print(repr(lock).split(" object")[0])
    print(lock.acquire(timeout=0.001), lock.acquire(True, 0.001), lock.acquire(True, 0))
    print(attempt(lock.acquire, False, 1))
    print(attempt(lock.acquire, True, -2))
    print(attempt(lock.acquire, timeout=10**10))
    print(attempt(lock.acquire, timeout=float("nan")))
    print(attempt(lock.acquire, timeout=1e300))
    print(attempt(lock.acquire, "x"))
    print(attempt(lock.acquire, True, "x"))
    print(attempt(lock.acquire, 1, 2, 3))
    print(attempt(lock.acquire, wrong=1))
    print(attempt(lock.release, 1))
    print(attempt(_thread.LockType))
    print(lock.release(), lock.locked(), lock.__enter__(), lock.__exit__(None, None, None), lock.locked())
    print(attempt(lambda: lock.nothing))
    print(_thread.error is RuntimeError, _thread.TIMEOUT_MAX)
    held = _thread.allocate_lock()
    held.acquire()
    del held  # freed while it is held


def gate():
    lock = _thread.allocate_lock()
    lock.acquire()
    return lock


def counters(threads, rounds):
    lock = _thread.allocate_lock()
    total = [0]
    ends = []

    def count(end):
        for _ in range(rounds):
            lock.acquire()
            total[0] += 1
            lock.release()
        end.release()

    for _ in range(threads):
        ends.append(gate())
        _thread.start_new_thread(count, (ends[-1],))
    for end in ends:
        end.acquire()
    print(total)


def ping_pong(rounds):
    """Each thread releases the other's lock."""
    ping, pong, end = gate(), gate(), gate()
    said = []

    def answer():
        for i in range(rounds):
            ping.acquire()
            said.append(-i)
            pong.release()
        end.release()

    _thread.start_new_thread(answer, ())
    for i in range(rounds):
        said.append(i)
        ping.release()
        pong.acquire()
    end.acquire()
    print(len(said), said[:6], sum(said))


def producers(count, items):
    """Bounded buffer out of locks: everything that is made is used once."""
    lock = _thread.allocate_lock()
    queue, used, ends = [], [], []
    state = [0]

    def produce(number, end):
        for i in range(items):
            while True:
                lock.acquire()
                if len(queue) < 8:
                    queue.append(number * items + i)
                    lock.release()
                    break
                lock.release()
                time.sleep(0)
        end.release()

    def consume(end):
        while True:
            lock.acquire()
            if queue:
                used.append(queue.pop(0))
                lock.release()
            elif state[0]:
                lock.release()
                break
            else:
                lock.release()
                time.sleep(0)
        end.release()

    makers = []
    for number in range(count):
        makers.append(gate())
        _thread.start_new_thread(produce, (number, makers[-1]))
        ends.append(gate())
        _thread.start_new_thread(consume, (ends[-1],))
    for maker in makers:
        maker.acquire()
    state[0] = 1
    for end in ends:
        end.acquire()
    print(sorted(used) == list(range(count * items)), queue)


def patience():
    """A thread that takes the lock again and again does not keep another from it."""
    lock, end = _thread.allocate_lock(), gate()
    turns = []

    def greedy():
        while not turns:
            lock.acquire()
            time.sleep(0.0005)
            lock.release()
        end.release()

    _thread.start_new_thread(greedy, ())
    time.sleep(0.005)
    lock.acquire()
    turns.append(1)
    lock.release()
    end.acquire()
    print("had its turn")


def timeouts():
    """Waiters that give up leave the lock as it was."""
    lock, ends = gate(), []
    results = []

    def wait(seconds, end):
        results.append((seconds, lock.acquire(True, seconds)))
        end.release()

    for i in range(6):
        ends.append(gate())
        _thread.start_new_thread(wait, (0.01 + i / 1000, ends[-1]))
    for end in ends:
        end.acquire()
    print([r[1] for r in results], lock.locked())
    lock.release()
    print(lock.acquire(False))


errors()
counters(2, 3000)
counters(8, 300)
ping_pong(300)
producers(3, 100)
patience()
timeouts()
