/*
 * The module _thread: starting threads, locks, and what a thread can ask about itself.
 *
 * What is not CPython 3.11's: start_joinable_thread(function, args=(), kwargs=None) and its handle, as
 * CPython 3.13 names them.
 *
 * Threads: any.
 */
#define _GNU_SOURCE
#include "runtime/module_thread.h"

#include <signal.h>
#include <unistd.h>

#include "runtime/int.h"
#include "runtime/memory.h"
#include "runtime/natives_internal.h"

#define STACK_SIZE_MIN 32768

/* ---- starting ---------------------------------------------------------------------------------------------- */

/* The values of kwargs behind the arguments, their names as a tuple. */
static bool job_keywords(Thread *th, ThreadJob *job, Value args, Value kwargs)
{
    Value names = list_new(th, NULL, 0), values = list_new(th, NULL, 0);
    bool ok = names != VALUE_ABSENT && values != VALUE_ABSENT && list_extend(th, values, args);
    Value items = ok ? dict_copy(th, kwargs) : VALUE_ABSENT; /* others may change theirs */
    ok = items != VALUE_ABSENT;
    int64_t position = 0;
    Value key, v;
    while (ok && dict_next(items, &position, &key, &v)) {
        if (!value_is_str(key)) {
            rt_raise(th, EXC_TYPE_ERROR, "keywords must be strings");
            ok = false;
        } else {
            ok = list_append(th, names, key) && list_append(th, values, v);
        }
    }
    job->args = ok ? list_to_tuple(th, values) : VALUE_ABSENT;
    job->kwnames = job->args != VALUE_ABSENT ? list_to_tuple(th, names) : VALUE_ABSENT;
    rt_xdecref(th, names);
    rt_xdecref(th, values);
    rt_xdecref(th, items);
    return job->kwnames != VALUE_ABSENT;
}

static bool start(Thread *th, Value function, Value args, Value kwargs, Value handle,
                  uint64_t *ident)
{
    ThreadJob job = {function, VALUE_ABSENT, VALUE_ABSENT, handle};
    bool ok = true;
    if (kwargs == VALUE_ABSENT || kwargs == VALUE_NONE || dict_size(kwargs) == 0) {
        job.args = rt_newref(th, args);
    } else {
        ok = job_keywords(th, &job, args, kwargs);
    }
    ok = ok && thread_start(th, &job, ident);
    rt_xdecref(th, job.args);
    rt_xdecref(th, job.kwnames);
    return ok;
}

static Value start_new_thread(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)kwnames;
    if (!native_check_positional(th, "start_new_thread", nargs, 2, 3)) {
        return VALUE_ABSENT;
    }
    if (!rt_is_callable(args[0])) {
        return rt_raise(th, EXC_TYPE_ERROR, "first arg must be callable");
    }
    if (!value_is_tuple(args[1])) {
        return rt_raise(th, EXC_TYPE_ERROR, "2nd arg must be a tuple");
    }
    if (nargs == 3 && !value_is_dict(args[2])) {
        return rt_raise(th, EXC_TYPE_ERROR, "optional 3rd arg must be a dictionary");
    }
    uint64_t ident;
    return start(th, args[0], args[1], nargs == 3 ? args[2] : VALUE_ABSENT, VALUE_ABSENT, &ident)
               ? int_from_i64(th, (int64_t)ident)
               : VALUE_ABSENT;
}

static Value start_joinable_thread(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    static const char *const names[] = {"function", "args", "kwargs"};
    static const NativeSignature signature = {"start_joinable_thread", names, 3, 1, 3};
    Value given[3];
    if (!native_bind(th, &signature, args, nargs, kwnames, given)) {
        return VALUE_ABSENT;
    }
    if (!rt_is_callable(given[0])) {
        return rt_raise(th, EXC_TYPE_ERROR, "thread function must be callable");
    }
    if (given[1] != VALUE_ABSENT && !value_is_tuple(given[1])) {
        return rt_raise(th, EXC_TYPE_ERROR, "args must be a tuple");
    }
    if (given[2] != VALUE_ABSENT && given[2] != VALUE_NONE && !value_is_dict(given[2])) {
        return rt_raise(th, EXC_TYPE_ERROR, "kwargs must be a dictionary");
    }
    Value tuple = given[1] != VALUE_ABSENT ? rt_newref(th, given[1]) : tuple_new(th, NULL, 0);
    Value handle = tuple != VALUE_ABSENT ? thread_handle_new(th) : VALUE_ABSENT;
    uint64_t ident;
    if (handle != VALUE_ABSENT && !start(th, given[0], tuple, given[2], handle, &ident)) {
        rt_decref(th, handle);
        handle = VALUE_ABSENT;
    }
    rt_xdecref(th, tuple);
    return handle;
}

