/*
 * Gc, heaps: the lists of tracked objects, one for each thread, and what happens to them when threads
 * start and end.
 *
 * A heap belongs to one thread (OWNED), to nobody (ORPHAN), or for a moment to somebody who empties its
 * foreign list (CLAIMED):
 *
 *     OWNED --gc_thread_ended--> ORPHAN --adopt, in gc_thread_started--> OWNED
 *     ORPHAN --claim, in gc_free_foreign--> CLAIMED --its end--> ORPHAN
 *
 * An orphan's list of foreign frees may be full; whoever claims, adopts or collects empties it.
 * A heap and its number last as long as the runtime, so a number in an object always names a heap.
 *
 * An object that a thread frees which is not its home's owner goes to the foreign list of the home,
 * linked through dead words of its header (release; gc_heap_drain acquires).  While a thread is alone no
 * owner touches its list, so then nothing needs to be handed over.  The home of a thread that stays parked is
 * emptied by who sweeps (gc_drain_parked): the claim keeps the thread from coming back meanwhile.
 *
 * Threads: stated per function (gc_internal.h).
 */
#include <assert.h>
#include <sched.h>

#include "runtime/gc_internal.h"
#include "runtime/safepoint_internal.h"
#include "runtime/wait_point.h"

enum { LOOK_INTERVAL = 500 }; /* objects by which a heap may grow before its owner looks */

void gc_lock(struct GcState *gc)
{
    while (atomic_exchange_explicit(&gc->lock, 1, memory_order_acquire) != 0) {
        sched_yield();
    }
}
void gc_unlock(struct GcState *gc) { atomic_store_explicit(&gc->lock, 0, memory_order_release); }

/* ---- start and end --------------------------------------------------------------------------------- */

/* A new heap, owned by the caller. The lock is held. fails: NULL. */
static GcHeap *heap_new(struct GcState *gc)
{
    if (gc->heap_count == GC_HEAPS_MAX) {
        return NULL;
    }
    uint32_t number = gc->heap_count;
    _Atomic(GcHeap **) *chunk = &gc->chunks[number / GC_CHUNK];
    GcHeap **rows = atomic_load_explicit(chunk, memory_order_relaxed);
    if (rows == NULL) {
        rows = rt_calloc(GC_CHUNK, sizeof *rows);
        if (rows == NULL) {
            return NULL;
        }
        atomic_store_explicit(chunk, rows, memory_order_release);
    }
    GcHeap *h = rt_calloc(1, sizeof *h + _Alignof(GcHeap));
    if (h == NULL) {
        return NULL;
    }
    h->number = number;
    h->tag = (uint64_t)number << GC_TAG_SHIFT;
    h->look_at = LOOK_INTERVAL;
    gc_list_init(&h->objects, h->tag);
    rows[number % GC_CHUNK] = h;
    h->next = atomic_load_explicit(&gc->heaps, memory_order_relaxed);
    atomic_store_explicit(&gc->heaps, h, memory_order_release);
    gc->heap_count++;
    return h;
}

static GcHeap *adopt(struct GcState *gc)
{
    for (GcHeap *h = atomic_load(&gc->heaps); h != NULL; h = h->next) {
        uint32_t orphan = GC_HEAP_ORPHAN;
        /* acquire: the list is as its last owner or claimer left it */
        if (atomic_compare_exchange_strong_explicit(&h->state, &orphan, GC_HEAP_OWNED,
                                                    memory_order_acquire, memory_order_relaxed)) {
            return h;
        }
    }
    return NULL;
}

bool gc_thread_started(Thread *th)
{
    struct GcState *gc = th->rt->gc;
    gc_lock(gc);
    GcHeap *h = adopt(gc);
    if (h == NULL) {
        h = heap_new(gc);
    }
    gc_unlock(gc);
    th->gc = h;
    if (h == NULL) {
        return false;
    }
    gc_heap_drain(h);
    h->look_at = gc_heap_live(h) + LOOK_INTERVAL;
    return true;
}

void gc_thread_ended(Thread *th)
{
    GcHeap *h = th->gc;
    if (h != NULL) {
        th->gc = NULL;
        atomic_store_explicit(&h->state, GC_HEAP_ORPHAN, memory_order_release);
    }
}

void gc_after_fork(Thread *th)
{
    struct GcState *gc = th->rt->gc;
    atomic_store_explicit(&gc->lock, 0,
                          memory_order_relaxed); /* a starting thread may have had it */
    if (atomic_load_explicit(&gc->collector, memory_order_relaxed) != th->tid) {
        /* another thread may have been freeing: what it had found is lost */
        atomic_store_explicit(&gc->wait_live, INT64_MAX, memory_order_relaxed);
        atomic_store_explicit(&gc->collecting, false, memory_order_relaxed);
    }
    wait_point_reset(&gc->freed);
    for (GcHeap *h = atomic_load(&gc->heaps); h != NULL; h = h->next) {
        if (h != th->gc) {
            atomic_store_explicit(&h->state, GC_HEAP_ORPHAN, memory_order_relaxed);
        }
    }
}

GcHeap *gc_heap_by_tag(Runtime *rt, uint64_t tag)
{
    uint32_t number = (uint32_t)(tag >> GC_TAG_SHIFT);
    /* acquire: whoever has an object of the heap may have no other order with its making */
    GcHeap **rows = atomic_load_explicit(&rt->gc->chunks[number / GC_CHUNK], memory_order_acquire);
    return rows[number % GC_CHUNK];
}

