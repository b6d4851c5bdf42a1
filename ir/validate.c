/*
 * Checking a trace: every rule of ir/ir.h that can be seen without running it.
 *
 * Shape (one terminator, at the end; loop, phis, jump), operand and result types, definition before
 * use, constants and snapshots in range, calls against their helper's row, snapshots of guards, no
 * effect between a before-snapshot and its guard, sunk objects seen by snapshots only, and what each form
 * may rely on.
 *
 * A before-snapshot says "as if the bytecode had not begun", so between the first and the last guard
 * that leave through the same snapshot nothing may have been written or counted; X guards leave with
 * an exception pending and do not start the bytecode again, so they are free of that rule.
 *
 * Runs between passes in debug builds and on every parsed trace.  Threads: reads only.
 */
#include <stdarg.h>
#include <stdio.h>

#include "ir/ir.h"
#include "runtime/helpers.h"
#include "runtime/memory.h"

typedef struct Check {
    const IrTrace *t;
    char *message;
    size_t size;
    uint32_t *snap_use; /* by snapshot: number of effects before its first guard, + 1 */
    uint32_t effects;   /* uops with effects so far */
    /* the shared form */
    uint32_t *guarded;  /* by uop, then by constant: the last guard_private + 1 */
    uint32_t published; /* the last uop + 1 after which a private object may be private no more */
    bool loop_publishes;
    /* the alone form */
    bool asked; /* a helper may have ended being alone, and nobody has looked */
} Check;

__attribute__((format(printf, 3, 4))) static bool wrong(const Check *c, uint32_t i,
                                                        const char *format, ...)
{
    int n = 0;
    if (i != IR_NONE) {
        n = snprintf(c->message, c->size, "v%u %s: ", i, ir_ops[c->t->uops[i].op].name);
    }
    if (n >= 0 && (size_t)n < c->size) {
        va_list args;
        va_start(args, format);
        vsnprintf(c->message + n, c->size - (size_t)n, format, args);
        va_end(args);
    }
    return false;
}

static bool type_fits(uint8_t wanted, IrType got)
{
    switch (wanted) {
    case IR_T: return got == IR_I || got == IR_F || got == IR_V || got == IR_P;
    case IR_A: return got == IR_V || got == IR_P;
    default: return got == (IrType)wanted;
    }
}

/* Is r a constant of the table or a uop with a result that is defined before limit? */
static bool defined(const Check *c, IrRef r, uint32_t limit)
{
    if (ir_is_const(r)) {
        return (r & ~IR_REF_CONST) < c->t->const_count;
    }
    return r < limit && r < c->t->count && c->t->uops[r].type != IR_N;
}

static bool check_operands(const Check *c, uint32_t i)
{
    const IrUop *u = &c->t->uops[i];
    const IrOpInfo *row = &ir_ops[u->op];
    for (int o = 0; o < 3; o++) {
        IrRef r = ir_operand(u, o);
        if (u->op == IR_call || (u->op == IR_phi && o == 1)) {
            continue;
        }
        if (row->operands[o] == IR_N) {
            if (r != IR_NONE) {
                return wrong(c, i, "operand %d is not expected", o);
            }
            continue;
        }
        if (r == IR_NONE || !defined(c, r, i)) {
            return wrong(c, i, "operand %d is not defined before it", o);
        }
        if (!type_fits(row->operands[o], ir_type_of(c->t, r))) {
            return wrong(c, i, "operand %d has the wrong type", o);
        }
        bool sunk = !ir_is_const(r) && (c->t->uops[r].flags & UOP_SUNK) != 0;
        if (sunk && (u->flags & UOP_SUNK) == 0) {
            return wrong(c, i, "operand %d is sunk", o);
        }
    }
    if (row->result != IR_T && u->type != row->result) {
        return wrong(c, i, "the result has the wrong type");
    }
    if ((row->flags & IRF_IMM) == 0 && u->imm != 0) {
        return wrong(c, i, "an immediate is not expected");
    }
    return true;
}

static IrType letter_type(char letter)
{
    switch (letter) {
    case 'I': return IR_I;
    case 'F': return IR_F;
    case 'V': return IR_V;
    case 'P': return IR_P;
    default: return IR_N;
    }
}

