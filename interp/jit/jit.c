/*
 * Jit: when recordings start and end, what tier 1 calls for them (hot, step, abort, original), starting,
 * stopping and statistics.  Running traces is run.c.
 *
 * Threads: one thread has the JIT for now; what is shared is said in jit.h.
 */
#include <stdio.h>

#include "interp/jit/recorder.h"
#include "runtime/memory.h"
#include "runtime/str.h"

enum {
    ENTRIES_PATIENCE = 3,
    SHORTS_MAX = 3,
    LOOK_AGAIN = 7,
    SIDES_MAX = 150,
    SAME_PLACE_MAX = 8,
    TINY_SIDES = 3
};

Jit *jit_of(const Thread *th) { return th->jit; }

/* ---- recordings -------------------------------------------------------------------------------------- */

static JitTrace *trace_new(Jit *jit, uint32_t parent, uint32_t parent_exit)
{
    if (jit->count == jit->capacity) {
        uint32_t capacity = jit->capacity == 0 ? 64 : jit->capacity * 2;
        JitTrace **traces = rt_realloc(jit->traces, capacity * sizeof *traces);
        if (traces == NULL) {
            return NULL;
        }
        jit->traces = traces;
        jit->capacity = capacity;
    }
    JitTrace *t = rt_calloc(1, sizeof *t);
    if (t != NULL) {
        t->id = jit->count;
        t->state = JIT_RECORDING;
        t->parent = parent;
        t->parent_exit = parent_exit;
        t->root = parent == IR_NONE ? t->id : jit->traces[parent]->root;
        jit->traces[jit->count++] = t;
    }
    return t;
}

static void trace_free(Jit *jit, JitTrace *t)
{
    if (t == NULL) {
        return;
    }
    jit->traces[t->id] = NULL;
    if (t->native != NULL) {
        cg_code_free(jit->th, jit->arena, t->native);
    }
    if (t->ir != NULL) {
        ir_free(jit->th, t->ir);
    }
    for (uint32_t i = 0; i < t->dump_count; i++) {
        rt_free(t->dumps[i].text);
    }
    rt_free(t->dumps);
    rt_free(t->steps);
    rt_free(t->exits);
    if (t->code != NULL) {
        rt_decref(jit->th, value_from_object(t->code));
    }
    rt_free(t);
}

static void recording_end(Jit *jit)
{
    Recorder *r = jit->recorder;
    jit->recorder = NULL;
    jit->th->dispatch = vm_dispatch_normal(jit->th);
    if (r->trace != NULL) { /* not published */
        trace_free(jit, r->trace);
    }
    recorder_free(r);
}

static void recording_step(Jit *jit)
{
    Recorder *r = jit->recorder;
    if (r->reason != ABORT_NONE) {
        jit_report_abort(jit, r);
        recording_end(jit);
    } else if (r->done) {
        jit_publish(jit, r);
        recording_end(jit);
    }
}

static void recording_start(Jit *jit, const Insn *pc, Value *fp)
{
    Recorder *r = recorder_new(jit, pc, fp);
    JitTrace *t = r != NULL ? trace_new(jit, IR_NONE, IR_NONE) : NULL;
    if (t == NULL) {
        recorder_free(r);
        return;
    }
    r->trace = t;
    if (record_is_function_head(r->head_code, pc, pc->op)) {
        record_function_head(r);
    }
    jit->recorder = r;
    jit->th->dispatch = vm_dispatch_recording();
}

/* Side traces above this one that began at the same instruction: each handles one more case of it. */
static uint32_t same_place(const Jit *jit, const JitTrace *t, const void *pc)
{
    uint32_t n = 0;
    while (t != NULL && t->parent != IR_NONE && (const void *)t->pc == pc) {
        n++;
        t = jit->traces[t->parent];
    }
    return n;
}

/* A side trace from an exit whose frames are restored: fp is the root frame of that trace. */
void jit_side_start(Jit *jit, JitTrace *parent, uint32_t snap, Value *root_fp)
{
    JitTrace *root = jit->traces[parent->root];
    JitExit *x = &parent->exits[snap];
    uint32_t limit = jit->config.stress_buffers ? TINY_SIDES : SIDES_MAX;
    if (root == NULL || root->side_count >= limit ||
        same_place(jit, parent, parent->ir->snaps[snap].pc) >= SAME_PLACE_MAX) {
        x->failures = EXIT_FAILURES_MAX;
        return;
    }
    const IrSnap *s = &parent->ir->snaps[snap];
    Recorder *r = recorder_new(jit, s->pc, root_fp + s->base);
    JitTrace *t = r != NULL ? trace_new(jit, parent->id, snap) : NULL;
    if (t == NULL) {
        recorder_free(r);
        return;
    }
    r->trace = t;
    if (!recorder_inherit(r, parent, snap, root_fp)) {
        record_abort(r, ABORT_OPERAND_TYPE, "a virtual object within another one at the exit");
        jit->recorder = r;
        recording_step(jit);
        return;
    }
    jit->recorder = r;
    jit->th->dispatch = vm_dispatch_recording();
}

