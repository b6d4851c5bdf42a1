"""Language tests: each tests/lang/**/*.py in every engine, against CPython's output.

NAME.out beside NAME.py is what CPython 3.11 writes to stdout, NAME.err what it writes to stderr (no
file: nothing), with the path of the tree written as $ROOT. `tools/test --update` makes them. Where a
CPython 3.11 is at hand, it is run too, so that a stale expectation is seen. A comment among the
first lines of a test may say `# args: A B`, `# status: N`, `# stdin: TEXT` or `# stack: KIB` (of the C stack; such a
test is not run by CPython, which would crash: its .out is checked by hand). A comment
`# all recorded` says that no recording in it may be given up because something
in it is not recorded: what -X jit-stats says is searched for that.
"""
import difflib
import os
import re
import shutil
import subprocess
import sys

from .runner import ROOT, Case, Outcome, run_process

LANG = os.path.join("tests", "lang")
THREADS = os.path.join(LANG, "threads")
DIRECTIVE = re.compile(r"^# (args|status|stdin|stack): (.*)$")
# The one address that is printed: of what was called in a thread that ended by an exception.
IN_THREAD = re.compile(r"^(Exception ignored in thread started by: .*) at 0x[0-9a-f]+", re.MULTILINE)
SECONDS = 20

# The engines that must agree (name, options, part of --quick). Raw is the portable executor on
# uops that no pass has touched. With threshold 1 each loop is recorded the first time it comes by.
# Shared: traces of the form for many threads, on objects that could be seen by them; share: tier 1 too, on
# objects that are private.
ENGINES = [
    ("tier1", ["jit=0"], True),
    ("portable", ["jit=portable"], False),
    ("raw", ["jit=portable", "jit-opt=0"], False),
    ("native", ["jit=1"], True),
    ("portable-t1", ["jit=portable", "jit-threshold=1"], False),
    ("raw-t1", ["jit=portable", "jit-opt=0", "jit-threshold=1"], False),
    ("native-t1", ["jit=1", "jit-threshold=1"], True),
    ("shared-t1", ["jit=1", "jit-threshold=1", "jit-form=shared"], False),
    ("shared-raw-t1", ["jit=portable", "jit-opt=0", "jit-threshold=1", "jit-form=shared"], False),
    ("share-t1", ["jit=1", "jit-threshold=1", "stress-share"], True),
    ("share-portable-t1", ["jit=portable", "jit-threshold=1", "stress-share"], False),
]

# The stencils of CPUs without AVX, on every CPU: the environment that asks for them, and what says
# that they are there. In the release build, where machine code is the same as everywhere.
SSE_ENVIRONMENT = {"ADDER_STENCILS": "sse"}
SSE_TABLE = "table x86-64-sse"
SSE_ENGINES = [
    ("native-sse", ["jit=1"]),
    ("native-sse-t1", ["jit=1", "jit-threshold=1"]),
]

# Engines under stress that must still print the same.
STRESSES = [
    ("guard-7", ["jit=portable", "jit-threshold=1", "stress-guard=7"]),
    ("share-guard-7", ["jit=portable", "jit-threshold=1", "stress-guard=7", "stress-share"]),
    ("invalidate", ["jit-threshold=1", "stress-invalidate=1"]),
    ("invalidate-3", ["jit-threshold=1", "stress-invalidate=3"]),
    ("buffers", ["jit-threshold=1", "stress-buffers"]),
    ("gc-97", ["jit-threshold=1", "stress-gc=97"]),
    ("memory-64k", ["jit-threshold=1", "jit-memory=64K"]),
    ("thread", ["jit=0", "stress-thread"]),
    ("thread-t1", ["jit-threshold=1", "stress-thread"]),
]


