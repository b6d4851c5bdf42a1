/*
 * Recorder, going on at the loop head of a root (link_head): the values that the loop carries go to its
 * phis in registers, without the way through the frame and the first iteration.
 *
 * The loop's body relies on what was computed before its head.  There are two ways to have that:
 *
 *     still there   the branch of the tree that ends here left the body of its own root's loop: the values
 *                   are carried along.  No slot that they were read from may have changed, and no memory
 *                   that they were read from may be written, by the traces in between either.
 *     anew          what is invariant before the target's head is recorded again, slots being what they are
 *                   here: loads, computations, guards.  It is evaluated first: if a guard fails on the values
 *                   at hand, this is no way in.
 *
 * In both, a slot that the loop carries must hold a value of the phi's type within the range that the body
 * relies on (facts; guards are recorded), one that it carries unchanged that very value.  What else was
 * written goes to the frame's memory.  If anything does not fit, the recording ends in a plain link.
 *
 * Threads: the thread that records.
 */
#include "interp/jit/recorder.h"
#include "runtime/int.h"
#include "runtime/memory.h"

enum { LIVE_MAX = 256, SAME_DEPTH = 6 };

typedef enum HeadAction {
    HEAD_KEEP,  /* nothing to do: memory has it, or nobody asks for it */
    HEAD_CARRY, /* a phi's value */
    HEAD_STORE, /* to the frame's memory */
} HeadAction;

typedef struct Head {
    Recorder *r;
    const JitTrace *root; /* the target */
    const IrTrace *t;     /* its uops */
    bool anew;
    uint32_t phi_count;
    IrRef *args;                /* by phi, IR_NONE until known; then what is recorded anew */
    uint8_t actions[SLOTS_MAX]; /* HeadAction by index into r->slots */
    /* anew, by uop before the target's loop */
    bool *invariant;
    IrWord *words; /* of the invariant ones, on the values at hand */
    IrRef *map;    /* ... and here */
} Head;

/* ---- what the loop knows ------------------------------------------------------------------------------- */

/* The root's uop that reads the slot, IR_NONE if none does. */
static IrRef root_slot(const Head *h, int32_t slot)
{
    for (uint32_t i = 0; i < h->t->loop; i++) {
        if (h->t->uops[i].op == IR_slot && h->t->uops[i].imm == slot) {
            return i;
        }
    }
    return IR_NONE;
}

/* The root's value that an inherited one, or one read from the frame, is; IR_NONE if it is none. */
static IrRef root_value(const Head *h, IrRef ref)
{
    const JitTrace *trace = h->r->trace;
    const IrUop *u = &h->r->ir->uops[ref];
    while (u->op == IR_inherit) {
        const JitTrace *parent = jit_trace_by_id(h->r->jit, trace->parent);
        IrRef live[LIVE_MAX];
        uint32_t n = ir_snap_live(parent->ir, trace->parent_exit, live, LIVE_MAX);
        if (n > LIVE_MAX || (uint32_t)u->imm >= n) {
            return IR_NONE;
        }
        if (parent == h->root) {
            return live[u->imm];
        }
        u = &parent->ir->uops[live[u->imm]];
        trace = parent;
    }
    return u->op == IR_slot ? root_slot(h, u->imm) : IR_NONE;
}

static bool same_const(const IrConst *a, const IrConst *b)
{
    if (a->type == b->type) {
        return a->bits == b->bits;
    }
    if (a->type == IR_V) {
        return same_const(b, a);
    }
    if (b->type != IR_V) {
        return false;
    }
    return a->type == IR_I   ? value_is_small_int(b->v) && value_int(b->v) == a->i
           : a->type == IR_F ? b->v == value_from_double(a->f)
                             : false;
}

/* May the result be computed again from the same operands? */
static bool repeats(const IrTrace *t, const IrUop *u)
{
    return ir_is_pure(t, u) || (u->op >= IR_unbox_int && u->op <= IR_unbox_bool);
}

