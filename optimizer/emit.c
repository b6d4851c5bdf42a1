/*
 * Emission: every uop that a rewriting pass makes goes through opt_emit.
 *
 * Order of business for one uop: operands of a commutative uop are put in order (constant last);
 * all operands constant: the body in ir/ops is evaluated; algebraic rules (fold_*.c), which may
 * replace the uop and start over; an equal earlier uop (cse.c); else it is appended and what it
 * proves is learnt (kinds of boxed values, and ranges once the loop is made).
 *
 * A guard that is proven disappears; a guard that can be seen to leave always is kept, and
 * `contradiction` tells the pass.
 */
#include "optimizer/internal.h"

#include "ir/ops/ops.h"
#include "runtime/containers.h"
#include "runtime/helpers.h"
#include "runtime/memory.h"

enum { FOLD_LIMIT = 20 };

/* Room in the tables for uop number count. */
static bool tables_grow(Opt *o, uint32_t count)
{
    if (count < o->capacity) {
        return true;
    }
    uint32_t wanted = count + count / 4 + 64;
    uint32_t *prev = opt_alloc(o, wanted, sizeof *prev);
    uint32_t *older = opt_alloc(o, wanted, sizeof *older);
    OptKind *kinds = opt_alloc(o, wanted, sizeof *kinds);
    OptRange *ranges = o->ranges_known ? opt_alloc(o, wanted, sizeof *ranges) : NULL;
    if (!opt_ok(o)) {
        return false;
    }
    if (o->capacity != 0) {
        memcpy(prev, o->prev, o->capacity * sizeof *prev);
        memcpy(older, o->older, o->capacity * sizeof *older);
        memcpy(kinds, o->kinds, o->capacity * sizeof *kinds);
        if (ranges != NULL && o->ranges != NULL) {
            memcpy(ranges, o->ranges, o->capacity * sizeof *ranges);
        }
    }
    o->prev = prev;
    o->older = older;
    o->kinds = kinds;
    o->ranges = ranges;
    o->capacity = wanted;
    return true;
}

bool opt_rewrite_begin(Opt *o)
{
    IrTrace *t = o->t;
    /* a recording that closed on its head will be peeled: about twice the uops */
    bool peels = t->loop == IR_NONE && t->count > 0 && t->uops[t->count - 1].op == IR_jump;
    uint32_t expected = peels ? t->count * 2 : t->count;
    if (o->spare_capacity < expected) {
        rt_free(o->spare);
        o->spare_capacity = expected + expected / 8 + 16;
        o->spare = rt_malloc(o->spare_capacity * sizeof *o->spare);
        if (o->spare == NULL) {
            o->spare_capacity = 0;
            opt_fail(o, OPT_NO_MEMORY);
            return false;
        }
    }
    o->old = t->uops;
    o->old_count = t->count;
    o->old_capacity = t->capacity;
    t->uops = o->spare;
    t->capacity = o->spare_capacity;
    o->spare = NULL;
    o->spare_capacity = 0;
    t->count = 0;
    t->loop = IR_NONE;
    memset(o->chain, 0, sizeof o->chain);
    memset(o->bucket, 0, sizeof o->bucket);
    memset(o->alive, 0, sizeof o->alive);
    o->body = IR_NONE;
    o->carried = NULL;
    o->item_floor = 0;
    o->capacity = 0;
    o->contradiction = false;
    return tables_grow(o, expected);
}

void opt_rewrite_end(Opt *o)
{
    if (o->old == NULL) {
        return;
    }
    rt_free(o->spare);
    o->spare = o->old;
    o->spare_capacity = o->old_capacity;
    o->old = NULL;
}

static OptKind kind_of_value(Value v)
{
    if (value_is_small_int(v)) {
        return (OptKind){KIND_INT, 0};
    }
    if (value_is_double(v)) {
        return (OptKind){KIND_FLOAT, 0};
    }
    if (value_is_bool(v)) {
        return (OptKind){KIND_BOOL, 0};
    }
    return (OptKind){value_is_object(v) ? KIND_OBJECT : KIND_SPECIAL, 0};
}

OptKind opt_kind(const Opt *o, IrRef r)
{
    if (!ir_is_const(r)) {
        return r < o->capacity ? o->kinds[r] : (OptKind){KIND_ANY, 0};
    }
    const IrConst *k = ir_const(o->t, r);
    OptKind kind = kind_of_value(k->v);
    if (kind.tag == KIND_OBJECT && !k->uncounted) {
        return (OptKind){KIND_TYPED, value_object(k->v)->type_id};
    }
    return kind;
}

