/*
 * Jit: what tier 1 calls (hot, enter, step, abort, original), starting, stopping and statistics.
 *
 * enter runs a trace in machine code or in the portable executor, follows links in the latter, rebuilds
 * the frames at the exit, and starts a side trace where an exit has become hot.  After an exit at a
 * trace's own head the original instruction runs once, so there is always progress.
 *
 * Threads: one thread has the JIT for now; what is shared is said in jit.h.
 */
#include <stdio.h>

#include "interp/jit/recorder.h"
#include "runtime/memory.h"
#include "runtime/str.h"

enum {
    SHORTS_MAX = 3,
    LOOK_AGAIN = 7,
    SIDES_MAX = 150,
    EXIT_FAILURES_MAX = 4,
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
    jit->th->dispatch = vm_dispatch_normal();
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
static void side_start(Jit *jit, JitTrace *parent, uint32_t snap, Value *root_fp)
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

/* The frames that a trace inlines are not checked one by one: near a limit tier 1 runs. */
static bool has_room(const Thread *th, const Value *fp)
{
    return th->depth + DEPTH_MAX < __atomic_load_n(&th->depth_limit, __ATOMIC_RELAXED) &&
           th->stack_end - fp > 2 * SLOTS_MAX &&
           (uintptr_t)__builtin_frame_address(0) > th->c_stack_limit;
}

static void on_hot(Thread *th, const Insn *pc, Value *fp)
{
    Jit *jit = jit_of(th);
    if (jit->recorder != NULL || pc->op == BC_ENTER_TRACE || !has_room(th, fp)) {
        return;
    }
    if (pc == frame_code(fp)->insns) {
        return; /* function entries are recorded only as part of what calls them */
    }
    JitHead *h = jit_head(jit, pc);
    if (h == NULL || h->never || h->unroll) {
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
        th->dispatch = vm_dispatch_normal();
        return;
    }
    record_step(jit->recorder, pc, fp);
    recording_step(jit);
}

static void on_abort(Thread *th, const Insn *pc, const char *reason)
{
    (void)pc;
    (void)reason;
    Jit *jit = jit_of(th);
    if (jit->recorder != NULL && thread_vm(th)->entry_fp == jit->recorder->entry_fp) {
        record_abort(jit->recorder, ABORT_EXCEPTION, NULL);
        recording_step(jit);
    }
}

static uint16_t on_original(const Code *code, const Insn *pc)
{
    const JitTrace *t = jit_trace_at(code, pc);
    return t != NULL ? t->original : pc->op;
}

/* ---- running ---------------------------------------------------------------------------------------------- */

typedef struct Left { /* how a run ended */
    JitTrace *trace;
    uint32_t snap;
    Value *root_fp; /* of that trace */
    Value *fp;      /* innermost, restored */
} Left;

static bool words_reserve(IrWord **words, uint32_t *capacity, uint32_t count)
{
    if (count > *capacity) {
        IrWord *p = rt_realloc(*words, count * sizeof *p);
        if (p == NULL) {
            return false;
        }
        *words = p;
        *capacity = count;
    }
    return true;
}

static IrWord fetch_portable(void *context, IrRef ref) { return ((const IrWord *)context)[ref]; }

/* The values of a parent's exit, for the side trace that is attached there. */
static bool inherit_words(Jit *jit, const JitTrace *t, uint32_t snap, const IrWord *values)
{
    IrRef refs[256];
    uint32_t n = ir_snap_live(t->ir, snap, refs, 256);
    if (n > 256 || !words_reserve(&jit->inherited, &jit->inherited_capacity, n + 1)) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        jit->inherited[i] = values[refs[i]];
    }
    return true;
}

/* A root has its words while its side traces run: they may come back to its loop head. */
static IrWord *words_of(Jit *jit, const JitTrace *t)
{
    int which = t->parent != IR_NONE;
    bool good = words_reserve(&jit->values[which], &jit->values_capacity[which], t->ir->count + 1);
    return good ? jit->values[which] : NULL;
}

