/*
 * Lowering of the uops that have no body: slots, calls, allocations, the loop head and the back edge,
 * the ends of a trace.
 *
 * Loop head.  Phis take over the registers of their first operands where those die, everything else
 * stays where it is; what does not fit the loop's register pressure is stored before the head.  From
 * there on a value has one place only, because whoever comes in by link_head restores only that.
 */
#include "codegen/internal.h"
#include "runtime/containers.h"
#include "runtime/memory.h"
#include "runtime/thread_offsets.h"

/* ---- values from and to frame slots ------------------------------------------------------------- */

static void define(Cg *cg, uint32_t i, int reg)
{
    cg_bind(cg, i, reg);
    cg->reserved &= ~(1u << reg);
    if (cg->values[i].end == 0) {
        cg_release(cg, i);
    }
}

static void lower_slot(Cg *cg, uint32_t i)
{
    if (cg->values[i].end == 0) {
        return;
    }
    int reg = cg_pick_for(cg, &cg->values[i], REGS_ALL);
    uint8_t regs[STENCIL_ROLES] = {[ROLE_RESULT] = (uint8_t)reg, [ROLE_A] = REG_FP};
    cg_put(cg, ST_slot_load_inn, regs, &(CgArgs){.m = (int64_t)cg->t->uops[i].imm * 8});
    define(cg, i, reg);
}

/* Compares the frame pointer with the word of the trace frame that keeps the one of the entry. */
static void lower_guard_entered(Cg *cg, uint32_t i)
{
    uint32_t snap = cg->t->uops[i].snap;
    int reg = cg_pick(cg, REGS_GENERAL);
    cg_put_load(cg, reg, CG_ENTERED_SLOT);
    uint8_t regs[STENCIL_ROLES] = {[ROLE_A] = REG_FP, [ROLE_B] = (uint8_t)reg};
    CgExitUse use = cg_record_exit(cg, snap, false);
    uint8_t *at = cg_put(cg, ST_guard_same_ptr_iin, regs, &(CgArgs){0});
    cg_add_pending(cg, at, ST_guard_same_ptr_iin, use);
    cg_release_exit_values(cg, snap);
}

static void lower_store_slot(Cg *cg, uint32_t i)
{
    const IrUop *u = &cg->t->uops[i];
    int reg;
    if (ir_is_const(u->a)) {
        reg = cg_pick(cg, REGS_GENERAL);
        cg_put_const(cg, reg, ir_const(cg->t, u->a)->bits);
    } else {
        reg = cg_load(cg, u->a, REGS_GENERAL);
        cg->values[u->a].next = cg->next_use[3 * i];
    }
    uint8_t regs[STENCIL_ROLES] = {[ROLE_A] = REG_FP, [ROLE_B] = (uint8_t)reg};
    cg_put(cg, ST_slot_store_iin, regs, &(CgArgs){.m = (int64_t)u->imm * 8});
}

static void lower_slot_address(Cg *cg, uint32_t i)
{
    if (cg->values[i].end == 0) {
        return;
    }
    int reg = cg_pick_for(cg, &cg->values[i], REGS_GENERAL);
    uint8_t regs[STENCIL_ROLES] = {[ROLE_RESULT] = (uint8_t)reg, [ROLE_A] = REG_FP};
    cg_put(cg, ST_add_int_ikn, regs, &(CgArgs){.k = (int64_t)cg->t->uops[i].imm * 8});
    define(cg, i, reg);
}

/* ---- calls ---------------------------------------------------------------------------------------- */

/* Values that live past the call leave the registers that it destroys: to others if they are needed again
 * and one is free, else to their slots. Their registers keep them until the call. */
static void save_across(Cg *cg, uint32_t destroyed)
{
    for (uint32_t m = destroyed & ~cg->free; m != 0; m &= m - 1) {
        int reg = __builtin_ctz(m);
        IrRef ref = cg->owner[reg];
        if (ref == IR_NONE || cg->values[ref].end <= cg->pos) {
            continue;
        }
        uint32_t safe = cg->free & REGS_CALLEE_SAVED & ~destroyed;
        if (reg < REG_XMM0 && safe != 0 && cg->values[ref].next != POS_NEVER &&
            cg->values[ref].slot == SLOT_NONE) {
            int to = __builtin_ctz(safe);
            cg_put_move(cg, to, reg);
            cg->owner[reg] = IR_NONE;
            cg->free |= 1u << reg;
            cg_bind(cg, ref, to);
        } else {
            cg_spill(cg, ref);
        }
    }
}

