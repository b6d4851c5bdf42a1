# Tuples within tuples that a trace never makes: an exit does; side traces do not grow there.
def nested(i, v):
    p = ((i, v), v)
    if i % 3:
        return len(p[0][1])
    return p[0][0] + len(p[1])


def nested_cell(i, v):
    p = (i, v)

    def get():
        return p

    if i % 3:
        return get()[0]
    q = (get, p)
    return len(q[0]()[1]) + len(q[1])


total = 0
for i in range(400):
    total += nested(i, "ab") + nested_cell(i, [i])
print(total)
