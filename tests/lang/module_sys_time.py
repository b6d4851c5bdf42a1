# args: one two 3
# sys and time as far as programs need them.
import sys
import time
import sys as system, time as clock

print(sys.argv[1:], len(sys.argv), sys.argv[0].endswith("module_sys_time.py"), system is sys)
print(sys.maxsize == 2 ** 63 - 1, sys.byteorder, sys.getrecursionlimit() >= 900, sys.version_info[0], sys.version_info >= (3, 11), isinstance(sys.version, str), isinstance(sys.platform, str))
a = time.time()
b = time.perf_counter()
c = time.monotonic()
d = time.perf_counter_ns()
print(isinstance(a, float), a > 1.6e9, time.perf_counter() >= b, time.monotonic() >= c, isinstance(d, int), time.perf_counter_ns() >= d, time.process_time() >= 0, time.time_ns() > 1)
s = time.perf_counter()
time.sleep(0.01)
print(0.009 < time.perf_counter() - s < 5)
sys.stdout.write("direct\n")
sys.stdout.flush()
try:
    import no_such_module
except ImportError as e:
    print(type(e).__name__, e)
try:
    from sys import no_such_name
except ImportError as e:
    print(type(e).__name__, str(e).split(" (")[0])
try:
    sys.no_such_attribute
except AttributeError as e:
    print("AttributeError", e)
try:
    sys.exit(3)
except SystemExit as e:
    print("SystemExit", e.code)
print(sys.intern("abc") == "abc", type(sys).__name__)
