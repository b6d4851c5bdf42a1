/*
 * Cursor: opening, and the steps that need more than a load.  See cursor.h.
 *
 * Threads: any.
 */
#include "runtime/cursor.h"

#include "runtime/container_inline.h"

static bool open_range(Cursor *c, Value iterable)
{
    const Range *range = (const Range *)value_object(iterable);
    int64_t stop;
    return int_to_i64(range->start, &c->index) && int_to_i64(range->stop, &stop) &&
           int_to_i64(range->step, &c->step) && int_to_i64(range->length, &c->remaining);
}

bool cursor_open(Thread *th, Cursor *c, Value iterable)
{
    *c = (Cursor){.source = VALUE_ABSENT, .kind = CURSOR_ITERATOR, .poll = {LOOP_POLL_INTERVAL}};
    if (value_is_list(iterable)) {
        c->kind = CURSOR_LIST;
    } else if (value_is_tuple(iterable)) {
        c->kind = CURSOR_TUPLE;
    } else if (value_has_type(iterable, TYPE_RANGE) && open_range(c, iterable)) {
        c->kind = CURSOR_RANGE;
    } else {
        Value seen = container_seen(th, iterable);
        c->source = seen == VALUE_ABSENT ? VALUE_ABSENT : rt_iter(th, seen);
        rt_xdecref(th, seen);
        return c->source != VALUE_ABSENT;
    }
    c->source = rt_newref(th, iterable);
    return true;
}

Value cursor_next_slow(Thread *th, Cursor *c)
{
    if (c->kind == CURSOR_ITERATOR) {
        return rt_next(th, c->source);
    }
    Value v = list_get(th, c->source, c->index);
    if (v == VALUE_ABSENT && rt_pending_is(th, EXC_INDEX_ERROR)) {
        rt_clear_exception(th); /* another thread has shortened the list: the end */
        return VALUE_ABSENT;
    }
    c->index++;
    return v;
}

void cursor_close(Thread *th, Cursor *c) { rt_xdecref(th, c->source); }
