/*
 * Tuples: hash, comparison, slices, concatenation.
 *
 * The table's results are CPython 3.11's.
 */
#include "tests/runtime/expression_table.h"

static const ExpressionCase cases[] = {
    {"(1,)[5]", "IndexError: tuple index out of range"},
    {"(1,)['a']", "TypeError: tuple indices must be integers or slices, not str"},
    {"(1,)+[1]", "TypeError: can only concatenate tuple (not \"list\") to tuple"},
    {"(1,2)*2", "(1, 2, 1, 2)"},
    {"(1,2,3,4,5)[slice(4,1,-2)]", "(5, 3)"},
    {"hash((1,2,3))", "529344067295497451"},
    {"hash(())", "5740354900026072187"},
    {"hash((1,(2,3)))", "7267574591690527098"},
    {"tuple(1)", "TypeError: 'int' object is not iterable"},
    {"tuple(1,2)", "TypeError: tuple expected at most 1 argument, got 2"},
    {"tuple('abc')", "('a', 'b', 'c')"},
    {"tuple([1,2])", "(1, 2)"},
    {"(1,2)<(1,3)", "True"},
    {"(1,2)==(1,2.0)", "True"},
    {"(1,'a')<(1,2)", "TypeError: '<' not supported between instances of 'str' and 'int'"},
    {"(1,)==[1]", "False"},
    {"(1,2,3).index(2)", "1"},
    {"(1,2,3).index(5)", "ValueError: tuple.index(x): x not in tuple"},
    {"(1,2,2).count(2)", "2"},
    {"()+(1,)", "(1,)"},
    {"(1,)+()", "(1,)"},
    {"()", "()"},
    {"(1,)", "(1,)"},
    {"len(())", "0"},
    {"2 in (1,2)", "True"},
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

static void steals_and_copies(void **state)
{
    (void)state;
    Value text = str_from_cstr(th, "a longer text");
    Value items[2] = {rt_newref(th, text), rt_newref(th, text)};
    Value stolen = tuple_new_steal(th, items, 2), copied = tuple_new(th, items, 2);
    assert_int_equal(value_object(text)->local, 5);
    assert_int_equal(rt_equal(th, stolen, copied), 1);
    rt_decref(th, stolen);
    rt_decref(th, copied);
    assert_int_equal(value_object(text)->local, 1);
    rt_decref(th, text);
    assert_int_equal(tuple_new(th, NULL, 0), tuple_new_steal(th, NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(expressions, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(allocation_failures, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(steals_and_copies, table_setup, expression_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
