"""Writes the files of cases of the runtime's number tests, with CPython 3.11's results.

usage: python3.11 make_cases.py     (writes int_cases.txt, float_cases.txt, format_cases.txt here)
"""
import operator
import os
import random
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
INT_EDGES = [0, 1, -1, 2, -2, 3, 10, 2**31, -2**31, 2**49 - 1, 2**49, -2**49, -2**49 - 1, 2**53,
             2**53 + 1, 2**63 - 1, 2**63, -2**63, -2**63 - 1, 2**64 - 1, 2**64, -2**64, 2**128,
             2**128 - 1, True, False]
FLOAT_EDGES = [0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, float("inf"), -float("inf"), float("nan"),
               5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 2.0**53, 2.0**-44, 1e22,
               1e23, 1e16, 1e15, 123456.0, 0.1, 2.675, 9007199254740993.0]
BINARY = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
          "//": operator.floordiv, "%": operator.mod, "&": operator.and_, "|": operator.or_,
          "^": operator.xor}
COMPARE = [operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge]
INT_TEXTS = [" 12 ", "1_000", "0x1F", "0b101", "0o17", "-0x_f", "+5", "--5", "", "_1", "1_", "1__2",
             "012", "0", "00", "\u0663\u0664", "zz", "9" * 4301, "1" * 4300, "\uff11\uff12",
             "\u20031\u2003", "0_0", "x" * 300]
FLOAT_TEXTS = ["1e5", "1_0.0_1e1_0", ".5", "5.", ".", "e5", "1e", "1e+", "inf", "-Infinity", "nan",
               "+nan", "1_", "_1", "1._5", "1_.5", "1e5_", "1 2", " 3.5 ", "\u0663.\u0665", "0x10",
               "1e400", "-1e-400", "1e99999999999999999999", "0" * 500 + "1.5",
               "1" * 900 + "e-890", "0." + "0" * 400 + "1e400", "1e1_", "infinityx",
               "2.4703282292062327208e-324", "2.4703282292062328e-324", "9007199254740993",
               "9007199254740993.00000000000000000000000000000000000001", "", "x"]
HEX_TEXTS = ["0x1p-1075", "0x1.8p-1074", "0x.8p1024", "0x1p1024", "0x1.fffffffffffff8p1023",
             "0x1.fffffffffffff7p1023", "1.", ".1", "0x", "p1", "0x1p", "inf", " -0x1.3p5 ", "nan",
             "0x1.00000000000008p0", "0x1.000000000000080000000000000001p0", "-Infinity", "0x1g",
             "0x10000000000000800000000p0"]


def encode(v):
    if v is None or isinstance(v, bool):
        return {None: "N", True: "T", False: "F"}[v]
    if isinstance(v, int):
        return format(v, "x")
    if isinstance(v, float):
        return "!%x" % struct.unpack("<Q", struct.pack("<d", v))
    return "s" + v


def outcome(function, arguments):
    try:
        result = function(*arguments)
    except Exception as error:
        return "%s %s" % (type(error).__name__, error)
    if isinstance(result, int) and not isinstance(result, bool):
        return format(result, "x")
    return repr(result)


class Cases:
    def __init__(self, name, seed):
        self.path = os.path.join(HERE, name)
        self.lines = []
        self.random = random.Random(seed)

    def add(self, op, function, *arguments):
        fields = [outcome(function, arguments), op] + [encode(a) for a in arguments]
        if not any("\n" in f or f == "" or "complex" in f for f in fields):
            self.lines.append("\t".join(fields))

    def write(self):
        with open(self.path, "w", encoding="utf-8") as file:
            file.write("\n".join(self.lines) + "\n")

    def int(self):
        r = self.random
        if r.random() < 0.25:
            return r.choice(INT_EDGES)
        bits = r.choice([8, 30, 49, 50, 51, 62, 64, 65, 100, 128, 200, 500, 1200, 3000])
        v = r.getrandbits(r.randrange(1, bits + 1))
        if r.random() < 0.2:
            v = (1 << r.randrange(1, bits + 1)) + r.randrange(-1, 2)
        return -v if r.random() < 0.5 else v

    def float(self):
        r = self.random
        kind = r.randrange(5)
        if kind == 0:
            return struct.unpack("<d", struct.pack("<Q", r.getrandbits(64)))[0]
        if kind == 1:
            return r.choice(FLOAT_EDGES)
        if kind == 2:
            return r.uniform(-1e6, 1e6)
        if kind == 3:
            return float(r.randrange(-2**60, 2**60))
        return round(r.uniform(-100, 100), r.randrange(0, 5))


