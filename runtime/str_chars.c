/*
 * What is known of single characters: categories, case mappings, digits.
 *
 * utf8proc gives general categories and simple mappings; runtime/str_tables.h (generated) has what
 * else CPython's str methods look at.
 *
 * Threads: pure functions.
 */
#include "runtime/str_chars.h"

#include <utf8proc.h>

#include "runtime/str_internal.h"
#include "runtime/str_tables.h"

#define IN_TABLE(c, table) in_ranges(c, table, sizeof(table) / sizeof((table)[0]))

static bool in_ranges(uint32_t c, const CharRange *table, size_t count)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (table[middle].high < c) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count && table[low].low <= c;
}

static utf8proc_category_t category(uint32_t c) { return utf8proc_category((utf8proc_int32_t)c); }

bool char_is_space(uint32_t c)
{
    if (c < 0x80) {
        return (c >= 9 && c <= 13) || (c >= 28 && c <= 32);
    }
    return c == 0x85 || c == 0x2028 || c == 0x2029 || category(c) == UTF8PROC_CATEGORY_ZS;
}

bool char_is_line_break(uint32_t c)
{
    return (c >= 10 && c <= 13) || (c >= 28 && c <= 30) || c == 0x85 || c == 0x2028 || c == 0x2029;
}

bool char_is_printable(uint32_t c)
{
    if (c < 0x7F) {
        return c >= 32;
    }
    switch (category(c)) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_ZS: return false;
    default: return true;
    }
}

bool char_is_alpha(uint32_t c)
{
    if (c < 0x80) {
        return (c | 32) >= 'a' && (c | 32) <= 'z';
    }
    utf8proc_category_t k = category(c);
    return k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_LO;
}

bool char_is_decimal(uint32_t c)
{
    return c < 0x80 ? c >= '0' && c <= '9' : category(c) == UTF8PROC_CATEGORY_ND;
}

int char_decimal_value(uint32_t c)
{
    if (c < 0x80) {
        return c >= '0' && c <= '9' ? (int)c - '0' : -1;
    }
    if (!char_is_decimal(c)) {
        return -1;
    }
    /* Decimals come in runs of whole decades. */
    uint32_t start = c;
    while (char_is_decimal(start - 1)) {
        start--;
    }
    return (int)((c - start) % 10);
}

bool char_is_digit(uint32_t c) { return char_is_decimal(c) || IN_TABLE(c, digit_extra); }

bool char_is_numeric(uint32_t c)
{
    if (c < 0x80) {
        return c >= '0' && c <= '9';
    }
    utf8proc_category_t k = category(c);
    return (k >= UTF8PROC_CATEGORY_ND && k <= UTF8PROC_CATEGORY_NO) || IN_TABLE(c, numeric_extra);
}

bool char_is_identifier_start(uint32_t c)
{
    if (c < 0x80) {
        return char_is_alpha(c) || c == '_';
    }
    bool letter = char_is_alpha(c) || category(c) == UTF8PROC_CATEGORY_NL;
    return letter ? !IN_TABLE(c, start_lack) : IN_TABLE(c, start_extra);
}

bool char_is_identifier_part(uint32_t c)
{
    if (c < 0x80) {
        return char_is_alpha(c) || c == '_' || (c >= '0' && c <= '9');
    }
    utf8proc_category_t k = category(c);
    bool part = char_is_alpha(c) || k == UTF8PROC_CATEGORY_NL || k == UTF8PROC_CATEGORY_MN ||
                k == UTF8PROC_CATEGORY_MC || k == UTF8PROC_CATEGORY_ND || k == UTF8PROC_CATEGORY_PC;
    return part ? !IN_TABLE(c, part_lack) : IN_TABLE(c, part_extra);
}

bool char_is_lower(uint32_t c)
{
    if (c < 0x80) {
        return c >= 'a' && c <= 'z';
    }
    return category(c) == UTF8PROC_CATEGORY_LL || IN_TABLE(c, lower_extra);
}

bool char_is_upper(uint32_t c)
{
    if (c < 0x80) {
        return c >= 'A' && c <= 'Z';
    }
    return category(c) == UTF8PROC_CATEGORY_LU || IN_TABLE(c, upper_extra);
}

bool char_is_title(uint32_t c) { return c >= 0x80 && category(c) == UTF8PROC_CATEGORY_LT; }

bool char_is_case_ignorable(uint32_t c)
{
    switch (category(c)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK: return true;
    default: return IN_TABLE(c, ignorable_extra);
    }
}

static const CharMapping *full_mapping(uint32_t c)
{
    size_t low = 0, high = sizeof full_mappings / sizeof full_mappings[0];
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (full_mappings[middle].code == c) {
            return &full_mappings[middle];
        }
        if (full_mappings[middle].code < c) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

static int copy_mapping(const uint32_t from[3], uint32_t out[3])
{
    int n = 0;
    while (n < 3 && (n == 0 || from[n] != 0)) {
        out[n] = from[n];
        n++;
    }
    return n;
}

int char_to_upper(uint32_t c, uint32_t out[3])
{
    if (c < 0x80) {
        out[0] = c >= 'a' && c <= 'z' ? c - 32 : c;
        return 1;
    }
    const CharMapping *m = full_mapping(c);
    if (m != NULL) {
        return copy_mapping(m->upper, out);
    }
    out[0] = (uint32_t)utf8proc_toupper((utf8proc_int32_t)c);
    return 1;
}

int char_to_title(uint32_t c, uint32_t out[3])
{
    if (c < 0x80) {
        return char_to_upper(c, out);
    }
    const CharMapping *m = full_mapping(c);
    if (m != NULL) {
        return copy_mapping(m->title, out);
    }
    out[0] = (uint32_t)utf8proc_totitle((utf8proc_int32_t)c);
    return 1;
}

int char_to_lower(uint32_t c, uint32_t out[3])
{
    if (c < 0x80) {
        out[0] = c >= 'A' && c <= 'Z' ? c + 32 : c;
        return 1;
    }
    const CharMapping *m = full_mapping(c);
    if (m != NULL) {
        return copy_mapping(m->lower, out);
    }
    out[0] = (uint32_t)utf8proc_tolower((utf8proc_int32_t)c);
    return 1;
}

int char_to_folded(uint32_t c, uint32_t out[3])
{
    if (c < 0x80) {
        return char_to_lower(c, out);
    }
    utf8proc_int32_t folded[4];
    utf8proc_ssize_t n =
        utf8proc_decompose_char((utf8proc_int32_t)c, folded, 4, UTF8PROC_CASEFOLD, NULL);
    if (n < 1 || n > 3) {
        out[0] = c;
        return 1;
    }
    for (utf8proc_ssize_t i = 0; i < n; i++) {
        out[i] = (uint32_t)folded[i];
    }
    return (int)n;
}
