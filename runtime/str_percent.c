/*
 * `pattern % args`: the printf-like formatting of str.
 *
 *     % [(key)] flags [width] [.precision] [h|l|L] conversion
 *
 * One conversion is parsed into a Spec, its text is made, then sign, prefix, fill and text are laid
 * out.  Messages and order of errors follow CPython.
 *
 * Threads: any. may: run Python (repr, str, keys' hash).
 */
#include "runtime/float.h"
#include "runtime/str_internal.h"

#include <string.h>

enum { FLAG_LEFT = 1, FLAG_SIGN = 2, FLAG_BLANK = 4, FLAG_ALT = 8, FLAG_ZERO = 16 };

typedef struct Percent {
    Thread *th;
    const Str *pattern;
    int64_t at; /* next character of the pattern */
    StrBuilder out;
    Value args;           /* tuple, or the one argument */
    Value owned;          /* a mapping's value that args stands for, or absent */
    Value mapping;        /* borrowed, or absent */
    int64_t index, count; /* -2, -1: one argument, not used yet */
} Percent;

typedef struct Spec {
    int flags;
    int64_t width, precision; /* -1: none */
    uint32_t conversion;
} Spec;

static bool fail(Percent *p, uint32_t type, const char *message)
{
    rt_raise(p->th, type, "%s", message);
    return false;
}

/* The next argument, borrowed; absent: exception set. */
static Value next_argument(Percent *p)
{
    if (p->index < p->count) {
        Value v = p->count < 0 ? p->args : value_tuple(p->args)->items[p->index];
        p->index++;
        return v;
    }
    fail(p, EXC_TYPE_ERROR, "not enough arguments for format string");
    return VALUE_ABSENT;
}

static uint32_t peek(const Percent *p)
{
    return p->at < p->pattern->length ? str_char_at(p->pattern, p->at) : 0;
}

/* "(key)": the mapping's value becomes the argument. */
static bool parse_key(Percent *p)
{
    if (p->mapping == VALUE_ABSENT) {
        return fail(p, EXC_TYPE_ERROR, "format requires a mapping");
    }
    int64_t start = ++p->at, depth = 1;
    for (; p->at < p->pattern->length; p->at++) {
        uint32_t c = peek(p);
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (depth == 0) {
            break;
        }
    }
    if (p->at >= p->pattern->length) {
        return fail(p, EXC_VALUE_ERROR, "incomplete format key");
    }
    Value key = str_substring(p->th, value_from_object(p->pattern), start, p->at++);
    if (key == VALUE_ABSENT) {
        return false;
    }
    Value v = rt_getitem(p->th, p->mapping, key);
    rt_decref(p->th, key);
    if (v == VALUE_ABSENT) {
        return false;
    }
    rt_xdecref(p->th, p->owned);
    p->args = p->owned = v;
    p->index = -2;
    p->count = -1;
    return true;
}

/* A number in the pattern or `*`. */
static bool parse_number(Percent *p, int64_t *out, int64_t limit, const char *too_big)
{
    if (peek(p) == '*') {
        p->at++;
        Value v = next_argument(p);
        if (v == VALUE_ABSENT) {
            return false;
        }
        if (!value_is_int_like(v)) {
            return fail(p, EXC_TYPE_ERROR, "* wants int");
        }
        if (!int_to_i64(v, out) || *out > limit || *out < -limit) {
            return fail(p, EXC_OVERFLOW_ERROR,
                        limit == INT32_MAX ? "Python int too large to convert to C int"
                                           : "Python int too large to convert to C ssize_t");
        }
        return true;
    }
    *out = 0;
    while (peek(p) >= '0' && peek(p) <= '9') {
        int digit = (int)(peek(p) - '0');
        if (*out > (limit - digit) / 10) {
            return fail(p, EXC_VALUE_ERROR, too_big);
        }
        *out = *out * 10 + digit;
        p->at++;
    }
    return true;
}

static int flag_of(uint32_t c)
{
    switch (c) {
    case '-': return FLAG_LEFT;
    case '+': return FLAG_SIGN;
    case ' ': return FLAG_BLANK;
    case '#': return FLAG_ALT;
    case '0': return FLAG_ZERO;
    default: return 0;
    }
}

