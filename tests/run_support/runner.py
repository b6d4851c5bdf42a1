"""Cases and how they run: a few at a time, each with a time limit, failures shown as they come.

A Case is a name and a function that returns a list of Outcomes: one case may count for many tests
(a cmocka executable). Nothing here knows what is being tested.
"""
import concurrent.futures
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Callable, List

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHOWN_CHARS = 6000


@dataclass
class Outcome:
    name: str
    passed: bool
    output: str = ""


@dataclass
class Case:
    name: str
    run: Callable[[], List[Outcome]]


@dataclass
class Finished:
    """What a process did. status is negative for a signal; timed_out says that we sent it."""

    status: int
    stdout: str
    stderr: str
    timed_out: bool = False
    command: list = field(default_factory=list)

    def describe(self):
        lines = ["$ " + " ".join(self.command)]
        if self.timed_out:
            lines.append("time limit reached")
        elif self.status < 0:
            lines.append("killed by " + signal.Signals(-self.status).name)
        else:
            lines.append("exit status %d" % self.status)
        return "\n".join(lines)


def run_process(command, seconds, env=None, cwd=ROOT, memory_mib=None, stdin=b"", stack_kib=None):
    """Runs a command in a process group of its own; at the limit the whole group is killed."""
    full = list(command)
    limit = "ulimit -c 0"
    if memory_mib:
        limit += "; ulimit -v %d" % (memory_mib * 1024)
    if stack_kib:
        limit += "; ulimit -s %d" % stack_kib
    limit += '; exec "$@"'
    environment = dict(os.environ)
    environment.update(env or {})
    process = subprocess.Popen(
        ["bash", "-c", limit, "bash"] + full,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        cwd=cwd,
        start_new_session=True,
    )
    timed_out = False
    try:
        out, err = process.communicate(stdin, timeout=seconds)
    except subprocess.TimeoutExpired:
        timed_out = True
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
    return Finished(
        process.returncode,
        out.decode("utf-8", "backslashreplace"),
        err.decode("utf-8", "backslashreplace"),
        timed_out,
        full,
    )


def shorten(text):
    if len(text) <= SHOWN_CHARS:
        return text
    half = SHOWN_CHARS // 2
    return "%s\n... %d characters left out ...\n%s" % (
        text[:half],
        len(text) - 2 * half,
        text[-half:],
    )


class Progress:
    """One line that is rewritten on a terminal, and a line every few seconds elsewhere."""

    def __init__(self, total):
        self.total = total
        self.done = 0
        self.terminal = sys.stderr.isatty()
        self.next_time = time.monotonic() + 5

    def step(self, passed, failed, name):
        self.done += 1
        text = "%d of %d cases; %d passed, %d failed" % (self.done, self.total, passed, failed)
        if self.terminal:
            sys.stderr.write("\r\033[K%s  %s" % (text, name[-60:]))
            sys.stderr.flush()
        elif time.monotonic() >= self.next_time:
            self.next_time = time.monotonic() + 5
            print("adder: " + text, file=sys.stderr, flush=True)

    def clear(self):
        if self.terminal:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()


def run_guarded(case):
    try:
        return case.run()
    except Exception as error:  # a fault of the driver must count as a failure, not end the run
        return [Outcome(case.name, False, "the driver failed: %s: %s" % (type(error).__name__, error))]


def run_cases(cases, jobs):
    """Runs all; prints each failure when it happens, then the names, then the counts."""
    start = time.monotonic()
    progress = Progress(len(cases))
    passed = 0
    failures = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        futures = {pool.submit(run_guarded, case): case for case in cases}
        for future in concurrent.futures.as_completed(futures):
            for outcome in future.result():
                if outcome.passed:
                    passed += 1
                    continue
                failures.append(outcome.name)
                progress.clear()
                print("FAILED %s\n%s\n" % (outcome.name, shorten(outcome.output)), flush=True)
            progress.step(passed, len(failures), futures[future].name)
    progress.clear()
    if failures:
        print("Failed tests:")
        for name in sorted(failures):
            print("  " + name)
    print("adder: %.0f s" % (time.monotonic() - start), file=sys.stderr, flush=True)
    print("%d passed, %d failed" % (passed, len(failures)), flush=True)
    return 1 if failures else 0
