/*
 * Recorder: the life of a recording, and the step that tier 1 makes before each instruction.
 *
 * A step reads the instruction's operands from the real frame, emits uops, updates the mirror.  It
 * ends the recording where the head is met again, where another trace begins, or where a reason of
 * ir/abort.def says so.
 *
 * Threads: the thread that records.
 */
#include <time.h>

#include "interp/jit/recorder.h"
#include "runtime/abstract.h"
#include "runtime/containers.h"
#include "runtime/int.h"
#include "runtime/memory.h"

enum {
    UOPS_MAX = 6000,
    SNAPS_MAX = 1500,
    STEPS_MAX = 12000,
    WAIT_MAX = 20000,
    INNER_PATIENCE = 3,
    TINY_UOPS = 60
};

uint64_t jit_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

Recorder *recorder_new(JitThread *jt, const Insn *pc, Value *fp)
{
    Recorder *r = rt_calloc(1, sizeof *r);
    if (r == NULL) {
        return NULL;
    }
    r->th = jt->th;
    r->jt = jt;
    r->jit = jt->jit;
    r->ir = ir_new();
    if (r->ir == NULL) {
        rt_free(r);
        return NULL;
    }
    r->root_fp = r->fp = fp;
    r->pc = r->head_pc = pc;
    r->head_code = frame_code(fp);
    r->entry_fp = thread_vm(jt->th)->entry_fp;
    r->snap = IR_NONE;
    r->range.slot = -1;
    r->ir->head_pc = pc;
    r->ir->shared = jit_form(jt);
    r->start_ns = jit_now_ns();
    for (int32_t i = 0; i < SLOTS_MAX; i++) {
        r->slots[i].ref = IR_NONE;
    }
    return r;
}

void recorder_free(Recorder *r)
{
    if (r != NULL) {
        if (r->ir != NULL) {
            ir_free(r->th, r->ir);
        }
        rt_free(r->owned);
        rt_free(r->known);
        rt_free(r);
    }
}

void record_abort(Recorder *r, AbortReason reason, const char *detail)
{
    if (r->reason == ABORT_NONE) {
        r->reason = reason;
        r->detail = detail;
    }
}

/* ---- inheriting from a parent's exit ------------------------------------------------------------- */

enum { VIRTUALS_MAX = 16 };

/* An object that only the parent's exit would have made.  The recording has it twice: as a sunk
 * allocation, which the snapshots show until the object is made for real, and as that object. */
typedef struct Virtual {
    IrRef theirs, sunk;
} Virtual;

typedef struct Inherit {
    Recorder *r;
    const IrTrace *parent;
    const IrSnap *snap;
    IrRef *live; /* parent's refs in inherit order */
    IrRef *mine; /* ... and the uop here, IR_NONE until made */
    uint32_t count;
    Virtual virtuals[VIRTUALS_MAX];
    uint32_t virtual_count;
    bool failed;
} Inherit;

static IrRef inherit_ref(Inherit *h, IrRef ref, uint16_t flags);

static IrRef inherit_const(Inherit *h, IrRef ref)
{
    const IrConst *k = ir_const(h->parent, ref);
    switch (k->type) {
    case IR_I: return ir_const_int(h->r->ir, k->i);
    case IR_F: return ir_const_float(h->r->ir, k->f);
    case IR_P: return ir_const_ptr(h->r->ir, k->p);
    default: return rec_value(h->r, k->v);
    }
}

