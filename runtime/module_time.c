/*
 * The time module: clocks and sleep.  Calendars (strftime, localtime, ...) are not there.
 *
 * A sleeping thread is parked, holds nothing, and wakes for signals.
 *
 * Threads: any.
 */
#include <math.h>
#include <sched.h>
#include <time.h>

#include "runtime/float.h"
#include "runtime/int.h"
#include "runtime/natives_internal.h"
#include "runtime/thread_lock.h"

#define NANOSECONDS INT64_C(1000000000)

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * NANOSECONDS + now.tv_nsec;
}

static Value seconds(clockid_t clock)
{
    return value_from_double((double)clock_ns(clock) / (double)NANOSECONDS);
}

#define CLOCK_FUNCTIONS(name, clock)                                                            \
    static Value time_##name(Thread *th, const Value *args, uint32_t nargs, Value kwnames)      \
    {                                                                                           \
        (void)th, (void)args, (void)nargs, (void)kwnames;                                       \
        return seconds(clock);                                                                  \
    }                                                                                           \
    static Value time_##name##_ns(Thread *th, const Value *args, uint32_t nargs, Value kwnames) \
    {                                                                                           \
        (void)args, (void)nargs, (void)kwnames;                                                 \
        return int_from_i64(th, clock_ns(clock));                                               \
    }

CLOCK_FUNCTIONS(time, CLOCK_REALTIME)
CLOCK_FUNCTIONS(monotonic, CLOCK_MONOTONIC)
CLOCK_FUNCTIONS(perf_counter, CLOCK_MONOTONIC)
CLOCK_FUNCTIONS(process_time, CLOCK_PROCESS_CPUTIME_ID)
CLOCK_FUNCTIONS(thread_time, CLOCK_THREAD_CPUTIME_ID)

static bool sleep_length(Thread *th, Value v, int64_t *ns)
{
    double d;
    if (value_is_double(v)) {
        d = value_double(v);
    } else {
        int64_t whole;
        if (!int_as_index(th, v, &whole, true)) {
            return false;
        }
        d = (double)whole;
    }
    if (d != d) {
        rt_raise(th, EXC_VALUE_ERROR, "Invalid value NaN (not a number)");
        return false;
    }
    if (d < 0) {
        rt_raise(th, EXC_VALUE_ERROR, "sleep length must be non-negative");
        return false;
    }
    if (d * (double)NANOSECONDS >= 0x1p63) {
        rt_raise(th, EXC_OVERFLOW_ERROR, "timestamp too large to convert to C _PyTime_t");
        return false;
    }
    *ns = (int64_t)ceil(d * (double)NANOSECONDS);
    return true;
}

static Value time_sleep(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    int64_t ns;
    if (!sleep_length(th, args[0], &ns)) {
        return VALUE_ABSENT;
    }
    if (ns == 0) {
        sched_yield();
    }
    return thread_sleep(th, thread_deadline(ns)) ? VALUE_NONE : VALUE_ABSENT;
}

const NativeDef time_defs[] = {
    {"time", time_time, 0, 0, NATIVE_FUNCTION},
    {"time_ns", time_time_ns, 0, 0, NATIVE_FUNCTION},
    {"monotonic", time_monotonic, 0, 0, NATIVE_FUNCTION},
    {"monotonic_ns", time_monotonic_ns, 0, 0, NATIVE_FUNCTION},
    {"perf_counter", time_perf_counter, 0, 0, NATIVE_FUNCTION},
    {"perf_counter_ns", time_perf_counter_ns, 0, 0, NATIVE_FUNCTION},
    {"process_time", time_process_time, 0, 0, NATIVE_FUNCTION},
    {"process_time_ns", time_process_time_ns, 0, 0, NATIVE_FUNCTION},
    {"thread_time", time_thread_time, 0, 0, NATIVE_FUNCTION},
    {"thread_time_ns", time_thread_time_ns, 0, 0, NATIVE_FUNCTION},
    {"sleep", time_sleep, 1, 1, NATIVE_FUNCTION},
    {NULL, NULL, 0, 0, 0},
};

Value time_module_new(Thread *th)
{
    Value module = module_new(th, "time");
    if (module != VALUE_ABSENT && !module_add_natives(th, module, time_defs)) {
        rt_decref(th, module);
        return VALUE_ABSENT;
    }
    return module;
}
