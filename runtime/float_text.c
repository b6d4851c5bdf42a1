/*
 * Float text: shortest repr, parsing, and the printf-like conversions.
 *
 * Digits come from glibc, whose printf and strtod are exact for every precision (round half even on
 * the binary value).  Shortest: the fewest digits that read back as the same double.  With 15 digits
 * or fewer that read back, the 15-digit text without its zeros is the shortest; else 16 digits, else
 * 17.  Two corrections make this the result of Gay's mode 0: subnormals have fewer than 15 good
 * digits, so all lengths are tried; and below a power of two the gap is half as wide as above, so
 * the nearest n-digit text may fail where its upper neighbour reads back.
 *
 * The C locale is never changed, so the decimal point is '.'.
 *
 * Threads: pure functions.
 */
#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/float.h"
#include "runtime/int_internal.h"
#include "runtime/memory.h"

enum { DIGITS_MAX = 17, DIGITS_SURE = 15, SCIENTIFIC_TEXT = 40 };

/* Decimal digits d.ddd * 10^exponent of a positive finite double. */
typedef struct Decimal {
    char digits[DIGITS_MAX + 1];
    int count;
    int exponent; /* of the first digit */
} Decimal;

static double decimal_value(const Decimal *d)
{
    char text[SCIENTIFIC_TEXT];
    snprintf(text, sizeof text, "%c.%se%d", d->digits[0], d->digits + 1, d->exponent);
    return strtod(text, NULL);
}

static void nearest_decimal(double x, int count, Decimal *out)
{
    char text[SCIENTIFIC_TEXT];
    snprintf(text, sizeof text, "%.*e", count - 1, x);
    char *e = strchr(text, 'e');
    out->digits[0] = text[0];
    if (count > 1) {
        memcpy(out->digits + 1, text + 2, (size_t)count - 1);
    }
    out->digits[count] = '\0';
    out->count = count;
    out->exponent = (int)strtol(e + 1, NULL, 10);
}

/* The next larger decimal with as many digits. */
static void decimal_increment(Decimal *d)
{
    int i = d->count - 1;
    while (i >= 0 && d->digits[i] == '9') {
        d->digits[i--] = '0';
    }
    if (i >= 0) {
        d->digits[i]++;
    } else { /* 99..9 -> 100..0 */
        d->digits[0] = '1';
        d->exponent++;
    }
}

static void strip_zeros(Decimal *d)
{
    while (d->count > 1 && d->digits[d->count - 1] == '0') {
        d->digits[--d->count] = '\0';
    }
}

/* A decimal with count digits that reads back as x? */
static bool reads_back(double x, int count, bool power_of_two, Decimal *out)
{
    nearest_decimal(x, count, out);
    if (decimal_value(out) == x) {
        return true;
    }
    if (!power_of_two) {
        return false;
    }
    decimal_increment(out);
    return decimal_value(out) == x;
}

static void shortest_decimal(double x, Decimal *out)
{
    bool power_of_two = (bits_from_double(x) & ((UINT64_C(1) << 52) - 1)) == 0;
    int first = x < DBL_MIN ? 1 : DIGITS_SURE;
    for (int count = first; count < DIGITS_MAX; count++) {
        if (reads_back(x, count, power_of_two, out)) {
            strip_zeros(out);
            return;
        }
    }
    nearest_decimal(x, DIGITS_MAX, out);
    strip_zeros(out);
}

static size_t put_fixed(const Decimal *d, char *out)
{
    char *p = out;
    int point = d->exponent + 1; /* digits before the point */
    if (point <= 0) {
        *p++ = '0';
        *p++ = '.';
        memset(p, '0', (size_t)-point);
        p += -point;
        memcpy(p, d->digits, (size_t)d->count);
        p += d->count;
        return (size_t)(p - out);
    }
    for (int i = 0; i < point || i < d->count; i++) {
        if (i == point) {
            *p++ = '.';
        }
        *p++ = i < d->count ? d->digits[i] : '0';
    }
    if (d->count <= point) {
        *p++ = '.';
        *p++ = '0';
    }
    return (size_t)(p - out);
}

static size_t put_scientific(const Decimal *d, char *out)
{
    char *p = out;
    *p++ = d->digits[0];
    if (d->count > 1) {
        *p++ = '.';
        memcpy(p, d->digits + 1, (size_t)d->count - 1);
        p += d->count - 1;
    }
    p += snprintf(p, 8, "e%c%02d", d->exponent < 0 ? '-' : '+', abs(d->exponent));
    return (size_t)(p - out);
}

static size_t put_special(double d, bool upper, char *out)
{
    const char *text = isnan(d) ? (upper ? "NAN" : "nan") : upper ? "INF" : "inf";
    char *p = out;
    if (d < 0) {
        *p++ = '-';
    }
    memcpy(p, text, 4);
    return (size_t)(p - out) + 3;
}

