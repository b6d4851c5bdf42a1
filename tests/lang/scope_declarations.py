# Names that are mentioned before, or beside, their global or nonlocal declaration.
BODIES = [
    "x += 1\n    global x",
    "x += x\n    global x",
    "x = 1\n    global x",
    "print(x)\n    global x",
    "x: int = 1\n    global x",
    "x: int\n    global x",
    "(x): int = 1\n    global x",
    "global x\n    x: int = 1",
    "global x\n    (x): int = 1",
    "del x\n    global x",
    "for x in y: pass\n    nonlocal x",
    "x[0]: int = 1\n    global x",
    "global x, x\n    x = 2",
]
for body in BODIES:
    source = "def f(y):\n    " + body + "\n"
    try:
        exec(source)
        print("accepted")
    except SyntaxError as e:
        print(e.args[0], e.lineno, e.offset)
try:
    exec("def f(x):\n    def g():\n        nonlocal x\n        x += 1\n        x: int\n")
except SyntaxError as e:
    print(e.args[0], e.lineno, e.offset)
exec("global z\nz: int = 3\nz += 1\nprint(z)")