static uint16_t on_original(const Code *code, const Insn *pc)
{
    const JitTrace *t = jit_trace_at(code, pc);
    return t != NULL ? t->original : pc->op;
}

bool jit_has_room(const Thread *th, const Value *fp)
{
    return th->depth + DEPTH_MAX < __atomic_load_n(&th->depth_limit, __ATOMIC_RELAXED) &&
           th->stack_end - fp > 2 * SLOTS_MAX &&
           (uintptr_t)__builtin_frame_address(0) > th->c_stack_limit;
}

/* Entries of functions: most become part of the loops that call them, so those come first; a module
 * runs once; and the beginning must be no loop's, because a root trace knows that locals are unbound there. */
static bool worth_a_root(const Jit *jit, JitHead *h, const Insn *pc, const Value *fp)
{
    Code *code = frame_code(fp);
    if (!record_is_function_head(code, pc, pc->op)) {
        return true;
    }
    const JitEntry *entry = code->jit;
    bool called = entry != NULL && entry->called;
    if (!called && h->entries < ENTRIES_PATIENCE && jit->config.threshold > 1) {
        h->entries++;
        return false;
    }
    h->never = (code->flags & (CODE_MODULE | CODE_JUMPS_TO_START)) != 0;
    return !h->never;
}

void jit_hot(Thread *th, const Insn *pc, Value *fp)
{
    Jit *jit = jit_of(th);
    if (jit == NULL || th->alone == 0) {
        return; /* traces are for a thread that is alone */
    }
    if (jit->recorder != NULL || pc->op == BC_ENTER_TRACE || !jit_has_room(th, fp)) {
        return;
    }
    JitHead *h = jit_head(jit, pc);
    if (h == NULL || h->never || h->unroll || !worth_a_root(jit, h, pc, fp)) {
        return;
    }
    if (h->skip > 0) {
        h->skip--;
        return;
    }
    if (record_remaining(pc, pc->op, fp) <= UNROLL_MAX / 2) {
        /* at the end of a long loop, or a short one: seen a few times, it is taken for short.  The
         * next look comes soon: where the threshold is a multiple of the iterations, each would be
         * at the end.  Of three looks that are LOOK_AGAIN apart one sees the start of a loop of more
         * than UNROLL_MAX iterations. */
        h->unroll = ++h->shorts >= SHORTS_MAX;
        Vm *vm = thread_vm(th);
        uint16_t *count = &vm->hot[VM_HOT_INDEX(pc)];
        *count = *count < LOOK_AGAIN ? *count : LOOK_AGAIN;
        return;
    }
    recording_start(jit, pc, fp);
}

static void on_step(Thread *th, const Insn *pc, Value *fp)
{
    Jit *jit = jit_of(th);
    if (jit->recorder == NULL) {
        th->dispatch = vm_dispatch_normal(th);
        return;
    }
    if (th->alone == 0) {
        record_abort(jit->recorder, ABORT_POLL, NULL);
    } else {
        record_step(jit->recorder, pc, fp);
    }
    recording_step(jit);
}

static void on_abort(Thread *th, const Insn *pc, const char *reason)
{
    (void)pc;
    (void)reason;
    Jit *jit = jit_of(th);
    if (jit != NULL && jit->recorder != NULL &&
        thread_vm(th)->entry_fp == jit->recorder->entry_fp) {
        record_abort(jit->recorder, ABORT_EXCEPTION, NULL);
        recording_step(jit);
    }
}

static const VmJit functions = {.hot = jit_hot,
                                .enter = jit_enter,
                                .step = on_step,
                                .abort = on_abort,
                                .original = on_original};

const VmJit *jit_vm(void) { return &functions; }

/* ---- start and stop ------------------------------------------------------------------------------------------ */

bool jit_start(Thread *th, const JitConfig *config, const char **why)
{
    Jit *jit = rt_calloc(1, sizeof *jit);
    if (jit == NULL) {
        *why = "out of memory";
        return false;
    }
    jit->th = th;
    jit->config = *config;
    jit->stress = (IrStress){config->stress_guard, config->stress_guard};
    jit->count = 1;
    jit->capacity = 64;
    jit->traces = rt_calloc(jit->capacity, sizeof *jit->traces);
    if (jit->traces == NULL) {
        rt_free(jit);
        *why = "out of memory";
        return false;
    }
    if (config->mode == JIT_NATIVE) {
        jit->arena = cg_arena_new(th, config->memory_bytes, &jit->why_portable);
    } else {
        jit->why_portable = "-X jit=portable";
    }
    *why = jit->why_portable;
    cg_set_host(&jit_host);
    th->rt->hooks.call_code = jit_call;
    th->jit = jit;
    return true;
}

