"""What bench/run, bench/floor/run and bench/startup share: finding engines, timing a process.

Time is the CPU time (user + system) of one process, as wait4 reports it; nothing is subtracted.
"""
import os
import platform
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
ADDER = os.path.join(ROOT, "build", "release", "tools", "adder")


def progress(text):
    print("bench: " + text, file=sys.stderr, flush=True)


def find_python3():
    """Debian's CPython where there is one: version managers' builds are often slower, and shims lie."""
    for candidate in ("/usr/bin/python3", shutil.which("python3")):
        if candidate and os.path.exists(candidate):
            return candidate
    return None


def build_adder():
    """Builds the release build; says whether there is one now."""
    build = [os.path.join(ROOT, "tools", "lib", "build.sh"), "release", "tools/adder"]
    return subprocess.run(build, stdout=subprocess.DEVNULL).returncode == 0


class Run:
    """One finished process."""

    def __init__(self, seconds, wall_seconds, rss_kib, output, error):
        self.seconds = seconds
        self.wall_seconds = wall_seconds
        self.rss_kib = rss_kib
        self.output = output
        self.error = error


def run_timed(command, limit_seconds):
    """Runs a command to its end, or kills its process group at the limit; error is None if it ended
    well. The command must write little to stderr: that pipe is read last."""
    started = time.monotonic()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    killed = []

    def kill(*_):
        killed.append(True)
        os.killpg(process.pid, signal.SIGKILL)

    previous = signal.signal(signal.SIGALRM, kill)
    signal.alarm(limit_seconds)
    try:
        output = process.stdout.read().decode()
        error = process.stderr.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)
        process.stdout.close()
        process.stderr.close()
    wall_seconds = time.monotonic() - started
    if killed:
        error = "more than %d s" % limit_seconds
    elif status != 0:
        error = "status %d: %s" % (process.returncode, error.strip()[-300:])
    else:
        error = None
    return Run(usage.ru_utime + usage.ru_stime, wall_seconds, usage.ru_maxrss, output, error)


def describe_machine(load_before):
    model = platform.processor() or platform.machine()
    with open("/proc/cpuinfo") as info:
        for line in info:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return "%s, %d processors, load %.1f at the start and %.1f at the end" % (
        model, os.cpu_count(), load_before, os.getloadavg()[0])
