/*
 * Tuple: immutable sequence, items inline.
 *
 * The empty tuple is one immortal object.  Invariant: every item of a tuple that is reachable is a
 * value; constructors fill before they return.
 *
 * Threads: any; immutable.
 */
#include "runtime/abstract_internal.h"
#include "runtime/container_inline.h"
#include "runtime/types.h"

#include <string.h>

static Tuple empty_tuple = {.header = {.owner = OWNER_IMMORTAL, .type_id = TYPE_TUPLE}};

static Tuple *tuple_alloc(Thread *th, int64_t count)
{
    if (count > OBJECT_SIZE_MAX / 16) {
        rt_raise_memory_error(th);
        return NULL;
    }
    size_t size = sizeof(Tuple) + (size_t)count * sizeof(Value);
    Tuple *t = rt_object_new_gc_unfilled(th, TYPE_TUPLE, size);
    if (t != NULL) {
        t->size = count;
        t->hash = 0;
    }
    return t;
}

Value tuple_new(Thread *th, const Value *items, int64_t count)
{
    if (count == 0) {
        return value_from_object(&empty_tuple);
    }
    Tuple *t = tuple_alloc(th, count);
    if (t == NULL) {
        return VALUE_ABSENT;
    }
    for (int64_t i = 0; i < count; i++) {
        t->items[i] = rt_newref(th, items[i]);
    }
    return value_from_object(t);
}

Value tuple_new_steal(Thread *th, Value *items, int64_t count)
{
    if (count == 0) {
        return value_from_object(&empty_tuple);
    }
    Tuple *t = tuple_alloc(th, count);
    if (t == NULL) {
        for (int64_t i = 0; i < count; i++) {
            rt_decref(th, items[i]);
        }
        return VALUE_ABSENT;
    }
    memcpy(t->items, items, (size_t)count * sizeof(Value));
    return value_from_object(t);
}

Value tuple_from_iterable(Thread *th, Value iterable)
{
    if (value_is_tuple(iterable)) {
        return rt_newref(th, iterable);
    }
    if (value_is_list(iterable)) {
        return list_to_tuple(th, iterable);
    }
    ValueArray a = {0};
    if (!value_array_extend(th, &a, iterable)) {
        value_array_clear(th, &a);
        return VALUE_ABSENT;
    }
    Value v = tuple_new_steal(th, a.items, a.count);
    rt_free(a.items);
    return v;
}

static void tuple_finalize(Thread *th, Object *o)
{
    Tuple *t = (Tuple *)o;
    for (int64_t i = t->size - 1; i >= 0; i--) {
        rt_decref(th, t->items[i]);
    }
}

static void tuple_traverse(Object *o, VisitFn visit, void *arg)
{
    const Tuple *t = (const Tuple *)o;
    for (int64_t i = 0; i < t->size; i++) {
        if (value_is_object(t->items[i])) {
            visit(value_object(t->items[i]), arg);
        }
    }
}

static Value tuple_construct(Thread *th, Type *type, const Value *args, uint32_t nargs,
                             Value kwnames)
{
    (void)type;
    if (kwnames != VALUE_ABSENT && value_tuple(kwnames)->size > 0) {
        return rt_raise(th, EXC_TYPE_ERROR, "tuple() takes no keyword arguments");
    }
    if (nargs > 1) {
        return rt_raise(th, EXC_TYPE_ERROR, "tuple expected at most 1 argument, got %u", nargs);
    }
    return nargs == 0 ? value_from_object(&empty_tuple) : tuple_from_iterable(th, args[0]);
}

static Value tuple_repr(Thread *th, Value self)
{
    const Tuple *t = value_tuple(self);
    ReprGuard guard;
    if (t->size > 0 && !repr_enter(th, &guard, &t->header)) {
        return str_from_ascii(th, "(...)", 5);
    }
    StrBuilder b;
    str_builder_init(&b);
    str_builder_char(&b, '(');
    bool ok = true;
    for (int64_t i = 0; ok && i < t->size; i++) {
        if (i > 0) {
            str_builder_ascii(&b, ", ", 2);
        }
        ok = str_builder_repr(th, &b, t->items[i]);
    }
    str_builder_ascii(&b, t->size == 1 ? ",)" : ")", t->size == 1 ? 2 : 1);
    if (t->size > 0) {
        repr_leave(th, &guard);
    }
    if (!ok) {
        str_builder_abandon(&b);
        return VALUE_ABSENT;
    }
    return str_builder_finish(th, &b);
}

