# print: separators, ends, flush, odd values, much output, writing to sys.stdout directly.
import sys

print()
print(1, 2, 3)
print("a", "b", sep="")
print("a", "b", sep="--", end="!\n")
print("no newline", end="")
print()
print(*[1, 2, 3], sep=", ")
print("tab\tnewline\\n", 'quo"te', "\u20ac \u00e9 \U0001F600")
print(None, True, 1.0, [1], (), {}, sep="|")
print("a", sep=None, end=None)
print("x", flush=True)
sys.stdout.write("written\n")
print(sys.stdout.write("abc\n"))
print("to stdout", file=sys.stdout)
for i in range(50):
    print(i, i * i, sep=":", end=" " if i % 10 != 9 else "\n")
print("long " * 500)
try:
    print("a", sep=5)
except TypeError as e:
    print("TypeError", e)
try:
    print("a", foo=5)
except TypeError as e:
    print("TypeError", e)
