# Data-dependent None: seven fields that are there or not, each tested on its own.
import sys


def make_rows(count):
    x = 12345
    rows = []
    for i in range(count):
        row = []
        for j in range(7):
            x = (x * 1103515245 + 12345) % 2147483648
            row.append(None if (x >> 16) % 2 else (x >> 8) % 100)
        rows.append(row)
    return rows


def data_none(rows, rounds):
    total = 0
    missing = 0
    for _ in range(rounds):
        for row in rows:
            a = row[0]
            b = row[1]
            c = row[2]
            d = row[3]
            e = row[4]
            f = row[5]
            g = row[6]
            if a is None:
                missing += 1
            else:
                total += a
            if b is not None:
                total += b * 2
            if c is None:
                c = b
            if d is not None and c is not None:
                total += c + d
            if e is None or f is None:
                missing += 2
            else:
                total += e - f
            if g is None:
                g = a
            if g is not None:
                total += g
    return total, missing


n = int(sys.argv[1]) if len(sys.argv) > 1 else 400
total, missing = data_none(make_rows(5000), n)
print(total)
print(missing)
