/*
 * Recorder, items: indexing and storing into lists and tuples with bounds guards, everything else by the
 * helper that tier 1's slow path uses; building of lists and tuples; unpacking.
 *
 * Threads: the thread that records.
 */
#include "interp/jit/recorder.h"
#include "runtime/abstract.h"
#include "runtime/containers.h"
#include "runtime/int.h"
#include "runtime/str.h"

/* ---- sequences --------------------------------------------------------------------------------------- */

/* An index in range of a sequence with `size`: guards, and the non-negative index. IR_NONE: out of range. */
static IrRef checked_index(Recorder *r, RecOperand *index, IrRef size, int64_t actual_size)
{
    int64_t i = 0;
    int_to_i64(index->actual, &i);
    if (i >= actual_size || i < -actual_size) {
        return IR_NONE;
    }
    IrRef x = rec_as_int(r, index);
    if (i < 0) {
        rec_guard(r, IR_guard_lt_int, IR_N, x, rec_int(r, 0), 0);
        x = rec_emit(r, IR_add_int, IR_I, x, size, IR_NONE, 0);
    }
    rec_guard(r, IR_guard_ult_int, IR_N, x, size, 0);
    return x;
}

/* A value loaded from a container: typed; an object gets a reference of its own. */
static IrRef loaded(Recorder *r, IrRef v, Value actual)
{
    IrRef typed = rec_specialise(r, v, actual);
    if (value_is_object(actual)) {
        rec_guard(r, IR_incref, IR_N, v, IR_NONE, 0);
        rec_own(r, v);
    }
    return typed;
}

/* What the list holds at an index in range while recording. */
static Value actual_item(Value list, Value index)
{
    int64_t i = 0;
    int_to_i64(index, &i);
    return atomic_load(&value_list(list)->table)->slots[i < 0 ? i + list_size(list) : i];
}

static IrRef list_item(Recorder *r, RecOperand *list, RecOperand *index)
{
    rec_guard_type(r, list->ref, TYPE_LIST);
    IrRef size = rec_emit(r, IR_load_list_size, IR_I, list->ref, IR_NONE, IR_NONE, 0);
    IrRef x = checked_index(r, index, size, list_size(list->actual));
    if (x == IR_NONE) {
        return IR_NONE;
    }
    Value actual = actual_item(list->actual, index->actual);
    IrRef table = rec_emit(r, IR_load_list_table, IR_P, list->ref, IR_NONE, IR_NONE, 0);
    IrRef v = rec_emit(r, IR_load_list_item, IR_V, table, x, IR_NONE, 0);
    return loaded(r, v, actual);
}

static IrRef tuple_item(Recorder *r, RecOperand *tuple, RecOperand *index)
{
    const Tuple *t = value_tuple(tuple->actual);
    rec_guard_type(r, tuple->ref, TYPE_TUPLE);
    IrRef size = rec_emit(r, IR_load_tuple_size, IR_I, tuple->ref, IR_NONE, IR_NONE, 0);
    IrRef x = checked_index(r, index, size, t->size);
    if (x == IR_NONE) {
        return IR_NONE;
    }
    int64_t i = 0;
    int_to_i64(index->actual, &i);
    IrRef v = rec_emit(r, IR_load_tuple_item, IR_V, tuple->ref, x, IR_NONE, 0);
    return loaded(r, v, t->items[i < 0 ? i + t->size : i]);
}

static void consume_two(Recorder *r, uint32_t a, uint32_t b)
{
    rec_consume(r, a);
    if (a != b) {
        rec_consume(r, b);
    }
}

static bool is_exact_int(Value v) { return value_is_small_int(v) || value_has_type(v, TYPE_INT); }

static void get_item(Recorder *r, bool temp)
{
    RecOperand o = rec_operand(r, 'R', r->pc->b), i = rec_operand(r, 'R', r->pc->c);
    if (r->reason != ABORT_NONE) {
        return;
    }
    IrRef v = IR_NONE;
    if (is_exact_int(i.actual) && value_is_list(o.actual)) {
        v = list_item(r, &o, &i);
    } else if (is_exact_int(i.actual) && value_is_tuple(o.actual)) {
        v = tuple_item(r, &o, &i);
    } else if (value_is_object(o.actual)) {
        rec_guard_type(r, o.ref, value_object(o.actual)->type_id);
        v = rec_call(r, HELPER_ID_value_getitem, o.ref, rec_as_value(r, i.ref), IR_NONE);
    }
    if (v == IR_NONE) {
        record_abort(r, ABORT_EXCEPTION, NULL);
        return;
    }
    consume_two(r, o.reg, i.reg);
    rec_dest(r, r->pc->a, temp, v);
}

