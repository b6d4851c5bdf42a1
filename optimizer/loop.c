/*
 * Pass loop: from a recording that closed on its head to first iteration, loop head, phis and body.
 *
 * Needs: a recording that ends in `jump` with a snapshot J of the frame at the closing, folded.
 * Guarantees: a trace of the shape of ir.h; invariant computations, guards and loads (of memory that
 * the loop does not write) are done once, before the loop; head_snap, facts and hoisted_reads are
 * set.  Other traces are left alone.
 *
 * Method: copy-substitution.  The recording is the first iteration.  Its uops are emitted a second
 * time with substituted operands: `slot n` becomes what J says the slot holds, every other value
 * becomes its own copy.  CSE then finds every computation whose operands have not changed: an
 * invariant needs no analysis.  subst[r] is what takes the place of r in the next iteration; a value r
 * of the first iteration that the body uses and that changes (subst[r] != r) is a loop variable: a
 * phi (r, subst[r]): r_1 is to iteration 2 what subst[r] is to iteration 3.
 *
 * What J carries (and is not invariant) counts as unknown in the body, as if it were a phi already:
 * its definition, its kind, guards that have passed on it and results computed from it are not used
 * (Opt.carried).  Within the loop they would carry over, but a side trace that enters by link_head
 * brings any value for any slot, and relations between two slots that hold in the recording need not
 * hold for it.
 *
 * Slots that hold numbers are carried unboxed: an unbox of such a slot is the number itself.  Where the
 * body needs the boxed form too, it is boxed at the top of the body, under a snapshot of J.
 *
 * Snapshots of the body: a slot that any iteration changes no longer holds in memory what the frame
 * should show, so J's entries are added to each where it has none for that slot.
 */
#include "optimizer/internal.h"

#include "runtime/memory.h"

enum { SLOT_SPAN_MAX = 1 << 16 };

typedef struct Loop {
    Opt *o;
    uint32_t first_count; /* uops of the first iteration, without jump */
    uint32_t close;       /* J's number */
    IrRef *subst;         /* by uop of the first iteration */
    IrRef *boxed;         /* boxed form of a slot uop whose subst is unboxed; IR_NONE: none */
    bool *boxed_wanted;
    bool *invariant; /* computed from what no iteration changes */
    bool *carried;   /* Opt.carried */
    bool *is_bool;   /* the slot uop's unboxed form is shown as a bool */
    uint32_t *snaps; /* recorded snapshot -> body snapshot + 1 */
    uint32_t *seen;  /* by slot - low_slot: number of the snapshot + 1 that has it */
    int32_t low_slot;
    uint32_t first_body_snap;
    /* phis */
    uint32_t *phi_of; /* by uop of the first iteration: phi's number + 1 */
    IrRef *work;      /* loop variables, in the order of their phis */
    uint32_t phi_count;
} Loop;

static IrTrace *trace(const Loop *l) { return l->o->t; }

static const IrSnapEntry *close_entry(const Loop *l, int32_t slot)
{
    const IrTrace *t = trace(l);
    const IrSnap *j = &t->snaps[l->close];
    for (uint32_t i = 0; i < j->count; i++) {
        if (t->entries[j->first + i].slot == slot && t->entries[j->first + i].kind != SNAP_DROP) {
            return &t->entries[j->first + i];
        }
    }
    return NULL;
}

/* Slots that hold another slot's entry value take its number where the trace has unboxed it, so that
 * a, b = b, a + b has one type in every iteration. */
static void unbox_close(Loop *l)
{
    static const IrOp unboxes[] = {IR_unbox_int, IR_unbox_float, IR_unbox_bool};
    Opt *o = l->o;
    const IrSnap *j = &o->t->snaps[l->close];
    for (uint32_t i = 0; i < j->count; i++) {
        IrSnapEntry *e = &o->t->entries[j->first + i];
        if (e->kind != SNAP_VALUE || !opt_defined_by(o, e->ref, IR_slot)) {
            continue;
        }
        for (int k = 0; k < 3; k++) {
            IrRef r = opt_find(o, unboxes[k], e->ref, IR_NONE, IR_NONE, 0);
            if (r != IR_NONE) {
                e->ref = r;
                e->flags = unboxes[k] == IR_unbox_bool ? SNAP_BOOL : 0;
                break;
            }
        }
    }
}

