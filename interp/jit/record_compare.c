/*
 * Recorder, comparison and truth: a comparison that decides a jump becomes a guard in the direction that
 * tier 1 is about to take; one that makes a value becomes a 0/1 int in a box.
 *
 * Floats need the negated guards: not (a < b) is not a >= b for NaN.
 *
 * What only a helper can answer (it may run Python) must not be asked twice: the guard comes when tier 1
 * has gone one way (r->next), and its exit goes the other way.
 *
 * Threads: the thread that records.
 */
#include "interp/jit/recorder.h"
#include "runtime/abstract.h"
#include "runtime/containers.h"
#include "runtime/int.h"
#include "runtime/str.h"

static const CompareOp inverted[] = {[CMP_LT] = CMP_GE, [CMP_LE] = CMP_GT, [CMP_EQ] = CMP_NE,
                                     [CMP_NE] = CMP_EQ, [CMP_GT] = CMP_LE, [CMP_GE] = CMP_LT};
static const IrOp guard_int[] = {
    [CMP_LT] = IR_guard_lt_int, [CMP_LE] = IR_guard_le_int, [CMP_EQ] = IR_guard_eq_int,
    [CMP_NE] = IR_guard_ne_int, [CMP_GT] = IR_guard_gt_int, [CMP_GE] = IR_guard_ge_int};
static const IrOp guard_float[] = {
    [CMP_LT] = IR_guard_lt_float, [CMP_LE] = IR_guard_le_float, [CMP_EQ] = IR_guard_eq_float,
    [CMP_NE] = IR_guard_ne_float, [CMP_GT] = IR_guard_gt_float, [CMP_GE] = IR_guard_ge_float};
static const IrOp guard_not_float[] = {
    [CMP_LT] = IR_guard_not_lt_float, [CMP_LE] = IR_guard_not_le_float,
    [CMP_EQ] = IR_guard_ne_float,     [CMP_NE] = IR_guard_eq_float,
    [CMP_GT] = IR_guard_not_gt_float, [CMP_GE] = IR_guard_not_ge_float};
static const IrOp value_int_op[] = {
    [CMP_LT] = IR_lt_int, [CMP_LE] = IR_le_int, [CMP_EQ] = IR_eq_int,
    [CMP_NE] = IR_ne_int, [CMP_GT] = IR_gt_int, [CMP_GE] = IR_ge_int};
static const IrOp value_float_op[] = {
    [CMP_LT] = IR_lt_float, [CMP_LE] = IR_le_float, [CMP_EQ] = IR_eq_float,
    [CMP_NE] = IR_ne_float, [CMP_GT] = IR_gt_float, [CMP_GE] = IR_ge_float};

/* An int that no double equals exactly is compared exactly by Python: such mixes are left to tier 1. */
static bool exact_mix(const RecOperand *a, const RecOperand *b)
{
    int64_t i = 0;
    if (rec_kind(a->actual, true) == REC_INT) {
        int_to_i64(a->actual, &i);
    } else if (rec_kind(b->actual, true) == REC_INT) {
        int_to_i64(b->actual, &i);
    }
    return i >= -(INT64_C(1) << 53) && i <= INT64_C(1) << 53;
}

static IrRef exact_float(Recorder *r, RecOperand *o)
{
    if (rec_kind(o->actual, true) == REC_INT) {
        IrRef i = rec_as_int(r, o);
        rec_guard(r, IR_guard_exact_float, IR_N, i, IR_NONE, 0);
        return rec_emit(r, IR_int_to_float, IR_F, i, IR_NONE, IR_NONE, 0);
    }
    return rec_as_float(r, o);
}

static bool both_str(const RecOperand *a, const RecOperand *b)
{
    return value_is_str(a->actual) && value_is_str(b->actual);
}

