/*
 * Vm: start and end of the interpreter for the process and for each thread, polls, signals, running a
 * module.
 *
 * A poll is asked for by bits in th->poll and, for entries of functions, by a stack limit that no
 * frame meets; back edges look at the bits when their counter runs out.
 *
 * SIGINT is the main thread's, whichever thread the system runs the handler in: it stores into the main
 * Thread's words, and wakes it.
 *
 * Threads: a Vm belongs to its thread.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "interp/vm_internal.h"
#include "runtime/dict_table.h"
#include "runtime/gc.h"
#include "runtime/safepoint.h"
#include "runtime/thread_lock.h"

static bool poll_work(Thread *th, uint32_t bits)
{
    if ((bits & POLL_SIGNAL) != 0) {
        Value exc = rt_exception_new(th, EXC_KEYBOARD_INTERRUPT, VALUE_ABSENT);
        if (exc != VALUE_ABSENT) {
            rt_raise_steal(th, exc);
        }
        return false;
    }
    return true;
}

static Thread
    *signal_thread; /* who gets KeyboardInterrupt; written before the handler is installed */
static pthread_t signal_system_thread; /* ... and its thread of the system */

static void interrupt(Thread *th)
{
    thread_raise_poll(th, POLL_SIGNAL);
    thread_wake(th); /* after the poll: who sleeps looks there */
}

static void interrupt_main(Runtime *rt)
{
    if (signal_thread != NULL) { /* else SIGINT is ignored, or not ours */
        interrupt(rt->main_thread);
    }
}

/* Only calls what a handler may: stores, futex(2), pthread_kill. */
static void on_interrupt(int number)
{
    int error = errno;
    Thread *th = __atomic_load_n(&signal_thread, __ATOMIC_RELAXED);
    if (th != NULL && pthread_equal(pthread_self(), signal_system_thread)) {
        interrupt(th);
    } else if (th != NULL) {
        pthread_kill(signal_system_thread,
                     number); /* what it waits for in the system must end, too */
    }
    errno = error;
}

void vm_signals_install(Thread *th)
{
    struct sigaction action = {.sa_handler = on_interrupt}, old;
    if (sigaction(SIGINT, NULL, &old) != 0 || old.sa_handler == SIG_IGN) {
        return; /* as CPython: who ignored it for us meant it */
    }
    signal_system_thread = pthread_self();
    signal_thread = th;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
}

static void fork_child(Thread *th)
{
    if (signal_thread != NULL) {
        signal_system_thread = pthread_self();
        signal_thread = th;
    }
    const VmJit *jit = th->vm != NULL ? thread_vm(th)->config.jit : NULL;
    if (jit != NULL && !jit->fork_child(th)) {
        static const char message[] = "Fatal Python error: fork: no memory for compiled code\n";
        (void)!write(2, message, sizeof message - 1);
        _exit(1);
    }
}

static void reset_counters(Vm *vm)
{
    uint32_t n = vm->config.threshold;
    for (size_t i = 0; i < sizeof vm->hot / sizeof *vm->hot; i++) {
        vm->hot[i] = (uint16_t)(n == 0 ? 1 : n > UINT16_MAX ? UINT16_MAX : n);
    }
}

static Vm *vm_new(Thread *th, const VmConfig *config)
{
    Vm *vm = rt_calloc(1, sizeof *vm);
    if (vm == NULL) {
        rt_raise_memory_error(th);
        return NULL;
    }
    vm->config = *config;
    reset_counters(vm);
    th->vm = vm;
    th->dispatch = vm_dispatch_normal(th);
    return vm;
}

void vm_alone_changed(Thread *th)
{
    if (th->vm != NULL && th->dispatch != vm_dispatch_recording()) {
        th->dispatch = vm_dispatch_normal(th);
    }
}

bool vm_thread_started(Thread *th)
{
    const Vm *main = thread_vm(th->rt->main_thread);
    Vm *vm = vm_new(th, &main->config);
    if (vm == NULL) {
        return false;
    }
    vm->main_globals = __atomic_load_n(&main->main_globals, __ATOMIC_RELAXED);
    if (vm->config.jit != NULL && !vm->config.jit->thread_started(th)) {
        vm_thread_ended(th);
        return false;
    }
    th->dispatch = vm_dispatch_normal(th); /* counts, now that it has a JIT */
    return true;
}

