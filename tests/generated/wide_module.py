"""Prints a program: a module of 50,000 lines, its jumps, constants and handlers far apart."""

LINES = 12300
print("# status: 1")
print("total = 0")
print("for turn in range(3):")
print("    if turn == 1:")
for i in range(LINES):
    print(f"        total += {i}")
print("    elif turn == 2:")
for i in range(LINES):
    print(f"        total -= {i}.5")
print("        if total < 0: break")
for i in range(100):
    print(f"        total = 'never {i}'")
print("    else:")
for i in range(LINES):
    print(f"        name_{i % 500} = 'text {i}'")
print("else:")
print("    total = 'no break'")
print("print(total, name_0, name_499)")
print("try:")
for i in range(LINES // 2):
    print(f"    total = ({i}, 'tuple {i}')[0] + 0")
print("    print(total)")
print("    total + name_0")
print("except TypeError as e:")
for i in range(LINES // 2):
    print(f"    total = total + {i + 300}")
print("    print(type(e).__name__, total)")
print("finally:")
for i in range(1000):
    print(f"    total = [{i}, {i}.25][1]")
print("    print(total)")
print("i = 0")
print("while i < 5000:")
print("    i += 1")
print("    if i % 2: continue")
print("    if i > 4000: break")
for i in range(20):
    print(f"    total = i * {i + 2}")
print("print(i, total)")
print("undefined_name")
