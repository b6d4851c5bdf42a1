/*
 * Str: creation, decoding, hash, comparison, concatenation, parts.
 *
 * Search is in str_search.c, the methods in str_methods.c and its neighbours, the builder in
 * str_build.c, interning and the table of one-character strings in str_intern.c.
 *
 * Invariant: every string leaves this file in its smallest kind (asserted in str_check).  All
 * functions that make text scan for its largest character first and fill afterwards.
 *
 * Threads: any; strings are immutable once returned, hash and UTF-8 text are caches that every
 * thread would fill with the same content.
 */
#include "runtime/str_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The invariant of runtime/str.h as a formula. */
static __attribute__((unused)) bool str_check(const Str *s)
{
    uint32_t max = 0;
    for (int64_t i = 0; i < s->length; i++) {
        uint32_t c = str_char_at(s, i);
        max = c > max ? c : max;
    }
    return kind_of_char(max) == s->kind && s->ascii == (max < 0x80) &&
           str_char_at(s, s->length) == 0;
}

Value str_new_spare(Thread *th, int64_t length, uint32_t max_char, int64_t spare_bytes)
{
    int kind = kind_of_char(max_char);
    if (length > STR_MAX_LENGTH || spare_bytes > STR_MAX_LENGTH) {
        return rt_raise_memory_error(th);
    }
    size_t size = sizeof(Str) + (size_t)(length + 1) * (size_t)kind + (size_t)spare_bytes;
    Str *s = rt_object_new_unfilled(th, TYPE_STR, size);
    if (s == NULL) {
        return VALUE_ABSENT;
    }
    s->length = length;
    atomic_init(&s->hash, -1);
    s->kind = (uint8_t)kind;
    s->ascii = max_char < 0x80;
    atomic_init(&s->interned, 0);
    s->spare = spare_bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)spare_bytes;
    s->utf8 = NULL;
    s->utf8_length = 0;
    str_put(s, length, 0);
    return value_from_object(s);
}

Value str_new(Thread *th, int64_t length, uint32_t max_char)
{
    return str_new_spare(th, length, max_char, 0);
}

void chars_copy(uint8_t *to, int to_kind, int64_t to_index, const uint8_t *from, int from_kind,
                int64_t from_index, int64_t count)
{
    if (to_kind == from_kind) {
        memcpy(to + to_index * to_kind, from + from_index * to_kind,
               (size_t)count * (size_t)to_kind);
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        chars_put(to, to_kind, to_index + i, chars_get(from, from_kind, from_index + i));
    }
}

static bool bytes_are_ascii(const uint8_t *p, int64_t n)
{
    uint64_t word, all = 0;
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
        memcpy(&word, p + i, 8);
        all |= word;
    }
    for (; i < n; i++) {
        all |= p[i];
    }
    return (all & 0x8080808080808080u) == 0;
}

uint32_t chars_max(const uint8_t *data, int kind, int64_t start, int64_t end)
{
    if (kind == 1) {
        return bytes_are_ascii(data + start, end - start) ? 0x7F : 0xFF;
    }
    uint32_t all = 0;
    for (int64_t i = start; i < end; i++) {
        all |= chars_get(data, kind, i);
    }
    return all < 0x80 ? 0x7F : all < 0x100 ? 0xFF : all < 0x10000 ? 0xFFFF : 0x10FFFF;
}

Value str_from_ascii(Thread *th, const char *text, size_t length)
{
    if (length <= 1) {
        return length == 0 ? str_empty() : str_latin1_char((uint8_t)text[0]);
    }
    Value v = str_new(th, (int64_t)length, 0x7F);
    if (v != VALUE_ABSENT) {
        memcpy(value_str(v)->data, text, length);
    }
    return v;
}

Value str_from_cstr(Thread *th, const char *text) { return str_from_utf8(th, text, strlen(text)); }

Value str_from_char(Thread *th, uint32_t c)
{
    if (c < 0x100) {
        return str_latin1_char(c);
    }
    Value v = str_new(th, 1, c);
    if (v != VALUE_ABSENT) {
        str_put(value_str(v), 0, c);
    }
    return v;
}

