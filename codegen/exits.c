/*
 * Exits: location maps, stubs, cold paths, and the parts that leave.
 *
 * A guard that fails jumps to its stub: [undo]; [moves]; jmp *slot.  The slot leads to the exit's leave part
 * (`call cg_leave_tail` with the exit's address behind it) until a side trace is attached.  Guards
 * that leave through one snapshot share an exit: the first one's locations are its map, the stubs of
 * the others move their values there.
 *
 * A cold path finishes what a CC uop could not: it saves the registers that live on in the cold
 * spill slots, calls the helper, restores them and jumps back.
 */
#include "codegen/internal.h"

static inline CgLoc loc_of(const Cg *cg, IrRef ref)
{
    const CgValue *v = &cg->values[ref];
    if (v->reg != REG_NONE) {
        return (CgLoc){.kind = v->reg >= REG_XMM0 ? CG_XMM : CG_GPR,
                       .type = v->type,
                       .index = (uint16_t)(v->reg & 15),
                       .ref = ref};
    }
    if (v->slot != SLOT_NONE) {
        return (CgLoc){.kind = CG_SPILL, .type = v->type, .index = (uint16_t)v->slot, .ref = ref};
    }
    return (CgLoc){.kind = CG_DEAD, .type = v->type, .ref = ref};
}

/* Appends where values are now. */
static void add_locs(Cg *cg, const IrRef *refs, uint32_t count)
{
    if (cg->loc_limit - cg->loc_count < count) {
        cg_fail(cg, CG_TOO_LARGE); /* unreachable: liveness has counted them */
        return;
    }
    CgLoc *out = cg->locs + cg->loc_count;
    for (uint32_t k = 0; k < count; k++) {
        out[k] = loc_of(cg, refs[k]);
    }
    cg->loc_count += count;
}

/* The carried values at the current uop; those of an outer trace keep the name they have there. */
static uint32_t add_carried(Cg *cg)
{
    uint32_t before = cg->loc_count;
    bool in_loop = cg->loop_pos != POS_NEVER && cg->pos > cg->loop_pos;
    const IrRef *refs = in_loop ? cg->invariant_refs : cg->carried_refs;
    uint32_t count = in_loop ? cg->invariant_count : cg->carried_count;
    add_locs(cg, refs, count);
    for (uint32_t k = 0; k < cg->carried_count && cg->status == CG_OK; k++) {
        const CgExit *parent = cg->context->parent;
        cg->locs[before + count - cg->carried_count + k].ref =
            parent->locs[parent->live_count + k].ref;
    }
    return cg->loc_count - before;
}

static CgPlace place_of_loc(const CgLoc *l)
{
    if (l->kind == CG_SPILL) {
        return (CgPlace){.kind = CG_SPILL, .vector = l->type == IR_F, .index = l->index};
    }
    return cg_register_place(l->kind == CG_XMM ? l->index + REG_XMM0 : l->index);
}

/* A carried value may be one of the live ones: then it moves once. */
static bool is_live_place(const Cg *cg, const CgExitDraft *e, const CgLoc *l)
{
    for (uint32_t k = 0; k < e->live_count; k++) {
        const CgLoc *other = &cg->locs[e->first_loc + k];
        if (other->kind == l->kind && other->index == l->index) {
            return true;
        }
    }
    return false;
}

/* locs[fresh...] are the present ones: what differs from the exit's map must move in the stub. */
static void add_exit_moves(Cg *cg, const CgExitDraft *e, uint32_t fresh, CgExitUse *use)
{
    use->first_move = cg->exit_move_count;
    for (uint32_t k = 0; k < e->live_count + e->carried_count; k++) {
        const CgLoc *to = &cg->locs[e->first_loc + k], *from = &cg->locs[fresh + k];
        if ((to->kind == from->kind && to->index == from->index) ||
            (k >= e->live_count && is_live_place(cg, e, to))) {
            continue;
        }
        if (to->kind == CG_DEAD || from->kind == CG_DEAD) {
            cg_fail(cg, CG_NO_REGISTERS);
            continue;
        }
        if (cg_grow(cg, (void **)&cg->g.exit_moves, cg->exit_move_count, &cg->g.exit_move_capacity,
                    sizeof *cg->g.exit_moves)) {
            cg->g.exit_moves[cg->exit_move_count++] =
                (CgMove){place_of_loc(to), place_of_loc(from)};
            use->move_count++;
        }
    }
}