/* CPython's tuple hash: xxHash's mixing of the items' hashes. */
static bool tuple_hash(Thread *th, Value self, int64_t *out)
{
    const uint64_t prime1 = 11400714785074694791u, prime2 = 14029467366897019727u,
                   prime5 = 2870177450012600261u;
    const Tuple *t = value_tuple(self);
    uint64_t acc = prime5;
    bool ok = true;
    for (int64_t i = 0; ok && i < t->size; i++) {
        int64_t lane;
        ok = key_hash(th, t->items[i], &lane);
        if (ok) {
            acc += (uint64_t)lane * prime2;
            acc = (acc << 31) | (acc >> 33);
            acc *= prime1;
        }
    }
    acc += (uint64_t)t->size ^ (prime5 ^ 3527539u);
    *out = acc == UINT64_MAX ? 1546275796 : (int64_t)acc;
    return ok;
}

static Value compare_items(Thread *th, const Tuple *x, const Tuple *y, CompareOp op)
{
    int64_t n = x->size < y->size ? x->size : y->size;
    LoopPoll poll = {LOOP_POLL_INTERVAL};
    for (int64_t i = 0; i < n; i++) {
        int equal = loop_poll(th, &poll) ? values_equal(th, x->items[i], y->items[i]) : -1;
        if (equal < 0) {
            return VALUE_ABSENT;
        }
        if (equal == 0) {
            return op == CMP_EQ   ? VALUE_FALSE
                   : op == CMP_NE ? VALUE_TRUE
                                  : rt_compare(th, x->items[i], y->items[i], op);
        }
    }
    return compare_int64(x->size, y->size, op);
}

static Value tuple_compare(Thread *th, Value a, Value b, CompareOp op)
{
    if (!value_is_tuple(a) || !value_is_tuple(b)) {
        return rt_not_implemented();
    }
    return compare_items(th, value_tuple(a), value_tuple(b), op);
}

static int64_t tuple_length(Thread *th, Value self)
{
    (void)th;
    return value_tuple(self)->size;
}

static Value tuple_slice(Thread *th, Value self, Value slice)
{
    const Tuple *t = value_tuple(self);
    int64_t start, stop, step, count;
    if (!slice_resolve(th, slice, t->size, &start, &stop, &step, &count)) {
        return VALUE_ABSENT;
    }
    if (count == t->size && step == 1) {
        return rt_newref(th, self);
    }
    if (step == 1 || count == 0) {
        return tuple_new(th, t->items + start, count);
    }
    Tuple *result = tuple_alloc(th, count);
    if (result == NULL) {
        return VALUE_ABSENT;
    }
    for (int64_t i = 0; i < count; i++) {
        result->items[i] = rt_newref(th, t->items[start + i * step]);
    }
    return value_from_object(result);
}

static Value tuple_getitem(Thread *th, Value self, Value key)
{
    const Tuple *t = value_tuple(self);
    if (value_has_type(key, TYPE_SLICE)) {
        return tuple_slice(th, self, key);
    }
    int64_t index;
    if (!sequence_index(th, key, "tuple", &index)) {
        return VALUE_ABSENT;
    }
    index += index < 0 ? t->size : 0;
    if (index < 0 || index >= t->size) {
        return rt_raise(th, EXC_INDEX_ERROR, "tuple index out of range");
    }
    return rt_newref(th, t->items[index]);
}

static int tuple_contains(Thread *th, Value self, Value item)
{
    const Tuple *t = value_tuple(self);
    LoopPoll poll = {LOOP_POLL_INTERVAL};
    for (int64_t i = 0; i < t->size; i++) {
        int equal = loop_poll(th, &poll) ? values_equal(th, t->items[i], item) : -1;
        if (equal != 0) {
            return equal;
        }
    }
    return 0;
}

