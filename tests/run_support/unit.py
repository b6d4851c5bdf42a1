"""Executables that test: all that meson registers with test(), and any test_* that nobody did.

A cmocka executable counts as many tests as it says that it ran. One that says nothing counts as one.
"""
import os
import re

from .runner import Case, Outcome, run_process

OK_LINE = re.compile(r"^\[ +OK \] (\S+)", re.M)
FAILED_LINE = re.compile(r"^\[ +FAILED +\] (?!\d+ test)(\S+)", re.M)


def unit_cases(build):
    cases = []
    registered = set()
    for test in build.introspect("tests"):
        command = test["cmd"]
        registered.add(os.path.realpath(command[0]))
        env = dict(build.env)
        env.update(test.get("env", {}))
        seconds = max(60, test.get("timeout") or 60)
        cases.append(unit_case(build, test["name"], command, env, seconds, test.get("workdir")))
    for target in build.introspect("targets"):
        path = target["filename"][0]
        if target["type"] != "executable" or not target["name"].startswith("test_"):
            continue
        if os.path.realpath(path) not in registered:
            cases.append(unit_case(build, target["name"], [path], build.env, 60, None))
    return cases


def unit_case(build, test_name, command, env, seconds, workdir):
    name = "unit/%s/%s" % (build.name, test_name)

    def run():
        done = run_process(command, build.seconds(seconds), env, workdir or build.directory)
        return outcomes(name, done)

    return Case(name, run)


def outcomes(name, done):
    text = done.stdout + done.stderr
    good = OK_LINE.findall(text)
    bad = sorted(set(FAILED_LINE.findall(text)))
    results = [Outcome(name + "/" + test, True) for test in good]
    shown = done.describe() + "\n" + text
    for position, test in enumerate(bad):
        results.append(Outcome(name + "/" + test, False, shown if position == 0 else "see above"))
    if done.status != 0 and not bad:
        results.append(Outcome(name, False, shown))
    elif not results:
        results.append(Outcome(name, True))
    return results
