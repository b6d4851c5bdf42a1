# Largest singular value of an infinite matrix that is computed, not stored.
import math
import sys


def element(i, j):
    return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)


def times(u, out):
    n = len(u)
    for i in range(n):
        s = 0.0
        for j in range(n):
            s += element(i, j) * u[j]
        out[i] = s


def times_transposed(u, out):
    n = len(u)
    for i in range(n):
        s = 0.0
        for j in range(n):
            s += element(j, i) * u[j]
        out[i] = s


def spectral_norm(n):
    u = [1.0] * n
    v = [0.0] * n
    w = [0.0] * n
    for _ in range(10):
        times(u, w)
        times_transposed(w, v)
        times(v, w)
        times_transposed(w, u)
    uv = vv = 0.0
    for i in range(n):
        uv += u[i] * v[i]
        vv += v[i] * v[i]
    return math.sqrt(uv / vv)


n = int(sys.argv[1]) if len(sys.argv) > 1 else 100
print("%.9f" % spectral_norm(n))