static Value tuple_concat(Thread *th, Value a, Value b)
{
    if (!value_is_tuple(a)) {
        return rt_not_implemented();
    }
    if (!value_is_tuple(b)) {
        return sequence_concat_refused(th, a, b);
    }
    const Tuple *x = value_tuple(a), *y = value_tuple(b);
    if (x->size == 0 || y->size == 0) {
        return rt_newref(th, x->size == 0 ? b : a);
    }
    Tuple *t = tuple_alloc(th, x->size + y->size);
    if (t == NULL) {
        return VALUE_ABSENT;
    }
    for (int64_t i = 0; i < t->size; i++) {
        t->items[i] = rt_newref(th, i < x->size ? x->items[i] : y->items[i - x->size]);
    }
    return value_from_object(t);
}

static Value tuple_repeat(Thread *th, Value a, Value b)
{
    Value self;
    int64_t times, count;
    int r = sequence_repeat_operands(th, a, b, TYPE_TUPLE, &self, &times);
    if (r <= 0) {
        return r < 0 ? VALUE_ABSENT : rt_not_implemented();
    }
    const Tuple *t = value_tuple(self);
    if (times <= 0 || t->size == 0) {
        return value_from_object(&empty_tuple);
    }
    if (times == 1) {
        return rt_newref(th, self);
    }
    if (__builtin_mul_overflow(t->size, times, &count)) {
        return rt_raise_memory_error(th);
    }
    Tuple *result = tuple_alloc(th, count);
    if (result == NULL) {
        return VALUE_ABSENT;
    }
    for (int64_t i = 0; i < count; i++) {
        result->items[i] = rt_newref(th, t->items[i % t->size]);
    }
    return value_from_object(result);
}

static Value tuple_iter(Thread *th, Value self)
{
    return sequence_iterator_new(th, TYPE_TUPLE_ITERATOR, self, 0);
}

static Value tuple_index(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)kwnames;
    int64_t start = 0, stop = INT64_MAX;
    if (!method_self(th, args[0], TYPE_TUPLE, "tuple", "index") ||
        (nargs > 2 && !bound_index(th, args[2], &start)) ||
        (nargs > 3 && !bound_index(th, args[3], &stop))) {
        return VALUE_ABSENT;
    }
    const Tuple *t = value_tuple(args[0]);
    start = clamp_index(start, t->size);
    stop = clamp_index(stop, t->size);
    LoopPoll poll = {LOOP_POLL_INTERVAL};
    for (int64_t i = start; i < stop; i++) {
        int equal = loop_poll(th, &poll) ? values_equal(th, t->items[i], args[1]) : -1;
        if (equal < 0) {
            return VALUE_ABSENT;
        }
        if (equal > 0) {
            return int_from_i64(th, i);
        }
    }
    return rt_raise(th, EXC_VALUE_ERROR, "tuple.index(x): x not in tuple");
}

static Value tuple_count(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs;
    (void)kwnames;
    if (!method_self(th, args[0], TYPE_TUPLE, "tuple", "count")) {
        return VALUE_ABSENT;
    }
    const Tuple *t = value_tuple(args[0]);
    int64_t n = 0;
    LoopPoll poll = {LOOP_POLL_INTERVAL};
    for (int64_t i = 0; i < t->size; i++) {
        int equal = loop_poll(th, &poll) ? values_equal(th, t->items[i], args[1]) : -1;
        if (equal < 0) {
            return VALUE_ABSENT;
        }
        n += equal;
    }
    return int_from_i64(th, n);
}

static const NativeDef tuple_natives[] = {
    {"index", tuple_index, 2, 4, 0},
    {"count", tuple_count, 2, 2, 0},
    {0},
};

static Type tuple_type = {
    .id = TYPE_TUPLE,
    .flags = TYPE_FLAG_GC,
    .name = "tuple",
    .size_bytes = sizeof(Tuple),
    .finalize = tuple_finalize,
    .traverse = tuple_traverse,
    .construct = tuple_construct,
    .repr = tuple_repr,
    .hash = tuple_hash,
    .compare = tuple_compare,
    .iter = tuple_iter,
    .length = tuple_length,
    .getitem = tuple_getitem,
    .contains = tuple_contains,
    .binary = {[BIN_ADD] = tuple_concat, [BIN_MUL] = tuple_repeat},
    .methods = tuple_natives,
};

bool tuple_types_ready(Thread *th) { return rt_type_ready(th, &tuple_type); }
