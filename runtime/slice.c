/*
 * Slice objects, and what a slice means for a length; cells.
 *
 * A cell is here because it is as small: one value that a closure shares with its maker.
 *
 * Threads: any; slices are immutable, a cell's value is atomic.
 */
#include "runtime/container_inline.h"
#include "runtime/types.h"

Value slice_new(Thread *th, Value start, Value stop, Value step)
{
    Slice *s = rt_object_new_gc(th, TYPE_SLICE, sizeof(Slice));
    if (s == NULL) {
        return VALUE_ABSENT;
    }
    s->start = rt_newref(th, start);
    s->stop = rt_newref(th, stop);
    s->step = rt_newref(th, step);
    return value_from_object(s);
}

bool slice_unpack(Thread *th, Value slice, int64_t *start, int64_t *stop, int64_t *step)
{
    const Slice *s = (const Slice *)value_object(slice);
    *step = 1;
    if (!optional_index(th, s->step, step)) {
        return false;
    }
    if (*step == 0) {
        rt_raise(th, EXC_VALUE_ERROR, "slice step cannot be zero");
        return false;
    }
    if (*step < -INT64_MAX) {
        *step = -INT64_MAX;
    }
    *start = *step < 0 ? INT64_MAX : 0;
    *stop = *step < 0 ? INT64_MIN : INT64_MAX;
    return optional_index(th, s->start, start) && optional_index(th, s->stop, stop);
}

static int64_t adjust_end(int64_t index, int64_t length, int64_t step)
{
    if (index < 0) {
        index += length;
        return index >= 0 ? index : step < 0 ? -1 : 0;
    }
    return index < length ? index : step < 0 ? length - 1 : length;
}

int64_t slice_adjust(int64_t length, int64_t *start, int64_t *stop, int64_t step)
{
    *start = adjust_end(*start, length, step);
    *stop = adjust_end(*stop, length, step);
    if (step < 0) {
        return *stop < *start ? (*start - *stop - 1) / -step + 1 : 0;
    }
    return *start < *stop ? (*stop - *start - 1) / step + 1 : 0;
}

bool slice_resolve(Thread *th, Value slice, int64_t length, int64_t *start, int64_t *stop,
                   int64_t *step, int64_t *count)
{
    int64_t a, b, c;
    if (!slice_unpack(th, slice, &a, &b, &c)) {
        return false;
    }
    *count = slice_adjust(length, &a, &b, c);
    *start = a;
    *stop = b;
    *step = c;
    return true;
}

static void slice_finalize(Thread *th, Object *o)
{
    Slice *s = (Slice *)o;
    rt_decref(th, s->start);
    rt_decref(th, s->stop);
    rt_decref(th, s->step);
}

static void slice_traverse(Object *o, VisitFn visit, void *arg)
{
    const Slice *s = (const Slice *)o;
    value_visit(s->start, visit, arg);
    value_visit(s->stop, visit, arg);
    value_visit(s->step, visit, arg);
}

static Value slice_construct(Thread *th, Type *type, const Value *args, uint32_t nargs,
                             Value kwnames)
{
    (void)type;
    if (kwnames != VALUE_ABSENT && value_tuple(kwnames)->size > 0) {
        return rt_raise(th, EXC_TYPE_ERROR, "slice() takes no keyword arguments");
    }
    if (nargs == 0) {
        return rt_raise(th, EXC_TYPE_ERROR, "slice expected at least 1 argument, got 0");
    }
    if (nargs > 3) {
        return rt_raise(th, EXC_TYPE_ERROR, "slice expected at most 3 arguments, got %u", nargs);
    }
    if (nargs == 1) {
        return slice_new(th, VALUE_NONE, args[0], VALUE_NONE);
    }
    return slice_new(th, args[0], args[1], nargs == 3 ? args[2] : VALUE_NONE);
}

static Value slice_repr(Thread *th, Value self)
{
    const Slice *s = (const Slice *)value_object(self);
    return str_from_format(th, "slice(%V, %V, %V)", s->start, s->stop, s->step);
}

static Value slice_as_tuple(Thread *th, Value self)
{
    const Slice *s = (const Slice *)value_object(self);
    Value items[3] = {s->start, s->stop, s->step};
    return tuple_new(th, items, 3);
}

static Value slice_compare(Thread *th, Value a, Value b, CompareOp op)
{
    if (!value_has_type(a, TYPE_SLICE) || !value_has_type(b, TYPE_SLICE)) {
        return rt_not_implemented();
    }
    Value x = slice_as_tuple(th, a), result = VALUE_ABSENT;
    Value y = x == VALUE_ABSENT ? VALUE_ABSENT : slice_as_tuple(th, b);
    if (y != VALUE_ABSENT) {
        result = rt_compare(th, x, y, op);
    }
    rt_xdecref(th, x);
    rt_xdecref(th, y);
    return result;
}

