"""Random programs of the language that Adder compiles; the same for a seed on every machine.

Expressions are made by the type that they should have, so that most of a program runs; now and then a
variable gets another type, an index is out of range or a divisor is zero, and `try` shows what that
raises. Loops are nested and hot, functions have parameters of every kind, closures share cells, and what
a program prints does not depend on addresses, on the order of sets or on time.

    programs.py SEED        prints the program
"""
import random
import sys

HEADER = '''\
import math

OUT = 0


def show(*values):
    global OUT
    OUT += 1
    if OUT > 400:
        return
    print(OUT, *[repr(v)[:160] if not isinstance(v, (set, frozenset)) else sorted(v, key=repr)[:9] for v in values])


def clip(x):
    """Keeps numbers and texts small."""
    if isinstance(x, bool) or x is None:
        return x
    if isinstance(x, int):
        return x if -(1 << 90) < x < 1 << 90 else x % 1000003
    if isinstance(x, float):
        return x if -1e15 < x < 1e15 else 0.5
    if isinstance(x, (str, list, tuple)):
        return x[:12]
    return x

'''

COST_MAX = 30000
TYPES = ["int", "float", "str", "bool", "list", "tuple", "dict", "set"]
NAMES = {t: [t[0] + str(i) for i in range(4)] for t in ["int", "float", "str", "list"]}
NAMES.update(bool=["b0", "b1"], tuple=["t0", "t1"], dict=["d0", "d1"], set=["q0", "q1"])
EXCEPTIONS = [
    "ZeroDivisionError", "TypeError", "ValueError", "IndexError", "KeyError", "OverflowError",
    "ArithmeticError", "LookupError", "Exception", "(TypeError, ValueError)", "(IndexError, KeyError)",
    "UnboundLocalError", "NameError", "AttributeError", "RuntimeError",
]


class Function:
    """What a caller must know."""

    def __init__(self, name, result, params, cost):
        self.name, self.result, self.params, self.cost = name, result, params, cost


