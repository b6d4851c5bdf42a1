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
#include "runtime/str.h"

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
    IrRef p = ir_const_ptr(r->ir, (const void *)&rt->globals_epoch);
    IrRef v = rec_emit(r, r->ir->shared ? IR_load_shared_version : IR_load_version, IR_I, p,
                       IR_NONE, IR_NONE, 0);
    rec_guard(r, IR_guard_eq_int, IR_N, v, rec_int(r, (int64_t)r->globals_epoch), 0);
}

/* What a value read from memory that others own becomes: numbers unboxed, functions and their like
 * fixed by identity, other objects typed and owned. */
IrRef rec_read_shared(Recorder *r, IrRef v, Value actual, bool fix)
{
    if (!value_is_object(actual)) {
        return rec_specialise(r, v, actual);
    }
    if (fix) {
        rec_guard_const(r, v, actual);
        return rec_value(r, actual);
    }
    rec_guard_type(r, v, value_object(actual)->type_id);
    rec_incref(r, v);
    rec_own(r, v);
    return v;
}

bool rec_is_fixed(Value v)
{
    if (!value_is_object(v)) {
        return false;
    }
    uint32_t t = value_object(v)->type_id;
    return t == TYPE_FUNCTION || t == TYPE_NATIVE_FUNCTION || t == TYPE_TYPE || t == TYPE_MODULE;
}

IrRef rec_load_dict_slot(Recorder *r, Value dict, _Atomic Value *slot, Value *actual)
{
    bool watched = (value_object(dict)->flags & OBJECT_WATCHED) != 0;
    dict_watch(dict);
    if (!watched && r->ir->shared) { /* the slot may be another one already, and no epoch says so */
        record_abort(r, ABORT_RACE, NULL);
    }
    rec_value(r, dict); /* keeps the table alive as long as the epoch stands */
    *actual = atomic_load_explicit(slot, memory_order_acquire);
    guard_epoch(r);
    IrRef p = ir_const_ptr(r->ir, (const void *)slot);
    return rec_emit(r, r->ir->shared ? IR_load_shared_global : IR_load_global, IR_V, p, IR_NONE,
                    IR_NONE, 0);
}

/* Nothing in a trace tells whose globals a slot belongs to, where functions of one code have several. */
static bool has_several_globals(Recorder *r, const Function *fn)
{
    if (code_caches_globals(fn->code, fn->globals)) {
        return false;
    }
    record_abort(r, ABORT_BYTECODE, "a global of code that runs with several dicts");
    return true;
}

static void load_global(Recorder *r)
{
    Function *fn = frame_function(r->fp);
    if (has_several_globals(r, fn)) {
        return;
    }
    Value name = insn_constant(r->pc, r->pc->b);
    Value dict = fn->globals;
    _Atomic Value *slot = dict_value_slot(dict, name);
    if (slot == NULL || atomic_load_explicit(slot, memory_order_acquire) == VALUE_ABSENT) {
        dict = r->th->rt->builtins;
        slot = dict_value_slot(dict, name);
    }
    if (slot == NULL || atomic_load_explicit(slot, memory_order_acquire) == VALUE_ABSENT) {
        record_abort(r, ABORT_EXCEPTION, NULL);
        return;
    }
    Value actual;
    IrRef v = rec_load_dict_slot(r, dict, slot, &actual);
    rec_dest(r, r->pc->a, true, rec_read_shared(r, v, actual, rec_is_fixed(actual)));
}

/* A new one, or one that other threads may write too: under the dict's lock. */
static void set_global(Recorder *r, Value dict, Value name)
{
    IrRef ref = rec_reg_value(r, r->pc->a);
    rec_call(r, HELPER_ID_dict_set_item, rec_value(r, dict), rec_value(r, name), ref);
    rec_drop(r, r->base + r->pc->a);
}

/* Where the name is not there, nothing has changed: tier 1 words the error. */
static void delete_global(Recorder *r)
{
    Value dict = frame_function(r->fp)->globals;
    IrRef done = rec_call(r, HELPER_ID_dict_delete, rec_value(r, dict),
                          rec_value(r, insn_constant(r->pc, r->pc->b)), IR_NONE);
    r->snap = IR_NONE;
    rec_guard(r, IR_guard_true, IR_N, done, IR_NONE, 0);
}

