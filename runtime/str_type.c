/*
 * The str type: slots, repr, join.
 *
 * The table of methods is in str_methods.c.
 *
 * Threads: any; strings are immutable.
 */
#include "runtime/bytes.h"
#include "runtime/format_spec.h"
#include "runtime/list_internal.h"
#include "runtime/str_internal.h"
#include "runtime/types.h"

#include <string.h>

static void str_finalize(Thread *th, Object *o)
{
    (void)th;
    char *utf8 = ((Str *)o)->utf8;
    if (utf8 != NULL) {
        rt_free(utf8);
    }
}

static Value str_construct(Thread *th, Type *type, const Value *args, uint32_t nargs, Value kwnames)
{
    static const char *const names[] = {"object", "encoding", "errors"};
    static const ArgumentNames spec = {"str", names, 3, 0};
    Value bound[3];
    (void)type;
    if (!arguments_bind(th, &spec, args, nargs, kwnames, bound)) {
        return VALUE_ABSENT;
    }
    if (bound[1] == VALUE_ABSENT && bound[2] == VALUE_ABSENT) {
        return bound[0] == VALUE_ABSENT ? str_empty() : rt_str(th, bound[0]);
    }
    for (int i = 1; i < 3; i++) {
        if (bound[i] != VALUE_ABSENT && !value_is_str(bound[i])) {
            return rt_raise(th, EXC_TYPE_ERROR, "str() argument '%s' must be str, not %T", names[i],
                            bound[i]);
        }
    }
    if (bound[0] == VALUE_ABSENT) {
        return str_empty();
    }
    if (value_is_str(bound[0])) {
        return rt_raise(th, EXC_TYPE_ERROR, "decoding str is not supported");
    }
    if (!value_has_type(bound[0], TYPE_BYTES)) {
        return rt_raise(th, EXC_TYPE_ERROR, "decoding to str: need a bytes-like object, %T found",
                        bound[0]);
    }
    return bytes_decode(th, bound[0], bound[1], bound[2]);
}

/* Appends the escape of a character that repr does not print as it is. */
static void append_escape(StrBuilder *b, uint32_t c)
{
    static const char hex[] = "0123456789abcdef";
    const char *named = c == '\n' ? "\\n" : c == '\r' ? "\\r" : c == '\t' ? "\\t" : NULL;
    if (named != NULL) {
        str_builder_ascii(b, named, 2);
        return;
    }
    int digits = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
    str_builder_char(b, '\\');
    str_builder_char(b, digits == 2 ? 'x' : digits == 4 ? 'u' : 'U');
    for (int i = digits - 1; i >= 0; i--) {
        str_builder_char(b, (uint8_t)hex[c >> (4 * i) & 15]);
    }
}

Value str_repr(Thread *th, Value v)
{
    const Str *s = value_str(v);
    bool single = false, twice = false;
    for (int64_t i = 0; i < s->length; i++) {
        uint32_t c = str_char_at(s, i);
        single |= c == '\'';
        twice |= c == '"';
    }
    uint32_t quote = single && !twice ? '"' : '\'';
    StrBuilder b;
    str_builder_init(&b);
    str_builder_char(&b, quote);
    for (int64_t i = 0; i < s->length; i++) {
        uint32_t c = str_char_at(s, i);
        if (c == quote || c == '\\') {
            str_builder_char(&b, '\\');
            str_builder_char(&b, c);
        } else if (char_is_printable(c)) {
            str_builder_char(&b, c);
        } else {
            append_escape(&b, c);
        }
    }
    str_builder_char(&b, quote);
    return str_builder_finish(th, &b);
}

static Value str_str(Thread *th, Value self) { return rt_newref(th, self); }

static bool str_hash_slot(Thread *th, Value self, int64_t *out)
{
    (void)th;
    *out = str_hash_inline(value_str(self));
    return true;
}

static Value str_compare_slot(Thread *th, Value a, Value b, CompareOp op)
{
    (void)th;
    if (!value_is_str(a) || !value_is_str(b)) {
        return rt_not_implemented();
    }
    if (op == CMP_EQ || op == CMP_NE) {
        return value_from_bool(str_equal(a, b) == (op == CMP_EQ));
    }
    int r = str_compare(a, b);
    switch (op) {
    case CMP_LT: return value_from_bool(r < 0);
    case CMP_LE: return value_from_bool(r <= 0);
    case CMP_GT: return value_from_bool(r > 0);
    default: return value_from_bool(r >= 0);
    }
}

static Value str_iter(Thread *th, Value self)
{
    return sequence_iterator_new(th, TYPE_STR_ITERATOR, self, 0);
}

static int64_t str_length(Thread *th, Value self)
{
    (void)th;
    return value_str(self)->length;
}

static Value str_slice(Thread *th, Value self, Value slice)
{
    const Str *s = value_str(self);
    int64_t start, stop, step, count;
    if (!slice_resolve(th, slice, s->length, &start, &stop, &step, &count)) {
        return VALUE_ABSENT;
    }
    if (step == 1 || count == 0) {
        return str_substring(th, self, start, start + count);
    }
    StrBuilder b;
    str_builder_init(&b);
    for (int64_t i = 0; i < count; i++) {
        str_builder_char(&b, str_char_at(s, start + i * step));
    }
    return str_builder_finish(th, &b);
}

