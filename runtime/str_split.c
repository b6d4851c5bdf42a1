/*
 * Methods that take text apart: split, rsplit, splitlines, partition, strip.
 *
 * Threads: any.
 */
#include "runtime/str_internal.h"

/* The pieces of a split, collected; failed: exception set. */
typedef struct Pieces {
    ValueArray array;
    bool failed;
} Pieces;

static void add_piece(Thread *th, Pieces *p, Value self, int64_t start, int64_t end)
{
    if (!p->failed) {
        Value v = str_substring(th, self, start, end);
        p->failed = v == VALUE_ABSENT || !value_array_push_steal(th, &p->array, v);
    }
}

static Value pieces_finish(Thread *th, Pieces *p, bool reversed)
{
    for (int64_t i = 0, j = p->array.count - 1; reversed && i < j; i++, j--) {
        Value v = p->array.items[i];
        p->array.items[i] = p->array.items[j];
        p->array.items[j] = v;
    }
    Value list = VALUE_ABSENT;
    if (!p->failed) {
        list = list_new_steal(th, p->array.items, p->array.count);
        p->array.count = 0;
    }
    value_array_clear(th, &p->array);
    return list;
}

static void split_space(Thread *th, Pieces *p, Value self, int64_t limit)
{
    const Str *s = value_str(self);
    int64_t i = 0;
    for (;;) {
        while (i < s->length && char_is_space(str_char_at(s, i))) {
            i++;
        }
        if (i == s->length || p->failed) {
            return;
        }
        int64_t start = i;
        if (limit-- == 0) {
            add_piece(th, p, self, start, s->length);
            return;
        }
        while (i < s->length && !char_is_space(str_char_at(s, i))) {
            i++;
        }
        add_piece(th, p, self, start, i);
    }
}

static void rsplit_space(Thread *th, Pieces *p, Value self, int64_t limit)
{
    const Str *s = value_str(self);
    int64_t i = s->length;
    for (;;) {
        while (i > 0 && char_is_space(str_char_at(s, i - 1))) {
            i--;
        }
        if (i == 0 || p->failed) {
            return;
        }
        int64_t end = i;
        if (limit-- == 0) {
            add_piece(th, p, self, 0, end);
            return;
        }
        while (i > 0 && !char_is_space(str_char_at(s, i - 1))) {
            i--;
        }
        add_piece(th, p, self, i, end);
    }
}

static void split_text(Thread *th, Pieces *p, Value self, const Str *sep, int64_t limit)
{
    const Str *s = value_str(self);
    int64_t done = 0, at;
    while (!p->failed && limit-- != 0 && (at = str_find(s, sep, done, s->length)) >= 0) {
        add_piece(th, p, self, done, at);
        done = at + sep->length;
    }
    add_piece(th, p, self, done, s->length);
}

static void rsplit_text(Thread *th, Pieces *p, Value self, const Str *sep, int64_t limit)
{
    const Str *s = value_str(self);
    int64_t end = s->length, at;
    while (!p->failed && limit-- != 0 && (at = str_rfind(s, sep, 0, end)) >= 0) {
        add_piece(th, p, self, at + sep->length, end);
        end = at;
    }
    add_piece(th, p, self, 0, end);
}

static Value split_method(Thread *th, const char *method, const Value *args, uint32_t nargs,
                          Value kwnames, bool reversed)
{
    static const char *const names[] = {"sep", "maxsplit"};
    ArgumentNames spec = {method, names, 2, 0};
    Value bound[2];
    int64_t limit = -1;
    if (!str_self(th, args[0], method) ||
        !arguments_bind(th, &spec, args + 1, nargs - 1, kwnames, bound) ||
        (bound[1] != VALUE_ABSENT && !int_as_index(th, bound[1], &limit, false))) {
        return VALUE_ABSENT;
    }
    limit = limit < 0 ? -1 : limit;
    Pieces p = {0};
    if (bound[0] == VALUE_ABSENT || bound[0] == VALUE_NONE) {
        (reversed ? rsplit_space : split_space)(th, &p, args[0], limit);
        return pieces_finish(th, &p, reversed);
    }
    if (!value_is_str(bound[0])) {
        return rt_raise(th, EXC_TYPE_ERROR, "must be str or None, not %T", bound[0]);
    }
    if (value_str(bound[0])->length == 0) {
        return rt_raise(th, EXC_VALUE_ERROR, "empty separator");
    }
    (reversed ? rsplit_text : split_text)(th, &p, args[0], value_str(bound[0]), limit);
    return pieces_finish(th, &p, reversed);
}