def int_cases():
    c = Cases("int_cases.txt", 1)
    r = c.random
    for i in range(150):
        for op, function in BINARY.items():
            if i % 3 == 0:
                c.add(op, function, c.int(), c.int())
        c.add("<<", operator.lshift, c.int(), r.randrange(-1, 300))
        c.add(">>", operator.rshift, c.int(), r.choice([r.randrange(-1, 300), 2**70]))
        c.add("neg", operator.neg, c.int())
        c.add("inv", operator.invert, c.int())
        c.add("hash", hash, c.int())
        c.add("float", float, c.int())
        c.add("**", operator.pow, r.choice([c.int(), r.randrange(-20, 20)]), r.randrange(0, 30))
        c.add("pow3", pow, c.int(), r.choice([c.int(), r.getrandbits(70)]), c.int())
        c.add("repr", repr, c.int())
        k, a = r.randrange(6), c.int()
        c.add("cmp%d" % k, COMPARE[k], a, r.choice([a, c.int()]))
        c.add("round", round, c.int(), r.randrange(-30, 3))
        c.add(".bit_length", lambda v: v.bit_length(), c.int())
        c.add(".bit_count", lambda v: v.bit_count(), c.int())
        c.add(".to_bytes", lambda v, n: v.to_bytes(n), c.int(), r.randrange(0, 20))
    for text in INT_TEXTS + ["%d" % c.int() for _ in range(20)]:
        c.add("int", int, text)
        c.add("int", int, text, r.choice([0, 2, 8, 10, 16, 36, 1, 37, 3]))
    for v in [[10**4300], [-10**4299], [10**5000]]:
        c.add("repr", repr, *v)
    c.write()


def float_cases():
    c = Cases("float_cases.txt", 2)
    r = c.random
    for exponent in range(-1074, 1024, 7):
        c.add("repr", repr, 2.0**exponent)
    for i in range(250):
        a, b = c.float(), c.float()
        c.add("repr", repr, a)
        if a == a:
            c.add("hash", hash, a)
        op = r.choice(["+", "-", "*", "/", "//", "%"])
        c.add(op, BINARY[op], *r.choice([(a, b), (a, c.int()), (c.int(), b)]))
        c.add("**", operator.pow, abs(a), r.choice([b, float(r.randrange(-5, 5))]))
        k = r.randrange(6)
        c.add("cmp%d" % k, COMPARE[k], *r.choice([(a, b), (a, c.int()), (c.int(), b)]))
        n = c.int()
        if abs(n) < 2**1000:
            c.add("cmp%d" % k, COMPARE[k], n + r.randrange(-1, 2), float(n))
        c.add("int", int, a)
        c.add("round", round, a, r.choice([None, 0, 1, 2, 3, 5, -1, -2, -5, -20, -300, -308, 10,
                                           20, 300, 400]))
        c.add(".hex", lambda v: v.hex(), a)
        c.add(".as_integer_ratio", lambda v: v.as_integer_ratio(), a)
        c.add(".is_integer", lambda v: v.is_integer(), a)
        c.add(".fromhex", lambda v, text: v.fromhex(text), 1.0, a.hex())
    for text in FLOAT_TEXTS + ["%.30e" % c.float() for _ in range(50)]:
        c.add("float", float, text)
    for text in HEX_TEXTS:
        c.add(".fromhex", lambda v, t: v.fromhex(t), 1.0, text)
    c.write()


def format_cases():
    c = Cases("format_cases.txt", 3)
    r = c.random

    def spec():
        s = ""
        if r.random() < 0.4:
            s += r.choice(["", "*", "0", "\u20ac", "x"]) + r.choice("<>=^")
        s += r.choice(["", "", "+", "-", " "]) + r.choice(["", "", "", "z"])
        s += r.choice(["", "", "#"]) + r.choice(["", "", "0"])
        s += r.choice(["", "", "%d" % r.randrange(0, 30)]) + r.choice(["", "", "", ",", "_"])
        s += r.choice(["", "", ".%d" % r.randrange(0, 20)])
        return s + r.choice(["", "", "", "d", "x", "X", "o", "b", "c", "e", "E", "f", "F", "g", "G",
                             "n", "%", "s", "q", "z", "\u20ac"])

    for _ in range(1500):
        v = r.choice([c.int(), c.float(), r.randrange(0, 2000), r.uniform(0, 1e7),
                      r.choice(["", "abc", "\u00e9\u20ac", "\U0001d11ex"])])
        c.add("format", format, v, spec())
    for v, s in [(1, ",_"), (1, "_,"), (1, ",,"), (1, "99999999999999999999"), (1.0, "."),
                 (1.0, ".2147483648f"), (True, "5"), (float("inf"), "010"), (-0.001, "z.1f"),
                 (123456.0, ".6"), (0.0, ".1"), (1234, "08,"), (1234, "09,"), (1234, "010,"),
                 (1e20, "#"), (1e22, ""), (-255, "=#10_x"), (5, "\u20ac^6"), (2**100, "c"),
                 (10**400, "e"), (10**5000, "d"), (10**5000, "x")]:
        c.add("format", format, v, s)
    c.write()


if __name__ == "__main__":
    if sys.version_info[:2] != (3, 11):
        sys.exit("CPython 3.11 is the oracle")
    int_cases()
    float_cases()
    format_cases()
