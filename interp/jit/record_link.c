/*
 * Recorder, endings: closing a loop, and going on in another trace.
 *
 * link: the whole frame is stored, and the target starts from its first uop, which is always possible.
 *
 * link_head: a side trace of a loop comes round to the loop's head and goes on there, its values in
 * registers, in the place of the loop's phis.  The loop's body relies on what its first iteration has
 * computed, so all of this must hold (else it is a link):
 *
 *     the exit where the tree's branch begins lies in the loop's body, not before its head
 *     a slot that the loop carries holds a value of the phi's type, within the range that the body relies on;
 *       one that it carries unchanged holds that very value
 *     a slot that the loop has read and does not carry is unchanged, in memory too
 *     no memory is written that the loop has read once for all, not by the traces in between either
 *
 * Any other slot that was written goes to the frame's memory: the loop does not know of it.
 *
 * Threads: the thread that records.
 */
#include "interp/jit/recorder.h"
#include "runtime/int.h"
#include "runtime/memory.h"

enum { LIVE_MAX = 256, SAME_DEPTH = 6 };

void record_close(Recorder *r)
{
    rec_own_all(r);
    r->snap = IR_NONE;
    record_finish(r, IR_jump, 0, "loop");
}

/* ---- link ------------------------------------------------------------------------------------------ */

static bool is_filled(const RecSlot *s) { return s->written && !s->dead && s->ref != IR_NONE; }

/* What is to be stored is boxed: these are guards, so they come before all stores. */
static void box_slot(Recorder *r, RecSlot *s)
{
    if (s->raw) {
        return;
    }
    IrRef boxed = rec_as_value(r, s->ref);
    if (ir_type_of(r->ir, s->ref) == IR_I && !ir_is_const(s->ref)) {
        rec_set_known(r, boxed, KNOWN_NUMBER);
    }
    s->ref = boxed;
}

static void store_slot(Recorder *r, int32_t i)
{
    RecSlot *s = &r->slots[i];
    rec_emit(r, s->raw ? IR_store_slot_ptr : IR_store_slot, IR_N, s->ref, IR_NONE, IR_NONE,
             i - SLOT_HEADER);
    s->written = false;
}

/* All slots that differ from memory are stored, so that the target finds a whole frame. */
void record_link(Recorder *r, const JitTrace *target)
{
    rec_own_all(r);
    r->snap = IR_NONE;
    for (int32_t i = 0; i < r->top && r->reason == ABORT_NONE; i++) {
        if (is_filled(&r->slots[i])) {
            box_slot(r, &r->slots[i]);
        }
    }
    for (int32_t i = 0; i < r->top && r->reason == ABORT_NONE; i++) {
        if (is_filled(&r->slots[i])) {
            store_slot(r, i);
        }
    }
    r->snap = IR_NONE;
    record_finish(r, IR_link, (int32_t)target->id, "link");
}

/* ---- link_head: what the loop knows --------------------------------------------------------------------- */

typedef enum HeadAction {
    HEAD_KEEP,  /* nothing to do: memory has it, or nobody asks for it */
    HEAD_CARRY, /* a phi's value */
    HEAD_STORE, /* to the frame's memory */
} HeadAction;

