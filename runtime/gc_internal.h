/*
 * Gc (internal): the prefix of tracked objects, heaps, and what the files gc*.c and memory.c share.
 *
 * GcLink.next holds the address of the next link in its lower 48 bits and the number of the home in
 * the upper 16; prev is a plain address.  The list of a heap is circular through heap->objects.
 *
 *     invariant: for each link l of a heap: next(prev(l)) == l, prev(next(l)) == l, home(l) is the heap
 *     (gc_heap_check asserts it in debug builds), except while the world is stopped by a collection,
 *     when prev holds what gc_collect.c needs.
 *
 * Threads: stated per function.
 */
#ifndef ADDER_RUNTIME_GC_INTERNAL_H
#define ADDER_RUNTIME_GC_INTERNAL_H

#include "runtime/gc.h"
#include "runtime/memory.h"

typedef struct GcLink {
    uint64_t next;
    uint64_t prev;
} GcLink;
_Static_assert(sizeof(GcLink) == 16, "prefix size");

#define GC_ADDRESS_MASK (((uint64_t)1 << 48) - 1)
enum { GC_TAG_SHIFT = 48, GC_HEAPS_MAX = 1 << 16, GC_CHUNK = 256 };

/* Object.gc: the last reference is gone, fields are being dropped or the memory waits to be freed.  Such
 * an object is no candidate, and what it refers to is not looked at. */
enum { GC_DYING = 1 };

typedef enum GcHeapState { GC_HEAP_OWNED, GC_HEAP_ORPHAN, GC_HEAP_CLAIMED } GcHeapState;

typedef struct GcHeap {
    GcLink objects;  /* sentinel */
    uint64_t tag;    /* number << 48 */
    int64_t look_at; /* live count at which the owner looks whether to ask for a collection */
    uint32_t number;
    struct GcHeap *next;    /* all heaps of the runtime */
    _Atomic int64_t live;   /* objects linked; the owner writes, others read; relaxed */
    _Atomic uint32_t state; /* GC_HEAP_*; acq_rel */
    /* shared: others push, the owner or claimer takes all; release/acquire. A line of its own. */
    _Alignas(64) Object *_Atomic foreign;
} GcHeap;

struct GcState {
    _Atomic(GcHeap **) chunks[GC_HEAPS_MAX / GC_CHUNK];
    GcHeap *_Atomic heaps;
    uint32_t heap_count;     /* under the lock */
    _Atomic uint32_t lock;   /* guards the list of heaps, adoption and stats */
    _Atomic bool collecting; /* from the pause to the last free */
    /* While a collection frees: total of live objects from which other threads wait (gc.c); else INT64_MAX. */
    _Atomic int64_t wait_live;
    _Atomic uint32_t collector; /* id of the thread that collects, or collected last; relaxed */
    _Atomic uint64_t waits;     /* of threads for the collector; for tests */
    WaitPoint freed;            /* wait_live is INT64_MAX again */
    _Atomic bool enabled;
    _Atomic int64_t growth;     /* see gc_set_growth */
    _Atomic int64_t look_live;  /* total of live objects at which a collection is asked for */
    _Atomic int64_t live_after; /* total of live objects when the last collection ended */
    _Atomic uint32_t stress_every, stress_count;
    GcStats stats; /* under the lock */
    GcLink zombies,
        pinned; /* dead deferred objects that something may name for a while; until the end */
    struct GcTable *table;         /* gc_roots.c; the collecting thread's */
    Value callbacks;               /* list gc.callbacks, or absent: the module was never imported */
    _Atomic int32_t thresholds[2]; /* gc.set_threshold: kept, without meaning */
};

static inline GcLink *gc_link(Object *o) { return (GcLink *)(void *)o - 1; }
/* The block of memory that holds o. */
static inline void *gc_block(Object *o)
{
    return (o->flags & OBJECT_GC) != 0 ? (void *)gc_link(o) : (void *)o;
}
static inline Object *gc_object(GcLink *l) { return (Object *)(void *)(l + 1); }
/* Relaxed: the home's thread writes addresses into a word whose upper bits, which never change, others read. */
static inline uint64_t gc_next_word(const GcLink *l)
{
    return __atomic_load_n(&l->next, __ATOMIC_RELAXED);
}
static inline void gc_set_next_word(GcLink *l, uint64_t word)
{
    __atomic_store_n(&l->next, word, __ATOMIC_RELAXED);
}
static inline GcLink *gc_next(const GcLink *l)
{
    return (GcLink *)(uintptr_t)(gc_next_word(l) & GC_ADDRESS_MASK);
}
static inline GcLink *gc_prev(const GcLink *l) { return (GcLink *)(uintptr_t)l->prev; }
static inline uint64_t gc_tag(const GcLink *l) { return gc_next_word(l) & ~GC_ADDRESS_MASK; }
static inline uint64_t gc_bits(const GcLink *l) { return (uint64_t)(uintptr_t)l; }

