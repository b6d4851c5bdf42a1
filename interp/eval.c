/*
 * Eval: tier 1's handlers, their dispatch tables, and the way in from C.
 *
 * Tail dispatch (default): each handler is a preserve_none function of 7 register arguments that
 * ends in a tail call through the table it was given; hot state never leaves registers.  Switch
 * dispatch (meson option, sanitizers without tail calls): the same bodies are cases of one switch.
 * The words that the bodies use are defined here for both; what they do is in handlers_*.h.
 *
 * Fast paths call nothing: a non-tail call would put a push and a pop on them.  What is rare, or
 * needs C, is a cold handler that is tail-called with pc still at the bytecode; nearly all of them
 * are `slow`, which runs the bytecode whole through slow_functions[].
 *
 * Tables: plain; counting (with a JIT: back edges and calls count down hot[], which also is their
 * poll latency); recording (every entry calls jit->step, then the normal handler).
 *
 * Plain and counting exist twice, from the same source.  MANY is 0 in the handlers of a thread that
 * is alone (Thread.alone): shared memory is its own.  It is 1 in those of a thread that others run
 * beside: they read shared memory without locks (acquire; an index is checked against the table that
 * was loaded, an absent slot has gone), write it only through slow functions, which lock, and count
 * what another thread owns with atomics.  Private objects (OBJECT_PRIVATE) they treat as their own.
 * hooks.alone_changed stores the other table into Thread.dispatch.  That happens only in C that polls
 * or waits; so after every call of C a handler goes on with a _RELOAD form, and every other dispatch
 * asserts that the table in its register is the one in force.
 *
 * Threads: a call of vm_enter belongs to its thread.
 */
#include <assert.h>

#include "interp/vm_internal.h"
#include "runtime/dict_table.h"
#include "runtime/object_merge.h"
#include "runtime/stats.h"
#include "runtime/thread_offsets.h"

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

const Insn vm_halt_insn[1] = {{BC_HALT, 0, 0, 0}};

/* ---- words of the handlers, the same for every dispatch ---------------------------------------- */
#define RA fp[pc->a]
#define RB fp[pc->b]
#define RC fp[pc->c]
#define KB insn_constant(pc, pc->b)
#define KC insn_constant(pc, pc->c)
#define UNTAG (D1 << 1)      /* v + UNTAG: the number of a small int */
#define INT_ZERO (T + UNTAG) /* VALUE_INT_BASE */
#define SIGNED(x) ((int64_t)(int16_t)(x))
#define IMMEDIATE(x) ((Value)SIGNED(x) + INT_ZERO)
#define TAG(x) ((Value)(x) + INT_ZERO)
#define NUMBER(v) ((int64_t)((v) + UNTAG))
#define DECODE(v) double_from_bits((v) - D1) /* NaN for all that are no doubles */
#define ENCODE(d) (bits_from_double(d) + D1)
#define TO_DOUBLE(v) \
    ((v) >= T ? (double)NUMBER(v) : DECODE(v)) /* NaN for all that are no numbers */
#define BOTH_INTS(a, b) (((a) & (b)) >= T)
#define IS_OBJECT(v) ((v) < D1) /* registers never hold VALUE_ABSENT */

#define OWNER(o) (MANY ? object_owner(o) : (o)->owner)

/* Counts of what another thread owns, in `shared`: atomically, unless this thread is alone. */
static inline __attribute__((always_inline)) void incref_other(Object *o, bool many)
{
    if (many) {
        STAT_COUNT(INCREF);
        /* relaxed: as rt_incref_slow */
        atomic_fetch_add_explicit(&o->shared, SHARED_ONE, memory_order_relaxed);
    } else {
        uint32_t old = atomic_load_explicit(&o->shared, memory_order_relaxed);
        atomic_store_explicit(&o->shared, old + SHARED_ONE, memory_order_relaxed);
    }
}
/* false: nothing was done, because more than counting is to be done (decref_shared in object.c). */
static inline __attribute__((always_inline)) bool decref_other(Object *o, bool many)
{
    uint32_t old = atomic_load_explicit(&o->shared, memory_order_relaxed);
    uint32_t next = old - SHARED_ONE;
    if (UNLIKELY((int32_t)next < 0 || next == SHARED_MERGED)) {
        return false;
    }
    if (!many) {
        atomic_store_explicit(&o->shared, next, memory_order_relaxed);
        return true;
    }
    STAT_COUNT(DECREF);
    return atomic_compare_exchange_strong_explicit(&o->shared, &old, next, memory_order_acq_rel,
                                                   memory_order_relaxed);
}

