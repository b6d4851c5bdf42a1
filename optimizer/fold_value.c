/*
 * Folding rules of boxed values: boxing and unboxing cancel out, type guards are proven by what is
 * known about a value, counts of numbers vanish, items of constant tuples are known.
 */
#include "optimizer/internal.h"

#include "runtime/containers.h"

static bool is_box_int(const IrUop *d)
{
    return d != NULL && (d->op == IR_box_int || d->op == IR_box_int_small);
}

/* A guard that wants another type than the value has always leaves. */
static FoldResult wants(Opt *o, const Fold *f, OptKindTag tag)
{
    OptKindTag have = (OptKindTag)opt_kind(o, f->a).tag;
    if (have > KIND_NUMBER && have != tag) {
        o->contradiction = true;
    }
    return FOLD_KEEP;
}

static FoldResult fold_unbox(Opt *o, Fold *f)
{
    const IrUop *d = opt_def(o, f->a);
    switch (f->op) {
    case IR_unbox_int:
    case IR_unbox_int_known:
    case IR_unbox_int_any: {
        if (is_box_int(d)) {
            return fold_to(f, d->a);
        }
        IrRef r = opt_find(o, IR_unbox_int, f->a, IR_NONE, IR_NONE, 0);
        if (r != IR_NONE) {
            return fold_to(f, r);
        }
        return f->op == IR_unbox_int_any && opt_kind(o, f->a).tag >= KIND_OBJECT
                   ? FOLD_KEEP
                   : wants(o, f, KIND_INT);
    }
    case IR_unbox_float:
    case IR_unbox_float_known: {
        if (d != NULL && d->op == IR_box_float) {
            return fold_to(f, d->a);
        }
        IrRef r = opt_find(o, IR_unbox_float, f->a, IR_NONE, IR_NONE, 0);
        return r != IR_NONE ? fold_to(f, r) : wants(o, f, KIND_FLOAT);
    }
    default:
        if (d != NULL && d->op == IR_box_bool) {
            return fold_to(f, d->a);
        }
        return wants(o, f, KIND_BOOL);
    }
}

static FoldResult fold_box(Opt *o, Fold *f)
{
    const IrUop *d = opt_def(o, f->a);
    switch (f->op) {
    case IR_box_int:
    case IR_box_int_small: {
        if (d != NULL && (d->op == IR_unbox_int || d->op == IR_unbox_int_known)) {
            return fold_to(f, d->a);
        }
        OptRange r = opt_range(o, f->a);
        if (f->op == IR_box_int && r.low >= SMALL_INT_MIN && r.high <= SMALL_INT_MAX) {
            f->op = IR_box_int_small;
            f->snap = IR_NONE;
            return FOLD_AGAIN;
        }
        /* one box for both: whichever was first */
        IrOp other = f->op == IR_box_int ? IR_box_int_small : IR_box_int;
        IrRef same = opt_find(o, other, f->a, IR_NONE, IR_NONE, 0);
        return same != IR_NONE ? fold_to(f, same) : FOLD_KEEP;
    }
    case IR_box_float:
        return d != NULL && (d->op == IR_unbox_float || d->op == IR_unbox_float_known)
                   ? fold_to(f, d->a)
                   : FOLD_KEEP;
    default: return d != NULL && d->op == IR_unbox_bool ? fold_to(f, d->a) : FOLD_KEEP;
    }
}

static FoldResult fold_type_guard(Opt *o, Fold *f)
{
    OptKind k = opt_kind(o, f->a);
    bool proven = false, refuted = false;
    switch (f->op) {
    case IR_guard_type:
        proven = k.tag == KIND_TYPED && k.type_id == (uint32_t)f->imm;
        refuted =
            (k.tag == KIND_TYPED && !proven) || (k.tag >= KIND_NUMBER && k.tag <= KIND_SPECIAL);
        break;
    case IR_guard_object:
        proven = k.tag >= KIND_OBJECT;
        refuted = k.tag >= KIND_NUMBER && !proven;
        break;
    case IR_guard_number:
        proven = k.tag >= KIND_NUMBER && k.tag <= KIND_SPECIAL;
        refuted = k.tag >= KIND_OBJECT;
        break;
    case IR_guard_int:
    case IR_guard_float: {
        OptKindTag wanted = f->op == IR_guard_int ? KIND_INT : KIND_FLOAT;
        proven = k.tag == wanted;
        refuted = k.tag > KIND_NUMBER && !proven;
        break;
    }
    default: /* guard_bound, guard_present */
        proven = k.tag == KIND_PRESENT || (k.tag > KIND_NUMBER && k.tag != KIND_SPECIAL);
        break;
    }
    if (proven) {
        return fold_to(f, IR_NONE);
    }
    if (refuted) {
        o->contradiction = true;
    }
    return FOLD_KEEP;
}

