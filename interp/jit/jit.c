/*
 * Jit: when recordings start and end, what tier 1 calls for them (hot, step, abort, original), starting,
 * stopping and statistics.  Running traces is run.c.
 *
 * Threads: each thread has a JitThread; what is shared is said in state.h.
 */
#include <stdio.h>

#include "interp/jit/recorder.h"
#include "runtime/gc.h"
#include "runtime/memory.h"
#include "runtime/str.h"

enum {
    ENTRIES_PATIENCE = 3,
    SHORTS_MAX = 3,
    LOOK_AGAIN = 7,
    SIDES_MAX = 150,
    SAME_PLACE_MAX = 8,
    TINY_SIDES = 3,
    POISON = 0xA5,
};

JitThread *jit_of(const Thread *th) { return th->jit; }

/* ---- recordings -------------------------------------------------------------------------------------- */

/* fails: NULL, out of memory. may: wait, parked. */
static JitTrace *trace_new(JitThread *jt, bool shared, const JitTrace *parent, uint32_t parent_exit)
{
    JitTrace *t = rt_calloc(1, sizeof *t);
    if (t == NULL) {
        return NULL;
    }
    t->shared = shared;
    JIT_STORE(t->state, JIT_RECORDING);
    t->parent = parent != NULL ? parent->id : IR_NONE;
    t->parent_exit = parent_exit;
    t->link = IR_NONE;
    jit_lock(jt);
    bool numbered = jit_trace_number(jt->jit, t);
    jit_unlock(jt);
    if (!numbered) {
        rt_free(t);
        return NULL;
    }
    t->root = parent != NULL ? parent->root : t->id;
    return t;
}

/* Of a trace that no thread can enter or is in. */
static void trace_free(JitThread *jt, JitTrace *t)
{
    jit_lock(jt);
    jit_trace_forget(jt->jit, t);
    if (t->native != NULL && !jt->jit->closed) {
        cg_code_free(jt->th, jt->jit->arena, t->native);
    }
    jit_unlock(jt);
    if (t->ir != NULL) {
        ir_free(jt->th, t->ir);
    }
    for (uint32_t i = 0; i < t->dump_count; i++) {
        rt_free(t->dumps[i].text);
    }
    rt_free(t->dumps);
    rt_free(t->steps);
    rt_free(t->exits);
    if (t->code != NULL) {
        gc_release(value_from_object(t->code));
        rt_decref(jt->th, value_from_object(t->code));
    }
    if (jt->jit->config.stress_invalidate != 0) {
        memset(t, POISON, sizeof *t);
    }
    rt_free(t);
}

void jit_tree_free(JitThread *jt, JitTrace *root)
{
    while (root != NULL) {
        JitTrace *next = root->next_side;
        trace_free(jt, root);
        root = next;
    }
}

/* Others may record from there again. release: pairs with the CAS in take_place */
static void leave_place(_Atomic uint32_t *recorder)
{
    atomic_store_explicit(recorder, 0, memory_order_release);
}

/* false: another thread records from there. */
static bool take_place(const JitThread *jt, _Atomic uint32_t *recorder)
{
    uint32_t nobody = 0;
    return atomic_compare_exchange_strong_explicit(recorder, &nobody, jt->th->tid,
                                                   memory_order_acq_rel, memory_order_relaxed);
}

static void recording_end(JitThread *jt)
{
    Recorder *r = jt->recorder;
    jt->recorder = NULL;
    jt->th->dispatch = vm_dispatch_normal(jt->th);
    leave_place(r->place);
    if (r->trace != NULL) { /* not published */
        if (r->trace->ir != NULL) {
            r->ir = NULL; /* th was stopped for good while it published */
        }
        trace_free(jt, r->trace);
    }
    recorder_free(r);
}

static void recording_step(JitThread *jt)
{
    Recorder *r = jt->recorder;
    if (r->reason != ABORT_NONE) {
        jit_report_abort(jt, r);
        recording_end(jt);
    } else if (r->done) {
        jit_publish(jt, r);
        recording_end(jt);
    }
}

