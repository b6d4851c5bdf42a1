# Closures: captured variables, nonlocal, shared cells, loops, recursion of inner functions.
def counter():
    count = 0

    def step(by=1):
        nonlocal count
        count += by
        return count

    def read():
        return count

    return step, read


step, read = counter()
step2, read2 = counter()
print(step(), step(), step(5), read(), step2(), read2())


def make_adders():
    return [lambda x: x + i for i in range(3)]


print([f(10) for f in make_adders()])


def make_bound():
    return [lambda x, i=i: x + i for i in range(3)]


print([f(10) for f in make_bound()])


def outer(a):
    b = a * 2

    def middle(c):
        d = b + c

        def inner(e):
            nonlocal b
            b += 1
            return a + b + c + d + e

        return inner

    return middle


inner = outer(1)(10)
print(inner(100), inner(100), outer(5)(6)(7))


def fact():
    def go(n):
        return 1 if n <= 1 else n * go(n - 1)

    return go


print(fact()(20), fact()(30))


def unbound(flag):
    if flag:
        x = 1

    def get():
        return x

    try:
        return get()
    except NameError as e:
        return "NameError " + str(e)


print(unbound(True), unbound(False))


def local_unbound():
    try:
        print(y)
    except UnboundLocalError as e:
        print("UnboundLocalError", e)
    y = 1
    del y
    try:
        print(y)
    except UnboundLocalError as e:
        print("UnboundLocalError", e)


local_unbound()
try:
    undefined_name
except NameError as e:
    print("NameError", e)


def param_cell(a, b=2, *rest, **named):
    def show():
        return (a, b, rest, named)

    a = a + 1
    rest = rest + (99,)
    return show


print(param_cell(1)(), param_cell(1, 2, 3, k=4)())


def compose(*fs):
    def run(x):
        for f in fs:
            x = f(x)
        return x

    return run


print(compose(lambda x: x + 1, lambda x: x * 2, str)(5))


def del_cell():
    x = 5

    def f():
        return x

    del x
    try:
        return f()
    except NameError as e:
        return str(e)


print(del_cell())


def accumulate(n):
    fs = []
    for i in range(n):
        def f():
            return i * 10
        fs.append(f)
        i += 100
    return [f() for f in fs]


print(accumulate(3))