void jit_stop(Thread *th)
{
    Jit *jit = jit_of(th);
    if (jit == NULL) {
        return;
    }
    if (jit->recorder != NULL) {
        recording_end(jit);
    }
    for (uint32_t i = 1; i < jit->count; i++) {
        if (jit->traces[i] != NULL && jit->traces[i]->parent == IR_NONE) {
            jit_code_detach(jit->traces[i]);
        }
    }
    for (uint32_t i = 1; i < jit->count; i++) {
        trace_free(jit, jit->traces[i]);
    }
    if (jit->arena != NULL) {
        cg_arena_free(th, jit->arena);
    }
    rt_free(jit->traces);
    rt_free(jit->heads);
    jit_portable_free(&jit->spare);
    ir_scratch_free(&jit->scratch);
    rt_free(jit);
    th->jit = NULL;
}

/* ---- looking -------------------------------------------------------------------------------------------------- */

uint32_t jit_trace_count(Thread *th)
{
    const Jit *jit = jit_of(th);
    return jit != NULL ? jit->count - 1 : 0;
}

const JitTrace *jit_trace(Thread *th, uint32_t id)
{
    const Jit *jit = jit_of(th);
    return jit != NULL && id > 0 && id < jit->count ? jit->traces[id] : NULL;
}

uint32_t jit_untraced(Thread *th, JitUntraced *out, uint32_t max)
{
    const Jit *jit = jit_of(th);
    uint32_t n = 0;
    for (uint32_t i = 0; jit != NULL && i < jit->head_capacity; i++) {
        const JitHead *h = &jit->heads[i];
        if (h->pc == NULL || (!h->never && !h->unroll && h->failures == 0)) {
            continue;
        }
        if (n < max) {
            out[n] = (JitUntraced){h->pc, h->failures, h->skip, JIT_WAITS};
            out[n].why = h->never ? JIT_NEVER : h->unroll ? JIT_UNROLLED : JIT_WAITS;
        }
        n++;
    }
    return n;
}

void jit_stats(Thread *th, JitStats *out)
{
    const Jit *jit = jit_of(th);
    *out = jit->stats;
    out->engine = jit->arena != NULL ? "machine code" : "portable executor";
    out->why_portable = jit->arena == NULL ? jit->why_portable : NULL;
    if (jit->arena != NULL) {
        cg_stats(jit->arena, &out->code);
    }
}

char *jit_stats_text(Thread *th)
{
    const Jit *jit = jit_of(th);
    JitStats s;
    jit_stats(th, &s);
    enum { SIZE = 1200 + ABORT_NOTES * (ABORT_TEXT_BYTES + 32) };
    char *text = rt_malloc(SIZE);
    if (text == NULL) {
        return NULL;
    }
    double uops = s.uops_recorded != 0 ? (double)s.uops_recorded : 1.0;
    int n =
        snprintf(text, SIZE,
                 "engine: %s%s%s%s\n"
                 "traces: %u (%u of them side traces), aborts: %u, retired: %u\n"
                 "uops: %llu recorded, %llu after optimization\n"
                 "time: %.3f ms recording, %.3f ms optimizing, %.3f ms compiling (%.0f ns a uop)\n"
                 "entries: %llu, exits: %llu\n"
                 "code: %zu bytes, data: %zu, metadata: %zu, padding: %zu, limit: %zu\n",
                 s.engine, s.code.table != NULL ? ", table " : "",
                 s.code.table != NULL ? s.code.table : "",
                 jit->arena == NULL && jit->why_portable != NULL ? " (no machine code)" : "",
                 s.traces, s.side_traces, s.aborts, s.retired, (unsigned long long)s.uops_recorded,
                 (unsigned long long)s.uops_optimized, (double)s.record_ns / 1e6,
                 (double)s.optimize_ns / 1e6, (double)s.compile_ns / 1e6,
                 (double)(s.optimize_ns + s.compile_ns) / uops, (unsigned long long)s.entries,
                 (unsigned long long)s.exits, s.code.code_bytes, s.code.data_bytes,
                 s.code.metadata_bytes, s.code.padding_bytes, s.code.limit_bytes);
    for (uint32_t i = 0; i < jit->note_count; i++) {
        n += snprintf(text + n, SIZE - (size_t)n, "aborted %u: %s\n", jit->notes[i].count,
                      jit->notes[i].text);
    }
    return text;
}
