/*
 * The types _thread.lock, _thread.RLock and the handle of a thread that can be joined.
 *
 * acquire and release are natives that tier 1 and traces call directly: without a wait, a lock costs two
 * compare-and-swaps, and none while the thread is alone.
 *
 * An RLock's owner is a thread's id; count is touched by the owner only.
 *
 * Threads: any.
 */
#include <limits.h>
#include <math.h>

#include "runtime/float.h"
#include "runtime/int.h"
#include "runtime/memory.h"
#include "runtime/module_thread.h"

#define NANOSECONDS INT64_C(1000000000)

typedef struct Lock {
    Object header;
    ThreadLock lock;
} Lock;
_Static_assert(offsetof(Lock, lock) == sizeof(Object), "thread_lock_of");

typedef struct RLock {
    Object header;
    ThreadLock lock;
    uint64_t count;
    /* shared: the holder of the lock writes, others compare with their own id; relaxed */
    _Atomic uint32_t owner; /* thread id; 0: nobody */
} RLock;

static Lock *lock_of(Value v) { return (Lock *)value_object(v); }
static RLock *rlock_of(Value v) { return (RLock *)value_object(v); }
static ThreadHandle *handle_of(Value v) { return (ThreadHandle *)value_object(v); }

/* ---- arguments --------------------------------------------------------------------------------------------- */

/* Seconds, an int or a float, as nanoseconds, rounded up. */
static bool seconds_to_ns(Thread *th, Value v, int64_t *ns)
{
    double d;
    if (value_is_double(v)) {
        d = value_double(v);
        if (d != d) {
            rt_raise(th, EXC_VALUE_ERROR, "Invalid value NaN (not a number)");
            return false;
        }
    } else {
        int64_t whole;
        if (!int_as_index(th, v, &whole, true)) {
            return false;
        }
        d = (double)whole;
    }
    d *= (double)NANOSECONDS;
    if (!(fabs(d) < 0x1p63)) {
        rt_raise(th, EXC_OVERFLOW_ERROR, "timestamp too large to convert to C _PyTime_t");
        return false;
    }
    *ns = (int64_t)ceil(d);
    return true;
}

/* What acquire(blocking, timeout) says: *wait false: do not; else *deadline. */
static bool acquire_arguments(Thread *th, const Value *given, bool *wait, int64_t *deadline)
{
    int64_t blocking = 1, ns = -NANOSECONDS;
    if (given[0] != VALUE_ABSENT && !int_as_index(th, given[0], &blocking, false)) {
        return false;
    }
    if (blocking < INT_MIN || blocking > INT_MAX) {
        rt_raise(th, EXC_OVERFLOW_ERROR, "signed integer is %s",
                 blocking < 0 ? "less than minimum" : "greater than maximum");
        return false;
    }
    if (given[1] != VALUE_ABSENT && !seconds_to_ns(th, given[1], &ns)) {
        return false;
    }
    *wait = blocking != 0;
    *deadline = DEADLINE_NEVER;
    if (!*wait && ns != -NANOSECONDS) {
        rt_raise(th, EXC_VALUE_ERROR, "can't specify a timeout for a non-blocking call");
        return false;
    }
    if (ns < 0 && ns != -NANOSECONDS) {
        rt_raise(th, EXC_VALUE_ERROR, "timeout value must be positive");
        return false;
    }
    if (*wait && ns >= 0) {
        *wait = ns > 0;
        *deadline = thread_deadline(ns);
    }
    return true;
}

static const char *const acquire_names[] = {"blocking", "timeout"};
static const NativeSignature acquire_signature = {"acquire", acquire_names, 2, 0, 2};

