# Comparisons of ints, floats and bools, chains, and values where doubles lose digits.
values = [0, 1, -1, True, False, 0.0, -0.0, 1.0, 1.5, 2 ** 53, 2 ** 53 + 1, 2.0 ** 53, 10 ** 400, -10 ** 400]
for a in values:
    print([int(a == b) for b in values], [int(a < b) for b in values], [int(a >= b) for b in values])
inf = float("inf")
nan = float("nan")
print(10 ** 400 < inf, -10 ** 400 > -inf, 10 ** 400 == inf, nan == nan, nan != nan, nan < 1, 1 < nan, nan >= nan)
print(2 ** 53 + 1 == float(2 ** 53 + 1), 2 ** 53 + 1 > float(2 ** 53), 9007199254740993 == 9007199254740992.0)
print(1 < 2 < 3, 1 < 3 < 2, 3 > 2 > 1 > 0, 1 == 1.0 == True, 1 < 2 > 1, 0 <= -0.0 <= 0)
x = 5
print(0 < x < 10, 0 < x < 5, 5 <= x <= 5, not 0 < x, x is x, x is not None)
print(None is None, True is True)
for pair in ((1, "a"), ("a", 1), (None, 1), ([], 1), ((), []), (1, None), ({}, {})):
    try:
        print(pair[0] < pair[1])
    except TypeError as e:
        print("TypeError", e)
    print(pair[0] == pair[1], pair[0] != pair[1])
print(max(1, 1.0), max(1.0, 1), min(0, 0.0), min(0.0, 0), max(True, 1), type(max(True, 1)) is bool)
