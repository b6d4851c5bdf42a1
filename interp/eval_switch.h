/*
 * Eval, switch dispatch: each handler a case of one switch. Included by eval.c only.
 *
 * For builds whose compiler flags rule tail calls out.  One loop serves all tables: Thread.dispatch
 * names the mode, the counted bytecodes ask whether there is a JIT, and of two switches one is that of
 * threads that are alone.
 */
#define T VALUE_INT_MIN_TAG
#define D1 VALUE_DOUBLE_OFFSET
#define TID (th->tid)

/* only their addresses matter */
static const uint8_t table_plain, table_counting, table_plain_many, table_counting_many,
    table_recording;
const void *vm_dispatch_recording(void) { return &table_recording; }
const void *vm_dispatch_normal(const Thread *th)
{
    if (vm_counts(th)) {
        return th->alone ? &table_counting : &table_counting_many;
    }
    return th->alone ? &table_plain : &table_plain_many;
}

#define DISPATCH() goto dispatch
#define DISPATCH_RELOAD() goto dispatch
#define NEXT(words)    \
    do {               \
        pc += (words); \
        goto dispatch; \
    } while (0)
#define JUMP() NEXT(SIGNED(pc->c))
#define COLD(name) goto cold_##name
#define RAISE() COLD(raise)
#define LEAVE() return
#define GO_PLAIN_RELOAD(opcode) \
    do {                        \
        op = (opcode);          \
        plain = true;           \
        goto run;               \
    } while (0)
#define OP(name) case BC_##name:
#define COLD_OP(name) cold_##name:
#define COUNT_BACK_EDGE()                                     \
    if (plain || !vm_counts(th)) {                            \
        if (--th->ticks <= 0) {                               \
            COLD(poll);                                       \
        }                                                     \
    } else if (--thread_vm(th)->hot[VM_HOT_INDEX(pc)] == 0) { \
        COLD(hot);                                            \
    }
#define COUNT_ENTRY(entry)                                                \
    do {                                                                  \
        uint16_t *entry_count = &thread_vm(th)->hot[VM_HOT_INDEX(entry)]; \
        if (!plain && vm_counts(th)) {                                    \
            if (*entry_count <= 2) {                                      \
                COLD(hot_entry);                                          \
            }                                                             \
            *entry_count = (uint16_t)(*entry_count - 2);                  \
        }                                                                 \
    } while (0)

void vm_enter(const Insn *pc, Value *fp, Thread *th, const void *disp)
{
    (void)disp;
    uint32_t op;
    bool plain;
dispatch:
    plain = false;
    if (th->dispatch == &table_recording) {
        vm_publish(th, pc, fp);
        thread_vm(th)->config.jit->step(th, pc, fp);
    }
    assert(vm_dispatch_fits(th, th->dispatch));
    op = insn_op(pc);
run:
    if (th->alone) {
        switch ((Bytecode)op) {
#define MANY 0
#include "interp/eval_cases.h"
#undef MANY
        case BC_COUNT: return;
        }
    }
    switch ((Bytecode)op) {
#define MANY 1
#include "interp/eval_cases.h"
#undef MANY
    case BC_COUNT: return;
    }
#include "interp/handlers_cold.h"
}
