# A name that is nearly one that exists.
counter = 5
print(countr)
