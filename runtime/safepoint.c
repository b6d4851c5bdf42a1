/*
 * Safepoint: polls, parking, who is alone, handshakes, the stopped world, the GIL.
 *
 * All of it rests on two words (runtime/safepoint_internal.h): each thread's epoch, which says whether it
 * runs, and Runtime.sole, which says who is the only one that may.  It is a reader-writer lock whose
 * readers write only lines of their own: to run is to read-lock, to be alone or to stop the world is to
 * write-lock.  A biased one: the thread that is alone keeps the lock through safepoints and parks until
 * somebody asks.  It is asked by a poll; while it is parked the asker takes the lock out of its hands.
 *
 * A thread's own `alone` follows Runtime.sole at its safepoints and when it stops being parked.  With the
 * GIL a thread that begins to run takes sole first; whoever waits for it asks after 5 ms, and who was asked
 * lets another one run before it comes back.
 *
 * Not here: what happens at a grace period (epoch.c), merging (object_merge.c).
 *
 * Threads: stated per function.
 */
#include "runtime/safepoint.h"

#include <assert.h>
#include <unistd.h>

#include "runtime/epoch.h"
#include "runtime/gc.h"
#include "runtime/lock.h"
#include "runtime/object_merge.h"
#include "runtime/safepoint_internal.h"
#include "runtime/wait_point.h"

#define GIL_SLICE_NS 5000000

/* ---- polls ---------------------------------------------------------------------------------------------- */

void thread_raise_poll(Thread *t, uint32_t bits)
{
    /* release: pairs with the exchange in thread_safepoint. The bits are there before the poison, so
     * who meets the poison finds them or has done them. */
    atomic_fetch_or_explicit(&t->poll, bits, memory_order_release);
    __atomic_store_n(&t->stack_limit, t->stack_base, __ATOMIC_RELEASE);
}

void raise_others(const Thread *self, uint32_t bits)
{
    Runtime *rt = self->rt;
    threads_lock(rt);
    for (Thread *t = rt->threads; t != NULL; t = t->next) {
        if (t != self) {
            thread_raise_poll(t, bits); /* parked ones too: they may be about to come back */
        }
    }
    threads_unlock(rt);
}

void thread_passed(Runtime *rt) { wait_wake(&rt->passed); }

/* ---- sole: the right to be the only one ------------------------------------------------------------------- */

static Thread *sole_of(Runtime *rt)
{
    return atomic_load_explicit(&rt->sole, memory_order_seq_cst);
}

static bool sole_take(Thread *th)
{
    Thread *nobody = NULL;
    if (!atomic_compare_exchange_strong_explicit(&th->rt->sole, &nobody, th, memory_order_seq_cst,
                                                 memory_order_seq_cst)) {
        return false;
    }
    if (th->rt->gil) {
        atomic_fetch_add_explicit(&th->rt->gil_turns, 1, memory_order_seq_cst);
        wait_wake(&th->rt->gil_taken);
    }
    return true;
}

/* world_end has been called; seq_cst: read after sole by threads that want to run. */
static bool world_has_ended(Runtime *rt)
{
    return atomic_load_explicit(&rt->stopping, memory_order_seq_cst) != 0;
}

/* Since world_end the main thread keeps it. */
static void sole_drop(Runtime *rt, Thread *holder)
{
    if (holder == rt->main_thread && world_has_ended(rt)) {
        return;
    }
    if (atomic_compare_exchange_strong_explicit(&rt->sole, &holder, NULL, memory_order_seq_cst,
                                                memory_order_seq_cst)) {
        wait_wake(&rt->sole_free);
    }
}

/* Takes sole out of the hands of a holder that is parked, otherwise (if press) raises its poll.
 * true: sole is free. */
static bool sole_ask(Runtime *rt, Thread *holder, bool press)
{
    bool taken = false;
    threads_lock(rt); /* a thread that ends drops sole under this lock, so holder is there */
    if (sole_of(rt) == holder && !(holder == rt->main_thread && world_has_ended(rt))) {
        if (parked_claim(holder)) {
            sole_drop(rt, holder);
            parked_release(holder);
            taken = true;
        } else if (press) {
            thread_raise_poll(holder, POLL_STOP);
        }
    }
    threads_unlock(rt);
    return taken;
}

