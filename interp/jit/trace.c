/*
 * Traces: from a finished recording to published code, and what is learnt where recordings fail.
 *
 * Publication: optimize; then, under the JIT lock, look whether what the trace grows from is still there,
 * compile, and make one release store, when all else is complete: ENTER_TRACE over the head's opcode, or
 * the parent's exit slot (cg_attach).  Nothing of a published trace changes but counters.
 *
 * Threads: the thread that records; under the JIT lock where it says so.
 */
#include <stdio.h>

#include "interp/jit/recorder.h"
#include "runtime/gc.h"
#include "runtime/memory.h"
#include "runtime/str.h"

/* A short trace is optimized and compiled in memory that is there already. */
enum { SCRATCH_ON_STACK = 16 << 10 };

static const char *const abort_texts[] = {
#define ABORT(name, text, retry) text,
#include "ir/abort.def"
#undef ABORT
};
static const bool abort_retry[] = {
#define ABORT(name, text, retry) retry,
#include "ir/abort.def"
#undef ABORT
};

/* ---- reports --------------------------------------------------------------------------------------------------- */

static void fill_event(Recorder *r, JitEvent *e)
{
    const Code *code = r->head_code;
    uint32_t at = insn_index(code, r->head_pc);
    *e = (JitEvent){.id = r->trace->id,
                    .parent = r->trace->parent,
                    .exit = r->trace->parent_exit,
                    .shared = r->trace->shared};
    e->file = str_utf8(r->th, code->filename, NULL);
    if (e->file == NULL) {
        rt_clear_exception(r->th);
        e->file = "?";
    }
    e->lineno = code_position(code, at)->lineno;
    const Code *end = frame_code(r->fp);
    if (r->pc >= end->insns && r->pc < end->insns + end->insn_count) {
        e->end_lineno = code_position(end, insn_index(end, r->pc))->lineno;
    }
    e->bytecodes = r->steps;
    e->uops_recorded = r->ir != NULL ? r->ir->count : 0;
    e->record_ns = jit_now_ns() - r->start_ns;
}

static void keep_dump(Recorder *r, const char *stage, const IrTrace *t)
{
    JitTrace *trace = r->trace;
    JitDump *dumps = rt_realloc(trace->dumps, (trace->dump_count + 1) * sizeof *dumps);
    if (dumps != NULL) {
        trace->dumps = dumps;
        dumps[trace->dump_count++] = (JitDump){stage, ir_print(t)};
    }
}

void jit_observe(Jit *jit, const JitEvent *e)
{
    if (jit->config.observe != NULL) {
        jit->config.observe(jit->config.observe_context, e);
    }
}

/* The head waits twice as long after each failure; after a final reason it is left alone. */
static void back_off(Recorder *r)
{
    bool retry = abort_retry[r->reason];
    bool no_head = r->ir->head_args != NULL;
    if (r->trace->parent != IR_NONE) {
        JitExit *x = &jit_trace_by_id(r->jit, r->trace->parent)->exits[r->trace->parent_exit];
        JIT_ADD(x->failures, retry ? 1u : 100u);
        if (no_head) {
            JIT_STORE(x->no_head, true);
        }
        return;
    }
    JitHead *h = jit_head_find(r->jit, r->head_pc, r->trace->shared);
    uint32_t failures = JIT_LOAD(h->failures) + 1;
    JIT_STORE(h->failures, failures);
    JIT_STORE(h->never, !retry || failures > 12);
    JIT_STORE(h->skip, jit_skip_after(failures));
    if (no_head) {
        JIT_STORE(h->no_head, true);
    }
    if (r->reason == ABORT_LEFT_LOOP && failures > 2) {
        JIT_STORE(h->unroll, true);
    }
}

/* Under the lock. */
static void note_abort(Jit *jit, const char *text)
{
    uint32_t i = 0;
    while (i < jit->note_count && strcmp(jit->notes[i].text, text) != 0) {
        i++;
    }
    if (i == ABORT_NOTES) {
        return;
    }
    if (i == jit->note_count) {
        snprintf(jit->notes[i].text, ABORT_TEXT_BYTES, "%s", text);
        jit->note_count++;
    }
    jit->notes[i].count++;
}

