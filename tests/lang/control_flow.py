# while/else, for/else, break and continue, nested, with try/finally around them.
def search(items, wanted):
    for i in items:
        if i == wanted:
            result = "found"
            break
    else:
        result = "missing"
    return result


print(search([1, 2, 3], 2), search([1, 2, 3], 9), search([], 1))
i = 0
while i < 5:
    i += 1
    if i == 2:
        continue
    if i == 4:
        break
    print(i, end=" ")
else:
    print("never")
print(i)
while i > 0:
    i -= 1
else:
    print("else ran", i)
for i in range(3):
    for j in range(3):
        if j == 1:
            continue
        if i == 1:
            break
        print((i, j), end=" ")
    else:
        print("inner else", i, end=" ")
print()


def finally_break():
    out = []
    for i in range(5):
        try:
            if i == 1:
                continue
            if i == 3:
                break
            out.append(i)
        finally:
            out.append("f%d" % i)
    else:
        out.append("else")
    return out


print(finally_break())


def finally_return():
    try:
        return "try"
    finally:
        print("cleanup", end=" ")


def finally_override():
    try:
        return "try"
    finally:
        return "finally"


def finally_loop():
    for i in range(3):
        try:
            return i
        finally:
            continue
    return "end"


def finally_swallow():
    while True:
        try:
            1 / 0
        finally:
            break
    return "swallowed"


print(finally_return(), finally_override(), finally_loop(), finally_swallow())


def nested_finally():
    log = []
    try:
        try:
            log.append(1)
            raise ValueError("x")
        finally:
            log.append(2)
    except ValueError as e:
        log.append(str(e))
    else:
        log.append("else")
    finally:
        log.append(3)
    return log


print(nested_finally())
x = 7
if x > 10:
    print("a")
elif x > 5:
    print("b")
elif x > 0:
    print("c")
else:
    print("d")
print("yes" if x else "no", "p" if x < 0 else "q" if x == 7 else "r")
if x: print("one line"); print("two")
pass
while True:
    if x == 0:
        break
    x -= 1
print(x, [n for n in range(10) if n % 2 if n % 3])
for x in []:
    pass
else:
    print("empty else")
for a, b in [(1, 2), (3, 4)]:
    print(a + b, end=" ")
for a, (b, *c) in [(1, (2, 3, 4)), (5, (6,))]:
    print(a, b, c, end=" ")
for n in 1, 2, 3:
    print(n, end=" ")
print()
