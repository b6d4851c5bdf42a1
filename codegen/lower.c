/*
 * Lowering: the forward pass that allocates registers and copies a stencil for each uop.
 *
 * For a uop: choose the first form whose constants fit, bring operands into registers, take scratch
 * registers, then a register for the result.  An operand that dies here gives its register to the
 * result unless the stencil writes the result too early.  A tied operand is overwritten: if it lives
 * on it is copied first; if only this uop's own exit needs it, the exit's stub undoes the operation.
 */
#include "codegen/internal.h"

typedef struct Lowering {
    uint32_t i;
    const IrUop *u;
    IrOp op;
    IrRef o[3];
    uint32_t next[3];
    StencilId id;
    const StencilForm *form;
    const Stencil *s;
    uint8_t regs[STENCIL_ROLES];
    CgArgs args;
    uint32_t temporary; /* registers taken for this uop only */
    uint16_t undo;
    bool moved; /* an operand had to be loaded */
} Lowering;

static bool is_const_operand(IrRef r) { return r != IR_NONE && (r & IR_REF_CONST) != 0; }

static bool letter_fits(const Cg *cg, char letter, IrRef r)
{
    if (letter == 'i' || letter == 'f' || letter == 't' || letter == 'u') {
        return r != IR_NONE;
    }
    if (letter == 'n') {
        return r == IR_NONE;
    }
    if (!is_const_operand(r)) {
        return false;
    }
    const IrConst *k = ir_const(cg->t, r);
    switch (letter) {
    case 'k': return k->type != IR_F && k->i == (int32_t)k->i;
    case 'b': return k->i >= 0 && k->i <= 62;
    case 's': return k->i >= 0 && k->i < (1 << 27);
    case 'p': return k->type != IR_F;
    case 'q': return k->type == IR_F;
    case 'w': return k->type == IR_I && (k->i < -1 || k->i > 1);
    default: return false;
    }
}

static bool select_form(const Cg *cg, Lowering *l)
{
    const CgForms *f = cg->forms;
    for (uint32_t k = f->first[l->op]; k < f->first[l->op + 1]; k++) {
        const StencilForm *form = &st_forms[f->forms[k]];
        if (letter_fits(cg, form->a, l->o[0]) && letter_fits(cg, form->b, l->o[1]) &&
            letter_fits(cg, form->c, l->o[2])) {
            l->id = f->forms[k];
            l->form = form;
            l->s = &cg->table->stencils[l->id];
            return true;
        }
    }
    return false;
}

static IrOp mirrored(IrOp op)
{
    switch (op) {
    case IR_guard_lt_int: return IR_guard_gt_int;
    case IR_guard_le_int: return IR_guard_ge_int;
    case IR_guard_gt_int: return IR_guard_lt_int;
    case IR_guard_ge_int: return IR_guard_le_int;
    case IR_lt_int: return IR_gt_int;
    case IR_le_int: return IR_ge_int;
    case IR_gt_int: return IR_lt_int;
    case IR_ge_int: return IR_le_int;
    case IR_lt_float: return IR_gt_float;
    case IR_le_float: return IR_ge_float;
    case IR_gt_float: return IR_lt_float;
    case IR_ge_float: return IR_le_float;
    case IR_guard_lt_float: return IR_guard_gt_float;
    case IR_guard_le_float: return IR_guard_ge_float;
    case IR_guard_gt_float: return IR_guard_lt_float;
    case IR_guard_ge_float: return IR_guard_le_float;
    case IR_guard_not_lt_float: return IR_guard_not_gt_float;
    case IR_guard_not_le_float: return IR_guard_not_ge_float;
    case IR_guard_not_gt_float: return IR_guard_not_lt_float;
    case IR_guard_not_ge_float: return IR_guard_not_le_float;
    default: return (ir_ops[op].flags & IRF_COM) != 0 ? op : IR_nop;
    }
}

/* Constants go to the right, where forms take them. */
static void order_operands(Lowering *l)
{
    IrOp other;
    if (is_const_operand(l->o[0]) && l->o[1] != IR_NONE && !is_const_operand(l->o[1]) &&
        (other = mirrored(l->op)) != IR_nop) {
        l->op = other;
        IrRef o = l->o[0];
        l->o[0] = l->o[1];
        l->o[1] = o;
        l->next[0] = l->next[1];
    }
}

static uint32_t class_of(const Lowering *l, int role)
{
    return (l->s->vectors >> role & 1) != 0 ? REGS_VECTOR : REGS_GENERAL;
}

static int take_temporary(Cg *cg, Lowering *l, uint32_t allowed)
{
    int reg = cg_pick(cg, allowed);
    cg->free &= ~(1u << reg);
    cg->pinned |= 1u << reg;
    l->temporary |= 1u << reg;
    return reg;
}

