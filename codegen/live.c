/*
 * Liveness: one backward pass.
 *
 * For each value the position where it ends, where it is next needed in a register, how often the
 * loop uses it, and a hint (which later value it becomes).  What an exit names needs no register, so
 * snapshots set `end` but not `next`.  A value from before the loop that is used in it lives to the
 * end of the trace.  Uses by phis and by link_head may read any place.
 */
#include "codegen/internal.h"

bool cg_uop_exits(const IrUop *u)
{
    switch ((IrOp)u->op) {
    case IR_link:
    case IR_link_head:
    case IR_exit:
    case IR_alloc_tuple:
    case IR_alloc_cell: return true;
    default: return (ir_ops[u->op].flags & (IRF_G | IRF_X)) != 0;
    }
}

bool cg_uop_raises(const IrUop *u)
{
    switch ((IrOp)u->op) {
    case IR_guard_present:
    case IR_guard_present_ptr:
    case IR_guard_ok:
    case IR_alloc_tuple:
    case IR_alloc_cell: return true;
    default: return false;
    }
}

/* Room for count more refs. */
static bool reserve_live(Cg *cg, uint32_t count)
{
    while (cg->status == CG_OK && cg->g.live_capacity - cg->live_count < count) {
        cg_grow(cg, (void **)&cg->g.live, cg->g.live_capacity, &cg->g.live_capacity,
                sizeof *cg->g.live);
    }
    return cg->status == CG_OK;
}

/* ir_snap_live in linear time; false where a virtual object is named. */
static bool collect_plain(Cg *cg, uint32_t snap, uint32_t *count)
{
    const IrTrace *t = cg->t;
    const IrSnap *s = &t->snaps[snap];
    IrRef *out = cg->g.live + cg->live_count;
    uint32_t n = 0;
    for (uint32_t k = 0; k < s->count; k++) {
        IrRef r = t->entries[s->first + k].ref;
        if ((r & IR_REF_CONST) != 0) {
            continue;
        }
        if ((t->uops[r].flags & UOP_SUNK) != 0) {
            return false;
        }
        if (cg->values[r].stamp != snap + 1) {
            cg->values[r].stamp = snap + 1;
            out[n++] = r;
        }
    }
    *count = n;
    return true;
}

const IrRef *cg_snap_live(Cg *cg, uint32_t snap, uint32_t *count)
{
    if (cg->snap_first[snap] == 0) {
        uint32_t n = 0;
        *count = 0;
        if (!reserve_live(cg, cg->t->snaps[snap].count + 1)) {
            return cg->g.live;
        }
        if (!collect_plain(cg, snap, &n)) {
            n = ir_snap_live(cg->t, snap, NULL, 0);
            if (!reserve_live(cg, n)) {
                return cg->g.live;
            }
            n = ir_snap_live(cg->t, snap, cg->g.live + cg->live_count, n);
        }
        cg->snap_first[snap] = cg->live_count + 1;
        cg->snap_live[snap] = n;
        cg->live_count += n;
    }
    *count = cg->snap_live[snap];
    return cg->g.live + cg->snap_first[snap] - 1;
}

typedef struct Pass {
    Cg *cg;
    uint32_t live[2]; /* values of the loop body that are alive here, by class */
    bool in_loop;
} Pass;

/* A value is needed up to pos, by uop i. */
static void extend(Pass *p, IrRef r, uint32_t pos)
{
    Cg *cg = p->cg;
    CgValue *v = &cg->values[r];
    if (p->in_loop && r < cg->t->loop) {
        cg->invariants[v->vector] += v->end != POS_END;
        v->end = POS_END;
        return;
    }
    if (v->end == 0) {
        if (p->in_loop) {
            uint32_t n = ++p->live[v->vector];
            if (n > cg->max_live[v->vector]) {
                cg->max_live[v->vector] = n;
            }
        }
        v->end = pos;
    }
}

static void use_operands(Pass *p, const IrUop *u, uint32_t i)
{
    Cg *cg = p->cg;
    const IrRef operands[3] = {u->a, u->b, u->c};
    for (uint32_t k = 3; k-- > 0;) {
        IrRef r = operands[k];
        if ((r & IR_REF_CONST) != 0) { /* IR_NONE too */
            continue;
        }
        extend(p, r, POS(i));
        CgValue *v = &cg->values[r];
        cg->next_use[3 * i + k] = v->next;
        v->next = POS(i);
        v->loop_uses = (uint16_t)(v->loop_uses + (p->in_loop && v->loop_uses < 1000));
    }
    if ((u->a & IR_REF_CONST) == 0 && u->type != IR_N && cg->values[u->a].hint == IR_NONE &&
        cg->values[u->a].vector == cg->values[i].vector && cg->values[u->a].end <= POS(i) + 1) {
        cg->values[u->a].hint = i; /* dies here: the result may take its place */
    }
}

