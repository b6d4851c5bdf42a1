/*
 * Eval, tail dispatch: each handler a function. Included by eval.c only.
 *
 * preserve_none passes pc, fp, th, T in r12-r15, which C functions preserve, and D1, tid, disp in
 * rdi, rsi, rdx, which they do not: after a call of C go on with the _RELOAD forms.
 */
#define HANDLER_ARGS                                                                          \
    const Insn *pc, Value *fp, Thread *th, const Value T, const Value D1, const uint32_t tid, \
        const void *disp
#define PASS pc, fp, th, T, D1, tid, disp
#define PASS_RELOAD pc, fp, th, VALUE_INT_MIN_TAG, VALUE_DOUBLE_OFFSET, th->tid, th->dispatch
#define TID tid
typedef __attribute__((preserve_none)) void (*Handler)(HANDLER_ARGS);
#define MUSTTAIL __attribute__((musttail))

#define GO(op) MUSTTAIL return ((const Handler *)disp)[op](PASS)
#define GO_RELOAD(op) MUSTTAIL return ((const Handler *)th->dispatch)[op](PASS_RELOAD)
#define DISPATCH()  \
    do {            \
        GO(pc->op); \
    } while (0)
#define DISPATCH_RELOAD()  \
    do {                   \
        GO_RELOAD(pc->op); \
    } while (0)
#define NEXT(words)    \
    do {               \
        pc += (words); \
        GO(pc->op);    \
    } while (0)
#define JUMP() NEXT(SIGNED(pc->c))
#define COLD(name)                         \
    do {                                   \
        MUSTTAIL return cold_##name(PASS); \
    } while (0)
#define RAISE() COLD(raise)
#define LEAVE() return
/* Runs opcode op at pc by its plain handler. */
#define GO_PLAIN_RELOAD(op)                           \
    do {                                              \
        MUSTTAIL return table_plain[op](PASS_RELOAD); \
    } while (0)

#define COLD_OP(name) \
    __attribute__((preserve_none, cold, noinline)) static void cold_##name(HANDLER_ARGS)
#define PASTE2(a, b) a##b
#define PASTE(a, b) PASTE2(a, b)
#define OP(name) __attribute__((preserve_none)) static void PASTE(OP_PREFIX, name)(HANDLER_ARGS)

#define DECLARE_COLD(name) COLD_OP(name);
COLD_LIST(DECLARE_COLD)
#undef DECLARE_COLD
static const Handler table_plain[BC_COUNT];

/* Handlers whose bytecodes do not count. */
#define OP_PREFIX op_
#include "interp/handlers_arith.h"
#include "interp/handlers_compare.h"
#include "interp/handlers_items.h"
#include "interp/handlers_names.h"
#include "interp/handlers_return.h"
/* Those that do, twice: without and with a JIT. */
#define COUNT_BACK_EDGE()             \
    if (UNLIKELY(--th->ticks <= 0)) { \
        COLD(poll);                   \
    }
#define COUNT_ENTRY(entry) ((void)0)
#include "interp/handlers_call.h"
#include "interp/handlers_iterate.h"
#undef COUNT_BACK_EDGE
#undef COUNT_ENTRY
#undef OP_PREFIX
#define OP_PREFIX count_op_
#define COUNT_BACK_EDGE()                                        \
    if (UNLIKELY(--thread_vm(th)->hot[VM_HOT_INDEX(pc)] == 0)) { \
        COLD(hot);                                               \
    }
#define COUNT_ENTRY(entry)                                                \
    do {                                                                  \
        uint16_t *entry_count = &thread_vm(th)->hot[VM_HOT_INDEX(entry)]; \
        if (UNLIKELY(*entry_count <= 2)) {                                \
            COLD(hot_entry);                                              \
        }                                                                 \
        *entry_count = (uint16_t)(*entry_count - 2);                      \
    } while (0)
#include "interp/handlers_call.h"
#include "interp/handlers_iterate.h"
#undef COUNT_BACK_EDGE
#undef COUNT_ENTRY
#undef OP_PREFIX
#include "interp/handlers_cold.h"

