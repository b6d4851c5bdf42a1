/*
 * Stress: threads, probes, and the search for an order that explains a history. See stress.h.
 */
#include "tests/runtime/stress.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/epoch.h"
#include "runtime/memory.h"
#include "runtime/safepoint.h"

enum { TYPE_STRESS_PROBE = TYPE_USER_FIRST - 3, SEEN_SLOTS = 1 << 14 };
#define PROBE_ALIVE 0x50726F6265u

typedef struct StressProbe {
    Object header;
    _Atomic uint64_t state; /* PROBE_ALIVE until it is finalized */
    int64_t number;
} StressProbe;

static uint64_t seed_state;
static _Atomic int64_t probes_made, probes_freed;
static _Atomic uint64_t clock_now;

void stress_failed(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    abort();
}

static void probe_finalize(Thread *th, Object *o)
{
    (void)th;
    if (atomic_exchange(&((StressProbe *)o)->state, 0) != PROBE_ALIVE) {
        fail_msg("a probe was freed twice");
    }
    atomic_fetch_add(&probes_freed, 1);
}

static Type probe_type = {
    .id = TYPE_STRESS_PROBE,
    .name = "StressProbe",
    .size_bytes = sizeof(StressProbe),
    .finalize = probe_finalize,
};

Value stress_probe(Thread *th, int64_t number)
{
    StressProbe *p = rt_object_new(th, TYPE_STRESS_PROBE, sizeof *p);
    assert_non_null(p);
    p->number = number;
    atomic_store(&p->state, PROBE_ALIVE);
    atomic_fetch_add(&probes_made, 1);
    return value_from_object(p);
}

int64_t stress_number(Value probe)
{
    const StressProbe *p = (const StressProbe *)value_object(probe);
    if (!value_has_type(probe, TYPE_STRESS_PROBE) || atomic_load(&p->state) != PROBE_ALIVE) {
        fail_msg("a dead probe was read");
    }
    return p->number;
}

void stress_assert_all_freed(Thread *th)
{
    epoch_quiescent(th);
    epoch_drain(th);
    epoch_quiescent(th);
    assert_int_equal(atomic_load(&probes_freed), atomic_load(&probes_made));
}

Value stress_shared(Thread *th, Value v)
{
    if ((value_object(v)->flags & OBJECT_PRIVATE) != 0) {
        rt_publish(th, value_object(v));
    }
    assert_null(rt_check_published(value_object(v)));
    return v;
}

int stress_thread_count(void) { return 2 + (int)(random_word(&seed_state) % 7); }

static void *worker_main(void *arg)
{
    Worker *w = arg;
    w->th = rt_thread_attach(w->stress->th->rt);
    assert_non_null(w->th);
    stress_start_together(w);
    w->stress->body(w);
    assert_int_equal(w->th->exception, VALUE_ABSENT);
    rt_thread_detach(w->th);
    return NULL;
}

void stress_run(Thread *th, int threads, void (*body)(Worker *w), void *arg)
{
    Stress s = {.th = th, .threads = threads, .body = body, .arg = arg};
    Worker workers[STRESS_THREADS_MAX];
    pthread_barrier_init(&s.barrier, NULL, (unsigned)threads);
    epoch_park(th);
    for (int i = 0; i < threads; i++) {
        workers[i] = (Worker){.stress = &s, .number = i, .random = random_word(&seed_state) | 1};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, worker_main, &workers[i]), 0);
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
    }
    epoch_unpark(th);
    pthread_barrier_destroy(&s.barrier);
}

uint64_t stress_random(Worker *w, uint64_t n) { return (random_word(&w->random) >> 16) % n; }

void stress_pause(Worker *w)
{
    if (atomic_load(&w->th->poll) != 0) {
        assert_true(thread_safepoint(w->th));
    }
    if (stress_random(w, 64) == 0) {
        epoch_park(w->th);
        epoch_unpark(w->th);
    }
}

