/*
 * Pass types: int ranges and demanded bits.
 *
 * Needs: a folded trace; a loop has its final shape.  Guarantees: checked arithmetic whose overflow
 * no exit can tell, or whose operands' ranges exclude it, is wrapping; bounds, zero and size checks
 * that ranges prove are gone; divisions by constants are multiplications; facts give the ranges of
 * phis that the body relies on.
 *
 * Demanded bits: the low bits of a sum, difference or product depend only on the low bits of the
 * operands.  So where all uses of a value, through such uops, end in `and` with a constant that is
 * not negative, overflow changes nothing that anybody sees.  An exit sees all bits.
 *
 * Ranges of phis: first assumed to be those of their entry values; the body is walked, what comes
 * back must lie within; else the bound is widened (to the next of a few thresholds, then at once to
 * the end) and the body is walked again.  What is then assumed is inductive.  Guards narrow ranges
 * from where they stand on; entering the loop, only what was known before it is taken along.
 */
#include "optimizer/internal.h"

#include "runtime/memory.h"

enum { GENTLE_ROUNDS = 4, ROUNDS = 8 };

typedef struct Types {
    Opt *o;
    OptRange *ranges;  /* by uop, as known at the place of the walk */
    OptRange *entered; /* the same at the loop head */
    OptRange *phis;    /* by uop: what is assumed of phis */
} Types;

/* ---- demanded bits ---- */

static bool carries_low_bits(IrOp op)
{
    return op == IR_add_int || op == IR_add_int_ov || op == IR_sub_int || op == IR_sub_int_ov ||
           op == IR_mul_int || op == IR_mul_int_ov || op == IR_neg_int || op == IR_neg_int_ov;
}

static IrOp wrapping_form(IrOp op)
{
    switch (op) {
    case IR_add_int_ov: return IR_add_int;
    case IR_sub_int_ov: return IR_sub_int;
    case IR_mul_int_ov: return IR_mul_int;
    case IR_neg_int_ov: return IR_neg_int;
    default: return op;
    }
}

static void demand(bool *all_bits, IrRef r)
{
    if (r != IR_NONE && !ir_is_const(r)) {
        all_bits[r] = true;
    }
}

static void demanded_bits(Opt *o)
{
    IrTrace *t = o->t;
    bool *all_bits = opt_alloc(o, t->count, sizeof *all_bits);
    bool *used = opt_alloc(o, t->count, sizeof *used);
    bool *seen = opt_alloc(o, t->snap_count + 1, sizeof *seen);
    if (!opt_ok(o)) {
        return;
    }
    for (uint32_t i = 0; i < t->count; i++) {
        uint32_t snap = t->uops[i].snap;
        for (uint32_t e = 0; snap != IR_NONE && !seen[snap] && e < t->snaps[snap].count; e++) {
            demand(all_bits, t->entries[t->snaps[snap].first + e].ref);
        }
        if (snap != IR_NONE) {
            seen[snap] = true;
        }
    }
    for (uint32_t i = 0; i < t->head_arg_count; i++) {
        demand(all_bits, t->head_args[i]);
    }
    for (uint32_t i = 0; i < t->count; i++) {
        if (t->uops[i].op == IR_phi) {
            demand(all_bits, t->uops[i].b);
        }
    }
    for (uint32_t i = t->count; i-- > 0;) {
        IrUop *u = &t->uops[i];
        int64_t mask;
        bool low = u->op == IR_and_int && opt_const_int(o, u->b, &mask) && mask >= 0;
        low = low || (carries_low_bits((IrOp)u->op) && !all_bits[i] && used[i]);
        for (int k = 0; k < 3; k++) {
            IrRef r = ir_operand(u, k);
            if (!low) {
                demand(all_bits, r);
            }
            if (r != IR_NONE && !ir_is_const(r)) {
                used[r] = true;
            }
        }
        if (low && wrapping_form((IrOp)u->op) != (IrOp)u->op) {
            u->op = (uint16_t)wrapping_form((IrOp)u->op);
            u->snap = IR_NONE;
        }
    }
}

/* ---- ranges ---- */

static OptRange range_of_ref(const Types *s, IrRef r)
{
    int64_t k;
    if (r == IR_NONE) {
        return OPT_RANGE_ALL;
    }
    if (opt_const_int(s->o, r, &k)) {
        return (OptRange){k, k};
    }
    return ir_is_const(r) ? OPT_RANGE_ALL : s->ranges[r];
}

static void walk(Types *s, uint32_t from, uint32_t end)
{
    const IrTrace *t = s->o->t;
    for (uint32_t i = from; i < end; i++) {
        const IrUop *u = &t->uops[i];
        if (u->type == IR_I) {
            s->ranges[i] = u->op == IR_phi
                               ? s->phis[i]
                               : opt_range_of(t, u, range_of_ref(s, u->a), range_of_ref(s, u->b),
                                              range_of_ref(s, u->c));
        } else if (u->type == IR_N && (ir_ops[u->op].flags & IRF_G) != 0) {
            OptRange a = range_of_ref(s, u->a), b = range_of_ref(s, u->b);
            opt_range_guard((IrOp)u->op, &a, &b);
            if (u->a != IR_NONE && !ir_is_const(u->a)) {
                s->ranges[u->a] = a;
            }
            if (u->b != IR_NONE && !ir_is_const(u->b)) {
                s->ranges[u->b] = b;
            }
        } else {
            s->ranges[i] = OPT_RANGE_ALL;
        }
    }
}

