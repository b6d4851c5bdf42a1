/*
 * Into machine code and out of it.
 *
 * The trampoline saves the six callee-saved registers and makes the trace frame: CG_SPILL_SLOTS words
 * below them.  A trace leaves by `call cg_leave_tail`; the word behind that call is its CgExit.  The
 * tail writes all registers into the CgState whose address the trampoline has kept above the frame,
 * lets C copy the spill slots, and returns from cg_enter.
 *
 *     higher   return address | rbp rbx r12-r15 | CgState * | 256 spill slots   <- rsp in a trace
 *
 * Threads: any, each on its own stack.
 */
#include "codegen/internal.h"

#define STRING_(x) #x
#define STRING(x) STRING_(x)
#define FRAME_BYTES 2048
#define STATE_XMM 128
#define STATE_EXIT 2304
#define STATE_FP 2312
_Static_assert(CG_SPILL_SLOTS * 8 == FRAME_BYTES, "frame");
_Static_assert(offsetof(CgState, xmm) == STATE_XMM, "state");
_Static_assert(offsetof(CgState, exit) == STATE_EXIT, "state");
_Static_assert(offsetof(CgState, fp) == STATE_FP, "state");
_Static_assert(REG_FP == 3 && REG_THREAD == 15, "pinned registers");

void cg_trampoline(Thread *th, const uint8_t *entry, Value *fp, CgState *state);
void cg_left(CgState *state, const uint64_t *spill);

__asm__(
    ".text\n"
    ".p2align 4\n"
    ".globl cg_trampoline\n"
    ".type cg_trampoline,@function\n"
    "cg_trampoline:\n"
    "  .cfi_startproc\n"
    "  pushq %rbp\n  .cfi_adjust_cfa_offset 8\n  .cfi_rel_offset %rbp, 0\n"
    "  pushq %rbx\n  .cfi_adjust_cfa_offset 8\n  .cfi_rel_offset %rbx, 0\n"
    "  pushq %r12\n  .cfi_adjust_cfa_offset 8\n  .cfi_rel_offset %r12, 0\n"
    "  pushq %r13\n  .cfi_adjust_cfa_offset 8\n  .cfi_rel_offset %r13, 0\n"
    "  pushq %r14\n  .cfi_adjust_cfa_offset 8\n  .cfi_rel_offset %r14, 0\n"
    "  pushq %r15\n  .cfi_adjust_cfa_offset 8\n  .cfi_rel_offset %r15, 0\n"
    "  pushq %rcx\n  .cfi_adjust_cfa_offset 8\n"
    "  subq $" STRING(
        FRAME_BYTES) ", %rsp\n"
                     "  .cfi_adjust_cfa_offset " STRING(
                         FRAME_BYTES) "\n"
                                      "  movq %rdi, %r15\n"
                                      "  movq %rdx, %rbx\n"
                                      "  jmpq *%rsi\n"
                                      ".globl cg_leave_tail\n"
                                      "cg_leave_tail:\n" /* 0(%rsp): return address, at which the CgExit * lies */
                                      "  .cfi_adjust_cfa_offset 8\n"
                                      "  pushq %rax\n  .cfi_adjust_cfa_offset 8\n"
                                      "  movq 16+" STRING(
                                          FRAME_BYTES) "(%rsp), %rax\n"
                                                       "  movq %rcx, 8(%rax)\n  movq %rdx, "
                                                       "16(%rax)\n  movq %rbx, 24(%rax)\n"
                                                       "  movq %rbp, 40(%rax)\n  movq %rsi, "
                                                       "48(%rax)\n  movq %rdi, 56(%rax)\n"
                                                       "  movq %r8, 64(%rax)\n  movq %r9, "
                                                       "72(%rax)\n  movq %r10, 80(%rax)\n"
                                                       "  movq %r11, 88(%rax)\n  movq %r12, "
                                                       "96(%rax)\n  movq %r13, 104(%rax)\n"
                                                       "  movq %r14, 112(%rax)\n  movq %r15, "
                                                       "120(%rax)\n"
                                                       "  movsd %xmm0, 128(%rax)\n  movsd %xmm1, "
                                                       "136(%rax)\n  movsd %xmm2, 144(%rax)\n"
                                                       "  movsd %xmm3, 152(%rax)\n  movsd %xmm4, "
                                                       "160(%rax)\n  movsd %xmm5, 168(%rax)\n"
                                                       "  movsd %xmm6, 176(%rax)\n  movsd %xmm7, "
                                                       "184(%rax)\n  movsd %xmm8, 192(%rax)\n"
                                                       "  movsd %xmm9, 200(%rax)\n  movsd %xmm10, "
                                                       "208(%rax)\n  movsd %xmm11, 216(%rax)\n"
                                                       "  movsd %xmm12, 224(%rax)\n  movsd %xmm13, "
                                                       "232(%rax)\n  movsd %xmm14, 240(%rax)\n"
                                                       "  movsd %xmm15, 248(%rax)\n"
                                                       "  popq %rcx\n  .cfi_adjust_cfa_offset -8\n"
                                                       "  movq %rcx, 0(%rax)\n"
                                                       "  popq %rcx\n  .cfi_adjust_cfa_offset -8\n"
                                                       "  movq (%rcx), %rcx\n"
                                                       "  movq %rcx, " STRING(
                                                           STATE_EXIT) "(%rax)\n"
                                                                       "  movq %rbx, " STRING(
                                                                           STATE_FP) "(%rax)\n"
                                                                                     "  movq %rax, "
                                                                                     "%rdi\n"
                                                                                     "  movq %rsp, "
                                                                                     "%rsi\n"
                                                                                     "  callq "
                                                                                     "cg_left\n"
                                                                                     "  addq "
                                                                                     "$" STRING(
                                                                                         FRAME_BYTES) "+8, %rsp\n"
                                                                                                      "  .cfi_adjust_cfa_offset -" STRING(
                                                                                                          FRAME_BYTES) "-8\n"
                                                                                                                       "  popq %r15\n  .cfi_adjust_cfa_offset -8\n"
                                                                                                                       "  popq %r14\n  .cfi_adjust_cfa_offset -8\n"
                                                                                                                       "  popq %r13\n  .cfi_adjust_cfa_offset -8\n"
                                                                                                                       "  popq %r12\n  .cfi_adjust_cfa_offset -8\n"
                                                                                                                       "  popq %rbx\n  .cfi_adjust_cfa_offset -8\n"
                                                                                                                       "  popq %rbp\n  .cfi_adjust_cfa_offset -8\n"
                                                                                                                       "  retq\n"
                                                                                                                       "  .cfi_endproc\n"
                                                                                                                       ".size cg_trampoline, .-cg_trampoline\n");

void cg_left(CgState *state, const uint64_t *spill)
{
    CgExit *exit = state->exit;
    memcpy(state->spill, spill, exit->code->spill_used * sizeof *spill);
    atomic_fetch_add_explicit(&exit->count, 1, memory_order_relaxed);
}

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
