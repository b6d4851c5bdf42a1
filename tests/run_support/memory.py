"""Programs whose n-th allocation fails (-X stress-alloc): no crash, no leak, a valid MemoryError.

Each program meets a few such failures, other ones for each; some programs meet all of the first
hundreds under ASan, and ever fewer of those that come later.
"""
import os
import re
import zlib

from . import language
from .runner import ROOT, Case, Outcome

SWITCH = "stress-alloc"
RUNS = 3
SWEPT = ["lang/exceptions", "lang/comprehensions", "lang/hot/closures", "lang/hot/containers"]
SWEPT_ENGINES = [["jit=0"], ["jit=1", "jit-threshold=1"]]
SWEPT_ALL, SWEPT_UP_TO = 130, 40000

# Who catches what it does not name may catch a MemoryError, and print what it likes.
CATCHES = re.compile(r"except\s*:|except \(?(Base)?Exception|MemoryError")


def run_failing(program, build, switches, failing):
    """What is wrong, as text, and what the program did."""
    command = [build.adder]
    for switch in switches + ["%s=%d" % (SWITCH, failing)]:
        command += ["-X", switch]
    seconds = build.seconds(language.SECONDS)
    done = language.run_program(program, command, seconds, build.env, build.memory_mib)
    wrong = language.differences(program, done)
    if not wrong or done.timed_out:
        return wrong, done
    with open(os.path.join(ROOT, program.path), encoding="utf-8", errors="replace") as file:
        catches = CATCHES.search(file.read()) is not None
    last = done.stderr.strip().rsplit("\n", 1)[-1]
    if done.status == 1 and last.startswith("MemoryError"):
        cut = (program.expected("out") or "").startswith(done.stdout)
        return "" if cut or catches else "the output before the MemoryError differs\n" + wrong, done
    if done.status in (0, 1, program.status) and catches:
        return "", done
    wanted = (program.expected("err") or "").strip().rsplit("\n", 1)[-1]
    if done.status == program.status == 1 and last.startswith(wanted.partition(":")[0]):
        return "", done  # what prints the traceback had no memory for all of it
    return wrong, done


def outcome(name, program, build, switches, failing):
    wrong, done = run_failing(program, build, switches, failing)
    text = done.describe() + "\n" + done.stderr + "\n" + wrong if wrong else ""
    return Outcome(name, not wrong, text)


def random_case(program, build, turn):
    name = "%s/%s/alloc-%d" % (program.name, build.name, turn)
    # From a few to some ten thousand allocations, the same for a program in every run of the tests.
    failing = zlib.crc32(name.encode()) % (50 * 20**turn) + 1
    return Case(name, lambda: [outcome(name, program, build, ["jit-threshold=1"], failing)])


def swept():
    """1, 2, 3, ... and then ever larger steps."""
    n, found = 0, []
    while n < SWEPT_UP_TO:
        n = n + 1 if n < SWEPT_ALL else int(n * 1.2)
        found.append(n)
    return found


def sweep_case(program, build, switches, first):
    """Every fourth of the swept failures, from first on: enough for one case."""
    name = "%s/%s/alloc-sweep-%s-%d" % (program.name, build.name, switches[0], first)

    def run():
        for failing in swept()[first::4]:
            result = outcome(name, program, build, switches, failing)
            if not result.passed:
                return [result]
        return [Outcome(name, True)]

    return Case(name, run)


def waits_for_threads(program):
    """A thread that ends with a MemoryError may leave others waiting for it: such a program says nothing."""
    return os.path.dirname(program.path) == language.THREADS


def memory_cases(build, programs):
    programs = [program for program in programs if not waits_for_threads(program)]
    cases = [random_case(program, build, turn) for program in programs for turn in range(RUNS)]
    if build.name == "asan":
        cases += [
            sweep_case(program, build, switches, first)
            for program in programs
            if program.name in SWEPT
            for switches in SWEPT_ENGINES
            for first in range(4)
        ]
    return cases
