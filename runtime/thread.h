/*
 * Runtime and Thread: where all mutable state hangs.
 *
 * One Runtime a process, one Thread a Python thread.  Every function that may allocate, raise or run
 * Python takes the Thread first.  Machine code and tier 1 keep the Thread in a register and rely on
 * the offsets of its first fields (asserted in runtime/thread.c and used through offsetof).
 *
 * Threads: a Thread is touched only by its own thread, but for the fields in the last group.
 */
#ifndef ADDER_RUNTIME_THREAD_H
#define ADDER_RUNTIME_THREAD_H

#include <pthread.h>

#include "runtime/object.h"

/* Where threads sleep until a condition has changed (runtime/wait_point.h). */
typedef struct WaitPoint {
    _Atomic uint32_t sequence; /* futex word; grows with each wake-up that had waiters */
    _Atomic uint32_t waiters;
} WaitPoint;

/* The helper of the runtime that looks around (runtime/ticker.c). */
typedef struct Ticker {
    pthread_t system;
    uint32_t turn;         /* thread id from which downwards the next sweeper is sought */
    uint32_t candidate;    /* who was the only one to run at the last tick; 0: none */
    uint32_t waited_ticks; /* for how long */
    /* shared */
    bool started;          /* written by who took idle from 1 to 0 */
    _Atomic uint32_t idle; /* 1: asleep or not there; 0: ticks; TICKER_ENDS. futex word; seq_cst */
    _Atomic uint32_t
        patience_ticks; /* how long one must run by itself to be alone; 0: not set; relaxed */
} Ticker;
enum { TICKER_ENDS = 2 };

struct Thread {
    uint32_t tid;  /* never 0, never OWNER_IMMORTAL */
    int32_t ticks; /* tier 1: back-edges until the next cold check */
    Value
        *stack_limit; /* value stack: no frame may end beyond; poisoned (set low) to raise a poll */
    const void *dispatch; /* tier 1: the handler table in force (normal or recording) */
    Value temp;           /* tier 1: hands a value to a cold handler */
    Value exception;      /* pending exception (owned), or VALUE_ABSENT */
    void *vm;             /* interp's per-thread state (struct Vm) */
    void *jit;            /* per-thread JIT state (recorder, exit state) */
    Value *trace_fp;      /* frame pointer of the innermost trace that runs, or NULL where the
                           * interpreter does: C pushes no frame over a trace's slots */
    int32_t calls_left;   /* frames that traces may still enter by calls (uop enter_call) */
    uint32_t alone;       /* 1: no other thread runs, and none will before this one has agreed at a
                     * safepoint (runtime/safepoint.h); one-thread forms of code rely on it */
    Value *stack_base;
    Value *stack_end;
    uintptr_t c_stack_limit; /* lowest C stack address for helpers that call back */
    Runtime *rt;
    Value handled_exception; /* what `raise` without arguments and __context__ see; owned */
    Object *dealloc_list;    /* objects waiting to be freed, linked through `shared`/local words */
    uint32_t dealloc_depth;
    uint16_t
        birth_flags; /* flags of new objects: OBJECT_PRIVATE once this thread has not been alone (never
                           * with the GIL).  It stays: a new object may get references to old private ones
                           * without a barrier. */
    uint32_t depth;     /* Python frames and levels of C that count (rt_enter_recursive) */
    Value memory_error; /* preallocated MemoryError instance */
    void *repr_chain;   /* containers whose repr is in progress (runtime/container_inline.h) */
    /* shared: others set, owner reads and clears; release/acquire */
    _Atomic uint32_t
        poll; /* bits POLL_*: non-zero makes back-edges and entries take the slow path */
    _Atomic uint64_t epoch; /* runs, is parked, or claimed: runtime/safepoint_internal.h; seq_cst */
    Thread *next;
    struct MergeNode
        *_Atomic merge_queue;   /* objects of this thread whose shared count fell below 0 */
    struct RetireList *retired; /* epoch.c; owner only */
    uint32_t depth_limit;       /* rt->recursion_limit; others store, owner reads; relaxed */
    _Atomic uint32_t wake;      /* futex word of its sleeps (runtime/thread_lock.h) */
    /* of threads that programs start; owner only */
    struct LocalEntry *locals; /* values of _thread._local (thread_local.c) */
    Value sentinel;            /* a lock that is released when the thread ends, or VALUE_ABSENT */
    struct GcHeap *gc;         /* where its objects are linked (runtime/gc.h); owner only */
    uint32_t gc_hidden;        /* levels of gc_hide; owner only */
    uintptr_t c_stack_base;    /* highest address of its C stack */
    /* written by the owner before it stops running, read by others in a stopped world */
    uintptr_t
        c_stack_at; /* gc_note_stack: where its C stack ended when it last parked or blocked */
    uintptr_t c_registers[6]; /* and what a call preserves */
    void *c_fake_stack;       /* of AddressSanitizer */
};

