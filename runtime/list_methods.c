/*
 * The list type: its slots and methods.
 *
 * Methods that compare items take a reference to each item for the time of the comparison, because
 * user code may change the list meanwhile; indices are checked against the size at every step.
 *
 * Threads: as list.c.
 */
#include "runtime/list_internal.h"
#include "runtime/types.h"

#include <string.h>

static bool list_self(Thread *th, Value self, const char *method)
{
    return method_self(th, self, TYPE_LIST, "list", method);
}

static void list_finalize(Thread *th, Object *o)
{
    List *l = (List *)o;
    ListTable *t = list_table_relaxed(l);
    if (t == NULL) {
        return;
    }
    for (int64_t i = list_size_relaxed(l) - 1; i >= 0; i--) {
        rt_decref(th, t->slots[i]);
    }
    if (t != list_empty_table()) {
        rt_free(t);
    }
}

static void list_traverse(Object *o, VisitFn visit, void *arg)
{
    const ListTable *t = list_table_relaxed((List *)o);
    int64_t size = list_size_relaxed((List *)o);
    for (int64_t i = 0; i < size && i < t->capacity; i++) {
        if (value_is_object(t->slots[i])) {
            visit(value_object(t->slots[i]), arg);
        }
    }
}

static Value list_construct(Thread *th, Type *type, const Value *args, uint32_t nargs,
                            Value kwnames)
{
    (void)type;
    if (kwnames != VALUE_ABSENT && value_tuple(kwnames)->size > 0) {
        return rt_raise(th, EXC_TYPE_ERROR, "list() takes no keyword arguments");
    }
    if (nargs > 1) {
        return rt_raise(th, EXC_TYPE_ERROR, "list expected at most 1 argument, got %u", nargs);
    }
    Value v = list_new(th, NULL, 0);
    if (v != VALUE_ABSENT && nargs == 1 && !list_extend(th, v, args[0])) {
        rt_decref(th, v);
        return VALUE_ABSENT;
    }
    return v;
}

static bool repr_items(Thread *th, StrBuilder *b, const List *l)
{
    Value v;
    for (int64_t i = 0; (v = list_item(th, l, i)) != VALUE_ABSENT; i++) {
        if (i > 0) {
            str_builder_ascii(b, ", ", 2);
        }
        bool ok = str_builder_repr(th, b, v);
        rt_decref(th, v);
        if (!ok) {
            return false;
        }
    }
    return true;
}

static Value list_repr(Thread *th, Value self)
{
    const List *l = value_list(self);
    if (list_size(self) == 0) {
        return str_from_ascii(th, "[]", 2);
    }
    ReprGuard guard;
    if (!repr_enter(th, &guard, &l->header)) {
        return str_from_ascii(th, "[...]", 5);
    }
    /* What others change meanwhile is shown as it was at one moment. */
    Value seen =
        object_exclusive(th, &l->header) ? rt_newref(th, self) : list_slice(th, self, 0, INT64_MAX);
    StrBuilder b;
    str_builder_init(&b);
    str_builder_char(&b, '[');
    bool ok = seen != VALUE_ABSENT && repr_items(th, &b, value_list(seen));
    str_builder_char(&b, ']');
    rt_xdecref(th, seen);
    repr_leave(th, &guard);
    if (!ok) {
        str_builder_abandon(&b);
        return VALUE_ABSENT;
    }
    return str_builder_finish(th, &b);
}

static Value list_iter(Thread *th, Value self)
{
    return sequence_iterator_new(th, TYPE_LIST_ITERATOR, self, 0);
}

static int64_t list_length(Thread *th, Value self)
{
    (void)th;
    return list_size(self);
}

static int list_contains(Thread *th, Value self, Value v)
{
    int64_t index;
    return list_find(th, self, v, 0, INT64_MAX, &index);
}

static Value list_concat(Thread *th, Value a, Value b)
{
    if (!value_is_list(a)) {
        return rt_not_implemented();
    }
    if (!value_is_list(b)) {
        return sequence_concat_refused(th, a, b);
    }
    List *x = value_list(a), *y = value_list(b);
    object_lock_two(th, &x->header, &y->header);
    int64_t n = list_size_relaxed(x), m = list_size_relaxed(y);
    ListTable *t = list_table_new(n + m);
    for (int64_t i = 0; t != NULL && i < n; i++) {
        t->slots[i] = rt_newref(th, list_table_relaxed(x)->slots[i]);
    }
    for (int64_t i = 0; t != NULL && i < m; i++) {
        t->slots[n + i] = rt_newref(th, list_table_relaxed(y)->slots[i]);
    }
    object_unlock_two(th, &x->header, &y->header);
    return list_from_table_steal(th, t, n + m);
}

