# Raised in a function that a compiled loop had inlined: all frames must be there.
def ratio(a, b):
    return a / b


def scaled(i, n):
    return ratio(i * 2, n - i)


def run(n, last):
    total = 0.0
    for i in range(last):
        total += scaled(i, n)
    return total


print("%.6f" % run(5000, 4000))
run(3500, 4000)
