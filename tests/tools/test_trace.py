"""adder-trace: the default view, --trace, --json, and that the program runs as under adder."""
import glob
import json
import os
import re
import shutil
import subprocess

from harness import Files, expect, expect_equal, main, run

# Two loops with a side trace, a call that is inlined, nested loops, and a loop whose body has more
# uops than -X stress-buffers lets a trace have.
LOOPS = '''\
def count(n):
    total = 0
    for i in range(n):
        if i % 3 == 0:
            total += 1
        else:
            total += 2
    return total


def square(x):
    y = x * x
    if y < 0:
        return 0
    return y + 1


def squares(n):
    total = 0
    for i in range(n):
        total += square(i)
    return total


def table(n):
    total = 0
    for i in range(n):
        for k in range(n):
            total += i * k
    return total


print(count(1000), squares(1000), table(60))
'''
LOOPS_OUT = "1666 332834500 3132900\n"
COUNT_HEAD, COUNT_IF, SQUARE_IF, SQUARES_HEAD, TABLE_OUTER = 3, 4, 13, 20, 27

LONG = "def long(n, a):\n    for i in range(n):\n" + "".join(
    "        a = a * %d %% 1000003\n" % k for k in range(2, 40)
) + "    return a\n\n\nprint(long(500, 7))\n"

ROW = re.compile(
    r"^ *(?P<id>\d+)(?:\.\.(?P<last>\d+))?  (?P<kind>root|side|abort|retire)"
    r"(?: (?P<parent>\d+)@(?P<exit>\d+))? +(?P<file>\S+?):(?P<line>\d+)(?:\.\.(?P<end>\d+))?"
    r" +(?P<ended>loop|link \d+|exit|return)? +(?P<bytecodes>\d+) +(?P<uops>\d+)(?:>(?P<after>\d+))?"
    r"(?P<rest>.*)$"
)


