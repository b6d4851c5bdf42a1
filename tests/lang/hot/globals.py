# Globals and builtins that change while a trace that reads them runs.
factor = 2
counter = 0


def scale(x):
    return x * factor


def change_midway(n):
    global factor
    factor = 2
    total = 0
    for i in range(n):
        if i == n // 2:
            factor = 3
        total += scale(i)
    return total


def change_often(n):
    global factor
    total = 0
    for i in range(n):
        factor = i % 5
        total += scale(i)
    return total


def change_type(n):
    global factor
    factor = 2
    total = 0
    for i in range(n):
        if i == n - 100:
            factor = 0.5
        total += scale(i)
    return total


def bump():
    global counter
    counter += 1


def count(n):
    global counter
    counter = 0
    for i in range(n):
        bump()
        counter += 1
    return counter


def f(x):
    return x + 1


def g(x):
    return x + 1000


def swap_function(n):
    global f
    total = 0
    for i in range(n):
        if i == n // 2:
            f = g
        total += f(i)
    return total


def shadow_builtin(n):
    global abs
    total = 0
    for i in range(n):
        if i == n // 2:
            abs = lambda v: 7
        total += abs(-i)
    del abs
    for i in range(n):
        total += abs(-i)
    return total


def deleted(n):
    global gone
    gone = 1
    total = 0
    try:
        for i in range(n):
            if i == n - 1:
                del gone
            total += gone
    except NameError as e:
        return "%s after %d" % (e, total)


print(change_midway(3000), change_often(3000), change_type(3000), count(3000), swap_function(3000), shadow_builtin(2000), deleted(2000))
total = 0
for i in range(3000):
    if i == 2000:
        def f(x):
            return -x
    total += f(i)
print(total)
step = 1
total = 0
while total < 5000:
    total += step
    if total == 3000:
        step = 2
print(total)