/* From here on r, whose place was taken, is the recording of this thread; it may have failed already. */
static void recording_go(JitThread *jt, Recorder *r, JitTrace *t, _Atomic uint32_t *place)
{
    r->trace = t;
    r->place = place;
    jt->recorder = r;
    if (r->ir->shared != jit_form(jt)) {
        record_abort(r, ABORT_NOT_ALONE, NULL); /* numbering the trace has taken a while */
    }
    jt->th->dispatch = vm_dispatch_recording();
}

static void recording_start(JitThread *jt, JitHead *h, const Insn *pc, Value *fp)
{
    if (!take_place(jt, &h->recorder)) {
        return;
    }
    bool needed = jit_trace_at(frame_code(fp), pc, h->shared) == NULL;
    Recorder *r = needed ? recorder_new(jt, pc, fp) : NULL;
    JitTrace *t =
        r != NULL && r->ir->shared == h->shared ? trace_new(jt, h->shared, NULL, IR_NONE) : NULL;
    if (t == NULL) {
        recorder_free(r);
        leave_place(&h->recorder);
        return;
    }
    recording_go(jt, r, t, &h->recorder);
    if (r->reason == ABORT_NONE &&
        record_is_function_head(r->head_code, pc, jit_opcode(r->head_code, pc))) {
        record_function_head(r);
    }
    recording_step(jt);
}

/* Side traces above this one that began at the same instruction: each handles one more case of it. */
static uint32_t same_place(const Jit *jit, const JitTrace *t, const void *pc)
{
    uint32_t n = 0;
    while (t != NULL && t->parent != IR_NONE && (const void *)t->pc == pc) {
        n++;
        t = jit_trace_by_id(jit, t->parent);
    }
    return n;
}

/* A side trace from an exit whose frames are restored: fp is the root frame of that trace. */
void jit_side_start(JitThread *jt, JitTrace *parent, uint32_t snap, Value *root_fp)
{
    Jit *jit = jt->jit;
    JitTrace *root = jit_trace_by_id(jit, parent->root);
    JitExit *x = &parent->exits[snap];
    uint32_t limit = jit->config.stress_buffers ? TINY_SIDES : SIDES_MAX;
    if (parent->shared != jit_form(jt) || !take_place(jt, &x->recorder)) {
        return;
    }
    if (root == NULL || JIT_LOAD(root->side_count) >= limit ||
        same_place(jit, parent, parent->ir->snaps[snap].pc) >= SAME_PLACE_MAX) {
        JIT_STORE(x->failures, EXIT_FAILURES_MAX);
        leave_place(&x->recorder);
        return;
    }
    const IrSnap *s = &parent->ir->snaps[snap];
    bool needed = atomic_load_explicit(&x->side, memory_order_acquire) == IR_NONE;
    Recorder *r = needed ? recorder_new(jt, s->pc, root_fp + s->base) : NULL;
    JitTrace *t = r != NULL ? trace_new(jt, parent->shared, parent, snap) : NULL;
    if (t == NULL) {
        recorder_free(r);
        leave_place(&x->recorder);
        return;
    }
    recording_go(jt, r, t, &x->recorder);
    if (r->reason == ABORT_NONE && !recorder_inherit(r, parent, snap, root_fp)) {
        record_abort(r, ABORT_OPERAND_TYPE, "a virtual object within another one at the exit");
    }
    recording_step(jt);
}

bool jit_has_room(const Thread *th, const Value *fp)
{
    return th->depth + DEPTH_MAX < __atomic_load_n(&th->depth_limit, __ATOMIC_RELAXED) &&
           th->stack_end - fp > 2 * SLOTS_MAX &&
           (uintptr_t)__builtin_frame_address(0) > th->c_stack_limit;
}

/* Entries of functions: most become part of the loops that call them, so those come first; a module
 * runs once; and the beginning must be no loop's, because a root trace knows that locals are unbound there. */