void jit_report_abort(JitThread *jt, Recorder *r)
{
    JitEvent e;
    char text[ABORT_TEXT_BYTES];
    fill_event(r, &e);
    e.kind = JIT_EVENT_ABORT;
    snprintf(text, sizeof text, abort_texts[r->reason], r->detail != NULL ? r->detail : "?");
    e.reason = text;
    if (jt->jit->config.keep_dumps && r->trace->dump_count == 0) {
        keep_dump(r, "recorded", r->ir);
    }
    e.trace = r->trace;
    JIT_ADD(jt->counts.aborts, 1);
    back_off(r);
    jit_lock(jt);
    note_abort(jt->jit, text);
    jit_observe(jt->jit, &e);
    jit_unlock(jt);
}

/* ---- publication -------------------------------------------------------------------------------------------------- */

static const CgCode *find_code(void *context, uint32_t id)
{
    JitTrace *t = jit_trace_by_id(context, id);
    return t != NULL && JIT_LOAD(t->state) == JIT_PUBLISHED ? t->native : NULL;
}

static const IrTrace *find_ir(void *context, uint32_t id)
{
    Recorder *r = context;
    const JitTrace *t = jit_trace_by_id(r->jit, id);
    return t != NULL ? t->ir : NULL;
}

static void after_pass(void *context, const char *pass, const IrTrace *t)
{
    keep_dump(context, pass, t);
}

static bool validate(Recorder *r)
{
    char *message = r->jt->message; /* for the report of this abort only */
    if (!r->jit->config.validate || ir_validate(r->ir, message, sizeof r->jt->message)) {
        return true;
    }
    record_abort(r, ABORT_VALIDATE, message);
    return false;
}

static bool optimize(JitThread *jt, Recorder *r)
{
    const Jit *jit = jt->jit;
    if (!jit->config.optimize) {
        return true;
    }
    OptConfig config = {.disabled = jit->config.passes_off,
                        .validate = jit->config.validate,
                        .after = jit->config.keep_dumps ? after_pass : NULL,
                        .find = find_ir,
                        .context = r,
                        .scratch = &jt->scratch};
    OptTrail trail;
    OptStatus status = opt_run(r->th, &r->ir, &config, &trail);
    if (status != OPT_OK) {
        record_abort(r, status == OPT_NO_MEMORY ? ABORT_NO_MEMORY : ABORT_OPTIMIZER,
                     opt_status_text(status));
        return false;
    }
    return true;
}

/* Where side traces of that snapshot grow. */
static bool is_exit(const CgExit *x, uint32_t snap) { return x->snap == snap && !x->raises; }

/* Are the traces that it grows from and leads to still there? Under the lock. */
static bool has_ground(Recorder *r)
{
    const JitTrace *t = r->trace;
    bool ok = true;
    if (t->parent != IR_NONE) {
        JitTrace *parent = jit_trace_by_id(r->jit, t->parent);
        ok = JIT_LOAD(parent->state) == JIT_PUBLISHED;
    }
    if (ok && t->link != IR_NONE) {
        JitTrace *target = jit_trace_by_id(r->jit, t->link);
        ok = target != NULL && JIT_LOAD(target->state) == JIT_PUBLISHED;
    }
    if (!ok) {
        record_abort(r, ABORT_STALE, NULL);
    }
    return ok;
}

/* Under the lock. */
static bool compile(JitThread *jt, Recorder *r, const JitEvent *e)
{
    JitTrace *t = r->trace;
    Jit *jit = jt->jit;
    if (jit->arena == NULL) {
        return true;
    }
    CgContext context = {.find = find_code,
                         .context = jit,
                         .file = e->file,
                         .line = e->lineno,
                         .scratch = &jt->scratch};
    if (t->parent != IR_NONE) {
        const JitTrace *parent = jit_trace_by_id(jit, t->parent);
        for (uint32_t i = 0; i < parent->native->exit_count; i++) {
            if (is_exit(&parent->native->exits[i], t->parent_exit)) {
                context.parent = &parent->native->exits[i];
            }
        }
        if (context.parent == NULL || context.parent->slot == NULL) {
            record_abort(r, ABORT_CODEGEN, "the exit takes no side trace");
            return false;
        }
    }
    CgStatus status = cg_compile(r->th, jit->arena, r->ir, &context, &t->native);
    if (status != CG_OK) {
        record_abort(r,
                     status == CG_ARENA_FULL  ? ABORT_ARENA_FULL
                     : status == CG_NO_MEMORY ? ABORT_NO_MEMORY
                                              : ABORT_CODEGEN,
                     cg_status_text(status));
        return false;
    }
    return true;
}

