/*
 * Recorder, natives: builtin functions and types that become uops (by name, in one table), and all
 * others as a generic call, from three arguments on through an array in the frame.
 *
 * The callee is fixed by identity before, so a name here is that very function.
 *
 * Threads: the thread that records.
 */
#include <math.h>

#include "interp/jit/recorder.h"
#include "runtime/abstract.h"
#include "runtime/containers.h"
#include "runtime/int.h"
#include "runtime/str.h"

typedef struct NativeCall {
    uint32_t base, nargs;
    RecOperand args[4];
} NativeCall;

/* Returns the result, or IR_NONE: this case is left to the generic call. */
typedef IrRef (*NativeRecorder)(Recorder *r, const NativeCall *call, int32_t data);

static bool is_int(const RecOperand *o) { return rec_kind(o->actual, true) == REC_INT; }
static bool is_float(const RecOperand *o) { return rec_kind(o->actual, false) == REC_FLOAT; }
static bool is_number(const RecOperand *o) { return rec_kind(o->actual, true) != REC_OTHER; }
static double number(const RecOperand *o)
{
    int64_t i = 0;
    if (value_is_double(o->actual)) {
        return value_double(o->actual);
    }
    int_to_i64(o->actual, &i);
    return (double)i;
}

/* ---- math ------------------------------------------------------------------------------------------- */

/* Inf and nan leave: there Python's function raises, or not, by rules of its own. */
static void guard_finite(Recorder *r, IrRef f)
{
    IrRef magnitude = rec_emit(r, IR_abs_float, IR_F, f, IR_NONE, IR_NONE, 0);
    rec_guard(r, IR_guard_lt_float, IR_N, magnitude, ir_const_float(r->ir, INFINITY), 0);
}

static double float_result(HelperId helper, double x)
{
    return ((double (*)(double))helper_table[helper].fn)(x);
}

static IrRef float_function(Recorder *r, const NativeCall *c, int32_t helper)
{
    RecOperand a = c->args[0];
    if (c->nargs != 1 || !is_number(&a) || !isfinite(float_result((HelperId)helper, number(&a)))) {
        return IR_NONE;
    }
    IrRef v = rec_call(r, (HelperId)helper, rec_as_float(r, &a), IR_NONE, IR_NONE);
    guard_finite(r, v);
    return v;
}

static IrRef float_function2(Recorder *r, const NativeCall *c, int32_t helper)
{
    RecOperand a = c->args[0], b = c->args[1];
    if (c->nargs != 2 || !is_number(&a) || !is_number(&b)) {
        return IR_NONE;
    }
    double (*fn)(double, double) = (double (*)(double, double))helper_table[helper].fn;
    if (!isfinite(fn(number(&a), number(&b)))) {
        return IR_NONE;
    }
    IrRef x = rec_as_float(r, &a), y = rec_as_float(r, &b);
    IrRef v = rec_call(r, (HelperId)helper, x, y, IR_NONE);
    guard_finite(r, v);
    return v;
}

static IrRef native_sqrt(Recorder *r, const NativeCall *c, int32_t data)
{
    (void)data;
    RecOperand a = c->args[0];
    if (c->nargs != 1 || !is_number(&a) || !(number(&a) >= 0.0)) {
        return IR_NONE;
    }
    IrRef x = rec_as_float(r, &a);
    rec_guard(r, IR_guard_ge_float, IR_N, x, ir_const_float(r->ir, 0.0), 0);
    return rec_emit(r, IR_sqrt_float, IR_F, x, IR_NONE, IR_NONE, 0);
}

static IrRef native_fabs(Recorder *r, const NativeCall *c, int32_t data)
{
    (void)data;
    RecOperand a = c->args[0];
    if (c->nargs != 1 || !is_number(&a)) {
        return IR_NONE;
    }
    return rec_emit(r, IR_abs_float, IR_F, rec_as_float(r, &a), IR_NONE, IR_NONE, 0);
}

