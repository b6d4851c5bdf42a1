/*
 * Pass dce: removes what nobody needs, and closes the gaps.
 *
 * Needs: a valid trace.  Guarantees: every uop has an effect, may leave, or is used by one that does,
 * directly, through others, or through a snapshot of one; numbering is dense; snapshots and entries
 * that no exit names are gone.  head_snap keeps the entries whose values are still there.
 *
 * A checked uop exists for its result: if nobody uses the result, whether it overflows is of no
 * interest.  So add_int_ov and box_int may go, while unbox_int stays: what follows relies on the type.
 * If nobody uses the number, unbox_int and unbox_float become guards.
 * Phis that only feed themselves go, because marking starts from effects, not from uses.
 */
#include "optimizer/internal.h"

#include "runtime/helpers.h"

typedef struct Dce {
    Opt *o;
    bool *live;
    bool *used; /* somebody needs the result */
    IrRef *work;
    uint32_t work_count;
    bool *snap_live;
} Dce;

/* Is the uop needed whoever uses its result? */
static bool is_root(const IrUop *u)
{
    switch ((IrOp)u->op) {
    case IR_nop:
    case IR_slot:
    case IR_slot_address:
    case IR_inherit:
    case IR_phi:
    case IR_add_int_ov:
    case IR_sub_int_ov:
    case IR_mul_int_ov:
    case IR_neg_int_ov:
    case IR_abs_int_ov:
    case IR_box_int: return false;
    case IR_init_tuple:
    case IR_alloc_tuple:
    case IR_alloc_cell: return (u->flags & UOP_SUNK) == 0;
    case IR_call: return (helper_table[u->imm].effects & HELPER_PURE) == 0;
    default: break;
    }
    const IrOpInfo *row = &ir_ops[u->op];
    return (row->flags & (IRF_G | IRF_X | IRF_SP | IRF_CC)) != 0 || row->writes != 0;
}

static void mark(Dce *d, IrRef r)
{
    if (r == IR_NONE || ir_is_const(r) || d->live[r]) {
        return;
    }
    d->live[r] = true;
    d->work[d->work_count++] = r;
}

static void use(Dce *d, IrRef r)
{
    if (r != IR_NONE && !ir_is_const(r)) {
        d->used[r] = true;
        mark(d, r);
    }
}

/* A virtual object needs the uops that fill it. */
static void mark_virtual(Dce *d, IrRef r)
{
    const IrTrace *t = d->o->t;
    for (uint32_t i = r + 1; i < t->count; i++) {
        if (t->uops[i].op == IR_init_tuple && t->uops[i].a == r) {
            mark(d, i);
        }
    }
}

static void mark_all(Dce *d)
{
    const IrTrace *t = d->o->t;
    for (uint32_t i = 0; i < t->count; i++) {
        if (is_root(&t->uops[i])) {
            mark(d, i);
        }
    }
    for (uint32_t i = 0; i < t->head_arg_count; i++) {
        use(d, t->head_args[i]);
    }
    for (uint32_t i = 0; i < t->fact_count; i++) {
        if (t->loop != IR_NONE && t->facts[i].phi < t->loop) {
            mark(d, t->facts[i].phi);
        }
    }
    while (d->work_count > 0) {
        IrRef r = d->work[--d->work_count];
        const IrUop *u = &t->uops[r];
        use(d, u->a);
        use(d, u->b);
        use(d, u->c);
        if ((u->flags & UOP_SUNK) != 0 && u->op == IR_alloc_tuple) {
            mark_virtual(d, r);
        }
        bool leaves = u->snap != IR_NONE && (u->flags & UOP_SUNK) == 0;
        if (leaves && !d->snap_live[u->snap]) {
            d->snap_live[u->snap] = true;
            const IrSnap *s = &t->snaps[u->snap];
            for (uint32_t e = 0; e < s->count; e++) {
                use(d, t->entries[s->first + e].ref);
            }
        }
    }
}