/* Is `mine` of this recording the root's value `theirs`? */
static bool same_value(const Head *h, IrRef mine, IrRef theirs, uint32_t depth)
{
    if (mine == IR_NONE || theirs == IR_NONE) {
        return mine == theirs;
    }
    if (ir_is_const(mine) || ir_is_const(theirs)) {
        return ir_is_const(mine) && ir_is_const(theirs) &&
               same_const(ir_const(h->r->ir, mine), ir_const(h->t, theirs));
    }
    const IrUop *u = &h->r->ir->uops[mine], *v = &h->t->uops[theirs];
    if (u->op == IR_inherit || u->op == IR_slot) {
        return root_value(h, mine) == theirs;
    }
    return depth < SAME_DEPTH && u->op == v->op && u->imm == v->imm && repeats(h->r->ir, u) &&
           same_value(h, u->a, v->a, depth + 1) && same_value(h, u->b, v->b, depth + 1) &&
           same_value(h, u->c, v->c, depth + 1);
}

/* Does the branch of the tree that ends here begin in the loop's body? */
static bool leaves_body(const Head *h)
{
    const JitTrace *t = h->r->trace;
    while (jit_trace_by_id(h->r->jit, t->parent) != h->root) {
        t = jit_trace_by_id(h->r->jit, t->parent);
    }
    for (uint32_t i = h->t->loop; i < h->t->count; i++) {
        if (h->t->uops[i].snap == t->parent_exit) {
            return true;
        }
    }
    return false;
}

/* Is memory written that the loop has read once for all? */
static bool writes_hoisted(const Head *h)
{
    uint32_t writes = 0;
    for (uint32_t i = 0; i < h->r->ir->count; i++) {
        writes |= ir_writes(h->r->ir, &h->r->ir->uops[i]);
    }
    const JitTrace *t = jit_trace_by_id(h->r->jit, h->r->trace->parent);
    for (; t != h->root; t = jit_trace_by_id(h->r->jit, t->parent)) {
        writes |= t->ir->writes;
    }
    return (writes & h->t->hoisted_reads) != 0;
}

/* Does an exit of the body name the slot? */
static bool shown_in_body(const Head *h, int32_t slot)
{
    for (uint32_t i = h->t->loop; i < h->t->count; i++) {
        uint32_t snap = h->t->uops[i].snap;
        const IrSnap *s = snap == IR_NONE ? NULL : &h->t->snaps[snap];
        for (uint32_t e = 0; s != NULL && e < s->count; e++) {
            if (h->t->entries[s->first + e].slot == slot) {
                return true;
            }
        }
    }
    return false;
}

/* ---- anew: the invariants on the values at hand ------------------------------------------------------------ */

static const IrPhiFact *fact_of(const IrTrace *t, IrRef phi)
{
    for (uint32_t i = 0; i < t->fact_count; i++) {
        if (t->facts[i].phi == phi) {
            return &t->facts[i];
        }
    }
    return NULL;
}

static const IrSnapEntry *head_entry(const IrTrace *t, int32_t slot)
{
    const IrSnap *s = &t->snaps[t->head_snap];
    for (uint32_t i = 0; i < s->count; i++) {
        if (t->entries[s->first + i].slot == slot) {
            return &t->entries[s->first + i];
        }
    }
    return NULL;
}

/* Is the uop before the loop the same in all iterations, so that the body may rely on it? */
static bool is_invariant(const Head *h, uint32_t i)
{
    const IrTrace *t = h->t;
    const IrUop *u = &t->uops[i];
    const IrOpInfo *row = &ir_ops[u->op];
    if (u->op == IR_slot) {
        const IrSnapEntry *e = head_entry(t, u->imm);
        return e == NULL || e->ref == i;
    }
    bool loads = (row->flags & (IRF_SP | IRF_TH | IRF_CC | IRF_X)) == 0 && row->writes == 0 &&
                 (row->reads & t->writes) == 0;
    bool same = (u->flags & UOP_SUNK) == 0 && (loads || ir_is_pure(t, u));
    for (int k = 0; k < 3 && same; k++) {
        IrRef a = ir_operand(u, k);
        same = a == IR_NONE || ir_is_const(a) || h->invariant[a];
    }
    return same;
}

static IrWord word_of(const Head *h, IrRef ref)
{
    if (ref == IR_NONE) {
        return (IrWord){0};
    }
    return ir_is_const(ref) ? (IrWord){.i = (int64_t)ir_const(h->t, ref)->bits} : h->words[ref];
}

