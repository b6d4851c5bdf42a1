/*
 * Views of a dict (keys, values, items) and their iterators.
 *
 * A view is the dict and a type; sets algebra on keys and items goes through set objects.  An
 * iterator remembers how many entries there were and complains when that changes, as CPython.
 *
 * Threads: any; a shared iterator steps under its lock, so each entry goes to one thread.
 */
#include "runtime/cursor.h"
#include "runtime/dict_table.h"
#include "runtime/types.h"

typedef struct DictView {
    Object header;
    Value dict;
} DictView;

typedef struct DictIterator {
    Object header;
    Value dict; /* VALUE_ABSENT once exhausted */
    int64_t position;
    int64_t used; /* or why it has failed */
    int64_t left;
    bool reverse; /* position then counts down, -1: not started */
} DictIterator;

enum { DICT_CHANGED_SIZE = -1, DICT_CHANGED_KEYS = -2 };

static inline Value view_dict(Value view) { return ((DictView *)value_object(view))->dict; }

Value dict_view_new(Thread *th, uint32_t type_id, Value dict)
{
    DictView *view = rt_object_new_gc(th, type_id, sizeof(DictView));
    if (view == NULL) {
        return VALUE_ABSENT;
    }
    view->dict = rt_newref(th, dict);
    return value_from_object(view);
}

Value dict_view_seen(Thread *th, Value view)
{
    Value dict = view_dict(view);
    if (object_exclusive(th, value_object(dict))) {
        return rt_newref(th, view);
    }
    Value seen = dict_copy(th, dict);
    Value result =
        seen == VALUE_ABSENT ? VALUE_ABSENT : dict_view_new(th, value_object(view)->type_id, seen);
    rt_xdecref(th, seen);
    return result;
}

Value dict_iterator_new(Thread *th, uint32_t type_id, Value dict, bool reverse)
{
    DictIterator *it = rt_object_new_gc(th, type_id, sizeof(DictIterator));
    if (it == NULL) {
        return VALUE_ABSENT;
    }
    it->dict = rt_newref(th, dict);
    it->used = it->left = dict_size(dict);
    it->reverse = reverse;
    it->position = reverse ? INT64_MAX : 0;
    return value_from_object(it);
}

static void iterator_finalize(Thread *th, Object *o) { rt_xdecref(th, ((DictIterator *)o)->dict); }

static void iterator_traverse(Object *o, VisitFn visit, void *arg)
{
    if (((DictIterator *)o)->dict != VALUE_ABSENT) {
        visit(value_object(((DictIterator *)o)->dict), arg);
    }
}

static Value iterator_self(Thread *th, Value self) { return rt_newref(th, self); }

/* The live entry below position, borrowed. */
static bool entry_before(const Dict *d, int64_t *position, Value *key, Value *v)
{
    const DictTable *t = dict_table_acquire(d);
    int64_t i = dict_count_acquire(t);
    i = *position < i ? *position : i;
    while (i > 0) {
        const DictEntry *e = &t->entries[--i];
        *v = atomic_load_explicit(&e->value, memory_order_acquire);
        *key = slot_load_acquire(&e->key);
        if (*v != VALUE_ABSENT && *key != VALUE_ABSENT) {
            *position = i;
            return true;
        }
    }
    *position = 0;
    return false;
}

/* The position moves on. Lock held. key and v are borrowed from the dict; at the end the dict itself is handed
 * to the caller in *dropped. */
static int step_locked(DictIterator *it, Value *key, Value *v, Value *dropped)
{
    if (it->dict == VALUE_ABSENT) {
        return ITERATOR_END;
    }
    if (dict_size(it->dict) != it->used) {
        it->used = DICT_CHANGED_SIZE;
        return ITERATOR_CHANGED;
    }
    bool found = it->reverse ? entry_before(value_dict(it->dict), &it->position, key, v)
                             : dict_next(it->dict, &it->position, key, v);
    if (found && it->left-- > 0) {
        return ITERATOR_ITEM;
    }
    if (found) {
        it->used = DICT_CHANGED_KEYS;
        return ITERATOR_CHANGED;
    }
    *dropped = it->dict;
    slot_store_release(&it->dict, VALUE_ABSENT);
    return ITERATOR_END;
}

