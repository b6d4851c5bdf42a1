/*
 * opt_run: the passes in order, their switches, checks between them, and the arena they share.
 *
 * Threads: the thread that owns the trace.
 */
#include "optimizer/internal.h"

#include <stdio.h>
#include <time.h>

#include "runtime/memory.h"

/* What passes and codegen need for a recorded uop, as measured, all tables together. */
enum { SCRATCH_BYTES = 256 };

const char *const opt_pass_names[OPT_PASS_COUNT] = {
#define PASS(name, text) #name,
#include "optimizer/passes.def"
#undef PASS
};

OptPass opt_pass_by_name(const char *name, size_t length)
{
    for (uint32_t i = 0; i < OPT_PASS_COUNT; i++) {
        if (strlen(opt_pass_names[i]) == length && memcmp(opt_pass_names[i], name, length) == 0) {
            return (OptPass)i;
        }
    }
    return OPT_PASS_COUNT;
}

const char *opt_status_text(OptStatus status)
{
    static const char *const texts[] = {
        [OPT_OK] = "optimized",
        [OPT_NO_MEMORY] = "out of memory while optimizing",
        [OPT_NO_FRAME] = "the recording closed without a snapshot",
        [OPT_UNSTABLE] = "a variable changes its type from iteration to iteration",
        [OPT_ALWAYS_LEAVES] = "the loop would leave in every iteration",
        [OPT_LINK_CONFLICT] = "the loop that it links to relies on memory that it writes",
        [OPT_LINK_MISMATCH] = "its values do not fit the loop that it links to",
        [OPT_TOO_LONG] = "too many uops",
        [OPT_INVALID] = "a pass made an invalid trace",
    };
    return texts[status];
}

void opt_fail(Opt *o, OptStatus status)
{
    if (o->status == OPT_OK) {
        o->status = status;
    }
}

void *opt_alloc(Opt *o, size_t count, size_t size_bytes)
{
    void *p = ir_scratch_alloc(o->scratch, count * size_bytes);
    if (p == NULL) {
        opt_fail(o, OPT_NO_MEMORY);
        return NULL;
    }
    return memset(p, 0, count * size_bytes);
}

static uint64_t now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void run_pass(Opt *o, uint32_t i, void (*pass)(Opt *))
{
    o->trail->pass = opt_pass_names[i];
    if (i != OPT_PASS_loop) { /* which goes on with the tables of fold */
        o->tables_good = false;
    }
    if (!o->tables_good) {
        ir_scratch_reset(o->scratch);
    }
    uint64_t start = o->config->timed ? now_ns() : 0;
    pass(o);
    o->trail->ns[i] = o->config->timed ? now_ns() - start : 0;
    o->trail->uops[i] = o->t->count;
    if (o->t->failed) {
        opt_fail(o, OPT_NO_MEMORY);
    }
    if (o->t->count > OPT_MAX_UOPS) {
        opt_fail(o, OPT_TOO_LONG);
    }
    if (opt_ok(o) && o->config->validate &&
        !ir_validate(o->t, o->trail->message, sizeof o->trail->message)) {
        opt_fail(o, OPT_INVALID);
    }
    bool shown = opt_ok(o) || o->status == OPT_INVALID;
    if (shown && o->config->after != NULL) {
        o->config->after(o->config->context, opt_pass_names[i], o->t);
    }
}

/* Is k an argument of the type of the target's uop? */
static bool arg_fits(const IrTrace *t, uint32_t k, const IrTrace *target, IrRef theirs)
{
    return k < t->head_arg_count && theirs < target->count &&
           ir_type_of(t, t->head_args[k]) == (IrType)target->uops[theirs].type;
}

/* Is a reference of v dropped right before the link? */
static bool is_given_up(const IrTrace *t, IrRef v)
{
    for (uint32_t i = t->count - 1; i-- > 0 && t->uops[i].op == IR_decref;) {
        if (t->uops[i].a == v) {
            return true;
        }
    }
    return false;
}

/* A trace that enters another's loop must bring values of the right types.  If it relies on the values
 * that the loop has read once for all it must not write what they were read from. */
