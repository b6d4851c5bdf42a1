/*
 * Safepoints: polls, being alone and losing it, parked holders, handshakes, the stopped world, the GIL,
 * with threads that do nothing but come to safepoints.
 */
#include "tests/runtime/cases.h"

#include <pthread.h>
#include <sched.h>

#include "runtime/abstract.h"
#include "runtime/containers.h"
#include "runtime/epoch.h"
#include "runtime/error.h"
#include "runtime/safepoint.h"

enum { THREADS = 4 };

/* A thread that counts, and looks at its poll word each time, until told to stop. */
typedef struct Runner {
    Runtime *rt;
    pthread_t system;
    _Atomic bool started, stop, sleepy, naps; /* naps: for as long as that is set */
    _Atomic uint64_t count;
    _Atomic int *inside;        /* how many run right now, if not NULL */
    _Atomic bool met;           /* saw another one inside */
    _Atomic int *_Atomic *cell; /* what it borrows between two safepoints, if not NULL */
    _Atomic bool saw_dead;
} Runner;

/* A borrowed cell stays alive (1) until this thread's safepoint. */
static void borrow(Runner *r)
{
    _Atomic int *p = atomic_load(r->cell);
    for (int i = 0; i < 50; i++) {
        if (atomic_load(p) != 1) {
            atomic_store(&r->saw_dead, true);
        }
    }
}

static void runner_step(Runner *r, Thread *th)
{
    if (r->inside != NULL) {
        if (atomic_fetch_add(r->inside, 1) != 0) {
            atomic_store(&r->met, true);
        }
    }
    atomic_fetch_add(&r->count, 1);
    if (r->cell != NULL) {
        borrow(r);
    }
    if (r->inside != NULL) {
        atomic_fetch_sub(r->inside, 1);
    }
    if (atomic_load(&th->poll) != 0) {
        assert_true(thread_safepoint(th));
    }
    if (atomic_load(&r->sleepy)) {
        epoch_park(th);
        do {
            sched_yield();
        } while (atomic_load(&r->naps));
        epoch_unpark(th);
    }
}

static void *runner_main(void *arg)
{
    Runner *r = arg;
    Thread *th = rt_thread_attach(r->rt);
    assert_non_null(th);
    atomic_store(&r->started, true);
    while (!atomic_load(&r->stop)) {
        runner_step(r, th);
    }
    rt_thread_detach(th);
    return NULL;
}

static void runner_start(Runner *r, Thread *th)
{
    r->rt = th->rt;
    assert_int_equal(pthread_create(&r->system, NULL, runner_main, r), 0);
}

static void runner_wait(Runner *r, Thread *th)
{
    while (!atomic_load(&r->started)) {
        assert_true(thread_safepoint(th));
        sched_yield();
    }
}

static void runners_start(Runner *r, int n, Thread *th)
{
    for (int i = 0; i < n; i++) {
        runner_start(&r[i], th);
    }
    for (int i = 0; i < n; i++) {
        runner_wait(&r[i], th);
    }
}

static void runners_end(Runner *r, int n, Thread *th)
{
    epoch_park(th);
    for (int i = 0; i < n; i++) {
        atomic_store(&r[i].stop, true);
        pthread_join(r[i].system, NULL);
    }
    epoch_unpark(th);
}

static void a_poll_poisons_and_a_safepoint_heals(void **state)
{
    Thread *th = *state;
    assert_ptr_equal(th->stack_limit, thread_stack_limit(th));
    thread_raise_poll(th, POLL_EPOCH);
    assert_true(th->stack_limit < th->stack_end);
    assert_ptr_equal(th->stack_limit, th->stack_base);
    assert_int_equal(th->poll, POLL_EPOCH);
    assert_true(thread_safepoint(th));
    assert_int_equal(th->poll, 0);
    assert_ptr_equal(th->stack_limit, thread_stack_limit(th));
}

static uint32_t hook_bits;
static bool failing_hook(Thread *th, uint32_t bits)
{
    (void)th;
    hook_bits = bits;
    return false;
}

static void the_hook_gets_what_needs_python_only(void **state)
{
    Thread *th = *state;
    th->rt->hooks.poll = failing_hook;
    hook_bits = 0;
    thread_raise_poll(th, POLL_EPOCH | POLL_STOP | POLL_TICK);
    assert_true(thread_safepoint(th));
    assert_int_equal(hook_bits, 0);
    thread_raise_poll(th, POLL_EPOCH | POLL_SIGNAL);
    assert_false(thread_safepoint(th));
    assert_int_equal(hook_bits, POLL_SIGNAL);
    assert_true(thread_safepoint(th));
    th->rt->hooks.poll = NULL;
}

