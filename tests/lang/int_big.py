# Ints beyond a machine word: all operators, conversions, comparisons.
a = 123456789012345678901234567890
b = 987654321098765432109876543210
print(a + b, b - a, a - b, a * b)
print(b // a, b % a, -b // a, -b % a, b // -a, b % -a, -b // -a, -b % -a)
print(divmod(a * b + 17, b), divmod(-(a * b) - 17, b))
print(a & b, a | b, a ^ b, ~a, a & -b, -a | b, -a ^ -b, a & 0xFFFF)
print(a << 100, a >> 10, a >> 200, -a >> 10, -a >> 200, (a << 64) >> 64 == a)
print(a == a + 0, a < b, a <= b, a > b, a != b, -a < a, a == 1, a > 1.0, a < 1e300, a == 1e29)
print(2 ** 200, 3 ** 100, (-2) ** 101, (-7) ** 50, 10 ** 40 // 10 ** 38)
print(pow(3, 1000, 1000007), pow(2, 10 ** 6, 97), pow(-3, 5, 7), pow(3, -1, 7))
print(hash(a) == hash(a + 0), int(str(a)) == a, int("-" + str(b)) == -b)
print(float(a), float(b), int(1e30), int(-1e22), int(123456789.99))
print(hex(a), oct(b), bin(2 ** 70 + 1), hex(-a))
print(a.bit_length(), (0).bit_length(), (-1).bit_length(), (2 ** 64).bit_length())
f = 1
for i in range(1, 60):
    f *= i
print(f)
s = 0
for i in range(100):
    s += (-1) ** i * 7 ** i
print(s)
x = 2 ** 64
x -= 2 ** 64 - 5
print(x, x + 1, x * 2, x == 5, [10, 20, 30, 40, 50, 60][x])
print(sum([2 ** 62, 2 ** 62, 2 ** 62, -(2 ** 63)]), max(2 ** 70, 5, 2 ** 71), min(-2 ** 70, 5))
print(len(str(7 ** 3000)), str(7 ** 3000)[:20], str(7 ** 3000)[-20:])
print((10 ** 50) % (10 ** 25 + 1), (10 ** 50) // (10 ** 25 + 1), -(10 ** 50) // 7)
