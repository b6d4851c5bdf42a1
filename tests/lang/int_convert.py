# int(), its text forms and errors; bool(), round() and conversions between number types.
print(int("42"), int("  -42  "), int("+7"), int("1_000"), int("ff", 16), int("0xff", 16), int("0b101", 0), int("z", 36))
print(int("0o17", 8), int("-0x10", 16), int("0", 0), int("00", 0), int("12345678901234567890"))
print(int(3.99), int(-3.99), int(True), int(), int(1e20), int("7" * 40))
for bad in ("", "abc", "1.5", "0x", "1__0", "_1", "1_", "9z", "  ", "+-1"):
    try:
        print(int(bad))
    except ValueError as e:
        print("ValueError", e)
for bad in (("12", 1), ("12", 37), ("9", 8), ("012", 0)):
    try:
        print(int(bad[0], bad[1]))
    except ValueError as e:
        print("ValueError", e)
for bad in (None, [], (1,), {}):
    try:
        print(int(bad))
    except TypeError as e:
        print("TypeError", e)
for bad in (float("inf"), float("-inf")):
    try:
        print(int(bad))
    except OverflowError as e:
        print("OverflowError", e)
try:
    print(int(float("nan")))
except ValueError as e:
    print("ValueError", e)
print(bool(0), bool(2), bool(-1), bool(0.0), bool(""), bool(" "), bool([]), bool([0]), bool(None), bool(10 ** 30))
print(round(5), round(-5), round(15, -1), round(25, -1), round(-25, -1), round(12345, -2), round(5, 3), round(10 ** 20 + 5, -1))
print(chr(65), chr(8364), ord("a"), ord("\u20ac"), hex(255), hex(-255), oct(8), bin(-5), hex(0), bin(0))
print(str(0), str(-0), repr(-17), str(10 ** 25), abs(-3), abs(3), abs(-2.5), abs(True), abs(-10 ** 30))
