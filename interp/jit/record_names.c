/*
 * Recorder, moves, constants and names: what only shuffles values between slots, cells and globals.
 *
 * A global is read through the value slot of its dict; that address is good while rt->globals_epoch
 * stands still, which one guard checks (hoisted out of loops by the optimizer).  Objects found there
 * are fixed by identity: functions, types and modules hardly ever change.
 *
 * Threads: the thread that records.
 */
#include "interp/jit/recorder.h"
#include "runtime/abstract.h"
#include "runtime/containers.h"

/* ---- moves ------------------------------------------------------------------------------------------ */

static void load_constant(Recorder *r, bool temp)
{
    RecOperand o = rec_operand(r, bytecode_info[r->op].b, r->pc->b);
    rec_dest(r, r->pc->a, temp, o.ref);
}

static void move(Recorder *r, bool temp)
{
    RecOperand o = rec_operand(r, 'L', r->pc->b);
    if (r->reason == ABORT_NONE) {
        IrRef ref = rec_specialise(r, o.ref, o.actual);
        rec_dest(r, r->pc->a, temp, ref);
    }
}

static void take(Recorder *r, bool temp)
{
    IrRef ref = rec_reg(r, r->pc->b);
    rec_kill(r, r->base + r->pc->b);
    rec_dest(r, r->pc->a, temp, ref);
}

bool record_moves(Recorder *r)
{
    switch (r->op) {
    case BC_MOVE:
    case BC_MOVE_T: move(r, r->op == BC_MOVE_T); return true;
    case BC_TAKE:
    case BC_TAKE_T: take(r, r->op == BC_TAKE_T); return true;
    case BC_LOADI:
    case BC_LOADK: load_constant(r, false); return true;
    case BC_LOADI_T:
    case BC_LOADK_T: load_constant(r, true); return true;
    case BC_LOADK_WIDE: {
        uint32_t i = (uint32_t)r->pc->b | (uint32_t)r->pc->c << 16;
        rec_dest(r, r->pc->a, true, rec_value(r, frame_code(r->fp)->consts[i]));
        return true;
    }
    case BC_COPY_T: rec_dest(r, r->pc->a, true, rec_reg(r, r->pc->b)); return true;
    case BC_DROP: rec_drop(r, r->base + r->pc->a); return true;
    case BC_UNBIND: rec_dest(r, r->pc->a, false, rec_value(r, VALUE_UNBOUND)); return true;
    case BC_CLEAR:
        if (rec_actual(r, r->pc->a) == VALUE_UNBOUND) {
            record_abort(r, ABORT_EXCEPTION, NULL);
            return true;
        }
        rec_specialise(r, rec_reg(r, r->pc->a), rec_actual(r, r->pc->a));
        rec_dest(r, r->pc->a, false, rec_value(r, VALUE_UNBOUND));
        return true;
    case BC_JMP:
    case BC_JMPB:
    case BC_JMP_WIDE:
    case BC_JMPB_WIDE: return true;
    default: return false;
    }
}

/* ---- globals ------------------------------------------------------------------------------------------- */

static void guard_epoch(Recorder *r)
{
    Runtime *rt = r->th->rt;
    uint64_t now = atomic_load_explicit(&rt->globals_epoch, memory_order_relaxed);
    IrRef p = ir_const_ptr(r->ir, (const void *)&rt->globals_epoch);
    IrRef v = rec_emit(r, IR_load_version, IR_I, p, IR_NONE, IR_NONE, 0);
    rec_guard(r, IR_guard_eq_int, IR_N, v, rec_int(r, (int64_t)now), 0);
}

/* What a value read from memory that others own becomes: numbers unboxed, functions and their like
 * fixed by identity, other objects typed and owned. */
static IrRef read_shared(Recorder *r, IrRef v, Value actual, bool fix)
{
    if (!value_is_object(actual)) {
        return rec_specialise(r, v, actual);
    }
    if (fix) {
        rec_guard_const(r, v, actual);
        return rec_value(r, actual);
    }
    rec_guard_type(r, v, value_object(actual)->type_id);
    rec_guard(r, IR_incref, IR_N, v, IR_NONE, 0);
    rec_own(r, v);
    return v;
}

static bool is_fixed(Value v)
{
    if (!value_is_object(v)) {
        return false;
    }
    uint32_t t = value_object(v)->type_id;
    return t == TYPE_FUNCTION || t == TYPE_NATIVE_FUNCTION || t == TYPE_TYPE || t == TYPE_MODULE;
}

static IrRef load_slot_of(Recorder *r, _Atomic Value *slot, Value *actual)
{
    *actual = atomic_load_explicit(slot, memory_order_acquire);
    guard_epoch(r);
    IrRef p = ir_const_ptr(r->ir, (const void *)slot);
    return rec_emit(r, IR_load_global, IR_V, p, IR_NONE, IR_NONE, 0);
}

