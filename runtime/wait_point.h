/*
 * WaitPoint: where threads sleep until a condition that lives elsewhere has changed, on a futex.
 *
 *     waiter:   wait_begin; for (;;) { ticket = wait_ticket; if (condition) break; wait_sleep(ticket); } wait_end
 *     changer:  change the condition; wait_wake
 *
 * No wake-up is lost: the waiter announces itself, then reads the condition; the changer changes it, then
 * looks for waiters, all seq_cst, so one of them sees the other.  While nobody waits a wake-up costs one
 * load.  Nothing here is known to the collector or to epochs: who may wait long parks first.
 *
 * Threads: any, attached or not; in a fork child after wait_point_reset.
 */
#ifndef ADDER_RUNTIME_WAIT_POINT_H
#define ADDER_RUNTIME_WAIT_POINT_H

#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "runtime/thread.h"

/* ns < 0: no limit. Returns early for any reason; the caller looks at its condition again. */
static inline void futex_wait(_Atomic uint32_t *word, uint32_t expected, int64_t ns)
{
    const struct timespec limit = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, ns < 0 ? NULL : &limit, NULL, 0);
}
static inline void futex_wake(_Atomic uint32_t *word, int count)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

static inline int64_t monotonic_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline void wait_begin(WaitPoint *w)
{
    atomic_fetch_add_explicit(&w->waiters, 1, memory_order_seq_cst);
}
static inline void wait_end(WaitPoint *w)
{
    atomic_fetch_sub_explicit(&w->waiters, 1, memory_order_seq_cst);
}
static inline uint32_t wait_ticket(WaitPoint *w)
{
    return atomic_load_explicit(&w->sequence, memory_order_seq_cst);
}
/* Sleeps unless there was a wake-up since ticket; ns < 0: no limit. */
static inline void wait_sleep(WaitPoint *w, uint32_t ticket, int64_t ns)
{
    futex_wait(&w->sequence, ticket, ns);
}
static inline bool wait_wanted(WaitPoint *w)
{
    return atomic_load_explicit(&w->waiters, memory_order_seq_cst) != 0;
}
static inline void wait_wake(WaitPoint *w)
{
    if (__builtin_expect(wait_wanted(w), 0)) {
        atomic_fetch_add_explicit(&w->sequence, 1, memory_order_seq_cst);
        futex_wake(&w->sequence, INT_MAX);
    }
}
static inline void wait_point_reset(WaitPoint *w)
{
    atomic_store_explicit(&w->waiters, 0, memory_order_relaxed);
}

#endif
