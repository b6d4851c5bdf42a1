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

/* Between two calls of C the table in the register is the one in force, and fits Thread.alone. */
#define GO(op)                                                      \
    do {                                                            \
        assert(disp == th->dispatch && vm_dispatch_fits(th, disp)); \
        MUSTTAIL return ((const Handler *)disp)[op](PASS);          \
    } while (0)
#define GO_RELOAD(op)                                                     \
    do {                                                                  \
        assert(vm_dispatch_fits(th, th->dispatch));                       \
        MUSTTAIL return ((const Handler *)th->dispatch)[op](PASS_RELOAD); \
    } while (0)
#define DISPATCH() GO(insn_op(pc))
#define DISPATCH_RELOAD() GO_RELOAD(insn_op(pc))
#define NEXT(words)    \
    do {               \
        pc += (words); \
        DISPATCH();    \
    } while (0)
#define JUMP() NEXT(SIGNED(pc->c))
#define COLD(name)                         \
    do {                                   \
        MUSTTAIL return cold_##name(PASS); \
    } while (0)
#define RAISE() COLD(raise)
#define LEAVE() return
/* Runs opcode op at pc by its plain handler. */
#define GO_PLAIN_RELOAD(op)                                                                  \
    do {                                                                                     \
        uint16_t plain_op = (op);                                                            \
        MUSTTAIL return (th->alone ? table_plain : table_plain_many)[plain_op](PASS_RELOAD); \
    } while (0)

#define COLD_OP(name) \
    __attribute__((preserve_none, cold, noinline)) static void cold_##name(HANDLER_ARGS)
#define PASTE2(a, b) a##b
#define PASTE(a, b) PASTE2(a, b)
#define OP(name) __attribute__((preserve_none)) static void PASTE(OP_PREFIX, name)(HANDLER_ARGS)

#define DECLARE_COLD(name) COLD_OP(name);
COLD_LIST(DECLARE_COLD)
#undef DECLARE_COLD
static const Handler table_plain[BC_COUNT], table_plain_many[BC_COUNT];

/* Handlers whose bytecodes do not count. */
#define OP_PREFIX op_
#define MANY 0
#include "interp/handlers_arith.h"
#include "interp/handlers_compare.h"
#include "interp/handlers_items.h"
#include "interp/handlers_leave.h"
#include "interp/handlers_names.h"
#include "interp/handlers_return.h"
#include "interp/handlers_slow.h"
/* Those that do, without a JIT ... */
#define COUNT_BACK_EDGE()             \
    if (UNLIKELY(--th->ticks <= 0)) { \
        COLD(poll);                   \
    }
#define COUNT_ENTRY(entry) ((void)0)
#include "interp/handlers_call.h"
#include "interp/handlers_for.h"
#include "interp/handlers_iterate.h"
#undef MANY
#undef OP_PREFIX
/* ... and, as all those that touch shared memory or counts, beside other threads. */
#define OP_PREFIX many_op_
#define MANY 1
#include "interp/handlers_for.h"
#include "interp/handlers_items.h"
#include "interp/handlers_names.h"
#include "interp/handlers_return.h"
#undef MANY
#undef OP_PREFIX
#undef COUNT_BACK_EDGE
#undef COUNT_ENTRY
/* With a JIT. */
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
#define OP_PREFIX count_op_
#define MANY 0
#include "interp/handlers_call.h"
#include "interp/handlers_for.h"
#include "interp/handlers_iterate.h"
#undef MANY
#undef OP_PREFIX
#define OP_PREFIX many_count_op_
#define MANY 1
#include "interp/handlers_for.h"
#undef MANY
#undef OP_PREFIX
#undef COUNT_BACK_EDGE
#undef COUNT_ENTRY
#include "interp/handlers_cold.h"

static const Handler table_counting[BC_COUNT], table_counting_many[BC_COUNT];
__attribute__((preserve_none)) static void op_recording_step(HANDLER_ARGS)
{
    vm_publish(th, pc, fp);
    thread_vm(th)->config.jit->step(th, pc, fp);
    MUSTTAIL return (th->alone ? table_counting : table_counting_many)[insn_op(pc)](PASS_RELOAD);
}

/* Each table is the plain one but for the rows at its end. */
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Winitializer-overrides"
#define BC(name, a, b, c, cache, text) [BC_##name] = op_##name,
#define ROW_COUNT(name) [BC_##name] = count_op_##name,
#define ROW_MANY(name) [BC_##name] = many_op_##name,
#define ROW_BACK(name, op) \
    ROW_COUNT(JB##name##_RR) ROW_COUNT(JB##name##_RI) ROW_COUNT(JB##name##_RK)
// clang-format off
#define COUNTING(X) X(JMPB) X(JMPB_WIDE) X(JTB) X(JFB) X(CALL) X(CALL_METHOD)
/* All of handlers_names.h, _items.h, _return.h. */
#define SHARING(X)                                                                                 \
    X(MOVE) X(MOVE_T) X(TAKE) X(TAKE_T) X(LOADI) X(LOADI_T) X(LOADK) X(LOADK_T) X(CLEAR) X(UNBIND) \
    X(DROP) X(COPY_T) X(LOAD_GLOBAL) X(STORE_GLOBAL) X(LOAD_CELL) X(STORE_CELL) X(LOAD_FREE)       \
    X(STORE_FREE) X(GET_ITEM) X(GET_ITEM_T) X(SET_ITEM) X(SET_ITEM_I) X(GET_ATTR) X(LOAD_METHOD)   \
    X(RETURN) X(RETURN_K)
// clang-format on
static const Handler table_plain[BC_COUNT] = {
#include "interp/bytecode.def"
};
static const Handler table_plain_many[BC_COUNT] = {
#include "interp/bytecode.def"
    SHARING(ROW_MANY) ROW_MANY(FOR) ROW_MANY(FOR_T)};
static const Handler table_counting[BC_COUNT] = {
#include "interp/bytecode.def"
    COMPARE_LIST(ROW_BACK) COUNTING(ROW_COUNT) ROW_COUNT(FOR) ROW_COUNT(FOR_T)};
static const Handler table_counting_many[BC_COUNT] = {
#include "interp/bytecode.def"
    COMPARE_LIST(ROW_BACK) COUNTING(ROW_COUNT) SHARING(ROW_MANY)[BC_FOR] = many_count_op_FOR,
    [BC_FOR_T] = many_count_op_FOR_T};
static const Handler table_recording[BC_COUNT] = {[0 ... BC_COUNT - 1] = op_recording_step};
#undef BC
#undef ROW_COUNT
#undef ROW_MANY
#undef ROW_BACK
#pragma clang diagnostic pop

const void *vm_dispatch_recording(void) { return table_recording; }
const void *vm_dispatch_normal(const Thread *th)
{
    if (vm_counts(th)) {
        return th->alone ? table_counting : table_counting_many;
    }
    return th->alone ? table_plain : table_plain_many;
}

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
