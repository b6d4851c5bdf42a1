/*
 * Gc: finding cycles of objects that counts alone cannot free, and deferred objects that nobody uses.
 *
 * Every object of a type with TYPE_FLAG_GC has OBJECT_GC and a GcLink in the 16 bytes before its header,
 * which links it into the GcHeap of the thread that made it (its home).  Only the home's owner links and
 * unlinks, so neither needs an atomic; an object that another thread frees is pushed on the home's list
 * of foreign frees, which the owner empties at safepoints and now and then when it allocates.  The heap
 * of a thread that has ended is an orphan: whoever frees into it empties its list, and a thread that
 * starts adopts it.
 *
 * Deferred objects (OBJECT_DEFERRED, owner OWNER_IMMORTAL) are counted by nobody: modules, code, and
 * functions made at module or class level without free variables.  They live as long as the collector
 * finds them: from counted objects that are alive, from the words of all value stacks and C stacks (by
 * their look: every word that is the address of a deferred object counts as a reference) and from
 * what hooks.visit_roots names.  So:
 *
 *   C that keeps references to arbitrary values in memory that is neither an object nor a stack, across
 *   anything that may come to a safepoint, says so for that time: gc_hide, gc_unhide.  While any
 *   thread hides something no deferred object is freed.  For longer: gc_hold, gc_release.
 *
 * A collection happens at a safepoint, never inside an allocation:
 *
 *   stop the world
 *     1. references that come from within the heaps are subtracted from the counts
 *     2. what has references left, and what the roots of deferred objects name, is alive, and what
 *        that reaches
 *     3. the rest is garbage: it is unlinked, made private to the collecting thread and held
 *   start the world
 *     4. Type.clear of each garbage object, then each is let go: counts free them
 *
 * Threads: stated per function.
 */
#ifndef ADDER_RUNTIME_GC_H
#define ADDER_RUNTIME_GC_H

#include "runtime/thread.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GC_FAKE_STACK 1 /* locals of instrumented functions lie elsewhere */
void *__asan_get_current_fake_stack(void);
void *__asan_addr_is_in_fake_stack(void *fake_stack, void *addr, void **beg, void **end);
#endif
#endif
static inline void gc_note_fake_stack(Thread *th)
{
#ifdef GC_FAKE_STACK
    th->c_fake_stack = __asan_get_current_fake_stack();
#else
    (void)th;
#endif
}

/* ---- what the collector has done, in nanoseconds and objects ------------------------------------- */

typedef struct GcTimes {
    uint64_t last_ns, max_ns, total_ns;
} GcTimes;

typedef struct GcStats {
    uint64_t collections; /* all; automatic ones among them: */
    uint64_t automatic;
    uint64_t collected;     /* garbage objects found */
    uint64_t uncollectable; /* of these, still referenced after all were cleared */
    uint64_t deferred;      /* of those collected, deferred ones */
    uint64_t live;          /* tracked objects when the last collection ended */
    GcTimes stop;           /* from asking the world to stop until it stood */
    GcTimes pause;          /* from there until it went on */
    GcTimes clear;          /* clearing and freeing, outside of the pause */
} GcStats;

/* ---- start and end ------------------------------------------------------------------------------------ */

/* fails: false (out of memory, no exception). threads: the first, before it makes an object. */
bool gc_start(Thread *th);
/* Frees all cycles and all deferred objects; no frame is active and rt holds no module. may: run
 * finalizers. threads: the last. */
void gc_free_all(Thread *th);
/* Frees the heaps themselves, when the last object is gone. */
void gc_stop(Runtime *rt);
/* A heap for a thread that is being attached; and back again. fails: false (out of memory). */
bool gc_thread_started(Thread *th);
void gc_thread_ended(Thread *th);

/* ---- collecting ----------------------------------------------------------------------------------------- */

/* At a safepoint, for POLL_GC: empties the thread's list of foreign frees, and collects if there is
 * enough new; waits a little where another thread's collection has fallen behind. may: wait, run
 * finalizers. */
