#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static double element(long i, long j) { return 1.0 / (double)((i + j) * (i + j + 1) / 2 + i + 1); }

static void times(const double *u, double *out, long n)
{
    for (long i = 0; i < n; i++) {
        double s = 0.0;
        for (long j = 0; j < n; j++) {
            s += element(i, j) * u[j];
        }
        out[i] = s;
    }
}

static void times_transposed(const double *u, double *out, long n)
{
    for (long i = 0; i < n; i++) {
        double s = 0.0;
        for (long j = 0; j < n; j++) {
            s += element(j, i) * u[j];
        }
        out[i] = s;
    }
}

int main(int argc, char **argv)
{
    long n = argc > 1 ? atol(argv[1]) : 100;
    double *u = calloc((size_t)n, sizeof(double));
    double *v = calloc((size_t)n, sizeof(double));
    double *w = calloc((size_t)n, sizeof(double));
    for (long i = 0; i < n; i++) {
        u[i] = 1.0;
    }
    for (int k = 0; k < 10; k++) {
        times(u, w, n);
        times_transposed(w, v, n);
        times(v, w, n);
        times_transposed(w, u, n);
    }
    double uv = 0.0, vv = 0.0;
    for (long i = 0; i < n; i++) {
        uv += u[i] * v[i];
        vv += v[i] * v[i];
    }
    printf("%.9f\n", sqrt(uv / vv));
    return 0;
}
