# Product of two n by n matrices of floats, as lists of lists.
import sys


def make_matrix(n, seed):
    return [[(i * seed + j) % 10 + 0.5 for j in range(n)] for i in range(n)]


def multiply(a, b, n):
    c = []
    for i in range(n):
        row = a[i]
        out = []
        for j in range(n):
            s = 0.0
            for k in range(n):
                s += row[k] * b[k][j]
            out.append(s)
        c.append(out)
    return c


n = int(sys.argv[1]) if len(sys.argv) > 1 else 100
c = multiply(make_matrix(n, 3), make_matrix(n, 7), n)
trace = 0.0
for i in range(n):
    trace += c[i][i]
print("%.9f" % trace)
print("%.9f" % c[n - 1][0])
