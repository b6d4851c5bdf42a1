# Functions made at module level are counted by nobody: they live as long as something names them.
import gc

total = 0
for k in range(30000):
    def made(x):
        return x + 1

    total += made(k)
print(total)


def functions():
    return len([o for o in gc.get_objects() if type(o) is type(functions) and o.__name__ == "made"])


gc.collect()
print(functions() < 1000)  # traces keep some


# In use, but no longer named.
def inner(n):
    global inner
    call = inner
    if n == 0:
        inner = None
        gc.collect()
        return 0
    return 1 + call(n - 1)


print(inner(20))


def once():
    global once
    once = None
    gc.collect()
    return "still here"


print(once())

# In arguments, in what sort holds, in what is being built.
table = sorted([lambda: 3, lambda: 1, lambda: 2], key=lambda f: (gc.collect(), f())[1])
print([f() for f in table])


def apply(*functions, **named):
    gc.collect()
    return [f() for f in functions], [named[name]() for name in sorted(named)]


print(apply(lambda: 1, *tuple([lambda: 2, lambda: 3]), **{"b": lambda: 5, "a": lambda: 4}))
print([f() for f in tuple(map(lambda f: (gc.collect(), f)[1], [lambda: 6, lambda: 7]))])
print([f() for f in [(lambda: 8), (gc.collect(), lambda: 9)[1]]])
print({"f": lambda: 10, "n": gc.collect() >= 0}["f"]())


def default(f=lambda: 11):
    gc.collect()
    return f()


print(default())
default.__defaults__ = (lambda: 12,)
gc.collect()
print(default())


# A hot loop whose callee goes away.
def hot(f, n):
    s = 0
    for i in range(n):
        s += f(i)
    return s


for turn in range(20):
    print(hot(lambda x: x + turn, 300), end=" ")
    gc.collect()
print()


def raising():
    raise ValueError("x")


try:
    raising()
except ValueError as e:
    kept = e
del raising
gc.collect()
print(kept.__traceback__ is not None, repr(kept))
