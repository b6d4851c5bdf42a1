# Bytes: literals, and what all sequences do. Methods come with the library.
print(b"", b"abc", b'a"b', b"a'b", b"\x00\xff\n\t\\", rb"\x41", b"a" b"b")
print(len(b"abc"), b"abc"[1], b"abc"[-1], b"abcdef"[1:5:2], b"ab" + b"cd", b"ab" * 3)
print(b"a" == b"a", b"a" < b"b", b"a" == "a", 97 in b"abc", b"bc" in b"abcd")
print([x for x in b"xyz"], list(b"\x01\x02"), hash(b"a") == hash(b"a"), {b"k": 1}[b"k"])
print(bool(b""), bool(b"0"), type(b""), isinstance(b"", bytes), repr(b"q"), str(b"q"), f"{b'z'!r}")
print(b"abc".decode(), "äö".encode(), "äö".encode("latin-1"), bytes([1, 2]), bytes(3))
total = 0
for i in range(200):
    total += b"hot loop"[i % 8]
print(total)


def failing(f):
    try:
        f()
    except Exception as e:
        print(type(e).__name__, e)


failing(lambda: b"a" + "b")
failing(lambda: b"abc"[5])
failing(lambda: b"a" < "a")
failing(lambda: "x" in b"xyz")