/* A new reference. A register holds each, and 64 MiB of registers cannot overflow a count. */
#define INCREF(v)                                           \
    do {                                                    \
        if (IS_OBJECT(v)) {                                 \
            Object *incref_o = value_object(v);             \
            if (LIKELY(OWNER(incref_o) == TID)) {           \
                incref_o->local++;                          \
            } else if (OWNER(incref_o) != OWNER_IMMORTAL) { \
                incref_other(incref_o, MANY);               \
            }                                               \
        }                                                   \
    } while (0)
/* Drops a reference; the last one goes to the cold handler in temp. */
#define DROP_OR(v, cold)                                                                  \
    do {                                                                                  \
        if (IS_OBJECT(v)) {                                                               \
            Object *drop_o = value_object(v);                                             \
            if (LIKELY(OWNER(drop_o) == TID && drop_o->local > 1)) {                      \
                drop_o->local--;                                                          \
            } else if (OWNER(drop_o) != OWNER_IMMORTAL &&                                 \
                       (OWNER(drop_o) == TID || UNLIKELY(!decref_other(drop_o, MANY)))) { \
                th->temp = (v);                                                           \
                COLD(cold);                                                               \
            }                                                                             \
        }                                                                                 \
    } while (0)
/* Destinations: SET_D a local that gets a number, SET_T a temporary. */
#define SET_D(v)                            \
    do {                                    \
        Value set_old = RA;                 \
        RA = (v);                           \
        if (UNLIKELY(IS_OBJECT(set_old))) { \
            th->temp = set_old;             \
            COLD(drop_next);                \
        }                                   \
    } while (0)
#define SET_T(v) (RA = (v))
/* As SET_D for values that are often objects. */
#define SET_OBJECT_D(v)              \
    do {                             \
        Value set_old = RA;          \
        RA = (v);                    \
        DROP_OR(set_old, drop_next); \
    } while (0)
#define SET_OBJECT_T(v) (RA = (v))
#define IS_TEMP(reg) UNLIKELY((reg) >= frame_function(fp)->local_count)

/* Takes the lock of o, which others know, if it is free; `lock` holds 0 before. */
#define LOCK_FREE(o, lock)                                                          \
    (STAT_COUNT(OBJECT_LOCK),                                                       \
     LIKELY(atomic_compare_exchange_strong_explicit(&(o)->lock, &(lock), LOCK_HELD, \
                                                    memory_order_acquire, memory_order_relaxed)))
/* Unlocks o, which is vm's locked_object; what has been removed from it is retired. */
#define UNLOCK_RETIRE(o, lock, removed)                                             \
    STAT_COUNT(OBJECT_UNLOCK);                                                      \
    STAT_COUNT(SLOT);                                                               \
    lock = LOCK_HELD;                                                               \
    if (UNLIKELY(!atomic_compare_exchange_strong_explicit(&(o)->lock, &(lock), 0,   \
                                                          memory_order_release,     \
                                                          memory_order_relaxed))) { \
        th->temp = (removed);                                                       \
        COLD(unlock_retire);                                                        \
    }                                                                               \
    if (IS_OBJECT(removed)) {                                                       \
        th->temp = (removed);                                                       \
        COLD(retire_next);                                                          \
    }

/* Handlers that are tail-called and not in the table. */
// clang-format off
#define COLD_LIST(X) X(slow) X(drop_next) X(drop_two) X(drop_jump) X(drop_here) X(unlock_slow) X(unlock_retire) X(retire_next) X(raise) X(poll) X(hot)         \
    X(hot_entry) X(call) X(return_slow)
// clang-format on

/* Does this thread count for a JIT? */
static inline bool vm_counts(const Thread *th)
{
    return thread_vm(th)->config.jit != NULL && th->jit != NULL;
}
bool vm_dispatch_fits(const Thread *th, const void *dispatch)
{
    return dispatch == vm_dispatch_recording() || dispatch == vm_dispatch_normal(th);
}

#pragma clang diagnostic ignored "-Wunused-parameter" /* every handler has all the registers */

#ifdef ADDER_DISPATCH_SWITCH
#include "interp/eval_switch.h"
#else
#include "interp/eval_tail.h"
#endif