/* What a virtual object holds at an item; cells have one. An object in another one is not followed. */
static IrRef virtual_item(Inherit *h, IrRef object, int32_t item, bool *borrowed)
{
    const IrUop *u = &h->parent->uops[object];
    IrRef ref = u->a;
    *borrowed = (u->flags & UOP_BORROWED) != 0;
    if (u->op == IR_alloc_tuple) {
        ref = ir_virtual_item(h->parent, object, item, borrowed);
    }
    if (ref == IR_NONE || (!ir_is_const(ref) && (h->parent->uops[ref].flags & UOP_SUNK) != 0)) {
        h->failed = true;
        return IR_NONE;
    }
    IrRef mine = inherit_ref(h, ref, 0);
    if (!h->failed && ir_is_const(mine)) {
        const IrConst *k = ir_const(h->r->ir, mine);
        if (k->type == IR_F) {
            mine = rec_value(h->r, value_from_double(k->f));
        } else if (k->type == IR_I && int_fits_small(k->i)) {
            mine = rec_value(h->r, value_from_small_int(k->i));
        }
    }
    h->failed = h->failed || ir_type_of(h->r->ir, mine) != IR_V; /* boxing it might leave */
    return mine;
}

static int32_t virtual_size(const Inherit *h, IrRef object)
{
    const IrUop *u = &h->parent->uops[object];
    return u->op == IR_alloc_tuple ? u->imm : 1;
}

static void set_sunk(Recorder *r, IrRef ref, bool borrowed)
{
    if (r->reason == ABORT_NONE) {
        r->ir->uops[ref].flags = (uint8_t)(UOP_SUNK | (borrowed ? UOP_BORROWED : 0));
    }
}

/* A virtual object of the parent is one here too, until it is made. */
static IrRef inherit_virtual(Inherit *h, IrRef ref)
{
    Recorder *r = h->r;
    for (uint32_t i = 0; i < h->virtual_count; i++) {
        if (h->virtuals[i].theirs == ref) {
            return h->virtuals[i].sunk;
        }
    }
    bool tuple = h->parent->uops[ref].op == IR_alloc_tuple, borrowed;
    IrRef items[HELD_MAX], sunk;
    int32_t count = virtual_size(h, ref);
    if (h->virtual_count == VIRTUALS_MAX || count > HELD_MAX) {
        h->failed = true;
        return IR_NONE;
    }
    for (int32_t i = 0; i < count && !h->failed; i++) {
        items[i] = virtual_item(h, ref, i, &borrowed);
    }
    if (h->failed) {
        return IR_NONE;
    }
    if (tuple) {
        sunk = rec_emit(r, IR_alloc_tuple, IR_V, IR_NONE, IR_NONE, IR_NONE, count);
        set_sunk(r, sunk, false);
        for (int32_t i = 0; i < count; i++) {
            virtual_item(h, ref, i, &borrowed);
            set_sunk(r, rec_emit(r, IR_init_tuple, IR_N, sunk, items[i], IR_NONE, i), borrowed);
        }
    } else {
        sunk = rec_emit(r, IR_alloc_cell, IR_V, items[0], IR_NONE, IR_NONE, 0);
        set_sunk(r, sunk, borrowed);
    }
    rec_set_known(r, sunk, tuple ? TYPE_TUPLE : TYPE_CELL);
    h->virtuals[h->virtual_count++] = (Virtual){ref, sunk};
    return sunk;
}

/* The object for real, in all slots. Its items' references move from the one to the other; those that the
 * parent's exit would have taken are taken here. */
static void make_virtual(Inherit *h, const Virtual *v)
{
    Recorder *r = h->r;
    bool tuple = h->parent->uops[v->theirs].op == IR_alloc_tuple, borrowed;
    int32_t count = virtual_size(h, v->theirs);
    uint32_t held = r->held_count;
    IrRef items[HELD_MAX];
    for (int32_t i = 0; i < count && r->reason == ABORT_NONE; i++) {
        items[i] = virtual_item(h, v->theirs, i, &borrowed);
        if (borrowed && ir_type_of(r->ir, items[i]) == IR_V) {
            rec_incref(r, items[i]);
            rec_own(r, items[i]);
            rec_hold(r, items[i]);
        }
    }
    IrRef real = rec_guard(r, tuple ? IR_alloc_tuple : IR_alloc_cell, IR_V,
                           tuple ? IR_NONE : items[0], IR_NONE, tuple ? count : 0);
    for (int32_t i = 0; tuple && i < count && r->reason == ABORT_NONE; i++) {
        rec_emit(r, IR_init_tuple, IR_N, real, items[i], IR_NONE, i);
    }
    while (r->held_count > held && r->reason == ABORT_NONE) {
        IrRef item = r->held[--r->held_count];
        if (!ir_is_const(item)) {
            r->owned[item]--;
        }
    }
    rec_replace(r, v->sunk, real);
    rec_set_known(r, real, tuple ? TYPE_TUPLE : TYPE_CELL);
    rec_own(r, real);
    r->snap = IR_NONE;
}