size_t float_repr(double d, char *out)
{
    if (!isfinite(d)) {
        return put_special(d, false, out);
    }
    char *p = out;
    if (signbit(d)) {
        *p++ = '-';
        d = -d;
    }
    if (d == 0) {
        memcpy(p, "0.0", 4);
        return (size_t)(p - out) + 3;
    }
    Decimal decimal;
    /* whole numbers that are exact and short need no search */
    if (d < 1e15 && d == (double)(int64_t)d) {
        p += snprintf(p, FLOAT_REPR_MAX - 1, "%lld.0", (long long)d);
        return (size_t)(p - out);
    }
    shortest_decimal(d, &decimal);
    bool fixed = decimal.exponent >= -4 && decimal.exponent < 16;
    p += fixed ? put_fixed(&decimal, p) : put_scientific(&decimal, p);
    assert(p - out < FLOAT_REPR_MAX);
    *p = '\0';
    return (size_t)(p - out);
}

/* repr for format type 'r': without ".0" unless asked for; '#' forces a point. */
static char *format_repr(double d, int flags, size_t *length)
{
    char *text = rt_malloc(FLOAT_REPR_MAX + 4);
    if (text == NULL) {
        return NULL;
    }
    size_t n = float_repr(d, text);
    if ((flags & FLOAT_FORMAT_ADD_DOT_0) == 0 && n > 2 && memcmp(text + n - 2, ".0", 2) == 0) {
        n -= (flags & FLOAT_FORMAT_ALT) != 0 ? 1 : 2;
    }
    text[n] = '\0';
    if ((flags & FLOAT_FORMAT_ALT) != 0 && isfinite(d) && strchr(text, '.') == NULL) {
        char *e = strchr(text, 'e'); /* 1e+22 -> 1.e+22 */
        memmove(e + 1, e, strlen(e) + 1);
        *e = '.';
        n++;
    }
    *length = n;
    return text;
}

/* printf's conversion into fresh memory with `extra` bytes to spare. */
static char *print_double(double d, char type, int precision, bool alternate, size_t extra,
                          size_t *length)
{
    const char pattern[] = {'%',
                            alternate ? '#' : '.',
                            alternate ? '.' : '*',
                            alternate ? '*' : type,
                            alternate ? type : '\0',
                            '\0'};
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wformat-nonliteral"
    int n = snprintf(NULL, 0, pattern, precision, d);
    char *text = n < 0 ? NULL : rt_malloc((size_t)n + 1 + extra);
    if (text == NULL) {
        return NULL;
    }
    if (snprintf(text, (size_t)n + 1, pattern, precision, d) != n) {
        rt_free(text); /* glibc found no memory for its scratch */
        return NULL;
    }
#pragma clang diagnostic pop
    *length = (size_t)n;
    return text;
}

/* Adds ".0" to a text that would otherwise look like an int. */
static void add_dot_0(char *text, size_t *length)
{
    if (strpbrk(text, ".en") == NULL) { /* no point, exponent, inf or nan */
        memcpy(text + *length, ".0", 3);
        *length += 2;
    }
}

/* Does a %g text without exponent have `precision` digits before the point?  Then there is no place
 * for a ".0", and CPython takes the form with an exponent. */
static bool all_integer_digits(const char *text, int precision)
{
    text += *text == '-';
    size_t digits = strspn(text, "0123456789");
    bool leading_zero = *text == '0' && strpbrk(text, "123456789") != NULL; /* 0.05 */
    return digits == (size_t)precision && strchr(text, 'e') == NULL && !leading_zero;
}

/* 1.500e+05 -> 1.5e+05, 1.000e+05 -> 1e+05. */
static void strip_mantissa_zeros(char *text, size_t *length)
{
    char *e = strchr(text, 'e');
    char *end = e;
    if (memchr(text, '.', (size_t)(e - text)) == NULL) {
        return;
    }
    while (end[-1] == '0') {
        end--;
    }
    end -= end[-1] == '.';
    size_t tail = *length - (size_t)(e - text);
    memmove(end, e, tail + 1);
    *length = (size_t)(end - text) + tail;
}

char *float_format(double d, char type, int precision, int flags, size_t *length)
{
    if (type == 'r') {
        return format_repr(d, flags, length);
    }
    bool percent = type == '%';
    if (percent) {
        d *= 100;
        type = 'f';
    }
    if (!isfinite(d)) {
        char *text = rt_malloc(8);
        if (text != NULL) {
            *length = put_special(d, type >= 'A' && type <= 'Z', text);
            if (percent) {
                text[(*length)++] = '%';
            }
            text[*length] = '\0';
        }
        return text;
    }
    if (precision < 0) {
        precision = 6;
    }
    if (precision == 0 && (type | 0x20) == 'g') {
        precision = 1;
    }
    bool alternate = (flags & FLOAT_FORMAT_ALT) != 0, dot = (flags & FLOAT_FORMAT_ADD_DOT_0) != 0;
    char *text = print_double(d, type, precision, alternate, 4, length);
    if (text != NULL && dot && type == 'g' && all_integer_digits(text, precision)) {
        rt_free(text);
        text = print_double(d, 'e', precision - 1, alternate, 4, length);
        if (text != NULL && !alternate) {
            strip_mantissa_zeros(text, length);
        }
    }
    if (text == NULL) {
        return NULL;
    }
    if (dot) {
        add_dot_0(text, length);
    }
    if (percent) {
        text[(*length)++] = '%';
        text[*length] = '\0';
    }
    return text;
}

