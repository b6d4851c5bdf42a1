/*
 * Traces in several threads: each program's worker(k) runs in THREADS threads at once, with the machine
 * code and with the portable executor, calmly and with every second run of a trace invalidating it (freed
 * code traps).  Results must be right; no place may have two traces of one form; a trace that is
 * published grows from published ones; what was retired is freed but for a few.  Under TSan the portable
 * executor only: it does not see machine code.
 */
#include "tests/interp/support.h"

#include <pthread.h>
#include <sched.h>

#include "interp/jit/recorder.h"
#include "runtime/epoch.h"
#include "runtime/memory.h"
#include "runtime/natives.h"
#include "runtime/safepoint.h"

/* Functions and the dict of their module form cycles. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void) { return 1; }

enum { THREADS = 3, ROUNDS = 12 };

static const struct {
    const char *what, *source;
} programs[] = {
    {"one loop, one head",
     "def worker(k):\n    s = 0\n    for i in range(3000):\n        s += i & 7\n"
     "    return s == 10500\n"},
    {"side traces of one tree",
     "def worker(k):\n    a = b = c = 0\n    for i in range(4000):\n        if i % 3 == 0:\n"
     "            a += 1\n        elif i % 7 == k:\n            b += 1\n        else:\n"
     "            c += i & 1\n    return a == 1334 and a + b + c > 2000\n"},
    {"loops in loops, links",
     "def worker(k):\n    n = 0\n    for i in range(60):\n        j = 0\n        while j < 40:\n"
     "            j += 1\n            if j % 5 == 0:\n                n += 1\n"
     "        n += j\n    return n == 60 * 48\n"},
    {"calls of traces",
     "def fib(n):\n    if n < 2:\n        return n\n    return fib(n - 1) + fib(n - 2)\n"
     "def worker(k):\n    return fib(15) == 610\n"},
    {"a trace that is left in a called function",
     "def f(n, d):\n    t = 0\n    for i in range(n):\n        t += i\n    if d == 0:\n        "
     "return t\n"
     "    return f(n, d - 1) + f(20, 0)\n"
     "def worker(k):\n    s = 0\n    for i in range(30):\n        s += f(25, 3)\n"
     "    return s == 30 * (300 + 3 * 190)\n"},
    {"lists of one's own and of all",
     "shared = [float(i) for i in range(50)]\n"
     "def worker(k):\n    mine = []\n    for r in range(20):\n        for i in range(50):\n"
     "            mine.append(shared[i] * 2.0)\n            mine[-1] += 1.0\n"
     "    return sum(mine) == 20 * (2 * 1225 + 50)\n"},
    {"exceptions out of traces",
     "def g(i):\n    if i % 50 == 7:\n        raise ValueError(i)\n    return i\n"
     "def worker(k):\n    bad = s = 0\n    for i in range(1000):\n        try:\n"
     "            s += g(i)\n        except ValueError:\n            bad += 1\n"
     "    return bad == 20\n"},
    {"Python below a native that a trace called",
     "def key(x):\n    s = 0\n    for i in range(x % 9 + 20):\n        s += i\n    return -x\n"
     "def worker(k):\n    n = 0\n    for i in range(40):\n"
     "        n += sorted([i, 5, 7], key=key)[0] >= i\n    return n == 40\n"},
};

static Thread *start(JitMode mode, uint32_t stress)
{
    static char name[] = "test";
    static char *argv[] = {name};
    const char *why = NULL;
    JitConfig config = {.mode = mode,
                        .threshold = stress != 0 ? 3 : 17,
                        .exit_threshold = 3,
                        .memory_bytes = 16 << 20,
                        .optimize = true,
                        .validate = true,
                        .stress_invalidate = stress};
    NativeConfig natives = {.argc = 1, .argv = argv, .executable = "test"};
    VmConfig vm = {.threshold = config.threshold, .jit = jit_vm()};
    Thread *th = rt_start();
    assert_non_null(th);
    assert_true(jit_start(th, &config, &why) && natives_init(th, &natives) && vm_init(th, &vm));
    return th;
}

static void stop(Thread *th)
{
    jit_stop(th);
    vm_done(th);
    rt_stop(th);
}

typedef struct Worker {
    Runtime *rt;
    Value function;
    int k;
    bool ok;
    pthread_barrier_t *barrier;
    _Atomic int *running;
} Worker;

static void *work(void *argument)
{
    Worker *w = argument;
    Thread *th = rt_thread_attach(w->rt);
    if (th == NULL || !vm_thread_started(th)) {
        return NULL;
    }
    epoch_park(th);
    pthread_barrier_wait(w->barrier);
    epoch_unpark(th);
    w->ok = call_again(th, w->function, w->k, ROUNDS);
    vm_thread_ended(th);
    rt_thread_detach(th);
    atomic_fetch_sub(w->running, 1);
    return NULL;
}

/* th runs, too, so that no worker is ever alone. */
static bool run_workers(Thread *th, Value worker)
{
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, THREADS);
    pthread_t ids[THREADS];
    Worker workers[THREADS];
    _Atomic int running = THREADS;
    bool ok = true;
    thread_share(th);
    for (int k = 0; k < THREADS; k++) {
        workers[k] = (Worker){th->rt, worker, k, false, &barrier, &running};
        assert_int_equal(pthread_create(&ids[k], NULL, work, &workers[k]), 0);
    }
    while (atomic_load(&running) > 0) {
        assert_true(thread_safepoint(th));
        sched_yield();
    }
    epoch_park(th);
    for (int k = 0; k < THREADS; k++) {
        pthread_join(ids[k], NULL);
        ok = ok && workers[k].ok;
    }
    epoch_unpark(th);
    pthread_barrier_destroy(&barrier);
    return ok;
}