static void forget(Cg *cg, uint32_t destroyed)
{
    for (uint32_t m = destroyed & ~cg->free; m != 0; m &= m - 1) {
        int reg = __builtin_ctz(m);
        if (cg->owner[reg] != IR_NONE) {
            cg->values[cg->owner[reg]].reg = REG_NONE;
            cg->owner[reg] = IR_NONE;
        }
        cg->free |= 1u << reg;
    }
}

static void use_operand(Cg *cg, uint32_t i, int k, IrRef r)
{
    if ((r & IR_REF_CONST) == 0) {
        cg->values[r].next = cg->next_use[3 * i + (uint32_t)k];
    }
}

static void release_operands(Cg *cg, const IrUop *u)
{
    const IrRef operands[3] = {u->a, u->b, u->c};
    for (int k = 0; k < 3; k++) {
        if ((operands[k] & IR_REF_CONST) == 0 && cg->values[operands[k]].end == cg->pos) {
            cg_release(cg, operands[k]);
        }
    }
}

/* Calls a function; args: places of its arguments in order, the Thread first if takes_thread. */
static void put_call(Cg *cg, const void *function, bool takes_thread, const CgPlace *args,
                     int count)
{
    static const uint8_t general[] = {REG_RDI, REG_RSI, REG_RDX, REG_RCX};
    CgMove moves[4];
    uint32_t n = 0, g = 0, v = 0;
    if (takes_thread) {
        moves[n++] = (CgMove){cg_register_place(general[g++]), cg_register_place(REG_THREAD)};
    }
    for (int k = 0; k < count; k++) {
        int to = args[k].vector ? REG_XMM0 + (int)v++ : general[g++];
        moves[n++] = (CgMove){cg_register_place(to), args[k]};
    }
    cg_parallel_move(cg, moves, n);
    cg_put_call(cg, function);
}

static void lower_call(Cg *cg, uint32_t i)
{
    const IrUop *u = &cg->t->uops[i];
    const HelperInfo *h = &helper_table[u->imm];
    const IrRef operands[3] = {u->a, u->b, u->c};
    CgPlace args[3];
    int count = (int)strlen(h->arguments);
    for (int k = 0; k < count; k++) {
        use_operand(cg, i, k, operands[k]);
    }
    bool to_trace = u->imm == HELPER_ID_call_code;
    uint32_t destroyed = to_trace ? REGS_ALL : REGS_CALLER_SAVED;
    const void *function = to_trace ? (const void *)cg_call_trace : (const void *)(uintptr_t)h->fn;
    save_across(cg, destroyed);
    for (int k = 0; k < count; k++) {
        args[k] = cg_place_of_operand(cg, operands[k]);
        args[k].vector = h->arguments[k] == 'F';
    }
    put_call(cg, function, (h->effects & HELPER_TAKES_THREAD) != 0, args, count);
    release_operands(cg, u);
    forget(cg, destroyed);
    if (u->type != IR_N) {
        define(cg, i, u->type == IR_F ? REG_XMM0 : REG_RAX);
    }
}

/* What alloc_tuple and alloc_cell call. */
static Value make_tuple(Thread *th, int64_t count)
{
    Tuple *tuple = rt_object_new_gc(th, TYPE_TUPLE, sizeof(Tuple) + (size_t)count * sizeof(Value));
    if (tuple == NULL) {
        return VALUE_ABSENT;
    }
    tuple->size = count;
    return value_from_object(tuple);
}

static Value make_cell(Thread *th, Value v)
{
    Value cell = cell_new(th, v);
    if (cell != VALUE_ABSENT) {
        rt_decref(th, v);
    }
    return cell;
}

