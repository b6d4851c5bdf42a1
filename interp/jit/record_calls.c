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

enum { CALL_ARGS_MAX = 32, RECURSION_MAX = 2 };

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

/* Are the arguments where the parameters are? */
static bool is_simple_call(const Function *fn, const RecCall *call)
{
    uint16_t simple = (uint16_t)(fn->header.flags >> OBJECT_TYPE_SHIFT);
    return simple == call->nargs + 1 && call->kwnames == VALUE_ABSENT &&
           call->first == call->base + 3 && call->spread == NULL;
}

/* f is a function with that code; closures are made anew, so the code decides. */
static void guard_code(Recorder *r, IrRef f, Code *code)
{
    rec_value(r, value_from_object(code)); /* keeps the code alive */
    if (!ir_is_const(f)) {
        rec_guard_type(r, f, TYPE_FUNCTION);
        IrRef p = rec_emit(r, IR_load_const_ptr, IR_P, f, IR_NONE, IR_NONE,
                           (int32_t)offsetof(Function, code));
        rec_guard(r, IR_guard_same_ptr, IR_N, p, ir_const_ptr(r->ir, code), 0);
    }
}

/* The function's own trace is called: its arguments are moved to its frame, its result is a value like
 * any other.  While it runs in tier 1 now, nothing is recorded. */
static void call_function(Recorder *r, const RecCall *call, const JitEntry *entry)
{
    uint32_t nargs = call->nargs;
    int32_t base = r->base + (int32_t)call->base;
    int32_t frames = (int32_t)r->depth + 1;
    IrRef args[CALL_ARGS_MAX];
    if (nargs > CALL_ARGS_MAX || base + SLOT_HEADER > CALL_SLOTS_MAX) {
        record_abort(r, ABORT_DEPTH, NULL);
        return;
    }
    for (uint32_t i = 0; i < nargs; i++) {
        rec_own_slot(r, base + 3 + (int32_t)i);
    }
    for (uint32_t i = 0; i < nargs; i++) {
        args[i] = rec_as_value(r, rec_slot(r, base + 3 + (int32_t)i));
    }
    rec_guard(r, IR_enter_call, IR_N, IR_NONE, IR_NONE, frames);
    IrRef unbound = rec_value(r, VALUE_UNBOUND);
    for (uint32_t i = 0; i < nargs; i++) {
        int32_t slot = base + 3 + (int32_t)i;
        rec_emit(r, IR_store_slot, IR_N, rec_move(r, slot, args[i]), IR_NONE, IR_NONE, slot);
        rec_set(r, slot, unbound);
    }
    rec_emit(r, IR_store_slot, IR_N, rec_slot(r, base), IR_NONE, IR_NONE, base);
    IrRef fp = rec_emit(r, IR_slot_address, IR_P, IR_NONE, IR_NONE, IR_NONE, base + 3);
    IrRef result =
        rec_emit(r, IR_call, IR_V, ir_const_ptr(r->ir, entry), fp, IR_NONE, HELPER_ID_call_code);
    rec_emit(r, IR_leave_call, IR_N, IR_NONE, IR_NONE, IR_NONE, frames);
    /* an exception unwinds from the call, which has given its arguments away */
    rec_drop(r, base);
    rec_set(r, base, unbound);
    r->snap = IR_NONE;
    rec_guard(r, IR_guard_present, IR_N, result, IR_NONE, 0);
    for (uint32_t i = 0; i < nargs; i++) {
        rec_kill(r, base + 3 + (int32_t)i);
    }
    rec_set(r, base, result);
    rec_own(r, result);
    r->waiting = r->fp;
    r->waited = 0;
}

