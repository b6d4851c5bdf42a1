"""Checks of the tree itself: format and layering (includes and symbols)."""
import os
import re
import shutil
import subprocess
import sys

from .runner import ROOT, Case, Outcome, run_process

# From left to right: what a folder may use stands before it. codegen and stencils share a place.
LAYERS = {
    "runtime": 0,
    "ir": 1,
    "optimizer": 2,
    "stencils": 3,
    "codegen": 3,
    "interp": 4,
    "tools": 5,
}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
SOURCE = re.compile(r"\.(c|h|def|inc)$")


def source_files(pattern):
    """All files of the tree (tracked or new, not ignored) that match, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout.splitlines()
    return [path for path in listed if pattern.search(path) and os.path.isfile(os.path.join(ROOT, path))]


def one(name, complaint):
    return [Outcome(name, not complaint, complaint)]


def static_cases():
    return [
        Case("check/format", lambda: one("check/format", check_format())),
        Case("check/includes", lambda: one("check/includes", check_includes())),
    ]


def build_cases(build):
    if build.sanitized:
        return []
    return [Case("check/symbols", lambda: one("check/symbols", check_symbols(build)))]


def formatted_files():
    return source_files(re.compile(r"\.(c|h)$"))


def check_format():
    if not shutil.which("clang-format-19"):
        return "clang-format-19 is not installed"
    files = formatted_files()
    if not files:
        return ""
    done = run_process(["clang-format-19", "--dry-run", "-Werror"] + files, 120)
    if done.status == 0:
        return ""
    wrong = sorted(set(re.findall(r"^([^:\s]+):\d+:\d+: error", done.stderr, re.M)))
    if not wrong:
        return done.describe() + "\n" + done.stderr
    return "not formatted (tools/test --format mends it):\n  " + "\n  ".join(wrong)


def format_sources():
    return subprocess.run(["clang-format-19", "-i"] + formatted_files(), cwd=ROOT).returncode


def check_includes():
    """No file of a layer includes one of a layer to its right."""
    wrong = []
    for path in source_files(SOURCE):
        layer = LAYERS.get(path.split("/")[0])
        if layer is None:
            continue
        with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(file, 1):
                match = INCLUDE.match(line)
                target = LAYERS.get(match[1].split("/")[0]) if match else None
                if target is not None and target > layer:
                    wrong.append("%s:%d: includes %s, which stands to its right" % (path, number, match[1]))
    return "\n".join(wrong)


def library_symbols(path):
    """(defined, undefined) global names of a static library."""
    text = subprocess.run(
        ["nm", "-g", "--format=posix", path], check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    defined, undefined = set(), set()
    for line in text.splitlines():
        parts = line.split()
        if len(parts) >= 2 and len(parts[1]) == 1:
            (undefined if parts[1] in "Uvw" else defined).add(parts[0])
    return defined, undefined - defined


def layer_libraries(build):
    """[(layer, folder, path)] of the static libraries, from left to right."""
    found = []
    for target in build.introspect("targets"):
        folder = os.path.relpath(os.path.dirname(target["defined_in"]), ROOT).split(os.sep)[0]
        if target["type"] == "static library" and folder in LAYERS:
            found.append((LAYERS[folder], folder, target["filename"][0]))
    return sorted(found)


def check_symbols(build):
    """What a library leaves undefined is defined by itself, to its left, or outside the project."""
    libraries = [
        (layer, folder) + library_symbols(path) for layer, folder, path in layer_libraries(build)
    ]
    wrong = []
    for layer, folder, _, undefined in libraries:
        here_or_left = set()
        for other, _, defined, _ in libraries:
            if other <= layer:
                here_or_left |= defined
        for other, right, defined, _ in libraries:
            if other > layer:
                for symbol in sorted((undefined - here_or_left) & defined):
                    wrong.append("%s needs %s, which %s defines" % (folder, symbol, right))
    return "\n".join(wrong)
