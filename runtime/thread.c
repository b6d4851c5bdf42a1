/*
 * Thread: start and stop of the runtime, threads, the C stack bound.
 *
 * A value stack is reserved, not committed (MAP_NORESERVE), and large enough that deep Python
 * recursion meets the recursion limit first.  Who runs, and who waits for whom: safepoint.c.
 *
 * Threads: stated per function.
 */
#define _GNU_SOURCE /* pthread_getattr_np */
#include "runtime/thread.h"

#include <assert.h>
#include <pthread.h>
#include <sys/mman.h>

#include "runtime/epoch.h"
#include "runtime/error.h"
#include "runtime/gc.h"
#include "runtime/int_internal.h"
#include "runtime/lock.h"
#include "runtime/memory.h"
#include "runtime/natives.h"
#include "runtime/object_merge.h"
#include "runtime/safepoint_internal.h"
#include "runtime/stats.h"
#include "runtime/thread_offsets.h"
#include "runtime/thread_start.h"
#include "runtime/types.h"

#define MAIN_VALUES_BYTES ((size_t)64 << 20)
#define VALUES_BYTES ((size_t)16 << 20) /* of other threads: many of them must find room */
#define C_STACK_RESERVE_BYTES ((size_t)256 << 10)
enum { RECURSION_LIMIT = 1000, TICKS_INITIAL = 1024, INT_MAX_STR_DIGITS = 4300 };

static _Thread_local Thread *current_thread;
/* The runtime of a process that ends while threads are stopped somewhere: what they hold stays reachable. */
static Runtime *left_behind;

Thread *rt_thread_current(void) { return current_thread; }

/* *base: where the stack begins, its highest address. */
static uintptr_t c_stack_limit(uintptr_t *base)
{
    pthread_attr_t attributes;
    void *lowest = NULL;
    size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        pthread_attr_getstack(&attributes, &lowest, &size);
        pthread_attr_destroy(&attributes);
    }
    *base = (uintptr_t)lowest + size;
    if (lowest == NULL) {
        return (uintptr_t)&attributes - C_STACK_RESERVE_BYTES; /* unknown: what we dare to use */
    }
    if (size <= 2 * C_STACK_RESERVE_BYTES) {
        return (uintptr_t)lowest + size / 2;
    }
    /* the main thread's stack may be said to be unlimited: bound it by what Linux gives at least */
    uintptr_t limit = (uintptr_t)lowest + C_STACK_RESERVE_BYTES;
    uintptr_t eight_mb_down = (uintptr_t)&attributes - ((size_t)8 << 20) + C_STACK_RESERVE_BYTES;
    return size > ((size_t)1 << 30) ? eight_mb_down : limit;
}

static void thread_free(Thread *th)
{
    if (th->stack_base != NULL) {
        munmap(th->stack_base, (size_t)((char *)th->stack_end - (char *)th->stack_base));
    }
    rt_free(th);
}

static Thread *thread_new(Runtime *rt)
{
    Thread *th = rt_calloc(1, sizeof *th);
    if (th == NULL) {
        return NULL;
    }
    size_t bytes = rt->main_thread == NULL ? MAIN_VALUES_BYTES : VALUES_BYTES;
    void *stack = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stack == MAP_FAILED) {
        rt_free(th);
        return NULL;
    }
    th->rt = rt;
    /* The first thread is alone; another may be so later, but was born among others. */
    th->birth_flags = rt->main_thread == NULL || rt->gil ? 0 : OBJECT_PRIVATE;
    th->ticks = TICKS_INITIAL;
    th->stack_base = stack;
    th->stack_end = (Value *)((char *)stack + bytes);
    th->stack_limit = thread_stack_limit(th);
    th->c_stack_limit = c_stack_limit(&th->c_stack_base);
    return th;
}

static bool runtime_init(Runtime *rt)
{
    rt->recursion_limit = RECURSION_LIMIT;
    rt->int_max_str_digits = INT_MAX_STR_DIGITS;
    int_gmp_init();
    atomic_init(&rt->epoch, 1);
    ticker_forget(rt);
    rt->parking = parking_lot_new();
    return rt->parking != NULL;
}

