"""The builds that are tested, and what meson knows about them."""
import json
import os
import subprocess
import sys

from .runner import ROOT, Case, Outcome

# Leaks are errors; an allocation beyond the limit returns NULL, as malloc may, instead of ending.
SANITIZER_ENV = {
    "release": {},
    "asan": {
        "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:allocator_may_return_null=1:"
        "detect_stack_use_after_return=0:exitcode=99",
        "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:exitcode=99",
        "LSAN_OPTIONS": "exitcode=98",
    },
    "tsan": {"TSAN_OPTIONS": "halt_on_error=1:exitcode=97:allocator_may_return_null=1"},
}


class Build:
    """One directory under build/. make() builds once; later calls give the same answer."""

    def __init__(self, name):
        self.name = name
        self.directory = os.path.join(ROOT, "build", name)
        self.sanitized = name != "release"
        self.made = None
        self.log = ""

    @property
    def adder(self):
        return os.path.join(self.directory, "tools", "adder")

    @property
    def env(self):
        return SANITIZER_ENV[self.name]

    @property
    def memory_mib(self):
        return None if self.sanitized else 4096

    def seconds(self, release_seconds):
        """A time limit of the release build, stretched for what sanitizers cost."""
        return release_seconds * (6 if self.sanitized else 1)

    def make(self, targets=()):
        """Builds targets, or all; the first answer stays."""
        if self.made is None:
            print("adder: building build/%s" % self.name, file=sys.stderr, flush=True)
            self.made = self.make_more(targets)
        return self.made

    def make_more(self, targets):
        process = subprocess.Popen(
            [os.path.join(ROOT, "tools", "lib", "build.sh"), self.name] + list(targets),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="backslashreplace",
        )
        for line in process.stdout:
            self.log += line
            sys.stderr.write(line)
        return process.wait() == 0

    def introspect(self, what):
        text = subprocess.run(
            ["meson", "introspect", "--" + what, self.directory],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout
        return json.loads(text)

    def target(self, name):
        """The path of the executable of that name, or None."""
        for target in self.introspect("targets"):
            if target["name"] == name and target["type"] == "executable":
                return target["filename"][0]
        return None


def build_case(build):
    name = "build/" + build.name
    return Case(name, lambda: [Outcome(name, bool(build.make()), build.log)])