static bool worth_a_root(const Jit *jit, JitHead *h, const Insn *pc, uint16_t op, const Value *fp)
{
    Code *code = frame_code(fp);
    if (!record_is_function_head(code, pc, op)) {
        return true;
    }
    const JitEntry *entry = jit_entry_if_made(code, h->shared);
    bool called = entry != NULL && JIT_LOAD(entry->called);
    if (!called && JIT_LOAD(h->entries) < ENTRIES_PATIENCE && jit->config.threshold > 1) {
        JIT_ADD(h->entries, 1);
        return false;
    }
    bool never = (code->flags & (CODE_MODULE | CODE_JUMPS_TO_START)) != 0;
    JIT_STORE(h->never, never);
    return !never;
}

/* It is at the end of a long loop, or in a short one: seen a few times, that is taken for short.  The next
 * look comes soon: where the threshold is a multiple of the iterations, each would be at the end.  Of three
 * looks that are LOOK_AGAIN apart one sees the start of a loop of more than UNROLL_MAX iterations. */
static void few_iterations_left(Thread *th, JitHead *h, const Insn *pc)
{
    JIT_ADD(h->shorts, 1);
    JIT_STORE(h->unroll, JIT_LOAD(h->shorts) >= SHORTS_MAX);
    Vm *vm = thread_vm(th);
    uint16_t *count = &vm->hot[VM_HOT_INDEX(pc)];
    *count = *count < LOOK_AGAIN ? *count : LOOK_AGAIN;
}

void jit_hot(Thread *th, const Insn *pc, Value *fp)
{
    JitThread *jt = jit_of(th);
    Code *code = frame_code(fp);
    bool shared = jit_form(jt);
    if (jt->recorder != NULL || jt->jit->closed || !jit_has_room(th, fp) ||
        jit_trace_at(code, pc, shared) != NULL) {
        return;
    }
    jit_reclaim(jt, false);
    uint16_t op = jit_opcode(code, pc);
    JitHead *h = jit_head(jt, pc, shared);
    if (h == NULL || JIT_LOAD(h->never) || JIT_LOAD(h->unroll) ||
        !worth_a_root(jt->jit, h, pc, op, fp)) {
        return;
    }
    uint32_t skip = JIT_LOAD(h->skip);
    if (skip > 0) {
        JIT_STORE(h->skip, skip - 1);
    } else if (record_remaining(pc, op, fp) <= UNROLL_MAX / 2) {
        few_iterations_left(th, h, pc);
    } else {
        recording_start(jt, h, pc, fp);
    }
}

static void on_step(Thread *th, const Insn *pc, Value *fp)
{
    JitThread *jt = jit_of(th);
    if (jt->recorder == NULL) {
        th->dispatch = vm_dispatch_normal(th);
        return;
    }
    if (jt->recorder->ir->shared != jit_form(jt)) {
        record_abort(jt->recorder, ABORT_NOT_ALONE, NULL);
    } else {
        record_step(jt->recorder, pc, fp);
    }
    recording_step(jt);
}

static void on_abort(Thread *th, const Insn *pc, const char *reason)
{
    (void)pc;
    (void)reason;
    JitThread *jt = jit_of(th);
    if (jt->recorder != NULL && thread_vm(th)->entry_fp == jt->recorder->entry_fp) {
        record_abort(jt->recorder, ABORT_EXCEPTION, NULL);
        recording_step(jt);
    }
}

static const VmJit functions = {.hot = jit_hot,
                                .enter = jit_enter,
                                .step = on_step,
                                .abort = on_abort,
                                .original = jit_opcode,
                                .thread_started = jit_thread_start,
                                .thread_ended = jit_thread_end,
                                .visit_roots = jit_visit_roots,
                                .fork_child = jit_after_fork};

const VmJit *jit_vm(void) { return &functions; }

/* ---- start and stop ------------------------------------------------------------------------------------------ */

static JitThread *jit_thread_new(Jit *jit, Thread *th)
{
    JitThread *jt = rt_calloc(1, sizeof *jt);
    if (jt != NULL) {
        jt->th = th;
        jt->jit = jit;
        jt->sample = th->tid;
        jt->stress = (IrStress){jit->config.stress_guard, jit->config.stress_guard};
        th->jit = jt;
    }
    return jt;
}