static void check_link(Opt *o)
{
    IrTrace *t = o->t;
    const IrUop *last = &t->uops[t->count - 1];
    if (last->op != IR_link_head || o->config->find == NULL) {
        return;
    }
    const IrTrace *target = o->config->find(o->config->context, (uint32_t)last->imm);
    if (target == NULL || target->loop == IR_NONE) {
        opt_fail(o, OPT_LINK_MISMATCH);
        return;
    }
    if (t->head_refs == NULL && (target->hoisted_reads & t->writes) != 0) {
        opt_fail(o, OPT_LINK_CONFLICT);
    }
    uint32_t k = 0;
    bool good = true;
    for (uint32_t i = target->loop + 1; target->uops[i].op == IR_phi; i++, k++) {
        good = good && arg_fits(t, k, target, i);
        if (good && (target->uops[i].flags & UOP_LENT) != 0 && is_given_up(t, t->head_args[k])) {
            opt_fail(o, OPT_LINK_CONFLICT); /* nobody lends it: dropped, it may be gone */
        }
    }
    good = good && k + t->head_ref_count == t->head_arg_count;
    for (uint32_t i = 0; i < t->head_ref_count && good; i++) {
        good = t->head_refs[i] < target->loop && arg_fits(t, k + i, target, t->head_refs[i]);
    }
    if (!good) {
        opt_fail(o, OPT_LINK_MISMATCH);
    }
}

/* Facts that codegen and linkers ask for. */
static void finish(Opt *o)
{
    IrTrace *t = o->t;
    t->writes = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        IrUop *u = &t->uops[i];
        if ((u->flags & UOP_SUNK) == 0) {
            t->writes |= ir_writes(t, u);
        }
        u->flags &= (uint8_t)~(UOP_INVARIANT | UOP_LIVE);
        if (t->loop == IR_NONE || i <= t->loop) {
            continue;
        }
        for (int operand = u->op == IR_phi ? 1 : 0; operand < 3; operand++) {
            IrRef r = ir_operand(u, operand);
            if (r != IR_NONE && !ir_is_const(r) && r < t->loop) {
                t->uops[r].flags |= UOP_INVARIANT;
            }
        }
        const IrSnap *s = u->snap == IR_NONE ? NULL : &t->snaps[u->snap];
        for (uint32_t e = 0; s != NULL && e < s->count; e++) {
            IrRef r = t->entries[s->first + e].ref;
            if (!ir_is_const(r) && r < t->loop) {
                t->uops[r].flags |= UOP_INVARIANT;
            }
        }
    }
}

OptStatus opt_run(Thread *th, IrTrace **t, const OptConfig *config, OptTrail *trail)
{
    static void (*const passes[])(Opt *) = {
#define PASS(name, text) opt_pass_##name,
#include "optimizer/passes.def"
#undef PASS
    };
    static const OptConfig nothing = {0};
    OptTrail unseen;
    IrScratch own = {0};
    Opt o = {.th = th,
             .t = *t,
             .config = config != NULL ? config : &nothing,
             .trail = trail != NULL ? trail : &unseen,
             .scratch = config != NULL && config->scratch != NULL ? config->scratch : &own,
             .body = IR_NONE};
    *o.trail = (OptTrail){.recorded_uops = (*t)->count};
    ir_scratch_expect(o.scratch, (size_t)(*t)->count * SCRATCH_BYTES);
    if ((*t)->failed) {
        opt_fail(&o, OPT_NO_MEMORY);
    } else if ((*t)->count > OPT_MAX_UOPS) {
        opt_fail(&o, OPT_TOO_LONG);
    }
    for (uint32_t i = 0; i < OPT_PASS_COUNT && opt_ok(&o); i++) {
        if ((o.config->disabled >> i & 1) == 0) {
            run_pass(&o, i, passes[i]);
        }
    }
    if (opt_ok(&o)) {
        finish(&o);
        check_link(&o);
    }
    opt_rewrite_end(&o); /* a rewrite that memory has cut short */
    rt_free(o.spare);
    ir_scratch_reset(o.scratch);
    ir_scratch_free(&own);
    return o.status;
}