/* Where only the check of an unboxing is wanted the check alone is done. */
static void drop_results(Dce *d)
{
    IrTrace *t = d->o->t;
    for (uint32_t i = 0; i < t->count; i++) {
        IrUop *u = &t->uops[i];
        if (d->live[i] && !d->used[i] && (u->op == IR_unbox_int || u->op == IR_unbox_float)) {
            u->op = u->op == IR_unbox_int ? IR_guard_int : IR_guard_float;
            u->type = IR_N;
        }
    }
}

static IrRef renumbered(const IrRef *map, IrRef r)
{
    return r == IR_NONE || ir_is_const(r) ? r : map[r];
}

static void compact_uops(Dce *d, IrRef *map)
{
    IrTrace *t = d->o->t;
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        map[i] = d->live[i] ? n++ : IR_NONE;
    }
    for (uint32_t i = 0; i < t->count; i++) {
        if (!d->live[i]) {
            continue;
        }
        IrUop u = t->uops[i];
        u.a = renumbered(map, u.a);
        u.b = renumbered(map, u.b);
        u.c = renumbered(map, u.c);
        t->uops[map[i]] = u;
    }
    if (t->loop != IR_NONE) {
        t->loop = map[t->loop];
    }
    t->count = n;
}

static void compact_snaps(Dce *d, const IrRef *map, uint32_t *snap_map)
{
    IrTrace *t = d->o->t;
    uint32_t snaps = 0, entries = 0;
    for (uint32_t i = 0; i < t->snap_count; i++) {
        bool head = i == t->head_snap;
        if (!d->snap_live[i] && !head) {
            continue;
        }
        IrSnap s = t->snaps[i];
        uint32_t first = entries;
        for (uint32_t e = 0; e < s.count; e++) {
            IrSnapEntry entry = t->entries[s.first + e];
            entry.ref = renumbered(map, entry.ref);
            if (entry.ref != IR_NONE) {
                t->entries[entries++] = entry;
            }
        }
        s.first = first;
        s.count = entries - first;
        snap_map[i] = snaps;
        t->snaps[snaps++] = s;
    }
    t->snap_count = snaps;
    t->entry_count = entries;
    if (t->head_snap != IR_NONE) {
        t->head_snap = snap_map[t->head_snap];
    }
    for (uint32_t i = 0; i < t->count; i++) {
        IrUop *u = &t->uops[i];
        if (u->snap != IR_NONE) {
            u->snap = (u->flags & UOP_SUNK) != 0 ? IR_NONE : snap_map[u->snap];
        }
    }
}

/* Two snapshots share storage only if they are the same, so entries are moved down in order. */
void opt_pass_dce(Opt *o)
{
    IrTrace *t = o->t;
    Dce d = {.o = o};
    d.live = opt_alloc(o, t->count, sizeof *d.live);
    d.used = opt_alloc(o, t->count, sizeof *d.used);
    d.work = opt_alloc(o, t->count, sizeof *d.work);
    d.snap_live = opt_alloc(o, t->snap_count + 1, sizeof *d.snap_live);
    IrRef *map = opt_alloc(o, t->count, sizeof *map);
    uint32_t *snap_map = opt_alloc(o, t->snap_count + 1, sizeof *snap_map);
    if (!opt_ok(o)) {
        return;
    }
    mark_all(&d);
    drop_results(&d);
    compact_uops(&d, map);
    compact_snaps(&d, map, snap_map);
    uint32_t facts = 0;
    for (uint32_t i = 0; i < t->fact_count; i++) {
        IrPhiFact f = t->facts[i];
        f.phi = map[f.phi];
        if (f.phi != IR_NONE) {
            t->facts[facts++] = f;
        }
    }
    t->fact_count = facts;
    for (uint32_t i = 0; i < t->head_arg_count; i++) {
        t->head_args[i] = renumbered(map, t->head_args[i]);
    }
}
