/*
 * Into machine code and out of it, and from one trace into another.
 *
 * Every run of a root trace has a trace frame of one size, made by a call, so that `ret` is a return:
 *
 *     higher   return address | - | fp of the caller | entered fp | CgState * or 0 | 256 spill slots   <- rsp
 *
 * cg_trampoline (C enters) saves the callee-saved registers and calls; cg_call_trace (a trace calls) only
 * calls: a trace expects nothing of registers but its two pinned ones.  What a trace calls is named by a
 * CgEntry, whose word leads to a trace or to cg_call_stub, which lets C run the function.
 *
 * A trace leaves by `call cg_leave_tail`; the word behind that call is its CgExit.  The tail writes all
 * registers into a CgState.  Entered from C, that is the one whose address lies in the frame, and
 * cg_enter returns.  Called by a trace, it is a CgState on the stack, and the host (cg_set_host)
 * finishes the function in the interpreter: its result is that of the call.
 *
 * Thread.trace_fp is the frame pointer of the innermost trace that runs: whoever pushes a frame from C
 * does it above that.
 *
 * Threads: any, each on its own stack.
 */
#include "codegen/internal.h"

#define STRING_(x) #x
#define STRING(x) STRING_(x)
#define STATE_XMM 128
#define STATE_EXIT 2304
#define STATE_FP 2312
#define STATE_RESULT 2328
#define STATE_ROOM 2352 /* for a CgState on the stack */
/* Offsets in a trace frame, from rsp. */
#define FRAME_STATE 2048
#define FRAME_ENTERED 2056
#define FRAME_CALLER 2064
#define FRAME_BYTES 2088 /* what the frame takes, without the return address */
#define TRACE_FP 56
_Static_assert(CG_SPILL_SLOTS * 8 == FRAME_STATE, "frame");
_Static_assert(CG_ENTERED_SLOT * 8 == FRAME_ENTERED, "frame");
_Static_assert(FRAME_BYTES % 16 == 8, "calls are aligned");
_Static_assert(CG_FRAME_BYTES == FRAME_BYTES + 8, "frame");
_Static_assert(offsetof(CgState, xmm) == STATE_XMM, "state");
_Static_assert(offsetof(CgState, exit) == STATE_EXIT, "state");
_Static_assert(offsetof(CgState, fp) == STATE_FP, "state");
_Static_assert(offsetof(CgState, result) == STATE_RESULT, "state");
_Static_assert(sizeof(CgState) <= STATE_ROOM && STATE_ROOM % 16 == 0, "state");
_Static_assert(offsetof(Thread, trace_fp) == TRACE_FP, "thread");
_Static_assert(REG_FP == 3 && REG_THREAD == 15, "pinned registers");

void cg_trampoline(Thread *th, const uint8_t *entry, Value *fp, CgState *state);
void cg_left(CgState *state, const uint64_t *frame);
Value cg_left_called(Thread *th, CgState *state, const uint64_t *frame);
Value cg_call_slow(Thread *th, CgEntry *entry, Value *fp);

/* clang-format off */
#define PUSH(reg) "  pushq %" reg "\n  .cfi_adjust_cfa_offset 8\n  .cfi_rel_offset %" reg ", 0\n"
#define POP(reg) "  popq %" reg "\n  .cfi_adjust_cfa_offset -8\n  .cfi_restore %" reg "\n"
#define SAVE(reg, n) "  movq %" reg ", 8*" #n "(%rax)\n"
#define SAVE_XMM(n) "  movsd %xmm" #n ", " STRING(STATE_XMM) "+8*" #n "(%rax)\n"