/* What the iterator hands out of an entry. owns: new. */
static Value iterator_item(Thread *th, const DictIterator *it, Value key, Value v)
{
    Value pair[2] = {key, v};
    switch (it->header.type_id) {
    case TYPE_DICT_KEY_ITERATOR: return rt_newref(th, key);
    case TYPE_DICT_VALUE_ITERATOR: return rt_newref(th, v);
    default: return tuple_new(th, pair, 2);
    }
}

int dict_iterator_step(Thread *th, Value self, Value *item, Value *dropped)
{
    DictIterator *it = (DictIterator *)value_object(self);
    Value key = VALUE_ABSENT, v = VALUE_ABSENT;
    object_lock(th, &it->header);
    int r = step_locked(it, &key, &v, dropped);
    object_unlock(th, &it->header);
    if (r != ITERATOR_ITEM) {
        return r;
    }
    *item = iterator_item(th, it, key, v);
    return *item != VALUE_ABSENT ? ITERATOR_ITEM : ITERATOR_FAILED;
}

static Value iterator_next(Thread *th, Value self)
{
    DictIterator *it = (DictIterator *)value_object(self);
    Value item = VALUE_ABSENT, dropped = VALUE_ABSENT;
    int r = dict_iterator_step(th, self, &item, &dropped);
    if (r == ITERATOR_CHANGED) {
        bool keys = __atomic_load_n(&it->used, __ATOMIC_RELAXED) == DICT_CHANGED_KEYS;
        return rt_raise(th, EXC_RUNTIME_ERROR,
                        keys ? "dictionary keys changed during iteration"
                             : "dictionary changed size during iteration");
    }
    container_drop(th, &it->header, dropped);
    return r == ITERATOR_ITEM ? item : VALUE_ABSENT;
}

static Value iterator_length_hint(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs;
    (void)kwnames;
    uint32_t id = value_is_object(args[0]) ? value_object(args[0])->type_id : TYPE_INVALID;
    if (id != TYPE_DICT_KEY_ITERATOR && id != TYPE_DICT_VALUE_ITERATOR &&
        id != TYPE_DICT_ITEM_ITERATOR) {
        return rt_raise(th, EXC_TYPE_ERROR, "an iterator of a dict is required");
    }
    const DictIterator *it = (const DictIterator *)value_object(args[0]);
    Value dict = slot_load_acquire(&it->dict);
    bool valid =
        dict != VALUE_ABSENT && dict_size(dict) == __atomic_load_n(&it->used, __ATOMIC_RELAXED);
    return int_from_i64(th, valid ? __atomic_load_n(&it->left, __ATOMIC_RELAXED) : 0);
}

static const NativeDef iterator_natives[] = {
    {"__length_hint__", iterator_length_hint, 1, 1, 0},
    {0},
};

static void view_finalize(Thread *th, Object *o) { rt_xdecref(th, ((DictView *)o)->dict); }

static void view_traverse(Object *o, VisitFn visit, void *arg)
{
    visit(value_object(((DictView *)o)->dict), arg);
}

static int64_t view_length(Thread *th, Value self) { return dict_length(th, view_dict(self)); }

static Value keys_iter(Thread *th, Value self)
{
    return dict_iterator_new(th, TYPE_DICT_KEY_ITERATOR, view_dict(self), false);
}
static Value values_iter(Thread *th, Value self)
{
    return dict_iterator_new(th, TYPE_DICT_VALUE_ITERATOR, view_dict(self), false);
}
static Value items_iter(Thread *th, Value self)
{
    return dict_iterator_new(th, TYPE_DICT_ITEM_ITERATOR, view_dict(self), false);
}

static int keys_contains(Thread *th, Value self, Value item)
{
    return dict_contains(th, view_dict(self), item);
}