static void use_snapshot(Pass *p, uint32_t snap, bool raises, uint32_t pos)
{
    Cg *cg = p->cg;
    uint32_t count;
    const IrRef *live = cg_snap_live(cg, snap, &count);
    if ((cg->snap_kinds[snap] >> raises & 1) == 0) {
        cg->snaps_used[p->in_loop]++;
        cg->exit_live += count;
        cg->snap_kinds[snap] |= (uint8_t)(1 << raises);
    }
    cg->longest_snap = count > cg->longest_snap ? count : cg->longest_snap;
    for (uint32_t k = 0; k < count; k++) {
        extend(p, live[k], pos);
    }
}

/* Phis, seen from behind: operand b is read at the back edge, a at the loop's entry. */
static void use_phis(Pass *p)
{
    Cg *cg = p->cg;
    for (uint32_t k = 0; k < cg->phi_count; k++) {
        uint32_t i = cg->first_phi + k;
        const IrUop *u = &cg->t->uops[i];
        if (u->op == IR_phi && !ir_is_const(u->b)) {
            extend(p, u->b, POS_END);
            cg->values[u->b].end = POS_END;
            if (u->b > i) {
                cg->values[u->b].hint = i;
            }
        }
    }
}

static void visit(Pass *p, uint32_t i)
{
    Cg *cg = p->cg;
    const IrUop *u = &cg->t->uops[i];
    if ((u->flags & UOP_SUNK) != 0 || u->op == IR_nop) {
        return;
    }
    if (p->in_loop && u->type != IR_N && cg->values[i].end != 0 &&
        p->live[cg->values[i].vector] > 0) {
        p->live[cg->values[i].vector]--;
    }
    switch ((IrOp)u->op) {
    case IR_phi: return;
    case IR_loop:
        p->in_loop = false;
        for (uint32_t k = 0; k < cg->phi_count; k++) {
            const IrUop *phi = &cg->t->uops[cg->first_phi + k];
            if (phi->op == IR_phi && !ir_is_const(phi->a)) {
                extend(p, phi->a, POS(i));
                if (cg->values[phi->a].hint == IR_NONE) {
                    cg->values[phi->a].hint = cg->first_phi + k;
                }
            }
        }
        return;
    case IR_link_head:
        for (uint32_t k = 0; k < cg->t->head_arg_count; k++) {
            if (!ir_is_const(cg->t->head_args[k])) {
                extend(p, cg->t->head_args[k], POS_END);
            }
        }
        break;
    case IR_call:
    case IR_decref:
    case IR_alloc_tuple:
    case IR_alloc_cell:
        if (cg_grow(cg, (void **)&cg->g.calls, cg->call_count, &cg->g.call_capacity,
                    sizeof *cg->g.calls) &&
            u->op != IR_decref) {
            cg->g.calls[cg->call_count++] = POS(i); /* descending; turned round at the end */
        }
        break;
    default: break;
    }
    bool leaves = cg_uop_exits(u) || (u->op == IR_jump && cg->t->loop == IR_NONE);
    if (u->snap != IR_NONE && leaves) {
        use_snapshot(p, u->snap, cg_uop_raises(u), POS(i) + 1);
    }
    use_operands(p, u, i);
}

void cg_liveness(Cg *cg)
{
    const IrTrace *t = cg->t;
    for (uint32_t i = 0; i < cg->value_count; i++) {
        bool own = i < t->count;
        cg->values[i] = (CgValue){
            .next = POS_NEVER,
            .hint = IR_NONE,
            .slot = SLOT_NONE,
            .reg = REG_NONE,
            .want = REG_NONE,
            .vector = own && t->uops[i].type == IR_F,
            .type = own ? t->uops[i].type : IR_N,
        };
    }
    Pass p = {.cg = cg, .in_loop = t->loop != IR_NONE};
    if (t->loop != IR_NONE) {
        cg->loop_pos = POS(t->loop);
        cg->first_phi = t->loop + 1;
        uint32_t end = cg->first_phi;
        for (uint32_t i = end; i < t->count && (t->uops[i].op == IR_phi || t->uops[i].op == IR_nop);
             i++) {
            end = t->uops[i].op == IR_phi ? i + 1 : end;
        }
        cg->phi_count = end - cg->first_phi;
        use_phis(&p);
    }
    for (uint32_t i = t->count; i-- > 0 && cg->status == CG_OK;) {
        visit(&p, i);
    }
    for (uint32_t i = 0; i < cg->call_count / 2; i++) {
        uint32_t swap = cg->g.calls[i];
        cg->g.calls[i] = cg->g.calls[cg->call_count - 1 - i];
        cg->g.calls[cg->call_count - 1 - i] = swap;
    }
}
