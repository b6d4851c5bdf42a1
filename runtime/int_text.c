/*
 * Int text: digits in any base from ints, and ints from text as int() and literals take it.
 *
 * The limit of sys.set_int_max_str_digits holds for bases that are no powers of two, as in CPython.
 *
 * Threads: any.
 */
#include <utf8proc.h>

#include "runtime/abstract.h"
#include "runtime/int_internal.h"
#include "runtime/str.h"

enum { WORD_TEXT = 72, GET_STR_SMALL = 16, STACK_TEXT = 256 };

static const char digit_chars[] = "0123456789abcdefghijklmnopqrstuvwxyz";

static bool power_of_two(int base) { return (base & (base - 1)) == 0; }

/* Writes x before end, returns the first character. */
static char *write_word(uint64_t x, int base, char *end)
{
    if (base == 10) {
        do {
            *--end = (char)('0' + x % 10);
            x /= 10;
        } while (x != 0);
        return end;
    }
    do {
        *--end = digit_chars[x % (unsigned)base];
        x /= (unsigned)base;
    } while (x != 0);
    return end;
}

static bool too_many_digits(Thread *th)
{
    rt_raise(th, EXC_VALUE_ERROR,
             "Exceeds the limit (%d digits) for integer string conversion; use "
             "sys.set_int_max_str_digits() to increase the limit",
             (int)th->rt->int_max_str_digits);
    return false;
}

typedef struct GetText {
    unsigned char *text;
    mp_limb_t *limbs; /* clobbered */
    int64_t size;
    size_t length;
    int base;
} GetText;

static void get_text(void *arg)
{
    GetText *g = arg;
    g->length = mpn_get_str(g->text, g->base, g->limbs, g->size);
}

/* Characters that a magnitude of `bits` bits may need, generously. */
static size_t text_room(int64_t bits, int base)
{
    /* bits per digit, rounded down to sixteenths: base 2..36 */
    static const uint8_t sixteenths[37] = {0,  0,  16, 25, 32, 37, 41, 44, 48, 50, 53, 55, 57,
                                           59, 60, 62, 64, 65, 66, 67, 69, 70, 71, 72, 73, 74,
                                           75, 76, 76, 77, 78, 79, 80, 80, 81, 82, 82};
    return (size_t)bits * 16 / sixteenths[base] + 4;
}

static char *heap_int_text(Thread *th, const IntView *v, int base, bool limited, size_t *length)
{
    int64_t bits = limbs_bit_length(v->limbs, v->size);
    int64_t limit = limited && base == 10 ? th->rt->int_max_str_digits : 0;
    size_t room = text_room(bits, base);
    if (limit > 0 && (bits - 1) / 4 > limit) {
        too_many_digits(th); /* for certain, and without the conversion, which takes long */
        return NULL;
    }
    char *text = rt_malloc(room + 2);
    mp_limb_t *copy = rt_malloc(((size_t)v->size + 1) * sizeof *copy);
    if (text == NULL || copy == NULL) {
        rt_raise_memory_error(th);
        goto failed;
    }
    mpn_copyi(copy, v->limbs, v->size);
    GetText g = {(unsigned char *)text + 1, copy, v->size, 0, base};
    if (v->size < GET_STR_SMALL) {
        get_text(&g);
    } else if (!int_gmp_call(th, get_text, &g)) {
        goto failed;
    }
    size_t zeros = 0;
    while (zeros + 1 < g.length && g.text[zeros] == 0) {
        zeros++;
    }
    size_t digits = g.length - zeros;
    if (limit > 0 && digits > (size_t)limit) {
        too_many_digits(th);
        goto failed;
    }
    size_t start = v->negative ? 1 : 0;
    text[0] = '-';
    for (size_t i = 0; i < digits; i++) {
        text[start + i] = digit_chars[g.text[zeros + i]];
    }
    rt_free(copy);
    *length = digits + start;
    text[*length] = '\0';
    return text;
failed:
    rt_free(copy);
    rt_free(text);
    return NULL;
}

static size_t word_text(int64_t x, int base, char *out)
{
    char buffer[WORD_TEXT];
    char *end = buffer + sizeof buffer;
    char *start = write_word(x < 0 ? UINT64_C(0) - (uint64_t)x : (uint64_t)x, base, end);
    if (x < 0) {
        *--start = '-';
    }
    memcpy(out, start, (size_t)(end - start));
    return (size_t)(end - start);
}

