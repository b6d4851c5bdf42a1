"""Programs too large to keep: each tests/generated/NAME.py prints one; NAME.out and .err are kept.

A program is written to build/generated/NAME.py, so that tracebacks name the same place for everybody.
"""
import os
import subprocess
import sys

from . import language
from .runner import ROOT

GENERATORS = os.path.join("tests", "generated")
ENGINES = [
    ("tier1", ["jit=0"]),
    ("native", ["jit=1"]),
    ("native-t1", ["jit=1", "jit-threshold=1"]),
    ("portable-t1", ["jit=portable", "jit-threshold=1"]),
]


class GeneratedProgram(language.Program):
    def __init__(self, generator):
        self.generator = os.path.join(GENERATORS, generator)
        path = os.path.join("build", "generated", generator)
        os.makedirs(os.path.join(ROOT, os.path.dirname(path)), exist_ok=True)
        with open(os.path.join(ROOT, path), "wb") as file:
            subprocess.run([sys.executable, self.generator], cwd=ROOT, stdout=file, check=True)
        super().__init__(path)
        self.name = "generated/" + generator[: -len(".py")]

    def expected_path(self, kind):
        return os.path.join(ROOT, self.generator[: -len(".py")] + "." + kind)


def find_programs():
    names = sorted(os.listdir(os.path.join(ROOT, GENERATORS)))
    return [GeneratedProgram(name) for name in names if name.endswith(".py")]


def reference_cases():
    cpython = language.find_cpython()
    return [language.reference_case(p, cpython) for p in find_programs()] if cpython else []


def generated_cases(build):
    return [
        language.engine_case(program, build, engine, switches)
        for program in find_programs()
        for engine, switches in ENGINES
    ]
