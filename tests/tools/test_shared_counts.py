"""In the form for many threads the loops of these programs count nothing: no line that others read is written."""
from harness import Files, expect_equal, main, run

COMMON = """
K = (1, 2)
rows = [[i, i * 2] for i in range(8)]
d = {'a': [1], 3: rows}
def double(x):
    return x + x
def closure():
    y = [3]
    def inner():
        return y
    return inner
c = closure()
def f(n):
    t = 0
    x = None
    for i in range(n):
        %s
    return t, x
print(f(1000) == f(1000))
"""

PROGRAMS = {
    "list read": "x = rows[i & 7]",
    "list of lists": "t += rows[i & 7][1]",
    "negative index": "x = rows[-1]",
    "dict read": "x = d['a']",
    "dict.get": "x = d.get(3)",
    "dict membership": "t += 'a' in d",
    "global read": "x = K",
    "constant": "x = 'abc'",
    "function": "t += double(i)",
    "closure": "x = c()",
    "two ways": "x = rows[i & 7]; t += x[0] if x[1] > 6 else -1",
}


def loops_of(text):
    """The bodies of all traces' loops, and all side traces that end in a loop's head."""
    for trace in text.split("; trace ")[1:]:
        lines = [line.split() for line in trace.splitlines() if line.startswith("v")]
        ops = [words[2] for words in lines if len(words) > 2]
        if "loop" in ops:
            yield ops[ops.index("loop"):]
        elif "link_head" in ops:
            yield ops


def check(name):
    with Files(prog=COMMON % PROGRAMS[name]) as files:
        done = run("adder", "-X", "jit-form=shared", "-X", "jit-check", "-X", "jit-dump=final", files.prog)
    loops = list(loops_of(done.err))
    expect_equal(done.out, "True\n", name + ": output", done)
    expect_equal(len(loops) > 0, True, name + ": a loop", done)
    counts = [op for ops in loops for op in ops if op in ("incref", "decref")]
    expect_equal(counts, [], name + ": counts in the loop", done)


def test_reads_and_calls_count_nothing():
    for name in PROGRAMS:
        check(name)


main(globals())
