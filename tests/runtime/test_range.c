/*
 * Ranges: small and huge, slices, membership, iteration.
 *
 * The table's results are CPython 3.11's.
 */
#include "tests/runtime/expression_table.h"

static const ExpressionCase cases[] = {
    {"range(3)[5]", "IndexError: range object index out of range"},
    {"range(3)['a']", "TypeError: range indices must be integers or slices, not str"},
    {"range(0,1,0)", "ValueError: range() arg 3 must not be zero"},
    {"range()", "TypeError: range expected at least 1 argument, got 0"},
    {"range(1,2,3,4)", "TypeError: range expected at most 3 arguments, got 4"},
    {"range('a')", "TypeError: 'str' object cannot be interpreted as an integer"},
    {"range(1.5)", "TypeError: 'float' object cannot be interpreted as an integer"},
    {"range(5)", "range(0, 5)"},
    {"range(1,5,2)", "range(1, 5, 2)"},
    {"list(range(10,0,-3))", "[10, 7, 4, 1]"},
    {"range(10)[2]", "2"},
    {"len(range(0,10,3))", "4"},
    {"list(range(5))", "[0, 1, 2, 3, 4]"},
    {"range(2**70)[2**69]", "590295810358705651712"},
    {"list(range(2**70,2**70+3))",
     "[1180591620717411303424, 1180591620717411303425, 1180591620717411303426]"},
    {"len(range(2**70))", "OverflowError: Python int too large to convert to C ssize_t"},
    {"3 in range(5)", "True"},
    {"3.0 in range(5)", "True"},
    {"'a' in range(5)", "False"},
    {"2**65 in range(2**70)", "True"},
    {"range(5)==range(0,5,1)", "True"},
    {"range(0)==range(2,1)", "True"},
    {"hash(range(5))==hash(range(0,5))", "True"},
    {"range(5).index(3)", "3"},
    {"range(5).index(7)", "ValueError: 7 is not in range"},
    {"range(5).count(3)", "1"},
    {"range(0,10,2).start", "0"},
    {"range(0,10,2).step", "2"},
    {"range(5)[slice(1,3)]", "range(1, 3)"},
    {"range(10)[slice(None,None,-1)]", "range(9, -1, -1)"},
    {"list(reversed(range(5)))", "[4, 3, 2, 1, 0]"},
    {"list(reversed(range(2**70,2**70+3)))",
     "[1180591620717411303426, 1180591620717411303425, 1180591620717411303424]"},
};

static void expressions(void **state)
{
    (void)state;
    expression_check(th, cases, sizeof cases / sizeof cases[0]);
}

static void allocation_failures(void **state)
{
    (void)state;
    expression_check_out_of_memory(th, cases, sizeof cases / sizeof cases[0]);
}

/* Items, membership and length agree with a plain loop. */
static void random_ranges(void **state)
{
    (void)state;
    uint64_t seed = 88172645463325252u;
    for (int round = 0; round < 500; round++) {
        int64_t start = (int64_t)(next_random(&seed) % 40) - 20;
        int64_t stop = (int64_t)(next_random(&seed) % 40) - 20;
        int64_t step = (int64_t)(next_random(&seed) % 9) - 4;
        step = step == 0 ? 5 : step;
        Value range = range_new(th, value_from_small_int(start), value_from_small_int(stop),
                                value_from_small_int(step));
        Value iterator = rt_iter(th, range);
        int64_t count = 0;
        for (int64_t x = start; step > 0 ? x < stop : x > stop; x += step, count++) {
            assert_int_equal(rt_next(th, iterator), value_from_small_int(x));
            assert_int_equal(rt_getitem(th, range, value_from_small_int(count)),
                             value_from_small_int(x));
            assert_int_equal(rt_contains(th, range, value_from_small_int(x)), 1);
        }
        assert_int_equal(rt_next(th, iterator), VALUE_ABSENT);
        assert_int_equal(rt_length(th, range), count);
        assert_int_equal(rt_contains(th, range, value_from_small_int(start + step * count)), 0);
        rt_decref(th, iterator);
        rt_decref(th, range);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(expressions, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(allocation_failures, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(random_ranges, table_setup, expression_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
