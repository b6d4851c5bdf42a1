/*
 * What all threads' JITs share: the lock, the numbers of traces, the table of heads, sums of statistics.
 *
 * The table of heads is read without a lock on every hot report.  It holds pointers to heads, which stay
 * where they are; when it is full a copy of twice the size replaces it, and epochs free the old one.
 *
 * Threads: stated in state.h.
 */
#include <assert.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "interp/jit/state.h"
#include "runtime/epoch.h"
#include "runtime/memory.h"
#include "runtime/safepoint_internal.h"

/* ---- the lock ------------------------------------------------------------------------------------------ */

static bool try_lock(Jit *jit)
{
    uint32_t free = 0;
    /* acquire: pairs with the store in jit_unlock */
    return atomic_compare_exchange_strong(&jit->lock, &free, 1);
}

/* A thread takes the lock only while it is not parked: who comes back from being parked may have to wait
 * for a thread that waits for this lock. */
void jit_lock(JitThread *jt)
{
    Jit *jit = jt->jit;
    while (!try_lock(jit)) {
        atomic_fetch_add(&jit->waiters, 1);
        thread_park(jt->th); /* bare: no finalizer may run in the middle of a publication */
        while (atomic_load(&jit->lock) != 0) {
            syscall(SYS_futex, &jit->lock, FUTEX_WAIT_PRIVATE, 1, NULL, NULL, 0);
        }
        atomic_fetch_sub(&jit->waiters, 1);
        thread_unpark(jt->th);
    }
}

