# f-strings and format(): conversions, specifications, nesting, alignment of all types.
x = 42
y = 3.14159
s = "text"
print(f"{x} {y} {s} {x + 1} {x * y:.2f} {s!r} {s!s} {s!a} {{}} {x}{y}")
print(f"{x:5d}|{x:<5d}|{x:^5d}|{x:>5d}|{x:05d}|{x:+d}|{x: d}|{x:x}|{x:#x}|{x:b}|{x:#o}|{x:X}|{x:c}|{x:e}|{x:f}|{x:g}|{x:n}|{x:%}")
print(f"{y:f}|{y:.2f}|{y:10.3f}|{y:<10.1f}|{y:^10.2f}|{y:+.1f}|{y:010.2f}|{y:e}|{y:.3e}|{y:g}|{y:.3g}|{y:%}|{y:.1%}|{y:G}|{y:E}")
print(f"{s:10}|{s:<10}|{s:>10}|{s:^10}|{s:*^10}|{s:.2}|{s:5.1}|{s:->8}|{s!r:>10}")
print(f"{1234567:,}|{1234567.891:,.2f}|{1234567:_}|{0xFFFFFF:_x}|{1e10:,}|{-1234:,}|{123:,}|{1234567:15,}|{1234567:015,}")
width = 8
precision = 3
print(f"{y:{width}.{precision}f}|{s:{'*'}^{width}}|{x:{width}}")
print(f"{x=} {y=:.2f} {s=} {x + 1 = } {s=!s}")
print(f"{[1, 2, 3]} {(1,)} { {'a': 1} } {None} {True:d} {True} {[i * i for i in range(4)]} {'nested ' + f'{x}'}")
print(f"{'a' if x > 3 else 'b'} {max(1, x)} {s[1]} {s[::-1]} {len(s)} {(lambda v: v * 2)(4)}")
print(f"a{1}b{2}c" f"d{3}" "e", f"", f"{''}", rf"\n{x}", f"{x!r:^6}|")
print(f"{0.1 + 0.2} {1e16} {-0.0} {float('inf'):8} {float('nan'):.2f} {1e-7} {10 ** 20} {1.0:g} {1.5:} {1e100:.3}")
print(format(42), format(42, "x"), format(3.5, ".3f"), format("a", "5") + "|", format(True), format(None), format([1], ""))
print(f"{0.000123:g} {123456789.0:g} {1e5:g} {0.0001:g} {100000:g} {1234.5:.0f} {0.5:.0f} {1.5:.0f} {2.5:.0f} {1e21:f}")
print(f"{-42:=+8d}|{42:=8d}|{-3.5:=8}|{-42:08d}|{-42:<8d}|{10:#010x}|{10:#b}")
print("{} {} {}".format(1, "a", 2.5), "{0} {1} {0}".format("x", "y"), "{a} {b:>4}".format(a=1, b=2), "{:.2f}|{!r}".format(1.005, "q"))
for action in ((42, "q"), ("a", "d"), (1.5, "d"), ([1], "5"), (42, ".2d"), ("a", "+"), ("a", "="), (42, "s")):
    try:
        print(format(action[0], action[1]))
    except (TypeError, ValueError) as e:
        print(type(e).__name__, e)