static void load_global(Recorder *r)
{
    Function *fn = frame_function(r->fp);
    Value name = insn_constant(r->pc, r->pc->b);
    _Atomic Value *slot = dict_value_slot(fn->globals, name);
    if (slot == NULL || atomic_load_explicit(slot, memory_order_acquire) == VALUE_ABSENT) {
        slot = dict_value_slot(r->th->rt->builtins, name);
    }
    if (slot == NULL || atomic_load_explicit(slot, memory_order_acquire) == VALUE_ABSENT) {
        record_abort(r, ABORT_EXCEPTION, NULL);
        return;
    }
    Value actual;
    IrRef v = load_slot_of(r, slot, &actual);
    rec_dest(r, r->pc->a, true, read_shared(r, v, actual, is_fixed(actual)));
}

static void store_global(Recorder *r)
{
    Value name = insn_constant(r->pc, r->pc->b);
    _Atomic Value *slot = dict_value_slot(frame_function(r->fp)->globals, name);
    if (slot == NULL || atomic_load_explicit(slot, memory_order_acquire) == VALUE_ABSENT) {
        record_abort(r, ABORT_BYTECODE, "STORE_GLOBAL of a new name");
        return;
    }
    Value old_actual;
    IrRef old = load_slot_of(r, slot, &old_actual);
    rec_guard(r, IR_guard_bound, IR_N, old, IR_NONE, 0);
    IrRef ref = rec_as_value(r, rec_specialise(r, rec_reg(r, r->pc->a), rec_actual(r, r->pc->a)));
    rec_give(r, r->pc->a, ref);
    IrRef p = ir_const_ptr(r->ir, (const void *)slot);
    rec_emit(r, IR_store_global, IR_N, p, ref, IR_NONE, 0);
    rec_emit(r, IR_decref, IR_N, old, IR_NONE, IR_NONE, 0);
}

/* ---- cells ---------------------------------------------------------------------------------------------- */

/* The cell of a closure variable: a constant where the function is one. */
static IrRef free_cell(Recorder *r, uint32_t index, Value *cell)
{
    Function *fn = frame_function(r->fp);
    *cell = fn->closure[index];
    IrRef f = rec_slot(r, r->base - 3);
    rec_guard_const(r, f, value_from_object(fn));
    return rec_value(r, *cell);
}

static void load_cell(Recorder *r, IrRef cell_ref, Value cell)
{
    if (!value_has_type(cell, TYPE_CELL)) {
        record_abort(r, ABORT_OPERAND_TYPE, "an unbound cell");
        return;
    }
    Value actual = atomic_load_explicit(&((Cell *)value_object(cell))->value, memory_order_acquire);
    if (actual == VALUE_UNBOUND) {
        record_abort(r, ABORT_EXCEPTION, NULL);
        return;
    }
    rec_guard_type(r, cell_ref, TYPE_CELL);
    IrRef v = rec_emit(r, IR_load_cell, IR_V, cell_ref, IR_NONE, IR_NONE, 0);
    rec_guard(r, IR_guard_bound, IR_N, v, IR_NONE, 0);
    rec_dest(r, r->pc->a, true, read_shared(r, v, actual, is_fixed(actual)));
}

static void store_cell(Recorder *r, IrRef cell_ref)
{
    rec_guard_type(r, cell_ref, TYPE_CELL);
    IrRef ref = rec_as_value(r, rec_specialise(r, rec_reg(r, r->pc->b), rec_actual(r, r->pc->b)));
    IrRef old = rec_emit(r, IR_load_cell, IR_V, cell_ref, IR_NONE, IR_NONE, 0);
    rec_give(r, r->pc->b, ref);
    rec_emit(r, IR_store_cell, IR_N, cell_ref, ref, IR_NONE, 0);
    rec_emit(r, IR_decref, IR_N, old, IR_NONE, IR_NONE, 0);
}

bool record_names(Recorder *r)
{
    Value cell;
    switch (r->op) {
    case BC_LOAD_GLOBAL: load_global(r); return true;
    case BC_STORE_GLOBAL: store_global(r); return true;
    case BC_LOAD_CELL: load_cell(r, rec_reg(r, r->pc->b), rec_actual(r, r->pc->b)); return true;
    case BC_STORE_CELL: store_cell(r, rec_reg(r, r->pc->a)); return true;
    case BC_LOAD_FREE: {
        IrRef ref = free_cell(r, r->pc->b, &cell);
        load_cell(r, ref, cell);
        return true;
    }
    case BC_STORE_FREE: store_cell(r, free_cell(r, r->pc->a, &cell)); return true;
    case BC_CLOSURE_CELL: rec_dest(r, r->pc->a, true, free_cell(r, r->pc->b, &cell)); return true;
    default: return false;
    }
}