static int items_contains(Thread *th, Value self, Value item)
{
    if (!value_is_tuple(item) || value_tuple(item)->size != 2) {
        return 0;
    }
    Value v;
    const Value *pair = value_tuple(item)->items;
    if (!dict_get(th, view_dict(self), pair[0], &v)) {
        return -1;
    }
    if (v == VALUE_ABSENT) {
        return 0;
    }
    int equal = values_equal(th, v, pair[1]);
    rt_decref(th, v);
    return equal;
}

static Value view_repr(Thread *th, Value self)
{
    ReprGuard guard;
    if (!repr_enter(th, &guard, value_object(self))) {
        return str_from_ascii(th, "...", 3);
    }
    Value list = list_new(th, NULL, 0), result = VALUE_ABSENT;
    if (list != VALUE_ABSENT && list_extend(th, list, self)) {
        result = str_from_format(th, "%T(%V)", self, list);
    }
    rt_xdecref(th, list);
    repr_leave(th, &guard);
    return result;
}

static bool is_set_like(Value v)
{
    return value_is_set(v) || value_has_type(v, TYPE_DICT_KEYS) ||
           value_has_type(v, TYPE_DICT_ITEMS);
}

/* Is each item of a in b? */
static int view_all_in(Thread *th, Value a, Value b)
{
    Cursor c;
    Value item = VALUE_ABSENT;
    if (!cursor_open(th, &c, a)) {
        cursor_close(th, &c);
        return -1;
    }
    int inside = 1;
    while (inside > 0 && (item = cursor_next(th, &c)) != VALUE_ABSENT) {
        inside = rt_contains(th, b, item);
        rt_decref(th, item);
    }
    cursor_close(th, &c);
    return rt_pending(th) ? -1 : inside;
}

static Value view_compare(Thread *th, Value a, Value b, CompareOp op)
{
    if (!is_set_like(a) || !is_set_like(b)) {
        return rt_not_implemented();
    }
    int64_t x = rt_length(th, a), y = rt_length(th, b);
    if (x < 0 || y < 0) {
        return VALUE_ABSENT;
    }
    int r;
    switch (op) {
    case CMP_EQ:
    case CMP_NE: r = x == y ? view_all_in(th, a, b) : 0; break;
    case CMP_LT: r = x < y ? view_all_in(th, a, b) : 0; break;
    case CMP_LE: r = x <= y ? view_all_in(th, a, b) : 0; break;
    case CMP_GT: r = x > y ? view_all_in(th, b, a) : 0; break;
    default: r = x >= y ? view_all_in(th, b, a) : 0; break;
    }
    return r < 0 ? VALUE_ABSENT : value_from_bool((r == 1) != (op == CMP_NE));
}

/* set(a) op b, b any iterable. */
static Value view_algebra(Thread *th, Value a, Value b, BinaryOp op)
{
    if (!is_set_like(a) && !is_set_like(b)) {
        return rt_not_implemented();
    }
    Value x = set_new(th, false), result = VALUE_ABSENT;
    Value y = x == VALUE_ABSENT ? VALUE_ABSENT : set_new(th, false);
    if (y != VALUE_ABSENT && set_update(th, x, a) && set_update(th, y, b)) {
        result = rt_binary(th, op, x, y);
    }
    rt_xdecref(th, x);
    rt_xdecref(th, y);
    return result;
}

static Value view_and(Thread *th, Value a, Value b) { return view_algebra(th, a, b, BIN_AND); }
static Value view_or(Thread *th, Value a, Value b) { return view_algebra(th, a, b, BIN_OR); }
static Value view_xor(Thread *th, Value a, Value b) { return view_algebra(th, a, b, BIN_XOR); }
static Value view_sub(Thread *th, Value a, Value b) { return view_algebra(th, a, b, BIN_SUB); }