/* ------------------------------------------------------------------------------------- parsing */

enum { SIGNIFICANT_MAX = 800 }; /* 767 digits decide any double; one more says "and something" */

/* A number's digits, gathered for strtod. */
typedef struct Gathered {
    char digits[SIGNIFICANT_MAX + 32];
    size_t count;
    int64_t scale; /* value = 0.digits * 10^scale is digits * 10^(scale - count) */
    bool any, dropped;
} Gathered;

/* Digits with single underscores between them; *p moves behind. fails: false, no valid digits. */
static bool gather_digits(const char **p, const char *end, Gathered *g, bool fraction)
{
    bool before = false, some = false;
    for (; *p < end; (*p)++) {
        char c = **p;
        if (c == '_') {
            if (!before || *p + 1 == end || (*p)[1] < '0' || (*p)[1] > '9') {
                return false;
            }
            before = false;
            continue;
        }
        if (c < '0' || c > '9') {
            break;
        }
        before = some = true;
        if (g->count == 0 && c == '0') {
            g->scale -= fraction; /* a leading zero counts only behind the point */
        } else {
            if (g->count < SIGNIFICANT_MAX) {
                g->digits[g->count++] = c;
            } else {
                g->dropped = g->dropped || c != '0';
            }
            g->scale += !fraction;
        }
    }
    g->any = g->any || some;
    return true;
}

/* [eE][+-]digits, clamped far beyond what matters. */
static bool gather_exponent(const char **p, const char *end, int64_t *out)
{
    (*p)++;
    bool negative = false;
    if (*p < end && (**p == '+' || **p == '-')) {
        negative = **p == '-';
        (*p)++;
    }
    bool any = false, before = false;
    int64_t exponent = 0;
    for (; *p < end; (*p)++) {
        char c = **p;
        if (c == '_') {
            if (!before || *p + 1 == end) {
                return false;
            }
            before = false;
            continue;
        }
        if (c < '0' || c > '9') {
            return false;
        }
        any = before = true;
        exponent = exponent < INT64_C(1000000000000000) ? exponent * 10 + (c - '0') : exponent;
    }
    *out = negative ? -exponent : exponent;
    return any && before;
}

static double gathered_value(Gathered *g, int64_t exponent)
{
    if (g->count == 0) {
        return 0.0;
    }
    if (g->dropped) {
        g->digits[g->count++] = '1';
    }
    size_t fraction_digits = g->count;
    int64_t e = g->scale + exponent;
    e = e > 100000 ? 100000 : e < -100000 ? -100000 : e;
    snprintf(g->digits + g->count, 24, "e%lld", (long long)e - (long long)fraction_digits);
    return strtod(g->digits, NULL);
}

static bool equal_ignoring_case(const char *p, size_t length, const char *word)
{
    if (length != strlen(word)) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if ((p[i] | 0x20) != word[i]) {
            return false;
        }
    }
    return true;
}

/* p: ASCII, stripped, without sign. */
static bool parse_unsigned(const char *p, size_t length, double *out)
{
    if (equal_ignoring_case(p, length, "inf") || equal_ignoring_case(p, length, "infinity")) {
        *out = INFINITY;
        return true;
    }
    if (equal_ignoring_case(p, length, "nan")) {
        *out = NAN;
        return true;
    }
    const char *end = p + length;
    Gathered g;
    g.count = 0;
    g.scale = 0;
    g.any = g.dropped = false;
    int64_t exponent = 0;
    if (!gather_digits(&p, end, &g, false)) {
        return false;
    }
    if (p < end && *p == '.') {
        p++;
        if (p < end && *p == '_') {
            return false;
        }
        if (!gather_digits(&p, end, &g, true)) {
            return false;
        }
    }
    if (!g.any || (p < end && ((*p | 0x20) != 'e' || !gather_exponent(&p, end, &exponent)))) {
        return false;
    }
    *out = gathered_value(&g, exponent);
    return p == end;
}

bool float_parse(const char *text, size_t length, double *out)
{
    enum { STACK_TEXT = 512 };
    char stack[STACK_TEXT];
    char *ascii = length <= sizeof stack ? stack : rt_malloc(length);
    if (ascii == NULL) {
        return false;
    }
    size_t n = number_text_ascii(text, length, ascii);
    const char *p = ascii;
    bool negative = n > 0 && *p == '-';
    if (n > 0 && (*p == '-' || *p == '+')) {
        p++;
        n--;
    }
    double d = 0;
    bool ok = parse_unsigned(p, n, &d);
    if (ok) {
        *out = negative ? -d : d;
    }
    if (ascii != stack) {
        rt_free(ascii);
    }
    return ok;
}