/* A bound that has not held: the next threshold beyond what came back. */
static int64_t lower(int64_t low, bool gently)
{
    static const int64_t thresholds[] = {0, -1, SMALL_INT_MIN, -(INT64_C(1) << 53)};
    for (size_t i = 0; gently && i < sizeof thresholds / sizeof *thresholds; i++) {
        if (low >= thresholds[i]) {
            return thresholds[i];
        }
    }
    return INT64_MIN;
}

static int64_t higher(int64_t high, bool gently)
{
    static const int64_t thresholds[] = {1, SMALL_INT_MAX, INT64_C(1) << 53};
    for (size_t i = 0; gently && i < sizeof thresholds / sizeof *thresholds; i++) {
        if (high <= thresholds[i]) {
            return thresholds[i];
        }
    }
    return INT64_MAX;
}

/* Are the assumptions about phis inductive?  Widens those that are not. */
static bool settle(Types *s, int round)
{
    const IrTrace *t = s->o->t;
    bool settled = true;
    for (uint32_t i = t->loop + 1; i < t->count && t->uops[i].op == IR_phi; i++) {
        OptRange *p = &s->phis[i], back = range_of_ref(s, t->uops[i].b);
        if (t->uops[i].type != IR_I) {
            continue;
        }
        if (back.low < p->low) {
            p->low = lower(back.low, round < GENTLE_ROUNDS);
            settled = false;
        }
        if (back.high > p->high) {
            p->high = higher(back.high, round < GENTLE_ROUNDS);
            settled = false;
        }
    }
    return settled;
}

static void phi_ranges(Types *s)
{
    const IrTrace *t = s->o->t;
    uint32_t body = t->loop + 1;
    walk(s, 0, body);
    memcpy(s->entered, s->ranges, body * sizeof *s->ranges);
    for (uint32_t i = body; i < t->count && t->uops[i].op == IR_phi; i++) {
        s->phis[i] = range_of_ref(s, t->uops[i].a);
    }
    for (int round = 0; round < ROUNDS; round++) {
        memcpy(s->ranges, s->entered, body * sizeof *s->ranges);
        walk(s, body, t->count);
        if (settle(s, round)) {
            return;
        }
    }
    for (uint32_t i = body; i < t->count && t->uops[i].op == IR_phi; i++) {
        s->phis[i] = OPT_RANGE_ALL;
    }
}

/* While re-emitting: the emitter knows the ranges of all uops but phis. */
static void learn_phi(Opt *o, void *context, uint32_t old, IrRef fresh)
{
    const Types *s = context;
    if (o->old[old].op == IR_phi && o->old[old].type == IR_I) {
        o->ranges[fresh] = s->phis[old];
    }
}

static void note_facts(Types *s)
{
    IrTrace *t = s->o->t;
    for (uint32_t i = 0; i < t->fact_count; i++) {
        IrPhiFact *f = &t->facts[i];
        if (t->uops[f->phi].type == IR_I) {
            f->low = s->phis[f->phi].low;
            f->high = s->phis[f->phi].high;
        }
    }
}

static OptRange entered_range(const Opt *o, IrRef r)
{
    int64_t k;
    if (opt_const_int(o, r, &k)) {
        return (OptRange){k, k};
    }
    return r == IR_NONE || ir_is_const(r) ? OPT_RANGE_ALL : o->entered[r];
}

/* Ints from before the loop about which guards have said more than their operands do: the body relies
 * on that, and who enters it with values of his own must prove it. */
static void note_entered(Opt *o)
{
    IrTrace *t = o->t;
    for (uint32_t i = 0; t->loop != IR_NONE && o->entered != NULL && i < t->loop; i++) {
        const IrUop *u = &t->uops[i];
        if (u->type != IR_I) {
            continue;
        }
        OptRange r = o->entered[i];
        OptRange own = opt_range_of(t, u, entered_range(o, u->a), entered_range(o, u->b),
                                    entered_range(o, u->c));
        if (r.low <= own.low && r.high >= own.high) {
            continue;
        }
        IrPhiFact *facts = rt_realloc(t->facts, (t->fact_count + 1) * sizeof *facts);
        if (facts == NULL) {
            opt_fail(o, OPT_NO_MEMORY);
            return;
        }
        t->facts = facts;
        facts[t->fact_count++] = (IrPhiFact){.phi = i, .slot = -1, .low = r.low, .high = r.high};
    }
}

void opt_pass_types(Opt *o)
{
    IrTrace *t = o->t;
    Types s = {.o = o};
    demanded_bits(o);
    s.ranges = opt_alloc(o, t->count, sizeof *s.ranges);
    s.entered = opt_alloc(o, t->count, sizeof *s.entered);
    s.phis = opt_alloc(o, t->count, sizeof *s.phis);
    if (!opt_ok(o)) {
        return;
    }
    if (t->loop != IR_NONE) {
        phi_ranges(&s);
        note_facts(&s);
    }
    o->ranges_known = true;
    uint32_t hoisted = t->hoisted_reads;
    o->hoisted = 0;
    opt_reemit(o, &(OptHooks){.learn = learn_phi, .context = &s});
    o->ranges_known = false;
    if (opt_ok(o)) {
        note_entered(o);
    }
    if (opt_ok(o)) {
        t->hoisted_reads = hoisted | o->hoisted;
        opt_snaps_unbox(o);
    }
}