/* The comparison as an int to test against: str only. */
static IrRef str_compare_int(Recorder *r, CompareOp op, RecOperand *a, RecOperand *b)
{
    rec_guard_type(r, a->ref, TYPE_STR);
    rec_guard_type(r, b->ref, TYPE_STR);
    if (op == CMP_EQ || op == CMP_NE) {
        IrRef eq = rec_call(r, HELPER_ID_str_eq, a->ref, b->ref, IR_NONE);
        return op == CMP_EQ ? eq : rec_emit(r, IR_eq_int, IR_I, eq, rec_int(r, 0), IR_NONE, 0);
    }
    IrRef c = rec_call(r, HELPER_ID_str_compare, a->ref, b->ref, IR_NONE);
    return rec_emit(r, value_int_op[op], IR_I, c, rec_int(r, 0), IR_NONE, 0);
}

/* Emits the guard that a op b is `holds`. false: these types are not recorded. */
static bool guard_compare(Recorder *r, CompareOp op, RecOperand *a, RecOperand *b, bool holds)
{
    RecKind ka = rec_kind(a->actual, true), kb = rec_kind(b->actual, true);
    if (ka == REC_INT && kb == REC_INT) {
        IrRef x = rec_as_int(r, a), y = rec_as_int(r, b);
        rec_guard(r, guard_int[holds ? op : inverted[op]], IR_N, x, y, 0);
        return true;
    }
    if (ka != REC_OTHER && kb != REC_OTHER && exact_mix(a, b)) {
        IrRef x = exact_float(r, a), y = exact_float(r, b);
        rec_guard(r, holds ? guard_float[op] : guard_not_float[op], IR_N, x, y, 0);
        return true;
    }
    if (both_str(a, b)) {
        IrRef i = str_compare_int(r, op, a, b);
        rec_guard(r, holds ? IR_guard_ne_int : IR_guard_eq_int, IR_N, i, rec_int(r, 0), 0);
        return true;
    }
    return false;
}

static const HelperId test_helper[] = {
    [CMP_LT] = HELPER_ID_value_test_lt, [CMP_LE] = HELPER_ID_value_test_le,
    [CMP_EQ] = HELPER_ID_value_test_eq, [CMP_NE] = HELPER_ID_value_test_ne,
    [CMP_GT] = HELPER_ID_value_test_gt, [CMP_GE] = HELPER_ID_value_test_ge};

static void jump_later(Recorder *r, IrRef truth)
{
    r->next.pc = r->pc;
    r->next.op = r->op;
    r->next.ref = truth;
}

/* What tier 1 will find; only for types whose comparison runs no Python. */
static bool actual_compare(Recorder *r, CompareOp op, const RecOperand *a, const RecOperand *b,
                           bool *out)
{
    if ((rec_kind(a->actual, true) == REC_OTHER || rec_kind(b->actual, true) == REC_OTHER) &&
        !both_str(a, b)) {
        return false;
    }
    int truth = rt_compare_bool(r->th, a->actual, b->actual, op);
    *out = truth == 1;
    return truth >= 0;
}

static void consume_pair(Recorder *r, const RecOperand *a, const RecOperand *b)
{
    if (!a->is_const) {
        rec_consume(r, a->reg);
    }
    if (!b->is_const && (a->is_const || a->reg != b->reg)) {
        rec_consume(r, b->reg);
    }
}

static void jump_compare(Recorder *r, CompareOp op)
{
    const BytecodeInfo *info = &bytecode_info[r->op];
    RecOperand a = rec_operand(r, info->a, r->pc->a);
    RecOperand b = rec_operand(r, info->b, r->pc->b);
    bool holds;
    if (r->reason != ABORT_NONE) {
        return;
    }
    if (!actual_compare(r, op, &a, &b, &holds) || !guard_compare(r, op, &a, &b, holds)) {
        IrRef x = rec_operand_value(r, &a), y = rec_operand_value(r, &b);
        jump_later(r, rec_call(r, test_helper[op], x, y, IR_NONE));
    }
    consume_pair(r, &a, &b);
}

/* ---- as values ------------------------------------------------------------------------------------------ */

static const HelperId generic_helper[] = {
    [CMP_LT] = HELPER_ID_value_compare_lt, [CMP_LE] = HELPER_ID_value_compare_le,
    [CMP_EQ] = HELPER_ID_value_compare_eq, [CMP_NE] = HELPER_ID_value_compare_ne,
    [CMP_GT] = HELPER_ID_value_compare_gt, [CMP_GE] = HELPER_ID_value_compare_ge};

