/*
 * StrBuilder: text that grows character by character; and str_from_format on top of it.
 *
 * The builder keeps the smallest kind so far and widens when a larger character comes.  Failure is
 * sticky, so callers check once, at the end.
 *
 * Threads: a builder belongs to the function that made it.
 */
#include "runtime/str_internal.h"

#include <stdio.h>
#include <string.h>

void str_builder_init(StrBuilder *b) { *b = (StrBuilder){.kind = 1}; }

static void builder_fail(StrBuilder *b)
{
    rt_free(b->data);
    *b = (StrBuilder){.kind = 1, .failed = true};
}

/* Makes room for count more characters of a kind. */
static bool builder_reserve(StrBuilder *b, int64_t count, int kind)
{
    if (b->failed) {
        return false;
    }
    int64_t need;
    if (__builtin_add_overflow(b->length, count, &need) || need > STR_MAX_LENGTH) {
        builder_fail(b);
        return false;
    }
    if (kind > b->kind) {
        int64_t capacity = need > b->capacity ? need + need / 4 + 16 : b->capacity;
        uint8_t *data = rt_malloc((size_t)capacity * (size_t)kind);
        if (data == NULL) {
            builder_fail(b);
            return false;
        }
        if (b->length > 0) {
            chars_copy(data, kind, 0, b->data, b->kind, 0, b->length);
        }
        rt_free(b->data);
        b->data = data;
        b->kind = (uint8_t)kind;
        b->capacity = capacity;
    } else if (need > b->capacity) {
        int64_t capacity = need + need / 2 + 32;
        uint8_t *data = rt_realloc(b->data, (size_t)capacity * b->kind);
        if (data == NULL) {
            builder_fail(b);
            return false;
        }
        b->data = data;
        b->capacity = capacity;
    }
    return true;
}

void str_builder_char(StrBuilder *b, uint32_t c)
{
    if (builder_reserve(b, 1, kind_of_char(c))) {
        chars_put(b->data, b->kind, b->length++, c);
    }
}

void str_builder_ascii(StrBuilder *b, const char *text, size_t length)
{
    if (length > 0 && builder_reserve(b, (int64_t)length, 1)) {
        chars_copy(b->data, b->kind, b->length, (const uint8_t *)text, 1, 0, (int64_t)length);
        b->length += (int64_t)length;
    }
}

void str_builder_part(StrBuilder *b, const Str *s, int64_t start, int64_t end)
{
    if (start < end && builder_reserve(b, end - start, s->kind)) {
        chars_copy(b->data, b->kind, b->length, s->data, s->kind, start, end - start);
        b->length += end - start;
    }
}

void str_builder_str(StrBuilder *b, Value s)
{
    str_builder_part(b, value_str(s), 0, value_str(s)->length);
}

void str_builder_fill(StrBuilder *b, uint32_t c, int64_t count)
{
    if (count > 0 && builder_reserve(b, count, kind_of_char(c))) {
        for (int64_t i = 0; i < count; i++) {
            chars_put(b->data, b->kind, b->length++, c);
        }
    }
}

Value str_builder_finish(Thread *th, StrBuilder *b)
{
    if (b->failed) {
        return rt_raise_memory_error(th);
    }
    Value v;
    if (b->length == 0) {
        v = str_empty();
    } else {
        uint32_t max = chars_max(b->data, b->kind, 0, b->length);
        if (b->length == 1 && max < 0x100) {
            v = str_latin1_char(chars_get(b->data, b->kind, 0));
        } else {
            v = str_new(th, b->length, max);
        }
    }
    if (v != VALUE_ABSENT && b->length > 0 && object_owner(value_object(v)) != OWNER_IMMORTAL) {
        Str *s = value_str(v);
        chars_copy(s->data, s->kind, 0, b->data, b->kind, 0, b->length);
    }
    rt_free(b->data);
    *b = (StrBuilder){.kind = 1};
    return v;
}

void str_builder_abandon(StrBuilder *b)
{
    rt_free(b->data);
    *b = (StrBuilder){.kind = 1};
}

bool str_builder_repr(Thread *th, StrBuilder *b, Value v)
{
    Value text = rt_repr(th, v);
    if (text == VALUE_ABSENT) {
        return false;
    }
    str_builder_str(b, text);
    rt_decref(th, text);
    return true;
}

/* One conversion of str_from_format. */
typedef struct Directive {
    char number_format[16]; /* for snprintf, "%-08ll" and so on */
    int precision;          /* -1: none */
    char size;              /* 0, 'l' (also ll, z, j, t) */
    char type;
} Directive;