static bool check_call(const Check *c, uint32_t i)
{
    const IrUop *u = &c->t->uops[i];
    if (u->imm < 0 || u->imm >= HELPER_COUNT) {
        return wrong(c, i, "no such helper");
    }
    const HelperInfo *h = &helper_table[u->imm];
    if (u->type != letter_type(h->result)) {
        return wrong(c, i, "%s has another result type", h->name);
    }
    size_t count = strlen(h->arguments);
    for (size_t o = 0; o < 3; o++) {
        IrRef r = ir_operand(u, (int)o);
        if (o >= count) {
            if (r != IR_NONE) {
                return wrong(c, i, "%s takes %zu arguments", h->name, count);
            }
            continue;
        }
        if (r == IR_NONE || !defined(c, r, i) ||
            ir_type_of(c->t, r) != letter_type(h->arguments[o])) {
            return wrong(c, i, "argument %zu of %s is not defined or has the wrong type", o,
                         h->name);
        }
        if (!ir_is_const(r) && (c->t->uops[r].flags & UOP_SUNK) != 0) {
            return wrong(c, i, "argument %zu is sunk", o);
        }
    }
    return true;
}

static bool check_phi(const Check *c, uint32_t i)
{
    const IrTrace *t = c->t;
    const IrUop *u = &t->uops[i];
    bool placed = t->loop != IR_NONE && i > t->loop &&
                  (i == t->loop + 1 || t->uops[i - 1].op == IR_phi || t->uops[i - 1].op == IR_nop);
    if (!placed) {
        return wrong(c, i, "does not stand after loop");
    }
    if (!ir_is_const(u->a) && u->a >= t->loop) {
        return wrong(c, i, "operand 0 is not from before the loop");
    }
    if (u->b == IR_NONE || !defined(c, u->b, t->count)) {
        return wrong(c, i, "operand 1 is not defined");
    }
    if (u->type == IR_N || u->type != ir_type_of(t, u->a) || u->type != ir_type_of(t, u->b)) {
        return wrong(c, i, "its types differ");
    }
    return true;
}

static bool check_entry(const Check *c, uint32_t i, uint32_t snap, const IrSnapEntry *e)
{
    if (e->ref == IR_NONE || !defined(c, e->ref, i)) {
        return wrong(c, i, "slot %d of snapshot %u is not defined before it", e->slot, snap);
    }
    IrType type = ir_type_of(c->t, e->ref);
    bool raw = e->kind == SNAP_RAW;
    if (e->kind > SNAP_DROP || (raw && e->flags != 0) || (!raw && type == IR_P)) {
        return wrong(c, i, "slot %d of snapshot %u has the wrong kind", e->slot, snap);
    }
    if ((e->flags & SNAP_BOOL) != 0 && type != IR_I) {
        return wrong(c, i, "slot %d of snapshot %u is no int", e->slot, snap);
    }
    return true;
}

static bool check_snap(const Check *c, uint32_t i, uint32_t snap)
{
    const IrTrace *t = c->t;
    if (snap >= t->snap_count) {
        return wrong(c, i, "no such snapshot");
    }
    const IrSnap *s = &t->snaps[snap];
    if (s->count > t->entry_count || s->first > t->entry_count - s->count) {
        return wrong(c, i, "snapshot %u is broken", snap);
    }
    for (uint32_t e = 0; e < s->count; e++) {
        if (!check_entry(c, i, snap, &t->entries[s->first + e])) {
            return false;
        }
        for (uint32_t other = 0; other < e; other++) {
            const IrSnapEntry *p = &t->entries[s->first + other], *q = &t->entries[s->first + e];
            if (p->slot == q->slot && p->kind != SNAP_DROP && q->kind != SNAP_DROP) {
                return wrong(c, i, "snapshot %u has slot %d twice", snap, q->slot);
            }
        }
    }
    return true;
}

/* The snapshot of uop i, and the rule of effects; counts the effect of i. */
static bool check_exit(Check *c, uint32_t i)
{
    const IrUop *u = &c->t->uops[i];
    uint8_t flags = ir_ops[u->op].flags;
    bool needed = (flags & (IRF_G | IRF_X)) != 0 || u->op == IR_exit || u->op == IR_link ||
                  (u->op == IR_jump && c->t->loop == IR_NONE);
    needed = needed && (u->flags & UOP_SUNK) == 0;
    if (u->snap == IR_NONE) {
        if (needed) {
            return wrong(c, i, "has no snapshot");
        }
    } else {
        if (!check_snap(c, i, u->snap)) {
            return false;
        }
        if ((flags & IRF_G) != 0 && (flags & IRF_X) == 0) {
            if (c->snap_use[u->snap] == 0) {
                c->snap_use[u->snap] = c->effects + 1;
            } else if (c->snap_use[u->snap] != c->effects + 1) {
                return wrong(c, i, "an effect lies between snapshot %u and this guard", u->snap);
            }
        }
    }
    if ((ir_writes(c->t, u) & ~(uint32_t)(MEM_INIT | MEM_SHARED)) != 0 ||
        u->op == IR_store_locked_item) {
        c->effects++;
    }
    return true;
}

