# A fault in a nested call: each frame with its line and the part of it that was running.
def inner(a, b):
    return a + b / (a - a)


def outer(x):
    y = x * 2
    return inner(x, y) + 1


print("before")
outer(5)
print("not reached")
