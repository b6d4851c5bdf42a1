/*
 * Byte lock: nothing is locked with one thread; mutual exclusion, sleeping and waking with several;
 * a waiter that has slept long gets the lock even while another thread hammers it.
 */
#include "tests/runtime/cases.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "runtime/epoch.h"
#include "runtime/lock.h"
#include "runtime/memory.h"
#include "runtime/safepoint_internal.h"

static void test_one_thread_locks_nothing(void **state)
{
    Thread *th = *state;
    Object *o = rt_object_new(th, TYPE_OBJECT, sizeof *o);
    object_lock(th, o);
    assert_int_equal(atomic_load(&o->lock), 0);
    object_unlock(th, o);
    object_lock_two(th, o, o);
    object_unlock_two(th, o, o);
    assert_int_equal(atomic_load(&o->lock), 0);
    rt_decref(th, value_from_object(o));
}

enum { THREADS = 4, ROUNDS = 30000 };

typedef struct Shared {
    Runtime *rt;
    Object *a, *b;
    long counter; /* guarded by a's lock */
    _Atomic bool stop;
    _Atomic int sleepers_done;
} Shared;

static void *count_thread(void *arg)
{
    Shared *s = arg;
    Thread *th = rt_thread_attach(s->rt);
    for (int i = 0; i < ROUNDS; i++) {
        bool both = i % 16 == 0;
        if (both) { /* in either order: no deadlock */
            object_lock_two(th, i % 32 == 0 ? s->a : s->b, i % 32 == 0 ? s->b : s->a);
        } else {
            object_lock(th, s->a);
        }
        long seen = s->counter;
        if (i % 256 == 0) {
            sched_yield(); /* others must sleep meanwhile */
        }
        s->counter = seen + 1;
        if (both) {
            object_unlock_two(th, s->a, s->b);
        } else {
            object_unlock(th, s->a);
        }
    }
    rt_thread_detach(th);
    return NULL;
}

static void test_mutual_exclusion(void **state)
{
    Thread *th = *state;
    Shared s = {.rt = th->rt,
                .a = rt_object_new(th, TYPE_OBJECT, sizeof(Object)),
                .b = rt_object_new(th, TYPE_OBJECT, sizeof(Object))};
    rt_publish(th, s.a);
    rt_publish(th, s.b);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, count_thread, &s), 0);
    }
    epoch_park(th);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    epoch_unpark(th);
    assert_int_equal(s.counter, THREADS * ROUNDS);
    assert_int_equal(atomic_load(&s.a->lock), 0);
    assert_int_equal(atomic_load(&s.b->lock), 0);
    rt_decref(th, value_from_object(s.a));
    rt_decref(th, value_from_object(s.b));
}

/* As machine code does it: one instruction each, the rest outside. */
static void *count_quick_thread(void *arg)
{
    Shared *s = arg;
    Thread *th = rt_thread_attach(s->rt);
    for (int i = 0; i < ROUNDS; i++) {
        bool quick = i % 3 != 0;
        if (!quick) {
            object_lock(th, s->a);
        } else if (!object_lock_quick(s->a)) {
            object_lock_slow(th, s->a);
        }
        long seen = s->counter;
        if (i % 256 == 0) {
            sched_yield(); /* others must sleep meanwhile */
        }
        s->counter = seen + 1;
        if (!quick) {
            object_unlock(th, s->a);
        } else if (!object_unlock_quick(s->a)) {
            object_wake_waiters(th, s->a);
        }
    }
    rt_thread_detach(th);
    return NULL;
}

static void test_mutual_exclusion_of_machine_code(void **state)
{
    Thread *th = *state;
    Shared s = {.rt = th->rt, .a = rt_object_new(th, TYPE_OBJECT, sizeof(Object))};
    rt_publish(th, s.a);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, count_quick_thread, &s), 0);
    }
    epoch_park(th);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL); /* hangs if a sleeper is forgotten */
    }
    epoch_unpark(th);
    assert_int_equal(s.counter, THREADS * ROUNDS);
    assert_int_equal(atomic_load(&s.a->lock), 0);
    rt_decref(th, value_from_object(s.a));
}