/* items, times over, as a new list. */
static Value repeat_items(Thread *th, const ValueArray *a, int64_t times)
{
    int64_t count;
    if (__builtin_mul_overflow(a->count, times, &count)) {
        return rt_raise_memory_error(th);
    }
    if (a->count == 1) {
        return list_repeat_value(th, a->items[0], count);
    }
    ListTable *t = list_table_new(count);
    for (int64_t i = 0, k = 0; t != NULL && i < count; i++, k = k + 1 == a->count ? 0 : k + 1) {
        t->slots[i] = rt_newref(th, a->items[k]);
    }
    return list_from_table_steal(th, t, count);
}

static Value list_repeat(Thread *th, Value a, Value b)
{
    Value self;
    int64_t times;
    int r = sequence_repeat_operands(th, a, b, TYPE_LIST, &self, &times);
    if (r <= 0) {
        return r < 0 ? VALUE_ABSENT : rt_not_implemented();
    }
    ValueArray items;
    if (times <= 0) {
        return list_new(th, NULL, 0);
    }
    if (!list_snapshot(th, self, 0, INT64_MAX, &items)) {
        return VALUE_ABSENT;
    }
    Value v = repeat_items(th, &items, times);
    value_array_clear(th, &items);
    return v;
}

static Value list_inplace_concat(Thread *th, Value a, Value b)
{
    return list_extend(th, a, b) ? rt_newref(th, a) : VALUE_ABSENT;
}

static void list_clear_all(Thread *th, Value self)
{
    int64_t size;
    List *l = value_list(self);
    ListTable *t = list_take_all(th, l, &size);
    list_drop_all(th, l, t->slots, size);
    list_table_retire(th, l, t);
}

static void list_clear_cycle(Thread *th, Object *o) { list_clear_all(th, value_from_object(o)); }

static Value list_inplace_repeat(Thread *th, Value a, Value b)
{
    Value self;
    int64_t times;
    int r = sequence_repeat_operands(th, a, b, TYPE_LIST, &self, &times);
    if (r <= 0) {
        return r < 0 ? VALUE_ABSENT : rt_not_implemented();
    }
    if (times <= 0) {
        list_clear_all(th, a);
        return rt_newref(th, a);
    }
    List *l = value_list(self);
    object_lock(th, &l->header);
    int64_t size = list_size_relaxed(l), count;
    bool ok = !__builtin_mul_overflow(size, times, &count) && list_reserve_locked(th, l, count);
    if (ok) {
        Value *slots = list_table_relaxed(l)->slots;
        for (int64_t i = size; i < count; i++) {
            slot_store_release(&slots[i], rt_newref(th, slots[i - size]));
        }
        atomic_store_explicit(&l->size, count, memory_order_release);
    }
    object_unlock(th, &l->header);
    return ok ? rt_newref(th, a) : rt_raise_memory_error(th);
}

#define LIST_NATIVE(name) \
    static Value list_##name(Thread *th, const Value *args, uint32_t nargs, Value kwnames)

LIST_NATIVE(method_append)
{
    (void)nargs;
    (void)kwnames;
    return list_self(th, args[0], "append") && list_append(th, args[0], args[1]) ? VALUE_NONE
                                                                                 : VALUE_ABSENT;
}

LIST_NATIVE(method_extend)
{
    (void)nargs;
    (void)kwnames;
    return list_self(th, args[0], "extend") && list_extend(th, args[0], args[1]) ? VALUE_NONE
                                                                                 : VALUE_ABSENT;
}

LIST_NATIVE(method_insert)
{
    (void)nargs;
    (void)kwnames;
    int64_t index;
    if (!list_self(th, args[0], "insert") || !int_as_index(th, args[1], &index, false)) {
        return VALUE_ABSENT;
    }
    return list_insert(th, args[0], index, args[2]) ? VALUE_NONE : VALUE_ABSENT;
}

LIST_NATIVE(method_pop)
{
    (void)kwnames;
    int64_t index = -1;
    if (!list_self(th, args[0], "pop") ||
        (nargs > 1 && !int_as_index(th, args[1], &index, false))) {
        return VALUE_ABSENT;
    }
    return list_pop(th, args[0], index);
}

LIST_NATIVE(method_remove)
{
    (void)nargs;
    (void)kwnames;
    if (!list_self(th, args[0], "remove")) {
        return VALUE_ABSENT;
    }
    int removed = list_remove(th, args[0], args[1]);
    if (removed == 0) {
        return rt_raise(th, EXC_VALUE_ERROR, "list.remove(x): x not in list");
    }
    return removed < 0 ? VALUE_ABSENT : VALUE_NONE;
}

LIST_NATIVE(method_clear)
{
    (void)nargs;
    (void)kwnames;
    if (!list_self(th, args[0], "clear")) {
        return VALUE_ABSENT;
    }
    list_clear_all(th, args[0]);
    return VALUE_NONE;
}

LIST_NATIVE(method_copy)
{
    (void)nargs;
    (void)kwnames;
    Value v = list_self(th, args[0], "copy") ? list_new(th, NULL, 0) : VALUE_ABSENT;
    if (v != VALUE_ABSENT && !list_extend(th, v, args[0])) {
        rt_decref(th, v);
        return VALUE_ABSENT;
    }
    return v;
}

