/*
 * The iterator types of builtins: enumerate, zip, map, filter, reversed and iter(callable, sentinel).
 *
 * Fields are written at construction only, but for counters.
 *
 * Threads: any.  A shared enumerate, zip or map over iterators of containers steps under its lock, and under it
 * under theirs (outer before inner: what an iterator walks is older than itself); over anything else, whose next
 * may run Python code, the steps of the parts are atomic each for itself.
 */
#include "runtime/container_inline.h"
#include "runtime/gc.h"
#include "runtime/natives_internal.h"

enum { STACK_ITEMS = 8 };

/* One layout for all: which fields are used is in the comment of each type. */
typedef struct Combinator {
    Object header;
    Value function; /* map, filter, callable iterator; enumerate: the number to start with */
    Value source;   /* enumerate, filter: the iterator; reversed: the sequence;
                        zip, map: tuple of iterators; callable iterator: the sentinel */
    bool strict;    /* zip */
    /* shared: any thread that calls next, relaxed */
    _Atomic int64_t position; /* enumerate: items so far; reversed: the next index;
                                 callable iterator: 1 once it has ended */
} Combinator;

static Combinator *combinator(Value v) { return (Combinator *)value_object(v); }

static Combinator *combinator_new(Thread *th, uint32_t type_id, Value function, Value source_stolen)
{
    Combinator *c = rt_object_new_gc(th, type_id, sizeof *c);
    if (c == NULL) {
        rt_xdecref(th, source_stolen);
        return NULL;
    }
    c->function = function == VALUE_ABSENT ? VALUE_ABSENT : rt_newref(th, function);
    c->source = source_stolen;
    return c;
}

static void combinator_finalize(Thread *th, Object *o)
{
    rt_xdecref(th, ((Combinator *)o)->function);
    rt_xdecref(th, ((Combinator *)o)->source);
}

static void combinator_traverse(Object *o, VisitFn visit, void *arg)
{
    Combinator *c = (Combinator *)o;
    if (value_is_object(c->function)) {
        visit(value_object(c->function), arg);
    }
    if (value_is_object(c->source)) {
        visit(value_object(c->source), arg);
    }
}

/* Can next of v be called under a lock (see iterator_step)? */
static bool steps_quietly(Value v)
{
    uint32_t id = value_is_object(v) ? value_object(v)->type_id : TYPE_INVALID;
    if (id == TYPE_RANGE_ITERATOR) { /* of long ints it drops something at each step */
        return slot_load_acquire(&((const RangeIterator *)value_object(v))->big) == VALUE_ABSENT;
    }
    return id >= TYPE_LIST_ITERATOR && id <= TYPE_SET_ITERATOR;
}

static int iterator_step(Thread *th, Value v, Value *item, Value *dropped)
{
    switch (value_object(v)->type_id) {
    case TYPE_RANGE_ITERATOR: return range_iterator_step(th, v, item, dropped);
    case TYPE_DICT_KEY_ITERATOR:
    case TYPE_DICT_VALUE_ITERATOR:
    case TYPE_DICT_ITEM_ITERATOR: return dict_iterator_step(th, v, item, dropped);
    case TYPE_SET_ITERATOR: return set_iterator_step(th, v, item, dropped);
    default: return sequence_iterator_step(th, v, item, dropped);
    }
}

static Value iterator_self(Thread *th, Value self) { return rt_newref(th, self); }

