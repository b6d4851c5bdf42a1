# Boolean operators, short circuits, ternaries, walrus, augmented assignment, precedence.
log = []


def t(v):
    log.append(v)
    return v


print(t(1) and t(2), t(0) and t(3), t(0) or t(4), t(5) or t(6), not t(0), not t("a"))
print(log)
print(None or [] or "last", 1 and "x" and 0.0, [] and 1, "" or 0 or None, not not 5, not None)
print(1 + 2 * 3 - 4 // 2 ** 2 % 3, (1 + 2) * 3, -2 ** 2, ~1 + 1, 1 << 2 + 1, 5 & 3 | 4 ^ 1, not 1 == 2, 1 if 0 else 2 if 0 else 3)
print(2 + 3 == 5 and 4 < 5 or False, 1 < 2 == True, (1 < 2) == True, 3 in [1, 2, 3] == True, -3 // 2 * 2, 7 - -3, + - + 5)
a = 5
a += 3
a -= 1
a *= 4
a //= 3
a %= 7
a **= 3
a /= 2
print(a)
b = [1]
c = b
b += [2]
print(c is b, c)
b = b + [3]
print(c is b, c, b)
s = "a"
s += "b"
s *= 3
print(s)
d = {"k": 1}
d["k"] += 10
l = [1, 2, 3]
l[1] *= 10
l[-1] -= 1
print(d, l)
i = 0


def index():
    global i
    i += 1
    return i


l[index()] += 5
print(l, i)
tup = (1, [2])
try:
    tup[1] += [3]
except TypeError as e:
    print("TypeError", e, tup)
if (n := 10) > 5:
    print(n)
while (n := n - 3) > 0:
    print(n, end=" ")
print(n, (y := 1) + (z := y + 1), y, z)
print(1 if True else 1 / 0, False and 1 / 0, True or 1 / 0)
for pair in ((1, "a"), ("a", 1), ([], 1), (None, None), ({}, []), (1, [])):
    for op in ("+", "-", "*", "/", "//", "%", "**", "&", "<<"):
        try:
            p, q = pair
            if op == "+":
                r = p + q
            elif op == "-":
                r = p - q
            elif op == "*":
                r = p * q
            elif op == "/":
                r = p / q
            elif op == "//":
                r = p // q
            elif op == "%":
                r = p % q
            elif op == "**":
                r = p ** q
            elif op == "&":
                r = p & q
            else:
                r = p << q
            print(repr(r))
        except TypeError as e:
            print(e)
for v in ("a", None, [], 1.5):
    try:
        print(-v)
    except TypeError as e:
        print(e)
    try:
        print(~v)
    except TypeError as e:
        print(e)
try:
    x = None
    x += 1
except TypeError as e:
    print(e)
print(a is not None, None is not None, [] is [], s is not None, 1 in (1, 2), not 1 in (1, 2))