/* The one store that makes the trace run. Under the lock. */
static void attach(Jit *jit, JitTrace *t)
{
    if (t->parent == IR_NONE) {
        t->next = jit->roots;
        jit->roots = t;
        jit_code_attach(t);
        return;
    }
    JitTrace *parent = jit_trace_by_id(jit, t->parent), *root = jit_trace_by_id(jit, t->root);
    JIT_ADD(root->side_count, 1);
    t->next_side = root->next_side;
    root->next_side = t;
    if (t->native != NULL) {
        for (uint32_t i = 0; i < parent->native->exit_count; i++) {
            if (is_exit(&parent->native->exits[i], t->parent_exit)) {
                cg_attach(&parent->native->exits[i], t->native);
            }
        }
    }
    /* release: the portable executor goes on from there */
    atomic_store_explicit(&parent->exits[t->parent_exit].side, t->id, memory_order_release);
}

/* Fills the trace from the recorder. false: out of memory. */
static bool adopt(Recorder *r)
{
    JitTrace *t = r->trace;
    bool entry = t->parent != IR_NONE || jit_entry(r->head_code, t->shared) != NULL;
    t->exits = entry ? rt_calloc(r->ir->snap_count + 1, sizeof *t->exits) : NULL;
    if (t->exits == NULL) {
        record_abort(r, ABORT_NO_MEMORY, NULL);
        return false;
    }
    for (uint32_t i = 0; i < r->ir->snap_count; i++) {
        JIT_STORE(t->exits[i].side, IR_NONE);
    }
    t->ir = r->ir;
    t->code = r->head_code;
    rt_incref(r->th, value_from_object(t->code));
    gc_hold(value_from_object(t->code));
    t->pc = r->head_pc;
    t->is_function = r->is_function;
    const IrUop *last = &t->ir->uops[t->ir->count - 1];
    t->link = last->op == IR_link || last->op == IR_link_head ? (uint32_t)last->imm : IR_NONE;
    return true;
}

static void count_trace(JitCounts *counts, const JitTrace *t)
{
    const JitEvent *e = &t->event;
    JIT_ADD(counts->traces, 1);
    JIT_ADD(counts->side_traces, t->parent != IR_NONE);
    JIT_ADD(counts->shared_traces, t->shared);
    JIT_ADD(counts->record_ns, e->record_ns);
    JIT_ADD(counts->optimize_ns, e->optimize_ns);
    JIT_ADD(counts->compile_ns, e->compile_ns);
    JIT_ADD(counts->uops_recorded, e->uops_recorded);
    JIT_ADD(counts->uops_optimized, e->uops_optimized);
}

/* Optimized and adopted, it is compiled and published. Under the lock. */
static bool publish(JitThread *jt, Recorder *r, JitEvent *e)
{
    uint64_t start = jit_now_ns();
    JitTrace *t = r->trace;
    if (!has_ground(r) || !compile(jt, r, e)) {
        return false;
    }
    e->kind = JIT_EVENT_TRACE;
    e->reason = r->end;
    e->uops_optimized = r->ir->count;
    e->compile_ns = jit_now_ns() - start;
    e->code_bytes = t->native != NULL ? t->native->code_bytes : 0;
    t->event = *e;
    count_trace(&jt->counts, t);
    JIT_STORE(t->state, JIT_PUBLISHED);
    attach(jt->jit, t);
    jit_observe(jt->jit, &t->event);
    return true;
}

void jit_publish(JitThread *jt, Recorder *r)
{
    JitEvent e;
    fill_event(r, &e);
    r->ir->id = r->trace->id;
    r->ir->parent = r->trace->parent;
    r->ir->parent_exit = r->trace->parent_exit;
    if (jt->jit->config.keep_dumps) {
        keep_dump(r, "recorded", r->ir);
    }
    _Alignas(16) char first[SCRATCH_ON_STACK];
    ir_scratch_lend(&jt->scratch, first, sizeof first);
    uint64_t start = jit_now_ns();
    bool ok = validate(r) && optimize(jt, r);
    e.optimize_ns = jit_now_ns() - start;
    if (ok && adopt(r)) {
        jit_lock(jt);
        ok = publish(jt, r, &e);
        jit_unlock(jt);
    }
    ir_scratch_take_back(&jt->scratch);
    if (r->reason != ABORT_NONE) {
        r->trace->ir = NULL; /* the recorder's again */
        jit_report_abort(jt, r);
        return;
    }
    r->ir = NULL; /* the trace has it */
    r->trace = NULL;
}