static void bring_operand(Cg *cg, Lowering *l, int k, char letter)
{
    IrRef r = l->o[k];
    switch (letter) {
    case 'i':
    case 'f': {
        int role = ROLE_A + k;
        int reg;
        if (is_const_operand(r)) {
            reg = take_temporary(cg, l, class_of(l, role));
            cg_put_const(cg, reg, ir_const(cg->t, r)->bits);
            l->moved = true;
        } else {
            l->moved |= cg->values[r].reg == REG_NONE;
            reg = cg_load(cg, r, class_of(l, role) & ~(uint32_t)l->s->clobbers);
            cg->values[r].next = l->next[k];
        }
        cg->pinned |= 1u << reg;
        l->regs[role] = (uint8_t)reg;
        break;
    }
    case 'k':
    case 'b': l->args.k = ir_const(cg->t, r)->i; break;
    case 's': l->args.k = ir_const(cg->t, r)->i * 8; break;
    case 'p':
    case 'q': l->args.pool = cg_pool(cg, ir_const(cg->t, r)->bits, r & ~IR_REF_CONST); break;
    case 'w': l->args.pool = cg_powers(cg, ir_const(cg->t, r)->i); break;
    default: break;
    }
}

static StencilId undo_of(StencilId id)
{
    switch ((int)id) {
    case ST_add_int_ov_tkn: return ST_sub_int_tkn;
    case ST_add_int_ov_tin: return ST_sub_int_tin;
    case ST_add_int_ov_tpn: return ST_sub_int_tpn;
    case ST_sub_int_ov_tkn: return ST_add_int_ikn;
    case ST_sub_int_ov_tin: return ST_add_int_iin;
    case ST_sub_int_ov_tpn: return ST_add_int_tpn;
    default: return ST_COUNT;
    }
}

/* The register that value i should have, if it is free; REG_NONE. */
static int wanted_and_free(const Cg *cg, uint32_t i)
{
    const CgValue *v = &cg->values[i];
    int want = v->want;
    if (want == REG_NONE && v->hint != IR_NONE) {
        want = cg->values[v->hint].want;
    }
    return want != REG_NONE && (cg->free >> want & 1) != 0 ? want : REG_NONE;
}

/* The tied operand goes to the result's register. */
static int bring_tied(Cg *cg, Lowering *l)
{
    IrRef a = l->o[0];
    const CgValue *result = &cg->values[l->i];
    uint32_t allowed = class_of(l, ROLE_RESULT) & ~(uint32_t)l->s->clobbers;
    if (is_const_operand(a)) {
        int reg = cg_pick_for(cg, result, allowed);
        cg_put_const(cg, reg, ir_const(cg->t, a)->bits);
        return reg;
    }
    CgValue *v = &cg->values[a];
    bool twice = a == l->o[1];
    bool early = twice && (l->s->early >> ROLE_B & 1) != 0;
    bool dies = v->end == cg->pos && !early;
    bool undo =
        !dies && v->end == cg->pos + 1 && l->s->exits && !twice && undo_of(l->id) != ST_COUNT;
    if (!twice) {
        v->next = l->next[0];
    }
    if (dies || undo) {
        int want = wanted_and_free(cg, l->i);
        if (v->reg == REG_NONE && want != REG_NONE) {
            cg_put_load(cg, want, v->slot);
            return want;
        }
        int reg = cg_load(cg, a, allowed);
        if (want != REG_NONE && want != reg) {
            cg_put_move(cg, want, reg);
            return want;
        }
        l->undo = (uint16_t)(undo ? undo_of(l->id) : ST_COUNT);
        return reg;
    }
    if (v->reg != REG_NONE) {
        cg->pinned |= 1u << v->reg;
    }
    int reg = cg_pick_for(cg, result, allowed);
    if (v->reg != REG_NONE) {
        cg_put_move(cg, reg, v->reg);
    } else {
        cg_put_load(cg, reg, v->slot);
    }
    return reg;
}

static bool is_tied(const Lowering *l) { return l->form->a == 't' || l->form->a == 'u'; }

static void vacate_clobbers(Cg *cg, Lowering *l)
{
    uint32_t clobbers = l->s->clobbers;
    for (uint32_t m = clobbers; m != 0; m &= m - 1) {
        cg_vacate(cg, __builtin_ctz(m), clobbers);
    }
    l->temporary |= clobbers;
    cg->free &= ~clobbers;
    cg->pinned |= clobbers;
}

