# Iterations of z*z + c until |z| > 2, at most 50, summed over an n by n picture.
import sys


def mandelbrot(n):
    total = 0
    for row in range(n):
        ci = 2.0 * row / n - 1.0
        for column in range(n):
            cr = 2.0 * column / n - 1.5
            zr = 0.0
            zi = 0.0
            steps = 0
            while steps < 50:
                r2 = zr * zr
                i2 = zi * zi
                if r2 + i2 > 4.0:
                    break
                zi = 2.0 * zr * zi + ci
                zr = r2 - i2 + cr
                steps += 1
            total += steps
    return total


n = int(sys.argv[1]) if len(sys.argv) > 1 else 200
print(mandelbrot(n))
