/*
 * Epoch: quiescent-state reclamation, in bags.
 *
 * A thread fills a bag of its own with what it retires, which writes no line that others read.  A bag that
 * is full, or that meets a tick, is closed: the global epoch grows by one and the bag keeps the new value.
 * A thread's epoch is the last value that it saw at a quiescent point, or says that it is parked.  A bag
 * closed at epoch e may be dropped when every thread's epoch is at least e: each has passed a quiescent
 * point since.
 *
 * Bounds.  At the soft limit the others are asked for a quiescent point; at the hard limit the thread waits for
 * one at its own next safepoint, where it holds nothing.  The bags of parked threads and of those that have
 * ended are taken over by whoever runs, at its ticks.
 *
 * Hurry.  The last reference to an object with a finalizer is in no bag: its thread raises all polls, waits,
 * parked, for the grace period and drops it, so the finalizer runs before the next line.  Where the count is
 * another thread's, that one must merge first, or is claimed if it is parked.
 *
 * Order: a retiring thread unlinks, then increments the epoch (seq_cst); a reader publishes the
 * epoch that it saw (seq_cst) and only then reads shared memory again.
 *
 * Threads: any attached; a RetireList is its thread's own, or its claimer's.
 */
#include "runtime/epoch.h"

#include <assert.h>

#include "runtime/gc_internal.h"
#include "runtime/memory.h"
#include "runtime/object_merge.h"
#include "runtime/safepoint_internal.h"

enum { SOFT_LIMIT_BYTES = 1 << 20, HARD_LIMIT_BYTES = 16 << 20, BAG_ENTRIES = 254 };

typedef struct Entry {
    void *p;
    RetireFn drop; /* NULL: p is an Object, a reference to it is dropped */
} Entry;

typedef struct RetireBag {
    struct RetireBag *next;
    uint64_t epoch; /* 0: open */
    size_t size_bytes;
    uint32_t count;
    Entry entries[BAG_ENTRIES];
} RetireBag;

typedef struct RetireList {
    RetireBag *open;   /* NULL or with room */
    RetireBag *closed; /* in no order */
    RetireBag *spare;  /* empty, or NULL */
    size_t size_bytes; /* of all bags */
    size_t ask_at_bytes;
    bool draining;
} RetireList;

static RetireList *list_of(Thread *th)
{
    if (th->retired == NULL) {
        th->retired = rt_calloc(1, sizeof *th->retired);
        if (th->retired != NULL) {
            th->retired->ask_at_bytes = SOFT_LIMIT_BYTES;
        }
    }
    return th->retired;
}

/* All that is unlinked before this is covered by a grace period of the epoch returned. */
static uint64_t next_epoch(Runtime *rt)
{
    STAT_COUNT(EPOCH);
    return atomic_fetch_add_explicit(&rt->epoch, 1, memory_order_seq_cst) + 1;
}

static void close_bag(Runtime *rt, RetireList *list)
{
    RetireBag *bag = list->open;
    if (bag != NULL && bag->count != 0) {
        bag->epoch = next_epoch(rt);
        bag->next = list->closed;
        list->closed = bag;
        list->open = NULL;
    }
}

/* Room for an entry. NULL: no memory. */
static RetireBag *open_bag(Thread *th, RetireList *list)
{
    close_bag(th->rt, list);
    if (list->open == NULL) {
        list->open = list->spare != NULL ? list->spare : rt_malloc(sizeof *list->open);
        list->spare = NULL;
        if (list->open != NULL) {
            list->open->epoch = 0;
            list->open->count = 0;
            list->open->size_bytes = 0;
        }
    }
    return list->open;
}

/* ---- dropping ----------------------------------------------------------------------------------------------- */

static void drop_entry(Thread *th, const Entry *e)
{
    if (e->drop == NULL) {
        rt_decref(th, value_from_object(e->p));
    } else {
        e->drop(th, e->p);
    }
}

/* Takes the closed bags up to an epoch off the list. */
static RetireBag *take_due(RetireList *list, uint64_t epoch)
{
    RetireBag *due = NULL;
    RetireBag **p = &list->closed;
    while (*p != NULL) {
        RetireBag *bag = *p;
        if (bag->epoch <= epoch) {
            *p = bag->next;
            bag->next = due;
            due = bag;
            list->size_bytes -= bag->size_bytes;
        } else {
            p = &bag->next;
        }
    }
    return due;
}

/* Drops all closed bags up to an epoch. Dropping may run finalizers, which may retire more, and come to
 * safepoints: those drop nothing. */
