/*
 * Pass memory: dead stores.  (Its other half, forwarding from stores to loads, works at emission:
 * fold_memory.c.)
 *
 * Needs: a folded trace.  Guarantees: a store to a list item, cell, global or field that is
 * overwritten before anything can see it is gone.
 *
 * Seeing: a load of the class (one that was not forwarded), a call that reads or writes it, any exit
 * (the interpreter goes on there), the loop head, the end.  The references that stores move are
 * counted explicitly: the overwriting store is preceded by a load of the old value, forwarded to the
 * dead store's value, and followed by its decref; so removing the store moves no reference.
 */
#include "optimizer/internal.h"

/* Stores to one place that were found on the way back from the end, unseen so far. */
enum { PENDING_MAX = 16 };

typedef struct Pending {
    IrOp op;
    IrRef a, b; /* place: table and index; object */
    int32_t imm;
} Pending;

static bool is_store(IrOp op)
{
    return op == IR_store_list_item || op == IR_store_cell || op == IR_store_global ||
           op == IR_store_field_value || op == IR_store_field_int;
}

static Pending place_of(const IrUop *u)
{
    return (Pending){.op = (IrOp)u->op,
                     .a = u->a,
                     .b = u->op == IR_store_list_item ? u->b : IR_NONE,
                     .imm = u->imm};
}

static bool same_place(const Pending *p, const Pending *q)
{
    return p->op == q->op && p->a == q->a && p->b == q->b && p->imm == q->imm;
}

void opt_pass_memory(Opt *o)
{
    IrTrace *t = o->t;
    Pending pending[PENDING_MAX];
    uint32_t count = 0;
    for (uint32_t i = t->count; i-- > 0;) {
        IrUop *u = &t->uops[i];
        if (!is_store((IrOp)u->op)) {
            bool seen = ir_exits(u) || u->op == IR_loop || ir_is_terminator((IrOp)u->op) ||
                        u->op == IR_call || ((ir_reads(t, u) & ~(uint32_t)MEM_COUNT) != 0);
            count = seen ? 0 : count;
            continue;
        }
        Pending p = place_of(u);
        uint32_t k = 0;
        while (k < count && !same_place(&pending[k], &p)) {
            k++;
        }
        if (k < count) {
            *u = (IrUop){.op = IR_nop, .a = IR_NONE, .b = IR_NONE, .c = IR_NONE, .snap = IR_NONE};
        } else if (count < PENDING_MAX) {
            pending[count++] = p;
        }
    }
}