/* EPOCH: pass a quiescent point. STOP: somebody waits for Runtime.sole. TICK: this thread may be alone now.
 * SWEEP: take over what others have left. GC: a
 * collection may be due. INVALIDATE, SIGNAL, ASYNC go to hooks.poll. */
enum {
    POLL_SIGNAL = 1,
    POLL_EPOCH = 2,
    POLL_STOP = 4,
    POLL_INVALIDATE = 8,
    POLL_ASYNC = 16,
    POLL_TICK = 32,
    POLL_SWEEP = 64,
    POLL_GC = 128
};

/* Slots at the end of the value stack that no frame's own slots reach into. */
enum { THREAD_STACK_SLACK_WORDS = 64 };
/* What stack_limit is when it is not poisoned. */
static inline Value *thread_stack_limit(const Thread *th)
{
    return th->stack_end - THREAD_STACK_SLACK_WORDS;
}

/* What the runtime must call upward; set once by interp before any program runs. */
typedef struct RuntimeHooks {
    /* Runs what poll bits ask for that needs Python: SIGNAL, ASYNC, INVALIDATE, already cleared.
     * false: exception set. may: run Python. */
    bool (*poll)(Thread *th, uint32_t bits);
    /* Adds the current position of the innermost Python frame to an exception being raised. */
    void (*exception_raised)(Thread *th, Value exception);
    /* A function of that code and globals; parts: defaults, keyword defaults, annotations (each may be
     * None), then the cells of its free variables, all borrowed. owns: new; absent: raised. */
    Value (*make_function)(Thread *th, Value code, Value globals, const Value *parts);
    /* Helper call_code: runs the function of `entry` (the interpreter's) in the frame at fp, whose
     * arguments are in place. owns: new result. fails: absent. */
    Value (*call_code)(Thread *th, void *entry, Value *fp);
    /* A thread that has been attached gets, or gives up, what the interpreter and the JIT keep for it.
     * fails: false, exception set. */
    bool (*thread_started)(Thread *th);
    void (*thread_ended)(Thread *th);
    /* th->alone has changed; called by th itself, at a safepoint or when it stops being parked. */
    void (*alone_changed)(Thread *th);
    /* Visits every reference that the interpreter and the JIT hold for th (registers of all frames, traces'
     * constants for th == the main thread). Stopped world. */
    void (*visit_roots)(Thread *th, VisitFn visit, void *arg);
    /* Prints the pending exception, which nobody can catch, and clears it: "message: repr(object)", then the
     * traceback. */
    void (*print_unraisable)(Thread *th, const char *message, Value object);
    /* Prints an exception with its traceback, causes and contexts. */
    void (*print_exception)(Thread *th, Value exception);
    /* In the child of a fork, whose only thread th is: the interpreter and the JIT forget the others. */
    void (*fork_child)(Thread *th);
    /* As if a SIGINT had come. threads: any. */
    void (*interrupt_main)(Runtime *rt);
} RuntimeHooks;

struct Runtime {
    RuntimeHooks hooks;
    Thread *main_thread;
    _Atomic uint32_t thread_count;
    Value interned; /* dict: str -> str, weak in intent; immortal strings live in static tables */
    Value modules;  /* dict: name -> module (sys.modules) */
    Value builtins; /* dict of the builtins module */
    uint32_t recursion_limit; /* of Thread.depth; sys.setrecursionlimit */
    _Atomic uint64_t
        globals_epoch; /* grows when a watched dict's table is replaced: cached slot addresses die */
    int32_t int_max_str_digits;    /* sys.set_int_max_str_digits; 0: no limit */
    bool deterministic_ids;        /* stress: ids and hashes do not depend on addresses */
    struct ParkingLot *parking;    /* lock.c: who sleeps on which byte lock */
    _Atomic uint32_t threads_lock; /* guards `threads`, last_tid; thread.c */
    Thread *threads;               /* all attached threads, through next */
    uint32_t last_tid;             /* ids are never used twice */
    struct GcState *gc;            /* gc.c */
    struct NativeState *natives;   /* natives.c: streams, names; NULL before natives_init */
    bool gil;                      /* one thread runs at a time; set before any thread starts */
    /* shared, runtime/safepoint.c; seq_cst */
    _Atomic uint64_t epoch;       /* the global epoch */
    Thread *_Atomic sole;         /* who may run alone, or stops the world; NULL: all may run */
    WaitPoint sole_free;          /* sole has become NULL */
    WaitPoint passed;             /* a thread has parked, passed a quiescent point or ended */
    WaitPoint gil_taken;          /* gil_turns has grown */
    _Atomic uint32_t gil_turns;   /* how often the GIL was taken */
    struct ThreadPool *pool;      /* thread_start.c; NULL until a thread is started */
    _Atomic uint32_t forks;       /* how often this process has come out of a fork as the child */
    _Atomic uint32_t locals_lock; /* thread_local.c */
    _Atomic uint32_t
        stopping; /* 1: only the main thread goes on, until the process ends (world_end) */
    int64_t
        alone_since_ns; /* when sole was last taken to be alone; its holder writes; 0: at birth */
    Ticker ticker;
    struct RetireBag *orphans; /* retired by threads that have ended; under threads_lock */
};

