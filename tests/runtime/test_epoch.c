/*
 * Epochs: what is retired is dropped at once with one thread or while the others are parked, and
 * otherwise not before every running thread has passed a quiescent point.
 */
#include "tests/runtime/cases.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "runtime/containers.h"
#include "runtime/epoch.h"
#include "runtime/memory.h"
#include "runtime/safepoint_internal.h"

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
    assert_int_equal(dropped, 0); /* in the bag; nobody has looked around */
    epoch_quiescent(th);
    assert_int_equal(dropped, 1);
    partner_do(&p, STEP_UNPARK);
    epoch_retire(th, &dropped, 1, drop_counted);
    epoch_quiescent(th);
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
    assert_int_equal(dropped, 0); /* a retire never waits for memory's sake */
    assert_true((th->poll & POLL_EPOCH) != 0);
    assert_true(thread_safepoint(th));
    assert_int_equal(dropped, 1); /* waited for the partner */
    epoch_drain(th);              /* no bag is left */
    rt_alloc_fail_at(1, true);
    epoch_retire(th, &dropped, 1, drop_counted);
    rt_alloc_fail_at(0, false);
    assert_int_equal(dropped, 2);
    atomic_store(&p.step, STEP_END);
    epoch_park(th);
    pthread_join(p.thread, NULL);
    epoch_unpark(th);
}

static bool others_are_running(const Thread *th)
{
    bool found = false;
    threads_lock(th->rt);
    for (const Thread *t = th->rt->threads; t != NULL; t = t->next) {
        found = found || (t != th && (thread_epoch(t) & EPOCH_STOPPED) == 0);
    }
    threads_unlock(th->rt);
    return found;
}

/* ---- many threads ------------------------------------------------------------------------------------------- */

enum { THREADS = 4, RETIRES = 20000, SLOTS = 64 };

/* Leaves that are read without a count by everybody, and retired by whoever replaces one. */
typedef struct Leaf {
    uint64_t alive;
} Leaf;
enum { ALIVE = 0x600D, DEAD = 0xDEAD };

typedef struct Crowd {
    Runtime *rt;
    Leaf *_Atomic slots[SLOTS];
    _Atomic long made, dropped, corpses;
    _Atomic int running;
} Crowd;
static Crowd crowd;

static void drop_leaf(Thread *th, void *p)
{
    (void)th;
    Leaf *c = p;
    c->alive = DEAD;
    free(c);
    atomic_fetch_add(&crowd.dropped, 1);
}

static Leaf *leaf_new(void)
{
    Leaf *c = malloc(sizeof *c);
    c->alive = ALIVE;
    atomic_fetch_add(&crowd.made, 1);
    return c;
}

static void crowd_step(Thread *th, uint64_t *random, size_t size_bytes)
{
    Leaf *seen =
        atomic_load_explicit(&crowd.slots[random_word(random) % SLOTS], memory_order_acquire);
    Leaf *old = atomic_exchange_explicit(&crowd.slots[random_word(random) % SLOTS], leaf_new(),
                                         memory_order_acq_rel);
    epoch_retire(th, old, size_bytes, drop_leaf);
    if (th->alone == 0 && seen->alive != ALIVE) { /* borrowed until our next quiescent point */
        atomic_fetch_add(&crowd.corpses, 1);
    }
    if (atomic_load_explicit(&th->poll, memory_order_relaxed) != 0) {
        assert_true(thread_safepoint(th));
    }
}

static void *crowd_main(void *arg)
{
    uint64_t random = (uint64_t)(uintptr_t)arg * 0x9E3779B97F4A7C15u + 1;
    Thread *th = rt_thread_attach(crowd.rt);
    atomic_fetch_add(&crowd.running, 1);
    for (int i = 0; i < RETIRES; i++) {
        crowd_step(th, &random,
                   (uintptr_t)arg == 1 ? 4096 : 24); /* one meets the bounds all the time */
        if (i % 1000 == 999) {
            epoch_park(th);
            sched_yield();
            epoch_unpark(th);
        }
    }
    rt_thread_detach(th);
    atomic_fetch_sub(&crowd.running, 1);
    return NULL;
}