/* list[i] = v. v: boxed, its reference already given. */
static void set_list_item(Recorder *r, RecOperand *list, RecOperand *index, RecOperand *value)
{
    rec_guard_type(r, list->ref, TYPE_LIST);
    IrRef size = rec_emit(r, IR_load_list_size, IR_I, list->ref, IR_NONE, IR_NONE, 0);
    IrRef x = checked_index(r, index, size, list_size(list->actual));
    if (x == IR_NONE) {
        record_abort(r, ABORT_EXCEPTION, NULL);
        return;
    }
    IrRef v = rec_as_value(r, value->is_const ? value->ref
                                              : rec_specialise(r, value->ref, value->actual));
    IrRef table = rec_emit(r, IR_load_list_table, IR_P, list->ref, IR_NONE, IR_NONE, 0);
    IrRef old = rec_emit(r, IR_load_list_item, IR_V, table, x, IR_NONE, 0);
    bool counted = value_is_object(actual_item(list->actual, index->actual));
    if (!counted) {
        rec_guard(r, IR_guard_number, IR_N, old, IR_NONE, 0);
    }
    if (!value->is_const) {
        rec_give(r, value->reg, v);
    }
    rec_emit(r, IR_store_list_item, IR_N, table, x, v, 0);
    if (counted) {
        rec_emit(r, IR_decref, IR_N, old, IR_NONE, IR_NONE, 0);
    }
    consume_two(r, list->reg, index->reg);
}

static void set_item(Recorder *r)
{
    bool immediate = r->op == BC_SET_ITEM_I;
    RecOperand o = rec_operand(r, 'R', r->pc->a), i = rec_operand(r, 'R', r->pc->b);
    RecOperand v = rec_operand(r, immediate ? 'I' : 'R', r->pc->c);
    if (r->reason != ABORT_NONE) {
        return;
    }
    if (is_exact_int(i.actual) && value_is_list(o.actual)) {
        set_list_item(r, &o, &i, &v);
        return;
    }
    if (!value_is_object(o.actual)) {
        record_abort(r, ABORT_EXCEPTION, NULL);
        return;
    }
    rec_guard_type(r, o.ref, value_object(o.actual)->type_id);
    IrRef key = rec_as_value(r, i.ref), item = rec_as_value(r, v.ref);
    HelperId helper = value_is_dict(o.actual) ? HELPER_ID_dict_set_item : HELPER_ID_value_setitem;
    rec_call(r, helper, o.ref, key, item);
    if (!immediate) {
        rec_consume(r, v.reg);
    }
    consume_two(r, o.reg, i.reg);
}

bool record_items(Recorder *r)
{
    switch (r->op) {
    case BC_GET_ITEM:
    case BC_GET_ITEM_T: get_item(r, r->op == BC_GET_ITEM_T); return true;
    case BC_SET_ITEM:
    case BC_SET_ITEM_I: set_item(r); return true;
    default: return false;
    }
}

/* ---- building ----------------------------------------------------------------------------------------------- */

static void build_tuple(Recorder *r)
{
    uint32_t first = r->pc->b, count = r->pc->c;
    if (count == 0 || count > 64) {
        record_abort(r, ABORT_BYTECODE, "BUILD_TUPLE of that size");
        return;
    }
    IrRef items[64];
    for (uint32_t i = 0; i < count; i++) {
        items[i] =
            rec_as_value(r, rec_specialise(r, rec_reg(r, first + i), rec_actual(r, first + i)));
        if (ir_is_const(items[i]) && value_is_object(ir_const(r->ir, items[i])->v) && i > 0) {
            record_abort(r, ABORT_BYTECODE, "BUILD_TUPLE of constant objects");
        }
    }
    if (r->reason != ABORT_NONE) {
        return;
    }
    for (uint32_t i = 0; i < count; i++) { /* at most one needs an incref before the effects */
        if (ir_type_of(r->ir, items[i]) == IR_V && !ir_is_const(items[i]) &&
            rec_known(r, items[i]) != KNOWN_NUMBER &&
            r->owned[items[i]] < rec_holders(r, items[i])) {
            rec_guard(r, IR_incref, IR_N, items[i], IR_NONE, 0);
            r->owned[items[i]]++;
            r->snap = IR_NONE; /* counted by the slots now: the next guard sees it so */
        }
    }
    IrRef t = rec_guard(r, IR_alloc_tuple, IR_V, IR_NONE, IR_NONE, (int32_t)count);
    for (uint32_t i = 0; i < count; i++) {
        rec_give(r, first + i, items[i]);
        rec_emit(r, IR_init_tuple, IR_N, t, items[i], IR_NONE, (int32_t)i);
    }
    rec_own(r, t);
    rec_set_known(r, t, TYPE_TUPLE);
    rec_dest(r, r->pc->a, true, t);
}

