/*
 * Pass refs: reference counts that a lender makes superfluous.
 *
 * Needs: a valid trace.  Guarantees: an incref whose decref follows in the same stretch (first
 * iteration, or loop body) is gone together with it, if all the time between somebody else's reference
 * keeps the object alive; exits in between take the reference themselves (SNAP_INCREF).
 *
 * Lenders.  A constant is kept by the trace.  A frame slot's value (`slot`), a loop variable, the
 * result of a call and a new object are held until the trace drops or gives away that very value (released at any time before: no lender).  A
 * value loaded from a list, cell, global or field is held by that place while nothing writes the class
 * of memory, and while the object that contains the place is held itself, by the same rules.
 * A decref of anything else in between cannot free it: what it frees was reachable through its own
 * reference only, and our place holds another one.  (Finalizers that run Python would be barriers.)
 *
 * Lent by the epoch.  What a shared trace has read from memory that others may write (load_shared_*,
 * helpers that LEND) is valid without a count until this thread's next quiescent point, that is until a
 * barrier: who removes it retires it.  That is so for other threads; this one drops at once what it
 * removes from an object that is private after all, so nothing in between may write the class of memory.
 * And the object that it was read from must be held, too, by the same rules up to a root that the
 * trace does not drop: if this thread frees that, nobody waits.
 *
 * Round the loop (refs_phi.c) a value that is lent by the epoch needs no count, either.
 *
 * Exits.  A snapshot that is first used between the two handed one reference more to the frames than
 * the trace now owns: one entry that names the value takes its reference anew.
 */
#include "optimizer/refs.h"

#include "runtime/helpers.h"

/* Has nothing written the classes since the load number `loaded`, in this or an earlier iteration? */
static bool same_since(const Refs *s, uint32_t classes, uint32_t loaded)
{
    uint32_t since = loaded + 1;
    if (s->in_body && loaded < s->o->t->loop && (s->loop_writes & classes) != 0) {
        return false;
    }
    for (uint32_t c = 0; c < OPT_CLASSES; c++) {
        if ((classes >> c & 1) != 0 && s->written[c] > since) {
            return false;
        }
    }
    return true;
}

/* Has the thread passed no quiescent point since v was read? */
static bool same_epoch(const Refs *s, IrRef v)
{
    bool passed = s->barrier > v || (s->in_body && v < s->o->t->loop && s->loop_barrier);
    return !passed || !s->o->t->shared; /* no other thread writes what an alone trace reads */
}

/* The result of a helper is held by its first argument, or new. */
static bool lent_result(const Refs *s, IrRef v, int depth)
{
    const IrTrace *t = s->o->t;
    const IrUop *u = &t->uops[v];
    if ((helper_table[u->imm].effects & HELPER_LENDS) == 0) {
        return s->released[v] == 0 && !ir_is_pure(t, u);
    }
    return same_since(s, refs_lending_class(t, v), v) && same_epoch(s, v) &&
           refs_lent(s, u->a, depth + 1);
}

uint32_t refs_lending_class(const IrTrace *t, IrRef v)
{
    switch ((IrOp)t->uops[v].op) {
    case IR_load_list_item:
    case IR_load_shared_item: return MEM_LIST_ITEM;
    case IR_load_cell:
    case IR_load_shared_cell: return MEM_CELL;
    case IR_load_field_value:
    case IR_load_shared_field: return MEM_FIELD;
    case IR_load_global: return MEM_GLOBAL;
    case IR_call:
        return MEM_LIST_ITEM | MEM_FIELD; /* dicts have no class: who writes them writes these */
    default: return 0;
    }
}

