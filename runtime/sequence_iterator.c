/*
 * Iterators that hold a sequence and a position: over list (both directions), tuple, str, bytes.
 *
 * An iterator that has come to the end lets go of its sequence and stays at the end.
 *
 * Threads: any; a shared iterator steps under its lock, so each item goes to one thread, none twice.
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

/* The step functions: the iterator's lock is held. *item: new. At the end the sequence is handed to the
 * caller in *dropped, who drops it after unlocking. */
static int iterator_end(SequenceIterator *it, Value *dropped)
{
    *dropped = it->sequence;
    slot_store_release(&it->sequence, VALUE_ABSENT);
    return ITERATOR_END;
}

static int list_step(Thread *th, SequenceIterator *it, int64_t direction, Value *item,
                     Value *dropped)
{
    int64_t index = it->index;
    *item = list_item(th, value_list(it->sequence), index);
    if (*item == VALUE_ABSENT) {
        return iterator_end(it, dropped);
    }
    it->index = index + direction;
    return ITERATOR_ITEM;
}

static int tuple_step(Thread *th, SequenceIterator *it, Value *item, Value *dropped)
{
    const Tuple *t = value_tuple(it->sequence);
    if (it->index >= t->size) {
        return iterator_end(it, dropped);
    }
    *item = rt_newref(th, t->items[it->index++]);
    return ITERATOR_ITEM;
}

static int str_step(Thread *th, SequenceIterator *it, Value *item, Value *dropped)
{
    const Str *s = value_str(it->sequence);
    if (it->index >= s->length) {
        return iterator_end(it, dropped);
    }
    *item = str_from_char(th, str_char_at(s, it->index++));
    return *item != VALUE_ABSENT ? ITERATOR_ITEM : ITERATOR_FAILED;
}

int sequence_iterator_step(Thread *th, Value self, Value *item, Value *dropped)
{
    SequenceIterator *it = (SequenceIterator *)value_object(self);
    object_lock(th, &it->header);
    int r = ITERATOR_END;
    if (it->sequence != VALUE_ABSENT) {
        switch (it->header.type_id) {
        case TYPE_LIST_ITERATOR: r = list_step(th, it, 1, item, dropped); break;
        case TYPE_LIST_REVERSE_ITERATOR: r = list_step(th, it, -1, item, dropped); break;
        case TYPE_TUPLE_ITERATOR: r = tuple_step(th, it, item, dropped); break;
        default: r = str_step(th, it, item, dropped); break;
        }
    }
    object_unlock(th, &it->header);
    return r;
}

static Value iterator_next(Thread *th, Value self)
{
    Value item = VALUE_ABSENT, dropped = VALUE_ABSENT;
    int r = sequence_iterator_step(th, self, &item, &dropped);
    container_drop(th, value_object(self), dropped);
    return r == ITERATOR_ITEM ? item : VALUE_ABSENT;
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
    Value sequence = slot_load_acquire(&it->sequence);
    if (sequence == VALUE_ABSENT) {
        return value_from_small_int(0);
    }
    int64_t length = rt_length(th, sequence), index = __atomic_load_n(&it->index, __ATOMIC_RELAXED);
    int64_t left = id == TYPE_LIST_REVERSE_ITERATOR ? index + 1 : length - index;
    return length < 0 ? VALUE_ABSENT : int_from_i64(th, left < 0 ? 0 : left);
}

static const NativeDef iterator_natives[] = {
    {"__length_hint__", iterator_length_hint, 1, 1, 0},
    {0},
};

#define ITERATOR_TYPE(id_, name_)               \
    {                                           \
        .id = (id_),                            \
        .flags = TYPE_FLAG_GC,                  \
        .name = (name_),                        \
        .size_bytes = sizeof(SequenceIterator), \
        .finalize = iterator_finalize,          \
        .traverse = iterator_traverse,          \
        .iter = iterator_self,                  \
        .next = iterator_next,                  \
        .methods = iterator_natives,            \
    }

static Type iterator_types[] = {
    ITERATOR_TYPE(TYPE_LIST_ITERATOR, "list_iterator"),
    ITERATOR_TYPE(TYPE_LIST_REVERSE_ITERATOR, "list_reverseiterator"),
    ITERATOR_TYPE(TYPE_TUPLE_ITERATOR, "tuple_iterator"),
    ITERATOR_TYPE(TYPE_STR_ITERATOR, "str_iterator"),
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