/* Decodes one character at p (p < end). Returns its length in bytes, or 0 with *reason set. */
static int utf8_get(const uint8_t *p, const uint8_t *end, uint32_t *out, const char **reason)
{
    uint32_t c = p[0];
    if (c < 0x80) {
        *out = c;
        return 1;
    }
    int n = c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xF0 && c < 0xF5 ? 4 : 0;
    *reason = "invalid start byte";
    if (n == 0) {
        return 0;
    }
    uint32_t value = c & (0x7Fu >> n);
    for (int i = 1; i < n; i++) {
        if (p + i >= end) {
            *reason = "unexpected end of data";
            return 0;
        }
        uint32_t low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
        uint32_t high = c == 0xF4 ? 0x8F : 0xBF;
        if (i > 1) {
            low = 0x80;
            high = 0xBF;
        }
        *reason = "invalid continuation byte";
        if (p[i] < low || p[i] > high) {
            return 0;
        }
        value = value << 6 | (p[i] & 0x3F);
    }
    *out = value;
    return n;
}

Value str_from_utf8(Thread *th, const char *text, size_t length_bytes)
{
    const uint8_t *start = (const uint8_t *)text, *end = start + length_bytes;
    if (bytes_are_ascii(start, (int64_t)length_bytes)) {
        return str_from_ascii(th, text, length_bytes);
    }
    int64_t length = 0;
    uint32_t max = 0, c = 0;
    const char *reason = NULL;
    for (const uint8_t *p = start; p < end; length++) {
        int n = utf8_get(p, end, &c, &reason);
        if (n == 0) {
            return rt_raise(th, EXC_UNICODE_DECODE_ERROR,
                            "'utf-8' codec can't decode byte 0x%02x in position %zd: %s", p[0],
                            p - start, reason);
        }
        max = c > max ? c : max;
        p += n;
    }
    if (length == 1) {
        return str_from_char(th, c);
    }
    Value v = str_new(th, length, max);
    if (v == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    int64_t i = 0;
    for (const uint8_t *p = start; p < end; i++) {
        p += utf8_get(p, end, &c, &reason);
        str_put(value_str(v), i, c);
    }
    assert(str_check(value_str(v)));
    return v;
}

int utf8_put(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    int n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (int i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (c & 0x3F));
        c >>= 6;
    }
    out[0] = (char)((0xF00 >> n) | (int)c);
    return n;
}

const char *str_utf8(Thread *th, Value v, size_t *length_bytes)
{
    Str *s = value_str(v);
    if (s->ascii) {
        if (length_bytes != NULL) {
            *length_bytes = (size_t)s->length;
        }
        return (const char *)s->data;
    }
    char *text = __atomic_load_n(&s->utf8, __ATOMIC_ACQUIRE);
    if (text == NULL) {
        char buffer[4];
        int64_t size = 0;
        for (int64_t i = 0; i < s->length; i++) {
            size += utf8_put(buffer, str_char_at(s, i));
        }
        text = rt_malloc((size_t)size + 1);
        if (text == NULL) {
            rt_raise_memory_error(th);
            return NULL;
        }
        int64_t at = 0;
        for (int64_t i = 0; i < s->length; i++) {
            at += utf8_put(text + at, str_char_at(s, i));
        }
        text[size] = 0;
        __atomic_store_n(&s->utf8_length, size, __ATOMIC_RELAXED);
        char *expected = NULL;
        if (!__atomic_compare_exchange_n(&s->utf8, &expected, text, false, __ATOMIC_ACQ_REL,
                                         __ATOMIC_ACQUIRE)) {
            rt_free(text);
            text = expected;
        }
    }
    if (length_bytes != NULL) {
        *length_bytes = (size_t)__atomic_load_n(&s->utf8_length, __ATOMIC_RELAXED);
    }
    return text;
}

bool str_equal(Value a, Value b)
{
    if (a == b) {
        return true;
    }
    Str *x = value_str(a), *y = value_str(b);
    if (x->length != y->length || x->kind != y->kind) {
        return false;
    }
    if (atomic_load_explicit(&x->interned, memory_order_relaxed) != 0 &&
        atomic_load_explicit(&y->interned, memory_order_relaxed) != 0) {
        return false;
    }
    return memcmp(x->data, y->data, (size_t)x->length * x->kind) == 0;
}

int str_compare(Value a, Value b)
{
    const Str *x = value_str(a), *y = value_str(b);
    int64_t n = x->length < y->length ? x->length : y->length;
    if (x->kind == 1 && y->kind == 1) {
        int r = memcmp(x->data, y->data, (size_t)n);
        if (r != 0) {
            return r < 0 ? -1 : 1;
        }
    } else {
        for (int64_t i = 0; i < n; i++) {
            uint32_t c = str_char_at(x, i), d = str_char_at(y, i);
            if (c != d) {
                return c < d ? -1 : 1;
            }
        }
    }
    return x->length < y->length ? -1 : x->length > y->length;
}

