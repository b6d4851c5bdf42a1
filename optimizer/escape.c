/*
 * Pass escape: tuples and cells that only exits need are made by the exits.
 *
 * Needs: a folded trace, in which loads from objects that the trace makes are gone (fold_memory.c).
 * Guarantees: an allocation whose only uses are its own filling, counting, and snapshots is sunk
 * (UOP_SUNK): no code is made for it, ir_restore makes it if an exit names it.  Its increfs and decrefs
 * are gone; where its count reached zero its items are dropped in its place.
 *
 * An object escapes by any other use: an argument, a store, a phi, the result, an item of an object
 * that is not sunk.  Objects are judged from the last to the first, so a tuple in a tuple can follow.
 * How the references of items travel: init steals one, the exit that makes the object hands it over, the
 * object's death in the trace drops it; refs.c may then take the whole pair away (UOP_BORROWED).
 */
#include "optimizer/internal.h"

typedef struct Escape {
    bool *escapes;  /* by uop */
    int32_t *count; /* by uop: references while walking */
    bool *dies;     /* decref: the object's last */
} Escape;

static bool is_alloc(const IrTrace *t, IrRef r)
{
    return r != IR_NONE && !ir_is_const(r) &&
           (t->uops[r].op == IR_alloc_tuple || t->uops[r].op == IR_alloc_cell);
}

/* Uses of objects by uop i. returns: has another object turned out to escape? */
static bool judge_uses(const IrTrace *t, Escape *s, uint32_t i)
{
    bool changed = false;
    const IrUop *u = &t->uops[i];
    for (int k = 0; k < 3; k++) {
        IrRef r = ir_operand(u, k);
        if (!is_alloc(t, r)) {
            continue;
        }
        bool counts = u->op == IR_incref || u->op == IR_decref;
        bool fills = u->op == IR_init_tuple && k == 0;
        IrRef holder = u->op == IR_init_tuple && k == 1 ? u->a
                       : u->op == IR_alloc_cell         ? i
                                                        : IR_NONE;
        bool held = is_alloc(t, holder) && !s->escapes[holder];
        if (!counts && !fills && !held && !s->escapes[r]) {
            s->escapes[r] = true;
            changed = true;
        }
    }
    return changed;
}

/* Filled completely, not counted to death twice? */
static void judge_counts(const IrTrace *t, Escape *s)
{
    for (uint32_t i = 0; i < t->count; i++) {
        const IrUop *u = &t->uops[i];
        if (is_alloc(t, i)) {
            s->count[i] = 1;
        } else if ((u->op == IR_incref || u->op == IR_decref) && is_alloc(t, u->a)) {
            int32_t *count = &s->count[u->a];
            *count += u->op == IR_incref ? 1 : -1;
            s->escapes[u->a] |= *count < 0;
            s->dies[i] = *count == 0;
        }
    }
}

/* The object is gone: what it held is dropped, in the order of its items. */
static void object_dies(Opt *o, const Escape *s, IrRef object, const IrRef *map)
{
    const IrUop *u = &o->old[object];
    if (u->op == IR_alloc_cell) {
        opt_emit(o, IR_decref, IR_N, opt_mapped(map, u->a), IR_NONE, IR_NONE, 0, IR_NONE);
        return;
    }
    for (int32_t item = 0; item < u->imm; item++) {
        for (uint32_t i = object + 1; i < o->old_count; i++) {
            const IrUop *init = &o->old[i];
            if (init->op != IR_init_tuple || init->a != object || init->imm != item) {
                continue;
            }
            bool sunk =
                !ir_is_const(init->b) && s->escapes[init->b] == false &&
                (o->old[init->b].op == IR_alloc_tuple || o->old[init->b].op == IR_alloc_cell);
            if (sunk) {
                object_dies(o, s, init->b, map);
            } else {
                opt_emit(o, IR_decref, IR_N, opt_mapped(map, init->b), IR_NONE, IR_NONE, 0,
                         IR_NONE);
            }
            break;
        }
    }
}

static bool replace(Opt *o, void *context, uint32_t old, const IrRef *map)
{
    const Escape *s = context;
    IrUop *u = &o->old[old];
    bool alloc = u->op == IR_alloc_tuple || u->op == IR_alloc_cell;
    IrRef object = alloc ? old : u->a;
    if (ir_is_const(object) || object == IR_NONE ||
        (o->old[object].op != IR_alloc_tuple && o->old[object].op != IR_alloc_cell) ||
        s->escapes[object]) {
        return false;
    }
    if (alloc || u->op == IR_init_tuple) {
        u->flags |= UOP_SUNK;
        return false;
    }
    if (u->op == IR_decref && s->dies[old]) {
        object_dies(o, s, object, map);
    }
    return u->op == IR_incref || u->op == IR_decref;
}

void opt_pass_escape(Opt *o)
{
    IrTrace *t = o->t;
    Escape s = {0};
    s.escapes = opt_alloc(o, t->count, sizeof *s.escapes);
    s.count = opt_alloc(o, t->count, sizeof *s.count);
    s.dies = opt_alloc(o, t->count, sizeof *s.dies);
    if (!opt_ok(o)) {
        return;
    }
    bool any = false;
    for (uint32_t i = 0; i < t->head_arg_count; i++) {
        if (is_alloc(t, t->head_args[i])) {
            s.escapes[t->head_args[i]] = true;
        }
    }
    judge_counts(t, &s);
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = t->count; i-- > 0;) {
            changed = judge_uses(t, &s, i) || changed;
        }
    }
    for (uint32_t i = 0; i < t->count; i++) {
        any = any || (is_alloc(t, i) && !s.escapes[i]);
    }
    if (any) {
        opt_reemit(o, &(OptHooks){.replace = replace, .context = &s});
    }
}
