# Recursion to a depth of 900 and back, again and again, with two ways to go down.
import sys


def down(n, x):
    if n == 0:
        return x
    if (n * x) % 3 == 1:
        return down(n - 1, x + 1) + 1
    return down(n - 1, x + 2) - 1


def deep_recursion(n):
    total = 0
    for i in range(n):
        total += down(900, i % 50)
    return total


n = int(sys.argv[1]) if len(sys.argv) > 1 else 10000
print(deep_recursion(n))