static void lower_alloc(Cg *cg, uint32_t i)
{
    const IrUop *u = &cg->t->uops[i];
    bool cell = u->op == IR_alloc_cell;
    use_operand(cg, i, 0, u->a);
    save_across(cg, REGS_CALLER_SAVED);
    CgPlace arg = cell ? cg_place_of_operand(cg, u->a)
                       : (CgPlace){.kind = CG_CONST, .bits = (uint64_t)(int64_t)u->imm};
    put_call(cg, cell ? (const void *)(uintptr_t)make_cell : (const void *)(uintptr_t)make_tuple,
             true, &arg, 1);
    forget(cg, REGS_CALLER_SAVED);
    uint8_t regs[STENCIL_ROLES] = {[ROLE_A] = REG_RAX};
    CgExitUse use = cg_record_exit(cg, u->snap, true);
    uint8_t *at = cg_put(cg, ST_guard_present_inn, regs, &(CgArgs){0});
    cg_add_pending(cg, at, ST_guard_present_inn, use);
    if (u->snap != IR_NONE) {
        cg_release_exit_values(cg, u->snap);
    }
    release_operands(cg, u);
    define(cg, i, REG_RAX);
}

/* ---- the loop ------------------------------------------------------------------------------------- */

static bool is_carried(const Cg *cg, IrRef ref)
{
    for (uint32_t k = 0; k < cg->carried_count; k++) {
        if (cg->carried_refs[k] == ref) {
            return true;
        }
    }
    return false;
}

/* The trace's own invariants, then the carried values: a loop further in carries this loop's whole
 * list as the end of its own. */
static void collect_invariants(Cg *cg)
{
    cg->invariant_refs = cg->head_refs + cg->phi_count;
    cg->invariant_count = 0;
    for (uint32_t i = 0; i < cg->t->loop; i++) {
        const CgValue *v = &cg->values[i];
        if (v->end == POS_END && (v->reg != REG_NONE || v->slot != SLOT_NONE) &&
            !is_carried(cg, i)) {
            cg->invariant_refs[cg->invariant_count++] = i;
        }
    }
    for (uint32_t k = 0; k < cg->carried_count; k++) {
        cg->invariant_refs[cg->invariant_count++] = cg->carried_refs[k];
    }
}

/* Stores invariants that the loop uses least until the others fit. */
static void relieve_pressure(Cg *cg)
{
    bool calls = cg->call_count > 0 && cg->g.calls[cg->call_count - 1] > cg->loop_pos;
    for (int vector = 0; vector < 2; vector++) {
        uint32_t available = vector ? 16 : (uint32_t)__builtin_popcount(REGS_GENERAL);
        uint32_t need = cg->invariants[vector] + cg->max_live[vector] + 2;
        uint32_t kept = calls ? (vector ? 0 : REGS_CALLEE_SAVED) : REGS_ALL;
        for (;;) {
            IrRef least = IR_NONE;
            for (uint32_t k = 0; k < cg->invariant_count; k++) {
                IrRef r = cg->invariant_refs[k];
                const CgValue *v = &cg->values[r];
                bool movable = v->vector == vector && v->reg != REG_NONE;
                if (movable && (least == IR_NONE || v->loop_uses < cg->values[least].loop_uses ||
                                (kept >> v->reg & 1) == 0)) {
                    least = r;
                    if ((kept >> v->reg & 1) == 0) {
                        break; /* a call in the loop would destroy it each time */
                    }
                }
            }
            if (least == IR_NONE ||
                (need <= available && (kept >> cg->values[least].reg & 1) != 0)) {
                break;
            }
            cg_spill(cg, least);
            int reg = cg->values[least].reg;
            cg->values[least].reg = REG_NONE;
            cg->owner[reg] = IR_NONE;
            cg->free |= 1u << reg;
            need--;
        }
    }
}

/* The phi takes the place of its first operand, if that dies here and nobody has taken it yet. */
static bool inherit_place(Cg *cg, uint32_t phi)
{
    IrRef a = cg->t->uops[phi].a;
    if (ir_is_const(a) || cg->values[a].end != cg->pos ||
        cg->values[a].vector != cg->values[phi].vector) {
        return false;
    }
    int reg = cg->values[a].reg;
    if (reg == REG_NONE) {
        return false;
    }
    cg_release(cg, a);
    cg_bind(cg, phi, reg);
    return true;
}

/* Where a phi's first operand is; another phi may have taken its place over. */
static CgPlace place_of_first(const Cg *cg, uint32_t phi)
{
    IrRef a = cg->t->uops[phi].a;
    CgPlace from = cg_place_of_operand(cg, a);
    for (uint32_t k = 0; from.kind == CG_DEAD && k < cg->phi_count; k++) {
        uint32_t other = cg->first_phi + k;
        if (cg->t->uops[other].op == IR_phi && cg->t->uops[other].a == a) {
            from = cg_place_of(cg, other);
        }
    }
    return from;
}

