/*
 * Recorder, iteration: GET_ITER and FOR.
 *
 * A range in a FOR is two ints in slots, so nothing is allocated: `range(...)` called right before
 * GET_ITER stays virtual (r->range).  A list or tuple is the object and an index.  Anything else is an
 * iterator that a helper asks.  Whether it has a next item is known only when tier 1 has run the FOR,
 * so the guard follows at the next step (r->next).  The iterator must not be asked twice: the exit of
 * "there is no item" resumes at the FOR with the mark that says so (FOR_AT_END), the exit of "there is
 * one after all" in the loop's body with the item in its register.
 *
 * Threads: the thread that records.
 */
#include "interp/jit/recorder.h"
#include "runtime/abstract.h"
#include "runtime/containers.h"
#include "runtime/int.h"

static void iter_virtual_range(Recorder *r, int32_t state)
{
    rec_kill(r, r->range.slot);
    rec_set(r, state, r->range.start);
    rec_set(r, state + 1, r->range.stop);
    rec_kill(r, state + 2);
    r->range.slot = -1;
}

/* The object itself and an index. */
static void iter_object(Recorder *r, RecOperand *o, int32_t state)
{
    if (rec_is_temp(r, o->reg)) {
        rec_kill(r, r->base + (int32_t)o->reg);
    }
    rec_set(r, state, o->ref);
    rec_set(r, state + 1, rec_int(r, 0));
    rec_kill(r, state + 2);
}

/* A range object with step 1 and small ints: its numbers go into the state. */
static void iter_range_object(Recorder *r, RecOperand *o, int32_t state)
{
    const Range *range = (const Range *)value_object(o->actual);
    rec_guard_type(r, o->ref, TYPE_RANGE);
    if (range->step != value_from_small_int(1) || !value_is_small_int(range->start) ||
        !value_is_small_int(range->stop)) {
        iter_object(r, o, state);
        return;
    }
    IrRef step = rec_emit(r, IR_load_const_value, IR_V, o->ref, IR_NONE, IR_NONE,
                          (int32_t)offsetof(Range, step));
    rec_guard_const(r, step, range->step);
    IrRef start = rec_emit(r, IR_load_const_value, IR_V, o->ref, IR_NONE, IR_NONE,
                           (int32_t)offsetof(Range, start));
    IrRef stop = rec_emit(r, IR_load_const_value, IR_V, o->ref, IR_NONE, IR_NONE,
                          (int32_t)offsetof(Range, stop));
    start = rec_guard(r, IR_unbox_int, IR_I, start, IR_NONE, 0);
    stop = rec_guard(r, IR_unbox_int, IR_I, stop, IR_NONE, 0);
    rec_consume(r, o->reg);
    rec_set(r, state, start);
    rec_set(r, state + 1, stop);
    rec_kill(r, state + 2);
}

static void iter_any(Recorder *r, RecOperand *o, int32_t state)
{
    /* of this type: ranges, lists and tuples have other states */
    IrRef source = rec_operand_value(r, o);
    if (value_is_object(o->actual)) {
        rec_guard_type(r, source, value_object(o->actual)->type_id);
    }
    IrRef iterator = rec_call(r, HELPER_ID_value_iter, source, IR_NONE, IR_NONE);
    rec_consume(r, o->reg);
    rec_set(r, state, iterator);
    rec_set(r, state + 1, rec_value(r, VALUE_NONE));
    rec_kill(r, state + 2);
}

static void get_iter(Recorder *r)
{
    int32_t state = r->base + r->pc->a, source = r->base + r->pc->b;
    if (r->range.slot == source) {
        iter_virtual_range(r, state);
        return;
    }
    RecOperand o = rec_operand(r, 'R', r->pc->b);
    if (r->reason != ABORT_NONE) {
        return;
    }
    if (value_has_type(o.actual, TYPE_RANGE)) {
        iter_range_object(r, &o, state);
        return;
    }
    if (!value_is_list(o.actual) && !value_is_tuple(o.actual)) {
        iter_any(r, &o, state);
        return;
    }
    rec_guard_type(r, o.ref, value_object(o.actual)->type_id);
    iter_object(r, &o, state);
}

