# round() on floats: half to even, digits, negative digits, extremes.
for x in (0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999999999999994, 2.675, 1.005, 1e15 + 0.5, 1e300, 4.5, 5.5):
    print(x, round(x), round(x, 0), round(x, 1), round(x, 2), round(x, -1))
print(round(2.5), type(round(2.5)) is int, type(round(2.5, 0)) is float, round(1234.5678, 2), round(1234.5678, -2))
print(round(1e22), round(-1e22), round(123.456, 20), round(0.1, 1), round(-0.0), round(-0.4))
print(round(3.14159, ndigits=3), round(number=2.71828, ndigits=2), round(1.5, None))
for bad in (float("inf"), float("nan")):
    try:
        print(round(bad))
    except (OverflowError, ValueError) as e:
        print(type(e).__name__, e)
    print(round(bad, 2))
try:
    print(round(1.7976931348623157e308, -307))
except OverflowError as e:
    print("OverflowError", e)