LIST_NATIVE(method_index)
{
    (void)kwnames;
    int64_t start = 0, stop = INT64_MAX, index = 0;
    if (!list_self(th, args[0], "index") || (nargs > 2 && !bound_index(th, args[2], &start)) ||
        (nargs > 3 && !bound_index(th, args[3], &stop))) {
        return VALUE_ABSENT;
    }
    int64_t size = list_size(args[0]);
    int found =
        list_find(th, args[0], args[1], clamp_index(start, size), clamp_index(stop, size), &index);
    if (found == 0) {
        return rt_raise(th, EXC_VALUE_ERROR, "%V is not in list", args[1]);
    }
    return found < 0 ? VALUE_ABSENT : int_from_i64(th, index);
}

LIST_NATIVE(method_count)
{
    (void)nargs;
    (void)kwnames;
    if (!list_self(th, args[0], "count")) {
        return VALUE_ABSENT;
    }
    int64_t n = list_count(th, args[0], args[1]);
    return n < 0 ? VALUE_ABSENT : int_from_i64(th, n);
}

LIST_NATIVE(method_reverse)
{
    (void)nargs;
    (void)kwnames;
    if (!list_self(th, args[0], "reverse")) {
        return VALUE_ABSENT;
    }
    List *l = value_list(args[0]);
    object_lock(th, &l->header);
    ListTable *t = list_table_to_change(th, l);
    for (int64_t i = 0, j = list_size_relaxed(l) - 1; t != NULL && i < j; i++, j--) {
        Value v = t->slots[i];
        t->slots[i] = t->slots[j];
        t->slots[j] = v;
    }
    ListTable *old = list_table_changed(l, t);
    object_unlock(th, &l->header);
    list_table_retire(th, l, old);
    return t != NULL ? VALUE_NONE : rt_raise_memory_error(th);
}

LIST_NATIVE(method_sort)
{
    static const char *const names[] = {"key", "reverse"};
    static const ArgumentNames spec = {"sort", names, 2, 0};
    Value bound[2];
    if (!list_self(th, args[0], "sort")) {
        return VALUE_ABSENT;
    }
    if (nargs > 1) {
        return rt_raise(th, EXC_TYPE_ERROR, "sort() takes no positional arguments");
    }
    if (!arguments_bind(th, &spec, args + 1, 0, kwnames, bound)) {
        return VALUE_ABSENT;
    }
    int64_t reverse = 0;
    if (bound[1] != VALUE_ABSENT && !int_as_index(th, bound[1], &reverse, true)) {
        return VALUE_ABSENT;
    }
    Value key = bound[0] == VALUE_NONE ? VALUE_ABSENT : bound[0];
    return list_sort(th, args[0], key, reverse != 0) ? VALUE_NONE : VALUE_ABSENT;
}

LIST_NATIVE(method_reversed)
{
    (void)nargs;
    (void)kwnames;
    if (!list_self(th, args[0], "__reversed__")) {
        return VALUE_ABSENT;
    }
    return sequence_iterator_new(th, TYPE_LIST_REVERSE_ITERATOR, args[0], list_size(args[0]) - 1);
}

const NativeDef list_natives[] = {
    {"append", list_method_append, 2, 2, 0},
    {"extend", list_method_extend, 2, 2, 0},
    {"insert", list_method_insert, 3, 3, 0},
    {"pop", list_method_pop, 1, 2, 0},
    {"remove", list_method_remove, 2, 2, 0},
    {"clear", list_method_clear, 1, 1, 0},
    {"copy", list_method_copy, 1, 1, 0},
    {"index", list_method_index, 2, 4, 0},
    {"count", list_method_count, 2, 2, 0},
    {"reverse", list_method_reverse, 1, 1, 0},
    {"sort", list_method_sort, 1, -1, NATIVE_KEYWORDS},
    {"__reversed__", list_method_reversed, 1, 1, 0},
    {0},
};

static Type list_type = {
    .id = TYPE_LIST,
    .flags = TYPE_FLAG_GC | TYPE_FLAG_UNHASHABLE,
    .name = "list",
    .size_bytes = sizeof(List),
    .finalize = list_finalize,
    .traverse = list_traverse,
    .clear = list_clear_cycle,
    .construct = list_construct,
    .repr = list_repr,
    .compare = list_compare,
    .iter = list_iter,
    .length = list_length,
    .getitem = list_getitem,
    .setitem = list_setitem,
    .contains = list_contains,
    .binary = {[BIN_ADD] = list_concat, [BIN_MUL] = list_repeat},
    .inplace = {[BIN_ADD] = list_inplace_concat, [BIN_MUL] = list_inplace_repeat},
    .methods = list_natives,
};

bool list_types_ready(Thread *th) { return rt_type_ready(th, &list_type); }
