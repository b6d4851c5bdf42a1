/*
 * Pass refs, part 2: values that a loop carries and that the epoch lends need no count.
 *
 *     for i in r: x = rows[i]        x_k is held by nobody but its slot until x_(k+1) takes its place
 *
 * The recording takes a reference of each value and drops it an iteration later: increfs of the phi's
 * operands, decrefs of the phi.  Where the loop calls no barrier, and each value was read from memory that
 * others may write, the epoch keeps it alive for as long as the thread stays in the loop.  The objects that
 * the values were read from must be held all that time: their roots are from before the loop, and nothing in
 * the trace drops them (what the loop itself makes may be gone in the next iteration).
 *
 * Exits then take the reference (SNAP_INCREF); the phi is marked (UOP_LENT), and the head's snapshot, too:
 * who goes on at this head brings a value without a reference.
 */
#include "optimizer/refs.h"

#include "runtime/helpers.h"

typedef struct Uses { /* of one value, in one stretch of the trace */
    uint32_t increfs, decrefs;
    bool others; /* given away, or carried on under another name */
} Uses;

/* Does the uop use v in a way that may move its reference? Where it only looks at v, it does not. */
static bool moves(const IrUop *u, IrRef v)
{
    switch ((IrOp)u->op) {
    case IR_store_list_item: return u->c == v;
    case IR_store_cell:
    case IR_store_global:
    case IR_store_field_value:
    case IR_init_tuple: return u->b == v;
    case IR_alloc_cell:
    case IR_store_slot:
    case IR_ret: return u->a == v;
    case IR_call: return u->b == v && u->imm == HELPER_ID_list_append_steal;
    default: return false;
    }
}

static Uses uses_of(const IrTrace *t, IrRef v, uint32_t from, uint32_t end)
{
    Uses n = {0};
    for (uint32_t i = from; i < end; i++) {
        const IrUop *u = &t->uops[i];
        n.increfs += u->op == IR_incref && u->a == v;
        n.decrefs += u->op == IR_decref && u->a == v;
        n.others = n.others || moves(u, v);
    }
    return n;
}

/* Phis that v is the next value of. */
static uint32_t carriers(const IrTrace *t, IrRef v, bool next)
{
    uint32_t n = 0;
    for (uint32_t i = t->loop + 1; i < t->count; i++) {
        const IrUop *u = &t->uops[i];
        n += u->op == IR_phi && (next ? u->b : u->a) == v;
    }
    return n;
}

/* Was v read from memory that others may write, all that leads to it being held from before the loop on? */
static bool rooted(const Refs *s, IrRef v, int depth)
{
    const IrTrace *t = s->o->t;
    if (ir_is_const(v)) {
        return true;
    }
    const IrUop *u = &t->uops[v];
    IrRef from = u->a;
    bool own = u->op == IR_call && (helper_table[u->imm].effects & HELPER_LENDS) == 0;
    if (!own && (refs_lending_class(t, v) & s->loop_writes) != 0) {
        return false;
    }
    switch ((IrOp)u->op) {
    case IR_load_shared_global: return true;
    case IR_load_list_item:
    case IR_load_shared_item: from = ir_is_const(from) ? IR_NONE : t->uops[from].a; break;
    case IR_load_const_value:
        if (ir_type_of(t, from) == IR_P) {
            from = ir_is_const(from) ? IR_NONE : t->uops[from].a;
        }
        break;
    case IR_load_cell:
    case IR_load_shared_cell:
    case IR_load_field_value:
    case IR_load_shared_field:
    case IR_load_tuple_item: break;
    case IR_call:
        if (own) {
            return v < t->loop;
        }
        break;
    default: return v < t->loop; /* refs_lent has seen that it is held */
    }
    return depth < LENDER_DEPTH && from != IR_NONE && rooted(s, from, depth + 1);
}

/* Is v, an operand of the phi, counted n times in its stretch and lent by the epoch beyond its end? */
static bool operand_lent(const Refs *s, IrRef v, uint32_t from, uint32_t end, uint32_t n, bool next)
{
    const IrTrace *t = s->o->t;
    if (ir_is_const(v)) {
        return opt_uncounted(s->o, v);
    }
    if (v < from || v >= end || carriers(t, v, next) != 1) {
        return false;
    }
    Uses uses = uses_of(t, v, from, end);
    IrOp op = (IrOp)t->uops[v].op;
    bool shared = op == IR_load_shared_item || op == IR_load_shared_cell ||
                  op == IR_load_shared_global ||
                  (op == IR_call && (helper_table[t->uops[v].imm].effects & HELPER_LENDS) != 0);
    return shared && uses.increfs == n && uses.decrefs == 0 && !uses.others && refs_lent(s, v, 0) &&
           rooted(s, v, 0);
}

