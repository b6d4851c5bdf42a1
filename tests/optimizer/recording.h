/*
 * Random recordings for tests: made as the recorder makes them, uop by uop on concrete values, so that
 * each guard passes in the first iteration; every guard has a snapshot of its own, whose pc is the
 * number of its uop + 1.
 */
#ifndef ADDER_TESTS_OPTIMIZER_RECORDING_H
#define ADDER_TESTS_OPTIMIZER_RECORDING_H

#include "tests/ir/support.h"

#include "optimizer/optimizer.h"
#include "runtime/containers.h"
#include "runtime/helpers.h"
#include "runtime/int.h"

enum {
    INTS = 4,      /* slots 0..3 */
    FLOATS = 3,    /* slots 4..6 */
    LIST_INTS = 7, /* a list of ints */
    LIST_FLOATS,   /* a list of floats */
    LIST_LISTS,    /* a list of lists of one int */
    OBJECT,        /* a variable that holds one of those lists */
    CELL,
    TUPLE, /* a variable that holds a tuple of two */
    SLOTS,
    ITEMS = 8,
    VALUES_MAX = 600,
};

typedef struct Frame {
    Value fp[SLOTS];
} Frame;

typedef struct Maker {
    uint64_t seed;
    IrTrace *t;
    Frame scratch;             /* the concrete frame: what the recording has seen */
    IrWord actual[VALUES_MAX]; /* by uop */
    IrRef slots[SLOTS];        /* the mirror: IR_NONE not loaded */
    bool written[SLOTS];
    IrRef ints[64], floats[64];
    uint32_t int_count, float_count;
    uint32_t limit;
} Maker;

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}
static uint32_t pick(Maker *m, uint32_t n) { return (uint32_t)(next_random(&m->seed) >> 20) % n; }

static Value list_of_one(int64_t x)
{
    Value item = small(x);
    return list_new(thread, &item, 1);
}

static void frame_fill(Frame *f, uint64_t seed)
{
    Value items[ITEMS];
    next_random(&seed);
    for (int i = 0; i < INTS; i++) {
        int64_t x = (int64_t)next_random(&seed);
        f->fp[i] = small(i == 3 ? x >> 20 : x >> 58);
    }
    for (int i = 0; i < FLOATS; i++) {
        f->fp[INTS + i] = value_from_double((double)((int64_t)next_random(&seed) >> 50) / 8);
    }
    for (int i = 0; i < ITEMS; i++) {
        items[i] = small((int64_t)next_random(&seed) >> 59);
    }
    f->fp[LIST_INTS] = list_new(thread, items, ITEMS);
    for (int i = 0; i < ITEMS; i++) {
        items[i] = value_from_double((double)((int64_t)next_random(&seed) >> 55));
    }
    f->fp[LIST_FLOATS] = list_new(thread, items, ITEMS);
    for (int i = 0; i < ITEMS; i++) {
        items[i] = list_of_one((int64_t)next_random(&seed) >> 60);
    }
    f->fp[LIST_LISTS] = list_new_steal(thread, items, ITEMS);
    f->fp[OBJECT] = list_of_one(5);
    f->fp[CELL] = cell_new(thread, small(3));
    Value two[2] = {small(1), small(2)};
    f->fp[TUPLE] = tuple_new(thread, two, 2);
}

static void frame_drop(Frame *f)
{
    for (int i = 0; i < SLOTS; i++) {
        rt_decref(thread, f->fp[i]);
    }
}

/* ---- emission on concrete values ---- */

static uint32_t snapshot(Maker *m)
{
    uint32_t s = ir_snap_new(m->t, (const void *)(uintptr_t)(m->t->count + 1), 0, SLOTS, 0);
    for (int i = 0; i < SLOTS; i++) {
        if (m->written[i]) {
            ir_snap_entry(m->t, i, SNAP_VALUE, 0, m->slots[i]);
        }
    }
    return s;
}

static IrWord word(const Maker *m, IrRef r)
{
    if (r == IR_NONE) {
        return (IrWord){0};
    }
    return ir_is_const(r) ? (IrWord){.i = (int64_t)ir_const(m->t, r)->bits} : m->actual[r];
}