char *int_to_text(Thread *th, Value a, int base, bool limited, size_t *length)
{
    assert(base >= 2 && base <= 36);
    if (!int_is_word(a)) {
        IntView v;
        int_view(a, &v);
        return heap_int_text(th, &v, base, limited, length);
    }
    char *text = rt_malloc(WORD_TEXT);
    if (text == NULL) {
        rt_raise_memory_error(th);
        return NULL;
    }
    *length = word_text(int_word(a), base, text);
    text[*length] = '\0';
    return text;
}

Value int_to_str(Thread *th, Value a, int base)
{
    size_t length;
    if (int_is_word(a)) {
        char text[WORD_TEXT];
        length = word_text(int_word(a), base, text);
        return str_from_ascii(th, text, length);
    }
    char *text = int_to_text(th, a, base, true, &length);
    if (text == NULL) {
        return VALUE_ABSENT;
    }
    Value s = str_from_ascii(th, text, length);
    rt_free(text);
    return s;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

typedef struct SetText {
    mp_limb_t *limbs;
    const unsigned char *digits;
    size_t count;
    mp_size_t size;
    int base;
} SetText;

static void set_text(void *arg)
{
    SetText *s = arg;
    s->size = mpn_set_str(s->limbs, s->digits, s->count, s->base);
}

/* Digit characters, underscores among them skipped, as a number. */
static Value digits_to_int(Thread *th, const char *digits, size_t length, int base, size_t count,
                           bool negative)
{
    /* bits per digit, rounded up; an Int of one digit too many is only trimmed */
    int64_t limbs = (int64_t)count * (base <= 8 ? 3 : base <= 16 ? 4 : base <= 32 ? 5 : 6) / 64 + 2;
    unsigned char *values = rt_malloc(count);
    Int *n = NULL;
    if (values == NULL) {
        return rt_raise_memory_error(th);
    }
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        if (digits[i] != '_') {
            values[used++] = (unsigned char)digit_value(digits[i]);
        }
    }
    assert(used == count);
    Value result = VALUE_ABSENT;
    n = int_alloc(th, limbs);
    if (n != NULL) {
        SetText s = {int_limbs(n), values, count, 0, base};
        if (int_gmp_call(th, set_text, &s)) {
            result = int_normalise(n, s.size, negative);
        } else {
            rt_object_free(th, &n->header);
        }
    }
    rt_free(values);
    return result;
}

/* Converts checked digits. fails: absent, ValueError (the digit limit) or MemoryError. */
static Value convert(Thread *th, const char *digits, size_t length, int base, bool negative)
{
    size_t count = 0;
    uint64_t word = 0;
    bool fits = true;
    for (size_t i = 0; i < length; i++) {
        if (digits[i] != '_') {
            count++;
            fits = fits && word <= (UINT64_MAX - 35) / 36;
            word = fits ? word * (unsigned)base + (unsigned)digit_value(digits[i]) : 0;
        }
    }
    int64_t limit = th->rt->int_max_str_digits;
    if (limit > 0 && !power_of_two(base) && count > (size_t)limit) {
        return rt_raise(th, EXC_VALUE_ERROR,
                        "Exceeds the limit (%d digits) for integer string conversion: value has "
                        "%lld digits; use sys.set_int_max_str_digits() to increase the limit",
                        (int)limit, (long long)count);
    }
    if (fits) {
        return int_from_u128(th, word, negative);
    }
    return digits_to_int(th, digits, length, base, count, negative);
}

Value int_from_digits(Thread *th, const char *digits, size_t length, int base)
{
    return convert(th, digits, length, base, false);
}

/* One digit or more of the base, single underscores between them. */
static bool valid_digits(const char *p, size_t length, int base)
{
    bool digit_before = false;
    for (size_t i = 0; i < length; i++) {
        if (p[i] == '_') {
            if (!digit_before) {
                return false;
            }
            digit_before = false;
        } else if (digit_value(p[i]) < base) {
            digit_before = true;
        } else {
            return false;
        }
    }
    return digit_before;
}

/* The base that a prefix at p names, or 0. */
static int prefix_base(const char *p, size_t length)
{
    if (length < 2 || p[0] != '0') {
        return 0;
    }
    switch (p[1] | 0x20) {
    case 'x': return 16;
    case 'o': return 8;
    case 'b': return 2;
    default: return 0;
    }
}

