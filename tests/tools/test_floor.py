"""Traces that do not pay are retired, and the line of each says why."""
from harness import Files, expect_equal, main, run

CAUGHT = """
def look(n):
    values = [1, 2, 3]
    found = 0
    for i in range(n):
        try:
            found += values[i %% %d]
        except IndexError:
            found -= 1
    return found

print(look(30000))
"""


def report_of(files):
    path = files.path("report")
    done = run("adder-trace", "-o", path, files.prog)
    return done, files.read("report")


def test_a_loop_that_raises_often_is_left_to_tier_1():
    with Files(prog=CAUGHT % 5) as files:
        done, report = report_of(files)
    retired = [line for line in report.splitlines() if " retire " in line]
    expect_equal(bool(retired), True, "retired", done)
    expect_equal("left after few iterations" in retired[0], True, "the reason", done)


def test_a_loop_that_raises_seldom_keeps_its_trace():
    with Files(prog=CAUGHT.replace("i %% %d", "i %% 100 // 98 * 5 + i %% %d") % 3) as files:
        done, report = report_of(files)
    expect_equal(" retire " in report, False, "retired", done)
    expect_equal(" root " in report, True, "a trace", done)


main(globals())
