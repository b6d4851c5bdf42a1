/*
 * Cursor: walks any iterable from C, without an iterator object for lists, tuples and ranges.
 *
 * A list is read by index against its size at each step, as its iterator would; a dict or set that other
 * threads may change is walked as it is when the cursor is opened (container_seen).  Every few thousand
 * items the thread's poll word is looked at.  Open, next until absent, close; close also when open
 * has failed.
 *
 * Threads: any; a Cursor lives on one thread's stack.
 */
#ifndef ADDER_RUNTIME_CURSOR_H
#define ADDER_RUNTIME_CURSOR_H

#include "runtime/abstract_internal.h"
#include "runtime/int.h"

typedef enum CursorKind { CURSOR_LIST, CURSOR_TUPLE, CURSOR_RANGE, CURSOR_ITERATOR } CursorKind;

typedef struct Cursor {
    Value source; /* owned: the sequence or the iterator */
    CursorKind kind;
    int64_t index;     /* list, tuple; range: the next number */
    int64_t remaining; /* range */
    int64_t step;      /* range */
    LoopPoll poll;
} Cursor;

/* fails: false, TypeError "'int' object is not iterable" or what __iter__ raises. */
bool cursor_open(Thread *th, Cursor *c, Value iterable);
/* An item of a list that is an object, or any item of an iterator. */
Value cursor_next_slow(Thread *th, Cursor *c);
void cursor_close(Thread *th, Cursor *c);

/* owns: new. absent: the end, or an exception is set (rt_pending). may: run Python. */
static inline Value cursor_next(Thread *th, Cursor *c)
{
    if (!loop_poll(th, &c->poll)) {
        return VALUE_ABSENT;
    }
    switch (c->kind) {
    case CURSOR_LIST: {
        const List *list = value_list(c->source);
        const ListTable *table = atomic_load_explicit(&list->table, memory_order_acquire);
        int64_t size = atomic_load_explicit(&list->size, memory_order_acquire);
        if (c->index >= size || c->index >= table->capacity) {
            return VALUE_ABSENT;
        }
        Value v = __atomic_load_n(&table->slots[c->index], __ATOMIC_ACQUIRE);
        if (v == VALUE_ABSENT || value_is_object(v)) {
            return cursor_next_slow(th, c);
        }
        c->index++;
        return v;
    }
    case CURSOR_TUPLE: {
        const Tuple *tuple = value_tuple(c->source);
        return c->index < tuple->size ? rt_newref(th, tuple->items[c->index++]) : VALUE_ABSENT;
    }
    case CURSOR_RANGE: {
        if (c->remaining == 0) {
            return VALUE_ABSENT;
        }
        int64_t x = c->index;
        c->remaining--;
        c->index = (int64_t)((uint64_t)x + (uint64_t)c->step);
        return int_from_i64(th, x);
    }
    default: return cursor_next_slow(th, c);
    }
}

#endif