/* false: it leaves, or is beyond what the body relies on. */
static bool evaluate(Head *h, uint32_t i)
{
    const IrUop *u = &h->t->uops[i];
    IrWord args[3] = {word_of(h, u->a), word_of(h, u->b), word_of(h, u->c)};
    if (u->op == IR_slot) {
        int32_t index = u->imm + SLOT_HEADER;
        const RecSlot *s = index >= 0 && index < SLOTS_MAX ? &h->r->slots[index] : NULL;
        if (s == NULL || s->dead || s->raw) {
            return false;
        }
        h->words[i].v = h->r->root_fp[u->imm];
    } else if (u->op == IR_call) {
        ir_call_helper(h->r->th, (uint32_t)u->imm, args, &h->words[i]);
    } else if (!ir_evaluate(h->r->th, (IrOp)u->op, args, u->imm, &h->words[i])) {
        return false;
    }
    const IrPhiFact *fact = u->type == IR_I ? fact_of(h->t, i) : NULL;
    return fact == NULL || (fact->low <= h->words[i].i && h->words[i].i <= fact->high);
}

/* Finds the invariants, and what they are here. false: this is no way in. */
static bool find_invariants(Head *h)
{
    uint32_t n = h->t->loop;
    h->anew = true;
    h->invariant = rt_calloc(n + 1, sizeof *h->invariant);
    h->words = rt_calloc(n + 1, sizeof *h->words);
    h->map = rt_calloc(n + 1, sizeof *h->map);
    if (h->invariant == NULL || h->words == NULL || h->map == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        h->invariant[i] = is_invariant(h, i);
        bool needed = (h->t->uops[i].flags & UOP_INVARIANT) != 0;
        if (h->invariant[i] ? !evaluate(h, i) : needed) {
            return false;
        }
    }
    return true;
}

/* ---- does the frame fit? ----------------------------------------------------------------------------------- */

/* Does the slot hold what the loop carries unchanged? */
static bool holds(const Head *h, const RecSlot *s, const IrSnapEntry *e)
{
    if (!h->anew || ir_is_const(e->ref)) {
        return same_value(h, s->ref, e->ref, 0);
    }
    Value actual = h->r->root_fp[e->slot];
    int64_t i;
    if (!h->invariant[e->ref] || (e->flags & SNAP_BOOL) != 0) {
        return false;
    }
    switch (h->t->uops[e->ref].type) {
    case IR_I:
        return ir_type_of(h->r->ir, s->ref) == IR_I && value_is_int(actual) &&
               int_to_i64(actual, &i) && i == h->words[e->ref].i;
    case IR_V: return ir_type_of(h->r->ir, s->ref) == IR_V && actual == h->words[e->ref].v;
    default: return false;
    }
}

/* Has the slot's value the phi's type, and does it lie within what the body relies on? */
static bool fits_phi(const Head *h, const RecSlot *s, Value actual, IrRef phi, bool is_bool)
{
    IrType type = (IrType)h->t->uops[phi].type, mine = ir_type_of(h->r->ir, s->ref);
    const IrPhiFact *fact = fact_of(h->t, phi);
    int64_t i;
    switch (type) {
    case IR_I:
        return fact != NULL && value_is_int_like(actual) && value_is_bool(actual) == is_bool &&
               (is_bool ? mine == IR_V : mine == IR_I || value_is_small_int(actual)) &&
               int_to_i64(actual, &i) && fact->low <= i && i <= fact->high;
    case IR_F: return value_is_double(actual);
    case IR_V: return mine != IR_I || value_is_small_int(actual);
    default: return false;
    }
}

static bool is_number(const Recorder *r, IrRef ref);

/* Does the loop carry the phi without a count, and drop nothing that may be the root of a value that
 * comes from here? */
static bool lends(const Head *h, IrRef phi)
{
    bool good = !ir_is_const(phi) && (h->t->uops[phi].flags & UOP_LENT) != 0;
    for (uint32_t i = h->t->loop; i < h->t->count && good; i++) {
        good = h->t->uops[i].op != IR_decref;
    }
    return good;
}

