/*
 * Str: immutable Unicode text, 1, 2 or 4 bytes a character (PEP 393), hash cached.
 *
 * Invariant: kind is the smallest that holds the largest character; `ascii` is set iff all
 * characters are < 128 (then the data is also UTF-8).  Lone surrogates are allowed.
 * Interned strings are unique by content (flag STR_INTERNED), so attribute and global names
 * compare by pointer.  Threads: any; the hash is a relaxed atomic.
 */
#ifndef ADDER_RUNTIME_STR_H
#define ADDER_RUNTIME_STR_H

#include <stdarg.h>

#include "runtime/error.h"

typedef struct Str {
    Object header;
    int64_t length;       /* characters */
    _Atomic int64_t hash; /* -1: not yet known. shared: any thread writes the same value, relaxed */
    uint8_t kind;         /* 1, 2, 4 */
    bool ascii;
    _Atomic uint8_t interned;
    uint32_t spare; /* bytes of data that str_append_steal may still use in place */
    char *utf8;     /* cache for non-ascii text, NULL until asked; atomic in many-thread form */
    int64_t utf8_length;
    uint8_t data[]; /* kind * length bytes and a zero character */
} Str;

static inline bool value_is_str(Value v) { return value_has_type(v, TYPE_STR); }
static inline Str *value_str(Value v) { return (Str *)value_object(v); }

/* All: owns new, fails absent with MemoryError (or UnicodeDecodeError). */
Value str_from_utf8(Thread *th, const char *text, size_t length_bytes); /* WTF-8 accepted */
Value str_from_cstr(Thread *th, const char *text);
Value str_from_ascii(Thread *th, const char *text, size_t length);
Value str_from_char(Thread *th, uint32_t c);
Value str_from_format(Thread *th, const char *format, ...); /* as rt_raise */
/* As str_from_format; what rt_raise uses. fails: absent; a repr in it may run Python and raise. */
Value str_from_vformat(Thread *th, const char *format, va_list arguments);
/* Uninitialised text of a kind, to be filled by the caller; max_char decides kind and ascii. */
Value str_new(Thread *th, int64_t length, uint32_t max_char);
/* The one string with this content. steals v; owns new. */
Value str_intern_steal(Thread *th, Value v);
Value str_intern_cstr(Thread *th, const char *text); /* owns: new */
/* UTF-8 text, zero-terminated, valid as long as v lives. fails: NULL, exception set. */
const char *str_utf8(Thread *th, Value v, size_t *length_bytes);
static inline uint32_t str_char_at(const Str *s, int64_t i)
{
    switch (s->kind) {
    case 1: return s->data[i];
    case 2: return ((const uint16_t *)(const void *)s->data)[i];
    default: return ((const uint32_t *)(const void *)s->data)[i];
    }
}
int64_t str_hash(Str *s);
bool str_equal(Value a, Value b);
int str_compare(Value a, Value b);
Value str_concat(Thread *th, Value a, Value b);
/* a + b where a's reference is given up: grows a in place when that was the only one.
 * owns: new, a is stolen (also on failure), b borrowed. */
Value str_append_steal(Thread *th, Value a, Value b);
Value str_repeat(Thread *th, Value s, int64_t times);
Value str_substring(Thread *th, Value s, int64_t start, int64_t end);
Value str_join(Thread *th, Value separator, Value iterable);
int64_t str_find(const Str *s, const Str *needle, int64_t start, int64_t end);
Value str_repr(Thread *th, Value s);
/* `pattern % args` */
Value str_percent_format(Thread *th, Value pattern, Value args);

/* A growing buffer of characters; finish or abandon exactly once. */
typedef struct StrBuilder {
    uint8_t *data;
    int64_t length, capacity;
    uint8_t kind;
    bool failed; /* out of memory: every later call is a no-op, finish raises MemoryError */
} StrBuilder;
void str_builder_init(StrBuilder *b);
void str_builder_char(StrBuilder *b, uint32_t c);
void str_builder_ascii(StrBuilder *b, const char *text, size_t length);
void str_builder_str(StrBuilder *b, Value s);
Value str_builder_finish(Thread *th, StrBuilder *b); /* owns: new */
void str_builder_abandon(StrBuilder *b);

#endif
