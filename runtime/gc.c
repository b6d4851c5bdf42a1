/*
 * Gc: when a collection happens, what comes before and after its pause, settings and statistics.
 *
 * A collection is asked for when the number of tracked objects has grown by a quarter, and at least by
 * gc->growth, since the last one ended: so the work of collecting stays in proportion to that of
 * allocating, however large the heap is.  Allocation only counts; who reaches the number raises its own
 * poll, and its next safepoint collects.
 *
 * One collection runs at a time, from its pause to the last free (gc->collecting); who comes
 * meanwhile does without.
 *
 * Freeing happens beside the other threads, of which there may be many: unless they were held back, each
 * collection could leave more garbage than it found.  So while one frees, the others may make half as many
 * objects as it has freed, and a few more; beyond that they wait at their safepoints, parked.  Never for
 * long at a time: a finalizer may wait for one of them.
 *
 * After the pause garbage is reachable from garbage alone, and the collecting thread owns it and holds
 * each object once more.  So clear and the counts work as anywhere, and the thread may come to safepoints.
 * Deferred garbage is freed last: until then references to it may be dropped, which looks at the header.
 *
 * Threads: stated per function (gc.h).
 */
#include "runtime/gc.h"

#include <assert.h>
#include <stdio.h>
#include <time.h>

#include "runtime/containers.h"
#include "runtime/epoch.h"
#include "runtime/gc_internal.h"
#include "runtime/object_merge.h"
#include "runtime/safepoint.h"
#include "runtime/wait_point.h"

enum { GROWTH = 10000, GROWTH_DIVISOR = 4, FREE_ALL_ROUNDS = 100 };
enum { WAIT_TURNS = 10, WAIT_TURN_NS = 1000000, ANNOUNCE_FREED = 256 };

/* ---- start and end --------------------------------------------------------------------------------- */

bool gc_start(Thread *th)
{
    struct GcState *gc = rt_calloc(1, sizeof *gc);
    if (gc == NULL) {
        return false;
    }
    th->rt->gc = gc;
    gc_list_init(&gc->zombies, 0);
    gc_list_init(&gc->pinned, 0);
    atomic_init(&gc->enabled, true);
    atomic_init(&gc->growth, GROWTH);
    atomic_init(&gc->look_live, GROWTH);
    atomic_init(&gc->wait_live, INT64_MAX);
    return gc_thread_started(th);
}

static void free_list(GcLink *list)
{
    while (!gc_list_empty(list)) {
        GcLink *l = gc_next(list);
        gc_list_remove(l);
        rt_free(l);
    }
}

void gc_stop(Runtime *rt)
{
    struct GcState *gc = rt->gc;
    if (gc == NULL) {
        return;
    }
    free_list(&gc->zombies);
    free_list(&gc->pinned);
    rt->main_thread->gc = NULL;
    for (GcHeap *h = atomic_load(&gc->heaps), *next; h != NULL; h = next) {
        next = h->next;
        rt_free(h);
    }
    for (size_t i = 0; i < GC_HEAPS_MAX / GC_CHUNK; i++) {
        rt_free(atomic_load(&gc->chunks[i]));
    }
    gc_table_free(gc);
    rt_free(gc);
    rt->gc = NULL;
}

/* ---- collecting ---------------------------------------------------------------------------------------- */

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void add_time(GcTimes *times, uint64_t ns)
{
    times->last_ns = ns;
    times->max_ns = ns > times->max_ns ? ns : times->max_ns;
    times->total_ns += ns;
}

/* By how much a heap of live objects may grow. */
static int64_t growth_of(struct GcState *gc, int64_t live)
{
    int64_t growth = atomic_load_explicit(&gc->growth, memory_order_relaxed);
    int64_t quarter = live / GROWTH_DIVISOR;
    return growth == 0 ? INT64_MAX / 4 : growth > quarter ? growth : quarter;
}

