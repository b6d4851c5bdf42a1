/*
 * The types set, frozenset and set_iterator: slots and methods.
 *
 * Threads: as set.c.
 */
#include "runtime/set_algebra.h"
#include "runtime/types.h"

typedef struct SetIterator {
    Object header;
    Value set; /* VALUE_ABSENT once exhausted */
    int64_t position;
    int64_t used; /* -1: has failed */
    int64_t left;
} SetIterator;

static inline bool is_frozen(Value v) { return value_has_type(v, TYPE_FROZENSET); }

static void set_finalize(Thread *th, Object *o)
{
    SetTable *t = set_table_acquire((Set *)o);
    for (uint64_t i = 0; t != NULL && i <= t->mask; i++) {
        Value k = t->entries[i].key;
        if (value_is_object(k)) {
            rt_decref(th, k);
        }
    }
    set_table_free(t);
}

static void set_traverse(Object *o, VisitFn visit, void *arg)
{
    Value item;
    for (int64_t at = 0; set_next(value_from_object(o), &at, &item);) {
        if (value_is_object(item)) {
            visit(value_object(item), arg);
        }
    }
}

static void set_clear_cycle(Thread *th, Object *o) { set_clear(th, (Set *)o); }

static Value set_construct(Thread *th, Type *type, const Value *args, uint32_t nargs, Value kwnames)
{
    bool frozen = type->id == TYPE_FROZENSET;
    if (kwnames != VALUE_ABSENT && value_tuple(kwnames)->size > 0) {
        return rt_raise(th, EXC_TYPE_ERROR, "%s() takes no keyword arguments", type->name);
    }
    if (nargs > 1) {
        return rt_raise(th, EXC_TYPE_ERROR, "%s expected at most 1 argument, got %u", type->name,
                        nargs);
    }
    if (nargs == 0) {
        return set_new(th, frozen);
    }
    return frozen && is_frozen(args[0]) ? rt_newref(th, args[0]) : set_copy_as(th, args[0], frozen);
}

static Value set_repr(Thread *th, Value self)
{
    const char *name = is_frozen(self) ? "frozenset" : "set";
    if (set_size(self) == 0) {
        return str_from_format(th, "%s()", name);
    }
    ReprGuard guard;
    if (!repr_enter(th, &guard, value_object(self))) {
        return str_from_format(th, "%s(...)", name);
    }
    StrBuilder b;
    str_builder_init(&b);
    str_builder_ascii(&b, is_frozen(self) ? "frozenset({" : "{", is_frozen(self) ? 11 : 1);
    Value key;
    int64_t hash;
    Value seen = set_seen(th, self);
    bool ok = seen != VALUE_ABSENT, first = true;
    for (int64_t at = 0; ok && set_entry_next(th, value_set(seen), &at, &key, &hash);) {
        if (!first) {
            str_builder_ascii(&b, ", ", 2);
        }
        first = false;
        ok = str_builder_repr(th, &b, key);
        rt_decref(th, key);
    }
    rt_xdecref(th, seen);
    str_builder_ascii(&b, "})", is_frozen(self) ? 2 : 1);
    repr_leave(th, &guard);
    if (!ok || rt_pending(th)) {
        str_builder_abandon(&b);
        return VALUE_ABSENT;
    }
    return str_builder_finish(th, &b);
}

/* CPython's frozenset hash: the items' hashes shuffled and xored, so that order does not count. */
static bool frozenset_hash(Thread *th, Value self, int64_t *out)
{
    Set *s = value_set(self);
    int64_t known = atomic_load_explicit(&s->hash, memory_order_relaxed);
    if (known != -1) {
        *out = known;
        return true;
    }
    uint64_t hash = 0;
    Value key;
    int64_t h;
    for (int64_t at = 0; set_entry_next(th, s, &at, &key, &h);) {
        hash ^= (((uint64_t)h ^ 89869747u) ^ ((uint64_t)h << 16)) * 3644798167u;
        rt_decref(th, key);
    }
    hash ^= ((uint64_t)set_used(s) + 1) * 1927868237u;
    hash ^= (hash >> 11) ^ (hash >> 25);
    hash = hash * 69069u + 907133923u;
    *out = hash == UINT64_MAX ? 590923713 : (int64_t)hash;
    atomic_store_explicit(&s->hash, *out, memory_order_relaxed);
    return !rt_pending(th);
}

