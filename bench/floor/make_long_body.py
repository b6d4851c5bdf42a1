#!/usr/bin/env python3
"""Writes bench/floor/long_body.py: one loop whose body is some 3,000 bytecodes of straight code.

    bench/floor/make_long_body.py >bench/floor/long_body.py
"""
LINES = 1150


def main():
    print("# Made by bench/floor/make_long_body.py: one loop with a body of some 3,000 bytecodes.")
    print("import sys\n\n\ndef long_body(n):")
    print("    a = 1\n    b = 2\n    c = 3\n    d = 0.5")
    print("    for i in range(n):")
    kinds = [
        "a = (a * {0} + b) % {1}",
        "b = (b ^ a) + {0}",
        "c = (c + a - b) % {1}",
        "d = d * 0.5 + {0}.25",
        "b = (b + c) % {1}",
    ]
    for line in range(LINES):
        text = kinds[line % len(kinds)]
        print("        " + text.format(line % 13 + 3, 1009 + 2 * (line % 50)))
    print("    return a + b + c, d\n\n")
    print("n = int(sys.argv[1]) if len(sys.argv) > 1 else 20000")
    print("total, d = long_body(n)\nprint(total)\nprint(\"%.9f\" % d)")


if __name__ == "__main__":
    main()
