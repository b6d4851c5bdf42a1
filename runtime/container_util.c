/*
 * Small services for the type files: collecting an iterable, index arguments, checks of self, and
 * binding of native arguments by name.
 *
 * Threads: any.
 */
#include "runtime/container_inline.h"
#include "runtime/cursor.h"
#include "runtime/dict_table.h"
#include "runtime/gc.h"
#include "runtime/set_table.h"

#include <string.h>

bool value_array_push_steal(Thread *th, ValueArray *a, Value v)
{
    if (a->count == a->capacity) {
        int64_t capacity = a->capacity + a->capacity / 2 + 8;
        Value *items = rt_realloc(a->items, (size_t)capacity * sizeof(Value));
        if (items == NULL) {
            rt_decref(th, v);
            rt_raise_memory_error(th);
            return false;
        }
        a->items = items;
        a->capacity = capacity;
    }
    a->items[a->count++] = v;
    return true;
}

static bool array_extend_tuple(Thread *th, ValueArray *a, const Tuple *t)
{
    for (int64_t i = 0; i < t->size; i++) {
        if (!value_array_push_steal(th, a, rt_newref(th, t->items[i]))) {
            return false;
        }
    }
    return true;
}

bool value_array_extend(Thread *th, ValueArray *a, Value iterable)
{
    if (value_is_tuple(iterable)) {
        return array_extend_tuple(th, a, value_tuple(iterable));
    }
    if (value_has_type(iterable, TYPE_RANGE) && rt_length(th, iterable) < 0) {
        return false; /* OverflowError: its items are not even counted */
    }
    Cursor c;
    if (!cursor_open(th, &c, iterable)) {
        cursor_close(th, &c);
        return false;
    }
    bool ok = true;
    Value v = VALUE_ABSENT;
    gc_hide(th); /* the items are in no object */
    while (ok && (v = cursor_next(th, &c)) != VALUE_ABSENT) {
        ok = value_array_push_steal(th, a, v);
    }
    gc_unhide(th);
    cursor_close(th, &c);
    return ok && !rt_pending(th);
}

void value_array_clear(Thread *th, ValueArray *a)
{
    Value *items = a->items;
    int64_t count = a->count;
    *a = (ValueArray){0};
    for (int64_t i = 0; i < count; i++) {
        rt_xdecref(th, items[i]);
    }
    rt_free(items);
}

bool container_walk_is_quiet(Value v)
{
    switch (value_is_object(v) ? value_object(v)->type_id : TYPE_INVALID) {
    case TYPE_LIST:
    case TYPE_TUPLE:
    case TYPE_STR:
    case TYPE_BYTES:
    case TYPE_RANGE:
    case TYPE_DICT:
    case TYPE_DICT_KEYS:
    case TYPE_DICT_VALUES:
    case TYPE_DICT_ITEMS:
    case TYPE_SET:
    case TYPE_FROZENSET: return true;
    default: return false;
    }
}

Value container_seen(Thread *th, Value v)
{
    switch (value_is_object(v) ? value_object(v)->type_id : TYPE_INVALID) {
    case TYPE_DICT: return dict_seen(th, v);
    case TYPE_DICT_KEYS:
    case TYPE_DICT_VALUES:
    case TYPE_DICT_ITEMS: return dict_view_seen(th, v);
    case TYPE_SET: return set_seen(th, v);
    default: return rt_newref(th, v);
    }
}

static bool has_index(Value v)
{
    return value_is_int_like(v) ||
           (value_is_object(v) && value_object(v)->type_id >= TYPE_USER_FIRST);
}

bool sequence_index(Thread *th, Value v, const char *what, int64_t *out)
{
    if (value_is_small_int(v)) {
        *out = value_int(v);
        return true;
    }
    if (!has_index(v)) {
        const char *format = strcmp(what, "string") == 0
                                 ? "%s indices must be integers, not '%T'"
                                 : "%s indices must be integers or slices, not %T";
        rt_raise(th, EXC_TYPE_ERROR, format, what, v);
        return false;
    }
    if (value_is_int_like(v) && !int_to_i64(v, out)) {
        rt_raise(th, EXC_INDEX_ERROR, "cannot fit '%T' into an index-sized integer", v);
        return false;
    }
    return int_as_index(th, v, out, false);
}

