/*
 * Range: immutable arithmetic sequence of ints of any size, and its iterator.
 *
 * Everything has a fast form on int64 and a slow form on int values; small ranges never leave the
 * fast one.  Invariant: length is the exact number of items, an int value >= 0.
 *
 * Threads: any; immutable. An iterator shared by threads may repeat or skip an item.
 */
#include "runtime/container_inline.h"
#include "runtime/types.h"

static inline Range *value_range(Value v) { return (Range *)value_object(v); }

static inline bool all_small(Value a, Value b, Value c)
{
    return value_is_small_int(a) && value_is_small_int(b) && value_is_small_int(c);
}

/* start, stop, step of at most 50 bits: no overflow. step != 0. */
static int64_t small_length(int64_t start, int64_t stop, int64_t step)
{
    if (step > 0) {
        return start < stop ? (stop - start - 1) / step + 1 : 0;
    }
    return start > stop ? (start - stop - 1) / -step + 1 : 0;
}

/* (high - low - 1) // step + 1 for low < high, step > 0, all int values. */
static Value big_length_of(Thread *th, Value low, Value high, Value step)
{
    Value one = value_from_small_int(1), result = VALUE_ABSENT;
    Value span = int_sub(th, high, low);
    Value less = span == VALUE_ABSENT ? VALUE_ABSENT : int_sub(th, span, one);
    Value quotient = less == VALUE_ABSENT ? VALUE_ABSENT : int_floordiv(th, less, step);
    if (quotient != VALUE_ABSENT) {
        result = int_add(th, quotient, one);
    }
    rt_xdecref(th, span);
    rt_xdecref(th, less);
    rt_xdecref(th, quotient);
    return result;
}

static Value range_length_of(Thread *th, Value start, Value stop, Value step)
{
    if (all_small(start, stop, step)) {
        return int_from_i64(th, small_length(value_int(start), value_int(stop), value_int(step)));
    }
    bool up = int_compare(step, value_from_small_int(0)) > 0;
    int order = int_compare(start, stop);
    if (up ? order >= 0 : order <= 0) {
        return value_from_small_int(0);
    }
    if (up) {
        return big_length_of(th, start, stop, step);
    }
    Value positive = int_neg(th, step);
    Value result =
        positive == VALUE_ABSENT ? VALUE_ABSENT : big_length_of(th, stop, start, positive);
    rt_xdecref(th, positive);
    return result;
}

