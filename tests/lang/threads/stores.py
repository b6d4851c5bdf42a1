# Threads store numbers and objects into the same slots of shared lists, while others grow, clear and slice them.
import _thread
import time

SLOTS = 8
ROUNDS = 150000
done = []


# Every thread has a slot of its own: what it stores is there until it stores again, whoever moves the table.
own = [0] * SLOTS


def keeper(k):
    lost = 0
    for i in range(ROUNDS):
        if own[k] != i:
            lost += 1
        own[k] = i + 1
    done.append(("own", k, lost, own[k]))


# The same for what changes between numbers and objects, and among kinds of numbers.
def changer(k):
    lost = 0
    for i in range(ROUNDS):
        if i % 64 == 0:
            own[k] = [i]
            if own[k][0] != i:
                lost += 1
        elif i % 5 == 0:
            own[k] = i * 0.5
            if own[k] != i * 0.5:
                lost += 1
        else:
            own[k] = i
            if own[k] != i:
                lost += 1
    own[k] = ROUNDS
    done.append(("changes", k, lost, own[k]))


# Slots that several threads write: one finds what one of them has stored.
common = [0] * SLOTS


def numbers(name, k):
    bad = 0
    for i in range(ROUNDS):
        common[i & 7] = k
        v = common[(i + 3) & 7]
        if v != 1 and v != 2.5 and v != 0 and v[0] != v[1]:
            bad += 1
    done.append((name, 0, bad, 0))


def objects():
    bad = 0
    for i in range(ROUNDS // 4):
        common[i & 7] = [i, i]
        v = common[(i + 5) & 7]
        if v != 1 and v != 2.5 and v != 0 and v[0] != v[1]:
            bad += 1
        if i % 3 == 0:
            common[i & 7] = 0
    done.append(("objects", 0, bad, 0))


# Moves the tables: the first SLOTS items stay what they are.
def mover():
    bad = 0
    for i in range(ROUNDS // 20):
        own.append(-1)
        common.append(0)
        part = own[SLOTS:]
        for v in part:
            if v != -1:
                bad += 1
        own.insert(SLOTS, -1)
        common.insert(SLOTS, 0)
        if i % 16 == 15:
            own[SLOTS:] = []
            del common[SLOTS:]
    own[SLOTS:] = []
    del common[SLOTS:]
    done.append(("moves", 0, bad, 0))


# A list that comes and goes under a thread that stores into it.
vanishing = [0] * SLOTS


def clearer():
    bad = 0
    for i in range(ROUNDS // 20):
        vanishing.clear()
        if len(vanishing) != 0:
            bad += 1
        vanishing.extend((0, 0, 0, 0))
        vanishing.append(0)
        vanishing.append(0)
        vanishing.append(0)
        vanishing.append(0)
        if len(vanishing) != SLOTS:
            bad += 1
    for v in vanishing[1:]:
        if v != 0 and v != 1 and v != 2:
            bad += 1
    vanishing[0] = "end"
    done.append(("clears", 0, bad, 0))


def start(work):
    done.clear()
    for function, arguments in work:
        _thread.start_new_thread(function, arguments)
    while len(done) < len(work):
        time.sleep(0.001)
    print(sorted(done))


start([(keeper, (0,)), (keeper, (1,)), (changer, (2,)), (mover, ())])
print(own[:4], len(own))
start([(numbers, ("ints", 1)), (numbers, ("floats", 2.5)), (objects, ()), (mover, ())])
print(len(common))


# What is empty for a moment is asked again.
def first():
    try:
        return vanishing[0]
    except IndexError:
        return 0


def store_while_it_vanishes(k):
    stored = 0
    while first() != "end":
        try:
            for i in range(1, SLOTS):
                vanishing[i] = k
                stored += 1
        except IndexError:
            pass
    done.append(("stored", k, 0, stored >= 0))


start([(store_while_it_vanishes, (1,)), (store_while_it_vanishes, (2,)), (clearer, ())])
print(len(vanishing), vanishing[0])
