"""SIGINT: it reaches the main thread wherever that is, whichever thread the system runs the handler in."""
import os
import signal
import subprocess
import sys

from harness import SECONDS, Files, Run, expect, expect_equal, main

ENGINES = (["jit=0"], ["jit=1", "jit-threshold=1"], ["jit=1"], ["jit=portable", "jit-threshold=1"])

# The program prints "ready" when it waits for the signal, then is interrupted, once.
BUSY = """
import _thread, sys
def spin(n):
    x = 0
    while True:
        x = (x + n) & 1023
for i in range(2):
    _thread.start_new_thread(spin, (i,))
"""
WAITS = {
    "loop": "n = 0\nwhile True:\n    n += 1\n",
    "calls": "def f(x): return x + 1\nn = 0\nwhile True:\n    n = f(n) & 7\n",
    "lock": "l = _thread.allocate_lock()\nl.acquire()\nl.acquire()\n",
    "lock_timeout": "l = _thread.allocate_lock()\nl.acquire()\nl.acquire(True, 100)\n",
    "rlock": "l = _thread.RLock()\n_thread.start_joinable_thread(l.acquire).join()\nl.acquire()\n",
    "join": "_thread.start_joinable_thread(spin, (3,)).join()\n",
    "sleep": "import time\ntime.sleep(100)\n",
    "read": "input()\n",
    "native_loop": "while True:\n    sum(range(10**7))\n",
}
PROGRAM = """%s
def wait():
%s
try:
    sys.stdout.write("ready\\n")
    sys.stdout.flush()
    wait()
except KeyboardInterrupt:
    print("interrupted")
n = 0
while n < 100000:
    n += 1
print("once")
"""


def indent(text):
    return "".join("    " + line + "\n" for line in text.splitlines())


def start(path, switches):
    command = [os.path.join(os.path.abspath(sys.argv[1]), "adder")]
    for switch in switches:
        command += ["-X", switch]
    nothing, keep = os.pipe()  # nothing comes, but it does not end either
    process = subprocess.Popen(
        command + [path], stdin=nothing, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    os.close(nothing)
    return process, keep


def interrupted(source, switches, send):
    """What a program does that gets the signal when it has said that it is ready."""
    with Files(prog=source) as files:
        process, keep = start(files.prog, switches)
        try:
            first = process.stdout.readline()
            send(process)
            out, err = process.communicate(timeout=SECONDS)
        finally:
            process.kill()
            os.close(keep)
    return Run(subprocess.CompletedProcess([], process.returncode, first + out, err))


def to_process(process):
    os.kill(process.pid, signal.SIGINT)


def to_another_thread(process):
    """The system runs the handler in a thread that is not the main one."""
    tasks = [int(name) for name in os.listdir("/proc/%d/task" % process.pid)]
    others = [task for task in tasks if task != process.pid]
    expect(others, "the program has more threads than the main one")
    tgkill(process.pid, others[-1])


def tgkill(pid, task):
    import ctypes

    expect_equal(ctypes.CDLL(None).syscall(234, pid, task, int(signal.SIGINT)), 0, "tgkill")


def check(source, send, name):
    for switches in ENGINES:
        done = interrupted(source, switches, send)
        expect_equal(done.out, "ready\ninterrupted\nonce\n", "%s with %s" % (name, switches), done)
        expect_equal((done.status, done.err), (0, ""), "status and stderr", done)


def test_main_thread_is_interrupted_where_it_waits():
    for name, wait in WAITS.items():
        check(PROGRAM % (BUSY, indent(wait)), to_process, name)


def test_another_thread_gets_the_signal():
    for name in ("loop", "lock", "sleep", "read"):
        check(PROGRAM % (BUSY, indent(WAITS[name])), to_another_thread, name)


def test_one_thread():
    for name in ("loop", "lock", "sleep"):
        check(PROGRAM % ("import _thread, sys\n", indent(WAITS[name])), to_process, name)


def test_uncaught():
    """Status 130 and a traceback; the other threads are stopped."""
    source = BUSY + 'print("ready", flush=True)\nwhile True:\n    pass\n'
    source = source.replace(', flush=True)', ')\nsys.stdout.flush()')
    for switches in ENGINES:
        done = interrupted(source, switches, to_process)
        expect_equal(done.status, 130, "status", done)
        expect(done.err.endswith("KeyboardInterrupt\n"), "traceback", done)


main(globals())
