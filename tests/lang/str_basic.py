# Strings: literals, indexing, slices, repetition, comparison, membership, repr, iteration.
s = "hello world"
print(s[0], s[-1], s[4:], s[:4], s[2:8], s[-5:], s[:-6], s[::2], s[::-1], s[8:2:-2], s[100:], s[-100:3], s[3:3] + "|")
print(s + "!", s * 2, 2 * "ab", "ab" * 0, "ab" * -1, "a" "b", len(s), "world" in s, "x" not in s, "" in s)
print("a" < "b", "a" < "B", "abc" < "abd", "ab" < "abc", "" < "a", "a" == "a", "a" != "b", "b" > "a", "Z" <= "a")
print(repr("a'b"), repr('a"b'), repr("a'b\"c"), repr("tab\t nl\n cr\r bs\\ nul\0 esc\x1b del\x7f"), repr("\u20ac\xe9\u0301"), repr("\ud800"))
print('single', "double", '''triple ' " quote''', """multi
line""", r"raw\n", "\x41\u0042\U00000043\103\u2022", "line \
continued")
print(len("\u20ac"), len("\U0001F600"), "\U0001F600"[0] == "\U0001F600", ord("\U0001F600"), "a\U0001F600b"[2], "\xe9\u20ac"[::-1])
for c in "abc\u20ac":
    print(c, ord(c), end=";")
print()
print([c for c in "xyz"], list("abc"), tuple("ab"), sorted("hello"), "".join(["a", "b"]), "-".join("abc"), ", ".join([]))
try:
    s[11]
except IndexError as e:
    print("IndexError", e)
try:
    s["a"]
except TypeError as e:
    print("TypeError", e)
try:
    s + 1
except TypeError as e:
    print("TypeError", e)
try:
    1 + s
except TypeError as e:
    print("TypeError", e)
try:
    s[0] = "x"
except TypeError as e:
    print("TypeError", e)
try:
    "a" * "b"
except TypeError as e:
    print("TypeError", e)
try:
    ",".join([1, 2])
except TypeError as e:
    print("TypeError", e)
print(str(1) + str(None) + str(True) + str([1, "a"]), hash("a") == hash("a"), min("hello"), max("hello"))
t = ""
for i in range(300):
    t += chr(97 + i % 26)
print(t, len(t))