/* Can the uop use the number itself in the place of the boxed slot? */
static bool takes_unboxed(IrOp op)
{
    switch (op) {
    case IR_unbox_int:
    case IR_unbox_int_any:
    case IR_unbox_int_known:
    case IR_unbox_float:
    case IR_unbox_float_known:
    case IR_unbox_bool:
    case IR_guard_number:
    case IR_guard_int:
    case IR_guard_float:
    case IR_guard_bound:
    case IR_guard_present:
    case IR_guard_type:
    case IR_guard_object:
    case IR_incref:
    case IR_publish:
    case IR_decref:
    case IR_keep: return true;
    default: return false;
    }
}

/* What a slot holds at the top of the next iteration; marks the slots whose boxed form is used. */
static void find_slots(Loop *l)
{
    IrTrace *t = trace(l);
    for (uint32_t i = 0; i < l->first_count; i++) {
        const IrUop *u = &t->uops[i];
        l->subst[i] = i;
        l->boxed[i] = IR_NONE;
        if (u->op == IR_slot) {
            const IrSnapEntry *e = close_entry(l, u->imm);
            if (e != NULL && e->kind == SNAP_VALUE) {
                l->subst[i] = e->ref;
                l->is_bool[i] = (e->flags & SNAP_BOOL) != 0;
            }
        }
        for (int k = 0; k < 3; k++) {
            IrRef r = ir_operand(u, k);
            if (r != IR_NONE && !ir_is_const(r) && t->uops[r].op == IR_slot &&
                !takes_unboxed((IrOp)u->op)) {
                l->boxed_wanted[r] = true;
            }
        }
    }
    const IrSnap *j = &t->snaps[l->close];
    for (uint32_t i = 0; i < j->count; i++) {
        IrRef r = t->entries[j->first + i].ref;
        if (!ir_is_const(r) && t->uops[r].op == IR_slot) {
            l->boxed_wanted[r] = true;
        }
    }
}

/* What J carries from one iteration to the next, but for what is the same in all of them. */
static void find_carried(Loop *l, uint32_t writes)
{
    Opt *o = l->o;
    const IrTrace *t = o->t;
    for (uint32_t i = 0; i < l->first_count; i++) {
        const IrUop *u = &t->uops[i];
        bool same = u->op == IR_slot || u->op == IR_inherit;
        bool loads = (ir_ops[u->op].flags & (IRF_SP | IRF_TH | IRF_CC)) == 0 &&
                     ir_ops[u->op].writes == 0 && (ir_ops[u->op].reads & writes) == 0;
        same = same || loads || ir_is_pure(t, u);
        for (int k = 0; k < 3 && same; k++) {
            IrRef r = ir_operand(u, k);
            same = r == IR_NONE || ir_is_const(r) || l->invariant[r];
        }
        l->invariant[i] = same && l->subst[i] == i;
    }
    const IrSnap *j = &t->snaps[l->close];
    for (uint32_t i = 0; i < j->count; i++) {
        IrRef r = t->entries[j->first + i].ref;
        if (!ir_is_const(r) && !l->invariant[r]) {
            l->carried[r] = true;
            o->kinds[r] = (OptKind){KIND_ANY, 0};
        }
    }
    o->carried = l->carried;
}

static IrType subst_type(const Loop *l, uint32_t i) { return ir_type_of(trace(l), l->subst[i]); }

static bool carried_unboxed(const Loop *l, uint32_t i)
{
    return trace(l)->uops[i].op == IR_slot && subst_type(l, i) != IR_V;
}

static IrRef box(Loop *l, IrRef r, bool is_bool, uint32_t snap)
{
    IrType type = ir_type_of(trace(l), r);
    IrOp op = type == IR_F ? IR_box_float : is_bool ? IR_box_bool : IR_box_int;
    return opt_emit(l->o, op, IR_V, r, IR_NONE, IR_NONE, 0, snap);
}

