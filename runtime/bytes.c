/*
 * Bytes and the codecs between bytes and str: utf-8, ascii, latin-1.
 *
 * Minimal on purpose: what str.encode needs and programs do with its result.  Error handlers:
 * strict, ignore, replace, and for encoding backslashreplace and xmlcharrefreplace, for utf-8 also
 * surrogateescape and surrogatepass.
 *
 * Threads: any; immutable.
 */
#include "runtime/bytes.h"

#include <string.h>

#include "runtime/str_internal.h"
#include "runtime/types.h"

Value bytes_new(Thread *th, const uint8_t *data, int64_t length)
{
    if (length > OBJECT_SIZE_MAX) {
        return rt_raise_memory_error(th);
    }
    Bytes *b = rt_object_new(th, TYPE_BYTES, sizeof(Bytes) + (size_t)length + 1);
    if (b == NULL) {
        return VALUE_ABSENT;
    }
    b->length = length;
    atomic_store_explicit(&b->hash, -1, memory_order_relaxed);
    if (data != NULL && length > 0) {
        memcpy(b->data, data, (size_t)length);
    }
    return value_from_object(b);
}

typedef enum Codec { CODEC_UTF8, CODEC_ASCII, CODEC_LATIN1, CODEC_UNKNOWN } Codec;

/* The codec with that name: case and - _ do not count. */
static Codec codec_by_name(const Str *name)
{
    char text[16];
    size_t n = 0;
    for (int64_t i = 0; i < name->length; i++) {
        uint32_t c = str_char_at(name, i);
        if (c == '-' || c == '_' || c == ' ') {
            continue;
        }
        if (n + 1 >= sizeof text || c >= 0x80) {
            return CODEC_UNKNOWN;
        }
        text[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    text[n] = 0;
    static const struct {
        const char *name;
        Codec codec;
    } names[] = {{"utf8", CODEC_UTF8},       {"u8", CODEC_UTF8},      {"ascii", CODEC_ASCII},
                 {"usascii", CODEC_ASCII},   {"646", CODEC_ASCII},    {"latin1", CODEC_LATIN1},
                 {"iso88591", CODEC_LATIN1}, {"latin", CODEC_LATIN1}, {"l1", CODEC_LATIN1},
                 {"8859", CODEC_LATIN1},     {"cp819", CODEC_LATIN1}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i].name, text) == 0) {
            return names[i].codec;
        }
    }
    return CODEC_UNKNOWN;
}

/* encoding and errors of a call; false: LookupError set. */
static bool codec_arguments(Thread *th, Value encoding, Value errors, Codec *codec,
                            const char **handler)
{
    *codec = encoding == VALUE_ABSENT ? CODEC_UTF8 : codec_by_name(value_str(encoding));
    *handler = errors == VALUE_ABSENT ? "strict" : str_utf8(th, errors, NULL);
    if (*handler == NULL) {
        return false;
    }
    if (*codec == CODEC_UNKNOWN) {
        rt_raise(th, EXC_LOOKUP_ERROR, "unknown encoding: %U", encoding);
        return false;
    }
    return true;
}

static const char *codec_name(Codec codec)
{
    return codec == CODEC_UTF8 ? "utf-8" : codec == CODEC_ASCII ? "ascii" : "latin-1";
}

/* Appends what the handler makes of a character that cannot be encoded. */
static bool encode_unencodable(Thread *th, StrBuilder *out, const Str *s, int64_t at, Codec codec,
                               const char *handler)
{
    uint32_t c = str_char_at(s, at);
    char text[24];
    if (strcmp(handler, "ignore") == 0) {
        return true;
    }
    if (strcmp(handler, "replace") == 0) {
        str_builder_char(out, '?');
        return true;
    }
    if (strcmp(handler, "surrogatepass") == 0 && codec == CODEC_UTF8) {
        str_builder_ascii(out, text, (size_t)utf8_put(text, c));
        return true;
    }
    if (strcmp(handler, "surrogateescape") == 0 && c >= 0xDC80 && c <= 0xDCFF) {
        str_builder_char(out, c - 0xDC00);
        return true;
    }
    bool xml = strcmp(handler, "xmlcharrefreplace") == 0;
    if (xml || strcmp(handler, "backslashreplace") == 0) {
        const char *format = xml           ? "&#%u;"
                             : c < 0x100   ? "\\x%02x"
                             : c < 0x10000 ? "\\u%04x"
                                           : "\\U%08x";
        Value v = str_from_format(th, format, c);
        if (v == VALUE_ABSENT) {
            return false;
        }
        str_builder_str(out, v);
        rt_decref(th, v);
        return true;
    }
    if (strcmp(handler, "strict") != 0) {
        rt_raise(th, EXC_LOOKUP_ERROR, "unknown error handler name '%s'", handler);
        return false;
    }
    const char *escape = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
    Value shown = str_from_format(th, escape, c);
    if (shown != VALUE_ABSENT) {
        rt_raise(th, EXC_UNICODE_ENCODE_ERROR,
                 codec == CODEC_UTF8 ? "'%s' codec can't encode character '%U' in position %lld: "
                                       "surrogates not allowed"
                                     : "'%s' codec can't encode character '%U' in position %lld: "
                                       "ordinal not in range(%d)",
                 codec_name(codec), shown, (long long)at, codec == CODEC_ASCII ? 128 : 256);
        rt_decref(th, shown);
    }
    return false;
}

