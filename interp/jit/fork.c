/*
 * The JIT in a fork child: one thread, the forking one, goes on with its traces.
 *
 * Code memory is shared with the parent until codegen has copied it.  Without memory for the copy the child
 * has no trace and makes none: tier 1 runs.  What other threads were recording is given up: their places
 * are free, what they had allocated stays lost.
 *
 * Threads: the only one.
 */
#include <assert.h>

#include "interp/jit/recorder.h"

/* The other threads do not exist here. */
static void forget_threads(JitThread *jt)
{
    Jit *jit = jt->jit;
    for (JitThread *t = jit->threads; t != NULL; t = t->next) {
        if (t == jt) {
            continue;
        }
        if (t->recorder != NULL) {
            atomic_store_explicit(t->recorder->place, 0, memory_order_release);
            jit_trace_forget(jit, t->recorder->trace);
        }
        jit_counts_add(&jit->ended, &t->counts);
    }
    jit->threads = jt;
    jt->next = NULL;
    atomic_store(&jit->waiters, 0);
}

/* The traces stay in memory that the parent writes to: nothing runs or changes them here. */
static bool leave_code(Jit *jit)
{
    for (JitTrace *t = jit->roots; t != NULL; t = t->next) {
        jit_code_detach(t);
        for (JitTrace *side = t; side != NULL; side = side->next_side) {
            JIT_STORE(side->state, JIT_INVALID);
        }
    }
    jit->roots = NULL;
    jit->waiting = NULL; /* lost */
    JIT_STORE(jit->waiting_count, 0);
    jit->closed = true;
    return jit->threads->runs == NULL;
}

bool jit_after_fork(Thread *th)
{
    JitThread *jt = jit_of(th);
    if (jt == NULL) {
        return true;
    }
    assert(JIT_LOAD(jt->jit->lock) == 0);
    forget_threads(jt);
    return jt->jit->arena == NULL || cg_arena_after_fork(jt->jit->arena) || leave_code(jt->jit);
}
