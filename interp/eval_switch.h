/*
 * Eval, switch dispatch: each handler a case of one switch. Included by eval.c only.
 *
 * For builds whose compiler flags rule tail calls out.  One loop serves all three tables: `disp`
 * names the mode, and the counted bytecodes ask the Vm whether there is a JIT.
 */
#define T VALUE_INT_MIN_TAG
#define D1 VALUE_DOUBLE_OFFSET
#define TID (th->tid)

static const uint8_t table_plain, table_counting, table_recording; /* only their addresses matter */
const void *vm_dispatch_plain(void) { return &table_plain; }
const void *vm_dispatch_normal(void) { return &table_counting; }
const void *vm_dispatch_recording(void) { return &table_recording; }

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
    if (th->dispatch == &table_plain || plain) {              \
        if (--th->ticks <= 0) {                               \
            COLD(poll);                                       \
        }                                                     \
    } else if (--thread_vm(th)->hot[VM_HOT_INDEX(pc)] == 0) { \
        COLD(hot);                                            \
    }
#define COUNT_ENTRY(entry)                                                \
    do {                                                                  \
        uint16_t *entry_count = &thread_vm(th)->hot[VM_HOT_INDEX(entry)]; \
        if (th->dispatch != &table_plain && !plain) {                     \
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
    op = pc->op;
run:
    switch ((Bytecode)op) {
#include "interp/handlers_arith.h"
#include "interp/handlers_call.h"
#include "interp/handlers_compare.h"
#include "interp/handlers_items.h"
#include "interp/handlers_iterate.h"
#include "interp/handlers_names.h"
#include "interp/handlers_return.h"
    case BC_COUNT: return;
    }
#include "interp/handlers_cold.h"
}