static bool only_zeros(const char *p, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (p[i] != '0' && p[i] != '_') {
            return false;
        }
    }
    return true;
}

/* text: ASCII, stripped. *valid: whether it is a number at all. */
static Value parse_ascii(Thread *th, const char *p, size_t length, int base, bool *valid)
{
    bool negative = false;
    if (length > 0 && (*p == '-' || *p == '+')) {
        negative = *p == '-';
        p++;
        length--;
    }
    int prefix = prefix_base(p, length);
    if (prefix != 0 && (base == 0 || base == prefix)) {
        base = prefix;
        p += 2;
        length -= 2;
        if (length > 0 && *p == '_') { /* one underscore may follow the prefix */
            p++;
            length--;
        }
    } else if (base == 0) {
        base = 10;
        if (length > 1 && p[0] == '0' && !only_zeros(p, length)) {
            *valid = false;
            return VALUE_ABSENT;
        }
    }
    *valid = valid_digits(p, length, base);
    return *valid ? convert(th, p, length, base, negative) : VALUE_ABSENT;
}

static Value invalid_literal(Thread *th, const char *text, size_t length, int base, Value original)
{
    enum { SHOWN = 200 };
    Value shown =
        original == VALUE_ABSENT ? str_from_utf8(th, text, length) : rt_newref(th, original);
    if (shown == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value repr = rt_repr(th, shown);
    Value cut = repr == VALUE_ABSENT ? VALUE_ABSENT : str_substring(th, repr, 0, SHOWN);
    if (cut != VALUE_ABSENT) {
        rt_raise(th, EXC_VALUE_ERROR, "invalid literal for int() with base %d: %U", base, cut);
    }
    rt_xdecref(th, cut);
    rt_xdecref(th, repr);
    rt_decref(th, shown);
    return VALUE_ABSENT;
}

Value int_parse(Thread *th, const char *text, size_t length, int base, Value original)
{
    if (base != 0 && (base < 2 || base > 36)) {
        return rt_raise(th, EXC_VALUE_ERROR, "int() base must be >= 2 and <= 36, or 0");
    }
    char stack[STACK_TEXT];
    char *ascii = length <= sizeof stack ? stack : rt_malloc(length);
    if (ascii == NULL) {
        return rt_raise_memory_error(th);
    }
    size_t ascii_length = number_text_ascii(text, length, ascii);
    bool valid;
    Value result = parse_ascii(th, ascii, ascii_length, base, &valid);
    if (ascii != stack) {
        rt_free(ascii);
    }
    return valid ? result : invalid_literal(th, text, length, base, original);
}

static bool is_space(uint32_t c)
{
    if (c < 128) {
        return c == ' ' || (c >= 9 && c <= 13) || (c >= 28 && c <= 31);
    }
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)c);
    return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
           category == UTF8PROC_CATEGORY_ZP || c == 0x85;
}

/* '0'..'9' of a decimal digit of any script, else '?'.  Digits stand in runs of tens. */
static char ascii_digit(uint32_t c)
{
    if (utf8proc_category((utf8proc_int32_t)c) != UTF8PROC_CATEGORY_ND) {
        return '?';
    }
    uint32_t first = c;
    while (utf8proc_category((utf8proc_int32_t)first - 1) == UTF8PROC_CATEGORY_ND) {
        first--;
    }
    return (char)('0' + (c - first) % 10);
}

size_t number_text_ascii(const char *text, size_t length, char *out)
{
    size_t used = 0, kept = 0; /* kept: without trailing white space */
    for (size_t i = 0; i < length;) {
        utf8proc_int32_t c = (unsigned char)text[i];
        utf8proc_ssize_t n = 1;
        if (c >= 128) {
            n = utf8proc_iterate((const utf8proc_uint8_t *)text + i, (utf8proc_ssize_t)(length - i),
                                 &c);
            if (n <= 0) { /* a lone surrogate: no number */
                n = 1;
                c = '?';
            }
        }
        i += (size_t)n;
        bool space = is_space((uint32_t)c);
        if (space && used == 0) {
            continue;
        }
        out[used++] = space ? ' ' : c < 128 ? (char)c : ascii_digit((uint32_t)c);
        kept = space ? kept : used;
    }
    return kept;
}
