/*
 * Stress: a program in a thread that is not the main one, beside one that makes, stores, reads and drops
 * objects all the time.  Whatever the program prints must be the same.  Now and then the busy thread stops
 * the world and looks whether a private object can be reached from the modules: that ends the process.
 *
 * Threads: main; run_native is called in the thread that is started.
 */
#include "tools/stress_thread.h"

#include <stdio.h>
#include <stdlib.h>

#include "interp/compiler.h"
#include "interp/vm.h"
#include "runtime/abstract.h"
#include "runtime/containers.h"
#include "runtime/safepoint.h"
#include "runtime/str.h"
#include "runtime/thread_start.h"

static const char busy_source[] = "def busy(done):\n"
                                  "    shared = [0] * 100\n"
                                  "    table = {}\n"
                                  "    for turn in range(20):\n"
                                  "        if done:\n"
                                  "            return\n"
                                  "        for i in range(100):\n"
                                  "            shared[i] = (i, str(i))\n"
                                  "            table[shared[i][1]] = shared[i]\n"
                                  "        table.clear()\n";

typedef struct Stress {
    StressRun run;
    void *context;
    int status;
} Stress;

/* args: the address of the Stress; the list `done`, which lives as long as this call. */
static Value run_native(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    Stress *s = (Stress *)(uintptr_t)value_int(args[0]);
    s->status = s->run(th, s->context);
    while (!list_append(th, args[1], VALUE_NONE)) {
        rt_clear_exception(th); /* no memory just now */
    }
    return VALUE_NONE;
}

static const NativeDef run_def = {"run", run_native, 2, 2, NATIVE_FUNCTION};

/* The function `busy`. owns: new. fails: absent, exception set. */
static Value make_busy(Thread *th)
{
    Value code = compile_module(th, busy_source, sizeof busy_source - 1, "<stress>");
    Value globals = code == VALUE_ABSENT ? VALUE_ABSENT : dict_new(th);
    Value result = globals == VALUE_ABSENT ? VALUE_ABSENT : vm_run_module(th, code, globals);
    Value name = result == VALUE_ABSENT ? VALUE_ABSENT : str_intern_cstr(th, "busy");
    Value busy = name == VALUE_ABSENT ? VALUE_ABSENT : dict_get_str(th, globals, name);
    rt_xdecref(th, name);
    rt_xdecref(th, result);
    rt_xdecref(th, globals);
    rt_xdecref(th, code);
    return busy;
}

static bool start(Thread *th, Stress *s, Value done)
{
    const Value parts[] = {value_from_small_int((int64_t)(uintptr_t)s), done};
    Value args = tuple_new(th, parts, 2);
    Value function =
        args == VALUE_ABSENT ? VALUE_ABSENT : native_function_new(th, &run_def, VALUE_ABSENT);
    const ThreadJob job = {function, args, VALUE_ABSENT, VALUE_ABSENT};
    uint64_t ident;
    bool ok = function != VALUE_ABSENT && thread_start(th, &job, &ident);
    rt_xdecref(th, function);
    rt_xdecref(th, args);
    return ok;
}

static void check_published(Thread *th)
{
    world_stop(th);
    const Object *wrong = rt_check_published(value_object(th->rt->modules));
    if (wrong != NULL) {
        fprintf(stderr, "adder: a private %s can be reached from sys.modules\n",
                rt_type_by_id(wrong->type_id)->name);
        abort();
    }
    world_start(th);
}

bool stress_in_thread(Thread *th, StressRun run, void *context, int *status)
{
    Stress s = {.run = run, .context = context};
    Value done = list_new(th, NULL, 0); /* not empty when run has returned */
    Value busy = done == VALUE_ABSENT ? VALUE_ABSENT : make_busy(th);
    bool ok = busy != VALUE_ABSENT && start(th, &s, done);
    while (ok && list_size(done) == 0) {
        rt_xdecref(th, vm_call(th, busy, &done, 1, VALUE_ABSENT));
        rt_clear_exception(th);
        check_published(th);
    }
    rt_xdecref(th, busy);
    rt_xdecref(th, done);
    *status = s.status;
    return ok;
}