bool optional_index(Thread *th, Value v, int64_t *out)
{
    if (v == VALUE_ABSENT || v == VALUE_NONE) {
        return true;
    }
    if (!has_index(v)) {
        rt_raise(th, EXC_TYPE_ERROR,
                 "slice indices must be integers or None or have an __index__ method");
        return false;
    }
    return int_as_index(th, v, out, true);
}

bool bound_index(Thread *th, Value v, int64_t *out)
{
    if (!has_index(v)) {
        rt_raise(th, EXC_TYPE_ERROR, "slice indices must be integers or have an __index__ method");
        return false;
    }
    return int_as_index(th, v, out, true);
}

bool method_self(Thread *th, Value self, uint32_t type_id, const char *type_name,
                 const char *method)
{
    if (value_has_type(self, type_id)) {
        return true;
    }
    rt_raise(th, EXC_TYPE_ERROR, "descriptor '%s' for '%s' objects doesn't apply to a '%T' object",
             method, type_name, self);
    return false;
}

static bool bind_keyword(Thread *th, const ArgumentNames *spec, Value name, Value v, uint32_t nargs,
                         Value *out)
{
    const char *text = str_utf8(th, name, NULL);
    if (text == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < spec->count; i++) {
        if (spec->names[i] == NULL || strcmp(spec->names[i], text) != 0) {
            continue;
        }
        if (i < nargs) {
            rt_raise(th, EXC_TYPE_ERROR, "argument for %s() given by name ('%s') and position (%u)",
                     spec->function, text, i + 1);
            return false;
        }
        out[i] = v;
        return true;
    }
    rt_raise(th, EXC_TYPE_ERROR, "'%U' is an invalid keyword argument for %s()", name,
             spec->function);
    return false;
}

bool arguments_bind(Thread *th, const ArgumentNames *spec, const Value *args, uint32_t nargs,
                    Value kwnames, Value *out)
{
    int64_t keywords = kwnames == VALUE_ABSENT ? 0 : value_tuple(kwnames)->size;
    if ((int64_t)nargs + keywords > (int64_t)spec->count) {
        rt_raise(th, EXC_TYPE_ERROR, "%s() takes at most %u %sargument%s (%lld given)",
                 spec->function, spec->count, nargs == 0 ? "keyword " : "",
                 spec->count == 1 ? "" : "s", (long long)nargs + keywords);
        return false;
    }
    for (uint32_t i = 0; i < spec->count; i++) {
        out[i] = i < nargs ? args[i] : VALUE_ABSENT;
    }
    for (int64_t k = 0; k < keywords; k++) {
        if (!bind_keyword(th, spec, value_tuple(kwnames)->items[k], args[nargs + (uint64_t)k],
                          nargs, out)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < spec->required; i++) {
        if (out[i] == VALUE_ABSENT) {
            rt_raise(th, EXC_TYPE_ERROR, "%s() missing required argument '%s' (pos %u)",
                     spec->function, spec->names[i] == NULL ? "" : spec->names[i], i + 1);
            return false;
        }
    }
    return true;
}

int sequence_repeat_operands(Thread *th, Value a, Value b, uint32_t type_id, Value *sequence,
                             int64_t *times)
{
    bool left = value_has_type(a, type_id);
    Value other = left ? b : a;
    *sequence = left ? a : b;
    if (value_is_small_int(other)) {
        *times = value_int(other);
        return 1;
    }
    if (!has_index(other)) {
        rt_raise(th, EXC_TYPE_ERROR, "can't multiply sequence by non-int of type '%T'", other);
        return -1;
    }
    if (!value_is_int_like(other)) {
        return 0;
    }
    if (!int_to_i64(other, times)) {
        rt_raise(th, EXC_OVERFLOW_ERROR, "cannot fit '%T' into an index-sized integer", other);
        return -1;
    }
    return 1;
}

Value sequence_concat_refused(Thread *th, Value a, Value b)
{
    if (value_is_object(b) && value_object(b)->type_id >= TYPE_USER_FIRST) {
        return rt_not_implemented();
    }
    return rt_raise(th, EXC_TYPE_ERROR, "can only concatenate %T (not \"%T\") to %T", a, b, a);
}