static void place_phi(Cg *cg, uint32_t phi)
{
    int reg = cg_pick_for(cg, &cg->values[phi], REGS_ALL);
    CgPlace from = place_of_first(cg, phi); /* now: the pick may have stored it */
    if (from.kind == CG_DEAD) {
        cg_fail(cg, CG_NO_REGISTERS);
        return;
    }
    CgMove m = {cg_register_place(reg), from};
    cg_parallel_move(cg, &m, 1);
    cg_bind(cg, phi, reg);
}

static void one_place_only(Cg *cg, IrRef r)
{
    CgValue *v = &cg->values[r];
    if (v->reg != REG_NONE && v->slot != SLOT_NONE) {
        cg->slots[v->slot / 64] &= ~(UINT64_C(1) << (v->slot % 64));
        v->slot = SLOT_NONE;
    }
}

void cg_lower_loop_head(Cg *cg, uint32_t i)
{
    const IrTrace *t = cg->t;
    collect_invariants(cg);
    relieve_pressure(cg);
    uint32_t phis = 0;
    for (uint32_t k = 0; k < cg->phi_count; k++) {
        uint32_t phi = cg->first_phi + k;
        if (t->uops[phi].op == IR_phi && cg->values[phi].end != 0) {
            inherit_place(cg, phi);
        }
    }
    for (uint32_t k = 0; k < cg->phi_count; k++) {
        uint32_t phi = cg->first_phi + k;
        if (t->uops[phi].op != IR_phi) {
            continue;
        }
        if (cg->values[phi].reg == REG_NONE && cg->values[phi].end != 0) {
            place_phi(cg, phi);
        }
        cg->head_refs[phis++] = phi;
    }
    memmove(cg->head_refs + phis, cg->invariant_refs, cg->invariant_count * sizeof(IrRef));
    cg->invariant_refs = cg->head_refs + phis;
    for (uint32_t k = 0; k < phis; k++) { /* operands that were copied */
        IrRef a = t->uops[cg->head_refs[k]].a;
        if (!ir_is_const(a) && cg->values[a].end == cg->pos) {
            cg_release(cg, a);
        }
    }
    cg->head_phis = phis;
    cg->head_count = phis + cg->invariant_count;
    for (uint32_t k = 0; k < cg->head_count; k++) {
        IrRef r = cg->head_refs[k];
        one_place_only(cg, r);
        cg->head[k] = cg_place_of(cg, r);
        IrRef b = k < phis ? t->uops[r].b : IR_NONE;
        if ((b & IR_REF_CONST) == 0 && cg->values[r].reg != REG_NONE) {
            cg->values[r].want = cg->values[r].reg;
            if (b > t->loop) {
                cg->reserved |= 1u << cg->values[r].reg;
                cg->values[b].want = cg->values[r].reg;
            }
        }
    }
    cg->first_body = i + 1;
    while (cg->first_body < t->count &&
           ((t->uops[cg->first_body].flags & UOP_SUNK) != 0 ||
            t->uops[cg->first_body].op == IR_phi || t->uops[cg->first_body].op == IR_nop)) {
        cg->first_body++;
    }
}

/* Room for that many moves. */
static bool reserve_moves(Cg *cg, uint32_t count)
{
    while (cg->status == CG_OK && cg->g.move_capacity < count) {
        cg_grow(cg, (void **)&cg->g.moves, cg->g.move_capacity, &cg->g.move_capacity,
                sizeof *cg->g.moves);
    }
    return cg->status == CG_OK;
}

uint32_t cg_head_moves(Cg *cg)
{
    uint32_t n = 0;
    if (!reserve_moves(cg, cg->head_count)) {
        return 0;
    }
    for (uint32_t k = 0; k < cg->head_count; k++) {
        if (cg->head[k].kind == CG_DEAD) {
            continue;
        }
        IrRef r = cg->head_refs[k];
        IrRef source = k < cg->head_phis ? cg->t->uops[r].b : r;
        CgPlace to = cg->head[k], from = cg_place_of_operand(cg, source);
        if (to.kind == from.kind && to.index == from.index && from.kind != CG_CONST) {
            continue;
        }
        if (to.kind == CG_SPILL && !ir_is_const(source) &&
            cg->values[source].slot == (int16_t)to.index) {
            continue;
        }
        if (from.kind == CG_DEAD) {
            cg_fail(cg, CG_NO_REGISTERS);
            continue;
        }
        cg->g.moves[n++] = (CgMove){to, from};
    }
    return n;
}