void stress_meet(Worker *w)
{
    epoch_park(w->th);
    pthread_barrier_wait(&w->stress->barrier);
    epoch_unpark(w->th);
}

void stress_start_together(Worker *w)
{
    stress_meet(w);
    Stress *s = w->stress;
    int64_t arrived = atomic_fetch_add(&s->arrived, 1) + 1;
    int64_t all = (arrived + s->threads - 1) / s->threads * s->threads;
    for (int spins = 1; atomic_load(&s->arrived) < all; spins++) {
        if (atomic_load(&w->th->poll) != 0) {
            assert_true(thread_safepoint(w->th));
        }
        if (spins % 256 == 0) {
            sched_yield();
        }
    }
}

uint64_t stress_now(void) { return atomic_fetch_add(&clock_now, 1); }

/* The search: which operations are done, in which state; a pair that failed once is not tried again. */
typedef struct Search {
    const StressHistory *history;
    StressApply apply;
    uint64_t seen[SEEN_SLOTS]; /* hashes of (done, state) that led nowhere */
} Search;

static uint64_t search_hash(uint32_t done, const StressModel *m)
{
    uint64_t h = (done * (uint64_t)64 + (uint64_t)m->count) * 0x9E3779B97F4A7C15u;
    for (int i = 0; i < STRESS_WORDS; i++) {
        h ^= h >> 29; /* before each word: a small one must not undo another */
        h = (h ^ (uint64_t)m->words[i]) * 0xD6E8FEB86659FD93u;
    }
    return h | 1;
}

/* May operation i come next: has every other one that is not done started before i ended? */
static bool may_be_next(const StressHistory *h, uint32_t done, int i)
{
    for (int j = 0; j < h->count; j++) {
        if ((done >> j & 1) == 0 && j != i && h->ops[j].end < h->ops[i].start) {
            return false;
        }
    }
    return true;
}

static bool search(Search *s, uint32_t done, const StressModel *state)
{
    const StressHistory *h = s->history;
    if (done == (1u << h->count) - 1) {
        return true;
    }
    uint64_t hash = search_hash(done, state);
    if (s->seen[hash % SEEN_SLOTS] == hash) {
        return false;
    }
    for (int i = 0; i < h->count; i++) {
        if ((done >> i & 1) != 0 || !may_be_next(h, done, i)) {
            continue;
        }
        StressModel next = *state;
        if (s->apply(&next, &h->ops[i]) == h->ops[i].result && search(s, done | 1u << i, &next)) {
            return true;
        }
    }
    s->seen[hash % SEEN_SLOTS] = hash;
    return false;
}

void stress_assert_linear(const StressHistory *h, StressApply apply, const char *const *kinds)
{
    static Search s; /* one test at a time searches */
    memset(&s, 0, sizeof s);
    s.history = h;
    s.apply = apply;
    if (search(&s, 0, &h->start)) {
        return;
    }
    for (int i = 0; i < h->count; i++) {
        const StressOp *op = &h->ops[i];
        fprintf(stderr, "%6llu..%-6llu %s(%lld, %lld) = %lld\n", (unsigned long long)op->start,
                (unsigned long long)op->end, kinds[op->kind], (long long)op->a, (long long)op->b,
                (long long)op->result);
    }
    fail_msg("no order explains these results");
}

static int stress_setup(void **state)
{
    Thread *th = rt_start();
    *state = th;
    return th == NULL || !rt_type_ready(th, &probe_type);
}

int stress_main(const struct CMUnitTest *tests, size_t count)
{
    const char *given = getenv("ADDER_SEED");
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t seed = given != NULL ? strtoull(given, NULL, 0) : (uint64_t)now.tv_nsec;
    printf("ADDER_SEED=%llu\n", (unsigned long long)seed);
    fflush(stdout);
    seed_state = (seed + 1) * 0x9E3779B97F4A7C15u | 1;
    return _cmocka_run_group_tests("stress", tests, count, stress_setup, runtime_teardown);
}