static void end_of_iteration(Recorder *r, int32_t state)
{
    rec_drop(r, state);
    rec_kill(r, state + 1);
    rec_kill(r, state + 2);
}

static void for_range(Recorder *r, int32_t state, bool temp)
{
    Value next_actual = rec_actual(r, r->pc->a), stop_actual = rec_actual(r, r->pc->a + 1u);
    IrRef next = rec_specialise(r, rec_slot(r, state), next_actual);
    IrRef stop = rec_specialise(r, rec_slot(r, state + 1), stop_actual);
    if (value_int(next_actual) >= value_int(stop_actual)) {
        rec_guard(r, IR_guard_ge_int, IR_N, next, stop, 0);
        end_of_iteration(r, state);
        return;
    }
    rec_guard(r, IR_guard_lt_int, IR_N, next, stop, 0);
    /* next < stop, so the sum cannot overflow */
    rec_set(r, state, rec_emit(r, IR_add_int, IR_I, next, rec_int(r, 1), IR_NONE, 0));
    rec_dest(r, r->pc->b, temp, next);
}

static void for_sequence(Recorder *r, int32_t state, bool temp)
{
    Value object = rec_actual(r, r->pc->a);
    bool list = value_is_list(object);
    int64_t index_actual = value_int(rec_actual(r, r->pc->a + 1u));
    Value actual = list ? list_item_lent(object, index_actual) : VALUE_ABSENT;
    bool ends = list ? actual == VALUE_ABSENT : index_actual >= value_tuple(object)->size;
    IrRef o = rec_slot(r, state);
    rec_guard_type(r, o, list ? TYPE_LIST : TYPE_TUPLE);
    IrRef index = rec_specialise(r, rec_slot(r, state + 1), rec_actual(r, r->pc->a + 1u));
    IrRef size = list ? rec_list_size(r, o, object)
                      : rec_emit(r, IR_load_tuple_size, IR_I, o, IR_NONE, IR_NONE, 0);
    rec_expect(r, ends ? r->pc + 1 : r->pc + (int16_t)r->pc->c);
    if (ends) {
        rec_guard(r, IR_guard_ge_int, IR_N, index, size, 0);
        end_of_iteration(r, state);
        return;
    }
    rec_guard(r, IR_guard_ult_int, IR_N, index, size, 0);
    IrRef v;
    if (list) {
        v = rec_list_item(r, o, object, index);
    } else {
        actual = value_tuple(object)->items[index_actual];
        v = rec_emit(r, IR_load_tuple_item, IR_V, o, index, IR_NONE, 0);
    }
    IrRef typed = rec_loaded(r, v, actual);
    rec_set(r, state + 1, rec_emit(r, IR_add_int, IR_I, index, rec_int(r, 1), IR_NONE, 0));
    rec_dest(r, r->pc->b, temp, typed);
}

static IrRef range_field(Recorder *r, IrRef o, size_t offset)
{
    IrRef v = rec_emit(r, IR_load_const_value, IR_V, o, IR_NONE, IR_NONE, (int32_t)offset);
    return rec_guard(r, IR_unbox_int, IR_I, v, IR_NONE, 0);
}

/* A range with a step: start + index * step, all within the small range, so nothing overflows. */
static void for_range_object(Recorder *r, int32_t state, bool temp)
{
    const Range *range = (const Range *)value_object(rec_actual(r, r->pc->a));
    Value index_actual = rec_actual(r, r->pc->a + 1u);
    if (!value_is_small_int(range->start) || !value_is_small_int(range->step) ||
        !value_is_small_int(range->stop) || !value_is_small_int(range->length)) {
        record_abort(r, ABORT_ITERATOR, "a range of big ints");
        return;
    }
    IrRef o = rec_slot(r, state);
    rec_guard_type(r, o, TYPE_RANGE);
    IrRef index = rec_specialise(r, rec_slot(r, state + 1), index_actual);
    IrRef length = range_field(r, o, offsetof(Range, length));
    if (value_int(index_actual) >= value_int(range->length)) {
        rec_guard(r, IR_guard_ge_int, IR_N, index, length, 0);
        end_of_iteration(r, state);
        return;
    }
    rec_guard(r, IR_guard_lt_int, IR_N, index, length, 0);
    IrRef start = range_field(r, o, offsetof(Range, start));
    IrRef step = range_field(r, o, offsetof(Range, step));
    IrRef offset = rec_emit(r, IR_mul_int, IR_I, index, step, IR_NONE, 0);
    IrRef v = rec_emit(r, IR_add_int, IR_I, start, offset, IR_NONE, 0);
    rec_set(r, state + 1, rec_emit(r, IR_add_int, IR_I, index, rec_int(r, 1), IR_NONE, 0));
    rec_dest(r, r->pc->b, temp, v);
}

