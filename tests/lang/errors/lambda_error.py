f = lambda v: v.nothing
print(list(map(f, [1, 2])))