/* Waits until sole is free (it may be taken again when this returns). The caller does not run. */
static void sole_wait(Runtime *rt)
{
    wait_begin(&rt->sole_free);
    bool press = !rt->gil;
    for (;;) {
        uint32_t ticket = wait_ticket(&rt->sole_free);
        uint32_t turn = atomic_load_explicit(&rt->gil_turns, memory_order_relaxed);
        Thread *holder = sole_of(rt);
        if (holder == NULL || sole_ask(rt, holder, press)) {
            break;
        }
        wait_sleep(&rt->sole_free, ticket, rt->gil ? GIL_SLICE_NS : -1);
        press = !rt->gil || turn == atomic_load_explicit(&rt->gil_turns, memory_order_relaxed);
    }
    wait_end(&rt->sole_free);
}

static void alone_set(Thread *th, bool alone)
{
    Runtime *rt = th->rt;
    if (th->alone != alone) {
        th->alone = alone;
        if (!alone && !rt->gil) {
            th->birth_flags = OBJECT_PRIVATE;
        }
        if (!alone && rt->alone_since_ns != 0) {
            ticker_alone_lost(rt, monotonic_ns() - rt->alone_since_ns);
        }
        if (rt->hooks.alone_changed != NULL) {
            rt->hooks.alone_changed(th);
        }
    }
}

/* th runs, and sole was not NULL a moment ago: the ticker may have gone to sleep because of that. */
static void beside_others(Thread *th)
{
    if (th->alone == 0 && atomic_load_explicit(&th->rt->ticker.idle, memory_order_seq_cst) == 1) {
        ticker_wake(th->rt);
    }
}

/* Becomes alone if every other thread is parked. */
static void alone_try(Thread *th)
{
    Runtime *rt = th->rt;
    if (!sole_take(th)) {
        return;
    }
    bool parked = true;
    threads_lock(rt);
    for (const Thread *t = rt->threads; t != NULL; t = t->next) {
        parked = parked && (t == th || epoch_is_parked(thread_epoch(t)));
    }
    threads_unlock(rt);
    if (parked) {
        rt->alone_since_ns = monotonic_ns();
        alone_set(th, true);
        thread_raise_poll(th, POLL_SWEEP); /* all that was retired is due */
    } else {
        sole_drop(rt, th);
        beside_others(th);
    }
}

void thread_share(Thread *th)
{
    if (th->alone != 0 && !th->rt->gil) {
        alone_set(th, false);
        sole_drop(th->rt, th);
        beside_others(th);
    }
}

/* ---- parked ----------------------------------------------------------------------------------------------- */

void thread_park(Thread *th)
{
    Runtime *rt = th->rt;
    assert(!epoch_is_parked(thread_epoch(th)));
    gc_note_stack(th);
    atomic_store_explicit(&th->epoch, EPOCH_PARKED, memory_order_seq_cst);
    if (wait_wanted(&rt->sole_free)) {
        sole_drop(rt, th); /* if it was ours: somebody cannot run because of it */
    }
    thread_passed(rt);
}

/* From PARKED to running, whatever sole says. */
static void become_running(Thread *th)
{
    Runtime *rt = th->rt;
    for (;;) {
        uint64_t parked = EPOCH_PARKED;
        uint64_t now = atomic_load_explicit(&rt->epoch, memory_order_seq_cst);
        if (atomic_compare_exchange_strong_explicit(&th->epoch, &parked, now, memory_order_seq_cst,
                                                    memory_order_seq_cst)) {
            return;
        }
        assert(parked == EPOCH_CLAIMED);
        wait_begin(&rt->passed);
        uint32_t ticket = wait_ticket(&rt->passed);
        if (thread_epoch(th) == EPOCH_CLAIMED) {
            wait_sleep(&rt->passed, ticket, -1);
        }
        wait_end(&rt->passed);
    }
}

void thread_stop_for_ever(Thread *th)
{
    if ((thread_epoch(th) & EPOCH_STOPPED) == 0) {
        thread_park(th);
    }
    for (;;) {
        pause();
    }
}

/* th does not run now; may it ever again? */
static void stop_check(Thread *th)
{
    if (world_has_ended(th->rt) && th != th->rt->main_thread) {
        thread_stop_for_ever(th);
    }
}

void thread_unpark(Thread *th)
{
    Runtime *rt = th->rt;
    for (;;) {
        become_running(th);
        Thread *sole = sole_of(rt);
        if (sole == th || (sole == NULL && (!rt->gil || sole_take(th)))) {
            alone_set(th, sole_of(rt) == th);
            if (th->alone == 0 &&
                atomic_load_explicit(&rt->thread_count, memory_order_relaxed) == 1) {
                alone_try(th);
            }
            beside_others(th);
            return;
        }
        atomic_store_explicit(&th->epoch, EPOCH_PARKED, memory_order_seq_cst);
        thread_passed(rt);
        stop_check(th);
        sole_wait(rt);
    }
}