/* Operand a may become the first scratch register: it is needed neither later nor by the exit. */
static bool is_used_up(const Cg *cg, const Lowering *l)
{
    IrRef a = l->o[0];
    return l->s->skip != 0 && a != l->o[1] && a != l->o[2] &&
           (is_const_operand(a) || cg->values[a].end == cg->pos);
}

static void take_scratch(Cg *cg, Lowering *l)
{
    int q = 0;
    if (is_used_up(cg, l)) {
        l->regs[ROLE_SCRATCH] = l->regs[ROLE_A];
        l->args.in_place = true;
        q = 1;
    }
    for (; q < l->s->scratch_count; q++) {
        int role = ROLE_SCRATCH + q;
        l->regs[role] = (uint8_t)take_temporary(cg, l, class_of(l, role));
    }
}

static bool may_share(const Lowering *l, IrRef r)
{
    for (int k = 0; k < 3; k++) {
        if (l->o[k] == r && (l->s->early >> (ROLE_A + k) & 1) != 0) {
            return false;
        }
    }
    return true;
}

static void release_dying(Cg *cg, const Lowering *l, bool before_result)
{
    for (int k = 0; k < 3; k++) {
        IrRef r = l->o[k];
        if ((r & IR_REF_CONST) == 0 && cg->values[r].end == cg->pos &&
            (!before_result || may_share(l, r))) {
            cg_release(cg, r);
        }
    }
}

static void take_result(Cg *cg, Lowering *l)
{
    if (l->form->result == 'N' || is_tied(l)) {
        return;
    }
    release_dying(cg, l, true);
    l->regs[ROLE_RESULT] =
        (uint8_t)cg_pick_for(cg, &cg->values[l->i],
                             class_of(l, ROLE_RESULT) & ~(uint32_t)l->s->clobbers & ~l->temporary);
}

static void add_cold(Cg *cg, const Lowering *l, uint8_t *at)
{
    if (!cg_grow(cg, (void **)&cg->g.cold, cg->cold_count, &cg->g.cold_capacity,
                 sizeof *cg->g.cold)) {
        return;
    }
    uint32_t save = 0;
    for (uint32_t m = REGS_CALLER_SAVED & ~cg->free; m != 0; m &= m - 1) {
        int reg = __builtin_ctz(m);
        if (cg->owner[reg] != IR_NONE && cg->values[cg->owner[reg]].end > cg->pos) {
            save |= 1u << reg;
        }
    }
    cg->g.cold[cg->cold_count++] = (CgCold){.at = at,
                                            .back = cg->p,
                                            .save = save,
                                            .stencil = (uint16_t)l->id,
                                            .helper = (uint16_t)ir_cold_helper(l->op),
                                            .value = (int8_t)l->regs[ROLE_A]};
}

/* Is u the last uop before the back edge? */
static bool before_jump(const Cg *cg, uint32_t i)
{
    const IrTrace *t = cg->t;
    if (t->loop == IR_NONE || i < t->loop) {
        return false;
    }
    do {
        i++;
    } while (i < t->count && (t->uops[i].op == IR_nop || (t->uops[i].flags & UOP_SUNK) != 0));
    return i < t->count && t->uops[i].op == IR_jump;
}

static void add_undo(Cg *cg, const Lowering *l, CgPending *p)
{
    if (!cg_grow(cg, (void **)&cg->g.undos, cg->undo_count, &cg->g.undo_capacity,
                 sizeof *cg->g.undos)) {
        return;
    }
    CgUndo *u = &cg->g.undos[cg->undo_count++];
    *u = (CgUndo){.stencil = l->undo, .k = l->args.k, .pool = l->args.pool};
    memcpy(u->regs, l->regs, sizeof u->regs);
    u->regs[ROLE_A] = l->regs[ROLE_RESULT];
    p->undo = (uint16_t)cg->undo_count;
}

static void put_guard(Cg *cg, Lowering *l)
{
    CgExitUse use = cg_record_exit(cg, l->u->snap, cg_uop_raises(l->u));
    uint16_t inverted = cg->forms->inverted[l->id];
    bool alike =
        inverted != ST_COUNT && cg->table->stencils[inverted].scratch_count == l->s->scratch_count;
    if (alike && before_jump(cg, l->i) && cg_head_matches(cg)) {
        l->args.target = cg_runs_at(cg, cg->head_at);
        cg_put(cg, inverted, l->regs, &l->args);
        cg_put_stub(cg, use);
        cg->closed = true;
        return;
    }
    bool rotate = l->i == cg->first_body && alike && !l->moved;
    uint8_t *at = cg_put(cg, l->id, l->regs, &l->args);
    CgPending *p = cg_add_pending(cg, at, l->id, use);
    if (p != NULL && l->undo != ST_COUNT) {
        add_undo(cg, l, p);
    }
    if (rotate) {
        cg_align(cg, 32);
        cg->top_guard = inverted;
        cg->top_after = cg->p;
        cg->top_use = use;
        cg->top_k = l->args.k;
        cg->top_m = l->args.m;
        cg->top_pool = l->args.pool;
        memcpy(cg->top_regs, l->regs, sizeof cg->top_regs);
    }
}