static void nothing_is_dropped_that_is_read(void **state)
{
    Thread *th = *state;
    crowd.rt = th->rt;
    for (int i = 0; i < SLOTS; i++) {
        atomic_store(&crowd.slots[i], leaf_new());
    }
    thread_share(th);
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, crowd_main, (void *)i), 0);
    }
    uint64_t random = 99;
    do {
        crowd_step(th, &random, 24);
    } while (atomic_load(&crowd.running) != 0);
    epoch_park(th);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    epoch_unpark(th);
    assert_int_equal(crowd.corpses, 0);
    epoch_drain(th); /* ours, and what the others have left */
    assert_int_equal(crowd.made - crowd.dropped, SLOTS);
    for (int i = 0; i < SLOTS; i++) {
        free(crowd.slots[i]);
    }
}

static void *retire_and_leave(void *arg)
{
    Partner *p = arg;
    Thread *th = rt_thread_attach(p->rt);
    epoch_retire(th, &p->ready, 1, drop_counted);
    if (p->step == STEP_PARK) {
        epoch_park(th);
        while (atomic_load(&p->step) != STEP_END) {
            sched_yield();
        }
        epoch_unpark(th);
    }
    rt_thread_detach(th);
    return NULL;
}

/* What a thread has retired that ended, or is parked for long, is dropped by who runs, with the ticker's help. */
static void what_others_left_is_swept_up(void **state)
{
    Thread *th = *state;
    static const Step how[] = {STEP_END, STEP_PARK};
    for (size_t i = 0; i < sizeof how / sizeof *how; i++) {
        Partner p = {.rt = th->rt, .step = how[i]};
        Partner bystander;
        partner_start(&bystander, th);
        partner_do(&bystander, STEP_PARK);
        assert_int_equal(pthread_create(&p.thread, NULL, retire_and_leave, &p), 0);
        while (!atomic_load(&p.ready)) { /* hangs if nobody sweeps */
            assert_true(thread_safepoint(th));
            sched_yield();
        }
        atomic_store(&p.step, STEP_END);
        thread_share(th);
        partner_do(&bystander, STEP_UNPARK);
        partner_end(&bystander);
        pthread_join(p.thread, NULL);
    }
}

static void *keep_retiring(void *arg)
{
    Partner *p = arg;
    Thread *th = rt_thread_attach(p->rt);
    static _Atomic int ignored;
    while (atomic_load(&p->step) != STEP_END) {
        epoch_retire(th, &ignored, 1 << 20, drop_counted);
        uint32_t bytes = atomic_fetch_add(&p->polls, 1) + 1;
        if (atomic_load(&th->poll) != 0) {
            assert_true(thread_safepoint(th));
            atomic_store(&p->polls, 0);
        }
        assert_true(bytes < 32);
    }
    atomic_store(&p->ready, true);
    rt_thread_detach(th);
    return NULL;
}

/* A writer does not get far ahead of a reader that comes to no safepoint: it stands still at the hard limit. */
static void a_writer_waits_for_a_slow_reader(void **state)
{
    Thread *th = *state;
    thread_share(th);
    Partner p = {.rt = th->rt};
    assert_int_equal(pthread_create(&p.thread, NULL, keep_retiring, &p), 0);
    while ((atomic_load(&th->poll) & POLL_EPOCH) == 0) {
        sched_yield();
    }
    while (others_are_running(th)) { /* until it has parked, waiting for us */
        sched_yield();
    }
    atomic_store(&p.step, STEP_END);
    while (!atomic_load(&p.ready)) {
        assert_true(thread_safepoint(th));
        sched_yield();
    }
    epoch_park(th);
    pthread_join(p.thread, NULL);
    epoch_unpark(th);
}

/* ---- finalizers --------------------------------------------------------------------------------------------- */

typedef struct Final {
    Object header;
    _Atomic int *closed;
} Final;
enum { TYPE_FINAL = TYPE_USER_FIRST - 1 };