void gc_poll(Thread *th);
/* Empties the lists of foreign frees of threads that are parked, which cannot. threads: running. */
void gc_drain_parked(Thread *th);
/* Collects now. Returns the number of unreachable objects; 0 also when another thread collects or
 * this one does already. may: wait, run finalizers. */
uint64_t gc_collect(Thread *th);
/* May a collection free deferred objects? Not between these two (they nest). threads: own. */
static inline void gc_hide(Thread *th) { th->gc_hidden++; }
static inline void gc_unhide(Thread *th) { th->gc_hidden--; }
/* Notes where this thread's C stack ends and what its registers hold, which a collection by another thread
 * will look at: when it parks, and when it waits in a stopped world. */
static inline void gc_note_stack(Thread *th)
{
    th->c_stack_at = (uintptr_t)__builtin_frame_address(0);
#ifdef __x86_64__
    uintptr_t *r = th->c_registers;
    __asm__ volatile("movq %%rsp, %0\n\tmovq %%rbx, %1\n\tmovq %%rbp, %2\n\tmovq %%r12, %3\n\t"
                     "movq %%r13, %4\n\tmovq %%r14, %5\n\tmovq %%r15, %6"
                     : "=m"(th->c_stack_at), "=m"(r[0]), "=m"(r[1]), "=m"(r[2]), "=m"(r[3]),
                       "=m"(r[4]), "=m"(r[5]));
#else
#error "which registers does a callee preserve here?"
#endif
    gc_note_fake_stack(th);
}
/* For hooks.visit_roots: visits each deferred object whose address is a word in [from, to). */
void gc_scan_words(Thread *th, const void *from, const void *to, VisitFn visit, void *arg);
/* A reference from memory that is no object and lasts (constants of traces, jobs of threads): keeps v, if it is
 * deferred, until gc_release. Beside a counted reference, which does nothing for deferred objects. threads: any. */
static inline void gc_hold(Value v)
{
    if (value_is_object(v) && (value_object(v)->flags & OBJECT_DEFERRED) != 0) {
        atomic_fetch_add_explicit(&value_object(v)->shared, 1u << 2, memory_order_relaxed);
    }
}
static inline void gc_release(Value v)
{
    if (value_is_object(v) && (value_object(v)->flags & OBJECT_DEFERRED) != 0) {
        atomic_fetch_sub_explicit(&value_object(v)->shared, 1u << 2, memory_order_release);
    }
}
/* Makes a new object deferred: nobody counts it from now on; it is published. threads: the one that made
 * it, before any other knows it. */
void gc_defer(Thread *th, Object *o);

/* ---- settings and looking (module gc) ------------------------------------------------------------- */

bool gc_enabled(const Runtime *rt);
void gc_enable(Runtime *rt, bool on);
/* growth: new objects that make a collection worth while, at least; 0: none is automatic. */
void gc_set_growth(Runtime *rt, int64_t growth);
/* Stress: every n-th object that this thread makes asks for a collection; 0: off. */
void gc_set_stress(Thread *th, uint32_t every);
void gc_stats(Runtime *rt, GcStats *out);
/* Lines of text of gc_stats. owns: rt_malloc'ed; NULL: out of memory. */
char *gc_stats_text(Runtime *rt);
/* Objects linked in all heaps now; not exact while other threads run. */
int64_t gc_live(Runtime *rt);
/* New since the last collection, in all heaps. */
int64_t gc_new(Runtime *rt);

/* A list of all tracked objects but those for which keep says no. keep runs in a stopped world.
 * owns: new. fails: absent, MemoryError set. */
typedef bool (*GcKeepFn)(Object *o, void *arg);
Value gc_list(Thread *th, GcKeepFn keep, void *arg);
/* A list of what the objects refer to. owns: new. */
Value gc_referents(Thread *th, const Value *objects, uint32_t count);
static inline bool gc_is_tracked(Value v)
{
    return value_is_object(v) && (value_object(v)->flags & OBJECT_GC) != 0;
}

#endif
