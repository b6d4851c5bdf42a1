#!/usr/bin/env python3
"""Random programs (programs.py) in every engine of Adder, against CPython 3.11.

    differential.py ADDER [--seed N] [--count N] [--seconds S] [--jobs N] [--keep DIR] [--reduce]

Compared are standard output, exit status, and of a traceback the lines of its entries and its last line.
Each seed gives one program and its own choice of thresholds and stress switches. A program that differs is
written to DIR with the command that shows it; --reduce takes away what is not needed for that first.
The last line is "N programs, N differ"; the exit status is 1 if any did.
"""
import argparse
import concurrent.futures
import os
import random
import re
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import programs  # noqa: E402

SECONDS = 20


def find_cpython():
    test = "import sys; print(sys.executable, sys.version_info[:2], sys.implementation.name)"
    for name in (sys.executable, "python3.11", "python3"):
        try:
            done = subprocess.run([name, "-c", test], stdout=subprocess.PIPE, text=True)
        except OSError:
            continue
        path, _, rest = done.stdout.strip().partition(" ")
        if rest == "(3, 11) cpython":
            return path
    return None


def switches(seed):
    """The engines of a seed: always all three kinds, with thresholds and stress of its own."""
    r = random.Random(seed * 7919 + 1)
    t = "jit-threshold=%d"
    engines = [["jit=0"], ["jit=1", t % r.randint(1, 5)], ["jit=portable", t % r.randint(1, 5)]]
    extra = [
        ["jit=1", t % 1, "jit-exit-threshold=%d" % r.randint(1, 3)],
        ["jit=portable", t % r.randint(1, 3), "jit-opt=0"],
        ["jit=portable", t % 1, "stress-guard=%d" % r.choice([2, 3, 7, 31])],
        ["jit=1", t % 1, "stress-guard=%d" % r.choice([1, 2, 3, 7, 31])],
        ["jit=1", t % r.randint(1, 2), "stress-invalidate=%d" % r.randint(1, 9)],
        ["jit=1", t % 1, "stress-buffers"],
        ["jit=1", t % 1, "jit-memory=64K"],
        ["jit=1"],
        ["jit=1", t % r.randint(1, 2), "jit-form=shared"],
        ["jit=portable", t % 1, "jit-opt=%d" % r.randint(0, 1), "jit-form=shared"],
        ["jit=1", t % r.randint(1, 2), "stress-share"],
        ["jit=portable", t % 1, "stress-share", "stress-guard=%d" % r.choice([3, 7, 31])],
    ]
    return engines + r.sample(extra, 4)