/* Did the epoch lend it to the parent, which has no reference of it? */
static bool is_lent(const Inherit *h, IrRef ref)
{
    const IrUop *u = &h->parent->uops[ref];
    bool from_shared = u->op == IR_load_shared_item || u->op == IR_load_shared_cell ||
                       u->op == IR_load_shared_global ||
                       (u->op == IR_call && (helper_table[u->imm].effects & HELPER_LENDS) != 0);
    bool lent = h->parent->shared && (from_shared || (u->flags & UOP_LENT) != 0);
    for (uint32_t i = 0; i < h->snap->count && lent; i++) {
        const IrSnapEntry *e = &h->parent->entries[h->snap->first + i];
        lent = e->ref != ref || (e->flags & SNAP_INCREF) != 0;
    }
    return lent;
}

static IrRef inherit_ref(Inherit *h, IrRef ref, uint16_t flags)
{
    if (ir_is_const(ref)) {
        return inherit_const(h, ref);
    }
    if ((h->parent->uops[ref].flags & UOP_SUNK) != 0) {
        return inherit_virtual(h, ref);
    }
    for (uint32_t i = 0; i < h->count; i++) {
        if (h->live[i] == ref) {
            if (h->mine[i] == IR_NONE) {
                IrType type = (IrType)h->parent->uops[ref].type;
                h->mine[i] =
                    rec_emit(h->r, IR_inherit, type, IR_NONE, IR_NONE, IR_NONE, (int32_t)i);
                h->r->ir->inherit_types[i] = type;
                if (h->r->reason == ABORT_NONE && is_lent(h, ref)) {
                    h->r->ir->uops[h->mine[i]].flags |= UOP_LENT;
                }
            }
            return (flags & SNAP_BOOL) != 0 ? rec_from_bool(h->r, h->mine[i]) : h->mine[i];
        }
    }
    h->failed = true;
    return IR_NONE;
}

/* Numbers in slots are typed, constants too. */
static IrRef typed_const(Recorder *r, IrRef ref)
{
    if (!ir_is_const(ref) || ir_type_of(r->ir, ref) != IR_V) {
        return ref;
    }
    Value v = ir_const(r->ir, ref)->v;
    return value_is_small_int(v) ? rec_int(r, value_int(v))
           : value_is_double(v)  ? ir_const_float(r->ir, value_double(v))
                                 : ref;
}

static void inherit_entries(Inherit *h, const IrSnap *s)
{
    Recorder *r = h->r;
    for (uint32_t i = 0; i < s->count && !h->failed; i++) {
        const IrSnapEntry *e = &h->parent->entries[s->first + i];
        IrRef ref = inherit_ref(h, e->ref, e->flags);
        if (h->failed || r->reason != ABORT_NONE) {
            return; /* out of memory: there may be no uop */
        }
        ref = typed_const(r, ref);
        if (e->kind == SNAP_RAW) {
            rec_set_raw(r, e->slot, ref);
            continue;
        }
        bool owned = ir_type_of(r->ir, ref) == IR_V && rec_known(r, ref) != KNOWN_NUMBER &&
                     (e->flags & SNAP_INCREF) == 0;
        if (e->kind == SNAP_VALUE) {
            rec_set(r, e->slot, ref);
        }
        bool is_virtual = !ir_is_const(ref) && (r->ir->uops[ref].flags & UOP_SUNK) != 0;
        if (is_virtual && e->kind == SNAP_DROP) {
            h->failed = true; /* nobody but the exit would have seen it */
            return;
        }
        if ((owned || is_virtual) && !ir_is_const(ref)) {
            rec_own(
                r, ref); /* each slot has a reference to a virtual object, whatever the flag says */
        }
        if (owned && (e->kind == SNAP_DROP || ir_is_const(ref))) {
            rec_hold(r, ref); /* a constant is borrowed from the trace: its reference is too much */
        }
    }
}