void opt_learn_kind(Opt *o, IrRef r, OptKindTag tag, uint32_t type_id)
{
    if (!ir_is_const(r) && r < o->capacity && o->kinds[r].tag < tag) {
        o->kinds[r] = (OptKind){tag, type_id};
    }
}

bool opt_uncounted(const Opt *o, IrRef r)
{
    OptKindTag tag = opt_kind(o, r).tag;
    return tag >= KIND_NUMBER && tag <= KIND_SPECIAL;
}

OptRange opt_range(const Opt *o, IrRef r)
{
    int64_t k;
    if (opt_const_int(o, r, &k)) {
        return (OptRange){k, k};
    }
    if (!o->ranges_known || o->ranges == NULL || ir_is_const(r) || r >= o->capacity) {
        return OPT_RANGE_ALL;
    }
    return o->ranges[r];
}

/* The type of an object that a helper makes; 0: unknown. */
static uint32_t helper_type(uint32_t helper)
{
    switch ((HelperId)helper) {
    case HELPER_ID_list_new_array:
    case HELPER_ID_list_new_array_steal:
    case HELPER_ID_list_slice:
    case HELPER_ID_list_repeat:
    case HELPER_ID_list_repeat_value: return TYPE_LIST;
    case HELPER_ID_str_concat:
    case HELPER_ID_str_getitem:
    case HELPER_ID_str_from_char:
    case HELPER_ID_int_to_str:
    case HELPER_ID_float_to_str:
    case HELPER_ID_str_repeat: return TYPE_STR;
    case HELPER_ID_dict_new: return TYPE_DICT;
    case HELPER_ID_set_new: return TYPE_SET;
    default: return 0;
    }
}

/* What the uop that was just appended proves about boxed values. */
static void learn(Opt *o, IrRef r, const IrUop *u)
{
    switch ((IrOp)u->op) {
    case IR_box_int:
    case IR_box_int_small: opt_learn_kind(o, r, KIND_INT, 0); break;
    case IR_box_float: opt_learn_kind(o, r, KIND_FLOAT, 0); break;
    case IR_box_bool: opt_learn_kind(o, r, KIND_BOOL, 0); break;
    case IR_alloc_tuple: opt_learn_kind(o, r, KIND_TYPED, TYPE_TUPLE); break;
    case IR_alloc_cell: opt_learn_kind(o, r, KIND_TYPED, TYPE_CELL); break;
    case IR_unbox_int:
    case IR_unbox_int_known: opt_learn_kind(o, u->a, KIND_INT, 0); break;
    case IR_unbox_int_any: opt_learn_kind(o, u->a, KIND_PRESENT, 0); break;
    case IR_unbox_float:
    case IR_unbox_float_known: opt_learn_kind(o, u->a, KIND_FLOAT, 0); break;
    case IR_unbox_bool: opt_learn_kind(o, u->a, KIND_BOOL, 0); break;
    case IR_guard_type: opt_learn_kind(o, u->a, KIND_TYPED, (uint32_t)u->imm); break;
    case IR_guard_object: opt_learn_kind(o, u->a, KIND_OBJECT, 0); break;
    case IR_guard_number: opt_learn_kind(o, u->a, KIND_NUMBER, 0); break;
    case IR_guard_int: opt_learn_kind(o, u->a, KIND_INT, 0); break;
    case IR_guard_float: opt_learn_kind(o, u->a, KIND_FLOAT, 0); break;
    case IR_guard_item:
    case IR_guard_bound: opt_learn_kind(o, u->a, KIND_PRESENT, 0); break;
    case IR_guard_present:
        /* after a helper: what it made; after a load: not absent, perhaps unbound */
        if (opt_defined_by(o, u->a, IR_call) &&
            o->t->uops[u->a].imm != HELPER_ID_iter_next /* perhaps unbound */) {
            uint32_t type = helper_type((uint32_t)o->t->uops[u->a].imm);
            opt_learn_kind(o, u->a, type != 0 ? KIND_TYPED : KIND_PRESENT, type);
        }
        break;
    case IR_guard_same:
        if (ir_is_const(u->b)) {
            OptKind k = opt_kind(o, u->b);
            opt_learn_kind(o, u->a, (OptKindTag)k.tag, k.type_id);
        }
        break;
    default: break;
    }
}

