/*
 * Methods about case and kinds of characters: upper, lower, title, isalpha, isidentifier, ...
 *
 * ASCII text takes a short way; other text goes character by character through the full Unicode
 * mappings, which may make it longer.
 *
 * Threads: any.
 */
#include "runtime/str_chars.h"
#include "runtime/str_internal.h"

typedef int (*CharMapper)(uint32_t c, uint32_t out[3]);

static void append_mapped(StrBuilder *b, const uint32_t out[3], int n)
{
    for (int i = 0; i < n; i++) {
        str_builder_char(b, out[i]);
    }
}

/* Is the sigma at i the last letter of a word? */
static bool is_final_sigma(const Str *s, int64_t i)
{
    int64_t before = i - 1, after = i + 1;
    while (before >= 0 && char_is_case_ignorable(str_char_at(s, before))) {
        before--;
    }
    if (before < 0) {
        return false;
    }
    uint32_t c = str_char_at(s, before);
    if (!char_is_lower(c) && !char_is_upper(c) && !char_is_title(c)) {
        return false;
    }
    while (after < s->length && char_is_case_ignorable(str_char_at(s, after))) {
        after++;
    }
    if (after == s->length) {
        return true;
    }
    c = str_char_at(s, after);
    return !char_is_lower(c) && !char_is_upper(c) && !char_is_title(c);
}

static void append_lower(StrBuilder *b, const Str *s, int64_t i)
{
    uint32_t c = str_char_at(s, i), out[3];
    if (c == 0x3A3) {
        str_builder_char(b, is_final_sigma(s, i) ? 0x3C2 : 0x3C3);
        return;
    }
    append_mapped(b, out, char_to_lower(c, out));
}

static Value map_ascii(Thread *th, const Str *s, CharMapper map)
{
    if (s->length == 0) {
        return str_empty();
    }
    Value v = str_new(th, s->length, 0x7F);
    if (v != VALUE_ABSENT) {
        uint8_t *to = value_str(v)->data;
        for (int64_t i = 0; i < s->length; i++) {
            uint32_t out[3];
            map(s->data[i], out);
            to[i] = (uint8_t)out[0];
        }
    }
    return v;
}

static Value map_text(Thread *th, Value self, CharMapper map)
{
    const Str *s = value_str(self);
    if (s->ascii) {
        return map_ascii(th, s, map);
    }
    StrBuilder b;
    str_builder_init(&b);
    for (int64_t i = 0; i < s->length; i++) {
        uint32_t out[3];
        append_mapped(&b, out, map(str_char_at(s, i), out));
    }
    return str_builder_finish(th, &b);
}

STR_NATIVE(upper)
{
    (void)nargs;
    (void)kwnames;
    return str_self(th, args[0], "upper") ? map_text(th, args[0], char_to_upper) : VALUE_ABSENT;
}

STR_NATIVE(casefold)
{
    (void)nargs;
    (void)kwnames;
    return str_self(th, args[0], "casefold") ? map_text(th, args[0], char_to_folded) : VALUE_ABSENT;
}

STR_NATIVE(lower)
{
    (void)nargs;
    (void)kwnames;
    if (!str_self(th, args[0], "lower")) {
        return VALUE_ABSENT;
    }
    const Str *s = value_str(args[0]);
    if (s->ascii) {
        return map_ascii(th, s, char_to_lower);
    }
    StrBuilder b;
    str_builder_init(&b);
    for (int64_t i = 0; i < s->length; i++) {
        append_lower(&b, s, i);
    }
    return str_builder_finish(th, &b);
}

STR_NATIVE(swapcase)
{
    (void)nargs;
    (void)kwnames;
    if (!str_self(th, args[0], "swapcase")) {
        return VALUE_ABSENT;
    }
    const Str *s = value_str(args[0]);
    StrBuilder b;
    str_builder_init(&b);
    for (int64_t i = 0; i < s->length; i++) {
        uint32_t c = str_char_at(s, i), out[3];
        if (char_is_upper(c)) {
            append_lower(&b, s, i);
        } else if (char_is_lower(c)) {
            append_mapped(&b, out, char_to_upper(c, out));
        } else {
            str_builder_char(&b, c);
        }
    }
    return str_builder_finish(th, &b);
}

STR_NATIVE(capitalize)
{
    (void)nargs;
    (void)kwnames;
    if (!str_self(th, args[0], "capitalize")) {
        return VALUE_ABSENT;
    }
    const Str *s = value_str(args[0]);
    StrBuilder b;
    str_builder_init(&b);
    for (int64_t i = 0; i < s->length; i++) {
        uint32_t out[3];
        if (i == 0) {
            append_mapped(&b, out, char_to_title(str_char_at(s, 0), out));
        } else {
            append_lower(&b, s, i);
        }
    }
    return str_builder_finish(th, &b);
}

