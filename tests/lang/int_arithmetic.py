# Ints: the operators, signs of // and %, and results around the edges of machine words.
for a in (7, -7, 0, 1, -1, 100, -100):
    for b in (3, -3, 1, -1, 7, -10):
        print(a, b, a + b, a - b, a * b, a // b, a % b, divmod(a, b))
for shift in (15, 16, 31, 32, 47, 48, 49, 50, 52, 53, 62, 63, 64, 65, 127, 128):
    x = 1 << shift
    print(shift, x - 1, x, x + 1, -x - 1, -x, -x + 1)
    print(x * x, (x - 1) * (x + 1), x // 3, -x // 3, x % 7, -x % 7, x % -7)
    print(x + x, x - (x + x), x * -1, -(-x), abs(-x), +x, ~x)
print(1 / 2, 7 / 2, -7 / 2, 6 / 3, 1 / 3, 2 ** 60 / 3, (2 ** 70) / (2 ** 69), 10 ** 30 / 10 ** 29)
print(0 * -1, 0 // 5, 0 % 5, 0 // -5, 0 % -5)
print(True + True, True * 3, False - 1, -True, ~False, True // 1, 5 % True)
