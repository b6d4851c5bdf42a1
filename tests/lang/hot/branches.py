# Hot loops whose branches flip: late, often, in phases, and by data.
def late(n):
    a = b = 0
    for i in range(n):
        if i < n - 10:
            a += 1
        else:
            b += i
    return a, b


def alternating(n):
    a = b = c = 0
    for i in range(n):
        if i % 2 == 0:
            a += i
        elif i % 3 == 0:
            b += i
        else:
            c += i
    return a, b, c


def phases(n):
    out = [0, 0, 0, 0]
    for i in range(n):
        p = i * 4 // n
        if p == 0:
            out[0] += i
        elif p == 1:
            out[1] -= i
        elif p == 2:
            out[2] ^= i
        else:
            out[3] += i * 2
    return out


def random_bits(n):
    x = 12345
    t = 0
    for i in range(n):
        x = (x * 1103515245 + 12345) % 2147483648
        if x & 65536:
            t += 1
        if x & 131072:
            t += 2
        if x & 262144:
            t -= 3
        if x & 524288 and x & 1048576 or x & 2097152:
            t += 5
    return x, t


def ternaries(n):
    t = 0
    for i in range(n):
        t += 1 if i & 1 else 2 if i & 2 else 3
        t -= i if not i % 100 else 0
    return t


def state_machine(n):
    state = "start"
    counts = {"start": 0, "middle": 0, "end": 0}
    for i in range(n):
        counts[state] += 1
        if state == "start":
            state = "middle" if i % 3 else "start"
        elif state == "middle":
            state = "end" if i % 5 == 0 else "middle"
        else:
            state = "start"
    return counts


def rare(n):
    r = 0
    for i in range(n):
        if i % 1000 == 999:
            r += 1
            if i % 2000 == 1999:
                r += 10
    return r


def and_or(n):
    t = 0
    for i in range(n):
        v = i % 3 and i % 5 and i
        w = i % 4 or i % 7 or -1
        t += v + w
    return t


print(late(3000), alternating(3000), phases(4000), random_bits(4000), ternaries(3000), state_machine(3000), rare(6000), and_or(3000))