bool refs_lent(const Refs *s, IrRef v, int depth)
{
    const IrTrace *t = s->o->t;
    if (ir_is_const(v)) {
        return true;
    }
    if (depth > LENDER_DEPTH) {
        return false;
    }
    const IrUop *u = &t->uops[v];
    switch ((IrOp)u->op) {
    case IR_slot:
    case IR_phi:
    case IR_alloc_tuple:
    case IR_alloc_cell: return s->released[v] == 0;
    case IR_call: return lent_result(s, v, depth);
    case IR_load_shared_item: {
        const IrUop *table = ir_is_const(u->a) ? NULL : &t->uops[u->a];
        return table != NULL && table->op == IR_load_shared_table &&
               same_since(s, MEM_LIST_ITEM, v) && same_epoch(s, v) &&
               refs_lent(s, table->a, depth + 1);
    }
    case IR_load_shared_cell:
        return same_since(s, MEM_CELL, v) && same_epoch(s, v) && refs_lent(s, u->a, depth + 1);
    case IR_load_shared_field:
        return ir_type_of(t, u->a) == IR_V && same_since(s, MEM_FIELD, v) && same_epoch(s, v) &&
               refs_lent(s, u->a, depth + 1);
    case IR_load_shared_global: return same_epoch(s, v);
    case IR_inherit:
        /* what it was read from is not known here: nothing may be dropped or removed */
        return (u->flags & UOP_LENT) != 0 && !s->drops && same_epoch(s, v) &&
               same_since(s, MEM_LIST_ITEM | MEM_CELL | MEM_FIELD, v);
    case IR_load_const_value: {
        /* of an immutable object; a closure's cells are an array of its own */
        const IrUop *array = ir_is_const(u->a) ? NULL : &t->uops[u->a];
        bool direct = ir_type_of(t, u->a) == IR_V;
        return direct ? refs_lent(s, u->a, depth + 1)
                      : array != NULL && array->op == IR_load_const_ptr &&
                            ir_type_of(t, array->a) == IR_V && refs_lent(s, array->a, depth + 1);
    }
    case IR_load_list_item: {
        const IrUop *table = ir_is_const(u->a) ? NULL : &t->uops[u->a];
        return table != NULL && table->op == IR_load_list_table &&
               same_since(s, MEM_LIST_ITEM, v) && refs_lent(s, table->a, depth + 1);
    }
    case IR_load_cell: return same_since(s, MEM_CELL, v) && refs_lent(s, u->a, depth + 1);
    case IR_load_global: return same_since(s, MEM_GLOBAL, v);
    case IR_load_field_value:
        return ir_type_of(t, u->a) == IR_V && same_since(s, MEM_FIELD, v) &&
               refs_lent(s, u->a, depth + 1);
    case IR_load_tuple_item: return refs_lent(s, u->a, depth + 1);
    default: return false;
    }
}

/* The sunk object between the two that holds v's reference, IR_NONE if there is none.  *held: the uop
 * that gave it the reference. */
static IrRef sunk_holder(const Refs *s, IrRef v, uint32_t from, uint32_t end, uint32_t *held)
{
    const IrTrace *t = s->o->t;
    for (uint32_t i = from + 1; i < end; i++) {
        const IrUop *u = &t->uops[i];
        bool init = u->op == IR_init_tuple && u->b == v;
        bool cell = u->op == IR_alloc_cell && u->a == v;
        if ((init || cell) && (u->flags & (UOP_SUNK | UOP_BORROWED)) == UOP_SUNK) {
            *held = i;
            return init ? u->a : i;
        }
    }
    return IR_NONE;
}

/* Does an exit from uop number `from` on name the object, itself or in another one? */
static bool named_after(const Refs *s, IrRef object, uint32_t from)
{
    const IrTrace *t = s->o->t;
    for (uint32_t i = from; i < t->count; i++) {
        const IrUop *u = &t->uops[i];
        const IrSnap *k = u->snap == IR_NONE ? NULL : &t->snaps[u->snap];
        for (uint32_t e = 0; k != NULL && e < k->count; e++) {
            if (t->entries[k->first + e].ref == object) {
                return true;
            }
        }
    }
    return false;
}

/* The snapshots of exits in (from, end) hand over one reference to v less. */
static void exits_take(const Refs *s, IrRef v, uint32_t from, uint32_t end)
{
    IrTrace *t = s->o->t;
    for (uint32_t i = from + 1; i < end; i++) {
        uint32_t snap = t->uops[i].snap;
        if (snap == IR_NONE || s->snap_first[snap] != i + 1) {
            continue;
        }
        IrSnap *k = &t->snaps[snap];
        for (uint32_t e = 0; e < k->count; e++) {
            IrSnapEntry *entry = &t->entries[k->first + e];
            if (entry->ref == v && entry->kind != SNAP_RAW && (entry->flags & SNAP_INCREF) == 0) {
                entry->flags |= SNAP_INCREF;
                break;
            }
        }
    }
}

void refs_remove(Opt *o, uint32_t i)
{
    o->t->uops[i] =
        (IrUop){.op = IR_nop, .a = IR_NONE, .b = IR_NONE, .c = IR_NONE, .snap = IR_NONE};
}

/* Uop i uses v in a way that may move its reference: no pair spans that. */
static void give_away(Refs *s, IrRef v, uint32_t i)
{
    if (v != IR_NONE && !ir_is_const(v) && ir_type_of(s->o->t, v) == IR_V) {
        s->pending[v] = 0;
        s->released[v] = i + 1;
    }
}