bool cg_head_matches(Cg *cg) { return cg_head_moves(cg) == 0; }

void cg_lower_jump(Cg *cg, uint32_t i)
{
    (void)i;
    if (cg->closed) {
        return;
    }
    uint32_t count = cg_head_moves(cg); /* may move cg->g.moves */
    cg_parallel_move(cg, cg->g.moves, count);
    if (cg->top_guard != ST_COUNT) {
        CgArgs args = {.k = cg->top_k,
                       .m = cg->top_m,
                       .pool = cg->top_pool,
                       .target = cg_runs_at(cg, cg->top_after)};
        cg_put(cg, cg->top_guard, cg->top_regs, &args);
        cg_put_stub(cg, cg->top_use);
    } else {
        cg_put_jump(cg, cg->head_at);
    }
}

/* ---- ends ------------------------------------------------------------------------------------------- */

static void put_end(Cg *cg, uint32_t snap) { cg_put_stub(cg, cg_record_exit(cg, snap, false)); }

/* A link is an exit whose slot leads to the code that follows.  Where guards leave through the same
 * snapshot the exit is theirs (they must not take the link), and the link is not detachable. */
static void put_link_stub(Cg *cg, uint32_t snap)
{
    if (snap == IR_NONE || cg->snap_exit[2 * snap] != 0) {
        return;
    }
    CgExitUse use = cg_record_exit(cg, snap, false);
    cg_put_stub(cg, use);
    if (use.exit < cg->exit_count) {
        cg->g.exits[use.exit].glue = cg->p;
    }
}

static const CgCode *find_target(Cg *cg, uint32_t i)
{
    const CgContext *c = cg->context;
    return c != NULL && c->find != NULL ? c->find(c->context, (uint32_t)cg->t->uops[i].imm) : NULL;
}

static void lower_link(Cg *cg, uint32_t i)
{
    const IrUop *u = &cg->t->uops[i];
    const CgCode *target = find_target(cg, i);
    if (target == NULL) {
        put_end(cg, u->snap); /* tier 1 goes on */
        return;
    }
    put_link_stub(cg, u->snap);
    int32_t base = u->snap != IR_NONE ? cg->t->snaps[u->snap].base : 0;
    if (base != 0) {
        uint8_t regs[STENCIL_ROLES] = {[ROLE_RESULT] = REG_FP, [ROLE_A] = REG_FP};
        cg_put(cg, ST_add_int_ikn, regs, &(CgArgs){.k = (int64_t)base * 8});
        uint8_t store[STENCIL_ROLES] = {[ROLE_A] = REG_THREAD, [ROLE_B] = REG_FP};
        cg_put(cg, ST_slot_store_iin, store, &(CgArgs){.m = THREAD_OFFSET_TRACE_FP});
    }
    cg_put(cg, ST_jump_nnn, (uint8_t[STENCIL_ROLES]){0}, &(CgArgs){.target = target->entry});
}

static CgPlace place_of_loc(const CgLoc *l)
{
    switch (l->kind) {
    case CG_GPR: return cg_register_place(l->index);
    case CG_XMM: return cg_register_place(l->index + REG_XMM0);
    case CG_SPILL: return (CgPlace){.kind = CG_SPILL, .vector = l->type == IR_F, .index = l->index};
    default: return (CgPlace){.kind = CG_DEAD};
    }
}

/* Do the last carried values belong to the target's loop, that is: is it an ancestor? */
static bool is_ancestor(const Cg *cg, const CgCode *target)
{
    const CgExit *parent = cg->context->parent;
    uint32_t id = cg->t->parent;
    for (int depth = 0; parent != NULL && depth < 1000; depth++) {
        const CgCode *code =
            depth == 0 ? parent->code : cg->context->find(cg->context->context, id);
        if (code == NULL) {
            return false;
        }
        if (code == target) {
            return true;
        }
        id = code->ir->parent;
        if (id == IR_NONE) {
            return false;
        }
    }
    return false;
}

/* What takes the place of the target's value k of its head, IR_NONE: nothing here. need: the values of
 * the target's head that are no phis. */
