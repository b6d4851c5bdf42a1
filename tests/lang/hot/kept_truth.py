# `and` and `or` drop a value that was found false, while a loop is recorded.
def f(n):
    out = 0
    for i in range(n):
        a = {i: 1} and {i}
        b = {*()} or [i]
        c = ({} or {1, 2}) and (set() or (i,))
        out += len(a) + len(b) + len(c)
    return out


print(f(300))