/* floor, ceil, trunc, int: an int from a float. op: IR_floor_float ..., or IR_nop for none. */
static IrRef native_to_int(Recorder *r, const NativeCall *c, int32_t op)
{
    RecOperand a = c->args[0];
    if (c->nargs != 1) {
        return IR_NONE;
    }
    if (is_int(&a)) {
        return rec_as_int(r, &a);
    }
    if (!is_float(&a) || !(fabs(number(&a)) < 0x1p62)) {
        return IR_NONE;
    }
    IrRef x = rec_as_float(r, &a);
    if (op != IR_nop) {
        x = rec_emit(r, (IrOp)op, IR_F, x, IR_NONE, IR_NONE, 0);
    }
    return rec_guard(r, IR_float_to_int, IR_I, x, IR_NONE, 0);
}

static IrRef native_gcd(Recorder *r, const NativeCall *c, int32_t data)
{
    (void)data;
    RecOperand a = c->args[0], b = c->args[1];
    if (c->nargs != 2 || !is_int(&a) || !is_int(&b)) {
        return IR_NONE;
    }
    IrRef x = rec_as_int(r, &a), y = rec_as_int(r, &b);
    IrRef lowest = rec_int(r, INT64_MIN); /* its gcd may be 2^63 */
    rec_guard(r, IR_guard_ne_int, IR_N, x, lowest, 0);
    rec_guard(r, IR_guard_ne_int, IR_N, y, lowest, 0);
    return rec_call(r, HELPER_ID_int_gcd, x, y, IR_NONE);
}

static IrRef native_isqrt(Recorder *r, const NativeCall *c, int32_t data)
{
    (void)data;
    RecOperand a = c->args[0];
    if (c->nargs != 1 || !is_int(&a) || number(&a) < 0) {
        return IR_NONE;
    }
    IrRef x = rec_as_int(r, &a);
    rec_guard(r, IR_guard_ge_int, IR_N, x, rec_int(r, 0), 0);
    return rec_call(r, HELPER_ID_int_isqrt, x, IR_NONE, IR_NONE);
}

/* ---- builtins ------------------------------------------------------------------------------------------- */

static IrRef native_abs(Recorder *r, const NativeCall *c, int32_t data)
{
    (void)data;
    RecOperand a = c->args[0];
    if (c->nargs == 1 && is_int(&a)) {
        return rec_guard(r, IR_abs_int_ov, IR_I, rec_as_int(r, &a), IR_NONE, 0);
    }
    return c->nargs == 1 && is_float(&a) ? native_fabs(r, c, 0) : IR_NONE;
}

/* min, max of numbers of one type. data: 0 min, 1 max. */
static IrRef native_min_max(Recorder *r, const NativeCall *c, int32_t data)
{
    bool ints = c->nargs >= 2, floats = ints;
    for (uint32_t i = 0; i < c->nargs; i++) {
        ints = ints && value_is_small_int(c->args[i].actual);
        floats = floats && is_float(&c->args[i]);
    }
    if (!ints && !floats) {
        return IR_NONE;
    }
    RecOperand first = c->args[0];
    IrRef best = ints ? rec_as_int(r, &first) : rec_as_float(r, &first);
    for (uint32_t i = 1; i < c->nargs; i++) {
        RecOperand o = c->args[i];
        if (ints) {
            best = rec_emit(r, data ? IR_max_int : IR_min_int, IR_I, best, rec_as_int(r, &o),
                            IR_NONE, 0);
        } else {
            IrRef x = rec_as_float(r, &o);
            IrRef better = rec_emit(r, data ? IR_gt_float : IR_lt_float, IR_I, x, best, IR_NONE, 0);
            best = rec_emit(r, IR_select_float, IR_F, better, x, best, 0);
        }
    }
    return best;
}