static Value set_compare(Thread *th, Value a, Value b, CompareOp op)
{
    if (!value_is_set(a) || !value_is_set(b)) {
        return rt_not_implemented();
    }
    int64_t x = set_size(a), y = set_size(b);
    int r;
    switch (op) {
    case CMP_EQ:
    case CMP_NE: r = x == y ? set_is_subset(th, a, b) : 0; break;
    case CMP_LT: r = x < y ? set_is_subset(th, a, b) : 0; break;
    case CMP_LE: r = set_is_subset(th, a, b); break;
    case CMP_GT: r = x > y ? set_is_subset(th, b, a) : 0; break;
    default: r = set_is_subset(th, b, a); break;
    }
    return r < 0 ? VALUE_ABSENT : value_from_bool((r == 1) != (op == CMP_NE));
}

static int64_t set_length(Thread *th, Value self)
{
    (void)th;
    return set_size(self);
}

/* A set is looked for as a frozenset with the same items. */
static int set_contains_slot(Thread *th, Value self, Value item)
{
    int r = set_contains(th, self, item);
    if (r >= 0 || !value_has_type(item, TYPE_SET) || !rt_pending_is(th, EXC_TYPE_ERROR)) {
        return r;
    }
    rt_clear_exception(th);
    Value frozen = set_copy_as(th, item, true);
    if (frozen == VALUE_ABSENT) {
        return -1;
    }
    r = set_contains(th, self, frozen);
    rt_decref(th, frozen);
    return r;
}

static Value set_iter(Thread *th, Value self)
{
    SetIterator *it = rt_object_new_gc(th, TYPE_SET_ITERATOR, sizeof(SetIterator));
    if (it == NULL) {
        return VALUE_ABSENT;
    }
    it->set = rt_newref(th, self);
    it->used = it->left = set_size(self);
    return value_from_object(it);
}

static int set_step_locked(Thread *th, SetIterator *it, Value *item, Value *dropped)
{
    if (it->set == VALUE_ABSENT) {
        return ITERATOR_END;
    }
    if (set_size(it->set) != it->used) {
        it->used = -1;
        return ITERATOR_CHANGED;
    }
    if (set_next(it->set, &it->position, item)) {
        it->left--;
        rt_incref(th, *item);
        return ITERATOR_ITEM;
    }
    *dropped = it->set;
    slot_store_release(&it->set, VALUE_ABSENT);
    return ITERATOR_END;
}

int set_iterator_step(Thread *th, Value self, Value *item, Value *dropped)
{
    SetIterator *it = (SetIterator *)value_object(self);
    object_lock(th, &it->header);
    int r = set_step_locked(th, it, item, dropped);
    object_unlock(th, &it->header);
    return r;
}

static Value set_iterator_next(Thread *th, Value self)
{
    Value item = VALUE_ABSENT, dropped = VALUE_ABSENT;
    int r = set_iterator_step(th, self, &item, &dropped);
    if (r == ITERATOR_CHANGED) {
        return rt_raise(th, EXC_RUNTIME_ERROR, "Set changed size during iteration");
    }
    container_drop(th, value_object(self), dropped);
    return r == ITERATOR_ITEM ? item : VALUE_ABSENT;
}

static void set_iterator_finalize(Thread *th, Object *o)
{
    rt_xdecref(th, ((SetIterator *)o)->set);
}

static void set_iterator_traverse(Object *o, VisitFn visit, void *arg)
{
    if (((SetIterator *)o)->set != VALUE_ABSENT) {
        visit(value_object(((SetIterator *)o)->set), arg);
    }
}

static Value iterator_self(Thread *th, Value self) { return rt_newref(th, self); }

typedef Value (*SetBinary)(Thread *th, Value self, Value other);
typedef bool (*SetUpdate)(Thread *th, Value self, Value other);

#define SET_OPERATOR(name, function)                                                           \
    static Value operator_##name(Thread *th, Value a, Value b)                                 \
    {                                                                                          \
        return value_is_set(a) && value_is_set(b) ? function(th, a, b) : rt_not_implemented(); \
    }
SET_OPERATOR(or, set_union)
SET_OPERATOR(and, set_intersection)
SET_OPERATOR(sub, set_difference)
SET_OPERATOR(xor, set_symmetric_difference)

#define SET_INPLACE(name, function)                                  \
    static Value inplace_##name(Thread *th, Value a, Value b)        \
    {                                                                \
        if (!value_is_set(b)) {                                      \
            return rt_not_implemented();                             \
        }                                                            \
        return function(th, a, b) ? rt_newref(th, a) : VALUE_ABSENT; \
    }
SET_INPLACE(or, set_update)
SET_INPLACE(and, set_intersection_update)
SET_INPLACE(sub, set_difference_update)
SET_INPLACE(xor, set_symmetric_update)

/* Methods that both types have get self checked by this. */
static bool any_set_self(Thread *th, Value self, const char *method)
{
    return value_is_set(self) || method_self(th, self, TYPE_SET, "set", method);
}

#define SET_NATIVE(name) \
    static Value method_##name(Thread *th, const Value *args, uint32_t nargs, Value kwnames)

