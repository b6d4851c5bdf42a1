/*
 * Recorder, calls: Python functions are followed (their frames become slots of this trace), natives
 * become uops or helper calls (record_natives.c), attributes of modules and methods of builtin types are
 * constants.
 *
 * Threads: the thread that records.
 */
#include "interp/jit/recorder.h"
#include "runtime/abstract.h"
#include "runtime/containers.h"

enum { RECURSION_MAX = 2 };

/* ---- Python functions ------------------------------------------------------------------------------- */

static bool recursion_allowed(const Recorder *r, const Code *code)
{
    uint32_t same = 0;
    Value *fp = r->fp;
    for (uint32_t d = 0; d <= r->depth; d++) {
        same += frame_code(fp) == code;
        fp = frame_caller(fp);
    }
    return same < RECURSION_MAX;
}

static void inline_call(Recorder *r, uint32_t base_reg, uint32_t nargs, Value callee)
{
    Function *fn = value_function(callee);
    Code *code = fn->code;
    uint16_t simple = (uint16_t)(fn->header.flags >> OBJECT_TYPE_SHIFT);
    if (simple != nargs + 1) {
        record_abort(r, ABORT_CALL_TARGET, "a function with defaults or special parameters");
        return;
    }
    if (r->depth >= DEPTH_MAX) {
        record_abort(r, ABORT_DEPTH, NULL);
        return;
    }
    if (!recursion_allowed(r, code)) {
        record_abort(r, ABORT_RECURSION, NULL);
        return;
    }
    int32_t base = r->base + (int32_t)base_reg;
    IrRef f = rec_slot(r, base);
    if (!ir_is_const(f)) {
        /* closures are made anew: the code decides */
        rec_guard_type(r, f, TYPE_FUNCTION);
        IrRef p = rec_emit(r, IR_load_const_ptr, IR_P, f, IR_NONE, IR_NONE,
                           (int32_t)offsetof(Function, code));
        rec_guard(r, IR_guard_same_ptr, IR_N, p, ir_const_ptr(r->ir, code), 0);
        rec_value(r, value_from_object(code)); /* keeps the code alive */
    }
    const Insn *back = r->pc + 1 + bytecode_info[r->op].cache;
    rec_set_raw(r, base + 1, ir_const_ptr(r->ir, back));
    rec_set_raw(r, base + 2,
                ir_const_ptr(r->ir, (const void *)(uintptr_t)((base_reg + 3) * sizeof(Value))));
    IrRef unbound = rec_value(r, VALUE_UNBOUND);
    for (uint32_t i = nargs; i < code->local_count; i++) {
        rec_set(r, base + 3 + (int32_t)i, unbound);
    }
    r->depth++;
}

static void record_return(Recorder *r)
{
    if (r->depth == 0) {
        record_finish(r, IR_exit, 0, "return");
        return;
    }
    IrRef result;
    if (r->op == BC_RETURN_K) {
        result = rec_operand(r, 'K', r->pc->b).ref;
    } else {
        RecOperand o = rec_operand(r, 'R', r->pc->a);
        if (r->reason != ABORT_NONE) {
            return;
        }
        result = rec_specialise(r, o.ref, o.actual);
    }
    /* the result's slot holds it before the frame's slots give up theirs */
    int32_t function = r->base - 3;
    IrRef callee = rec_slot(r, function);
    rec_set(r, function, result);
    if (r->op == BC_RETURN) {
        rec_drop(r, r->base + r->pc->a);
    }
    const Code *code = frame_code(r->fp);
    for (uint32_t i = 0; i < code->local_count; i++) {
        int32_t slot = r->base + (int32_t)i;
        if (!r->slots[slot + SLOT_HEADER].dead) {
            rec_drop(r, slot);
        }
    }
    if (r->reason == ABORT_NONE && !ir_is_const(callee) &&
        r->owned[callee] > rec_holders(r, callee)) {
        r->owned[callee]--;
        rec_emit(r, IR_decref, IR_N, callee, IR_NONE, IR_NONE, 0);
    }
    rec_kill(r, r->base - 2);
    rec_kill(r, r->base - 1);
    r->depth--;
}

/* ---- attributes ------------------------------------------------------------------------------------------ */

