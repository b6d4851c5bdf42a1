# Exceptions that are caught in the loop: no trace survives one.
import sys


def look(n):
    values = [1, 2, 3]
    found = 0
    for i in range(n):
        try:
            found += values[i % 5]
        except IndexError:
            found -= 1
    return found


print(look(int(sys.argv[1]) if len(sys.argv) > 1 else 200000))
