# global, nonlocal, del, builtins that are shadowed, names at module level.
counter = 0


def bump():
    global counter
    counter += 1


def make_global():
    global made_here
    made_here = "made"


for _ in range(5):
    bump()
make_global()
print(counter, made_here)


def shadow():
    len = lambda x: "shadowed"
    return len([1])


print(shadow(), len([1]))
max = lambda *a: "module max"
print(max(1, 2))
del max
print(max(1, 2))
x = 1
del x
try:
    x
except NameError as e:
    print("NameError", e)
try:
    del x
except NameError as e:
    print("NameError", e)


def use_before():
    try:
        counter2 += 1
    except UnboundLocalError as e:
        print("UnboundLocalError", e)
    counter2 = 0


use_before()
x = "global"


def read_global():
    return x


def write_local():
    x = "local"
    return x, read_global()


print(write_local(), x)


def nested():
    x = "enclosing"

    def a():
        def b():
            nonlocal x
            x = "changed"
            return x
        return b(), x

    return a(), x


print(nested(), x)


def redefine():
    global read_global

    def read_global():
        return "redefined"


redefine()
print(read_global())


def del_local():
    a = [1, 2]
    b = a
    del a
    b.append(3)
    return b


print(del_local())


def loop_var():
    for i in range(3):
        pass
    return i


print(loop_var(), __name__)
_private = 5
__dunder = 6
print(_private, __dunder)
if True:
    defined_in_if = 1
print(defined_in_if)
