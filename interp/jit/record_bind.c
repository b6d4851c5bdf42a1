/*
 * Recorder, binding: the arguments of a call become the parameters of an inlined frame, as vm_bind does it
 * for functions with defaults, keyword arguments, keyword-only parameters, *args and **kwargs.
 *
 * What goes where is decided while recording (a plan); guards fix what it depends on: the code, which the
 * caller guards, the defaults tuple by identity, and keyword defaults one by one.  The registers of the
 * arguments and of the frame overlap, so values are gathered first and put down afterwards.
 *
 * Threads: the thread that records.
 */
#include "interp/jit/recorder.h"
#include "interp/vm_internal.h"
#include "runtime/containers.h"

enum { FROM_NOTHING, FROM_ARGUMENT, FROM_DEFAULT, FROM_KEYWORD_DEFAULT, FROM_REST, FROM_NAMED };

typedef struct Bind {
    Recorder *r;
    const Function *fn;
    const Code *code;
    uint32_t base_reg, first; /* of the call; of its first argument */
    uint32_t nargs, named;    /* positional; by keyword, names: kwnames */
    Value kwnames;
    uint8_t from[HELD_MAX]; /* by parameter */
    uint32_t index[HELD_MAX];
    IrRef refs[HELD_MAX];
    bool takes_names;     /* keywords that are no parameter go into ** */
    bool spare[HELD_MAX]; /* by keyword argument: one of those */
    const IrRef *spread;  /* RecCall */
} Bind;

/* ---- the plan ----------------------------------------------------------------------------------------- */

static uint32_t named_parameters(const Code *code)
{
    return (uint32_t)code->arg_count + code->kwonly_count;
}

static bool plan_keywords(Bind *b)
{
    for (uint32_t k = 0; k < b->named; k++) {
        int64_t i = vm_find_parameter(b->code, value_tuple(b->kwnames)->items[k]);
        if (i < 0) {
            b->spare[k] = true;
            if (!b->takes_names) {
                return false;
            }
        } else if (b->from[i] != FROM_NOTHING) {
            return false;
        } else {
            b->from[i] = FROM_ARGUMENT;
            b->index[i] = b->nargs + k;
        }
    }
    return true;
}

static bool plan_defaults(Bind *b)
{
    const Code *code = b->code;
    bool tuple = value_is_tuple(b->fn->defaults);
    uint32_t count = tuple ? (uint32_t)value_tuple(b->fn->defaults)->size : 0;
    for (uint32_t i = 0; i < named_parameters(code); i++) {
        if (b->from[i] != FROM_NOTHING) {
            continue;
        }
        if (i >= code->arg_count) {
            b->from[i] = FROM_KEYWORD_DEFAULT;
        } else if (i + count >= code->arg_count) {
            b->from[i] = FROM_DEFAULT;
            b->index[i] = i + count - code->arg_count;
        } else {
            return false;
        }
    }
    return true;
}

/* false: the call raises. */
static bool plan(Bind *b)
{
    const Code *code = b->code;
    uint32_t reg = named_parameters(code);
    b->takes_names = (code->flags & CODE_VARKEYWORDS) != 0;
    for (uint32_t i = 0; i < b->nargs && i < code->arg_count; i++) {
        b->from[i] = FROM_ARGUMENT;
        b->index[i] = i;
    }
    if ((code->flags & CODE_VARARGS) != 0) {
        b->from[reg++] = FROM_REST;
    } else if (b->nargs > code->arg_count) {
        return false;
    }
    if (b->takes_names) {
        b->from[reg] = FROM_NAMED;
    }
    return plan_keywords(b) && plan_defaults(b);
}

/* ---- guards ------------------------------------------------------------------------------------------- */

static IrRef constant(Recorder *r, Value v)
{
    return value_is_small_int(v) ? rec_int(r, value_int(v))
           : value_is_double(v)  ? ir_const_float(r->ir, value_double(v))
                                 : rec_value(r, v);
}

static void guard_field(Bind *b, IrRef f, size_t offset, Value actual)
{
    IrOp op = b->r->ir->shared ? IR_load_shared_field : IR_load_field_value;
    IrRef v = rec_emit(b->r, op, IR_V, f, IR_NONE, IR_NONE, (int32_t)offset);
    rec_guard_const(b->r, v, actual);
}

static bool uses(const Bind *b, uint8_t from)
{
    for (uint32_t i = 0; i < b->code->param_count; i++) {
        if (b->from[i] == from) {
            return true;
        }
    }
    return false;
}

static IrRef keyword_default(Bind *b, uint32_t parameter)
{
    Recorder *r = b->r;
    Value dict = b->fn->kwdefaults, actual = VALUE_ABSENT;
    _Atomic Value *slot =
        value_is_dict(dict) ? dict_value_slot(dict, b->code->local_names[parameter]) : NULL;
    if (slot == NULL || atomic_load_explicit(slot, memory_order_acquire) == VALUE_ABSENT) {
        record_abort(r, ABORT_EXCEPTION, NULL);
        return 0;
    }
    IrRef v = rec_load_dict_slot(r, dict, slot, &actual);
    if (!value_is_object(actual)) {
        return rec_specialise(r, v, actual);
    }
    rec_guard_const(r, v, actual);
    return rec_value(r, actual);
}

