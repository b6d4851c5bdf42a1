/*
 * Sets: membership and growth against a model, algebra, order of small ints.
 *
 * The table's results are CPython 3.11's.
 */
#include "tests/runtime/expression_table.h"

static const ExpressionCase cases[] = {
    {"set().pop()", "KeyError: 'pop from an empty set'"},
    {"set([1]).remove(2)", "KeyError: 2"},
    {"set([[]])", "TypeError: unhashable type: 'list'"},
    {"set(1)", "TypeError: 'int' object is not iterable"},
    {"set(1,2)", "TypeError: set expected at most 1 argument, got 2"},
    {"set([1])|[1]", "TypeError: unsupported operand type(s) for |: 'set' and 'list'"},
    {"hash(set())", "TypeError: unhashable type: 'set'"},
    {"hash(frozenset([1,2,3]))", "-272375401224217160"},
    {"hash(frozenset())", "133146708735736"},
    {"set([1])<1", "TypeError: '<' not supported between instances of 'set' and 'int'"},
    {"set([1])<set([1,2])", "True"},
    {"set([1,2])<=set([1,2])", "True"},
    {"set([1,2])==frozenset([1,2])", "True"},
    {"set([1,5,3])", "{1, 3, 5}"},
    {"set([10,3,7,100,55,23,8,9,1])", "{1, 3, 100, 7, 8, 9, 10, 23, 55}"},
    {"set(range(20))", "{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}"},
    {"set([100,50,3,8,64,128,1000,77])", "{64, 128, 3, 100, 8, 1000, 77, 50}"},
    {"set([1,2,3])|set([10,20])", "{1, 2, 3, 20, 10}"},
    {"set([1,2,3])&set([2,3,4])", "{2, 3}"},
    {"set([1,2,3])-set([2])", "{1, 3}"},
    {"set([1,2,3])^set([2,7])", "{1, 3, 7}"},
    {"frozenset([1,2])|set([3])", "frozenset({1, 2, 3})"},
    {"set([3])|frozenset([1,2])", "{1, 2, 3}"},
    {"set([1,2]).union([3],(4,))", "{1, 2, 3, 4}"},
    {"set([1,2,3]).intersection([2,3],[3])", "{3}"},
    {"set([1,2,3]).difference([2],[3])", "{1}"},
    {"set([1,2]).symmetric_difference([2,9])", "{9, 1}"},
    {"set([1,2]).issubset([1,2,3])", "True"},
    {"set([1,2]).issuperset([1])", "True"},
    {"set([1,2]).isdisjoint([3])", "True"},
    {"set([1,2]).copy()", "{1, 2}"},
    {"set([1,2]).add(3)", "None"},
    {"set([1,2]).discard(5)", "None"},
    {"set()", "set()"},
    {"frozenset()", "frozenset()"},
    {"frozenset([1])", "frozenset({1})"},
    {"set('a')", "{'a'}"},
    {"frozenset([frozenset([1])])", "frozenset({frozenset({1})})"},
    {"set([1]) in set([frozenset([1])])", "True"},
    {"[] in set([1])", "TypeError: unhashable type: 'list'"},
    {"sorted(set('hello'))", "['e', 'h', 'l', 'o']"},
    {"len(set('hello'))", "4"},
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

enum { KEYS = 500 };

static void check_model(Value set, const bool *there)
{
    int64_t count = 0, at = 0;
    Value item;
    for (int i = 0; i < KEYS; i++) {
        assert_int_equal(set_contains(th, set, value_from_small_int(i)), there[i]);
        count += there[i];
    }
    assert_int_equal(set_size(set), count);
    while (set_next(set, &at, &item)) {
        assert_true(there[value_int(item)]);
        count--;
    }
    assert_int_equal(count, 0);
}

static void random_operations(void **state)
{
    (void)state;
    uint64_t seed = 5;
    bool there[KEYS] = {false};
    Value set = set_new(th, false);
    for (int round = 0; round < 20000; round++) {
        int k = (int)(next_random(&seed) % KEYS);
        uint64_t choice = next_random(&seed) % 10;
        if (choice < (round / 3000 % 2 == 0 ? 7u : 3u)) {
            assert_true(set_add(th, set, value_from_small_int(k)));
            there[k] = true;
        } else {
            assert_int_equal(set_discard(th, set, value_from_small_int(k)), there[k]);
            there[k] = false;
        }
        if (round % 1000 == 0) {
            check_model(set, there);
        }
    }
    check_model(set, there);
    rt_decref(th, set);
}

static Value random_set(uint64_t *seed, bool *there)
{
    Value set = set_new(th, false);
    for (int i = 0; i < KEYS; i++) {
        there[i] = next_random(seed) % 4 == 0;
        if (there[i]) {
            assert_true(set_add(th, set, value_from_small_int(i)));
        }
    }
    return set;
}

static void random_algebra(void **state)
{
    (void)state;
    static const BinaryOp ops[] = {BIN_OR, BIN_AND, BIN_SUB, BIN_XOR};
    uint64_t seed = 17;
    for (int round = 0; round < 40; round++) {
        bool x[KEYS], y[KEYS], expected[KEYS];
        Value a = random_set(&seed, x), b = random_set(&seed, y);
        BinaryOp op = ops[round % 4];
        for (int i = 0; i < KEYS; i++) {
            expected[i] = op == BIN_OR    ? x[i] || y[i]
                          : op == BIN_AND ? x[i] && y[i]
                          : op == BIN_SUB ? x[i] && !y[i]
                                          : x[i] != y[i];
        }
        Value result = rt_binary(th, op, a, b);
        check_model(result, expected);
        Value same = rt_inplace(th, op, a, b);
        assert_int_equal(same, a);
        check_model(a, expected);
        assert_int_equal(rt_equal(th, a, result), 1);
        rt_decref(th, same);
        rt_decref(th, result);
        rt_decref(th, a);
        rt_decref(th, b);
    }
}

static void strings_and_pop(void **state)
{
    (void)state;
    Value set = set_new(th, false);
    for (int i = 0; i < 2000; i++) {
        Value text = str_from_format(th, "item %d", i % 700);
        assert_true(set_add(th, set, text));
        rt_decref(th, text);
    }
    assert_int_equal(set_size(set), 700);
    Value name = str_intern_cstr(th, "pop");
    for (int i = 700; i > 0; i--) {
        bool self;
        Value pop = rt_getmethod(th, set, name, &self);
        Value v = rt_call(th, pop, &set, self ? 1 : 0, VALUE_ABSENT);
        assert_int_not_equal(v, VALUE_ABSENT);
        assert_int_equal(set_contains(th, set, v), 0);
        rt_decref(th, v);
        rt_decref(th, pop);
    }
    assert_int_equal(set_size(set), 0);
    rt_decref(th, name);
    rt_decref(th, set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(expressions, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(allocation_failures, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(random_operations, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(random_algebra, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(strings_and_pop, table_setup, expression_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