static Value str_getitem(Thread *th, Value self, Value key)
{
    const Str *s = value_str(self);
    int64_t index;
    if (value_has_type(key, TYPE_SLICE)) {
        return str_slice(th, self, key);
    }
    if (!sequence_index(th, key, "string", &index)) {
        return VALUE_ABSENT;
    }
    index += index < 0 ? s->length : 0;
    if (index < 0 || index >= s->length) {
        return rt_raise(th, EXC_INDEX_ERROR, "string index out of range");
    }
    return str_from_char(th, str_char_at(s, index));
}

static int str_contains(Thread *th, Value self, Value item)
{
    if (!value_is_str(item)) {
        rt_raise(th, EXC_TYPE_ERROR, "'in <string>' requires string as left operand, not %T", item);
        return -1;
    }
    return str_find(value_str(self), value_str(item), 0, INT64_MAX) >= 0;
}

static Value str_add(Thread *th, Value a, Value b)
{
    if (!value_is_str(a)) {
        return rt_not_implemented();
    }
    return value_is_str(b) ? str_concat(th, a, b) : sequence_concat_refused(th, a, b);
}

static Value str_multiply(Thread *th, Value a, Value b)
{
    Value self;
    int64_t times;
    int r = sequence_repeat_operands(th, a, b, TYPE_STR, &self, &times);
    if (r <= 0) {
        return r < 0 ? VALUE_ABSENT : rt_not_implemented();
    }
    return str_repeat(th, self, times);
}

static Value str_modulo(Thread *th, Value a, Value b)
{
    return value_is_str(a) ? str_percent_format(th, a, b) : rt_not_implemented();
}

/* Joins count values, all checked to be str here. */
static Value join_values(Thread *th, Value separator, const Value *items, int64_t count)
{
    const Str *sep = value_str(separator);
    int64_t length = 0;
    uint32_t max = count > 1 ? str_max(sep) : 0x7F;
    for (int64_t i = 0; i < count; i++) {
        if (!value_is_str(items[i])) {
            return rt_raise(th, EXC_TYPE_ERROR,
                            "sequence item %lld: expected str instance, %T found", (long long)i,
                            items[i]);
        }
        const Str *s = value_str(items[i]);
        max = str_max(s) > max ? str_max(s) : max;
        if (__builtin_add_overflow(length, s->length, &length) ||
            (i > 0 && __builtin_add_overflow(length, sep->length, &length))) {
            return rt_raise(th, EXC_OVERFLOW_ERROR,
                            "join() result is too long for a Python string");
        }
    }
    if (count == 1) {
        return rt_newref(th, items[0]);
    }
    if (length == 0) {
        return str_empty();
    }
    Value v = length == 1 ? VALUE_ABSENT : str_new(th, length, max);
    if (length > 1 && v == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    int64_t at = 0;
    for (int64_t i = 0; i < count; i++) {
        const Str *s = value_str(items[i]);
        if (length == 1) {
            if (s->length == 1 || (i > 0 && sep->length == 1)) {
                return rt_newref(th, s->length == 1 ? items[i] : separator);
            }
            continue;
        }
        Str *r = value_str(v);
        if (i > 0) {
            chars_copy(r->data, r->kind, at, sep->data, sep->kind, 0, sep->length);
            at += sep->length;
        }
        chars_copy(r->data, r->kind, at, s->data, s->kind, 0, s->length);
        at += s->length;
    }
    return v;
}

Value str_join(Thread *th, Value separator, Value iterable)
{
    if (value_is_tuple(iterable)) {
        return join_values(th, separator, value_tuple(iterable)->items,
                           value_tuple(iterable)->size);
    }
    if (value_is_list(iterable) && object_exclusive(th, value_object(iterable))) {
        /* Nothing below runs Python: the list stays as it is. */
        return join_values(th, separator, list_table_relaxed(value_list(iterable))->slots,
                           list_size(iterable));
    }
    ValueArray a = {0};
    bool ok = value_is_list(iterable) ? list_snapshot(th, iterable, 0, INT64_MAX, &a)
                                      : value_array_extend(th, &a, iterable);
    if (!ok && rt_pending_is(th, EXC_TYPE_ERROR) && rt_type_of(iterable)->iter == NULL) {
        rt_clear_exception(th);
        rt_raise(th, EXC_TYPE_ERROR, "can only join an iterable");
    }
    Value v = ok ? join_values(th, separator, a.items, a.count) : VALUE_ABSENT;
    value_array_clear(th, &a);
    return v;
}

static Type str_type = {
    .id = TYPE_STR,
    .name = "str",
    .size_bytes = sizeof(Str),
    .finalize = str_finalize,
    .construct = str_construct,
    .repr = str_repr,
    .str = str_str,
    .format = format_str,
    .hash = str_hash_slot,
    .compare = str_compare_slot,
    .iter = str_iter,
    .length = str_length,
    .getitem = str_getitem,
    .contains = str_contains,
    .binary = {[BIN_ADD] = str_add, [BIN_MUL] = str_multiply, [BIN_MOD] = str_modulo},
    .methods = str_natives,
};

bool str_types_ready(Thread *th) { return rt_type_ready(th, &str_type); }
