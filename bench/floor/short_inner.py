# Inner loops of two trips, three deep: no loop runs long enough to pay for its own trace.
import sys


def short_inner(n):
    total = 0
    for i in range(n):
        for j in range(2):
            k = 0
            while k < 2:
                for m in range(2):
                    total += i ^ (j + k + m)
                k += 1
    return total


n = int(sys.argv[1]) if len(sys.argv) > 1 else 700000
print(short_inner(n))