/* acquire of a lock that was not free at once; args are those of the method, with self. */
static Value acquire_slow(Thread *th, ThreadLock *lock, const Value *args, uint32_t nargs,
                          Value kwnames)
{
    bool wait = true;
    int64_t deadline = DEADLINE_NEVER;
    if (nargs > 1 || keyword_count(kwnames) != 0) {
        Value given[2];
        if (!native_bind(th, &acquire_signature, args + 1, nargs - 1, kwnames, given) ||
            !acquire_arguments(th, given, &wait, &deadline)) {
            return VALUE_ABSENT;
        }
    }
    if (thread_lock_try(th, lock)) {
        return VALUE_TRUE;
    }
    if (!wait) {
        return VALUE_FALSE;
    }
    Value self = rt_newref(th, args[0]); /* Python may run while it waits */
    LockResult r = thread_lock_wait(th, lock, deadline);
    rt_decref(th, self);
    return r == LOCK_RAISED ? VALUE_ABSENT : value_from_bool(r == LOCK_TAKEN);
}

/* ---- lock ------------------------------------------------------------------------------------------------------ */

Value lock_new(Thread *th)
{
    Lock *l = rt_object_new(th, TYPE_LOCK, sizeof *l);
    return l == NULL ? VALUE_ABSENT : value_from_object(l);
}

ThreadLock *thread_lock_of(Value lock) { return &lock_of(lock)->lock; }

static Value lock_acquire(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    Lock *l = lock_of(args[0]);
    if (nargs == 1 && kwnames == VALUE_ABSENT && thread_lock_try(th, &l->lock)) {
        return VALUE_TRUE;
    }
    return acquire_slow(th, &l->lock, args, nargs, kwnames);
}

static Value lock_release(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return thread_lock_release(th, &lock_of(args[0])->lock)
               ? VALUE_NONE
               : rt_raise(th, EXC_RUNTIME_ERROR, "release unlocked lock");
}

static Value lock_enter(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    return lock_acquire(th, args, nargs, kwnames);
}

static Value lock_exit(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    return lock_release(th, args, nargs, kwnames);
}

static Value lock_locked(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)th, (void)nargs, (void)kwnames;
    return value_from_bool(thread_lock_is_held(&lock_of(args[0])->lock));
}

/* In the child of a fork: free, whoever held it. */
static Value lock_reinit(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)th, (void)nargs, (void)kwnames;
    lock_of(args[0])->lock = (ThreadLock){.state = 0};
    return VALUE_NONE;
}

static Value lock_repr(Thread *th, Value self)
{
    return str_from_format(th, "<%s _thread.lock object at 0x%llx>",
                           thread_lock_is_held(&lock_of(self)->lock) ? "locked" : "unlocked",
                           (unsigned long long)self);
}

static const NativeDef lock_methods[] = {
    {"acquire", lock_acquire, 1, -1, NATIVE_KEYWORDS},
    {"acquire_lock", lock_acquire, 1, -1, NATIVE_KEYWORDS},
    {"release", lock_release, 1, 1, 0},
    {"release_lock", lock_release, 1, 1, 0},
    {"locked", lock_locked, 1, 1, 0},
    {"locked_lock", lock_locked, 1, 1, 0},
    {"_at_fork_reinit", lock_reinit, 1, 1, 0},
    {"__enter__", lock_enter, 1, 1, 0},
    {"__exit__", lock_exit, 1, -1, 0},
    {NULL, NULL, 0, 0, 0},
};

/* ---- RLock ------------------------------------------------------------------------------------------------------- */

static bool owns(const Thread *th, const RLock *l)
{
    return atomic_load_explicit(&l->owner, memory_order_relaxed) == th->tid;
}

static Value rlock_construct(Thread *th, Type *type, const Value *args, uint32_t nargs,
                             Value kwnames)
{
    (void)type, (void)args, (void)nargs, (void)kwnames; /* CPython takes any */
    RLock *l = rt_object_new(th, TYPE_RLOCK, sizeof *l);
    return l == NULL ? VALUE_ABSENT : value_from_object(l);
}

static void rlock_taken(const Thread *th, RLock *l, uint64_t count)
{
    atomic_store_explicit(&l->owner, th->tid, memory_order_relaxed);
    l->count = count;
}

