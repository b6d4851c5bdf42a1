/*
 * Epochs: what is retired is dropped at once with one thread or while the others are parked, and
 * otherwise not before every running thread has passed a quiescent point.
 */
#include "tests/runtime/cases.h"

#include <pthread.h>
#include <sched.h>

#include "runtime/epoch.h"
#include "runtime/memory.h"
#include "runtime/safepoint.h"

static void drop_counted(Thread *th, void *p)
{
    (void)th;
    atomic_fetch_add((_Atomic int *)p, 1);
}

static void test_one_thread_drops_at_once(void **state)
{
    Thread *th = *state;
    _Atomic int dropped = 0;
    epoch_retire(th, &dropped, 1, drop_counted);
    assert_int_equal(dropped, 1);
}

/* A second thread that does one step each time it is told to. */
typedef enum Step { STEP_NONE, STEP_QUIESCENT, STEP_PARK, STEP_UNPARK, STEP_END } Step;
typedef struct Partner {
    Runtime *rt;
    pthread_t thread;
    _Atomic Step step;
    _Atomic bool ready;
    _Atomic uint32_t polls;
} Partner;

static void *partner_main(void *arg)
{
    Partner *p = arg;
    Thread *th = rt_thread_attach(p->rt);
    atomic_store(&p->ready, true);
    for (;;) {
        Step step = atomic_load(&p->step);
        p->polls = atomic_load(&th->poll);
        switch (step) {
        case STEP_NONE: sched_yield(); continue;
        case STEP_QUIESCENT: epoch_quiescent(th); break;
        case STEP_PARK: epoch_park(th); break;
        case STEP_UNPARK: epoch_unpark(th); break;
        case STEP_END:
            rt_thread_detach(th);
            atomic_store(&p->step, STEP_NONE);
            return NULL;
        }
        atomic_store(&p->step, STEP_NONE);
    }
}

static void partner_do(Partner *p, Step step)
{
    atomic_store(&p->step, step);
    while (atomic_load(&p->step) != STEP_NONE) {
        sched_yield();
    }
}

static void partner_start(Partner *p, Thread *th)
{
    *p = (Partner){.rt = th->rt};
    thread_share(th);
    assert_int_equal(pthread_create(&p->thread, NULL, partner_main, p), 0);
    while (!atomic_load(&p->ready)) {
        sched_yield();
    }
}

static void partner_end(Partner *p)
{
    partner_do(p, STEP_END);
    pthread_join(p->thread, NULL);
}

static void test_a_running_thread_delays_the_drop(void **state)
{
    Thread *th = *state;
    Partner p;
    partner_start(&p, th);
    _Atomic int dropped = 0;
    epoch_retire(th, &dropped, 1, drop_counted);
    epoch_quiescent(th);
    assert_int_equal(dropped, 0); /* the partner may still read it */
    partner_do(&p, STEP_QUIESCENT);
    epoch_quiescent(th);
    assert_int_equal(dropped, 1);
    epoch_retire(th, &dropped, 1, drop_counted); /* a quiescent point before it does not count */
    epoch_quiescent(th);
    assert_int_equal(dropped, 1);
    partner_do(&p, STEP_QUIESCENT);
    epoch_quiescent(th);
    assert_int_equal(dropped, 2);
    partner_end(&p);
}

static void test_parked_threads_do_not_delay(void **state)
{
    Thread *th = *state;
    Partner p;
    partner_start(&p, th);
    _Atomic int dropped = 0;
    partner_do(&p, STEP_PARK);
    epoch_retire(th, &dropped, 1, drop_counted);
    assert_int_equal(dropped, 1);
    partner_do(&p, STEP_UNPARK);
    epoch_retire(th, &dropped, 1, drop_counted);
    assert_int_equal(dropped, 1);
    partner_do(&p, STEP_PARK);
    epoch_quiescent(th);
    assert_int_equal(dropped, 2);
    partner_do(&p, STEP_UNPARK);
    partner_end(&p);
}

static void test_an_ended_thread_does_not_delay(void **state)
{
    Thread *th = *state;
    Partner p;
    partner_start(&p, th);
    _Atomic int dropped = 0;
    epoch_retire(th, &dropped, 1, drop_counted);
    /* detaching drains the partner's own list; it waits for us, so we must not hold it up */
    partner_end(&p);
    epoch_drain(th);
    assert_int_equal(dropped, 1);
}

static void test_the_soft_limit_raises_polls(void **state)
{
    Thread *th = *state;
    Partner p;
    partner_start(&p, th);
    _Atomic int dropped = 0;
    epoch_retire(th, &dropped, 2 << 20, drop_counted);
    partner_do(&p, STEP_QUIESCENT);
    assert_true((p.polls & POLL_EPOCH) != 0);
    epoch_quiescent(th);
    assert_int_equal(dropped, 1);
    partner_end(&p);
}

static void *quiescent_loop(void *arg)
{
    Partner *p = arg;
    Thread *th = rt_thread_attach(p->rt);
    atomic_store(&p->ready, true);
    while (atomic_load(&p->step) != STEP_END) {
        epoch_quiescent(th);
        sched_yield();
    }
    rt_thread_detach(th);
    return NULL;
}

static void test_waiting_at_the_hard_limit_and_without_memory(void **state)
{
    Thread *th = *state;
    Partner p = {.rt = th->rt};
    thread_share(th);
    assert_int_equal(pthread_create(&p.thread, NULL, quiescent_loop, &p), 0);
    while (!atomic_load(&p.ready)) {
        sched_yield();
    }
    _Atomic int dropped = 0;
    epoch_retire(th, &dropped, (size_t)64 << 20, drop_counted);
    assert_int_equal(dropped, 1); /* waited for the partner */
    rt_alloc_fail_at(1, true);
    epoch_retire(th, &dropped, 1, drop_counted);
    rt_alloc_fail_at(0, false);
    assert_int_equal(dropped, 2);
    atomic_store(&p.step, STEP_END);
    epoch_park(th);
    pthread_join(p.thread, NULL);
    epoch_unpark(th);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_thread_drops_at_once),
        cmocka_unit_test(test_a_running_thread_delays_the_drop),
        cmocka_unit_test(test_parked_threads_do_not_delay),
        cmocka_unit_test(test_an_ended_thread_does_not_delay),
        cmocka_unit_test(test_the_soft_limit_raises_polls),
        cmocka_unit_test(test_waiting_at_the_hard_limit_and_without_memory),
    };
    return cmocka_run_group_tests(tests, runtime_setup, runtime_teardown);
}