STR_NATIVE(split) { return split_method(th, "split", args, nargs, kwnames, false); }
STR_NATIVE(rsplit) { return split_method(th, "rsplit", args, nargs, kwnames, true); }

STR_NATIVE(splitlines)
{
    static const char *const names[] = {"keepends"};
    static const ArgumentNames spec = {"splitlines", names, 1, 0};
    Value bound[1];
    if (!str_self(th, args[0], "splitlines") ||
        !arguments_bind(th, &spec, args + 1, nargs - 1, kwnames, bound)) {
        return VALUE_ABSENT;
    }
    int keep = bound[0] == VALUE_ABSENT ? 0 : rt_truth(th, bound[0]);
    if (keep < 0) {
        return VALUE_ABSENT;
    }
    const Str *s = value_str(args[0]);
    Pieces p = {0};
    for (int64_t i = 0; i < s->length && !p.failed;) {
        int64_t start = i;
        while (i < s->length && !char_is_line_break(str_char_at(s, i))) {
            i++;
        }
        int64_t end = i;
        if (i < s->length) {
            bool pair =
                str_char_at(s, i) == '\r' && i + 1 < s->length && str_char_at(s, i + 1) == '\n';
            i += pair ? 2 : 1;
        }
        add_piece(th, &p, args[0], start, keep ? i : end);
    }
    return pieces_finish(th, &p, false);
}

/* (before, separator, after) from text cut at [at, at + length of separator). */
static Value three_parts(Thread *th, Value self, Value separator, int64_t at)
{
    const Str *s = value_str(self);
    Value parts[3] = {str_substring(th, self, 0, at), VALUE_ABSENT, VALUE_ABSENT};
    if (parts[0] == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    parts[2] = str_substring(th, self, at + value_str(separator)->length, s->length);
    if (parts[2] == VALUE_ABSENT) {
        rt_decref(th, parts[0]);
        return VALUE_ABSENT;
    }
    parts[1] = rt_newref(th, separator);
    return tuple_new_steal(th, parts, 3);
}

static Value partition_method(Thread *th, const char *method, const Value *args, bool reversed)
{
    if (!str_self(th, args[0], method)) {
        return VALUE_ABSENT;
    }
    if (!value_is_str(args[1])) {
        return rt_raise(th, EXC_TYPE_ERROR, "must be str, not %T", args[1]);
    }
    const Str *s = value_str(args[0]), *sep = value_str(args[1]);
    if (sep->length == 0) {
        return rt_raise(th, EXC_VALUE_ERROR, "empty separator");
    }
    int64_t at = reversed ? str_rfind(s, sep, 0, s->length) : str_find(s, sep, 0, s->length);
    if (at >= 0) {
        return three_parts(th, args[0], args[1], at);
    }
    Value parts[3] = {str_empty(), str_empty(), str_empty()};
    parts[reversed ? 2 : 0] = args[0];
    return tuple_new(th, parts, 3);
}

STR_NATIVE(partition)
{
    (void)nargs;
    (void)kwnames;
    return partition_method(th, "partition", args, false);
}

STR_NATIVE(rpartition)
{
    (void)nargs;
    (void)kwnames;
    return partition_method(th, "rpartition", args, true);
}

static bool strips(const Str *set, uint32_t c)
{
    if (set == NULL) {
        return char_is_space(c);
    }
    for (int64_t i = 0; i < set->length; i++) {
        if (str_char_at(set, i) == c) {
            return true;
        }
    }
    return false;
}

static Value strip_method(Thread *th, const char *method, const Value *args, uint32_t nargs,
                          bool left, bool right)
{
    if (!str_self(th, args[0], method)) {
        return VALUE_ABSENT;
    }
    const Str *s = value_str(args[0]), *set = NULL;
    if (nargs > 1 && args[1] != VALUE_NONE) {
        if (!value_is_str(args[1])) {
            return rt_raise(th, EXC_TYPE_ERROR, "%s arg must be None or str", method);
        }
        set = value_str(args[1]);
    }
    int64_t start = 0, end = s->length;
    while (left && start < end && strips(set, str_char_at(s, start))) {
        start++;
    }
    while (right && end > start && strips(set, str_char_at(s, end - 1))) {
        end--;
    }
    return str_substring(th, args[0], start, end);
}

STR_NATIVE(strip)
{
    (void)kwnames;
    return strip_method(th, "strip", args, nargs, true, true);
}
STR_NATIVE(lstrip)
{
    (void)kwnames;
    return strip_method(th, "lstrip", args, nargs, true, false);
}
STR_NATIVE(rstrip)
{
    (void)kwnames;
    return strip_method(th, "rstrip", args, nargs, false, true);
}