void jit_unlock(JitThread *jt)
{
    Jit *jit = jt->jit;
    assert(JIT_LOAD(jit->lock) == 1);
    /* sequentially consistent: a waiter has either been counted, or sees 0 */
    atomic_store(&jit->lock, 0);
    if (atomic_load(&jit->waiters) != 0) {
        syscall(SYS_futex, &jit->lock, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
    }
}

void jit_lock_end(Jit *jit)
{
    while (atomic_load(&jit->waiters) != 0) {
        syscall(SYS_futex, &jit->lock, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
        sched_yield();
    }
}

/* ---- traces by number ------------------------------------------------------------------------------------ */

static uint32_t block_of(uint32_t id, uint32_t *offset)
{
    uint32_t k = 31u - (uint32_t)__builtin_clz((id + BLOCK_FIRST) / BLOCK_FIRST);
    *offset = id + BLOCK_FIRST - ((uint32_t)BLOCK_FIRST << k);
    return k;
}

JitTrace *jit_trace_by_id(const Jit *jit, uint32_t id)
{
    uint32_t offset;
    if (id >= atomic_load_explicit(&jit->count, memory_order_acquire)) {
        return NULL;
    }
    JitTrace *_Atomic *block =
        atomic_load_explicit(&jit->blocks[block_of(id, &offset)], memory_order_acquire);
    return block != NULL ? atomic_load_explicit(&block[offset], memory_order_acquire) : NULL;
}

bool jit_trace_number(Jit *jit, JitTrace *t)
{
    uint32_t id = JIT_LOAD(jit->count), offset;
    if (id >= ((uint32_t)BLOCK_FIRST << (BLOCKS - 1))) {
        return false;
    }
    uint32_t k = block_of(id, &offset);
    JitTrace *_Atomic *block = JIT_LOAD(jit->blocks[k]);
    if (block == NULL) {
        block = rt_calloc((size_t)BLOCK_FIRST << k, sizeof *block);
        if (block == NULL) {
            return false;
        }
        atomic_store_explicit(&jit->blocks[k], block, memory_order_release);
    }
    t->id = id;
    atomic_store_explicit(&block[offset], t, memory_order_release);
    atomic_store_explicit(&jit->count, id + 1, memory_order_release);
    return true;
}

void jit_trace_forget(Jit *jit, const JitTrace *t)
{
    uint32_t offset, k = block_of(t->id, &offset);
    atomic_store_explicit(&JIT_LOAD(jit->blocks[k])[offset], NULL, memory_order_release);
}

/* ---- heads ------------------------------------------------------------------------------------------------- */

/* The head's place, or the empty one where it belongs. */
static JitHead *_Atomic *head_slot(JitHeads *heads, const Insn *pc, bool shared)
{
    uint32_t mask = heads->capacity - 1;
    uint32_t i = ((uint32_t)(((uintptr_t)pc >> 3) * 0x9E3779B1u) + shared) & mask;
    for (;; i = (i + 1) & mask) {
        const JitHead *h = atomic_load_explicit(&heads->at[i], memory_order_acquire);
        if (h == NULL || (h->pc == pc && h->shared == shared)) {
            return &heads->at[i];
        }
    }
}

static void free_table(Thread *th, void *p)
{
    (void)th;
    rt_free(p);
}

/* A larger copy. fails: NULL. */
static JitHeads *larger(const JitHeads *old)
{
    uint32_t capacity = old == NULL ? 64 : old->capacity * 2;
    JitHeads *heads = rt_calloc(1, sizeof *heads + capacity * sizeof *heads->at);
    if (heads == NULL) {
        return NULL;
    }
    heads->capacity = capacity;
    for (uint32_t i = 0; old != NULL && i < old->capacity; i++) {
        JitHead *h = JIT_LOAD(old->at[i]);
        if (h != NULL) {
            JIT_STORE(*head_slot(heads, h->pc, h->shared), h);
            heads->count++;
        }
    }
    return heads;
}

/* Under the lock. *old: a table that was replaced. */
static JitHead *head_add(Jit *jit, const Insn *pc, bool shared, JitHeads **old)
{
    JitHeads *heads = JIT_LOAD(jit->heads);
    if (heads == NULL || (heads->count + 1) * 2 > heads->capacity) {
        JitHeads *new_heads = larger(heads);
        if (new_heads == NULL) {
            return NULL;
        }
        *old = heads;
        heads = new_heads;
        atomic_store_explicit(&jit->heads, heads, memory_order_release);
    }
    JitHead *_Atomic *slot = head_slot(heads, pc, shared);
    JitHead *h = JIT_LOAD(*slot);
    if (h == NULL && (h = rt_calloc(1, sizeof *h)) != NULL) {
        h->pc = pc;
        h->shared = shared;
        heads->count++;
        atomic_store_explicit(slot, h, memory_order_release);
    }
    return h;
}

JitHead *jit_head_find(const Jit *jit, const Insn *pc, bool shared)
{
    JitHeads *heads = atomic_load_explicit(&jit->heads, memory_order_acquire);
    return heads == NULL ? NULL
                         : atomic_load_explicit(head_slot(heads, pc, shared), memory_order_acquire);
}

JitHead *jit_head(JitThread *jt, const Insn *pc, bool shared)
{
    JitHeads *old = NULL;
    JitHead *h = jit_head_find(jt->jit, pc, shared);
    if (h != NULL) {
        return h;
    }
    jit_lock(jt);
    h = head_add(jt->jit, pc, shared, &old);
    jit_unlock(jt);
    if (old != NULL) {
        epoch_retire(jt->th, old, sizeof *old + old->capacity * sizeof *old->at, free_table);
    }
    return h;
}

void jit_heads_each(const Jit *jit, void (*look)(void *context, const JitHead *h), void *context)
{
    JitHeads *heads = atomic_load_explicit(&jit->heads, memory_order_acquire);
    for (uint32_t i = 0; heads != NULL && i < heads->capacity; i++) {
        const JitHead *h = atomic_load_explicit(&heads->at[i], memory_order_acquire);
        if (h != NULL) {
            look(context, h);
        }
    }
}

void jit_heads_free(Jit *jit)
{
    JitHeads *heads = JIT_LOAD(jit->heads);
    for (uint32_t i = 0; heads != NULL && i < heads->capacity; i++) {
        rt_free(JIT_LOAD(heads->at[i]));
    }
    rt_free(heads);
    JIT_STORE(jit->heads, NULL);
}

/* ---- statistics ---------------------------------------------------------------------------------------------- */

void jit_counts_add(JitCounts *to, const JitCounts *from)
{
    _Atomic uint64_t *words = (_Atomic uint64_t *)to;
    const _Atomic uint64_t *more = (const _Atomic uint64_t *)from;
    for (uint32_t i = 0; i < JIT_COUNTS; i++) {
        JIT_ADD(words[i], JIT_LOAD(more[i]));
    }
}

void jit_counts_sum(const Jit *jit, JitCounts *out)
{
    jit_counts_add(out, &jit->ended);
    for (const JitThread *t = jit->threads; t != NULL; t = t->next) {
        jit_counts_add(out, &t->counts);
    }
}
