/*
 * Building traces: the table of uops, uops, constants, snapshots.
 *
 * Appends and nothing else: no folding (optimizer/fold.h), no checks (ir/validate.c).  Arrays grow by
 * doubling; once an allocation fails `failed` is set and every later call does nothing, so that a
 * recorder asks once, at the end.  Constants are found again through a small open hash table.
 *
 * Threads: a trace belongs to the thread that builds it.
 */
#include "ir/ir.h"

#include "runtime/gc.h"
#include "runtime/memory.h"

enum {
    /* the columns of uops.def */
    N = IR_N,
    I = IR_I,
    F = IR_F,
    V = IR_V,
    P = IR_P,
    A = IR_A,
    T = IR_T,
    G = IRF_G,
    X = IRF_X,
    TH = IRF_TH,
    SP = IRF_SP,
    CC = IRF_CC,
    COM = IRF_COM,
    IMM = IRF_IMM,
};

const IrOpInfo ir_ops[IR_OP_COUNT] = {
#define UOP(name, r, a, b, c, imm, flags, reads, writes) \
    {#name, r, {a, b, c}, (uint8_t)((flags) | (imm)), reads, writes},
#include "ir/uops.def"
#undef UOP
};

IrOp ir_op_by_name(const char *name, size_t length)
{
    for (uint32_t op = 0; op < IR_OP_COUNT; op++) {
        if (strlen(ir_ops[op].name) == length && memcmp(ir_ops[op].name, name, length) == 0) {
            return (IrOp)op;
        }
    }
    return IR_OP_COUNT;
}

IrTrace *ir_new(void)
{
    IrTrace *t = rt_calloc(1, sizeof *t);
    if (t == NULL) {
        return NULL;
    }
    t->parent = IR_NONE;
    t->parent_exit = IR_NONE;
    t->loop = IR_NONE;
    t->head_snap = IR_NONE;
    t->keep_alive = VALUE_ABSENT;
    return t;
}

void ir_free(Thread *th, IrTrace *t)
{
    if (t == NULL) {
        return;
    }
    for (uint32_t i = 0; i < t->const_count; i++) {
        if (t->consts[i].type == IR_V && !t->consts[i].uncounted) {
            gc_release(t->consts[i].v);
            rt_decref(th, t->consts[i].v);
        }
    }
    rt_decref(th, t->keep_alive);
    rt_free(t->uops);
    rt_free(t->consts);
    rt_free(t->const_index);
    rt_free(t->snaps);
    rt_free(t->entries);
    rt_free(t->inherit_types);
    rt_free(t->facts);
    rt_free(t->head_args);
    rt_free(t->head_refs);
    rt_free(t);
}

/* Room for one more element. */
static bool grow(IrTrace *t, void **array, uint32_t count, uint32_t *capacity, size_t size_bytes)
{
    if (t->failed) {
        return false;
    }
    if (count < *capacity) {
        return true;
    }
    uint32_t wanted = *capacity == 0 ? 32 : *capacity * 2;
    void *p = wanted < IR_REF_CONST ? rt_realloc(*array, wanted * size_bytes) : NULL;
    if (p == NULL) {
        t->failed = true;
        return false;
    }
    *array = p;
    *capacity = wanted;
    return true;
}

IrRef ir_emit(IrTrace *t, IrOp op, IrType type, IrRef a, IrRef b, IrRef c, int32_t imm,
              uint32_t snap)
{
    if (!grow(t, (void **)&t->uops, t->count, &t->capacity, sizeof *t->uops)) {
        return 0;
    }
    t->uops[t->count] = (IrUop){.op = (uint16_t)op,
                                .type = (uint8_t)type,
                                .a = a,
                                .b = b,
                                .c = c,
                                .imm = imm,
                                .snap = snap};
    if (op == IR_loop) {
        t->loop = t->count;
    }
    return t->count++;
}

static uint32_t const_hash(uint64_t bits, IrType type)
{
    uint64_t h = (bits ^ (uint64_t)type << 60) * UINT64_C(0x9E3779B97F4A7C15);
    return (uint32_t)(h >> 32);
}

static bool const_index_grow(IrTrace *t)
{
    uint32_t size = t->const_index_size == 0 ? 64 : t->const_index_size * 2;
    uint32_t *index = rt_calloc(size, sizeof *index);
    if (index == NULL) {
        t->failed = true;
        return false;
    }
    for (uint32_t i = 0; i < t->const_count; i++) {
        uint32_t h = const_hash(t->consts[i].bits, t->consts[i].type) & (size - 1);
        while (index[h] != 0) {
            h = (h + 1) & (size - 1);
        }
        index[h] = i + 1;
    }
    rt_free(t->const_index);
    t->const_index = index;
    t->const_index_size = size;
    return true;
}

/* Finds or appends; *added says which. */
static IrRef const_ref(IrTrace *t, IrType type, uint64_t bits, bool *added)
{
    *added = false;
    if (t->failed || (t->const_count * 2 >= t->const_index_size && !const_index_grow(t))) {
        return IR_REF_CONST;
    }
    uint32_t h = const_hash(bits, type) & (t->const_index_size - 1);
    for (; t->const_index[h] != 0; h = (h + 1) & (t->const_index_size - 1)) {
        const IrConst *k = &t->consts[t->const_index[h] - 1];
        if (k->bits == bits && k->type == type) {
            return (t->const_index[h] - 1) | IR_REF_CONST;
        }
    }
    if (!grow(t, (void **)&t->consts, t->const_count, &t->const_capacity, sizeof *t->consts)) {
        return IR_REF_CONST;
    }
    t->consts[t->const_count] = (IrConst){.type = (uint8_t)type, .bits = bits};
    t->const_index[h] = ++t->const_count;
    *added = true;
    return (t->const_count - 1) | IR_REF_CONST;
}

IrRef ir_const_int(IrTrace *t, int64_t i)
{
    bool added;
    return const_ref(t, IR_I, (uint64_t)i, &added);
}

IrRef ir_const_float(IrTrace *t, double d)
{
    bool added;
    return const_ref(t, IR_F, bits_from_double(d), &added);
}

IrRef ir_const_value(Thread *th, IrTrace *t, Value v)
{
    bool added;
    IrRef r = const_ref(t, IR_V, v, &added);
    if (added) {
        rt_incref(th, v);
        gc_hold(v);
    }
    return r;
}

IrRef ir_const_ptr(IrTrace *t, const void *p)
{
    bool added;
    return const_ref(t, IR_P, (uint64_t)(uintptr_t)p, &added);
}

IrRef ir_const_uncounted(IrTrace *t, Value v)
{
    bool added;
    IrRef r = const_ref(t, IR_V, v, &added);
    if (added) {
        t->consts[t->const_count - 1].uncounted = true;
    }
    return r;
}

IrType ir_type_of(const IrTrace *t, IrRef r)
{
    if (r == IR_NONE) {
        return IR_N;
    }
    if (ir_is_const(r)) {
        uint32_t i = r & ~IR_REF_CONST;
        return i < t->const_count ? (IrType)t->consts[i].type : IR_N;
    }
    return r < t->count ? (IrType)t->uops[r].type : IR_N;
}

uint32_t ir_snap_new(IrTrace *t, const void *pc, int32_t base, int32_t top, uint32_t depth)
{
    if (!grow(t, (void **)&t->snaps, t->snap_count, &t->snap_capacity, sizeof *t->snaps)) {
        return 0;
    }
    t->snaps[t->snap_count] =
        (IrSnap){.first = t->entry_count, .pc = pc, .base = base, .top = top, .depth = depth};
    return t->snap_count++;
}

void ir_snap_entry(IrTrace *t, int32_t slot, uint16_t kind, uint16_t flags, IrRef ref)
{
    if (!grow(t, (void **)&t->entries, t->entry_count, &t->entry_capacity, sizeof *t->entries) ||
        t->snap_count == 0) {
        return;
    }
    t->entries[t->entry_count++] =
        (IrSnapEntry){.slot = slot, .kind = kind, .flags = flags, .ref = ref};
    t->snaps[t->snap_count - 1].count++;
}