static IrRef native_len(Recorder *r, const NativeCall *c, int32_t data)
{
    (void)data;
    if (c->nargs != 1 || !value_is_object(c->args[0].actual)) {
        return IR_NONE;
    }
    uint32_t type = value_object(c->args[0].actual)->type_id;
    IrOp op = type == TYPE_TUPLE ? IR_load_tuple_size
              : type == TYPE_STR ? IR_load_str_length
                                 : IR_nop;
    rec_guard_type(r, c->args[0].ref, type);
    if (type == TYPE_LIST) {
        return rec_list_size(r, c->args[0].ref, c->args[0].actual);
    }
    if (op == IR_nop) {
        return rec_call(r, HELPER_ID_value_len, c->args[0].ref, IR_NONE, IR_NONE);
    }
    return rec_emit(r, op, IR_I, c->args[0].ref, IR_NONE, IR_NONE, 0);
}

static IrRef native_float(Recorder *r, const NativeCall *c, int32_t data)
{
    (void)data;
    RecOperand a = c->args[0];
    return c->nargs == 1 && is_number(&a) ? rec_as_float(r, &a) : IR_NONE;
}

static IrRef native_isinstance(Recorder *r, const NativeCall *c, int32_t data)
{
    (void)data;
    if (c->nargs != 2) {
        return IR_NONE;
    }
    IrRef i = rec_call(r, HELPER_ID_value_isinstance, rec_operand_value(r, &c->args[0]),
                       rec_operand_value(r, &c->args[1]), IR_NONE);
    return rec_from_bool(r, i);
}

static IrRef native_append(Recorder *r, const NativeCall *c, int32_t data)
{
    (void)data;
    if (c->nargs != 2 || !value_is_list(c->args[0].actual)) {
        return IR_NONE;
    }
    rec_guard_type(r, c->args[0].ref, TYPE_LIST);
    rec_call(r, HELPER_ID_list_append, c->args[0].ref, rec_operand_value(r, &c->args[1]), IR_NONE);
    return rec_value(r, VALUE_NONE);
}

static IrRef native_pop(Recorder *r, const NativeCall *c, int32_t data)
{
    (void)data;
    if (c->nargs != 1 || !value_is_list(c->args[0].actual)) {
        return IR_NONE;
    }
    rec_guard_type(r, c->args[0].ref, TYPE_LIST);
    bool plain = rec_is_plain(r, c->args[0].ref, c->args[0].actual);
    return rec_call(r, plain ? HELPER_ID_list_pop_last : HELPER_ID_list_pop_shared, c->args[0].ref,
                    IR_NONE, IR_NONE);
}

/* dict.get(key[, default]) of a simple key. */
static IrRef native_get(Recorder *r, const NativeCall *c, int32_t data)
{
    (void)data;
    Value found;
    if (c->nargs < 2 || c->nargs > 3) {
        return IR_NONE;
    }
    RecOperand dict = c->args[0], key = c->args[1];
    IrRef v = rec_dict_lent(r, &dict, &key, &found);
    if (v == IR_NONE || found != VALUE_ABSENT) {
        return v == IR_NONE ? v : rec_loaded(r, v, found);
    }
    rec_guard(r, IR_guard_same, IR_N, v, rec_value(r, VALUE_ABSENT), 0);
    if (c->nargs == 3 && value_is_object(c->args[2].actual) && !ir_is_const(c->args[2].ref) &&
        ir_type_of(r->ir, c->args[2].ref) == IR_V) {
        rec_incref(r, c->args[2].ref); /* the argument drops its own */
        rec_own(r, c->args[2].ref);
    }
    return c->nargs == 2 ? rec_value(r, VALUE_NONE) : c->args[2].ref;
}

typedef struct NativeRow {
    const char *name;
    NativeRecorder record;
    int32_t data;
} NativeRow;