def rows(text):
    """The lines of the default view, between the titles and the legend."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if re.match(r" *#  kind ", line))
    found = []
    for line in lines[start + 1 :]:
        if line.startswith("side 1@5: "):
            return found
        match = ROW.match(line)
        expect(match, "a line of the default view", line)
        found.append(match)
    raise AssertionError("no legend\n" + text)


def all_of(program, *options):
    """The JSON report of a program, and how it ran."""
    with Files(prog=program) as files:
        path = files.path("report.json")
        done = run("adder-trace", *options, "--json", "--output", path, files.prog)
        return json.loads(files.read("report.json")), done


def section(text, title):
    """The lines of a part of --trace: from its unindented title to the next empty line."""
    match = re.search(r"^%s.*\n((?:.+\n)*)" % re.escape(title), text, re.M)
    expect(match, "a part '%s'" % title, text)
    return match[1].splitlines()


# ---- the default view


def test_one_line_a_trace_and_side_trace():
    with Files(prog=LOOPS) as files:
        done = run("adder-trace", files.prog)
    expect_equal((done.status, done.out), (0, LOOPS_OUT), "the program's own doing", done)
    found = rows(done.err)
    expect_equal([int(row["id"]) for row in found], list(range(1, len(found) + 1)), "ids", done)
    first = found[0]
    expect_equal(
        (first["kind"], first["file"], int(first["line"]), first["ended"]),
        ("root", "prog.py", COUNT_HEAD, "loop"),
        "the first trace",
        done,
    )
    side = next((row for row in found if row["kind"] == "side" and row["parent"] == "1"), None)
    expect(side, "a side trace of the first loop", done)
    expect_equal(int(side["line"]), COUNT_IF, "its line", done)
    # The parent's line names the exit, where it goes on, and the side trace that has taken it over.
    text = r"@%s :%d x\d+ >%s\b" % (side["exit"], COUNT_IF, side["id"])
    expect(re.search(text, first["rest"]), "the exit with its side trace: " + text, done)
    expect(any(row["ended"] and row["ended"].startswith("link ") for row in found), "a link", done)
    expect("engine: machine code (x86-64-" in done.err, "the engine", done)


def test_an_abort_has_its_reason_and_place():
    with Files(prog=LONG) as files:
        done = run("adder-trace", "-X", "stress-buffers", files.prog)
    expect_equal((done.status, done.out), (0, run("adder", "-c", LONG).out), "the program", done)
    aborts = [row for row in rows(done.err) if row["kind"] == "abort"]
    expect(aborts, "an abort", done)
    for row in aborts:
        expect_equal((row["file"], int(row["line"])), ("prog.py", 2), "the head", done)
        expect(2 < int(row["end"]) < 40, "where it ended", done)
        expect(row["rest"].strip().startswith("trace too long"), "the reason", done)
        expect(int(row["uops"]) >= 60, "its uops", done)
    text = r"hot without a trace: :2 in long, given up \d+ times: trace too long"
    expect(re.search(text, done.err), "the loop that has no trace", done)
    expect(re.search(r"given up: \d+ x trace too long", done.err), "the summary", done)


def test_short_loops_are_said_to_be_short():
    program = "def f(n):\n    t = 0\n    for i in range(n):\n        for k in range(4):\n"
    program += "            t += k\n    return t\n\n\nprint(f(3000))\n"
    report, _ = all_of(program)
    inner = [(u["line"], u["function"], u["why"]) for u in report["untraced"]]
    expect_equal(inner, [(4, "f", "unrolled")], "the inner loop", report["events"])
    with Files(prog=program) as files:
        done = run("adder-trace", files.prog)
    text = "hot without a trace: :4 in f, short: recorded as part of the loop around it"
    expect(text in done.err, text, done)


def test_lines_fit_a_hundred_columns():
    with Files(prog=LOOPS) as files:
        done = run("adder-trace", files.prog)
        shown = run("adder-trace", "--trace", "all", files.prog)
    for line in done.err.splitlines():
        expect(len(line) <= 100, "a line of at most 100 columns", repr(line))
    for line in (done.err + shown.err).splitlines():
        expect(line == line.rstrip(), "nothing but what is seen", repr(line))


def test_nothing_hot_and_jit_off():
    done = run("adder-trace", "-c", "print(1)")
    expect_equal(done.out, "1\n", "output", done)
    expect("nothing was recorded" in done.err, "says so", done)
    done = run("adder-trace", "-X", "jit=0", "-c", "print(1)")
    expect("the JIT is off" in done.err, "says so", done)


# ---- the program runs as under adder


def test_traceback_and_status_are_the_programs():
    program = LOOPS + "def fail(n):\n    for i in range(n):\n        1 / (400 - i)\n\n\nfail(1000)\n"
    with Files(prog=program) as files:
        wanted = run("adder", files.prog)
        done = run("adder-trace", files.prog)
    expect_equal((done.status, done.out), (1, LOOPS_OUT), "status and output", done)
    expect("ZeroDivisionError" in wanted.err and wanted.status == 1, "adder's own", wanted)
    expect(done.err.startswith(wanted.err), "the traceback, then the report", done)
    expect(rows(done.err), "the report", done)


def test_exit_status_of_sys_exit():
    for code, status in (("7", 7), ("None", 0), ("'no'", 1)):
        program = "import sys\nsys.exit(%s)" % code
        done = run("adder-trace", "-c", program)
        expect_equal(done.status, status, "sys.exit(%s)" % code, done)
        expect_equal(all_of(program)[0]["status"], status, "status in JSON")


def test_syntax_error():
    done = run("adder-trace", "-c", "def")
    expect_equal(done.status, 1, "status", done)
    expect("SyntaxError" in done.err and "nothing was recorded" in done.err, "both", done)


def test_arguments_and_stdin():
    done = run("adder-trace", "-", "a", "b", stdin=b"import sys\nprint(sys.argv)\n")
    expect_equal((done.status, done.out), (0, "['-', 'a', 'b']\n"), "sys.argv", done)
    done = run("adder-trace", "-c", "import sys\nprint(sys.argv)", "--json")
    expect_equal(done.out, "['-c', '--json']\n", "what follows -c is the program's", done)


def test_output_goes_where_it_is_told():
    with Files(prog=LOOPS) as files:
        path = files.path("report")
        done = run("adder-trace", "-o", path, files.prog)
        expect_equal((done.out, done.err), (LOOPS_OUT, ""), "all else is the program's", done)
        expect(rows(files.read("report")), "the report")
        done = run("adder-trace", "--output=-", files.prog)
        expect(done.out.startswith(LOOPS_OUT) and done.err == "", "stdout, after the program", done)


def test_wrong_usage():
    for arguments, words in (
        (["--trace", "x"], "'x' is no number of a trace"),
        (["--trace", "0"], "'0' is no number of a trace"),
        (["--only", "sauce"], "no part is named 'sauce'"),
        (["--frob"], "unknown option --frob"),
        (["-X", "frob"], "unknown option -X frob"),
    ):
        done = run("adder-trace", *arguments, "-c", "print(1)")
        expect_equal((done.status, done.out), (2, ""), "usage: %s" % arguments, done)
        expect(words in done.err and "adder-trace --help" in done.err, words, done)
    for option in ("--trace", "--only", "--html", "--output", "-o"):
        done = run("adder-trace", option)
        expect_equal((done.status, done.out), (2, ""), option, done)
        expect("%s needs a value" % option in done.err, option, done)
    done = run("adder-trace", "/nonexistent/prog.py")
    expect_equal(done.status, 2, "a file that is not there", done)
    done = run("adder-trace", "-o", "/nonexistent/report", "-c", "print(1)")
    expect_equal((done.status, done.out), (2, ""), "the program does not run in vain", done)
    expect("can't open file '/nonexistent/report'" in done.err, "why", done)
    done = run("adder-trace", "-o", "/dev/full", "-c", "print(1)")
    expect_equal((done.status, done.out), (1, "1\n"), "a full disk is told", done)


def test_help_names_every_option():
    done = run("adder-trace", "--help")
    expect_equal(done.status, 0, "status", done)
    for option in ("--trace", "--only", "--full", "--json", "--html", "--output", "-X jit-threshold"):
        expect(option in done.out, option, done)


# ---- --trace


def test_sections_of_a_trace():
    with Files(prog=LOOPS) as files:
        done = run("adder-trace", "--trace", "1", files.prog)
    text = done.err
    expect(text.startswith("\ntrace 1: root"), "the title", done)
    source = section(text, "source")
    expect(any("for i in range(n):" in line and "%d >" % COUNT_HEAD in line for line in source), "head", text)
    bytecode = section(text, "bytecode")
    expect(any("*" in line and "FOR" in line for line in bytecode), "the loop's bytecode", text)
    recorded = section(text, "uops as recorded")
    expect(any(line.split()[:3] == ["v0", "-", "guard_poll"] for line in recorded), "uops", text)
    expect(any("if i % 3 == 0:" in line for line in recorded), "under their source lines", text)
    expect(any("MOD_RI_T" in line for line in recorded), "under their bytecodes", text)
    passes = section(text, "passes")
    for name in ("fold", "loop", "types", "memory", "escape", "refs", "dce"):
        expect(any(line.startswith("  %s: " % name) for line in passes), "pass " + name, text)
    expect(any(line.startswith("    + ") and "loop" in line for line in passes), "a change", text)
    final = section(text, "uops after the last pass")
    expect(any("phi" in line and "; total" in line for line in final), "variables named", text)
    snapshots = section(text, "snapshots")
    expect(any("total=v" in line and " i=v" in line for line in snapshots), "slots by name", text)
    exits = section(text, "exits")
    expect(any("> trace 2" in line and "to :%d " % COUNT_IF in line for line in exits), "sides", text)
    expect(any("(total) r" in line for line in exits), "registers at exits", text)
    code = section(text, "machine code")
    expect(any("; thread poll" in line for line in code), "the thread's fields", text)
    expect(any(re.search(r"; exit \d+: trace 2", line) for line in code), "exits named", text)


def test_only_and_full():
    with Files(prog=LOOPS) as files:
        done = run("adder-trace", "--trace", "1", "--only", "exits,source", files.prog)
        titles = re.findall(r"^\w.*", done.err, re.M)
        expect_equal([title.split()[0] for title in titles], ["trace", "source", "exits"], "parts", done)
        short = run("adder-trace", "--trace", "1", "--only", "passes", files.prog)
        full = run("adder-trace", "--trace", "1", "--only", "passes", "--full", files.prog)
    expect(" as before" in short.err and " as before" not in full.err, "--full shows all", full)


def test_helpers_links_and_constants_are_named():
    program = (
        "import math\n\n\ndef f(n):\n    x = 0.0\n    for i in range(n):\n"
        "        x = math.sin(x) * 3.25\n    return x\n\n\nprint(f(500))\n"
    )
    with Files(prog=program) as files:
        done = run("adder-trace", "--trace", "all", "--only", "code", files.prog)
    expect("; math_sin" in done.err, "a helper's name", done)
    expect("= 3.25" in done.err, "a constant of the pool", done)
    with Files(prog=LOOPS) as files:
        done = run("adder-trace", "--trace", "all", "--only", "code", files.prog)
    expect(re.search(r"jmp .*; (loop of )?trace 1\b", done.err), "a link's target", done)


def test_globals_and_types_are_named():
    program = "STEP = 3\n\n\ndef f(n, items):\n    k = 0\n    for i in range(n):\n"
    program += "        k += STEP + items[0]\n    return k\n\n\nprint(f(500, [1]))\n"
    report, _ = all_of(program)
    uops = report["traces"][0]["stages"][0]["uops"]
    comments = {uop["op"]: uop["comment"] for uop in uops}
    expect_equal(comments["load_global"], "STEP", "the global")
    expect_equal(comments["guard_type"], "list", "the type")


def test_code_in_text_is_the_code_in_json():
    report, _ = all_of(LOOPS)
    with Files(prog=LOOPS) as files:
        text = run("adder-trace", "--trace", "1", "--only", "code", "--full", files.prog).err
    offsets = [int(match, 16) for match in re.findall(r"^ +([0-9a-f]+)  [a-z.]", text, re.M)]
    lines = report["traces"][0]["code"]["lines"]
    expect_equal(offsets, [line["offset"] for line in lines], "each instruction once", text)
    # Each uop stands once, in order.
    uops = [int(match) for match in re.findall(r"^ +.* v(\d+) [-IFVP] \w", text, re.M)]
    expect_equal(uops, list(range(len(report["traces"][0]["stages"][-1]["uops"]))), "uops", text)


def test_trace_of_an_abort_and_of_none():
    with Files(prog=LONG) as files:
        done = run("adder-trace", "-X", "stress-buffers", "--trace", "1", "--trace=99", files.prog)
    expect("trace 1: given up at prog.py:2" in done.err and "too long" in done.err, "abort", done)
    # What was seen until then can be read; there is nothing behind it.
    expect(any("a = a * 2 % 1000003" in line for line in section(done.err, "source")), "source", done)
    recorded = section(done.err, "uops as recorded")
    expect(sum(bool(re.match(r" +v\d+ ", line)) for line in recorded) >= 60, "its uops", done)
    for title in ("machine code", "exits", "uops after"):
        expect(not re.search("^" + title, done.err, re.M), "no " + title, done)
    expect("trace 99: there is none" in done.err, "no such trace", done)
    expect_equal(done.status, 0, "status", done)


def test_frames_of_an_inlined_call():
    report, done = all_of(LOOPS)
    found = [
        {(slot["function"], slot["name"]) for slot in snapshot["slots"]}
        for trace in report["traces"]
        for snapshot in trace["snapshots"]
        if snapshot["function"] == "square" and trace["function"] == "squares"
    ]
    wanted = {("square", "x"), ("squares", "i"), ("square", "(return to)")}
    expect(any(wanted <= slots for slots in found), "both frames' variables", found)
    steps = next(t for t in report["traces"] if t["function"] == "squares")["steps"]
    inner = [step for step in steps if step["depth"] == 1]
    expect(inner and all(step["function"] == "square" for step in inner), "steps inside", steps)


# ---- --json


def test_json_agrees_with_the_default_view():
    for options in ([], ["-X", "jit=portable"], ["-X", "jit-threshold=1"], ["-X", "stress-buffers"]):
        with Files(prog=LOOPS) as files:
            found = rows(run("adder-trace", *options, files.prog).err)
        report, done = all_of(LOOPS, *options)
        expect_equal((done.status, done.out, report["status"]), (0, LOOPS_OUT, 0), "the program", done)
        events = {event["id"]: event for event in report["events"]}
        traces = {trace["id"]: trace for trace in report["traces"]}
        merged = sum(int(row["last"] or row["id"]) - int(row["id"]) for row in found)
        expect_equal(len(found) + merged, len(report["events"]), "as many events", found)
        for row in found:
            agree(row, events[int(row["id"])], traces.get(int(row["id"])))


def agree(row, event, trace):
    wanted = "abort" if row["kind"] == "abort" else "trace"
    expect_equal(event["kind"], wanted, "kind", row)
    for key, name in (("line", "line"), ("bytecodes", "bytecodes"), ("uops_recorded", "uops")):
        expect_equal(event[key], int(row[name]), key, row)
    expect_equal(event["parent"], int(row["parent"]) if row["parent"] else None, "parent", row)
    expect_equal(event["exit"], int(row["exit"]) if row["exit"] else None, "exit", row)
    if wanted == "abort":
        expect(row["rest"].strip().startswith(event["reason"]), "reason", row)
        return
    expect_equal(trace["ended"], row["ended"], "end", row)
    expect_equal(event["uops_optimized"], int(row["after"]), "uops", row)
    expect_equal(len(trace["stages"][0]["uops"]), event["uops_recorded"], "recorded", row)
    expect_equal(len(trace["stages"][-1]["uops"]), event["uops_optimized"], "optimized", row)
    counts = {exit["id"]: exit for exit in trace["exits"]}
    for number, line, count, side in re.findall(r"@(\d+) :(\d+) x(\d+)(?: >(\d+))?", row["rest"]):
        exit = counts[int(number)]
        expect_equal(
            (exit["line"], exit["count"], exit["side"]),
            (int(line), int(count), int(side) if side else None),
            "exit " + number,
            row,
        )


def test_json_has_what_was_given_up():
    report, _ = all_of(LONG, "-X", "stress-buffers")
    aborts = [event for event in report["events"] if event["kind"] == "abort"]
    expect_equal([given["id"] for given in report["given_up"]], [e["id"] for e in aborts], "ids")
    for given, event in zip(report["given_up"], aborts):
        expect_equal(len(given["stages"][0]["uops"]), event["uops_recorded"], "uops")
        expect_equal(given["steps"][0]["line"], event["line"], "the head")
        expect_equal(given["steps"][-1]["line"], event["end_line"], "the end")


def test_json_covers_every_byte_of_code():
    report, _ = all_of(LOOPS, "-X", "jit-threshold=2")
    expect(len(report["traces"]) >= 3, "traces", report["events"])
    for trace in report["traces"]:
        code, at = trace["code"], 0
        for line in code["lines"]:
            expect_equal(line["offset"], at, "an offset of trace %d" % trace["id"])
            expect(not line["text"].startswith(".byte"), "an instruction", line)
            at += len(line["bytes"]) // 2
        expect_equal((at, trace["code_bytes"]), (code["size"], code["size"]), "all bytes")
        exits = {exit["id"] for exit in trace["exits"]}
        named = set(re.findall(r"exit (\d+)", " ".join(line["note"] for line in code["lines"])))
        expect_equal({int(n) for n in named}, exits, "every exit has code")
        for line in code["lines"]:
            if line["part"] == "uops" and line["text"].startswith(("j", "call")):
                expect(line["note"], "a branch or call says where to", line)


def test_origins_of_uops():
    report, _ = all_of(LOOPS)
    trace = report["traces"][0]
    for stage in trace["stages"]:
        for uop in stage["uops"]:
            expect_equal(uop["function"], "count", "a function", uop)
            if uop["op"].startswith(("mod_int", "floormod", "and_int")):
                expect_equal(uop["line"], COUNT_IF, "the line of a uop", uop)
    steps = trace["steps"]
    expect_equal(steps[0]["line"], COUNT_HEAD, "the first bytecode", steps)
    expect_equal(len(steps), trace["bytecodes"] + 1, "steps, and where it ended", steps)
    firsts = [step["first_uop"] for step in steps]
    expect(firsts == sorted(firsts) and firsts[-1] < trace["uops_recorded"], "in order", firsts)


def test_json_has_source_and_bytecode():
    report, _ = all_of(LOOPS)
    expect_equal(report["source"], LOOPS.splitlines(), "source")
    names = [function["name"] for function in report["functions"]]
    expect_equal(sorted(names), ["<module>", "count", "square", "squares", "table"], "functions")
    for trace in report["traces"]:
        code = next(f for f in report["functions"] if f["name"] == trace["function"])["bytecode"]
        texts = {b["index"]: (b["line"], b["text"]) for b in code}
        for step in trace["steps"]:
            if step["function"] == trace["function"]:
                expect_equal(texts[step["bytecode"]], (step["line"], step["text"]), "a step", step)


# ---- --html


def page_of(program):
    with Files(prog=program) as files:
        path = files.path("page.html")
        done = run("adder-trace", "--html", path, files.prog)
        return files.read("page.html"), done


def test_page_holds_the_json():
    tricky = LOOPS + "print('</script><!-- & \u20ac')\n"
    page, done = page_of(tricky)
    expect_equal(done.out, LOOPS_OUT + "</script><!-- & \u20ac\n", "output", done)
    expect(rows(done.err), "the list goes to stderr as ever", done)
    match = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    report = json.loads(match[1])
    expect_equal(report["source"], tricky.splitlines(), "the object of --json")
    expect(len(report["traces"]) >= 3, "traces")
    expect_equal(page.count("</script>"), 2, "scripts")
    expect(not re.search(r"""(src|href)=|https?:|@import|url\(""", page), "loads nothing from elsewhere")


def test_page_shows_every_part():
    """Runs the page's script on a document that does nothing but keep what is put in it."""
    if shutil.which("node") is None:
        return
    page, _ = page_of(LOOPS)
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", page, re.S)
    shown = subprocess.run(
        ["node", "-e", DOCUMENT + scripts[1] + VISIT],
        input=scripts[0].encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
    ).stdout.decode()
    for text in ("loop @", "for i in range(n):", "FOR", "guard_poll", "; thread poll", "total=v", "jmp "):
        expect(text in shown, "the page shows '%s'" % text, shown[-3000:])


DOCUMENT = r"""
const data_text = require("fs").readFileSync(0, "utf8");
class Element {
    constructor(tag) { this.tag = tag; this.children = []; this.dataset = {}; this.attributes = {};
        this.classList = {toggle() {}}; }
    append(...children) { this.children.push(...children); }
    replaceChildren(...children) { this.children = children; }
    setAttribute(name, value) { this.attributes[name] = value; }
    addEventListener(name, f) { this["on" + name] = f; }
    querySelectorAll() { return []; }
    get text() { return this.children.map(c => c instanceof Element ? c.text : String(c)).join(""); }
}
const ids = {data: Object.assign(new Element("script"), {textContent: data_text})};
const document = {createElement: tag => new Element(tag), querySelectorAll: () => [], addEventListener() {},
    getElementById: id => ids[id] || (ids[id] = new Element("div"))};
const location = {hash: ""}, history = {replaceState() {}};
"""
VISIT = r"""
console.log(ids.list.text, ids.detail.text);
for (const event of data.events) {
    for (const tab of ["source", "bytecode", "uops", "exits", "code"]) {
        show({id: event.id, tab, stage: ""});
        console.log(ids.detail.text);
        if (!ids.detail.text.startsWith("source")) throw "no tabs";
    }
    for (const s of (traces.get(event.id) || givenUp.get(event.id)).stages) show({tab: "uops", stage: s.name});
}
"""


# ---- other engines, and trouble


def test_hot_programs():
    """The language tests of hot loops: the report is coherent, the program's doing is adder's."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    found = 0
    for path in sorted(glob.glob(os.path.join(root, "lang", "hot", "*.py"))):
        with Files() as files:
            done = run("adder-trace", "--json", "-o", files.path("report"), path)
            report = json.loads(files.read("report"))
        with open(path[:-3] + ".out", encoding="utf-8") as file:
            expect_equal(done.out, file.read(), path, done)
        for trace in report["traces"]:
            found += 1
            whole = sum(len(line["bytes"]) // 2 for line in trace["code"]["lines"])
            expect_equal(whole, trace["code"]["size"], "code of %d in %s" % (trace["id"], path))
            uops = [uop for stage in trace["stages"] for uop in stage["uops"]]
            expect(uops and all(uop["line"] for uop in uops), "lines of uops", (path, trace["id"]))
            slots = [slot for snapshot in trace["snapshots"] for slot in snapshot["slots"]]
            expect(all(slot["function"] != "?" for slot in slots), "slots", (path, trace["id"]))
    expect(found > 20, "traces", found)


def test_portable_engine_has_no_code():
    report, done = all_of(LOOPS, "-X", "jit=portable")
    expect_equal(done.out, LOOPS_OUT, "output", done)
    expect_equal(report["engine"]["name"], "portable executor", "engine")
    expect_equal(report["engine"]["why_portable"], "-X jit=portable", "why")
    expect(report["traces"] and all(t["code"] is None for t in report["traces"]), "no code")
    with Files(prog=LOOPS) as files:
        done = run("adder-trace", "-X", "jit=portable", "--trace", "1", files.prog)
    expect("machine code\n  none: portable executor (-X jit=portable)" in done.err, "says so", done)
    raw, _ = all_of(LOOPS, "-X", "jit=portable", "-X", "jit-opt=0")
    expect(all([s["name"] for s in t["stages"]] == ["recorded"] for t in raw["traces"]), "raw")


def test_jit_off_in_json():
    report, _ = all_of("print(1)", "-X", "jit=0")
    expect_equal((report["engine"], report["events"], report["traces"]), (None, [], []), "nothing")


def test_failing_allocations_and_a_full_arena():
    for failing in (900, 1500, 2500, 4000):
        for view in (["--trace", "all"], ["--json"], []):
            done = run("adder-trace", *view, "-X", "stress-alloc=%d" % failing, "-c", LOOPS)
            expect(done.status in (0, 1), "no crash", done)
    report, done = all_of(LOOPS, "-X", "jit-memory=4K")
    expect_equal(done.out, LOOPS_OUT, "output", done)


main(globals())