/* ---- any iterator ------------------------------------------------------------------------------------ */

static void for_iterator(Recorder *r, int32_t state)
{
    rec_guard_const(r, rec_slot(r, state + 1), VALUE_NONE);
    r->next.ref = rec_call(r, HELPER_ID_iter_next, rec_slot(r, state), IR_NONE, IR_NONE);
    r->next.pc = r->pc;
    r->next.op = r->op;
}

/* There is an item: without one the trace leaves for the FOR, which will find the mark. */
static void finish_item(Recorder *r, const Insn *pc, int32_t state)
{
    RecSlot mark = r->slots[state + 1 + SLOT_HEADER];
    rec_set(r, state + 1, rec_value(r, FOR_AT_END));
    r->snap = rec_snapshot_at(r, pc);
    rec_guard(r, IR_guard_item, IR_N, r->next.ref, IR_NONE, 0);
    r->slots[state + 1 + SLOT_HEADER] = mark;
    rec_dest(r, pc->b, rec_is_temp(r, pc->b), r->next.ref);
}

/* There is none: with one the trace leaves for the body, the item in its place. */
static void finish_end(Recorder *r, const Insn *pc, int32_t state)
{
    int32_t to = r->base + pc->b;
    bool temp = rec_is_temp(r, pc->b);
    IrRef old = temp ? IR_NONE : rec_slot(r, to);
    RecSlot *slot = &r->slots[to + SLOT_HEADER], saved = *slot;
    rec_set(r, to, r->next.ref);
    if (!temp && r->reason == ABORT_NONE && !ir_is_const(old) && ir_type_of(r->ir, old) == IR_V &&
        r->owned[old] > rec_holders(r, old)) {
        rec_hold(r, old);
    }
    r->snap = rec_snapshot_at(r, pc + (int16_t)pc->c);
    rec_guard(r, IR_guard_end, IR_N, r->next.ref, IR_NONE, 0);
    rec_unhold(r);
    *slot = saved;
    end_of_iteration(r, state);
}

void record_loops_finish(Recorder *r)
{
    const Insn *pc = r->next.pc;
    if (r->reason != ABORT_NONE) {
        return;
    }
    if (r->pc == pc + (int16_t)pc->c) {
        finish_item(r, pc, r->base + pc->a);
    } else {
        finish_end(r, pc, r->base + pc->a);
    }
}

static void record_for(Recorder *r)
{
    int32_t state = r->base + r->pc->a;
    bool temp = r->op == BC_FOR_T;
    Value first = rec_actual(r, r->pc->a), second = rec_actual(r, r->pc->a + 1u);
    if (value_is_small_int(first)) {
        for_range(r, state, temp);
    } else if (value_is_small_int(second) && (value_is_list(first) || value_is_tuple(first))) {
        for_sequence(r, state, temp);
    } else if (value_is_small_int(second) && value_has_type(first, TYPE_RANGE)) {
        for_range_object(r, state, temp);
    } else if (second == VALUE_NONE) {
        for_iterator(r, state);
    } else if (second == FOR_AT_END) {
        rec_guard_const(r, rec_slot(r, state + 1), FOR_AT_END);
        end_of_iteration(r, state);
    } else {
        record_abort(r, ABORT_ITERATOR, rt_type_of(first)->name);
    }
}

static void drop_iter(Recorder *r) { end_of_iteration(r, r->base + r->pc->a); }

bool record_loops(Recorder *r)
{
    switch (r->op) {
    case BC_GET_ITER: get_iter(r); return true;
    case BC_FOR:
    case BC_FOR_T: record_for(r); return true;
    case BC_DROP_ITER: drop_iter(r); return true;
    default: return false;
    }
}
