/*
 * Lists: items, slices, growth against a model; sorting: order, stability, refused changes.
 *
 * The table's results are CPython 3.11's.
 */
#include "tests/runtime/expression_table.h"

static const ExpressionCase cases[] = {
    {"[].sort(1)", "TypeError: sort() takes no positional arguments"},
    {"[].sort(foo=1)", "TypeError: 'foo' is an invalid keyword argument for sort()"},
    {"[].sort(None,None)", "TypeError: sort() takes no positional arguments"},
    {"[].pop()", "IndexError: pop from empty list"},
    {"[1].pop(5)", "IndexError: pop index out of range"},
    {"[].remove(1)", "ValueError: list.remove(x): x not in list"},
    {"[].index(3)", "ValueError: 3 is not in list"},
    {"[1]['a']", "TypeError: list indices must be integers or slices, not str"},
    {"[1][5]", "IndexError: list index out of range"},
    {"[1][-1]", "1"},
    {"[1][-2]", "IndexError: list index out of range"},
    {"[1]+(1,)", "TypeError: can only concatenate list (not \"tuple\") to list"},
    {"[1]*'a'", "TypeError: can't multiply sequence by non-int of type 'str'"},
    {"[1]*1.5", "TypeError: can't multiply sequence by non-int of type 'float'"},
    {"[1,2]*2", "[1, 2, 1, 2]"},
    {"[1]*0", "[]"},
    {"[1]*(2**70)", "OverflowError: cannot fit 'int' into an index-sized integer"},
    {"slice()", "TypeError: slice expected at least 1 argument, got 0"},
    {"slice(1,2,3,4)", "TypeError: slice expected at most 3 arguments, got 4"},
    {"slice(1)", "slice(None, 1, None)"},
    {"slice(1,2,3)", "slice(1, 2, 3)"},
    {"slice(1,2,3).indices(10)", "(1, 2, 3)"},
    {"slice(None,None,-1).indices(10)", "(9, -1, -1)"},
    {"slice(1,2)==slice(1,2)", "True"},
    {"hash(slice(1))", "TypeError: unhashable type: 'slice'"},
    {"[1][slice(None,None,0)]", "ValueError: slice step cannot be zero"},
    {"[1,2,3][slice(None,None,-1)]", "[3, 2, 1]"},
    {"[1,2,3,4,5][slice(1,None,2)]", "[2, 4]"},
    {"[1,2,3,4,5][slice(-2,None)]", "[4, 5]"},
    {"[1,2,3,4,5][slice(10,20)]", "[]"},
    {"[1,2,3,4,5][slice(4,1,-2)]", "[5, 3]"},
    {"[1][slice('a',None)]",
     "TypeError: slice indices must be integers or None or have an __index__ method"},
    {"list(1)", "TypeError: 'int' object is not iterable"},
    {"list(1,2)", "TypeError: list expected at most 1 argument, got 2"},
    {"list('abc')", "['a', 'b', 'c']"},
    {"list((1,2))", "[1, 2]"},
    {"list.append(1,2)",
     "TypeError: descriptor 'append' for 'list' objects doesn't apply to a 'int' object"},
    {"[3,'a'].sort()", "TypeError: '<' not supported between instances of 'str' and 'int'"},
    {"list('abc'.encode())", "[97, 98, 99]"},
    {"[].append()", "TypeError: list.append() takes exactly one argument (0 given)"},
    {"[].append(1,2)", "TypeError: list.append() takes exactly one argument (2 given)"},
    {"[].insert(1)", "TypeError: insert expected 2 arguments, got 1"},
    {"[1,2].index(3,0,'a')",
     "TypeError: slice indices must be integers or have an __index__ method"},
    {"[1]<1", "TypeError: '<' not supported between instances of 'list' and 'int'"},
    {"[1,2]<[1,3]", "True"},
    {"[1,2]<[1,2,0]", "True"},
    {"[1,2]==[1,2.0]", "True"},
    {"[1,2]>=[1,2]", "True"},
    {"list(reversed([1,2,3]))", "[3, 2, 1]"},
    {"list(reversed((1,2,3)))", "[3, 2, 1]"},
    {"list(reversed('abc'))", "['c', 'b', 'a']"},
    {"[1,2,3].count(2)", "1"},
    {"[1,2,3].copy()", "[1, 2, 3]"},
    {"[3,1,2].sort()", "None"},
    {"sorted([3,1,2])", "[1, 2, 3]"},
    {"sorted([3,1,2],reverse=True)", "[3, 2, 1]"},
    {"sorted(['b','a','c'])", "['a', 'b', 'c']"},
    {"sorted([3.5,1.5,2.5])", "[1.5, 2.5, 3.5]"},
    {"sorted([3,1.5,2])", "[1.5, 2, 3]"},
    {"sorted([3,'a'])", "TypeError: '<' not supported between instances of 'str' and 'int'"},
    {"sorted([(2,'a'),(1,'b'),(1,'a')])", "[(1, 'a'), (1, 'b'), (2, 'a')]"},
    {"sorted('hello',key=ord)", "['e', 'h', 'l', 'l', 'o']"},
    {"sorted([-3,2,-1],key=abs)", "[-1, 2, -3]"},
    {"sorted([1,2,3,4,5,6],key=abs,reverse=True)", "[6, 5, 4, 3, 2, 1]"},
    {"sorted([1],key=5)", "TypeError: 'int' object is not callable"},
    {"[1,2,3].reverse()", "None"},
    {"[1,2].extend(5)", "TypeError: 'int' object is not iterable"},
    {"[1,2].extend('ab')", "None"},
    {"[1,[2,[3,(4,{5:6})]]]", "[1, [2, [3, (4, {5: 6})]]]"},
    {"[1,2,3].index(2)", "1"},
    {"[1,2,3].index(2,2)", "ValueError: 2 is not in list"},
    {"[1,2,3].index(3,-1)", "2"},
    {"2 in [1,2]", "True"},
    {"2.0 in [1,2]", "True"},
    {"'a' in [1,2]", "False"},
    {"iter([1,2]).__length_hint__()", "2"},
    {"[None,True,1.5]", "[None, True, 1.5]"},
    {"[1]==1", "False"},
    {"[1,2,3,4,5][slice(None,None,-9223372036854775807)]", "[5]"},
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

enum { MODEL_MAX = 400 };

typedef struct Model {
    int64_t items[MODEL_MAX];
    int64_t size;
} Model;

static void model_splice(Model *m, int64_t low, int64_t high, const int64_t *items, int64_t count)
{
    memmove(m->items + low + count, m->items + high, (size_t)(m->size - high) * sizeof(int64_t));
    for (int64_t i = 0; i < count; i++) {
        m->items[low + i] = items[i];
    }
    m->size += count - (high - low);
}

static void check_model(Value list, const Model *m)
{
    assert_int_equal(list_size(list), m->size);
    for (int64_t i = 0; i < m->size; i++) {
        assert_int_equal(list_get(th, list, i), value_from_small_int(m->items[i]));
    }
    const ListTable *t = atomic_load(&value_list(list)->table);
    for (int64_t i = m->size; i < t->capacity; i++) {
        assert_int_equal(t->slots[i], VALUE_ABSENT);
    }
}

static void assign_slice(Value list, Model *m, uint64_t *seed)
{
    int64_t low = (int64_t)(next_random(seed) % (uint64_t)(m->size + 1));
    int64_t high = low + (int64_t)(next_random(seed) % (uint64_t)(m->size - low + 1));
    int64_t count = (int64_t)(next_random(seed) % 6), numbers[6];
    Value values[6];
    for (int64_t i = 0; i < count; i++) {
        numbers[i] = (int64_t)(next_random(seed) % 1000);
        values[i] = value_from_small_int(numbers[i]);
    }
    Value slice = slice_new(th, value_from_small_int(low), value_from_small_int(high), VALUE_NONE);
    Value from = list_new(th, values, count);
    assert_true(rt_setitem(th, list, slice, from));
    model_splice(m, low, high, numbers, count);
    rt_decref(th, slice);
    rt_decref(th, from);
}

/* del list[start::step] */
static void delete_steps(Value list, Model *m, uint64_t *seed)
{
    int64_t start = (int64_t)(next_random(seed) % (uint64_t)(m->size + 1));
    int64_t step = 2 + (int64_t)(next_random(seed) % 3), kept = 0;
    Value slice =
        slice_new(th, value_from_small_int(start), VALUE_NONE, value_from_small_int(step));
    assert_true(rt_delitem(th, list, slice));
    rt_decref(th, slice);
    for (int64_t i = 0; i < m->size; i++) {
        if (i < start || (i - start) % step != 0) {
            m->items[kept++] = m->items[i];
        }
    }
    m->size = kept;
}

static void random_operations(void **state)
{
    (void)state;
    uint64_t seed = 1234567;
    Model m = {.size = 0};
    Value list = list_new(th, NULL, 0);
    for (int round = 0; round < 6000; round++) {
        int64_t x = (int64_t)(next_random(&seed) % 1000);
        int64_t at = (int64_t)(next_random(&seed) % (uint64_t)(m.size + 1));
        uint64_t choice = next_random(&seed) % 8;
        if (m.size > MODEL_MAX - 20) {
            choice = 6;
        }
        if (choice < 2) {
            assert_true(list_append(th, list, value_from_small_int(x)));
            model_splice(&m, m.size, m.size, &x, 1);
        } else if (choice == 2) {
            assert_true(list_insert(th, list, at, value_from_small_int(x)));
            model_splice(&m, at, at, &x, 1);
        } else if (choice == 3 && at < m.size) {
            assert_int_equal(list_pop(th, list, at), value_from_small_int(m.items[at]));
            model_splice(&m, at, at + 1, NULL, 0);
        } else if (choice == 4 && at < m.size) {
            assert_true(list_set(th, list, at, value_from_small_int(x)));
            m.items[at] = x;
        } else if (choice == 5) {
            assign_slice(list, &m, &seed);
        } else if (choice == 6 && round % 4 == 0) {
            delete_steps(list, &m, &seed);
        }
        if (round % 16 == 0) {
            check_model(list, &m);
        }
    }
    check_model(list, &m);
    rt_decref(th, list);
}

static Value random_key(int kind, uint64_t *seed)
{
    int64_t x = (int64_t)(next_random(seed) % 200) - 100;
    switch (kind) {
    case 0: return value_from_small_int(x);
    case 1: return value_from_double((double)x / 4);
    case 2: return str_from_format(th, "text %d", (int)x);
    default: return x % 2 == 0 ? value_from_small_int(x) : value_from_double((double)x / 4);
    }
}

/* Sorts pairs (key, number) by comparing tuples, and keys alone: ascending, nothing lost. */
static void sorting_orders(void **state)
{
    (void)state;
    uint64_t seed = 42;
    for (int round = 0; round < 200; round++) {
        int kind = round % 4;
        int64_t count = (int64_t)(next_random(&seed) % 300);
        Value list = list_new(th, NULL, 0);
        for (int64_t i = 0; i < count; i++) {
            Value key = random_key(kind, &seed);
            if (round % 3 == 0 && i > 0 && i % 50 != 0) {
                rt_decref(th, key); /* long runs */
                key = list_get(th, list, i - 1);
            }
            assert_true(list_append_steal(th, list, key));
        }
        Value copy = list_new(th, NULL, 0);
        assert_true(list_extend(th, copy, list));
        bool reverse = round % 5 == 0;
        assert_true(list_sort(th, list, VALUE_ABSENT, reverse));
        assert_int_equal(list_size(list), count);
        for (int64_t i = 1; i < count; i++) {
            Value a = list_get(th, list, i - 1), b = list_get(th, list, i);
            assert_int_equal(rt_compare_bool(th, a, b, reverse ? CMP_GE : CMP_LE), 1);
            rt_decref(th, a);
            rt_decref(th, b);
        }
        for (int64_t i = 0; i < count; i += 17) {
            Value v = list_get(th, copy, i);
            assert_int_equal(rt_contains(th, list, v), 1);
            rt_decref(th, v);
        }
        rt_decref(th, copy);
        rt_decref(th, list);
    }
}

static Value first_of_pair(Thread *thread, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs;
    (void)kwnames;
    return rt_getitem(thread, args[0], value_from_small_int(0));
}

/* Equal keys keep the order of their items, also when reversed. */
static void sorting_is_stable(void **state)
{
    (void)state;
    static const NativeDef def = {"first", first_of_pair, 1, 1, 0};
    uint64_t seed = 7;
    Value key = native_function_new(th, &def, VALUE_ABSENT);
    for (int round = 0; round < 40; round++) {
        Value list = list_new(th, NULL, 0);
        for (int64_t i = 0; i < 500; i++) {
            Value pair[2] = {value_from_small_int((int64_t)(next_random(&seed) % 20)),
                             value_from_small_int(i)};
            assert_true(list_append_steal(th, list, tuple_new(th, pair, 2)));
        }
        bool reverse = round % 2 == 1;
        assert_true(list_sort(th, list, key, reverse));
        const Value *slots = atomic_load(&value_list(list)->table)->slots;
        for (int64_t i = 1; i < 500; i++) {
            const Value *a = value_tuple(slots[i - 1])->items, *b = value_tuple(slots[i])->items;
            assert_true(a[0] == b[0] ? a[1] < b[1] : (a[0] < b[0]) != reverse);
        }
        rt_decref(th, list);
    }
    rt_decref(th, key);
}

static Value growing_key(Thread *thread, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs;
    (void)kwnames;
    Value list = VALUE_ABSENT, name = str_intern_cstr(thread, "sorted_list");
    if (!dict_get(thread, thread->rt->builtins, name, &list) ||
        !list_append(thread, list, VALUE_NONE)) {
        return VALUE_ABSENT;
    }
    rt_decref(thread, name);
    rt_decref(thread, list);
    return args[0];
}

static void sorting_refuses_changes(void **state)
{
    (void)state;
    static const NativeDef def = {"grow", growing_key, 1, 1, 0};
    Value key = native_function_new(th, &def, VALUE_ABSENT);
    Value items[3] = {value_from_small_int(3), value_from_small_int(1), value_from_small_int(2)};
    Value list = list_new(th, items, 3);
    assert_true(dict_set_cstr(th, th->rt->builtins, "sorted_list", list));
    assert_false(list_sort(th, list, key, false));
    assert_true(rt_pending_is(th, EXC_VALUE_ERROR));
    rt_clear_exception(th);
    assert_int_equal(list_size(list), 3);
    Value name = str_intern_cstr(th, "sorted_list");
    assert_int_equal(dict_delete(th, th->rt->builtins, name), 1);
    rt_decref(th, name);
    rt_decref(th, list);
    rt_decref(th, key);
}

/* A list that holds itself prints [...] there. */
static void recursive_repr(void **state)
{
    (void)state;
    Value list = list_new(th, NULL, 0), dict = dict_new(th);
    assert_true(list_append(th, list, value_from_small_int(1)));
    assert_true(list_append(th, list, list));
    assert_true(dict_set(th, dict, value_from_small_int(1), dict));
    assert_true(list_append(th, list, dict));
    Value text = rt_repr(th, list);
    assert_string_equal(str_utf8(th, text, NULL), "[1, [...], {1: {...}}]");
    rt_decref(th, text);
    Value none = VALUE_NONE;
    assert_true(list_set(th, list, 1, none));
    assert_int_equal(dict_delete(th, dict, value_from_small_int(1)), 1);
    rt_decref(th, list);
    rt_decref(th, dict);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(expressions, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(allocation_failures, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(random_operations, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(sorting_orders, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(sorting_is_stable, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(sorting_refuses_changes, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(recursive_repr, table_setup, expression_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