static Value rlock_acquire(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    RLock *l = rlock_of(args[0]);
    bool plain = nargs == 1 && kwnames == VALUE_ABSENT;
    if (owns(th, l)) {
        Value given[2];
        bool wait;
        int64_t deadline;
        if (!plain && (!native_bind(th, &acquire_signature, args + 1, nargs - 1, kwnames, given) ||
                       !acquire_arguments(th, given, &wait, &deadline))) {
            return VALUE_ABSENT;
        }
        l->count++;
        return VALUE_TRUE;
    }
    Value taken = plain && thread_lock_try(th, &l->lock)
                      ? VALUE_TRUE
                      : acquire_slow(th, &l->lock, args, nargs, kwnames);
    if (taken == VALUE_TRUE) {
        rlock_taken(th, l, 1);
    }
    return taken;
}

static void rlock_free(Thread *th, RLock *l)
{
    l->count = 0;
    atomic_store_explicit(&l->owner, 0, memory_order_relaxed);
    thread_lock_release(th, &l->lock);
}

static Value rlock_release(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    RLock *l = rlock_of(args[0]);
    if (!owns(th, l)) {
        return rt_raise(th, EXC_RUNTIME_ERROR, "cannot release un-acquired lock");
    }
    if (--l->count == 0) {
        rlock_free(th, l);
    }
    return VALUE_NONE;
}

static Value rlock_enter(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    return rlock_acquire(th, args, nargs, kwnames);
}

static Value rlock_exit(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    return rlock_release(th, args, nargs, kwnames);
}

static Value rlock_is_owned(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return value_from_bool(owns(th, rlock_of(args[0])));
}

/* (count, owner), which _acquire_restore takes back: how Condition.wait lets go of its lock. */
static Value rlock_release_save(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    RLock *l = rlock_of(args[0]);
    if (!owns(th, l)) {
        return rt_raise(th, EXC_RUNTIME_ERROR, "cannot release un-acquired lock");
    }
    Value items[2] = {int_from_i64(th, (int64_t)l->count),
                      int_from_i64(th, (int64_t)thread_ident())};
    Value saved = items[0] == VALUE_ABSENT || items[1] == VALUE_ABSENT ? VALUE_ABSENT
                                                                       : tuple_new(th, items, 2);
    rt_xdecref(th, items[0]);
    rt_xdecref(th, items[1]);
    if (saved != VALUE_ABSENT) {
        rlock_free(th, l);
    }
    return saved;
}

static Value rlock_acquire_restore(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    int64_t count;
    if (!value_is_tuple(args[1]) || value_tuple(args[1])->size != 2) {
        return rt_raise(th, EXC_TYPE_ERROR,
                        "_acquire_restore() argument 1 must be 2-item tuple, not %T", args[1]);
    }
    if (!int_as_index(th, value_tuple(args[1])->items[0], &count, true)) {
        return VALUE_ABSENT;
    }
    RLock *l = rlock_of(args[0]);
    if (!thread_lock_try(th, &l->lock)) {
        Value self = rt_newref(th, args[0]);
        LockResult r = thread_lock_wait(th, &l->lock, DEADLINE_NEVER);
        rt_decref(th, self);
        if (r == LOCK_RAISED) {
            return VALUE_ABSENT;
        }
    }
    rlock_taken(th, l, (uint64_t)count);
    return VALUE_NONE;
}

static Value rlock_reinit(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)th, (void)nargs, (void)kwnames;
    RLock *l = rlock_of(args[0]);
    l->lock = (ThreadLock){.state = 0};
    l->count = 0;
    atomic_store_explicit(&l->owner, 0, memory_order_relaxed);
    return VALUE_NONE;
}

static Value rlock_repr(Thread *th, Value self)
{
    const RLock *l = rlock_of(self);
    bool held = thread_lock_is_held(&l->lock);
    unsigned owner = atomic_load_explicit(&l->owner, memory_order_relaxed);
    return str_from_format(th, "<%s _thread.RLock object owner=%llu count=%llu at 0x%llx>",
                           held ? "locked" : "unlocked",
                           owner == th->tid ? (unsigned long long)thread_ident() : owner,
                           (unsigned long long)__atomic_load_n(&l->count, __ATOMIC_RELAXED),
                           (unsigned long long)self);
}

