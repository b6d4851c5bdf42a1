/*
 * Error: raising and the pending exception of a thread; tracebacks.
 *
 * What exception objects are, print and have as attributes is in exception_type.c and
 * exception_attributes.c; messages are formatted by str_from_vformat.
 *
 * Raising never fails: without memory for the new exception, the thread's preallocated MemoryError
 * becomes the pending one.  While rt_start has not made that yet, a failing function just fails.
 *
 * Threads: the thread itself.
 */
#include "runtime/error.h"

#include <assert.h>
#include <stdarg.h>

#include "runtime/container_inline.h"
#include "runtime/types.h"

static Exception *exception_of(Value v) { return (Exception *)value_object(v); }

/* Stores a reference (stolen) in an exception's field and drops the old one. */
static void set_field(Thread *th, Value exc, Value *field, Value v)
{
    field_set_steal(th, value_object(exc), field, v);
}

/* exc gets `context` as __context__, unless it is the same; a cycle through exc is cut, as CPython
 * does: an exception that is raised again within its own handling is no context of itself. */
static void set_context(Thread *th, Value exc, Value context)
{
    if (context == VALUE_ABSENT || context == VALUE_NONE || context == exc ||
        exc == th->memory_error) {
        return;
    }
    Value walk = context;
    Value slow = context; /* moves at half speed: the chain itself may be a cycle */
    for (bool step = false;; step = !step) {
        Value next = slot_load_acquire(&exception_of(walk)->context);
        if (next == VALUE_NONE || next == VALUE_ABSENT) {
            break;
        }
        if (next == exc) {
            set_field(th, walk, &exception_of(walk)->context, VALUE_NONE);
            break;
        }
        walk = next;
        if (walk == slow) {
            break;
        }
        if (step) {
            slow = slot_load_acquire(&exception_of(slow)->context);
            if (slow == VALUE_NONE) {
                break; /* cut by another thread */
            }
        }
    }
    set_field(th, exc, &exception_of(exc)->context, rt_newref(th, context));
}

static void set_pending_steal(Thread *th, Value exc)
{
    Value old = th->exception;
    th->exception = exc;
    rt_xdecref(th, old);
}

Value rt_raise_steal(Thread *th, Value exc)
{
    assert(value_is_object(exc));
    set_context(th, exc, th->handled_exception);
    set_pending_steal(th, exc);
    if (th->rt->hooks.exception_raised != NULL) {
        th->rt->hooks.exception_raised(th, exc);
    }
    return VALUE_ABSENT;
}

Value rt_raise_memory_error(Thread *th)
{
    Value exc = th->memory_error;
    if (exc == VALUE_ABSENT) {
        return VALUE_ABSENT; /* still in rt_start */
    }
    if (th->exception == exc) {
        return VALUE_ABSENT;
    }
    if (value_object(exc)->local == 1) { /* nobody keeps it from an earlier time: forget that */
        set_field(th, exc, &exception_of(exc)->traceback, VALUE_NONE);
        set_field(th, exc, &exception_of(exc)->context, VALUE_NONE);
        set_field(th, exc, &exception_of(exc)->cause, VALUE_NONE);
        exception_suppress_context(exc, false);
    }
    set_pending_steal(th, rt_newref(th, exc));
    if (th->rt->hooks.exception_raised != NULL) {
        th->rt->hooks.exception_raised(th, exc);
    }
    return VALUE_ABSENT;
}

/* A new instance with one argument (stolen), or absent with MemoryError pending. */
static Value exception_with_steal(Thread *th, uint32_t type_id, Value argument)
{
    Value args = tuple_new_steal(th, &argument, 1);
    if (args == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value exc = rt_exception_new(th, type_id, args);
    rt_decref(th, args);
    return exc;
}

Value rt_raise(Thread *th, uint32_t type_id, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    Value message = str_from_vformat(th, format, ap);
    va_end(ap);
    if (message == VALUE_ABSENT) {
        return VALUE_ABSENT; /* MemoryError, or what repr raised */
    }
    Value exc = exception_with_steal(th, type_id, message);
    return exc == VALUE_ABSENT ? VALUE_ABSENT : rt_raise_steal(th, exc);
}

Value rt_raise_value(Thread *th, uint32_t type_id, Value argument)
{
    Value exc = exception_with_steal(th, type_id, rt_newref(th, argument));
    return exc == VALUE_ABSENT ? VALUE_ABSENT : rt_raise_steal(th, exc);
}

Value rt_take_exception(Thread *th)
{
    Value exc = th->exception;
    th->exception = VALUE_ABSENT;
    return exc;
}

void rt_clear_exception(Thread *th)
{
    Value exc = rt_take_exception(th);
    rt_xdecref(th, exc);
}

bool rt_pending_is(const Thread *th, uint32_t type_id)
{
    return th->exception != VALUE_ABSENT &&
           rt_type_is_subtype(rt_type_of(th->exception), rt_type_by_id(type_id));
}

void rt_traceback_add(Thread *th, Value exc, Value code, int32_t lineno, int32_t instruction)
{
    /* making the entry must neither lose nor replace what is pending */
    Value pending = rt_take_exception(th);
    Traceback *tb = rt_object_new_gc(th, TYPE_TRACEBACK, sizeof *tb);
    if (tb == NULL) {
        rt_clear_exception(th);
        th->exception = pending;
        return;
    }
    tb->code = rt_newref(th, code);
    rt_store_barrier(th, &tb->header, code);
    tb->lineno = lineno;
    tb->instruction = instruction;
    Value *field = &exception_of(exc)->traceback;
    if (object_exclusive(th, value_object(exc))) {
        tb->next = *field; /* the reference moves into the new entry */
        *field = VALUE_NONE;
        rt_store_barrier(th, &tb->header, tb->next);
        set_field(th, exc, field, value_from_object(tb));
    } else {
        rt_store_barrier(th, value_object(exc), value_from_object(tb));
        tb->next = slot_load_acquire(field);
        rt_incref(th, tb->next);
        Value next = tb->next;
        while (!__atomic_compare_exchange_n(field, &next, value_from_object(tb), false,
                                            __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            rt_decref(th, tb->next);
            tb->next = rt_newref(th, next);
        }
        epoch_retire_value(th, next); /* the field's reference */
    }
    th->exception = pending;
}
