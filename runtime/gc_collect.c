/*
 * Gc, the pause: which objects are garbage.
 *
 * Trial deletion.  While a collection runs, GcLink.prev holds a state in its upper 16 bits and, below,
 * a number of references or an address (a plain address of a link has no state: the object has not
 * been met):
 *
 *     met as an object or as a child --meet--> CANDIDATE, with its count
 *     CANDIDATE --reach--> REACHED, on the stack of those whose children are still to be reached
 *     CANDIDATE at the end: garbage; else prev becomes an address again
 *
 * The first walk meets each object and subtracts what its fields refer to.  The second reaches each
 * candidate that has references left, and from it, through a stack that is linked through the same words,
 * all that it refers to: in the order of the list, which is that of memory, as far as it goes.  The third
 * takes garbage out and mends the list.  Nothing is allocated and nothing recurses.
 *
 * External references need no list: C's, frames', queues' and retire lists' are in the counts and in no
 * object.  Deferred objects have no counts: they are reached from objects, from gc_scan_roots, or not.
 * Dying objects (GC_DYING) are left out: some of their fields may be gone already, so what they refer to
 * counts as referred to from outside.
 *
 * Threads: the world is stopped.
 */
#include <assert.h>

#include "runtime/gc_internal.h"
#include "runtime/object_merge.h"
#include "runtime/safepoint_internal.h"

enum { MET_CANDIDATE = 1, MET_REACHED = 2, MET_DYING = 3 };

static inline uint64_t met_state(const GcLink *l) { return l->prev >> GC_TAG_SHIFT; }
static inline uint64_t met(uint64_t state, uint64_t rest) { return state << GC_TAG_SHIFT | rest; }

/* Counts may be off by a bug only; then an object must seem alive, so numbers begin here. */
#define REFS_BASE ((uint64_t)1 << 40)

static inline bool is_deferred(const Object *o)
{
    return (o->flags & OBJECT_DEFERRED) != 0 && object_owner(o) == OWNER_IMMORTAL;
}

/* All references to o that are counted. */
static int64_t total_count(const Object *o)
{
    uint32_t shared = atomic_load_explicit(&o->shared, memory_order_relaxed);
    int64_t local = object_owner(o) == OWNER_NONE ? 0 : o->local;
    return local + ((int32_t)shared >> SHARED_SHIFT);
}

/* gc_hold of a deferred object, whose counts are not used otherwise. */
static uint64_t holds(const Object *o)
{
    return atomic_load_explicit(&o->shared, memory_order_relaxed) >> SHARED_SHIFT;
}

static uint64_t first_state(const Object *o)
{
    if ((o->gc & GC_DYING) != 0) {
        return met(MET_DYING, 0);
    }
    if (object_owner(o) == OWNER_IMMORTAL) {
        return met(MET_CANDIDATE, REFS_BASE + (is_deferred(o) ? holds(o) : OBJECT_LOCAL_MAX));
    }
    uint32_t shared = atomic_load_explicit(&o->shared, memory_order_relaxed);
    bool queued = (shared & SHARED_STATE_MASK) == SHARED_QUEUED; /* the queue refers to it */
    return met(MET_CANDIDATE, REFS_BASE + (uint64_t)(total_count(o) + queued));
}

static inline void meet(GcLink *l)
{
    if (met_state(l) == 0) {
        l->prev = first_state(gc_object(l));
    }
}

static void subtract(Object *child, void *arg)
{
    (void)arg;
    if ((child->flags & OBJECT_GC) == 0) {
        return;
    }
    GcLink *l = gc_link(child);
    meet(l);
    if (object_owner(child) != OWNER_IMMORTAL && met_state(l) == MET_CANDIDATE) {
        assert((l->prev & GC_ADDRESS_MASK) > REFS_BASE && "more references than counts");
        l->prev--;
    }
}

/* arg: the top of the stack. */
static void reach(Object *o, void *arg)
{
    GcLink **top = arg, *l = gc_link(o);
    if ((o->flags & OBJECT_GC) == 0 || met_state(l) != MET_CANDIDATE) {
        return;
    }
    l->prev = met(MET_REACHED, gc_bits(*top));
    *top = l;
}

static inline void traverse(Object *o, VisitFn visit, void *arg)
{
    const Type *type = rt_type_by_id(o->type_id);
    if (type->traverse != NULL) {
        type->traverse(o, visit, arg);
    }
}

static void reach_all(GcLink **top)
{
    while (*top != NULL) {
        GcLink *l = *top;
        *top = (GcLink *)(uintptr_t)(l->prev & GC_ADDRESS_MASK);
        traverse(gc_object(l), reach, top);
    }
}