void vm_thread_ended(Thread *th)
{
    const Vm *vm = th->vm;
    if (vm != NULL && vm->config.jit != NULL) {
        vm->config.jit->thread_ended(th);
    }
    rt_free(th->vm);
    th->vm = NULL;
}

/* All words of the value stack in use, and some beyond: a call may have put arguments there. Temporaries that
 * are gone, and slots of traces that were never written, are looked at too. */
static void visit_roots(Thread *th, VisitFn visit, void *arg)
{
    enum { BEYOND_WORDS = 512 };
    const Vm *vm = thread_vm(th);
    if (vm == NULL) {
        return;
    }
    /* While a trace runs, what was published may be no frame by now. */
    const Value *top = th->stack_base;
    if (th->trace_fp != NULL) {
        const Value *end = th->trace_fp + VM_TRACE_SLOTS;
        top = vm->fp > end ? vm->fp : end;
    } else if (vm->fp != NULL) {
        top = frame_end(vm->fp);
    }
    top += BEYOND_WORDS;
    gc_scan_words(th, th->stack_base, top < th->stack_end ? top : th->stack_end, visit, arg);
    gc_scan_words(th, &vm->result, &vm->result + 1, visit, arg);
    if (vm->config.jit != NULL) {
        vm->config.jit->visit_roots(th, visit, arg);
    }
}

bool vm_init(Thread *th, const VmConfig *config)
{
    if (vm_new(th, config) == NULL) {
        return false;
    }
    RuntimeHooks *hooks = &th->rt->hooks;
    hooks->poll = poll_work;
    hooks->make_function = vm_make_function;
    hooks->visit_roots = visit_roots;
    hooks->thread_started = vm_thread_started;
    hooks->thread_ended = vm_thread_ended;
    hooks->alone_changed = vm_alone_changed;
    hooks->print_unraisable = vm_print_unraisable;
    hooks->print_exception = vm_print_exception;
    hooks->interrupt_main = interrupt_main;
    hooks->fork_child = fork_child;
    uint64_t none = 0; /* caches begin with epoch 0 */
    atomic_compare_exchange_strong(&th->rt->globals_epoch, &none, 1);
    dict_watch(th->rt->builtins);
    vm_signals_install(th);
    return vm_code_type_init(th) && vm_function_type_init(th) && vm_frame_builtins_init(th);
}

/* Functions and their globals refer to each other: the globals of all modules are cleared. */
static void clear_modules(Thread *th)
{
    Value modules = th->rt->modules == VALUE_ABSENT ? VALUE_ABSENT : list_new(th, NULL, 0);
    int64_t position = 0;
    Value name, module;
    while (modules != VALUE_ABSENT && dict_next(th->rt->modules, &position, &name, &module)) {
        Value dict = value_has_type(module, TYPE_MODULE)
                         ? ((const Module *)value_object(module))->dict
                         : VALUE_ABSENT;
        if (dict != VALUE_ABSENT && dict != th->rt->builtins && !list_append(th, modules, dict)) {
            break;
        }
    }
    for (int64_t i = 0; modules != VALUE_ABSENT && i < list_size(modules); i++) {
        Value dict = list_get(th, modules, i);
        dict_clear(th, value_dict(dict));
        rt_decref(th, dict);
    }
    rt_xdecref(th, modules);
    rt_clear_exception(th);
}

void vm_done(Thread *th)
{
    if (th->vm != NULL) {
        clear_modules(th);
    }
    if (signal_thread == th) {
        signal(SIGINT, SIG_DFL);
        __atomic_store_n(&signal_thread, NULL, __ATOMIC_RELAXED);
    }
    rt_free(th->vm);
    th->vm = NULL;
}

Value vm_run_module(Thread *th, Value code, Value globals)
{
    Vm *vm = thread_vm(th);
    if (vm->main_globals == VALUE_ABSENT) {
        __atomic_store_n(&vm->main_globals, globals, __ATOMIC_RELAXED);
    }
    Value function =
        vm_globals_prepare(th, globals) ? function_new(th, code, globals) : VALUE_ABSENT;
    if (function == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value result = vm_call(th, function, NULL, 0, VALUE_ABSENT);
    rt_decref(th, function);
    return result;
}