Value str_concat(Thread *th, Value a, Value b)
{
    const Str *x = value_str(a), *y = value_str(b);
    if (x->length == 0) {
        return rt_newref(th, b);
    }
    if (y->length == 0) {
        return rt_newref(th, a);
    }
    uint32_t max = str_max(x) > str_max(y) ? str_max(x) : str_max(y);
    Value v = str_new(th, x->length + y->length, max);
    if (v != VALUE_ABSENT) {
        Str *s = value_str(v);
        chars_copy(s->data, s->kind, 0, x->data, x->kind, 0, x->length);
        chars_copy(s->data, s->kind, x->length, y->data, y->kind, 0, y->length);
    }
    return v;
}

/* Writes b's characters behind a's, where there is room; the caches of a die. */
static void append_in_place(Str *a, const Str *b)
{
    chars_copy(a->data, a->kind, a->length, b->data, b->kind, 0, b->length);
    a->length += b->length;
    a->spare -= (uint32_t)(b->length * a->kind);
    str_put(a, a->length, 0);
    a->ascii = a->ascii && b->ascii;
    atomic_store_explicit(&a->hash, -1, memory_order_relaxed);
    if (a->utf8 != NULL) {
        rt_free(a->utf8);
        a->utf8 = NULL;
    }
}

Value str_append_steal(Thread *th, Value a, Value b)
{
    Str *x = value_str(a);
    const Str *y = value_str(b);
    if (y->length == 0) {
        return a;
    }
    if (x->length == 0 || x->kind < y->kind || a == b || !object_unique(th, &x->header) ||
        atomic_load_explicit(&x->interned, memory_order_relaxed) != 0) {
        Value v = str_concat(th, a, b);
        rt_decref(th, a);
        return v;
    }
    int64_t need = y->length * x->kind;
    if (need <= (int64_t)x->spare) {
        append_in_place(x, y);
        return a;
    }
    /* The text is being grown: make room for more of the same. */
    int64_t length = x->length + y->length;
    int64_t spare = length * x->kind / 2 + 32;
    uint32_t max = str_max(x) > str_max(y) ? str_max(x) : str_max(y);
    Value v = str_new_spare(th, length, max, spare > UINT32_MAX ? UINT32_MAX : spare);
    if (v != VALUE_ABSENT) {
        Str *s = value_str(v);
        chars_copy(s->data, s->kind, 0, x->data, x->kind, 0, x->length);
        chars_copy(s->data, s->kind, x->length, y->data, y->kind, 0, y->length);
    }
    rt_decref(th, a);
    return v;
}

Value str_repeat(Thread *th, Value v, int64_t times)
{
    const Str *s = value_str(v);
    if (times <= 0 || s->length == 0) {
        return str_empty();
    }
    if (times == 1) {
        return rt_newref(th, v);
    }
    int64_t length;
    if (__builtin_mul_overflow(s->length, times, &length) || length > STR_MAX_LENGTH) {
        return rt_raise_memory_error(th);
    }
    Value result = str_new(th, length, str_max(s));
    if (result == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Str *r = value_str(result);
    size_t unit = (size_t)s->length * s->kind, total = unit * (size_t)times;
    if (unit == 1) {
        memset(r->data, s->data[0], total);
        return result;
    }
    memcpy(r->data, s->data, unit);
    for (size_t done = unit; done < total;) {
        size_t n = done < total - done ? done : total - done;
        memcpy(r->data + done, r->data, n);
        done += n;
    }
    return result;
}

Value str_substring(Thread *th, Value v, int64_t start, int64_t end)
{
    const Str *s = value_str(v);
    start = start < 0 ? 0 : start;
    end = end > s->length ? s->length : end;
    if (start >= end) {
        return str_empty();
    }
    if (start == 0 && end == s->length) {
        return rt_newref(th, v);
    }
    if (end - start == 1) {
        return str_from_char(th, str_char_at(s, start));
    }
    uint32_t max = s->ascii ? 0x7F : chars_max(s->data, s->kind, start, end);
    Value result = str_new(th, end - start, max);
    if (result != VALUE_ABSENT) {
        Str *r = value_str(result);
        chars_copy(r->data, r->kind, 0, s->data, s->kind, start, end - start);
    }
    return result;
}