/* Takes the lock again as soon as it has let it go, and holds it for long. */
static void *greedy_thread(void *arg)
{
    Shared *s = arg;
    Thread *th = rt_thread_attach(s->rt);
    while (!atomic_load(&s->stop)) {
        object_lock(th, s->a);
        struct timespec pause = {0, 300 * 1000};
        nanosleep(&pause, NULL);
        object_unlock(th, s->a);
    }
    rt_thread_detach(th);
    return NULL;
}

static void *patient_thread(void *arg)
{
    Shared *s = arg;
    Thread *th = rt_thread_attach(s->rt);
    for (int i = 0; i < 20; i++) {
        object_lock(th, s->a);
        s->counter++;
        object_unlock(th, s->a);
    }
    atomic_fetch_add(&s->sleepers_done, 1);
    rt_thread_detach(th);
    return NULL;
}

static void test_nobody_starves(void **state)
{
    Thread *th = *state;
    Shared s = {.rt = th->rt, .a = rt_object_new(th, TYPE_OBJECT, sizeof(Object))};
    rt_publish(th, s.a);
    pthread_t greedy[2], patient[2];
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&greedy[i], NULL, greedy_thread, &s), 0);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&patient[i], NULL, patient_thread, &s), 0);
    }
    epoch_park(th);
    for (int i = 0; i < 2; i++) {
        pthread_join(patient[i], NULL); /* hangs if they starve */
    }
    atomic_store(&s.stop, true);
    for (int i = 0; i < 2; i++) {
        pthread_join(greedy[i], NULL);
    }
    epoch_unpark(th);
    assert_int_equal(s.sleepers_done, 2);
    assert_int_equal(s.counter, 40);
    assert_int_equal(atomic_load(&s.a->lock), 0);
    rt_decref(th, value_from_object(s.a));
}

static void *sleeper_thread(void *arg)
{
    Shared *s = arg;
    Thread *th = rt_thread_attach(s->rt);
    object_lock(th, s->a);
    atomic_fetch_add(&s->sleepers_done, 1);
    object_unlock(th, s->a);
    rt_thread_detach(th);
    return NULL;
}

static void count_drop(Thread *th, void *p)
{
    (void)th;
    ++*(int *)p;
}

static bool asleep(const Thread *th)
{
    bool found = false;
    threads_lock(th->rt);
    for (const Thread *t = th->rt->threads; t != NULL; t = t->next) {
        uint64_t epoch = thread_epoch(t);
        found = found || (t != th && (epoch & EPOCH_STOPPED) != 0 && !epoch_is_parked(epoch));
    }
    threads_unlock(th->rt);
    return found;
}

/* Who sleeps for a lock does not run: the world can be stopped; but it keeps what it has borrowed. */
static void test_sleepers_stop_but_are_not_quiescent(void **state)
{
    Thread *th = *state;
    Shared s = {.rt = th->rt, .a = rt_object_new(th, TYPE_OBJECT, sizeof(Object))};
    rt_publish(th, s.a);
    thread_share(th);
    object_lock(th, s.a);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, sleeper_thread, &s), 0);
    while (!asleep(th)) {
        sched_yield();
    }
    int dropped = 0;
    epoch_retire(th, &dropped, 1, count_drop);
    world_stop(th); /* hangs if it waits for the sleeper */
    world_start(th);
    epoch_quiescent(th);
    assert_int_equal(dropped, 0);
    world_stop(th);
    object_unlock(th, s.a); /* woken while the world is stopped, it does not go on */
    for (int i = 0; i < 100; i++) {
        sched_yield();
        assert_int_equal(s.sleepers_done, 0);
    }
    world_start(th);
    epoch_park(th);
    pthread_join(thread, NULL);
    epoch_unpark(th);
    assert_int_equal(s.sleepers_done, 1);
    epoch_quiescent(th);
    assert_int_equal(dropped, 1);
    rt_decref(th, value_from_object(s.a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_thread_locks_nothing),
        cmocka_unit_test(test_mutual_exclusion),
        cmocka_unit_test(test_mutual_exclusion_of_machine_code),
        cmocka_unit_test(test_nobody_starves),
        cmocka_unit_test(test_sleepers_stop_but_are_not_quiescent),
    };
    return cmocka_run_group_tests(tests, runtime_setup, runtime_teardown);
}