class Result:
    on_loop_head = False

    def __init__(self, command, path):
        env = dict(os.environ, PYTHONHASHSEED="0", PYTHONDONTWRITEBYTECODE="1", LC_ALL="C.UTF-8")
        try:
            done = subprocess.run(
                command + [path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, timeout=SECONDS
            )
            self.status = done.returncode
            self.out = done.stdout.decode("utf-8", "backslashreplace")
            self.err = done.stderr.decode("utf-8", "backslashreplace")
        except subprocess.TimeoutExpired:
            self.status, self.out, self.err = "time limit", "", ""

    def seen(self):
        """What must agree. The line of a loop's head stands for any: what follows `continue` or ends a
        body has that line in CPython now and then. Suggestions see CPython's hidden names."""
        entries = re.findall(r'^  File ".*", line (\d+), in (\S+)\n(.*)$', self.err, re.M)
        lines = [(number, name) for number, name, _ in entries]
        if self.on_loop_head or (entries and re.match(r" *(for|while) ", entries[-1][2])):
            self.on_loop_head = True
            lines[-1:] = []
        last = self.err.strip().rsplit("\n", 1)[-1] if self.status != 0 else ""
        last = last.partition(" Did you mean")[0]
        return self.status, self.out, lines, last


def differs(path, cpython, adder, options):
    """None, or what is different: (switches, text)."""
    wanted = Result([cpython], path)
    if wanted.status == "time limit":
        return None
    for option in options:
        command = [adder] + [word for switch in option for word in ("-X", switch)]
        got = Result(command, path)
        expected = wanted.seen()
        got.on_loop_head = wanted.on_loop_head
        if got.seen() != expected:
            return option, describe(wanted, got, command + [path])
    return None


def describe(wanted, got, command):
    text = "$ %s\nstatus %s, CPython's %s\n" % (" ".join(command), got.status, wanted.status)
    for a, b in zip((wanted.out + "\0").split("\n"), (got.out + "\0").split("\n")):
        if a != b:
            text += "CPython: %s\nAdder:   %s\n" % (a[:300], b[:300])
            break
    if wanted.err != got.err:
        text += "CPython's stderr: %s\nAdder's stderr: %s\n" % (wanted.err[-600:], got.err[-1500:])
    return text


# ---- reduction -----------------------------------------------------------------------------------------


def blocks(lines):
    """(start, end) of each statement with what is indented under it, large ones first."""
    found = []
    for i, line in enumerate(lines):
        indent = len(line) - len(line.lstrip())
        j = i + 1
        while j < len(lines) and (not lines[j].strip() or len(lines[j]) - len(lines[j].lstrip()) > indent):
            j += 1
        found.append((i, j))
    return sorted(found, key=lambda b: b[0] - b[1])


def still(lines, cpython, adder, option):
    with tempfile.NamedTemporaryFile("w", suffix=".py", delete=False, encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    try:
        compile("\n".join(lines) + "\n", file.name, "exec")
        return differs(file.name, cpython, adder, [option]) is not None
    except SyntaxError:
        return False
    finally:
        os.unlink(file.name)


def reduced(text, cpython, adder, option):
    lines = text.rstrip("\n").split("\n")
    end = time.monotonic() + 120
    smaller = True
    while smaller and time.monotonic() < end:
        smaller = False
        for start, stop in blocks(lines):
            if stop > len(lines) or time.monotonic() > end:
                continue
            indent = len(lines[start]) - len(lines[start].lstrip())
            body = [line[4:] for line in lines[start + 1 : stop]]
            for other in ([], [" " * indent + "pass"], body):
                candidate = lines[:start] + other + lines[stop:]
                if len(other) < stop - start and still(candidate, cpython, adder, option):
                    lines = candidate
                    smaller = True
                    break
            else:
                continue
            break
    return "\n".join(lines) + "\n"


# ---- driver ------------------------------------------------------------------------------------------------


def check(seed, cpython, options):
    text = programs.make(seed)
    path = os.path.join(options.work, "seed-%d.py" % seed)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    found = differs(path, cpython, options.adder, switches(seed))
    if found is None:
        os.unlink(path)
        return None
    option, report = found
    if options.reduce:
        small = reduced(text, cpython, options.adder, option)
        with open(path, "w", encoding="utf-8") as file:
            file.write(small)
        again = differs(path, cpython, options.adder, [option])
        report = again[1] if again else report
        report += "%d lines\n" % small.count("\n")
    if options.keep:
        os.makedirs(options.keep, exist_ok=True)
        kept = os.path.join(options.keep, os.path.basename(path))
        with open(path, encoding="utf-8") as file, open(kept, "w", encoding="utf-8") as out:
            out.write(file.read())
        report += "kept as %s\n" % kept
    os.unlink(path)
    return report


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("adder")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seconds", type=float, help="goes on for so long, whatever the count")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", help="folder for programs that differ")
    parser.add_argument("--reduce", action="store_true")
    return parser.parse_args()


def seeds(options):
    end = time.monotonic() + options.seconds if options.seconds else None
    seed = options.seed
    while time.monotonic() < end if end else seed < options.seed + options.count:
        yield seed
        seed += 1


def main():
    options = parse_arguments()
    cpython = find_cpython()
    if not cpython:
        print("0 programs, 0 differ: no CPython 3.11 here")
        return 0
    total = bad = 0
    with tempfile.TemporaryDirectory() as work, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        options.work = work
        running = set()
        for seed in seeds(options):
            running.add(pool.submit(lambda s=seed: (s, check(s, cpython, options))))
            if len(running) < 2 * options.jobs:
                continue
            done, running = concurrent.futures.wait(running, return_when="FIRST_COMPLETED")
            total, bad = count(done, total, bad)
        done, _ = concurrent.futures.wait(running)
        total, bad = count(done, total, bad)
    print("%d programs, %d differ" % (total, bad))
    return 1 if bad else 0


def count(done, total, bad):
    for future in done:
        seed, report = future.result()
        total += 1
        if report:
            bad += 1
            print("seed %d\n%s" % (seed, report), flush=True)
    return total, bad


if __name__ == "__main__":
    sys.exit(main())
