"""Prints a program: a function of 50,000 lines, with a loop around all of it that gets hot."""

LINES = 24700
print("def f(n):")
print("    x = y = 0")
print("    i = 0")
print("    while i < n:")
print("        i += 1")
print("        if i == 70:")
print("            continue")
for i in range(LINES):
    if i % 400 == 0:
        print(f"        if x == {i} and y == 'never': return {i}")
    elif i % 401 == 0:
        print(f"        for k in range(3): y += k * {i}")
    elif i % 403 == 0:
        print(f"        try: y //= x - x")
        print(f"        except ZeroDivisionError: x += 1")
    else:
        print(f"        x += {i}")
print("        if i == 90:")
print("            break")
print("    else:")
print("        y = None")
print("    return x, y, i")
print("print(f(3))")
print("print(f(100))")
print("def g(a):")
print("    b = [a]")
for i in range(LINES):
    print(f"    b[0] = a * {i} if a else 'constant {i}'")
print("    return b")
print("print(g(0), g(2))")
print("def choose(a):")
print("    if a == 0: return 'zero'")
for i in range(700):
    print(f"    elif a == {i}: return {i * 7}")
print("    return 'big'")
print("print(choose(0), choose(650), choose(-1))")
