/*
 * The portable executor: runs any trace, raw or optimized, without machine code.
 *
 * One label a uop (computed goto over ir/uops.def); operands are read from `values` or the constants,
 * results written to `values`.  It is the oracle of codegen and optimizer and the engine of
 * -X jit=portable, so it does what the bodies in ir/ops say and nothing clever.
 *
 * A recorded trace (`jump` without `loop`) closes by writing the jump's snapshot into the frame and
 * starting over; a peeled one goes back to `loop`, phis being assigned in parallel.
 *
 * Threads: any, each run with its own frame and values.
 */
#include "ir/apply.h"
#include "ir/internal.h"
#include "runtime/helpers.h"
#include "runtime/memory.h"

enum { PHIS_INLINE = 64 };

typedef struct Run {
    Thread *th;
    const IrTrace *t;
    Value *fp;
    IrWord *values;
    const IrWord *inherited;
    const Value *entered; /* root frame with which the run of traces began */
    IrWord *phis;         /* room for all phis at once */
    uint32_t first_phi, phi_count;
    IrStress *stress; /* NULL: guards fail only when they must */
    IrExit exit;
} Run;

static IrWord fetch_word(void *context, IrRef ref) { return ((const IrWord *)context)[ref]; }

static void leave(Run *run, const IrUop *u)
{
    run->exit.snap = u->snap;
    run->exit.link = IR_NONE;
    if (u->op == IR_link || u->op == IR_link_head) {
        run->exit.link = (uint32_t)u->imm;
    } else if (u->op == IR_ret) {
        run->exit.returned = true;
        run->exit.result = ir_word(run->t, run->values, u->a).v;
    }
}

/* Phis take operand a (entering the loop) or b (from the back edge), all at once. */
static void assign_phis(Run *run, bool back)
{
    const IrUop *phi = &run->t->uops[run->first_phi];
    for (uint32_t i = 0; i < run->phi_count; i++) {
        IrRef r = back ? phi[i].b : phi[i].a;
        if (phi[i].op == IR_phi) {
            run->phis[i] = ir_word(run->t, run->values, r);
        }
    }
    memcpy(run->values + run->first_phi, run->phis, run->phi_count * sizeof *run->phis);
}

/* The SP rows. false: the trace is left. *pc: the uop that runs next. */
static bool run_special(Run *run, uint32_t *pc)
{
    const IrTrace *t = run->t;
    const IrUop *u = &t->uops[*pc];
    IrWord *result = &run->values[*pc];
    *pc += 1;
    switch ((IrOp)u->op) {
    case IR_slot: result->v = run->fp[u->imm]; return true;
    case IR_inherit: *result = run->inherited[u->imm]; return true;
    case IR_slot_address: result->p = &run->fp[u->imm]; return true;
    case IR_lend_slot:
    case IR_store_slot: run->fp[u->imm] = ir_word(t, run->values, u->a).v; return true;
    case IR_guard_entered:
        if (run->fp != run->entered) {
            leave(run, u);
            return false;
        }
        return true;
    case IR_store_slot_ptr:
        run->fp[u->imm] = (Value)(uintptr_t)ir_word(t, run->values, u->a).p;
        return true;
    case IR_loop: assign_phis(run, false); return true;
    case IR_jump:
        if (t->loop != IR_NONE) {
            assign_phis(run, true);
            *pc = t->loop + 1;
            return true;
        }
        ir_restore(run->th, t, u->snap, run->fp, fetch_word, run->values);
        *pc = 0;
        if (rt_pending(run->th)) {
            run->exit = (IrExit){.snap = IR_NONE, .link = IR_NONE};
            return false;
        }
        return true;
    case IR_call: {
        IrWord args[3] = {{0}};
        for (int o = 0; o < 3; o++) {
            IrRef r = ir_operand(u, o);
            if (r != IR_NONE) {
                args[o] = ir_word(t, run->values, r);
            }
        }
        ir_call_helper(run->th, (uint32_t)u->imm, args, result);
        return true;
    }
    case IR_alloc_tuple:
    case IR_alloc_cell:
        if ((u->flags & UOP_SUNK) == 0) {
            result->v = u->op == IR_alloc_tuple
                            ? ir_make_tuple(run->th, u->imm)
                            : ir_make_cell(run->th, ir_word(t, run->values, u->a).v);
            if (result->v == VALUE_ABSENT) {
                leave(run, u);
                return false;
            }
        }
        return true;
    case IR_link:
    case IR_link_head:
    case IR_exit:
    case IR_ret: leave(run, u); return false;
    default: return true; /* nop, keep; phi: done at loop and jump */
    }
}

#define FETCH_N(k, r) (void)0
#define FETCH_I(k, r) w[k] = ir_word(t, values, r)
#define FETCH_F FETCH_I
#define FETCH_V FETCH_I
#define FETCH_P FETCH_I
#define FETCH_A FETCH_I
#define FETCH_T FETCH_I

