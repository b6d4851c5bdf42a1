/*
 * Parallel moves: many values change places at once.
 *
 * A move can be done when no other pending move reads its destination.  When none can, what is left
 * are cycles.  A cycle of general registers, or of vector registers, is turned by exchanging the
 * destination with the source of one move; a cycle through spill slots is cut by saving one source
 * in a slot of its own.  Constants come last: they are nobody's destination.
 *
 * tests/codegen/test_moves.c runs this on random maps against a simulator.
 */
#include "codegen/internal.h"

enum { CYCLE_SLOT = FIRST_COLD_SLOT };

static bool same_place(const CgPlace *a, const CgPlace *b)
{
    return a->kind == b->kind && a->kind != CG_CONST && a->index == b->index;
}

static void exchange(Cg *cg, int a, int b)
{
    uint8_t regs[STENCIL_ROLES] = {[ROLE_RESULT] = (uint8_t)a, [ROLE_B] = (uint8_t)b};
    cg_put(cg, a >= REG_XMM0 ? ST_swap_float_ufn : ST_swap_int_tin, regs, &(CgArgs){0});
}

static void copy_slot(Cg *cg, int to, int from)
{
    cg_put(cg, ST_spill_copy_knn, (uint8_t[STENCIL_ROLES]){0},
           &(CgArgs){.k = 8 * from, .m = 8 * to});
}

static void move_one(Cg *cg, const CgMove *m)
{
    if (m->to.kind == CG_GPR) {
        if (m->from.kind == CG_GPR) {
            cg_put_move(cg, m->to.index, m->from.index);
        } else if (m->from.kind == CG_SPILL) {
            cg_put_load(cg, m->to.index, m->from.index);
        } else {
            cg_put_const(cg, m->to.index, m->from.bits);
        }
    } else if (m->from.kind == CG_GPR) {
        cg_put_store(cg, m->to.index, m->from.index);
    } else if (m->from.kind == CG_SPILL) {
        copy_slot(cg, m->to.index, m->from.index);
    } else { /* a constant to a slot: by way of the slot-sized pool word, through a borrowed register */
        cg_put_store(cg, CYCLE_SLOT + 1, REG_RAX);
        cg_put_const(cg, REG_RAX, m->from.bits);
        cg_put_store(cg, m->to.index, REG_RAX);
        cg_put_load(cg, REG_RAX, CYCLE_SLOT + 1);
    }
}

static bool is_read(const CgMove *moves, uint32_t count, uint32_t except)
{
    for (uint32_t j = 0; j < count; j++) {
        if (j != except && same_place(&moves[j].from, &moves[except].to)) {
            return true;
        }
    }
    return false;
}

/* All pending moves lie on cycles. */
static void turn_cycle(Cg *cg, CgMove *moves, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        CgPlace to = moves[i].to, from = moves[i].from;
        if (to.kind != CG_GPR || from.kind != CG_GPR) {
            continue;
        }
        exchange(cg, to.index, from.index); /* now `to` is right, and `from` holds the old `to` */
        for (uint32_t j = 0; j < count; j++) {
            if (same_place(&moves[j].from, &to)) {
                moves[j].from = from;
            } else if (same_place(&moves[j].from, &from)) {
                moves[j].from = to;
            }
        }
        return;
    }
    CgPlace cut = moves[0].from;
    CgPlace safe = {.kind = CG_SPILL, .vector = cut.vector, .index = CYCLE_SLOT};
    if (cut.kind == CG_GPR) {
        cg_put_store(cg, CYCLE_SLOT, cut.index);
    } else {
        copy_slot(cg, CYCLE_SLOT, cut.index);
    }
    for (uint32_t j = 0; j < count; j++) {
        if (same_place(&moves[j].from, &cut)) {
            moves[j].from = safe;
        }
    }
}

void cg_parallel_move(Cg *cg, CgMove *moves, uint32_t count)
{
    while (count > 0) {
        bool progress = false;
        for (uint32_t i = 0; i < count;) {
            if (same_place(&moves[i].to, &moves[i].from)) {
                moves[i] = moves[--count];
                progress = true;
            } else if (moves[i].from.kind != CG_CONST && !is_read(moves, count, i)) {
                move_one(cg, &moves[i]);
                moves[i] = moves[--count];
                progress = true;
            } else {
                i++;
            }
        }
        if (progress) {
            continue;
        }
        uint32_t values = 0; /* constants wait until only constants are left */
        for (uint32_t i = 0; i < count; i++) {
            if (moves[i].from.kind != CG_CONST) {
                CgMove m = moves[i];
                moves[i] = moves[values];
                moves[values++] = m;
            }
        }
        if (values == 0) {
            for (uint32_t i = 0; i < count; i++) {
                move_one(cg, &moves[i]);
            }
            return;
        }
        turn_cycle(cg, moves, values);
    }
}
