/*
 * Running traces: from tier 1 (enter), from other traces (call), and going on where they leave.
 *
 * enter runs a trace in machine code or in the portable executor, follows links in the latter, rebuilds
 * the frames at the exit, and starts a side trace where an exit has become hot.  After an exit at a
 * trace's own head the original instruction runs once, so there is always progress.
 *
 * A trace calls a function by its JitEntry: machine code goes straight to the function's root trace;
 * without one, and in the portable executor, jit_call runs it.  Where a called trace leaves, the
 * interpreter runs its frame to the end (finish), and the caller goes on with the result: that recurses
 * on the C stack, so C grants a number of frames each time it enters traces (Thread.calls_left: Python's
 * recursion limit, half of the C stack that is left, the value stack), and a call that finds none leaves
 * to tier 1, which calls without C.
 *
 * A called frame's function is borrowed from the caller until the interpreter takes the frame over.
 *
 * Threads: the thread whose frames they are.
 */
#include "interp/jit/recorder.h"
#include "runtime/memory.h"

enum { FEW_CALLS = 8, JUDGED_EXITS = 100, FEW_ITERATIONS = 4 };

/* ---- frames that traces may enter by calls ---------------------------------------------------------- */

typedef struct Grant {
    int32_t left, base;
    uint32_t depth;
    Value *trace_fp;
} Grant;

static int32_t smaller(int64_t a, int64_t b)
{
    int64_t c = a < b ? a : b;
    return c < 0 ? 0 : c > INT32_MAX / 2 ? INT32_MAX / 2 : (int32_t)c;
}

/* Frames that calls have entered since C granted some. */
static uint32_t entered_by_calls(const JitThread *jt)
{
    return (uint32_t)(jt->calls_base - jt->th->calls_left);
}

/* Counts the frames that calls have entered as Python's. */
static Grant count_calls(JitThread *jt)
{
    Thread *th = jt->th;
    Grant before = {th->calls_left, jt->calls_base, th->depth, th->trace_fp};
    th->depth += entered_by_calls(jt);
    jt->calls_base = th->calls_left;
    return before;
}

/* Before C runs a trace on the frame fp. */
static Grant grant(JitThread *jt, const Value *fp)
{
    Thread *th = jt->th;
    Grant before = count_calls(jt);
    char here;
    int64_t c_stack = ((int64_t)(uintptr_t)&here - (int64_t)th->c_stack_limit) / 2 / CG_FRAME_BYTES;
    int64_t frames =
        (int64_t)__atomic_load_n(&th->depth_limit, __ATOMIC_RELAXED) - th->depth - DEPTH_MAX;
    int64_t values = (th->stack_end - fp - 2 * SLOTS_MAX) / CALL_SLOTS_MAX;
    th->calls_left = jt->calls_base = smaller(smaller(c_stack, frames), values);
    return before;
}

static void grant_end(JitThread *jt, const Grant *before)
{
    jt->th->calls_left = before->left;
    jt->calls_base = before->base;
    jt->th->trace_fp = before->trace_fp;
    jt->th->depth = before->depth;
}

/* ---- the engines ------------------------------------------------------------------------------------------ */

static JitLeft left_native(JitThread *jt, CgState *state)
{
    if (state->exit == NULL) {
        return (JitLeft){.returned = true, .result = state->result};
    }
    const IrTrace *ir = state->exit->code->ir;
    JitLeft left = {.trace = jit_trace_by_id(jt->jit, ir->id),
                    .snap = state->exit->snap,
                    .root_fp = state->fp};
    jt->runs->at = left.trace;
    left.fp = cg_restore(jt->th, state);
    return left;
}

/* -X stress-invalidate: every n-th time the trace that is about to run finds its poll raised, and is
 * invalid when it has been left. */
static bool stress_is_due(const JitThread *jt)
{
    uint32_t every = jt->jit->config.stress_invalidate;
    return every != 0 && (JIT_LOAD(jt->counts.entries) + 1) % every == 0;
}

static void stress_raise_poll(JitThread *jt)
{
    if (stress_is_due(jt)) {
        atomic_fetch_or_explicit(&jt->th->poll, POLL_INVALIDATE, memory_order_release);
    }
}

static void stress_invalidate(JitThread *jt, const JitTrace *t)
{
    JitTrace *root = jit_trace_by_id(jt->jit, t->root);
    if (jt->recorder == NULL) {
        jit_invalidate(jt, root, "-X stress-invalidate");
    }
}

/* false: out of memory, nothing has run. */
static bool run(JitThread *jt, JitTrace *t, Value *fp, JitLeft *left)
{
    stress_raise_poll(jt);
    JIT_ADD(jt->counts.entries, 1);
    jit_count(jt, &t->entries);
    if (t->native == NULL) {
        return jit_run_portable(jt, t, fp, left);
    }
    CgState state;
    cg_enter(jt->th, t->native, fp, &state);
    *left = left_native(jt, &state);
    return true;
}