static void put_uop(Cg *cg, Lowering *l)
{
    bool cold = (ir_ops[l->op].flags & IRF_CC) != 0;
    if (l->s->exits && !cold) {
        put_guard(cg, l);
        if (l->u->snap != IR_NONE) {
            cg_release_exit_values(cg, l->u->snap);
        }
    } else {
        uint8_t *at = cg_put(cg, l->id, l->regs, &l->args);
        if (cold) {
            add_cold(cg, l, at);
        }
    }
}

static void lower_uop(Cg *cg, uint32_t i)
{
    const IrUop *u = &cg->t->uops[i];
    Lowering l = {.i = i, .u = u, .op = (IrOp)u->op, .o = {u->a, u->b, u->c}, .undo = ST_COUNT};
    memcpy(l.next, &cg->next_use[3 * (size_t)i], sizeof l.next);
    order_operands(&l);
    if (!select_form(cg, &l)) {
        cg_fail(cg, CG_NO_STENCIL);
        return;
    }
    l.regs[ROLE_THREAD] = REG_THREAD;
    l.args.m = l.form->imm == 'e' ? (int64_t)u->imm * 8 : u->imm;
    if (l.s->clobbers != 0) {
        vacate_clobbers(cg, &l);
    }
    bring_operand(cg, &l, 0, l.form->a);
    bring_operand(cg, &l, 1, l.form->b);
    bring_operand(cg, &l, 2, l.form->c);
    if (is_tied(&l)) {
        int reg = bring_tied(cg, &l);
        l.regs[ROLE_RESULT] = (uint8_t)reg;
        cg->pinned |= 1u << reg;
        if (cg->owner[reg] == IR_NONE) {
            cg->free &= ~(1u << reg); /* kept from scratch */
        }
        if (l.o[0] == l.o[1] && cg->owner[reg] == l.o[0]) {
            l.regs[ROLE_B] = (uint8_t)reg;
        }
    }
    take_scratch(cg, &l);
    take_result(cg, &l);
    put_uop(cg, &l);
    release_dying(cg, &l, false);
    cg->free |= l.temporary;
    if (l.form->result != 'N') {
        int reg = l.regs[ROLE_RESULT];
        if (cg->owner[reg] != IR_NONE) { /* undo: the operand gives way */
            cg_release(cg, cg->owner[reg]);
        }
        cg_bind(cg, i, reg);
        cg->reserved &= ~(1u << reg);
        if (cg->values[i].end == 0) {
            cg_release(cg, i);
        }
    }
}

static bool makes_code(const IrUop *u)
{
    return (u->flags & UOP_SUNK) == 0 && u->op != IR_nop && u->op != IR_phi;
}

/* A guard without a result can stand at the loop's top and, inverted, at its bottom. */
static bool may_rotate(const Cg *cg, const IrUop *u)
{
    const IrRef operands[3] = {u->a, u->b, u->c};
    for (int k = 0; k < 3; k++) {
        if ((operands[k] & IR_REF_CONST) == 0 && cg->values[operands[k]].reg == REG_NONE) {
            return false;
        }
    }
    return (ir_ops[u->op].flags & (IRF_G | IRF_SP)) == IRF_G && ir_ops[u->op].result == IR_N;
}

void cg_lower(Cg *cg)
{
    const IrTrace *t = cg->t;
    for (uint32_t i = 0; i < t->count && cg->status == CG_OK; i++) {
        const IrUop *u = &t->uops[i];
        cg->uop_offsets[i] = (uint32_t)(cg->p - cg->start);
        if (!makes_code(u)) {
            continue;
        }
        cg->pos = POS(i);
        cg->pinned = 0;
        if (i == cg->first_body) {
            cg->head_at = cg->p;
            if (!may_rotate(cg, u)) {
                cg_align(cg, 32);
                cg->head_at = cg->p;
                cg->first_body = IR_NONE; /* no rotation */
            }
        }
        if ((ir_ops[u->op].flags & IRF_SP) != 0) {
            cg_lower_special(cg, i);
        } else {
            lower_uop(cg, i);
        }
#ifndef NDEBUG
        if (cg->status == CG_OK && cg->value_count < 300) {
            cg_check(cg);
        }
#endif
    }
}