static void copy_entry(Loop *l, const IrSnapEntry *e, bool substitute)
{
    IrRef r = e->ref;
    uint16_t flags = e->flags;
    if (substitute && !ir_is_const(r)) {
        if (carried_unboxed(l, r)) {
            flags = l->is_bool[r] ? SNAP_BOOL : 0;
        }
        r = l->subst[r];
    }
    ir_snap_entry(trace(l), e->slot, e->kind, flags, r);
}

/* The snapshot as the body needs it: substituted, and J where it says nothing. */
static uint32_t merged_snap(Loop *l, uint32_t recorded, bool substitute)
{
    IrTrace *t = trace(l);
    IrSnap s = t->snaps[recorded];
    uint32_t fresh = ir_snap_new(t, s.pc, s.base, s.top, s.depth);
    for (uint32_t i = 0; i < s.count && !t->failed; i++) {
        IrSnapEntry e = t->entries[s.first + i];
        copy_entry(l, &e, substitute);
        if (e.kind != SNAP_DROP) {
            l->seen[e.slot - l->low_slot] = fresh + 1;
        }
    }
    IrSnap j = t->snaps[l->close];
    for (uint32_t i = 0; i < j.count && !t->failed; i++) {
        IrSnapEntry e = t->entries[j.first + i];
        if (l->seen[e.slot - l->low_slot] != fresh + 1) {
            copy_entry(l, &e, false);
        }
    }
    return fresh;
}

static uint32_t body_snap(Loop *l, uint32_t recorded)
{
    if (recorded == IR_NONE) {
        return IR_NONE;
    }
    if (l->snaps[recorded] == 0) {
        l->snaps[recorded] = merged_snap(l, recorded, true) + 1;
    }
    return l->snaps[recorded] - 1;
}

/* A uop whose operand a is a slot that is carried as a number. false: it always leaves. */
static bool emit_on_number(Loop *l, uint32_t i, const IrUop *u)
{
    IrRef r = l->subst[u->a];
    IrType type = ir_type_of(trace(l), r);
    bool is_bool = l->is_bool[u->a];
    switch ((IrOp)u->op) {
    case IR_unbox_int:
    case IR_unbox_int_any:
    case IR_unbox_int_known: l->subst[i] = r; return type == IR_I && !is_bool;
    case IR_unbox_float:
    case IR_unbox_float_known: l->subst[i] = r; return type == IR_F;
    case IR_unbox_bool: l->subst[i] = r; return type == IR_I && is_bool;
    case IR_guard_int: return type == IR_I && !is_bool;
    case IR_guard_float: return type == IR_F;
    case IR_guard_type:
    case IR_guard_object: return false;
    default: return true; /* proven, or not counted: nothing to emit */
    }
}

static IrRef body_operand(const Loop *l, IrRef r)
{
    if (r == IR_NONE || ir_is_const(r)) {
        return r;
    }
    return carried_unboxed(l, r) && l->boxed[r] != IR_NONE ? l->boxed[r] : l->subst[r];
}

/* Emits the second iteration. */
static void emit_body(Loop *l)
{
    Opt *o = l->o;
    uint32_t top = IR_NONE;
    for (uint32_t i = 0; i < l->first_count && opt_ok(o); i++) {
        if (l->boxed_wanted[i] && carried_unboxed(l, i)) {
            if (top == IR_NONE) {
                top = merged_snap(l, l->close, false);
            }
            l->boxed[i] = box(l, l->subst[i], l->is_bool[i], top);
        }
    }
    for (uint32_t i = 0; i < l->first_count && opt_ok(o); i++) {
        IrUop u = o->t->uops[i];
        if (u.op == IR_slot || u.op == IR_inherit || u.op == IR_nop) {
            continue;
        }
        if (u.a != IR_NONE && !ir_is_const(u.a) && carried_unboxed(l, u.a) &&
            takes_unboxed((IrOp)u.op)) {
            if (!emit_on_number(l, i, &u)) {
                opt_fail(o, OPT_UNSTABLE);
            }
            continue;
        }
        l->subst[i] =
            opt_emit(o, (IrOp)u.op, (IrType)u.type, body_operand(l, u.a), body_operand(l, u.b),
                     body_operand(l, u.c), u.imm, body_snap(l, u.snap));
        if (o->contradiction) {
            opt_fail(o, OPT_ALWAYS_LEAVES);
        }
    }
}