/* References that the parent's exit would have dropped. */
static void drop_held(Recorder *r)
{
    for (uint32_t i = 0; i < r->held_count && r->reason == ABORT_NONE; i++) {
        IrRef ref = r->held[i];
        if (!ir_is_const(ref) && r->owned[ref] > 0) {
            r->owned[ref]--;
        }
        rec_emit(r, IR_decref, IR_N, ref, IR_NONE, IR_NONE, 0);
    }
    rec_unhold(r);
}

/* Values that the parent only borrowed get a reference of their own: their lender is not known here. */
static void own_borrowed(Recorder *r)
{
    for (int32_t i = 0; i < r->top && r->reason == ABORT_NONE; i++) {
        const RecSlot *s = &r->slots[i];
        if (s->ref == IR_NONE || s->dead || s->raw || ir_is_const(s->ref) ||
            ir_type_of(r->ir, s->ref) != IR_V || rec_known(r, s->ref) == KNOWN_NUMBER) {
            continue;
        }
        while (r->owned[s->ref] < rec_holders(r, s->ref) && r->reason == ABORT_NONE) {
            rec_incref(r, s->ref);
            r->owned[s->ref]++;
            r->snap = IR_NONE;
        }
    }
}

bool recorder_inherit(Recorder *r, const JitTrace *parent, uint32_t snap, Value *root_fp)
{
    const IrTrace *p = parent->ir;
    const IrSnap *s = &p->snaps[snap];
    uint32_t count = ir_snap_live(p, snap, NULL, 0);
    count = count < 256 ? 256 : count;
    Inherit h = {.r = r, .parent = p, .snap = s};
    h.live = rt_calloc(count, sizeof *h.live);
    h.mine = rt_malloc(count * sizeof *h.mine);
    r->ir->inherit_types = rt_calloc(count, sizeof *r->ir->inherit_types);
    bool ok = h.live != NULL && h.mine != NULL && r->ir->inherit_types != NULL;
    if (ok) {
        h.count = ir_snap_live(p, snap, h.live, count);
        memset(h.mine, 0xFF, count * sizeof *h.mine);
        for (uint32_t i = 0; i < h.count; i++) {
            r->ir->inherit_types[i] = (IrType)p->uops[h.live[i]].type;
        }
        r->ir->inherit_count = h.count;
        r->root_fp = root_fp;
        r->fp = root_fp + s->base;
        r->base = s->base;
        r->depth = s->depth;
        r->pc = s->pc;
        inherit_entries(&h, s);
        if (!h.failed) {
            own_borrowed(r);
            for (uint32_t i = 0; i < h.virtual_count && r->reason == ABORT_NONE; i++) {
                make_virtual(&h, &h.virtuals[i]);
            }
            own_borrowed(r);
            drop_held(r);
        }
    }
    rt_free(h.live);
    rt_free(h.mine);
    return ok && !h.failed && r->reason == ABORT_NONE;
}

/* ---- ending ------------------------------------------------------------------------------------------ */