/* ---- objects ------------------------------------------------------------------------------------------ */

static Object *dead_next(const Object *o)
{
    Object *next;
    memcpy(&next, (const char *)o + offsetof(Object, local), sizeof next);
    return next;
}

void gc_heap_drain(GcHeap *h)
{
    if (atomic_load_explicit(&h->foreign, memory_order_relaxed) == NULL) {
        return;
    }
    /* acquire: what was done to the objects comes before they are freed */
    Object *o = atomic_exchange_explicit(&h->foreign, NULL, memory_order_acquire);
    int64_t n = 0;
    while (o != NULL) {
        Object *next = dead_next(o);
        gc_list_remove(gc_link(o));
        rt_free(gc_link(o));
        o = next;
        n++;
    }
    gc_heap_add_live(h, -n);
}

/* A parked thread, claimed, whose home others have given something back to; NULL: there is none. */
static Thread *claim_one(const Thread *th)
{
    Runtime *rt = th->rt;
    Thread *found = NULL;
    threads_lock(rt);
    for (Thread *t = rt->threads; t != NULL && found == NULL; t = t->next) {
        if (t == th || thread_epoch(t) != EPOCH_PARKED || !parked_claim(t)) {
            continue;
        }
        /* claimed: t->gc is as its thread left it */
        if (t->gc != NULL && atomic_load_explicit(&t->gc->foreign, memory_order_relaxed) != NULL) {
            found = t;
        } else {
            parked_release(t);
        }
    }
    threads_unlock(rt);
    return found;
}

void gc_drain_parked(Thread *th)
{
    for (Thread *t = claim_one(th); t != NULL; t = claim_one(th)) {
        gc_heap_drain(t->gc);
        threads_lock(th->rt);
        parked_release(t); /* it may end now */
        threads_unlock(th->rt);
    }
}

void gc_free_foreign(Thread *th, Object *o)
{
    GcLink *l = gc_link(o);
    GcHeap *home = gc_heap_by_tag(th->rt, gc_tag(l));
    if (th->alone != 0) {
        gc_list_remove(l);
        gc_heap_add_live(home, -1);
        rt_free(l);
        return;
    }
    Object *top = atomic_load_explicit(&home->foreign, memory_order_relaxed);
    do {
        memcpy((char *)o + offsetof(Object, local), &top, sizeof top);
        /* release: pairs with the acquire in gc_heap_drain */
    } while (!atomic_compare_exchange_weak_explicit(&home->foreign, &top, o, memory_order_release,
                                                    memory_order_relaxed));
    uint32_t orphan = GC_HEAP_ORPHAN;
    if (atomic_load_explicit(&home->state, memory_order_relaxed) == GC_HEAP_ORPHAN &&
        atomic_compare_exchange_strong_explicit(&home->state, &orphan, GC_HEAP_CLAIMED,
                                                memory_order_acquire, memory_order_relaxed)) {
        gc_heap_drain(home);
        atomic_store_explicit(&home->state, GC_HEAP_ORPHAN, memory_order_release);
    }
}

/* ---- when to collect ----------------------------------------------------------------------------------- */

int64_t gc_live(Runtime *rt)
{
    int64_t n = 0;
    for (GcHeap *h = atomic_load(&rt->gc->heaps); h != NULL; h = h->next) {
        n += gc_heap_live(h);
    }
    return n;
}

int64_t gc_new(Runtime *rt)
{
    int64_t n = gc_live(rt) - atomic_load_explicit(&rt->gc->live_after, memory_order_relaxed);
    return n < 0 ? 0 : n;
}

static bool stress_due(struct GcState *gc)
{
    uint32_t every = atomic_load_explicit(&gc->stress_every, memory_order_relaxed);
    return every != 0 &&
           atomic_fetch_add_explicit(&gc->stress_count, 1, memory_order_relaxed) % every == 0;
}

void gc_heap_rest(GcHeap *h, bool stress)
{
    h->look_at = gc_heap_live(h) + (stress ? 0 : LOOK_INTERVAL);
}

void gc_heap_look(Thread *th)
{
    struct GcState *gc = th->rt->gc;
    GcHeap *h = th->gc;
    bool stress = atomic_load_explicit(&gc->stress_every, memory_order_relaxed) != 0;
    gc_heap_drain(h);
    gc_heap_rest(h, stress);
    if (gc_must_wait(th)) {
        thread_raise_poll(th, POLL_GC);
    }
    if (!atomic_load_explicit(&gc->enabled, memory_order_relaxed) ||
        atomic_load_explicit(&gc->collecting, memory_order_relaxed)) {
        return;
    }
    if (stress_due(gc) ||
        gc_live(th->rt) >= atomic_load_explicit(&gc->look_live, memory_order_relaxed)) {
        thread_raise_poll(th, POLL_GC);
    }
}

#ifndef NDEBUG
void gc_heap_check(const GcHeap *h)
{
    int64_t n = 0;
    for (const GcLink *l = &h->objects, *next = gc_next(l);; l = next, next = gc_next(l), n++) {
        assert(gc_prev(next) == l && gc_tag(l) == h->tag);
        if (next == &h->objects) {
            break;
        }
    }
    assert(n == gc_heap_live(h));
}
#endif