/* Can it be that the epoch lends the value here, too? The optimizer decides (refs.c). */
static bool may_be_lent(const Recorder *r, IrRef ref)
{
    if (ir_is_const(ref)) {
        return false;
    }
    const IrUop *u = &r->ir->uops[ref];
    return u->op == IR_load_shared_item || u->op == IR_load_shared_cell ||
           u->op == IR_load_shared_global || (u->flags & UOP_LENT) != 0 ||
           (u->op == IR_call && (helper_table[u->imm].effects & HELPER_LENDS) != 0);
}

/* A slot that the root's head_snap names. */
static bool check_carried(Head *h, const IrSnapEntry *e)
{
    int32_t index = e->slot + SLOT_HEADER;
    if (index < 0 || index >= h->r->top || e->kind != SNAP_VALUE) {
        return false;
    }
    const RecSlot *s = &h->r->slots[index];
    if (!rec_is_filled(s) || s->raw) {
        return false;
    }
    if ((e->flags & SNAP_INCREF) != 0 && !ir_is_const(e->ref) &&
        (!lends(h, e->ref) || !(is_number(h->r, s->ref) || may_be_lent(h->r, s->ref)))) {
        return false;
    }
    if (ir_is_const(e->ref) || e->ref < h->t->loop) {
        return holds(h, s, e);
    }
    uint32_t k = e->ref - (h->t->loop + 1);
    bool is_bool = (e->flags & SNAP_BOOL) != 0;
    if (k >= h->phi_count || (h->args[k] != IR_NONE && h->args[k] != s->ref) ||
        !fits_phi(h, s, h->r->root_fp[e->slot], e->ref, is_bool)) {
        return false;
    }
    h->args[k] = s->ref;
    h->actions[index] = HEAD_CARRY;
    return true;
}

static bool is_number(const Recorder *r, IrRef ref)
{
    if (ir_type_of(r->ir, ref) != IR_V) {
        return true;
    }
    return ir_is_const(ref) ? !value_is_object(ir_const(r->ir, ref)->v)
                            : rec_known(r, ref) == KNOWN_NUMBER;
}

/* A slot that it does not name. */
static bool check_other(Head *h, int32_t index)
{
    const RecSlot *s = &h->r->slots[index];
    int32_t slot = index - SLOT_HEADER;
    IrRef read = h->anew ? IR_NONE : root_slot(h, slot);
    if (s->raw || (read != IR_NONE && !same_value(h, s->ref, read, 0))) {
        return false;
    }
    if (read != IR_NONE) {
        return true;
    }
    /* what the loop writes it does not drop, if it does not carry it */
    if (shown_in_body(h, slot) && !is_number(h->r, s->ref)) {
        return false;
    }
    h->actions[index] = HEAD_STORE;
    return true;
}

static bool check_frame(Head *h)
{
    bool *named = rt_calloc(SLOTS_MAX, 1);
    memset(h->args, 0xFF, h->phi_count * sizeof *h->args);
    memset(h->actions, HEAD_KEEP, sizeof h->actions);
    const IrSnap *head = &h->t->snaps[h->t->head_snap];
    bool good = named != NULL;
    for (uint32_t i = 0; i < head->count && good; i++) {
        const IrSnapEntry *e = &h->t->entries[head->first + i];
        good = check_carried(h, e);
        if (good) {
            named[e->slot + SLOT_HEADER] = true;
        }
    }
    for (int32_t i = 0; i < h->r->top && good; i++) {
        good = named[i] || !rec_is_filled(&h->r->slots[i]) || check_other(h, i);
    }
    for (uint32_t k = 0; k < h->phi_count && good; k++) {
        good = h->args[k] != IR_NONE;
    }
    rt_free(named);
    return good;
}

/* ---- recording it ------------------------------------------------------------------------------------------- */

static void guard_range(const Head *h, IrRef ref, const IrPhiFact *fact)
{
    if (fact == NULL || ir_is_const(ref)) {
        return;
    }
    if (fact->low != INT64_MIN) {
        rec_guard(h->r, IR_guard_ge_int, IR_N, ref, rec_int(h->r, fact->low), 0);
    }
    if (fact->high != INT64_MAX) {
        rec_guard(h->r, IR_guard_le_int, IR_N, ref, rec_int(h->r, fact->high), 0);
    }
}