static IrRef compare_value(Recorder *r, CompareOp op, RecOperand *a, RecOperand *b)
{
    RecKind ka = rec_kind(a->actual, true), kb = rec_kind(b->actual, true);
    IrRef i;
    if (ka == REC_INT && kb == REC_INT) {
        IrRef x = rec_as_int(r, a), y = rec_as_int(r, b);
        i = rec_emit(r, value_int_op[op], IR_I, x, y, IR_NONE, 0);
    } else if (ka != REC_OTHER && kb != REC_OTHER && exact_mix(a, b)) {
        IrRef x = exact_float(r, a), y = exact_float(r, b);
        i = rec_emit(r, value_float_op[op], IR_I, x, y, IR_NONE, 0);
    } else if (both_str(a, b)) {
        i = str_compare_int(r, op, a, b);
    } else {
        IrRef x = rec_operand_value(r, a), y = rec_operand_value(r, b);
        return rec_call(r, generic_helper[op], x, y, IR_NONE);
    }
    return rec_from_bool(r, i);
}

static void value_compare(Recorder *r, CompareOp op, bool temp)
{
    RecOperand a = rec_operand(r, 'R', r->pc->b), b = rec_operand(r, 'R', r->pc->c);
    if (r->reason != ABORT_NONE) {
        return;
    }
    IrRef v = compare_value(r, op, &a, &b);
    consume_pair(r, &a, &b);
    rec_dest(r, r->pc->a, temp, v);
}

/* Is it certain that the value is no heap int, now and later? */
static bool never_heap_int(const Recorder *r, const RecOperand *o)
{
    uint32_t known = rec_known(r, o->ref);
    if (ir_type_of(r->ir, o->ref) != IR_V) {
        return true; /* boxed, an int is a small one */
    }
    return known != KNOWN_NOTHING && known != TYPE_INT;
}

/* `is`: equal words, but for heap ints, which compare by value. */
static void value_identity(Recorder *r, bool negate, bool temp)
{
    RecOperand a = rec_operand(r, 'R', r->pc->b), b = rec_operand(r, 'R', r->pc->c);
    if (r->reason != ABORT_NONE) {
        return;
    }
    bool words = never_heap_int(r, &a) || never_heap_int(r, &b);
    IrRef x = rec_operand_value(r, &a), y = rec_operand_value(r, &b);
    IrRef same = words ? rec_emit(r, IR_same_value, IR_I, x, y, IR_NONE, 0)
                       : rec_call(r, HELPER_ID_value_is, x, y, IR_NONE);
    if (negate) {
        same = rec_emit(r, IR_eq_int, IR_I, same, rec_int(r, 0), IR_NONE, 0);
    }
    IrRef v = rec_from_bool(r, same);
    consume_pair(r, &a, &b);
    rec_dest(r, r->pc->a, temp, v);
}

static void value_contains(Recorder *r, bool negate, bool temp)
{
    RecOperand a = rec_operand(r, 'R', r->pc->b), b = rec_operand(r, 'R', r->pc->c);
    Value found;
    if (r->reason != ABORT_NONE) {
        return;
    }
    IrRef i, v = rec_dict_lent(r, &b, &a, &found);
    if (v != IR_NONE) { /* unbound: it would have to ask Python */
        rec_guard(r, IR_guard_not_same, IR_N, v, rec_value(r, VALUE_UNBOUND), 0);
        i = rec_emit(r, IR_same_value, IR_I, v, rec_value(r, VALUE_ABSENT), IR_NONE, 0);
        negate = !negate;
    } else {
        IrRef x = rec_operand_value(r, &a), y = rec_operand_value(r, &b);
        i = rec_call(r, HELPER_ID_value_contains, y, x, IR_NONE);
    }
    if (negate) {
        i = rec_emit(r, IR_eq_int, IR_I, i, rec_int(r, 0), IR_NONE, 0);
    }
    v = rec_from_bool(r, i);
    consume_pair(r, &a, &b);
    rec_dest(r, r->pc->a, temp, v);
}

/* ---- truth -------------------------------------------------------------------------------------------------- */

/* The int that is zero when the value is false. IR_NONE: decided by a guard on the value itself (known),
 * or not known without asking a helper. */