static Value enumerate_construct(Thread *th, Type *type, const Value *args, uint32_t nargs,
                                 Value kwnames)
{
    static const char *const names[] = {"iterable", "start"};
    static const NativeSignature signature = {"enumerate", names, 2, 0, 2};
    Value given[2];
    if (!native_bind(th, &signature, args, nargs, kwnames, given)) {
        return VALUE_ABSENT;
    }
    if (given[0] == VALUE_ABSENT) {
        return rt_raise(th, EXC_TYPE_ERROR, "enumerate() missing required argument 'iterable'");
    }
    Value start = given[1] == VALUE_ABSENT ? value_from_small_int(0) : given[1];
    if (value_is_bool(start)) {
        start = value_from_small_int(start == VALUE_TRUE);
    } else if (!value_is_int(start)) {
        int64_t index;
        if (!int_as_index(th, start, &index, false) ||
            (start = int_from_i64(th, index)) == VALUE_ABSENT) {
            return VALUE_ABSENT;
        }
        rt_decref(th, start);
    }
    Value iterator = rt_iter(th, given[0]);
    if (iterator == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Combinator *c = combinator_new(th, type->id, start, iterator);
    return c == NULL ? VALUE_ABSENT : value_from_object(c);
}

/* An item and its number. A shared enumerate of a container takes both in one step. */
static Value enumerate_take(Thread *th, Combinator *c, int64_t *position)
{
    Value item = VALUE_ABSENT, dropped = VALUE_ABSENT;
    if (object_exclusive(th, &c->header) || !steps_quietly(c->source)) {
        item = rt_stack_check(th, "") ? rt_next(th, c->source) : VALUE_ABSENT;
        *position = atomic_load_explicit(&c->position, memory_order_relaxed);
        if (item != VALUE_ABSENT &&
            object_exclusive(th, &c->header)) { /* asked again: Python has run */
            atomic_store_explicit(&c->position, *position + 1, memory_order_relaxed);
        } else if (item != VALUE_ABSENT) {
            STAT_COUNT(ITERATOR);
            *position = atomic_fetch_add_explicit(&c->position, 1, memory_order_relaxed);
        }
        return item;
    }
    object_lock(th, &c->header);
    int r = iterator_step(th, c->source, &item, &dropped);
    *position = atomic_load_explicit(&c->position, memory_order_relaxed);
    if (r == ITERATOR_ITEM) {
        atomic_store_explicit(&c->position, *position + 1, memory_order_relaxed);
    }
    object_unlock(th, &c->header);
    container_drop(th, value_object(c->source), dropped);
    return r == ITERATOR_ITEM      ? item
           : r == ITERATOR_CHANGED ? rt_next(th, c->source)
                                   : VALUE_ABSENT;
}

static Value enumerate_next(Thread *th, Value self)
{
    Combinator *c = combinator(self);
    int64_t position = 0;
    Value item = enumerate_take(th, c, &position);
    if (item == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value number = value_is_small_int(c->function)
                       ? int_from_i64(th, value_int(c->function) + position)
                       : int_add(th, c->function, value_from_small_int(position));
    if (number == VALUE_ABSENT) {
        rt_decref(th, item);
        return VALUE_ABSENT;
    }
    Value pair[2] = {number, item};
    return tuple_new_steal(th, pair, 2);
}

/* A tuple of iterators over args. */
static Value iterators_tuple(Thread *th, const Value *args, uint32_t count)
{
    ValueArray a = {NULL, 0, 0};
    for (uint32_t i = 0; i < count; i++) {
        Value iterator = rt_iter(th, args[i]);
        if (iterator == VALUE_ABSENT || !value_array_push_steal(th, &a, iterator)) {
            value_array_clear(th, &a);
            return VALUE_ABSENT;
        }
    }
    Value tuple = tuple_new(th, a.items, a.count);
    value_array_clear(th, &a);
    return tuple;
}

static Value zip_construct(Thread *th, Type *type, const Value *args, uint32_t nargs, Value kwnames)
{
    static const char *const names[] = {"strict"};
    static const NativeSignature signature = {"zip", names, 1, 0, 0};
    Value strict = VALUE_ABSENT;
    if (kwnames != VALUE_ABSENT &&
        !native_bind(th, &signature, args + nargs, 0, kwnames, &strict)) {
        return VALUE_ABSENT;
    }
    int is_strict = strict == VALUE_ABSENT ? 0 : rt_truth(th, strict);
    Value iterators = is_strict < 0 ? VALUE_ABSENT : iterators_tuple(th, args, nargs);
    if (iterators == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Combinator *c = combinator_new(th, type->id, VALUE_ABSENT, iterators);
    if (c == NULL) {
        return VALUE_ABSENT;
    }
    c->strict = is_strict != 0;
    return value_from_object(c);
}

/* take_items of a shared object whose iterators all walk containers: the items of one step belong together. */
static int64_t take_items_locked(Thread *th, Object *self, const Tuple *iterators, Value *items)
{
    Value dropped = VALUE_ABSENT;
    int r = ITERATOR_ITEM;
    int64_t i = 0;
    object_lock(th, self);
    for (; i < iterators->size; i++) {
        r = iterator_step(th, iterators->items[i], &items[i], &dropped);
        if (r != ITERATOR_ITEM) {
            break;
        }
    }
    object_unlock(th, self);
    if (i == iterators->size) {
        return i;
    }
    container_drop(th, value_object(iterators->items[i]), dropped);
    for (int64_t j = 0; j < i; j++) {
        rt_decref(th, items[j]);
    }
    if (r == ITERATOR_CHANGED) {
        rt_xdecref(th, rt_next(th, iterators->items[i])); /* raises what it has found */
    }
    return i;
}

static bool all_step_quietly(const Tuple *iterators)
{
    for (int64_t i = 0; i < iterators->size; i++) {
        if (!steps_quietly(iterators->items[i])) {
            return false;
        }
    }
    return true;
}

/* Takes one item of each iterator into items; returns how many there were before one ended (then
 * what was taken is dropped), or count. */
static int64_t take_items(Thread *th, Object *self, const Tuple *iterators, Value *items)
{
    if (!object_exclusive(th, self) && all_step_quietly(iterators)) {
        return take_items_locked(th, self, iterators, items);
    }
    for (int64_t i = 0; i < iterators->size; i++) {
        items[i] = rt_stack_check(th, "") ? rt_next(th, iterators->items[i]) : VALUE_ABSENT;
        if (items[i] == VALUE_ABSENT) {
            for (int64_t j = 0; j < i; j++) {
                rt_decref(th, items[j]);
            }
            return i;
        }
    }
    return iterators->size;
}

/* Iterator number `ended` has ended: a strict zip wants all to have ended. */
static Value zip_end_strict(Thread *th, const Tuple *iterators, int64_t ended)
{
    if (ended > 0) {
        return rt_raise(th, EXC_VALUE_ERROR, "zip() argument %lld is shorter than argument%s%lld",
                        (long long)ended + 1, ended == 1 ? " " : "s 1-", (long long)ended);
    }
    for (int64_t i = 1; i < iterators->size; i++) {
        Value item = rt_next(th, iterators->items[i]);
        if (item != VALUE_ABSENT) {
            rt_decref(th, item);
            return rt_raise(th, EXC_VALUE_ERROR,
                            "zip() argument %lld is longer than argument%s%lld", (long long)i + 1,
                            i == 1 ? " " : "s 1-", (long long)i);
        }
        if (rt_pending(th)) {
            break;
        }
    }
    return VALUE_ABSENT;
}

static Value zip_next(Thread *th, Value self)
{
    const Combinator *c = combinator(self);
    const Tuple *iterators = value_tuple(c->source);
    if (iterators->size == 0) {
        return VALUE_ABSENT;
    }
    Value on_stack[STACK_ITEMS];
    Value *items = on_stack;
    if (iterators->size > STACK_ITEMS) {
        items = rt_malloc((size_t)iterators->size * sizeof(Value));
        if (items == NULL) {
            return rt_raise_memory_error(th);
        }
    }
    gc_hide(th);
    int64_t taken = take_items(th, value_object(self), iterators, items);
    gc_unhide(th);
    Value result = VALUE_ABSENT;
    if (taken == iterators->size) {
        result = tuple_new_steal(th, items, taken);
    } else if (c->strict && !rt_pending(th)) {
        zip_end_strict(th, iterators, taken);
    }
    if (items != on_stack) {
        rt_free(items);
    }
    return result;
}

static Value map_construct(Thread *th, Type *type, const Value *args, uint32_t nargs, Value kwnames)
{
    if (!native_no_keywords(th, "map", kwnames)) {
        return VALUE_ABSENT;
    }
    if (nargs < 2) {
        return rt_raise(th, EXC_TYPE_ERROR, "map() must have at least two arguments.");
    }
    Value iterators = iterators_tuple(th, args + 1, nargs - 1);
    if (iterators == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Combinator *c = combinator_new(th, type->id, args[0], iterators);
    return c == NULL ? VALUE_ABSENT : value_from_object(c);
}

static Value map_next(Thread *th, Value self)
{
    const Combinator *c = combinator(self);
    const Tuple *iterators = value_tuple(c->source);
    Value on_stack[STACK_ITEMS];
    Value *items = on_stack;
    if (iterators->size > STACK_ITEMS) {
        items = rt_malloc((size_t)iterators->size * sizeof(Value));
        if (items == NULL) {
            return rt_raise_memory_error(th);
        }
    }
    Value result = VALUE_ABSENT;
    if (take_items(th, value_object(self), iterators, items) == iterators->size) {
        result = rt_call(th, c->function, items, (uint32_t)iterators->size, VALUE_ABSENT);
        for (int64_t i = 0; i < iterators->size; i++) {
            rt_decref(th, items[i]);
        }
    }
    if (items != on_stack) {
        rt_free(items);
    }
    return result;
}

static Value filter_construct(Thread *th, Type *type, const Value *args, uint32_t nargs,
                              Value kwnames)
{
    if (!native_no_keywords(th, "filter", kwnames) ||
        !native_check_positional(th, "filter", nargs, 2, 2)) {
        return VALUE_ABSENT;
    }
    Value iterator = rt_iter(th, args[1]);
    if (iterator == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Combinator *c = combinator_new(th, type->id, args[0], iterator);
    return c == NULL ? VALUE_ABSENT : value_from_object(c);
}

static int filter_accepts(Thread *th, Value function, Value item)
{
    if (function == VALUE_NONE || function == value_from_object(rt_type_by_id(TYPE_BOOL))) {
        return rt_truth(th, item);
    }
    Value verdict = rt_call(th, function, &item, 1, VALUE_ABSENT);
    if (verdict == VALUE_ABSENT) {
        return -1;
    }
    int truth = rt_truth(th, verdict);
    rt_decref(th, verdict);
    return truth;
}

static Value filter_next(Thread *th, Value self)
{
    const Combinator *c = combinator(self);
    LoopPoll poll = {LOOP_POLL_INTERVAL};
    Value item;
    while (rt_stack_check(th, "") && loop_poll(th, &poll) &&
           (item = rt_next(th, c->source)) != VALUE_ABSENT) {
        int accepted = filter_accepts(th, c->function, item);
        if (accepted > 0) {
            return item;
        }
        rt_decref(th, item);
        if (accepted < 0) {
            break;
        }
    }
    return VALUE_ABSENT;
}

Value callable_iterator_new(Thread *th, Value callable, Value sentinel)
{
    Combinator *c = combinator_new(th, TYPE_CALLABLE_ITERATOR, callable, rt_newref(th, sentinel));
    return c == NULL ? VALUE_ABSENT : value_from_object(c);
}

static Value callable_iterator_next(Thread *th, Value self)
{
    Combinator *c = combinator(self);
    if (atomic_load_explicit(&c->position, memory_order_relaxed) != 0) {
        return VALUE_ABSENT;
    }
    Value item = rt_call(th, c->function, NULL, 0, VALUE_ABSENT);
    if (item == VALUE_ABSENT) {
        if (rt_pending_is(th, EXC_STOP_ITERATION)) {
            rt_clear_exception(th);
            atomic_store_explicit(&c->position, 1, memory_order_relaxed);
        }
        return VALUE_ABSENT;
    }
    int equal = rt_equal(th, item, c->source);
    if (equal == 0) {
        return item;
    }
    rt_decref(th, item);
    if (equal > 0) {
        atomic_store_explicit(&c->position, 1, memory_order_relaxed);
    }
    return VALUE_ABSENT;
}

Value reversed_new(Thread *th, Value sequence)
{
    Value method = type_special_method(th, sequence, "__reversed__");
    if (method != VALUE_ABSENT) {
        Value iterator = rt_call(th, method, NULL, 0, VALUE_ABSENT);
        rt_decref(th, method);
        return iterator;
    }
    if (rt_pending(th)) {
        return VALUE_ABSENT;
    }
    const Type *type = rt_type_of(sequence);
    if (type->getitem == NULL || type->length == NULL || value_is_dict(sequence)) {
        return rt_raise(th, EXC_TYPE_ERROR, "'%T' object is not reversible", sequence);
    }
    int64_t length = type->length(th, sequence);
    if (length < 0) {
        return VALUE_ABSENT;
    }
    Combinator *c = combinator_new(th, TYPE_REVERSED, VALUE_ABSENT, rt_newref(th, sequence));
    if (c == NULL) {
        return VALUE_ABSENT;
    }
    atomic_store_explicit(&c->position, length - 1, memory_order_relaxed);
    return value_from_object(c);
}

static Value reversed_construct(Thread *th, Type *type, const Value *args, uint32_t nargs,
                                Value kwnames)
{
    (void)type;
    if (!native_no_keywords(th, "reversed", kwnames) ||
        !native_check_positional(th, "reversed", nargs, 1, 1)) {
        return VALUE_ABSENT;
    }
    return reversed_new(th, args[0]);
}

static Value reversed_next(Thread *th, Value self)
{
    Combinator *c = combinator(self);
    int64_t index = atomic_load_explicit(&c->position, memory_order_relaxed);
    if (index < 0) {
        return VALUE_ABSENT;
    }
    index = atomic_fetch_sub_explicit(&c->position, 1, memory_order_relaxed);
    if (index < 0) {
        return VALUE_ABSENT;
    }
    Value item = rt_getitem(th, c->source, value_from_small_int(index));
    if (item == VALUE_ABSENT &&
        (rt_pending_is(th, EXC_INDEX_ERROR) || rt_pending_is(th, EXC_STOP_ITERATION))) {
        rt_clear_exception(th);
        atomic_store_explicit(&c->position, -1, memory_order_relaxed);
    }
    return item;
}

static Value reversed_length_hint(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    int64_t left = atomic_load_explicit(&combinator(args[0])->position, memory_order_relaxed) + 1;
    return int_from_i64(th, left < 0 ? 0 : left);
}

static const NativeDef reversed_methods[] = {
    {"__length_hint__", reversed_length_hint, 1, 1, 0},
    {NULL, NULL, 0, 0, 0},
};

#define COMBINATOR_TYPE(variable, type_id, type_name, constructor, next_function) \
    static Type variable = {                                                      \
        .id = type_id,                                                            \
        .name = type_name,                                                        \
        .flags = TYPE_FLAG_GC,                                                    \
        .size_bytes = sizeof(Combinator),                                         \
        .finalize = combinator_finalize,                                          \
        .traverse = combinator_traverse,                                          \
        .construct = constructor,                                                 \
        .iter = iterator_self,                                                    \
        .next = next_function,                                                    \
    }

COMBINATOR_TYPE(enumerate_type, TYPE_ENUMERATE, "enumerate", enumerate_construct, enumerate_next);
COMBINATOR_TYPE(zip_type, TYPE_ZIP, "zip", zip_construct, zip_next);
COMBINATOR_TYPE(map_type, TYPE_MAP, "map", map_construct, map_next);
COMBINATOR_TYPE(filter_type, TYPE_FILTER, "filter", filter_construct, filter_next);
COMBINATOR_TYPE(reversed_type, TYPE_REVERSED, "reversed", reversed_construct, reversed_next);
COMBINATOR_TYPE(callable_iterator_type, TYPE_CALLABLE_ITERATOR, "callable_iterator", NULL,
                callable_iterator_next);

bool iterator_types_init(Thread *th)
{
    reversed_type.methods = reversed_methods;
    return rt_type_ready(th, &enumerate_type) && rt_type_ready(th, &zip_type) &&
           rt_type_ready(th, &map_type) && rt_type_ready(th, &filter_type) &&
           rt_type_ready(th, &reversed_type) && rt_type_ready(th, &callable_iterator_type);
}
