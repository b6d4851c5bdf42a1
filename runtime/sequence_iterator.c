/*
 * Iterators that hold a sequence and a position: over list (both directions), tuple, str, bytes.
 *
 * An iterator that has come to the end lets go of its sequence and stays at the end.
 *
 * Threads: an iterator shared by threads may hand out an item twice or skip one, as CPython's; it
 * never leaves the sequence's bounds.  Position and sequence are then relaxed and acquire.
 */
#include "runtime/list_internal.h"
#include "runtime/str_internal.h"

Value sequence_iterator_new(Thread *th, uint32_t type_id, Value sequence, int64_t index)
{
    SequenceIterator *it = rt_object_new(th, type_id, sizeof(SequenceIterator));
    if (it == NULL) {
        return VALUE_ABSENT;
    }
    it->sequence = rt_newref(th, sequence);
    it->index = index;
    return value_from_object(it);
}

static void iterator_finalize(Thread *th, Object *o)
{
    rt_xdecref(th, ((SequenceIterator *)o)->sequence);
}

static void iterator_traverse(Object *o, VisitFn visit, void *arg)
{
    Value v = ((SequenceIterator *)o)->sequence;
    if (value_is_object(v)) {
        visit(value_object(v), arg);
    }
}

static Value iterator_self(Thread *th, Value self) { return rt_newref(th, self); }

static Value iterator_end(Thread *th, SequenceIterator *it)
{
    Value sequence = __atomic_exchange_n(&it->sequence, VALUE_ABSENT, __ATOMIC_ACQ_REL);
    container_drop(th, &it->header, sequence);
    return VALUE_ABSENT;
}

static inline int64_t iterator_index(const SequenceIterator *it)
{
    return __atomic_load_n(&it->index, __ATOMIC_RELAXED);
}
static inline void iterator_move(SequenceIterator *it, int64_t index)
{
    __atomic_store_n(&it->index, index, __ATOMIC_RELAXED);
}

static Value list_iterator_next(Thread *th, Value self)
{
    SequenceIterator *it = (SequenceIterator *)value_object(self);
    Value list = slot_load_acquire(&it->sequence);
    if (list == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    int64_t index = iterator_index(it);
    Value v = list_item(th, value_list(list), index);
    if (v == VALUE_ABSENT) {
        return iterator_end(th, it);
    }
    iterator_move(it, index + 1);
    return v;
}

static Value list_reverse_next(Thread *th, Value self)
{
    SequenceIterator *it = (SequenceIterator *)value_object(self);
    Value list = slot_load_acquire(&it->sequence);
    if (list == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    int64_t index = iterator_index(it);
    Value v = list_item(th, value_list(list), index);
    if (v == VALUE_ABSENT) {
        return iterator_end(th, it);
    }
    iterator_move(it, index - 1);
    return v;
}

static Value tuple_iterator_next(Thread *th, Value self)
{
    SequenceIterator *it = (SequenceIterator *)value_object(self);
    Value tuple = slot_load_acquire(&it->sequence);
    if (tuple == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    int64_t index = iterator_index(it);
    const Tuple *t = value_tuple(tuple);
    if (index >= t->size) {
        return iterator_end(th, it);
    }
    iterator_move(it, index + 1);
    return rt_newref(th, t->items[index]);
}

static Value str_iterator_next(Thread *th, Value self)
{
    SequenceIterator *it = (SequenceIterator *)value_object(self);
    Value text = slot_load_acquire(&it->sequence);
    if (text == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    int64_t index = iterator_index(it);
    const Str *s = value_str(text);
    if (index >= s->length) {
        return iterator_end(th, it);
    }
    iterator_move(it, index + 1);
    return str_from_char(th, str_char_at(s, index));
}

static Value iterator_length_hint(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs;
    (void)kwnames;
    if (!value_is_object(args[0])) {
        return rt_raise(th, EXC_TYPE_ERROR, "an iterator is required");
    }
    uint32_t id = value_object(args[0])->type_id;
    if (id != TYPE_LIST_ITERATOR && id != TYPE_LIST_REVERSE_ITERATOR && id != TYPE_TUPLE_ITERATOR &&
        id != TYPE_STR_ITERATOR) {
        return rt_raise(th, EXC_TYPE_ERROR, "an iterator is required");
    }
    const SequenceIterator *it = (const SequenceIterator *)value_object(args[0]);
    if (it->sequence == VALUE_ABSENT) {
        return value_from_small_int(0);
    }
    int64_t length = rt_length(th, it->sequence), index = iterator_index(it);
    int64_t left = id == TYPE_LIST_REVERSE_ITERATOR ? index + 1 : length - index;
    return length < 0 ? VALUE_ABSENT : int_from_i64(th, left < 0 ? 0 : left);
}

static const NativeDef iterator_natives[] = {
    {"__length_hint__", iterator_length_hint, 1, 1, 0},
    {0},
};

#define ITERATOR_TYPE(id_, name_, next_)        \
    {                                           \
        .id = (id_),                            \
        .flags = TYPE_FLAG_GC,                  \
        .name = (name_),                        \
        .size_bytes = sizeof(SequenceIterator), \
        .finalize = iterator_finalize,          \
        .traverse = iterator_traverse,          \
        .iter = iterator_self,                  \
        .next = (next_),                        \
        .methods = iterator_natives,            \
    }

static Type iterator_types[] = {
    ITERATOR_TYPE(TYPE_LIST_ITERATOR, "list_iterator", list_iterator_next),
    ITERATOR_TYPE(TYPE_LIST_REVERSE_ITERATOR, "list_reverseiterator", list_reverse_next),
    ITERATOR_TYPE(TYPE_TUPLE_ITERATOR, "tuple_iterator", tuple_iterator_next),
    ITERATOR_TYPE(TYPE_STR_ITERATOR, "str_iterator", str_iterator_next),
};

bool sequence_iterator_types_ready(Thread *th)
{
    for (size_t i = 0; i < sizeof iterator_types / sizeof iterator_types[0]; i++) {
        if (!rt_type_ready(th, &iterator_types[i])) {
            return false;
        }
    }
    return true;
}
