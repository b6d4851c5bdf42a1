"""Tests of the tools: tests/tools/test_*.py, each run once a build with the directory of its tools.

Such a file reports each of its tests as cmocka does (tests/tools/harness.py).
"""
import glob
import os
import sys

from . import unit
from .runner import ROOT, Case, run_process

SECONDS = 60


def tool_cases(build):
    pattern = os.path.join(ROOT, "tests", "tools", "test_*.py")
    return [tool_case(build, path) for path in sorted(glob.glob(pattern))]


def tool_case(build, path):
    name = "tools/%s/%s" % (build.name, os.path.basename(path)[len("test_") : -len(".py")])
    command = [sys.executable, "-B", path, os.path.join(build.directory, "tools")]

    def run():
        return unit.outcomes(name, run_process(command, build.seconds(SECONDS), build.env))

    return Case(name, run)