static void learn_ranges(Opt *o, IrRef r, const IrUop *u)
{
    OptRange a = u->a == IR_NONE ? OPT_RANGE_ALL : opt_range(o, u->a);
    OptRange b = u->b == IR_NONE ? OPT_RANGE_ALL : opt_range(o, u->b);
    OptRange c = u->c == IR_NONE ? OPT_RANGE_ALL : opt_range(o, u->c);
    o->ranges[r] = u->type == IR_I ? opt_range_of(o->t, u, a, b, c) : OPT_RANGE_ALL;
    if (u->type == IR_N && (ir_ops[u->op].flags & IRF_G) != 0) {
        opt_range_guard((IrOp)u->op, &a, &b);
        if (u->a != IR_NONE && !ir_is_const(u->a)) {
            o->ranges[u->a] = a;
        }
        if (u->b != IR_NONE && !ir_is_const(u->b)) {
            o->ranges[u->b] = b;
        }
    }
}

IrRef opt_append(Opt *o, IrOp op, IrType type, IrRef a, IrRef b, IrRef c, int32_t imm,
                 uint32_t snap)
{
    if (!tables_grow(o, o->t->count)) {
        return ir_const_int(o->t, 0);
    }
    IrRef r = ir_emit(o->t, op, type, a, b, c, imm, snap);
    if (o->t->failed) {
        opt_fail(o, OPT_NO_MEMORY);
        return r;
    }
    o->prev[r] = o->chain[op];
    o->chain[op] = r + 1;
    uint32_t bucket = opt_bucket(op, a, b, c, imm);
    o->older[r] = o->bucket[bucket];
    o->bucket[bucket] = r + 1;
    o->kinds[r] = (OptKind){KIND_ANY, 0};
    const IrUop *u = &o->t->uops[r];
    learn(o, r, u);
    if (o->ranges_known) {
        learn_ranges(o, r, u);
    }
    uint32_t writes = ir_writes(o->t, u);
    if (writes != 0) {
        opt_kill(o, writes);
    }
    return r;
}

/* May a helper be called now, all its arguments being constants? */
static bool may_call(const Opt *o, const Fold *f)
{
    const IrRef refs[3] = {f->a, f->b, f->c};
    for (int i = 0; i < 3; i++) {
        if (refs[i] != IR_NONE && ir_const(o->t, refs[i])->uncounted) {
            return false;
        }
    }
    return (helper_table[f->imm].effects & HELPER_PURE) != 0;
}

/* May the body be evaluated now?  All operands constant, and nothing read but constants. */
static bool may_evaluate(const Opt *o, const Fold *f)
{
    const IrOpInfo *row = &ir_ops[f->op];
    if (f->a == IR_NONE || !ir_is_const(f->a) || (f->b != IR_NONE && !ir_is_const(f->b)) ||
        (f->c != IR_NONE && !ir_is_const(f->c))) {
        return false;
    }
    if (f->op == IR_call) {
        return may_call(o, f);
    }
    if ((row->flags & (IRF_SP | IRF_TH | IRF_CC | IRF_X)) != 0 || row->reads != 0 ||
        row->writes != 0) {
        return false;
    }
    const IrConst *k = ir_const(o->t, f->a);
    int64_t divisor, power;
    switch (f->op) {
    case IR_load_capacity: return false;
    case IR_load_const_ptr:
    case IR_load_const_value:
    case IR_load_tuple_size:
    case IR_load_str_length:
    case IR_guard_type: return k->type == IR_V && !k->uncounted && value_is_object(k->v);
    case IR_load_tuple_item:
        return !k->uncounted && value_is_tuple(k->v) && opt_const_int(o, f->b, &divisor) &&
               divisor >= 0 && divisor < value_tuple(k->v)->size;
    case IR_unbox_int_any: return !k->uncounted;
    case IR_unbox_int_known: return value_is_small_int(k->v);
    case IR_unbox_float_known: return value_is_double(k->v);
    case IR_floordiv_int_pos:
    case IR_mod_int_pos: return opt_const_int(o, f->b, &divisor) && divisor > 0;
    case IR_pow_int: return op_pow_int_ov(&power, k->i, ir_const(o->t, f->b)->i);
    default: return true;
    }
}

