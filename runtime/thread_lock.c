/*
 * Thread lock: waiting, handing over, sleeping.
 *
 *     waiter:  links itself (ASLEEP), sleeps on its Thread's wake word
 *     release: unlinks the oldest waiter: WOKEN, the lock is free for whoever comes first;
 *              or HANDED, the lock is the waiter's, if it has waited for more than FAIR_AFTER_NS
 *
 * A woken waiter that finds the lock taken again goes back to the head of the queue with its age.  One
 * that gives up (deadline, signal) unlinks itself; if it had been woken it takes the lock when that is free,
 * so no wake-up is wasted on it: either it has the lock, or somebody holds it and will look at the queue.
 *
 * Threads: any attached.
 */
#include "runtime/thread_lock.h"

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "runtime/epoch.h"
#include "runtime/error.h"
#include "runtime/safepoint.h"

enum { SPINS = 40 };
#define FAIR_AFTER_NS 1000000
#define NANOSECONDS INT64_C(1000000000)

enum { WAITER_ASLEEP, WAITER_WOKEN, WAITER_HANDED };

typedef struct LockWaiter {
    struct LockWaiter *next;
    Thread *th;
    int64_t since_ns;
    uint32_t forks; /* Runtime.forks when it came: another one means that its thread is gone */
    _Atomic uint32_t state; /* written under the lock's guard */
} LockWaiter;

/* ---- sleeping ------------------------------------------------------------------------------------------ */

int64_t thread_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * NANOSECONDS + t.tv_nsec;
}

int64_t thread_deadline(int64_t ns)
{
    int64_t deadline;
    return __builtin_add_overflow(thread_now_ns(), ns, &deadline) ? DEADLINE_NEVER : deadline;
}

static void wait_for_wake(Thread *th, int64_t deadline_ns)
{
    struct timespec until = {deadline_ns / NANOSECONDS, deadline_ns % NANOSECONDS};
    /* absolute time of the monotonic clock */
    syscall(SYS_futex, &th->wake, FUTEX_WAIT_BITSET_PRIVATE, 0,
            deadline_ns == DEADLINE_NEVER ? NULL : &until, NULL, FUTEX_BITSET_MATCH_ANY);
}