/* Emits and evaluates; IR_NONE (and nothing emitted) if a guard would not pass. */
static IrRef emit(Maker *m, IrOp op, IrRef a, IrRef b, IrRef c, int32_t imm)
{
    const IrOpInfo *row = &ir_ops[op];
    IrWord args[3] = {word(m, a), word(m, b), word(m, c)}, result = {0};
    if (!ir_evaluate(thread, op, args, imm, &result)) {
        if (op != IR_decref) {
            return IR_NONE;
        }
        rt_decref(thread, args[0].v);
    }
    uint32_t snap = (row->flags & (IRF_G | IRF_X)) != 0 ? snapshot(m) : IR_NONE;
    IrRef r = ir_emit(m->t, op, (IrType)row->result, a, b, c, imm, snap);
    assert_true(r < VALUES_MAX);
    m->actual[r] = result;
    return r;
}
static IrRef emit1(Maker *m, IrOp op, IrRef a) { return emit(m, op, a, IR_NONE, IR_NONE, 0); }
static IrRef emit2(Maker *m, IrOp op, IrRef a, IrRef b) { return emit(m, op, a, b, IR_NONE, 0); }

static IrRef call(Maker *m, HelperId helper, IrRef a, IrRef b)
{
    const HelperInfo *h = &helper_table[helper];
    IrWord args[3] = {word(m, a), word(m, b)}, result = {0};
    ir_call_helper(thread, helper, args, &result);
    IrType type = h->result == 'I' ? IR_I : h->result == 'F' ? IR_F : IR_V;
    IrRef r = ir_emit(m->t, IR_call, type, a, b, IR_NONE, (int32_t)helper, IR_NONE);
    m->actual[r] = result;
    if ((h->effects & HELPER_RAISES) != 0) {
        ir_emit(m->t, IR_guard_ok, IR_N, r, IR_NONE, IR_NONE, 0, snapshot(m));
    }
    return r;
}

static IrRef slot(Maker *m, int i)
{
    if (m->slots[i] == IR_NONE) {
        IrRef r = ir_emit(m->t, IR_slot, IR_V, IR_NONE, IR_NONE, IR_NONE, i, IR_NONE);
        m->actual[r].v = m->scratch.fp[i];
        m->slots[i] = r;
    }
    return m->slots[i];
}

static IrRef int_slot(Maker *m, int i)
{
    IrRef r = slot(m, i);
    return ir_type_of(m->t, r) == IR_I ? r : emit1(m, IR_unbox_int, r);
}
static IrRef float_slot(Maker *m, int i)
{
    IrRef r = slot(m, INTS + i);
    return ir_type_of(m->t, r) == IR_F ? r : emit1(m, IR_unbox_float, r);
}

static IrRef any_int(Maker *m)
{
    switch (pick(m, 4)) {
    case 0: return ir_const_int(m->t, (int64_t)pick(m, 20) - 4);
    case 1: return int_slot(m, (int)pick(m, INTS));
    default: return m->int_count == 0 ? int_slot(m, 0) : m->ints[pick(m, m->int_count)];
    }
}
static IrRef any_float(Maker *m)
{
    switch (pick(m, 4)) {
    case 0: return ir_const_float(m->t, (double)pick(m, 9) / 2 - 1);
    case 1: return float_slot(m, (int)pick(m, FLOATS));
    default: return m->float_count == 0 ? float_slot(m, 0) : m->floats[pick(m, m->float_count)];
    }
}
static void keep_int(Maker *m, IrRef r)
{
    if (r != IR_NONE) {
        m->ints[m->int_count < 64 ? m->int_count++ : pick(m, 64)] = r;
    }
}
static void keep_float(Maker *m, IrRef r)
{
    if (r != IR_NONE) {
        m->floats[m->float_count < 64 ? m->float_count++ : pick(m, 64)] = r;
    }
}

static void set_slot(Maker *m, int i, IrRef r)
{
    if (r != IR_NONE) {
        m->slots[i] = r;
        m->written[i] = true;
    }
}

/* ---- what a recording is made of ---- */

