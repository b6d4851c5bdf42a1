# Twenty independent tests in one loop: 2**20 paths, none of them hot.
import sys


def many_ifs(n):
    x = 12345
    total = 0
    for i in range(n):
        x = (x * 1103515245 + 12345) % 2147483648
        b = x >> 8
        if b & 1:
            total += 1
        if b & 2:
            total += 2
        if b & 4:
            total += 3
        if b & 8:
            total += 4
        if b & 16:
            total += 5
        if b & 32:
            total += 6
        if b & 64:
            total += 7
        if b & 128:
            total += 8
        if b & 256:
            total += 9
        if b & 512:
            total += 10
        if b & 1024:
            total += 11
        if b & 2048:
            total += 12
        if b & 4096:
            total += 13
        if b & 8192:
            total += 14
        if b & 16384:
            total += 15
        if b & 32768:
            total += 16
        if b & 65536:
            total += 17
        if b & 131072:
            total += 18
        if b & 262144:
            total += 19
        if b & 524288:
            total += 20
    return total


n = int(sys.argv[1]) if len(sys.argv) > 1 else 1500000
print(many_ifs(n))
