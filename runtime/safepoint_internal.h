/*
 * Safepoint, inside: what safepoint.c (who runs), epoch.c (what waits for a grace period), object_merge.c
 * (whose queue may be drained) and thread.c (who is there) share.  Private to these files, lock.c and the lock of the
 * JIT (interp/jit/shared.c).
 *
 * Thread.epoch is one word of state:
 *
 *     e                     running; e was the global epoch at its last quiescent point
 *     e | EPOCH_STOPPED     asleep for an object lock (lock.c): does not run, but may hold what it has borrowed
 *     EPOCH_PARKED          parked: holds nothing borrowed
 *     EPOCH_CLAIMED         parked, and a running thread works on its merge queue; it comes back later
 *
 *     e --thread_park--> PARKED --thread_unpark--> e        PARKED --parked_claim--> CLAIMED --parked_release--> PARKED
 *     e --thread_block--> e | STOPPED --thread_unblock--> e
 *
 * Runtime.sole is NULL or the one thread that may run: it is alone, or stops the world.  Who begins to run
 * (thread_unpark) first makes its epoch a running one and then looks at sole; who becomes sole first sets
 * sole and then looks at the epochs; all seq_cst, so one of them sees the other, and the one that came to
 * run goes back.
 *
 * Threads: stated per function.
 */
#ifndef ADDER_RUNTIME_SAFEPOINT_INTERNAL_H
#define ADDER_RUNTIME_SAFEPOINT_INTERNAL_H

#include <sched.h>

#include "runtime/safepoint.h"
#include "runtime/stats.h"

#define EPOCH_STOPPED (UINT64_C(1) << 63)
#define EPOCH_PARKED UINT64_MAX
#define EPOCH_CLAIMED (UINT64_MAX - 1)

static inline uint64_t thread_epoch(const Thread *t)
{
    return atomic_load_explicit(&t->epoch, memory_order_seq_cst);
}
static inline bool epoch_is_parked(uint64_t epoch) { return epoch >= EPOCH_CLAIMED; }

/* The lock of rt->threads: held for some instructions only, never while anything is freed. */
static inline void threads_lock(Runtime *rt)
{
    STAT_COUNT(THREAD_LIST);
    while (atomic_exchange_explicit(&rt->threads_lock, 1, memory_order_acquire) != 0) {
        sched_yield();
    }
}
static inline void threads_unlock(Runtime *rt)
{
    atomic_store_explicit(&rt->threads_lock, 0, memory_order_release);
}

/* The bare change of state: drains nothing, drops nothing. threads: its own. */
void thread_park(Thread *th);
void thread_unpark(Thread *th);
/* Around sleep for an object lock: a stopped world does not wait for this thread, grace periods do.
 * thread_unblock may wait for the world to start. threads: its own. */
void thread_block(Thread *th);
void thread_unblock(Thread *th);

/* A new thread, parked, joins the list; one that ends leaves it, with an empty merge queue (false: it is
 * not empty, nothing has changed). threads: its own. */
void thread_link(Thread *th);
bool thread_unlink(Thread *th);

/* Takes a parked thread: it will not come back before parked_release. threads: holds threads_lock. */
bool parked_claim(Thread *t);
void parked_release(Thread *t);
/* Wakes whoever waits for a thread to have parked or passed a quiescent point. */
void thread_passed(Runtime *rt);

/* The ticker: who begins to run beside others, not alone, wakes it when rt->ticker.idle; end: of the runtime,
 * no other Thread runs; forget: in a fork child. alone_lost: after how long. */
void ticker_wake(Runtime *rt);
void ticker_end(Runtime *rt);
void ticker_forget(Runtime *rt);
void ticker_alone_lost(Runtime *rt, int64_t held_ns);

/* Raises bits on all threads but self. */
void raise_others(const Thread *self, uint32_t bits);
/* The smallest epoch of all other threads; EPOCH_CLAIMED or more if all are parked. May be too small. */
uint64_t others_epoch(const Thread *self);
/* Waits, parked, until others_epoch(th) >= epoch. The caller holds nothing. */
void grace_wait(Thread *th, uint64_t epoch);

#endif
