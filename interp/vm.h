/*
 * Vm: running Code: frames, calls, unwinding, and the seam to the JIT.
 *
 * Tier 1 (eval.c + handlers_*.h) keeps pc, fp, thread, T, D1, tid and the dispatch table in
 * registers.  Python-to-Python calls do not recurse on the C stack; a native that calls back enters
 * vm_call, which runs a nested loop until its frame returns.
 *
 * Seam to the JIT (interp/jit, above tier 1, set as function pointers at start so that tier 1 runs
 * without it):  hot back edges and entries, ENTER_TRACE, and each step while recording.
 *
 * Threads: a Vm belongs to its thread.
 */
#ifndef ADDER_INTERP_VM_H
#define ADDER_INTERP_VM_H

#include "interp/code.h"

/* Where tier 1 goes on. fp == NULL: leave the C frame (an exception passed its entry frame). */
typedef struct VmState {
    const Insn *pc;
    Value *fp;
} VmState;

typedef struct VmJit {
    /* A back edge or entry has become hot, pc points at it (not yet executed). May switch
     * th->dispatch to the recording table. */
    void (*hot)(Thread *th, const Insn *pc, Value *fp);
    /* ENTER_TRACE at pc: runs the trace (or its original instruction's substitute) and says where to go on.
     * If th->exception is set afterwards, tier 1 unwinds from pc. *original: opcode to run in place, or
     * BC_COUNT when the state has moved. */
    VmState (*enter)(Thread *th, const Insn *pc, Value *fp, uint16_t *original);
    /* Recording: called before each instruction is executed by its normal handler. */
    void (*step)(Thread *th, const Insn *pc, Value *fp);
    /* An exception was raised at pc while recording, or the recorded frame is being unwound. */
    void (*abort)(Thread *th, const Insn *pc, const char *reason);
    /* The opcode that ENTER_TRACE at pc covers (for the disassembler, the unwinder, the recorder). */
    uint16_t (*original)(const Code *code, const Insn *pc);
    /* A further thread gets what the JIT keeps for it, or gives it up. fails: false, exception set. */
    bool (*thread_started)(Thread *th);
    void (*thread_ended)(Thread *th);
    /* As hooks.visit_roots, of what traces refer to. */
    void (*visit_roots)(Thread *th, VisitFn visit, void *arg);
    /* In a fork child, before any Python runs. fails: false: th must not go on. */
    bool (*fork_child)(Thread *th);
} VmJit;

typedef struct VmConfig {
    uint32_t threshold; /* back edges before recording; entries count twice; 1: at once */
    const VmJit *jit;   /* NULL: tier 1 alone */
} VmConfig;

/* Slots of a trace and of the frames inlined in it lie within so many words of its root frame. */
enum { VM_TRACE_SLOTS = 2000 };

typedef struct VmEntry VmEntry; /* interp/frame.h */

typedef struct Vm {
    VmConfig config;
    Value *entry_fp;    /* fp of the innermost C-level entry: unwinding stops there */
    uint16_t hot[256];  /* counters by VM_HOT_INDEX(pc); set to the threshold before jit->hot is
                              * called, which may set another back-off */
    const Insn *pc;     /* last pc that a cold path or call published (for tracebacks, warnings) */
    Value *fp;          /* innermost frame of that time; NULL: no Python code runs */
    VmEntry *entry;     /* innermost C-level entry */
    Value result;       /* what the frame that HALT or the unwinder left gave; absent: exception */
    Value main_globals; /* dict of __main__, of the first module run (name suggestions) */
} Vm;

#define VM_HOT_INDEX(pc) (((uintptr_t)(pc) >> 3) & 255)

/* Prepares th for running (function type, hooks, th->vm). fails: false, exception set. */
bool vm_init(Thread *th, const VmConfig *config);
void vm_done(Thread *th);
/* hooks.thread_started and _ended: th gets a Vm like that of the main thread. fails: false, exception
 * set. */
bool vm_thread_started(Thread *th);
void vm_thread_ended(Thread *th);
/* hooks.alone_changed: the tables for th->alone. A recording goes on; it is the JIT's to end it. */
void vm_alone_changed(Thread *th);
/* Runs module code with a globals dict. owns: new result (None); absent: exception. */
Value vm_run_module(Thread *th, Value code, Value globals);
/* The call slot of functions. */
Value vm_call(Thread *th, Value function, const Value *args, uint32_t nargs, Value kwnames);
/* Runs from (pc, fp) until the frame `entry` returns (fp or one of its callers, whose return pc is
 * overwritten); a pending exception is raised at pc first. Thread.depth counts the frames up to fp.
 * owns: new. fails: absent. */
Value vm_resume(Thread *th, const Insn *pc, Value *fp, Value *entry);
/* The frame fp gives result (stolen) to its caller: where that goes on. may: run Python. */
VmState vm_leave(Thread *th, Value *fp, Value result);
Value function_new(Thread *th, Value code, Value globals); /* owns: new */
/* The dispatch tables: the one for th as it is (alone or not; counting if it has a JIT), and the one
 * that calls jit->step first. */
const void *vm_dispatch_normal(const Thread *th);
const void *vm_dispatch_recording(void);
/* Prints an exception with traceback as CPython does (causes, contexts, carets), to stderr. */
void vm_print_exception(Thread *th, Value exception);
/* Prints the pending exception, which nobody will catch, and clears it: "message: repr(object)", traceback,
 * type and text, without its causes, as CPython does. */
void vm_print_unraisable(Thread *th, const char *message, Value object);
/* Imports a module by name (builtin modules; others: ModuleNotFoundError). owns: new. */
Value vm_import(Thread *th, Value name);

#endif