static void set_next_look(struct GcState *gc, int64_t live)
{
    int64_t growth = growth_of(gc, live);
    atomic_store_explicit(&gc->live_after, live, memory_order_relaxed);
    atomic_store_explicit(&gc->look_live, live + growth, memory_order_relaxed);
}

/* How far the others may go: live objects and garbage were found, of which freed objects are gone. */
static void set_wait(struct GcState *gc, const GcGarbage *g, uint64_t freed)
{
    int64_t growth = growth_of(gc, g->live);
    int64_t least = g->live + 2 * growth;
    int64_t found = g->live + (int64_t)(g->counted_count + g->deferred_count);
    int64_t most = found + growth - (int64_t)freed / 2;
    atomic_store_explicit(&gc->wait_live, most > least ? most : least, memory_order_relaxed);
}

/* It has freed all that it will. */
static void end_wait(struct GcState *gc)
{
    atomic_store_explicit(&gc->wait_live, INT64_MAX, memory_order_seq_cst);
    wait_wake(&gc->freed);
}

bool gc_must_wait(const Thread *th)
{
    struct GcState *gc = th->rt->gc;
    int64_t most = atomic_load_explicit(&gc->wait_live, memory_order_seq_cst);
    return most != INT64_MAX && gc_live(th->rt) >= most &&
           atomic_load_explicit(&gc->collector, memory_order_relaxed) != th->tid;
}

/* At a safepoint: until the collection has caught up, but not for long. */
static void wait_for_collector(Thread *th)
{
    struct GcState *gc = th->rt->gc;
    for (int i = 0; i < WAIT_TURNS && gc_must_wait(th); i++) {
        atomic_fetch_add_explicit(&gc->waits, 1, memory_order_relaxed);
        epoch_park(th);
        wait_begin(&gc->freed);
        uint32_t ticket = wait_ticket(&gc->freed);
        if (gc_must_wait(th)) {
            wait_sleep(&gc->freed, ticket, WAIT_TURN_NS);
        }
        wait_end(&gc->freed);
        epoch_unpark(th);
        gc_heap_drain(th->gc);
    }
}

static void clear_counted(Thread *th, GcGarbage *g)
{
    for (GcLink *l = gc_next(&g->counted); l != &g->counted; l = gc_next(l)) {
        Object *o = gc_object(l);
        const Type *type = rt_type_by_id(o->type_id);
        if (type->clear != NULL) {
            type->clear(th, o);
        }
    }
}

static void finalize_deferred(Thread *th, GcGarbage *g)
{
    for (GcLink *l = gc_next(&g->deferred); l != &g->deferred; l = gc_next(l)) {
        Object *o = gc_object(l);
        const Type *type = rt_type_by_id(o->type_id);
        o->gc |= GC_DYING;
        if (type->finalize != NULL) {
            type->finalize(th, o);
        }
    }
}

/* Lets go of each object. Those that something still refers to go back to the heap. */
static uint64_t drop_counted(Thread *th, GcGarbage *g)
{
    GcLink left;
    uint64_t count = 0, dropped = 0;
    gc_list_init(&left, th->gc->tag);
    while (!gc_list_empty(&g->counted)) {
        GcLink *l = gc_next(&g->counted);
        gc_list_remove(l);
        gc_list_add(&left, l);
        rt_decref(th, value_from_object(gc_object(l)));
        if (++dropped % ANNOUNCE_FREED == 0) {
            set_wait(th->rt->gc, g, dropped);
        }
    }
    while (!gc_list_empty(&left)) {
        GcLink *l = gc_next(&left);
        gc_list_remove(l);
        gc_list_add(&th->gc->objects, l);
        count++;
    }
    return count;
}

/* Whatever was retired before the pause may still refer to them, and is dropped first; if this
 * thread is dropping that right now, they wait for the next collection. If garbage that could not be cleared
 * does, they wait for the end. */