/* What a false of the body means, by the row's flags. */
enum {
    G = IRF_G,
    X = IRF_X,
    TH = IRF_TH,
    SP = IRF_SP,
    CC = IRF_CC,
    COM = IRF_COM,
};

/* Is it this guard's turn to fail? Only guards whose snapshot lies before the bytecode: leaving there
 * is right whatever they found. */
static bool stress_fails(IrStress *s, const IrUop *u)
{
    if ((ir_ops[u->op].flags & IRF_G) == 0 || u->snap == IR_NONE || --s->left > 0) {
        return false;
    }
    s->left = s->every;
    return true;
}

static void run_trace(Run *run, uint32_t start)
{
    static const void *const labels[IR_OP_COUNT] = {
#define UOP(name, r, a, b, c, imm, flags, reads, writes) &&label_##name,
#include "ir/uops.def"
#undef UOP
    };
    Thread *th = run->th;
    const IrTrace *t = run->t;
    IrWord *values = run->values;
    const IrUop *u;
    IrWord w[3] = {{0}};
    uint32_t pc = start;
    const bool stressed = run->stress != NULL;
    goto next;
#define UOP(name, r, oa, ob, oc, immediate, flags, reads, writes)                \
    label_##name : if (((flags) & SP) != 0) { goto special; }                    \
    FETCH_##oa(0, u->a);                                                         \
    FETCH_##ob(1, u->b);                                                         \
    FETCH_##oc(2, u->c);                                                         \
    if (__builtin_expect(!ir_apply(op_##name, th, &values[pc], w, u->imm), 0)) { \
        if (((flags) & CC) == 0) {                                               \
            leave(run, u);                                                       \
            return;                                                              \
        }                                                                        \
        ir_call_helper(th, ir_cold_helper(IR_##name), w, NULL);                  \
    }                                                                            \
    pc++;                                                                        \
    goto next;
#include "ir/uops.def"
#undef UOP
special:
    if (!run_special(run, &pc)) {
        return;
    }
next:
    u = &t->uops[pc];
    if (__builtin_expect(((u->flags & UOP_SUNK) != 0) | stressed, 0)) {
        if ((u->flags & UOP_SUNK) != 0) {
            pc++;
            goto next;
        }
        if (stress_fails(run->stress, u)) {
            leave(run, u);
            return;
        }
    }
    goto *labels[u->op];
}

static IrExit execute(Run *run, uint32_t start, const IrWord *phis)
{
    const IrTrace *t = run->t;
    IrWord inline_phis[PHIS_INLINE];
    run->phis = inline_phis;
    if (t->loop != IR_NONE) {
        run->first_phi = t->loop + 1;
        uint32_t end = run->first_phi;
        for (uint32_t i = end; i < t->count && (t->uops[i].op == IR_phi || t->uops[i].op == IR_nop);
             i++) {
            end = t->uops[i].op == IR_phi ? i + 1 : end;
        }
        run->phi_count = end - run->first_phi;
        if (run->phi_count > PHIS_INLINE) {
            run->phis = rt_malloc(run->phi_count * sizeof *run->phis);
            if (run->phis == NULL) {
                rt_raise_memory_error(run->th);
                return (IrExit){.snap = IR_NONE, .link = IR_NONE};
            }
        }
    }
    if (phis != NULL) {
        const IrUop *phi = &t->uops[run->first_phi];
        for (uint32_t i = 0, k = 0; i < run->phi_count; i++) {
            if (phi[i].op == IR_phi) {
                run->values[run->first_phi + i] = phis[k++];
            }
        }
    }
    run_trace(run, start);
    if (run->phis != inline_phis) {
        rt_free(run->phis);
    }
    return run->exit;
}

IrExit ir_execute(Thread *th, const IrTrace *t, Value *fp, IrWord *values, const IrWord *inherited)
{
    return ir_execute_stressed(th, t, fp, fp, values, inherited, NULL);
}

IrExit ir_execute_stressed(Thread *th, const IrTrace *t, Value *fp, const Value *entered,
                           IrWord *values, const IrWord *inherited, IrStress *stress)
{
    Run run = {.th = th,
               .t = t,
               .fp = fp,
               .entered = entered,
               .values = values,
               .inherited = inherited,
               .stress = stress};
    return execute(&run, 0, NULL);
}

IrExit ir_execute_head(Thread *th, const IrTrace *t, Value *fp, const Value *entered,
                       IrWord *values, const IrWord *phis, IrStress *stress)
{
    Run run = {.th = th, .t = t, .fp = fp, .entered = entered, .values = values, .stress = stress};
    return execute(&run, t->loop + 1, phis);
}

void ir_head_words(const IrTrace *t, const IrWord *values, IrWord *out)
{
    for (uint32_t i = 0; i < t->head_arg_count; i++) {
        out[i] = ir_word(t, values, t->head_args[i]);
    }
}
