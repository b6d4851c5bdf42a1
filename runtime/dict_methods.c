/*
 * The dict type: slots and methods.
 *
 * Loops that may run Python between entries walk with dict_entry_next, which owns what it hands
 * out, and notice a dict that changes its size.
 *
 * Threads: as dict.c.
 */
#include "runtime/cursor.h"
#include "runtime/dict_table.h"
#include "runtime/types.h"

#include <string.h>

static bool dict_self(Thread *th, Value self, const char *method)
{
    return method_self(th, self, TYPE_DICT, "dict", method);
}

static void dict_finalize(Thread *th, Object *o)
{
    Dict *d = (Dict *)o;
    DictTable *t = atomic_load_explicit(&d->table, memory_order_relaxed);
    uint32_t n = t == NULL ? 0 : dict_count_acquire(t);
    for (uint32_t i = 0; i < n; i++) {
        rt_xdecref(th, t->entries[i].key);
        rt_xdecref(th, atomic_load_explicit(&t->entries[i].value, memory_order_relaxed));
    }
    if (t != NULL && t->usable > 0) {
        rt_free(t);
    }
}

static void dict_traverse(Object *o, VisitFn visit, void *arg)
{
    Value key, v;
    for (int64_t at = 0; dict_next(value_from_object(o), &at, &key, &v);) {
        if (value_is_object(key)) {
            visit(value_object(key), arg);
        }
        if (value_is_object(v)) {
            visit(value_object(v), arg);
        }
    }
}

static void dict_clear_cycle(Thread *th, Object *o) { dict_clear(th, (Dict *)o); }

/* What dict() and update() share. args without self. */
static bool update_from_arguments(Thread *th, Value dict, const char *function, const Value *args,
                                  uint32_t nargs, Value kwnames)
{
    if (nargs > 1) {
        rt_raise(th, EXC_TYPE_ERROR, "%s expected at most 1 argument, got %u", function, nargs);
        return false;
    }
    if (nargs == 1 && !dict_update(th, dict, args[0])) {
        return false;
    }
    int64_t keywords = kwnames == VALUE_ABSENT ? 0 : value_tuple(kwnames)->size;
    for (int64_t i = 0; i < keywords; i++) {
        if (!dict_set(th, dict, value_tuple(kwnames)->items[i], args[nargs + (uint64_t)i])) {
            return false;
        }
    }
    return true;
}

static Value dict_construct(Thread *th, Type *type, const Value *args, uint32_t nargs,
                            Value kwnames)
{
    (void)type;
    Value dict = dict_new(th);
    if (dict != VALUE_ABSENT && !update_from_arguments(th, dict, "dict", args, nargs, kwnames)) {
        rt_decref(th, dict);
        return VALUE_ABSENT;
    }
    return dict;
}

static bool repr_entries(Thread *th, StrBuilder *b, const Dict *d)
{
    Value key, v;
    int64_t hash;
    bool first = true;
    for (int64_t at = 0; dict_entry_next(th, d, &at, &key, &v, &hash);) {
        if (!first) {
            str_builder_ascii(b, ", ", 2);
        }
        first = false;
        bool ok = str_builder_repr(th, b, key);
        str_builder_ascii(b, ": ", 2);
        ok = ok && str_builder_repr(th, b, v);
        rt_decref(th, key);
        rt_decref(th, v);
        if (!ok) {
            return false;
        }
    }
    return !rt_pending(th);
}

static Value dict_repr(Thread *th, Value self)
{
    const Dict *d = value_dict(self);
    if (dict_used(d) == 0) {
        return str_from_ascii(th, "{}", 2);
    }
    ReprGuard guard;
    if (!repr_enter(th, &guard, &d->header)) {
        return str_from_ascii(th, "{...}", 5);
    }
    Value seen = dict_seen(th, self);
    StrBuilder b;
    str_builder_init(&b);
    str_builder_char(&b, '{');
    bool ok = seen != VALUE_ABSENT && repr_entries(th, &b, value_dict(seen));
    str_builder_char(&b, '}');
    rt_xdecref(th, seen);
    repr_leave(th, &guard);
    if (!ok) {
        str_builder_abandon(&b);
        return VALUE_ABSENT;
    }
    return str_builder_finish(th, &b);
}

