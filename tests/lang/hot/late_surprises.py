# Things that happen for the first time long after a loop was compiled.
def surprise(n, values):
    total = 0
    for i in range(n):
        v = values[i % len(values)]
        try:
            total = total + v
        except TypeError as e:
            total = 0
            print("at", i, e)
    return total


def surprising_index(n):
    a = [1, 2, 3]
    out = 0
    for i in range(n):
        k = 1
        if i == n - 7:
            k = -1
        elif i == n - 6:
            k = True
        elif i == n - 5:
            k = 5
        elif i == n - 4:
            k = "x"
        elif i == n - 3:
            k = 2 ** 70
        elif i == n - 2:
            k = None
        try:
            out += a[k]
        except (IndexError, TypeError) as e:
            print("at", i, type(e).__name__, e)
    return out


def surprising_callee(n):
    def normal(x):
        return x + 1

    total = 0
    f = normal
    for i in range(n):
        if i == n - 4:
            f = lambda x: x * 2.0
        elif i == n - 3:
            f = int
        elif i == n - 2:
            f = lambda: 5
        elif i == n - 1:
            f = None
        try:
            total += f(i)
        except TypeError as e:
            print("at", i, str(e).replace("surprising_callee.<locals>.", ""))
    return total


def surprising_iterable(n):
    total = 0
    for i in range(n):
        items = range(3)
        if i == n - 5:
            items = [1, 2]
        elif i == n - 4:
            items = "ab"
        elif i == n - 3:
            items = {7: 8}
        elif i == n - 2:
            items = ()
        elif i == n - 1:
            items = 5
        try:
            for v in items:
                total += 1 if isinstance(v, str) else v
        except TypeError as e:
            print("at", i, e)
    return total


def surprising_condition(n):
    count = 0
    flag = 1
    for i in range(n):
        if i == n - 6:
            flag = 0.0
        elif i == n - 5:
            flag = [0]
        elif i == n - 4:
            flag = ""
        elif i == n - 3:
            flag = None
        elif i == n - 2:
            flag = 2 ** 70
        if flag:
            count += 1
    return count


def surprising_compare(n):
    count = 0
    limit = 10 ** 6
    for i in range(n):
        if i == n - 6:
            limit = 0.5
        elif i == n - 5:
            limit = 2 ** 80
        elif i == n - 4:
            limit = float("nan")
        elif i == n - 3:
            limit = "x"
        elif i == n - 2:
            limit = True
        try:
            if i < limit:
                count += 1
        except TypeError as e:
            print("at", i, e)
    return count


def list_shrinks(n):
    a = list(range(100))
    total = 0
    for i in range(n):
        if i == n - 50:
            del a[40:]
        try:
            total += a[i % 100]
        except IndexError:
            total -= 1
    return total


print(surprise(2000, [1]), surprise(2000, [1] * 1500 + [2.5]), surprise(2000, [1] * 1500 + ["a"]), surprise(2000, [1] * 1700 + [2 ** 70]), surprise(2000, [1] * 1900 + [None, True]))
print(surprising_index(2000), surprising_callee(2000), surprising_iterable(1500), surprising_condition(2000), surprising_compare(2000), list_shrinks(2000))
