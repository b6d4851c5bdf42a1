# Primes below n, counted ten times: stores into a long list with a stride.
import sys


def sieve(n):
    flags = [1] * (n + 1)
    i = 2
    while i * i <= n:
        if flags[i] != 0:
            j = i * i
            while j <= n:
                flags[j] = 0
                j += i
        i += 1
    count = 0
    for i in range(2, n + 1):
        if flags[i] != 0:
            count += 1
    return count


n = int(sys.argv[1]) if len(sys.argv) > 1 else 100000
total = 0
for _ in range(10):
    total += sieve(n)
print(total)
