# Threads that come and go, park in helpers that traces call, recurse through traces and call Python from natives:
# under -X stress-invalidate traces are retired and freed around them.
import _thread, time
lock = _thread.allocate_lock()
count = [0]
def locked(n):
    for i in range(n):
        lock.acquire()
        count[0] += 1
        lock.release()
def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)
def slow(x):
    s = 0
    for i in range(30):
        s += i
        if i == 15 and x % 50 == 0:
            time.sleep(0.0002)
    return s - 435 - x
def keys(n):
    t = 0
    for i in range(n):
        t += sorted([i, 3, 9, 1], key=slow)[0]
    return t
done = []
def run(k, rounds):
    ok = True
    for r in range(rounds):
        locked(100)
        ok = ok and fib(13) == 233
        keys(20)
    done.append((k, ok))
total = 0
for generation in range(3):
    done.clear()
    for k in range(5):
        _thread.start_new_thread(run, (k, 3))
        total += 300
    s = 0
    while len(done) < 5:
        for i in range(200):
            s += i * 2
        time.sleep(0.001)
    if not all([ok for k, ok in done]):
        print("wrong")
print(count[0] == total)