/* self op a op b ... as a new set. */
static Value fold(Thread *th, const char *method, const Value *args, uint32_t nargs, SetBinary op)
{
    if (!any_set_self(th, args[0], method)) {
        return VALUE_ABSENT;
    }
    Value result =
        nargs == 1 ? set_copy_as(th, args[0], is_frozen(args[0])) : rt_newref(th, args[0]);
    for (uint32_t i = 1; result != VALUE_ABSENT && i < nargs; i++) {
        Value next = op(th, result, args[i]);
        rt_decref(th, result);
        result = next;
    }
    return result;
}

static Value update_all(Thread *th, const char *method, const Value *args, uint32_t nargs,
                        SetUpdate op)
{
    if (!method_self(th, args[0], TYPE_SET, "set", method)) {
        return VALUE_ABSENT;
    }
    for (uint32_t i = 1; i < nargs; i++) {
        if (!op(th, args[0], args[i])) {
            return VALUE_ABSENT;
        }
    }
    return VALUE_NONE;
}

#define SET_FOLD(name, function)                       \
    SET_NATIVE(name)                                   \
    {                                                  \
        (void)kwnames;                                 \
        return fold(th, #name, args, nargs, function); \
    }
SET_FOLD(union, set_union)
SET_FOLD(intersection, set_intersection)
SET_FOLD(difference, set_difference)
SET_FOLD(symmetric_difference, set_symmetric_difference)
SET_FOLD(copy, set_union)

#define SET_UPDATE(name, function)                           \
    SET_NATIVE(name)                                         \
    {                                                        \
        (void)kwnames;                                       \
        return update_all(th, #name, args, nargs, function); \
    }
SET_UPDATE(update, set_update)
SET_UPDATE(intersection_update, set_intersection_update)
SET_UPDATE(difference_update, set_difference_update)
SET_UPDATE(symmetric_difference_update, set_symmetric_update)

#define SET_TEST(name, function)                          \
    SET_NATIVE(name)                                      \
    {                                                     \
        (void)nargs;                                      \
        (void)kwnames;                                    \
        if (!any_set_self(th, args[0], #name)) {          \
            return VALUE_ABSENT;                          \
        }                                                 \
        int r = function(th, args[0], args[1]);           \
        return r < 0 ? VALUE_ABSENT : value_from_bool(r); \
    }
SET_TEST(issubset, set_is_subset)
SET_TEST(issuperset, set_is_superset)
SET_TEST(isdisjoint, set_is_disjoint)

SET_NATIVE(add)
{
    (void)nargs;
    (void)kwnames;
    return method_self(th, args[0], TYPE_SET, "set", "add") && set_add(th, args[0], args[1])
               ? VALUE_NONE
               : VALUE_ABSENT;
}

/* A key for remove and discard: a set stands for the frozenset of its items. owns: new. */
static Value removal_key(Thread *th, Value item)
{
    return value_has_type(item, TYPE_SET) ? set_copy_as(th, item, true) : rt_newref(th, item);
}

SET_NATIVE(discard)
{
    (void)nargs;
    (void)kwnames;
    if (!method_self(th, args[0], TYPE_SET, "set", "discard")) {
        return VALUE_ABSENT;
    }
    Value key = removal_key(th, args[1]);
    int r = key == VALUE_ABSENT ? -1 : set_discard(th, args[0], key);
    rt_xdecref(th, key);
    return r < 0 ? VALUE_ABSENT : VALUE_NONE;
}

SET_NATIVE(remove)
{
    (void)nargs;
    (void)kwnames;
    if (!method_self(th, args[0], TYPE_SET, "set", "remove")) {
        return VALUE_ABSENT;
    }
    Value key = removal_key(th, args[1]);
    int r = key == VALUE_ABSENT ? -1 : set_discard(th, args[0], key);
    rt_xdecref(th, key);
    if (r == 0) {
        return rt_raise_value(th, EXC_KEY_ERROR, args[1]);
    }
    return r < 0 ? VALUE_ABSENT : VALUE_NONE;
}

SET_NATIVE(pop)
{
    (void)nargs;
    (void)kwnames;
    if (!method_self(th, args[0], TYPE_SET, "set", "pop")) {
        return VALUE_ABSENT;
    }
    Value v = set_pop_any(th, value_set(args[0]));
    if (v == VALUE_ABSENT) {
        Value message = str_from_cstr(th, "pop from an empty set");
        if (message != VALUE_ABSENT) {
            rt_raise_value(th, EXC_KEY_ERROR, message);
            rt_decref(th, message);
        }
    }
    return v;
}

SET_NATIVE(clear)
{
    (void)nargs;
    (void)kwnames;
    if (!method_self(th, args[0], TYPE_SET, "set", "clear")) {
        return VALUE_ABSENT;
    }
    set_clear(th, value_set(args[0]));
    return VALUE_NONE;
}

SET_NATIVE(frozen_copy)
{
    (void)nargs;
    (void)kwnames;
    return method_self(th, args[0], TYPE_FROZENSET, "frozenset", "copy") ? rt_newref(th, args[0])
                                                                         : VALUE_ABSENT;
}

SET_NATIVE(length_hint)
{
    (void)nargs;
    (void)kwnames;
    if (!method_self(th, args[0], TYPE_SET_ITERATOR, "set_iterator", "__length_hint__")) {
        return VALUE_ABSENT;
    }
    const SetIterator *it = (const SetIterator *)value_object(args[0]);
    Value set = slot_load_acquire(&it->set);
    bool valid =
        set != VALUE_ABSENT && set_size(set) == __atomic_load_n(&it->used, __ATOMIC_RELAXED);
    return int_from_i64(th, valid ? __atomic_load_n(&it->left, __ATOMIC_RELAXED) : 0);
}

#define SHARED_NATIVES                                                                      \
    {"union", method_union, 1, -1, 0}, {"intersection", method_intersection, 1, -1, 0},     \
        {"difference", method_difference, 1, -1, 0},                                        \
        {"symmetric_difference", method_symmetric_difference, 2, 2, 0},                     \
        {"issubset", method_issubset, 2, 2, 0}, {"issuperset", method_issuperset, 2, 2, 0}, \
        {"isdisjoint", method_isdisjoint, 2, 2, 0}

static const NativeDef set_natives[] = {
    SHARED_NATIVES,
    {"add", method_add, 2, 2, 0},
    {"discard", method_discard, 2, 2, 0},
    {"remove", method_remove, 2, 2, 0},
    {"pop", method_pop, 1, 1, 0},
    {"clear", method_clear, 1, 1, 0},
    {"copy", method_copy, 1, 1, 0},
    {"update", method_update, 1, -1, 0},
    {"intersection_update", method_intersection_update, 1, -1, 0},
    {"difference_update", method_difference_update, 1, -1, 0},
    {"symmetric_difference_update", method_symmetric_difference_update, 2, 2, 0},
    {0},
};
static const NativeDef frozenset_natives[] = {
    SHARED_NATIVES,
    {"copy", method_frozen_copy, 1, 1, 0},
    {0},
};
static const NativeDef set_iterator_natives[] = {
    {"__length_hint__", method_length_hint, 1, 1, 0},
    {0},
};

static Type set_type = {
    .id = TYPE_SET,
    .flags = TYPE_FLAG_GC | TYPE_FLAG_UNHASHABLE,
    .name = "set",
    .size_bytes = sizeof(Set),
    .finalize = set_finalize,
    .traverse = set_traverse,
    .clear = set_clear_cycle,
    .construct = set_construct,
    .repr = set_repr,
    .compare = set_compare,
    .iter = set_iter,
    .length = set_length,
    .contains = set_contains_slot,
    .binary = {[BIN_OR] = operator_or,
               [BIN_AND] = operator_and,
               [BIN_SUB] = operator_sub,
               [BIN_XOR] = operator_xor},
    .inplace = {[BIN_OR] = inplace_or,
                [BIN_AND] = inplace_and,
                [BIN_SUB] = inplace_sub,
                [BIN_XOR] = inplace_xor},
    .methods = set_natives,
};

static Type frozenset_type = {
    .id = TYPE_FROZENSET,
    .flags = TYPE_FLAG_GC,
    .name = "frozenset",
    .size_bytes = sizeof(Set),
    .finalize = set_finalize,
    .traverse = set_traverse,
    .construct = set_construct,
    .repr = set_repr,
    .hash = frozenset_hash,
    .compare = set_compare,
    .iter = set_iter,
    .length = set_length,
    .contains = set_contains_slot,
    .binary = {[BIN_OR] = operator_or,
               [BIN_AND] = operator_and,
               [BIN_SUB] = operator_sub,
               [BIN_XOR] = operator_xor},
    .methods = frozenset_natives,
};

static Type set_iterator_type = {
    .id = TYPE_SET_ITERATOR,
    .flags = TYPE_FLAG_GC,
    .name = "set_iterator",
    .size_bytes = sizeof(SetIterator),
    .finalize = set_iterator_finalize,
    .traverse = set_iterator_traverse,
    .iter = iterator_self,
    .next = set_iterator_next,
    .methods = set_iterator_natives,
};

bool set_types_ready(Thread *th)
{
    return rt_type_ready(th, &set_type) && rt_type_ready(th, &frozenset_type) &&
           rt_type_ready(th, &set_iterator_type);
}
