/*
 * Object: the slow halves of biased reference counting, deallocation without deep recursion, and
 * publishing of private objects.
 *
 * Counting (PEP 703).  The owner counts in `local`; everybody else in `shared` = count << 2 | state.
 * A thread may drop a reference that another one took, so the shared count may fall below zero: then
 * the object is queued at its owner (state QUEUED), which merges: it adds `local` into `shared`,
 * gives up ownership (owner = OWNER_NONE, state MERGED), and from then on `shared` alone counts.
 *
 *     DEFAULT --count falls below 0, rt_decref_slow--> QUEUED --object_fold--> MERGED
 *     DEFAULT --local falls to 0 while shared != 0, rt_decref_slow------------> MERGED
 *     MERGED with count 0 --> rt_dealloc
 *
 * Words of an object that nobody counts any more, or that only its owner knows, serve as links: a
 * dead object is linked through local+shared, a private one that waits for publication through
 * shared, lock and the upper bits of local (all unused then).  So neither list needs memory.
 *
 * Threads: any.  Only the owner writes owner, local and flags.
 */
#include "runtime/object.h"

#include <assert.h>

#include "runtime/gc_internal.h"
#include "runtime/memory.h"
#include "runtime/object_merge.h"
#include "runtime/stats.h"
#include "runtime/thread.h"

enum { DEALLOC_DEPTH_MAX = 50 };

static int32_t shared_count(uint32_t shared) { return (int32_t)shared >> SHARED_SHIFT; }
static uint32_t shared_state(uint32_t shared) { return shared & SHARED_STATE_MASK; }

void rt_make_immortal(Object *o) { __atomic_store_n(&o->owner, OWNER_IMMORTAL, __ATOMIC_RELAXED); }

void rt_incref_slow(Object *o)
{
    uint32_t owner = object_owner(o);
    if (owner == OWNER_IMMORTAL) {
        return;
    }
    if (owner == rt_thread_current()->tid) { /* local has reached OBJECT_LOCAL_MAX */
        rt_make_immortal(o);
        return;
    }
    STAT_COUNT(INCREF);
    /* relaxed: who takes a reference has one already, or is protected by its epoch */
    uint32_t old = atomic_fetch_add_explicit(&o->shared, SHARED_ONE, memory_order_relaxed);
    if (shared_count(old) >= (int32_t)OBJECT_LOCAL_MAX) {
        rt_make_immortal(o);
    }
}

void rt_incref_many(Thread *th, Value v, uint64_t count)
{
    if (!value_is_object(v) || count == 0) {
        return;
    }
    Object *o = value_object(v);
    uint32_t owner = object_owner(o);
    if (owner == OWNER_IMMORTAL) {
        return;
    }
    if (owner == th->tid) {
        if (count >= OBJECT_LOCAL_MAX - o->local) {
            rt_make_immortal(o);
        } else {
            o->local += (uint32_t)count;
        }
        return;
    }
    STAT_COUNT(INCREF);
    if (count >= OBJECT_LOCAL_MAX ||
        shared_count(atomic_fetch_add_explicit(&o->shared, (uint32_t)count << SHARED_SHIFT,
                                               memory_order_relaxed)) >=
            (int32_t)OBJECT_LOCAL_MAX) {
        rt_make_immortal(o);
    }
}

/* The owner has dropped its last reference: dead, or merged. */
static void local_gone(Thread *th, Object *o)
{
    uint32_t shared = atomic_load_explicit(&o->shared, memory_order_acquire);
    if (shared == 0) {
        rt_dealloc(th, o); /* no other thread has ever counted, and none has a reference now */
        return;
    }
    if (shared_state(shared) == SHARED_QUEUED) {
        return; /* in our own merge queue, which holds it: object_fold finds local == 0 */
    }
    __atomic_store_n(&o->owner, OWNER_NONE, __ATOMIC_RELAXED);
    uint32_t merged;
    do {
        merged = (shared & ~SHARED_STATE_MASK) | SHARED_MERGED;
        /* release: pairs with the acquire of the thread that drops the last reference */
    } while (!atomic_compare_exchange_weak_explicit(&o->shared, &shared, merged,
                                                    memory_order_acq_rel, memory_order_acquire));
    if (shared_count(merged) == 0) {
        rt_dealloc(th, o);
    }
}

