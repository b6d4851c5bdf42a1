# Loops in functions that recurse up to the limit: frames that a trace inlines or calls count too.
import sys


def hot_leaf(x):
    return x + 1


def loops_all_the_way(n):
    """Loops near the limit: what a trace inlines counts too."""
    total = 0
    for i in range(100):
        total = hot_leaf(total)
    try:
        return loops_all_the_way(n + 1)
    except RecursionError:
        return n, total


for limit in 1000, 300, 5000:
    sys.setrecursionlimit(limit)
    print(loops_all_the_way(1))