static void int_arithmetic(Maker *m)
{
    static const IrOp ops[] = {IR_add_int_ov, IR_sub_int_ov, IR_mul_int_ov, IR_and_int,
                               IR_or_int,     IR_xor_int,    IR_min_int,    IR_max_int,
                               IR_add_int,    IR_sub_int,    IR_mul_int,    IR_floordiv_int,
                               IR_mod_int,    IR_shr_int_any};
    IrOp op = ops[pick(m, sizeof ops / sizeof *ops)];
    IrRef a = any_int(m), b = any_int(m);
    if (op == IR_add_int || op == IR_sub_int || op == IR_mul_int) {
        /* wrapping uops are recorded under a mask only */
        IrRef r = emit2(m, op, a, b);
        keep_int(m, emit2(m, IR_and_int, r, ir_const_int(m->t, 0xFFFF)));
        return;
    }
    if (op == IR_mul_int_ov && pick(m, 2) == 0) {
        IrRef r = emit2(m, op, a, b);
        keep_int(m, r == IR_NONE ? r : emit2(m, IR_and_int, r, ir_const_int(m->t, 0xFFFFFF)));
        return;
    }
    IrRef r = emit2(m, op, a, b);
    keep_int(m, r);
}

static void int_unary(Maker *m)
{
    static const IrOp ops[] = {IR_neg_int_ov, IR_abs_int_ov, IR_not_int};
    keep_int(m, emit1(m, ops[pick(m, 3)], any_int(m)));
}

static void int_divide_const(Maker *m)
{
    IrRef k = ir_const_int(m->t, (int64_t)pick(m, 40) - 8);
    keep_int(m, emit2(m, pick(m, 2) != 0 ? IR_floordiv_int : IR_mod_int, any_int(m), k));
}

static void int_shift(Maker *m)
{
    IrRef k = ir_const_int(m->t, (int64_t)pick(m, 12));
    keep_int(m, emit2(m, pick(m, 2) != 0 ? IR_shl_int_ov : IR_shr_int_any, any_int(m), k));
}

static void float_arithmetic(Maker *m)
{
    static const IrOp ops[] = {IR_add_float, IR_sub_float, IR_mul_float, IR_div_float};
    keep_float(m, emit2(m, ops[pick(m, 4)], any_float(m), any_float(m)));
}

static void conversion(Maker *m)
{
    if (pick(m, 2) != 0) {
        keep_float(m, emit1(m, IR_int_to_float, any_int(m)));
    } else {
        keep_int(m, emit1(m, IR_float_to_int, any_float(m)));
    }
}

static void compare(Maker *m)
{
    IrRef a = any_int(m), b = any_int(m);
    IrOp op = (IrOp)(IR_lt_int + pick(m, 6));
    IrRef r = emit2(m, op, a, b);
    if (pick(m, 3) == 0) {
        keep_int(m, r);
        return;
    }
    IrRef k = ir_const_int(m->t, 0);
    emit2(m, word(m, r).i != 0 ? IR_guard_ne_int : IR_guard_eq_int, r, k);
}

static void compare_floats(Maker *m)
{
    IrRef r = emit2(m, (IrOp)(IR_lt_float + pick(m, 6)), any_float(m), any_float(m));
    emit2(m, IR_guard_eq_int, r, ir_const_int(m->t, word(m, r).i));
}

static void power(Maker *m)
{
    IrRef e = ir_const_int(m->t, (int64_t)pick(m, 5)), b = any_int(m);
    if (pick(m, 2) != 0) {
        static const int64_t bases[] = {-1, 0, 1, 2, 4, 3, -2, -3, 10, 1000003, INT64_MIN};
        b = ir_const_int(m->t, bases[pick(m, sizeof bases / sizeof bases[0])]);
        e = emit2(m, IR_and_int, any_int(m), ir_const_int(m->t, pick(m, 2) != 0 ? 31 : 7));
    } else if (pick(m, 3) == 0) {
        e = emit2(m, IR_and_int, any_int(m), ir_const_int(m->t, 7));
    }
    IrRef r = emit2(m, IR_pow_int_ov, b, e);
    if (r != IR_NONE) {
        keep_int(m, r);
    }
}

static IrRef checked_index(Maker *m, IrRef list)
{
    IrRef size = emit1(m, IR_load_list_size, list);
    IrRef index = pick(m, 3) == 0 ? any_int(m)
                                  : emit2(m, IR_and_int, any_int(m), ir_const_int(m->t, ITEMS - 1));
    return emit2(m, IR_guard_ult_int, index, size) == IR_NONE ? IR_NONE : index;
}

