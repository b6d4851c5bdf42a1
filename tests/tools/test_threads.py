"""Threads beyond what CPython 3.11 can show: handles, starts that fail, memory that runs out, many threads."""
import os
import subprocess
import sys

from harness import Files, expect, expect_equal, main, run

ENGINES = (["-X", "jit=0"], ["-X", "jit-threshold=1"])
MEMORY_FAILURES = 160


def check(source, wanted, *switches):
    for engine in ENGINES:
        with Files(prog=source) as files:
            done = run("adder", *engine, *switches, files.prog)
        expect_equal(done.out, wanted, "output with %s" % (engine,), done)
        expect_equal((done.status, done.err), (0, ""), "status and stderr", done)


def test_handles():
    check(
        """
import _thread
out = []
handle = _thread.start_joinable_thread(out.append, (1,))
print(handle.join(), handle.is_done(), out, type(handle.ident) is int, handle.join())
gate = _thread.allocate_lock()
gate.acquire()
def wait(a, *, b):
    gate.acquire()
    out.append((a, b))
handle = _thread.start_joinable_thread(wait, args=(2,), kwargs={"b": 3})
print(handle.join(0), handle.join(0.001), handle.is_done(), out, _thread._count())
gate.release()
print(handle.join(timeout=60), handle.is_done(), out)
handles = []
def joins_itself():
    gate.acquire()
    try:
        handles[0].join()
    except RuntimeError as error:
        print(error)
gate.acquire(False)
handles.append(_thread.start_joinable_thread(joins_itself))
gate.release()
handles[0].join()
for bad in [(1,), (wait, [1]), (wait, (), [])]:
    try:
        _thread.start_joinable_thread(*bad)
    except TypeError as error:
        print(error)
""",
        "None True [1] True None\nNone None False [1] 1\nNone True [1, (2, 3)]\nCannot join current thread\n"
        "thread function must be callable\nargs must be a tuple\nkwargs must be a dictionary\n",
    )


def test_many():
    """One after the other, at a time, and each from the one before."""
    check(
        """
import _thread
total = []
def one(i):
    total.append(i)
for i in range(1000):
    _thread.start_joinable_thread(one, (i,)).join()
print(total == list(range(1000)), _thread._count())
gate = _thread.RLock()
gate.acquire()
def two(i):
    gate.acquire()
    total.append(i)
    gate.release()
for _ in range(3):
    del total[:]
    handles = [_thread.start_joinable_thread(two, (i,)) for i in range(64)]
    print(_thread._count(), total)
    gate.release()
    for handle in handles:
        handle.join()
    print(sorted(total) == list(range(64)))
    gate.acquire()
def chain(n):
    if n:
        _thread.start_joinable_thread(chain, (n - 1,)).join()
    else:
        print("chained")
chain(40)
""",
        "True 0\n" + "64 []\nTrue\n" * 3 + "chained\n",
    )


def test_stack_size():
    check(
        """
import _thread, sys
print(_thread.stack_size(), _thread.stack_size(32768), _thread.stack_size(1 << 20), _thread.stack_size())
for bad in (1, 4095, -1):
    try:
        _thread.stack_size(bad)
    except ValueError as error:
        print(error)
def depth(n):
    try:
        return max([depth(n + 1)])
    except RecursionError:
        return n
def nested(n):
    return nested_list(n)
def nested_list(n):
    value = []
    for _ in range(n):
        value = [value]
    try:
        return len(repr(value))
    except RecursionError:
        return "too deep"
def run(size):
    _thread.stack_size(size)
    seen = []
    _thread.start_joinable_thread(lambda: seen.append((depth(0), nested_list(10 ** 5)))).join()
    return seen[0]
sizes = [run(size) for size in (32768, 1 << 20, 64 << 20, 0)]
print([s[1] for s in sizes], sizes[2][0] == sizes[3][0], sizes[2][0] > 900)
""",
        "0 0 32768 1048576\nsize not valid: 1 bytes\nsize not valid: 4095 bytes\n"
        "size must be 0 or a positive value\n%s True True\n" % (["too deep"] * 4),
    )