static void drop_until(Thread *th, uint64_t epoch)
{
    RetireList *list = th->retired;
    if (list == NULL || list->closed == NULL || list->draining) {
        return;
    }
    list->draining = true;
    RetireBag *bag = take_due(list, epoch);
    while (bag != NULL) {
        RetireBag *next = bag->next;
        gc_hide(th); /* a bag refers to what no object does */
        for (uint32_t i = 0; i < bag->count; i++) {
            drop_entry(th, &bag->entries[i]);
        }
        gc_unhide(th);
        if (list->spare == NULL) {
            list->spare = bag;
        } else {
            rt_free(bag);
        }
        bag = next;
    }
    list->draining = false;
    list->ask_at_bytes = list->size_bytes + SOFT_LIMIT_BYTES;
}

/* ---- bags of others ------------------------------------------------------------------------------------------- */

static size_t append_bags(RetireBag **to, RetireBag *bags)
{
    size_t size_bytes = 0;
    while (bags != NULL) {
        RetireBag *next = bags->next;
        size_bytes += bags->size_bytes;
        bags->next = *to;
        *to = bags;
        bags = next;
    }
    return size_bytes;
}

/* The bags of a list that nobody works on; it is empty afterwards. */
static RetireBag *take_all(Runtime *rt, RetireList *list)
{
    close_bag(rt, list);
    RetireBag *bags = list->closed;
    list->closed = NULL;
    list->size_bytes = 0;
    list->ask_at_bytes = SOFT_LIMIT_BYTES;
    return bags;
}

static bool worth_taking(const Thread *t)
{
    const RetireList *list = t->retired;
    return list != NULL && !list->draining &&
           (list->closed != NULL || (list->open != NULL && list->open->count != 0));
}

void epoch_adopt(Thread *th)
{
    Runtime *rt = th->rt;
    if (list_of(th) == NULL) {
        return;
    }
    RetireBag *bags = NULL;
    Thread *merge = NULL;
    threads_lock(rt);
    append_bags(&bags, rt->orphans);
    rt->orphans = NULL;
    for (Thread *t = rt->threads; t != NULL && merge == NULL; t = t->next) {
        if (t != th && thread_epoch(t) == EPOCH_PARKED && parked_claim(t)) {
            if (worth_taking(t)) {
                append_bags(&bags, take_all(rt, t->retired));
            }
            if (atomic_load_explicit(&t->merge_queue, memory_order_relaxed) != NULL) {
                merge = t; /* one a sweep */
            } else {
                parked_release(t);
            }
        }
    }
    threads_unlock(rt);
    th->retired->size_bytes += append_bags(&th->retired->closed, bags);
    if (merge != NULL) {
        thread_drain_claimed(th, merge);
    }
}

bool epoch_take_over(Thread *th)
{
    Runtime *rt = th->rt;
    if (list_of(th) == NULL) {
        return false;
    }
    RetireBag *bags = NULL;
    threads_lock(rt);
    append_bags(&bags, rt->orphans);
    rt->orphans = NULL;
    for (Thread *t = rt->threads; t != NULL; t = t->next) {
        if (t != th && worth_taking(t)) {
            append_bags(&bags, take_all(rt, t->retired));
        }
    }
    threads_unlock(rt);
    th->retired->size_bytes += append_bags(&th->retired->closed, bags);
    return true;
}

bool epoch_settle(Thread *th)
{
    RetireList *list = th->retired;
    if (list == NULL) {
        return true;
    }
    if (list->draining) {
        return false;
    }
    close_bag(th->rt, list);
    uint64_t epoch = next_epoch(th->rt);
    grace_wait(th, epoch);
    drop_until(th, epoch);
    return true;
}

void epoch_hand_over(Thread *th)
{
    RetireList *list = th->retired;
    if (list == NULL) {
        return;
    }
    assert(!list->draining);
    RetireBag *bags = take_all(th->rt, list);
    threads_lock(th->rt);
    append_bags(&th->rt->orphans, bags);
    threads_unlock(th->rt);
    rt_free(list->open);
    rt_free(list->spare);
    rt_free(list);
    th->retired = NULL;
}

/* ---- retiring --------------------------------------------------------------------------------------------------- */

/* More than the soft limit: everybody comes to a safepoint, and then so do we. */
static void ask(Thread *th, RetireList *list)
{
    close_bag(th->rt, list);
    list->ask_at_bytes = list->size_bytes + SOFT_LIMIT_BYTES;
    raise_others(th, POLL_EPOCH);
    thread_raise_poll(th, POLL_EPOCH);
}