/* The slot's value as the phi wants it; guards say that it lies in the phi's range. */
static IrRef phi_value(const Head *h, IrRef ref, Value actual, IrRef phi, bool is_bool)
{
    Recorder *r = h->r;
    IrType type = (IrType)h->t->uops[phi].type;
    if (type == IR_V) {
        return rec_as_value(r, ref);
    }
    if (ir_is_const(ref)) {
        int64_t i = 0;
        int_to_i64(actual, &i);
        return type == IR_F ? ir_const_float(r->ir, value_double(actual)) : rec_int(r, i);
    }
    if (is_bool) {
        return rec_guard(r, IR_unbox_bool, IR_I, ref, IR_NONE, 0);
    }
    ref = rec_specialise(r, ref, actual);
    guard_range(h, ref, type == IR_I ? fact_of(h->t, phi) : NULL);
    return ref;
}

static void carry_values(Head *h)
{
    const IrSnap *head = &h->t->snaps[h->t->head_snap];
    memset(h->args, 0xFF, h->phi_count * sizeof *h->args);
    for (uint32_t i = 0; i < head->count && h->r->reason == ABORT_NONE; i++) {
        const IrSnapEntry *e = &h->t->entries[head->first + i];
        uint32_t k = e->ref - (h->t->loop + 1);
        if (h->actions[e->slot + SLOT_HEADER] == HEAD_CARRY && h->args[k] == IR_NONE) {
            h->args[k] = phi_value(h, h->r->slots[e->slot + SLOT_HEADER].ref,
                                   h->r->root_fp[e->slot], e->ref, (e->flags & SNAP_BOOL) != 0);
        }
    }
}

static IrRef operand_here(const Head *h, IrRef ref)
{
    if (ref == IR_NONE || !ir_is_const(ref)) {
        return ref == IR_NONE ? ref : h->map[ref];
    }
    const IrConst *k = ir_const(h->t, ref);
    switch (k->type) {
    case IR_I: return rec_int(h->r, k->i);
    case IR_F: return ir_const_float(h->r->ir, k->f);
    case IR_P: return ir_const_ptr(h->r->ir, k->p);
    default: return rec_value(h->r, k->v);
    }
}

/* The slot's value, boxed. */
static IrRef slot_here(Recorder *r, int32_t slot)
{
    rec_slot(r, slot);
    RecSlot *s = &r->slots[slot + SLOT_HEADER];
    rec_box_slot(r, s);
    return s->ref;
}

static void record_anew(Head *h)
{
    Recorder *r = h->r;
    for (uint32_t i = 0; i < h->t->loop && r->reason == ABORT_NONE; i++) {
        const IrUop *u = &h->t->uops[i];
        if (!h->invariant[i]) {
            continue;
        }
        IrRef a = operand_here(h, u->a), b = operand_here(h, u->b), c = operand_here(h, u->c);
        if (u->op == IR_slot) {
            h->map[i] = slot_here(r, u->imm);
        } else if ((ir_ops[u->op].flags & IRF_G) != 0) {
            h->map[i] = rec_guard(r, (IrOp)u->op, (IrType)u->type, a, b, u->imm);
        } else {
            h->map[i] = rec_emit(r, (IrOp)u->op, (IrType)u->type, a, b, c, u->imm);
        }
        guard_range(h, h->map[i], u->type == IR_I ? fact_of(h->t, i) : NULL);
    }
}

/* What the loop carries unchanged is what has been recorded anew. */
static void guard_unchanged(Head *h)
{
    Recorder *r = h->r;
    const IrSnap *head = &h->t->snaps[h->t->head_snap];
    for (uint32_t i = 0; i < head->count && r->reason == ABORT_NONE; i++) {
        const IrSnapEntry *e = &h->t->entries[head->first + i];
        if (ir_is_const(e->ref) || e->ref > h->t->loop) {
            continue;
        }
        IrRef mine = r->slots[e->slot + SLOT_HEADER].ref, theirs = h->map[e->ref];
        IrOp op = h->t->uops[e->ref].type == IR_I ? IR_guard_eq_int : IR_guard_same;
        if (mine != theirs) {
            rec_guard(r, op, IR_N, mine, theirs, 0);
        }
    }
}