static void final_finalize(Thread *th, Object *o)
{
    (void)th;
    atomic_fetch_add(((Final *)o)->closed, 1);
}
static Type final_type = {
    .id = TYPE_FINAL,
    .flags = TYPE_FLAG_FINALIZER,
    .name = "final",
    .size_bytes = sizeof(Final),
    .finalize = final_finalize,
};

static Value final_new(Thread *th, _Atomic int *closed)
{
    Final *f = rt_object_new(th, TYPE_FINAL, sizeof *f);
    f->closed = closed;
    return value_from_object(f);
}

enum { FINALS = 200 };
typedef struct Busy {
    Partner partner;
    Value list; /* filled by another thread with objects of its own */
    _Atomic int filled, closed[FINALS];
    bool sleepy;
} Busy;

/* Comes to safepoints only; fills a list with objects that it owns, first. */
static void *busy_main(void *arg)
{
    Busy *b = arg;
    Thread *th = rt_thread_attach(b->partner.rt);
    for (int i = 0; b->list != VALUE_ABSENT && i < FINALS; i++) {
        Value f = final_new(th, &b->closed[i]);
        assert_true(list_append(th, b->list, f));
        rt_decref(th, f);
    }
    atomic_store(&b->filled, 1);
    while (atomic_load(&b->partner.step) != STEP_END) {
        if (b->sleepy) {
            epoch_park(th);
            sched_yield();
            epoch_unpark(th);
        }
        if (atomic_load(&th->poll) != 0) {
            assert_true(thread_safepoint(th));
        }
    }
    rt_thread_detach(th);
    return NULL;
}

static void finalizers_run_before_the_next_line(void **state)
{
    Thread *th = *state;
    thread_share(th);
    Value list = list_new(th, NULL, 0);
    rt_publish(th, value_object(list));
    Busy busy[3] = {{.list = list}, {.list = VALUE_ABSENT}, {.list = VALUE_ABSENT, .sleepy = true}};
    busy[0].sleepy = (uintptr_t)th->rt % 2 == 0;
    for (int i = 0; i < 3; i++) {
        busy[i].partner.rt = th->rt;
        assert_int_equal(pthread_create(&busy[i].partner.thread, NULL, busy_main, &busy[i]), 0);
    }
    for (int i = 0; i < 3; i++) {
        while (!atomic_load(&busy[i].filled)) {
            assert_true(thread_safepoint(th));
            sched_yield();
        }
    }
    assert_int_equal(th->alone, 0);
    for (int i = 0; i < FINALS; i++) { /* another thread's counts */
        assert_int_equal(busy[0].closed[i], 0);
        assert_true(list_set(th, list, i, VALUE_NONE));
        assert_int_equal(busy[0].closed[i], 1);
    }
    for (int i = 0; i < FINALS; i++) { /* our own; a second reference keeps it */
        _Atomic int closed = 0;
        Value f = final_new(th, &closed);
        assert_true(list_set(th, list, i, f));
        rt_decref(th, f);
        Value g = i % 2 == 0 ? list_get(th, list, i) : VALUE_ABSENT;
        assert_true(list_set(th, list, i, VALUE_NONE));
        assert_int_equal(closed, g == VALUE_ABSENT ? 1 : 0);
        rt_xdecref(th, g); /* this one may be late: it is retired nowhere */
        while (atomic_load(&closed) == 0) {
            assert_true(thread_safepoint(th));
        }
    }
    epoch_park(th);
    for (int i = 0; i < 3; i++) {
        atomic_store(&busy[i].partner.step, STEP_END);
        pthread_join(busy[i].partner.thread, NULL);
    }
    epoch_unpark(th);
    rt_decref(th, list);
}

static int setup(void **state)
{
    return runtime_setup(state) != 0 || !rt_type_ready(*state, &final_type);
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
        cmocka_unit_test(nothing_is_dropped_that_is_read),
        cmocka_unit_test(what_others_left_is_swept_up),
        cmocka_unit_test(a_writer_waits_for_a_slow_reader),
        cmocka_unit_test(finalizers_run_before_the_next_line),
    };
    return cmocka_run_group_tests(tests, setup, runtime_teardown);
}