/* Everything behind the '%'. */
static bool parse_spec(Percent *p, Spec *spec)
{
    *spec = (Spec){.width = -1, .precision = -1};
    if (peek(p) == '(' && !parse_key(p)) {
        return false;
    }
    for (int flag; (flag = flag_of(peek(p))) != 0; p->at++) {
        spec->flags |= flag;
    }
    if (peek(p) == '*' || (peek(p) >= '0' && peek(p) <= '9')) {
        if (!parse_number(p, &spec->width, INT64_MAX, "width too big")) {
            return false;
        }
        if (spec->width < 0) {
            spec->flags |= FLAG_LEFT;
            spec->width = -spec->width;
        }
    }
    if (peek(p) == '.') {
        p->at++;
        if (!parse_number(p, &spec->precision, INT32_MAX, "precision too big")) {
            return false;
        }
        spec->precision = spec->precision < 0 ? 0 : spec->precision;
    }
    if (peek(p) == 'h' || peek(p) == 'l' || peek(p) == 'L') {
        p->at++;
    }
    if (p->at >= p->pattern->length) {
        return fail(p, EXC_VALUE_ERROR, "incomplete format");
    }
    spec->conversion = str_char_at(p->pattern, p->at++);
    return true;
}

/* Sign or not, prefix ("0x") or not, text, in a field. numeric: zeros may fill. */
static void lay_out(Percent *p, const Spec *spec, uint32_t sign, const char *prefix,
                    const Str *text, int64_t start, int64_t end, bool numeric)
{
    int64_t length = end - start + (sign != 0) + (int64_t)strlen(prefix);
    int64_t room = spec->width > length ? spec->width - length : 0;
    bool zeros = numeric && (spec->flags & FLAG_ZERO) != 0 && (spec->flags & FLAG_LEFT) == 0;
    if (!zeros && (spec->flags & FLAG_LEFT) == 0) {
        str_builder_fill(&p->out, ' ', room);
    }
    if (sign != 0) {
        str_builder_char(&p->out, sign);
    }
    str_builder_ascii(&p->out, prefix, strlen(prefix));
    if (zeros) {
        str_builder_fill(&p->out, '0', room);
    }
    str_builder_part(&p->out, text, start, end);
    if ((spec->flags & FLAG_LEFT) != 0) {
        str_builder_fill(&p->out, ' ', room);
    }
}

static uint32_t sign_of(const Spec *spec, bool negative)
{
    return negative                          ? '-'
           : (spec->flags & FLAG_SIGN) != 0  ? '+'
           : (spec->flags & FLAG_BLANK) != 0 ? ' '
                                             : 0;
}

static bool convert_text(Percent *p, const Spec *spec, Value v)
{
    Value text = spec->conversion == 's'   ? rt_str(p->th, v)
                 : spec->conversion == 'r' ? rt_repr(p->th, v)
                                           : rt_ascii(p->th, v);
    if (text == VALUE_ABSENT) {
        return false;
    }
    const Str *s = value_str(text);
    int64_t end = spec->precision >= 0 && spec->precision < s->length ? spec->precision : s->length;
    lay_out(p, spec, 0, "", s, 0, end, false);
    rt_decref(p->th, text);
    return true;
}

static bool convert_char(Percent *p, const Spec *spec, Value v)
{
    uint32_t c;
    int64_t code;
    if (value_is_str(v)) {
        if (value_str(v)->length != 1) {
            return fail(p, EXC_TYPE_ERROR, "%c requires int or char");
        }
        c = str_char_at(value_str(v), 0);
    } else if (value_is_int_like(v)) {
        if (!int_to_i64(v, &code) || code < 0 || code > 0x10FFFF) {
            return fail(p, EXC_OVERFLOW_ERROR, "%c arg not in range(0x110000)");
        }
        c = (uint32_t)code;
    } else {
        return fail(p, EXC_TYPE_ERROR, "%c requires int or char");
    }
    Value text = str_from_char(p->th, c);
    if (text == VALUE_ABSENT) {
        return false;
    }
    lay_out(p, spec, 0, "", value_str(text), 0, 1, false);
    rt_decref(p->th, text);
    return true;
}

/* The int value that an integer conversion prints. owns: new. */
static Value integer_of(Percent *p, const Spec *spec, Value v)
{
    bool decimal = spec->conversion == 'd' || spec->conversion == 'i' || spec->conversion == 'u';
    if (value_is_int_like(v)) {
        return value_is_bool(v) ? value_from_small_int(v == VALUE_TRUE) : rt_newref(p->th, v);
    }
    if (value_is_double(v) && decimal) {
        return int_from_double(p->th, value_double(v));
    }
    if (value_is_object(v) && value_object(v)->type_id >= TYPE_USER_FIRST) {
        int64_t x;
        if (int_as_index(p->th, v, &x, false)) {
            return int_from_i64(p->th, x);
        }
        if (!rt_pending_is(p->th, EXC_TYPE_ERROR)) {
            return VALUE_ABSENT;
        }
        rt_clear_exception(p->th);
    }
    return rt_raise(p->th, EXC_TYPE_ERROR, "%%%c format: %s is required, not %T",
                    (int)spec->conversion, decimal ? "a real number" : "an integer", v);
}

