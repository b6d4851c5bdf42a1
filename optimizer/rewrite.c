/*
 * Re-emitting a whole trace through opt_emit, and bringing along what refers to its uops: snapshots,
 * facts about phis, arguments of link_head.
 *
 * The shape stays: in a trace with a loop, loads of classes that the loop writes are forgotten at its
 * head, and operand b of a phi is filled in at the end.
 */
#include "optimizer/internal.h"

void opt_refs_map(Opt *o, const IrRef *map)
{
    IrTrace *t = o->t;
    for (uint32_t i = 0; i < t->entry_count; i++) {
        IrRef *r = &t->entries[i].ref;
        *r = ir_is_const(*r) || *r == IR_NONE ? *r : map[*r];
    }
    uint32_t facts = 0;
    for (uint32_t i = 0; i < t->fact_count; i++) {
        IrPhiFact f = t->facts[i];
        f.phi = map[f.phi];
        if (!ir_is_const(f.phi)) { /* a constant needs none */
            t->facts[facts++] = f;
        }
    }
    t->fact_count = facts;
    for (uint32_t i = 0; i < t->head_arg_count; i++) {
        IrRef *r = &t->head_args[i];
        *r = ir_is_const(*r) ? *r : map[*r];
    }
}

void opt_snaps_unbox(Opt *o)
{
    IrTrace *t = o->t;
    for (uint32_t i = 0; i < t->entry_count; i++) {
        IrSnapEntry *e = &t->entries[i];
        const IrUop *d = e->kind == SNAP_VALUE ? opt_def(o, e->ref) : NULL;
        if (d == NULL) {
            continue;
        }
        bool box = d->op == IR_box_int || d->op == IR_box_int_small || d->op == IR_box_float;
        if (box || d->op == IR_box_bool) {
            e->ref = d->a;
            e->flags = box ? 0 : SNAP_BOOL;
        }
    }
}

static void enter_loop(Opt *o, uint32_t old_loop)
{
    uint32_t writes = 0;
    for (uint32_t i = old_loop; i < o->old_count; i++) {
        writes |= ir_writes(o->t, &o->old[i]);
    }
    opt_append(o, IR_loop, IR_N, IR_NONE, IR_NONE, IR_NONE, 0, IR_NONE);
    o->entered = NULL;
    if (o->ranges_known && opt_ok(o)) {
        o->entered = opt_alloc(o, o->t->count, sizeof *o->entered);
    }
    if (o->entered != NULL) {
        memcpy(o->entered, o->ranges, o->t->count * sizeof *o->entered);
    }
    o->loop_writes = writes;
    o->body = o->t->count;
    opt_kill(o, writes);
}

IrRef *opt_reemit(Opt *o, const OptHooks *hooks)
{
    static const OptHooks none = {0};
    hooks = hooks == NULL ? &none : hooks;
    IrTrace *t = o->t;
    IrRef *map = opt_alloc(o, t->count + 1, sizeof *map);
    if (map == NULL || !opt_rewrite_begin(o)) {
        return NULL;
    }
    for (uint32_t i = 0; i < o->old_count && opt_ok(o); i++) {
        const IrUop *u = &o->old[i];
        if (u->op == IR_nop) {
            continue;
        }
        if (u->op == IR_loop) {
            enter_loop(o, i);
            continue;
        }
        if (hooks->replace != NULL && hooks->replace(o, hooks->context, i, map)) {
            continue;
        }
        IrRef b = u->op == IR_phi ? IR_NONE : opt_mapped(map, u->b);
        map[i] = opt_emit(o, (IrOp)u->op, (IrType)u->type, opt_mapped(map, u->a), b,
                          opt_mapped(map, u->c), u->imm, u->snap);
        if ((u->flags & UOP_SUNK) != 0 && opt_ok(o)) {
            t->uops[t->count - 1].flags = u->flags;
        }
        if (u->op == IR_inherit && opt_ok(o)) {
            t->uops[map[i]].flags |= u->flags & UOP_LENT;
        }
        if (hooks->learn != NULL && opt_ok(o)) {
            hooks->learn(o, hooks->context, i, map[i]);
        }
    }
    for (uint32_t i = 0; i < o->old_count && opt_ok(o); i++) {
        if (o->old[i].op == IR_phi) {
            t->uops[map[i]].b = opt_mapped(map, o->old[i].b);
        }
    }
    if (opt_ok(o)) {
        opt_refs_map(o, map);
    }
    opt_rewrite_end(o);
    return map;
}
