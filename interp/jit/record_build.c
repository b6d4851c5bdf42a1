/*
 * Recorder, displays: building of lists, tuples, sets and dicts, formatted strings, unpacking.
 *
 * Elements of a list or tuple are given away: the trace owns a reference of each before the object is
 * made (rec_collect).  Everything else borrows them through the frame's memory (rec_lend).
 *
 * Threads: the thread that records.
 */
#include "interp/jit/recorder.h"
#include "runtime/abstract.h"
#include "runtime/containers.h"
#include "runtime/str.h"

static void build_tuple(Recorder *r)
{
    uint32_t first = r->pc->b, count = r->pc->c;
    if (count > HELD_MAX) {
        record_abort(r, ABORT_BYTECODE, "BUILD_TUPLE of that size");
        return;
    }
    if (count == 0) {
        IrRef v = rec_call(r, HELPER_ID_tuple_new_array, ir_const_ptr(r->ir, NULL), rec_int(r, 0),
                           IR_NONE);
        rec_set_known(r, v, TYPE_TUPLE);
        rec_dest(r, r->pc->a, true, v);
        return;
    }
    IrRef items[HELD_MAX];
    rec_collect(r, first, count, items);
    IrRef t = rec_guard(r, IR_alloc_tuple, IR_V, IR_NONE, IR_NONE, (int32_t)count);
    for (uint32_t i = 0; i < count && r->reason == ABORT_NONE; i++) {
        rec_emit(r, IR_init_tuple, IR_N, t, items[i], IR_NONE, (int32_t)i);
    }
    rec_pass(r, first, count, items);
    rec_own(r, t);
    rec_set_known(r, t, TYPE_TUPLE);
    rec_dest(r, r->pc->a, true, t);
}

static void build_list(Recorder *r)
{
    uint32_t first = r->pc->b, count = r->pc->c;
    if (count > HELD_MAX) {
        record_abort(r, ABORT_BYTECODE, "BUILD_LIST of that size");
        return;
    }
    if (count == 0) {
        IrRef p = ir_const_ptr(r->ir, NULL);
        IrRef v = rec_call(r, HELPER_ID_list_new_array, p, rec_int(r, 0), IR_NONE);
        rec_set_known(r, v, TYPE_LIST);
        rec_dest(r, r->pc->a, true, v);
        return;
    }
    IrRef items[HELD_MAX];
    rec_collect(r, first, count, items);
    /* the new list's items are None: the stores need no decref */
    IrRef list = rec_call(r, HELPER_ID_list_repeat_value, rec_value(r, VALUE_NONE),
                          rec_int(r, (int64_t)count), IR_NONE);
    rec_set_known(r, list, TYPE_LIST);
    IrRef table = rec_emit(r, IR_load_list_table, IR_P, list, IR_NONE, IR_NONE, 0);
    for (uint32_t i = 0; i < count && r->reason == ABORT_NONE; i++) {
        rec_emit(r, IR_store_list_item, IR_N, table, rec_int(r, (int64_t)i), items[i], 0);
    }
    rec_pass(r, first, count, items);
    rec_dest(r, r->pc->a, true, list);
}

/* Sets and dicts, whose items the helper borrows. */
static void build_table(Recorder *r, HelperId helper, uint32_t count, uint32_t type)
{
    uint32_t first = r->pc->b;
    IrRef p = rec_lend(r, first, count);
    IrRef v = rec_call(r, helper, p, rec_int(r, (int64_t)count), IR_NONE);
    rec_set_known(r, v, type);
    rec_drop_range(r, first, count);
    rec_dest(r, r->pc->a, true, v);
}

/* ---- adding to what is being built ------------------------------------------------------------------------------ */

/* helper(temporary a, register b): a stays. */
static void add_one(Recorder *r, HelperId helper)
{
    RecOperand v = rec_operand(r, 'R', r->pc->b);
    IrRef to = rec_reg(r, r->pc->a);
    rec_call(r, helper, to, rec_operand_value(r, &v), IR_NONE);
    rec_consume(r, v.reg);
}

/* The errors of what cannot be iterated name the function that is called: such types are left alone. */
static void list_extend_value(Recorder *r)
{
    RecOperand v = rec_operand(r, 'S', r->pc->b);
    if (r->reason != ABORT_NONE) {
        return;
    }
    if (!value_is_object(v.actual) || rt_type_of(v.actual)->iter == NULL) {
        record_abort(r, ABORT_EXCEPTION, NULL);
        return;
    }
    rec_guard_type(r, v.ref, value_object(v.actual)->type_id);
    add_one(r, HELPER_ID_list_extend);
}

static void dict_put(Recorder *r)
{
    RecOperand k = rec_operand(r, 'S', r->pc->b), v = rec_operand(r, 'S', r->pc->b + 1u);
    IrRef key = rec_operand_value(r, &k), item = rec_operand_value(r, &v);
    rec_call(r, HELPER_ID_dict_set_item, rec_reg(r, r->pc->a), key, item);
    rec_drop_range(r, r->pc->b, 2);
}