Value range_new(Thread *th, Value start, Value stop, Value step)
{
    if (step == value_from_small_int(0)) {
        return rt_raise(th, EXC_VALUE_ERROR, "range() arg 3 must not be zero");
    }
    Value length = range_length_of(th, start, stop, step);
    if (length == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Range *r = rt_object_new(th, TYPE_RANGE, sizeof(Range));
    if (r == NULL) {
        rt_decref(th, length);
        return VALUE_ABSENT;
    }
    r->start = rt_newref(th, start);
    r->stop = rt_newref(th, stop);
    r->step = rt_newref(th, step);
    r->length = length;
    return value_from_object(r);
}

static void range_finalize(Thread *th, Object *o)
{
    Range *r = (Range *)o;
    rt_decref(th, r->start);
    rt_decref(th, r->stop);
    rt_decref(th, r->step);
    rt_decref(th, r->length);
}

static void range_traverse(Object *o, VisitFn visit, void *arg)
{
    const Range *r = (const Range *)o;
    value_visit(r->start, visit, arg);
    value_visit(r->stop, visit, arg);
    value_visit(r->step, visit, arg);
    value_visit(r->length, visit, arg);
}

/* An argument of range() as an int value. owns: new. */
static Value range_argument(Thread *th, Value v)
{
    if (value_is_int(v)) {
        return rt_newref(th, v);
    }
    int64_t number;
    return int_as_index(th, v, &number, false) ? int_from_i64(th, number) : VALUE_ABSENT;
}

static Value range_construct(Thread *th, Type *type, const Value *args, uint32_t nargs,
                             Value kwnames)
{
    (void)type;
    if (kwnames != VALUE_ABSENT && value_tuple(kwnames)->size > 0) {
        return rt_raise(th, EXC_TYPE_ERROR, "range() takes no keyword arguments");
    }
    if (nargs == 0 || nargs > 3) {
        return rt_raise(th, EXC_TYPE_ERROR, "range expected at %s argument%s, got %u",
                        nargs == 0 ? "least 1" : "most 3", nargs == 0 ? "" : "s", nargs);
    }
    Value parts[3] = {value_from_small_int(0), VALUE_ABSENT, value_from_small_int(1)};
    Value result = VALUE_ABSENT;
    bool ok = true;
    if (nargs == 1) {
        ok = (parts[1] = range_argument(th, args[0])) != VALUE_ABSENT;
    } else {
        for (uint32_t i = 0; ok && i < nargs; i++) {
            ok = (parts[i] = range_argument(th, args[i])) != VALUE_ABSENT;
        }
    }
    if (ok) {
        result = range_new(th, parts[0], parts[1], parts[2]);
    }
    for (int i = 0; i < 3; i++) {
        rt_xdecref(th, parts[i]);
    }
    return result;
}

static Value range_repr(Thread *th, Value self)
{
    const Range *r = value_range(self);
    if (r->step == value_from_small_int(1)) {
        return str_from_format(th, "range(%V, %V)", r->start, r->stop);
    }
    return str_from_format(th, "range(%V, %V, %V)", r->start, r->stop, r->step);
}

/* start + index * step. index: int value. owns: new. */
static Value range_item(Thread *th, const Range *r, Value index)
{
    if (all_small(r->start, r->step, index)) {
        __int128 x = (__int128)value_int(r->step) * value_int(index) + value_int(r->start);
        if (x >= INT64_MIN && x <= INT64_MAX) {
            return int_from_i64(th, (int64_t)x);
        }
    }
    Value offset = int_mul(th, index, r->step);
    Value v = offset == VALUE_ABSENT ? VALUE_ABSENT : int_add(th, r->start, offset);
    rt_xdecref(th, offset);
    return v;
}

static int64_t range_length(Thread *th, Value self)
{
    int64_t length;
    if (int_to_i64(value_range(self)->length, &length)) {
        return length;
    }
    rt_raise(th, EXC_OVERFLOW_ERROR, "Python int too large to convert to C ssize_t");
    return -1;
}

static int range_truth(Thread *th, Value self)
{
    (void)th;
    return value_range(self)->length != value_from_small_int(0);
}

/* The parts of a slice of a range whose length fits an int64. */
static Value range_slice(Thread *th, const Range *r, Value slice)
{
    int64_t length, start, stop, step, count;
    if (!int_to_i64(r->length, &length)) {
        return rt_raise(th, EXC_OVERFLOW_ERROR, "Python int too large to convert to C ssize_t");
    }
    if (!slice_resolve(th, slice, length, &start, &stop, &step, &count)) {
        return VALUE_ABSENT;
    }
    Value index[3] = {int_from_i64(th, start), VALUE_ABSENT, VALUE_ABSENT};
    Value part[3] = {VALUE_ABSENT, VALUE_ABSENT, VALUE_ABSENT}, result = VALUE_ABSENT;
    if (index[0] != VALUE_ABSENT && (index[1] = int_from_i64(th, stop)) != VALUE_ABSENT &&
        (index[2] = int_from_i64(th, step)) != VALUE_ABSENT &&
        (part[0] = range_item(th, r, index[0])) != VALUE_ABSENT &&
        (part[1] = range_item(th, r, index[1])) != VALUE_ABSENT &&
        (part[2] = int_mul(th, r->step, index[2])) != VALUE_ABSENT) {
        result = range_new(th, part[0], part[1], part[2]);
    }
    for (int i = 0; i < 3; i++) {
        rt_xdecref(th, index[i]);
        rt_xdecref(th, part[i]);
    }
    return result;
}

static Value range_getitem(Thread *th, Value self, Value key)
{
    const Range *r = value_range(self);
    if (value_has_type(key, TYPE_SLICE)) {
        return range_slice(th, r, key);
    }
    Value index;
    int64_t number;
    if (value_is_int(key)) {
        index = rt_newref(th, key);
    } else {
        if (!sequence_index(th, key, "range", &number)) {
            return VALUE_ABSENT;
        }
        index = int_from_i64(th, number);
    }
    if (index != VALUE_ABSENT && int_compare(index, value_from_small_int(0)) < 0) {
        Value shifted = int_add(th, index, r->length);
        rt_decref(th, index);
        index = shifted;
    }
    if (index == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value v = int_compare(index, value_from_small_int(0)) < 0 || int_compare(index, r->length) >= 0
                  ? rt_raise(th, EXC_INDEX_ERROR, "range object index out of range")
                  : range_item(th, r, index);
    rt_decref(th, index);
    return v;
}

/* The index of an int in the range: 1 with *index new, 0 not there, -1 exception. */
static int range_find(Thread *th, const Range *r, Value v, Value *index)
{
    bool up = int_compare(r->step, value_from_small_int(0)) > 0;
    int low = int_compare(v, r->start), high = int_compare(v, r->stop);
    if (up ? low < 0 || high >= 0 : low > 0 || high <= 0) {
        return 0;
    }
    Value offset = int_sub(th, v, r->start);
    Value rest = offset == VALUE_ABSENT ? VALUE_ABSENT : int_mod(th, offset, r->step);
    int found = rest == VALUE_ABSENT ? -1 : rest == value_from_small_int(0);
    if (found > 0) {
        *index = int_floordiv(th, offset, r->step);
        found = *index == VALUE_ABSENT ? -1 : 1;
    }
    rt_xdecref(th, offset);
    rt_xdecref(th, rest);
    return found;
}

/* Any other value: compared with each item, as CPython does. */
static int range_search(Thread *th, Value self, Value v, int64_t *position)
{
    Value iterator = rt_iter(th, self), item = VALUE_ABSENT;
    if (iterator == VALUE_ABSENT) {
        return -1;
    }
    int found = 0;
    for (*position = 0; (item = rt_next(th, iterator)) != VALUE_ABSENT; ++*position) {
        found = rt_equal(th, item, v);
        rt_decref(th, item);
        if (found != 0) {
            break;
        }
    }
    rt_decref(th, iterator);
    return rt_pending(th) ? -1 : found;
}

static int range_contains(Thread *th, Value self, Value v)
{
    Value index = VALUE_ABSENT;
    if (value_is_int_like(v)) {
        int found = range_find(th, value_range(self), v, &index);
        rt_xdecref(th, index);
        return found;
    }
    int64_t position;
    return range_search(th, self, v, &position);
}

/* Equal ranges yield equal sequences. */
static Value range_compare(Thread *th, Value a, Value b, CompareOp op)
{
    if (!value_has_type(a, TYPE_RANGE) || !value_has_type(b, TYPE_RANGE) ||
        (op != CMP_EQ && op != CMP_NE)) {
        return rt_not_implemented();
    }
    (void)th;
    const Range *x = value_range(a), *y = value_range(b);
    Value one = value_from_small_int(1);
    bool equal = int_compare(x->length, y->length) == 0;
    if (equal && x->length != value_from_small_int(0)) {
        equal = int_compare(x->start, y->start) == 0 &&
                (x->length == one || int_compare(x->step, y->step) == 0);
    }
    return value_from_bool(equal == (op == CMP_EQ));
}

static bool range_hash(Thread *th, Value self, int64_t *out)
{
    const Range *r = value_range(self);
    Value parts[3] = {r->length, VALUE_NONE, VALUE_NONE};
    if (r->length != value_from_small_int(0)) {
        parts[1] = r->start;
        if (r->length != value_from_small_int(1)) {
            parts[2] = r->step;
        }
    }
    Value tuple = tuple_new(th, parts, 3);
    bool ok = tuple != VALUE_ABSENT && rt_hash(th, tuple, out);
    rt_xdecref(th, tuple);
    return ok;
}

/* An iterator over length items from start. */
static Value range_iterator_new(Thread *th, Value start, Value step, Value length)
{
    RangeIterator *it = rt_object_new(th, TYPE_RANGE_ITERATOR, sizeof(RangeIterator));
    if (it == NULL) {
        return VALUE_ABSENT;
    }
    __int128 end = 0;
    if (int_to_i64(start, &it->current) && int_to_i64(step, &it->step) &&
        int_to_i64(length, &it->remaining)) {
        end = (__int128)it->current + (__int128)it->step * it->remaining;
        if (end >= INT64_MIN && end <= INT64_MAX) {
            return value_from_object(it);
        }
    }
    Value parts[3] = {start, length, step};
    it->big = tuple_new(th, parts, 3);
    if (it->big == VALUE_ABSENT) {
        rt_decref(th, value_from_object(it));
        return VALUE_ABSENT;
    }
    return value_from_object(it);
}

static Value range_iter(Thread *th, Value self)
{
    const Range *r = value_range(self);
    return range_iterator_new(th, r->start, r->step, r->length);
}

/* The slow form: big is (current, items left, step). Lock held. */
static int range_step_big(Thread *th, RangeIterator *it, Value *item, Value *dropped)
{
    const Tuple *t = value_tuple(it->big);
    if (t->items[1] == value_from_small_int(0)) {
        return ITERATOR_END;
    }
    Value parts[3] = {int_add(th, t->items[0], t->items[2]), VALUE_ABSENT, VALUE_ABSENT};
    if (parts[0] == VALUE_ABSENT) {
        return ITERATOR_FAILED;
    }
    parts[1] = int_sub(th, t->items[1], value_from_small_int(1));
    if (parts[1] == VALUE_ABSENT) {
        rt_decref(th, parts[0]);
        return ITERATOR_FAILED;
    }
    parts[2] = rt_newref(th, t->items[2]);
    Value next = tuple_new_steal(th, parts, 3);
    if (next == VALUE_ABSENT) {
        return ITERATOR_FAILED;
    }
    *item = rt_newref(th, t->items[0]);
    *dropped = it->big;
    rt_store_barrier(th, &it->header, next);
    slot_store_release(&it->big, next);
    return ITERATOR_ITEM;
}

static int range_step_small(Thread *th, RangeIterator *it, Value *item)
{
    if (it->remaining <= 0) {
        return ITERATOR_END;
    }
    *item = int_from_i64(th, it->current);
    if (*item == VALUE_ABSENT) {
        return ITERATOR_FAILED;
    }
    it->remaining--;
    it->current = (int64_t)((uint64_t)it->current + (uint64_t)it->step);
    return ITERATOR_ITEM;
}

int range_iterator_step(Thread *th, Value self, Value *item, Value *dropped)
{
    RangeIterator *it = (RangeIterator *)value_object(self);
    object_lock(th, &it->header);
    int r = it->big != VALUE_ABSENT ? range_step_big(th, it, item, dropped)
                                    : range_step_small(th, it, item);
    object_unlock(th, &it->header);
    return r;
}

static Value range_iterator_next(Thread *th, Value self)
{
    Value item = VALUE_ABSENT, dropped = VALUE_ABSENT;
    int r = range_iterator_step(th, self, &item, &dropped);
    container_drop(th, value_object(self), dropped);
    return r == ITERATOR_ITEM ? item : VALUE_ABSENT;
}

static Value iterator_self(Thread *th, Value self) { return rt_newref(th, self); }

static void range_iterator_finalize(Thread *th, Object *o)
{
    rt_xdecref(th, ((RangeIterator *)o)->big);
}

static void range_iterator_traverse(Object *o, VisitFn visit, void *arg)
{
    value_visit(((RangeIterator *)o)->big, visit, arg);
}

#define RANGE_NATIVE(name) \
    static Value range_##name(Thread *th, const Value *args, uint32_t nargs, Value kwnames)

#define RANGE_GETTER(field)                                          \
    RANGE_NATIVE(get_##field)                                        \
    {                                                                \
        (void)nargs;                                                 \
        (void)kwnames;                                               \
        return method_self(th, args[0], TYPE_RANGE, "range", #field) \
                   ? rt_newref(th, value_range(args[0])->field)      \
                   : VALUE_ABSENT;                                   \
    }
RANGE_GETTER(start)
RANGE_GETTER(stop)
RANGE_GETTER(step)

RANGE_NATIVE(index)
{
    (void)nargs;
    (void)kwnames;
    if (!method_self(th, args[0], TYPE_RANGE, "range", "index")) {
        return VALUE_ABSENT;
    }
    Value index = VALUE_ABSENT;
    int64_t position = 0;
    bool is_int = value_is_int_like(args[1]);
    int found = is_int ? range_find(th, value_range(args[0]), args[1], &index)
                       : range_search(th, args[0], args[1], &position);
    if (found == 0) {
        return is_int ? rt_raise(th, EXC_VALUE_ERROR, "%V is not in range", args[1])
                      : rt_raise(th, EXC_VALUE_ERROR, "sequence.index(x): x not in sequence");
    }
    return found < 0 ? VALUE_ABSENT : is_int ? index : int_from_i64(th, position);
}

RANGE_NATIVE(count)
{
    (void)nargs;
    (void)kwnames;
    if (!method_self(th, args[0], TYPE_RANGE, "range", "count")) {
        return VALUE_ABSENT;
    }
    if (value_is_int_like(args[1])) {
        int found = range_contains(th, args[0], args[1]);
        return found < 0 ? VALUE_ABSENT : value_from_small_int(found);
    }
    Value iterator = rt_iter(th, args[0]), item = VALUE_ABSENT;
    if (iterator == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    int64_t n = 0;
    int equal = 0;
    while (equal >= 0 && (item = rt_next(th, iterator)) != VALUE_ABSENT) {
        equal = rt_equal(th, item, args[1]);
        rt_decref(th, item);
        n += equal > 0;
    }
    rt_decref(th, iterator);
    return rt_pending(th) ? VALUE_ABSENT : int_from_i64(th, n);
}

RANGE_NATIVE(reversed)
{
    (void)nargs;
    (void)kwnames;
    if (!method_self(th, args[0], TYPE_RANGE, "range", "__reversed__")) {
        return VALUE_ABSENT;
    }
    const Range *r = value_range(args[0]);
    Value step = int_neg(th, r->step), result = VALUE_ABSENT;
    Value last =
        step == VALUE_ABSENT ? VALUE_ABSENT : int_sub(th, r->length, value_from_small_int(1));
    Value start = last == VALUE_ABSENT ? VALUE_ABSENT : range_item(th, r, last);
    if (start != VALUE_ABSENT) {
        result = range_iterator_new(th, start, step, r->length);
    }
    rt_xdecref(th, step);
    rt_xdecref(th, last);
    rt_xdecref(th, start);
    return result;
}

RANGE_NATIVE(length_hint)
{
    (void)nargs;
    (void)kwnames;
    if (!method_self(th, args[0], TYPE_RANGE_ITERATOR, "range_iterator", "__length_hint__")) {
        return VALUE_ABSENT;
    }
    const RangeIterator *it = (const RangeIterator *)value_object(args[0]);
    Value big = slot_load_acquire(&it->big);
    return big != VALUE_ABSENT
               ? rt_newref(th, value_tuple(big)->items[1])
               : int_from_i64(th, __atomic_load_n(&it->remaining, __ATOMIC_RELAXED));
}

static const NativeDef range_natives[] = {
    {"start", range_get_start, 1, 1, NATIVE_GETTER},
    {"stop", range_get_stop, 1, 1, NATIVE_GETTER},
    {"step", range_get_step, 1, 1, NATIVE_GETTER},
    {"index", range_index, 2, 2, 0},
    {"count", range_count, 2, 2, 0},
    {"__reversed__", range_reversed, 1, 1, 0},
    {0},
};
static const NativeDef range_iterator_natives[] = {
    {"__length_hint__", range_length_hint, 1, 1, 0},
    {0},
};

static Type range_type = {
    .id = TYPE_RANGE,
    .name = "range",
    .size_bytes = sizeof(Range),
    .finalize = range_finalize,
    .traverse = range_traverse,
    .construct = range_construct,
    .repr = range_repr,
    .hash = range_hash,
    .compare = range_compare,
    .iter = range_iter,
    .truth = range_truth,
    .length = range_length,
    .getitem = range_getitem,
    .contains = range_contains,
    .methods = range_natives,
};

static Type range_iterator_type = {
    .id = TYPE_RANGE_ITERATOR,
    .name = "range_iterator",
    .size_bytes = sizeof(RangeIterator),
    .finalize = range_iterator_finalize,
    .traverse = range_iterator_traverse,
    .iter = iterator_self,
    .next = range_iterator_next,
    .methods = range_iterator_natives,
};

bool range_types_ready(Thread *th)
{
    return rt_type_ready(th, &range_type) && rt_type_ready(th, &range_iterator_type);
}
