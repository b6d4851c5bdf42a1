#include <stdio.h>
#include <stdlib.h>

static long mandelbrot(long n)
{
    long total = 0;
    for (long row = 0; row < n; row++) {
        double ci = 2.0 * (double)row / (double)n - 1.0;
        for (long column = 0; column < n; column++) {
            double cr = 2.0 * (double)column / (double)n - 1.5;
            double zr = 0.0, zi = 0.0;
            long steps = 0;
            while (steps < 50) {
                double r2 = zr * zr;
                double i2 = zi * zi;
                if (r2 + i2 > 4.0) {
                    break;
                }
                zi = 2.0 * zr * zi + ci;
                zr = r2 - i2 + cr;
                steps++;
            }
            total += steps;
        }
    }
    return total;
}

int main(int argc, char **argv)
{
    printf("%ld\n", mandelbrot(argc > 1 ? atol(argv[1]) : 200));
    return 0;
}
