/*
 * Format specs: parsing the mini-language, and laying out numbers and strings by it.
 *
 * A number is laid out in one pass: [fill] sign prefix [fill] grouped digits, point, rest [fill].
 * The length is computed first, so a huge width fails in one allocation instead of growing.
 *
 * Threads: any.
 */
#include "runtime/format_spec.h"

#include <math.h>

#include "runtime/abstract.h"
#include "runtime/float.h"
#include "runtime/int_internal.h"
#include "runtime/str.h"

typedef struct Spec {
    uint32_t fill;
    char align; /* '<' '>' '=' '^' */
    char sign;  /* 0 '+' '-' ' ' */
    bool no_negative_zero, alternate;
    char grouping;     /* 0 ',' '_' */
    int64_t width;     /* -1: none */
    int64_t precision; /* -1: none */
    uint32_t type;
} Spec;

typedef struct Reader {
    Thread *th;
    const Str *text;
    int64_t at;
} Reader;

static uint32_t peek(const Reader *r)
{
    return r->at < r->text->length ? str_char_at(r->text, r->at) : 0;
}

static bool accept(Reader *r, uint32_t c)
{
    if (r->at < r->text->length && peek(r) == c) {
        r->at++;
        return true;
    }
    return false;
}

static bool is_align(uint32_t c) { return c == '<' || c == '>' || c == '=' || c == '^'; }

static bool value_error(Thread *th, const char *message)
{
    rt_raise(th, EXC_VALUE_ERROR, "%s", message);
    return false;
}

/* -1 if there are no digits. fails: false, ValueError. */
static bool read_number(Reader *r, int64_t *out)
{
    *out = -1;
    for (; r->at < r->text->length && peek(r) >= '0' && peek(r) <= '9'; r->at++) {
        int64_t digit = (int64_t)peek(r) - '0';
        int64_t so_far = *out < 0 ? 0 : *out;
        if (so_far > (INT64_MAX - digit) / 10) {
            return value_error(r->th, "Too many decimal digits in format string");
        }
        *out = so_far * 10 + digit;
    }
    return true;
}

static bool read_grouping(Reader *r, Spec *s)
{
    if (accept(r, ',')) {
        s->grouping = ',';
    }
    if (accept(r, '_')) {
        if (s->grouping != 0) {
            return value_error(r->th, "Cannot specify both ',' and '_'.");
        }
        s->grouping = '_';
        if (peek(r) == ',') {
            return value_error(r->th, "Cannot specify both ',' and '_'.");
        }
    }
    return true;
}

/* May this type have digits grouped? */
static bool check_grouping(Thread *th, const Spec *s)
{
    if (s->grouping == 0 || s->type == 0 || (s->type < 128 && strchr("defgEGF%", (int)s->type))) {
        return true;
    }
    if (s->grouping == '_' && s->type < 128 && strchr("boxX", (int)s->type) != NULL) {
        return true;
    }
    if (s->type > 32 && s->type < 128) {
        rt_raise(th, EXC_VALUE_ERROR, "Cannot specify '%c' with '%c'.", s->grouping, (int)s->type);
    } else {
        rt_raise(th, EXC_VALUE_ERROR, "Cannot specify '%c' with '\\x%x'.", s->grouping, s->type);
    }
    return false;
}

static void read_alignment(Reader *r, Spec *s, bool *fill_given, bool *align_given)
{
    *fill_given = *align_given = false;
    if (r->text->length - r->at >= 2 && is_align(str_char_at(r->text, r->at + 1))) {
        s->fill = peek(r);
        s->align = (char)str_char_at(r->text, r->at + 1);
        *fill_given = *align_given = true;
        r->at += 2;
    } else if (is_align(peek(r))) {
        s->align = (char)peek(r);
        *align_given = true;
        r->at++;
    }
}

static bool read_precision(Reader *r, Spec *s)
{
    if (!accept(r, '.')) {
        return true;
    }
    return read_number(r, &s->precision) &&
           (s->precision >= 0 || value_error(r->th, "Format specifier missing precision"));
}

