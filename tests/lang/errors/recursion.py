# The same frame again and again is shown three times and counted.
def down(n):
    if n == 0:
        raise ValueError("bottom")
    down(n - 1)


down(50)