static void list_load(Maker *m)
{
    bool ints = pick(m, 2) != 0;
    IrRef list = slot(m, ints ? LIST_INTS : LIST_FLOATS);
    emit(m, IR_guard_type, list, IR_NONE, IR_NONE, TYPE_LIST);
    IrRef index = checked_index(m, list);
    if (index == IR_NONE) {
        return;
    }
    IrRef table = emit1(m, IR_load_list_table, list);
    IrRef item = emit2(m, IR_load_list_item, table, index);
    if (ints) {
        keep_int(m, emit1(m, IR_unbox_int, item));
    } else {
        keep_float(m, emit1(m, IR_unbox_float, item));
    }
}

static void list_store(Maker *m)
{
    bool ints = pick(m, 2) != 0;
    IrRef list = slot(m, ints ? LIST_INTS : LIST_FLOATS);
    emit(m, IR_guard_type, list, IR_NONE, IR_NONE, TYPE_LIST);
    IrRef index = checked_index(m, list);
    if (index == IR_NONE) {
        return;
    }
    IrRef v = ints ? emit1(m, IR_box_int, any_int(m)) : emit1(m, IR_box_float, any_float(m));
    if (v == IR_NONE) {
        return;
    }
    IrRef table = emit1(m, IR_load_list_table, list);
    IrRef old = emit2(m, IR_load_list_item, table, index);
    emit(m, IR_store_list_item, table, index, v, 0);
    emit1(m, IR_decref, old);
}

static void list_grow(Maker *m)
{
    IrRef v = emit1(m, IR_box_int, any_int(m));
    if (v != IR_NONE && list_size(m->scratch.fp[LIST_INTS]) < 40) {
        call(m, HELPER_ID_list_append, slot(m, LIST_INTS), v);
    }
}

/* object = lists[i]; x = object[0]: a reference travels through a variable. */
static void object_load(Maker *m)
{
    IrRef lists = slot(m, LIST_LISTS);
    IrRef index = checked_index(m, lists);
    if (index == IR_NONE) {
        return;
    }
    IrRef table = emit1(m, IR_load_list_table, lists);
    IrRef item = emit2(m, IR_load_list_item, table, index);
    if (emit(m, IR_guard_type, item, IR_NONE, IR_NONE, TYPE_LIST) == IR_NONE ||
        emit1(m, IR_incref, item) == IR_NONE) {
        return;
    }
    IrRef old = slot(m, OBJECT);
    set_slot(m, OBJECT, item);
    emit1(m, IR_decref, old);
}

/* t = lists[i] for a moment: the reference is taken and dropped. */
static void object_peek(Maker *m)
{
    IrRef lists = slot(m, LIST_LISTS);
    IrRef index = checked_index(m, lists);
    if (index == IR_NONE) {
        return;
    }
    IrRef table = emit1(m, IR_load_list_table, lists);
    IrRef item = emit2(m, IR_load_list_item, table, index);
    emit(m, IR_guard_type, item, IR_NONE, IR_NONE, TYPE_LIST);
    emit1(m, IR_incref, item);
    keep_int(m, emit1(m, IR_load_list_size, item));
    IrRef inner = emit1(m, IR_load_list_table, item);
    IrRef value = emit2(m, IR_load_list_item, inner, ir_const_int(m->t, 0));
    IrRef x = emit1(m, IR_unbox_int, value);
    if (pick(m, 2) != 0 && x != IR_NONE) {
        IrRef v = emit1(m, IR_box_int, emit2(m, IR_and_int, x, ir_const_int(m->t, 63)));
        emit(m, IR_store_list_item, inner, ir_const_int(m->t, 0), v, 0);
    }
    keep_int(m, x);
    emit1(m, IR_decref, item);
}

static void cell_access(Maker *m)
{
    IrRef cell = slot(m, CELL);
    emit(m, IR_guard_type, cell, IR_NONE, IR_NONE, TYPE_CELL);
    if (pick(m, 2) != 0) {
        keep_int(m, emit1(m, IR_unbox_int, emit1(m, IR_load_cell, cell)));
        return;
    }
    IrRef v = emit1(m, IR_box_int, any_int(m));
    if (v != IR_NONE) {
        IrRef old = emit1(m, IR_load_cell, cell);
        emit2(m, IR_store_cell, cell, v);
        emit1(m, IR_decref, old);
    }
}

