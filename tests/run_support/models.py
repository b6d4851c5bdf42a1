"""Models of protocols: every *.pml of the tree is checked exhaustively by spin, with clang compiling the verifier.

A model must pass: no assertion fails, no state is without a way on, nothing is cut off.  Each word MUTANT_... in
it names a variant that lacks one essential step, switched on with -D: that variant must fail.  So a model whose
mutant passes proves nothing, and fails here.
"""
import os
import re
import shutil
import tempfile

from .checks import source_files
from .runner import ROOT, Case, Outcome, run_process

MUTANT = re.compile(r"\bMUTANT_\w+")
SECONDS = 300
MEMORY_MIB = 4096


def find_models():
    return source_files(re.compile(r"\.pml$"))


def mutants(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return sorted(set(MUTANT.findall(file.read())))


def check_model(path, defines):
    """(verdict, text): "passes", "fails" with spin's reason in text, or "broken"."""
    if not shutil.which("spin"):
        return "broken", "spin is not installed (the package of that name)"
    with tempfile.TemporaryDirectory(prefix="adder-model-") as directory:
        steps = [
            ["spin"] + defines + ["-a", os.path.join(ROOT, path)],
            ["clang-19", "-w", "-O0" if defines else "-O1", "-DSAFETY", "-DNOFAIR", "-o", "pan", "pan.c"],
            ["./pan", "-m100000", "-n"],
        ]
        for command in steps:
            done = run_process(command, SECONDS, cwd=directory, memory_mib=MEMORY_MIB)
            text = done.describe() + "\n" + done.stdout + done.stderr
            if done.status != 0 or done.timed_out or "Error:" in done.stdout + done.stderr:
                return "broken", text
        if "errors: 0" in done.stdout and "max search depth too small" not in text:
            return "passes", text
        if re.search(r"errors: [1-9]", done.stdout):
            return "fails", text
    return "broken", text


def model_cases():
    cases = []
    for path in find_models():
        name = "models/" + os.path.splitext(path)[0].replace("/models/", "/")
        cases.append(model_case(name, path, [], "passes"))
        cases += [
            model_case(name + "/" + mutant[len("MUTANT_"):].lower(), path, ["-D" + mutant], "fails")
            for mutant in mutants(path)
        ]
    return cases


def model_case(name, path, defines, wanted):
    def run():
        verdict, text = check_model(path, defines)
        return [Outcome(name, verdict == wanted, "%s: wanted %s, but it %s\n%s" % (path, wanted, verdict, text))]

    return Case(name, run)
