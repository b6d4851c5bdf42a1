/*
 * Vm (internal): what the files of the interpreter share.
 *
 * A slow function executes one bytecode whole, whatever its operands are, and says where to go on;
 * handlers fall back to it through slow_functions[].  It publishes nothing: its caller has stored pc
 * and fp in the Vm.  fp == NULL in its answer: an exception is pending and pc's operands are as they
 * were (the live-temporary table still names them).
 *
 * Threads: the thread that owns the stack.
 */
#ifndef ADDER_INTERP_VM_INTERNAL_H
#define ADDER_INTERP_VM_INTERNAL_H

#include "interp/frame.h"
#include "runtime/abstract.h"
#include "runtime/containers.h"
#include "runtime/memory.h"
#include "runtime/safepoint.h"
#include "runtime/str.h"

/* op: the opcode to run, which ENTER_TRACE at pc may cover. */
typedef VmState (*SlowFn)(Thread *th, const Insn *pc, Value *fp, uint32_t op);
extern const SlowFn slow_functions[BC_COUNT];

enum { VM_TICKS = 1024 }; /* back edges between two polls */
#define VM_RAISED ((VmState){NULL, NULL})
static inline VmState vm_next(const Insn *pc, Value *fp, uint32_t op)
{
    return (VmState){pc + 1 + bytecode_info[op].cache, fp};
}
static inline VmState vm_jump(const Insn *pc, Value *fp)
{
    return (VmState){pc + (int16_t)pc->c, fp};
}

/* ---- operands of slow functions (slow_operands.c) ------------------------------------------------ */
static inline bool reg_is_temp(const Value *fp, uint32_t reg)
{
    return reg >= frame_function(fp)->local_count;
}
/* Is reg a local without a value? Then UnboundLocalError is set. */
bool vm_unbound(Thread *th, const Value *fp, uint32_t reg);
/* The local reg has no value: UnboundLocalError, or in a comprehension compiled in place, whose
 * function Python thinks it is in, NameError. pc is published. */
void vm_raise_unbound(Thread *th, const Value *fp, uint32_t reg);
/* A source operand of any letter, borrowed. fails: absent, UnboundLocalError. */
Value vm_operand(Thread *th, const Insn *pc, const Value *fp, char letter, uint16_t operand);
/* Drops a source register if it is a temporary. may: run Python. */
void vm_consume(Thread *th, const Value *fp, uint32_t reg);
/* Stores into a destination: a local's old value is dropped. v: stolen. may: run Python. */
void vm_store_steal(Thread *th, Value *fp, uint32_t reg, Value v);

/* ---- frames and calls (vm_call.c, vm_bind.c) ------------------------------------------------------ */
/* Calls base[0] with nargs values at base + 3, the last of them named by kwnames; all consumed, but
 * on failure. A native's result goes into base[0]; for a Python function the new frame is entered. */
VmState vm_call_base(Thread *th, const Insn *pc, Value *fp, Value *base, uint32_t nargs,
                     Value kwnames);
/* CALL and CALL_METHOD at pc, whatever is called. */
VmState vm_call_slow(Thread *th, const Insn *pc, Value *fp);
/* RETURN and RETURN_K at pc. fails: fp == NULL, UnboundLocalError. */
VmState vm_return(Thread *th, const Insn *pc, Value *fp);
/* "f()" for messages about a callable. owns: new. */
Value vm_callable_name(Thread *th, Value callable);
/* Puts arguments (consumed, also on failure) into the parameters of a frame at fp whose Function is
 * in place, and unbinds the other locals. args may be fp itself. */
bool vm_bind(Thread *th, Function *fn, Value *fp, Value *args, uint32_t nargs, Value kwnames);
/* Room for a frame of that size at fp, one level deeper? Polls. fails: false, exception set. */
bool vm_frame_check(Thread *th, const Value *fp, size_t bytes);
/* C into the interpreter and back, saving all registers (eval.c). The result is in Vm.result. */
void vm_enter(const Insn *pc, Value *fp, Thread *th, const void *dispatch);
extern const Insn vm_halt_insn[1];
/* Is that a table that th may run now? For assertions. */
bool vm_dispatch_fits(const Thread *th, const void *dispatch);

/* Publishes where a frame has returned to; behind an entry frame that is what C had published. */
static inline void vm_publish_return(Thread *th, const Insn *pc, Value *fp)
{
    const VmEntry *entry = thread_vm(th)->entry;
    if (pc == vm_halt_insn) {
        vm_publish(th, entry->outer_pc, entry->outer_fp);
    } else {
        vm_publish(th, pc, fp);
    }
}

/* ---- unwinding (unwind.c) ----------------------------------------------------------------------------- */
/* The pending exception was raised at pc: releases and leaves frames up to a handler. fp == NULL: it
 * passed the entry frame. */
VmState vm_unwind(Thread *th, const Insn *pc, Value *fp);
/* As vm_unwind, without a traceback entry for the frame fp. */
VmState vm_unwind_again(Thread *th, const Insn *pc, Value *fp);
/* RAISE and RERAISE at pc: raise, unwind. */
VmState vm_raise(Thread *th, const Insn *pc, Value *fp);
VmState vm_reraise(Thread *th, const Insn *pc, Value *fp);
/* Drops the locals and the function of a frame that ends. */
void vm_frame_release(Thread *th, Value *fp);

/* ---- the rest ------------------------------------------------------------------------------------------- */
bool vm_code_type_init(Thread *th);
bool vm_function_type_init(Thread *th);
bool vm_frame_builtins_init(Thread *th);
Value vm_import_name(Thread *th, Value name, bool whole);
Value vm_import_from(Thread *th, Value module, Value name);
bool vm_import_star(Thread *th, Value module, Value globals);
/* hooks.make_function. */
Value vm_make_function(Thread *th, Value code, Value globals, const Value *parts);
/* The parameter that a keyword names, or -1. */
int64_t vm_find_parameter(const Code *code, Value name);
void vm_note_name_error(Thread *th, Value name);
/* "Did you mean": the name for the exception, or absent. owns: new. */
Value vm_suggestion(Thread *th, Value exception);
/* Line `lineno` of a file without its newline. owns: rt_malloc'ed; NULL: there is none. */
char *vm_source_line(const char *file_name, int32_t lineno);
/* dir(v): a sorted list of names. owns: new. */
Value vm_dir(Thread *th, Value v);
/* Makes a dict fit to be globals: watched, with __builtins__. */
bool vm_globals_prepare(Thread *th, Value globals);
void vm_signals_install(Thread *th);

#endif