bool object_fold(Object *o)
{
    if (object_owner(o) == OWNER_IMMORTAL) {
        object_unqueue(o);
        return false;
    }
    int32_t local = (int32_t)o->local;
    uint32_t shared = atomic_load_explicit(&o->shared, memory_order_acquire);
    assert(shared_state(shared) == SHARED_QUEUED);
    o->local = 0;
    __atomic_store_n(&o->owner, OWNER_NONE, __ATOMIC_RELAXED);
    uint32_t merged;
    do {
        merged = (uint32_t)(shared_count(shared) + local) << SHARED_SHIFT | SHARED_MERGED;
    } while (!atomic_compare_exchange_weak_explicit(&o->shared, &shared, merged,
                                                    memory_order_acq_rel, memory_order_acquire));
    return shared_count(merged) == 0;
}

bool object_queue(Object *o)
{
    uint32_t shared = atomic_load_explicit(&o->shared, memory_order_relaxed);
    while (shared_state(shared) == SHARED_DEFAULT) {
        if (atomic_compare_exchange_weak_explicit(&o->shared, &shared, shared | SHARED_QUEUED,
                                                  memory_order_acq_rel, memory_order_relaxed)) {
            return true;
        }
    }
    return false;
}

void object_unqueue(Object *o)
{
    uint32_t shared = atomic_load_explicit(&o->shared, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&o->shared, &shared, shared & ~SHARED_STATE_MASK,
                                                  memory_order_relaxed, memory_order_relaxed)) {
    }
}

static void decref_shared(Thread *th, Object *o)
{
    STAT_COUNT(DECREF);
    uint32_t old = atomic_load_explicit(&o->shared, memory_order_relaxed);
    uint32_t next;
    do {
        next = old - SHARED_ONE;
        if (shared_state(old) == SHARED_DEFAULT && shared_count(next) < 0) {
            next |= SHARED_QUEUED;
        }
        /* release: our use of o comes before the free; acquire: so do the others' */
    } while (!atomic_compare_exchange_weak_explicit(&o->shared, &old, next, memory_order_acq_rel,
                                                    memory_order_relaxed));
    if (shared_state(next) == SHARED_QUEUED && shared_state(old) == SHARED_DEFAULT) {
        thread_queue_merge(th, object_owner(o), o);
    } else if (next == SHARED_MERGED) {
        rt_dealloc(th, o);
    }
}

void rt_decref_slow(Thread *th, Object *o)
{
    uint32_t owner = object_owner(o);
    if (owner == OWNER_IMMORTAL) {
        return;
    }
    if (owner != th->tid) {
        decref_shared(th, o);
        return;
    }
    assert(o->local > 0);
    if (--o->local == 0) {
        local_gone(th, o);
    }
}

void object_dead_link(Object *o, Object *next)
{
    memcpy((char *)o + offsetof(Object, local), &next, sizeof next);
}
Object *object_dead_next(const Object *o)
{
    Object *next;
    memcpy(&next, (const char *)o + offsetof(Object, local), sizeof next);
    return next;
}

static void finalize_and_free(Thread *th, Object *o)
{
    Type *type = rt_type_by_id(o->type_id);
    if (type->finalize != NULL) {
        type->finalize(th, o);
    }
    rt_object_free(th, o);
}

void rt_dealloc(Thread *th, Object *o)
{
    o->gc |= GC_DYING;
    if (th->dealloc_depth >= DEALLOC_DEPTH_MAX) {
        object_dead_link(o, th->dealloc_list);
        th->dealloc_list = o;
        return;
    }
    th->dealloc_depth++;
    finalize_and_free(th, o);
    if (th->dealloc_depth == 1) {
        while (th->dealloc_list != NULL) {
            Object *next = th->dealloc_list;
            th->dealloc_list = object_dead_next(next);
            finalize_and_free(th, next);
        }
    }
    th->dealloc_depth--;
}

/* Link of a private object on the publishing stack. Objects are 16-aligned below 2^47: 43 bits, of
 * which shared takes 32, lock 8, and the bits above any count in local the last 3. */
enum { LINK_SHIFT = 4, LINK_LOCAL_SHIFT = 29 };
#define LINK_LOCAL_MASK (~0u << LINK_LOCAL_SHIFT)
_Static_assert(OBJECT_LOCAL_MAX < 1u << LINK_LOCAL_SHIFT, "a link and a count in one word");

