/*
 * Merging of counts: what object.c (the state of one object) and object_merge.c (the queues) share.
 * Private to these two files, epoch.c, thread.c, and to tier 1's fast paths.
 *
 * Threads: stated per function.
 */
#ifndef ADDER_RUNTIME_OBJECT_MERGE_H
#define ADDER_RUNTIME_OBJECT_MERGE_H

#include "runtime/thread.h"

enum { SHARED_DEFAULT = 0, SHARED_QUEUED = 2, SHARED_MERGED = 3 };
enum { SHARED_SHIFT = 2 };
#define SHARED_ONE (1u << SHARED_SHIFT)
#define SHARED_STATE_MASK 3u

typedef struct MergeNode {
    struct MergeNode *next;
    Object *object;
} MergeNode;

/* Folds the owner's count into the shared one. true: nothing is left, the caller frees o.
 * threads: the owner; who has claimed it; or, when the owner is gone, the one that set QUEUED. */
bool object_fold(Object *o);
/* Links of objects that nobody refers to any more (in the words of their counts). */
void object_dead_link(Object *o, Object *next);
Object *object_dead_next(const Object *o);
/* Sets the QUEUED state; false: it was set, or o is merged. Who gets true calls thread_queue_merge. */
bool object_queue(Object *o);
/* Takes the QUEUED state back: no memory for the queue, a later decrement tries again. */
void object_unqueue(Object *o);
/* Hands o (state QUEUED) to the thread with that id; merges at once if that one is parked or gone.
 * may: run finalizers. */
void thread_queue_merge(Thread *th, uint32_t owner, Object *o);
/* Has the owner of o, another thread, fold its count, so that from then on the shared count is all of it:
 * the caller, who has a reference, can drop the last one itself. Nothing else is held or borrowed. may: run
 * finalizers, wait, parked. fails: not merged when it returns (out of memory; o became immortal). */
void object_await_merge(Thread *th, Object *o);
/* Drains the queue of t, which th has claimed, and gives the claim back. may: run finalizers. */
void thread_drain_claimed(Thread *th, Thread *t);
/* Merges everything in the calling thread's queue. may: run finalizers. */
void thread_drain_merges(Thread *th);

#endif
