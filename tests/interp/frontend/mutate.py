"""Deterministic mutation fuzzing of the parser, with Python 3.11 as the judge.

    mutate.py FRONTEND_DUMP [COUNT [SEED]]

Takes pieces of Python's own library (or, without its sources, the snippets beside this file), breaks each
with one to three small edits, and gives the result to Adder's parser, which must answer with a tree or an
error and never die: run it with a sanitizer build. Under Python 3.11 it also counts how many answers agree
with Python's in every respect; fewer than 99 of 100 fail the test, and each difference is printed with -v.
"""

import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import compare
import errors
import snippets

PIECES = """( ) [ ] { } : , ; + - * / | & < > = . % == != <= >= ~ ^ << >> ** += -= := -> @ ... // ! $ ?
 False None True and as assert async await break class continue def del elif else except finally for from
 global if import in is lambda nonlocal not or pass raise return try while with yield match case _ print x
 y.z f(x) 1 1.5 0x 1_ 07 'a' "b" f'{x}' f'{x y}' f'{' b'a' \\ # é € \t \n""".split(" ")
PIECES = [p.replace("\n", "") or "\n" for p in PIECES] + ["\n", "\n    ", "\n  ", "  ", "\\\n"]


def sources(chooser):
    """Gives endless source texts of up to 40 lines."""
    paths = list(compare.library_files())
    own = [text for text in snippets.EXEC + errors.EXEC if isinstance(text, str)]
    while True:
        if not paths or chooser.random() < 0.3:
            yield chooser.choice(own)
            continue
        with open(chooser.choice(paths), "rb") as file:
            text = file.read().decode("utf-8", "replace")
        lines = text.splitlines(True)
        starts = [i for i, line in enumerate(lines) if line[:1].isalpha() or line[:1] == "@"]
        if not starts:
            continue
        start = chooser.choice(starts)
        yield "".join(lines[start:start + chooser.randrange(1, 40)])


def tokens_of(text):
    """Splits text roughly into words, blanks and punctuation."""
    parts = []
    for c in text:
        kind = "a" if c.isalnum() or c == "_" else " " if c == " " else ""
        if parts and kind and parts[-1][0] == kind:
            parts[-1][1] += c
        else:
            parts.append([kind, c])
    return [part[1] for part in parts]


def mutate(chooser, text):
    parts = tokens_of(text)
    for _ in range(chooser.choice((1, 1, 1, 2, 3))):
        at = chooser.randrange(len(parts) + 1)
        action = chooser.randrange(6)
        if action == 0:
            parts[at:at + 1] = []
        elif action == 1:
            parts[at:at] = [chooser.choice(PIECES)]
        elif action == 2:
            parts[at:at + 1] = [chooser.choice(PIECES)]
        elif action == 3 and parts:
            parts[at:at] = [chooser.choice(parts)]
        elif action == 4 and at + 1 < len(parts):
            parts[at], parts[at + 1] = parts[at + 1], parts[at]
        elif action == 5:
            parts[at:] = [] if chooser.random() < 0.3 else parts[at:]
    return "".join(parts)


def main():
    verbose = "-v" in sys.argv
    arguments = [a for a in sys.argv[1:] if a != "-v"]
    count = int(arguments[1]) if len(arguments) > 1 else 4000
    seed = int(arguments[2]) if len(arguments) > 2 else 1
    judged = sys.version_info[:2] == (3, 11)
    print(f"seed {seed}, {count} programs")
    chooser = random.Random(seed)
    dumper = compare.Dumper(arguments[0])
    report = compare.Report(verbose)
    skipped = 0
    for text in sources(chooser):
        if report.compared + skipped == count:
            break
        text = mutate(chooser, text)
        source = text.encode("utf-8", "replace")
        try:
            got = dumper.parse(source)
        except RuntimeError as e:
            print(f"{e}\nprogram: {text!r}")
            return 1
        if not judged or b"\0" in source or b"\\N{" in source or b"coding" in source:
            skipped += 1
            continue
        report.compare(repr(text), compare.expected(text), got)
    agreed = report.compared - report.failed
    print(f"{agreed} of {report.compared} agree with Python, {skipped} not compared")
    return 1 if report.failed * 100 > report.compared else 0


if __name__ == "__main__":
    sys.exit(main())
