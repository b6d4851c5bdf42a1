/*
 * Recorder, memory that other threads may write: how lists, cells and dicts are read.
 *
 * In the alone form, and for objects that only this thread can reach (private now, which guard_private asks
 * again, or made by this trace and not yet published), the plain loads and stores are right: they are
 * forwarded and leave loops.  Everything else is read afresh each time, in the order of the program
 * (load_shared_*), and written by helpers that lock; a number over a number in a list inline
 * (record_items.c), because nothing is dropped then.
 *
 * What such a load finds need not be what tier 1 finds a moment later; nor need a decision that was made on
 * it.  So in the shared form each step looks whether the frame still agrees with the mirror, and
 * whether tier 1 has gone the way that was recorded (rec_expect).
 *
 * Threads: the thread that records.
 */
#include "interp/jit/recorder.h"
#include "runtime/containers.h"
#include "runtime/int.h"
#include "runtime/str.h"

/* Made by this trace, and nothing has been published since? */
static bool is_fresh(const Recorder *r, IrRef ref)
{
    if (ir_is_const(ref) || ref < r->published) {
        return false;
    }
    const IrUop *u = &r->ir->uops[ref];
    return u->op == IR_alloc_cell || (u->op == IR_call && ir_makes_list(u->imm));
}

bool rec_is_plain(Recorder *r, IrRef ref, Value actual)
{
    if (!r->ir->shared || is_fresh(r, ref)) {
        return true;
    }
    if ((value_object(actual)->flags & OBJECT_PRIVATE) == 0) {
        return false;
    }
    rec_guard(r, IR_guard_private, IR_N, ref, IR_NONE, 0);
    return true;
}

void rec_ask_alone(Recorder *r)
{
    if (r->ir->shared || !r->barrier) {
        return;
    }
    r->barrier = false;
    if (r->th->alone == 0) {
        record_abort(r, ABORT_NOT_ALONE, NULL);
    }
    rec_guard(r, IR_guard_alone, IR_N, IR_NONE, IR_NONE, 0);
}

IrRef rec_list_size(Recorder *r, IrRef list, Value actual)
{
    IrOp op = rec_is_plain(r, list, actual) ? IR_load_list_size : IR_load_shared_size;
    return rec_emit(r, op, IR_I, list, IR_NONE, IR_NONE, 0);
}

IrRef rec_list_item(Recorder *r, IrRef list, Value actual, IrRef index)
{
    if (rec_is_plain(r, list, actual)) {
        IrRef table = rec_emit(r, IR_load_list_table, IR_P, list, IR_NONE, IR_NONE, 0);
        return rec_emit(r, IR_load_list_item, IR_V, table, index, IR_NONE, 0);
    }
    IrRef table = rec_emit(r, IR_load_shared_table, IR_P, list, IR_NONE, IR_NONE, 0);
    IrRef capacity = rec_emit(r, IR_load_capacity, IR_I, table, IR_NONE, IR_NONE, 0);
    rec_guard(r, IR_guard_ult_int, IR_N, index, capacity, 0);
    return rec_emit(r, IR_load_shared_item, IR_V, table, index, IR_NONE, 0);
}

IrRef rec_loaded(Recorder *r, IrRef v, Value actual)
{
    IrRef typed = rec_specialise(r, v, actual);
    if (value_is_object(actual)) {
        rec_incref(r, v);
        rec_own(r, v);
    }
    return typed;
}

/* ---- dicts --------------------------------------------------------------------------------------------- */

IrRef rec_dict_lent(Recorder *r, RecOperand *dict, RecOperand *key, Value *actual)
{
    bool simple = value_is_small_int(key->actual) || value_is_str(key->actual);
    if (!value_is_dict(dict->actual) || !simple) {
        return IR_NONE;
    }
    *actual = dict_get_lent(dict->actual, key->actual);
    if (*actual == VALUE_UNBOUND) {
        return IR_NONE;
    }
    rec_guard_type(r, dict->ref, TYPE_DICT);
    key->ref = rec_specialise(r, key->ref, key->actual);
    return rec_call(r, HELPER_ID_dict_get_lent, dict->ref, rec_operand_value(r, key), IR_NONE);
}

/* ---- is the frame what the mirror says? ----------------------------------------------------------------- */

static bool agrees(const Recorder *r, IrRef ref, Value actual)
{
    switch (ir_type_of(r->ir, ref)) {
    case IR_I: return value_is_int_like(actual);
    case IR_F: return value_is_double(actual);
    default: break;
    }
    if (ir_is_const(ref)) {
        return ir_const(r->ir, ref)->v == actual;
    }
    uint32_t known = rec_known(r, ref);
    return known == KNOWN_NOTHING ||
           (known == KNOWN_NUMBER ? !value_is_object(actual) : value_has_type(actual, known));
}

void rec_expect(Recorder *r, const Insn *pc) { r->expected = r->ir->shared ? pc : NULL; }

void rec_check_race(Recorder *r)
{
    bool strayed = r->expected != NULL && r->expected != r->pc;
    r->expected = NULL;
    for (int32_t i = 0; i < r->top && r->ir->shared && !strayed; i++) {
        const RecSlot *s = &r->slots[i];
        int32_t slot = i - SLOT_HEADER;
        strayed = s->written && !s->dead && !s->raw && s->ref != IR_NONE && slot != r->range.slot &&
                  !agrees(r, s->ref, r->root_fp[slot]);
    }
    if (strayed) {
        record_abort(r, ABORT_RACE, NULL);
    }
}