static void guard_defaults(Bind *b)
{
    Recorder *r = b->r;
    IrRef f = rec_reg(r, b->base_reg);
    if (uses(b, FROM_DEFAULT)) {
        guard_field(b, f, offsetof(Function, defaults), b->fn->defaults);
    }
    if (uses(b, FROM_KEYWORD_DEFAULT)) {
        guard_field(b, f, offsetof(Function, kwdefaults), b->fn->kwdefaults);
    }
    for (uint32_t i = 0; i < b->code->param_count && r->reason == ABORT_NONE; i++) {
        if (b->from[i] == FROM_DEFAULT) {
            b->refs[i] = constant(r, value_tuple(b->fn->defaults)->items[b->index[i]]);
        } else if (b->from[i] == FROM_KEYWORD_DEFAULT) {
            b->refs[i] = keyword_default(b, i);
        }
    }
}

/* ---- *args, **kwargs ----------------------------------------------------------------------------------- */

/* Held until the frame has it. The arguments stay: the dict takes references of its own. */
static void make_named(Bind *b, uint32_t parameter)
{
    Recorder *r = b->r;
    for (uint32_t k = 0; k < b->named; k++) {
        if (b->spare[k]) { /* guards come before effects */
            rec_reg_value(r, b->first + b->nargs + k);
        }
    }
    IrRef dict = rec_call(r, HELPER_ID_dict_new, IR_NONE, IR_NONE, IR_NONE);
    rec_set_known(r, dict, TYPE_DICT);
    rec_hold(r, dict);
    for (uint32_t k = 0; k < b->named && r->reason == ABORT_NONE; k++) {
        if (b->spare[k]) {
            IrRef v = rec_reg_value(r, b->first + b->nargs + k);
            rec_call(r, HELPER_ID_dict_set_item, dict,
                     rec_value(r, value_tuple(b->kwnames)->items[k]), v);
        }
    }
    b->refs[parameter] = dict;
}

static void make_rest(Bind *b, uint32_t parameter)
{
    Recorder *r = b->r;
    uint32_t taken = b->code->arg_count;
    uint32_t extra = b->nargs > taken ? b->nargs - taken : 0;
    IrRef items[HELD_MAX], tuple;
    if (extra == 0) {
        tuple = rec_call(r, HELPER_ID_tuple_new_array, ir_const_ptr(r->ir, NULL), rec_int(r, 0),
                         IR_NONE);
    } else {
        rec_collect(r, b->first + taken, extra, items);
        tuple = rec_guard(r, IR_alloc_tuple, IR_V, IR_NONE, IR_NONE, (int32_t)extra);
        for (uint32_t i = 0; i < extra && r->reason == ABORT_NONE; i++) {
            rec_emit(r, IR_init_tuple, IR_N, tuple, items[i], IR_NONE, (int32_t)i);
        }
        rec_pass(r, b->first + taken, extra, items);
        rec_own(r, tuple);
    }
    rec_set_known(r, tuple, TYPE_TUPLE);
    b->refs[parameter] = tuple;
}

/* ---- the frame ------------------------------------------------------------------------------------------ */

/* All arguments leave their registers before a parameter takes one. */
static void put_down(Bind *b)
{
    Recorder *r = b->r;
    for (uint32_t i = 0; i < b->code->param_count; i++) {
        if (b->from[i] == FROM_ARGUMENT) {
            b->refs[i] =
                b->spread != NULL ? b->spread[b->index[i]] : rec_reg(r, b->first + b->index[i]);
        }
    }
    for (uint32_t k = 0; k < b->named; k++) {
        if (b->spare[k]) {
            rec_drop(r, r->base + (int32_t)(b->first + b->nargs + k));
        }
    }
    for (uint32_t i = 0; i < b->nargs + b->named && b->spread == NULL; i++) {
        rec_kill(r, r->base + (int32_t)(b->first + i));
    }
    if (b->first == b->base_reg + 4) {
        rec_kill(r, r->base + (int32_t)b->base_reg + 3);
    }
    if (b->spread != NULL) { /* tuple and dict; the caller drops the tuple */
        rec_kill(r, r->base + (int32_t)b->base_reg + 3);
        if (r->pc->b == 1) {
            rec_drop(r, r->base + (int32_t)b->base_reg + 4);
        }
    }
    for (uint32_t i = 0; i < b->code->param_count; i++) {
        rec_set(r, r->base + (int32_t)(b->base_reg + 3 + i), b->refs[i]);
    }
}

bool record_bind(Recorder *r, Value callee, const RecCall *call)
{
    Bind b = {.r = r,
              .fn = value_function(callee),
              .code = value_function(callee)->code,
              .base_reg = call->base,
              .first = call->first,
              .nargs = call->nargs,
              .spread = call->spread,
              .kwnames = call->kwnames};
    b.named = call->kwnames == VALUE_ABSENT ? 0 : (uint32_t)value_tuple(call->kwnames)->size;
    if (b.nargs + b.named > HELD_MAX || b.code->param_count > HELD_MAX) {
        record_abort(r, ABORT_CALL_TARGET, "a function with that many arguments");
    } else if (call->spread != NULL && b.nargs > b.code->arg_count) {
        record_abort(r, ABORT_CALL_TARGET, "a function whose * parameter gets * arguments");
    } else if (!plan(&b)) {
        record_abort(r, ABORT_EXCEPTION, NULL);
    }
    for (uint32_t i = 0; i < b.nargs + b.named && b.spread == NULL && r->reason == ABORT_NONE;
         i++) {
        rec_reg(r, b.first + i);
    }
    if (r->reason == ABORT_NONE) {
        guard_defaults(&b);
    }
    uint32_t reg = named_parameters(b.code);
    bool rest = (b.code->flags & CODE_VARARGS) != 0;
    if (r->reason == ABORT_NONE && b.takes_names) {
        make_named(&b, reg + rest);
    }
    if (r->reason == ABORT_NONE && rest) {
        make_rest(&b, reg);
    }
    rec_unhold(r);
    if (r->reason == ABORT_NONE) {
        put_down(&b);
    }
    return r->reason == ABORT_NONE;
}