static void private_link(Object *o, const Object *next)
{
    uint64_t bits = (uint64_t)(uintptr_t)next >> LINK_SHIFT;
    assert(((uintptr_t)next & 15) == 0 && bits >> 43 == 0);
    atomic_store_explicit(&o->shared, (uint32_t)bits, memory_order_relaxed);
    atomic_store_explicit(&o->lock, (uint8_t)(bits >> 32), memory_order_relaxed);
    o->local = (o->local & ~LINK_LOCAL_MASK) | (uint32_t)(bits >> 40) << LINK_LOCAL_SHIFT;
}
static Object *private_next(const Object *o)
{
    uint64_t bits = atomic_load_explicit(&o->shared, memory_order_relaxed) |
                    (uint64_t)atomic_load_explicit(&o->lock, memory_order_relaxed) << 32 |
                    (uint64_t)(o->local >> LINK_LOCAL_SHIFT) << 40;
    return (Object *)(uintptr_t)(bits << LINK_SHIFT);
}

/* A private object has shared == 0 and lock == 0: only its owner knows it. */
static void push_private(Object *o, void *stack)
{
    Object **top = stack;
    if ((o->flags & OBJECT_PRIVATE) == 0) {
        return;
    }
    assert(atomic_load_explicit(&o->shared, memory_order_relaxed) == 0);
    assert(atomic_load_explicit(&o->lock, memory_order_relaxed) == 0);
    o->flags = (uint16_t)(o->flags & ~OBJECT_PRIVATE);
    private_link(o, *top);
    *top = o;
}

static void publish_stack(Object *top)
{
    while (top != NULL) {
        Object *next = top;
        top = private_next(next);
        private_link(next, NULL);
        Type *type = rt_type_by_id(next->type_id);
        if (type->traverse != NULL) {
            type->traverse(next, push_private, &top);
        }
    }
}

void rt_publish(Thread *th, Object *o)
{
    assert(o->owner == th->tid || o->owner == OWNER_IMMORTAL);
    (void)th;
    Object *top = NULL;
    push_private(o, &top);
    publish_stack(top);
}

void rt_publish_stopped(Object *o)
{
    Object *top = NULL;
    push_private(o, &top);
    publish_stack(top);
}

/* The objects that a check has met: a set by address, and a stack of those to look into. */
typedef struct PublishedCheck {
    Object **met;   /* open addressing, NULL: free */
    Object **stack; /* of the same capacity */
    size_t capacity, count, depth;
    Object *wrong;
    bool failed; /* no memory */
} PublishedCheck;

static bool check_met(PublishedCheck *c, Object *o)
{
    size_t i = ((uintptr_t)o >> LINK_SHIFT) * 0x9E3779B97F4A7C15u & (c->capacity - 1);
    for (; c->met[i] != NULL; i = (i + 1) & (c->capacity - 1)) {
        if (c->met[i] == o) {
            return true;
        }
    }
    c->met[i] = o;
    c->count++;
    return false;
}

static void check_grow(PublishedCheck *c)
{
    size_t old = c->capacity, capacity = old == 0 ? 64 : old * 2;
    Object **met = rt_calloc(capacity, sizeof *met);
    Object **stack = rt_realloc(c->stack, capacity * sizeof *stack);
    c->stack = stack != NULL ? stack : c->stack;
    if (met == NULL || stack == NULL) {
        rt_free(met);
        c->failed = true;
        return;
    }
    Object **from = c->met;
    c->met = met;
    c->capacity = capacity;
    c->count = 0;
    for (size_t i = 0; i < old; i++) {
        if (from[i] != NULL) {
            check_met(c, from[i]);
        }
    }
    rt_free(from);
}

static void check_visit(Object *o, void *arg)
{
    PublishedCheck *c = arg;
    if ((c->count + 1) * 2 > c->capacity) {
        check_grow(c);
    }
    if (c->failed || c->wrong != NULL || check_met(c, o)) {
        return;
    }
    if ((o->flags & OBJECT_PRIVATE) != 0) {
        c->wrong = o;
        return;
    }
    c->stack[c->depth++] = o;
}

const Object *rt_check_published(const Object *o)
{
    PublishedCheck c = {0};
    check_visit((Object *)(uintptr_t)o, &c);
    while (c.depth > 0 && !c.failed && c.wrong == NULL) {
        Object *next = c.stack[--c.depth];
        const Type *type = rt_type_by_id(next->type_id);
        if (type->traverse != NULL) {
            type->traverse(next, check_visit, &c);
        }
    }
    rt_free(c.met);
    rt_free(c.stack);
    return c.wrong;
}
