# Lengths of Collatz sequences: ints, a branch that depends on the data.
import sys


def collatz(n):
    total = 0
    longest = 0
    for i in range(1, n):
        x = i
        steps = 0
        while x != 1:
            if x % 2 == 1:
                x = 3 * x + 1
            else:
                x = x // 2
            steps += 1
        if steps > longest:
            longest = steps
        total += steps
    return total, longest


n = int(sys.argv[1]) if len(sys.argv) > 1 else 30000
total, longest = collatz(n)
print(total)
print(longest)