void record_finish(Recorder *r, IrOp op, int32_t imm, const char *how)
{
    if (r->reason != ABORT_NONE) {
        return;
    }
    uint32_t snap = rec_snapshot(r);
    ir_emit(r->ir, op, IR_N, IR_NONE, IR_NONE, IR_NONE, imm, snap);
    r->end = how;
    r->done = true;
}

/* ---- inner loops --------------------------------------------------------------------------------------- */

bool record_is_back_edge(uint16_t op)
{
    switch (op) {
    case BC_JMPB:
    case BC_JMPB_WIDE:
    case BC_JTB:
    case BC_JFB:
    case BC_FOR:
    case BC_FOR_T: return true;
#define BACK(NAME)         \
    case BC_JB##NAME##_RR: \
    case BC_JB##NAME##_RI: \
    case BC_JB##NAME##_RK: return true;
        BC_COMPARE_LIST(BACK)
#undef BACK
    default: return false;
    }
}

int64_t record_remaining(const Insn *pc, uint16_t op, const Value *fp)
{
    if (op != BC_FOR && op != BC_FOR_T) {
        return INT64_MAX;
    }
    Value first = fp[pc->a], second = fp[pc->a + 1u];
    if (value_is_small_int(first)) {
        return value_int(second) - value_int(first);
    }
    if (!value_is_small_int(second)) {
        return INT64_MAX;
    }
    if (value_is_list(first)) {
        return list_size(first) - value_int(second);
    }
    return value_is_tuple(first) ? value_tuple(first)->size - value_int(second) : INT64_MAX;
}

static int64_t remaining(const Recorder *r) { return record_remaining(r->pc, r->op, r->fp); }

static RecInner *inner_at(Recorder *r)
{
    for (uint32_t i = 0; i < r->inner_count; i++) {
        if (r->inner[i].pc == r->pc && r->inner[i].fp == r->fp) {
            return &r->inner[i];
        }
    }
    if (r->inner_count == INNER_MAX) {
        record_abort(r, ABORT_INNER_LOOP, NULL);
        return &r->inner[0];
    }
    r->inner[r->inner_count] = (RecInner){r->pc, r->fp, 0};
    return &r->inner[r->inner_count++];
}

/* Recordings from the same place that were given up before this one. */
static uint32_t head_failures(const Recorder *r)
{
    if (r->trace->parent != IR_NONE) {
        return jit_trace_by_id(r->jit, r->trace->parent)->exits[r->trace->parent_exit].failures;
    }
    const JitHead *head = jit_head_find(r->jit, r->head_pc, r->ir->shared);
    return head != NULL ? head->failures : 0;
}

/* Where the back edge at pc leads. */
static const Insn *back_target(const Insn *pc, uint16_t op)
{
    return op == BC_JMPB_WIDE ? pc + (int32_t)((uint32_t)pc->b | (uint32_t)pc->c << 16)
                              : pc + (int16_t)pc->c;
}

/* A side trace on a back edge of a loop around its root's: the way round to the root's head. */
static bool leads_round(const Recorder *r)
{
    if (r->trace->parent == IR_NONE || r->depth > 0 || r->fp != r->root_fp) {
        return false;
    }
    const JitTrace *root = jit_trace_by_id(r->jit, r->trace->root);
    return root->code == frame_code(r->fp) && root->pc < r->pc &&
           back_target(r->pc, r->op) <= root->pc;
}

/* Is the loop whose back edge is at hand one to unroll? */
static bool is_short_loop(Recorder *r)
{
    const JitHead *head = jit_head_find(r->jit, r->pc, r->ir->shared);
    bool is_for = r->op == BC_FOR || r->op == BC_FOR_T;
    return (head != NULL && head->unroll) || (is_for && remaining(r) <= UNROLL_MAX / 2);
}

/* An inlined function has a loop of its own: from now on traces call it. false: they cannot. */
static bool leave_to_calls(Recorder *r)
{
    JitEntry *entry = jit_entry(frame_code(r->fp), r->ir->shared);
    if (entry == NULL || entry->bound) {
        return false;
    }
    entry->called = true;
    record_abort(r, ABORT_INNER_LOOP, NULL);
    return true;
}

