# Locals that lose their value while a loop is hot, whatever it was.


def deleted(value):
    count = 0
    try:
        for i in range(6):
            b = value
        for c in "abc" + "defgh":
            count += 1
            del b
    except UnboundLocalError as error:
        return count, str(error)


def moved(value, n):
    b = value
    got = 0
    try:
        for i in range(n + 3):
            if i == n:
                del b
            c = b
            got += 1
    except UnboundLocalError as error:
        return got, str(error)


def used(value, n):
    b = value
    got = []
    try:
        for i in range(n + 3):
            got.append(b)
            if i == n:
                del b
    except UnboundLocalError as error:
        return len(got), str(error)


def tested(value, n):
    b = value
    got = 0
    try:
        for i in range(n + 3):
            if b is None or b == 1 or not b:
                got += 1
            if i == n:
                del b
    except UnboundLocalError as error:
        return got, str(error)


def passed(value, n):
    b = value
    got = 0
    try:
        for i in range(n + 3):
            got += len([b, (b,), {i: b}])
            if i == n:
                del b
    except UnboundLocalError as error:
        return got, str(error)


for value in (True, False, None, 1, 2.5, "text", [1], 1 << 80):
    for n in (1, 9, 90):
        print(repr(value), n, deleted(value), moved(value, n), used(value, n), tested(value, n), passed(value, n))
