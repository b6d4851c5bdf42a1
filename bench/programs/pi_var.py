# Leibniz' series, with the sign as a power of a variable: nothing says that it stays -1.
import sys


def compute_pi(iterations, base):
    pi = 0.0
    for k in range(iterations):
        pi += ((4.0 * base**k) / (2 * k + 1))
    return pi


n = int(sys.argv[1]) if len(sys.argv) > 1 else 1000000
print("%.9f" % compute_pi(n, -1))