static const NativeRow math_rows[] = {
    {"sqrt", native_sqrt, 0},
    {"fabs", native_fabs, 0},
    {"floor", native_to_int, IR_floor_float},
    {"ceil", native_to_int, IR_ceil_float},
    {"trunc", native_to_int, IR_trunc_float},
    {"gcd", native_gcd, 0},
    {"isqrt", native_isqrt, 0},
#define MATH1(name) {#name, float_function, HELPER_ID_math_##name},
#define MATH2(name) {#name, float_function2, HELPER_ID_math_##name},
    MATH1(sin) MATH1(cos) MATH1(tan) MATH1(asin) MATH1(acos) MATH1(atan) MATH1(sinh) MATH1(cosh)
        MATH1(tanh) MATH1(asinh) MATH1(acosh) MATH1(atanh) MATH1(exp) MATH1(exp2) MATH1(expm1)
            MATH1(log2) MATH1(log10) MATH1(log1p) MATH1(cbrt) MATH1(erf) MATH1(erfc) MATH1(log)
                MATH2(atan2) MATH2(pow) MATH2(fmod) MATH2(hypot) MATH2(copysign)
#undef MATH1
#undef MATH2
};

static const NativeRow builtin_rows[] = {
    {"abs", native_abs, 0}, {"min", native_min_max, 0},           {"max", native_min_max, 1},
    {"len", native_len, 0}, {"isinstance", native_isinstance, 0},
};

static const NativeRow method_rows[] = {
    {"append", native_append, 0},
    {"pop", native_pop, 0},
    {"get", native_get, 0},
};

static IrRef from_rows(Recorder *r, const NativeCall *c, const NativeRow *rows, size_t count,
                       const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return rows[i].record(r, c, rows[i].data);
        }
    }
    return IR_NONE;
}

#define ROWS(table) table, sizeof table / sizeof *table

static IrRef from_native(Recorder *r, const NativeCall *c, Value callee)
{
    const NativeFunction *f = (const NativeFunction *)value_object(callee);
    if (!value_is_str(f->module)) {
        return from_rows(r, c, ROWS(method_rows), f->def->name);
    }
    const char *module = str_utf8(r->th, f->module, NULL);
    if (module != NULL && strcmp(module, "math") == 0) {
        return from_rows(r, c, ROWS(math_rows), f->def->name);
    }
    return from_rows(r, c, ROWS(builtin_rows), f->def->name);
}

/* ---- range ------------------------------------------------------------------------------------------------- */

static void finish_call(Recorder *r, const NativeCall *c, uint32_t first, IrRef result)
{
    rec_drop_range(r, first, c->nargs);
    rec_drop(r, r->base + (int32_t)c->base);
    if (first == c->base + 4) {
        rec_kill(r, r->base + (int32_t)c->base + 3);
    }
    rec_set(r, r->base + (int32_t)c->base, result);
}

/* range(...) whose next bytecode iterates over it, with step 1: two ints, no object. */
static bool virtual_range(Recorder *r, const NativeCall *c, uint32_t first)
{
    const Insn *next = r->pc + 1;
    if (next->op != BC_GET_ITER || next->b != c->base || c->nargs < 1 || c->nargs > 2) {
        return false;
    }
    for (uint32_t i = 0; i < c->nargs; i++) {
        if (!value_is_small_int(c->args[i].actual)) {
            return false;
        }
    }
    RecOperand a = c->args[0], b = c->args[c->nargs - 1];
    IrRef start = c->nargs == 2 ? rec_as_int(r, &a) : rec_int(r, 0);
    IrRef stop = rec_as_int(r, &b);
    finish_call(r, c, first, rec_value(r, VALUE_NONE));
    r->range.slot = r->base + (int32_t)c->base;
    r->range.start = start;
    r->range.stop = stop;
    r->range.pc = next;
    return true;
}

