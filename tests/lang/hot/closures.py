# Closures in hot loops: cells read and written, functions made in loops, shared state.
def make_counter():
    count = 0

    def bump(by):
        nonlocal count
        count += by
        return count

    return bump


def cell_loop(n):
    total = 0

    def add(v):
        nonlocal total
        total += v

    for i in range(n):
        add(i)
    return total


def made_in_loop(n):
    total = 0
    for i in range(n):
        f = lambda x: x + i
        total += f(1)
    return total


def loop_variable_captured(n):
    def get():
        return i

    total = 0
    for i in range(n):
        total += get()
    return total


def two_closures(n):
    a = make_counter()
    b = make_counter()
    for i in range(n):
        a(1)
        b(i)
    return a(0), b(0)


def deep(n):
    x = 0

    def level1():
        def level2():
            nonlocal x
            x += 1
            return x
        return level2()

    for _ in range(n):
        level1()
    return x


def type_change(n):
    v = 0

    def read():
        return v

    total = 0
    for i in range(n):
        if i == n // 2:
            v = 0.5
        total += read()
    return total


def compose(f, g):
    return lambda x: f(g(x))


def composed(n):
    h = compose(lambda x: x + 1, lambda x: x * 2)
    h = compose(h, h)
    total = 0
    for i in range(n):
        total += h(i)
    return total


bump = make_counter()
for i in range(3000):
    bump(i)
print(bump(0), cell_loop(3000), made_in_loop(3000), loop_variable_captured(3000), two_closures(2000), deep(3000), type_change(3000), composed(3000))
