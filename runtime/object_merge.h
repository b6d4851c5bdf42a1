/*
 * Merging of counts: what object.c (the state of one object) and thread.c (the queues) share.
 * Private to these two files, to epoch.c, and to tier 1's fast paths.
 *
 * Threads: stated per function.
 */
#ifndef ADDER_RUNTIME_OBJECT_MERGE_H
#define ADDER_RUNTIME_OBJECT_MERGE_H

#include <sched.h>

#include "runtime/thread.h"

enum { SHARED_DEFAULT = 0, SHARED_QUEUED = 2, SHARED_MERGED = 3 };
enum { SHARED_SHIFT = 2 };
#define SHARED_ONE (1u << SHARED_SHIFT)
#define SHARED_STATE_MASK 3u

typedef struct MergeNode {
    struct MergeNode *next;
    Object *object;
} MergeNode;

/* The lock of rt->threads: held for some instructions only, never while anything is freed. */
static inline void threads_lock(Runtime *rt)
{
    while (atomic_exchange_explicit(&rt->threads_lock, 1, memory_order_acquire) != 0) {
        sched_yield();
    }
}
static inline void threads_unlock(Runtime *rt)
{
    atomic_store_explicit(&rt->threads_lock, 0, memory_order_release);
}

/* Folds the owner's count into the shared one; frees o if that leaves nothing.
 * threads: the owner; or, when the owner is gone, the one that set QUEUED. */
void object_merge(Thread *th, Object *o);
/* Takes the QUEUED state back: no memory for the queue, a later decrement tries again. */
void object_unqueue(Object *o);
/* Hands o (state QUEUED) to the thread with that id, or merges at once if it is gone. */
void thread_queue_merge(Thread *th, uint32_t owner, Object *o);
/* Merges everything in the calling thread's queue. may: run finalizers. */
void thread_drain_merges(Thread *th);

#endif