/* r, used in the body: is it a loop variable? */
static void mark_use(Loop *l, IrRef r)
{
    if (r == IR_NONE || ir_is_const(r) || r >= l->first_count || l->subst[r] == r ||
        l->phi_of[r] != 0) {
        return;
    }
    l->work[l->phi_count] = r;
    l->phi_of[r] = ++l->phi_count;
}

static void mark_snap(Loop *l, uint32_t snap)
{
    const IrTrace *t = trace(l);
    for (uint32_t i = 0; i < t->snaps[snap].count; i++) {
        mark_use(l, t->entries[t->snaps[snap].first + i].ref);
    }
}

/* Loop variables: what the body uses of the first iteration, and what their next values use. */
static void find_phis(Loop *l)
{
    Opt *o = l->o;
    IrTrace *t = o->t;
    const IrSnap *j = &t->snaps[l->close];
    for (uint32_t i = l->first_count + 1; i < t->count; i++) {
        for (int k = 0; k < 3; k++) {
            mark_use(l, ir_operand(&t->uops[i], k));
        }
        if (t->uops[i].snap != IR_NONE) {
            mark_snap(l, t->uops[i].snap);
        }
    }
    for (uint32_t i = 0; i < j->count; i++) {
        mark_use(l, t->entries[j->first + i].ref);
    }
    uint32_t bottom = IR_NONE;
    for (uint32_t i = 0; i < l->phi_count && opt_ok(o); i++) {
        IrRef r = l->work[i];
        if (ir_type_of(t, l->subst[r]) != (IrType)t->uops[r].type) {
            if (t->uops[r].op != IR_slot) {
                opt_fail(o, OPT_UNSTABLE);
                return;
            }
            if (l->boxed[r] == IR_NONE) {
                if (bottom == IR_NONE) {
                    bottom = merged_snap(l, l->close, true);
                    mark_snap(l, bottom);
                }
                l->boxed[r] = box(l, l->subst[r], l->is_bool[r], bottom);
            }
            l->subst[r] = l->boxed[r];
        }
        mark_use(l, l->subst[r]);
    }
}

static IrRef body_ref(const Loop *l, IrRef r)
{
    if (r == IR_NONE || ir_is_const(r)) {
        return r;
    }
    if (r < l->first_count) {
        return l->phi_of[r] != 0 ? l->first_count + l->phi_of[r] : r;
    }
    return r + l->phi_count;
}

/* Moves the body up to make room for the phis, and writes them. */
static void insert_phis(Loop *l)
{
    IrTrace *t = trace(l);
    uint32_t body = l->first_count + 1, end = t->count;
    for (uint32_t i = 0; i < l->phi_count; i++) {
        ir_emit(t, IR_nop, IR_N, IR_NONE, IR_NONE, IR_NONE, 0, IR_NONE);
    }
    if (t->failed) {
        return;
    }
    memmove(&t->uops[body + l->phi_count], &t->uops[body], (end - body) * sizeof *t->uops);
    for (uint32_t i = body + l->phi_count; i < t->count; i++) {
        IrUop *u = &t->uops[i];
        u->a = body_ref(l, u->a);
        u->b = body_ref(l, u->b);
        u->c = body_ref(l, u->c);
    }
    for (uint32_t i = 0; i < l->phi_count; i++) {
        IrRef r = l->work[i];
        t->uops[body + i] = (IrUop){.op = IR_phi,
                                    .type = t->uops[r].type,
                                    .a = r,
                                    .b = body_ref(l, l->subst[r]),
                                    .c = IR_NONE,
                                    .snap = IR_NONE};
    }
    for (uint32_t i = t->snaps[l->first_body_snap].first; i < t->entry_count; i++) {
        t->entries[i].ref = body_ref(l, t->entries[i].ref);
    }
}

