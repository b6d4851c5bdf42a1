/*
 * What a uop reads and writes, and the values that an exit hands over.
 *
 * A uop's effects stand in its row; a call's come from the helper's row: one that
 * may run Python, block or poll touches every class (MEM_ANY), another one what containers hold.
 * A helper never touches the root frame's slots or the counts that a trace reasons about.
 *
 * Threads: pure functions of the trace.
 */
#include "ir/ir.h"
#include "runtime/helpers.h"

static uint32_t helper_effects(const IrUop *u)
{
    if (u->imm < 0 || u->imm >= HELPER_COUNT) {
        return HELPER_READS | HELPER_WRITES | HELPER_BARRIER;
    }
    return helper_table[u->imm].effects;
}

/* The classes that a helper touches, one of its effects being `touching`: all of them if Python code
 * may run; else it is a list's or another container's own function, which knows nothing of globals,
 * cells, polls. */
static uint32_t helper_classes(const IrTrace *t, const IrUop *u, uint32_t touching)
{
    uint32_t effects = helper_effects(u);
    if ((effects & HELPER_BARRIER) != 0) {
        return MEM_ANY & ~(uint32_t)MEM_INIT;
    }
    bool touches = (effects & touching) != 0;
    bool appends = u->imm == HELPER_ID_list_append || u->imm == HELPER_ID_list_append_steal;
    uint32_t list = MEM_LIST_SIZE | MEM_LIST_TABLE | (appends ? 0 : MEM_LIST_ITEM | MEM_FIELD);
    /* what has been published others may write */
    bool publishes = (effects & touching & HELPER_WRITES) != 0 && (effects & HELPER_PUBLISHES) != 0;
    uint32_t published = publishes ? (t->shared ? MEM_CELL | MEM_PRIVATE : MEM_PRIVATE) : 0;
    return touches ? list | published : 0;
}

uint32_t ir_reads(const IrTrace *t, const IrUop *u)
{
    return u->op == IR_call ? helper_classes(t, u, HELPER_READS | HELPER_WRITES)
                            : ir_ops[u->op].reads;
}

uint32_t ir_writes(const IrTrace *t, const IrUop *u)
{
    return u->op == IR_call ? helper_classes(t, u, HELPER_WRITES) : ir_ops[u->op].writes;
}

bool ir_is_pure(const IrTrace *t, const IrUop *u)
{
    (void)t;
    if (u->op == IR_call) {
        return (helper_effects(u) & HELPER_PURE) != 0;
    }
    const IrOpInfo *row = &ir_ops[u->op];
    return (row->flags & (IRF_G | IRF_X | IRF_SP | IRF_CC | IRF_TH)) == 0 && row->reads == 0 &&
           row->writes == 0;
}

HelperId ir_cold_helper(IrOp op)
{
    switch (op) {
    case IR_incref: return HELPER_ID_object_incref_slow;
    case IR_decref: return HELPER_ID_object_decref_slow;
    case IR_lock_list: return HELPER_ID_object_lock_slow;
    case IR_unlock_list: return HELPER_ID_object_wake_waiters;
    default: return HELPER_ID_object_publish;
    }
}

typedef struct LiveSet {
    IrRef *out;
    uint32_t count, max;
} LiveSet;

static bool live_has(const LiveSet *s, IrRef r)
{
    uint32_t n = s->count < s->max ? s->count : s->max;
    for (uint32_t i = 0; i < n; i++) {
        if (s->out[i] == r) {
            return true;
        }
    }
    return false;
}

/* Adds r, or what a virtual object holds, in the order of its items. */
static void live_add(const IrTrace *t, LiveSet *s, IrRef r, uint32_t depth)
{
    if (r == IR_NONE || ir_is_const(r) || r >= t->count || depth > 64) {
        return;
    }
    const IrUop *u = &t->uops[r];
    if ((u->flags & UOP_SUNK) == 0) {
        if (!live_has(s, r)) {
            if (s->count < s->max) {
                s->out[s->count] = r;
            }
            s->count++;
        }
        return;
    }
    if (u->op == IR_alloc_cell) {
        live_add(t, s, u->a, depth + 1);
        return;
    }
    for (int32_t item = 0; item < u->imm; item++) {
        live_add(t, s, ir_virtual_item(t, r, item, NULL), depth + 1);
    }
}

IrRef ir_virtual_item(const IrTrace *t, IrRef tuple, int32_t item, bool *borrowed)
{
    for (uint32_t i = tuple + 1; i < t->count; i++) {
        const IrUop *u = &t->uops[i];
        if (u->op == IR_init_tuple && u->a == tuple && u->imm == item) {
            if (borrowed != NULL) {
                *borrowed = (u->flags & UOP_BORROWED) != 0;
            }
            return u->b;
        }
    }
    return IR_NONE;
}

uint32_t ir_snap_live(const IrTrace *t, uint32_t snap, IrRef *out, uint32_t max)
{
    LiveSet s = {.out = out, .max = max};
    const IrSnap *k = &t->snaps[snap];
    for (uint32_t i = 0; i < k->count; i++) {
        live_add(t, &s, t->entries[k->first + i].ref, 0);
    }
    return s.count;
}
