# assert with and without a message, and its condition.
def check(f):
    try:
        f()
        print("passed")
    except AssertionError as e:
        print("AssertionError", e, e.args)


def a():
    assert 1 == 1


def b():
    assert 1 == 2


def c():
    assert [], "empty %d" % 5


def d():
    assert 0, (1, 2)


def e():
    assert "text", 1 / 0


for f in (a, b, c, d, e):
    check(f)
