"""What the tests of tools share: running a tool, expectations, and output that the driver counts.

A test file imports this, defines functions test_* and ends in main(). It is called with the directory
of the built tools; each function is reported as cmocka reports a test.
"""
import os
import subprocess
import sys
import tempfile
import traceback

SECONDS = 120


class Run:
    def __init__(self, done):
        self.status = done.returncode
        self.out = done.stdout.decode("utf-8")
        self.err = done.stderr.decode("utf-8")

    def __str__(self):
        return "status %d\n--- stdout\n%s--- stderr\n%s" % (self.status, self.out, self.err)


def run(tool, *arguments, stdin=b""):
    """Runs a built tool to its end."""
    command = [os.path.join(os.path.abspath(sys.argv[1]), tool)] + list(arguments)
    done = subprocess.run(
        command, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=SECONDS
    )
    return Run(done)


class Files:
    """Temporary files: with Files(prog="...") as files: files.prog is the path of prog.py."""

    def __init__(self, **sources):
        self.sources = sources

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory()
        for name, source in self.sources.items():
            path = self.path(name + ".py")
            with open(path, "w", encoding="utf-8") as file:
                file.write(source)
            setattr(self, name, path)
        return self

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def __exit__(self, *_):
        self.directory.cleanup()


def expect(condition, what, seen=""):
    if not condition:
        raise AssertionError("%s\n%s" % (what, seen))


def expect_equal(got, wanted, what, seen=""):
    expect(got == wanted, "%s: got %r, expected %r" % (what, got, wanted), seen)


def main(names):
    """Runs the functions named test_* of a module's dictionary, in their order."""
    failed = []
    for name, function in names.items():
        if not name.startswith("test_") or not callable(function):
            continue
        try:
            function()
            print("[       OK ] " + name)
        except Exception:  # a fault of the test is a failure like any other
            failed.append(name)
            traceback.print_exc(file=sys.stdout)
            print("[  FAILED  ] " + name)
    sys.exit(1 if failed else 0)
