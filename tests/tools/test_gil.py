"""-X gil and PYTHON_GIL: what they say, and that with the GIL one thread runs at a time and all get on."""
import os
import subprocess
import sys

from harness import expect_equal, main

ADDER = os.path.join(sys.argv[1], "adder")
SHOW = "import sys; print(sys._is_gil_enabled(), sys.flags.gil)"
FATAL = 'Fatal Python error: config_read_gil: PYTHON_GIL / -X gil must be "0" or "1"'

# Increments that are no single step of the interpreter: only with the GIL, and then only where no
# switch falls between load and store, nothing is lost; so the lock is taken.
COUNT = """
import _thread, sys, time
turns = [0, 0, 0, 0]
total = [0]
lock = _thread.allocate_lock()
done = []
def work(i):
    for n in range(20000):
        turns[i] += 1
        with_lock()
    done.append(i)
def with_lock():
    lock.acquire()
    total[0] += 1
    lock.release()
for i in range(4):
    _thread.start_new_thread(work, (i,))
spins = 0
while len(done) < 4:
    spins += 1
    time.sleep(0)
print(turns, total, sorted(done), spins > 0)
# Each waits in a loop without any blocking call for what another does: the GIL must be handed on.
box = [0]
def answer(k):
    while box[0] < 20:
        if box[0] % 2 == k:
            box[0] += 1
_thread.start_new_thread(answer, (1,))
answer(0)
print(box[0] >= 20)
"""


def run(options, env, code):
    environment = dict(os.environ, **env)
    return subprocess.run([ADDER] + options + ["-c", code], env=environment, capture_output=True,
                          text=True, timeout=60)


def test_options_and_environment():
    for options, env, want in [
        ([], {}, "False None"),
        ([], {"PYTHON_GIL": ""}, "False None"),
        ([], {"PYTHON_GIL": "0"}, "False 0"),
        ([], {"PYTHON_GIL": "1"}, "True 1"),
        (["-X", "gil=0"], {}, "False 0"),
        (["-X", "gil=1"], {}, "True 1"),
        (["-X", "gil=0"], {"PYTHON_GIL": "1"}, "False 0"),
        (["-X", "gil=1"], {"PYTHON_GIL": "0"}, "True 1"),
    ]:
        done = run(options, env, SHOW)
        expect_equal(done.stdout.strip(), want, "gil", done)


def test_bad_values_are_fatal():
    for options, env in [(["-X", "gil=2"], {}), ([], {"PYTHON_GIL": "yes"}), (["-X", "gil="], {})]:
        done = run(options, env, SHOW)
        expect_equal(done.returncode, 1, "gil", done)
        expect_equal(done.stderr.splitlines()[0], FATAL, "gil", done)
        expect_equal(done.stdout, "", "gil", done)


def test_threads_take_turns():
    for jit in ["jit=0", "jit=portable", "jit=1"]:
        done = run(["-X", "gil=1", "-X", jit], {}, COUNT)
        expect_equal(done.stderr, "", "gil", done)
        expect_equal(done.stdout, "[20000, 20000, 20000, 20000] [80000] [0, 1, 2, 3] True\nTrue\n", "gil", done)


main(globals())
