/*
 * Thread start: workers, the pool, the end.
 *
 *     STARTING --attached--> BUSY --job done--> IDLE --thread_start--> BUSY
 *         |                    |                 |
 *         +--no memory--> (gone)                 +--unused for IDLE_NS, threads_stop--> QUIT --> (gone)
 *                              +--pool full--> (gone)    +--after threads_stop--> stopped for ever
 *
 * Why a pool: a system thread costs 30 to 60 us, and an attached Thread some more; a program that starts
 * and joins small threads pays for two wake-ups only.  An idle worker stays attached, parked, and
 * keeps its id: what it owns is merged by others, or by its next job.
 *
 * Lock order: the pool's lock is a leaf.  Nothing is allocated, freed or waited for under it.
 *
 * Threads: any attached.
 */
#define _GNU_SOURCE
#include "runtime/thread_start.h"
#include "runtime/gc.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "runtime/abstract_internal.h"
#include "runtime/epoch.h"
#include "runtime/fork.h"
#include "runtime/memory.h"
#include "runtime/safepoint.h"

enum { IDLE_MAX = 64, TRIM_NS = 100 * 1000 * 1000 };
#define IDLE_NS INT64_C(2000000000)
#define STACK_BYTES_MIN ((size_t)512 << 10)
#define VALUES_KEPT_BYTES ((size_t)64 << 10)
#define NANOSECONDS INT64_C(1000000000)

enum { WORKER_STARTING, WORKER_FAILED, WORKER_BUSY, WORKER_IDLE, WORKER_QUIT };

/* Where a new worker says how it began: on the starter's C stack, gone when it has been read. */
typedef struct Beginning {
    _Atomic uint32_t state; /* futex word */
    uint64_t ident;
} Beginning;

typedef struct Worker {
    struct Worker *next; /* of the idle ones */
    Runtime *rt;
    Beginning *beginning; /* until it has begun */
    pthread_t system;     /* set by itself, before anybody else can ask */
    size_t stack_bytes;   /* as asked for */
    ThreadJob job;        /* owned from thread_start until it has run */
    bool forgotten;       /* nobody joins it: it frees itself */
    /* shared: futex word; the starter and the worker write, acq_rel; IDLE -> BUSY and IDLE -> QUIT by who has
     * taken the worker out of the idle list */
    _Atomic uint32_t state;
} Worker;

typedef struct ThreadPool {
    _Atomic uint32_t lock; /* guards idle, idle_count, closed; and who begins to end */
    uint32_t idle_count;
    Worker *idle;
    bool closed;             /* threads_stop has begun: no worker becomes idle or ends of itself */
    _Atomic uint32_t ending; /* workers on their way out, which touch the runtime still */
    _Atomic uint32_t jobs;   /* that run now */
    _Atomic size_t stack_bytes;
} ThreadPool;

/* ---- the pool -------------------------------------------------------------------------------------------- */

static void pool_lock(ThreadPool *pool)
{
    while (atomic_exchange_explicit(&pool->lock, 1, memory_order_acquire) != 0) {
        sched_yield();
    }
}
static void pool_unlock(ThreadPool *pool)
{
    atomic_store_explicit(&pool->lock, 0, memory_order_release);
}

/* The pool, made by the first who asks. fails: NULL, MemoryError. */
static ThreadPool *pool_of(Thread *th)
{
    ThreadPool *pool = __atomic_load_n(&th->rt->pool, __ATOMIC_ACQUIRE);
    if (pool != NULL) {
        return pool;
    }
    ThreadPool *mine = rt_calloc(1, sizeof *mine);
    if (mine == NULL) {
        rt_raise_memory_error(th);
        return NULL;
    }
    if (!__atomic_compare_exchange_n(&th->rt->pool, &pool, mine, false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_ACQUIRE)) {
        rt_free(mine);
        return pool;
    }
    return mine;
}

/* An idle worker with such a stack, or NULL. */
static Worker *pool_take(ThreadPool *pool, size_t stack_bytes)
{
    Worker *w = NULL;
    pool_lock(pool);
    for (Worker **p = &pool->idle; *p != NULL; p = &(*p)->next) {
        if ((*p)->stack_bytes == stack_bytes) {
            w = *p;
            *p = w->next;
            pool->idle_count--;
            break;
        }
    }
    pool_unlock(pool);
    return w;
}

/* What becomes of a worker without a job: WORKER_IDLE, WORKER_QUIT, or WORKER_BUSY: it stops for ever. */
static uint32_t pool_put(ThreadPool *pool, Worker *w)
{
    uint32_t state = WORKER_IDLE;
    pool_lock(pool);
    if (pool->closed) {
        state = WORKER_BUSY;
    } else if (pool->idle_count >= IDLE_MAX) {
        state = WORKER_QUIT;
        atomic_fetch_add_explicit(&pool->ending, 1, memory_order_relaxed);
    } else {
        atomic_store_explicit(&w->state, WORKER_IDLE, memory_order_relaxed);
        w->next = pool->idle;
        pool->idle = w;
        pool->idle_count++;
    }
    pool_unlock(pool);
    return state;
}

