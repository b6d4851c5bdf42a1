/*
 * The portable engine: a run of traces in ir_execute, from a root through side traces and links until
 * nothing runs next.
 *
 * Each run has words of its own, because a helper may lead to another run: it takes what the thread keeps
 * spare and gives it back.
 *
 * Threads: the thread whose frames they are.
 */
#include "interp/jit/recorder.h"
#include "runtime/gc.h"
#include "runtime/memory.h"

typedef struct Run {
    JitThread *jt;
    JitPortable words;
    const Value *entered;
    IrStress *stress;
} Run;

static bool words_reserve(JitWords *w, uint32_t count)
{
    if (count > w->capacity) {
        IrWord *p = rt_realloc(w->at, count * sizeof *p);
        if (p == NULL) {
            return false;
        }
        w->at = p;
        w->capacity = count;
    }
    return true;
}

static IrWord fetch(void *context, IrRef ref) { return ((const IrWord *)context)[ref]; }

/* A root has its words while its side traces run: they may come back to its loop head. */
static JitWords *words_of(Run *run, const JitTrace *t)
{
    return &run->words.values[t->parent != IR_NONE];
}

/* The values of a parent's exit, for the side trace that is attached there. */
static bool inherit_words(Run *run, const JitTrace *t, uint32_t snap)
{
    IrRef refs[256];
    uint32_t n = ir_snap_live(t->ir, snap, refs, 256);
    if (n > 256 || !words_reserve(&run->words.inherited, n + 1)) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        run->words.inherited.at[i] = words_of(run, t)->at[refs[i]];
    }
    return true;
}

/* t ended in link_head: words for the target's phis become the inherited ones, those for what it has from
 * before its loop go to its own words; t's words are in values[1] then. false: out of memory. */
static bool bring_words(Run *run, const JitTrace *t, const JitTrace *target)
{
    const IrTrace *ir = t->ir;
    JitPortable *w = &run->words;
    bool swap = t->parent == IR_NONE;
    if (!words_reserve(&w->inherited, ir->head_arg_count + 1) ||
        !words_reserve(&w->values[swap], target->ir->count + 1)) {
        return false;
    }
    ir_head_words(ir, words_of(run, t)->at, w->inherited.at);
    if (swap) {
        JitWords values = w->values[0];
        w->values[0] = w->values[1];
        w->values[1] = values;
    }
    uint32_t phis = ir->head_arg_count - ir->head_ref_count;
    for (uint32_t k = 0; k < ir->head_ref_count; k++) {
        w->values[0].at[ir->head_refs[k]] = w->inherited.at[phis + k];
    }
    return true;
}

/* The trace that runs after t was left through x, NULL: none.  *head: it goes on at its loop head.
 * *values: t's words. */
static JitTrace *next_trace(Run *run, const JitTrace *t, const IrExit *x, bool *head,
                            IrWord **values)
{
    const IrTrace *ir = t->ir;
    JitTrace *next = NULL;
    uint32_t side = atomic_load_explicit(&t->exits[x->snap].side, memory_order_acquire);
    *head = x->link != IR_NONE && ir->uops[ir->count - 1].op == IR_link_head;
    bool links = x->link != IR_NONE && !atomic_load_explicit(&t->link_cut, memory_order_acquire);
    *head &= links;
    if (links) {
        next = jit_trace_by_id(run->jt->jit, x->link);
    } else if (side != IR_NONE && !rt_pending(run->jt->th) && inherit_words(run, t, x->snap)) {
        next = jit_trace_by_id(run->jt->jit, side);
    }
    if (*head && next != NULL) {
        next = bring_words(run, t, next) ? next : NULL;
        *values = next != NULL ? run->words.values[1].at : words_of(run, t)->at;
        return next;
    }
    /* a link restores t's frame first, so its words may be those of the next one */
    bool room = next != NULL && words_reserve(words_of(run, next), next->ir->count + 1);
    *values = words_of(run, t)->at;
    return room ? next : NULL;
}

static void restore(Run *run, JitTrace *t, uint32_t snap, Value *fp, IrWord *values, JitLeft *left)
{
    *left = (JitLeft){.trace = t, .snap = snap, .root_fp = fp};
    left->fp = ir_restore(run->jt->th, t->ir, snap, fp, fetch, values);
}

static IrExit execute(Run *run, const JitTrace *t, Value *fp, bool head)
{
    Thread *th = run->jt->th;
    IrWord *values = words_of(run, t)->at, *inherited = run->words.inherited.at;
    th->trace_fp = fp;
    return head ? ir_execute_head(th, t->ir, fp, run->entered, values, inherited, run->stress)
                : ir_execute_stressed(th, t->ir, fp, run->entered, values, inherited, run->stress);
}

static void run_all(Run *run, JitTrace *t, Value *fp, JitLeft *left)
{
    JitLeft before = {.fp = NULL}; /* a link that was taken */
    bool head = false;
    for (;;) {
        IrExit x = execute(run, t, fp, head);
        if (x.returned) {
            *left = (JitLeft){.trace = t, .returned = true, .result = x.result};
            return;
        }
        if (x.snap == IR_NONE && head) { /* no memory for the phis: the link has not happened */
            restore(run, before.trace, before.snap, fp, run->words.values[1].at, left);
            return;
        }
        if (x.snap == IR_NONE) {
            *left = (JitLeft){.trace = t, .snap = IR_NONE, .root_fp = fp, .fp = fp};
            return;
        }
        IrWord *values;
        JitTrace *next = next_trace(run, t, &x, &head, &values);
        bool link = next != NULL && next->parent == IR_NONE && !head;
        if (next == NULL || link) {
            restore(run, t, x.snap, fp, values, left);
            if (next == NULL || rt_pending(run->jt->th)) {
                return;
            }
            fp = left->fp;
        }
        before = (JitLeft){.trace = t, .snap = x.snap};
        t = next;
        run->jt->runs->at = t;
    }
}

void jit_portable_free(JitPortable *words)
{
    rt_free(words->values[0].at);
    rt_free(words->values[1].at);
    rt_free(words->inherited.at);
    *words = (JitPortable){0};
}

bool jit_run_portable(JitThread *jt, JitTrace *t, Value *fp, JitLeft *left)
{
    Run run = {.jt = jt,
               .words = jt->spare,
               .entered = fp,
               .stress = jt->stress.every != 0 ? &jt->stress : NULL};
    jt->spare = (JitPortable){0};
    bool room = words_reserve(words_of(&run, t), t->ir->count + 1);
    if (room) {
        gc_hide(jt->th); /* its words refer to what no object does */
        run_all(&run, t, fp, left);
        gc_unhide(jt->th);
    }
    jit_portable_free(&jt->spare); /* of a run that this one led to */
    jt->spare = run.words;
    return room;
}
