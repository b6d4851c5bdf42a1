# status: 7
# sys.exit inside functions and try/finally: the status, and that finally runs.
import sys


def leave():
    try:
        sys.exit(7)
    finally:
        print("cleanup")


print("before")
try:
    leave()
except Exception:
    print("not reached: SystemExit is no Exception")
print("not reached")