static void jit_thread_free(JitThread *jt)
{
    jt->th->jit = NULL;
    jit_portable_free(&jt->spare);
    ir_scratch_free(&jt->scratch);
    rt_free(jt);
}

bool jit_start(Thread *th, const JitConfig *config, const char **why)
{
    Jit *jit = rt_calloc(1, sizeof *jit);
    if (jit == NULL) {
        *why = "out of memory";
        return false;
    }
    jit->rt = th->rt;
    jit->config = *config;
    JIT_STORE(jit->count, 1);
    jit->threads = jit_thread_new(jit, th);
    if (jit->threads == NULL) {
        rt_free(jit);
        *why = "out of memory";
        return false;
    }
    if (config->mode == JIT_NATIVE) {
        jit->arena = cg_arena_new(th, config->memory_bytes, &jit->why_portable);
        if (jit->arena != NULL && config->stress_invalidate != 0) {
            cg_arena_poison(jit->arena);
        }
    } else {
        jit->why_portable = "-X jit=portable";
    }
    *why = jit->why_portable;
    cg_set_host(&jit_host);
    th->rt->hooks.call_code = jit_call;
    return true;
}

bool jit_thread_start(Thread *th)
{
    JitThread *main = jit_of(th->rt->main_thread);
    if (main == NULL) {
        return true;
    }
    JitThread *jt = jit_thread_new(main->jit, th);
    if (jt == NULL) {
        rt_raise_memory_error(th);
        return false;
    }
    jit_lock(jt);
    jt->next = jt->jit->threads;
    jt->jit->threads = jt;
    jit_unlock(jt);
    return true;
}

void jit_thread_end(Thread *th)
{
    JitThread *jt = jit_of(th);
    if (jt == NULL) {
        return;
    }
    if (jt->recorder != NULL) {
        recording_end(jt);
    }
    jit_lock(jt);
    JitThread **p = &jt->jit->threads;
    while (*p != jt) {
        p = &(*p)->next;
    }
    *p = jt->next;
    jit_counts_add(&jt->jit->ended, &jt->counts);
    jit_unlock(jt);
    jit_thread_free(jt);
}

void jit_stop(Thread *th)
{
    JitThread *jt = jit_of(th);
    if (jt == NULL) {
        return;
    }
    Jit *jit = jt->jit;
    jit_lock_end(jit);
    for (JitThread *other = jit->threads; other != NULL; other = other->next) {
        if (other->recorder != NULL) { /* others' have been stopped for good where they are */
            recording_end(other);
        }
    }
    for (uint32_t i = 1; i < JIT_LOAD(jit->count); i++) {
        JitTrace *t = jit_trace_by_id(jit, i);
        if (t != NULL && t->parent == IR_NONE) {
            jit_code_detach(t);
        }
    }
    for (uint32_t i = 1; i < JIT_LOAD(jit->count); i++) {
        JitTrace *t = jit_trace_by_id(jit, i);
        if (t != NULL) {
            trace_free(jt, t);
        }
    }
    if (jit->arena != NULL) {
        cg_arena_free(th, jit->arena);
    }
    for (uint32_t k = 0; k < BLOCKS; k++) {
        rt_free(JIT_LOAD(jit->blocks[k]));
    }
    jit_heads_free(jit);
    jit_thread_free(jt);
    rt_free(jit);
}

/* ---- looking -------------------------------------------------------------------------------------------------- */

uint32_t jit_trace_count(Thread *th)
{
    const JitThread *jt = jit_of(th);
    return jt != NULL ? JIT_LOAD(jt->jit->count) - 1 : 0;
}

const JitTrace *jit_trace(Thread *th, uint32_t id)
{
    const JitThread *jt = jit_of(th);
    return jt != NULL && id > 0 ? jit_trace_by_id(jt->jit, id) : NULL;
}

typedef struct UntracedList {
    JitUntraced *out;
    uint32_t count, max;
} UntracedList;

