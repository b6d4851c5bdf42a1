/*
 * Interned strings, the table of one-character strings, and the hash of text.
 *
 * Interned strings are unique by content.  Those of one latin-1 character and the empty one live in
 * a static table and are immortal; the others are found through rt->interned and live as long as it.
 *
 * The hash reads 16 bytes a step and mixes with 64x64->128 bit products under a key of the process;
 * the key is fixed when PYTHONHASHSEED is 0 or ids are to be deterministic, else drawn at start.
 *
 * Threads: any; the table is made at start, before a second thread is there, and grows as a dict does:
 * get-or-insert is one step under its lock.
 */
#include "runtime/str_internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wgnu-variable-sized-type-not-at-end"
/* Strings that are never freed; text is the character and its zero. */
typedef struct StaticStr {
    Str str;
    uint8_t text[8];
    char utf8[8];
} StaticStr;
#pragma clang diagnostic pop
_Static_assert(offsetof(StaticStr, text) == offsetof(Str, data), "text is data");

#define STATIC_STR(size, c)                                               \
    {                                                                     \
        .str = {.header = {.owner = OWNER_IMMORTAL, .type_id = TYPE_STR}, \
                .length = (size),                                         \
                .hash = -1,                                               \
                .kind = 1,                                                \
                .ascii = (c) < 0x80,                                      \
                .interned = 1,                                            \
                .utf8_length = 2},                                        \
        .text = {(c)},                                                    \
        .utf8 = {(char)(0xC0 | (c) >> 6), (char)(0x80 | ((c) & 0x3F))},   \
    }
#define CHARS4(c) STATIC_STR(1, c), STATIC_STR(1, c + 1), STATIC_STR(1, c + 2), STATIC_STR(1, c + 3)
#define CHARS16(c) CHARS4(c), CHARS4(c + 4), CHARS4(c + 8), CHARS4(c + 12)
#define CHARS64(c) CHARS16(c), CHARS16(c + 16), CHARS16(c + 32), CHARS16(c + 48)

/* Constant, but for caches of hashes and UTF-8. */
static StaticStr static_chars[256] = {CHARS64(0), CHARS64(64), CHARS64(128), CHARS64(192)};
static StaticStr static_empty = STATIC_STR(0, 0);
/* The key of the process, drawn before the first hash and never changed: every Runtime of the
 * process shares the static strings and so their cached hashes. */
static uint64_t hash_key[2];

Value str_latin1_char(uint32_t c) { return value_from_object(&static_chars[c].str); }
Value str_empty(void) { return value_from_object(&static_empty.str); }

void str_hash_init(const Runtime *rt)
{
    if (hash_key[0] != 0) {
        return;
    }
    for (uint32_t c = 0x80; c < 256; c++) {
        static_chars[c].str.utf8 = static_chars[c].utf8;
    }
    const char *seed = getenv("PYTHONHASHSEED");
    uint64_t number = 0;
    bool fixed = rt->deterministic_ids;
    if (seed != NULL && *seed >= '0' && *seed <= '9') {
        number = strtoull(seed, NULL, 10);
        fixed = true;
    }
    hash_key[0] = 0x9E3779B97F4A7C15u ^ number * 0xD6E8FEB86659FD93u;
    hash_key[1] = 0xC2B2AE3D27D4EB4Fu + number;
    if (!fixed) {
        uint64_t random[2];
        if (getrandom(random, sizeof random, GRND_NONBLOCK) == (ssize_t)sizeof random) {
            hash_key[0] ^= random[0];
            hash_key[1] ^= random[1];
        }
    }
}

static inline uint64_t mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t read_word(const uint8_t *p, size_t n)
{
    uint64_t word = 0;
    memcpy(&word, p, n);
    return word;
}

int64_t bytes_hash(const uint8_t *p, size_t n)
{
    uint64_t state = hash_key[0] ^ n, a, b;
    size_t left = n;
    for (; left > 16; left -= 16, p += 16) {
        state = mix(read_word(p, 8) ^ hash_key[1], read_word(p + 8, 8) ^ state);
    }
    if (left >= 8) {
        a = read_word(p, 8);
        b = read_word(p + left - 8, 8);
    } else if (left >= 4) {
        a = read_word(p, 4);
        b = read_word(p + left - 4, 4);
    } else {
        a = left > 0 ? (uint64_t)p[0] << 16 | (uint64_t)p[left / 2] << 8 | p[left - 1] : 0;
        b = 0;
    }
    uint64_t hash = mix(hash_key[1] ^ n, mix(a ^ hash_key[1], b ^ state));
    return (int64_t)hash == -1 ? -2 : (int64_t)hash;
}

int64_t str_hash(Str *s)
{
    int64_t hash = atomic_load_explicit(&s->hash, memory_order_relaxed);
    if (hash == -1) {
        hash = s->length == 0 ? 0 : bytes_hash(s->data, (size_t)s->length * s->kind);
        atomic_store_explicit(&s->hash, hash, memory_order_relaxed);
    }
    return hash;
}

Value str_intern_steal(Thread *th, Value v)
{
    Str *s = value_str(v);
    if (atomic_load_explicit(&s->interned, memory_order_relaxed) != 0) {
        return v;
    }
    if (s->length == 0 || (s->length == 1 && s->kind == 1)) {
        Value unique = s->length == 0 ? str_empty() : str_latin1_char(s->data[0]);
        rt_decref(th, v);
        return unique;
    }
    /* Nearly always it is there: then no lock is taken. */
    Value unique = dict_get_str(th, th->rt->interned, v);
    if (unique == VALUE_ABSENT) {
        unique = dict_setdefault(th, th->rt->interned, v, v);
    }
    if (unique != VALUE_ABSENT) {
        atomic_store_explicit(&value_str(unique)->interned, 1, memory_order_release);
    }
    rt_decref(th, v);
    return unique;
}

Value str_intern_cstr(Thread *th, const char *text)
{
    Value v = str_from_cstr(th, text);
    return v == VALUE_ABSENT ? VALUE_ABSENT : str_intern_steal(th, v);
}
