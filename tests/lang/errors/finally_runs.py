def work():
    try:
        print("working")
        [].pop()
    finally:
        print("cleaning up")


work()
