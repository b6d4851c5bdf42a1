# Frames that a called trace leaves in, and natives that call back afterwards.
def walk(depth, text):
    if depth <= 0:
        return [7][:]
    first, *rest = sorted([8, 12, 13, -4, 15, -2], key=lambda x: -x)
    pairs = [x * y for x, y in zip([(x, y)[0] for x, y in zip([3], [19])][:2], [y * y for y in [][::1]])]
    items = walk(depth - 1, text)
    return (items + [5, 12, len(pairs)]) + [y + 16 for y in range(4) for w in range(y % 3)]


call = lambda *a, **k: walk(9, *a, **k)
total = 0
for j in range(40):
    for s in "{:>{}}".format(len(call("x")), 4):
        total += len(s)
    total += len(call("y"))
print(total)


def mixed(n, f):
    if n == 0:
        return 0
    seen = max([3, 1, n], key=lambda x: -x if n % 3 else x)
    below = mixed(n - 1, f)
    if n & 1:
        below += sum(map(f, [n, seen]))
    return below + len(list(filter(lambda x: x > n, [1, 5, 9])))


print([mixed(k % 13, lambda x: x + k) for k in range(60)])
