/*
 * Error: exception objects, raising, and the pending exception of a thread.
 *
 * A function that fails returns VALUE_ABSENT / false / -1 / NULL with th->exception set.  Raising
 * never needs memory it may not get: when the new exception cannot be made, the thread's
 * preallocated MemoryError is set in its place.
 *
 * Threads: the thread itself.
 */
#ifndef ADDER_RUNTIME_ERROR_H
#define ADDER_RUNTIME_ERROR_H

#include "runtime/thread.h"

enum {
    EXC_BEFORE_FIRST = TYPE_EXCEPTION_FIRST - 1,
#define EXCEPTION(id, name, base) EXC_##id,
#include "runtime/exceptions.def"
#undef EXCEPTION
    EXC_END
};

typedef struct Exception {
    Object header;
    Value args;      /* tuple */
    Value traceback; /* chain of Traceback (innermost last appended at the head), or VALUE_NONE */
    Value cause;     /* or VALUE_NONE */
    Value context;   /* or VALUE_NONE */
    Value extra;     /* by type: StopIteration.value, KeyError key, SystemExit.code, SyntaxError
                        details tuple, NameError/AttributeError/ImportError name; VALUE_ABSENT: none */
    Value dict;      /* attributes that the program set (and __notes__), VALUE_ABSENT: none yet */
    bool suppress_context;
} Exception;

/* The fields of a shared exception are replaced by any thread: runtime/container_inline.h, field_set_steal. */
static inline bool exception_suppresses_context(Value exc)
{
    return __atomic_load_n(&((const Exception *)value_object(exc))->suppress_context,
                           __ATOMIC_RELAXED);
}
static inline void exception_suppress_context(Value exc, bool suppress)
{
    __atomic_store_n(&((Exception *)value_object(exc))->suppress_context, suppress,
                     __ATOMIC_RELAXED);
}

/* One entry of a traceback: next is towards the frame where the exception was raised. */
typedef struct Traceback {
    Object header;
    Value next; /* Traceback or VALUE_NONE */
    Value code; /* the code object (interp) */
    int32_t lineno;
    int32_t instruction; /* index into the code, for carets */
} Traceback;

/* Sets a new exception of type_id with a printf-formatted message (%s UTF-8, %d, %zd, %lld, and
 * %V: a Value's repr, %S: its str, %U: a Value that is a str as it is, %T: the type name of a Value).
 * Returns VALUE_ABSENT, so `return rt_raise(...)` works. __context__ is set from
 * th->handled_exception. */
Value rt_raise(Thread *th, uint32_t type_id, const char *format, ...);
/* Sets an exception with one argument (KeyError(key), StopIteration(value), SystemExit(code)). */
Value rt_raise_value(Thread *th, uint32_t type_id, Value argument);
/* Sets exc (stolen) as the pending exception; sets its __context__. */
Value rt_raise_steal(Thread *th, Value exc);
Value rt_raise_memory_error(Thread *th);
/* Makes an instance without raising. args_tuple borrowed. owns: new. */
Value rt_exception_new(Thread *th, uint32_t type_id, Value args_tuple);
static inline bool rt_pending(const Thread *th) { return th->exception != VALUE_ABSENT; }
/* Takes the pending exception away from the thread. owns: new (VALUE_ABSENT if none). */
Value rt_take_exception(Thread *th);
void rt_clear_exception(Thread *th);
/* Is the pending exception an instance of type_id (or of a subtype)? */
bool rt_pending_is(const Thread *th, uint32_t type_id);
/* Adds one entry at the outer end: the frames are added while the exception travels outward.
 * fails: silently keeps the shorter traceback when out of memory. */
void rt_traceback_add(Thread *th, Value exc, Value code, int32_t lineno, int32_t instruction);

#endif
