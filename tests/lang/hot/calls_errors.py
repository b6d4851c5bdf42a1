# Exceptions, the recursion limit and clean-up in traces that call traces.
import sys


def depth(n):
    return 1 + depth(n + 1)


def limited(n, most):
    if n == most:
        return n
    return limited(n + 1, most)


def divide(n):
    if n == 0:
        return 1 // 0
    return 1 + divide(n - 1)


def caught(n):
    if n == 0:
        return 0
    try:
        return 1 // (n % 5) + caught(n - 1)
    except ZeroDivisionError:
        return 1000 + caught(n - 1)


def cleanup(n, log):
    if n == 0:
        raise ValueError("bottom")
    try:
        return cleanup(n - 1, log)
    finally:
        log.append(n)


def endless(n):
    return endless(n + 1) if n % 2 == 0 else endless(n + 3)


def pair_a(n):
    return pair_b(n) + 1


def pair_b(n):
    return pair_a(n) + 1


for turn in range(30):
    try:
        depth(0)
    except RecursionError as error:
        message = str(error)
print(message)

for turn in range(40):
    try:
        divide(turn)
    except ZeroDivisionError as error:
        frames = 0
        traceback = error.__traceback__
print(error if False else "divided")

print(caught(100), [caught(i) for i in range(12)])
for turn in range(20):
    log = []
    try:
        cleanup(20, log)
    except ValueError as error:
        text = str(error)
print(text, log)

reached = [0]


def count(n):
    reached[0] = n
    count(n + 1)


depths = []
for turn in range(12):
    try:
        count(0)
    except RecursionError:
        depths.append(reached[0])
print(len(set(depths)), depths[0] == depths[-1])

for turn in range(10):
    for f in (endless, pair_a):
        try:
            f(0)
        except RecursionError as error:
            print(error, end=" ")
print()

sys.setrecursionlimit(20000)
print(limited(0, 15000), limited(0, 100), limited(0, 19000))
for turn in range(5):
    print(limited(0, 9000 + turn), end=" ")
print()
sys.setrecursionlimit(150)
try:
    limited(0, 500)
except RecursionError as error:
    print("limit", error)
