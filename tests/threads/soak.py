#!/usr/bin/env python3
"""tests/threads/soak.py ADDER [--seconds N] [--seed N] [--threads N] [--engine NAME]... [--part SECONDS] [--any-memory]

Runs soak_program.py again and again, each time with another seed and the next engine, for N seconds (20): no crash,
no hang, no lost update (the program counts), nothing on stderr, and bounded memory: what is resident in the last
third of a run is at most a quarter more than in the second third, and 24 MiB (a list that grows without bound
shows in longer parts: --part 60). The last line is "N runs, N failed"; a failed run says how to repeat it.

tests/run_tests.py runs it for some seconds in each build; by hand: --seconds 600.
"""
import argparse
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(HERE, "soak_program.py")
LIMIT_SECONDS = 60  # beyond its part: a hang
SLACK_KIB = 24 << 10

ENGINES = [
    ("tier1", ["jit=0"]),
    ("native", ["jit=1"]),
    ("native-t1", ["jit=1", "jit-threshold=1"]),
    ("portable-t1", ["jit=portable", "jit-threshold=1"]),
    ("invalidate", ["jit=1", "jit-threshold=1", "stress-invalidate=3"]),
    ("guard-7", ["jit=portable", "jit-threshold=1", "stress-guard=7"]),
    ("buffers", ["jit=1", "jit-threshold=1", "stress-buffers"]),
    ("memory-64k", ["jit=1", "jit-threshold=1", "jit-memory=64K"]),
    ("raw-t1", ["jit=portable", "jit-opt=0", "jit-threshold=1"]),
    ("gil", ["jit=1", "gil=1"]),
]


def resident_kib(pid):
    try:
        with open("/proc/%d/status" % pid) as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])
    except (OSError, TypeError):
        return 0


def watch(process, seconds):
    """(seconds it took, its resident sizes over time); kills it at the limit."""
    start, sizes = time.monotonic(), []
    while process.poll() is None:
        took = time.monotonic() - start
        if took > seconds + LIMIT_SECONDS:
            process.kill()
            process.wait()
            return None, sizes
        sizes.append(resident_kib(process.pid))
        time.sleep(0.05)
    return time.monotonic() - start, sizes


def grows(sizes):
    third = len(sizes) // 3
    if third < 5:
        return None
    middle, last = max(sizes[third : 2 * third]), max(sizes[2 * third :])
    if last > middle * 1.25 + SLACK_KIB:
        return "memory grows: %d KiB, then %d KiB" % (middle, last)
    return None


def run_once(options, switches, seed):
    """None, or what went wrong with the command that repeats it."""
    command, seconds = [options.adder], options.part
    for switch in switches:
        command += ["-X", switch]
    command += [PROGRAM, str(seed), "%g" % seconds, str(options.threads)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               errors="backslashreplace")
    took, sizes = watch(process, seconds)
    out, err = process.communicate()
    wrong = None
    if took is None:
        wrong = "hangs"
    elif process.returncode != 0 or not out.startswith("soak: seed %d, " % seed) or err:
        wrong = "exit status %d" % process.returncode
    elif not options.any_memory:
        wrong = grows(sizes)
    return wrong and "%s\n  %s\n%s%s" % (wrong, " ".join(command), out[-2000:], err[-4000:])


def documented(adder):
    """The engines whose switches this adder has; the others are named on stderr."""
    text = subprocess.run([adder, "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
    there = []
    for name, switches in ENGINES:
        missing = [s for s in switches if "-X %s" % s.partition("=")[0] not in text]
        if missing:
            print("soak: no switch %s, so no runs of %s" % (missing[0], name), file=sys.stderr)
        else:
            there.append((name, switches))
    return there


def main():
    parser = argparse.ArgumentParser(usage=__doc__.partition("\n")[0], description=__doc__.partition("\n\n")[2])
    parser.add_argument("adder")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--part", type=float, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=6)
    parser.add_argument("--engine", action="append", choices=[name for name, _ in ENGINES])
    parser.add_argument("--any-memory", action="store_true", help="for sanitizers, which keep what is freed")
    options = parser.parse_args()
    engines = [e for e in documented(options.adder) if e[0] in (options.engine or [e[0]])]
    end = time.monotonic() + options.seconds
    runs = failed = 0
    while time.monotonic() < end:
        name, switches = engines[runs % len(engines)]
        wrong = run_once(options, switches, options.seed + runs)
        runs += 1
        if wrong:
            failed += 1
            print("FAILED %s: %s" % (name, wrong), flush=True)
    print("%d runs, %d failed" % (runs, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
