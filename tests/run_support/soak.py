"""A short run of tests/threads/soak.py in the release build, and of what TSan can see in its build."""
import os
import sys

from .runner import ROOT, Case, Outcome, run_process

SCRIPT = os.path.join(ROOT, "tests", "threads", "soak.py")
SECONDS = 20
RACE_ENGINES = ["tier1", "portable-t1"]


def soak_case(build, engines=()):
    name = "threads/%s/soak" % build.name
    command = [sys.executable, "-B", SCRIPT, build.adder, "--seconds", str(SECONDS)]
    if build.sanitized:
        command.append("--any-memory")
    for engine in engines:
        command += ["--engine", engine]

    def run():
        done = run_process(command, build.seconds(180), build.env)
        good = done.status == 0 and done.stdout.rstrip().endswith(" 0 failed") and not done.timed_out
        return [Outcome(name, good, done.describe() + "\n" + done.stdout + done.stderr)]

    return Case(name, run)
