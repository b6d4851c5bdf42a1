/*
 * Traces: from a finished recording to published code, the table of heads with their back-off, and
 * ENTER_TRACE.
 *
 * Publication: optimize, compile, then one store: ENTER_TRACE over the head's opcode, or the parent's
 * exit slot (cg_attach).  Nothing of a published trace changes but counters.
 *
 * Threads: under the JIT lock (one thread records and publishes at a time).
 */
#include <stdio.h>

#include "interp/jit/recorder.h"
#include "runtime/memory.h"
#include "runtime/str.h"

/* A short trace is optimized and compiled in memory that is there already. */
enum { SKIP_MAX = 4096, SCRATCH_ON_STACK = 16 << 10 };

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

/* ---- heads -------------------------------------------------------------------------------------------- */

static JitHead *head_slot(JitHead *heads, uint32_t capacity, const Insn *pc)
{
    uint32_t i = (uint32_t)(((uintptr_t)pc >> 3) * 0x9E3779B1u) & (capacity - 1);
    while (heads[i].pc != NULL && heads[i].pc != pc) {
        i = (i + 1) & (capacity - 1);
    }
    return &heads[i];
}

JitHead *jit_head(Jit *jit, const Insn *pc)
{
    if ((jit->head_count + 1) * 2 > jit->head_capacity) {
        uint32_t capacity = jit->head_capacity == 0 ? 64 : jit->head_capacity * 2;
        JitHead *heads = rt_calloc(capacity, sizeof *heads);
        if (heads == NULL) {
            return NULL;
        }
        for (uint32_t i = 0; i < jit->head_capacity; i++) {
            if (jit->heads[i].pc != NULL) {
                *head_slot(heads, capacity, jit->heads[i].pc) = jit->heads[i];
            }
        }
        rt_free(jit->heads);
        jit->heads = heads;
        jit->head_capacity = capacity;
    }
    JitHead *h = head_slot(jit->heads, jit->head_capacity, pc);
    if (h->pc == NULL) {
        h->pc = pc;
        jit->head_count++;
    }
    return h;
}

/* ---- where traces begin in a code object ------------------------------------------------------------------ */

/* Code.jit: trace by instruction, for codes that have any. */
typedef struct CodeTraces {
    JitEntry entry; /* first: Code.jit is read as one, too */
    JitTrace *at[];
} CodeTraces;

JitEntry *jit_entry(Code *code)
{
    if (code->jit == NULL) {
        CodeTraces *c =
            rt_calloc(1, sizeof(CodeTraces) + (code->insn_count + 1) * sizeof(JitTrace *));
        if (c == NULL) {
            return NULL;
        }
        cg_entry_set(&c->entry.native, NULL);
        code->jit = c;
    }
    return code->jit;
}

JitTrace *jit_trace_at(const Code *code, const Insn *pc)
{
    const CodeTraces *c = code->jit;
    return c != NULL ? c->at[pc - code->insns] : NULL;
}

bool jit_code_attach(Jit *jit, JitTrace *t)
{
    (void)jit;
    Code *code = t->code;
    if (jit_entry(code) == NULL) {
        return false;
    }
    CodeTraces *c = code->jit;
    if (t->is_function) {
        c->entry.root = t;
        cg_entry_set(&c->entry.native, t->native);
    }
    c->at[t->pc - code->insns] = t;
    t->original = t->pc->op;
    __atomic_store_n((uint16_t *)(uintptr_t)&t->pc->op, (uint16_t)BC_ENTER_TRACE, __ATOMIC_RELEASE);
    return true;
}

void jit_code_detach(JitTrace *t)
{
    CodeTraces *c = t->code->jit;
    if (c != NULL && c->at[t->pc - t->code->insns] == t) {
        __atomic_store_n((uint16_t *)(uintptr_t)&t->pc->op, t->original, __ATOMIC_RELEASE);
        c->at[t->pc - t->code->insns] = NULL;
        if (c->entry.root == t) {
            c->entry.root = NULL;
            cg_entry_set(&c->entry.native, NULL);
        }
    }
}