class Generator:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.lines = []
        self.indent = 0
        self.functions = []  # those that may be called here
        self.scopes = [set()]  # names that are (probably) bound, by function
        self.cost = 1  # how often the statement at hand runs
        self.loops = 0
        self.fresh = 0
        self.in_function = False
        self.spent = 0

    # ---- small things -------------------------------------------------------------------------

    def chance(self, p):
        return self.r.random() < p

    def pick(self, *choices):
        return self.r.choice(choices)

    def line(self, text):
        self.lines.append("    " * self.indent + text)

    def name(self, prefix):
        self.fresh += 1
        return prefix + "_" + str(self.fresh)

    def variable(self, kind):
        """A variable of that type, bound or (rarely) perhaps not."""
        bound = [n for n in NAMES[kind] if n in self.scopes[-1]]
        if bound and not self.chance(0.004):
            return self.r.choice(bound)
        if self.chance(0.004):
            return self.r.choice(NAMES[kind])
        return None

    # ---- expressions -----------------------------------------------------------------------------

    def expr(self, kind, depth=3):
        if self.chance(0.004):
            kind = self.r.choice(TYPES)
        if depth <= 0 or self.chance(0.2):
            return self.atom(kind)
        if self.chance(0.06):
            call = self.call(kind, depth)
            if call:
                return call
        if self.chance(0.05):
            return "(%s if %s else %s)" % (
                self.expr(kind, depth - 1), self.expr("bool", depth - 1), self.expr(kind, depth - 1))
        if self.chance(0.03):
            return "(%s %s %s)" % (
                self.expr(kind, depth - 1), self.pick("and", "or"), self.expr(kind, depth - 1))
        return getattr(self, "expr_" + kind)(depth - 1)

    def atom(self, kind):
        if self.chance(0.7):
            name = self.variable(kind)
            if name:
                return name
        return self.literal(kind)

    def literal(self, kind):
        r = self.r
        if kind == "int":
            return str(r.choice([
                r.randint(-9, 9), r.randint(0, 3), r.randint(-1000, 1000), 2 ** r.randint(1, 70),
                -(2 ** r.randint(1, 70)), 2 ** 49 - r.randint(0, 2), -(2 ** 49) + r.randint(-1, 1),
                2 ** 63 - r.randint(-1, 2), r.randint(-(10 ** 30), 10 ** 30)]))
        if kind == "float":
            return self.pick("0.0", "-0.0", "1.0", "0.5", "-2.5", "1e10", "1e-9", "3.25", "1e300",
                             "float('inf')", "float('nan')", "%r" % round(r.uniform(-100, 100), 3))
        if kind == "str":
            return self.pick("''", "'a'", "'abc'", "'x1'", "'äö'", "'日本'", "'12'", "'A b c'", "'\\n'",
                             "'%s'" % "".join(r.choice("abcxyz") for _ in range(r.randint(1, 6))))
        if kind == "bool":
            return self.pick("True", "False")
        if kind == "list":
            return "[%s]" % ", ".join(str(r.randint(-5, 20)) for _ in range(r.randint(0, 6)))
        if kind == "tuple":
            return "(%s)" % "".join(self.literal(self.pick("int", "float", "str")) + ", "
                                    for _ in range(r.randint(0, 4)))
        if kind == "dict":
            return "{%s}" % ", ".join("%s: %d" % (self.pick("1", "2", "'a'", "'b'", "0"), r.randint(0, 9))
                                      for _ in range(r.randint(0, 4)))
        return "set()" if self.chance(0.3) else "{%s}" % ", ".join(
            str(r.randint(0, 9)) for _ in range(r.randint(1, 5)))

    def expr_int(self, d):
        e = self.expr
        k = self.r.randint(0, 21)
        if k <= 7:
            op = self.pick("+", "-", "*", "+", "-", "&", "|", "^")
            return "(%s %s %s)" % (e("int", d), op, e("int", d))
        if k <= 9:
            return "(%s %s %s)" % (e("int", d), self.pick("//", "%"), self.pick(
                e("int", d), str(self.r.randint(1, 9)), "(%s or 7)" % e("int", d), str(self.r.choice([-3, 2, 8, 1 << 40]))))
        if k == 10:
            return "(%s %s (%s & 31))" % (e("int", d), self.pick("<<", ">>"), e("int", d))
        if k == 11:
            return "(clip(%s) ** %s)" % (e("int", d), self.pick("2", "3", "(%s & 3)" % e("int", d)))
        if k == 12:
            return "(%s%s)" % (self.pick("-", "~", "+", "-"), e("int", d))
        if k == 13:
            return "%s(%s)" % (self.pick("abs", "int", "clip", "int"), e(self.pick("int", "int", "bool"), d))
        if k == 14:
            return "len(%s)" % e(self.pick("list", "str", "tuple", "dict", "set"), d)
        if k == 15:
            return "%s(%s, %s)" % (self.pick("min", "max"), e("int", d), e("int", d))
        if k == 16:
            return "%s[%s]" % (self.operand("list", d), self.index(d))
        if k == 17:
            return "%s.get(%s, %s)" % (self.operand("dict", d), e(self.pick("int", "str"), d), e("int", d))
        if k == 18:
            return "sum(%s)" % e(self.pick("list", "set"), d)
        if k == 19:
            return "%s.%s(%s)" % (self.operand("str", d), self.pick("count", "find"), e("str", d))
        if k == 20:
            return "divmod(%s, %s)[%d]" % (e("int", d), e("int", d), self.r.randint(0, 1))
        return self.pick("int(%s)" % e("float", d), "%s[%s]" % (self.operand("tuple", d), self.index(d)),
                         "ord(%s[0])" % self.operand("str", d), "(%s).bit_length()" % e("int", d),
                         "round(%s)" % e("float", d),
                         "(%s := %s)" % (self.r.choice(NAMES["int"]), e("int", d)))

    def bind(self, kind):
        name = self.r.choice(NAMES[kind])
        self.scopes[-1].add(name)
        return name

    def index(self, d):
        return self.pick("0", "-1", "1", self.expr("int", d), "(%s %% 3)" % self.expr("int", d))

    def operand(self, kind, d):
        e = self.expr(kind, d)
        return e if e.isidentifier() or e[0] in "([{'" else "(%s)" % e

    def expr_float(self, d):
        e = self.expr
        k = self.r.randint(0, 12)
        if k <= 5:
            return "(%s %s %s)" % (e("float", d), self.pick("+", "-", "*"), e(self.pick("float", "int"), d))
        if k <= 7:
            return "(%s %s %s)" % (e(self.pick("float", "int"), d), self.pick("/", "//", "%"), self.pick(
                e("float", d), "(%s or 2.5)" % e("float", d), "4.0", e("int", d)))
        if k == 8:
            return "(-%s)" % e("float", d)
        if k == 9:
            return "%s(clip(%s))" % (self.pick("math.sqrt", "math.floor", "abs", "float", "math.sin", "math.trunc"),
                                     e("float", d))
        if k == 10:
            power = self.pick("2", "0.5", "-1", "3", "(%s %% 4)" % e("int", d))  # no complex numbers
            return "(%s(clip(%s)) ** %s)" % ("abs" if power == "0.5" else "", e("float", d), power)
        if k == 11:
            return "%s(%s, %s)" % (self.pick("min", "max"), e("float", d), e(self.pick("float", "int"), d))
        return "float(clip(%s))" % e("int", d)

    def expr_str(self, d):
        e = self.expr
        k = self.r.randint(0, 10)
        if k <= 2:
            return "(%s + %s)" % (e("str", d), e("str", d))
        if k == 3:
            return "%s[%s]" % (self.operand("str", d), self.slice(d))
        if k == 4:
            return "f'%s{%s%s}%s{%s}'" % (
                self.pick("", "v="), self.inner(e(self.pick("int", "float"), d)),
                self.pick("", "!r", ":>8", ":+", ":.6g", "!s:<6"), self.pick("", "{{"),
                self.inner(e(self.pick("str", "int", "list", "bool", "tuple"), d)))
        if k == 5:
            return "('%s %s' %% (%s, %s))" % (self.pick("%d", "%5.1f", "%x", "%s"), self.pick("%s", "%r"),
                                               e("int", d), e(self.pick("str", "float", "list"), d))
        if k == 6:
            return "%s.%s()" % (self.operand("str", d), self.pick("upper", "lower", "strip", "title", "swapcase"))
        if k == 7:
            return "%s.%s" % (self.operand("str", d), self.pick(
                "replace(%s, 'q')" % e("str", d), "join(map(str, %s))" % e("list", d), "center(9, '*')",
                "zfill(5)", "split(%s)[0]" % self.pick("", "'b'")))
        if k == 8:
            return "str(%s)" % e(self.pick("int", "float", "list", "bool", "tuple", "dict"), d)
        if k == 9:
            return "(%s * (%s & 3))" % (e("str", d), e("int", d))
        return self.pick("chr(%s %% 1000 + 40)" % e("int", d), "repr(%s)" % e("str", d),
                         "'{:>{}}'.format(%s, %s & 7)" % (e("int", d), e("int", d)))

    def inner(self, text):
        """An expression inside a single-quoted f-string of 3.11: no quotes of that kind, no backslash."""
        return text.replace("'", '"') if "\\" not in text and '"' not in text else "7"

    def slice(self, d):
        part = [self.pick("", self.expr("int", 0), str(self.r.randint(-4, 6))) for _ in range(3)]
        return ":".join(part[: self.r.randint(2, 3)])

    def expr_bool(self, d):
        e = self.expr
        k = self.r.randint(0, 9)
        op = self.pick("<", "<=", "==", "!=", ">", ">=")
        if k <= 3:
            return "(%s %s %s)" % (e("int", d), op, e("int", d))
        if k == 4:
            return "(%s %s %s)" % (e("float", d), op, e(self.pick("float", "int"), d))
        if k == 5:
            return "(%s %s %s %s %s)" % (e("int", d), op, e("int", d), self.pick("<", "!="), e("int", d))
        if k == 6:
            t = self.pick("str", "list", "tuple", "dict", "set")
            return "(%s %s %s)" % (e(t, d), self.pick("==", "!="), e(t, d))
        if k == 7:
            return "(%s %s %s)" % self.pick(
                (e("int", d), self.pick("in", "not in"), e(self.pick("list", "set", "dict", "tuple"), d)),
                (e("str", d), self.pick("in", "not in"), e("str", d)))
        if k == 8:
            return "(not %s)" % e(self.pick("bool", "int", "list", "str"), d)
        return self.pick("isinstance(%s, int)" % e(self.r.choice(TYPES), d),
                         "(%s is %s)" % (e(self.r.choice(TYPES), d), "None"), "any(%s)" % e("list", d),
                         "all(%s)" % e("list", d), "(%s < %s)" % (e("str", d), e("str", d)))

    def expr_list(self, d):
        e = self.expr
        k = self.r.randint(0, 11)
        if k <= 1:
            return "[%s]" % ", ".join(e("int", d) for _ in range(self.r.randint(0, 4)))
        if k == 2:
            return "(%s + %s)" % (e("list", d), e("list", d))
        if k == 3:
            return "%s[%s]" % (self.operand("list", d), self.slice(d))
        if k <= 6:
            return "[%s]" % self.comprehension("int", d)
        if k == 7:
            return "list(%s)" % self.pick("range(%s %% 9)" % e("int", d), e("tuple", d), "reversed(%s)" % e("list", d))
        if k == 8:
            return "sorted(%s%s)" % (e("list", d), self.pick("", ", reverse=%s" % e("bool", d), ", key=lambda x: -x",
                                                               ", key=lambda x: x % 3"))
        if k == 9:
            return "[*%s, %s]" % (e("list", d), e("int", d))
        if k == 10:
            return "[%s for %s in %s]" % (self.pick("x + y", "x * y", "(x, y)[0]"), "x, y", "zip(%s, %s)" % (e("list", d), e("list", d)))
        return "list(map(lambda x: x %s %s, %s))" % (self.pick("+", "*", "-", "&"), e("int", 0), e("list", d))

    def comprehension(self, kind, d):
        var = self.pick("x", "y", "z")
        source = self.pick("range(%d)" % self.r.randint(0, 8), self.expr("list", d), self.expr("list", 0))
        condition = self.pick("", "", " if %s > %s" % (var, self.expr("int", 0)), " if %s %% 2" % var)
        element = self.pick(var, "%s * %s" % (var, var), "%s + %s" % (var, self.expr(kind, d)), self.expr(kind, d),
                            "(%s if %s else %s)" % (var, var, self.expr(kind, 0)))
        inner = self.pick("", "", "", " for w in range(%s %% 3)" % var)
        return "%s for %s in %s%s%s" % (element, var, source, condition, inner)

    def expr_tuple(self, d):
        e = self.expr
        k = self.r.randint(0, 5)
        if k <= 2:
            return "(%s)" % "".join(e(self.pick("int", "float", "str", "int"), d) + ", " for _ in range(self.r.randint(0, 3)))
        if k == 3:
            return "(%s + %s)" % (e("tuple", d), e("tuple", d))
        if k == 4:
            return "tuple(%s)" % e("list", d)
        return "%s[%s]" % (self.operand("tuple", d), self.slice(d))

    def expr_dict(self, d):
        e = self.expr
        k = self.r.randint(0, 5)
        if k <= 1:
            return "{%s}" % ", ".join("%s: %s" % (e(self.pick("int", "str"), d), e("int", d)) for _ in range(self.r.randint(0, 3)))
        if k == 2:
            return "{%s: %s}" % (self.pick("x", "str(x)", "x % 3"), self.expr("int", d) + " for x in " + e("list", d))
        if k == 3:
            return "{**%s, %s: %s}" % (e("dict", d), e("str", d), e("int", d))
        if k == 4:
            return "(%s | %s)" % (e("dict", d), e("dict", d))
        return "dict(zip(%s, %s))" % (e("list", d), e("list", d))

    def expr_set(self, d):
        e = self.expr
        return self.pick("(%s %s %s)" % (e("set", d), self.pick("|", "&", "-", "^"), e("set", d)), "set(%s)" % e("list", d),
                         "{%s for x in %s}" % (self.pick("x", "x % 4", "x + 1"), e("list", d)))

    # ---- calls -----------------------------------------------------------------------------------------

    def call(self, kind, depth):
        fitting = [f for f in self.functions if f.result == kind and f.cost * self.cost <= COST_MAX]
        if not fitting or self.spent > 40:
            return None
        self.spent += 1
        f = self.r.choice(fitting)
        return "%s(%s)" % (f.name, self.arguments(f, min(depth, 2) - 1))

    def arguments(self, f, d):
        args, keywords = [], []
        for name, kind, how, optional in f.params:
            if how == "*":
                args += [self.expr("int", d) for _ in range(self.r.randint(0, 2)) if not keywords]
                if self.chance(0.2) and not keywords:
                    args.append("*" + self.operand("list", d))
                continue
            if how == "**":
                if self.chance(0.5):
                    keywords.append("extra=%s" % self.expr("int", d))
                continue
            if optional and self.chance(0.4):
                if how == "positional":
                    break
                continue
            value = self.expr(kind, d)
            if how == "keyword" or (how == "any" and (keywords or self.chance(0.2))):
                keywords.append("%s=%s" % (name, value))
            elif not keywords:
                args.append(value)
        if self.chance(0.01):
            args.append("1")
        return ", ".join(args + keywords)

    # ---- statements ----------------------------------------------------------------------------------------

    def block(self, depth, count=None):
        self.indent += 1
        before = set(self.scopes[-1])
        for _ in range(count or self.r.randint(1, 4)):
            self.statement(depth)
        if self.chance(0.97) and self.loops == 0:
            self.scopes[-1] &= before  # what a branch binds is sure only in it
        self.indent -= 1

    def statement(self, depth):
        if depth <= 0 or self.chance(0.5):
            return self.simple()
        weights = [("if_", 5), ("for_", 6), ("while_", 3), ("try_", 3), ("function", 1)]
        total = self.r.choices([w[0] for w in weights], [w[1] for w in weights])[0]
        getattr(self, "stmt_" + total)(depth - 1)

    def simple(self):
        k = self.r.randint(0, 25)
        kind = self.r.choice(["int", "int", "int", "float", "float", "str", "list", "tuple", "dict", "set", "bool"])
        if k <= 7:
            value = self.expr(kind)
            if self.cost > 1 and kind in ("int", "float", "str", "list", "tuple"):
                value = "clip(%s)" % value
            self.line("%s = %s" % (self.bind(kind), value))
        elif k <= 11:
            self.augmented()
        elif k <= 13:
            self.items()
        elif k == 14:
            self.unpacking()
        elif k == 15 and self.loops:
            self.line("if %s: %s" % (self.expr("bool"), self.pick("break", "continue", "continue")))
        elif k == 16 and self.in_function:
            self.line("if %s: return %s" % (self.expr("bool"), self.expr(self.in_function)))
        elif k == 17 and self.chance(0.3):
            self.line("if %s: raise %s(%s)" % (self.expr("bool", 2), self.pick("ValueError", "KeyError", "RuntimeError"), self.expr("int", 1)))
        elif k == 18:
            other = self.chance(0.1)
            value = self.expr(kind if other else "int")
            names = [self.bind(self.r.choice(TYPES))] if other else [self.bind("int"), self.bind("int")]
            self.line("%s = %s" % (" = ".join(names), value))
        elif k == 19 and self.chance(0.2):
            name = self.variable(kind)
            if name:
                self.line("del " + name)
                self.scopes[-1].discard(name)
        elif k == 20 and self.chance(0.3):
            self.line("assert %s, %s" % (self.expr("bool"), self.expr("str", 1)))
        elif k <= 22 or self.cost > 200:
            self.augmented()
        else:
            self.line("show(%s)" % ", ".join(self.expr(self.r.choice(TYPES)) for _ in range(self.r.randint(1, 2))))

    def augmented(self):
        kind = self.pick("int", "int", "int", "float", "str", "list")
        name = self.variable(kind)
        if name is None:
            value = self.expr(kind, 1)
            return self.line("%s = %s" % (self.bind(kind), value))
        op = {"int": self.pick("+=", "-=", "*=", "//=", "%=", "&=", "|=", "^=", ">>="), "float": self.pick("+=", "-=", "*=", "/="),
              "str": "+=", "list": "+="}[kind]
        value = self.expr("int" if kind == "float" and self.chance(0.3) else kind, 2)
        if op == ">>=":
            value = "(%s & 15)" % value
        if op in ("//=", "%=", "/=") and self.chance(0.8):
            value = "(%s or 3)" % value
        self.line("%s %s %s" % (name, op, value))
        if self.cost > 1:
            self.line("%s = clip(%s)" % (name, name))

    def items(self):
        if self.chance(0.6):
            name = self.variable("list")
            if name:
                return self.line(self.pick(
                    "%s[%s] = %s" % (name, self.index(1), self.expr("int", 2)),
                    "%s[%s] %s %s" % (name, self.index(1), self.pick("+=", "-=", "*="), self.expr("int", 1)),
                    "if len(%s) < 12: %s.append(%s)" % (name, name, self.expr("int", 2)),
                    "if %s: %s.pop(%s)" % (name, name, self.pick("", "0")),
                    "%s.insert(%s, %s); del %s[8:]" % (name, self.index(0), self.expr("int", 1), name),
                    "%s.reverse()" % name, "%s.sort()" % name,
                    "%s[%s] = %s" % (name, self.slice(0), self.expr("list", 1))))
        name = self.variable("dict")
        if name:
            self.line(self.pick(
                "%s[%s] = %s" % (name, self.expr(self.pick("int", "str"), 1), self.expr("int", 2)),
                "%s[%s] += %s" % (name, self.pick("1", "'a'", self.expr("int", 1)), self.expr("int", 1)),
                "%s.pop(%s, None)" % (name, self.expr("int", 1)), "if len(%s) > 20: %s.clear()" % (name, name),
                "%s.setdefault(%s, %s)" % (name, self.expr("str", 1), self.expr("int", 1))))
        else:
            value = self.expr("dict", 2)
            self.line("%s = %s" % (self.bind("dict"), value))

    def unpacking(self):
        x, y, z, many = [self.expr("int", 1) for _ in range(3)] + [self.expr("list", 2)]
        k = self.r.randint(0, 4)
        rest = self.bind("list") if k in (1, 3) else ""
        a, b = self.bind("int"), self.bind("int")
        self.line([
            "%s, %s = %s, %s" % (a, b, x, y),
            "%s, *%s = %s" % (a, rest, many),
            "(%s, %s), %s = (%s, %s), %s" % (a, b, self.bind("int") if k == 2 else "", x, y, z),
            "*%s, %s = [%s, %s]" % (rest, a, x, y),
            "%s, %s = %s" % (a, b, many),
        ][k])

    def stmt_if_(self, depth):
        self.line("if %s:" % self.expr("bool"))
        self.block(depth)
        if self.chance(0.3):
            self.line("elif %s:" % self.expr("bool"))
            self.block(depth)
        if self.chance(0.4):
            self.line("else:")
            self.block(depth)

    def loop_body(self, depth, trips):
        cost, self.cost = self.cost, self.cost * trips
        self.loops += 1
        self.block(depth)
        self.loops -= 1
        self.cost = cost

    def trips(self):
        n = self.r.choice([2, 3, 5, 9, 15, 30, 70, 150, 300])
        return n if n * self.cost <= COST_MAX else 2

    def stmt_for_(self, depth):
        n = self.trips()
        k = self.r.randint(0, 5)
        var = self.pick("i", "j", "k", "i0", "i1")
        if k <= 2:
            start = self.pick("%d" % n, "1, %d" % (n + 1), "%d, 0, -1" % n, "0, %d, 2" % (2 * n), "-3, %d" % (n - 3))
            self.line("for %s in range(%s):" % (var, start))
        elif k == 3:
            n = min(n, 12)
            self.line("for %s in %s:" % (var, self.expr("list")))
        elif k == 4:
            self.line("for %s, %s in enumerate(range(%d)):" % (var, self.pick("i2", "i3"), n))
        else:
            n = min(n, 10)
            source, var = self.expr("str"), ""
            self.line("for %s in %s:" % (self.bind("str"), source))
        if var in NAMES["int"]:
            self.scopes[-1].add(var)
        self.loop_body(depth, n)
        if self.chance(0.15):
            self.line("else:")
            self.block(depth - 1)

    def stmt_while_(self, depth):
        n = self.trips()
        var = self.name("n")
        self.line("%s = %s" % (var, "0"))
        self.line("while %s:" % self.pick("%s < %d" % (var, n), "%s < %d and %s" % (var, n, self.expr("bool", 1)),
                                           "%s != %d" % (var, n), "True"))
        self.indent += 1
        self.line("%s += 1" % var)
        self.line("if %s >= %d: break" % (var, n))
        self.indent -= 1
        self.loop_body(depth, n)
        if self.chance(0.1):
            self.line("else:")
            self.block(depth - 1)

    def stmt_try_(self, depth):
        self.line("try:")
        self.block(depth)
        final = self.chance(0.3)
        if not final or self.chance(0.6):
            for name in self.r.sample(EXCEPTIONS, self.r.randint(1, 2)):
                bound = self.chance(0.5)
                self.line("except %s%s:" % (name, " as e" if bound else ""))
                self.indent += 1
                if bound and self.cost <= 300:
                    self.line("show(type(e).__name__, str(e)[:80])")
                self.indent -= 1
                self.block(depth - 1, 1)
                if self.chance(0.08):
                    self.indent += 1
                    self.line("raise" + self.pick("", " ValueError('again')", " KeyError(1) from None"))
                    self.indent -= 1
            if self.chance(0.2):
                self.line("else:")
                self.block(depth - 1, 1)
        if final:
            self.line("finally:")
            loops, self.loops = self.loops, 0
            inside, self.in_function = self.in_function, None
            self.block(depth - 1, 1)
            self.loops, self.in_function = loops, inside

    def stmt_function(self, depth):
        if len(self.scopes) > 3 or self.cost > 100:
            return self.simple()
        self.define(depth)

    # ---- functions ---------------------------------------------------------------------------------------------

    def parameters(self):
        params, text = [], []
        optional = star = False
        for i in range(self.r.randint(0, 4)):
            kind = self.pick("int", "int", "float", "str", "list")
            name = NAMES[kind][i % 4]
            if any(p[0] == name for p in params):
                continue
            how = "keyword" if star else "any"
            optional = optional or self.chance(0.25)
            value = self.literal(kind) if kind != "list" else "()" if self.chance(0.2) else self.literal(kind)
            default = "=" + value if optional or (star and self.chance(0.5)) else ""
            params.append((name, kind, how, bool(default)))
            text.append(name + default)
            if not star and self.chance(0.1):
                star = True
                extra = self.chance(0.5)
                text.append("*rest" if extra else "*")
                if extra:
                    params.append(("rest", "tuple", "*", True))
        if text and text[-1] == "*":
            text.pop()
        if self.chance(0.1):
            text.append("**others")
            params.append(("others", "dict", "**", True))
        return params, ", ".join(text)

    def define(self, depth):
        name = self.name("f")
        result = self.pick("int", "int", "float", "str", "list", "bool")
        params, text = self.parameters()
        recursive = self.chance(0.15)
        if recursive:
            text = "depth" + (", " + text if text else "")
        self.line("def %s(%s):" % (name, text))
        saved = self.cost, self.loops, self.in_function, list(self.functions), self.spent
        self.cost, self.loops, self.in_function, self.spent = 1, 0, result, self.spent + 20
        outer = self.scopes[-1]
        self.scopes.append({p[0] for p in params})
        self.indent += 1
        if recursive:
            self.line("if depth <= 0: return %s" % self.expr(result, 1))
        if len(self.scopes) > 2 and outer and self.chance(0.5):
            shared = [n for n in sorted(outer) if n not in self.scopes[-1]]
            if shared:
                picked = self.r.choice(shared)
                self.line("nonlocal " + picked)
                self.scopes[-1].add(picked)
        elif len(self.scopes) == 2 and self.chance(0.3):
            free = [n for n in NAMES["int"] if n not in self.scopes[-1]]
            if free:
                self.line("global " + free[0])
                self.scopes[-1].add(free[0])
        mark = len(self.lines)
        self.indent -= 1
        limit = self.cost
        self.block(min(depth, 2), self.r.randint(1, 5))
        self.indent += 1
        if recursive:
            arguments = "".join(", " + p[0] for p in params if p[2] == "any")
            keywords = "".join(", %s=%s" % (p[0], p[0]) for p in params if p[2] == "keyword")
            self.line("%s = %s(depth - 1%s%s)" % (self.bind(result), name, arguments, keywords))
        self.line("return %s" % self.expr(result, 2))
        self.indent -= 1
        self.scopes.pop()
        cost = max(limit, self.estimate(mark)) * (8 if recursive else 1)
        self.cost, self.loops, self.in_function, self.functions, self.spent = saved
        if recursive:
            params = [("depth", "int", "depth", False)] + params
        self.functions.append(Function(name, result, params, cost))
        if recursive:
            self.wrap(name, result, params[1:], cost)

    def wrap(self, name, result, params, cost):
        """A lambda that bounds the depth."""
        self.functions.pop()
        outer = self.name("g")
        self.line("%s = lambda *a, **k: %s(%d, *a, **k)" % (outer, name, self.r.randint(1, 9)))
        self.functions.append(Function(outer, result, params, cost))

    def estimate(self, mark):
        """How many statements a call runs, roughly: lines weighed by their loops are not known here."""
        return 1 + 40 * sum(" in range(" in l or "while " in l for l in self.lines[mark:])

    # ---- programs ----------------------------------------------------------------------------------------------------

    def program(self):
        for kind in TYPES:
            for name in NAMES[kind][: self.r.randint(1, 3)]:
                self.line("%s = %s" % (name, self.literal(kind)))
                self.scopes[-1].add(name)
        for _ in range(self.r.randint(1, 4)):
            self.define(3)
        for _ in range(self.r.randint(3, 9)):
            self.spent = 0
            if self.chance(0.5):
                self.line("try:")
                self.block(3)
                self.line("except Exception as e:")
                self.line("    show(type(e).__name__, str(e)[:80])")
            else:
                self.statement(3)
        for kind in TYPES:
            for name in NAMES[kind]:
                if name in self.scopes[-1]:
                    self.line("show('%s', %s)" % (name, name))
        return HEADER + "\n" + "\n".join(self.lines) + "\n"


def make(seed):
    return Generator(seed).program()


if __name__ == "__main__":
    sys.stdout.write(make(int(sys.argv[1])))