void thread_wake(Thread *t)
{
    _Atomic uint32_t *word = &t->wake;
    atomic_exchange_explicit(word, 1, memory_order_seq_cst);
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static bool must_look(Thread *th)
{
    return (atomic_load_explicit(&th->poll, memory_order_seq_cst) & (POLL_SIGNAL | POLL_ASYNC)) !=
           0;
}

/* Parked, until *state is no longer asleep, the deadline, or a signal. Each looks at its word after it has
 * cleared `wake`; who writes the word stores `wake` after it. */
static void sleep_on(Thread *th, const _Atomic uint32_t *state, int64_t deadline_ns)
{
    epoch_park(th);
    for (;;) {
        /* both sides exchange: who reads the other's value sees what came before it */
        atomic_exchange_explicit(&th->wake, 0, memory_order_seq_cst);
        if (atomic_load_explicit(state, memory_order_seq_cst) != WAITER_ASLEEP || must_look(th) ||
            (deadline_ns != DEADLINE_NEVER && thread_now_ns() >= deadline_ns)) {
            break;
        }
        wait_for_wake(th, deadline_ns);
    }
    epoch_unpark(th);
}

/* What the poll word asks for. */
static bool look(Thread *th)
{
    return atomic_load_explicit(&th->poll, memory_order_relaxed) == 0 || thread_safepoint(th);
}

bool thread_sleep(Thread *th, int64_t deadline_ns)
{
    const _Atomic uint32_t asleep = WAITER_ASLEEP;
    do {
        sleep_on(th, &asleep, deadline_ns);
        if (!look(th)) {
            return false;
        }
    } while (deadline_ns == DEADLINE_NEVER || thread_now_ns() < deadline_ns);
    return true;
}

/* ---- the queue --------------------------------------------------------------------------------------------- */

static void guard_lock(ThreadLock *lock)
{
    for (int i = 0; atomic_exchange_explicit(&lock->guard, 1, memory_order_acquire) != 0; i++) {
        if (i > SPINS) {
            sched_yield();
        }
    }
}
static void guard_unlock(ThreadLock *lock)
{
    atomic_store_explicit(&lock->guard, 0, memory_order_release);
}

/* Takes the lock (false), or marks it as waited for and links the waiter (true). */
static bool enqueue(ThreadLock *lock, LockWaiter *self, bool at_head)
{
    guard_lock(lock);
    uint32_t state = atomic_load_explicit(&lock->state, memory_order_relaxed);
    for (;;) {
        bool held = (state & THREAD_LOCK_HELD) != 0;
        uint32_t wanted = state | (held ? THREAD_LOCK_WAITERS : THREAD_LOCK_HELD);
        if (atomic_compare_exchange_weak_explicit(&lock->state, &state, wanted,
                                                  memory_order_acquire, memory_order_relaxed)) {
            if (!held) {
                guard_unlock(lock);
                return false;
            }
            break;
        }
    }
    atomic_store_explicit(&self->state, WAITER_ASLEEP, memory_order_relaxed);
    if (lock->first == NULL) {
        self->next = NULL;
        lock->first = lock->last = self;
    } else if (at_head) {
        self->next = lock->first;
        lock->first = self;
    } else {
        self->next = NULL;
        lock->last->next = self;
        lock->last = self;
    }
    guard_unlock(lock);
    return true;
}

/* Holds the guard. */
static void unlink_waiter(ThreadLock *lock, const LockWaiter *w)
{
    LockWaiter *previous = NULL, *at = lock->first;
    while (at != w) {
        previous = at;
        at = at->next;
    }
    if (previous == NULL) {
        lock->first = w->next;
    } else {
        previous->next = w->next;
    }
    if (lock->last == w) {
        lock->last = previous;
    }
    if (lock->first == NULL) {
        atomic_fetch_and_explicit(&lock->state, ~(uint32_t)THREAD_LOCK_WAITERS,
                                  memory_order_relaxed);
    }
}

/* After a sleep: is the lock handed to self? If nobody has woken it, it leaves the queue. */
static bool leave_queue(ThreadLock *lock, LockWaiter *self)
{
    guard_lock(lock);
    uint32_t state = atomic_load_explicit(&self->state, memory_order_relaxed);
    if (state == WAITER_ASLEEP) {
        unlink_waiter(lock, self);
    }
    guard_unlock(lock);
    return state == WAITER_HANDED;
}

static uint32_t forks_of(const Thread *th)
{
    return atomic_load_explicit(&th->rt->forks, memory_order_relaxed);
}

LockResult thread_lock_wait(Thread *th, ThreadLock *lock, int64_t deadline_ns)
{
    for (int i = 0; i < SPINS && th->alone == 0; i++) {
        if (thread_lock_try(th, lock)) {
            return LOCK_TAKEN;
        }
        __builtin_ia32_pause();
    }
    LockWaiter self = {.th = th, .since_ns = thread_now_ns(), .forks = forks_of(th)};
    for (bool at_head = false;; at_head = true) {
        if (!enqueue(lock, &self, at_head)) {
            return LOCK_TAKEN;
        }
        sleep_on(th, &self.state, deadline_ns);
        if (leave_queue(lock, &self) || thread_lock_try(th, lock)) {
            return LOCK_TAKEN;
        }
        if (!look(th)) {
            return LOCK_RAISED;
        }
        if (deadline_ns != DEADLINE_NEVER && thread_now_ns() >= deadline_ns) {
            return LOCK_TIMED_OUT;
        }
    }
}

bool thread_lock_release_slow(ThreadLock *lock)
{
    guard_lock(lock);
    while (lock->first != NULL && lock->first->forks != forks_of(lock->first->th)) {
        lock->first = lock->first->next; /* waited in the parent of this process */
    }
    LockWaiter *w = lock->first;
    lock->last = w == NULL ? NULL : lock->last;
    bool hand = w != NULL && thread_now_ns() - w->since_ns > FAIR_AFTER_NS;
    bool more = w != NULL && w->next != NULL;
    uint32_t next = (hand ? THREAD_LOCK_HELD : 0u) | (more ? THREAD_LOCK_WAITERS : 0u);
    uint32_t state = atomic_load_explicit(&lock->state, memory_order_relaxed);
    do {
        if ((state & THREAD_LOCK_HELD) == 0) {
            guard_unlock(lock);
            return false;
        }
    } while (!atomic_compare_exchange_weak_explicit(&lock->state, &state, next,
                                                    memory_order_release, memory_order_relaxed));
    _Atomic uint32_t *word = NULL;
    if (w != NULL) {
        lock->first = w->next;
        lock->last = w->next == NULL ? NULL : lock->last;
        word = &w->th->wake;
        atomic_store_explicit(&w->state, hand ? WAITER_HANDED : WAITER_WOKEN, memory_order_seq_cst);
        atomic_exchange_explicit(word, 1, memory_order_seq_cst);
    }
    guard_unlock(lock);
    if (word !=
        NULL) { /* its thread may have gone on, or ended: then nobody is woken, or in vain */
        syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    }
    return true;
}
