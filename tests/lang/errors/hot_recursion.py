def visit(n, stop):
    if n == stop:
        return 1 // (n - stop)
    return visit(n + 1, stop) + 1


def safe(n):
    return 0 if n == 0 else safe(n - 1) + 1


print(sum([safe(n) for n in range(100)]))
visit(0, 20)
