/*
 * Random traces for the tests of codegen: numbers only, every operation that needs no memory, calls
 * of pure helpers, guards, loops with phis, more live values than there are registers.
 *
 * The frame: slots 0..15 come in (even: ints, odd: floats), snapshots write slots 16 and up.
 */
#ifndef ADDER_TESTS_CODEGEN_RANDOM_TRACE_H
#define ADDER_TESTS_CODEGEN_RANDOM_TRACE_H

#include "tests/codegen/support.h"

#include "runtime/helpers.h"

typedef struct Random {
    uint64_t state;
} Random;

static inline uint32_t rnd(Random *r, uint32_t n)
{
    r->state ^= r->state << 13;
    r->state ^= r->state >> 7;
    r->state ^= r->state << 17;
    return (uint32_t)((r->state >> 20) % n);
}

static inline int64_t random_int(Random *r)
{
    switch (rnd(r, 8)) {
    case 0: return (int64_t)rnd(r, 5) - 2;
    case 1: return (int64_t)rnd(r, 64);
    case 2: return INT64_MAX - (int64_t)rnd(r, 3);
    case 3: return INT64_MIN + (int64_t)rnd(r, 3);
    case 4: return (int64_t)(r->state >> rnd(r, 64));
    case 5: return -(int64_t)(r->state >> (1 + rnd(r, 63)));
    default: return (int64_t)rnd(r, 2000) - 1000;
    }
}

static inline double random_float(Random *r)
{
    switch (rnd(r, 6)) {
    case 0: return 0.0;
    case 1: return -0.0;
    case 2: return (double)rnd(r, 100) - 50;
    case 3: return 1.0 / 3 * (double)rnd(r, 1000000);
    case 4: return 1e300 * (double)rnd(r, 10);
    default: return (double)rnd(r, 1000) / 8;
    }
}

enum { POOL_MAX = 400 };
typedef struct Maker {
    Random *r;
    IrTrace *t;
    IrRef ints[POOL_MAX], floats[POOL_MAX];
    uint32_t int_count, float_count, snap;
} Maker;

static inline void keep(Maker *m, IrRef ref, IrType type)
{
    IrRef *pool = type == IR_F ? m->floats : m->ints;
    uint32_t *count = type == IR_F ? &m->float_count : &m->int_count;
    pool[*count < POOL_MAX ? (*count)++ : rnd(m->r, POOL_MAX)] = ref;
}

/* A value, mostly a recent one, now and then a constant. */
static inline IrRef some(Maker *m, IrType type)
{
    uint32_t count = type == IR_F ? m->float_count : m->int_count;
    if (rnd(m->r, 6) == 0 || count == 0) {
        return type == IR_F ? ir_const_float(m->t, random_float(m->r))
                            : ir_const_int(m->t, random_int(m->r));
    }
    uint32_t back = rnd(m->r, 3) == 0 ? rnd(m->r, count) : rnd(m->r, count < 12 ? count : 12);
    return (type == IR_F ? m->floats : m->ints)[count - 1 - back];
}

static inline uint32_t new_snap(Maker *m, uint32_t entries)
{
    uint32_t s = ir_snap_new(m->t, m, 0, FRAME_SLOTS, 0);
    for (uint32_t i = 0; i < entries; i++) {
        ir_snap_entry(m->t, 16 + (int32_t)i, SNAP_VALUE, 0, some(m, rnd(m->r, 2) ? IR_F : IR_I));
    }
    return s;
}

static inline bool usable(const IrOpInfo *op)
{
    static const char *const never[] = {"floordiv_int_pos", "mod_int_pos", "pow_int",
                                        "guard_same_ptr"};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        if (strcmp(op->name, never[i]) == 0) {
            return false;
        }
    }
    bool operands = true;
    for (int k = 0; k < 3; k++) {
        uint8_t o = op->operands[k];
        operands = operands && (o == IR_N || o == IR_I || o == IR_F);
    }
    return operands && op->operands[0] != IR_N && op->result != IR_V && op->result != IR_P &&
           (op->flags & (IRF_SP | IRF_TH | IRF_CC | IRF_X | IRF_IMM)) == 0 && op->reads == 0 &&
           op->writes == 0;
}

static inline IrOp random_op(Random *r, bool guards)
{
    for (;;) {
        IrOp op = (IrOp)rnd(r, IR_OP_COUNT);
        if (usable(&ir_ops[op]) && (guards || (ir_ops[op].flags & IRF_G) == 0)) {
            return op;
        }
    }
}

static inline void random_call(Maker *m)
{
    static const HelperId helpers[] = {HELPER_ID_math_sin, HELPER_ID_math_atan2,
                                       HELPER_ID_math_hypot, HELPER_ID_int_bit_length,
                                       HELPER_ID_int_bit_count};
    HelperId id = helpers[rnd(m->r, sizeof helpers / sizeof helpers[0])];
    const HelperInfo *h = &helper_table[id];
    IrRef args[3] = {IR_NONE, IR_NONE, IR_NONE};
    for (int k = 0; h->arguments[k] != 0; k++) {
        args[k] = some(m, h->arguments[k] == 'F' ? IR_F : IR_I);
    }
    IrType type = h->result == 'F' ? IR_F : IR_I;
    keep(m, ir_emit(m->t, IR_call, type, args[0], args[1], args[2], (int32_t)id, IR_NONE), type);
}