static IrRef head_source(const Cg *cg, const CgCode *target, uint32_t k, uint32_t need)
{
    const IrTrace *t = cg->t;
    if (k < target->head_phi_count) {
        return t->head_args[k];
    }
    if (t->head_refs == NULL) {
        return cg->carried_refs[cg->carried_count - need + (k - target->head_phi_count)];
    }
    for (uint32_t i = 0; i < t->head_ref_count; i++) {
        if (t->head_refs[i] == target->head_locs[k].ref) {
            return t->head_args[t->head_arg_count - t->head_ref_count + i];
        }
    }
    return IR_NONE;
}

/* Are all values at hand that the target's head needs? */
static bool can_link_head(Cg *cg, const CgCode *target)
{
    const IrTrace *t = cg->t;
    if (target == NULL || target->head == NULL ||
        target->head_phi_count != t->head_arg_count - t->head_ref_count) {
        return false;
    }
    uint32_t need = target->head_loc_count - target->head_phi_count;
    if (t->head_refs == NULL) {
        return need <= cg->carried_count && (need == 0 || is_ancestor(cg, target));
    }
    for (uint32_t k = target->head_phi_count; k < target->head_loc_count; k++) {
        if (target->head_locs[k].kind != CG_DEAD && head_source(cg, target, k, need) == IR_NONE) {
            return false;
        }
    }
    return true;
}

void cg_lower_link_head(Cg *cg, uint32_t i)
{
    const IrTrace *t = cg->t;
    const CgCode *target = find_target(cg, i);
    if (!can_link_head(cg, target)) {
        put_end(cg, t->uops[i].snap); /* the target's invariants are not known here */
        return;
    }
    uint32_t need = target->head_loc_count - target->head_phi_count;
    uint32_t n = 0;
    put_link_stub(cg, t->uops[i].snap);
    if (!reserve_moves(cg, target->head_loc_count)) {
        return;
    }
    for (uint32_t k = 0; k < target->head_loc_count; k++) {
        CgPlace to = place_of_loc(&target->head_locs[k]);
        if (to.kind == CG_DEAD) {
            continue;
        }
        IrRef source = head_source(cg, target, k, need);
        CgPlace from = cg_place_of_operand(cg, source);
        if (from.kind == CG_DEAD || from.vector != to.vector) {
            cg_fail(cg, CG_NO_REGISTERS);
            return;
        }
        bool there = to.kind == CG_SPILL && !ir_is_const(source) &&
                     cg->values[source].slot == (int16_t)to.index;
        if (!there) {
            cg->g.moves[n++] = (CgMove){to, from};
        }
    }
    cg_parallel_move(cg, cg->g.moves, n);
    cg_put(cg, ST_jump_nnn, (uint8_t[STENCIL_ROLES]){0}, &(CgArgs){.target = target->head});
}

/* The result goes where calls return it. */
static void lower_ret(Cg *cg, uint32_t i)
{
    CgMove m = {cg_register_place(REG_RAX), cg_place_of_operand(cg, cg->t->uops[i].a)};
    cg_parallel_move(cg, &m, 1);
    cg_put(cg, ST_jump_nnn, (uint8_t[STENCIL_ROLES]){0}, &(CgArgs){.target = cg_return});
}

void cg_lower_special(Cg *cg, uint32_t i)
{
    const IrUop *u = &cg->t->uops[i];
    switch ((IrOp)u->op) {
    case IR_slot: lower_slot(cg, i); return;
    case IR_slot_address: lower_slot_address(cg, i); return;
    case IR_lend_slot:
    case IR_store_slot:
    case IR_store_slot_ptr: lower_store_slot(cg, i); break;
    case IR_loop: cg_lower_loop_head(cg, i); return;
    case IR_jump:
        if (cg->t->loop == IR_NONE) {
            put_end(cg, u->snap); /* a recorded trace: tier 1 goes on at its head */
        } else {
            cg_lower_jump(cg, i);
        }
        return;
    case IR_call: lower_call(cg, i); return;
    case IR_alloc_tuple:
    case IR_alloc_cell: lower_alloc(cg, i); return;
    case IR_link: lower_link(cg, i); return;
    case IR_link_head: cg_lower_link_head(cg, i); return;
    case IR_exit: put_end(cg, u->snap); return;
    case IR_ret: lower_ret(cg, i); return;
    case IR_guard_entered: lower_guard_entered(cg, i); return;
    case IR_keep: use_operand(cg, i, 0, u->a); break;
    default: return; /* inherit: in its place from the start; nop, phi */
    }
    release_operands(cg, u);
}