/* ---- leaving ---------------------------------------------------------------------------------------------- */

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

/* It may wait, parked, while the collector looks at the frames; what is published is as before afterwards,
 * for whoever ends these frames publishes none of them. */
static void side_start(JitThread *jt, const JitLeft *left)
{
    Vm *vm = thread_vm(jt->th);
    const Insn *pc = vm->pc;
    Value *fp = vm->fp;
    vm_publish(jt->th, left->trace->ir->snaps[left->snap].pc, left->fp);
    jit_side_start(jt, left->trace, left->snap, left->root_fp);
    vm_publish(jt->th, pc, fp);
}

static void after_exit(JitThread *jt, const JitLeft *left)
{
    JitExit *x = &left->trace->exits[left->snap];
    Thread *th = jt->th;
    JIT_ADD(jt->counts.exits, 1);
    if (rt_pending(th) || atomic_load_explicit(&th->poll, memory_order_relaxed) != 0 ||
        th->calls_left < FEW_CALLS) {
        return; /* exceptions, polls and a lack of stack never count as hot */
    }
    uint32_t n = jit_sampled(jt), count = JIT_LOAD(x->count) + n, failures = JIT_LOAD(x->failures);
    if (n == 0) {
        return;
    }
    JIT_STORE(x->count, count);
    if (count >= jt->jit->config.exit_threshold && JIT_LOAD(x->side) == IR_NONE &&
        jt->recorder == NULL && !jt->jit->closed && failures < EXIT_FAILURES_MAX &&
        count >= jt->jit->config.exit_threshold << (2 * failures)) {
        side_start(jt, left);
    }
}

/* Where the frame fp stands when tier 1 is at s, in it or in one that it called. */
static const Insn *pc_in_frame(const VmState *s, const Value *fp)
{
    const Insn *pc = s->pc;
    for (Value *inner = s->fp; inner != fp; inner = frame_caller(inner)) {
        pc = frame_return_pc(inner) - 1;
    }
    return pc;
}

/* Iterations that the loop of a root still has when tier 1 is at s; behind the loop its state is gone. */
static int64_t iterations_left(const JitTrace *t, const Value *fp, const VmState *s)
{
    const Insn *body = t->pc + (int16_t)t->pc->c, *pc = pc_in_frame(s, fp);
    return pc >= body && pc <= t->pc ? record_remaining(t->pc, t->original, fp) : 0;
}

/* The floor under a FOR loop: a run costs some iterations of tier 1.  If they end after a few, through
 * exits that take no side trace (exceptions, places that were given up), tier 1 is faster. */
static void judge_root(JitThread *jt, JitTrace *t, const JitLeft *left, const Value *fp,
                       const VmState *s, int64_t before)
{
    int64_t after = before == INT64_MAX ? INT64_MAX : iterations_left(t, fp, s);
    if (after == INT64_MAX || after > before) {
        return;
    }
    uint32_t n = jit_sampled(jt);
    if (n == 0) {
        return;
    }
    JIT_ADD(t->iterations, n * (uint64_t)(before - after));
    if (rt_pending(jt->th) ||
        JIT_LOAD(left->trace->exits[left->snap].failures) >= EXIT_FAILURES_MAX) {
        JIT_ADD(t->dead_exits, n);
    }
    if (JIT_LOAD(t->dead_exits) < JUDGED_EXITS) {
        return;
    }
    if (JIT_LOAD(t->iterations) < JUDGED_EXITS * FEW_ITERATIONS && jt->recorder == NULL) {
        jit_retire(jt, t, "left after few iterations, again and again");
    }
    JIT_STORE(t->dead_exits, 0);
    JIT_STORE(t->iterations, 0);
}

/* No trace in the form that the thread needs: this entry counts like one of tier 1's. */
static void count_missing(Thread *th, const Insn *pc, Value *fp)
{
    Vm *vm = thread_vm(th);
    uint16_t *count = &vm->hot[VM_HOT_INDEX(pc)];
    if (--*count == 0) {
        *count = vm_threshold(vm);
        jit_hot(th, pc, fp);
    }
}

/* Runs t, which `here` keeps, and says where tier 1 goes on. false: it has not run. */
static bool enter(JitThread *jt, JitTrace *t, Value *fp, JitLeft *left, VmState *s)
{
    Thread *th = jt->th;
    bool stress = stress_is_due(jt);
    int64_t iterations = record_remaining(t->pc, t->original, fp);
    Grant before = grant(jt, fp);
    bool ran = (!t->is_function || th->calls_left >= FEW_CALLS) && run(jt, t, fp, left);
    if (ran && !left->returned) {
        *s = (VmState){left->trace->pc, left->fp};
    }
    if (ran && !left->returned && left->snap != IR_NONE) {
        s->pc = left->trace->ir->snaps[left->snap].pc;
        after_exit(jt, left);
        judge_root(jt, t, left, fp, s, iterations);
    }
    grant_end(jt, &before);
    if (stress) {
        stress_invalidate(jt, t);
        stress_invalidate(jt, ran && !left->returned ? left->trace : t);
    }
    return ran;
}

