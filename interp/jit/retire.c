/*
 * Retiring traces: taking a tree of traces (a root and its side traces) out of the program while threads
 * are in it, and freeing it when none is.
 *
 *     published --jit_invalidate, jit_retire--> invalid --jit_reclaim--> (gone)
 *
 * Unlinking, under the JIT lock: ENTER_TRACE, the word that callers jump through, and the ends of other
 * trees that lead here; those leave to tier 1 from then on.  So nobody comes in any more, and who is inside
 * finds a poll and leaves; but a thread may stay in a helper that a trace has called, parked or running
 * Python, for ever so long, and then comes back to the trace's code.  That is why a grace period is not
 * enough.  Counting who is inside would cost each entry and each call; instead, when enough waits to be
 * freed, the world is stopped and all threads' C stacks are searched for addresses in the code of the
 * trees that wait (a trace that has called something has its return address there).  A word that only looks
 * like one keeps a tree a while longer.  C that uses a trace apart from its code says so in a JitRun; a
 * recording holds the tree that it grows in.
 *
 * Where tools look at traces (keep_dumps, observe) nothing is freed before jit_stop.
 *
 * Threads: any; the JIT lock, or the stopped world, as stated.
 */
#include <assert.h>

#include "interp/jit/recorder.h"
#include "runtime/memory.h"
#include "runtime/safepoint_internal.h"

enum { SKIP_MAX = 4096, WAITING_MAX = 32 };

uint32_t jit_skip_after(uint32_t failures) { return failures > 11 ? SKIP_MAX : 1u << failures; }

/* ---- unlinking -------------------------------------------------------------------------------------------- */

static void cut_link(JitTrace *t, uint32_t target)
{
    if (t->link != target || JIT_LOAD(t->link_cut)) {
        return;
    }
    uint32_t snap = t->ir->uops[t->ir->count - 1].snap;
    for (uint32_t i = 0; t->native != NULL && i < t->native->exit_count; i++) {
        CgExit *x = &t->native->exits[i];
        if (x->snap == snap && !x->raises && x->slot != NULL) {
            cg_detach(x);
        }
    }
    /* release: the portable executor looks before it follows the link */
    atomic_store_explicit(&t->link_cut, true, memory_order_release);
}

/* Ends of the trees of a list that lead to this one. */
static void cut_links(JitTrace *list, const JitTrace *root)
{
    for (JitTrace *r = list; r != NULL; r = r->next) {
        for (JitTrace *t = r; t != NULL; t = t->next_side) {
            cut_link(t, root->id);
        }
    }
}

/* Under the lock. */
static void unlink_tree(JitThread *jt, JitTrace *root, const char *reason)
{
    Jit *jit = jt->jit;
    assert(root->parent == IR_NONE && JIT_LOAD(root->state) == JIT_PUBLISHED);
    jit_code_detach(root);
    JitTrace **p = &jit->roots;
    while (*p != root) {
        p = &(*p)->next;
    }
    *p = root->next;
    for (JitTrace *t = root; t != NULL; t = t->next_side) {
        JIT_STORE(t->state, JIT_INVALID);
    }
    cut_links(jit->roots, root);
    cut_links(jit->waiting, root); /* a thread may be in those still, and come to their ends */
    root->next = jit->waiting;
    jit->waiting = root;
    JIT_ADD(jit->waiting_count, 1);
    JIT_ADD(jt->counts.retired, 1);
    JitEvent e = root->event;
    e.kind = JIT_EVENT_RETIRE;
    e.reason = reason;
    jit_observe(jit, &e);
}

static bool retire(JitThread *jt, JitTrace *root, const char *reason)
{
    jit_lock(jt);
    bool ok = JIT_LOAD(root->state) == JIT_PUBLISHED;
    if (ok) {
        unlink_tree(jt, root, reason);
    }
    jit_unlock(jt);
    return ok;
}

void jit_retire(JitThread *jt, JitTrace *root, const char *reason)
{
    JitHead *h = jit_head_find(jt->jit, root->pc, root->shared);
    if (!retire(jt, root, reason) || h == NULL) {
        return;
    }
    uint32_t failures = JIT_LOAD(h->failures) + 4;
    JIT_STORE(h->failures, failures);
    JIT_STORE(h->skip, jit_skip_after(failures));
    if (failures > 12) {
        JIT_STORE(h->never, true);
    }
}

