"""Which loops are traced: an inner loop of any number of iterations, whatever the threshold is."""
import json

from harness import Files, expect_equal, main, run

SHORTEST, LONGEST = 17, 140  # up to 16 they may be unrolled into the loop around them


def test_inner_loops_of_any_length_are_traced():
    """A threshold that is a multiple of the iterations must not find the loop at its end each time."""
    lines, heads = [], {}
    for trips in range(SHORTEST, LONGEST):
        lines += ["def f%d(m):" % trips, "    t = 0", "    for i in range(m):"]
        lines += ["        for k in range(%d):" % trips, "            t += k", "    return t"]
        heads[len(lines) - 2] = trips
        lines += ["f%d(%d)" % (trips, 20000 // trips)]
    for threshold in (61, 60, 7):
        with Files(prog="\n".join(lines) + "\n") as files:
            path = files.path("report")
            done = run("adder-trace", "-X", "jit-threshold=%d" % threshold, "--json", "-o", path, files.prog)
            report = json.loads(files.read("report"))
        traced = {trace["line"] for trace in report["traces"]}
        left = [trips for line, trips in heads.items() if line not in traced]
        expect_equal(left, [], "iterations of loops without a trace at threshold %d" % threshold, done)


main(globals())
