/*
 * Format specs: results of CPython (format_cases.txt), widths beyond memory, failing allocations.
 */
#include "tests/runtime/cases.h"

#include "runtime/abstract.h"
#include "runtime/format_spec.h"
#include "runtime/int.h"
#include "runtime/str.h"

static void test_results_are_cpythons(void **state) { run_cases(*state, "format_cases.txt"); }

static Value format_text(Thread *th, Value v, const char *spec)
{
    Value s = str_from_cstr(th, spec);
    if (s == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value result = rt_format(th, v, s);
    rt_decref(th, s);
    return result;
}

static void test_huge_width_is_memory_error(void **state)
{
    Thread *th = *state;
    static const char *const specs[] = {"9000000000000000000", "09000000000000000000",
                                        "^9000000000000000000"};
    for (int i = 0; i < 3; i++) {
        assert_true(format_text(th, value_from_small_int(1), specs[i]) == VALUE_ABSENT);
        assert_true(rt_pending_is(th, EXC_MEMORY_ERROR));
        rt_clear_exception(th);
        assert_true(format_text(th, value_from_double(1.5), specs[i]) == VALUE_ABSENT);
        assert_true(rt_pending_is(th, EXC_MEMORY_ERROR));
        rt_clear_exception(th);
    }
}

static Value many(Thread *th, void *arg)
{
    const Value *v = arg;
    static const char *const specs[] = {"_d", "+#020x", "e", ",.3f", "\xe2\x82\xac>40d"};
    Value last = VALUE_NONE;
    for (int i = 0; i < 5; i++) {
        rt_decref(th, last);
        last = format_text(th, v[i == 3], specs[i]);
        if (last == VALUE_ABSENT) {
            return VALUE_ABSENT;
        }
    }
    return last;
}

static void test_failing_allocations(void **state)
{
    Thread *th = *state;
    Value v[2] = {int_pow(th, value_from_small_int(3), value_from_small_int(200)),
                  value_from_double(1234567.25)};
    sweep_failures(th, many, v);
    rt_decref(th, v[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_results_are_cpythons),
        cmocka_unit_test(test_huge_width_is_memory_error),
        cmocka_unit_test(test_failing_allocations),
    };
    return cmocka_run_group_tests(tests, runtime_setup, runtime_teardown);
}
