# Methods of strings.
s = "  Hello, World  "
print(repr(s.strip()), repr(s.lstrip()), repr(s.rstrip()), s.upper(), s.lower(), s.swapcase(), s.title(), "hello".capitalize())
print("xxabcxx".strip("x"), "abcba".strip("ab"), "abc".lstrip("a"), "abc".rstrip("c"), repr("\t\n x \r".strip()))
print("a,b,,c".split(","), "a b  c ".split(), "a b c d".split(" ", 2), "".split(), "".split(","), "abc".split("abc"), "a,b,c".rsplit(",", 1))
print("one\ntwo\r\nthree".splitlines(), "a\nb\n".splitlines(True), "k=v=w".partition("="), "k=v=w".rpartition("="), "kv".partition("="))
print("hello".find("l"), "hello".rfind("l"), "hello".find("z"), "hello".find("l", 3), "hello".find("l", 0, 2), "hello".index("e"), "hello".count("l"), "aaaa".count("aa"), "abc".count(""))
print("hello".replace("l", "L"), "hello".replace("l", "L", 1), "abc".replace("", "-"), "aaa".replace("a", ""), "hello".startswith("he"), "hello".endswith("lo"), "hello".startswith(("x", "h")), "hello".startswith("l", 2), "hello".endswith("l", 0, 4))
print("abc".isalpha(), "abc1".isalnum(), "123".isdigit(), "12.3".isdigit(), " \t".isspace(), "ABC".isupper(), "abc".islower(), "".isalpha(), "Abc Def".istitle(), "a_1".isidentifier(), "1a".isidentifier(), "\u0661".isdigit(), "12".isdecimal(), "\xbd".isnumeric())
print("abc".center(9, "*"), "abc".ljust(6) + "|", "abc".rjust(6, "."), "42".zfill(5), "-42".zfill(5), "+1".zfill(4), "abc".center(2), "a".center(4), "ab".center(5, "-"))
print("a\tb\tc".expandtabs(4), "abc".encode() == "abc".encode("utf-8"), "pre-fix".removeprefix("pre-"), "suf.fix".removesuffix(".fix"), "Stra\xdfe".casefold(), "\xc0\xc9".lower(), "\xe0\u0137".upper(), "\u01c6".title())
print("abcabc".translate({97: "X", 98: None, 99: 68}), "x".join(["1", "2", "3"]), "hello world foo".title(), "they're".title())
print("%s" % "a".upper(), "abc".index("c"), "ab\ncd".split("\n"), "1,2,3".split(",")[1], " a  b ".split(" "))
for action in (lambda: "abc".index("z"), lambda: "abc".rindex("z"), lambda: "a".split(""), lambda: "a".center("b"), lambda: "a".join(5), lambda: "abc".replace(1, 2), lambda: "a".foo(), lambda: "a".find(), lambda: "a".ljust(5, "ab")):
    try:
        print(action())
    except (ValueError, TypeError, AttributeError) as e:
        print(type(e).__name__, e)
