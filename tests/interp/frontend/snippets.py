EXEC=["x = 1"]
