/*
 * Inside of str: reading and writing characters of the three kinds.
 *
 * Private to the str_*.c files.  A Str is written only before anybody else has seen it, so nothing
 * here needs an order.  Threads: any.
 */
#ifndef ADDER_RUNTIME_STR_INTERNAL_H
#define ADDER_RUNTIME_STR_INTERNAL_H

#include "runtime/container_inline.h"

/* In characters of any kind. */
#define STR_MAX_LENGTH (OBJECT_SIZE_MAX / 8)

static inline void chars_put(uint8_t *data, int kind, int64_t i, uint32_t c)
{
    switch (kind) {
    case 1: data[i] = (uint8_t)c; break;
    case 2: ((uint16_t *)(void *)data)[i] = (uint16_t)c; break;
    default: ((uint32_t *)(void *)data)[i] = c; break;
    }
}

static inline uint32_t chars_get(const uint8_t *data, int kind, int64_t i)
{
    switch (kind) {
    case 1: return data[i];
    case 2: return ((const uint16_t *)(const void *)data)[i];
    default: return ((const uint32_t *)(const void *)data)[i];
    }
}

static inline void str_put(Str *s, int64_t i, uint32_t c) { chars_put(s->data, s->kind, i, c); }

static inline int kind_of_char(uint32_t max_char)
{
    return max_char < 0x100 ? 1 : max_char < 0x10000 ? 2 : 4;
}

/* Copies count characters between texts; the target's kind holds them all. */
void chars_copy(uint8_t *to, int to_kind, int64_t to_index, const uint8_t *from, int from_kind,
                int64_t from_index, int64_t count);
/* An upper bound (of its kind) of the characters of a part: 0x7F, 0xFF, 0xFFFF or 0x10FFFF. */
uint32_t chars_max(const uint8_t *data, int kind, int64_t start, int64_t end);
static inline uint32_t str_max(const Str *s)
{
    return s->ascii ? 0x7F : s->kind == 1 ? 0xFF : s->kind == 2 ? 0xFFFF : 0x10FFFF;
}
/* Writes c as UTF-8 (surrogates too), returns the number of bytes (1 to 4). */
int utf8_put(char *out, uint32_t c);

/* Draws the key of the hash, once a process. */
void str_hash_init(const Runtime *rt);
/* The hash of bytes under the key of the process; never -1. */
int64_t bytes_hash(const uint8_t *p, size_t n);

/* The immortal string of one character below 256. */
Value str_latin1_char(uint32_t c);
Value str_empty(void);
/* With spare bytes of room behind the text for str_append_steal. */
Value str_new_spare(Thread *th, int64_t length, uint32_t max_char, int64_t spare_bytes);

/* Appends characters [start, end) of s; count times c. */
void str_builder_part(StrBuilder *b, const Str *s, int64_t start, int64_t end);
void str_builder_fill(StrBuilder *b, uint32_t c, int64_t count);

int64_t str_rfind(const Str *s, const Str *needle, int64_t start, int64_t end);
int64_t str_count(const Str *s, const Str *needle, int64_t start, int64_t end);
bool str_match_at(const Str *s, const Str *needle, int64_t at);

/* As CPython's str.isspace and friends see a character. */
bool char_is_space(uint32_t c);
bool char_is_printable(uint32_t c);
bool char_is_alpha(uint32_t c);
bool char_is_decimal(uint32_t c);
int char_decimal_value(uint32_t c); /* -1: none */
bool char_is_digit(uint32_t c);
bool char_is_numeric(uint32_t c);
bool char_is_identifier_start(uint32_t c);
bool char_is_identifier_part(uint32_t c);
bool char_is_line_break(uint32_t c);

/* Native functions of the method table, by file. */
#define STR_NATIVE(name) \
    Value str_method_##name(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
STR_NATIVE(find);
STR_NATIVE(rfind);
STR_NATIVE(index);
STR_NATIVE(rindex);
STR_NATIVE(count);
STR_NATIVE(startswith);
STR_NATIVE(endswith);
STR_NATIVE(replace);
STR_NATIVE(removeprefix);
STR_NATIVE(removesuffix);
STR_NATIVE(split);
STR_NATIVE(rsplit);
STR_NATIVE(splitlines);
STR_NATIVE(partition);
STR_NATIVE(rpartition);
STR_NATIVE(strip);
STR_NATIVE(lstrip);
STR_NATIVE(rstrip);
STR_NATIVE(upper);
STR_NATIVE(lower);
STR_NATIVE(casefold);
STR_NATIVE(title);
STR_NATIVE(capitalize);
STR_NATIVE(swapcase);
STR_NATIVE(isupper);
STR_NATIVE(islower);
STR_NATIVE(istitle);
STR_NATIVE(isalpha);
STR_NATIVE(isalnum);
STR_NATIVE(isdecimal);
STR_NATIVE(isdigit);
STR_NATIVE(isnumeric);
STR_NATIVE(isspace);
STR_NATIVE(isprintable);
STR_NATIVE(isidentifier);
STR_NATIVE(isascii);
STR_NATIVE(encode);
STR_NATIVE(format);
STR_NATIVE(format_map);

extern const NativeDef str_natives[];

/* Self check of a str method; `where` the method's name. */
static inline bool str_self(Thread *th, Value self, const char *method)
{
    return method_self(th, self, TYPE_STR, "str", method);
}

#endif
