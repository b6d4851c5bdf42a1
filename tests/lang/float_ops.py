# Float arithmetic with ints and bools, inf and nan, zero division, floor division and modulo.
inf = float("inf")
nan = float("nan")
print(inf + 1, inf - inf, inf * 0, -inf * 2, inf / inf, 1 / inf, -1 / inf, inf // 1, 5 % inf, -5 % inf, 5 // inf, -5 // inf)
print(nan + 1, nan * 0, nan == nan, nan is nan, nan in [nan], [nan] == [nan], nan in (1.0, 2.0))
print(1 + 1.5, 1.5 + 1, 2 * 0.5, 3 - 0.5, True + 0.5, 7 / 2.0, 7 // 2.0, 7 % 2.5, 2 ** 70 * 1.0, 10 ** 20 + 0.5)
print(0.0 == -0.0, 1 / 3 * 3 == 1, 0.1 + 0.2 == 0.3, abs(-0.0), -0.0 + 0, 0.0 * -1, 0 * -1.0, -0.0 // 1, 0.0 % -1, -0.0 % 5)
for a, b in ((1.0, 0), (1, 0.0), (0.0, 0.0), (1.5, False)):
    try:
        print(a / b)
    except ZeroDivisionError as e:
        print("/", e)
    try:
        print(a // b)
    except ZeroDivisionError as e:
        print("//", e)
    try:
        print(a % b)
    except ZeroDivisionError as e:
        print("%", e)
    try:
        print(divmod(a, b))
    except ZeroDivisionError as e:
        print("divmod", e)
for a, b in ((5.5, 1.25), (-5.5, 1.25), (5.5, -1.25), (-5.5, -1.25), (1e20, 3.0), (-1e20, 7.0), (1e-300, 1e300), (-1e-300, 3.0)):
    print(a // b, a % b, divmod(a, b))
print(float("1.5"), float(" -2e3 "), float("1_0.5"), float("inf"), float("-Infinity"), float("NaN"), float(7), float(True), float())
for bad in ("", "abc", "1.5.2", "1e", "--1", "1 2", "0x10", "1__0"):
    try:
        print(float(bad))
    except ValueError as e:
        print("ValueError", e)
for bad in (None, [], (1,)):
    try:
        print(float(bad))
    except TypeError as e:
        print("TypeError", e)
try:
    print(float(10 ** 400))
except OverflowError as e:
    print("OverflowError", e)
try:
    print(10 ** 400 * 1.0)
except OverflowError as e:
    print("OverflowError", e)
try:
    print(10 ** 400 / 3)
except OverflowError as e:
    print("OverflowError", e)
print((1.5).is_integer(), (2.0).is_integer(), (0.5).as_integer_ratio(), (3.0).hex(), (-0.1).hex())
