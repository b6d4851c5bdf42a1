# Seven types at one place: int, float, bool, str, tuple, list, and an int beyond a machine word.
import sys


def seven_types(n):
    values = [3, 2.5, True, "ab", (1, 2), [4, 5, 6], 10 ** 30]
    x = 12345
    count = 0
    for i in range(n):
        x = (x * 1103515245 + 12345) % 2147483648
        v = values[(x >> 8) % 7]
        w = v * 2
        if w == v:
            count += 1
        if v:
            count += 2
    return count


n = int(sys.argv[1]) if len(sys.argv) > 1 else 3000000
print(seven_types(n))