static void dict_update_value(Recorder *r)
{
    RecOperand v = rec_operand(r, 'S', r->pc->b);
    if (!value_is_dict(v.actual)) {
        record_abort(r, ABORT_OPERAND_TYPE, rt_type_of(v.actual)->name);
        return;
    }
    rec_guard_type(r, v.ref, value_object(v.actual)->type_id);
    add_one(r, HELPER_ID_dict_update);
}

/* f(**v): where a key is there already, tier 1 words the error. */
static void dict_merge_value(Recorder *r)
{
    RecOperand v = rec_operand(r, 'S', r->pc->b);
    if (r->reason != ABORT_NONE) {
        return;
    }
    if (!value_is_dict(v.actual)) {
        record_abort(r, ABORT_OPERAND_TYPE, rt_type_of(v.actual)->name);
        return;
    }
    rec_guard_type(r, v.ref, value_object(v.actual)->type_id);
    IrRef done = rec_call(r, HELPER_ID_dict_merge, rec_reg(r, r->pc->a), v.ref, IR_NONE);
    r->snap = IR_NONE;
    rec_guard(r, IR_guard_true, IR_N, done, IR_NONE, 0);
    rec_consume(r, v.reg);
}

static void replace_temporary(Recorder *r, uint32_t reg, IrRef v, uint32_t type)
{
    rec_set_known(r, v, type);
    rec_drop(r, r->base + (int32_t)reg);
    rec_set(r, r->base + (int32_t)reg, v);
}

static void list_to_tuple_value(Recorder *r)
{
    IrRef v = rec_call(r, HELPER_ID_list_to_tuple, rec_reg(r, r->pc->a), IR_NONE, IR_NONE);
    replace_temporary(r, r->pc->a, v, TYPE_TUPLE);
}

/* ---- strings ------------------------------------------------------------------------------------------------------ */

/* str(), repr() or ascii() of the value, as !s, !r, !a ask for it; the value itself without. */
static IrRef converted(Recorder *r, const RecOperand *o, uint16_t conversion)
{
    HelperId helper = conversion == 'r'   ? HELPER_ID_value_repr
                      : conversion == 'a' ? HELPER_ID_value_ascii
                                          : HELPER_ID_value_str;
    IrRef v = rec_operand_value(r, o);
    return conversion == 0 ? v : rec_call(r, helper, v, IR_NONE, IR_NONE);
}

/* Without a specification: what str() says, for exact ints and floats by their own helpers. */
static IrRef format_plain(Recorder *r, RecOperand *o, bool *same)
{
    *same = value_is_str(o->actual);
    if (*same) {
        rec_guard_type(r, o->ref, TYPE_STR);
        return o->ref;
    }
    if (value_is_small_int(o->actual)) {
        return rec_call(r, HELPER_ID_int_to_str, rec_as_int(r, o), IR_NONE, IR_NONE);
    }
    if (value_is_double(o->actual)) {
        return rec_call(r, HELPER_ID_float_to_str, rec_as_float(r, o), IR_NONE, IR_NONE);
    }
    return rec_call(r, HELPER_ID_value_format, rec_operand_value(r, o), rec_value(r, VALUE_ABSENT),
                    IR_NONE);
}

static void format(Recorder *r)
{
    uint32_t a = r->pc->a;
    RecOperand o = rec_operand(r, 'S', (uint16_t)a);
    bool spec = r->pc->c != 0, same = false;
    if (r->reason != ABORT_NONE) {
        return;
    }
    IrRef v;
    if (!spec) {
        v = r->pc->b != 0 ? converted(r, &o, r->pc->b) : format_plain(r, &o, &same);
    } else {
        IrRef text = rec_reg_value(r, a + 1), first = converted(r, &o, r->pc->b);
        bool made = r->pc->b != 0;
        if (made) {
            rec_hold(r, first);
        }
        v = rec_call(r, HELPER_ID_value_format, first, text, IR_NONE);
        rec_unhold(r);
        if (made && r->reason == ABORT_NONE) {
            r->owned[first]--;
            rec_emit(r, IR_decref, IR_N, first, IR_NONE, IR_NONE, 0);
        }
        rec_drop(r, r->base + (int32_t)(a + 1));
    }
    if (!same) {
        replace_temporary(r, a, v, TYPE_STR);
    }
}

static void concat(Recorder *r)
{
    uint32_t first = r->pc->b, count = r->pc->c;
    IrRef v;
    if (count == 2) {
        v = rec_call(r, HELPER_ID_str_concat, rec_reg_value(r, first), rec_reg_value(r, first + 1),
                     IR_NONE);
    } else {
        IrRef p = rec_lend(r, first, count);
        v = rec_call(r, HELPER_ID_str_join_array, p, rec_int(r, (int64_t)count), IR_NONE);
    }
    rec_set_known(r, v, TYPE_STR);
    rec_drop_range(r, first, count);
    rec_dest(r, r->pc->a, true, v);
}

/* ---- unpacking ------------------------------------------------------------------------------------------------------ */

/* Items of a sequence that the slots a.. now name get references of their own, before the sequence, which
 * was killed, loses what the trace owns of it. */