static void inline_call(Recorder *r, const RecCall *call, Value callee)
{
    Function *fn = value_function(callee);
    Code *code = fn->code;
    uint32_t base_reg = call->base, nargs = call->nargs;
    bool simple = is_simple_call(fn, call);
    JitEntry *entry = jit_entry(code, r->ir->shared);
    if (entry == NULL) {
        record_abort(r, ABORT_NO_MEMORY, NULL);
        return;
    }
    int32_t base = r->base + (int32_t)base_reg;
    guard_code(r, rec_slot(r, base), code);
    bool recursive = !recursion_allowed(r, code);
    entry->called = entry->called || recursive;
    if (simple && (entry->called || r->depth >= DEPTH_MAX)) {
        call_function(r, call, entry);
        return;
    }
    if (!simple) {
        entry->bound = true;
        if (recursive || r->depth >= DEPTH_MAX) {
            record_abort(r, recursive ? ABORT_RECURSION : ABORT_DEPTH, NULL);
            return;
        }
        if (!record_bind(r, callee, call)) {
            return;
        }
        nargs = code->param_count;
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

/* Is this tree's root frame always the one with which its run began? A loop's may be linked to from an
 * inlined frame. */
static bool in_function_tree(const Recorder *r)
{
    const JitTrace *root = jit_trace_by_id(r->jit, r->trace->root);
    return r->trace->parent == IR_NONE ? r->is_function : root != NULL && root->is_function;
}

/* The root frame ends: the trace returns its result to whoever runs it. */
static void return_from_trace(Recorder *r)
{
    IrRef result;
    if (r->op == BC_RETURN_K) {
        result = rec_operand(r, 'K', r->pc->b).ref;
    } else {
        RecOperand o = rec_operand(r, 'R', r->pc->a);
        result = o.ref;
        rec_own_slot(r, (int32_t)o.reg);
    }
    result = rec_as_value(r, result);
    if (!in_function_tree(r)) {
        rec_guard(r, IR_guard_entered, IR_N, IR_NONE, IR_NONE, 0);
    }
    if (r->op == BC_RETURN) {
        result = rec_move(r, r->pc->a, result);
    } else {
        result = rec_share(r, result);
    }
    for (uint32_t i = 0; i < frame_code(r->fp)->local_count; i++) {
        if (!r->slots[i + SLOT_HEADER].dead) {
            rec_drop(r, (int32_t)i);
        }
    }
    rec_emit(r, IR_ret, IR_N, result, IR_NONE, IR_NONE, 0);
    r->end = "return";
    r->done = r->reason == ABORT_NONE;
}

static void record_return(Recorder *r)
{
    if (r->depth == 0) {
        return_from_trace(r);
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

/* An attribute of a module, read like a global. IR_NONE: not there. */
static IrRef module_attribute(Recorder *r, IrRef ref, Value module, Value name)
{
    Value dict = ((Module *)value_object(module))->dict;
    _Atomic Value *slot = dict_value_slot(dict, name);
    if (slot == NULL || atomic_load_explicit(slot, memory_order_acquire) == VALUE_ABSENT) {
        return IR_NONE;
    }
    rec_guard_const(r, ref, module);
    Value actual;
    IrRef v = rec_load_dict_slot(r, dict, slot, &actual);
    return rec_read_shared(r, v, actual, rec_is_fixed(actual));
}

/* The native method of a builtin type, which cannot change. absent: none. borrowed. */
static Value builtin_method(Recorder *r, Value object, Value name)
{
    const Type *type = rt_type_of(object);
    if (type->id >= TYPE_EXCEPTION_FIRST || type->id == TYPE_FUNCTION || type->getattr != NULL) {
        return VALUE_ABSENT;
    }
    bool self = false;
    Value v = rt_getmethod(r->th, object, name, &self);
    if (v == VALUE_ABSENT) {
        rt_clear_exception(r->th);
        return VALUE_ABSENT;
    }
    rt_decref(r->th, v);
    return self && value_has_type(v, TYPE_NATIVE_FUNCTION) ? v : VALUE_ABSENT;
}

/* Guards that the operand is of the type that it has now. */
static IrRef guard_actual_type(Recorder *r, RecOperand *o)
{
    if (value_is_bool(o->actual)) {
        rec_as_int(r, o);
    } else if (o->actual == VALUE_NONE) {
        rec_guard_const(r, o->ref, VALUE_NONE);
    } else {
        o->ref = rec_specialise(r, o->ref, o->actual);
    }
    return o->ref;
}

static void get_attr(Recorder *r)
{
    RecOperand o = rec_operand(r, 'R', r->pc->b);
    Value name = insn_constant(r->pc, r->pc->c);
    if (r->reason != ABORT_NONE) {
        return;
    }
    IrRef v = value_has_type(o.actual, TYPE_MODULE) ? module_attribute(r, o.ref, o.actual, name)
                                                    : IR_NONE;
    if (v == IR_NONE && r->reason == ABORT_NONE) {
        v = rec_call(r, HELPER_ID_value_getattr, rec_operand_value(r, &o), rec_value(r, name),
                     IR_NONE);
    }
    rec_consume(r, o.reg);
    rec_dest(r, r->pc->a, true, v);
}

/* The module stays. */
static void import_from(Recorder *r)
{
    Value module = rec_actual(r, r->pc->b);
    IrRef v = IR_NONE;
    if (value_has_type(module, TYPE_MODULE)) {
        v = module_attribute(r, rec_reg(r, r->pc->b), module, insn_constant(r->pc, r->pc->c));
    }
    if (v == IR_NONE) {
        record_abort(r, ABORT_EXCEPTION, NULL);
        return;
    }
    rec_dest(r, r->pc->a, true, v);
}

static void load_method(Recorder *r)
{
    RecOperand o = rec_operand(r, 'R', r->pc->b);
    Value name = insn_constant(r->pc, r->pc->c);
    if (r->reason != ABORT_NONE) {
        return;
    }
    int32_t base = r->base + r->pc->a;
    if (value_has_type(o.actual, TYPE_MODULE)) {
        IrRef v = module_attribute(r, o.ref, o.actual, name);
        if (v == IR_NONE) {
            record_abort(r, ABORT_EXCEPTION, NULL);
            return;
        }
        rec_consume(r, o.reg);
        rec_set(r, base, v);
        rec_set(r, base + 3, rec_value(r, VALUE_UNBOUND));
        return;
    }
    Value v = builtin_method(r, o.actual, name);
    if (v == VALUE_ABSENT) {
        record_abort(r, ABORT_CALL_TARGET, "a method that is looked up each time");
        return;
    }
    IrRef self = guard_actual_type(r, &o);
    /* self moves (or is shared) before the base register may be overwritten */
    if (rec_is_temp(r, o.reg)) {
        rec_kill(r, r->base + (int32_t)o.reg);
    }
    rec_set(r, base + 3, self);
    rec_set(r, base, rec_value(r, v));
}

/* ---- calls ------------------------------------------------------------------------------------------------- */

static void record_call(Recorder *r, const RecCall *call)
{
    Value callee = rec_actual(r, call->base);
    if (value_is_function(callee)) {
        inline_call(r, call, callee);
        return;
    }
    record_native(r, callee, call);
}

/* Where a method call has no self, the arguments begin one register later. */
static void record_any_call(Recorder *r, Value kwnames)
{
    uint32_t base = r->pc->a;
    uint32_t named = kwnames == VALUE_ABSENT ? 0 : (uint32_t)value_tuple(kwnames)->size;
    RecCall call = {.base = base, .first = base + 3, .nargs = r->pc->b - named, .kwnames = kwnames};
    if (r->op == BC_CALL_METHOD || r->op == BC_CALL_METHOD_KW) {
        IrRef self = rec_reg(r, base + 3);
        if (rec_actual(r, base + 3) == VALUE_UNBOUND) {
            rec_guard_const(r, self, VALUE_UNBOUND);
            call.first++;
            call.nargs--;
        }
    }
    record_call(r, &call);
}

/* The items of the tuple in the new frame get references of their own, then the tuple is dropped. */
static void own_spread(Recorder *r, const IrRef *items, uint32_t count, IrRef tuple)
{
    bool owned = !ir_is_const(tuple) && r->owned[tuple] > rec_holders(r, tuple);
    for (uint32_t i = 0; i < count && r->reason == ABORT_NONE; i++) {
        if (ir_type_of(r->ir, items[i]) == IR_V && rec_known(r, items[i]) != KNOWN_NUMBER) {
            rec_incref(r, items[i]);
            rec_own(r, items[i]);
        }
    }
    if (owned && r->reason == ABORT_NONE) {
        r->owned[tuple]--;
        rec_emit(r, IR_decref, IR_N, tuple, IR_NONE, IR_NONE, 0);
    }
}

/* A Python function called with *args and an empty **kwargs: as many arguments as the tuple has now. */
static void call_spread(Recorder *r, Value callee)
{
    uint32_t base = r->pc->a;
    Value actual = rec_actual(r, base + 3), dict = r->pc->b == 1 ? rec_actual(r, base + 4) : 0;
    int64_t count = value_tuple(actual)->size;
    if (count > HELD_MAX || (r->pc->b == 1 && dict_size(dict) != 0)) {
        record_abort(r, ABORT_CALL_TARGET, "a function with ** arguments");
        return;
    }
    IrRef tuple = rec_reg(r, base + 3), items[HELD_MAX];
    rec_guard_type(r, tuple, TYPE_TUPLE);
    IrRef n = rec_emit(r, IR_load_tuple_size, IR_I, tuple, IR_NONE, IR_NONE, 0);
    rec_guard(r, IR_guard_eq_int, IR_N, n, rec_int(r, count), 0);
    for (int64_t i = 0; i < count; i++) {
        IrRef v = rec_emit(r, IR_load_tuple_item, IR_V, tuple, rec_int(r, i), IR_NONE, 0);
        Value item = value_tuple(actual)->items[i];
        items[i] = value_is_object(item) ? v : rec_specialise(r, v, item);
    }
    if (r->pc->b == 1) {
        n = rec_call(r, HELPER_ID_value_len, rec_reg(r, base + 4), IR_NONE, IR_NONE);
        r->snap = IR_NONE;
        rec_ask_alone(r);
        rec_guard(r, IR_guard_eq_int, IR_N, n, rec_int(r, 0), 0);
    }
    RecCall call = {.base = base,
                    .first = base + 3,
                    .nargs = (uint32_t)count,
                    .kwnames = VALUE_ABSENT,
                    .spread = items};
    inline_call(r, &call, callee);
    if (r->reason == ABORT_NONE) {
        own_spread(r, items, (uint32_t)count, tuple);
    }
}

/* f(*args, **kwargs): of functions those without keywords, whose frame is entered like that of a call with
 * so many arguments. */
static void record_call_ex(Recorder *r)
{
    uint32_t base = r->pc->a;
    Value callee = rec_actual(r, base);
    if (value_is_function(callee)) {
        call_spread(r, callee);
        return;
    }
    IrRef f = rec_reg_value(r, base), tuple = rec_reg(r, base + 3);
    IrRef dict = r->pc->b == 1 ? rec_reg(r, base + 4) : rec_value(r, VALUE_ABSENT);
    rec_guard_type(r, f, value_is_object(callee) ? value_object(callee)->type_id : 0);
    IrRef v = rec_call(r, HELPER_ID_value_call_ex, f, tuple, dict);
    rec_drop_range(r, base + 3, r->pc->b == 1 ? 2 : 1);
    rec_drop(r, r->base + (int32_t)base);
    rec_set(r, r->base + (int32_t)base, v);
}

bool record_calls(Recorder *r)
{
    switch (r->op) {
    case BC_CALL:
    case BC_CALL_METHOD: record_any_call(r, VALUE_ABSENT); return true;
    case BC_CALL_KW:
    case BC_CALL_METHOD_KW: record_any_call(r, insn_constant(r->pc, r->pc->c)); return true;
    case BC_CALL_EX: record_call_ex(r); return true;
    case BC_RETURN:
    case BC_RETURN_K: record_return(r); return true;
    case BC_GET_ATTR: get_attr(r); return true;
    case BC_IMPORT_FROM: import_from(r); return true;
    case BC_LOAD_METHOD: load_method(r); return true;
    default: return false;
    }
}
