# Floats in one while loop: add, multiply, divide, a comparison that flips seldom.
import sys


def float_loop(n):
    x = 0.0
    y = 1.0
    s = 0.0
    i = 0
    while i < n:
        x = x * 0.5 + 1.25
        y = y * 0.999 + x * 0.001
        if y > 2.4:
            y -= 1.5
        s += y / (i + 1)
        i += 1
    return s


n = int(sys.argv[1]) if len(sys.argv) > 1 else 1000000
print("%.9f" % float_loop(n))