static const NativeDef rlock_methods[] = {
    {"acquire", rlock_acquire, 1, -1, NATIVE_KEYWORDS},
    {"release", rlock_release, 1, 1, 0},
    {"_is_owned", rlock_is_owned, 1, 1, 0},
    {"_release_save", rlock_release_save, 1, 1, 0},
    {"_acquire_restore", rlock_acquire_restore, 2, 2, 0},
    {"_at_fork_reinit", rlock_reinit, 1, 1, 0},
    {"__enter__", rlock_enter, 1, 1, 0},
    {"__exit__", rlock_exit, 1, -1, 0},
    {NULL, NULL, 0, 0, 0},
};

/* ---- handles --------------------------------------------------------------------------------------------------- */

Value thread_handle_new(Thread *th)
{
    ThreadHandle *h = rt_object_new(th, TYPE_THREAD_HANDLE, sizeof *h);
    return h == NULL ? VALUE_ABSENT : value_from_object(h);
}

static Value handle_join(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    static const char *const names[] = {"timeout"};
    static const NativeSignature signature = {"join", names, 1, 0, 1};
    Value timeout;
    int64_t ns = -1;
    ThreadHandle *h = handle_of(args[0]);
    if (!native_bind(th, &signature, args + 1, nargs - 1, kwnames, &timeout) ||
        (timeout != VALUE_ABSENT && timeout != VALUE_NONE && !seconds_to_ns(th, timeout, &ns))) {
        return VALUE_ABSENT;
    }
    if (__atomic_load_n(&h->th, __ATOMIC_RELAXED) == th) {
        return rt_raise(th, EXC_RUNTIME_ERROR, "Cannot join current thread");
    }
    if (!thread_lock_try(th, &h->running)) {
        if (ns == 0) {
            return VALUE_NONE;
        }
        Value self = rt_newref(th, args[0]);
        LockResult r =
            thread_lock_wait(th, &h->running, ns < 0 ? DEADLINE_NEVER : thread_deadline(ns));
        rt_decref(th, self);
        if (r != LOCK_TAKEN) {
            return r == LOCK_RAISED ? VALUE_ABSENT : VALUE_NONE;
        }
    }
    thread_lock_release(th, &h->running);
    return VALUE_NONE;
}

static Value handle_is_done(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)th, (void)nargs, (void)kwnames;
    return value_from_bool(!thread_lock_is_held(&handle_of(args[0])->running));
}

static Value handle_ident(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    uint64_t ident = atomic_load_explicit(&handle_of(args[0])->ident, memory_order_relaxed);
    return int_from_i64(th, (int64_t)ident);
}

static Value handle_repr(Thread *th, Value self)
{
    uint64_t ident = atomic_load_explicit(&handle_of(self)->ident, memory_order_relaxed);
    return str_from_format(th, "<_ThreadHandle object: ident=%llu>", (unsigned long long)ident);
}

static const NativeDef handle_methods[] = {
    {"join", handle_join, 1, -1, NATIVE_KEYWORDS},
    {"is_done", handle_is_done, 1, 1, 0},
    {"ident", handle_ident, 1, 1, NATIVE_GETTER},
    {NULL, NULL, 0, 0, 0},
};

static Type lock_type = {
    .id = TYPE_LOCK,
    .name = "_thread.lock",
    .size_bytes = sizeof(Lock),
    .repr = lock_repr,
    .methods = lock_methods,
};
static Type rlock_type = {
    .id = TYPE_RLOCK,
    .name = "_thread.RLock",
    .size_bytes = sizeof(RLock),
    .construct = rlock_construct,
    .repr = rlock_repr,
    .methods = rlock_methods,
};
static Type handle_type = {
    .id = TYPE_THREAD_HANDLE,
    .name = "_thread._ThreadHandle",
    .size_bytes = sizeof(ThreadHandle),
    .repr = handle_repr,
    .methods = handle_methods,
};

bool thread_types_init(Thread *th)
{
    return rt_type_ready(th, &lock_type) && rt_type_ready(th, &rlock_type) &&
           rt_type_ready(th, &handle_type) && thread_local_type_init(th);
}