#define EACH_LINK(l, h) for (GcLink *l = gc_next(&(h)->objects); l != &(h)->objects; l = gc_next(l))
#define EACH_HEAP(h, rt)                                                                      \
    for (GcHeap *h = atomic_load_explicit(&(rt)->gc->heaps, memory_order_acquire); h != NULL; \
         h = h->next)

static void subtract_all(Runtime *rt, uint64_t *deferred)
{
    EACH_HEAP(h, rt)
    {
        gc_heap_drain(h);
        EACH_LINK(l, h)
        {
            Object *o = gc_object(l);
            meet(l);
            if (met_state(l) == MET_CANDIDATE) {
                *deferred += is_deferred(o);
                traverse(o, subtract, NULL);
            }
        }
    }
}

static void fill_table(Runtime *rt)
{
    EACH_HEAP(h, rt)
    {
        EACH_LINK(l, h)
        {
            if (is_deferred(gc_object(l))) {
                gc_table_add(rt->gc, gc_object(l));
            }
        }
    }
}

/* Where nothing may be said about deferred objects, all are alive. */
static void reach_deferred(Runtime *rt, GcLink **top)
{
    EACH_HEAP(h, rt)
    {
        EACH_LINK(l, h)
        {
            if (is_deferred(gc_object(l))) {
                reach(gc_object(l), top);
                reach_all(top);
            }
        }
    }
}

static bool anything_hidden(Runtime *rt)
{
    bool hidden = false;
    threads_lock(rt);
    for (Thread *t = rt->threads; t != NULL; t = t->next) {
        hidden = hidden || t->gc_hidden != 0 || t->dealloc_depth != 0;
    }
    threads_unlock(rt);
    return hidden;
}

static void reach_roots(Thread *th, uint64_t deferred, GcLink **top)
{
    Runtime *rt = th->rt;
    if (deferred == 0) {
        return;
    }
    if (anything_hidden(rt) || !gc_table_prepare(rt->gc, deferred)) {
        reach_deferred(rt, top);
        return;
    }
    fill_table(rt);
    gc_scan_roots(th, reach, top);
    reach_all(top);
}

static void reach_counted(Runtime *rt, GcLink **top)
{
    EACH_HEAP(h, rt)
    {
        EACH_LINK(l, h)
        {
            if (met_state(l) == MET_CANDIDATE && (l->prev & GC_ADDRESS_MASK) != REFS_BASE) {
                l->prev = met(MET_REACHED, 0);
                traverse(gc_object(l), reach, top);
                reach_all(top);
            }
        }
    }
}

/* Nobody but the collecting thread refers to o, but for other garbage. */
static void take(Thread *th, Object *o, GcGarbage *out)
{
    GcLink *l = gc_link(o);
    if (is_deferred(o)) {
        gc_list_add(&out->deferred, l);
        out->deferred_count++;
        return;
    }
    int64_t count = total_count(o);
    o->local = (uint32_t)count + 1;
    __atomic_store_n(&o->owner, th->tid, __ATOMIC_RELAXED);
    atomic_store_explicit(&o->shared, 0, memory_order_relaxed);
    o->flags |= th->birth_flags & OBJECT_PRIVATE; /* while alone nothing needs to be private */
    gc_list_add(&out->counted, l);
    out->counted_count++;
}

static void take_garbage(Thread *th, GcHeap *h, GcGarbage *out)
{
    GcLink *last = &h->objects;
    int64_t taken = 0;
    for (GcLink *l = gc_next(&h->objects), *next; l != &h->objects; l = next) {
        next = gc_next(l);
        if (met_state(l) == MET_CANDIDATE) {
            take(th, gc_object(l), out);
            taken++;
            continue;
        }
        l->prev = gc_bits(last);
        last->next = gc_bits(l) | h->tag;
        last = l;
    }
    last->next = gc_bits(&h->objects) | h->tag;
    h->objects.prev = gc_bits(last);
    gc_heap_add_live(h, -taken);
    gc_heap_add_live(th->gc, taken);
}

void gc_judge(Thread *th, GcGarbage *out, bool everything)
{
    Runtime *rt = th->rt;
    *out = (GcGarbage){0};
    gc_list_init(&out->counted, th->gc->tag);
    gc_list_init(&out->deferred, th->gc->tag);
    uint64_t deferred = 0;
    GcLink *top = NULL;
    subtract_all(rt, &deferred);
    reach_counted(rt, &top);
    if (!everything) {
        reach_roots(th, deferred, &top);
    }
    EACH_HEAP(h, rt) { take_garbage(th, h, out); }
    EACH_HEAP(h, rt) { gc_heap_rest(h, atomic_load(&rt->gc->stress_every) != 0); }
    out->live = gc_live(rt) - (int64_t)(out->counted_count + out->deferred_count);
}