static void free_deferred(Thread *th, GcGarbage *g, bool referred_to)
{
    struct GcState *gc = th->rt->gc;
    while (!gc_list_empty(&g->deferred)) {
        GcLink *l = gc_next(&g->deferred);
        gc_list_remove(l);
        gc_heap_add_live(th->gc, -1);
        gc_list_add(referred_to ? &gc->pinned : &gc->zombies, l);
    }
    if (!gc_list_empty(&gc->zombies) && epoch_settle(th)) {
        free_list(&gc->zombies);
    }
}

/* th stands at a safepoint; gc->collecting is ours. */
static uint64_t collect(Thread *th, bool automatic, bool everything, uint64_t *uncollectable)
{
    struct GcState *gc = th->rt->gc;
    GcGarbage g;
    uint64_t asked = now_ns();
    world_stop(th);
    uint64_t stopped = now_ns();
    bool hidden = !epoch_take_over(th); /* their lists may name deferred objects */
    th->gc_hidden += hidden;
    gc_judge(th, &g, everything);
    th->gc_hidden -= hidden;
    uint64_t judged = now_ns();
    set_wait(gc, &g, 0);
    world_start(th);
    /* what was found lies in lists on this stack: no deferred object may be freed under it */
    clear_counted(th, &g);
    finalize_deferred(th, &g);
    uint64_t left = drop_counted(th, &g);
    free_deferred(th, &g, left != 0);
    end_wait(gc);
    set_next_look(gc, g.live + (int64_t)left);
    gc_heap_rest(th->gc, atomic_load(&gc->stress_every) != 0);
    gc_lock(gc);
    GcStats *s = &gc->stats;
    s->collections++;
    s->automatic += automatic;
    s->collected += g.counted_count + g.deferred_count;
    s->deferred += g.deferred_count;
    s->uncollectable += left;
    *uncollectable = left;
    s->live = (uint64_t)g.live + left;
    add_time(&s->stop, stopped - asked);
    add_time(&s->pause, judged - stopped);
    add_time(&s->clear, now_ns() - judged);
    gc_unlock(gc);
    return g.counted_count + g.deferred_count;
}

/* false: one is running. */
static bool collect_begin(Thread *th)
{
    struct GcState *gc = th->rt->gc;
    bool running = false;
    if (!atomic_compare_exchange_strong_explicit(&gc->collecting, &running, true,
                                                 memory_order_acq_rel, memory_order_relaxed)) {
        return false;
    }
    atomic_store_explicit(&gc->collector, th->tid, memory_order_relaxed);
    return true;
}

/* Begins as another thread's collection ends. false: it is this thread's own that runs. */
static bool collect_begin_after_others(Thread *th)
{
    struct GcState *gc = th->rt->gc;
    while (!collect_begin(th)) {
        if (atomic_load_explicit(&gc->collector, memory_order_relaxed) == th->tid) {
            return false;
        }
        epoch_park(th);
        wait_begin(&gc->freed);
        uint32_t ticket = wait_ticket(&gc->freed);
        if (atomic_load_explicit(&gc->collecting, memory_order_seq_cst)) {
            wait_sleep(&gc->freed, ticket, WAIT_TURN_NS);
        }
        wait_end(&gc->freed);
        epoch_unpark(th);
    }
    return true;
}

/* Begun already. */
static uint64_t collect_all(Thread *th, bool automatic, bool everything)
{
    struct GcState *gc = th->rt->gc;
    if (!everything) {
        gc_call_back(th, "start", 0, 0);
    }
    uint64_t uncollectable = 0, n = collect(th, automatic, everything, &uncollectable);
    if (!everything) {
        gc_call_back(th, "stop", n, uncollectable);
    }
    atomic_store_explicit(&gc->collecting, false, memory_order_seq_cst);
    wait_wake(&gc->freed);
    return n;
}

uint64_t gc_collect(Thread *th)
{
    /* what was removed from shared objects before is to count as removed, whoever has it to drop */
    world_stop(th);
    epoch_take_over(th);
    world_start(th);
    epoch_settle(th);
    thread_drain_merges(th);
    return collect_begin_after_others(th) ? collect_all(th, false, false) : 0;
}

