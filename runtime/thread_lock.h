/*
 * Thread lock: the lock behind _thread.lock, RLock and the join of threads; and sleeping in general.
 *
 * A waiter sleeps, parked, on its own Thread's `wake` word, linked into the lock's queue.  The lock barges: one
 * that is free goes to whoever comes first; but who has waited for 1 ms is handed it by the next release
 * (eventual fairness).  Every sleep here ends for a signal too: the handler stores into `wake`, so no
 * signal is lost between the last look at the poll word and the sleep.
 *
 * state: bit 0 held, bit 1 the queue is not empty.  Bit 1 changes, and a marked lock is released, under
 * `guard` only, so no wake-up is lost.  A holder need not be the one that releases.
 *
 * Threads: any attached.
 */
#ifndef ADDER_RUNTIME_THREAD_LOCK_H
#define ADDER_RUNTIME_THREAD_LOCK_H

#include "runtime/stats.h"
#include "runtime/thread.h"

typedef struct ThreadLock {
    _Atomic uint32_t state; /* THREAD_LOCK_* */
    _Atomic uint32_t guard; /* spins, for some instructions only: first, last, the nodes between */
    struct LockWaiter *first, *last;
} ThreadLock;

enum { THREAD_LOCK_HELD = 1, THREAD_LOCK_WAITERS = 2 };

typedef enum LockResult { LOCK_TAKEN, LOCK_TIMED_OUT, LOCK_RAISED } LockResult;

#define DEADLINE_NEVER INT64_MAX

/* The monotonic clock, in nanoseconds. */
int64_t thread_now_ns(void);
/* Now + ns, DEADLINE_NEVER at the end of time. */
int64_t thread_deadline(int64_t ns);
/* Sleeps, parked, until the deadline. fails: false, raised (by a signal). may: run Python. */
bool thread_sleep(Thread *th, int64_t deadline_ns);
/* Stores into t's `wake` and ends its sleep, if it sleeps. threads: any, in signal handlers too. */
void thread_wake(Thread *t);

/* Waits for the lock until a deadline. fails: LOCK_RAISED by a signal, not taken. may: run Python. The lock
 * is kept from being freed by the caller. */
LockResult thread_lock_wait(Thread *th, ThreadLock *lock, int64_t deadline_ns);
/* false: it was not held. */
bool thread_lock_release_slow(ThreadLock *lock);

static inline bool thread_lock_is_held(const ThreadLock *lock)
{
    return (atomic_load_explicit(&lock->state, memory_order_relaxed) & THREAD_LOCK_HELD) != 0;
}

static inline bool thread_lock_try(Thread *th, ThreadLock *lock)
{
    uint32_t state = atomic_load_explicit(&lock->state, memory_order_relaxed);
    if (th->alone != 0 && state == 0) {
        atomic_store_explicit(&lock->state, THREAD_LOCK_HELD, memory_order_relaxed);
        return true;
    }
    STAT_COUNT(LOCK_TAKE);
    while ((state & THREAD_LOCK_HELD) == 0) {
        /* acquire: pairs with the release of the thread that let go */
        if (atomic_compare_exchange_weak_explicit(&lock->state, &state, state | THREAD_LOCK_HELD,
                                                  memory_order_acquire, memory_order_relaxed)) {
            return true;
        }
    }
    return false;
}

/* false: it was not held. */
static inline bool thread_lock_release(Thread *th, ThreadLock *lock)
{
    uint32_t state = THREAD_LOCK_HELD;
    if (th->alone != 0 &&
        atomic_load_explicit(&lock->state, memory_order_relaxed) == THREAD_LOCK_HELD) {
        atomic_store_explicit(&lock->state, 0, memory_order_release);
        return true;
    }
    STAT_COUNT(LOCK_RELEASE);
    return atomic_compare_exchange_strong_explicit(&lock->state, &state, 0, memory_order_release,
                                                   memory_order_relaxed) ||
           thread_lock_release_slow(lock);
}

#endif