/* A loop inside the recorded one: unrolled while it is short, else linked or left to be recorded on
 * its own first. */
static void pass_back_edge(Recorder *r, const JitTrace *other)
{
    if (r->depth > 0 && !is_short_loop(r) && leave_to_calls(r)) {
        return;
    }
    RecInner *inner = inner_at(r);
    inner->count++;
    if (inner->count == 1 && leads_round(r) && (other == NULL || other->ir->loop == IR_NONE)) {
        return;
    }
    bool is_for = r->op == BC_FOR || r->op == BC_FOR_T;
    bool is_short = is_for && remaining(r) <= UNROLL_MAX / 2;
    JitHead *head = jit_head_find(r->jit, r->pc, r->ir->shared);
    if (head != NULL && head->unroll && inner->count <= UNROLL_MAX) {
        is_short = true;
    }
    if (other != NULL && !(is_short && inner->count == 1) && inner->count == 1) {
        record_link_head(r, other);
        return;
    }
    /* A loop of unknown length is given time to become a trace of its own. */
    bool wait = !is_for && !is_short && inner->count == 2 && head_failures(r) < INNER_PATIENCE;
    if (wait || (inner->count == 1 && is_for && !is_short)) {
        record_abort(r, ABORT_INNER_LOOP, NULL);
    } else if (inner->count > UNROLL_MAX + 1) {
        if (other != NULL) {
            record_link_head(r, other);
        } else {
            record_abort(r, ABORT_INNER_LOOP, NULL);
        }
    }
}

/* ---- functions ----------------------------------------------------------------------------------------------- */

bool record_is_function_head(const Code *code, const Insn *pc, uint16_t op)
{
    return pc == code->insns && !record_is_back_edge(op);
}

void record_function_head(Recorder *r)
{
    const Code *code = r->head_code;
    r->is_function = true;
    for (uint32_t i = code->param_count; i < code->local_count; i++) {
        rec_set(r, (int32_t)i, rec_value(r, VALUE_UNBOUND));
    }
    rec_guard(r, IR_guard_poll, IR_N, IR_NONE, IR_NONE, 0);
    r->snap = IR_NONE;
}

/* ---- the step ------------------------------------------------------------------------------------------------ */

static bool head_reached(Recorder *r)
{
    return r->steps > 0 && r->pc == r->head_pc && r->fp == r->root_fp && r->depth == 0;
}

static void record_bytecode(Recorder *r)
{
    if (record_arith(r) || record_compare(r) || record_moves(r) || record_names(r) ||
        record_items(r) || record_build(r) || record_loops(r) || record_calls(r)) {
        return;
    }
    record_abort(r, ABORT_BYTECODE, bytecode_info[r->op].name);
}

static void check_limits(Recorder *r)
{
    uint32_t uops_max = r->jit->config.stress_buffers ? TINY_UOPS : UOPS_MAX;
    if (r->ir->count > uops_max || r->steps > STEPS_MAX) {
        record_abort(r, ABORT_TOO_LONG, NULL);
    } else if (r->ir->snap_count > SNAPS_MAX) {
        record_abort(r, ABORT_TOO_MANY_SNAPSHOTS, NULL);
    }
}

/* A root records one loop: from where its back edge leads to the back edge itself. What leaves it on
 * the way would be recorded as part of the loop around it, in an odd shape. */
static void check_left(Recorder *r)
{
    if (r->trace->parent != IR_NONE || r->depth > 0 || r->fp != r->root_fp || r->is_function) {
        return;
    }
    const Insn *first = back_target(r->head_pc, jit_opcode(r->head_code, r->head_pc));
    if (r->pc < first || r->pc > r->head_pc || (r->steps == 0 && remaining(r) <= 0)) {
        record_abort(r, ABORT_LEFT_LOOP, NULL);
    }
}