VmState jit_enter(Thread *th, const Insn *pc, Value *fp, uint16_t *original)
{
    JitThread *jt = jit_of(th);
    const Code *code = frame_code(fp);
    VmState s = {pc, fp};
    *original = jit_opcode(code, pc);
    if (jt->recorder != NULL || !jit_has_room(th, fp)) {
        return s;
    }
    JitTrace *t = jit_trace_at(code, pc, jit_form(jt));
    if (t == NULL) {
        count_missing(th, pc, fp);
        *original = jt->recorder != NULL ? BC_COUNT : *original;
        return s;
    }
    JitLeft left = {.trace = t};
    JitRun here = {.outer = jt->runs, .entered = t};
    jt->runs = &here;
    bool ran = enter(jt, t, fp, &left, &s);
    jt->runs = here.outer;
    if (atomic_load_explicit(&th->poll, memory_order_relaxed) != 0) {
        th->ticks = 1; /* served at the next back edge: no trace runs before that */
    }
    if (!ran) {
        return s;
    }
    *original = BC_COUNT;
    if (left.returned) {
        return vm_leave(th, fp, left.result);
    }
    th->depth += frames_between(s.fp, fp);
    if (!rt_pending(th) && insn_op(s.pc) == BC_ENTER_TRACE && jt->recorder == NULL) {
        *original = jit_opcode(frame_code(s.fp), s.pc);
    }
    return s;
}

/* ---- calls from traces -------------------------------------------------------------------------------------- */

/* The interpreter takes the called frame over, from (pc, fp) on to its return. */
static Value interpret(JitThread *jt, const Insn *pc, Value *fp, Value *entered)
{
    Thread *th = jt->th;
    rt_incref(th, entered[-3]);
    th->trace_fp = NULL;        /* the trace that calls has nothing above this frame */
    if (jt->recorder != NULL) { /* has just begun here */
        jt->recorder->entry_fp = entered;
    }
    return vm_resume(th, pc, fp, entered);
}

/* A trace that a trace had called was left. */
static Value finish(JitThread *jt, const JitLeft *left, Value *entered)
{
    const Insn *pc = left->trace->pc;
    if (left->snap != IR_NONE) {
        pc = left->trace->ir->snaps[left->snap].pc;
        jt->th->depth += frames_between(left->fp, entered);
        after_exit(jt, left);
    }
    return interpret(jt, pc, left->fp, entered);
}

static void count_entry(Thread *th, const Insn *pc, Value *fp)
{
    Vm *vm = thread_vm(th);
    uint16_t *count = &vm->hot[VM_HOT_INDEX(pc)];
    if (*count > 2) {
        *count = (uint16_t)(*count - 2);
        return;
    }
    *count = vm_threshold(vm);
    jit_hot(th, pc, fp);
}

Value jit_call(Thread *th, void *address, Value *fp)
{
    JitThread *jt = jit_of(th);
    const JitEntry *entry = address;
    JitTrace *root = atomic_load_explicit(&entry->root, memory_order_acquire);
    const Function *fn = frame_function(fp);
    for (uint32_t i = fn->code->param_count; i < fn->local_count; i++) {
        fp[i] = VALUE_UNBOUND;
    }
    Grant before = grant(jt, fp);
    JitLeft left;
    JitRun here = {.outer = jt->runs, .entered = root};
    jt->runs = &here;
    Value result;
    bool traces = jt->recorder == NULL && root != NULL && entry->shared == jit_form(jt) &&
                  jit_has_room(th, fp);
    if (traces && run(jt, root, fp, &left)) {
        result = left.returned ? left.result : finish(jt, &left, fp);
    } else {
        if (jt->recorder == NULL) {
            count_entry(th, fn->entry, fp);
        }
        result = interpret(jt, fn->entry, fp, fp);
    }
    jt->runs = here.outer;
    grant_end(jt, &before);
    return result;
}

static Value call_from_native(Thread *th, CgEntry *entry, Value *fp)
{
    return jit_call(th, entry, fp);
}

static Value finish_native(Thread *th, CgState *state)
{
    JitThread *jt = jit_of(th);
    JitRun here = {.outer = jt->runs};
    jt->runs = &here;
    JitLeft left = left_native(jt, state);
    Grant before = count_calls(jt);
    Value result = finish(jt, &left, state->entered);
    jt->runs = here.outer;
    grant_end(jt, &before);
    return result;
}

const CgHost jit_host = {.call = call_from_native, .finish = finish_native};
