/*
 * Recorder, values: operands of bytecodes as typed uops, and the guards that make their types certain.
 *
 * A slot that turns out to hold a number is replaced by the unboxed number in all slots that hold the
 * same value.  A heap int stays boxed in its slots (the reference is theirs) and is unboxed at each
 * use.
 *
 * Threads: the thread that records.
 */
#include "interp/jit/recorder.h"
#include "runtime/int.h"

uint32_t rec_known(const Recorder *r, IrRef ref)
{
    if (ir_is_const(ref)) {
        const IrConst *k = ir_const(r->ir, ref);
        return k->type == IR_V && value_is_object(k->v) ? value_object(k->v)->type_id
                                                        : KNOWN_NUMBER;
    }
    return ref < r->side_capacity ? r->known[ref] : KNOWN_NOTHING;
}

void rec_set_known(Recorder *r, IrRef ref, uint32_t known)
{
    if (!ir_is_const(ref) && r->reason == ABORT_NONE) {
        r->known[ref] = (uint16_t)known;
    }
}

RecOperand rec_operand(Recorder *r, char letter, uint16_t operand)
{
    RecOperand o = {.ref = IR_NONE, .is_const = true};
    switch (letter) {
    case 'K': o.actual = insn_constant(r->pc, operand); break;
    case 'I': o.actual = value_from_small_int((int16_t)operand); break;
    default:
        o.is_const = false;
        o.reg = operand;
        o.actual = rec_actual(r, operand);
        if (o.actual == VALUE_UNBOUND) {
            record_abort(r, ABORT_EXCEPTION, NULL);
        }
        o.ref = rec_reg(r, operand);
        return o;
    }
    if (value_is_small_int(o.actual)) {
        o.ref = rec_int(r, value_int(o.actual));
    } else if (value_is_double(o.actual)) {
        o.ref = ir_const_float(r->ir, value_double(o.actual));
    } else {
        o.ref = rec_value(r, o.actual);
    }
    return o;
}

RecKind rec_kind(Value v, bool allow_bool)
{
    int64_t i;
    if (value_is_small_int(v) || (value_has_type(v, TYPE_INT) && int_to_i64(v, &i)) ||
        (allow_bool && value_is_bool(v))) {
        return REC_INT;
    }
    return value_is_double(v) ? REC_FLOAT : REC_OTHER;
}

void rec_guard_type(Recorder *r, IrRef ref, uint32_t type_id)
{
    if (rec_known(r, ref) != type_id) {
        rec_guard(r, IR_guard_type, IR_N, ref, IR_NONE, (int32_t)type_id);
        rec_set_known(r, ref, type_id);
    }
}

void rec_guard_const(Recorder *r, IrRef ref, Value v)
{
    if (!ir_is_const(ref)) {
        rec_guard(r, IR_guard_same, IR_N, ref, rec_value(r, v), 0);
    }
}

IrRef rec_specialise(Recorder *r, IrRef ref, Value actual)
{
    if (ir_type_of(r->ir, ref) != IR_V || ir_is_const(ref)) {
        return ref;
    }
    IrRef typed = ref;
    if (value_is_small_int(actual)) {
        typed = rec_guard(r, IR_unbox_int, IR_I, ref, IR_NONE, 0);
    } else if (value_is_double(actual)) {
        typed = rec_guard(r, IR_unbox_float, IR_F, ref, IR_NONE, 0);
    } else if (value_is_object(actual)) {
        rec_guard_type(r, ref, value_object(actual)->type_id);
    } else if (rec_known(r, ref) != KNOWN_NUMBER) {
        rec_guard(r, IR_guard_number, IR_N, ref, IR_NONE, 0);
        rec_guard(r, IR_guard_bound, IR_N, ref, IR_NONE, 0); /* an immediate too, but no value */
        rec_set_known(r, ref, KNOWN_NUMBER);
    }
    if (typed != ref) {
        rec_replace(r, ref, typed);
    }
    return typed;
}

IrRef rec_as_int(Recorder *r, RecOperand *o)
{
    IrType type = ir_type_of(r->ir, o->ref);
    if (type == IR_I) {
        return o->ref;
    }
    if (ir_is_const(o->ref)) {
        int64_t i = 0;
        int_to_i64(o->actual, &i);
        return rec_int(r, i);
    }
    if (value_is_bool(o->actual)) {
        IrRef i = rec_guard(r, IR_unbox_bool, IR_I, o->ref, IR_NONE, 0);
        rec_set_known(r, o->ref, KNOWN_NUMBER);
        return i;
    }
    if (value_is_object(o->actual)) {
        return rec_guard(r, IR_unbox_int_any, IR_I, o->ref, IR_NONE, 0);
    }
    o->ref = rec_specialise(r, o->ref, o->actual);
    return o->ref;
}

IrRef rec_as_float(Recorder *r, RecOperand *o)
{
    if (rec_kind(o->actual, true) == REC_INT) {
        return rec_emit(r, IR_int_to_float, IR_F, rec_as_int(r, o), IR_NONE, IR_NONE, 0);
    }
    o->ref = rec_specialise(r, o->ref, o->actual);
    return o->ref;
}

IrRef rec_as_value(Recorder *r, IrRef ref)
{
    switch (ir_type_of(r->ir, ref)) {
    case IR_I:
        if (ir_is_const(ref) && int_fits_small(ir_const(r->ir, ref)->i)) {
            return rec_value(r, value_from_small_int(ir_const(r->ir, ref)->i));
        }
        return rec_guard(r, IR_box_int, IR_V, ref, IR_NONE, 0);
    case IR_F: return rec_emit(r, IR_box_float, IR_V, ref, IR_NONE, IR_NONE, 0);
    default: return ref;
    }
}

IrRef rec_reg_value(Recorder *r, uint32_t reg)
{
    IrRef ref = rec_reg(r, reg);
    if (ir_type_of(r->ir, ref) == IR_I && !ir_is_const(ref) &&
        value_is_object(rec_actual(r, reg))) {
        IrRef v = rec_call(r, HELPER_ID_int_box_i64, ref, IR_NONE, IR_NONE);
        rec_replace(r, ref, v);
        r->snap = IR_NONE; /* later guards name the heap int */
        return v;
    }
    return rec_as_value(r, ref);
}

IrRef rec_operand_value(Recorder *r, const RecOperand *o)
{
    return o->is_const ? rec_as_value(r, o->ref) : rec_reg_value(r, o->reg);
}

IrRef rec_from_bool(Recorder *r, IrRef i)
{
    IrRef v = rec_emit(r, IR_box_bool, IR_V, i, IR_NONE, IR_NONE, 0);
    rec_set_known(r, v, KNOWN_NUMBER);
    return v;
}