static int equal_entries(Thread *th, Value a, Value b)
{
    Value key, v, other;
    int64_t hash;
    for (int64_t at = 0; dict_entry_next(th, value_dict(a), &at, &key, &v, &hash);) {
        int r = dict_get_hash(th, value_dict(b), key, hash, &other);
        if (r > 0) {
            r = values_equal(th, v, other);
            rt_decref(th, other);
        }
        rt_decref(th, key);
        rt_decref(th, v);
        if (r <= 0) {
            return r;
        }
    }
    return rt_pending(th) ? -1 : 1;
}

int dict_equal(Thread *th, Value a, Value b)
{
    if (dict_size(a) != dict_size(b)) {
        return 0;
    }
    Value seen = dict_seen(th, a);
    int equal = seen == VALUE_ABSENT ? -1 : equal_entries(th, seen, b);
    rt_xdecref(th, seen);
    return equal;
}

static Value dict_compare(Thread *th, Value a, Value b, CompareOp op)
{
    if (!value_is_dict(a) || !value_is_dict(b) || (op != CMP_EQ && op != CMP_NE)) {
        return rt_not_implemented();
    }
    int equal = dict_equal(th, a, b);
    return equal < 0 ? VALUE_ABSENT : value_from_bool((equal == 1) == (op == CMP_EQ));
}

static Value dict_iter(Thread *th, Value self)
{
    return dict_iterator_new(th, TYPE_DICT_KEY_ITERATOR, self, false);
}

static Value dict_getitem(Thread *th, Value self, Value key)
{
    Value v;
    if (!dict_get(th, self, key, &v)) {
        return VALUE_ABSENT;
    }
    return v != VALUE_ABSENT ? v : rt_raise_value(th, EXC_KEY_ERROR, key);
}

static bool dict_setitem(Thread *th, Value self, Value key, Value v)
{
    if (v != VALUE_ABSENT) {
        return dict_set(th, self, key, v);
    }
    int r = dict_delete(th, self, key);
    if (r == 0) {
        rt_raise_value(th, EXC_KEY_ERROR, key);
    }
    return r > 0;
}

static Value dict_or(Thread *th, Value a, Value b)
{
    if (!value_is_dict(a) || !value_is_dict(b)) {
        return rt_not_implemented();
    }
    Value result = dict_copy(th, a);
    if (result != VALUE_ABSENT && !dict_update(th, result, b)) {
        rt_decref(th, result);
        return VALUE_ABSENT;
    }
    return result;
}

static Value dict_inplace_or(Thread *th, Value a, Value b)
{
    return dict_update(th, a, b) ? rt_newref(th, a) : VALUE_ABSENT;
}

#define DICT_NATIVE(name) \
    static Value method_##name(Thread *th, const Value *args, uint32_t nargs, Value kwnames)

DICT_NATIVE(get)
{
    (void)kwnames;
    Value v;
    if (!dict_self(th, args[0], "get") || !dict_get(th, args[0], args[1], &v)) {
        return VALUE_ABSENT;
    }
    return v != VALUE_ABSENT ? v : nargs > 2 ? rt_newref(th, args[2]) : VALUE_NONE;
}

DICT_NATIVE(setdefault)
{
    (void)kwnames;
    if (!dict_self(th, args[0], "setdefault")) {
        return VALUE_ABSENT;
    }
    return dict_setdefault(th, args[0], args[1], nargs > 2 ? args[2] : VALUE_NONE);
}

DICT_NATIVE(pop)
{
    (void)kwnames;
    Value v;
    if (!dict_self(th, args[0], "pop")) {
        return VALUE_ABSENT;
    }
    int r = dict_take(th, value_dict(args[0]), args[1], &v);
    if (r != 0) {
        return r < 0 ? VALUE_ABSENT : v;
    }
    return nargs > 2 ? rt_newref(th, args[2]) : rt_raise_value(th, EXC_KEY_ERROR, args[1]);
}

DICT_NATIVE(popitem)
{
    (void)nargs;
    (void)kwnames;
    Value pair[2];
    if (!dict_self(th, args[0], "popitem")) {
        return VALUE_ABSENT;
    }
    if (dict_take_last(th, value_dict(args[0]), &pair[0], &pair[1])) {
        return tuple_new_steal(th, pair, 2);
    }
    Value message = str_from_cstr(th, "popitem(): dictionary is empty");
    if (message != VALUE_ABSENT) {
        rt_raise_value(th, EXC_KEY_ERROR, message);
        rt_decref(th, message);
    }
    return VALUE_ABSENT;
}