static inline void gc_list_init(GcLink *list, uint64_t tag)
{
    list->next = gc_bits(list) | tag;
    list->prev = gc_bits(list);
}
/* l becomes the first of a list; its home is the list's. */
static inline void gc_list_add(GcLink *list, GcLink *l)
{
    uint64_t first = gc_next_word(list);
    gc_set_next_word(l, first);
    l->prev = gc_bits(list);
    ((GcLink *)(uintptr_t)(first & GC_ADDRESS_MASK))->prev = gc_bits(l);
    gc_set_next_word(list, gc_bits(l) | (first & ~GC_ADDRESS_MASK));
}
static inline void gc_list_remove(GcLink *l)
{
    GcLink *next = gc_next(l), *prev = gc_prev(l);
    gc_set_next_word(prev, gc_next_word(prev) ^ gc_bits(l) ^ gc_bits(next)); /* its tag stays */
    next->prev = gc_bits(prev);
}
static inline bool gc_list_empty(const GcLink *list) { return gc_next(list) == list; }

static inline int64_t gc_heap_live(const GcHeap *h)
{
    return atomic_load_explicit(&h->live, memory_order_relaxed);
}
static inline void gc_heap_add_live(GcHeap *h, int64_t n)
{
    atomic_store_explicit(&h->live, gc_heap_live(h) + n, memory_order_relaxed);
}

/* In a fork child: the heaps of threads that are gone belong to nobody. */
void gc_after_fork(Thread *th);

/* The heap has grown to look_at: empties the foreign list, asks for a collection if it is time. */
void gc_heap_look(Thread *th);

/* Links a new object. threads: owner of th->gc. */
static inline void gc_track(Thread *th, Object *o)
{
    GcHeap *h = th->gc;
    gc_list_add(&h->objects, gc_link(o));
    int64_t live = gc_heap_live(h) + 1;
    atomic_store_explicit(&h->live, live, memory_order_relaxed);
    if (__builtin_expect(live >= h->look_at, 0)) {
        gc_heap_look(th);
    }
}

/* Has another thread's collection fallen behind, so that th should wait at its next safepoint? */
bool gc_must_wait(const Thread *th);

/* Unlinks and frees the memory of a tracked object whose fields are dropped, or gives it to its home. */
void gc_free_foreign(Thread *th, Object *o);
static inline void gc_free(Thread *th, Object *o)
{
    GcLink *l = gc_link(o);
    GcHeap *h = th->gc;
    if (__builtin_expect(gc_tag(l) != h->tag, 0)) {
        gc_free_foreign(th, o);
        return;
    }
    gc_list_remove(l);
    gc_heap_add_live(h, -1);
    rt_free(l);
}

/* Its owner looks next when it has grown by some hundred; in stress, at once. threads: owner, stopped world. */
void gc_heap_rest(GcHeap *h, bool stress);
/* Empties a heap's list of foreign frees. threads: its owner, its claimer, or a stopped world. */
void gc_heap_drain(GcHeap *h);
/* The heap of a number. threads: any. */
/* Calls gc.callbacks (module_gc.c). may: run Python. */
void gc_call_back(Thread *th, const char *phase, uint64_t collected, uint64_t uncollectable);
GcHeap *gc_heap_by_tag(Runtime *rt, uint64_t tag);
void gc_lock(struct GcState *gc);
void gc_unlock(struct GcState *gc);
#ifndef NDEBUG
void gc_heap_check(const GcHeap *h);
#endif

/* ---- the pause (gc_collect.c) ---------------------------------------------------------------------------- */

typedef struct GcGarbage {
    GcLink counted, deferred; /* linked with the tag of the collecting thread's heap */
    uint64_t counted_count, deferred_count;
    int64_t live; /* what stays */
} GcGarbage;
/* Judges all objects. Garbage goes into *out: counted objects are held by one reference more, private
 * and owned by th. everything: deferred objects have no roots but objects (the end of the process).
 * threads: stopped world. */
void gc_judge(Thread *th, GcGarbage *out, bool everything);

/* ---- roots of deferred objects (gc_roots.c) ---------------------------------------------------------- */

/* Makes room for the addresses of all deferred objects. fails: false: they cannot be judged. */
bool gc_table_prepare(struct GcState *gc, uint64_t count);
void gc_table_add(struct GcState *gc, Object *o);
void gc_table_free(struct GcState *gc);
/* Calls visit for each deferred object that some thread's stacks or registers name, and for the roots of
 * hooks.visit_roots. threads: stopped world. */
void gc_scan_roots(Thread *th, VisitFn visit, void *arg);

#endif