/* A module that is there already. */
static void import_module(Recorder *r)
{
    Value name = insn_constant(r->pc, r->pc->b), actual = VALUE_ABSENT;
    Value modules = r->th->rt->modules;
    _Atomic Value *slot = modules == VALUE_ABSENT ? NULL : dict_value_slot(modules, name);
    if (slot != NULL) {
        actual = atomic_load_explicit(slot, memory_order_acquire);
    }
    const char *text = str_utf8(r->th, name, NULL);
    bool plain = text != NULL && strchr(text, '.') == NULL;
    if (!plain || !value_has_type(actual, TYPE_MODULE)) {
        record_abort(r, ABORT_BYTECODE, "IMPORT of a module that is not there");
        return;
    }
    IrRef v = rec_load_dict_slot(r, modules, slot, &actual);
    rec_guard_const(r, v, actual);
    rec_set(r, r->base + r->pc->a, rec_value(r, actual));
}

static void store_global(Recorder *r)
{
    Value name = insn_constant(r->pc, r->pc->b);
    Value dict = frame_function(r->fp)->globals;
    if (has_several_globals(r, frame_function(r->fp))) {
        return;
    }
    _Atomic Value *slot = dict_value_slot(dict, name);
    if (r->ir->shared || slot == NULL ||
        atomic_load_explicit(slot, memory_order_acquire) == VALUE_ABSENT) {
        rec_specialise(r, rec_reg(r, r->pc->a), rec_actual(r, r->pc->a));
        set_global(r, dict, name);
        return;
    }
    Value old_actual;
    IrRef old = rec_load_dict_slot(r, dict, slot, &old_actual);
    rec_guard(r, IR_guard_bound, IR_N, old, IR_NONE, 0);
    rec_specialise(r, rec_reg(r, r->pc->a), rec_actual(r, r->pc->a));
    IrRef ref = rec_reg_value(r, r->pc->a);
    rec_give(r, r->pc->a, ref);
    IrRef p = ir_const_ptr(r->ir, (const void *)slot);
    rec_publish(r, ref);
    rec_emit(r, IR_store_global, IR_N, p, ref, IR_NONE, 0);
    rec_emit(r, IR_decref, IR_N, old, IR_NONE, IR_NONE, 0);
}

/* ---- cells ---------------------------------------------------------------------------------------------- */

/* The cell of a closure variable: a constant where the function is one; else from the function, because
 * closures are made anew. */
static IrRef free_cell(Recorder *r, uint32_t index, Value *cell)
{
    Function *fn = frame_function(r->fp);
    *cell = fn->closure[index];
    IrRef f = rec_slot(r, r->base - 3);
    if (ir_is_const(f)) {
        return rec_value(r, *cell);
    }
    IrRef closure = rec_emit(r, IR_load_const_ptr, IR_P, f, IR_NONE, IR_NONE,
                             (int32_t)offsetof(Function, closure));
    IrRef c = rec_emit(r, IR_load_const_value, IR_V, closure, IR_NONE, IR_NONE,
                       (int32_t)(index * sizeof(Value)));
    rec_set_known(r, c, TYPE_CELL);
    return c;
}

static IrRef load_cell_value(Recorder *r, IrRef cell_ref, Value cell)
{
    IrOp op = rec_is_plain(r, cell_ref, cell) ? IR_load_cell : IR_load_shared_cell;
    return rec_emit(r, op, IR_V, cell_ref, IR_NONE, IR_NONE, 0);
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
    IrRef v = load_cell_value(r, cell_ref, cell);
    rec_guard(r, IR_guard_bound, IR_N, v, IR_NONE, 0);
    bool fix = rec_is_fixed(actual) && !value_is_function(actual);
    rec_dest(r, r->pc->a, true, rec_read_shared(r, v, actual, fix));
}

