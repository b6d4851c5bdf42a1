# Bit operations and shifts on ints of both signs and all sizes.
values = [0, 1, -1, 5, -5, 255, -256, 2 ** 31, -2 ** 31, 2 ** 49 - 1, 2 ** 49, -2 ** 49, 2 ** 63, -2 ** 63 - 1]
for a in values:
    print(a, [a & b for b in values])
    print(a, [a | b for b in values])
    print(a, [a ^ b for b in values])
    print(a, ~a, [a << s for s in (0, 1, 7, 48, 64)], [a >> s for s in (0, 1, 7, 48, 64, 1000)])
print(True & True, True | False, True ^ True, True & 3, type(True & True) is bool, type(True & 1) is int)
x = 0b1011
x &= 0b0111
print(x)
x |= 0x40
print(x)
x ^= 0o17
print(x)
x <<= 3
print(x)
x >>= 2
print(x)
for bad in (-1, -100):
    try:
        print(1 << bad)
    except ValueError as e:
        print("ValueError", e)
    try:
        print(1 >> bad)
    except ValueError as e:
        print("ValueError", e)
print(0 << 100000, 1 << 70, 1_000_000 >> 3, 0xFF_FF, 0b1111_0000, 0o7_7)