/* An idle worker ends. false: somebody has taken it before. */
static bool pool_leave(ThreadPool *pool, const Worker *w)
{
    bool found = false;
    pool_lock(pool);
    for (Worker **p = &pool->idle; *p != NULL; p = &(*p)->next) {
        if (*p == w) {
            *p = w->next;
            pool->idle_count--;
            atomic_fetch_add_explicit(&pool->ending, 1, memory_order_relaxed);
            found = true;
            break;
        }
    }
    pool_unlock(pool);
    return found;
}

static void word_set(_Atomic uint32_t *word, uint32_t value)
{
    atomic_store_explicit(word, value, memory_order_release);
    /* the word may be gone by now: then nobody is woken, or in vain */
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* Sleeps while the word is that; ns 0: without an end. returns: what it is now. */
static uint32_t word_wait(_Atomic uint32_t *word, uint32_t value, int64_t ns)
{
    int64_t deadline = ns == 0 ? DEADLINE_NEVER : thread_deadline(ns);
    struct timespec until = {deadline / NANOSECONDS, deadline % NANOSECONDS};
    uint32_t now;
    while ((now = atomic_load_explicit(word, memory_order_acquire)) == value &&
           (ns == 0 || thread_now_ns() < deadline)) {
        syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, value, ns == 0 ? NULL : &until, NULL,
                FUTEX_BITSET_MATCH_ANY);
    }
    return now;
}

/* ---- a worker's life ------------------------------------------------------------------------------------------ */

uint64_t thread_ident(void) { return (uint64_t)pthread_self(); }

static void drop(Thread *th, Value *slot)
{
    Value v = *slot;
    *slot = VALUE_ABSENT;
    rt_xdecref(th, v);
}

static void job_drop(Thread *th, ThreadJob *job)
{
    gc_release(job->function);
    drop(th, &job->function);
    drop(th, &job->args);
    drop(th, &job->kwnames);
}

static void job_run(Thread *th, const ThreadJob *job)
{
    const Tuple *args = value_tuple(job->args);
    uint32_t keywords = keyword_count(job->kwnames);
    Value result =
        rt_call(th, job->function, args->items, (uint32_t)args->size - keywords, job->kwnames);
    rt_xdecref(th, result);
    if (rt_pending_is(th, EXC_SYSTEM_EXIT)) {
        rt_clear_exception(th);
    } else if (rt_pending(th) && th->rt->hooks.print_unraisable != NULL) {
        th->rt->hooks.print_unraisable(th, "Exception ignored in thread started by", job->function);
    }
    rt_clear_exception(th);
}

/* The Thread is as one that was attached just now. */
static void thread_reset(Thread *th)
{
    thread_locals_clear(th);
    if (th->sentinel != VALUE_ABSENT) {
        thread_lock_release(th, (ThreadLock *)(value_object(th->sentinel) + 1));
        drop(th, &th->sentinel);
    }
    rt_clear_exception(th);
    drop(th, &th->handled_exception);
    th->depth = 0;
}

/* Gives back what a job has touched of the value stack beyond its beginning. */
static void trim(Thread *th)
{
    char *start = (char *)th->stack_base + VALUES_KEPT_BYTES;
    madvise(start, (size_t)((char *)th->stack_end - start), MADV_DONTNEED);
}

/* Waits, parked, for the next job. WORKER_BUSY or WORKER_QUIT. */
static uint32_t wait_for_job(Thread *th, Worker *w, ThreadPool *pool)
{
    epoch_park(th);
    uint32_t state = word_wait(&w->state, WORKER_IDLE, TRIM_NS);
    if (state == WORKER_IDLE) {
        trim(th);
        state = word_wait(&w->state, WORKER_IDLE, IDLE_NS);
    }
    if (state == WORKER_IDLE && pool_leave(pool, w)) {
        pthread_detach(w->system);
        w->forgotten = true;
        state = WORKER_QUIT;
    } else if (state == WORKER_IDLE) { /* somebody has just taken it, and will say for what */
        state = word_wait(&w->state, WORKER_IDLE, 0);
    }
    epoch_unpark(th);
    return state;
}

