/*
 * Ticker: a system thread that looks around every 5 ms while Python threads run beside each other.
 *
 * At a tick every running thread gets a poll, so grace periods end; one of them, in turn, sweeps up what
 * parked and ended threads have left (epoch_adopt).  A thread that was the only running one for some
 * ticks is told that it may be alone.  That takes longer each time it soon had to let go again, so
 * a thread that is woken every few milliseconds does not cost the busy one a handshake each time.
 *
 * It starts when a thread first runs beside another, and sleeps while nobody does: while one is alone, with
 * the GIL, while all are parked.  It is no Thread: it allocates nothing, runs nothing of Python, and blocks
 * all signals.  It ends with the runtime and is forgotten in a fork child.
 *
 * Order: who begins to run stores its epoch, then reads ticker.idle; the ticker sets idle, then reads the
 * epochs; seq_cst, so a running thread without a ticker does not happen.
 *
 * Threads: stated in safepoint_internal.h.
 */
#include <pthread.h>
#include <signal.h>

#include "runtime/safepoint_internal.h"
#include "runtime/wait_point.h"

#define TICK_NS 5000000
enum { IDLE_AFTER_TICKS = 4, PATIENCE_LEAST = 2, PATIENCE_MOST = 200, SOON_TICKS = 4 };

typedef struct Crowd {
    Thread *some; /* a thread that runs; the turn's, if it does */
    uint32_t running;
} Crowd;

static Crowd look(Runtime *rt, uint32_t turn)
{
    Crowd crowd = {0};
    for (Thread *t = rt->threads; t != NULL; t = t->next) {
        if ((thread_epoch(t) & EPOCH_STOPPED) == 0) {
            if (crowd.some == NULL || (crowd.some->tid > turn && t->tid <= turn)) {
                crowd.some = t;
            }
            crowd.running++;
        }
    }
    return crowd;
}

/* returns: how many threads run beside each other, or beside parked ones without being alone. */
static uint32_t tick(Runtime *rt)
{
    Ticker *ticker = &rt->ticker;
    threads_lock(rt);
    Crowd crowd = look(rt, ticker->turn);
    if (crowd.some == NULL || atomic_load_explicit(&rt->sole, memory_order_seq_cst) != NULL) {
        threads_unlock(rt);
        return 0;
    }
    for (Thread *t = rt->threads; t != NULL; t = t->next) {
        if ((thread_epoch(t) & EPOCH_STOPPED) == 0) {
            thread_raise_poll(t, POLL_EPOCH);
        }
    }
    thread_raise_poll(crowd.some, POLL_SWEEP);
    ticker->turn = crowd.some->tid > 1 ? crowd.some->tid - 1 : UINT32_MAX;
    bool same = crowd.running == 1 && ticker->candidate == crowd.some->tid;
    ticker->candidate = crowd.running == 1 ? crowd.some->tid : 0;
    ticker->waited_ticks = same ? ticker->waited_ticks + 1 : 1;
    uint32_t patience = atomic_load_explicit(&ticker->patience_ticks, memory_order_relaxed);
    if (crowd.running == 1 && ticker->waited_ticks >= (patience != 0 ? patience : PATIENCE_LEAST)) {
        thread_raise_poll(crowd.some, POLL_TICK);
    }
    threads_unlock(rt);
    return crowd.running;
}

static bool someone_needs_it(Runtime *rt)
{
    threads_lock(rt);
    bool needed =
        look(rt, 0).running != 0 && atomic_load_explicit(&rt->sole, memory_order_seq_cst) == NULL;
    threads_unlock(rt);
    return needed;
}

/* Sleeps until somebody runs beside another. */
static void doze(Runtime *rt)
{
    Ticker *ticker = &rt->ticker;
    uint32_t ticking = 0, asleep = 1;
    if (atomic_compare_exchange_strong_explicit(&ticker->idle, &ticking, 1, memory_order_seq_cst,
                                                memory_order_seq_cst) &&
        someone_needs_it(rt)) {
        atomic_compare_exchange_strong_explicit(&ticker->idle, &asleep, 0, memory_order_seq_cst,
                                                memory_order_seq_cst);
    }
    while (atomic_load_explicit(&ticker->idle, memory_order_seq_cst) == 1) {
        futex_wait(&ticker->idle, 1, -1);
    }
}

static void *ticker_main(void *arg)
{
    Runtime *rt = arg;
    Ticker *ticker = &rt->ticker;
    for (uint32_t quiet_ticks = 0;;) {
        futex_wait(&ticker->idle, 0, TICK_NS);
        if (atomic_load_explicit(&ticker->idle, memory_order_seq_cst) == TICKER_ENDS) {
            return NULL;
        }
        quiet_ticks = tick(rt) == 0 ? quiet_ticks + 1 : 0;
        if (quiet_ticks >= IDLE_AFTER_TICKS) {
            doze(rt);
            quiet_ticks = 0;
        }
    }
}

void ticker_wake(Runtime *rt)
{
    Ticker *ticker = &rt->ticker;
    uint32_t idle = 1;
    if (!atomic_compare_exchange_strong_explicit(&ticker->idle, &idle, 0, memory_order_seq_cst,
                                                 memory_order_relaxed)) {
        return;
    }
    if (ticker->started) {
        futex_wake(&ticker->idle, 1);
        return;
    }
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    ticker->started = true; /* before it can sleep, and be woken by somebody else */
    int failed = pthread_create(&ticker->system, NULL, ticker_main, rt);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0) {
        ticker->started = false;
        atomic_store_explicit(&ticker->idle, 1,
                              memory_order_seq_cst); /* the next one tries again */
    }
}

void ticker_end(Runtime *rt)
{
    Ticker *ticker = &rt->ticker;
    atomic_store_explicit(&ticker->idle, TICKER_ENDS, memory_order_seq_cst);
    if (ticker->started) {
        futex_wake(&ticker->idle, 1);
        pthread_join(ticker->system, NULL);
        ticker->started = false;
    }
}

void ticker_forget(Runtime *rt) { rt->ticker = (Ticker){.idle = 1}; }

void ticker_alone_lost(Runtime *rt, int64_t held_ns)
{
    uint32_t patience = atomic_load_explicit(&rt->ticker.patience_ticks, memory_order_relaxed);
    patience = held_ns >= SOON_TICKS * TICK_NS ? PATIENCE_LEAST
               : patience == 0                 ? 2 * PATIENCE_LEAST
                                               : 2 * patience;
    atomic_store_explicit(&rt->ticker.patience_ticks,
                          patience < PATIENCE_MOST ? patience : PATIENCE_MOST,
                          memory_order_relaxed);
}
