"""A short run of tests/fuzz/differential.py with seeds of its own, where a CPython 3.11 is at hand."""
import os
import sys

from . import language
from .runner import ROOT, Case, Outcome, run_process

SCRIPT = os.path.join(ROOT, "tests", "fuzz", "differential.py")
PART = 10  # programs a case
PROGRAMS = {"release": 60, "asan": 30}
FIRST = {"release": 1, "asan": 501}


def fuzz_cases(build):
    if not language.find_cpython():
        return []
    first = FIRST[build.name]
    return [fuzz_case(build, seed) for seed in range(first, first + PROGRAMS[build.name], PART)]


def fuzz_case(build, seed):
    name = "fuzz/%s/%d" % (build.name, seed)
    command = [sys.executable, SCRIPT, build.adder, "--seed", str(seed), "--count", str(PART), "--jobs", "1"]

    def run():
        done = run_process(command, build.seconds(120), build.env)
        good = done.status == 0 and "%d programs, 0 differ" % PART in done.stdout
        return [Outcome(name, good, done.describe() + "\n" + done.stdout + done.stderr)]

    return Case(name, run)