/* A power of a constant that fits: its table lies in the data. */
static inline void random_power(Maker *m)
{
    int64_t base = (int64_t)rnd(m->r, 13) - 6;
    IrRef exponent =
        ir_emit(m->t, IR_and_int, IR_I, some(m, IR_I), ir_const_int(m->t, 15), IR_NONE, 0, IR_NONE);
    keep(m, exponent, IR_I);
    keep(m,
         ir_emit(m->t, IR_pow_int, IR_I, ir_const_int(m->t, base), exponent, IR_NONE, 0, IR_NONE),
         IR_I);
}

static inline void random_uop(Maker *m, uint32_t call_chance)
{
    if (rnd(m->r, 100) < call_chance) {
        random_call(m);
        return;
    }
    if (rnd(m->r, 30) == 0) {
        random_power(m);
        return;
    }
    IrOp op = random_op(m->r, rnd(m->r, 6) == 0);
    const IrOpInfo *info = &ir_ops[op];
    if ((info->flags & IRF_G) != 0 && rnd(m->r, 3) != 0) {
        m->snap = new_snap(m, rnd(m->r, 10));
    }
    IrRef o[3] = {IR_NONE, IR_NONE, IR_NONE};
    for (int k = 0; k < 3; k++) {
        if (info->operands[k] != IR_N) {
            o[k] = some(m, (IrType)info->operands[k]);
        }
    }
    IrRef ref = ir_emit(m->t, op, (IrType)info->result, o[0], o[1], o[2], 0,
                        (info->flags & IRF_G) != 0 ? m->snap : IR_NONE);
    if (info->result != IR_N) {
        keep(m, ref, (IrType)info->result);
    }
}

/* Small numbers go on, so that loops do not leave by overflow at once. */
static inline void tame(Maker *m)
{
    if (rnd(m->r, 3) == 0) {
        keep(m,
             ir_emit(m->t, IR_and_int, IR_I, some(m, IR_I), ir_const_int(m->t, 0xFFF), IR_NONE, 0,
                     IR_NONE),
             IR_I);
    }
}

static inline void random_frame(Random *r, Value *frame)
{
    memset(frame, 0, FRAME_SLOTS * sizeof *frame);
    for (int i = 0; i < FRAME_SLOTS; i++) {
        frame[i] =
            i % 2 == 0 ? small((int64_t)rnd(r, 2000) - 1000) : real((double)rnd(r, 1000) / 16 - 20);
    }
}

/* A root trace, with a loop that runs up to `trips` times (0: no loop). */
static inline IrTrace *random_root(Random *r, uint32_t size, uint32_t trips, uint32_t call_chance)
{
    Maker m = {.r = r, .t = ir_new()};
    assert_non_null(m.t);
    m.snap = ir_snap_new(m.t, &m, 0, FRAME_SLOTS, 0);
    uint32_t slots = 2 + rnd(r, 14);
    for (uint32_t i = 0; i < slots; i++) {
        IrRef v = ir_emit(m.t, IR_slot, IR_V, IR_NONE, IR_NONE, IR_NONE, (int32_t)i, IR_NONE);
        bool f = i % 2 == 1;
        keep(&m,
             ir_emit(m.t, f ? IR_unbox_float : IR_unbox_int, f ? IR_F : IR_I, v, IR_NONE, IR_NONE,
                     0, m.snap),
             f ? IR_F : IR_I);
    }
    m.snap = new_snap(&m, rnd(r, 6));
    for (uint32_t i = rnd(r, size / 2 + 1); i > 0; i--) {
        random_uop(&m, call_chance);
    }
    if (trips == 0) {
        ir_emit(m.t, IR_exit, IR_N, IR_NONE, IR_NONE, IR_NONE, 0, new_snap(&m, rnd(r, 40)));
        return m.t;
    }
    m.t->loop = ir_emit(m.t, IR_loop, IR_N, IR_NONE, IR_NONE, IR_NONE, 0, IR_NONE);
    uint32_t phis = 1 + rnd(r, 12);
    uint32_t first = m.t->count;
    IrType types[16];
    for (uint32_t i = 0; i < phis; i++) {
        types[i] = i > 0 && rnd(r, 2) ? IR_F : IR_I;
        IrRef a = i == 0 ? ir_const_int(m.t, 0) : some(&m, types[i]);
        ir_emit(m.t, IR_phi, types[i], a, IR_NONE, IR_NONE, 0, IR_NONE);
    }
    for (uint32_t i = 1; i < phis; i++) {
        keep(&m, first + i, types[i]);
    }
    bool top = rnd(r, 2) == 0;
    m.snap = new_snap(&m, rnd(r, 10));
    IrRef limit = ir_const_int(m.t, trips);
    if (top) {
        ir_emit(m.t, IR_guard_lt_int, IR_N, first, limit, IR_NONE, 0, m.snap);
    }
    for (uint32_t i = rnd(r, size) + 1; i > 0; i--) {
        random_uop(&m, call_chance);
        tame(&m);
    }
    m.snap = new_snap(&m, rnd(r, 10));
    IrRef next = ir_emit(m.t, IR_add_int_ov, IR_I, first, ir_const_int(m.t, 1), IR_NONE, 0, m.snap);
    if (!top) {
        m.snap = rnd(r, 2) ? m.snap : new_snap(&m, rnd(r, 10));
        ir_emit(m.t, IR_guard_lt_int, IR_N, next, limit, IR_NONE, 0, m.snap);
    }
    for (uint32_t i = 0; i < phis; i++) {
        IrRef b = i == 0 ? next : some(&m, types[i]);
        m.t->uops[first + i].b = b;
    }
    ir_emit(m.t, IR_jump, IR_N, IR_NONE, IR_NONE, IR_NONE, 0, IR_NONE);
    return m.t;
}

#endif