/* What is known at the head, for link_head. Ranges come in pass types. */
static void describe_head(Loop *l)
{
    IrTrace *t = trace(l);
    t->hoisted_reads = l->o->hoisted;
    if (l->phi_count == 0) {
        return;
    }
    rt_free(t->facts);
    t->fact_count = 0;
    t->facts = rt_calloc(l->phi_count, sizeof *t->facts);
    if (t->facts == NULL) {
        opt_fail(l->o, OPT_NO_MEMORY);
        return;
    }
    t->fact_count = l->phi_count;
    for (uint32_t i = 0; i < l->phi_count; i++) {
        t->facts[i] = (IrPhiFact){.phi = l->first_count + 1 + i,
                                  .slot = -1,
                                  .low = INT64_MIN,
                                  .high = INT64_MAX};
    }
    const IrSnap *head = &t->snaps[t->head_snap];
    for (uint32_t i = 0; i < head->count; i++) {
        const IrSnapEntry *e = &t->entries[head->first + i];
        uint32_t phi = e->ref - (l->first_count + 1);
        if (!ir_is_const(e->ref) && e->ref > l->first_count && t->facts[phi].slot == -1) {
            t->facts[phi].slot = e->slot;
        }
    }
}

/* The lowest slot of all snapshots, and tables. */
static bool prepare(Loop *l)
{
    Opt *o = l->o;
    IrTrace *t = o->t;
    int64_t low = 0, high = 0;
    for (uint32_t i = 0; i < t->entry_count; i++) {
        low = t->entries[i].slot < low ? t->entries[i].slot : low;
        high = t->entries[i].slot > high ? t->entries[i].slot : high;
    }
    if (high - low > SLOT_SPAN_MAX) {
        opt_fail(o, OPT_TOO_LONG);
        return false;
    }
    uint32_t n = l->first_count + 1;
    l->low_slot = (int32_t)low;
    l->seen = opt_alloc(o, (size_t)(high - low) + 1, sizeof *l->seen);
    l->subst = opt_alloc(o, n, sizeof *l->subst);
    l->boxed = opt_alloc(o, n, sizeof *l->boxed);
    l->boxed_wanted = opt_alloc(o, n, sizeof *l->boxed_wanted);
    l->is_bool = opt_alloc(o, n, sizeof *l->is_bool);
    l->invariant = opt_alloc(o, n, sizeof *l->invariant);
    l->carried = opt_alloc(o, n, sizeof *l->carried);
    l->snaps = opt_alloc(o, t->snap_count + 1, sizeof *l->snaps);
    l->phi_of = opt_alloc(o, n, sizeof *l->phi_of);
    l->work = opt_alloc(o, n, sizeof *l->work);
    return opt_ok(o);
}

void opt_pass_loop(Opt *o)
{
    IrTrace *t = o->t;
    if (t->loop != IR_NONE || t->uops[t->count - 1].op != IR_jump) {
        return;
    }
    o->ranges_known = false;
    if (t->uops[t->count - 1].snap == IR_NONE) {
        opt_fail(o, OPT_NO_FRAME);
        return;
    }
    /* the tables of CSE are to be those of the first iteration */
    if (!o->tables_good && (opt_reemit(o, NULL) == NULL || !opt_ok(o))) {
        return;
    }
    Loop l = {.o = o, .first_count = t->count - 1, .close = t->uops[t->count - 1].snap};
    if (!prepare(&l)) {
        return;
    }
    t->count--;
    unbox_close(&l);
    find_slots(&l);
    uint32_t writes = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        writes |= ir_writes(t, &t->uops[i]);
    }
    opt_append(o, IR_loop, IR_N, IR_NONE, IR_NONE, IR_NONE, 0, IR_NONE);
    find_carried(&l, writes);
    o->body = t->count;
    o->hoisted = 0;
    o->contradiction = false;
    opt_kill(o,
             writes); /* the last uop is `loop`: stores of the first iteration are forgotten too */
    l.first_body_snap = t->snap_count;
    emit_body(&l);
    if (opt_ok(o)) {
        find_phis(&l);
    }
    o->carried = NULL;
    if (!opt_ok(o) || t->failed) {
        return;
    }
    t->head_snap = merged_snap(&l, l.close, false);
    insert_phis(&l);
    ir_emit(t, IR_jump, IR_N, IR_NONE, IR_NONE, IR_NONE, 0, IR_NONE);
    if (t->failed) {
        return;
    }
    describe_head(&l);
    if (opt_ok(o)) {
        opt_snaps_unbox(o);
    }
}