void gc_poll(Thread *th)
{
    struct GcState *gc = th->rt->gc;
    gc_heap_drain(th->gc);
    gc_drain_parked(th); /* what is freed already needs no collection */
    bool due = atomic_load_explicit(&gc->stress_every, memory_order_relaxed) != 0 ||
               gc_live(th->rt) >= atomic_load_explicit(&gc->look_live, memory_order_relaxed);
    if (due && atomic_load_explicit(&gc->enabled, memory_order_relaxed)) {
        if (collect_begin(th)) {
            collect_all(th, true, false);
        }
    }
    wait_for_collector(th);
}

void gc_free_all(Thread *th)
{
    if (th->gc == NULL) {
        return; /* there was no memory to start */
    }
    Value callbacks = th->rt->gc->callbacks;
    th->rt->gc->callbacks = VALUE_ABSENT;
    rt_xdecref(th, callbacks);
    for (int i = 0; i < FREE_ALL_ROUNDS && collect_begin(th) && collect_all(th, false, true) != 0;
         i++) {
    }
}

void gc_defer(Thread *th, Object *o)
{
    assert((o->flags & OBJECT_GC) != 0 && o->local == 1);
    if ((o->flags & OBJECT_PRIVATE) != 0) {
        rt_publish(th, o);
    }
    o->flags |= OBJECT_DEFERRED;
    atomic_store_explicit(&o->shared, 0, memory_order_relaxed); /* gc_hold counts here */
    rt_make_immortal(o);
}

/* ---- settings ------------------------------------------------------------------------------------------- */

bool gc_enabled(const Runtime *rt)
{
    return atomic_load_explicit(&rt->gc->enabled, memory_order_relaxed);
}
void gc_enable(Runtime *rt, bool on)
{
    atomic_store_explicit(&rt->gc->enabled, on, memory_order_relaxed);
}
void gc_set_growth(Runtime *rt, int64_t growth)
{
    atomic_store_explicit(&rt->gc->growth, growth, memory_order_relaxed);
    set_next_look(rt->gc, atomic_load_explicit(&rt->gc->live_after, memory_order_relaxed));
}
void gc_set_stress(Thread *th, uint32_t every)
{
    atomic_store_explicit(&th->rt->gc->stress_every, every, memory_order_relaxed);
    th->gc->look_at = every != 0 ? 0 : th->gc->look_at;
}

void gc_stats(Runtime *rt, GcStats *out)
{
    gc_lock(rt->gc);
    *out = rt->gc->stats;
    gc_unlock(rt->gc);
}

char *gc_stats_text(Runtime *rt)
{
    GcStats s;
    gc_stats(rt, &s);
    enum { SIZE = 600 };
    char *text = rt_malloc(SIZE);
    if (text == NULL) {
        return NULL;
    }
    int n = snprintf(text, SIZE,
                     "collections: %llu (%llu of them automatic), found: %llu (%llu deferred), "
                     "uncollectable: %llu, tracked: %lld\n",
                     (unsigned long long)s.collections, (unsigned long long)s.automatic,
                     (unsigned long long)s.collected, (unsigned long long)s.deferred,
                     (unsigned long long)s.uncollectable, (long long)gc_live(rt));
    const struct {
        const char *name;
        const GcTimes *times;
    } rows[] = {{"stop", &s.stop}, {"pause", &s.pause}, {"clear", &s.clear}};
    for (int i = 0; i < 3; i++) {
        n += snprintf(text + n, SIZE - (size_t)n, "%s: last %.3f ms, max %.3f ms, all %.3f ms\n",
                      rows[i].name, (double)rows[i].times->last_ns / 1e6,
                      (double)rows[i].times->max_ns / 1e6, (double)rows[i].times->total_ns / 1e6);
    }
    return text;
}