__asm__(
    ".text\n"
    ".p2align 4\n"
    ".globl cg_trampoline\n"
    ".type cg_trampoline,@function\n"
    "cg_trampoline:\n" /* rdi thread, rsi machine code, rdx fp, rcx state */
    "  .cfi_startproc\n"
    PUSH("rbp") PUSH("rbx") PUSH("r12") PUSH("r13") PUSH("r14") PUSH("r15")
    "  pushq %rcx\n  .cfi_adjust_cfa_offset 8\n"
    "  movq %rdi, %r15\n"
    "  callq 1f\n"
    "  popq %rcx\n  .cfi_adjust_cfa_offset -8\n" /* `ret`: rax is the result */
    "  movq %rax, " STRING(STATE_RESULT) "(%rcx)\n"
    "  movq $0, " STRING(STATE_EXIT) "(%rcx)\n"
    "  .cfi_remember_state\n"
    POP("r15") POP("r14") POP("r13") POP("r12") POP("rbx") POP("rbp")
    "  retq\n"
    "  .cfi_restore_state\n"
    "  .cfi_def_cfa_offset 72\n"
    "1:\n"
    "  subq $" STRING(FRAME_BYTES) ", %rsp\n"
    "  .cfi_adjust_cfa_offset " STRING(FRAME_BYTES) "\n"
    "  movq " STRING(TRACE_FP) "(%r15), %rax\n"
    "  movq %rcx, " STRING(FRAME_STATE) "(%rsp)\n"
    "  movq %rdx, " STRING(FRAME_ENTERED) "(%rsp)\n"
    "  movq %rax, " STRING(FRAME_CALLER) "(%rsp)\n"
    "  movq %rdx, " STRING(TRACE_FP) "(%r15)\n"
    "  movq %rdx, %rbx\n"
    "  jmpq *%rsi\n"
    "  .cfi_endproc\n"
    ".size cg_trampoline, .-cg_trampoline\n"

    /* A trace calls: rdi thread, rsi CgEntry, rdx fp of the new frame. */
    ".p2align 4\n"
    ".globl cg_call_trace\n"
    ".type cg_call_trace,@function\n"
    "cg_call_trace:\n"
    "  .cfi_startproc\n"
    "  subq $" STRING(FRAME_BYTES) ", %rsp\n"
    "  .cfi_adjust_cfa_offset " STRING(FRAME_BYTES) "\n"
    "  movq $0, " STRING(FRAME_STATE) "(%rsp)\n"
    "  movq %rdx, " STRING(FRAME_ENTERED) "(%rsp)\n"
    "  movq %rbx, " STRING(FRAME_CALLER) "(%rsp)\n"
    "  movq %rdx, " STRING(TRACE_FP) "(%r15)\n"
    "  movq %rdx, %rbx\n"
    "  jmpq *(%rsi)\n"

    ".globl cg_call_stub\n"
    "cg_call_stub:\n" /* no trace yet: C runs the function */
    "  movq %r15, %rdi\n"
    "  movq %rbx, %rdx\n"
    "  callq cg_call_slow\n"

    ".globl cg_return\n"
    "cg_return:\n" /* rax is the result of a frame entered in either way */
    "  movq " STRING(FRAME_CALLER) "(%rsp), %rbx\n"
    "  movq %rbx, " STRING(TRACE_FP) "(%r15)\n"
    "  addq $" STRING(FRAME_BYTES) ", %rsp\n"
    "  .cfi_remember_state\n"
    "  .cfi_adjust_cfa_offset -" STRING(FRAME_BYTES) "\n"
    "  retq\n"
    "  .cfi_restore_state\n"
    "  .cfi_def_cfa_offset " STRING(FRAME_BYTES) "+8\n"

    ".globl cg_leave_tail\n"
    "cg_leave_tail:\n" /* 0(%rsp): return address, at which the CgExit * lies */
    "  .cfi_adjust_cfa_offset 8\n"
    "  pushq %rax\n  .cfi_adjust_cfa_offset 8\n"
    "  subq $" STRING(STATE_ROOM) ", %rsp\n  .cfi_adjust_cfa_offset " STRING(STATE_ROOM) "\n"
    "  movq " STRING(STATE_ROOM) "+16+" STRING(FRAME_STATE) "(%rsp), %rax\n"
    "  testq %rax, %rax\n"
    "  cmoveq %rsp, %rax\n"
    SAVE("rcx", 1) SAVE("rdx", 2) SAVE("rbx", 3) SAVE("rbp", 5) SAVE("rsi", 6) SAVE("rdi", 7)
    SAVE("r8", 8) SAVE("r9", 9) SAVE("r10", 10) SAVE("r11", 11) SAVE("r12", 12) SAVE("r13", 13)
    SAVE("r14", 14) SAVE("r15", 15)
    SAVE_XMM(0) SAVE_XMM(1) SAVE_XMM(2) SAVE_XMM(3) SAVE_XMM(4) SAVE_XMM(5) SAVE_XMM(6) SAVE_XMM(7)
    SAVE_XMM(8) SAVE_XMM(9) SAVE_XMM(10) SAVE_XMM(11) SAVE_XMM(12) SAVE_XMM(13) SAVE_XMM(14)
    SAVE_XMM(15)
    "  movq " STRING(STATE_ROOM) "(%rsp), %rcx\n"
    "  movq %rcx, 0(%rax)\n"
    "  movq " STRING(STATE_ROOM) "+8(%rsp), %rcx\n"
    "  movq (%rcx), %rcx\n"
    "  movq %rcx, " STRING(STATE_EXIT) "(%rax)\n"
    "  movq %rbx, " STRING(STATE_FP) "(%rax)\n"
    "  leaq " STRING(STATE_ROOM) "+16(%rsp), %rbp\n"
    "  cmpq $0, " STRING(FRAME_STATE) "(%rbp)\n"
    "  je 2f\n"
    "  movq %rax, %rdi\n"
    "  movq %rbp, %rsi\n"
    "  callq cg_left\n"
    "  movq " STRING(FRAME_CALLER) "(%rbp), %rax\n"
    "  movq %rax, " STRING(TRACE_FP) "(%r15)\n"
    "  leaq " STRING(FRAME_BYTES) "+8+8(%rbp), %rsp\n" /* back in cg_trampoline */
    "  popq %r15\n  popq %r14\n  popq %r13\n  popq %r12\n  popq %rbx\n  popq %rbp\n"
    "  retq\n"
    "2:\n"
    "  movq %r15, %rdi\n"
    "  movq %rax, %rsi\n"
    "  movq %rbp, %rdx\n"
    "  callq cg_left_called\n"
    "  movq %rbp, %rsp\n"
    "  jmp cg_return\n"
    "  .cfi_endproc\n"
    ".size cg_call_trace, .-cg_call_trace\n");
