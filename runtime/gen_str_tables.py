#!/usr/bin/env python3.11
"""Writes runtime/str_tables.h: what CPython 3.11 knows of characters and utf8proc does not tell.

Run at the root with a CPython 3.11 (its unicodedata is Unicode 14.0), then clang-format.  The
ranges are differences to the general category, which comes from utf8proc.
"""
import unicodedata

EVERY = [c for c in range(0x110000)]


def category(c):
    return unicodedata.category(chr(c))


def ranges(name, wanted):
    out, start = [], None
    for c in EVERY + [0x110000]:
        inside = c < 0x110000 and wanted(c)
        if inside and start is None:
            start = c
        elif not inside and start is not None:
            out.append((start, c - 1))
            start = None
    text = ["static const CharRange %s[] = {" % name]
    line = "   "
    for low, high in out:
        item = " {0x%X, 0x%X}," % (low, high)
        if len(line) + len(item) > 100:
            text.append(line)
            line = "   "
        line += item
    text += [line, "};", ""]
    return "\n".join(text)


def mappings():
    text = ["static const CharMapping full_mappings[] = {"]
    for c in EVERY:
        s = chr(c)
        forms = [s.upper(), s.title(), s.lower() if c != 0x3A3 else "\u03c3"]
        if any(len(f) > 1 for f in forms):
            parts = []
            for f in forms:
                codes = [ord(x) for x in f] + [0, 0, 0]
                parts.append("{%s}" % ", ".join("0x%X" % x for x in codes[:3]))
            text.append("    {0x%X, %s}," % (c, ", ".join(parts)))
    return "\n".join(text + ["};", ""])


LETTERS = ("Lu", "Ll", "Lt", "Lm", "Lo")
with open("runtime/str_tables.h", "w") as f:
    f.write("""/*
 * Tables of characters: differences between CPython 3.11's view and utf8proc's general category.
 *
 * Made by runtime/gen_str_tables.py from the Unicode Character Database 14.0; not edited by hand.
 * Private to runtime/str_chars.c.  Each table is sorted by code.
 */
#ifndef ADDER_RUNTIME_STR_TABLES_H
#define ADDER_RUNTIME_STR_TABLES_H

#include <stdint.h>

typedef struct CharRange {
    uint32_t low, high;
} CharRange;

/* Full case mappings that are not one character; zero-padded. */
typedef struct CharMapping {
    uint32_t code, upper[3], title[3], lower[3];
} CharMapping;

""")
    f.write("/* Lowercase, but not of category Ll. */\n")
    f.write(ranges("lower_extra", lambda c: chr(c).islower() and category(c) != "Ll"))
    f.write("\n/* Uppercase, but not of category Lu. */\n")
    f.write(ranges("upper_extra", lambda c: chr(c).isupper() and category(c) != "Lu"))
    f.write("\n/* Digits, but not decimals. */\n")
    f.write(ranges("digit_extra", lambda c: chr(c).isdigit() and not chr(c).isdecimal()))
    f.write("\n/* Numeric, but of category L. */\n")
    f.write(ranges("numeric_extra",
                   lambda c: chr(c).isnumeric() and category(c) not in ("Nd", "Nl", "No")))
    f.write("\n/* Start of an identifier, but neither letter, Nl nor underscore. */\n")
    f.write(ranges("start_extra", lambda c: chr(c).isidentifier() and c != 95 and
                   category(c) not in LETTERS + ("Nl",)))
    f.write("\n/* Letter or Nl, but no start of an identifier. */\n")
    f.write(ranges("start_lack", lambda c: not chr(c).isidentifier() and
                   category(c) in LETTERS + ("Nl",)))
    part = LETTERS + ("Nl", "Mn", "Mc", "Nd", "Pc")
    f.write("\n/* Part of an identifier, but not of category L, Nl, Mn, Mc, Nd, Pc. */\n")
    f.write(ranges("part_extra", lambda c: ("a" + chr(c)).isidentifier() and
                   category(c) not in part))
    f.write("\n/* Of these categories, but no part of an identifier. */\n")
    f.write(ranges("part_lack", lambda c: not ("a" + chr(c)).isidentifier() and
                   category(c) in part))
    f.write("\n/* Case-ignorable (for the final sigma), but not of category Mn, Me, Cf, Lm, Sk. */\n")
    f.write(ranges("ignorable_extra", lambda c: ("A" + chr(c) + "\u03a3").lower()[-1] == "\u03c2"
                   and not chr(c).isalpha() and not chr(c).islower() and not chr(c).isupper() and
                   category(c) not in ("Mn", "Me", "Cf", "Lm", "Sk") and
                   ("A" + chr(c) + "\u03a3").lower()[-1] !=
                   (" " + chr(c) + "\u03a3").lower()[-1]))
    f.write("\n")
    f.write(mappings())
    f.write("\n#endif\n")
