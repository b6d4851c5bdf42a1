"""Compares Adder's parser with the Python 3.11 that runs this script.

    compare.py FRONTEND_DUMP [stdlib] [snippets] [errors] [unicode]

stdlib    every .py below Python's library folder: equal ast.dump with positions (or equal errors)
snippets  snippets.py: right programs, in exec, eval and single mode
errors    errors.py: wrong programs: equal class, message, line and column, and ends
unicode   which characters can start or continue a name, and which are printable

Without a name all run. A line is printed for each difference; exit status 1 if there is one. The
comparison needs Python 3.11 (another version has another grammar and other words) and is skipped, with
a message, under any other.
"""

import ast
import os
import subprocess
import sys
import sysconfig
import unicodedata
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.setrecursionlimit(20000)
warnings.simplefilter("ignore")


class Dumper:
    """One process of frontend_dump in one mode."""

    def __init__(self, program, mode="exec"):
        self.process = subprocess.Popen(
            [program, mode], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def parse(self, source, name="x.py"):
        """Gives ("tree", dump) or ("error", tab-separated fields) for bytes of source."""
        pipe = self.process.stdin
        pipe.write(b"%d %s\n" % (len(source), name.encode()) + source)
        pipe.flush()
        header = self.process.stdout.readline().split()
        if not header:
            raise RuntimeError(f"frontend_dump died with status {self.process.wait()} on {name}")
        text = self.process.stdout.read(int(header[1]))
        return header[0].decode(), text.decode("utf-8", "surrogatepass")


def expected(source, mode="exec", name="x.py"):
    """Gives what Python's own parser says, in the form of Dumper.parse."""
    try:
        tree = compile(source, name, mode, ast.PyCF_ONLY_AST)
    except SyntaxError as e:
        fields = [type(e).__name__, e.lineno, e.offset, e.end_lineno, e.end_offset, e.msg]
        return "error", "\t".join(str(field) for field in fields)
    except MemoryError:
        return "error", "MemoryError\t0\t0\t0\t0\t"
    return "tree", ast.dump(tree, include_attributes=True)


def first_difference(left, right):
    at = 0
    while at < min(len(left), len(right)) and left[at] == right[at]:
        at += 1
    start = max(0, at - 200)
    return f"    python: ...{left[start:at + 200]!r}\n    adder:  ...{right[start:at + 200]!r}"


class Report:
    def __init__(self, verbose=True):
        self.verbose = verbose
        self.compared = 0
        self.failed = 0

    def compare(self, what, wanted, got):
        self.compared += 1
        if wanted == got:
            return
        self.failed += 1
        if not self.verbose:
            return
        print(f"differs: {what}")
        if wanted[0] == got[0] == "error":
            print(f"    python: {wanted[1]!r}\n    adder:  {got[1]!r}")
        else:
            print(f"    python: {wanted[0]}, adder: {got[0]}")
            print(first_difference(wanted[1], got[1]))


def library_files():
    """Gives the .py files of Python's library; none if it has no sources."""
    root = sysconfig.get_path("stdlib")
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in ("site-packages", "dist-packages"))
        for file in sorted(files):
            if file.endswith(".py"):
                yield os.path.join(folder, file)


def compare_stdlib(program, report):
    dumper = Dumper(program)
    skipped = 0
    for path in library_files():
        with open(path, "rb") as file:
            source = file.read()
        if b"\\N{" in source:
            skipped += 1  # character names are not known to the frontend
            continue
        wanted = expected(source, name=path)
        got = dumper.parse(source, path)
        if wanted != got and got[1].startswith("SyntaxError\t0\t"):
            skipped += 1  # a codec that Adder does not know, or undecodable: refused as a whole
            continue
        report.compare(path, wanted, got)
    if report.compared == 0:
        print("stdlib: skipped, this Python has no library sources")
    print(f"stdlib: {report.compared} files compared, {skipped} skipped")


def compare_snippets(program, report):
    import snippets
    for mode in ("exec", "eval", "single"):
        dumper = Dumper(program, mode)
        for source in getattr(snippets, mode.upper()):
            wanted = expected(source, mode)
            if wanted[0] != "tree":
                raise AssertionError(f"not valid in {mode} mode: {source!r}: {wanted[1]}")
            data = source if isinstance(source, bytes) else source.encode("utf-8")
            report.compare(f"{mode}: {source!r}", wanted, dumper.parse(data))


def compare_errors(program, report):
    import errors
    for mode in ("exec", "eval", "single"):
        dumper = Dumper(program, mode)
        for source in getattr(errors, mode.upper()):
            wanted = expected(source, mode)
            if wanted[0] != "error":
                raise AssertionError(f"valid in {mode} mode: {source!r}")
            report.compare(f"{mode}: {source!r}", wanted, dumper.parse(source.encode("utf-8")))


def compare_unicode(program, report):
    done = subprocess.run([program, "unicode"], capture_output=True, check=True)
    for code, digit in enumerate(done.stdout.decode().strip()):
        c = chr(code)
        if unicodedata.category(c) == "Cn":
            continue  # newer than this Python's Unicode
        wanted = c.isidentifier() + 2 * ("a" + c).isidentifier() + 4 * c.isprintable()
        report.compare(f"U+{code:04X}", ("bits", str(wanted)), ("bits", digit))


def main():
    if sys.version_info[:2] != (3, 11):
        print(f"skipped: needs Python 3.11, this is {sys.version.split()[0]}")
        return 0
    program = sys.argv[1]
    suites = sys.argv[2:] or ["snippets", "errors", "unicode", "stdlib"]
    failed = 0
    for suite in suites:
        report = Report()
        globals()[f"compare_{suite}"](program, report)
        print(f"{suite}: {report.compared} compared, {report.failed} differ")
        failed += report.failed
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
