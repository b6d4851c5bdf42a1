/*
 * Frame: reading frames of the value stack (their layout is in interp/code.h).
 *
 * An entry frame is one that C runs (vm_call, vm_resume): its return pc is vm_halt_insn, and a
 * VmEntry on the C stack, linked from the Vm, says what was published when C entered.  So all frames
 * of a thread can be walked from Vm.fp: through the distances, and at entry frames through entries.
 *
 * Invariant: a temporary is named by register >= local_count, in slow paths as in the unwinder.
 * Threads: the thread that owns the stack.
 */
#ifndef ADDER_INTERP_FRAME_H
#define ADDER_INTERP_FRAME_H

#include "interp/vm.h"

enum { FRAME_HEADER_WORDS = 3 };

/* One nested run of the interpreter. */
struct VmEntry {
    VmEntry *outer;
    Value *fp;            /* the entry frame */
    const Insn *outer_pc; /* published when C entered; outer_fp NULL: no Python code ran */
    Value *outer_fp;
};

static inline Vm *thread_vm(const Thread *th) { return th->vm; }
/* What a hotness counter begins at. */
static inline uint16_t vm_threshold(const Vm *vm)
{
    uint32_t n = vm->config.threshold;
    return (uint16_t)(n == 0 ? 1 : n > UINT16_MAX ? UINT16_MAX : n);
}
static inline Function *frame_function(const Value *fp) { return value_function(fp[-3]); }
static inline Code *frame_code(const Value *fp) { return frame_function(fp)->code; }
static inline const Insn *frame_return_pc(const Value *fp)
{
    return (const Insn *)(uintptr_t)fp[-2];
}
static inline Value *frame_caller(Value *fp) { return (Value *)(void *)((char *)fp - fp[-1]); }
static inline Value *frame_end(Value *fp)
{
    return (Value *)(void *)((char *)fp + frame_function(fp)->frame_bytes);
}
static inline uint32_t insn_index(const Code *code, const Insn *pc)
{
    return (uint32_t)(pc - code->insns);
}
/* The opcode at pc, which another thread may be storing over (ENTER_TRACE).  Volatile: an atomic load
 * costs clang an instruction more a bytecode.  acquire, which every load of x86 is: what the storing
 * thread knows of the trace is seen, too. */
static inline uint16_t insn_op(const Insn *pc)
{
#if __has_feature(thread_sanitizer)
    return __atomic_load_n(&pc->op, __ATOMIC_ACQUIRE);
#else
    return *(const volatile uint16_t *)&pc->op;
#endif
}
/* The opcode that runs at pc: what ENTER_TRACE covers, if it is there. */
static inline uint16_t vm_covered_op(const Thread *th, const Insn *pc, const Value *fp)
{
    uint16_t op = insn_op(pc);
    return __builtin_expect(op != BC_ENTER_TRACE, 1)
               ? op
               : thread_vm(th)->config.jit->original(frame_code(fp), pc);
}
/* The constant that an operand of kind K names. */
static inline Value insn_constant(const Insn *pc, uint16_t operand)
{
    Value v;
    memcpy(&v, pc + (int16_t)operand, sizeof v);
    return v;
}
/* acquire: pairs with the release in insn_cache_set, so that what the word points at is seen. */
static inline uint64_t insn_cache(const Insn *pc, int word)
{
    return __atomic_load_n((const uint64_t *)(const void *)(pc + 1 + word), __ATOMIC_ACQUIRE);
}
static inline void insn_cache_set(const Insn *pc, int word, uint64_t v)
{
    __atomic_store_n((uint64_t *)(uintptr_t)(pc + 1 + word), v, __ATOMIC_RELEASE);
}
/* Stores v if the word is still `before`. acq_rel: later words are stored behind it. */
static inline bool insn_cache_claim(const Insn *pc, int word, uint64_t before, uint64_t v)
{
    return __atomic_compare_exchange_n((uint64_t *)(uintptr_t)(pc + 1 + word), &before, v, false,
                                       __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}
static inline void vm_publish(Thread *th, const Insn *pc, Value *fp)
{
    Vm *vm = thread_vm(th);
    vm->pc = pc;
    vm->fp = fp;
}

#endif