/* Nobody but th runs. */
static void check_traces(Thread *th)
{
    for (uint32_t i = 1; i <= jit_trace_count(th); i++) {
        const JitTrace *t = jit_trace(th, i);
        if (t == NULL || t->state != JIT_PUBLISHED) {
            continue;
        }
        assert_int_equal(t->shared, t->ir->shared);
        if (t->parent != IR_NONE) {
            const JitTrace *parent = jit_trace(th, t->parent);
            assert_non_null(parent);
            assert_int_equal(parent->state, JIT_PUBLISHED);
            assert_int_equal(parent->shared, t->shared);
            assert_int_equal(parent->exits[t->parent_exit].side, i);
            assert_int_equal(parent->exits[t->parent_exit].recorder, 0);
        } else {
            assert_ptr_equal(jit_trace_at(t->code, t->pc, t->shared), t);
        }
        if (t->link != IR_NONE && !t->link_cut) {
            assert_non_null(jit_trace(th, t->link));
            assert_int_equal(jit_trace(th, t->link)->state, JIT_PUBLISHED);
            assert_int_equal(jit_trace(th, t->link)->shared, t->shared);
        }
    }
}

static void run_programs(JitMode mode, uint32_t stress)
{
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        Thread *th = start(mode, stress);
        Value worker = run_for(th, programs[i].source, "worker");
        rt_publish(th, value_object(worker));
        bool ok = run_workers(th, worker);
        if (!ok) {
            print_message("%s: a worker failed\n", programs[i].what);
        }
        assert_true(ok);
        check_traces(th);
        JitStats s;
        jit_stats(th, &s);
        if (s.shared_traces == 0) {
            char *text = jit_stats_text(th);
            print_message("%s: no trace of the shared form\n%s", programs[i].what, text);
            rt_free(text);
        }
        assert_true(s.shared_traces > 0);
        assert_true(s.entries > 0);
        if (stress != 0) {
            assert_true(s.retired > 0);
            jit_reclaim(jit_of(th), true);
            jit_stats(th, &s);
            assert_int_equal(s.freed, s.retired); /* nobody is inside */
        }
        /* alone again: traces of the other form, beside */
        Value k = value_from_small_int(1);
        for (int r = 0; r < 4; r++) {
            assert_true(vm_call(th, worker, &k, 1, VALUE_ABSENT) == VALUE_TRUE);
        }
        check_traces(th);
        rt_decref(th, worker);
        stop(th);
    }
}

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UNDER_TSAN 1
#endif
#endif

static void test_machine_code(void **state)
{
    (void)state;
#ifndef UNDER_TSAN
    run_programs(JIT_NATIVE, 0);
#endif
}

static void test_machine_code_invalidated(void **state)
{
    (void)state;
#ifndef UNDER_TSAN
    run_programs(JIT_NATIVE, 2);
#endif
}

static void test_portable(void **state)
{
    (void)state;
    run_programs(JIT_PORTABLE, 0);
}

static void test_portable_invalidated(void **state)
{
    (void)state;
    run_programs(JIT_PORTABLE, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_machine_code),
        cmocka_unit_test(test_machine_code_invalidated),
        cmocka_unit_test(test_portable),
        cmocka_unit_test(test_portable_invalidated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