void thread_block(Thread *th)
{
    gc_note_stack(th);
    atomic_fetch_or_explicit(&th->epoch, EPOCH_STOPPED, memory_order_seq_cst);
    thread_passed(th->rt);
}

void thread_unblock(Thread *th)
{
    Runtime *rt = th->rt;
    for (;;) {
        atomic_fetch_and_explicit(&th->epoch, ~EPOCH_STOPPED, memory_order_seq_cst);
        if (sole_of(rt) == NULL) {
            return;
        }
        thread_block(th);
        stop_check(th);
        sole_wait(rt);
    }
}

void epoch_park(Thread *th)
{
    for (;;) {
        thread_drain_merges(th);
        thread_park(th);
        if (atomic_load_explicit(&th->merge_queue, memory_order_seq_cst) == NULL) {
            return;
        }
        thread_unpark(th); /* pushed in between, by one who saw us running and left it to us */
    }
}

void epoch_unpark(Thread *th) { thread_unpark(th); }

bool parked_claim(Thread *t)
{
    uint64_t parked = EPOCH_PARKED;
    return atomic_compare_exchange_strong_explicit(&t->epoch, &parked, EPOCH_CLAIMED,
                                                   memory_order_seq_cst, memory_order_relaxed);
}

void parked_release(Thread *t)
{
    Runtime *rt = t->rt;
    assert(thread_epoch(t) == EPOCH_CLAIMED);
    atomic_store_explicit(&t->epoch, EPOCH_PARKED, memory_order_seq_cst);
    thread_passed(rt);
}

/* ---- safepoints --------------------------------------------------------------------------------------------- */

/* With the GIL: somebody has waited for a slice. Lets another thread run before coming back. */
static void gil_hand_over(Thread *th)
{
    Runtime *rt = th->rt;
    uint32_t turn = atomic_load_explicit(&rt->gil_turns, memory_order_seq_cst);
    thread_park(th);
    wait_begin(&rt->gil_taken);
    uint32_t ticket = wait_ticket(&rt->gil_taken);
    if (wait_wanted(&rt->sole_free) &&
        atomic_load_explicit(&rt->gil_turns, memory_order_seq_cst) == turn) {
        wait_sleep(&rt->gil_taken, ticket, GIL_SLICE_NS);
    }
    wait_end(&rt->gil_taken);
    thread_unpark(th);
}

static void sole_checkpoint(Thread *th, uint32_t bits)
{
    Runtime *rt = th->rt;
    Thread *sole = sole_of(rt);
    if (sole == th) {
        if (!rt->gil && wait_wanted(&rt->sole_free)) {
            thread_share(th);
        } else if (rt->gil && (bits & POLL_STOP) != 0 && wait_wanted(&rt->sole_free)) {
            gil_hand_over(th);
        }
    } else if (sole != NULL) {
        thread_park(th);
        thread_unpark(th);
    } else if ((bits & POLL_TICK) != 0) {
        alone_try(th);
    }
}

bool thread_safepoint(Thread *th)
{
    __atomic_store_n(&th->stack_limit, thread_stack_limit(th), __ATOMIC_RELAXED);
    /* acquire: pairs with the release in thread_raise_poll; seq_cst: sole is read after it */
    uint32_t bits = atomic_exchange_explicit(&th->poll, 0, memory_order_seq_cst);
    if (bits == 0) {
        return true;
    }
    sole_checkpoint(th, bits);
    if ((bits & POLL_SWEEP) != 0) {
        epoch_adopt(th);
        gc_drain_parked(th);
    }
    epoch_quiescent(th);
    if ((bits & POLL_GC) != 0) {
        gc_poll(th);
    }
    bits &= POLL_SIGNAL | POLL_ASYNC | POLL_INVALIDATE;
    return bits == 0 || th->rt->hooks.poll == NULL || th->rt->hooks.poll(th, bits);
}

/* ---- waiting for the others ------------------------------------------------------------------------------- */

uint64_t others_epoch(const Thread *self)
{
    Runtime *rt = self->rt;
    uint64_t least = EPOCH_PARKED;
    threads_lock(rt);
    for (const Thread *t = rt->threads; t != NULL; t = t->next) {
        uint64_t epoch = t == self ? EPOCH_PARKED : thread_epoch(t);
        epoch = epoch_is_parked(epoch) ? epoch : epoch & ~EPOCH_STOPPED;
        least = epoch < least ? epoch : least;
    }
    threads_unlock(rt);
    return least;
}

