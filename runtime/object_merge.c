/*
 * Object merge: the queues of objects whose owner must fold its count into the shared one.
 *
 * A decrement that takes an object's shared count below zero queues it at its owner, which merges at its
 * next safepoint.  An owner that is parked is claimed, and whoever queued merges for it: the claim keeps
 * it from running, so that the owner's count is nobody's meanwhile.  Nothing is freed under a claim:
 * finalizers may wait for the very thread that is claimed.  When the owner has ended (thread ids are
 * never used twice, so "no attached thread has this id" says so) who queued merges at once.
 *
 * Invariant: an object in a queue belongs to an attached thread; pushing is done under the lock of the list
 * of threads, and a thread leaves that list only with an empty queue.
 *
 * Threads: stated in object_merge.h.
 */
#include "runtime/object_merge.h"

#include <assert.h>

#include "runtime/gc_internal.h"
#include "runtime/memory.h"
#include "runtime/safepoint_internal.h"
#include "runtime/wait_point.h"

/* Folds a whole queue. returns: the objects that nobody refers to any more, linked. */
static Object *fold_queue(Thread *owner)
{
    Object *dead = NULL;
    /* acquire: pairs with the release in push */
    MergeNode *node = atomic_exchange_explicit(&owner->merge_queue, NULL, memory_order_acquire);
    while (node != NULL) {
        MergeNode *next = node->next;
        if (object_fold(node->object)) {
            node->object->gc |= GC_DYING; /* its words are links from now on */
            object_dead_link(node->object, dead);
            dead = node->object;
        }
        rt_free(node);
        node = next;
    }
    return dead;
}

static void free_dead(Thread *th, Object *dead)
{
    while (dead != NULL) {
        Object *next = object_dead_next(dead);
        rt_dealloc(th, dead);
        dead = next;
    }
}

void thread_drain_merges(Thread *th)
{
    if (atomic_load_explicit(&th->merge_queue, memory_order_relaxed) != NULL) {
        free_dead(th, fold_queue(th));
    }
}

void thread_drain_claimed(Thread *th, Thread *t)
{
    Runtime *rt = th->rt;
    for (;;) {
        Object *dead = fold_queue(t);
        threads_lock(rt);
        bool done = atomic_load_explicit(&t->merge_queue, memory_order_relaxed) == NULL;
        if (done) {
            parked_release(t); /* it may end now */
        }
        threads_unlock(rt);
        free_dead(th, dead);
        if (done) {
            return;
        }
    }
}

static Thread *find_thread(Runtime *rt, uint32_t tid)
{
    Thread *t = rt->threads;
    while (t != NULL && t->tid != tid) {
        t = t->next;
    }
    return t;
}

static void push(Thread *to, MergeNode *node)
{
    STAT_COUNT(MERGE);
    node->next = atomic_load_explicit(&to->merge_queue, memory_order_relaxed);
    /* release: pairs with the acquire in fold_queue; seq_cst: a claim follows, and epoch_park looks here
     * after it has parked, so one of the two sees the other */
    while (!atomic_compare_exchange_weak_explicit(&to->merge_queue, &node->next, node,
                                                  memory_order_seq_cst, memory_order_relaxed)) {
    }
}

void thread_queue_merge(Thread *th, uint32_t owner, Object *o)
{
    Runtime *rt = th->rt;
    MergeNode *node = rt_malloc(sizeof *node);
    bool claimed = false;
    threads_lock(rt); /* keeps the owner from leaving while its queue is written */
    Thread *to = find_thread(rt, owner);
    if (to != NULL && node != NULL) {
        node->object = o;
        push(to, node);
        node = NULL;
        claimed = parked_claim(to);
        if (!claimed) {
            thread_raise_poll(to, POLL_EPOCH);
        }
    } else if (to != NULL) {
        object_unqueue(o);
    }
    threads_unlock(rt);
    rt_free(node);
    if (claimed) {
        thread_drain_claimed(th, to);
    } else if (to == NULL && object_fold(o)) {
        rt_dealloc(th, o);
    }
}

static bool queued(const Object *o)
{
    return (atomic_load_explicit(&o->shared, memory_order_seq_cst) & SHARED_STATE_MASK) ==
           SHARED_QUEUED;
}

/* Waits, parked, until o is merged or its owner can be claimed (or has ended). */
static void await_owner(Thread *th, const Object *o, uint32_t owner)
{
    Runtime *rt = th->rt;
    thread_park(th);
    wait_begin(&rt->passed);
    for (bool waits = true; waits;) {
        uint32_t ticket = wait_ticket(&rt->passed);
        threads_lock(rt);
        Thread *t = find_thread(rt, owner);
        waits = queued(o) && t != NULL && thread_epoch(t) != EPOCH_PARKED;
        if (waits) {
            thread_raise_poll(t, POLL_EPOCH);
        }
        threads_unlock(rt);
        if (waits) {
            wait_sleep(&rt->passed, ticket, -1);
        }
    }
    wait_end(&rt->passed);
    thread_unpark(th);
}

void object_await_merge(Thread *th, Object *o)
{
    Runtime *rt = th->rt;
    uint32_t owner = object_owner(o);
    if (object_queue(o)) {
        thread_queue_merge(th, owner, o);
    }
    while (queued(o)) {
        threads_lock(rt);
        Thread *t = find_thread(rt, owner);
        bool claimed = t != NULL && parked_claim(t);
        threads_unlock(rt);
        if (claimed) {
            thread_drain_claimed(th, t);
        } else {
            await_owner(th, o, owner);
        }
    }
}