/* ---- reports --------------------------------------------------------------------------------------------------- */

static void fill_event(Recorder *r, JitEvent *e)
{
    const Code *code = r->head_code;
    uint32_t at = insn_index(code, r->head_pc);
    *e = (JitEvent){.id = r->trace->id, .parent = r->trace->parent, .exit = r->trace->parent_exit};
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

static void observe(Jit *jit, const JitEvent *e)
{
    if (jit->config.observe != NULL) {
        jit->config.observe(jit->config.observe_context, e);
    }
}

/* The head waits twice as long after each failure; after a final reason it is left alone. */
static void back_off(Jit *jit, Recorder *r)
{
    bool retry = abort_retry[r->reason];
    if (r->trace->parent != IR_NONE) {
        JitExit *x = &jit->traces[r->trace->parent]->exits[r->trace->parent_exit];
        x->failures += retry ? 1 : 100;
        x->no_head |= r->ir->head_args != NULL;
        return;
    }
    JitHead *h = jit_head(jit, r->head_pc);
    if (h != NULL) {
        h->failures++;
        h->no_head |= r->ir->head_args != NULL;
        h->never = !retry || h->failures > 12;
        h->skip = h->failures > 11 ? SKIP_MAX : 1u << h->failures;
        if (r->reason == ABORT_LEFT_LOOP && h->failures > 2) {
            h->unroll = true;
        }
    }
}

void jit_retire(Jit *jit, JitTrace *t, const char *reason)
{
    JitHead *h = jit_head(jit, t->pc);
    jit_code_detach(t);
    t->state = JIT_INVALID;
    jit->stats.retired++;
    if (h != NULL) {
        h->failures += 4;
        h->never |= h->failures > 12;
        h->skip = h->failures > 11 ? SKIP_MAX : 1u << h->failures;
    }
    JitEvent e = t->event;
    e.kind = JIT_EVENT_RETIRE;
    e.reason = reason;
    observe(jit, &e);
}

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

void jit_report_abort(Jit *jit, Recorder *r)
{
    JitEvent e;
    char text[ABORT_TEXT_BYTES];
    fill_event(r, &e);
    e.kind = JIT_EVENT_ABORT;
    snprintf(text, sizeof text, abort_texts[r->reason], r->detail != NULL ? r->detail : "?");
    e.reason = text;
    if (jit->config.keep_dumps && r->trace->dump_count == 0) {
        keep_dump(r, "recorded", r->ir);
    }
    e.trace = r->trace;
    jit->stats.aborts++;
    note_abort(jit, text);
    back_off(jit, r);
    observe(jit, &e);
}

/* ---- publication -------------------------------------------------------------------------------------------------- */

static const CgCode *find_code(void *context, uint32_t id)
{
    Jit *jit = context;
    JitTrace *t = id < jit->count ? jit->traces[id] : NULL;
    return t != NULL && t->state == JIT_PUBLISHED ? t->native : NULL;
}

static const IrTrace *find_ir(void *context, uint32_t id)
{
    Recorder *r = context;
    JitTrace *t = id < r->jit->count ? r->jit->traces[id] : NULL;
    return t != NULL ? t->ir : NULL;
}

static void after_pass(void *context, const char *pass, const IrTrace *t)
{
    keep_dump(context, pass, t);
}

static bool validate(Recorder *r)
{
    static char message[240]; /* for the report of this abort only */
    char text[200];
    if (!r->jit->config.validate || ir_validate(r->ir, text, sizeof text)) {
        return true;
    }
    snprintf(message, sizeof message, "%s", text);
    record_abort(r, ABORT_VALIDATE, message);
    return false;
}

static bool optimize(Jit *jit, Recorder *r)
{
    if (!jit->config.optimize) {
        return true;
    }
    OptConfig config = {.disabled = jit->config.passes_off,
                        .validate = jit->config.validate,
                        .after = jit->config.keep_dumps ? after_pass : NULL,
                        .find = find_ir,
                        .context = r,
                        .scratch = &jit->scratch};
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

static bool compile(Jit *jit, Recorder *r, const JitEvent *e)
{
    JitTrace *t = r->trace;
    if (jit->arena == NULL) {
        return true;
    }
    CgContext context = {.find = find_code,
                         .context = jit,
                         .file = e->file,
                         .line = e->lineno,
                         .scratch = &jit->scratch};
    if (t->parent != IR_NONE) {
        const JitTrace *parent = jit->traces[t->parent];
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

static bool attach(Jit *jit, Recorder *r)
{
    JitTrace *t = r->trace;
    if (t->parent == IR_NONE) {
        return jit_code_attach(jit, t);
    }
    JitTrace *parent = jit->traces[t->parent];
    parent->exits[t->parent_exit].side = t->id;
    jit->traces[t->root]->side_count++;
    if (t->native != NULL) {
        for (uint32_t i = 0; i < parent->native->exit_count; i++) {
            if (is_exit(&parent->native->exits[i], t->parent_exit)) {
                cg_attach(&parent->native->exits[i], t->native);
            }
        }
    }
    return true;
}

/* Fills the trace from the recorder. false: out of memory. */
static bool adopt(Recorder *r)
{
    JitTrace *t = r->trace;
    t->exits = rt_calloc(r->ir->snap_count + 1, sizeof *t->exits);
    if (t->exits == NULL) {
        record_abort(r, ABORT_NO_MEMORY, NULL);
        return false;
    }
    for (uint32_t i = 0; i < r->ir->snap_count; i++) {
        t->exits[i].side = IR_NONE;
    }
    t->ir = r->ir;
    t->code = r->head_code;
    rt_incref(r->th, value_from_object(t->code));
    t->pc = r->head_pc;
    t->is_function = r->is_function;
    t->state = JIT_PUBLISHED;
    return true;
}

void jit_publish(Jit *jit, Recorder *r)
{
    JitEvent e;
    fill_event(r, &e);
    r->ir->id = r->trace->id;
    r->ir->parent = r->trace->parent;
    r->ir->parent_exit = r->trace->parent_exit;
    if (jit->config.keep_dumps) {
        keep_dump(r, "recorded", r->ir);
    }
    _Alignas(16) char first[SCRATCH_ON_STACK];
    ir_scratch_lend(&jit->scratch, first, sizeof first);
    uint64_t start = jit_now_ns();
    bool ok = validate(r) && optimize(jit, r);
    uint64_t optimized = jit_now_ns();
    ok = ok && compile(jit, r, &e) && adopt(r);
    ir_scratch_take_back(&jit->scratch);
    if (ok && !attach(jit, r)) {
        record_abort(r, ABORT_NO_MEMORY, NULL);
        r->trace->ir = NULL; /* the recorder's again */
        ok = false;
    }
    if (!ok) {
        jit_report_abort(jit, r);
        if (r->trace->ir == r->ir) {
            r->ir = NULL; /* adopted already */
        }
        return;
    }
    JitTrace *t = r->trace;
    e.kind = JIT_EVENT_TRACE;
    e.reason = r->end;
    e.uops_optimized = r->ir->count;
    e.optimize_ns = optimized - start;
    e.compile_ns = jit_now_ns() - optimized;
    e.code_bytes = t->native != NULL ? t->native->code_bytes : 0;
    t->event = e;
    jit->stats.traces++;
    jit->stats.side_traces += t->parent != IR_NONE;
    jit->stats.record_ns += e.record_ns;
    jit->stats.optimize_ns += e.optimize_ns;
    jit->stats.compile_ns += e.compile_ns;
    jit->stats.uops_recorded += e.uops_recorded;
    jit->stats.uops_optimized += e.uops_optimized;
    r->ir = NULL; /* the trace has it */
    r->trace = NULL;
    observe(jit, &t->event);
}