static void add_untraced(void *context, const JitHead *h)
{
    UntracedList *list = context;
    bool never = JIT_LOAD(h->never), unroll = JIT_LOAD(h->unroll);
    uint32_t failures = JIT_LOAD(h->failures);
    if (!never && !unroll && failures == 0) {
        return;
    }
    if (list->count < list->max) {
        list->out[list->count] = (JitUntraced){.pc = h->pc,
                                               .shared = h->shared,
                                               .failures = failures,
                                               .wait = JIT_LOAD(h->skip),
                                               .why = never    ? JIT_NEVER
                                                      : unroll ? JIT_UNROLLED
                                                               : JIT_WAITS};
    }
    list->count++;
}

uint32_t jit_untraced(Thread *th, JitUntraced *out, uint32_t max)
{
    UntracedList list = {out, 0, max};
    if (jit_of(th) != NULL) {
        jit_heads_each(jit_of(th)->jit, add_untraced, &list);
    }
    return list.count;
}

/* Under the lock. */
static void fill_stats(const Jit *jit, JitStats *out)
{
    JitCounts sum = {0};
    jit_counts_sum(jit, &sum);
    *out = (JitStats){.traces = (uint32_t)JIT_LOAD(sum.traces),
                      .side_traces = (uint32_t)JIT_LOAD(sum.side_traces),
                      .aborts = (uint32_t)JIT_LOAD(sum.aborts),
                      .retired = (uint32_t)JIT_LOAD(sum.retired),
                      .freed = (uint32_t)JIT_LOAD(sum.freed),
                      .record_ns = JIT_LOAD(sum.record_ns),
                      .optimize_ns = JIT_LOAD(sum.optimize_ns),
                      .compile_ns = JIT_LOAD(sum.compile_ns),
                      .uops_recorded = JIT_LOAD(sum.uops_recorded),
                      .uops_optimized = JIT_LOAD(sum.uops_optimized),
                      .entries = JIT_LOAD(sum.entries),
                      .exits = JIT_LOAD(sum.exits),
                      .shared_traces = (uint32_t)JIT_LOAD(sum.shared_traces)};
    out->engine = jit->arena != NULL ? "machine code" : "portable executor";
    out->why_portable = jit->arena == NULL ? jit->why_portable : NULL;
    if (jit->arena != NULL) {
        cg_stats(jit->arena, &out->code);
    }
}

void jit_stats(Thread *th, JitStats *out)
{
    JitThread *jt = jit_of(th);
    jit_lock(jt);
    fill_stats(jt->jit, out);
    jit_unlock(jt);
}

char *jit_stats_text(Thread *th)
{
    const Jit *jit = jit_of(th)->jit;
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
                 "traces: %u (%u of them side traces, %u for many threads), aborts: %u, "
                 "retired: %u, freed: %u\n"
                 "uops: %llu recorded, %llu after optimization\n"
                 "time: %.3f ms recording, %.3f ms optimizing, %.3f ms compiling (%.0f ns a uop)\n"
                 "entries: %llu, exits: %llu\n"
                 "code: %zu bytes, data: %zu, metadata: %zu, padding: %zu, limit: %zu\n",
                 s.engine, s.code.table != NULL ? ", table " : "",
                 s.code.table != NULL ? s.code.table : "",
                 jit->arena == NULL && jit->why_portable != NULL ? " (no machine code)" : "",
                 s.traces, s.side_traces, s.shared_traces, s.aborts, s.retired, s.freed,
                 (unsigned long long)s.uops_recorded, (unsigned long long)s.uops_optimized,
                 (double)s.record_ns / 1e6, (double)s.optimize_ns / 1e6, (double)s.compile_ns / 1e6,
                 (double)(s.optimize_ns + s.compile_ns) / uops, (unsigned long long)s.entries,
                 (unsigned long long)s.exits, s.code.code_bytes, s.code.data_bytes,
                 s.code.metadata_bytes, s.code.padding_bytes, s.code.limit_bytes);
    for (uint32_t i = 0; i < jit->note_count; i++) {
        n += snprintf(text + n, SIZE - (size_t)n, "aborted %u: %s\n", jit->notes[i].count,
                      jit->notes[i].text);
    }
    return text;
}
