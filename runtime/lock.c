/*
 * Lock: the slow halves of the byte lock, and the parking lot.
 *
 * A waiter spins a little, sets LOCK_WAITERS, and sleeps on a futex word of its own, linked into
 * the bucket of the byte's address; under the bucket's lock it first checks that the byte is still
 * held and marked, so no wake-up is lost.  Unlocking a marked byte wakes the oldest waiter of this
 * byte; one that has slept for longer than 1 ms is handed the lock itself.
 *
 * Threads: any attached; everything behind a bucket's lock.
 */
#include "runtime/lock.h"

#include <sched.h>
#include <string.h>

#include "runtime/memory.h"
#include "runtime/safepoint_internal.h"
#include "runtime/wait_point.h"

enum { BUCKETS = 64, SPINS = 40 };
#define FAIR_AFTER_NS 1000000

enum { WAITER_ASLEEP, WAITER_WOKEN, WAITER_HANDED };

typedef struct Waiter {
    struct Waiter *next;
    const void *key;
    int64_t since_ns;
    _Atomic uint32_t state; /* futex word */
} Waiter;

typedef struct Bucket {
    _Atomic uint32_t locked;
    Waiter *first, *last;
    char padding[40];
} Bucket;

typedef struct ParkingLot {
    Bucket buckets[BUCKETS];
} ParkingLot;

ParkingLot *parking_lot_new(void) { return rt_calloc(1, sizeof(ParkingLot)); }
void parking_lot_free(ParkingLot *lot) { rt_free(lot); }

void parking_lot_reset(ParkingLot *lot) { memset(lot, 0, sizeof *lot); }

static Bucket *bucket_lock(Thread *th, const void *key)
{
    uint64_t hash = ((uintptr_t)key >> 4) * 0x9E3779B97F4A7C15ull;
    Bucket *bucket = &th->rt->parking->buckets[hash >> 58];
    for (int i = 0; atomic_exchange_explicit(&bucket->locked, 1, memory_order_acquire) != 0; i++) {
        if (i > SPINS) {
            sched_yield();
        }
    }
    return bucket;
}
static void bucket_unlock(Bucket *bucket)
{
    atomic_store_explicit(&bucket->locked, 0, memory_order_release);
}

/* Sleeps until woken. returns: true if the lock was handed over. */
static bool park(Thread *th, Object *o, int64_t since_ns)
{
    Waiter self = {.key = &o->lock, .since_ns = since_ns};
    Bucket *bucket = bucket_lock(th, &o->lock);
    if (atomic_load_explicit(&o->lock, memory_order_relaxed) != (LOCK_HELD | LOCK_WAITERS)) {
        bucket_unlock(bucket);
        return false;
    }
    if (bucket->last == NULL) {
        bucket->first = &self;
    } else {
        bucket->last->next = &self;
    }
    bucket->last = &self;
    bucket_unlock(bucket);
    thread_block(th);
    /* acquire: pairs with the release in object_unlock_slow */
    while (atomic_load_explicit(&self.state, memory_order_acquire) == WAITER_ASLEEP) {
        futex_wait(&self.state, WAITER_ASLEEP, -1);
    }
    thread_unblock(th);
    return atomic_load_explicit(&self.state, memory_order_relaxed) == WAITER_HANDED;
}

void object_lock_slow(Thread *th, Object *o)
{
    STAT_COUNT(OBJECT_WAIT);
    int64_t since_ns = monotonic_ns();
    for (int spins = 0;;) {
        uint8_t byte = atomic_load_explicit(&o->lock, memory_order_relaxed);
        if ((byte & LOCK_HELD) == 0) {
            if (atomic_compare_exchange_weak_explicit(&o->lock, &byte, byte | LOCK_HELD,
                                                      memory_order_acquire, memory_order_relaxed)) {
                return;
            }
        } else if ((byte & LOCK_WAITERS) == 0 && spins < SPINS) {
            spins++;
            __builtin_ia32_pause();
        } else if ((byte & LOCK_WAITERS) != 0 ||
                   atomic_compare_exchange_weak_explicit(&o->lock, &byte, byte | LOCK_WAITERS,
                                                         memory_order_relaxed,
                                                         memory_order_relaxed)) {
            if (park(th, o, since_ns)) {
                return;
            }
        }
    }
}

/* Unlinks the oldest waiter of key. *more: another one waits for the same key. */
static Waiter *take_waiter(Bucket *bucket, const void *key, bool *more)
{
    Waiter *previous = NULL;
    Waiter *w = bucket->first;
    while (w != NULL && w->key != key) {
        previous = w;
        w = w->next;
    }
    if (w == NULL) {
        return NULL;
    }
    if (previous == NULL) {
        bucket->first = w->next;
    } else {
        previous->next = w->next;
    }
    if (bucket->last == w) {
        bucket->last = previous;
    }
    *more = false;
    for (const Waiter *rest = w->next; rest != NULL; rest = rest->next) {
        if (rest->key == key) {
            *more = true;
            break;
        }
    }
    return w;
}

void object_unlock_slow(Thread *th, Object *o)
{
    Bucket *bucket = bucket_lock(th, &o->lock);
    bool more = false;
    Waiter *w = take_waiter(bucket, &o->lock, &more);
    bool hand = w != NULL && monotonic_ns() - w->since_ns > FAIR_AFTER_NS;
    uint8_t byte = (uint8_t)((hand ? LOCK_HELD : 0) | (more ? LOCK_WAITERS : 0));
    /* release: what was written under the lock; nobody else writes the byte of a held, marked lock
     * outside of this bucket's lock */
    atomic_store_explicit(&o->lock, byte, memory_order_release);
    bucket_unlock(bucket);
    if (w != NULL) {
        _Atomic uint32_t *word = &w->state;
        /* After this store the waiter may be gone: the wake-up then hits a stack address that
         * nobody waits on, or wakes somebody spuriously, which every waiter expects. */
        atomic_store_explicit(word, hand ? WAITER_HANDED : WAITER_WOKEN, memory_order_release);
        futex_wake(word, 1);
    }
}

void object_wake_waiters(Thread *th, Object *o)
{
    /* Whoever has taken it meanwhile, or takes it now, sees the mark when unlocking. */
    uint8_t byte = LOCK_WAITERS;
    if (atomic_compare_exchange_strong_explicit(&o->lock, &byte, LOCK_HELD | LOCK_WAITERS,
                                                memory_order_acquire, memory_order_relaxed)) {
        object_unlock_slow(th, o);
    }
}