class Program:
    """A test and what it must do."""

    def __init__(self, path):
        self.path = path
        self.name = os.path.relpath(path, "tests")[: -len(".py")]
        self.args = []
        self.status = 1 if os.path.dirname(path).endswith("errors") else 0
        self.stdin = ""
        self.stack_kib = None
        with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as source:
            for _, line in zip(range(5), source):
                match = DIRECTIVE.match(line.rstrip("\n"))
                if match and match[1] == "args":
                    self.args = match[2].split()
                elif match and match[1] == "status":
                    self.status = int(match[2])
                elif match and match[1] == "stack":
                    self.stack_kib = int(match[2])
                elif match:
                    self.stdin = match[2].encode().decode("unicode_escape")

    def expected_path(self, kind):
        return os.path.join(ROOT, self.path[: -len(".py")] + "." + kind)

    def expected(self, kind):
        try:
            with open(self.expected_path(kind), encoding="utf-8", newline="") as file:
                return file.read()
        except FileNotFoundError:
            return "" if kind == "err" else None


def find_programs():
    found = []
    for directory, _, files in sorted(os.walk(os.path.join(ROOT, LANG))):
        for name in sorted(files):
            if name.endswith(".py"):
                found.append(Program(os.path.relpath(os.path.join(directory, name), ROOT)))
    return found


def find_cpython():
    """A CPython 3.11, real and not a shim, or None."""
    test = "import sys; print(sys.executable, sys.version_info[:2], sys.implementation.name)"
    for candidate in ["/usr/bin/python3.11", "/usr/bin/python3", shutil.which("python3")]:
        if not candidate or not os.path.exists(candidate):
            continue
        done = subprocess.run([candidate, "-c", test], stdout=subprocess.PIPE, text=True)
        path, _, rest = done.stdout.strip().partition(" ")
        if rest == "(3, 11) cpython":
            return path
    return None


def is_all_recorded(program):
    with open(os.path.join(ROOT, program.path), encoding="utf-8", errors="replace") as source:
        return "# all recorded" in source.read()


def recorded_case(program, build, switches):
    """A program whose loops must all be recorded: an abort for want of a recorder is a failure."""
    name = "%s/%s/recorded-%s" % (program.name, build.name, switches[-1])
    command = [build.adder, "-X", "jit-stats", "-X", "jit-check"]
    for switch in switches:
        command += ["-X", switch]

    def run():
        done = run_program(program, command, build.seconds(SECONDS), build.env, build.memory_mib)
        aborted = [
            line for line in done.stderr.splitlines()
            if line.startswith("aborted ") and ("not recorded" in line or "invalid" in line)
        ]
        traced = re.search(r"^traces: [1-9]", done.stderr, re.MULTILINE) is not None
        fine = done.status == program.status and traced and not aborted
        return [Outcome(name, fine, done.describe() + "\n" + "\n".join(aborted))]

    return Case(name, run)


def run_program(program, command, seconds, env, memory_mib):
    env = dict(env, PYTHONHASHSEED="0", PYTHONDONTWRITEBYTECODE="1", LC_ALL="C.UTF-8")
    done = run_process(
        command + [program.path] + program.args,
        seconds,
        env,
        ROOT,
        memory_mib,
        program.stdin.encode(),
        program.stack_kib,
    )
    done.stdout = done.stdout.replace(ROOT, "$ROOT")
    done.stderr = IN_THREAD.sub(r"\1 at 0x...", done.stderr.replace(ROOT, "$ROOT"))
    return done


def differences(program, done):
    """What is wrong, as text; empty if nothing is."""
    parts = []
    if done.timed_out or done.status != program.status:
        parts.append("expected exit status %d" % program.status)
    for kind, got in (("out", done.stdout), ("err", done.stderr)):
        wanted = program.expected(kind)
        if wanted is None:
            parts.append("%s is missing: make it with tools/test --update" % program.expected_path(kind))
        elif wanted != got:
            diff = difflib.unified_diff(
                wanted.splitlines(), got.splitlines(), "CPython std" + kind, "here", lineterm="", n=2
            )
            parts += diff or ["std%s differs in line ends" % kind]
    return "\n".join(parts)


def outcome(name, program, done):
    wrong = differences(program, done)
    if not wrong:
        return [Outcome(name, True)]
    return [Outcome(name, False, done.describe() + "\n" + wrong)]


