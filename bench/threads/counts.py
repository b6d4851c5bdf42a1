"""Shared-line writes per unit of work, from a statistics build, and what a model makes of them.

Each program runs with two workers on two amounts; the difference over the difference of units is per unit, so
that start and set-up fall out. Tier 1 and the portable executor (threshold 1) are counted; machine code does the
same uops as the portable executor, whose stores and counts are C functions that count themselves.

The model. A line that several cores write moves between them: each write waits for the line, about LINE_NS; a
chain of such writes to one object runs one after the other, whatever the number of cores. Per unit of work let t be
the CPU time of one worker (nanoseconds), w the writes to lines that all workers write. On n cores

    one unit takes   max(t + w * LINE_NS * (n > 1),  n * w * LINE_NS)
    gain(n)        = n * t / that

w takes all counted writes as if they met on the same line, each apart from the others; writes to one line next
to each other move it once, and locks of different objects do not meet at all. So it is pessimistic; where w is 0
it says n, which no machine with a shared cache and memory bus reaches. It is a model, not a measurement.
"""
import re

from measure import progress, run_timed

LINE_NS = 100.0
CORES = (8, 32, 128)
LIMIT_SECONDS = 300
LINE = re.compile(r"^thread-stats (\w+) (\w+) (\d+) ", re.M)
ENGINES = [("tier1", ["-X", "jit=0"]), ("traces", ["-X", "jit=portable", "-X", "jit-threshold=1"])]
SMALL, LARGE, WORKERS = 100000, 400000, 2  # long enough for workers to run beside each other
LOCKS = ("OBJECT_LOCK", "GROUP_TAKE", "LOCK_TAKE")


def run_counted(adder, switches, programs, name, amount):
    """{count: (kind, n)} of a run, and CPU nanoseconds a unit."""
    command = [adder, "-X", "thread-stats"] + switches + [programs, name, str(WORKERS), str(amount)]
    run = run_timed(command, LIMIT_SECONDS)
    if run.error:
        raise RuntimeError(run.error)
    found = {row: (kind, int(n)) for kind, row, n in LINE.findall(run.messages)}
    if not found:
        raise RuntimeError("%s is no statistics build: meson setup -Dstats=true" % adder)
    return found, 1e9 * float(run.output.split()[1]) / (amount * WORKERS)


def measure(adder, programs, names):
    """{engine: {program: {"counts": {name: per unit}, "rmw":, "writes":, "locks":, "ns":}}}"""
    results = {}
    for engine, switches in ENGINES:
        results[engine] = {}
        for name in names:
            progress("counting %s in %s" % (name, engine))
            try:
                small, _ = run_counted(adder, switches, programs, name, SMALL)
                large, ns = run_counted(adder, switches, programs, name, LARGE)
            except RuntimeError as error:
                results[engine][name] = {"error": str(error)}
                progress("FAILED %s: %s" % (name, error))
                continue
            units = (LARGE - SMALL) * WORKERS
            per = {row: max(0.0, (large[row][1] - small[row][1]) / units) for row in large}
            rmw = sum(per[row] for row in per if large[row][0] == "RMW")
            stores = sum(per[row] for row in per if large[row][0] == "STORE")
            results[engine][name] = {"counts": per, "rmw": rmw, "writes": rmw + stores,
                                     "locks": sum(per[row] for row in LOCKS), "ns": ns}
    return results


def gain(ns, writes, cores):
    """The model above."""
    moves = writes * LINE_NS
    return cores * ns / max(ns + moves, cores * moves)


def table(results):
    head = ["program", "engine", "writes", "RMW", "locks", "CPU ns"] + ["model: %d cores" % n for n in CORES]
    lines = ["Per unit of work, two workers. The last columns are a model (bench/threads/counts.py), no measurement.", "",
             "| " + " | ".join(head) + " |", "|---|---|" + "---:|" * (len(head) - 2)]
    for name in next(iter(results.values())):
        for engine in results:
            r = results[engine][name]
            if "error" in r:
                lines.append("| %s | %s | failed |" % (name, engine) + " |" * (len(head) - 3))
                continue
            row = [name, engine] + ["%.3f" % r[key] for key in ("writes", "rmw", "locks")] + ["%.1f" % r["ns"]]
            row += ["%.1f" % gain(r["ns"], r["writes"], n) for n in CORES]
            lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines)