/* tuple = (x, lists[i]): an allocation that a variable holds until the next one. */
static void tuple_make(Maker *m)
{
    IrRef x = emit1(m, IR_box_int, any_int(m));
    IrRef object = slot(m, OBJECT);
    if (x == IR_NONE || emit1(m, IR_incref, object) == IR_NONE) {
        return;
    }
    IrRef r = ir_emit(m->t, IR_alloc_tuple, IR_V, IR_NONE, IR_NONE, IR_NONE, 2, snapshot(m));
    Value items[2] = {word(m, x).v, word(m, object).v};
    m->actual[r].v = tuple_new_steal(thread, items, 2);
    ir_emit(m->t, IR_init_tuple, IR_N, r, x, IR_NONE, 0, IR_NONE);
    ir_emit(m->t, IR_init_tuple, IR_N, r, object, IR_NONE, 1, IR_NONE);
    if (pick(m, 3) == 0) {
        /* unpacked at once */
        IrRef item = emit2(m, IR_load_tuple_item, r, ir_const_int(m->t, 0));
        keep_int(m, emit1(m, IR_unbox_int, item));
        emit1(m, IR_decref, r);
        return;
    }
    IrRef old = slot(m, TUPLE);
    set_slot(m, TUPLE, r);
    emit1(m, IR_decref, old);
}

static void tuple_load(Maker *m)
{
    IrRef tuple = slot(m, TUPLE);
    emit(m, IR_guard_type, tuple, IR_NONE, IR_NONE, TYPE_TUPLE);
    IrRef item = emit2(m, IR_load_tuple_item, tuple, ir_const_int(m->t, 0));
    keep_int(m, emit1(m, IR_unbox_int, item));
}

/* A variable of unknown contents is overwritten: its old value is dropped. */
static void replace_slot(Maker *m, int i, IrRef r)
{
    IrRef old = slot(m, i);
    if (r != IR_NONE && r != old) {
        set_slot(m, i, r);
        if (ir_type_of(m->t, old) == IR_V) {
            emit1(m, IR_decref, old);
        }
    }
}

static void assign(Maker *m)
{
    if (pick(m, 2) != 0) {
        IrRef r = any_int(m);
        if (pick(m, 3) == 0) {
            r = emit1(m, IR_box_int, r);
        }
        replace_slot(m, (int)pick(m, INTS - 1), r);
    } else {
        IrRef r = any_float(m);
        replace_slot(m, INTS + (int)pick(m, FLOATS), r);
    }
}

static void swap_slots(Maker *m)
{
    int i = (int)pick(m, INTS - 1), k = (int)pick(m, INTS - 1);
    IrRef a = slot(m, i), b = slot(m, k);
    set_slot(m, i, b);
    set_slot(m, k, a);
}

/* The recording: n steps, then the counter in slot 3 goes up and the loop closes. */
static IrTrace *record(Maker *m, uint32_t steps)
{
    static void (*const parts[])(Maker *) = {
        int_arithmetic, int_arithmetic, int_unary,   int_divide_const, int_shift,  float_arithmetic,
        conversion,     compare,        power,       compare_floats,   list_load,  list_store,
        list_grow,      object_load,    object_peek, cell_access,      tuple_make, tuple_load,
        assign,         assign,         swap_slots,
    };
    m->t = ir_new();
    for (int i = 0; i < SLOTS; i++) {
        m->slots[i] = IR_NONE;
    }
    IrRef counter = int_slot(m, 3);
    int64_t end = word(m, counter).i + 5 + pick(m, 40);
    emit2(m, IR_guard_lt_int, counter, ir_const_int(m->t, end));
    for (uint32_t i = 0; i < steps && m->t->count < VALUES_MAX - 60; i++) {
        parts[pick(m, sizeof parts / sizeof *parts)](m);
    }
    set_slot(m, 3, emit2(m, IR_add_int_ov, counter, ir_const_int(m->t, 1)));
    if (pick(m, 4) == 0) {
        ir_emit(m->t, IR_exit, IR_N, IR_NONE, IR_NONE, IR_NONE, 0, snapshot(m));
    } else {
        ir_emit(m->t, IR_guard_poll, IR_N, IR_NONE, IR_NONE, IR_NONE, 0, snapshot(m));
        ir_emit(m->t, IR_jump, IR_N, IR_NONE, IR_NONE, IR_NONE, 0, snapshot(m));
    }
    return m->t;
}

#endif