static bool parse_spec(Thread *th, Value v, Value text, char align, char default_type, Spec *s)
{
    Reader r = {th, value_str(text), 0};
    *s = (Spec){.fill = ' ', .align = align, .width = -1, .precision = -1, .type = 0};
    bool fill_given, align_given;
    read_alignment(&r, s, &fill_given, &align_given);
    if (peek(&r) == '+' || peek(&r) == '-' || peek(&r) == ' ') {
        s->sign = (char)peek(&r);
        r.at++;
    }
    s->no_negative_zero = accept(&r, 'z');
    s->alternate = accept(&r, '#');
    if (!fill_given && peek(&r) == '0') {
        r.at++;
        s->fill = '0';
        if (!align_given && align == '>') {
            s->align = '=';
        }
    }
    if (!read_number(&r, &s->width) || !read_grouping(&r, s) || !read_precision(&r, s)) {
        return false;
    }
    if (r.text->length - r.at > 1) {
        rt_raise(th, EXC_VALUE_ERROR, "Invalid format specifier '%U' for object of type '%T'", text,
                 v);
        return false;
    }
    s->type = r.at < r.text->length ? peek(&r) : (uint32_t)default_type;
    return check_grouping(th, s);
}

static Value unknown_type(Thread *th, const Spec *s, Value v)
{
    if (s->type > 32 && s->type < 128) {
        return rt_raise(th, EXC_VALUE_ERROR, "Unknown format code '%c' for object of type '%T'",
                        (int)s->type, v);
    }
    return rt_raise(th, EXC_VALUE_ERROR, "Unknown format code '\\x%x' for object of type '%T'",
                    s->type, v);
}

/* ------------------------------------------------------------------------------------- writing */

typedef struct Writer {
    Str *text;
    int64_t at;
} Writer;

static void put(Writer *w, uint32_t c)
{
    switch (w->text->kind) {
    case 1: w->text->data[w->at++] = (uint8_t)c; break;
    case 2: ((uint16_t *)(void *)w->text->data)[w->at++] = (uint16_t)c; break;
    default: ((uint32_t *)(void *)w->text->data)[w->at++] = c;
    }
}

static void put_many(Writer *w, uint32_t c, int64_t count)
{
    while (count-- > 0) {
        put(w, c);
    }
}

static void put_ascii(Writer *w, const char *p, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        put(w, (unsigned char)p[i]);
    }
}

/* A new str of content + padding; *left, *inner, *right: where the padding goes. */
static Value padded_new(Thread *th, const Spec *s, int64_t content, uint32_t max_char,
                        int64_t pad[3])
{
    int64_t padding = s->width > content ? s->width - content : 0;
    pad[0] = pad[1] = pad[2] = 0;
    if (s->align == '^') {
        pad[0] = padding / 2;
        pad[2] = padding - pad[0];
    } else {
        pad[s->align == '<' ? 2 : s->align == '=' ? 1 : 0] = padding;
    }
    uint32_t widest = padding > 0 && s->fill > max_char ? s->fill : max_char;
    if (padding > (INT64_C(1) << 60)) {
        return rt_raise_memory_error(th);
    }
    return str_new(th, content + padding, widest);
}

/* A number as text: [sign][prefix]digits[rest]. */
typedef struct Number {
    char sign; /* 0: none */
    const char *prefix;
    const char *digits;
    int64_t digit_count;
    const char *rest; /* point, fraction, exponent, %, or inf and nan */
    int64_t rest_count;
} Number;

enum { GROUP_DECIMAL = 3, GROUP_BINARY = 4 };

static int group_size(const Spec *s)
{
    return s->type != 0 && s->type < 128 && strchr("boxX", (int)s->type) ? GROUP_BINARY
                                                                         : GROUP_DECIMAL;
}

/* Digits after zero padding, when the padding belongs to the number: at least `least` characters
 * with separators, and no separator in front. */
static int64_t grouped_digits(const Spec *s, int64_t digits, int64_t least)
{
    if (s->grouping == 0) {
        return digits > least ? digits : least;
    }
    int64_t size = group_size(s);
    /* n digits take n + (n - 1) / size characters; a group that would begin with its separator
     * gets one more digit */
    int64_t padded = least <= 0 ? 0 : least - (least - 1) / (size + 1);
    return digits > padded ? digits : padded;
}

static int64_t grouped_length(const Spec *s, int64_t digits)
{
    return s->grouping == 0 || digits == 0 ? digits : digits + (digits - 1) / group_size(s);
}

static void put_digits(Writer *w, const Spec *s, const Number *n, int64_t count)
{
    int64_t size = group_size(s);
    for (int64_t left = count; left > 0; left--) {
        put(w, left > n->digit_count ? '0' : (unsigned char)n->digits[n->digit_count - left]);
        if (s->grouping != 0 && left > 1 && (left - 1) % size == 0) {
            put(w, (unsigned char)s->grouping);
        }
    }
}