/* The builder's characters, all below 256, as bytes. */
static Value bytes_from_builder(Thread *th, StrBuilder *b)
{
    if (b->failed) {
        return rt_raise_memory_error(th);
    }
    Value v = bytes_new(th, b->data, b->length);
    str_builder_abandon(b);
    return v;
}

Value str_encode(Thread *th, Value v, Value encoding, Value errors)
{
    const Str *s = value_str(v);
    Codec codec;
    const char *handler;
    if (!codec_arguments(th, encoding, errors, &codec, &handler)) {
        return VALUE_ABSENT;
    }
    if (s->ascii || (codec == CODEC_LATIN1 && s->kind == 1)) {
        return bytes_new(th, s->data, s->length);
    }
    uint32_t limit = codec == CODEC_ASCII ? 0x80 : codec == CODEC_LATIN1 ? 0x100 : 0x110000;
    StrBuilder b;
    str_builder_init(&b);
    for (int64_t i = 0; i < s->length; i++) {
        uint32_t c = str_char_at(s, i);
        if (c >= limit || (codec == CODEC_UTF8 && c >= 0xD800 && c < 0xE000)) {
            if (!encode_unencodable(th, &b, s, i, codec, handler)) {
                str_builder_abandon(&b);
                return VALUE_ABSENT;
            }
        } else if (codec == CODEC_UTF8) {
            char text[4];
            str_builder_ascii(&b, text, (size_t)utf8_put(text, c));
        } else {
            str_builder_char(&b, c);
        }
    }
    return bytes_from_builder(th, &b);
}

/* Length of the valid UTF-8 sequence at p, 0 if there is none; bad: how many bytes to skip. */
static int valid_sequence(const uint8_t *p, const uint8_t *end, int *bad)
{
    uint32_t c = p[0];
    int n = c < 0x80                ? 1
            : c >= 0xC2 && c < 0xE0 ? 2
            : c >= 0xE0 && c < 0xF0 ? 3
            : c >= 0xF0 && c < 0xF5 ? 4
                                    : 0;
    *bad = 1;
    for (int i = 1; i < n; i++, ++*bad) {
        uint32_t low = 0x80, high = 0xBF;
        if (i == 1) {
            low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
            high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
        }
        if (p + i >= end || p[i] < low || p[i] > high) {
            return 0;
        }
    }
    return n;
}

static bool decode_undecodable(Thread *th, StrBuilder *b, const Bytes *bytes, int64_t at, int bad,
                               Codec codec, const char *handler)
{
    if (strcmp(handler, "ignore") == 0) {
        return true;
    }
    if (strcmp(handler, "replace") == 0) {
        str_builder_char(b, 0xFFFD);
        return true;
    }
    if (strcmp(handler, "surrogateescape") == 0) {
        for (int i = 0; i < bad; i++) {
            str_builder_char(b, 0xDC00u + bytes->data[at + i]);
        }
        return true;
    }
    if (strcmp(handler, "strict") != 0) {
        rt_raise(th, EXC_LOOKUP_ERROR, "unknown error handler name '%s'", handler);
        return false;
    }
    uint8_t c = bytes->data[at];
    if (codec == CODEC_ASCII) {
        rt_raise(th, EXC_UNICODE_DECODE_ERROR,
                 "'ascii' codec can't decode byte 0x%02x in position %lld: ordinal not in "
                 "range(128)",
                 c, (long long)at);
        return false;
    }
    bool start = c >= 0xC2 && c < 0xF5, cut = at + bad >= bytes->length;
    const char *reason = !start ? "invalid start byte"
                         : cut  ? "unexpected end of data"
                                : "invalid continuation byte";
    if (bad > 1) {
        rt_raise(th, EXC_UNICODE_DECODE_ERROR,
                 "'utf-8' codec can't decode bytes in position %lld-%lld: %s", (long long)at,
                 (long long)at + bad - 1, reason);
    } else {
        rt_raise(th, EXC_UNICODE_DECODE_ERROR,
                 "'utf-8' codec can't decode byte 0x%02x in position %lld: %s", c, (long long)at,
                 reason);
    }
    return false;
}

