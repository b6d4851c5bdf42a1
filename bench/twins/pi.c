#include <stdio.h>
#include <stdlib.h>

static double compute_pi(long iterations)
{
    double pi = 0.0;
    for (long k = 0; k < iterations; k++) {
        pi += (k % 2 == 0 ? 4.0 : -4.0) / (double)(2 * k + 1);
    }
    return pi;
}

int main(int argc, char **argv)
{
    printf("%.9f\n", compute_pi(argc > 1 ? atol(argv[1]) : 1000000));
    return 0;
}
