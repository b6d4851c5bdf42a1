/*
 * State of the JIT (internal): what the process has once (Jit) and what each thread has (JitThread).
 *
 * Shared, under the JIT lock (jit_lock): numbering traces, code memory, publication, attaching, retiring,
 * the list of threads, observers.  Without it, by atomics: looking up traces by number, heads, and the
 * traces of a code; what recordings have learnt (failures, skip: hints, relaxed, an update may be lost).
 *
 * The lock is never held while Python runs, while a bytecode is recorded, or by a thread that is parked;
 * who waits for it is parked.  It is a leaf: no other lock is taken under it but the allocator's.
 *
 * Forms.  Each place has a trace for a thread that is alone and one that is valid with others (`shared`);
 * links, calls and side traces stay within a form.  Which one a thread enters or records is jit_form().
 *
 * Threads: stated per function; a JitThread belongs to its thread but for counts and next.
 */
#ifndef ADDER_INTERP_JIT_STATE_H
#define ADDER_INTERP_JIT_STATE_H

#include "interp/frame.h"
#include "interp/jit/jit.h"

struct Recorder;

/* A reason for which recordings were given up, as text, and how often; the first ABORT_NOTES of them. */
enum { ABORT_NOTES = 24, ABORT_TEXT_BYTES = 160 };
typedef struct JitAbortNote {
    char text[ABORT_TEXT_BYTES];
    uint32_t count;
} JitAbortNote;

/* Where hot reports come from, by pc and form. Never freed before jit_stop. */
typedef struct JitHead {
    const Insn *pc;
    bool shared;
    /* shared: whoever looks or records; hints are relaxed */
    _Atomic uint32_t recorder; /* tid of the thread that records from here, or 0. CAS, acq_rel */
    _Atomic uint32_t failures;
    _Atomic uint32_t skip;    /* hot reports to let pass */
    _Atomic uint32_t shorts;  /* times it was hot with few iterations left */
    _Atomic uint32_t entries; /* of a function: reports that were let pass for its callers' loops */
    _Atomic bool never;
    _Atomic bool unroll;  /* a short loop: recorded only as part of the loop around it */
    _Atomic bool no_head; /* a recording that ended in link_head has failed: it only links */
} JitHead;

/* Open addressing; a larger one replaces it, and it is retired by epoch. */
typedef struct JitHeads {
    uint32_t capacity, count;
    JitHead *_Atomic at[];
} JitHeads;

/* What traces call a function by; hangs on its Code, whose address every caller's trace keeps alive. */
typedef struct JitEntry {
    CgEntry native;         /* first: machine code knows it by this */
    JitTrace *_Atomic root; /* published trace of the function's beginning, or NULL; acquire */
    bool shared;
    _Atomic bool called; /* not inlined: recursive, or with a loop of its own */
    _Atomic bool
        bound; /* is called with defaults, keywords and the like: those calls are always inlined */
} JitEntry;

/* Words of a run in the portable engine: of the root, of the side trace that runs, and what that begins
 * with. */
typedef struct JitWords {
    IrWord *at;
    uint32_t capacity;
} JitWords;
typedef struct JitPortable {
    JitWords values[2], inherited;
} JitPortable;

/* Statistics of a thread: it writes, others sum up (relaxed). */
typedef struct JitCounts {
    _Atomic uint64_t traces, side_traces, shared_traces, aborts, retired, freed;
    _Atomic uint64_t record_ns, optimize_ns, compile_ns, uops_recorded, uops_optimized;
    _Atomic uint64_t entries, exits;
} JitCounts;
enum { JIT_COUNTS = sizeof(JitCounts) / sizeof(_Atomic uint64_t) };

/* C that runs a trace, or uses one that was left: keeps it (and its tree) from being freed. */
typedef struct JitRun {
    struct JitRun *outer;
    const JitTrace *entered; /* or NULL */
    const JitTrace
        *at; /* portable executor: what runs; then, in both engines, what was left. NULL: none */
} JitRun;

typedef struct JitThread {
    Thread *th;
    struct Jit *jit;
    JitRun *runs;              /* innermost first */
    struct Recorder *recorder; /* the one in progress, or NULL */
    JitPortable spare;         /* the portable engine's, when no run has them */
    int32_t calls_base;        /* Thread.calls_left when C entered the traces that run now */
    IrStress stress;           /* every 0: none */
    IrScratch scratch;         /* of the optimizer and codegen, for one trace at a time */
    uint32_t sample;           /* jit_sampled */
    char message[240];         /* of the abort that is being reported */
    JitCounts counts;
    struct JitThread *next; /* under the JIT lock */
} JitThread;

/* Traces by number lie in blocks that never move: block k has BLOCK_FIRST << k of them. */
enum { BLOCK_FIRST = 64, BLOCKS = 24 };

