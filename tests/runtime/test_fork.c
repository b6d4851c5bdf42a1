/*
 * fork: the child of a process with threads, idle workers and held locks has one thread, which is alone, starts
 * threads of its own, and takes and gives locks that waiters of the parent had queued at.
 */
#include "tests/runtime/cases.h"

#include <sys/wait.h>
#include <unistd.h>

#include "runtime/abstract.h"
#include "runtime/containers.h"
#include "runtime/epoch.h"
#include "runtime/fork.h"
#include "runtime/safepoint.h"
#include "runtime/thread_start.h"

static ThreadLock gate; /* what busy threads wait for */
static _Atomic int waiting, ran, stop;

static Value wait_for_gate(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)args, (void)nargs, (void)kwnames;
    atomic_fetch_add(&waiting, 1);
    if (!thread_lock_try(th, &gate)) {
        thread_lock_wait(th, &gate, DEADLINE_NEVER);
    }
    thread_lock_release(th, &gate);
    return VALUE_NONE;
}

static Value spin(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)args, (void)nargs, (void)kwnames;
    while (!atomic_load(&stop)) {
        if (!thread_safepoint(th)) {
            return VALUE_ABSENT;
        }
    }
    return VALUE_NONE;
}

static Value run_once(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)th, (void)args, (void)nargs, (void)kwnames;
    atomic_fetch_add(&ran, 1);
    return VALUE_NONE;
}

static const NativeDef defs[] = {{"wait_for_gate", wait_for_gate, 0, 0, NATIVE_FUNCTION},
                                 {"spin", spin, 0, 0, NATIVE_FUNCTION},
                                 {"run_once", run_once, 0, 0, NATIVE_FUNCTION}};

static bool start(Thread *th, const NativeDef *def)
{
    Value function = native_function_new(th, def, VALUE_ABSENT);
    Value args = tuple_new(th, NULL, 0);
    ThreadJob job = {function, args, VALUE_ABSENT, VALUE_ABSENT};
    uint64_t ident;
    bool done = thread_start(th, &job, &ident);
    rt_decref(th, function);
    rt_decref(th, args);
    return done;
}

static void wait_until(Thread *th, _Atomic int *count, int wanted)
{
    while (atomic_load(count) < wanted) {
        thread_sleep(th, thread_deadline(100 * 1000));
    }
}

static void wait_for_jobs(Thread *th, uint32_t left)
{
    while (thread_job_count(th->rt) != left) {
        thread_sleep(th, thread_deadline(100 * 1000));
    }
}

/* Exit status of the child: 0, or the number of the first check that failed. */
static int child(Thread *th)
{
    int check = 1;
    if (th->alone == 0 || th->rt->main_thread != th || th->rt->threads != th || th->next != NULL) {
        return check;
    }
    check++;
    if (!thread_lock_is_held(&gate) || !thread_lock_release(th, &gate) ||
        thread_lock_is_held(&gate)) { /* not handed to somebody who is gone */
        return check;
    }
    check++;
    int before = atomic_load(&ran);
    for (int i = 0; i < 4; i++) {
        if (!start(th, &defs[2])) {
            return check;
        }
    }
    wait_until(th, &ran, before + 4);
    wait_for_jobs(th, 0);
    check++;
    return threads_stop(th) ? check : 0;
}

static void test_child_of_a_process_with_threads(void **state)
{
    Thread *th = *state;
    assert_true(thread_lock_try(th, &gate));
    for (int i = 0; i < 3; i++) {
        assert_true(start(th, &defs[0]));
        assert_true(start(th, &defs[1]));
        assert_true(start(th, &defs[2])); /* idle by now */
    }
    wait_until(th, &waiting, 3);
    wait_until(th, &ran, 3);
    for (int i = 0; i < 20; i++) {
        rt_fork_prepare(th);
        pid_t pid = fork();
        if (pid == 0) {
            rt_fork_child(th);
            _exit(child(th));
        }
        rt_fork_parent(th);
        assert_true(pid > 0);
        int status;
        epoch_park(th);
        waitpid(pid, &status, 0);
        epoch_unpark(th);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    thread_lock_release(th, &gate);
    atomic_store(&stop, 1);
    wait_for_jobs(th, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_child_of_a_process_with_threads, runtime_setup,
                                        runtime_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
