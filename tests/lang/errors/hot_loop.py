# Raised in a loop that has long been compiled: the line must still be right.
def average(values, limit):
    total = 0
    for i in range(limit):
        total += values[i]
        total -= i // 2
    return total / limit


data = list(range(3000))
print(average(data, 3000))
print(average(data, 3001))