/* Runs the job. false: the worker ends. */
static bool work(Thread *th, Worker *w, ThreadPool *pool)
{
    ThreadJob job = w->job;
    ThreadHandle *handle =
        job.handle == VALUE_ABSENT ? NULL : (ThreadHandle *)value_object(job.handle);
    if (handle != NULL) {
        __atomic_store_n(&handle->th, th, __ATOMIC_RELAXED);
    }
    job_run(th, &job);
    job_drop(th, &job);
    atomic_fetch_sub_explicit(&pool->jobs, 1, memory_order_relaxed);
    thread_reset(th);
    uint32_t next =
        pool_put(pool, w); /* before the handle says so: who joins and starts reuses it */
    if (handle != NULL) {
        __atomic_store_n(&handle->th, NULL, __ATOMIC_RELAXED);
        thread_lock_release(th, &handle->running);
        drop(th, &job.handle);
    }
    if (next == WORKER_BUSY) {
        thread_stop_for_ever(th);
    }
    if (next == WORKER_QUIT) {
        pthread_detach(w->system);
        w->forgotten = true;
    }
    return next == WORKER_IDLE && wait_for_job(th, w, pool) == WORKER_BUSY;
}

static void *worker_main(void *argument)
{
    Worker *w = argument;
    Runtime *rt = w->rt;
    ThreadPool *pool = rt->pool;
    Beginning *beginning = w->beginning;
    Thread *th = rt_thread_attach(rt);
    if (th != NULL && rt->hooks.thread_started != NULL && !rt->hooks.thread_started(th)) {
        rt_clear_exception(th);
        rt_thread_detach(th);
        th = NULL;
    }
    if (th == NULL) {
        word_set(&beginning->state, WORKER_FAILED); /* the starter joins and frees */
        return NULL;
    }
    beginning->ident = thread_ident();
    w->system = pthread_self();
    if (w->job.handle != VALUE_ABSENT) {
        ThreadHandle *handle = (ThreadHandle *)value_object(w->job.handle);
        atomic_store_explicit(&handle->ident, beginning->ident, memory_order_relaxed);
    }
    word_set(&beginning->state, WORKER_BUSY);
    while (work(th, w, pool)) {
    }
    if (rt->hooks.thread_ended != NULL) {
        rt->hooks.thread_ended(th);
    }
    rt_thread_detach(th);
    if (w->forgotten) {
        rt_free(w);
    }
    atomic_fetch_sub_explicit(&pool->ending, 1, memory_order_release); /* see threads_stop */
    return NULL;
}

/* ---- starting ----------------------------------------------------------------------------------------------------- */

static bool raise_cannot_start(Thread *th)
{
    rt_raise(th, EXC_RUNTIME_ERROR, "can't start new thread");
    return false;
}

static bool system_start(Worker *w, pthread_t *system)
{
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) {
        return false;
    }
    size_t bytes = w->stack_bytes < STACK_BYTES_MIN ? STACK_BYTES_MIN : w->stack_bytes;
    bool ok = w->stack_bytes == 0 ||
              pthread_attr_setstacksize(&attributes, (bytes + 4095) & ~(size_t)4095) == 0;
    ok = ok && pthread_create(system, &attributes, worker_main, w) == 0;
    pthread_attr_destroy(&attributes);
    return ok;
}

/* A new worker with its job, which it owns from then on. fails: false, raised. */
static bool worker_new(Thread *th, size_t stack_bytes, const ThreadJob *job, uint64_t *ident)
{
    Worker *w = rt_calloc(1, sizeof *w);
    if (w == NULL) {
        rt_raise_memory_error(th);
        return false;
    }
    Beginning beginning = {.state = WORKER_STARTING};
    *w = (Worker){.rt = th->rt, .beginning = &beginning, .stack_bytes = stack_bytes, .job = *job};
    epoch_park(th);
    pthread_t system;
    bool started = system_start(w, &system);
    bool failed = started && word_wait(&beginning.state, WORKER_STARTING, 0) == WORKER_FAILED;
    if (failed) {
        pthread_join(system, NULL);
    }
    epoch_unpark(th);
    if (!started || failed) {
        rt_free(w);
        failed ? (void)rt_raise_memory_error(th) : (void)raise_cannot_start(th);
        return false;
    }
    *ident = beginning.ident;
    return true;
}

static Value publish_new(Thread *th, Value v)
{
    if (value_is_object(v) && (value_object(v)->flags & OBJECT_PRIVATE) != 0) {
        rt_publish(th, value_object(v));
    }
    return v == VALUE_ABSENT ? v : rt_newref(th, v);
}

static bool job_start(Thread *th, ThreadPool *pool, const ThreadJob *owned, uint64_t *ident)
{
    size_t stack_bytes = atomic_load_explicit(&pool->stack_bytes, memory_order_relaxed);
    Worker *w = pool_take(pool, stack_bytes);
    if (w == NULL) {
        return worker_new(th, stack_bytes, owned, ident);
    }
    *ident = (uint64_t)w->system;
    if (owned->handle != VALUE_ABSENT) {
        ThreadHandle *handle = (ThreadHandle *)value_object(owned->handle);
        atomic_store_explicit(&handle->ident, *ident, memory_order_relaxed);
    }
    w->job = *owned;
    word_set(&w->state, WORKER_BUSY);
    return true;
}

