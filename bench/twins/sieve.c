#include <stdio.h>
#include <stdlib.h>

static long sieve(long n)
{
    long *flags = malloc((size_t)(n + 1) * sizeof(long));
    for (long i = 0; i <= n; i++) {
        flags[i] = 1;
    }
    for (long i = 2; i * i <= n; i++) {
        if (flags[i] != 0) {
            for (long j = i * i; j <= n; j += i) {
                flags[j] = 0;
            }
        }
    }
    long count = 0;
    for (long i = 2; i <= n; i++) {
        if (flags[i] != 0) {
            count++;
        }
    }
    free(flags);
    return count;
}

int main(int argc, char **argv)
{
    long n = argc > 1 ? atol(argv[1]) : 100000;
    long total = 0;
    for (int k = 0; k < 10; k++) {
        total += sieve(n);
    }
    printf("%ld\n", total);
    return 0;
}