/* Creates the runtime with its main thread, all types of this library ready.
 * fails: NULL (out of memory). threads: first call of the process. */
Thread *rt_start(void);
/* Frees everything that hangs from the runtime (dicts of modules, interned strings, types'
 * attributes), so that a leak checker finds nothing. */
void rt_stop(Thread *th);
Thread *rt_thread_current(void);
/* Makes a Thread for the calling system thread and attaches it. Waits until a thread that is alone has let
 * go, so that one must come to a safepoint, park or thread_share. fails: NULL (out of memory, no exception). */
Thread *rt_thread_attach(Runtime *rt);
/* Detaches and frees the calling thread's Thread: its queue is drained, its retired references are
 * handed over or dropped; later decrements of its objects merge in place. may: run finalizers. */
void rt_thread_detach(Thread *th);

static inline void rt_incref(Thread *th, Value v)
{
    if (value_is_object(v)) {
        Object *o = value_object(v);
        if (__builtin_expect(object_owner(o) == th->tid && o->local < OBJECT_LOCAL_MAX, 1)) {
            o->local++;
        } else {
            rt_incref_slow(o);
        }
    }
}
static inline void rt_decref(Thread *th, Value v)
{
    if (value_is_object(v)) {
        Object *o = value_object(v);
        if (__builtin_expect(object_owner(o) == th->tid && o->local > 1, 1)) {
            o->local--;
        } else {
            rt_decref_slow(th, o);
        }
    }
}
/* As rt_decref, but VALUE_ABSENT is fine. */
static inline void rt_xdecref(Thread *th, Value v) { rt_decref(th, v); }
static inline Value rt_newref(Thread *th, Value v)
{
    rt_incref(th, v);
    return v;
}

/* Before a reference to v is stored into container: publishes v (and what it reaches) if v is
 * private and container is not.  One flag test while the process has one thread.
 * threads: any. fails: never (an explicit stack grows in the thread; out of memory walks slower). */
void rt_publish(Thread *th, Object *o);
/* As rt_publish for an object of any thread, in a stopped world. */
void rt_publish_stopped(Object *o);
/* For tests and debug builds: a private object that can be reached from o, which is not, or NULL (also if
 * there was no memory to look). threads: stopped world, or nobody else writes what o reaches. */
const Object *rt_check_published(const Object *o);
static inline void rt_store_barrier(Thread *th, const Object *container, Value v)
{
    if (value_is_object(v) && (value_object(v)->flags & OBJECT_PRIVATE) != 0 &&
        (container->flags & OBJECT_PRIVATE) == 0) {
        rt_publish(th, value_object(v));
    }
}

/* RecursionError: "maximum recursion depth exceeded" + where, e.g. " in comparison". false. */
bool rt_raise_recursion(Thread *th, const char *where);
/* C stack left for another level of a recursion that CPython does not count? Where C may recurse,
 * it calls this or rt_enter_recursive. fails: false, RecursionError set. */
static inline bool rt_stack_check(Thread *th, const char *where)
{
    return __builtin_expect((uintptr_t)__builtin_frame_address(0) > th->c_stack_limit, 1) ||
           rt_raise_recursion(th, where);
}
/* Enters a level of C that counts as a Python frame does. fails: as rt_stack_check. */
static inline bool rt_enter_recursive(Thread *th, const char *where)
{
    if (__builtin_expect((uintptr_t)__builtin_frame_address(0) > th->c_stack_limit, 1) &&
        __builtin_expect(th->depth < __atomic_load_n(&th->depth_limit, __ATOMIC_RELAXED), 1)) {
        th->depth++;
        return true;
    }
    return rt_raise_recursion(th, where);
}
static inline void rt_leave_recursive(Thread *th) { th->depth--; }
/* Sets rt->recursion_limit for all threads. threads: any. */
void rt_set_recursion_limit(Runtime *rt, uint32_t limit);

#endif