/* ---- the form ------------------------------------------------------------------------------------------ */

/* What a plain access to memory that threads may share goes to: an object, or a list's table. */
static bool is_plain_access(IrOp op)
{
    switch (op) {
    case IR_load_list_size:
    case IR_load_list_table:
    case IR_load_list_item:
    case IR_store_list_item:
    case IR_load_cell:
    case IR_store_cell:
    case IR_load_global:
    case IR_store_global:
    case IR_load_version:
    case IR_load_field_value:
    case IR_load_field_int:
    case IR_load_field_ptr:
    case IR_store_field_value:
    case IR_store_field_int: return true;
    default: return false;
    }
}

static uint32_t guard_index(const Check *c, IrRef r)
{
    return ir_is_const(r) ? c->t->count + (r & ~IR_REF_CONST) : r;
}

/* Is the object still this thread's own at uop i: made by the trace or asked, and nothing was published
 * since, in no iteration? */
static bool is_own(const Check *c, IrRef object, uint32_t i)
{
    const IrTrace *t = c->t;
    uint32_t since = c->guarded[guard_index(c, object)];
    if (!ir_is_const(object)) {
        const IrUop *u = &t->uops[object];
        bool made = u->op == IR_alloc_cell || (u->op == IR_call && ir_makes_list(u->imm));
        since = made && object + 1 > since ? object + 1 : since;
    }
    bool before = t->loop != IR_NONE && since <= t->loop && i > t->loop;
    return since > c->published && !(before && c->loop_publishes);
}

/* In a shared trace. */
static bool check_plain(const Check *c, uint32_t i)
{
    const IrTrace *t = c->t;
    const IrUop *u = &t->uops[i];
    IrRef object = u->a;
    if (ir_type_of(t, u->a) == IR_P) {
        const IrUop *table = ir_is_const(u->a) ? NULL : &t->uops[u->a];
        if (table != NULL && table->op == IR_phi) {
            /* of tables that were all loaded plainly */
            return !c->loop_publishes || wrong(c, i, "the list may have been published");
        }
        if (table == NULL || table->op != IR_load_list_table) {
            return wrong(c, i, "other threads may write that");
        }
        object = table->a;
    }
    return is_own(c, object, i) || wrong(c, i, "no guard_private of its object stands before it");
}

/* Counts what may end being alone or private at i, and checks that i does not rely on it. */
static bool check_form(Check *c, uint32_t i)
{
    const IrTrace *t = c->t;
    const IrUop *u = &t->uops[i];
    bool plain = is_plain_access((IrOp)u->op);
    if (t->shared) {
        if (u->op == IR_guard_private) {
            c->guarded[guard_index(c, u->a)] = i + 1;
        }
        if (u->op == IR_guard_alone || (plain && !check_plain(c, i))) {
            return plain ? false : wrong(c, i, "is for the alone form");
        }
        c->published = (ir_writes(t, u) & MEM_PRIVATE) != 0 ? i + 1 : c->published;
        return true;
    }
    bool goes_on =
        u->op == IR_loop || (ir_is_terminator((IrOp)u->op) && u->op != IR_exit && u->op != IR_ret);
    if (c->asked && (plain || goes_on)) {
        return wrong(c, i,
                     "no guard_alone stands between it and a helper that may end being alone");
    }
    bool barrier = u->op == IR_call && u->imm >= 0 && u->imm < HELPER_COUNT &&
                   (helper_table[u->imm].effects & HELPER_BARRIER) != 0;
    c->asked = barrier || (c->asked && u->op != IR_guard_alone);
    return true;
}

/* The lock is taken, one item stored, the lock let go: nothing stands between, and what was not done leaves. */
static bool check_locked(const Check *c, uint32_t i)
{
    static const IrOp order[] = {IR_lock_list, IR_store_locked_item, IR_unlock_list, IR_guard_true};
    const IrTrace *t = c->t;
    IrOp op = (IrOp)t->uops[i].op;
    uint32_t k = op == IR_lock_list ? 0 : op == IR_store_locked_item ? 1 : 2;
    if (op != order[k]) {
        return true;
    }
    uint32_t first = i - k;
    bool good = i >= k && t->count - first >= 4;
    for (uint32_t j = 0; j < 4 && good; j++) {
        const IrUop *u = &t->uops[first + j];
        good = u->op == order[j] && u->a == (j < 3 ? t->uops[i].a : first + 1);
    }
    return good ||
           wrong(c, i, "lock_list, store_locked_item, unlock_list and guard_true belong together");
}

