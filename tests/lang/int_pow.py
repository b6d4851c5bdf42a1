# Powers: int and float bases and exponents of all signs.
for base in (-3, -2, -1, 0, 1, 2, 3, 10):
    print(base, [base ** e for e in (0, 1, 2, 3, 5, 10, 31, 33)])
print([(-1) ** k for k in range(10)])
print(2 ** -1, (-2) ** -3, 10 ** -2, 1 ** -5, (-1) ** -3, 4 ** 0.5, 2 ** 0.5, 8 ** (1 / 3))
print(2.0 ** 10, 2.5 ** 3, (-2.0) ** 3, (-2.0) ** -3, 0.0 ** 0, 0 ** 0, 1.5 ** 0)
print(-2 ** 2, (-2) ** 2, 2 ** 3 ** 2, (2 ** 3) ** 2, -1 ** 2)
print(pow(2, 5), pow(2, -2), pow(2.0, 0.5), pow(7, 3, 10), pow(-7, 3, 10), pow(7, 3, -10))
for action in ((0, -1), (0.0, -1), (0, -2.5)):
    try:
        print(action[0] ** action[1])
    except ZeroDivisionError as e:
        print("ZeroDivisionError", e)
try:
    print(10.0 ** 400)
except OverflowError as e:
    print("OverflowError", e)
try:
    print(pow(2, 3, 0))
except ValueError as e:
    print("ValueError", e)
x = 3
x **= 4
print(x)
x **= 0.5
print(x)
print(7 ** 77, (-7) ** 77)
total = 0
for k in range(200):
    total += 3 ** (k % 20)
print(total)