typedef struct Jit {
    Runtime *rt;
    JitConfig config;
    CgArena *arena;
    const char *why_portable;
    /* shared: under the lock, unless it says more */
    _Atomic uint32_t lock;    /* 1: held */
    _Atomic uint32_t waiters; /* parked for it */
    JitThread *threads;
    JitCounts ended;                           /* of threads that are gone */
    _Atomic uint32_t count;                    /* traces numbered; [0] unused */
    JitTrace *_Atomic *_Atomic blocks[BLOCKS]; /* read by all: acquire */
    JitHeads *_Atomic heads;                   /* read by all: acquire */
    JitAbortNote notes[ABORT_NOTES];
    uint32_t note_count;
    bool closed;       /* a fork child without code of its own: nothing is compiled or freed */
    JitTrace *roots;   /* published */
    JitTrace *waiting; /* invalid roots, to be freed; also in a stopped world */
    _Atomic uint32_t waiting_count; /* relaxed reads */
    _Atomic uint32_t still_active;  /* of them, when jit_reclaim looked last */
} Jit;

JitThread *jit_of(const Thread *th);

/* May wait, parked. threads: any, without the lock, holding nothing borrowed. */
void jit_lock(JitThread *jt);
void jit_unlock(JitThread *jt);
/* Nobody holds the lock, and all who wait for it will be stopped for good when they come back from being
 * parked: returns when none of them looks at it any more. */
void jit_lock_end(Jit *jit);

/* ---- relaxed words */
#define JIT_LOAD(word) atomic_load_explicit(&(word), memory_order_relaxed)
#define JIT_STORE(word, value) atomic_store_explicit(&(word), (value), memory_order_relaxed)
/* Of a word that this thread alone writes, or where an update may be lost. */
#define JIT_ADD(word, n) JIT_STORE(word, JIT_LOAD(word) + (n))
/* How much to add to a counter that many threads share, for something that happened once: with others
 * running mostly 0, sometimes as much as was left out on average, so that its line seldom moves. */
static inline uint32_t jit_sampled(JitThread *jt)
{
    enum { EVERY = 8 };
    if (jt->th->alone != 0) {
        return 1;
    }
    jt->sample = jt->sample * 1664525u + 1013904223u;
    return jt->sample >> 29 == 0 ? EVERY : 0;
}
static inline void jit_count(JitThread *jt, _Atomic uint64_t *counter)
{
    uint32_t n = jit_sampled(jt);
    if (n != 0) {
        JIT_ADD(*counter, n);
    }
}

/* The form that th enters and records now. */
static inline bool jit_form(const JitThread *jt)
{
    return jt->th->alone == 0 || jt->jit->config.shared_form;
}

/* ---- shared.c */
JitTrace *jit_trace_by_id(const Jit *jit, uint32_t id); /* NULL: none, or gone. threads: any */
/* Numbers t. fails: false, out of memory or of numbers. threads: holds the lock. */
bool jit_trace_number(Jit *jit, JitTrace *t);
void jit_trace_forget(Jit *jit, const JitTrace *t);
/* Made on demand. fails: NULL, out of memory. may: wait, parked. */
JitHead *jit_head(JitThread *jt, const Insn *pc, bool shared);
JitHead *jit_head_find(const Jit *jit, const Insn *pc, bool shared); /* NULL: not made */
/* Calls look for each head. threads: any. */
void jit_heads_each(const Jit *jit, void (*look)(void *context, const JitHead *h), void *context);
void jit_heads_free(Jit *jit);
/* Adds up all threads. threads: holds the lock. */
void jit_counts_sum(const Jit *jit, JitCounts *out);
void jit_counts_add(JitCounts *to, const JitCounts *from);

/* ---- jit.c */
/* Frees a root and its side traces, which no thread can reach. may: run finalizers. */
void jit_tree_free(JitThread *jt, JitTrace *root);
/* ---- trace.c: tells config.observe. threads: holds the lock */
void jit_observe(Jit *jit, const JitEvent *e);

/* ---- retire.c. threads: any, without the lock, holding nothing borrowed; a JitRun or nothing keeps root */
/* Tier 1 runs the root's loop again; its head waits. */
void jit_retire(JitThread *jt, JitTrace *root, const char *reason);
/* What the tree relies on will not hold: it is unlinked, all polls are raised. Its head may record at once. */
void jit_invalidate(JitThread *jt, JitTrace *root, const char *reason);
/* Frees what was retired and nobody is in any more, when enough has gathered, or now. may: wait, stop the
 * world, run finalizers. */
void jit_reclaim(JitThread *jt, bool now);
uint32_t jit_skip_after(uint32_t failures); /* hot reports that a head lets pass */

/* ---- code.c: where traces begin in a code object. threads: any */
JitEntry *jit_entry(Code *code, bool shared); /* made on demand; NULL: out of memory */
/* The same if it was made; else NULL. */
JitEntry *jit_entry_if_made(const Code *code, bool shared);
JitTrace *jit_trace_at(const Code *code, const Insn *pc, bool shared); /* NULL: none. acquire */
/* The opcode at pc, or the one that ENTER_TRACE covers there. */
uint16_t jit_opcode(const Code *code, const Insn *pc);
/* Publishes a root: entry, table, then ENTER_TRACE over its head. The code has a JitEntry. threads: holds
 * the lock. */
void jit_code_attach(JitTrace *trace);
/* Takes it away again. threads: holds the lock. */
void jit_code_detach(JitTrace *trace);

#endif