bool thread_start(Thread *th, const ThreadJob *job, uint64_t *ident)
{
    ThreadPool *pool = pool_of(th);
    if (pool == NULL) {
        return false;
    }
    if (atomic_load_explicit(&th->rt->stopping, memory_order_relaxed) != 0) {
        if (th != th->rt->main_thread) {
            thread_stop_for_ever(
                th); /* its next safepoint would do it, but it is not to see an error */
        }
        return raise_cannot_start(th);
    }
    ThreadJob owned = {publish_new(th, job->function), publish_new(th, job->args),
                       publish_new(th, job->kwnames), publish_new(th, job->handle)};
    gc_hold(owned.function);
    ThreadHandle *handle =
        job->handle == VALUE_ABSENT ? NULL : (ThreadHandle *)value_object(job->handle);
    if (handle != NULL) {
        thread_lock_try(th, &handle->running);
    }
    atomic_fetch_add_explicit(&pool->jobs, 1, memory_order_relaxed);
    if (job_start(th, pool, &owned, ident)) {
        return true;
    }
    atomic_fetch_sub_explicit(&pool->jobs, 1, memory_order_relaxed);
    job_drop(th, &owned);
    drop(th, &owned.handle);
    if (handle != NULL) {
        thread_lock_release(th, &handle->running);
    }
    return false;
}

uint32_t thread_job_count(const Runtime *rt)
{
    ThreadPool *pool = __atomic_load_n(&rt->pool, __ATOMIC_ACQUIRE);
    return pool == NULL ? 0 : atomic_load_explicit(&pool->jobs, memory_order_relaxed);
}

size_t thread_stack_size(const Runtime *rt)
{
    ThreadPool *pool = __atomic_load_n(&rt->pool, __ATOMIC_ACQUIRE);
    return pool == NULL ? 0 : atomic_load_explicit(&pool->stack_bytes, memory_order_relaxed);
}

bool thread_set_stack_size(Thread *th, size_t size_bytes)
{
    ThreadPool *pool = pool_of(th);
    if (pool != NULL) {
        atomic_store_explicit(&pool->stack_bytes, size_bytes, memory_order_relaxed);
    }
    return pool != NULL;
}

/* ---- the end --------------------------------------------------------------------------------------------------------- */

/* Those that wait for jobs end; so do those that were about to. */
static void pool_close(Thread *th, ThreadPool *pool)
{
    pool_lock(pool);
    pool->closed = true;
    Worker *idle = pool->idle;
    pool->idle = NULL;
    atomic_fetch_add_explicit(&pool->ending, pool->idle_count, memory_order_relaxed);
    pool->idle_count = 0;
    pool_unlock(pool);
    epoch_park(th);
    while (idle != NULL) {
        Worker *w = idle;
        idle = w->next;
        word_set(&w->state, WORKER_QUIT);
        pthread_join(w->system, NULL);
        rt_free(w);
    }
    while (atomic_load_explicit(&pool->ending, memory_order_acquire) != 0) {
        sched_yield();
    }
    epoch_unpark(th);
}

bool threads_stop(Thread *th)
{
    if (th->rt->pool != NULL) {
        pool_close(th, th->rt->pool);
    }
    world_end(th);
    for (const Thread *t = th->rt->threads; t != NULL; t = t->next) {
        if (t != th) {
            rt_memory_is_root(t->stack_base,
                              (size_t)((char *)t->stack_end - (char *)t->stack_base));
        }
    }
    return th->rt->threads->next != NULL;
}

/* ---- fork ------------------------------------------------------------------------------------------------------------ */

void thread_pool_fork_prepare(Runtime *rt)
{
    if (rt->pool != NULL) {
        pool_lock(rt->pool);
    }
}

void thread_pool_fork_parent(Runtime *rt)
{
    if (rt->pool != NULL) {
        pool_unlock(rt->pool);
    }
}

void thread_pool_fork_child(Thread *th)
{
    ThreadPool *pool = th->rt->pool;
    atomic_store_explicit(&th->rt->locals_lock, 0, memory_order_relaxed);
    if (pool != NULL) { /* the workers' memory is lost */
        pool->idle = NULL;
        pool->idle_count = 0;
        atomic_store_explicit(&pool->ending, 0, memory_order_relaxed);
        atomic_store_explicit(&pool->jobs, 0, memory_order_relaxed);
        pool_unlock(pool);
    }
}

void thread_pool_free(Runtime *rt)
{
    rt_free(rt->pool);
    rt->pool = NULL;
}