Value bytes_decode(Thread *th, Value v, Value encoding, Value errors)
{
    const Bytes *bytes = value_bytes(v);
    Codec codec;
    const char *handler;
    if (!codec_arguments(th, encoding, errors, &codec, &handler)) {
        return VALUE_ABSENT;
    }
    StrBuilder b;
    str_builder_init(&b);
    const uint8_t *end = bytes->data + bytes->length;
    for (int64_t i = 0; i < bytes->length;) {
        const uint8_t *p = bytes->data + i;
        int bad = 1, n = codec == CODEC_UTF8    ? valid_sequence(p, end, &bad)
                         : codec == CODEC_ASCII ? p[0] < 0x80
                                                : 1;
        if (n == 0) {
            if (!decode_undecodable(th, &b, bytes, i, bad, codec, handler)) {
                str_builder_abandon(&b);
                return VALUE_ABSENT;
            }
            i += bad;
            continue;
        }
        uint32_t c = n == 1 ? p[0] : p[0] & (0x7Fu >> n);
        for (int k = 1; k < n; k++) {
            c = c << 6 | (p[k] & 0x3F);
        }
        str_builder_char(&b, c);
        i += n;
    }
    return str_builder_finish(th, &b);
}

static bool bytes_from_ints(Thread *th, StrBuilder *b, Value iterable)
{
    ValueArray a = {0};
    bool ok = value_array_extend(th, &a, iterable);
    for (int64_t i = 0; ok && i < a.count; i++) {
        int64_t x;
        ok = int_as_index(th, a.items[i], &x, true);
        if (ok && (x < 0 || x > 255)) {
            rt_raise(th, EXC_VALUE_ERROR, "bytes must be in range(0, 256)");
            ok = false;
        } else if (ok) {
            str_builder_char(b, (uint32_t)x);
        }
    }
    value_array_clear(th, &a);
    return ok;
}

static Value bytes_construct(Thread *th, Type *type, const Value *args, uint32_t nargs,
                             Value kwnames)
{
    static const char *const names[] = {"source", "encoding", "errors"};
    static const ArgumentNames spec = {"bytes", names, 3, 0};
    Value bound[3];
    (void)type;
    if (!arguments_bind(th, &spec, args, nargs, kwnames, bound)) {
        return VALUE_ABSENT;
    }
    if (bound[0] == VALUE_ABSENT) {
        return bytes_new(th, NULL, 0);
    }
    if (value_is_str(bound[0])) {
        if (bound[1] == VALUE_ABSENT) {
            return rt_raise(th, EXC_TYPE_ERROR, "string argument without an encoding");
        }
        if (!value_is_str(bound[1]) || (bound[2] != VALUE_ABSENT && !value_is_str(bound[2]))) {
            return rt_raise(th, EXC_TYPE_ERROR, "bytes() argument 'encoding' must be str, not %T",
                            bound[1]);
        }
        return str_encode(th, bound[0], bound[1], bound[2]);
    }
    if (value_is_bytes(bound[0])) {
        return rt_newref(th, bound[0]);
    }
    if (value_is_int_like(bound[0])) {
        int64_t count;
        if (!int_as_index(th, bound[0], &count, false)) {
            return VALUE_ABSENT;
        }
        return count < 0 ? rt_raise(th, EXC_VALUE_ERROR, "negative count")
                         : bytes_new(th, NULL, count);
    }
    if (rt_type_of(bound[0])->iter == NULL) {
        return rt_raise(th, EXC_TYPE_ERROR, "cannot convert '%T' object to bytes", bound[0]);
    }
    StrBuilder b;
    str_builder_init(&b);
    if (!bytes_from_ints(th, &b, bound[0])) {
        str_builder_abandon(&b);
        return VALUE_ABSENT;
    }
    return bytes_from_builder(th, &b);
}

