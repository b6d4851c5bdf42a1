/*
 * Common subexpressions: an equal earlier uop stands for a new one.
 *
 * Uops of one hash are chained from the newest to the oldest; a search ends at the newest operand
 * (nothing older can use it).  A carried operand is a new value in the
 * body, so what the first iteration made of the old one is not found.  Loads are found only while nothing has
 * written their memory classes: alive[class] is the first uop from which a load may be reused.  In
 * the loop body a load from before the loop is reused only if the loop never writes its class; that
 * class is then noted as hoisted.  A guard that has passed on the same operands passes again.
 *
 * guard_poll is never found again: it asks a question whose answer others change.
 */
#include "optimizer/internal.h"

#include "runtime/helpers.h"

enum { SEARCH_LIMIT = 128 };

static bool may_share(const Opt *o, const Fold *f)
{
    if (f->op == IR_guard_poll || f->op == IR_incref || f->op == IR_decref) {
        return false;
    }
    if (f->op == IR_slot || f->op == IR_inherit) {
        return true;
    }
    if (f->op == IR_call) {
        return (helper_table[f->imm].effects & HELPER_PURE) != 0;
    }
    (void)o;
    const IrOpInfo *row = &ir_ops[f->op];
    return (row->flags & (IRF_SP | IRF_TH | IRF_CC)) == 0 && row->writes == 0;
}

uint32_t opt_load_floor(const Opt *o, uint32_t reads)
{
    uint32_t floor = 0;
    for (uint32_t c = 0; reads >> c != 0; c++) {
        if ((reads >> c & 1) != 0 && o->alive[c] > floor) {
            floor = o->alive[c];
        }
    }
    return floor;
}

IrRef opt_find(const Opt *o, IrOp op, IrRef a, IrRef b, IrRef c, int32_t imm)
{
    uint32_t floor = 0;
    const IrRef operands[3] = {a, b, c};
    for (int i = 0; i < 3; i++) {
        if (!ir_is_const(operands[i]) && operands[i] != IR_NONE && operands[i] > floor) {
            floor = operands[i];
        }
    }
    uint32_t next = o->bucket[opt_bucket(op, a, b, c, imm)];
    for (uint32_t steps = 0; next > floor && steps < SEARCH_LIMIT; steps++) {
        const IrUop *u = &o->t->uops[next - 1];
        if (u->op == op && u->a == a && u->b == b && u->c == c && u->imm == imm) {
            bool carried = opt_carried(o, a) || opt_carried(o, b) || opt_carried(o, c);
            return carried && next <= o->body ? IR_NONE : next - 1;
        }
        next = o->older[next - 1];
    }
    return IR_NONE;
}

IrRef opt_cse(Opt *o, const Fold *f, bool *gone)
{
    *gone = false;
    if (!may_share(o, f)) {
        return IR_NONE;
    }
    IrRef r = opt_find(o, f->op, f->a, f->b, f->c, f->imm);
    if (r == IR_NONE) {
        return IR_NONE;
    }
    uint32_t reads = f->op == IR_call || f->op == IR_slot ? 0 : ir_ops[f->op].reads;
    if (reads != 0) {
        if (r < opt_load_floor(o, reads)) {
            return IR_NONE;
        }
        if (o->body != IR_NONE && r < o->body) {
            o->hoisted |= reads;
        }
    }
    *gone = o->t->uops[r].type == IR_N;
    return *gone ? IR_NONE : r;
}

void opt_kill(Opt *o, uint32_t writes)
{
    if ((writes & MEM_LIST_ITEM) != 0 &&
        (o->t->count == 0 || o->t->uops[o->t->count - 1].op != IR_store_list_item)) {
        o->item_floor = o->t->count;
    }
    for (uint32_t c = 0; c < OPT_CLASSES; c++) {
        if ((writes >> c & 1) != 0) {
            o->alive[c] = o->t->count;
        }
    }
}