/* clang-format on */

static const CgHost *host;

void cg_set_host(const CgHost *functions) { host = functions; }

/* frame: the trace frame's words, spill slots first. */
void cg_left(CgState *state, const uint64_t *frame)
{
    CgExit *exit = state->exit;
    memcpy(state->spill, frame, exit->code->spill_used * sizeof *frame);
    state->entered = (Value *)(uintptr_t)frame[CG_ENTERED_SLOT];
}

Value cg_left_called(Thread *th, CgState *state, const uint64_t *frame)
{
    cg_left(state, frame);
    return host->finish(th, state);
}

Value cg_call_slow(Thread *th, CgEntry *entry, Value *fp) { return host->call(th, entry, fp); }

void cg_enter(Thread *th, const CgCode *code, Value *fp, CgState *state)
{
    cg_trampoline(th, code->entry, fp, state);
}

static IrWord fetch(void *context, IrRef ref)
{
    const CgState *state = context;
    const CgExit *exit = state->exit;
    for (uint32_t i = 0; i < exit->live_count; i++) {
        const CgLoc *l = &exit->locs[i];
        if (l->ref != ref) {
            continue;
        }
        switch (l->kind) {
        case CG_GPR: return (IrWord){.i = (int64_t)state->gpr[l->index]};
        case CG_XMM: return (IrWord){.f = state->xmm[l->index]};
        case CG_SPILL: return (IrWord){.i = (int64_t)state->spill[l->index]};
        default: break;
        }
    }
    return (IrWord){.i = (int64_t)VALUE_NONE};
}

Value *cg_restore(Thread *th, CgState *state)
{
    const CgExit *exit = state->exit;
    return ir_restore(th, exit->code->ir, exit->snap, state->fp, fetch, state);
}

void cg_attach(CgExit *exit, const CgCode *code)
{
    atomic_store_explicit(exit->slot, (void *)(uintptr_t)code->entry, memory_order_release);
}

void cg_detach(CgExit *exit)
{
    atomic_store_explicit(exit->slot, (void *)(uintptr_t)exit->leave, memory_order_release);
}

void cg_entry_set(CgEntry *entry, const CgCode *code)
{
    const void *target = code != NULL ? (const void *)code->entry : (const void *)cg_call_stub;
    atomic_store_explicit(&entry->target, target, memory_order_release);
}
