/*
 * Dicts: order, deletion, growth against a model; slots and versions; views.
 *
 * The table's results are CPython 3.11's.
 */
#include "tests/runtime/expression_table.h"

static const ExpressionCase cases[] = {
    {"{}['a']", "KeyError: 'a'"},
    {"{}.pop('a')", "KeyError: 'a'"},
    {"{}.pop('a',5)", "5"},
    {"{}.popitem()", "KeyError: 'popitem(): dictionary is empty'"},
    {"{1:2,3:4}.popitem()", "(3, 4)"},
    {"dict(1)", "TypeError: 'int' object is not iterable"},
    {"dict([1])", "TypeError: cannot convert dictionary update sequence element #0 to a sequence"},
    {"dict([(1,2,3)])",
     "ValueError: dictionary update sequence element #0 has length 3; 2 is required"},
    {"dict(1,2)", "TypeError: dict expected at most 1 argument, got 2"},
    {"dict(a=1,b=2)", "{'a': 1, 'b': 2}"},
    {"dict([(1,2),('a','b')],c=3)", "{1: 2, 'a': 'b', 'c': 3}"},
    {"dict({1:2},a=1)", "{1: 2, 'a': 1}"},
    {"{}.update(1,2)", "TypeError: update expected at most 1 argument, got 2"},
    {"{1:2}.get(1)", "2"},
    {"{1:2}.get(2)", "None"},
    {"{1:2}.get(2,'x')", "'x'"},
    {"{1:2}.setdefault(1,3)", "2"},
    {"{1:2}.setdefault(2,3)", "3"},
    {"{1:2}|{2:3,1:5}", "{1: 5, 2: 3}"},
    {"{1:2}.keys()", "dict_keys([1])"},
    {"{1:2}.values()", "dict_values([2])"},
    {"{1:2}.items()", "dict_items([(1, 2)])"},
    {"list({1:2,3:4})", "[1, 3]"},
    {"list({1:2,3:4}.items())", "[(1, 2), (3, 4)]"},
    {"list(reversed({1:2,3:4}))", "[3, 1]"},
    {"list(reversed({1:2,3:4}.items()))", "[(3, 4), (1, 2)]"},
    {"list(reversed({1:2,3:4}.values()))", "[4, 2]"},
    {"{1:2}.keys()|[5]", "{1, 5}"},
    {"{1:2,3:4}.keys()&[3]", "{3}"},
    {"{1:2,3:4}.keys()-[3]", "{1}"},
    {"{1:2,3:4}.keys()^[3,5]", "{1, 5}"},
    {"{1:2}.keys().isdisjoint([2])", "True"},
    {"{1:2}.keys().isdisjoint([1])", "False"},
    {"{1:2}=={1:2.0}", "True"},
    {"{1:2}!={1:3}", "True"},
    {"{1:2}<{1:3}", "TypeError: '<' not supported between instances of 'dict' and 'dict'"},
    {"1 in {1:2}", "True"},
    {"[] in {1:2}", "TypeError: unhashable type: 'list'"},
    {"len({1:2,3:4})", "2"},
    {"dict.fromkeys([1,2])", "{1: None, 2: None}"},
    {"dict.fromkeys('ab',0)", "{'a': 0, 'b': 0}"},
    {"dict.fromkeys(1)", "TypeError: 'int' object is not iterable"},
    {"{1:2}.copy()", "{1: 2}"},
    {"{True:1,1:2,1.0:3}", "{True: 3}"},
    {"{1:2}.clear()", "None"},
    {"{}[[]]", "TypeError: unhashable type: 'list'"},
    {"{}|[1]", "TypeError: unsupported operand type(s) for |: 'dict' and 'list'"},
    {"{}|1", "TypeError: unsupported operand type(s) for |: 'dict' and 'int'"},
    {"hash({})", "TypeError: unhashable type: 'dict'"},
    {"{}.get()", "TypeError: get expected at least 1 argument, got 0"},
    {"{}.get(1,2,3)", "TypeError: get expected at most 2 arguments, got 3"},
    {"{1:1}<{1:1}", "TypeError: '<' not supported between instances of 'dict' and 'dict'"},
    {"{1:[1,2],'a':{2:3}}", "{1: [1, 2], 'a': {2: 3}}"},
    {"{}=={}", "True"},
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

enum { KEYS = 300 };

/* Keys in order of insertion, and each key's value. */
typedef struct Model {
    int order[KEYS], count;
    int64_t values[KEYS];
    bool there[KEYS];
} Model;

static void model_remove(Model *m, int key)
{
    int i = 0;
    while (m->order[i] != key) {
        i++;
    }
    memmove(m->order + i, m->order + i + 1, (size_t)(m->count - i - 1) * sizeof(int));
    m->count--;
    m->there[key] = false;
}

/* Half of the keys are ints, half strings. owns: new. */
static Value key_value(int key)
{
    return key % 2 == 0 ? value_from_small_int(key) : str_from_format(th, "key %d", key);
}

static void check_model(Value dict, const Model *m)
{
    assert_int_equal(dict_size(dict), m->count);
    int64_t at = 0;
    Value key, v;
    for (int i = 0; i < m->count; i++) {
        assert_true(dict_next(dict, &at, &key, &v));
        Value expected = key_value(m->order[i]);
        assert_int_equal(rt_equal(th, key, expected), 1);
        assert_int_equal(v, value_from_small_int(m->values[m->order[i]]));
        rt_decref(th, expected);
    }
    assert_false(dict_next(dict, &at, &key, &v));
}

static void random_operations(void **state)
{
    (void)state;
    uint64_t seed = 99;
    static Model m;
    m = (Model){.count = 0};
    Value dict = dict_new(th);
    for (int round = 0; round < 20000; round++) {
        int k = (int)(next_random(&seed) % KEYS);
        Value key = key_value(k), out;
        uint64_t choice = next_random(&seed) % 10;
        if (choice < (round / 2000 % 2 == 0 ? 6u : 3u)) {
            assert_true(dict_set(th, dict, key, value_from_small_int(round)));
            if (!m.there[k]) {
                m.order[m.count++] = k;
                m.there[k] = true;
            }
            m.values[k] = round;
        } else if (choice < 9) {
            assert_int_equal(dict_delete(th, dict, key), m.there[k]);
            if (m.there[k]) {
                model_remove(&m, k);
            }
        } else {
            assert_true(dict_get(th, dict, key, &out));
            assert_int_equal(out, m.there[k] ? value_from_small_int(m.values[k]) : VALUE_ABSENT);
        }
        rt_decref(th, key);
        if (round % 500 == 0) {
            check_model(dict, &m);
        }
    }
    check_model(dict, &m);
    Value copy = dict_copy(th, dict);
    check_model(copy, &m);
    assert_int_equal(rt_equal(th, dict, copy), 1);
    rt_decref(th, copy);
    rt_decref(th, dict);
}

/* First in, first out and last in, first out stay linear: the ends move over holes. */
static void queues(void **state)
{
    (void)state;
    Value dict = dict_new(th);
    for (int64_t i = 0; i < 30000; i++) {
        assert_true(dict_set(th, dict, value_from_small_int(i), VALUE_NONE));
        if (i >= 100) {
            int64_t at = 0;
            Value key, v;
            assert_true(dict_next(dict, &at, &key, &v));
            assert_int_equal(key, value_from_small_int(i - 100));
            assert_int_equal(dict_delete(th, dict, key), 1);
        }
    }
    assert_int_equal(dict_size(dict), 100);
    rt_decref(th, dict);
}

/* What caches of globals rely on. */
static void slots_and_versions(void **state)
{
    (void)state;
    Value dict = dict_new(th), name = str_intern_cstr(th, "answer");
    assert_null(dict_value_slot(dict, name));
    assert_true(dict_set(th, dict, name, value_from_small_int(1)));
    uint64_t version = dict_version(dict);
    _Atomic Value *slot = dict_value_slot(dict, name);
    assert_non_null(slot);
    assert_true(dict_set(th, dict, name, value_from_small_int(2)));
    assert_int_equal(dict_version(dict), version);
    assert_int_equal(*slot, value_from_small_int(2));
    assert_int_equal(dict_delete(th, dict, name), 1);
    assert_int_equal(dict_version(dict), version);
    assert_int_equal(*slot, VALUE_ABSENT);
    assert_null(dict_value_slot(dict, name));
    assert_true(dict_set(th, dict, name, value_from_small_int(3)));
    assert_true(dict_version(dict) != version || *slot == VALUE_ABSENT);
    assert_int_equal(*dict_value_slot(dict, name), value_from_small_int(3));
    version = dict_version(dict);
    for (int64_t i = 0; i < 100; i++) {
        assert_true(dict_set(th, dict, value_from_small_int(i), VALUE_NONE));
    }
    assert_int_not_equal(dict_version(dict), version);
    assert_int_equal(dict_get_str(th, dict, name), value_from_small_int(3));
    rt_decref(th, name);
    rt_decref(th, dict);
}

static void iteration_notices_changes(void **state)
{
    (void)state;
    Value dict = dict_new(th);
    assert_true(dict_set(th, dict, value_from_small_int(1), VALUE_NONE));
    Value iterator = rt_iter(th, dict);
    assert_int_equal(rt_next(th, iterator), value_from_small_int(1));
    assert_true(dict_set(th, dict, value_from_small_int(2), VALUE_NONE));
    assert_int_equal(rt_next(th, iterator), VALUE_ABSENT);
    assert_true(rt_pending_is(th, EXC_RUNTIME_ERROR));
    rt_clear_exception(th);
    rt_decref(th, iterator);
    rt_decref(th, dict);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(expressions, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(allocation_failures, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(random_operations, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(queues, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(slots_and_versions, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(iteration_notices_changes, table_setup,
                                        expression_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
