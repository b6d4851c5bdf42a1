# Leibniz' series, with the sign as a power of a literal.
import sys


def compute_pi(iterations):
    pi = 0.0
    for k in range(iterations):
        pi += ((4.0 * (-1)**k) / (2 * k + 1))
    return pi


n = int(sys.argv[1]) if len(sys.argv) > 1 else 1000000
print("%.9f" % compute_pi(n))
