/*
 * Folding rules of loads: what a store has put there, or an earlier load has found, is the result.
 *
 * List items are told apart by their index: with the same table, i and i + k are different items, so a
 * store to one leaves loads of the other alone.  Different tables may be the same table.  Fields of an
 * object are told apart by their offset, globals by their address, cells not at all.  In the loop body
 * nothing is known of stores before it (cse.c forgets them at the head).
 *
 * A part of pass memory: off when that is off.
 */
#include "optimizer/internal.h"

/* i is base + offset. */
static IrRef split_index(const Opt *o, IrRef i, int64_t *offset)
{
    *offset = 0;
    if (opt_const_int(o, i, offset)) {
        return IR_NONE;
    }
    const IrUop *d = opt_def(o, i);
    if (d != NULL && (d->op == IR_add_int || d->op == IR_add_int_ov) &&
        opt_const_int(o, d->b, offset)) {
        return d->a;
    }
    *offset = 0;
    return i;
}

/* Has a guard passed that says that the two ints differ? */
static bool guarded_apart(const Opt *o, IrRef i, IrRef k)
{
    static const IrOp guards[] = {IR_guard_lt_int, IR_guard_gt_int, IR_guard_ne_int};
    for (size_t g = 0; g < sizeof guards / sizeof guards[0]; g++) {
        if (opt_find(o, guards[g], i, k, IR_NONE, 0) != IR_NONE ||
            opt_find(o, guards[g], k, i, IR_NONE, 0) != IR_NONE) {
            return true;
        }
    }
    return false;
}

static bool different_index(const Opt *o, IrRef i, IrRef k)
{
    int64_t offset_i, offset_k;
    IrRef base_i = split_index(o, i, &offset_i), base_k = split_index(o, k, &offset_k);
    if (base_i == base_k) {
        return offset_i != offset_k;
    }
    OptRange a = opt_range(o, i), b = opt_range(o, k);
    return a.high < b.low || b.high < a.low || guarded_apart(o, i, k);
}

static FoldResult item(Opt *o, Fold *f)
{
    uint32_t next = o->chain[IR_store_list_item];
    uint32_t floor = o->item_floor;
    for (; next > o->item_floor; next = o->prev[next - 1]) {
        const IrUop *store = &o->t->uops[next - 1];
        if (store->a == f->a && store->b == f->b) {
            return fold_to(f, store->c);
        }
        if (store->a != f->a || !different_index(o, store->b, f->b)) {
            floor = next;
            break;
        }
    }
    IrRef r = opt_find(o, IR_load_list_item, f->a, f->b, IR_NONE, 0);
    if (r == IR_NONE || r < floor) {
        return FOLD_KEEP;
    }
    if (o->body != IR_NONE && r < o->body) {
        o->hoisted |= MEM_LIST_ITEM;
    }
    return fold_to(f, r);
}

/* The newest store to the place, if nothing has written the class since. */
static FoldResult newest(Opt *o, Fold *f, IrOp store, uint32_t class)
{
    uint32_t next = o->chain[store];
    if (next == 0 || opt_load_floor(o, class) > next) {
        return FOLD_KEEP;
    }
    const IrUop *u = &o->t->uops[next - 1];
    bool same = u->a == f->a && u->imm == f->imm && ir_type_of(o->t, u->b) == f->type;
    return same ? fold_to(f, u->b) : FOLD_KEEP;
}

/* A field of an object: stores to other offsets do not matter, a store to this one of another object
 * may. */
static FoldResult field(Opt *o, Fold *f, IrOp store)
{
    if (f->type == IR_P || ir_type_of(o->t, f->a) != IR_V) {
        return FOLD_KEEP;
    }
    return newest(o, f, store, MEM_FIELD);
}

FoldResult opt_fold_memory(Opt *o, Fold *f)
{
    if ((o->config->disabled >> OPT_PASS_memory & 1) != 0) {
        return FOLD_KEEP;
    }
    switch (f->op) {
    case IR_load_list_item: return item(o, f);
    case IR_load_cell:
        if (opt_defined_by(o, f->a, IR_alloc_cell) && opt_load_floor(o, MEM_CELL) <= f->a) {
            return fold_to(f, opt_def(o, f->a)->a);
        }
        return newest(o, f, IR_store_cell, MEM_CELL);
    case IR_load_global: return newest(o, f, IR_store_global, MEM_GLOBAL);
    case IR_load_field_value: return field(o, f, IR_store_field_value);
    case IR_load_field_int: return field(o, f, IR_store_field_int);
    case IR_load_tuple_item: {
        /* of a tuple that the trace makes: immutable, so any distance is fine */
        int64_t k;
        if (opt_defined_by(o, f->a, IR_alloc_tuple) && opt_const_int(o, f->b, &k)) {
            for (uint32_t next = o->chain[IR_init_tuple]; next > f->a; next = o->prev[next - 1]) {
                const IrUop *u = &o->t->uops[next - 1];
                if (u->a == f->a && u->imm == k) {
                    return fold_to(f, u->b);
                }
            }
        }
        return FOLD_KEEP;
    }
    default: return FOLD_KEEP;
    }
}