static void own_unpacked(Recorder *r, uint32_t count, const IrRef *items, IrRef sequence)
{
    for (uint32_t i = 0; i < count; i++) {
        rec_set(r, r->base + r->pc->a + (int32_t)i, items[i]);
    }
    bool owned = r->reason == ABORT_NONE && !ir_is_const(sequence) &&
                 r->owned[sequence] > rec_holders(r, sequence);
    for (uint32_t i = 0; i < count && r->reason == ABORT_NONE; i++) {
        if (ir_type_of(r->ir, items[i]) == IR_V && rec_known(r, items[i]) != KNOWN_NUMBER) {
            rec_incref(r, items[i]);
            rec_own(r, items[i]);
        }
    }
    if (owned && r->reason == ABORT_NONE) {
        r->owned[sequence]--;
        rec_emit(r, IR_decref, IR_N, sequence, IR_NONE, IR_NONE, 0);
    }
}

/* Any iterable: a helper makes a tuple of what the registers are to hold. */
static void unpack_any(Recorder *r, RecOperand *s, HelperId helper, int64_t before, int64_t after)
{
    if (value_is_object(s->actual)) {
        rec_guard_type(r, s->ref, value_object(s->actual)->type_id);
    }
    bool ex = helper == HELPER_ID_value_unpack_ex;
    uint32_t count = (uint32_t)(before + ex + after);
    IrRef t = rec_call(r, helper, rec_operand_value(r, s), rec_int(r, before),
                       ex ? rec_int(r, after) : IR_NONE);
    rec_set_known(r, t, TYPE_TUPLE);
    IrRef items[HELD_MAX];
    for (uint32_t i = 0; i < count; i++) {
        items[i] = rec_emit(r, IR_load_tuple_item, IR_V, t, rec_int(r, (int64_t)i), IR_NONE, 0);
    }
    rec_drop(r, r->base + r->pc->b);
    own_unpacked(r, count, items, t);
}

static void unpack_ex(Recorder *r)
{
    RecOperand s = rec_operand(r, 'S', r->pc->b);
    int64_t before = r->pc->c & 0xFF, after = r->pc->c >> 8;
    if (before + after >= HELD_MAX) {
        record_abort(r, ABORT_BYTECODE, "UNPACK_EX of that size");
        return;
    }
    unpack_any(r, &s, HELPER_ID_value_unpack_ex, before, after);
}

static void unpack(Recorder *r)
{
    RecOperand s = rec_operand(r, 'S', r->pc->b);
    uint32_t count = r->pc->c;
    bool tuple = value_is_tuple(s.actual), list = value_is_list(s.actual);
    if (list) {
        rec_guard_type(r, s.ref, TYPE_LIST);
        list = rec_is_plain(r, s.ref, s.actual); /* else the helper takes all items at once */
    }
    if (count > HELD_MAX) {
        record_abort(r, ABORT_BYTECODE, "UNPACK of that size");
        return;
    }
    if (!tuple && !list) {
        unpack_any(r, &s, HELPER_ID_value_unpack, count, 0);
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
    IrRef items[HELD_MAX];
    for (uint32_t i = 0; i < count; i++) {
        IrRef x = rec_int(r, (int64_t)i);
        Value actual = tuple ? value_tuple(s.actual)->items[i]
                             : atomic_load(&value_list(s.actual)->table)->slots[i];
        IrRef v = tuple ? rec_emit(r, IR_load_tuple_item, IR_V, s.ref, x, IR_NONE, 0)
                        : rec_emit(r, IR_load_list_item, IR_V, table, x, IR_NONE, 0);
        items[i] = value_is_object(actual) ? v : rec_specialise(r, v, actual);
    }
    rec_kill(r, r->base + r->pc->b);
    own_unpacked(r, count, items, s.ref);
}

static void build_slice(Recorder *r)
{
    uint32_t a = r->pc->a;
    IrRef parts[3];
    for (uint32_t i = 0; i < 3; i++) {
        parts[i] = rec_reg_value(r, a + i);
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
    case BC_BUILD_SET: build_table(r, HELPER_ID_set_new_array, r->pc->c, TYPE_SET); return true;
    case BC_BUILD_DICT:
        build_table(r, HELPER_ID_dict_new_array, 2u * r->pc->c, TYPE_DICT);
        return true;
    case BC_LIST_APPEND: add_one(r, HELPER_ID_list_append); return true;
    case BC_LIST_EXTEND: list_extend_value(r); return true;
    case BC_LIST_TO_TUPLE: list_to_tuple_value(r); return true;
    case BC_SET_ADD: add_one(r, HELPER_ID_set_add); return true;
    case BC_SET_UPDATE: add_one(r, HELPER_ID_set_update); return true;
    case BC_DICT_PUT: dict_put(r); return true;
    case BC_DICT_UPDATE: dict_update_value(r); return true;
    case BC_DICT_MERGE: dict_merge_value(r); return true;
    case BC_FORMAT: format(r); return true;
    case BC_CONCAT: concat(r); return true;
    case BC_UNPACK: unpack(r); return true;
    case BC_UNPACK_EX: unpack_ex(r); return true;
    case BC_BUILD_SLICE: build_slice(r); return true;
    default: return false;
    }
}