/* t ended in link_head: words for the target's phis go to jit->inherited, those for what it has from
 * before its loop to its own words; t's words are in jit->values[1] then. false: out of memory. */
static bool bring_words(Jit *jit, const JitTrace *t, const JitTrace *target)
{
    const IrTrace *ir = t->ir;
    bool swap = t->parent == IR_NONE;
    if (!words_reserve(&jit->inherited, &jit->inherited_capacity, ir->head_arg_count + 1) ||
        !words_reserve(&jit->values[swap], &jit->values_capacity[swap], target->ir->count + 1)) {
        return false;
    }
    ir_head_words(ir, jit->values[t->parent != IR_NONE], jit->inherited);
    if (swap) {
        IrWord *values = jit->values[0];
        uint32_t capacity = jit->values_capacity[0];
        jit->values[0] = jit->values[1];
        jit->values_capacity[0] = jit->values_capacity[1];
        jit->values[1] = values;
        jit->values_capacity[1] = capacity;
    }
    uint32_t phis = ir->head_arg_count - ir->head_ref_count;
    for (uint32_t k = 0; k < ir->head_ref_count; k++) {
        jit->values[0][ir->head_refs[k]] = jit->inherited[phis + k];
    }
    return true;
}

/* The trace that runs after t was left through x, NULL: none.  *head: it goes on at its loop head.
 * *values: t's words. */
static JitTrace *next_trace(Jit *jit, const JitTrace *t, const IrExit *x, bool *head,
                            IrWord **values)
{
    JitTrace *next = NULL;
    uint32_t which = t->parent != IR_NONE;
    *head = x->link != IR_NONE && t->ir->uops[t->ir->count - 1].op == IR_link_head;
    if (x->link != IR_NONE) {
        next = jit->traces[x->link];
    } else if (t->exits[x->snap].side != IR_NONE && !rt_pending(jit->th) &&
               inherit_words(jit, t, x->snap, jit->values[which])) {
        next = jit->traces[t->exits[x->snap].side];
    }
    if (*head && next != NULL) {
        next = bring_words(jit, t, next) ? next : NULL;
        *values = jit->values[next != NULL ? 1 : which];
        return next;
    }
    /* a link restores t's frame first, so its words may be those of the next one */
    next = next != NULL && words_of(jit, next) != NULL ? next : NULL;
    *values = jit->values[which];
    return next;
}

static void restore_portable(Jit *jit, JitTrace *t, uint32_t snap, Value *fp, IrWord *values,
                             Left *left)
{
    *left = (Left){t, snap, fp, NULL};
    left->fp = ir_restore(jit->th, t->ir, snap, fp, fetch_portable, values);
}

/* false: out of memory, nothing has run. */
static bool run_portable(Jit *jit, JitTrace *t, Value *fp, Left *left)
{
    IrStress *stress = jit->stress.every != 0 ? &jit->stress : NULL;
    Left before = {.fp = NULL}; /* a link that was taken */
    bool head = false;
    if (words_of(jit, t) == NULL) {
        return false;
    }
    for (;;) {
        IrWord *values = jit->values[t->parent != IR_NONE];
        IrExit x = head ? ir_execute_head(jit->th, t->ir, fp, values, jit->inherited, stress)
                        : ir_execute_stressed(jit->th, t->ir, fp, values, jit->inherited, stress);
        if (x.snap == IR_NONE && head) { /* no memory for the phis: the link has not happened */
            restore_portable(jit, before.trace, before.snap, fp, jit->values[1], left);
            return true;
        }
        if (x.snap == IR_NONE) {
            *left = (Left){t, IR_NONE, fp, fp};
            return true;
        }
        JitTrace *next = next_trace(jit, t, &x, &head, &values);
        bool link = next != NULL && x.link != IR_NONE && !head;
        if (next == NULL || link) {
            restore_portable(jit, t, x.snap, fp, values, left);
            if (next == NULL || rt_pending(jit->th)) {
                return true;
            }
            fp = left->fp;
        }
        before = (Left){t, x.snap, fp, NULL};
        t = next;
    }
}