static bool is_cased(uint32_t c)
{
    return char_is_lower(c) || char_is_upper(c) || char_is_title(c);
}

STR_NATIVE(title)
{
    (void)nargs;
    (void)kwnames;
    if (!str_self(th, args[0], "title")) {
        return VALUE_ABSENT;
    }
    const Str *s = value_str(args[0]);
    StrBuilder b;
    str_builder_init(&b);
    bool inside = false;
    for (int64_t i = 0; i < s->length; i++) {
        uint32_t c = str_char_at(s, i), out[3];
        if (inside) {
            append_lower(&b, s, i);
        } else {
            append_mapped(&b, out, char_to_title(c, out));
        }
        inside = is_cased(c);
    }
    return str_builder_finish(th, &b);
}

/* At least one cased character, and none that bad() refuses. */
static Value all_cased(Thread *th, Value self, const char *method, bool upper)
{
    if (!str_self(th, self, method)) {
        return VALUE_ABSENT;
    }
    const Str *s = value_str(self);
    bool cased = false;
    for (int64_t i = 0; i < s->length; i++) {
        uint32_t c = str_char_at(s, i);
        if ((upper ? char_is_lower(c) : char_is_upper(c)) || char_is_title(c)) {
            return VALUE_FALSE;
        }
        cased = cased || (upper ? char_is_upper(c) : char_is_lower(c));
    }
    return value_from_bool(cased);
}

STR_NATIVE(isupper)
{
    (void)nargs;
    (void)kwnames;
    return all_cased(th, args[0], "isupper", true);
}

STR_NATIVE(islower)
{
    (void)nargs;
    (void)kwnames;
    return all_cased(th, args[0], "islower", false);
}

STR_NATIVE(istitle)
{
    (void)nargs;
    (void)kwnames;
    if (!str_self(th, args[0], "istitle")) {
        return VALUE_ABSENT;
    }
    const Str *s = value_str(args[0]);
    bool cased = false, inside = false;
    for (int64_t i = 0; i < s->length; i++) {
        uint32_t c = str_char_at(s, i);
        if (char_is_upper(c) || char_is_title(c)) {
            if (inside) {
                return VALUE_FALSE;
            }
            inside = cased = true;
        } else if (char_is_lower(c)) {
            if (!inside) {
                return VALUE_FALSE;
            }
            cased = true;
        } else {
            inside = false;
        }
    }
    return value_from_bool(cased);
}

static Value all_chars(Thread *th, Value self, const char *method, bool (*test)(uint32_t c),
                       bool when_empty)
{
    if (!str_self(th, self, method)) {
        return VALUE_ABSENT;
    }
    const Str *s = value_str(self);
    for (int64_t i = 0; i < s->length; i++) {
        if (!test(str_char_at(s, i))) {
            return VALUE_FALSE;
        }
    }
    return value_from_bool(s->length > 0 || when_empty);
}

static bool char_is_alnum(uint32_t c) { return char_is_alpha(c) || char_is_numeric(c); }
static bool char_is_ascii(uint32_t c) { return c < 0x80; }

#define CHAR_TEST(name, test, when_empty)                       \
    STR_NATIVE(name)                                            \
    {                                                           \
        (void)nargs;                                            \
        (void)kwnames;                                          \
        return all_chars(th, args[0], #name, test, when_empty); \
    }
CHAR_TEST(isalpha, char_is_alpha, false)
CHAR_TEST(isalnum, char_is_alnum, false)
CHAR_TEST(isdecimal, char_is_decimal, false)
CHAR_TEST(isdigit, char_is_digit, false)
CHAR_TEST(isnumeric, char_is_numeric, false)
CHAR_TEST(isspace, char_is_space, false)
CHAR_TEST(isprintable, char_is_printable, true)
CHAR_TEST(isascii, char_is_ascii, true)

STR_NATIVE(isidentifier)
{
    (void)nargs;
    (void)kwnames;
    if (!str_self(th, args[0], "isidentifier")) {
        return VALUE_ABSENT;
    }
    const Str *s = value_str(args[0]);
    if (s->length == 0 || !char_is_identifier_start(str_char_at(s, 0))) {
        return VALUE_FALSE;
    }
    for (int64_t i = 1; i < s->length; i++) {
        if (!char_is_identifier_part(str_char_at(s, i))) {
            return VALUE_FALSE;
        }
    }
    return VALUE_TRUE;
}