#define SLICE_GETTER(field)                                                                      \
    static Value slice_get_##field(Thread *th, const Value *args, uint32_t nargs, Value kwnames) \
    {                                                                                            \
        (void)nargs;                                                                             \
        (void)kwnames;                                                                           \
        if (!method_self(th, args[0], TYPE_SLICE, "slice", #field)) {                            \
            return VALUE_ABSENT;                                                                 \
        }                                                                                        \
        return rt_newref(th, ((const Slice *)value_object(args[0]))->field);                     \
    }
SLICE_GETTER(start)
SLICE_GETTER(stop)
SLICE_GETTER(step)

static Value slice_indices(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs;
    (void)kwnames;
    int64_t length, start, stop, step, count;
    if (!method_self(th, args[0], TYPE_SLICE, "slice", "indices") ||
        !int_as_index(th, args[1], &length, true)) {
        return VALUE_ABSENT;
    }
    if (length < 0) {
        return rt_raise(th, EXC_VALUE_ERROR, "length should not be negative");
    }
    if (!slice_resolve(th, args[0], length, &start, &stop, &step, &count)) {
        return VALUE_ABSENT;
    }
    Value items[3] = {int_from_i64(th, start), VALUE_ABSENT, VALUE_ABSENT};
    if (items[0] != VALUE_ABSENT && (items[1] = int_from_i64(th, stop)) != VALUE_ABSENT &&
        (items[2] = int_from_i64(th, step)) != VALUE_ABSENT) {
        return tuple_new_steal(th, items, 3);
    }
    rt_xdecref(th, items[0]);
    rt_xdecref(th, items[1]);
    return VALUE_ABSENT;
}

static const NativeDef slice_natives[] = {
    {"start", slice_get_start, 1, 1, NATIVE_GETTER},
    {"stop", slice_get_stop, 1, 1, NATIVE_GETTER},
    {"step", slice_get_step, 1, 1, NATIVE_GETTER},
    {"indices", slice_indices, 2, 2, 0},
    {0},
};

static Type slice_type = {
    .id = TYPE_SLICE,
    .flags = TYPE_FLAG_UNHASHABLE | TYPE_FLAG_GC,
    .name = "slice",
    .size_bytes = sizeof(Slice),
    .finalize = slice_finalize,
    .traverse = slice_traverse,
    .construct = slice_construct,
    .repr = slice_repr,
    .compare = slice_compare,
    .methods = slice_natives,
};

Value cell_new(Thread *th, Value v)
{
    Cell *c = rt_object_new_gc(th, TYPE_CELL, sizeof(Cell));
    if (c == NULL) {
        return VALUE_ABSENT;
    }
    atomic_store_explicit(&c->value, rt_newref(th, v), memory_order_relaxed);
    return value_from_object(c);
}

Value cell_get(Thread *th, Value cell)
{
    Value v = atomic_load_explicit(&((Cell *)value_object(cell))->value, memory_order_acquire);
    return rt_newref(th, v);
}

void cell_set_steal(Thread *th, Value cell, Value v)
{
    Cell *c = (Cell *)value_object(cell);
    rt_store_barrier(th, &c->header, v);
    /* An exchange: who takes a value out owns the cell's reference to it. */
    container_drop(th, &c->header, atomic_exchange_explicit(&c->value, v, memory_order_acq_rel));
}

static void cell_finalize(Thread *th, Object *o)
{
    rt_xdecref(th, atomic_load_explicit(&((Cell *)o)->value, memory_order_relaxed));
}

static void cell_traverse(Object *o, VisitFn visit, void *arg)
{
    value_visit(atomic_load_explicit(&((Cell *)o)->value, memory_order_acquire), visit, arg);
}

static void cell_clear(Thread *th, Object *o)
{
    _Atomic Value *slot = &((Cell *)o)->value;
    rt_xdecref(th, atomic_exchange_explicit(slot, VALUE_UNBOUND, memory_order_acq_rel));
}

static Value cell_contents(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs;
    (void)kwnames;
    if (!method_self(th, args[0], TYPE_CELL, "cell", "cell_contents")) {
        return VALUE_ABSENT;
    }
    Value v = atomic_load_explicit(&((Cell *)value_object(args[0]))->value, memory_order_acquire);
    if (v == VALUE_UNBOUND || v == VALUE_ABSENT) {
        return rt_raise(th, EXC_VALUE_ERROR, "Cell is empty");
    }
    return rt_newref(th, v);
}

static const NativeDef cell_natives[] = {
    {"cell_contents", cell_contents, 1, 1, NATIVE_GETTER},
    {0},
};

static Type cell_type = {
    .id = TYPE_CELL,
    .flags = TYPE_FLAG_GC,
    .name = "cell",
    .size_bytes = sizeof(Cell),
    .finalize = cell_finalize,
    .traverse = cell_traverse,
    .clear = cell_clear,
    .methods = cell_natives,
};

bool slice_types_ready(Thread *th)
{
    return rt_type_ready(th, &slice_type) && rt_type_ready(th, &cell_type);
}
