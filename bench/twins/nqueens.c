#include <stdio.h>
#include <stdlib.h>

static long place(long row, long n, long *columns, long *falling, long *rising)
{
    if (row == n) {
        return 1;
    }
    long found = 0;
    for (long column = 0; column < n; column++) {
        if (columns[column] == 0 && falling[row + column] == 0 && rising[row - column + n] == 0) {
            columns[column] = falling[row + column] = rising[row - column + n] = 1;
            found += place(row + 1, n, columns, falling, rising);
            columns[column] = falling[row + column] = rising[row - column + n] = 0;
        }
    }
    return found;
}

int main(int argc, char **argv)
{
    long n = argc > 1 ? atol(argv[1]) : 7;
    long *columns = calloc((size_t)n, sizeof(long));
    long *falling = calloc((size_t)(2 * n), sizeof(long));
    long *rising = calloc((size_t)(2 * n + 1), sizeof(long));
    printf("%ld\n", place(0, n, columns, falling, rising));
    return 0;
}
