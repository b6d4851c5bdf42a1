def area(width, height, *, unit="m"):
    return width * height


print(area(2, 3))
area(2, 3, 4)