void jit_invalidate(JitThread *jt, JitTrace *root, const char *reason)
{
    if (retire(jt, root, reason)) {
        raise_others(jt->th, POLL_INVALIDATE);
        thread_raise_poll(jt->th, POLL_INVALIDATE);
    }
}

/* ---- who is inside ------------------------------------------------------------------------------------------ */

static void mark(Jit *jit, const JitTrace *t)
{
    JitTrace *root = t != NULL ? jit_trace_by_id(jit, t->root) : NULL;
    if (root != NULL) {
        root->active = true;
    }
}

static void mark_address(Jit *jit, uintptr_t word)
{
    for (JitTrace *root = jit->waiting; root != NULL; root = root->next) {
        for (const JitTrace *t = root; t != NULL && !root->active; t = t->next_side) {
            root->active = cg_code_holds(t->native, word);
        }
    }
}

/* Reads what belongs to another thread and lies between variables. */
__attribute__((no_sanitize("address", "thread"))) static void scan(Jit *jit, uintptr_t from,
                                                                   uintptr_t to)
{
    for (from &= ~(uintptr_t)7; from < to; from += sizeof(uintptr_t)) {
        uintptr_t word = *(const volatile uintptr_t *)from;
        if (cg_arena_holds(jit->arena, word)) {
            mark_address(jit, word);
        }
    }
}

static void mark_thread(Jit *jit, const JitThread *t)
{
    for (const JitRun *run = t->runs; run != NULL; run = run->outer) {
        mark(jit, run->entered);
        mark(jit, run->at);
    }
    if (t->recorder != NULL) {
        mark(jit, jit_trace_by_id(jit, t->recorder->trace->root));
    }
    if (t->runs != NULL && jit->arena != NULL) {
        scan(jit, t->th->c_stack_at, t->th->c_stack_base);
    }
}

/* Takes what nobody is in from the list. The world is stopped. */
static JitTrace *take_idle(Jit *jit)
{
    JitTrace *idle = NULL;
    for (JitTrace **p = &jit->waiting; *p != NULL;) {
        JitTrace *root = *p;
        if (root->active) {
            root->active = false;
            p = &root->next;
            continue;
        }
        *p = root->next;
        root->next = idle;
        idle = root;
        JIT_ADD(jit->waiting_count, -1u);
    }
    return idle;
}

static bool is_full(const Jit *jit, uint32_t waiting)
{
    /* those that are active stay: not again before as many more have come */
    uint32_t max = jit->config.stress_invalidate != 0 ? 1 : WAITING_MAX;
    return waiting >= JIT_LOAD(jit->still_active) + max;
}

__attribute__((noinline)) void jit_reclaim(JitThread *jt, bool now)
{
    Jit *jit = jt->jit;
    if (!(now || is_full(jit, JIT_LOAD(jit->waiting_count))) || jit->config.keep_dumps ||
        jit->config.observe != NULL) {
        return;
    }
    world_stop(jt->th);
    assert(JIT_LOAD(jit->lock) == 0); /* no thread that holds it is stopped */
    jt->th->c_stack_at = (uintptr_t)__builtin_frame_address(0);
    for (const JitThread *t = jit->threads; t != NULL; t = t->next) {
        mark_thread(jit, t);
    }
    JitTrace *idle = take_idle(jit);
    JIT_STORE(jit->still_active, JIT_LOAD(jit->waiting_count));
    world_start(jt->th);
    while (idle != NULL) {
        JitTrace *next = idle->next;
        JIT_ADD(jt->counts.freed, 1);
        jit_tree_free(jt, idle);
        idle = next;
    }
}

/* ---- for the cycle collector ---------------------------------------------------------------------------------- */

/* Codes are not counted; other objects that traces name are, by their list. */
void jit_visit_roots(Thread *th, VisitFn visit, void *arg)
{
    const JitThread *jt = jit_of(th);
    if (jt == NULL) {
        return;
    }
    if (jt->recorder != NULL) {
        visit(&jt->recorder->head_code->header, arg);
    }
    for (uint32_t i = 1; th == th->rt->main_thread && i < JIT_LOAD(jt->jit->count); i++) {
        const JitTrace *t = jit_trace_by_id(jt->jit, i);
        if (t != NULL && t->code != NULL) {
            visit(&t->code->header, arg);
        }
    }
}