static IrRef range_object(Recorder *r, const NativeCall *c)
{
    IrRef part[3] = {rec_int(r, 0), IR_NONE, rec_int(r, 1)};
    for (uint32_t i = 0; i < c->nargs; i++) {
        RecOperand o = c->args[i];
        if (!value_is_small_int(o.actual) || c->nargs > 3) {
            return IR_NONE;
        }
        part[c->nargs == 1 ? 1 : i] = rec_as_int(r, &o);
    }
    IrRef v = rec_call(r, HELPER_ID_range_new_i64, part[0], part[1], part[2]);
    rec_set_known(r, v, TYPE_RANGE);
    return v;
}

static IrRef from_type(Recorder *r, const NativeCall *c, const Type *type)
{
    switch (type->id) {
    case TYPE_INT: return native_to_int(r, c, IR_nop);
    case TYPE_FLOAT: return native_float(r, c, 0);
    case TYPE_RANGE: return range_object(r, c);
    default: return IR_NONE;
    }
}

/* ---- any callee ------------------------------------------------------------------------------------------------ */

/* callee: a constant, or what the register holds. */
static IrRef generic_call(Recorder *r, const NativeCall *c, uint32_t first, IrRef callee)
{
    if (c->nargs > 2) {
        IrRef p = rec_lend(r, first, c->nargs);
        return rec_call(r, HELPER_ID_value_call_array, callee, p, rec_int(r, (int64_t)c->nargs));
    }
    IrRef args[2] = {IR_NONE, IR_NONE};
    for (uint32_t i = 0; i < c->nargs; i++) {
        args[i] = rec_operand_value(r, &c->args[i]);
    }
    return rec_call(r, (HelperId)((int)HELPER_ID_value_call0 + (int)c->nargs), callee, args[0],
                    args[1]);
}

/* The names of keyword arguments lie before the array, where nothing else is during the call. */
static IrRef keyword_call(Recorder *r, const NativeCall *c, uint32_t first, IrRef callee,
                          Value kwnames)
{
    IrRef p = rec_lend(r, first, c->nargs);
    rec_emit(r, IR_lend_slot, IR_N, rec_value(r, kwnames), IR_NONE, IR_NONE,
             r->base + (int32_t)first - 1);
    return rec_call(r, HELPER_ID_value_call_kw, callee, p, rec_int(r, (int64_t)c->nargs));
}

static IrRef special_call(Recorder *r, const NativeCall *c, Value callee)
{
    if (c->nargs > 4) {
        return IR_NONE;
    }
    return value_has_type(callee, TYPE_TYPE) ? from_type(r, c, (const Type *)value_object(callee))
                                             : from_native(r, c, callee);
}

void record_native(Recorder *r, Value callee, const RecCall *call)
{
    bool named = call->kwnames != VALUE_ABSENT, is_type = value_has_type(callee, TYPE_TYPE);
    bool fixed = is_type || value_has_type(callee, TYPE_NATIVE_FUNCTION);
    NativeCall c = {.base = call->base, .nargs = call->nargs};
    c.nargs += named ? (uint32_t)value_tuple(call->kwnames)->size : 0;
    IrRef f = rec_reg_value(r, call->base);
    if (fixed) {
        rec_guard_const(r, f, callee);
        f = rec_value(r, callee);
    } else if (value_is_object(callee)) {
        rec_guard_type(r, f, value_object(callee)->type_id);
    }
    for (uint32_t i = 0; i < c.nargs && i < 4; i++) {
        c.args[i] = rec_operand(r, 'R', (uint16_t)(call->first + i));
    }
    if (r->reason != ABORT_NONE) {
        return;
    }
    if (!named && is_type && ((Type *)value_object(callee))->id == TYPE_RANGE &&
        virtual_range(r, &c, call->first)) {
        return;
    }
    IrRef v = fixed && !named ? special_call(r, &c, callee) : IR_NONE;
    if (v == IR_NONE && r->reason == ABORT_NONE) {
        v = named ? keyword_call(r, &c, call->first, f, call->kwnames)
                  : generic_call(r, &c, call->first, f);
    }
    if (r->reason == ABORT_NONE) {
        finish_call(r, &c, call->first, v);
    }
}
