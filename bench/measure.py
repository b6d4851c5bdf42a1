"""What bench/run, bench/floor/run and bench/startup share: finding engines, timing a process.

Time is the CPU time (user + system) of one process, as wait4 reports it to bench/launch.c; nothing
is subtracted.
"""
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
BUILD = os.path.join(HERE, "build")
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

    def __init__(self, seconds, wall_seconds, rss_kib, output, error, messages=""):
        self.seconds = seconds
        self.wall_seconds = wall_seconds
        self.rss_kib = rss_kib
        self.output = output
        self.error = error  # why it did not end well, or None
        self.messages = messages  # what it wrote to stderr


def build_launcher():
    """The path of bench/launch.c's binary, compiled when it is older than its source."""
    source, binary = os.path.join(HERE, "launch.c"), os.path.join(BUILD, "launch")
    if not os.path.exists(binary) or os.path.getmtime(binary) < os.path.getmtime(source):
        os.makedirs(BUILD, exist_ok=True)
        compiler = shutil.which("clang-19") or shutil.which("gcc") or "cc"
        subprocess.run([compiler, "-O2", source, "-o", binary], check=True)
    return binary


def run_timed(command, limit_seconds):
    """Runs a command to its end, or kills its process group at the limit; error is None if it ended
    well. What it writes is kept in files, so that no pipe can fill."""
    launcher = build_launcher()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, \
            tempfile.TemporaryFile() as report:
        # The launcher writes its report to file descriptor 3.
        process = subprocess.Popen(
            ["bash", "-c", 'exec "$@" 3>&%d' % report.fileno(), "bash", launcher] + command,
            stdout=out, stderr=err, start_new_session=True, pass_fds=[report.fileno()])
        killed = False
        try:
            process.wait(limit_seconds)
        except subprocess.TimeoutExpired:
            killed = True
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        texts = []
        for file in (out, err, report):
            file.seek(0)
            texts.append(file.read().decode())
    if killed:
        return Run(limit_seconds, limit_seconds, 0, texts[0], "more than %d s" % limit_seconds)
    if process.returncode != 0:
        return Run(0, 0, 0, texts[0], "the launcher failed: " + texts[1])
    user_us, system_us, rss_kib, wall_us, status = (int(word) for word in texts[2].split())
    error = None
    if status != 0:
        error = "status %d: %s" % (os.waitstatus_to_exitcode(status), texts[1].strip()[-300:])
    return Run((user_us + system_us) / 1e6, wall_us / 1e6, rss_kib, texts[0], error, texts[1])


def describe_machine(load_before):
    model = platform.processor() or platform.machine()
    with open("/proc/cpuinfo") as info:
        for line in info:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return "%s, %d processors, load %.1f at the start and %.1f at the end" % (
        model, os.cpu_count(), load_before, os.getloadavg()[0])