static Value bytes_repr(Thread *th, Value self)
{
    const Bytes *bytes = value_bytes(self);
    bool single = memchr(bytes->data, '\'', (size_t)bytes->length) != NULL;
    bool twice = memchr(bytes->data, '"', (size_t)bytes->length) != NULL;
    uint32_t quote = single && !twice ? '"' : '\'';
    StrBuilder b;
    str_builder_init(&b);
    str_builder_char(&b, 'b');
    str_builder_char(&b, quote);
    for (int64_t i = 0; i < bytes->length; i++) {
        uint32_t c = bytes->data[i];
        const char *named = c == '\n' ? "\\n" : c == '\r' ? "\\r" : c == '\t' ? "\\t" : NULL;
        if (named != NULL) {
            str_builder_ascii(&b, named, 2);
        } else if (c == quote || c == '\\') {
            str_builder_char(&b, '\\');
            str_builder_char(&b, c);
        } else if (c >= 32 && c < 127) {
            str_builder_char(&b, c);
        } else {
            static const char hex[] = "0123456789abcdef";
            char text[4] = {'\\', 'x', hex[c >> 4], hex[c & 15]};
            str_builder_ascii(&b, text, 4);
        }
    }
    str_builder_char(&b, quote);
    return str_builder_finish(th, &b);
}

int64_t bytes_hash_of(Bytes *b)
{
    int64_t hash = atomic_load_explicit(&b->hash, memory_order_relaxed);
    if (hash == -1) {
        hash = b->length == 0 ? 0 : bytes_hash(b->data, (size_t)b->length);
        atomic_store_explicit(&b->hash, hash, memory_order_relaxed);
    }
    return hash;
}

static bool bytes_hash_slot(Thread *th, Value self, int64_t *out)
{
    (void)th;
    *out = bytes_hash_of(value_bytes(self));
    return true;
}

static Value bytes_compare(Thread *th, Value a, Value b, CompareOp op)
{
    (void)th;
    if (!value_is_bytes(a) || !value_is_bytes(b)) {
        return rt_not_implemented();
    }
    const Bytes *x = value_bytes(a), *y = value_bytes(b);
    size_t n = (size_t)(x->length < y->length ? x->length : y->length);
    int r = memcmp(x->data, y->data, n);
    r = r != 0 ? r : (x->length > y->length) - (x->length < y->length);
    switch (op) {
    case CMP_LT: return value_from_bool(r < 0);
    case CMP_LE: return value_from_bool(r <= 0);
    case CMP_EQ: return value_from_bool(r == 0);
    case CMP_NE: return value_from_bool(r != 0);
    case CMP_GT: return value_from_bool(r > 0);
    default: return value_from_bool(r >= 0);
    }
}

static int64_t bytes_length(Thread *th, Value self)
{
    (void)th;
    return value_bytes(self)->length;
}

static Value bytes_getitem(Thread *th, Value self, Value key)
{
    const Bytes *b = value_bytes(self);
    int64_t index, start, stop, step, count;
    if (value_has_type(key, TYPE_SLICE)) {
        if (!slice_resolve(th, key, b->length, &start, &stop, &step, &count)) {
            return VALUE_ABSENT;
        }
        Value v = bytes_new(th, NULL, count);
        for (int64_t i = 0; v != VALUE_ABSENT && i < count; i++) {
            value_bytes(v)->data[i] = b->data[start + i * step];
        }
        return v;
    }
    if (!sequence_index(th, key, "byte", &index)) {
        return VALUE_ABSENT;
    }
    index += index < 0 ? b->length : 0;
    if (index < 0 || index >= b->length) {
        return rt_raise(th, EXC_INDEX_ERROR, "index out of range");
    }
    return value_from_small_int(b->data[index]);
}

static int bytes_contains(Thread *th, Value self, Value item)
{
    const Bytes *b = value_bytes(self);
    int64_t c;
    if (value_is_bytes(item)) {
        const Bytes *part = value_bytes(item);
        for (int64_t i = 0; i + part->length <= b->length; i++) {
            if (memcmp(b->data + i, part->data, (size_t)part->length) == 0) {
                return 1;
            }
        }
        return 0;
    }
    if (!value_is_int_like(item)) {
        rt_raise(th, EXC_TYPE_ERROR, "a bytes-like object is required, not '%T'", item);
        return -1;
    }
    if (!int_to_i64(item, &c) || c < 0 || c > 255) {
        rt_raise(th, EXC_VALUE_ERROR, "byte must be in range(0, 256)");
        return -1;
    }
    return memchr(b->data, (int)c, (size_t)b->length) != NULL;
}