CgExitUse cg_record_exit(Cg *cg, uint32_t snap, bool raises)
{
    CgExitUse use = {0};
    uint32_t first = cg->loc_count, count = 0;
    if (snap == IR_NONE) {
        cg_fail(cg, CG_NO_STENCIL); /* a guard without a snapshot: the trace is not valid */
        return use;
    }
    const IrRef *live = cg_snap_live(cg, snap, &count);
    uint32_t *number = &cg->snap_exit[2 * snap + raises];
    add_locs(cg, live, count);
    uint32_t live_count = cg->loc_count - first;
    uint32_t carried_count = add_carried(cg);
    bool in_loop = cg->loop_pos != POS_NEVER && cg->pos > cg->loop_pos;
    if (cg->status != CG_OK) {
        return use;
    }
    if (*number != 0) {
        use.exit = *number - 1;
        const CgExitDraft *e = &cg->g.exits[use.exit];
        if (e->in_loop != in_loop) {
            cg_fail(cg, CG_NO_STENCIL); /* one snapshot on both sides of the loop's head */
            return use;
        }
        add_exit_moves(cg, e, first, &use);
        cg->loc_count = first;
        return use;
    }
    if (!cg_grow(cg, (void **)&cg->g.exits, cg->exit_count, &cg->g.exit_capacity,
                 sizeof *cg->g.exits)) {
        return use;
    }
    use.exit = cg->exit_count++;
    *number = cg->exit_count;
    cg->g.exits[use.exit] = (CgExitDraft){
        .snap = snap,
        .first_loc = first,
        .live_count = live_count,
        .carried_count = carried_count,
        .in_loop = in_loop,
        .raises = raises,
        .slot = cg_data_new(cg, 1),
    };
    return use;
}

void cg_release_exit_values(Cg *cg, uint32_t snap)
{
    uint32_t count;
    const IrRef *live = cg_snap_live(cg, snap, &count);
    for (uint32_t k = 0; k < count; k++) {
        if (cg->values[live[k]].end == cg->pos + 1) {
            cg_release(cg, live[k]);
        }
    }
}

CgPending *cg_add_pending(Cg *cg, uint8_t *at, StencilId id, CgExitUse use)
{
    if (!cg_grow(cg, (void **)&cg->g.pending, cg->pending_count, &cg->g.pending_capacity,
                 sizeof *cg->g.pending)) {
        return NULL;
    }
    CgPending *p = &cg->g.pending[cg->pending_count++];
    *p = (CgPending){.at = at, .use = use, .stencil = (uint16_t)id};
    return p;
}

uint8_t *cg_put_stub(Cg *cg, CgExitUse use)
{
    uint8_t *stub = cg->p;
    if (use.exit < cg->exit_count) {
        if (use.move_count > 0) {
            CgMove *moves = cg->g.exit_moves + use.first_move;
            cg_parallel_move(cg, moves, use.move_count);
        } else {
            cg->g.exits[use.exit].stub = stub;
        }
        cg_put(cg, ST_jump_slot_nnn, (uint8_t[STENCIL_ROLES]){0},
               &(CgArgs){.target = cg->g.exits[use.exit].slot});
    }
    return stub;
}

void cg_write_stubs(Cg *cg)
{
    for (uint32_t i = 0; i < cg->pending_count && cg->status == CG_OK; i++) {
        const CgPending *p = &cg->g.pending[i];
        uint8_t *stub = cg->p;
        if (p->undo != 0) {
            const CgUndo *u = &cg->g.undos[p->undo - 1];
            cg_put(cg, u->stencil, u->regs, &(CgArgs){.k = u->k, .pool = u->pool});
            uint8_t *shared = cg->g.exits[p->use.exit].stub;
            cg_put_stub(cg, p->use);
            cg->g.exits[p->use.exit].stub = shared;
        } else if (p->use.move_count > 0 || cg->g.exits[p->use.exit].stub == NULL) {
            cg_put_stub(cg, p->use);
        } else {
            stub = cg->g.exits[p->use.exit].stub;
        }
        cg_resolve(cg, p->at, p->stencil, stub);
    }
}

void cg_write_cold(Cg *cg)
{
    for (uint32_t i = 0; i < cg->cold_count && cg->status == CG_OK; i++) {
        const CgCold *c = &cg->g.cold[i];
        cg_resolve(cg, c->at, c->stencil, cg->p);
        int slot = FIRST_COLD_SLOT;
        for (uint32_t m = c->save; m != 0; m &= m - 1) {
            cg_put_store(cg, slot++, __builtin_ctz(m));
        }
        cg_put_move(cg, REG_RSI, c->value);
        cg_put_move(cg, REG_RDI, REG_THREAD);
        cg_put_call(cg, (const void *)(uintptr_t)helper_table[c->helper].fn);
        slot = FIRST_COLD_SLOT;
        for (uint32_t m = c->save; m != 0; m &= m - 1) {
            cg_put_load(cg, __builtin_ctz(m), slot++);
        }
        cg_put_jump(cg, c->back);
    }
}

void cg_write_leaves(Cg *cg, CgCode *code)
{
    for (uint32_t i = 0; i < cg->exit_count && cg->status == CG_OK; i++) {
        CgExit *exit = &code->exits[i];
        const uint8_t *leave = cg_runs_at(cg, cg->p);
        cg_put(cg, ST_leave_nnn, (uint8_t[STENCIL_ROLES]){0},
               &(CgArgs){.target = cg_leave_tail, .word = (uint64_t)(uintptr_t)exit});
        const CgExitDraft *draft = &cg->g.exits[i];
        exit->leave = leave;
        exit->slot = draft->slot;
        const uint8_t *to = draft->glue != NULL ? cg_runs_at(cg, draft->glue) : leave;
        atomic_store_explicit(exit->slot, (void *)(uintptr_t)to, memory_order_relaxed);
    }
}