static Value view_isdisjoint(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs;
    (void)kwnames;
    if (!is_set_like(args[0]) || value_is_set(args[0])) {
        return rt_raise(th, EXC_TYPE_ERROR, "a view of a dict is required");
    }
    Cursor c;
    Value item = VALUE_ABSENT;
    if (!cursor_open(th, &c, args[1])) {
        cursor_close(th, &c);
        return VALUE_ABSENT;
    }
    int inside = 0;
    while (inside == 0 && (item = cursor_next(th, &c)) != VALUE_ABSENT) {
        inside = rt_contains(th, args[0], item);
        rt_decref(th, item);
    }
    cursor_close(th, &c);
    return rt_pending(th) ? VALUE_ABSENT : value_from_bool(inside == 0);
}

static Value view_reversed(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs;
    (void)kwnames;
    uint32_t id = value_is_object(args[0]) ? value_object(args[0])->type_id : TYPE_INVALID;
    uint32_t iterator = id == TYPE_DICT_KEYS     ? TYPE_DICT_KEY_ITERATOR
                        : id == TYPE_DICT_VALUES ? TYPE_DICT_VALUE_ITERATOR
                        : id == TYPE_DICT_ITEMS  ? TYPE_DICT_ITEM_ITERATOR
                                                 : TYPE_INVALID;
    if (iterator == TYPE_INVALID) {
        return rt_raise(th, EXC_TYPE_ERROR, "a view of a dict is required");
    }
    return dict_iterator_new(th, iterator, view_dict(args[0]), true);
}

static const NativeDef view_natives[] = {
    {"isdisjoint", view_isdisjoint, 2, 2, 0},
    {"__reversed__", view_reversed, 1, 1, 0},
    {0},
};

static const NativeDef values_natives[] = {
    {"__reversed__", view_reversed, 1, 1, 0},
    {0},
};

#define ITERATOR_TYPE(id_, name_)           \
    {                                       \
        .id = (id_),                        \
        .flags = TYPE_FLAG_GC,              \
        .name = (name_),                    \
        .size_bytes = sizeof(DictIterator), \
        .finalize = iterator_finalize,      \
        .traverse = iterator_traverse,      \
        .iter = iterator_self,              \
        .next = iterator_next,              \
        .methods = iterator_natives,        \
    }
#define SET_LIKE_VIEW(id_, name_, iter_, contains_)   \
    {                                                 \
        .id = (id_),                                  \
        .flags = TYPE_FLAG_GC | TYPE_FLAG_UNHASHABLE, \
        .name = (name_),                              \
        .size_bytes = sizeof(DictView),               \
        .finalize = view_finalize,                    \
        .traverse = view_traverse,                    \
        .repr = view_repr,                            \
        .compare = view_compare,                      \
        .iter = (iter_),                              \
        .length = view_length,                        \
        .contains = (contains_),                      \
        .binary = {[BIN_AND] = view_and,              \
                   [BIN_OR] = view_or,                \
                   [BIN_XOR] = view_xor,              \
                   [BIN_SUB] = view_sub},             \
        .methods = view_natives,                      \
    }

static Type view_types[] = {
    ITERATOR_TYPE(TYPE_DICT_KEY_ITERATOR, "dict_keyiterator"),
    ITERATOR_TYPE(TYPE_DICT_VALUE_ITERATOR, "dict_valueiterator"),
    ITERATOR_TYPE(TYPE_DICT_ITEM_ITERATOR, "dict_itemiterator"),
    SET_LIKE_VIEW(TYPE_DICT_KEYS, "dict_keys", keys_iter, keys_contains),
    SET_LIKE_VIEW(TYPE_DICT_ITEMS, "dict_items", items_iter, items_contains),
    {
        .id = TYPE_DICT_VALUES,
        .flags = TYPE_FLAG_GC,
        .name = "dict_values",
        .size_bytes = sizeof(DictView),
        .finalize = view_finalize,
        .traverse = view_traverse,
        .repr = view_repr,
        .iter = values_iter,
        .length = view_length,
        .methods = values_natives,
    },
};

bool dict_view_types_ready(Thread *th)
{
    for (size_t i = 0; i < sizeof view_types / sizeof view_types[0]; i++) {
        if (!rt_type_ready(th, &view_types[i])) {
            return false;
        }
    }
    return true;
}