/* ---- the thread itself --------------------------------------------------------------------------------------- */

static Value get_ident(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)args, (void)nargs, (void)kwnames;
    return int_from_i64(th, (int64_t)thread_ident());
}

static Value get_native_id(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)args, (void)nargs, (void)kwnames;
    return int_from_i64(th, gettid());
}

static Value count(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)args, (void)nargs, (void)kwnames;
    return int_from_i64(th, thread_job_count(th->rt));
}

static Value thread_exit(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)args, (void)nargs, (void)kwnames;
    Value exc = rt_exception_new(th, EXC_SYSTEM_EXIT, VALUE_ABSENT);
    return exc == VALUE_ABSENT ? VALUE_ABSENT : rt_raise_steal(th, exc);
}

static Value stack_size(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)kwnames;
    int64_t size = 0;
    if (nargs == 1 && !int_as_index(th, args[0], &size, true)) {
        return VALUE_ABSENT;
    }
    if (size < 0) {
        return rt_raise(th, EXC_VALUE_ERROR, "size must be 0 or a positive value");
    }
    if (size != 0 && (size < STACK_SIZE_MIN || size > (int64_t)1 << 46)) {
        return rt_raise(th, EXC_VALUE_ERROR, "size not valid: %zd bytes", (ssize_t)size);
    }
    size_t old = thread_stack_size(th->rt);
    if (nargs == 1 && !thread_set_stack_size(th, (size_t)size)) {
        return VALUE_ABSENT;
    }
    return int_from_i64(th, (int64_t)old);
}

static Value interrupt_main(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)kwnames;
    int64_t number = SIGINT;
    if (nargs == 1 && !int_as_index(th, args[0], &number, true)) {
        return VALUE_ABSENT;
    }
    if (number < 1 || number >= _NSIG) {
        return rt_raise(th, EXC_VALUE_ERROR, "signal number out of range");
    }
    if (number == SIGINT && th->rt->hooks.interrupt_main != NULL) {
        th->rt->hooks.interrupt_main(th->rt); /* no other signal has a handler in Python */
    }
    return VALUE_NONE;
}

/* ---- locks ----------------------------------------------------------------------------------------------------- */

static Value allocate_lock(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)args, (void)nargs, (void)kwnames;
    return lock_new(th);
}

static Value set_sentinel(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)args, (void)nargs, (void)kwnames;
    Value lock = lock_new(th);
    if (lock == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value old = th->sentinel;
    th->sentinel = rt_newref(th, lock);
    rt_xdecref(th, old);
    return lock;
}

/* ---- exceptions -------------------------------------------------------------------------------------------------- */