static bool convert_integer(Percent *p, const Spec *spec, Value v)
{
    uint32_t c = spec->conversion;
    int base = c == 'x' || c == 'X' ? 16 : c == 'o' ? 8 : 10;
    Value number = integer_of(p, spec, v);
    if (number == VALUE_ABSENT) {
        return false;
    }
    Value digits = int_to_str(p->th, number, base);
    rt_decref(p->th, number);
    if (digits != VALUE_ABSENT && c == 'X') {
        Value upper = str_method_upper(p->th, &digits, 1, VALUE_ABSENT);
        rt_decref(p->th, digits);
        digits = upper;
    }
    if (digits == VALUE_ABSENT) {
        return false;
    }
    int64_t negative = str_char_at(value_str(digits), 0) == '-';
    int64_t zeros = spec->precision - (value_str(digits)->length - negative);
    if (zeros > 0) {
        StrBuilder b;
        str_builder_init(&b);
        str_builder_part(&b, value_str(digits), 0, negative);
        str_builder_fill(&b, '0', zeros);
        str_builder_part(&b, value_str(digits), negative, value_str(digits)->length);
        rt_decref(p->th, digits);
        digits = str_builder_finish(p->th, &b);
        if (digits == VALUE_ABSENT) {
            return false;
        }
    }
    const char *prefix = (spec->flags & FLAG_ALT) == 0 ? ""
                         : c == 'x'                    ? "0x"
                         : c == 'X'                    ? "0X"
                         : c == 'o'                    ? "0o"
                                                       : "";
    const Str *s = value_str(digits);
    lay_out(p, spec, sign_of(spec, negative != 0), prefix, s, negative, s->length, true);
    rt_decref(p->th, digits);
    return true;
}

static bool convert_float(Percent *p, const Spec *spec, Value v)
{
    double d;
    size_t length;
    if (!float_from_value(p->th, v, &d)) {
        return false;
    }
    int precision = spec->precision < 0 ? 6 : (int)spec->precision;
    char *text = float_format(d, (char)spec->conversion, precision,
                              (spec->flags & FLAG_ALT) != 0 ? FLOAT_FORMAT_ALT : 0, &length);
    if (text == NULL) {
        rt_raise_memory_error(p->th);
        return false;
    }
    Value digits = str_from_ascii(p->th, text, length);
    rt_free(text);
    if (digits == VALUE_ABSENT) {
        return false;
    }
    const Str *s = value_str(digits);
    int64_t negative = s->length > 0 && str_char_at(s, 0) == '-';
    lay_out(p, spec, sign_of(spec, negative != 0), "", s, negative, s->length, true);
    rt_decref(p->th, digits);
    return true;
}

static bool convert(Percent *p, const Spec *spec)
{
    Value v = next_argument(p);
    if (v == VALUE_ABSENT) {
        return false;
    }
    switch (spec->conversion) {
    case 's':
    case 'r':
    case 'a': return convert_text(p, spec, v);
    case 'c': return convert_char(p, spec, v);
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o': return convert_integer(p, spec, v);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G': return convert_float(p, spec, v);
    default:
        rt_raise(p->th, EXC_VALUE_ERROR, "unsupported format character '%c' (0x%x) at index %lld",
                 spec->conversion >= 32 && spec->conversion < 127 ? (int)spec->conversion : '?',
                 spec->conversion, (long long)p->at - 1);
        return false;
    }
}

static bool run(Percent *p)
{
    while (p->at < p->pattern->length) {
        int64_t start = p->at;
        while (p->at < p->pattern->length && str_char_at(p->pattern, p->at) != '%') {
            p->at++;
        }
        str_builder_part(&p->out, p->pattern, start, p->at);
        if (p->at == p->pattern->length) {
            break;
        }
        p->at++;
        if (peek(p) == '%') {
            str_builder_char(&p->out, '%');
            p->at++;
            continue;
        }
        Spec spec;
        if (!parse_spec(p, &spec) || !convert(p, &spec)) {
            return false;
        }
    }
    if (p->index < p->count && p->mapping == VALUE_ABSENT) {
        return fail(p, EXC_TYPE_ERROR, "not all arguments converted during string formatting");
    }
    return true;
}

Value str_percent_format(Thread *th, Value pattern, Value args)
{
    Percent p = {.th = th, .pattern = value_str(pattern), .args = args, .index = -2, .count = -1};
    str_builder_init(&p.out);
    if (value_is_tuple(args)) {
        p.index = 0;
        p.count = value_tuple(args)->size;
    } else if (!value_is_str(args) && rt_type_of(args)->getitem != NULL) {
        p.mapping = args;
    }
    bool ok = run(&p);
    rt_xdecref(th, p.owned);
    if (!ok) {
        str_builder_abandon(&p.out);
        return VALUE_ABSENT;
    }
    return str_builder_finish(th, &p.out);
}
