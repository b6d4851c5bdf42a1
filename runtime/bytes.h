/*
 * Bytes: immutable, minimal in this version: made by str.encode and bytes(), decoded, indexed,
 * sliced, compared, hashed, printed.
 *
 * Threads: any.
 */
#ifndef ADDER_RUNTIME_BYTES_H
#define ADDER_RUNTIME_BYTES_H

#include "runtime/error.h"

typedef struct Bytes {
    Object header;
    int64_t length;
    _Atomic int64_t hash; /* -1: not yet known; relaxed, as Str's */
    uint8_t data[];       /* length bytes and a zero */
} Bytes;

static inline bool value_is_bytes(Value v) { return value_has_type(v, TYPE_BYTES); }
static inline Bytes *value_bytes(Value v) { return (Bytes *)value_object(v); }
/* Uninitialised but for the final zero if data is NULL. owns: new. */
Value bytes_new(Thread *th, const uint8_t *data, int64_t length);
/* Cached in b. threads: any. */
int64_t bytes_hash_of(Bytes *b);
/* encoding and errors: str or absent. utf-8, ascii, latin-1; strict, ignore, replace. */
Value bytes_decode(Thread *th, Value bytes, Value encoding, Value errors);
/* str.encode. */
Value str_encode(Thread *th, Value s, Value encoding, Value errors);

#endif