/* Types first: making any object needs its row. */
static bool types_init(Thread *th)
{
    return rt_core_types_init(th) && rt_container_types_init(th) && rt_native_types_init(th);
}

Thread *rt_start(void)
{
    Runtime *rt = rt_calloc(1, sizeof *rt);
    if (rt == NULL) {
        return NULL;
    }
    Thread *th = runtime_init(rt) ? thread_new(rt) : NULL;
    if (th == NULL) {
        goto no_thread;
    }
    rt->main_thread = th;
    thread_link(th);
    current_thread = th;
    atomic_store_explicit(&rt->sole, th, memory_order_relaxed); /* born alone */
    thread_unpark(th);
    if (!gc_start(th) || !types_init(th)) {
        goto no_types;
    }
    th->memory_error = rt_exception_new(th, EXC_MEMORY_ERROR, VALUE_ABSENT);
    if (th->memory_error != VALUE_ABSENT) {
        return th;
    }
no_types:
    rt_stop(th);
    return NULL;
no_thread:
    parking_lot_free(rt->parking);
    rt_free(rt);
    return NULL;
}

static void drop_value(Thread *th, Value *slot)
{
    Value v = *slot;
    *slot = VALUE_ABSENT;
    if (v != VALUE_ABSENT) {
        rt_decref(th, v);
    }
}

static void drop_thread_values(Thread *th)
{
    thread_locals_clear(th);
    drop_value(th, &th->sentinel);
    drop_value(th, &th->exception);
    drop_value(th, &th->handled_exception);
    drop_value(th, &th->memory_error);
}

void rt_stop(Thread *th)
{
    Runtime *rt = th->rt;
    assert(th == rt->main_thread);
    if (atomic_load_explicit(&rt->stopping, memory_order_relaxed) == 0) {
        threads_stop(th);
    }
    ticker_end(rt);
    natives_stop(th);
    drop_value(th, &th->exception);
    drop_value(th, &th->handled_exception);
    drop_value(th, &rt->modules);
    drop_value(th, &rt->builtins);
    epoch_drain(th);
    thread_drain_merges(th);
    types_clear(th);
    gc_free_all(th);
    drop_value(th, &rt->interned);
    drop_thread_values(th);
    gc_free_all(th); /* what the MemoryError in waiting had kept by its traceback */
    epoch_drain(th);
    gc_stop(rt);
    types_forget();
    while (!thread_unlink(th)) {
        thread_drain_merges(th);
    }
    current_thread = NULL;
    thread_free(th);
    if (rt->threads != NULL) {
        left_behind = rt;
        return;
    }
    thread_pool_free(rt);
    parking_lot_free(rt->parking);
    rt_free(rt);
}

Thread *rt_thread_attach(Runtime *rt)
{
    Thread *th = thread_new(rt);
    if (th == NULL) {
        return NULL;
    }
    thread_link(th);
    current_thread = th;
    thread_unpark(th);
    th->memory_error =
        gc_thread_started(th) ? rt_exception_new(th, EXC_MEMORY_ERROR, VALUE_ABSENT) : VALUE_ABSENT;
    if (th->memory_error == VALUE_ABSENT) {
        rt_thread_detach(th);
        return NULL;
    }
    return th;
}

void rt_thread_detach(Thread *th)
{
    drop_thread_values(th);
    do {
        thread_drain_merges(th); /* may retire */
        epoch_hand_over(th);
    } while (!thread_unlink(th));
    current_thread = NULL;
    stats_flush();
    thread_free(th);
}

bool rt_raise_recursion(Thread *th, const char *where)
{
    rt_raise(th, EXC_RECURSION_ERROR, "maximum recursion depth exceeded%s", where);
    return false;
}

void rt_set_recursion_limit(Runtime *rt, uint32_t limit)
{
    threads_lock(rt);
    rt->recursion_limit = limit;
    for (Thread *th = rt->threads; th != NULL; th = th->next) {
        __atomic_store_n(&th->depth_limit, limit, __ATOMIC_RELAXED);
    }
    threads_unlock(rt);
}