static void retire(Thread *th, Entry e, size_t size_bytes)
{
    STAT_COUNT(RETIRED);
    RetireList *list = list_of(th);
    RetireBag *bag = list == NULL ? NULL : list->open;
    if (list != NULL && (bag == NULL || bag->count == BAG_ENTRIES)) {
        bag = open_bag(th, list);
    }
    if (__builtin_expect(bag == NULL, 0)) {
        gc_hide(th);
        grace_wait(th, next_epoch(th->rt));
        drop_entry(th, &e);
        gc_unhide(th);
        return;
    }
    bag->entries[bag->count++] = e;
    bag->size_bytes += size_bytes;
    list->size_bytes += size_bytes;
    if (__builtin_expect(list->size_bytes > list->ask_at_bytes, 0)) {
        ask(th, list);
    }
}

void epoch_retire(Thread *th, void *p, size_t size_bytes, RetireFn drop)
{
    if (th->alone != 0) {
        drop(th, p);
        return;
    }
    retire(th, (Entry){p, drop}, size_bytes + sizeof(Entry));
}

/* May this be the last reference? Exact where the count is ours or nobody's. */
static bool may_be_last(const Thread *th, const Object *o)
{
    uint32_t owner = object_owner(o);
    uint32_t shared = atomic_load_explicit(&o->shared, memory_order_acquire);
    int32_t others = (int32_t)shared >> SHARED_SHIFT;
    if (owner == th->tid) {
        return (int32_t)o->local + others <= 1;
    }
    return owner != OWNER_NONE || others <= 1;
}

static void hurry(Thread *th, Object *o)
{
    grace_wait(th, next_epoch(th->rt));
    uint32_t owner = object_owner(o);
    if (owner != th->tid && owner != OWNER_NONE) {
        object_await_merge(th, o);
    }
    rt_decref(th, value_from_object(o));
}

/* What o keeps from being freed, about: itself and tables of its own, not what it refers to. */
static size_t weight(Thread *th, Object *o, const Type *type)
{
    switch (o->type_id) {
    case TYPE_STR:
    case TYPE_BYTES:
    case TYPE_INT: return rt_usable_size(o);
    case TYPE_TUPLE: return rt_usable_size(gc_block(o));
    case TYPE_LIST:
    case TYPE_DICT:
    case TYPE_SET:
        return sizeof *o + (size_t)type->length(th, value_from_object(o)) * 2 * sizeof(Value);
    default: return 2 * sizeof *o;
    }
}

void epoch_retire_value(Thread *th, Value v)
{
    if (!value_is_object(v)) {
        return;
    }
    Object *o = value_object(v);
    if (th->alone != 0) {
        rt_decref(th, v);
    } else if (object_owner(o) != OWNER_IMMORTAL) {
        bool last = may_be_last(th, o);
        const Type *type = rt_type_by_id(o->type_id);
        if (__builtin_expect((type->flags & TYPE_FLAG_FINALIZER) != 0, 0) && last) {
            hurry(th, o);
        } else {
            retire(th, (Entry){o, NULL}, sizeof(Entry) + (last ? weight(th, o, type) : 0));
        }
    }
}

/* ---- quiescent points ----------------------------------------------------------------------------------------- */

void epoch_quiescent(Thread *th)
{
    Runtime *rt = th->rt;
    thread_drain_merges(
        th); /* before the epoch is published: who waits for it waits for the merges too */
    atomic_store_explicit(&th->epoch, atomic_load_explicit(&rt->epoch, memory_order_seq_cst),
                          memory_order_seq_cst);
    thread_passed(rt);
    RetireList *list = th->retired;
    if (list == NULL || list->draining) {
        return;
    }
    close_bag(rt, list);
    if (list->closed != NULL) {
        drop_until(th, others_epoch(th));
        if (list->size_bytes > HARD_LIMIT_BYTES) {
            uint64_t epoch = next_epoch(rt);
            grace_wait(th, epoch);
            drop_until(th, epoch);
        }
    }
}

void epoch_drain(Thread *th)
{
    epoch_adopt(th);
    RetireList *list = th->retired;
    if (list == NULL) {
        return;
    }
    close_bag(th->rt, list);
    while (list->closed != NULL) {
        uint64_t epoch = next_epoch(th->rt);
        grace_wait(th, epoch);
        drop_until(th, epoch);
        close_bag(th->rt, list);
    }
    rt_free(list->open);
    rt_free(list->spare);
    rt_free(list);
    th->retired = NULL;
}
