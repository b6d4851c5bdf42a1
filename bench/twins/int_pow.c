#include <stdio.h>
#include <stdlib.h>

static long power(long base, long exponent)
{
    long result = 1;
    while (exponent > 0) {
        if (exponent % 2 == 1) {
            result *= base;
        }
        base *= base;
        exponent /= 2;
    }
    return result;
}

int main(int argc, char **argv)
{
    long n = argc > 1 ? atol(argv[1]) : 1000000;
    long total = 0;
    for (long k = 0; k < n; k++) {
        total += power(3, k % 20);
    }
    printf("%ld\n", total);
    return 0;
}