static void run_native(Jit *jit, JitTrace *t, Value *fp, Left *left)
{
    CgState state;
    cg_enter(jit->th, t->native, fp, &state);
    const IrTrace *ir = state.exit->code->ir;
    *left = (Left){jit->traces[ir->id], state.exit->snap, state.fp, NULL};
    left->fp = cg_restore(jit->th, &state);
}

/* Python frames between two fps count for the recursion limit. */
static uint32_t frames_between(Value *inner, const Value *outer)
{
    uint32_t n = 0;
    while (inner != outer) {
        inner = frame_caller(inner);
        n++;
    }
    return n;
}

static void after_exit(Jit *jit, const Left *left)
{
    JitExit *x = &left->trace->exits[left->snap];
    Thread *th = jit->th;
    jit->stats.exits++;
    if (rt_pending(th) || atomic_load_explicit(&th->poll, memory_order_relaxed) != 0) {
        return; /* exceptions and polls never count as hot */
    }
    uint32_t count = atomic_fetch_add_explicit(&x->count, 1, memory_order_relaxed) + 1;
    if (count >= jit->config.exit_threshold && x->side == IR_NONE && jit->recorder == NULL &&
        x->failures < EXIT_FAILURES_MAX &&
        count >= jit->config.exit_threshold << (2 * x->failures)) {
        side_start(jit, left->trace, left->snap, left->root_fp);
    }
}

/* -X stress-invalidate: the trace that is about to run finds its poll raised every n-th time. */
static void stress_raise_poll(Jit *jit)
{
    uint32_t every = jit->config.stress_invalidate;
    if (every != 0 && jit->stats.entries % every == 0) {
        atomic_fetch_or_explicit(&jit->th->poll, POLL_INVALIDATE, memory_order_release);
    }
}

static void stress_lower_poll(Jit *jit)
{
    if (jit->config.stress_invalidate != 0) {
        atomic_fetch_and_explicit(&jit->th->poll, ~(uint32_t)POLL_INVALIDATE, memory_order_acquire);
    }
}

static VmState on_enter(Thread *th, const Insn *pc, Value *fp, uint16_t *original)
{
    Jit *jit = jit_of(th);
    JitTrace *t = jit_trace_at(frame_code(fp), pc);
    if (jit->recorder != NULL || jit->busy || !has_room(th, fp)) {
        *original = t->original;
        return (VmState){pc, fp};
    }
    Left left;
    jit->stats.entries++;
    atomic_fetch_add_explicit(&t->entries, 1, memory_order_relaxed);
    stress_raise_poll(jit);
    if (t->native != NULL) {
        run_native(jit, t, fp, &left);
    } else if (!run_portable(jit, t, fp, &left)) {
        stress_lower_poll(jit);
        *original = t->original;
        return (VmState){pc, fp};
    }
    VmState s = {left.trace->pc, left.fp};
    if (left.snap != IR_NONE) {
        s.pc = left.trace->ir->snaps[left.snap].pc;
        th->depth += frames_between(left.fp, fp);
        after_exit(jit, &left);
    }
    stress_lower_poll(jit);
    if (!rt_pending(th) && s.pc->op == BC_ENTER_TRACE && jit->recorder == NULL) {
        *original = jit_trace_at(frame_code(s.fp), s.pc)->original;
    }
    return s;
}

static const VmJit functions = {
    .hot = on_hot, .enter = on_enter, .step = on_step, .abort = on_abort, .original = on_original};

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
            rt_free(jit->traces[i]->code->jit);
            jit->traces[i]->code->jit = NULL;
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
    rt_free(jit->values[0]);
    rt_free(jit->values[1]);
    rt_free(jit->inherited);
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