typedef struct Head {
    Recorder *r;
    const JitTrace *root;
    const IrTrace *t; /* the root's */
    uint32_t phi_count;
    IrRef *args;                /* by phi: IR_NONE until known */
    uint8_t actions[SLOTS_MAX]; /* HeadAction by index into r->slots */
} Head;

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
        const JitTrace *parent = h->r->jit->traces[trace->parent];
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
    while (h->r->jit->traces[t->parent] != h->root) {
        t = h->r->jit->traces[t->parent];
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
    const JitTrace *t = h->r->jit->traces[h->r->trace->parent];
    for (; t != h->root; t = h->r->jit->traces[t->parent]) {
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

/* ---- link_head: does the frame fit? ------------------------------------------------------------------------ */

static const IrPhiFact *fact_of(const IrTrace *t, IrRef phi)
{
    for (uint32_t i = 0; i < t->fact_count; i++) {
        if (t->facts[i].phi == phi) {
            return &t->facts[i];
        }
    }
    return NULL;
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

/* A slot that the root's head_snap names. */
static bool check_carried(Head *h, const IrSnapEntry *e)
{
    int32_t index = e->slot + SLOT_HEADER;
    if (index < 0 || index >= h->r->top || e->kind != SNAP_VALUE || (e->flags & SNAP_INCREF) != 0) {
        return false;
    }
    const RecSlot *s = &h->r->slots[index];
    if (!is_filled(s) || s->raw) {
        return false;
    }
    if (ir_is_const(e->ref) || e->ref < h->t->loop) {
        h->actions[index] = HEAD_KEEP;
        return same_value(h, s->ref, e->ref, 0);
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
    IrRef read = root_slot(h, slot);
    if (s->raw || (read != IR_NONE && !same_value(h, s->ref, read, 0))) {
        return false;
    }
    if (read != IR_NONE) {
        return true;
    }
    if (shown_in_body(h, slot)) { /* the body writes it before it shows it */
        return is_number(h->r, s->ref);
    }
    h->actions[index] = HEAD_STORE;
    return true;
}

static bool check_frame(Head *h)
{
    bool *named = rt_calloc(SLOTS_MAX, 1);
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
        good = named[i] || !is_filled(&h->r->slots[i]) || check_other(h, i);
    }
    for (uint32_t k = 0; k < h->phi_count && good; k++) {
        good = h->args[k] != IR_NONE;
    }
    rt_free(named);
    return good;
}

/* ---- link_head: recording it ---------------------------------------------------------------------------------- */

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
    const IrPhiFact *fact = fact_of(h->t, phi);
    if (type == IR_I && fact->low != INT64_MIN) {
        rec_guard(r, IR_guard_ge_int, IR_N, ref, rec_int(r, fact->low), 0);
    }
    if (type == IR_I && fact->high != INT64_MAX) {
        rec_guard(r, IR_guard_le_int, IR_N, ref, rec_int(r, fact->high), 0);
    }
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

/* Takes h->args. */
static void emit_head(Head *h)
{
    Recorder *r = h->r;
    rec_own_all(r);
    r->snap = IR_NONE;
    carry_values(h);
    for (int32_t i = 0; i < r->top && r->reason == ABORT_NONE; i++) {
        if (h->actions[i] == HEAD_STORE) {
            box_slot(r, &r->slots[i]);
        }
    }
    for (int32_t i = 0; i < r->top && r->reason == ABORT_NONE; i++) {
        if (h->actions[i] == HEAD_STORE) {
            store_slot(r, i);
        }
    }
    r->snap = IR_NONE;
    r->ir->head_args = h->args;
    r->ir->head_arg_count = h->phi_count;
    record_finish(r, IR_link_head, (int32_t)h->root->id, "link to head");
}

void record_link_root(Recorder *r, const JitTrace *root)
{
    const IrTrace *t = root->ir;
    const JitExit *exit = &r->jit->traces[r->trace->parent]->exits[r->trace->parent_exit];
    Head h = {.r = r, .root = root, .t = t};
    bool possible = !exit->no_head && t->loop != IR_NONE && t->head_snap != IR_NONE &&
                    r->base == 0 && leaves_body(&h) && !writes_hoisted(&h);
    if (possible) {
        for (uint32_t i = t->loop + 1; t->uops[i].op == IR_phi; i++) {
            h.phi_count++;
        }
        h.args = rt_malloc((h.phi_count + 1) * sizeof *h.args);
        possible = h.args != NULL;
    }
    if (possible) {
        memset(h.args, 0xFF, h.phi_count * sizeof *h.args);
        possible = check_frame(&h);
    }
    if (possible) {
        emit_head(&h);
    } else {
        rt_free(h.args);
        record_link(r, root);
    }
}
