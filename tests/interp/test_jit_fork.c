/*
 * A fork in a process with threads that run traces: parent and child both record and publish new traces,
 * neither writes into the other's code, and what was published before runs on in both.
 *
 * The parent forks in a stopped world, as whoever offers fork to programs must.
 */
#include "tests/interp/support.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "codegen/internal.h"
#include "interp/jit/recorder.h"
#include "runtime/epoch.h"
#include "runtime/fork.h"
#include "runtime/memory.h"
#include "runtime/natives.h"
#include "runtime/safepoint.h"

/* The child leaves without an end of the runtime. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void) { return 1; }

static const char source[] =
    "def old(n):\n    s = 0\n    for i in range(n):\n        s += i & 3\n    return s\n"
    "def parent_new(n):\n    s = 1\n    for i in range(n):\n        s = (s * 5 + i) % 1009\n"
    "    return s\n"
    "def child_new(n):\n    s = 0.5\n    for i in range(n):\n        s = s * 0.5 + i\n"
    "    return s > n - 3\n";

typedef struct Worker {
    Runtime *rt;
    Value function;
    _Atomic bool ready, stop;
    bool ok;
} Worker;

static bool call(Thread *th, Value function, int64_t n, Value expected)
{
    Value v = value_from_small_int(n);
    return vm_call(th, function, &v, 1, VALUE_ABSENT) == expected;
}

static void *work(void *argument)
{
    Worker *w = argument;
    Thread *th = rt_thread_attach(w->rt);
    if (th == NULL || !vm_thread_started(th)) {
        return NULL;
    }
    w->ok = true;
    for (int i = 0; !atomic_load(&w->stop); i++) {
        w->ok &= call(th, w->function, 2000, value_from_small_int(3000));
        atomic_store(&w->ready, i > 3);
    }
    vm_thread_ended(th);
    rt_thread_detach(th);
    return NULL;
}

static const CgArena *arena_of(Thread *th) { return jit_of(th)->jit->arena; }

static uint8_t *copy_of_code(Thread *th)
{
    const CgPages *p = &arena_of(th)->pages;
    uint8_t *copy = malloc(p->code_size);
    assert_non_null(copy);
    memcpy(copy, p->base, p->code_size);
    return copy;
}

static bool code_is(Thread *th, const uint8_t *copy)
{
    const CgPages *p = &arena_of(th)->pages;
    return memcmp(copy, p->base, p->code_size) == 0;
}

static uint32_t traces_of(Thread *th)
{
    JitStats s;
    jit_stats(th, &s);
    return s.traces;
}

static void expect(bool ok, int status)
{
    if (!ok) {
        _exit(status);
    }
}

static void child(Thread *th, int from_parent, int to_parent, const uint8_t *before, Value old,
                  Value mine)
{
    char byte;
    rt_fork_child(th);
    expect(read(from_parent, &byte, 1) == 1, 3); /* the parent has published */
    expect(code_is(th, before), 4);
    uint32_t traces = traces_of(th);
    expect(call(th, old, 2000, value_from_small_int(3000)), 5);
    for (int i = 0; i < 8; i++) {
        expect(call(th, mine, 500, VALUE_TRUE), 6);
    }
    expect(traces_of(th) > traces, 7);
    expect(!code_is(th, before), 8);
    expect(write(to_parent, "x", 1) == 1, 9);
    expect(read(from_parent, &byte, 1) == 1, 10);
    expect(call(th, mine, 500, VALUE_TRUE), 11);
    _exit(0);
}

static void run_fork(const char *debug)
{
    static char name[] = "test";
    static char *argv[] = {name};
    const char *why = NULL;
    JitConfig config = {.mode = JIT_NATIVE,
                        .threshold = 11,
                        .exit_threshold = 3,
                        .memory_bytes = 1 << 20,
                        .optimize = true};
    NativeConfig natives = {.argc = 1, .argv = argv, .executable = "test"};
    VmConfig vm = {.threshold = config.threshold, .jit = jit_vm()};
    if (debug != NULL) {
        setenv(debug, "1", 1);
    }
    Thread *th = rt_start();
    assert_true(jit_start(th, &config, &why) && natives_init(th, &natives) && vm_init(th, &vm));
    if (debug != NULL) {
        unsetenv(debug);
    }
    assert_non_null(arena_of(th));
    Value old = run_for(th, source, "old");
    Value globals = ((Function *)value_object(old))->globals;
    Value parent_new = dict_get_str(th, globals, str_intern_cstr(th, "parent_new"));
    Value child_new = dict_get_str(th, globals, str_intern_cstr(th, "child_new"));
    rt_publish(th, value_object(old));
    for (int i = 0; i < 6; i++) { /* the alone form */
        assert_true(call(th, old, 2000, value_from_small_int(3000)));
    }

    Worker w = {.rt = th->rt, .function = old};
    pthread_t id;
    thread_share(th);
    assert_int_equal(pthread_create(&id, NULL, work, &w), 0);
    while (!atomic_load(&w.ready)) {
        assert_true(thread_safepoint(th));
        sched_yield();
    }
    int down[2], up[2];
    assert_int_equal(pipe(down) | pipe(up), 0);
    assert_true(traces_of(th) >= 2); /* both forms */
    rt_fork_prepare(th);
    uint8_t *before = copy_of_code(th);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        child(th, down[0], up[1], before, old, child_new);
    }
    rt_fork_parent(th);
    uint32_t traces = traces_of(th);
    for (int i = 0; i < 8; i++) {
        Value n = value_from_small_int(700);
        assert_true(vm_call(th, parent_new, &n, 1, VALUE_ABSENT) != VALUE_ABSENT);
    }
    assert_true(traces_of(th) > traces);
    assert_false(code_is(th, before));

    world_stop(th); /* nobody publishes now but the child */
    uint8_t *after = copy_of_code(th);
    char byte;
    assert_int_equal(write(down[1], "x", 1), 1);
    if (read(up[0], &byte, 1) == 1) {
        assert_int_equal(write(down[1], "x", 1), 1);
    } else {
        close(down[1]);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_true(code_is(th, after));
    world_start(th);

    atomic_store(&w.stop, true);
    epoch_park(th);
    pthread_join(id, NULL);
    epoch_unpark(th);
    assert_true(w.ok);
    assert_true(call(th, old, 2000, value_from_small_int(3000)));
    free(before);
    free(after);
    for (int i = 0; i < 2; i++) {
        close(up[i]);
        close(down[i]);
    }
    jit_stop(th);
    rt_decref(th, old);
    rt_decref(th, parent_new);
    rt_decref(th, child_new);
    vm_done(th);
    rt_stop(th);
}

static void test_child_and_parent_have_code_of_their_own(void **state)
{
    (void)state;
    run_fork(NULL);
}

static void test_code_without_a_memfd(void **state)
{
    (void)state;
    run_fork("ADDER_PERF_MAP");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_child_and_parent_have_code_of_their_own),
        cmocka_unit_test(test_code_without_a_memfd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