/* Sets a poll whose hook raises: a native loop over many items ends with that exception. */
static bool raising_hook(Thread *th, uint32_t bits)
{
    (void)bits;
    rt_raise(th, EXC_KEYBOARD_INTERRUPT, "polled");
    return false;
}

static void assert_polled(Thread *th, bool failed)
{
    assert_true(failed);
    assert_true(rt_pending(th));
    rt_clear_exception(th);
    thread_raise_poll(th, POLL_SIGNAL);
}

static void native_loops_poll(void **state)
{
    Thread *th = *state;
    enum { MANY = 20000 };
    Value list = list_new(th, NULL, 0);
    for (int i = 0; i < MANY; i++) {
        assert_true(list_append(th, list, value_from_small_int(i * 7919 % MANY)));
    }
    Value t = list_to_tuple(th, list), u = list_to_tuple(th, list);
    th->rt->hooks.poll = raising_hook;
    thread_raise_poll(th, POLL_SIGNAL);
    assert_polled(th, !list_sort(th, list, VALUE_ABSENT, false));
    assert_int_equal(list_size(list), MANY);
    assert_polled(th, rt_compare(th, t, u, CMP_EQ) == VALUE_ABSENT);
    assert_polled(th, rt_contains(th, t, value_from_small_int(-1)) < 0);
    th->rt->hooks.poll = NULL;
    assert_true(thread_safepoint(th));
    rt_decref(th, t);
    rt_decref(th, u);
    rt_decref(th, list);
}

static int alone_changes;
static void count_changes(Thread *th)
{
    (void)th;
    alone_changes++;
}

static void a_starting_thread_ends_being_alone(void **state)
{
    Thread *th = *state;
    assert_int_equal(th->alone, 1);
    th->rt->hooks.alone_changed = count_changes;
    alone_changes = 0;
    Runner r = {0};
    runner_start(&r, th);
    for (int i = 0; i < 100 && atomic_load(&th->poll) == 0; i++) {
        sched_yield();
    }
    assert_false(r.started); /* it waits for our agreement */
    assert_int_equal(th->alone, 1);
    while (atomic_load(&th->poll) == 0) {
        sched_yield();
    }
    assert_true(thread_safepoint(th));
    assert_int_equal(th->alone, 0);
    assert_int_equal(alone_changes, 1);
    runner_wait(&r, th);
    th->rt->hooks.alone_changed = NULL;
    runners_end(&r, 1, th);
    assert_int_equal(th->alone, 1); /* nobody else is left */
}

static void a_parked_holder_loses_it(void **state)
{
    Thread *th = *state;
    assert_int_equal(th->alone, 1);
    epoch_park(th);
    Runner r = {0};
    runner_start(&r, th);
    while (atomic_load(&r.count) < 100) { /* it got in without us */
        sched_yield();
    }
    epoch_unpark(th);
    assert_int_equal(th->alone, 0);
    runners_end(&r, 1, th);
}

static void parked_threads_keep_being_alone_where_nobody_asks(void **state)
{
    Thread *th = *state;
    assert_int_equal(th->alone, 1);
    epoch_park(th);
    epoch_unpark(th);
    assert_int_equal(th->alone, 1);
}

static void a_handshake_waits_for_everybody(void **state)
{
    Thread *th = *state;
    _Atomic int cells[2] = {1, 0};
    _Atomic int *_Atomic current = &cells[0];
    Runner r[THREADS] = {{0}};
    for (int i = 0; i < THREADS; i++) {
        r[i].cell = &current;
    }
    runners_start(r, THREADS, th);
    for (int i = 0; i < 400; i++) {
        atomic_store(&r[i % THREADS].sleepy, i % 3 == 0);
        _Atomic int *next = &cells[(i + 1) % 2];
        _Atomic int *old = atomic_load(&current);
        atomic_store(next, 1);
        atomic_store(&current, next);
        thread_handshake(th);
        atomic_store(old, 0);
    }
    runners_end(r, THREADS, th);
    for (int i = 0; i < THREADS; i++) {
        assert_false(r[i].saw_dead);
    }
}

static void nobody_runs_while_the_world_is_stopped(void **state)
{
    Thread *th = *state;
    Runner r[THREADS] = {{0}};
    runners_start(r, THREADS, th);
    for (int i = 0; i < 50; i++) {
        atomic_store(&r[i % THREADS].sleepy, i % 2 == 0);
        world_stop(th);
        uint64_t counts[THREADS];
        for (int j = 0; j < THREADS; j++) {
            counts[j] = atomic_load(&r[j].count);
        }
        sched_yield();
        for (int j = 0; j < THREADS; j++) {
            assert_int_equal(counts[j], atomic_load(&r[j].count));
        }
        world_start(th);
    }
    runners_end(r, THREADS, th);
}

