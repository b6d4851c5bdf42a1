# Solutions of the n queens problem, counted by backtracking over three lists of flags.
import sys


def place(row, n, columns, falling, rising):
    if row == n:
        return 1
    found = 0
    for column in range(n):
        if columns[column] == 0 and falling[row + column] == 0 and rising[row - column + n] == 0:
            columns[column] = falling[row + column] = rising[row - column + n] = 1
            found += place(row + 1, n, columns, falling, rising)
            columns[column] = falling[row + column] = rising[row - column + n] = 0
    return found


n = int(sys.argv[1]) if len(sys.argv) > 1 else 7
print(place(0, n, [0] * n, [0] * (2 * n), [0] * (2 * n + 1)))