def reference_cases():
    """CPython against the files that stand for it: an expectation that it does not meet is no test."""
    cpython = find_cpython()
    if not cpython:
        print("adder: no CPython 3.11 here: expected outputs are taken as they are", file=sys.stderr)
        return []
    return [reference_case(program, cpython) for program in find_programs() if not program.stack_kib]


def reference_case(program, cpython):
    name = program.name + "/cpython"
    return Case(
        name, lambda: outcome(name, program, run_program(program, [cpython], SECONDS, {}, 4096))
    )


def engine_cases(build, quick):
    if not build.target("adder"):
        name = "lang/%s" % build.name
        return [Case(name, lambda: [Outcome(name, False, "the build makes no adder to test")])]
    programs = find_programs()
    cases = [
        engine_case(program, build, engine, switches)
        for engine, switches, is_quick in ENGINES
        if is_quick or not quick
        for program in programs
    ]
    cases += sse_cases(build, programs)
    cases += [
        recorded_case(program, build, [mode, "jit-threshold=%d" % threshold])
        for program in programs
        if is_all_recorded(program)
        for mode, threshold in [("jit=1", 1), ("jit=portable", 3)]
        if mode == "jit=1" or not quick
    ]
    return cases if quick else cases + stress_cases(build, programs)


def sse_cases(build, programs):
    """All programs on the SSE stencils, and that these are what they run on."""
    if build.sanitized:
        return []
    hot = [program for program in programs if os.path.basename(os.path.dirname(program.path)) == "hot"]
    return [sse_table_case(build)] + [
        engine_case(program, build, engine, switches, SSE_ENVIRONMENT)
        for engine, switches in SSE_ENGINES
        for program in (hot if engine == "native-sse" else programs)
    ]


def sse_table_case(build):
    name = "lang/%s/native-sse/table" % build.name
    command = [build.adder, "-X", "jit=1", "-X", "jit-stats", "-c", "pass"]

    def run():
        done = run_process(command, SECONDS, dict(build.env, **SSE_ENVIRONMENT))
        return [Outcome(name, SSE_TABLE in done.stderr, done.describe() + "\n" + done.stderr)]

    return Case(name, run)


def stress_cases(build, programs):
    """The stress switches that --help documents; those that it does not are named on stderr."""
    documented = set(re.findall(r"[a-z]+-[a-z]+", run_process([build.adder, "--help"], 60).stdout))
    cases = []
    for name, switches in STRESSES:
        missing = {switch.partition("=")[0] for switch in switches} - documented - {"jit"}
        if missing:
            print("adder: no switch %s, so no %s tests" % (missing.pop(), name), file=sys.stderr)
            continue
        # a program of threads knows how many there are
        fit = [p for p in programs if "stress-thread" not in switches or "/threads/" not in p.path]
        cases += [engine_case(program, build, name, switches) for program in fit]
    return cases


def engine_case(program, build, engine, switches, environment=None):
    name = "%s/%s/%s" % (program.name, build.name, engine)
    command = [build.adder]
    for switch in switches:
        command += ["-X", switch]

    def run():
        seconds = build.seconds(SECONDS)
        env = dict(build.env, **(environment or {}))
        done = run_program(program, command, seconds, env, build.memory_mib)
        return outcome(name, program, done)

    return Case(name, run)


def update_expected(programs):
    """Writes .out and .err from CPython 3.11; the caller reads the diff before it commits them."""
    cpython = find_cpython()
    if not cpython:
        print("adder: --update needs CPython 3.11", file=sys.stderr)
        return 2
    bad = 0
    for program in programs:
        if program.stack_kib:
            continue
        done = run_program(program, [cpython], SECONDS, {}, 4096)
        if done.status != program.status:
            print("%s\n%s\n%s" % (program.path, done.describe(), done.stderr), file=sys.stderr)
            bad += 1
            continue
        for kind, text in (("out", done.stdout), ("err", done.stderr)):
            path = program.expected_path(kind)
            if kind == "err" and not text:
                if os.path.exists(path):
                    os.remove(path)
                continue
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(text)
    return 1 if bad else 0
