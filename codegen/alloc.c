/*
 * Registers: who is where, at the current uop.
 *
 * Invariants (cg_check, after each uop in debug builds of small traces): owner[r] is the value in r, or IR_NONE iff bit r of `free`
 * is set; values[owner[r]].reg == r; a value alive has a register or a slot.  A slot once written
 * stays right for as long as the value lives, because values never change.
 *
 * When no register is free, the value goes whose next use in a register is furthest away (Belady);
 * among equals one that is already in its slot.
 */
#include <assert.h>

#include "codegen/internal.h"

#ifndef NDEBUG
void cg_check(const Cg *cg)
{
    for (int reg = 0; reg < REG_COUNT; reg++) {
        IrRef ref = cg->owner[reg];
        (void)ref; /* without asserts */
        assert((REGS_ALL >> reg & 1) != 0 || ref == IR_NONE);
        assert(ref == IR_NONE || ((cg->free >> reg & 1) == 0 && cg->values[ref].reg == reg));
        assert(ref != IR_NONE || (REGS_ALL >> reg & 1) == 0 || (cg->free >> reg & 1) != 0);
    }
    for (uint32_t i = 0; i < cg->value_count; i++) {
        const CgValue *v = &cg->values[i];
        (void)v;
        assert(v->reg == REG_NONE || cg->owner[v->reg] == i);
        assert(v->slot == SLOT_NONE || (cg->slots[v->slot / 64] >> (v->slot % 64) & 1) != 0);
    }
}
#endif

static int slot_new(Cg *cg)
{
    for (uint32_t w = 0; w < CG_SPILL_SLOTS / 64; w++) {
        uint64_t unused = ~cg->slots[w];
        if (unused != 0) {
            uint32_t slot = w * 64 + (uint32_t)__builtin_ctzll(unused);
            if (slot >= FIRST_COLD_SLOT) {
                break;
            }
            cg->slots[w] |= UINT64_C(1) << (slot % 64);
            if (slot >= cg->spill_used) {
                cg->spill_used = slot + 1;
            }
            return (int)slot;
        }
    }
    cg_fail(cg, CG_NO_REGISTERS);
    return 0;
}

void cg_spill(Cg *cg, IrRef ref)
{
    CgValue *v = &cg->values[ref];
    if (v->slot == SLOT_NONE) {
        v->slot = (int16_t)slot_new(cg);
        cg_put_store(cg, v->slot, v->reg);
    }
}

static void unbind(Cg *cg, int reg)
{
    cg->values[cg->owner[reg]].reg = REG_NONE;
    cg->owner[reg] = IR_NONE;
    cg->free |= 1u << reg;
}

void cg_bind(Cg *cg, IrRef ref, int reg)
{
    cg->values[ref].reg = (int8_t)reg;
    cg->owner[reg] = ref;
    cg->free &= ~(1u << reg);
}

void cg_release(Cg *cg, IrRef ref)
{
    CgValue *v = &cg->values[ref];
    if (v->reg != REG_NONE) {
        unbind(cg, v->reg);
    }
    if (v->slot != SLOT_NONE) {
        cg->slots[v->slot / 64] &= ~(UINT64_C(1) << (v->slot % 64));
        v->slot = SLOT_NONE;
    }
}

static int victim(const Cg *cg, uint32_t among)
{
    int best = REG_NONE;
    uint64_t best_rank = 0;
    while (among != 0) {
        int reg = __builtin_ctz(among);
        among &= among - 1;
        if (cg->owner[reg] == IR_NONE) {
            continue;
        }
        const CgValue *v = &cg->values[cg->owner[reg]];
        uint64_t rank = ((uint64_t)v->next << 1 | (v->slot != SLOT_NONE)) + 1;
        if (rank > best_rank) {
            best_rank = rank;
            best = reg;
        }
    }
    return best;
}

