matrix = [[1, 2], [3, 4]]
i = 1
j = 5
print(matrix[i][j] + matrix[0][0])
