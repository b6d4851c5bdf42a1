/*
 * Recorder, items: indexing and storing into lists and tuples with bounds guards, everything else by the
 * helper that tier 1's slow path uses.
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

/* What the list holds at an index while recording; absent: out of range. */
static Value actual_item(Value list, Value index)
{
    int64_t i = 0;
    int_to_i64(index, &i);
    return list_item_lent(list, i);
}

static IrRef list_item(Recorder *r, RecOperand *list, RecOperand *index)
{
    Value actual = actual_item(list->actual, index->actual);
    if (actual == VALUE_ABSENT) {
        return IR_NONE;
    }
    rec_guard_type(r, list->ref, TYPE_LIST);
    int64_t i = 0;
    int_to_i64(index->actual, &i);
    IrRef v, x = IR_NONE;
    if (rec_is_plain(r, list->ref, list->actual)) {
        IrRef size = rec_emit(r, IR_load_list_size, IR_I, list->ref, IR_NONE, IR_NONE, 0);
        x = checked_index(r, index, size, list_size(list->actual));
        v = rec_list_item(r, list->ref, list->actual, x);
    } else if (i >= 0) {
        v = rec_list_item(r, list->ref, list->actual, rec_as_int(r, index));
    } else {
        x = rec_as_int(r, index);
        v = rec_call(r, HELPER_ID_list_item_lent, list->ref, x, IR_NONE);
    }
    return rec_loaded(r, v, actual);
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
    return rec_loaded(r, v, t->items[i < 0 ? i + t->size : i]);
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
    Value found = VALUE_ABSENT;
    IrRef v = rec_dict_lent(r, &o, &i, &found);
    if (v != IR_NONE) {
        v = found != VALUE_ABSENT ? rec_loaded(r, v, found) : IR_NONE;
    } else if (is_exact_int(i.actual) && value_is_list(o.actual)) {
        v = list_item(r, &o, &i);
    } else if (is_exact_int(i.actual) && value_is_tuple(o.actual)) {
        v = tuple_item(r, &o, &i);
    } else if (value_is_object(o.actual)) {
        rec_guard_type(r, o.ref, value_object(o.actual)->type_id);
        v = rec_call(r, HELPER_ID_value_getitem, o.ref, rec_operand_value(r, &i), IR_NONE);
    }
    if (v == IR_NONE) {
        record_abort(r, ABORT_EXCEPTION, NULL);
        return;
    }
    consume_two(r, o.reg, i.reg);
    rec_dest(r, r->pc->a, temp, v);
}

/* A number takes a number's place in a list that others know: inline, under its lock. false: not so. */
static bool set_number(Recorder *r, RecOperand *list, RecOperand *index, RecOperand *value)
{
    int64_t i = 0;
    int_to_i64(index->actual, &i);
    Value old = actual_item(list->actual, index->actual);
    if (i < 0 || old == VALUE_ABSENT || value_is_object(old) || value_is_object(value->actual)) {
        return false;
    }
    IrRef at = rec_as_int(r, index), boxed = rec_operand_value(r, value);
    rec_emit(r, IR_lock_list, IR_N, list->ref, IR_NONE, IR_NONE, 0);
    IrRef done = rec_emit(r, IR_store_locked_item, IR_I, list->ref, at, boxed, 0);
    rec_emit(r, IR_unlock_list, IR_N, list->ref, IR_NONE, IR_NONE, 0);
    rec_guard(r, IR_guard_true, IR_N, done, IR_NONE, 0); /* else nothing has happened */
    return true;
}

/* list[i] = v. v: boxed, its reference already given. */
static void set_list_item(Recorder *r, RecOperand *list, RecOperand *index, RecOperand *value)
{
    rec_guard_type(r, list->ref, TYPE_LIST);
    if (!value->is_const) {
        value->ref = rec_specialise(r, value->ref, value->actual);
    }
    if (!rec_is_plain(r, list->ref, list->actual)) {
        if (!set_number(r, list, index, value)) {
            IrRef at = rec_as_int(r, index), boxed = rec_operand_value(r, value);
            rec_call(r, HELPER_ID_list_setitem, list->ref, at, boxed);
        }
        if (!value->is_const) {
            rec_consume(r, value->reg);
        }
        consume_two(r, list->reg, index->reg);
        return;
    }
    IrRef size = rec_emit(r, IR_load_list_size, IR_I, list->ref, IR_NONE, IR_NONE, 0);
    IrRef x = checked_index(r, index, size, list_size(list->actual));
    if (x == IR_NONE) {
        record_abort(r, ABORT_EXCEPTION, NULL);
        return;
    }
    IrRef v = rec_operand_value(r, value);
    IrRef table = rec_emit(r, IR_load_list_table, IR_P, list->ref, IR_NONE, IR_NONE, 0);
    IrRef old = rec_emit(r, IR_load_list_item, IR_V, table, x, IR_NONE, 0);
    bool counted = value_is_object(actual_item(list->actual, index->actual));
    if (!counted) {
        rec_guard(r, IR_guard_number, IR_N, old, IR_NONE, 0);
    }
    if (!value->is_const) {
        rec_give(r, value->reg, v);
    }
    rec_publish(r, v);
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
    IrRef key = rec_operand_value(r, &i), item = rec_operand_value(r, &v);
    HelperId helper = value_is_dict(o.actual) ? HELPER_ID_dict_set_item : HELPER_ID_value_setitem;
    rec_call(r, helper, o.ref, key, item);
    if (!immediate) {
        rec_consume(r, v.reg);
    }
    consume_two(r, o.reg, i.reg);
}

static void delete_item(Recorder *r)
{
    RecOperand o = rec_operand(r, 'R', r->pc->a), i = rec_operand(r, 'R', r->pc->b);
    IrRef object = rec_operand_value(r, &o), key = rec_operand_value(r, &i);
    rec_call(r, HELPER_ID_value_delitem, object, key, IR_NONE);
    consume_two(r, o.reg, i.reg);
}

/* a.k = b, or del a.k: the helper is told by an absent value. */
static void set_attr(Recorder *r, bool sets)
{
    RecOperand o = rec_operand(r, 'R', r->pc->a);
    IrRef name = rec_value(r, insn_constant(r->pc, r->pc->c)), v = rec_value(r, VALUE_ABSENT);
    IrRef object = rec_operand_value(r, &o);
    if (sets) {
        v = rec_reg_value(r, r->pc->b);
    }
    rec_call(r, HELPER_ID_value_setattr, object, name, v);
    if (sets) {
        rec_drop(r, r->base + r->pc->b);
    }
    rec_consume(r, o.reg);
}

bool record_items(Recorder *r)
{
    switch (r->op) {
    case BC_GET_ITEM:
    case BC_GET_ITEM_T: get_item(r, r->op == BC_GET_ITEM_T); return true;
    case BC_SET_ITEM:
    case BC_SET_ITEM_I: set_item(r); return true;
    case BC_DELETE_ITEM: delete_item(r); return true;
    case BC_SET_ATTR: set_attr(r, true); return true;
    case BC_DELETE_ATTR: set_attr(r, false); return true;
    default: return false;
    }
}
