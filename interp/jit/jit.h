/*
 * Jit: recording traces, keeping them, running them: the seam between tier 1 and the trace compiler.
 *
 *     tier 1 --hot--> record.c --IrTrace--> optimizer --> codegen --> publish (ENTER_TRACE, attach)
 *
 * A trace is `recording`, `published` or `invalid`:
 *
 *     recording --jit_publish--> published --jit_retire, jit_invalidate--> invalid --jit_reclaim--> (gone)
 *     recording --record_abort--> (gone; the abort is logged and its head backs off)
 *
 * Invalid: nobody enters it any more, from tier 1, by a call or by a link; who is inside may stay
 * (retire.c).  A root and its side traces go together.
 *
 * Threads: each thread records; a given place only one at a time; publication, attaching and retiring are
 * under the JIT lock.  A published JitTrace is immutable but for its counters and exit slots (atomics).
 * There are two forms of each trace (state.h).
 */
#ifndef ADDER_INTERP_JIT_JIT_H
#define ADDER_INTERP_JIT_JIT_H

#include "codegen/codegen.h"
#include "interp/vm.h"
#include "optimizer/optimizer.h"

typedef enum JitMode { JIT_OFF, JIT_NATIVE, JIT_PORTABLE } JitMode;

typedef struct JitTrace JitTrace;

typedef struct JitEvent {
    enum { JIT_EVENT_TRACE, JIT_EVENT_ABORT, JIT_EVENT_RETIRE } kind;
    uint32_t id;           /* trace number; an abort has the number that the trace would have had */
    uint32_t parent, exit; /* side trace: where it grew; IR_NONE otherwise */
    bool shared;           /* of the form for many threads */
    const char *file;
    int32_t lineno;     /* of the head */
    int32_t end_lineno; /* where recording ended */
    const char *
        reason; /* aborts: text of ir/abort.def; traces: how it ended ("loop", "link 3", "exit", "return") */
    uint32_t bytecodes, uops_recorded, uops_optimized;
    uint32_t code_bytes;
    uint64_t record_ns, optimize_ns, compile_ns;
    const JitTrace *trace; /* of an abort: its dumps and steps, valid while it is reported */
} JitEvent;

/* Text of a trace at a stage, kept when config.keep_dumps. stage: "recorded" or the name of a pass. */
typedef struct JitDump {
    const char *stage;
    char *text;
} JitDump;

/* A bytecode of a recording, kept when config.keep_dumps: its uops in the dump "recorded" begin at
 * first_uop.  The last step is where the recording ended: that bytecode may be without uops. */
typedef struct JitStep {
    const Insn *pc;
    uint32_t first_uop;
    uint32_t depth; /* inlined frames; 0: the frame in which recording began */
} JitStep;

typedef struct JitConfig {
    JitMode mode;
    uint32_t threshold;      /* back edges before recording; default 61 (a prime) */
    uint32_t exit_threshold; /* exits before a side trace; default 8 */
    size_t memory_bytes;     /* code and data pages; default 32 MiB */
    uint32_t passes_off;     /* bit per pass of optimizer/passes.def */
    bool optimize;           /* false: raw traces (portable engine only) */
    bool keep_dumps;         /* adder-trace, -X jit-dump */
    bool validate;           /* ir_validate after recording and each pass */
    bool shared_form;        /* all traces take the form that is valid with many threads */
    uint32_t stress_guard;   /* every n-th guard fails (portable engine only) */
    uint32_t
        stress_invalidate; /* every n-th entry of a trace finds its poll raised, and invalidates it */
    bool stress_buffers;   /* tiny limits of traces, exits, side traces */
    /* Called as things happen, under the JIT lock, by the thread to which they happen: it must neither run
     * Python nor wait. May be NULL. */
    void (*observe)(void *context, const JitEvent *event);
    void *observe_context;
} JitConfig;

typedef enum JitState { JIT_RECORDING, JIT_PUBLISHED, JIT_INVALID } JitState;

/* Of each exit of a trace, by snapshot number. */
typedef struct JitExit {
    /* shared: whoever leaves or records here; relaxed unless it says more */
    _Atomic uint32_t
        count; /* times it was left here through the restoring path; sampled while threads
                             * run (jit_sampled) */
    _Atomic uint32_t
        side; /* number of the side trace, or IR_NONE; release under the JIT lock, acquire */
    _Atomic uint32_t recorder; /* tid of the thread that records from here, or 0. CAS, acq_rel */
    _Atomic uint32_t failures; /* recordings from here that were aborted */
    _Atomic bool no_head; /* a link to the root's loop head has failed: side traces only `link` */
} JitExit;