static IrRef const_of_word(Opt *o, IrType type, IrWord w)
{
    switch (type) {
    case IR_I: return ir_const_int(o->t, w.i);
    case IR_F: return ir_const_float(o->t, w.f);
    case IR_V: return ir_const_value(o->th, o->t, w.v);
    case IR_P: return ir_const_ptr(o->t, w.p);
    default: return IR_NONE;
    }
}

static FoldResult evaluate(Opt *o, Fold *f)
{
    if (!may_evaluate(o, f)) {
        return FOLD_KEEP;
    }
    IrWord args[3] = {{0}}, result = {0};
    const IrRef refs[3] = {f->a, f->b, f->c};
    for (int i = 0; i < 3; i++) {
        if (refs[i] != IR_NONE) {
            args[i].i = (int64_t)ir_const(o->t, refs[i])->bits;
        }
    }
    if (f->op == IR_call) {
        ir_call_helper(o->th, (uint32_t)f->imm, args, &result);
    } else if (!ir_evaluate(o->th, f->op, args, f->imm, &result)) {
        o->contradiction = true;
        return FOLD_KEEP;
    }
    return fold_to(f, const_of_word(o, f->type, result));
}

/* Constant last; of two values the older one first. */
static void order_operands(Fold *f)
{
    if ((ir_ops[f->op].flags & IRF_COM) == 0) {
        return;
    }
    bool swap = ir_is_const(f->a) ? !ir_is_const(f->b) : !ir_is_const(f->b) && f->b < f->a;
    if (swap) {
        IrRef a = f->a;
        f->a = f->b;
        f->b = a;
    }
}

static FoldResult fold_once(Opt *o, Fold *f)
{
    order_operands(f);
    FoldResult r = evaluate(o, f);
    if (r != FOLD_KEEP) {
        return r;
    }
    if (f->op == IR_call) {
        return opt_fold_call(o, f);
    }
    if (f->op >= IR_unbox_int && f->op <= IR_guard_poll) {
        return opt_fold_value(o, f);
    }
    if (f->op >= IR_guard_lt_int && f->op <= IR_guard_exact_float) {
        return opt_fold_guard(o, f);
    }
    if (f->op >= IR_add_int_ov && f->op <= IR_same_value) {
        if (f->op == IR_pow_int_ov) {
            return opt_fold_power(o, f);
        }
        r = opt_fold_divide(o, f);
        return r != FOLD_KEEP ? r : opt_fold_int(o, f);
    }
    if (f->op >= IR_add_float && f->op <= IR_float_to_int) {
        return opt_fold_float(o, f);
    }
    if (f->op >= IR_load_list_size && f->op <= IR_load_const_ptr) {
        r = opt_fold_memory(o, f);
        return r != FOLD_KEEP ? r : opt_fold_value(o, f);
    }
    return opt_fold_value(o, f);
}

IrRef opt_emit(Opt *o, IrOp op, IrType type, IrRef a, IrRef b, IrRef c, int32_t imm, uint32_t snap)
{
    if (!opt_ok(o)) {
        return ir_const_int(o->t, 0);
    }
    Fold f = {.op = op, .type = type, .a = a, .b = b, .c = c, .imm = imm, .snap = snap};
    FoldResult r = FOLD_AGAIN;
    for (int i = 0; i < FOLD_LIMIT && r == FOLD_AGAIN; i++) {
        r = fold_once(o, &f);
    }
    if (r == FOLD_DONE) {
        return f.result;
    }
    order_operands(&f);
    bool gone;
    IrRef same = opt_cse(o, &f, &gone);
    if (gone || same != IR_NONE) {
        return same;
    }
    bool exits = (ir_ops[f.op].flags & (IRF_G | IRF_X)) != 0 || (ir_ops[f.op].flags & IRF_SP) != 0;
    IrRef ref = opt_append(o, f.op, f.type, f.a, f.b, f.c, f.imm, exits ? f.snap : IR_NONE);
    return f.type == IR_N ? IR_NONE : ref;
}

IrRef opt_emit1(Opt *o, IrOp op, IrRef a)
{
    return opt_emit(o, op, (IrType)ir_ops[op].result, a, IR_NONE, IR_NONE, 0, IR_NONE);
}

IrRef opt_emit2(Opt *o, IrOp op, IrRef a, IrRef b)
{
    return opt_emit(o, op, (IrType)ir_ops[op].result, a, b, IR_NONE, 0, IR_NONE);
}
