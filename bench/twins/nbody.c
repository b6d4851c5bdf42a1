#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define N 5
#define PI 3.141592653589793
#define SOLAR_MASS (4 * PI * PI)
#define DAYS 365.24

static double x[N] = {0.0, 4.84143144246472090, 8.34336671824457987, 12.8943695621391310,
                      15.3796971148509165};
static double y[N] = {0.0, -1.16032004402742839, 4.12479856412430479, -15.1111514016986312,
                      -25.9193146099879641};
static double z[N] = {0.0, -0.103622044471123109, -0.403523417114321381, -0.223307578892655734,
                      0.179258772950371181};
static double vx[N] = {0.0, 0.00166007664274403694 * DAYS, -0.00276742510726411021 * DAYS,
                       0.00296460137564761618 * DAYS, 0.00268067772490389322 * DAYS};
static double vy[N] = {0.0, 0.00769901118419740425 * DAYS, 0.00499852801234917238 * DAYS,
                       0.00237847173959480950 * DAYS, 0.00162824170038242295 * DAYS};
static double vz[N] = {0.0, -0.0000690460016972063023 * DAYS, 0.0000230417297573763929 * DAYS,
                       -0.0000296589568540237556 * DAYS, -0.0000951592254519715870 * DAYS};
static double mass[N] = {SOLAR_MASS, 0.000954791938424326609 * SOLAR_MASS,
                         0.000285885980666130812 * SOLAR_MASS,
                         0.0000436624404335156298 * SOLAR_MASS,
                         0.0000515138902046611451 * SOLAR_MASS};

static void advance(long steps, double dt)
{
    for (long step = 0; step < steps; step++) {
        for (int i = 0; i < N; i++) {
            double xi = x[i], yi = y[i], zi = z[i], mi = mass[i];
            double vxi = vx[i], vyi = vy[i], vzi = vz[i];
            for (int j = i + 1; j < N; j++) {
                double dx = xi - x[j];
                double dy = yi - y[j];
                double dz = zi - z[j];
                double d2 = dx * dx + dy * dy + dz * dz;
                double mag = dt / (d2 * sqrt(d2));
                double mj = mass[j] * mag;
                vxi -= dx * mj;
                vyi -= dy * mj;
                vzi -= dz * mj;
                mag *= mi;
                vx[j] += dx * mag;
                vy[j] += dy * mag;
                vz[j] += dz * mag;
            }
            vx[i] = vxi;
            vy[i] = vyi;
            vz[i] = vzi;
        }
        for (int i = 0; i < N; i++) {
            x[i] += dt * vx[i];
            y[i] += dt * vy[i];
            z[i] += dt * vz[i];
        }
    }
}

static double energy(void)
{
    double e = 0.0;
    for (int i = 0; i < N; i++) {
        e += 0.5 * mass[i] * (vx[i] * vx[i] + vy[i] * vy[i] + vz[i] * vz[i]);
        for (int j = i + 1; j < N; j++) {
            double dx = x[i] - x[j];
            double dy = y[i] - y[j];
            double dz = z[i] - z[j];
            e -= mass[i] * mass[j] / sqrt(dx * dx + dy * dy + dz * dz);
        }
    }
    return e;
}

int main(int argc, char **argv)
{
    double px = 0.0, py = 0.0, pz = 0.0;
    for (int i = 0; i < N; i++) {
        px += vx[i] * mass[i];
        py += vy[i] * mass[i];
        pz += vz[i] * mass[i];
    }
    vx[0] = -px / SOLAR_MASS;
    vy[0] = -py / SOLAR_MASS;
    vz[0] = -pz / SOLAR_MASS;
    printf("%.9f\n", energy());
    advance(argc > 1 ? atol(argv[1]) : 20000, 0.01);
    printf("%.9f\n", energy());
    return 0;
}