static void remove_counts(Refs *s, IrRef v, uint32_t from, uint32_t end)
{
    const IrTrace *t = s->o->t;
    for (uint32_t i = from; i < end && !ir_is_const(v); i++) {
        const IrUop *u = &t->uops[i];
        if ((u->op == IR_incref || u->op == IR_decref) && u->a == v) {
            refs_remove(s->o, i);
        }
    }
}

/* All exits take a reference of v. */
static void exits_take_all(const Refs *s, IrRef v)
{
    const IrTrace *t = s->o->t;
    for (uint32_t e = 0; e < t->entry_count && !ir_is_const(v); e++) {
        IrSnapEntry *entry = &t->entries[e];
        if (entry->ref == v && entry->kind != SNAP_RAW) {
            entry->flags |= SNAP_INCREF;
        }
    }
}

/* Is v named in the body, by an exit or a uop? */
static bool in_body(const IrTrace *t, IrRef v)
{
    for (uint32_t i = t->loop + 1; i < t->count; i++) {
        const IrUop *u = &t->uops[i];
        bool operand = u->op != IR_phi && (u->a == v || u->b == v || u->c == v);
        const IrSnap *k = u->snap == IR_NONE ? NULL : &t->snaps[u->snap];
        for (uint32_t e = 0; k != NULL && e < k->count && !operand; e++) {
            operand = t->entries[k->first + e].ref == v;
        }
        if (operand) {
            return true;
        }
    }
    return false;
}

static void lend_phi(Refs *s, uint32_t phi)
{
    IrTrace *t = s->o->t;
    IrUop *u = &t->uops[phi];
    IrRef first = u->a, next = u->b;
    Uses uses = uses_of(t, phi, t->loop, t->count);
    bool good = u->type == IR_V && uses.decrefs > 0 && uses.increfs == 0 && !uses.others &&
                carriers(t, phi, true) == 0 && (ir_is_const(first) || !in_body(t, first)) &&
                operand_lent(s, first, 0, t->loop, uses.decrefs, false) &&
                operand_lent(s, next, t->loop, t->count, uses.decrefs, true);
    if (!good) {
        return;
    }
    remove_counts(s, first, 0, t->loop);
    remove_counts(s, phi, t->loop, t->count);
    remove_counts(s, next, t->loop, t->count);
    exits_take_all(s, first);
    exits_take_all(s, phi);
    exits_take_all(s, next);
    u->flags |= UOP_LENT;
}

static void remove_const_counts(Refs *s, IrRef v)
{
    const IrTrace *t = s->o->t;
    for (uint32_t i = 0; i < t->count; i++) {
        const IrUop *u = &t->uops[i];
        if ((u->op == IR_incref || u->op == IR_decref) && u->a == v) {
            refs_remove(s->o, i);
        }
    }
    for (uint32_t e = 0; e < t->entry_count; e++) {
        if (t->entries[e].ref == v && t->entries[e].kind != SNAP_RAW) {
            t->entries[e].flags |= SNAP_INCREF;
        }
    }
}

/* A constant that slots hold round the loop, dropped and taken again in each iteration: the trace holds it. */
static void lend_const(Refs *s, IrRef v)
{
    const IrTrace *t = s->o->t;
    Uses before = uses_of(t, v, 0, t->loop), body = uses_of(t, v, t->loop, t->count);
    bool phi = carriers(t, v, true) + carriers(t, v, false) > 0;
    if (body.increfs > 0 && body.increfs == body.decrefs && before.increfs == body.increfs &&
        before.decrefs == 0 && !before.others && !body.others && !phi) {
        remove_const_counts(s, v);
    }
}

void refs_phis(Refs *s)
{
    const IrTrace *t = s->o->t;
    for (uint32_t i = 0; i < t->const_count; i++) {
        if (t->consts[i].type == IR_V && value_is_object(t->consts[i].v)) {
            lend_const(s, i | IR_REF_CONST);
        }
    }
    for (uint32_t i = t->loop + 1; i < t->count; i++) {
        if (t->uops[i].op == IR_phi) {
            lend_phi(s, i);
        }
    }
}
