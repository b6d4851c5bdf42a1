/*
 * Lock: the one-byte lock in an object's header, with parking on a futex.
 *
 * byte: bit 0 held, bit 1 somebody sleeps.  Barging: an unlocked lock goes to whoever comes first,
 * but a waiter that has slept 1 ms is handed the lock (eventual fairness).  Sleepers wait in the
 * runtime's parking lot, hashed by the byte's address, so an object pays one byte.
 *
 * A thread that is alone locks nothing: it stops being alone only where it holds no object lock, and unlocking
 * looks at the byte itself.
 *
 * Waiting.  Who holds an object lock comes to no safepoint and does not wait, so a lock is free again after
 * some instructions of a running thread.  Therefore a waiter need not be parked: it keeps what it has borrowed
 * (taking a lock is no quiescent point), and grace periods wait for it as for any running thread.  While it
 * sleeps it touches nothing, so a stopped world does not wait for it; when it is woken it waits for the world
 * (thread_block, thread_unblock).  Nobody is alone while another thread waits for a lock.
 *
 * Rules: no Python code runs and nobody waits for anything else while a lock is held; two locks are
 * taken through object_lock_two, lower address first.
 *
 * Threads: any attached.
 */
#ifndef ADDER_RUNTIME_LOCK_H
#define ADDER_RUNTIME_LOCK_H

#include "runtime/stats.h"
#include "runtime/thread.h"

enum { LOCK_HELD = 1, LOCK_WAITERS = 2 };

void object_lock_slow(Thread *th, Object *o);
void object_unlock_slow(Thread *th, Object *o);
/* This thread has taken LOCK_HELD off, and saw LOCK_WAITERS: somebody must be woken. */
void object_wake_waiters(Thread *th, Object *o);

static inline void object_lock(Thread *th, Object *o)
{
    if (th->alone != 0 || (o->flags & OBJECT_PRIVATE) != 0) {
        return;
    }
    STAT_COUNT(OBJECT_LOCK);
    STAT_LOCKED(1);
    uint8_t expected = 0;
    /* acquire: pairs with the release in object_unlock */
    if (!atomic_compare_exchange_strong_explicit(&o->lock, &expected, LOCK_HELD,
                                                 memory_order_acquire, memory_order_relaxed)) {
        object_lock_slow(th, o);
    }
}
static inline void object_unlock(Thread *th, Object *o)
{
    uint8_t held = atomic_load_explicit(&o->lock, memory_order_relaxed);
    if (held == 0) {
        return; /* taken while there was one thread, or private */
    }
    STAT_COUNT(OBJECT_UNLOCK);
    STAT_LOCKED(-1);
    held = LOCK_HELD;
    if (!atomic_compare_exchange_strong_explicit(&o->lock, &held, 0, memory_order_release,
                                                 memory_order_relaxed)) {
        object_unlock_slow(th, o);
    }
}
/* For machine code: one instruction each, and what else is due is a call of the caller's.  The thread is not alone.
 * false: not locked, object_lock_slow waits for it. */
static inline bool object_lock_quick(Object *o)
{
    /* acquire: pairs with the release in object_unlock and object_unlock_quick. A held byte stays as it is. */
    return (atomic_fetch_or_explicit(&o->lock, LOCK_HELD, memory_order_acquire) & LOCK_HELD) == 0;
}
/* false: it is unlocked, and object_wake_waiters is due. */
static inline bool object_unlock_quick(Object *o)
{
    if (atomic_load_explicit(&o->lock, memory_order_relaxed) == 0) {
        return true; /* taken while this thread was alone */
    }
    /* release: pairs with the acquire of whoever locks next */
    return atomic_fetch_sub_explicit(&o->lock, LOCK_HELD, memory_order_release) == LOCK_HELD;
}
/* Both locks, without deadlock; a and b may be the same object. */
static inline void object_lock_two(Thread *th, Object *a, Object *b)
{
    if (a == b) {
        object_lock(th, a);
    } else if ((uintptr_t)a < (uintptr_t)b) {
        object_lock(th, a);
        object_lock(th, b);
    } else {
        object_lock(th, b);
        object_lock(th, a);
    }
}
static inline void object_unlock_two(Thread *th, Object *a, Object *b)
{
    object_unlock(th, a);
    if (a != b) {
        object_unlock(th, b);
    }
}

/* The runtime's table of sleepers. fails: NULL (out of memory). */
struct ParkingLot *parking_lot_new(void);
void parking_lot_free(struct ParkingLot *lot);
/* In a fork child: nobody sleeps. */
void parking_lot_reset(struct ParkingLot *lot);

#endif