static long stops; /* guarded by the stopped world */
static void *stopper_main(void *arg)
{
    Runner *r = arg;
    Thread *th = rt_thread_attach(r->rt);
    for (int i = 0; i < 200; i++) {
        world_stop(th);
        stops++;
        world_start(th);
        thread_handshake(th);
        assert_true(thread_safepoint(th));
    }
    rt_thread_detach(th);
    return NULL;
}

static void one_thread_stops_the_world_at_a_time(void **state)
{
    Thread *th = *state;
    Runner r[THREADS] = {{0}};
    stops = 0;
    for (int i = 0; i < THREADS; i++) {
        r[i].rt = th->rt;
        assert_int_equal(pthread_create(&r[i].system, NULL, stopper_main, &r[i]), 0);
    }
    runners_end(r, THREADS, th);
    assert_int_equal(stops, 200 * THREADS);
}

static void with_the_gil_one_runs_and_all_get_on(void **state)
{
    Thread *th = *state;
    assert_int_equal(th->alone, 1);
    th->rt->gil = true;
    _Atomic int inside = 0;
    Runner r[THREADS] = {{0}};
    for (int i = 0; i < THREADS; i++) {
        r[i].inside = &inside;
        runner_start(&r[i], th);
    }
    for (int i = 0; i < THREADS; i++) {
        runner_wait(&r[i], th);
        assert_int_equal(th->alone, 1);
        uint64_t before = atomic_load(&r[i].count); /* it goes on while we wait our turn */
        while (atomic_load(&r[i].count) == before) {
            assert_true(thread_safepoint(th));
        }
        atomic_store(&r[i].sleepy, true);
    }
    runners_end(r, THREADS, th);
    for (int i = 0; i < THREADS; i++) {
        assert_false(r[i].met);
    }
    assert_int_equal(th->alone, 1);
    th->rt->gil = false;
}

static void *come_and_go(void *arg)
{
    Runner *r = arg;
    for (int i = 0; i < 100; i++) {
        Thread *th = rt_thread_attach(r->rt);
        runner_step(r, th);
        assert_true(thread_safepoint(th));
        rt_thread_detach(th);
    }
    return NULL;
}

static void threads_come_and_go(void **state)
{
    Thread *th = *state;
    Runner r[2 * THREADS] = {{0}};
    for (int i = 0; i < 2 * THREADS; i++) {
        r[i].rt = th->rt;
        r[i].sleepy = i % 2 == 0;
        assert_int_equal(pthread_create(&r[i].system, NULL, come_and_go, &r[i]), 0);
    }
    for (int i = 0; i < 100; i++) {
        assert_true(thread_safepoint(th));
        world_stop(th);
        world_start(th);
        thread_handshake(th);
    }
    runners_end(r, 2 * THREADS, th);
    for (int i = 0; i < 2 * THREADS; i++) {
        assert_int_equal(r[i].count, 100);
    }
    assert_int_equal(th->alone, 1);
}

/* With the help of the ticker: the only one that runs for some time is alone again, though others exist. */
static void who_runs_by_itself_is_alone_again(void **state)
{
    Thread *th = *state;
    Runner r = {0};
    runners_start(&r, 1, th);
    assert_int_equal(th->alone, 0);
    atomic_store(&r.sleepy, true);
    atomic_store(&r.naps, true);
    uint32_t patience = 0;
    for (int i = 0; i < 3; i++) {
        while (th->alone == 0) { /* hangs if nobody tells us */
            assert_true(thread_safepoint(th));
        }
        atomic_store(&r.naps, false); /* it comes back soon after */
        while (th->alone != 0) {
            assert_true(thread_safepoint(th));
        }
        atomic_store(&r.naps, true);
        uint32_t now = atomic_load(&th->rt->ticker.patience_ticks);
        assert_true(now >= 2);
        patience = now > patience ? now : patience;
    }
    assert_true(patience <= 200);
    atomic_store(&r.naps, false);
    runners_end(&r, 1, th);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_poll_poisons_and_a_safepoint_heals),
        cmocka_unit_test(the_hook_gets_what_needs_python_only),
        cmocka_unit_test(native_loops_poll),
        cmocka_unit_test(a_starting_thread_ends_being_alone),
        cmocka_unit_test(a_parked_holder_loses_it),
        cmocka_unit_test(parked_threads_keep_being_alone_where_nobody_asks),
        cmocka_unit_test(a_handshake_waits_for_everybody),
        cmocka_unit_test(nobody_runs_while_the_world_is_stopped),
        cmocka_unit_test(one_thread_stops_the_world_at_a_time),
        cmocka_unit_test(with_the_gil_one_runs_and_all_get_on),
        cmocka_unit_test(threads_come_and_go),
        cmocka_unit_test(who_runs_by_itself_is_alone_again),
    };
    return cmocka_run_group_tests(tests, runtime_setup, runtime_teardown);
}
