# Collections while threads run, make cycles, and free what others have made.
import _thread
import gc
import time

ROUNDS = 300
done = _thread.allocate_lock()
waiting = 4
lock = _thread.allocate_lock()
shared = []
results = {}


def helper(x):
    return x + 1


def work(number):
    global waiting
    total = 0
    for i in range(ROUNDS):
        a = [i]
        d = {"a": a, "number": number}
        a.append(d)
        a.append((a, d))

        def f():
            return a, f

        total = helper(total)
        shared.append(a)
        if len(shared) > 50:
            try:
                got = shared.pop()
                got.append(got)
            except IndexError:
                pass
        if i % 50 == 0:
            gc.collect()
    results[number] = total
    with_lock(lambda: 0)


def with_lock(f):
    global waiting
    lock.acquire()
    waiting -= 1
    last = waiting == 0
    lock.release()
    if last:
        done.release()
    return f()


done.acquire()
for n in range(4):
    _thread.start_new_thread(work, (n,))
for i in range(10):
    gc.collect()
done.acquire()
print(sorted(results.items()))
for a in shared:
    assert a[1]["a"] is a and a[2][0] is a
shared.clear()
del a
for i in range(10):
    time.sleep(0.01)  # the threads end
    gc.collect()
left = len([o for o in gc.get_objects() if type(o) is dict and "number" in o and "a" in o])
print(left < 20)
