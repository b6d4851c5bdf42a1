# A temporary that lives at the loop's head and dies in its body holds a constant object: its reference is
# given up once.


def go(items):
    total = 0
    for i in range(-3, 147):
        n = 0
        while n < 2 and (372934287774188047471876698900 >= -1073741824):
            n += 1
            first, *rest = items
            total += len(rest)
    return total


def words(items):
    total = 0
    for w in items:
        n = 0
        while n < 3 and ("a text that is a constant" >= w):
            n += 1
            total += len(w)
    return total


for k in range(12):
    print(go([1, 2, 3, 4]), words(["a", "b", "aa", "zz", ""] * 30))
