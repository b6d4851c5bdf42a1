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
 * poll latency); recording (every entry calls jit->step, then the normal handler).  Stores to
 * lists and globals below are those of a process with one thread: more threads need a table whose
 * store handlers take the lock (DESIGN 3); rt_thread_attach is not reachable from Python yet.
 *
 * Threads: a call of vm_enter belongs to its thread.
 */
#include "interp/vm_internal.h"
#include "runtime/dict_table.h"
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

/* A new reference; what another thread owns is left to the cold handler. A register holds each
 * reference, and 64 MiB of registers cannot overflow the count. */
#define INCREF_OR(v, cold)                                  \
    do {                                                    \
        if (IS_OBJECT(v)) {                                 \
            Object *incref_o = value_object(v);             \
            if (LIKELY(incref_o->owner == TID)) {           \
                incref_o->local++;                          \
            } else if (incref_o->owner != OWNER_IMMORTAL) { \
                COLD(cold);                                 \
            }                                               \
        }                                                   \
    } while (0)
/* Drops a reference; the last one, and what another thread owns, go to the cold handler in temp. */
#define DROP_OR(v, cold)                                             \
    do {                                                             \
        if (IS_OBJECT(v)) {                                          \
            Object *drop_o = value_object(v);                        \
            if (LIKELY(drop_o->owner == TID && drop_o->local > 1)) { \
                drop_o->local--;                                     \
            } else if (drop_o->owner != OWNER_IMMORTAL) {            \
                th->temp = (v);                                      \
                COLD(cold);                                          \
            }                                                        \
        }                                                            \
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

/* The function in fp[-3] and in a call's base. Counted now; once many threads call one function, a
 * deferred function is not counted here, and LOAD_GLOBAL lends it. */
#define FUNCTION_DROP_OR(v, cold) DROP_OR(v, cold)

/* Handlers that are tail-called and not in the table. */
// clang-format off
#define COLD_LIST(X) X(slow) X(drop_next) X(drop_jump) X(drop_here) X(raise) X(poll) X(hot)         \
    X(hot_entry) X(call) X(return_slow)
// clang-format on

/* The count of a loop that has just been reported as hot. */

#pragma clang diagnostic ignored "-Wunused-parameter" /* every handler has all the registers */

#ifdef ADDER_DISPATCH_SWITCH
#include "interp/eval_switch.h"
#else
#include "interp/eval_tail.h"
#endif