DICT_NATIVE(keys)
{
    (void)nargs;
    (void)kwnames;
    return dict_self(th, args[0], "keys") ? dict_view_new(th, TYPE_DICT_KEYS, args[0])
                                          : VALUE_ABSENT;
}

DICT_NATIVE(values)
{
    (void)nargs;
    (void)kwnames;
    return dict_self(th, args[0], "values") ? dict_view_new(th, TYPE_DICT_VALUES, args[0])
                                            : VALUE_ABSENT;
}

DICT_NATIVE(items)
{
    (void)nargs;
    (void)kwnames;
    return dict_self(th, args[0], "items") ? dict_view_new(th, TYPE_DICT_ITEMS, args[0])
                                           : VALUE_ABSENT;
}

DICT_NATIVE(update)
{
    if (!dict_self(th, args[0], "update")) {
        return VALUE_ABSENT;
    }
    return update_from_arguments(th, args[0], "update", args + 1, nargs - 1, kwnames)
               ? VALUE_NONE
               : VALUE_ABSENT;
}

DICT_NATIVE(clear)
{
    (void)nargs;
    (void)kwnames;
    if (!dict_self(th, args[0], "clear")) {
        return VALUE_ABSENT;
    }
    dict_clear(th, value_dict(args[0]));
    return VALUE_NONE;
}

DICT_NATIVE(copy)
{
    (void)nargs;
    (void)kwnames;
    return dict_self(th, args[0], "copy") ? dict_copy(th, args[0]) : VALUE_ABSENT;
}

DICT_NATIVE(fromkeys)
{
    (void)kwnames;
    Value v = nargs > 2 ? args[2] : VALUE_NONE, key = VALUE_ABSENT;
    Cursor c;
    if (!cursor_open(th, &c, args[1])) {
        cursor_close(th, &c);
        return VALUE_ABSENT;
    }
    Value dict = dict_new(th);
    bool ok = dict != VALUE_ABSENT;
    while (ok && (key = cursor_next(th, &c)) != VALUE_ABSENT) {
        ok = dict_set(th, dict, key, v);
        rt_decref(th, key);
    }
    cursor_close(th, &c);
    if (!ok || rt_pending(th)) {
        rt_xdecref(th, dict);
        return VALUE_ABSENT;
    }
    return dict;
}

DICT_NATIVE(reversed)
{
    (void)nargs;
    (void)kwnames;
    return dict_self(th, args[0], "__reversed__")
               ? dict_iterator_new(th, TYPE_DICT_KEY_ITERATOR, args[0], true)
               : VALUE_ABSENT;
}

const NativeDef dict_natives[] = {
    {"get", method_get, 2, 3, 0},
    {"setdefault", method_setdefault, 2, 3, 0},
    {"pop", method_pop, 2, 3, 0},
    {"popitem", method_popitem, 1, 1, 0},
    {"keys", method_keys, 1, 1, 0},
    {"values", method_values, 1, 1, 0},
    {"items", method_items, 1, 1, 0},
    {"update", method_update, 1, -1, NATIVE_KEYWORDS},
    {"clear", method_clear, 1, 1, 0},
    {"copy", method_copy, 1, 1, 0},
    {"fromkeys", method_fromkeys, 2, 3, NATIVE_CLASS},
    {"__reversed__", method_reversed, 1, 1, 0},
    {0},
};

static Type dict_type = {
    .id = TYPE_DICT,
    .flags = TYPE_FLAG_GC | TYPE_FLAG_UNHASHABLE,
    .name = "dict",
    .size_bytes = sizeof(Dict),
    .finalize = dict_finalize,
    .traverse = dict_traverse,
    .clear = dict_clear_cycle,
    .construct = dict_construct,
    .repr = dict_repr,
    .compare = dict_compare,
    .iter = dict_iter,
    .length = dict_length,
    .getitem = dict_getitem,
    .setitem = dict_setitem,
    .contains = dict_contains,
    .binary = {[BIN_OR] = dict_or},
    .inplace = {[BIN_OR] = dict_inplace_or},
    .methods = dict_natives,
};

bool dict_types_ready(Thread *th) { return rt_type_ready(th, &dict_type); }