/* Can two values of these kinds be the same word? */
static bool kinds_exclude(OptKind a, OptKind b)
{
    bool object_a = a.tag >= KIND_OBJECT, object_b = b.tag >= KIND_OBJECT;
    if (a.tag < KIND_INT || b.tag < KIND_INT) {
        return (a.tag == KIND_NUMBER && object_b) || (b.tag == KIND_NUMBER && object_a);
    }
    if (object_a && object_b) {
        return a.tag == KIND_TYPED && b.tag == KIND_TYPED && a.type_id != b.type_id;
    }
    return a.tag != b.tag;
}

static FoldResult fold_same(Opt *o, Fold *f)
{
    bool same = f->op == IR_guard_same;
    IrRef k = ir_is_const(f->b) ? f->b : f->a, x = ir_is_const(f->b) ? f->a : f->b;
    if (f->a == f->b || kinds_exclude(opt_kind(o, f->a), opt_kind(o, f->b))) {
        if ((f->a == f->b) == same) {
            return fold_to(f, IR_NONE);
        }
        o->contradiction = true;
        return FOLD_KEEP;
    }
    const IrUop *d = opt_def(o, x);
    if (d == NULL || !ir_is_const(k)) {
        return FOLD_KEEP;
    }
    Value v = ir_const(o->t, k)->v;
    IrOp guard = same ? IR_guard_eq_int : IR_guard_ne_int;
    if (is_box_int(d) && value_is_small_int(v)) {
        return fold_into(f, guard, d->a, ir_const_int(o->t, value_int(v)));
    }
    if (d->op == IR_box_bool && value_is_bool(v)) {
        return fold_into(f, guard, d->a, ir_const_int(o->t, v == VALUE_TRUE));
    }
    return FOLD_KEEP;
}

/* The size of a tuple that the trace itself makes. */
static FoldResult fold_tuple(Opt *o, Fold *f)
{
    const IrUop *d = opt_def(o, f->a);
    if (f->op == IR_load_tuple_size && d != NULL && d->op == IR_alloc_tuple) {
        return fold_to(f, ir_const_int(o->t, d->imm));
    }
    return FOLD_KEEP;
}

FoldResult opt_fold_value(Opt *o, Fold *f)
{
    switch (f->op) {
    case IR_unbox_int:
    case IR_unbox_int_any:
    case IR_unbox_float:
    case IR_unbox_bool:
    case IR_unbox_int_known:
    case IR_unbox_float_known: return fold_unbox(o, f);
    case IR_box_int:
    case IR_box_int_small:
    case IR_box_float:
    case IR_box_bool: return fold_box(o, f);
    case IR_guard_type:
    case IR_guard_object:
    case IR_guard_number:
    case IR_guard_int:
    case IR_guard_float:
    case IR_guard_present:
    case IR_guard_bound: return fold_type_guard(o, f);
    case IR_guard_same:
    case IR_guard_not_same: return fold_same(o, f);
    case IR_guard_ok: return opt_range(o, f->a).low >= 0 ? fold_to(f, IR_NONE) : FOLD_KEEP;
    case IR_guard_same_ptr: return f->a == f->b ? fold_to(f, IR_NONE) : FOLD_KEEP;
    case IR_incref:
    case IR_publish:
    case IR_decref: return opt_uncounted(o, f->a) ? fold_to(f, IR_NONE) : FOLD_KEEP;
    case IR_value_to_ptr:
        return opt_defined_by(o, f->a, IR_ptr_to_value) ? fold_to(f, opt_def(o, f->a)->a)
                                                        : FOLD_KEEP;
    case IR_ptr_to_value:
        return opt_defined_by(o, f->a, IR_value_to_ptr) ? fold_to(f, opt_def(o, f->a)->a)
                                                        : FOLD_KEEP;
    case IR_load_tuple_size: return fold_tuple(o, f);
    default: return FOLD_KEEP;
    }
}
