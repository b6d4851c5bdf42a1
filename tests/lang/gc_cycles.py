# Cycles through every container are found; what is referred to stays.
import gc


def marks():
    """How many lists that begin with the mark there are."""
    return len([o for o in gc.get_objects() if type(o) is list and len(o) > 0 and o[0] == "mark"])


def in_list():
    a = ["mark"]
    a.append(a)


def in_dict():
    a = ["mark"]
    d = {"a": a}
    a.append(d)


def in_tuple():
    a = ["mark"]
    a.append((1, (2, a)))


def in_closure():
    a = ["mark"]

    def f():
        return a, f

    a.append(f)


def in_function_attribute():
    a = ["mark"]

    def f():
        return 1

    f.link = a
    a.append(f)


def in_bound_method():
    a = ["mark"]
    a.append(a.append)


def in_iterator():
    a = ["mark"]
    a.append(iter(a))
    a.append(enumerate(a))
    a.append(zip(a, a))
    a.append(reversed(a))


def in_exception():
    a = ["mark"]
    try:
        raise ValueError(a)
    except ValueError as e:
        a.append(e)


def in_slice():
    a = ["mark"]
    a.append(slice(a))


makers = [in_list, in_dict, in_tuple, in_closure, in_function_attribute, in_bound_method, in_iterator,
          in_exception, in_slice]
gc.collect()
gc.disable()
for make in makers:
    for i in range(10):
        make()
    print(make.__name__, marks(), end=" ")
    print(gc.collect() >= 10, marks(), gc.collect())
gc.enable()

kept = ["mark"]
kept.append({"kept": kept})
gc.collect()
print(marks(), kept[1]["kept"] is kept)
del kept
gc.collect()
print(marks())

# A long chain: nothing recurses.
first = last = ["mark"]
for i in range(100000):
    last = [last]
first.append(last)
del first, last
print(gc.collect() >= 100000, marks())

# By itself, without growing for ever.
most = 0
for i in range(200000):
    a = ["mark"]
    a.append(a)
    if i % 1000 == 0 and len(gc.get_objects()) > most:
        most = len(gc.get_objects())
print(most < 150000)