void grace_wait(Thread *th, uint64_t epoch)
{
    Runtime *rt = th->rt;
    if (others_epoch(th) >= epoch) {
        return;
    }
    raise_others(th, POLL_EPOCH);
    thread_park(th);
    wait_begin(&rt->passed);
    for (;;) {
        uint32_t ticket = wait_ticket(&rt->passed);
        if (others_epoch(th) >= epoch) {
            break;
        }
        wait_sleep(&rt->passed, ticket, -1);
    }
    wait_end(&rt->passed);
    thread_unpark(th);
}

void thread_handshake(Thread *th)
{
    if (th->alone == 0) {
        Runtime *rt = th->rt;
        uint64_t epoch = atomic_fetch_add_explicit(&rt->epoch, 1, memory_order_seq_cst) + 1;
        grace_wait(th, epoch);
    }
}

static bool others_stopped(const Thread *self)
{
    Runtime *rt = self->rt;
    bool stopped = true;
    threads_lock(rt);
    for (const Thread *t = rt->threads; t != NULL; t = t->next) {
        stopped = stopped && (t == self || (thread_epoch(t) & EPOCH_STOPPED) != 0);
    }
    threads_unlock(rt);
    return stopped;
}

void world_stop(Thread *th)
{
    Runtime *rt = th->rt;
    if (th->alone != 0) {
        return; /* nobody runs, and nobody begins to before our next safepoint */
    }
    while (!sole_take(th)) {
        thread_park(th);
        thread_unpark(th);
        if (th->alone != 0) {
            return; /* the one that had sole is gone, and with it the last of the others */
        }
    }
    raise_others(th, POLL_STOP);
    wait_begin(&rt->passed);
    for (;;) {
        uint32_t ticket = wait_ticket(&rt->passed);
        if (others_stopped(th)) {
            break;
        }
        wait_sleep(&rt->passed, ticket, -1);
    }
    wait_end(&rt->passed);
}

void world_start(Thread *th)
{
    assert(sole_of(th->rt) == th);
    if (th->alone == 0) {
        sole_drop(th->rt, th);
        beside_others(th);
    }
}

void world_end(Thread *th)
{
    Runtime *rt = th->rt;
    assert(th == rt->main_thread);
    if (!world_has_ended(rt)) {
        atomic_store_explicit(&rt->stopping, 1, memory_order_seq_cst);
        world_stop(th);
        alone_set(th, true);
    }
}

/* ---- the list of threads ------------------------------------------------------------------------------------ */

void thread_link(Thread *th)
{
    Runtime *rt = th->rt;
    atomic_store_explicit(&th->epoch, EPOCH_PARKED, memory_order_relaxed);
    threads_lock(rt);
    th->tid = ++rt->last_tid;
    __atomic_store_n(&th->depth_limit, rt->recursion_limit, __ATOMIC_RELAXED);
    th->next = rt->threads;
    rt->threads = th;
    atomic_fetch_add_explicit(&rt->thread_count, 1, memory_order_seq_cst);
    threads_unlock(rt);
}

bool thread_unlink(Thread *th)
{
    Runtime *rt = th->rt;
    threads_lock(rt);
    if (atomic_load_explicit(&th->merge_queue, memory_order_relaxed) != NULL) {
        threads_unlock(rt);
        return false;
    }
    gc_thread_ended(th); /* a stopped world finds a thread's heap owned or orphaned */
    for (Thread **p = &rt->threads; *p != NULL; p = &(*p)->next) {
        if (*p == th) {
            *p = th->next;
            break;
        }
    }
    if (rt->threads != NULL && rt->threads->next == NULL) {
        thread_raise_poll(rt->threads, POLL_TICK); /* it may be alone now */
    }
    atomic_fetch_sub_explicit(&rt->thread_count, 1, memory_order_seq_cst);
    sole_drop(rt, th);
    threads_unlock(rt);
    thread_passed(rt);
    return true;
}

void threads_after_fork(Thread *th)
{
    Runtime *rt = th->rt;
    rt->threads = th; /* the others' memory is lost: who knows what they were writing */
    th->next = NULL;
    rt->main_thread = th;
    atomic_store_explicit(&rt->thread_count, 1, memory_order_relaxed);
    atomic_store_explicit(&rt->threads_lock, 0, memory_order_relaxed);
    atomic_store_explicit(&th->epoch, atomic_load(&rt->epoch), memory_order_relaxed);
    wait_point_reset(&rt->sole_free);
    wait_point_reset(&rt->passed);
    wait_point_reset(&rt->gil_taken);
    parking_lot_reset(rt->parking);
    ticker_forget(rt);
    atomic_store_explicit(&rt->sole, th, memory_order_relaxed);
    alone_set(th, true);
}
