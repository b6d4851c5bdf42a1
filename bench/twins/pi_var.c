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

static double compute_pi(long iterations, long base)
{
    double pi = 0.0;
    for (long k = 0; k < iterations; k++) {
        pi += 4.0 * (double)power(base, k) / (double)(2 * k + 1);
    }
    return pi;
}

int main(int argc, char **argv)
{
    volatile long base = -1;
    printf("%.9f\n", compute_pi(argc > 1 ? atol(argv[1]) : 1000000, base));
    return 0;
}