static bool check_place(const Check *c, uint32_t i)
{
    const IrTrace *t = c->t;
    const IrUop *u = &t->uops[i];
    if (ir_is_terminator((IrOp)u->op) != (i + 1 == t->count)) {
        return wrong(c, i, i + 1 == t->count ? "does not end a trace" : "is not the last uop");
    }
    if (u->op == IR_loop && t->loop != i) {
        return wrong(c, i, "is not the loop of the trace");
    }
    if (t->loop != IR_NONE && i > t->loop && (u->op == IR_slot || u->op == IR_inherit)) {
        return wrong(c, i, "stands after loop");
    }
    if (u->op == IR_inherit) {
        bool known = u->imm >= 0 && (uint32_t)u->imm < t->inherit_count;
        if (!known || t->inherit_types[u->imm] != (IrType)u->type) {
            return wrong(c, i, "no such inherited value");
        }
    }
    bool may_sink = u->op == IR_alloc_tuple || u->op == IR_alloc_cell || u->op == IR_init_tuple;
    if ((u->flags & UOP_SUNK) != 0 && !may_sink) {
        return wrong(c, i, "cannot be sunk");
    }
    return true;
}

static bool check_uops(Check *c)
{
    for (uint32_t i = 0; i < c->t->count; i++) {
        const IrUop *u = &c->t->uops[i];
        if (u->op >= IR_OP_COUNT || u->type > IR_P) {
            return wrong(c, IR_NONE, "v%u is no uop", i);
        }
        if (!check_place(c, i) || !check_operands(c, i) ||
            (u->op == IR_call && !check_call(c, i)) || (u->op == IR_phi && !check_phi(c, i)) ||
            !check_exit(c, i) || !check_form(c, i) || !check_locked(c, i)) {
            return false;
        }
    }
    return true;
}

static bool check_head(const Check *c)
{
    const IrTrace *t = c->t;
    bool loops = t->uops[t->count - 1].op == IR_jump;
    if (t->loop != IR_NONE && (t->loop >= t->count || t->uops[t->loop].op != IR_loop || !loops)) {
        return wrong(c, IR_NONE, "the loop is broken");
    }
    if (t->head_snap != IR_NONE && t->head_snap >= t->snap_count) {
        return wrong(c, IR_NONE, "no such snapshot of the loop head");
    }
    for (uint32_t i = 0; i < t->fact_count; i++) {
        IrRef phi = t->facts[i].phi;
        bool before = t->loop != IR_NONE && phi < t->loop && t->uops[phi].type == IR_I;
        if (phi >= t->count || (t->uops[phi].op != IR_phi && !before)) {
            return wrong(c, IR_NONE, "fact %u is not about a phi or an int before the loop", i);
        }
    }
    if (t->head_ref_count > t->head_arg_count) {
        return wrong(c, IR_NONE, "more head_refs than head_args");
    }
    for (uint32_t i = 0; i < t->head_arg_count; i++) {
        if (t->head_args[i] == IR_NONE || !defined(c, t->head_args[i], t->count)) {
            return wrong(c, IR_NONE, "head argument %u is not defined", i);
        }
    }
    return true;
}

bool ir_validate(const IrTrace *t, char *message, size_t size)
{
    Check c = {.t = t, .message = message, .size = size};
    if (t->failed) {
        return wrong(&c, IR_NONE, "out of memory while the trace was built");
    }
    if (t->count == 0) {
        return wrong(&c, IR_NONE, "the trace is empty");
    }
    c.snap_use = rt_calloc(t->snap_count + 1, sizeof *c.snap_use);
    c.guarded = rt_calloc(t->count + t->const_count + 1, sizeof *c.guarded);
    for (uint32_t i = t->loop; t->loop != IR_NONE && i < t->count; i++) {
        c.loop_publishes = c.loop_publishes || (ir_writes(t, &t->uops[i]) & MEM_PRIVATE) != 0;
    }
    bool good = (c.snap_use != NULL && c.guarded != NULL) || wrong(&c, IR_NONE, "out of memory");
    good = good && check_uops(&c) && check_head(&c);
    rt_free(c.snap_use);
    rt_free(c.guarded);
    return good;
}