/* _ExceptHookArgs((exc_type, exc_value, exc_traceback, thread)) */
static Value except_hook_args(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    Value tuple = tuple_from_iterable(th, args[0]);
    if (tuple == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    const Tuple *t = value_tuple(tuple);
    Value result = VALUE_ABSENT;
    if (t->size != 4) {
        rt_raise(th, EXC_TYPE_ERROR,
                 "_thread._ExceptHookArgs() takes a 4-sequence (%lld-sequence given)",
                 (long long)t->size);
    } else {
        const NamespaceField fields[] = {
            {"exc_type", rt_newref(th, t->items[0])},
            {"exc_value", rt_newref(th, t->items[1])},
            {"exc_traceback", rt_newref(th, t->items[2])},
            {"thread", rt_newref(th, t->items[3])},
        };
        result = namespace_new(th, TYPE_STRUCT_SEQUENCE, "_thread._ExceptHookArgs", fields, 4);
    }
    rt_decref(th, tuple);
    return result;
}

static void write_error(Thread *th, Value text)
{
    size_t length;
    const char *utf8 = text != VALUE_ABSENT ? str_utf8(th, text, &length) : NULL;
    if (utf8 != NULL) {
        natives_write(th, 2, utf8, length);
    }
    rt_xdecref(th, text);
    rt_clear_exception(th);
}

/* The name of a threading.Thread, or the ident of the calling thread. owns: new; absent: raised. */
static Value thread_name(Thread *th, Value thread)
{
    Value key = thread != VALUE_NONE ? str_intern_cstr(th, "name") : VALUE_ABSENT;
    Value name = key != VALUE_ABSENT ? rt_getattr_optional(th, thread, key) : VALUE_ABSENT;
    rt_xdecref(th, key);
    Value text = name != VALUE_ABSENT
                     ? rt_str(th, name)
                     : str_from_format(th, "%llu", (unsigned long long)thread_ident());
    rt_xdecref(th, name);
    return text;
}

static Value excepthook(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    if (!value_has_type(args[0], TYPE_STRUCT_SEQUENCE)) {
        return rt_raise(th, EXC_TYPE_ERROR,
                        "_thread.excepthook argument type must be ExceptHookArgs");
    }
    Value part[4];
    for (int64_t i = 0; i < 4; i++) {
        part[i] = rt_getitem(th, args[0], value_from_small_int(i));
        if (part[i] == VALUE_ABSENT) {
            while (i-- > 0) {
                rt_decref(th, part[i]);
            }
            return VALUE_ABSENT;
        }
    }
    bool silent = value_is_type(part[0]) && value_type(part[0])->id == EXC_SYSTEM_EXIT;
    if (!silent) {
        Value name = thread_name(th, part[3]);
        write_error(th, name == VALUE_ABSENT
                            ? VALUE_ABSENT
                            : str_from_format(th, "Exception in thread %U:\n", name));
        rt_xdecref(th, name);
        if ((rt_type_of(part[1])->flags & TYPE_FLAG_EXCEPTION) != 0 &&
            th->rt->hooks.print_exception != NULL) {
            th->rt->hooks.print_exception(th, part[1]);
        }
    }
    for (int i = 0; i < 4; i++) {
        rt_decref(th, part[i]);
    }
    return VALUE_NONE;
}

const NativeDef thread_defs[] = {
    {"start_new_thread", start_new_thread, 0, -1, NATIVE_FUNCTION},
    {"start_new", start_new_thread, 0, -1, NATIVE_FUNCTION},
    {"start_joinable_thread", start_joinable_thread, 0, -1, NATIVE_FUNCTION | NATIVE_KEYWORDS},
    {"allocate_lock", allocate_lock, 0, 0, NATIVE_FUNCTION},
    {"allocate", allocate_lock, 0, 0, NATIVE_FUNCTION},
    {"get_ident", get_ident, 0, 0, NATIVE_FUNCTION},
    {"get_native_id", get_native_id, 0, 0, NATIVE_FUNCTION},
    {"interrupt_main", interrupt_main, 0, 1, NATIVE_FUNCTION},
    {"stack_size", stack_size, 0, 1, NATIVE_FUNCTION},
    {"exit", thread_exit, 0, 0, NATIVE_FUNCTION},
    {"exit_thread", thread_exit, 0, 0, NATIVE_FUNCTION},
    {"_count", count, 0, 0, NATIVE_FUNCTION},
    {"_set_sentinel", set_sentinel, 0, 0, NATIVE_FUNCTION},
    {"_excepthook", excepthook, 1, 1, NATIVE_FUNCTION},
    {"_ExceptHookArgs", except_hook_args, 1, 1, NATIVE_FUNCTION},
    {NULL, NULL, 0, 0, 0},
};

Value thread_module_new(Thread *th)
{
    Value module = module_new(th, "_thread");
    if (module == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    static const struct {
        const char *name;
        uint32_t type_id;
    } types[] = {{"LockType", TYPE_LOCK},
                 {"RLock", TYPE_RLOCK},
                 {"_local", TYPE_THREAD_LOCAL},
                 {"_ThreadHandle", TYPE_THREAD_HANDLE},
                 {"error", EXC_RUNTIME_ERROR}};
    bool ok = module_add_natives(th, module, thread_defs) &&
              module_add(th, module, "TIMEOUT_MAX", value_from_double(9223372036.0));
    for (size_t i = 0; ok && i < sizeof types / sizeof *types; i++) {
        ok = module_add(th, module, types[i].name,
                        value_from_object(rt_type_by_id(types[i].type_id)));
    }
    if (!ok) {
        rt_decref(th, module);
        return VALUE_ABSENT;
    }
    return module;
}