/* For STORE_CELL, STORE_FREE: temporary b; DELETE_*: unbound. */
static void store_cell(Recorder *r, IrRef cell_ref, bool deletes, Value cell)
{
    rec_guard_type(r, cell_ref, TYPE_CELL);
    bool plain = rec_is_plain(r, cell_ref, cell);
    IrRef old = plain || deletes ? load_cell_value(r, cell_ref, cell) : IR_NONE;
    IrRef ref;
    if (deletes) {
        if (((Cell *)value_object(cell))->value == VALUE_UNBOUND) {
            record_abort(r, ABORT_EXCEPTION, NULL);
            return;
        }
        rec_guard(r, IR_guard_bound, IR_N, old, IR_NONE, 0);
        ref = rec_value(r, VALUE_UNBOUND);
    } else {
        rec_specialise(r, rec_reg(r, r->pc->b), rec_actual(r, r->pc->b));
        ref = rec_reg_value(r, r->pc->b);
        if (plain) {
            rec_give(r, r->pc->b, ref);
        }
    }
    if (!plain) {
        rec_call(r, HELPER_ID_cell_set, cell_ref, ref, IR_NONE);
        if (!deletes) {
            rec_drop(r, r->base + r->pc->b);
        }
        return;
    }
    rec_publish(r, ref);
    rec_emit(r, IR_store_cell, IR_N, cell_ref, ref, IR_NONE, 0);
    rec_emit(r, IR_decref, IR_N, old, IR_NONE, IR_NONE, 0);
}

/* The local's value moves into a new cell, which takes its place. */
static void make_cell(Recorder *r)
{
    uint32_t reg = r->pc->a;
    IrRef value;
    rec_collect(r, reg, 1, &value);
    IrRef cell = rec_guard(r, IR_alloc_cell, IR_V, value, IR_NONE, 0);
    rec_pass(r, reg, 1, &value);
    rec_own(r, cell);
    rec_set_known(r, cell, TYPE_CELL);
    rec_set(r, r->base + (int32_t)reg, cell);
}

/* ---- functions ---------------------------------------------------------------------------------------------- */

static void make_function(Recorder *r)
{
    uint32_t first = r->pc->a, count = 3u + r->pc->c;
    IrRef parts = rec_lend(r, first, count);
    IrRef code = rec_value(r, insn_constant(r->pc, r->pc->b));
    IrRef globals = rec_value(r, frame_function(r->fp)->globals);
    IrRef f = rec_call(r, HELPER_ID_function_new_array, code, globals, parts);
    rec_set_known(r, f, TYPE_FUNCTION);
    rec_drop_range(r, first, count);
    rec_set(r, r->base + (int32_t)first, f);
}

bool record_names(Recorder *r)
{
    Value cell = VALUE_ABSENT;
    IrRef ref;
    switch (r->op) {
    case BC_LOAD_GLOBAL: load_global(r); return true;
    case BC_STORE_GLOBAL: store_global(r); return true;
    case BC_DELETE_GLOBAL: delete_global(r); return true;
    case BC_IMPORT: import_module(r); return true;
    case BC_MAKE_CELL: make_cell(r); return true;
    case BC_LOAD_CELL: load_cell(r, rec_reg(r, r->pc->b), rec_actual(r, r->pc->b)); return true;
    case BC_STORE_CELL:
    case BC_DELETE_CELL:
        store_cell(r, rec_reg(r, r->pc->a), r->op == BC_DELETE_CELL, rec_actual(r, r->pc->a));
        return true;
    case BC_LOAD_FREE:
        ref = free_cell(r, r->pc->b, &cell);
        load_cell(r, ref, cell);
        return true;
    case BC_STORE_FREE:
    case BC_DELETE_FREE:
        ref = free_cell(r, r->pc->a, &cell);
        store_cell(r, ref, r->op == BC_DELETE_FREE, cell);
        return true;
    case BC_CLOSURE_CELL:
        ref = free_cell(r, r->pc->b, &cell);
        rec_dest(r, r->pc->a, true, rec_read_shared(r, ref, cell, ir_is_const(ref)));
        return true;
    case BC_MAKE_FUNCTION: make_function(r); return true;
    default: return false;
    }
}