struct JitTrace {
    uint32_t id;
    Code *code;                         /* where the head is; owned reference */
    const Insn *pc;                     /* the head */
    bool is_function;                   /* a root that begins where a function does */
    bool shared;                        /* valid while others run (IrTrace.shared) */
    uint16_t original;                  /* roots: the opcode that ENTER_TRACE covers */
    uint32_t root, parent, parent_exit; /* root: own id for roots; parent: IR_NONE for roots */
    IrTrace *ir;                        /* optimized (or raw) */
    CgCode *native;                     /* NULL in the portable engine */
    JitExit *exits;                     /* ir->snap_count of them */
    JitEvent event;                     /* what was reported at publication */
    JitDump *dumps;
    uint32_t dump_count;
    JitStep *steps;
    uint32_t step_count, step_capacity;
    uint32_t link; /* the root to which its end leads, or IR_NONE */
    /* under the JIT lock; in the stopped world of retire.c */
    JitTrace *next;      /* roots: in the list of published, or of waiting ones */
    JitTrace *next_side; /* the other traces of the tree, from its root on */
    bool active;         /* roots that wait to be freed: some thread is inside */
    /* shared: whoever runs it; relaxed, but state, which is written under the JIT lock */
    _Atomic JitState state;
    _Atomic bool link_cut;       /* its end leads there no more: it leaves. release, acquire */
    _Atomic uint32_t side_count; /* roots: traces in the tree; under the JIT lock */
    _Atomic uint64_t entries;    /* from tier 1; sampled while threads run */
    _Atomic uint32_t
        dead_exits; /* roots of FOR loops: runs that ended where no side trace will grow */
    _Atomic uint64_t iterations; /* ... and iterations of all runs, since they were last judged */
};

/* Starts the JIT for the process; th is the main thread. fails: false; *why says it (the portable engine may
 * still be asked for). */
bool jit_start(Thread *th, const JitConfig *config, const char **why);
/* A further thread gets its part of it (th->jit), or gives it up before it ends; nothing without a JIT.
 * fails: false, exception set. */
bool jit_thread_start(Thread *th);
void jit_thread_end(Thread *th);
/* The functions that tier 1 calls; valid after jit_start. */
const VmJit *jit_vm(void);
/* VmJit.visit_roots: the objects that traces and a recording refer to without counting them. threads: stopped
 * world. */
void jit_visit_roots(Thread *th, VisitFn visit, void *arg);
/* In a fork child, before any Python runs, after threads_after_fork; the parent had stopped the world. Traces
 * go on, new ones are published; the parent's code is not written to. fails: false: there is no memory for a
 * copy of the code, and this thread is inside it: it must not return there. */
bool jit_after_fork(Thread *th);
/* Frees all traces and code. What threads have that were stopped for ever is left to them.
 * threads: the main thread; no other thread runs. */
void jit_stop(Thread *th);

/* Looking at traces (tools, statistics). threads: stopped world or own thread after the run. */
uint32_t jit_trace_count(Thread *th);
const JitTrace *jit_trace(Thread *th, uint32_t id); /* ids from 1; NULL: aborted */
/* A loop head from which a recording was given up, or that is left alone; a later one may have worked. */
typedef struct JitUntraced {
    const Insn *pc;    /* its code may be gone: not followed here */
    bool shared;       /* in the form for many threads */
    uint32_t failures; /* recordings from here that were given up */
    uint32_t wait;     /* hot reports that will be let pass before the next try */
    enum {
        JIT_WAITS,    /* it will be tried again */
        JIT_NEVER,    /* it will not */
        JIT_UNROLLED, /* short: recorded only as part of the loop around it */
    } why;
} JitUntraced;
/* Writes at most max of them, in no order; returns how many there are. */
uint32_t jit_untraced(Thread *th, JitUntraced *out, uint32_t max);
typedef struct JitStats {
    uint32_t traces, side_traces, shared_traces, aborts, retired, freed;
    uint64_t record_ns, optimize_ns, compile_ns, uops_recorded, uops_optimized;
    uint64_t entries, exits;
    CgStats code;
    const char *engine;       /* "machine code", "portable executor" */
    const char *why_portable; /* why there is no machine code; NULL where there is */
} JitStats;
void jit_stats(Thread *th, JitStats *out);
/* sys._jit and -X jit-stats: prints the statistics as lines of text. owns: rt_malloc'ed. */
char *jit_stats_text(Thread *th);

#endif
