# The % operator of strings: conversions, flags, widths, precisions, mappings, errors.
print("%d %i %u" % (5, -5, 7), "%5d|%-5d|%05d|%+d|% d" % (42, 42, 42, 42, 42), "%x %X %o %#x %#o" % (255, 255, 8, 255, 8))
print("%s %r %a" % ("a\n", "a\n", "\u20ac"), "%10s|%-10s|%.2s" % ("abc", "abc", "abc"), "%c%c" % ("x", 65), "%%" % ())
print("%f %.2f %10.3f|%-10.1f|%+.1f|%010.2f" % (1.5, 3.14159, 2.71828, 9.99, 1.0, -3.14159))
print("%e %.3e %E %g %g %g %G %.3g" % (12345.678, 0.00012345, 1e10, 1e-5, 100000.0, 1e6, 1e-10, 1234.5))
print("%.0f %.0f %.0f %.0f" % (0.5, 1.5, 2.5, 1e20), "%.9f" % 0.1, "%.20f" % 0.1, "%.0e" % 12345.0, "%#.0f" % 1.0)
print("%f %f %f" % (float("inf"), float("-inf"), float("nan")), "%5.1f|" % float("nan"), "%d" % 3.99, "%d" % -3.99)
print("%d" % 10 ** 30, "%x" % (2 ** 70), "%d" % True, "%s" % None, "%s" % [1, "a"], "%s" % 1.0, "%r" % 1e16)
print("%s and %s" % ("one", (1, 2)), "%s" % ((1, 2),), "%(a)s-%(b)d" % {"a": "x", "b": 3}, "%*d|%-*d|%.*f" % (5, 42, 5, 42, 2, 3.14159))
print("%5s%%" % 50, "100%%" % (), "no conversion" % ())
for action in (("%d", "x"), ("%d %d", (1,)), ("%d", (1, 2)), ("%q", 1), ("%", 1), ("%(a)s", 1), ("%(a)s", {}), ("%c", "ab"), ("%c", -1), ("%x", 1.5), ("%f", "x")):
    try:
        print(action[0] % action[1])
    except (TypeError, ValueError, KeyError, OverflowError) as e:
        print(type(e).__name__, e)