static IrRef truth_int(Recorder *r, RecOperand *o, bool *known, bool *truth)
{
    *known = false;
    if (value_is_bool(o->actual)) {
        return rec_as_int(r, o);
    }
    if (rec_kind(o->actual, false) == REC_INT) {
        return rec_as_int(r, o);
    }
    if (o->actual == VALUE_NONE) {
        rec_guard_const(r, o->ref, VALUE_NONE);
        *known = true;
        *truth = false;
        return IR_NONE;
    }
    if (value_is_list(o->actual)) {
        rec_guard_type(r, o->ref, TYPE_LIST);
        return rec_list_size(r, o->ref, o->actual);
    }
    if (value_is_tuple(o->actual)) {
        rec_guard_type(r, o->ref, TYPE_TUPLE);
        return rec_emit(r, IR_load_tuple_size, IR_I, o->ref, IR_NONE, IR_NONE, 0);
    }
    if (value_is_str(o->actual)) {
        rec_guard_type(r, o->ref, TYPE_STR);
        return rec_emit(r, IR_load_str_length, IR_I, o->ref, IR_NONE, IR_NONE, 0);
    }
    return IR_NONE;
}

static IrRef ask_truth(Recorder *r, const RecOperand *o)
{
    return rec_call(r, HELPER_ID_value_truth, rec_operand_value(r, o), IR_NONE, IR_NONE);
}

static bool jumps_if_true(uint16_t op);

/* Emits the guard for the actual truth. false: not known before tier 1 has asked. */
static bool guard_truth(Recorder *r, RecOperand *o, bool *truth)
{
    if (value_is_double(o->actual)) {
        IrRef f = rec_as_float(r, o);
        *truth = value_double(o->actual) != 0.0;
        rec_guard(r, *truth ? IR_guard_ne_float : IR_guard_eq_float, IR_N, f,
                  ir_const_float(r->ir, 0.0), 0);
        return true;
    }
    bool known;
    IrRef i = truth_int(r, o, &known, truth);
    if (r->reason != ABORT_NONE || known || i == IR_NONE) {
        return known;
    }
    *truth = rt_truth(r->th, o->actual) == 1;
    rec_expect(r, *truth == jumps_if_true(r->op) ? r->pc + (int16_t)r->pc->c : r->pc + 1);
    rec_guard(r, *truth ? IR_guard_ne_int : IR_guard_eq_int, IR_N, i, rec_int(r, 0), 0);
    return true;
}

static void value_not(Recorder *r, bool temp)
{
    RecOperand o = rec_operand(r, 'R', r->pc->b);
    IrRef v;
    if (value_is_double(o.actual)) {
        IrRef i = rec_emit(r, IR_eq_float, IR_I, rec_as_float(r, &o), ir_const_float(r->ir, 0.0),
                           IR_NONE, 0);
        v = rec_from_bool(r, i);
    } else {
        bool known, truth = false;
        IrRef i = truth_int(r, &o, &known, &truth);
        i = i == IR_NONE && !known ? ask_truth(r, &o) : i;
        if (r->reason != ABORT_NONE) {
            return;
        }
        v = known ? rec_value(r, value_from_bool(!truth))
                  : rec_from_bool(r, rec_emit(r, IR_eq_int, IR_I, i, rec_int(r, 0), IR_NONE, 0));
    }
    rec_consume(r, o.reg);
    rec_dest(r, r->pc->a, temp, v);
}

static void jump_truth(Recorder *r)
{
    RecOperand o = rec_operand(r, 'R', r->pc->a);
    bool truth, keeps = r->op == BC_JT_KEEP || r->op == BC_JF_KEEP;
    if (r->reason != ABORT_NONE) {
        return;
    }
    if (!guard_truth(r, &o, &truth)) {
        jump_later(r, ask_truth(r, &o));
        if (!keeps) {
            rec_consume(r, o.reg);
        }
        return;
    }
    if (!keeps || truth != (r->op == BC_JT_KEEP)) {
        rec_consume(r, o.reg);
    }
}