/* The values that the body uses: behind those of the phis. */
static void add_refs(Head *h)
{
    IrTrace *ir = h->r->ir;
    for (uint32_t i = 0; i < h->t->loop; i++) {
        if ((h->t->uops[i].flags & UOP_INVARIANT) != 0) {
            ir->head_refs[ir->head_ref_count++] = i;
            h->args[ir->head_arg_count++] = h->map[i];
        }
    }
}

/* The references of what the loop carries without a count. */
static void give_up_lent(Head *h)
{
    Recorder *r = h->r;
    const IrSnap *head = &h->t->snaps[h->t->head_snap];
    rec_snapshot(r); /* while they are there */
    for (uint32_t i = 0; i < head->count && r->reason == ABORT_NONE; i++) {
        const IrSnapEntry *e = &h->t->entries[head->first + i];
        IrRef mine = r->slots[e->slot + SLOT_HEADER].ref;
        if ((e->flags & SNAP_INCREF) != 0 && !is_number(r, mine)) {
            rec_emit(r, IR_decref, IR_N, mine, IR_NONE, IR_NONE, 0);
        }
    }
}

/* Takes h->args. */
static void emit_head(Head *h)
{
    Recorder *r = h->r;
    r->ir->head_args = h->args;
    r->ir->head_arg_count = h->phi_count;
    rec_own_all(r);
    r->snap = IR_NONE;
    carry_values(h);
    for (int32_t i = 0; i < r->top && r->reason == ABORT_NONE; i++) {
        if (h->actions[i] == HEAD_STORE) {
            rec_box_slot(r, &r->slots[i]);
        }
    }
    if (h->anew) {
        record_anew(h);
        guard_unchanged(h);
        add_refs(h);
    }
    for (int32_t i = 0; i < r->top && r->reason == ABORT_NONE; i++) {
        if (h->actions[i] == HEAD_STORE) {
            rec_store_slot(r, i);
        }
    }
    r->snap = IR_NONE;
    give_up_lent(h);
    record_finish(r, IR_link_head, (int32_t)h->root->id, "link to head");
}

/* May it be tried, and is there a head? */
static bool has_head(const Recorder *r, const JitTrace *target)
{
    const IrTrace *t = target->ir;
    const JitTrace *mine = r->trace;
    const JitHead *head = jit_head_find(r->jit, r->head_pc, r->ir->shared);
    bool failed = mine->parent != IR_NONE
                      ? jit_trace_by_id(r->jit, mine->parent)->exits[mine->parent_exit].no_head
                      : head == NULL || head->no_head;
    return !failed && r->depth == 0 && r->fp == r->root_fp && target->parent == IR_NONE &&
           t->loop != IR_NONE && t->head_snap != IR_NONE;
}

static bool find_way(Head *h)
{
    bool own = h->r->trace->parent != IR_NONE && h->r->trace->root == h->root->id;
    if (own && leaves_body(h) && !writes_hoisted(h) && check_frame(h)) {
        return true;
    }
    h->r->ir->head_refs = rt_malloc((h->t->loop + 1) * sizeof(IrRef));
    if (h->r->ir->head_refs != NULL && find_invariants(h) && check_frame(h)) {
        return true;
    }
    rt_free(h->r->ir->head_refs);
    h->r->ir->head_refs = NULL;
    return false;
}

void record_link_head(Recorder *r, const JitTrace *target)
{
    if (!has_head(r, target)) {
        record_link(r, target);
        return;
    }
    Head h = {.r = r, .root = target, .t = target->ir};
    for (uint32_t i = h.t->loop + 1; h.t->uops[i].op == IR_phi; i++) {
        h.phi_count++;
    }
    h.args = rt_malloc((h.phi_count + h.t->loop + 1) * sizeof *h.args);
    if (h.args != NULL && find_way(&h)) {
        emit_head(&h);
    } else {
        rt_free(h.args);
        record_link(r, target);
    }
    rt_free(h.invariant);
    rt_free(h.words);
    rt_free(h.map);
}