static Value layout(Thread *th, const Spec *s, const Number *n)
{
    int64_t prefix = (int64_t)strlen(n->prefix);
    int64_t fixed = (n->sign != 0) + prefix + n->rest_count;
    bool zeros = s->fill == '0' && s->align == '=';
    if (zeros && s->width > (INT64_C(1) << 60)) {
        return rt_raise_memory_error(th);
    }
    /* inf and nan have no digits, and are padded as text */
    int64_t least = zeros && n->digit_count > 0 ? s->width - fixed : 0;
    int64_t count = n->digit_count == 0 ? 0 : grouped_digits(s, n->digit_count, least);
    int64_t pad[3];
    Value result = padded_new(th, s, fixed + grouped_length(s, count), 'z', pad);
    if (result == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Writer w = {value_str(result), 0};
    put_many(&w, s->fill, pad[0]);
    if (n->sign != 0) {
        put(&w, (unsigned char)n->sign);
    }
    put_ascii(&w, n->prefix, prefix);
    put_many(&w, s->fill, pad[1]);
    put_digits(&w, s, n, count);
    put_ascii(&w, n->rest, n->rest_count);
    put_many(&w, s->fill, pad[2]);
    assert(w.at == w.text->length);
    return result;
}

static char sign_char(const Spec *s, bool negative)
{
    return negative ? '-' : s->sign == '-' ? '\0' : s->sign;
}

/* ----------------------------------------------------------------------------------------- int */

static bool is_plain(Value spec) { return spec == VALUE_ABSENT || value_str(spec)->length == 0; }

static Value format_char(Thread *th, const Spec *s, Value v)
{
    if (s->sign != 0 || s->alternate) {
        return rt_raise(th, EXC_VALUE_ERROR, "%s not allowed with integer format specifier 'c'",
                        s->sign != 0 ? "Sign" : "Alternate form (#)");
    }
    int64_t c;
    if (!int_to_i64(v, &c)) {
        return rt_raise(th, EXC_OVERFLOW_ERROR, "Python int too large to convert to C long");
    }
    if (c < 0 || c > 0x10FFFF) {
        return rt_raise(th, EXC_OVERFLOW_ERROR, "%%c arg not in range(0x110000)");
    }
    int64_t pad[3];
    Value result = padded_new(th, s, 1, (uint32_t)c, pad);
    if (result != VALUE_ABSENT) {
        Writer w = {value_str(result), 0};
        put_many(&w, s->fill, pad[0] + pad[1]);
        put(&w, (uint32_t)c);
        put_many(&w, s->fill, pad[2]);
    }
    return result;
}

static Value format_digits(Thread *th, const Spec *s, Value v)
{
    int base = s->type == 'b' ? 2 : s->type == 'o' ? 8 : (s->type | 0x20) == 'x' ? 16 : 10;
    size_t length;
    char *text = int_to_text(th, v, base, true, &length);
    if (text == NULL) {
        return VALUE_ABSENT;
    }
    bool negative = *text == '-';
    for (size_t i = 0; s->type == 'X' && i < length; i++) {
        text[i] = (char)(text[i] >= 'a' ? text[i] - 32 : text[i]);
    }
    const char *prefix = !s->alternate || base == 10 ? ""
                         : base == 2                 ? "0b"
                         : base == 8                 ? "0o"
                         : s->type == 'x'            ? "0x"
                                                     : "0X";
    Number n = {.sign = sign_char(s, negative),
                .prefix = prefix,
                .digits = text + negative,
                .digit_count = (int64_t)length - negative,
                .rest = ""};
    Value result = layout(th, s, &n);
    rt_free(text);
    return result;
}

static Value format_double(Thread *th, const Spec *s, double d);

Value format_int(Thread *th, Value v, Value spec)
{
    if (is_plain(spec)) {
        return rt_str(th, v);
    }
    Spec s;
    if (!parse_spec(th, v, spec, '>', 'd', &s)) {
        return VALUE_ABSENT;
    }
    if (s.type < 128 && s.type != 0 && strchr("eEfFgG%", (int)s.type) != NULL) {
        double d;
        return int_to_double(th, v, &d) ? format_double(th, &s, d) : VALUE_ABSENT;
    }
    if (s.type >= 128 || s.type == 0 || strchr("bcdoxXn", (int)s.type) == NULL) {
        return unknown_type(th, &s, v);
    }
    if (s.precision >= 0) {
        return rt_raise(th, EXC_VALUE_ERROR, "Precision not allowed in integer format specifier");
    }
    if (s.no_negative_zero) {
        return rt_raise(th, EXC_VALUE_ERROR,
                        "Negative zero coercion (z) not allowed in integer "
                        "format specifier");
    }
    return s.type == 'c' ? format_char(th, &s, v) : format_digits(th, &s, v);
}

/* --------------------------------------------------------------------------------------- float */

static bool all_zero(const char *text)
{
    size_t mantissa = strspn(text, "0.");
    return text[mantissa] == '\0' || (mantissa > 0 && strchr("eE%", text[mantissa]) != NULL);
}

static Value format_double(Thread *th, const Spec *s, double d)
{
    if (s->precision > INT32_MAX - 8) {
        return rt_raise(th, EXC_VALUE_ERROR, "precision too big");
    }
    int flags = s->alternate ? FLOAT_FORMAT_ALT : 0;
    char type = (char)s->type;
    if (s->type == 0) {
        type = s->precision < 0 ? 'r' : 'g';
        flags |= FLOAT_FORMAT_ADD_DOT_0;
    } else if (s->type == 'n') {
        type = 'g';
    }
    size_t length;
    char *text = float_format(d, type, (int)s->precision, flags, &length);
    if (text == NULL) {
        return rt_raise_memory_error(th);
    }
    bool negative = *text == '-';
    const char *p = text + negative;
    if (negative && s->no_negative_zero && all_zero(p)) {
        negative = false;
    }
    size_t digits = strspn(p, "0123456789");
    Number n = {.sign = sign_char(s, negative),
                .prefix = "",
                .digits = p,
                .digit_count = (int64_t)digits,
                .rest = p + digits,
                .rest_count = (int64_t)(text + length - p) - (int64_t)digits};
    Value result = layout(th, s, &n);
    rt_free(text);
    return result;
}

Value format_float(Thread *th, Value v, Value spec)
{
    if (is_plain(spec)) {
        return rt_str(th, v);
    }
    Spec s;
    if (!parse_spec(th, v, spec, '>', '\0', &s)) {
        return VALUE_ABSENT;
    }
    if (s.type >= 128 || (s.type != 0 && strchr("eEfFgGn%", (int)s.type) == NULL)) {
        return unknown_type(th, &s, v);
    }
    return format_double(th, &s, value_double(v));
}

/* ----------------------------------------------------------------------------------------- str */

static const char *string_spec_error(const Spec *s)
{
    if (s->sign != 0) {
        return s->sign == ' ' ? "Space not allowed in string format specifier"
                              : "Sign not allowed in string format specifier";
    }
    if (s->no_negative_zero) {
        return "Negative zero coercion (z) not allowed in string format specifier";
    }
    if (s->alternate) {
        return "Alternate form (#) not allowed in string format specifier";
    }
    return s->align == '=' ? "'=' alignment not allowed in string format specifier" : NULL;
}

Value format_str(Thread *th, Value v, Value spec)
{
    if (is_plain(spec)) {
        return rt_newref(th, v);
    }
    Spec s;
    if (!parse_spec(th, v, spec, '<', 's', &s)) {
        return VALUE_ABSENT;
    }
    if (s.type != 's') {
        return unknown_type(th, &s, v);
    }
    const char *error = string_spec_error(&s);
    if (error != NULL) {
        return rt_raise(th, EXC_VALUE_ERROR, "%s", error);
    }
    const Str *text = value_str(v);
    int64_t length = s.precision >= 0 && s.precision < text->length ? s.precision : text->length;
    if (s.width <= length) {
        return length == text->length ? rt_newref(th, v) : str_substring(th, v, 0, length);
    }
    uint32_t widest = 0;
    for (int64_t i = 0; i < length; i++) {
        uint32_t c = str_char_at(text, i);
        widest = c > widest ? c : widest;
    }
    int64_t pad[3];
    Value result = padded_new(th, &s, length, widest, pad);
    if (result == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Writer w = {value_str(result), 0};
    put_many(&w, s.fill, pad[0]);
    for (int64_t i = 0; i < length; i++) {
        put(&w, str_char_at(text, i));
    }
    put_many(&w, s.fill, pad[2]);
    return result;
}
