table = [[1, 2], [3]]
total = 0
for row in table:
    total += row[0] + row[1] * 2