/* The constant that an attribute of a module or builtin type is. absent: not known. borrowed. */
static Value constant_attribute(Recorder *r, IrRef ref, Value object, Value name, bool *method)
{
    *method = false;
    if (value_has_type(object, TYPE_MODULE)) {
        Value v = dict_get_str(r->th, ((Module *)value_object(object))->dict, name);
        rec_guard_const(r, ref, object);
        rt_xdecref(r->th, v); /* the module keeps it */
        return v;
    }
    Type *type = rt_type_of(object);
    if (type->id >= TYPE_EXCEPTION_FIRST || type->id == TYPE_FUNCTION || type->getattr != NULL) {
        return VALUE_ABSENT;
    }
    bool self = false;
    Value v = rt_getmethod(r->th, object, name, &self);
    if (v == VALUE_ABSENT) {
        rt_clear_exception(r->th);
        return VALUE_ABSENT;
    }
    *method = self;
    rt_decref(r->th, v);
    if (!self || !value_has_type(v, TYPE_NATIVE_FUNCTION)) {
        return VALUE_ABSENT;
    }
    rec_guard_type(r, ref, type->id);
    return v;
}

static void get_attr(Recorder *r)
{
    RecOperand o = rec_operand(r, 'R', r->pc->b);
    Value name = insn_constant(r->pc, r->pc->c);
    if (r->reason != ABORT_NONE) {
        return;
    }
    bool method;
    Value v = value_has_type(o.actual, TYPE_MODULE)
                  ? constant_attribute(r, o.ref, o.actual, name, &method)
                  : VALUE_ABSENT;
    IrRef ref;
    if (v != VALUE_ABSENT) {
        ref = value_is_double(v)      ? ir_const_float(r->ir, value_double(v))
              : value_is_small_int(v) ? rec_int(r, value_int(v))
                                      : rec_value(r, v);
    } else {
        ref = rec_call(r, HELPER_ID_value_getattr, rec_as_value(r, o.ref), rec_value(r, name),
                       IR_NONE);
    }
    rec_consume(r, o.reg);
    rec_dest(r, r->pc->a, true, ref);
}

static void load_method(Recorder *r)
{
    RecOperand o = rec_operand(r, 'R', r->pc->b);
    Value name = insn_constant(r->pc, r->pc->c);
    if (r->reason != ABORT_NONE) {
        return;
    }
    if (!value_is_object(o.actual)) {
        record_abort(r, ABORT_CALL_TARGET, "a method of a number");
        return;
    }
    bool method;
    Value v = constant_attribute(r, o.ref, o.actual, name, &method);
    if (v == VALUE_ABSENT) {
        record_abort(r, ABORT_CALL_TARGET, "a method that is looked up each time");
        return;
    }
    int32_t base = r->base + r->pc->a;
    if (method) {
        /* self moves (or is shared) before the base register may be overwritten */
        if (rec_is_temp(r, o.reg)) {
            rec_kill(r, r->base + (int32_t)o.reg);
        }
        rec_set(r, base + 3, o.ref);
    } else {
        rec_consume(r, o.reg);
        rec_set(r, base + 3, rec_value(r, VALUE_UNBOUND));
    }
    rec_set(r, base, rec_value(r, v));
}

/* ---- calls ------------------------------------------------------------------------------------------------- */

static void record_call(Recorder *r, uint32_t nargs)
{
    uint32_t base = r->pc->a;
    Value callee = rec_actual(r, base);
    if (value_is_function(callee)) {
        inline_call(r, base, nargs, callee);
        return;
    }
    if (value_has_type(callee, TYPE_NATIVE_FUNCTION) || value_has_type(callee, TYPE_TYPE)) {
        IrRef f = rec_slot(r, r->base + (int32_t)base);
        rec_guard_const(r, f, callee);
        record_native(r, callee, base, base + 3, nargs);
        return;
    }
    record_abort(r, ABORT_CALL_TARGET, rt_type_of(callee)->name);
}

bool record_calls(Recorder *r)
{
    switch (r->op) {
    case BC_CALL: record_call(r, r->pc->b); return true;
    case BC_CALL_METHOD: {
        int32_t base = r->base + r->pc->a;
        uint32_t nargs = r->pc->b;
        if (rec_actual(r, r->pc->a + 3u) != VALUE_UNBOUND) {
            record_call(r, nargs);
            return true;
        }
        /* no self: the arguments begin one register later */
        if (value_is_function(rec_actual(r, r->pc->a))) {
            record_abort(r, ABORT_CALL_TARGET, "a Python function in a module");
            return true;
        }
        rec_guard_const(r, rec_slot(r, base), rec_actual(r, r->pc->a));
        rec_guard_const(r, rec_slot(r, base + 3), VALUE_UNBOUND);
        record_native(r, rec_actual(r, r->pc->a), r->pc->a, r->pc->a + 4u, nargs - 1);
        return true;
    }
    case BC_RETURN:
    case BC_RETURN_K: record_return(r); return true;
    case BC_GET_ATTR: get_attr(r); return true;
    case BC_LOAD_METHOD: load_method(r); return true;
    default: return false;
    }
}