static Value bytes_concat(Thread *th, Value a, Value b)
{
    if (!value_is_bytes(a)) {
        return rt_not_implemented();
    }
    if (!value_is_bytes(b)) {
        return rt_raise(th, EXC_TYPE_ERROR, "can't concat %T to bytes", b);
    }
    const Bytes *x = value_bytes(a), *y = value_bytes(b);
    Value v = bytes_new(th, NULL, x->length + y->length);
    if (v != VALUE_ABSENT) {
        memcpy(value_bytes(v)->data, x->data, (size_t)x->length);
        memcpy(value_bytes(v)->data + x->length, y->data, (size_t)y->length);
    }
    return v;
}

static Value bytes_repeat(Thread *th, Value a, Value b)
{
    Value self;
    int64_t times, length;
    int r = sequence_repeat_operands(th, a, b, TYPE_BYTES, &self, &times);
    if (r <= 0) {
        return r < 0 ? VALUE_ABSENT : rt_not_implemented();
    }
    const Bytes *x = value_bytes(self);
    if (__builtin_mul_overflow(x->length, times > 0 ? times : 0, &length) ||
        length > INT64_MAX - (int64_t)sizeof(Bytes) - 1) {
        return rt_raise_memory_error(th);
    }
    Value v = bytes_new(th, NULL, length);
    for (int64_t at = 0; v != VALUE_ABSENT && at < length; at += x->length) {
        memcpy(value_bytes(v)->data + at, x->data, (size_t)x->length);
    }
    return v;
}

static Value bytes_iter(Thread *th, Value self)
{
    /* The items are small: a tuple of them serves. */
    const Bytes *b = value_bytes(self);
    Value *items = rt_malloc((size_t)b->length * sizeof(Value));
    if (items == NULL) {
        return rt_raise_memory_error(th);
    }
    for (int64_t i = 0; i < b->length; i++) {
        items[i] = value_from_small_int(b->data[i]);
    }
    Value tuple = tuple_new_steal(th, items, b->length);
    rt_free(items);
    Value iterator = tuple == VALUE_ABSENT ? VALUE_ABSENT : rt_iter(th, tuple);
    rt_xdecref(th, tuple);
    return iterator;
}

static Value bytes_method_decode(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    static const char *const names[] = {"encoding", "errors"};
    static const ArgumentNames spec = {"decode", names, 2, 0};
    Value bound[2];
    if (!method_self(th, args[0], TYPE_BYTES, "bytes", "decode") ||
        !arguments_bind(th, &spec, args + 1, nargs - 1, kwnames, bound)) {
        return VALUE_ABSENT;
    }
    for (int i = 0; i < 2; i++) {
        if (bound[i] != VALUE_ABSENT && !value_is_str(bound[i])) {
            return rt_raise(th, EXC_TYPE_ERROR, "decode() argument '%s' must be str, not %T",
                            names[i], bound[i]);
        }
    }
    return bytes_decode(th, args[0], bound[0], bound[1]);
}

static Value bytes_method_hex(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    static const char hex[] = "0123456789abcdef";
    (void)nargs;
    (void)kwnames;
    if (!method_self(th, args[0], TYPE_BYTES, "bytes", "hex")) {
        return VALUE_ABSENT;
    }
    const Bytes *b = value_bytes(args[0]);
    StrBuilder out;
    str_builder_init(&out);
    for (int64_t i = 0; i < b->length; i++) {
        str_builder_char(&out, (uint8_t)hex[b->data[i] >> 4]);
        str_builder_char(&out, (uint8_t)hex[b->data[i] & 15]);
    }
    return str_builder_finish(th, &out);
}

static const NativeDef bytes_natives[] = {
    {"decode", bytes_method_decode, 1, -1, NATIVE_KEYWORDS},
    {"hex", bytes_method_hex, 1, 1, 0},
    {0},
};

static Type bytes_type = {
    .id = TYPE_BYTES,
    .name = "bytes",
    .size_bytes = sizeof(Bytes),
    .construct = bytes_construct,
    .repr = bytes_repr,
    .hash = bytes_hash_slot,
    .compare = bytes_compare,
    .iter = bytes_iter,
    .length = bytes_length,
    .getitem = bytes_getitem,
    .contains = bytes_contains,
    .binary = {[BIN_ADD] = bytes_concat, [BIN_MUL] = bytes_repeat},
    .methods = bytes_natives,
};

bool bytes_types_ready(Thread *th) { return rt_type_ready(th, &bytes_type); }
