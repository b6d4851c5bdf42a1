#include <stdio.h>
#include <stdlib.h>

static double **make_matrix(long n, long seed)
{
    double **m = malloc((size_t)n * sizeof(double *));
    for (long i = 0; i < n; i++) {
        m[i] = malloc((size_t)n * sizeof(double));
        for (long j = 0; j < n; j++) {
            m[i][j] = (double)((i * seed + j) % 10) + 0.5;
        }
    }
    return m;
}

int main(int argc, char **argv)
{
    long n = argc > 1 ? atol(argv[1]) : 100;
    double **a = make_matrix(n, 3), **b = make_matrix(n, 7), **c = make_matrix(n, 0);
    for (long i = 0; i < n; i++) {
        for (long j = 0; j < n; j++) {
            double s = 0.0;
            for (long k = 0; k < n; k++) {
                s += a[i][k] * b[k][j];
            }
            c[i][j] = s;
        }
    }
    double trace = 0.0;
    for (long i = 0; i < n; i++) {
        trace += c[i][i];
    }
    printf("%.9f\n%.9f\n", trace, c[n - 1][0]);
    return 0;
}