static const char *directive_parse(const char *p, Directive *d, int star)
{
    size_t n = 0;
    *d = (Directive){.precision = -1};
    d->number_format[n++] = '%';
    while (*p != 0 && n < 6 && strchr("-+ #0123456789", *p) != NULL) {
        d->number_format[n++] = *p++;
    }
    if (*p == '.') {
        p++;
        d->precision = 0;
        if (*p == '*') {
            d->precision = star;
            p++;
        }
        while (*p >= '0' && *p <= '9') {
            d->precision = d->precision * 10 + (*p++ - '0');
        }
    }
    while (*p == 'l' || *p == 'z' || *p == 'j' || *p == 't') {
        d->size = 'l';
        p++;
    }
    d->type = *p;
    d->number_format[n++] = 'l';
    d->number_format[n++] = 'l';
    d->number_format[n++] = *p;
    d->number_format[n] = 0;
    return *p == 0 ? p : p + 1;
}

static bool append_utf8(Thread *th, StrBuilder *b, const char *text, int precision)
{
    if (text == NULL) {
        text = "(null)";
    }
    size_t n = precision >= 0 ? strnlen(text, (size_t)precision) : strlen(text);
    /* A cut must not fall inside of a character. */
    while (precision >= 0 && n > 0 && text[n] != 0 && ((uint8_t)text[n] & 0xC0) == 0x80) {
        n--;
    }
    Value v = str_from_utf8(th, text, n);
    if (v == VALUE_ABSENT) {
        return false;
    }
    str_builder_str(b, v);
    rt_decref(th, v);
    return true;
}

static void append_number(StrBuilder *b, const Directive *d, long long number)
{
    char text[64];
    _Pragma("clang diagnostic push")
        _Pragma("clang diagnostic ignored \"-Wformat-nonliteral\"") int n =
            snprintf(text, sizeof text, d->number_format, number);
    _Pragma("clang diagnostic pop") str_builder_ascii(b, text, n < 0 ? 0 : (size_t)n);
}

typedef struct VaList {
    va_list list;
} VaList;

/* Appends one argument. false: exception set. */
static bool append_directive(Thread *th, StrBuilder *b, const Directive *d, VaList *arguments)
{
    switch (d->type) {
    case 's': return append_utf8(th, b, va_arg(arguments->list, const char *), d->precision);
    case 'd':
    case 'i':
        append_number(b, d,
                      d->size != 0 ? va_arg(arguments->list, long) : va_arg(arguments->list, int));
        return true;
    case 'u':
    case 'x':
    case 'X':
        append_number(b, d,
                      d->size != 0 ? (long long)va_arg(arguments->list, unsigned long)
                                   : (long long)va_arg(arguments->list, unsigned));
        return true;
    case 'c': str_builder_char(b, (uint32_t)va_arg(arguments->list, int)); return true;
    case 'p': {
        Directive hex = {.number_format = "%#llx"};
        append_number(b, &hex, (long long)(uintptr_t)va_arg(arguments->list, void *));
        return true;
    }
    case 'V': return str_builder_repr(th, b, va_arg(arguments->list, Value));
    case 'S': {
        Value text = rt_str(th, va_arg(arguments->list, Value));
        if (text == VALUE_ABSENT) {
            return false;
        }
        str_builder_str(b, text);
        rt_decref(th, text);
        return true;
    }
    case 'U': str_builder_str(b, va_arg(arguments->list, Value)); return true;
    case 'T': return append_utf8(th, b, rt_type_name(va_arg(arguments->list, Value)), d->precision);
    default: str_builder_char(b, '%'); return true;
    }
}

Value str_from_vformat(Thread *th, const char *format, va_list arguments)
{
    StrBuilder b;
    str_builder_init(&b);
    VaList list;
    va_copy(list.list, arguments);
    bool ok = true;
    for (const char *p = format; ok && *p != 0;) {
        size_t n = strcspn(p, "%");
        ok = n == 0 || append_utf8(th, &b, p, (int)n);
        p += n;
        if (!ok || *p == 0) {
            break;
        }
        int star = strncmp(p, "%.*", 3) == 0 ? va_arg(list.list, int) : 0;
        Directive d;
        p = directive_parse(p + 1, &d, star);
        ok = append_directive(th, &b, &d, &list);
    }
    va_end(list.list);
    if (!ok) {
        str_builder_abandon(&b);
        return VALUE_ABSENT;
    }
    return str_builder_finish(th, &b);
}

Value str_from_format(Thread *th, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    Value v = str_from_vformat(th, format, arguments);
    va_end(arguments);
    return v;
}
