"""What runs under TSan: unit tests with threads, and hot programs without machine code.

TSan cannot see machine code, so tier 1 and the portable executor stand for it. A selection keeps the
time short: the unit tests whose source starts threads, and the programs of tests/lang/hot and
tests/lang/threads.
"""
import os
import random

from . import builds, language, soak, unit
from .runner import Case, Outcome

STRESS_RUNS = 20
ENGINES = [
    ("tier1", ["jit=0"]),
    ("portable-t1", ["jit=portable", "jit-threshold=1"]),
]


def uses_threads(source):
    try:
        with open(source, encoding="utf-8", errors="replace") as file:
            return "pthread_create" in file.read()
    except OSError:
        return False


def thread_tests(build):
    """{path of the executable: target} of the unit tests that start threads."""
    found = {}
    for target in build.introspect("targets"):
        if target["type"] != "executable" or not target["name"].startswith("test_"):
            continue
        sources = [path for part in target["target_sources"] for path in part.get("sources", [])]
        if any(uses_threads(path) for path in sources):
            found[os.path.realpath(target["filename"][0])] = os.path.relpath(
                target["filename"][0], build.directory
            )
    return found


def unit_cases(build, test):
    """One run; of a stress test several, each with a seed of its own (which it prints)."""
    name, command, where = test["name"], test["cmd"], test.get("workdir")
    if "_stress_" not in name:
        return [unit.unit_case(build, name, command, build.env, 120, where)]
    return [
        unit.unit_case(
            build, "%s/seed%d" % (name, run), command, dict(build.env, ADDER_SEED=str(seed)), 120, where
        )
        for run, seed in enumerate(random.sample(range(1 << 32), STRESS_RUNS))
    ]


def race_cases():
    build = builds.Build("tsan")
    cases = [builds.build_case(build)]
    if not build.make(["tools/adder"]):
        return cases
    tests = thread_tests(build)
    if not tests or not build.make_more(tests.values()):
        name = "unit/tsan"
        return cases + [Case(name, lambda: [Outcome(name, False, "no test with threads was built")])]
    for test in build.introspect("tests"):
        if os.path.realpath(test["cmd"][0]) in tests:
            cases += unit_cases(build, test)
    folders = [os.path.join(language.LANG, "hot"), language.THREADS]
    for program in language.find_programs():
        if os.path.dirname(program.path) in folders:
            cases += [language.engine_case(program, build, name, x) for name, x in ENGINES]
    cases.append(soak.soak_case(build, soak.RACE_ENGINES))
    return cases