static bool jumps_if_true(uint16_t op)
{
    switch (op) {
    case BC_JF:
    case BC_JFB:
    case BC_JF_KEEP: return false;
#define NEGATED(NAME)      \
    case BC_JN##NAME##_RR: \
    case BC_JN##NAME##_RI: \
    case BC_JN##NAME##_RK: return false;
        BC_COMPARE_LIST(NEGATED)
#undef NEGATED
    default: return true;
    }
}

void record_jump_finish(Recorder *r)
{
    if (r->reason != ABORT_NONE) {
        return;
    }
    const Insn *pc = r->next.pc, *target = pc + (int16_t)pc->c;
    bool jumped = r->pc == target, keeps = r->next.op == BC_JT_KEEP || r->next.op == BC_JF_KEEP;
    int32_t slot = r->base + pc->a;
    RecSlot kept = r->slots[slot + SLOT_HEADER];
    if (keeps && jumped) { /* the other way drops it */
        rec_kill(r, slot);
        if (ir_type_of(r->ir, kept.ref) == IR_V && !ir_is_const(kept.ref) &&
            rec_holders(r, kept.ref) < r->owned[kept.ref]) {
            rec_hold(r, kept.ref);
        }
    }
    r->snap = rec_snapshot_at(r, jumped ? pc + 1 : target);
    bool truth = jumped == jumps_if_true(r->next.op);
    rec_guard(r, truth ? IR_guard_true : IR_guard_false, IR_N, r->next.ref, IR_NONE, 0);
    if (keeps && jumped) {
        rec_unhold(r);
        r->slots[slot + SLOT_HEADER] = kept;
    } else if (keeps) {
        rec_drop(r, slot);
    }
}

static void jump_none(Recorder *r)
{
    RecOperand o = rec_operand(r, 'R', r->pc->a);
    if (ir_type_of(r->ir, o.ref) == IR_V && !ir_is_const(o.ref)) {
        if (o.actual == VALUE_NONE) {
            rec_guard_const(r, o.ref, VALUE_NONE);
        } else if (rec_known(r, o.ref) == KNOWN_NOTHING || rec_known(r, o.ref) == KNOWN_NUMBER) {
            rec_guard(r, IR_guard_not_same, IR_N, o.ref, rec_value(r, VALUE_NONE), 0);
        }
    }
    rec_consume(r, o.reg);
}

/* ---- dispatch ---------------------------------------------------------------------------------------------------- */

bool record_compare(Recorder *r)
{
    switch (r->op) {
#define VALUES(NAME) \
    case BC_##NAME:  \
    case BC_##NAME##_T: value_compare(r, CMP_##NAME, r->op == BC_##NAME##_T); return true;
#define JUMPS(NAME)        \
    case BC_J##NAME##_RR:  \
    case BC_J##NAME##_RI:  \
    case BC_J##NAME##_RK:  \
    case BC_JN##NAME##_RR: \
    case BC_JN##NAME##_RI: \
    case BC_JN##NAME##_RK: \
    case BC_JB##NAME##_RR: \
    case BC_JB##NAME##_RI: \
    case BC_JB##NAME##_RK: jump_compare(r, CMP_##NAME); return true;
        BC_COMPARE_LIST(VALUES)
        BC_COMPARE_LIST(JUMPS)
#undef VALUES
#undef JUMPS
    case BC_IS:
    case BC_IS_T:
    case BC_IS_NOT:
    case BC_IS_NOT_T:
        value_identity(r, r->op >= BC_IS_NOT, r->op == BC_IS_T || r->op == BC_IS_NOT_T);
        return true;
    case BC_IN:
    case BC_IN_T:
    case BC_NOT_IN:
    case BC_NOT_IN_T:
        value_contains(r, r->op >= BC_NOT_IN, r->op == BC_IN_T || r->op == BC_NOT_IN_T);
        return true;
    case BC_NOT:
    case BC_NOT_T: value_not(r, r->op == BC_NOT_T); return true;
    case BC_JT:
    case BC_JF:
    case BC_JTB:
    case BC_JFB:
    case BC_JT_KEEP:
    case BC_JF_KEEP: jump_truth(r); return true;
    case BC_JNONE:
    case BC_JNOTNONE: jump_none(r); return true;
    default: return false;
    }
}