static const Handler table_counting[BC_COUNT];
__attribute__((preserve_none)) static void op_recording_step(HANDLER_ARGS)
{
    vm_publish(th, pc, fp);
    thread_vm(th)->config.jit->step(th, pc, fp);
    MUSTTAIL return table_counting[pc->op](PASS_RELOAD);
}

/* The counting table is the plain one but for the rows at its end. */
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Winitializer-overrides"
#define BC(name, a, b, c, cache, text) [BC_##name] = op_##name,
#define ROW(name) [BC_##name] = count_op_##name,
#define ROW_BACK(name, op) ROW(JB##name##_RR) ROW(JB##name##_RI) ROW(JB##name##_RK)
static const Handler table_plain[BC_COUNT] = {
#include "interp/bytecode.def"
};
static const Handler table_counting[BC_COUNT] = {
#include "interp/bytecode.def"
    COMPARE_LIST(ROW_BACK) ROW(JMPB) ROW(JMPB_WIDE) ROW(JTB) ROW(JFB) ROW(FOR) ROW(FOR_T) ROW(CALL)
        ROW(CALL_METHOD)};
static const Handler table_recording[BC_COUNT] = {[0 ... BC_COUNT - 1] = op_recording_step};
#undef BC
#undef ROW
#undef ROW_BACK
#pragma clang diagnostic pop

const void *vm_dispatch_plain(void) { return table_plain; }
const void *vm_dispatch_normal(void) { return table_counting; }
const void *vm_dispatch_recording(void) { return table_recording; }

/* vm_enter(pc, fp, th, dispatch): all callee-saved registers are kept for C; the handlers own them. */
__asm__(".text\n"
        ".globl vm_enter\n"
        ".type vm_enter, @function\n"
        ".p2align 4\n"
        "vm_enter:\n"
        "    .cfi_startproc\n"
        "    endbr64\n"
        "    pushq %rbp\n"
        "    .cfi_def_cfa_offset 16\n"
        "    .cfi_offset %rbp, -16\n"
        "    pushq %rbx\n"
        "    .cfi_def_cfa_offset 24\n"
        "    .cfi_offset %rbx, -24\n"
        "    pushq %r12\n"
        "    .cfi_def_cfa_offset 32\n"
        "    .cfi_offset %r12, -32\n"
        "    pushq %r13\n"
        "    .cfi_def_cfa_offset 40\n"
        "    .cfi_offset %r13, -40\n"
        "    pushq %r14\n"
        "    .cfi_def_cfa_offset 48\n"
        "    .cfi_offset %r14, -48\n"
        "    pushq %r15\n"
        "    .cfi_def_cfa_offset 56\n"
        "    .cfi_offset %r15, -56\n"
        "    subq $8, %rsp\n"
        "    .cfi_def_cfa_offset 64\n"
        "    movq %rdi, %r12\n"
        "    movq %rsi, %r13\n"
        "    movq %rdx, %r14\n"
        "    movq %rcx, %rdx\n"
        "    movabsq $0xFFFC000000000000, %r15\n"
        "    movabsq $0x0001000000000000, %rdi\n"
        "    movl (%r14), %esi\n"
        "    movzwl (%r12), %eax\n"
        "    callq *(%rdx,%rax,8)\n"
        "    addq $8, %rsp\n"
        "    .cfi_def_cfa_offset 56\n"
        "    popq %r15\n"
        "    .cfi_def_cfa_offset 48\n"
        "    popq %r14\n"
        "    .cfi_def_cfa_offset 40\n"
        "    popq %r13\n"
        "    .cfi_def_cfa_offset 32\n"
        "    popq %r12\n"
        "    .cfi_def_cfa_offset 24\n"
        "    popq %rbx\n"
        "    .cfi_def_cfa_offset 16\n"
        "    popq %rbp\n"
        "    .cfi_def_cfa_offset 8\n"
        "    retq\n"
        "    .cfi_endproc\n"
        ".size vm_enter, . - vm_enter\n");