/* A helper's arguments are borrowed, but for those that say steal. */
static void note_uses(Refs *s, uint32_t i)
{
    const IrUop *u = &s->o->t->uops[i];
    switch ((IrOp)u->op) {
    case IR_store_list_item: give_away(s, u->c, i); break;
    case IR_store_cell:
    case IR_store_global:
    case IR_store_field_value: give_away(s, u->b, i); break;
    case IR_init_tuple:
        if ((u->flags & UOP_SUNK) == 0) {
            give_away(s, u->b, i);
        }
        break;
    case IR_alloc_cell:
        if ((u->flags & UOP_SUNK) == 0) {
            give_away(s, u->a, i);
        }
        break;
    case IR_store_slot:
    case IR_ret: give_away(s, u->a, i); break;
    case IR_call:
        if (u->imm == HELPER_ID_list_append_steal) {
            give_away(s, u->b, i);
        }
        break;
    default: break;
    }
}

/* Do only decrefs stand between uop i and the link_head at the end? They give up what the target carries
 * without a count. */
static bool before_link(const IrTrace *t, uint32_t i)
{
    while (i < t->count && (t->uops[i].op == IR_decref || t->uops[i].op == IR_nop)) {
        i++;
    }
    return i < t->count && t->uops[i].op == IR_link_head;
}

static void note_decref(Refs *s, uint32_t i)
{
    IrTrace *t = s->o->t;
    IrRef v = t->uops[i].a;
    if (ir_is_const(v)) {
        return;
    }
    uint32_t start = s->pending[v];
    s->pending[v] = 0;
    if (start != 0 && refs_lent(s, v, 0)) {
        uint32_t held = i;
        IrRef holder = sunk_holder(s, v, start - 1, i, &held);
        if (holder != IR_NONE) {
            /* exits that make the object take its item's reference anew; it must not outlive the pair */
            if (named_after(s, holder, i)) {
                s->released[v] = i + 1;
                s->drops = true;
                return;
            }
            t->uops[held].flags |= UOP_BORROWED;
        }
        exits_take(s, v, start - 1, held == i && before_link(t, i) ? t->count : held);
        refs_remove(s->o, start - 1);
        refs_remove(s->o, i);
        return;
    }
    s->released[v] = i + 1;
    s->drops = true;
}

static bool is_barrier(const IrUop *u)
{
    return u->op == IR_call && (helper_table[u->imm].effects & HELPER_BARRIER) != 0;
}

static void first_uses(Refs *s)
{
    const IrTrace *t = s->o->t;
    for (uint32_t i = t->count; i-- > 0;) {
        if (t->uops[i].snap != IR_NONE) {
            s->snap_first[t->uops[i].snap] = i + 1;
        }
    }
}

void opt_pass_refs(Opt *o)
{
    IrTrace *t = o->t;
    Refs s = {.o = o};
    s.pending = opt_alloc(o, t->count, sizeof *s.pending);
    s.released = opt_alloc(o, t->count, sizeof *s.released);
    s.snap_first = opt_alloc(o, t->snap_count + 1, sizeof *s.snap_first);
    if (!opt_ok(o)) {
        return;
    }
    first_uses(&s);
    for (uint32_t i = t->loop; t->loop != IR_NONE && i < t->count; i++) {
        s.loop_writes |= ir_writes(t, &t->uops[i]);
        s.loop_barrier = s.loop_barrier || is_barrier(&t->uops[i]);
    }
    for (uint32_t i = 0; i < t->count; i++) {
        const IrUop *u = &t->uops[i];
        if (u->op == IR_loop) {
            s.in_body = true;
            memset(s.pending, 0, t->count * sizeof *s.pending);
        } else if (u->op == IR_incref) {
            if (!ir_is_const(u->a)) {
                s.pending[u->a] = i + 1;
            }
        } else if (u->op == IR_decref) {
            note_decref(&s, i);
        } else {
            note_uses(&s, i);
            s.barrier = is_barrier(u) ? i + 1 : s.barrier;
            uint32_t writes = ir_writes(t, u);
            for (uint32_t c = 0; writes >> c != 0; c++) {
                if ((writes >> c & 1) != 0) {
                    s.written[c] = i + 1;
                }
            }
        }
    }
    if (t->shared && t->loop != IR_NONE && !s.loop_barrier) {
        refs_phis(&s);
    }
}