int cg_pick(Cg *cg, uint32_t allowed)
{
    uint32_t m = cg->free & allowed;
    if (m != 0) {
        uint32_t calm = m & ~cg->reserved;
        m = calm != 0 ? calm : m;
        return __builtin_ctz(m);
    }
    int reg = victim(cg, allowed & ~cg->pinned);
    if (reg == REG_NONE) {
        cg_fail(cg, CG_NO_REGISTERS);
        return __builtin_ctz(allowed);
    }
    cg_spill(cg, cg->owner[reg]);
    unbind(cg, reg);
    return reg;
}

/* Does a call lie between here and the value's end? */
static bool crosses_call(Cg *cg, const CgValue *v)
{
    while (cg->next_call < cg->call_count && cg->g.calls[cg->next_call] <= cg->pos) {
        cg->next_call++;
    }
    if (cg->next_call < cg->call_count) {
        return cg->g.calls[cg->next_call] < v->end;
    }
    return v->end == POS_END && cg->call_count > 0 && cg->loop_pos != POS_NEVER &&
           cg->g.calls[cg->call_count - 1] > cg->loop_pos;
}

int cg_pick_for(Cg *cg, const CgValue *v, uint32_t allowed)
{
    allowed &= v->vector ? REGS_VECTOR : REGS_GENERAL;
    int want = v->want;
    if (want == REG_NONE && v->hint != IR_NONE) {
        want = cg->values[v->hint].want;
    }
    if (want != REG_NONE && (cg->free & allowed & 1u << want) != 0) {
        return want;
    }
    uint32_t m = cg->free & allowed;
    uint32_t calm = m & ~cg->reserved;
    m = calm != 0 ? calm : m;
    if (m == 0) {
        return cg_pick(cg, allowed);
    }
    uint32_t better = crosses_call(cg, v) ? m & REGS_CALLEE_SAVED : m & ~REGS_CALLEE_SAVED;
    m = better != 0 ? better : m;
    return __builtin_ctz(m);
}

int cg_load(Cg *cg, IrRef ref, uint32_t allowed)
{
    CgValue *v = &cg->values[ref];
    if (v->reg != REG_NONE && (allowed >> v->reg & 1) != 0) {
        return v->reg;
    }
    int reg = cg_pick(cg, allowed & (v->vector ? REGS_VECTOR : REGS_GENERAL));
    if (v->reg != REG_NONE) {
        cg_put_move(cg, reg, v->reg);
        unbind(cg, v->reg);
    } else if (v->slot != SLOT_NONE) {
        cg_put_load(cg, reg, v->slot);
    } else { /* an operand that was never defined: the trace is not valid */
        cg_fail(cg, CG_NO_REGISTERS);
    }
    cg_bind(cg, ref, reg);
    return reg;
}

void cg_vacate(Cg *cg, int reg, uint32_t avoid)
{
    IrRef ref = cg->owner[reg];
    if (ref == IR_NONE) {
        return;
    }
    const CgValue *v = &cg->values[ref];
    uint32_t m = cg->free & ~avoid & (v->vector ? REGS_VECTOR : REGS_GENERAL);
    if (m != 0 && v->next != POS_NEVER) {
        int to = __builtin_ctz((m & ~cg->reserved) != 0 ? m & ~cg->reserved : m);
        cg_put_move(cg, to, reg);
        unbind(cg, reg);
        cg_bind(cg, ref, to);
        return;
    }
    cg_spill(cg, ref);
    unbind(cg, reg);
}

CgPlace cg_place_of(const Cg *cg, IrRef ref)
{
    const CgValue *v = &cg->values[ref];
    if (v->reg != REG_NONE) {
        return cg_register_place(v->reg);
    }
    if (v->slot != SLOT_NONE) {
        return (CgPlace){.kind = CG_SPILL, .vector = v->vector, .index = (uint16_t)v->slot};
    }
    return (CgPlace){.kind = CG_DEAD, .vector = v->vector};
}

CgPlace cg_place_of_operand(const Cg *cg, IrRef r)
{
    if (ir_is_const(r)) {
        const IrConst *k = ir_const(cg->t, r);
        return (CgPlace){.kind = CG_CONST, .vector = k->type == IR_F, .bits = k->bits};
    }
    return cg_place_of(cg, r);
}