/* Elements go through the frame's memory to the helper. */
static void build_list(Recorder *r)
{
    uint32_t first = r->pc->b, count = r->pc->c;
    if (count == 0) {
        IrRef p = ir_const_ptr(r->ir, NULL);
        IrRef v = rec_call(r, HELPER_ID_list_new_array, p, rec_int(r, 0), IR_NONE);
        rec_set_known(r, v, TYPE_LIST);
        rec_dest(r, r->pc->a, true, v);
        return;
    }
    IrRef items[64];
    if (count > 64) {
        record_abort(r, ABORT_BYTECODE, "BUILD_LIST of that size");
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        items[i] = rec_as_value(r, rec_reg(r, first + i));
    }
    IrRef list = rec_call(r, HELPER_ID_list_repeat_value, rec_value(r, VALUE_NONE),
                          rec_int(r, (int64_t)count), IR_NONE);
    rec_set_known(r, list, TYPE_LIST);
    for (uint32_t i = 0; i < count && r->reason == ABORT_NONE; i++) {
        /* the new list's items are None: the stores need no decref; counts are taken first */
        if (ir_is_const(items[i]) && value_is_object(ir_const(r->ir, items[i])->v)) {
            record_abort(r, ABORT_BYTECODE, "BUILD_LIST of constant objects");
            return;
        }
        if (!ir_is_const(items[i]) && rec_known(r, items[i]) != KNOWN_NUMBER &&
            ir_type_of(r->ir, rec_reg(r, first + i)) == IR_V &&
            r->owned[items[i]] < rec_holders(r, items[i])) {
            record_abort(r, ABORT_BYTECODE, "BUILD_LIST of shared objects");
            return;
        }
    }
    IrRef table = rec_emit(r, IR_load_list_table, IR_P, list, IR_NONE, IR_NONE, 0);
    for (uint32_t i = 0; i < count; i++) {
        rec_give(r, first + i, items[i]);
        rec_emit(r, IR_store_list_item, IR_N, table, rec_int(r, (int64_t)i), items[i], 0);
    }
    rec_dest(r, r->pc->a, true, list);
}

static void list_append_value(Recorder *r)
{
    RecOperand v = rec_operand(r, 'R', r->pc->b);
    IrRef list = rec_reg(r, r->pc->a);
    rec_call(r, HELPER_ID_list_append, list, rec_as_value(r, v.ref), IR_NONE);
    rec_consume(r, v.reg);
}

static void unpack(Recorder *r)
{
    RecOperand s = rec_operand(r, 'S', r->pc->b);
    uint32_t count = r->pc->c;
    bool tuple = value_is_tuple(s.actual);
    if ((!tuple && !value_is_list(s.actual)) || count > 16) {
        record_abort(r, ABORT_OPERAND_TYPE, rt_type_of(s.actual)->name);
        return;
    }
    int64_t size = tuple ? value_tuple(s.actual)->size : list_size(s.actual);
    if (size != (int64_t)count) {
        record_abort(r, ABORT_EXCEPTION, NULL);
        return;
    }
    rec_guard_type(r, s.ref, tuple ? TYPE_TUPLE : TYPE_LIST);
    IrRef n = rec_emit(r, tuple ? IR_load_tuple_size : IR_load_list_size, IR_I, s.ref, IR_NONE,
                       IR_NONE, 0);
    rec_guard(r, IR_guard_eq_int, IR_N, n, rec_int(r, size), 0);
    IrRef table =
        tuple ? IR_NONE : rec_emit(r, IR_load_list_table, IR_P, s.ref, IR_NONE, IR_NONE, 0);
    IrRef items[16];
    Value actual[16];
    uint32_t objects = 0;
    for (uint32_t i = 0; i < count; i++) {
        IrRef x = rec_int(r, (int64_t)i);
        actual[i] = tuple ? value_tuple(s.actual)->items[i]
                          : atomic_load(&value_list(s.actual)->table)->slots[i];
        IrRef v = tuple ? rec_emit(r, IR_load_tuple_item, IR_V, s.ref, x, IR_NONE, 0)
                        : rec_emit(r, IR_load_list_item, IR_V, table, x, IR_NONE, 0);
        items[i] = rec_specialise(r, v, actual[i]);
        objects += value_is_object(actual[i]);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (value_is_object(actual[i])) {
            /* several counts: each guard's exit must see those before it, so the items' owner is
             * a slot from then on */
            rec_guard(r, IR_incref, IR_N, items[i], IR_NONE, 0);
            if (--objects > 0) {
                record_abort(r, ABORT_OPERAND_TYPE, "several objects to unpack");
                return;
            }
            rec_own(r, items[i]);
        }
    }
    rec_drop(r, r->base + r->pc->b);
    for (uint32_t i = 0; i < count; i++) {
        rec_set(r, r->base + r->pc->a + (int32_t)i, items[i]);
    }
}

static void build_slice(Recorder *r)
{
    uint32_t a = r->pc->a;
    IrRef parts[3];
    for (uint32_t i = 0; i < 3; i++) {
        parts[i] = rec_as_value(r, rec_specialise(r, rec_reg(r, a + i), rec_actual(r, a + i)));
    }
    IrRef v = rec_call(r, HELPER_ID_slice_new, parts[0], parts[1], parts[2]);
    for (uint32_t i = 0; i < 3; i++) {
        rec_drop(r, r->base + (int32_t)(a + i));
    }
    rec_set_known(r, v, TYPE_SLICE);
    rec_set(r, r->base + (int32_t)a, v);
}

bool record_build(Recorder *r)
{
    switch (r->op) {
    case BC_BUILD_TUPLE: build_tuple(r); return true;
    case BC_BUILD_LIST: build_list(r); return true;
    case BC_LIST_APPEND: list_append_value(r); return true;
    case BC_UNPACK: unpack(r); return true;
    case BC_BUILD_SLICE: build_slice(r); return true;
    default: return false;
    }
}
