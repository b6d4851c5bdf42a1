#include <stdio.h>
#include <stdlib.h>

static double float_loop(long n)
{
    double x = 0.0, y = 1.0, s = 0.0;
    for (long i = 0; i < n; i++) {
        x = x * 0.5 + 1.25;
        y = y * 0.999 + x * 0.001;
        if (y > 2.4) {
            y -= 1.5;
        }
        s += y / (double)(i + 1);
    }
    return s;
}

int main(int argc, char **argv)
{
    printf("%.9f\n", float_loop(argc > 1 ? atol(argv[1]) : 1000000));
    return 0;
}
