def check(x):
    if x < 0:
        raise ValueError("x must not be negative: %d" % x)
    return x


check(1)
check(-1)