def test_recursion_limit_is_of_each_thread():
    check(
        """
import _thread, sys
def depth(n):
    try:
        return depth(n + 1)
    except RecursionError:
        return n
own = depth(0)
seen = []
def body():
    seen.append(depth(0))
def deep(n):
    if n:
        return deep(n - 1)
    _thread.start_joinable_thread(body).join()
deep(500)
print(abs(seen[0] - own) <= 2)
sys.setrecursionlimit(200)
deep(100)
print(150 < seen[1] <= 200)
""",
        "True\nTrue\n",
    )


def test_starts_at_the_end_are_silent():
    source = """
import _thread, time
gate = _thread.allocate_lock()
gate.acquire()
def starts():
    gate.release()
    while True:
        _thread.start_new_thread(int, ())
for _ in range(2):
    _thread.start_new_thread(starts, ())
    gate.acquire()
time.sleep(0.01)
print("the end")
"""
    for _ in range(5):
        check(source, "the end\n")


def test_output_of_stopped_threads_is_written():
    """What was printed before the end comes out, whoever holds the stream when the end comes."""
    source = """
import _thread, time
def prints(n):
    while True:
        print(n)
for n in range(4):
    _thread.start_new_thread(prints, (n,))
time.sleep(0.02)
print("the end")
"""
    for engine in ENGINES:
        with Files(prog=source) as files:
            done = run("adder", *engine, files.prog)
        expect_equal((done.status, done.err), (0, ""), "status and stderr")
        expect("the end" in done.out, "what the main thread printed")
        expect_equal(set(done.out.replace("the end", "")) - set("0123\n"), set(), "no torn text")


def test_start_that_fails():
    """Without address space for another stack."""
    source = """
import _thread
_thread.stack_size(1 << 40)
try:
    _thread.start_new_thread(print, ("never",))
except RuntimeError as error:
    print(error)
try:
    _thread.start_joinable_thread(print, ("never",))
except RuntimeError as error:
    print(error)
_thread.stack_size(0)
_thread.start_joinable_thread(print, ("works",)).join()
print(_thread._count())
"""
    with Files(prog=source) as files:
        command = [os.path.join(os.path.abspath(sys.argv[1]), "adder"), files.prog]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
    expect_equal(done.stdout, "can't start new thread\n" * 2 + "works\n0\n", "output", done.stderr)
    expect_equal((done.returncode, done.stderr), (0, ""), "status and stderr")


def test_memory_runs_out_on_the_way():
    """Each allocation of starting, running and ending a thread fails once: an error, no crash, no hang.

    Leaks are not looked for: a count that could not be queued at its owner (runtime/object_merge.c) is lost.
    """
    os.environ["ASAN_OPTIONS"] = (os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0").strip(":")
    source = """
import _thread
local = _thread._local()
def body(a, *, b):
    local.x = [a, b]
    return local.x
def start():
    handle = _thread.start_joinable_thread(body, (1,), {"b": 2})
    handle.join()
    lock = _thread.allocate_lock()
    lock.acquire()
    _thread.start_new_thread(lock.release, ())
    lock.acquire(True, 60)
    return "done"
try:
    print(start())
except MemoryError:
    print("MemoryError")
except RuntimeError as error:
    print(error)
"""
    seen = set()
    with Files(prog=source) as files:
        end = allocations(files.prog)
        for n in range(max(1, end - MEMORY_FAILURES), end + 2):
            done = run("adder", "-X", "jit=0", "-X", "stress-alloc=%d" % n, files.prog)
            last = done.err.strip().rsplit("\n", 1)[-1]
            fine = done.out in ("done\n", "MemoryError\n", "can't start new thread\n") and done.status == 0
            fine = fine or (done.status == 1 and last.startswith("MemoryError"))
            expect(fine, "allocation %d fails" % n, done)
            seen.add(done.out)
    expect("done\n" in seen and "MemoryError\n" in seen, "the failures met the start of a thread", seen)


def allocations(path):
    """About how many the program makes: from there on a failure is none."""
    low, high = 1, 1 << 15
    while high - low > 1:
        middle = (low + high) // 2
        done = run("adder", "-X", "jit=0", "-X", "stress-alloc=%d" % middle, path)
        if (done.status, done.out, done.err) == (0, "done\n", ""):
            high = middle
        else:
            low = middle
    return high


main(globals())
