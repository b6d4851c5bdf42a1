/*
 * Epoch: quiescent-state reclamation.
 *
 * The runtime's epoch counts retirements.  A thread's epoch is the last value that it saw at a
 * quiescent point, or PARKED.  What was retired at epoch e may be dropped when every thread's epoch
 * is at least e: each has passed a quiescent point since.  With one thread a retire drops at once.
 *
 * The list is bounded: at the soft limit all polls are raised, so that the others come to a
 * quiescent point; at the hard limit the writer itself waits, parked.
 *
 * Order: a retiring thread unlinks, then increments the epoch (seq_cst); a reader publishes the
 * epoch that it saw (seq_cst) and only then reads shared memory again.
 *
 * Threads: any attached; a RetireList is its thread's own.
 */
#include "runtime/epoch.h"

#include "runtime/memory.h"
#include "runtime/object_merge.h"
#include "runtime/safepoint_internal.h"

enum { SOFT_LIMIT_BYTES = 1 << 20, HARD_LIMIT_BYTES = 16 << 20 };

typedef struct Retired {
    struct Retired *next;
    void *p;
    RetireFn drop;
    uint64_t epoch;
    size_t size_bytes;
} Retired;

/* Oldest first; epochs ascend. */
typedef struct RetireList {
    Retired *first, **last;
    size_t size_bytes;
    bool draining;
} RetireList;

/* Drops all entries up to an epoch. Dropping may run finalizers, which may retire more. */
static void drop_until(Thread *th, uint64_t epoch)
{
    RetireList *list = th->retired;
    if (list == NULL || list->draining) {
        return;
    }
    list->draining = true;
    while (list->first != NULL && list->first->epoch <= epoch) {
        Retired *r = list->first;
        list->first = r->next;
        if (list->first == NULL) {
            list->last = &list->first;
        }
        list->size_bytes -= r->size_bytes;
        r->drop(th, r->p);
        rt_free(r);
    }
    list->draining = false;
}

static RetireList *list_of(Thread *th)
{
    if (th->retired == NULL) {
        th->retired = rt_calloc(1, sizeof *th->retired);
        if (th->retired != NULL) {
            th->retired->last = &th->retired->first;
        }
    }
    return th->retired;
}

void epoch_retire(Thread *th, void *p, size_t size_bytes, RetireFn drop)
{
    Runtime *rt = th->rt;
    if (th->alone != 0) {
        drop(th, p);
        return;
    }
    uint64_t epoch = atomic_fetch_add_explicit(&rt->epoch, 1, memory_order_seq_cst) + 1;
    if (others_epoch(th) >= epoch) {
        drop(th, p); /* the others are parked */
        return;
    }
    RetireList *list = list_of(th);
    Retired *r = list == NULL ? NULL : rt_malloc(sizeof *r);
    if (r == NULL) {
        grace_wait(th, epoch);
        drop(th, p);
        return;
    }
    *r = (Retired){.p = p, .drop = drop, .epoch = epoch, .size_bytes = size_bytes};
    *list->last = r;
    list->last = &r->next;
    list->size_bytes += size_bytes;
    if (list->size_bytes > HARD_LIMIT_BYTES) {
        grace_wait(th, epoch);
        drop_until(th, epoch);
    } else if (list->size_bytes > SOFT_LIMIT_BYTES) {
        raise_others(th, POLL_EPOCH);
        drop_until(th, others_epoch(th));
    }
}

static void drop_reference(Thread *th, void *p) { rt_decref(th, value_from_object(p)); }

void epoch_retire_value(Thread *th, Value v)
{
    if (value_is_object(v)) {
        epoch_retire(th, value_object(v), sizeof(Object), drop_reference);
    }
}

void epoch_quiescent(Thread *th)
{
    atomic_store_explicit(&th->epoch, atomic_load_explicit(&th->rt->epoch, memory_order_seq_cst),
                          memory_order_seq_cst);
    thread_passed(th->rt);
    thread_drain_merges(th);
    if (th->retired != NULL && th->retired->first != NULL) {
        drop_until(th, others_epoch(th));
    }
}

void epoch_drain(Thread *th)
{
    RetireList *list = th->retired;
    while (list != NULL && list->first != NULL) {
        uint64_t epoch = atomic_load_explicit(&th->rt->epoch, memory_order_seq_cst);
        grace_wait(th, epoch);
        drop_until(th, epoch);
    }
    rt_free(list);
    th->retired = NULL;
}
