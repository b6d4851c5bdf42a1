#!/usr/bin/env python3
"""Runs Adder's tests: tools/test [--quick] [--update] [--format] [--list] [NAME...]

Builds build/release, build/asan and build/tsan, then runs what it finds there and in the tree: every
test that meson knows (under TSan those with threads), every language test in every engine, the
models of protocols, and the checks of format, layering and stencils.
No test is named here: a new file or executable is found. With NAMEs only tests whose name contains
one of them run (tools/test lang/ints, tools/test native, tools/test unit/ir).

  --quick    the release build only, and three engines instead of all
  --update   writes the expected outputs of tests/lang with CPython 3.11, runs nothing
  --format   formats the sources with clang-format-19, runs nothing
  --list     prints the names of the tests, runs nothing
  --jobs N   tests that run at a time (default: the number of processors)

The last line is "N passed, N failed"; the exit status is 1 if any failed, 2 if nothing could run.
"""
import argparse
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from run_support import builds, checks, fuzz, generated, language, memory, models, races, runner, soak, tools, unit  # noqa: E402


def parse_arguments():
    summary, _, rest = __doc__.partition("\n\n")
    parser = argparse.ArgumentParser(
        usage="tools/test [--quick] [--update] [--format] [--list] [--jobs N] [NAME...]",
        description=summary,
        epilog=rest,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--update", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--format", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--list", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help=argparse.SUPPRESS)
    return parser.parse_args()


def collect_cases(options):
    """All cases, in the order in which they start: cheap checks first, then by build."""
    cases = checks.static_cases() + models.model_cases()
    cases += language.reference_cases() + generated.reference_cases()
    for name in ["release"] if options.quick else ["release", "asan"]:
        build = builds.Build(name)
        cases.append(builds.build_case(build))
        if not build.make():
            continue
        cases += checks.build_cases(build)
        cases += unit.unit_cases(build)
        cases += tools.tool_cases(build)
        cases += language.engine_cases(build, options.quick)
        cases.append(soak.soak_case(build))
        if not options.quick:
            cases += memory.memory_cases(build, language.find_programs())
            cases += generated.generated_cases(build)
            cases += fuzz.fuzz_cases(build)
    return cases if options.quick else cases + races.race_cases()


def main():
    options = parse_arguments()
    if options.update:
        return language.update_expected(language.find_programs() + generated.find_programs())
    if options.format:
        return checks.format_sources()
    cases = collect_cases(options)
    if options.names:
        cases = [case for case in cases if any(name in case.name for name in options.names)]
    if options.list:
        for case in cases:
            print(case.name)
        return 0
    if not cases:
        print("adder: no test has such a name", file=sys.stderr)
        return 2
    return runner.run_cases(cases, options.jobs)


if __name__ == "__main__":
    sys.exit(main())
