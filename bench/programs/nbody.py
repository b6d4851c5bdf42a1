# The outer planets under gravity: floats in lists, no classes.
import math
import sys

PI = 3.141592653589793
SOLAR_MASS = 4 * PI * PI
DAYS = 365.24


def make_bodies():
    x = [0.0, 4.84143144246472090, 8.34336671824457987, 12.8943695621391310, 15.3796971148509165]
    y = [0.0, -1.16032004402742839, 4.12479856412430479, -15.1111514016986312, -25.9193146099879641]
    z = [0.0, -0.103622044471123109, -0.403523417114321381, -0.223307578892655734,
         0.179258772950371181]
    vx = [0.0, 0.00166007664274403694 * DAYS, -0.00276742510726411021 * DAYS,
          0.00296460137564761618 * DAYS, 0.00268067772490389322 * DAYS]
    vy = [0.0, 0.00769901118419740425 * DAYS, 0.00499852801234917238 * DAYS,
          0.00237847173959480950 * DAYS, 0.00162824170038242295 * DAYS]
    vz = [0.0, -0.0000690460016972063023 * DAYS, 0.0000230417297573763929 * DAYS,
          -0.0000296589568540237556 * DAYS, -0.0000951592254519715870 * DAYS]
    mass = [SOLAR_MASS, 0.000954791938424326609 * SOLAR_MASS, 0.000285885980666130812 * SOLAR_MASS,
            0.0000436624404335156298 * SOLAR_MASS, 0.0000515138902046611451 * SOLAR_MASS]
    px = py = pz = 0.0
    for i in range(5):
        px += vx[i] * mass[i]
        py += vy[i] * mass[i]
        pz += vz[i] * mass[i]
    vx[0] = -px / SOLAR_MASS
    vy[0] = -py / SOLAR_MASS
    vz[0] = -pz / SOLAR_MASS
    return x, y, z, vx, vy, vz, mass


def advance(steps, dt, x, y, z, vx, vy, vz, mass):
    n = len(x)
    for _ in range(steps):
        for i in range(n):
            xi = x[i]
            yi = y[i]
            zi = z[i]
            mi = mass[i]
            vxi = vx[i]
            vyi = vy[i]
            vzi = vz[i]
            for j in range(i + 1, n):
                dx = xi - x[j]
                dy = yi - y[j]
                dz = zi - z[j]
                d2 = dx * dx + dy * dy + dz * dz
                mag = dt / (d2 * math.sqrt(d2))
                mj = mass[j] * mag
                vxi -= dx * mj
                vyi -= dy * mj
                vzi -= dz * mj
                mag *= mi
                vx[j] += dx * mag
                vy[j] += dy * mag
                vz[j] += dz * mag
            vx[i] = vxi
            vy[i] = vyi
            vz[i] = vzi
        for i in range(n):
            x[i] += dt * vx[i]
            y[i] += dt * vy[i]
            z[i] += dt * vz[i]


def energy(x, y, z, vx, vy, vz, mass):
    n = len(x)
    e = 0.0
    for i in range(n):
        e += 0.5 * mass[i] * (vx[i] * vx[i] + vy[i] * vy[i] + vz[i] * vz[i])
        for j in range(i + 1, n):
            dx = x[i] - x[j]
            dy = y[i] - y[j]
            dz = z[i] - z[j]
            e -= mass[i] * mass[j] / math.sqrt(dx * dx + dy * dy + dz * dz)
    return e


n = int(sys.argv[1]) if len(sys.argv) > 1 else 20000
x, y, z, vx, vy, vz, mass = make_bodies()
print("%.9f" % energy(x, y, z, vx, vy, vz, mass))
advance(n, 0.01, x, y, z, vx, vy, vz, mass)
print("%.9f" % energy(x, y, z, vx, vy, vz, mass))
