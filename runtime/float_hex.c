/*
 * Float hex: float.hex() and float.fromhex().
 *
 * fromhex gathers up to 60 significant bits and a sticky bit, and rounds once.
 *
 * Threads: any.
 */
#include "runtime/float_hex.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

size_t float_to_hex(double d, char *out)
{
    if (!isfinite(d)) {
        return float_repr(d, out);
    }
    uint64_t bits = bits_from_double(d);
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    int biased = (int)(bits >> 52 & 0x7FF);
    const char *sign = bits >> 63 != 0 ? "-" : "";
    if (biased == 0 && fraction == 0) {
        return (size_t)snprintf(out, FLOAT_REPR_MAX, "%s0x0.0p+0", sign);
    }
    return (size_t)snprintf(out, FLOAT_REPR_MAX, "%s0x%d.%013llxp%+d", sign, biased != 0,
                            (unsigned long long)fraction, biased == 0 ? -1022 : biased - 1023);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* The leading bits of a hexadecimal number: value = bits * 2^exponent, sticky bit included. */
typedef struct HexDigits {
    uint64_t bits;
    int64_t exponent;
    bool any;
} HexDigits;

static const char *read_digits(const char *p, HexDigits *h, bool fraction)
{
    for (int digit; (digit = hex_value(*p)) >= 0; p++) {
        h->any = true;
        if (h->bits >> 60 == 0) {
            h->bits = h->bits << 4 | (unsigned)digit;
            h->exponent -= fraction ? 4 : 0;
        } else {
            h->bits |= digit != 0;
            h->exponent += fraction ? 0 : 4;
        }
    }
    return p;
}

/* bits * 2^exponent with one rounding, ties to even. */
static double scaled(uint64_t bits, int64_t exponent)
{
    if (bits == 0) {
        return 0.0;
    }
    int64_t length = 64 - __builtin_clzll(bits);
    if (length + exponent > 1024) {
        return INFINITY;
    }
    int64_t lowest = length + exponent - 53; /* place of the last bit that a double keeps */
    lowest = lowest < -1074 ? -1074 : lowest;
    int64_t cut = lowest - exponent;
    if (cut > 0) {
        if (cut > 64) {
            return 0.0;
        }
        uint64_t half = UINT64_C(1) << (cut - 1);
        uint64_t low = bits & (half | (half - 1));
        bits = cut == 64 ? 0 : bits >> cut;
        bits += low > half || (low == half && (bits & 1) != 0);
        exponent = lowest;
    }
    return ldexp((double)bits, (int)exponent);
}

static const char *read_exponent(const char *p, int64_t *out)
{
    bool negative = *p == '-';
    p += *p == '-' || *p == '+';
    if (*p < '0' || *p > '9') {
        return NULL;
    }
    int64_t exponent = 0;
    for (; *p >= '0' && *p <= '9'; p++) {
        exponent = exponent < INT64_C(1) << 40 ? exponent * 10 + (*p - '0') : exponent;
    }
    *out = negative ? -exponent : exponent;
    return p;
}

static const char *skip_word(const char *p, const char *word)
{
    for (; *word != '\0'; p++, word++) {
        if ((*p | 0x20) != *word) {
            return NULL;
        }
    }
    return p;
}

static const char *read_special(const char *p, double *out)
{
    static const struct {
        const char *word;
        double value;
    } specials[] = {{"infinity", INFINITY}, {"inf", INFINITY}, {"nan", NAN}};
    for (int i = 0; i < 3; i++) {
        const char *end = skip_word(p, specials[i].word);
        if (end != NULL) {
            *out = specials[i].value;
            return end;
        }
    }
    return NULL;
}

static const char *read_number(const char *p, double *out)
{
    if (p[0] == '0' && (p[1] | 0x20) == 'x') {
        p += 2;
    }
    HexDigits h = {0, 0, false};
    p = read_digits(p, &h, false);
    if (*p == '.') {
        p = read_digits(p + 1, &h, true);
    }
    if (!h.any) {
        return NULL;
    }
    int64_t exponent = 0;
    if ((*p | 0x20) == 'p') {
        p = read_exponent(p + 1, &exponent);
        if (p == NULL) {
            return NULL;
        }
    }
    *out = scaled(h.bits, h.exponent + exponent);
    return p;
}

HexResult float_from_hex(const char *text, double *out)
{
    const char *p = text;
    while (is_space(*p)) {
        p++;
    }
    bool negative = *p == '-';
    p += *p == '-' || *p == '+';
    double d;
    const char *end = read_special(p, &d);
    bool special = end != NULL;
    if (!special) {
        end = read_number(p, &d);
    }
    if (end == NULL) {
        return HEX_INVALID;
    }
    while (is_space(*end)) {
        end++;
    }
    if (*end != '\0') {
        return HEX_INVALID;
    }
    if (isinf(d) && !special) {
        return HEX_TOO_LARGE;
    }
    *out = negative ? -d : d;
    return HEX_OK;
}
