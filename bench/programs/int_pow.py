# Powers of ints with exponents that change: 3**0 to 3**19.
import sys


def power_sum(n):
    total = 0
    for k in range(n):
        total += 3 ** (k % 20)
    return total


n = int(sys.argv[1]) if len(sys.argv) > 1 else 1000000
print(power_sum(n))