/* For adder-trace; when memory runs out the trace has fewer steps to show. */
static void keep_step(Recorder *r)
{
    JitTrace *t = r->trace;
    if (t->step_count == t->step_capacity) {
        uint32_t capacity = t->step_capacity == 0 ? 64 : t->step_capacity * 2;
        JitStep *steps = rt_realloc(t->steps, capacity * sizeof *steps);
        if (steps == NULL) {
            return;
        }
        t->steps = steps;
        t->step_capacity = capacity;
    }
    t->steps[t->step_count++] = (JitStep){r->pc, r->ir->count, r->depth};
}

/* May the recording of the bytecode read or write what other threads may write, or lead elsewhere? Numbers,
 * moves and generic helpers do not. */
static bool relies_on_form(uint16_t op)
{
    bool arithmetic = op <= BC_INVERT_T, compares = op >= BC_LT && op < BC_JMP;
    bool moves = op >= BC_MOVE && op <= BC_COPY_T;
    bool returns = op == BC_RETURN || op == BC_RETURN_K;
    return record_is_back_edge(op) || !(arithmetic || compares || moves || returns);
}

/* Behind a helper in which other threads may have begun to run, before the first bytecode that relies on
 * the trace's form. Whoever calls a trace that returns asks for himself. */
static void check_form(Recorder *r)
{
    if (relies_on_form(r->op)) {
        rec_ask_alone(r);
    }
}

void record_step(Recorder *r, const Insn *pc, Value *fp)
{
    if (thread_vm(r->th)->entry_fp != r->entry_fp) {
        return; /* Python called from a native: part of a helper */
    }
    if (r->waiting != NULL) {
        if (fp != r->waiting) {
            if (++r->waited > WAIT_MAX) {
                record_abort(r, ABORT_CALLEE, NULL);
            }
            return;
        }
        r->waiting = NULL;
    }
    r->pc = pc;
    r->fp = fp;
    r->base = (int32_t)(fp - r->root_fp);
    r->snap = IR_NONE;
    /* acquire: pairs with the release of who has replaced a table */
    r->globals_epoch = atomic_load_explicit(&r->th->rt->globals_epoch, memory_order_acquire);
    if (r->jit->config.keep_dumps) {
        keep_step(r);
    }
    const Code *code = frame_code(fp);
    JitTrace *other = insn_op(pc) == BC_ENTER_TRACE ? jit_trace_at(code, pc, r->ir->shared) : NULL;
    r->op = jit_opcode(code, pc);
    if (r->next.pc != NULL) {
        bool is_for = r->next.op == BC_FOR || r->next.op == BC_FOR_T;
        (is_for ? record_loops_finish : record_jump_finish)(r);
        r->next.pc = NULL;
        r->snap = IR_NONE;
    }
    rec_check_race(r); /* now the mirror has caught up with what tier 1 has dropped */
    check_form(r);
    if (r->range.slot >= 0 && r->range.pc != pc) {
        record_abort(r, ABORT_EXCEPTION, NULL);
    }
    if (head_reached(r) && r->trace->parent == IR_NONE) {
        record_close(r);
        return;
    }
    if (other != NULL && r->trace->parent != IR_NONE && r->depth == 0 && fp == r->root_fp &&
        other->id == r->trace->root && r->steps > 0) {
        record_link_head(r, other);
        return;
    }
    if (record_is_back_edge(r->op) && r->steps > 0) {
        pass_back_edge(r, other);
    }
    if (r->reason == ABORT_NONE && !r->done) {
        check_left(r);
    }
    if (r->reason == ABORT_NONE && !r->done) {
        if (record_is_back_edge(r->op)) {
            rec_guard(r, IR_guard_poll, IR_N, IR_NONE, IR_NONE, 0);
        }
        record_bytecode(r);
        check_limits(r);
    }
    r->steps++;
}
