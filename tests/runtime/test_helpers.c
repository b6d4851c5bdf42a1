/* Helpers of machine code: the table keeps its own rules, pure helpers give Python's results, the
 * others keep the counts and the failure values that helpers.h promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "runtime/containers.h"
#include "runtime/helpers.h"
#include "runtime/int.h"
#include "runtime/memory.h"
#include "runtime/str.h"
#include "tests/runtime/expression.h"

static Value number(int64_t x) { return value_from_small_int(x); }

static void table_keeps_its_rules(void **state)
{
    (void)state;
    for (int id = 0; id < HELPER_COUNT; id++) {
        const HelperInfo *h = &helper_table[id];
        assert_non_null(h->fn);
        assert_non_null(strchr("IFV-", h->result));
        assert_true(strlen(h->arguments) <= 3);
        assert_int_equal(strspn(h->arguments, "IFVP"), strlen(h->arguments));
        bool pure = (h->effects & HELPER_PURE) != 0;
        assert_true(!pure || h->effects == HELPER_PURE);
        bool needs_thread = (h->effects & (HELPER_RAISES | HELPER_ALLOCATES)) != 0;
        assert_true(!needs_thread || (h->effects & HELPER_TAKES_THREAD) != 0);
        assert_int_equal(helper_by_name(h->name, strlen(h->name)), id);
    }
    assert_int_equal(helper_by_name("no_such_helper", 14), HELPER_COUNT);
}

static void pow_of_ints_is_exact_beyond_int64(void **state)
{
    Thread *th = *state;
    Value power = helper_int_pow_i64(th, -3, 99);
    Value expected = expression_value(th, "(-3) ** 99");
    assert_int_equal(rt_equal(th, power, expected), 1);
    rt_decref(th, power);
    rt_decref(th, expected);
    assert_true(helper_int_pow_i64(th, 3, 20) == number(3486784401));
}

static void exact_arithmetic_grows(void **state)
{
    Thread *th = *state;
    Value sum = helper_int_add_i64(th, INT64_MAX, INT64_MAX);
    Value difference = helper_int_sub_i64(th, INT64_MIN, INT64_MAX);
    Value product = helper_int_mul_i64(th, INT64_MIN, INT64_MIN);
    Value shifted = helper_int_lshift_i64(th, -5, 100);
    Value expected =
        expression_value(th, "[2 * 9223372036854775807, 1 - 2 ** 64, 2 ** 126, (-5) * 2 ** 100]");
    const Value made[4] = {sum, difference, product, shifted};
    Value list = list_new(th, made, 4);
    assert_int_equal(rt_equal(th, list, expected), 1);
    for (int i = 0; i < 4; i++) {
        rt_decref(th, made[i]);
    }
    rt_decref(th, list);
    rt_decref(th, expected);
}

static void bits_of_ints(void **state)
{
    (void)state;
    assert_int_equal(helper_int_bit_length(0), 0);
    assert_int_equal(helper_int_bit_length(-1), 1);
    assert_int_equal(helper_int_bit_length(INT64_MIN), 64);
    assert_int_equal(helper_int_bit_count(-7), 3);
    assert_int_equal(helper_int_gcd(-12, 18), 6);
    assert_int_equal(helper_int_gcd(0, 0), 0);
    assert_int_equal(helper_int_gcd(INT64_MIN, 0), -1);
    assert_int_equal(helper_int_gcd(INT64_MIN, 6), 2);
    assert_int_equal(helper_int_isqrt(INT64_MAX), 3037000499);
    assert_int_equal(helper_int_isqrt(3037000499 * INT64_C(3037000499)), 3037000499);
    assert_int_equal(helper_int_isqrt(3037000499 * INT64_C(3037000499) - 1), 3037000498);
}

/* The rule by which a trace may use a pure helper: a finite result needs no exception. */
static void domain_errors_are_not_finite(void **state)
{
    (void)state;
    assert_false(isfinite(helper_math_log(0.0)));
    assert_false(isfinite(helper_math_log(-1.0)));
    assert_false(isfinite(helper_math_sqrt(-1.0)));
    assert_false(isfinite(helper_math_sin((double)INFINITY)));
    assert_false(isfinite(helper_math_exp(1000.0)));
    assert_false(isfinite(helper_math_pow(0.0, -1.0)));
    assert_false(isfinite(helper_math_pow(-8.0, 1.0 / 3.0)));
    assert_false(isfinite(helper_math_fmod(1.0, 0.0)));
    assert_false(isfinite(helper_math_gamma(0.0)));
    assert_false(isfinite(helper_math_gamma(-3.0)));
    assert_false(isfinite(helper_math_lgamma(-3.0)));
    assert_false(isfinite(helper_math_atanh(1.0)));
}

/* Whatever NaN comes in, what comes out is one that a Value can hold. */
static void nans_can_be_boxed(void **state)
{
    (void)state;
    static const uint64_t bits[] = {0xFFFFFFFFFFFFFFFFull, 0x7FFFFFFFFFFFFFFFull,
                                    0xFFF8000000000001ull};
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) {
        double d = double_from_bits(bits[i]);
        assert_true(value_is_double(value_from_double(helper_math_sin(d))));
        assert_true(value_is_double(value_from_double(helper_math_copysign(d, -1.0))));
        assert_true(value_is_double(value_from_double(helper_math_pow(d, d))));
        assert_true(value_is_double(value_from_double(helper_math_hypot(d, 1.0))));
        assert_true(value_is_double(value_from_double(helper_math_rint_f(d))));
    }
}

static void hypot_helper_and_module_agree(void **state)
{
    Thread *th = *state;
    Value v = expression_value(th, "math.hypot(0.1, 0.7)");
    assert_true(value_double(v) == helper_math_hypot(0.1, 0.7));
}

static void expect_exception(Thread *th, uint32_t type_id)
{
    assert_true(rt_pending_is(th, type_id));
    rt_clear_exception(th);
}

static void lists_index_as_python(void **state)
{
    Thread *th = *state;
    Value list = expression_value(th, "[10, 11, 12]");
    assert_true(helper_list_getitem(th, list, -1) == number(12));
    assert_true(helper_list_getitem(th, list, 3) == VALUE_ABSENT);
    expect_exception(th, EXC_INDEX_ERROR);
    assert_true(helper_list_getitem(th, list, -4) == VALUE_ABSENT);
    expect_exception(th, EXC_INDEX_ERROR);
    assert_true(helper_list_getitem(th, list, INT64_MIN) == VALUE_ABSENT);
    expect_exception(th, EXC_INDEX_ERROR);
    assert_int_equal(helper_list_setitem(th, list, -3, number(7)), 0);
    assert_int_equal(helper_list_setitem(th, list, 3, number(7)), -1);
    expect_exception(th, EXC_INDEX_ERROR);
    assert_int_equal(helper_list_append(th, list, number(13)), 0);
    assert_int_equal(helper_list_insert(th, list, -100, number(6)), 0);
    assert_int_equal(helper_list_reverse(th, list), 0);
    Value slice = helper_list_slice(th, list, 1, -1);
    Value expected = expression_value(th, "[12, 11, 7]");
    assert_int_equal(rt_equal(th, slice, expected), 1);
    assert_true(helper_list_pop_last(th, list) == number(6));
    while (helper_list_pop_last(th, list) != VALUE_ABSENT) {
    }
    expect_exception(th, EXC_INDEX_ERROR);
    rt_decref(th, slice);
    rt_decref(th, expected);
    rt_decref(th, list);
}

static uint32_t count_of(Value v) { return value_object(v)->local; }

static void references_are_borrowed_or_stolen(void **state)
{
    Thread *th = *state;
    Value item = list_new(th, NULL, 0);
    Value list = list_new(th, NULL, 0);
    assert_int_equal(helper_list_append(th, list, item), 0);
    assert_int_equal(count_of(item), 2);
    assert_int_equal(helper_list_append_steal(th, list, rt_newref(th, item)), 0);
    assert_int_equal(count_of(item), 3);
    Value got = helper_list_getitem(th, list, 0);
    assert_int_equal(count_of(item), 4);
    rt_decref(th, got);
    Value items[2] = {item, item};
    Value tuple = helper_tuple_new_array(th, items, 2);
    assert_int_equal(count_of(item), 5);
    rt_decref(th, tuple);
    Value cell = helper_cell_new(th, item);
    assert_int_equal(count_of(item), 4);
    rt_decref(th, cell);
    rt_decref(th, list);
    assert_int_equal(count_of(item), 1);
    rt_decref(th, item);
}

static void iterators_start_where_they_are_told(void **state)
{
    Thread *th = *state;
    Value it = helper_range_iterator_new(th, 5, -2, 2);
    assert_true(helper_value_next(th, it) == number(5));
    assert_true(helper_value_next(th, it) == number(3));
    assert_true(helper_value_next(th, it) == VALUE_ABSENT);
    assert_false(rt_pending(th));
    rt_decref(th, it);
    Value list = expression_value(th, "[1, 2, 3]");
    it = helper_list_iterator_new(th, list, 2);
    assert_true(helper_value_next(th, it) == number(3));
    assert_true(helper_value_next(th, it) == VALUE_ABSENT);
    rt_decref(th, it);
    rt_decref(th, list);
}

static void dicts_and_texts(void **state)
{
    Thread *th = *state;
    Value dict = helper_dict_new(th);
    Value key = str_from_cstr(th, "key");
    assert_true(helper_dict_get_item(th, dict, key) == VALUE_ABSENT);
    expect_exception(th, EXC_KEY_ERROR);
    assert_true(helper_dict_get_absent(th, dict, key) == VALUE_ABSENT);
    assert_false(rt_pending(th));
    assert_int_equal(helper_dict_set_item(th, dict, key, number(1)), 0);
    assert_true(helper_dict_get_item(th, dict, key) == number(1));
    assert_int_equal(helper_dict_contains(th, dict, key), 1);
    assert_true(helper_dict_get_item(th, dict, dict) == VALUE_ABSENT);
    expect_exception(th, EXC_TYPE_ERROR);
    assert_int_equal(helper_str_len(key), 3);
    Value last = helper_str_getitem(th, key, -1);
    assert_int_equal(helper_str_ord(last), 'y');
    assert_true(helper_str_getitem(th, key, 3) == VALUE_ABSENT);
    expect_exception(th, EXC_INDEX_ERROR);
    assert_true(helper_str_from_char(th, 0x110000) == VALUE_ABSENT);
    expect_exception(th, EXC_VALUE_ERROR);
    rt_decref(th, last);
    rt_decref(th, key);
    rt_decref(th, dict);
}

static void iterators_and_unpacking_say_how_they_end(void **state)
{
    Thread *th = *state;
    Value list = expression_value(th, "[1, 2]"), it = helper_value_iter(th, list);
    assert_true(helper_iter_next(th, it) == number(1));
    assert_true(helper_iter_next(th, it) == number(2));
    assert_true(helper_iter_next(th, it) == VALUE_UNBOUND);
    assert_false(rt_pending(th));
    assert_true(helper_iter_next(th, list) == VALUE_ABSENT);
    expect_exception(th, EXC_TYPE_ERROR);
    Value pair = helper_value_unpack(th, list, 2);
    assert_true(value_is_tuple(pair) && value_tuple(pair)->size == 2);
    assert_true(helper_value_unpack(th, pair, 3) == VALUE_ABSENT);
    expect_exception(th, EXC_VALUE_ERROR);
    assert_true(helper_value_unpack(th, number(1), 1) == VALUE_ABSENT);
    expect_exception(th, EXC_TYPE_ERROR);
    Value starred = helper_value_unpack_ex(th, list, 1, 1);
    assert_int_equal(value_tuple(starred)->size, 3);
    assert_int_equal(list_size(value_tuple(starred)->items[1]), 0);
    assert_true(value_tuple(starred)->items[2] == number(2));
    rt_decref(th, starred);
    assert_true(helper_value_unpack_ex(th, list, 2, 1) == VALUE_ABSENT);
    expect_exception(th, EXC_VALUE_ERROR);
    assert_int_equal(helper_value_test_lt(th, number(1), number(2)), 1);
    assert_int_equal(helper_value_test_eq(th, pair, list), 0);
    assert_int_equal(helper_value_test_gt(th, pair, list), -1);
    expect_exception(th, EXC_TYPE_ERROR);
    rt_decref(th, pair);
    rt_decref(th, it);
    rt_decref(th, list);
}

static void displays_are_made_from_arrays(void **state)
{
    Thread *th = *state;
    Value list = expression_value(th, "[]"), text = expression_value(th, "'ab'");
    Value items[4] = {text, number(1), number(2), list};
    Value dict = helper_dict_new_array(th, items, 4), set = helper_set_new_array(th, items, 3);
    assert_int_equal(dict_size(dict), 2);
    assert_int_equal(set_size(set), 3);
    assert_true(helper_set_new_array(th, items, 4) == VALUE_ABSENT);
    expect_exception(th, EXC_TYPE_ERROR);
    Value texts[3] = {text, text, text}, joined = helper_str_join_array(th, texts, 3);
    assert_int_equal(value_str(joined)->length, 6);
    Value sorted = expression_value(th, "sorted"), names = expression_value(th, "('reverse',)");
    Value pair = expression_value(th, "(1, 2)"), args[3] = {names, pair, VALUE_TRUE};
    Value result = helper_value_call_kw(th, sorted, args + 1, 2);
    assert_true(helper_list_getitem(th, result, 0) == number(2));
    const Value all[] = {list, text, dict, set, joined, sorted, names, pair, result};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        rt_decref(th, all[i]);
    }
}

static void calls_spread_and_dicts_merge(void **state)
{
    Thread *th = *state;
    Value sorted = expression_value(th, "sorted"), args = expression_value(th, "([1, 2],)");
    Value named = expression_value(th, "{'reverse': True}"), empty = expression_value(th, "{}");
    Value result = helper_value_call_ex(th, sorted, args, named);
    assert_true(helper_list_getitem(th, result, 0) == number(2));
    rt_decref(th, result);
    result = helper_value_call_ex(th, sorted, args, VALUE_ABSENT);
    assert_true(helper_list_getitem(th, result, 0) == number(1));
    assert_true(helper_value_call_ex(th, args, args, empty) == VALUE_ABSENT);
    expect_exception(th, EXC_TYPE_ERROR);
    assert_int_equal(helper_dict_merge(th, empty, named), 1);
    assert_int_equal(dict_size(empty), 1);
    assert_int_equal(helper_dict_merge(th, empty, named), 0);
    Value odd = expression_value(th, "{1: 2}");
    assert_true(helper_value_call_ex(th, sorted, args, odd) == VALUE_ABSENT);
    expect_exception(th, EXC_TYPE_ERROR);
    const Value all[] = {sorted, args, named, empty, result, odd};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        rt_decref(th, all[i]);
    }
}

static void calls_pass_their_arguments(void **state)
{
    Thread *th = *state;
    Value max = expression_value(th, "max");
    assert_true(helper_value_call2(th, max, number(3), number(8)) == number(8));
    Value args[3] = {number(1), number(9), number(4)};
    assert_true(helper_value_call_array(th, max, args, 3) == number(9));
    const NativeDef *def = natives_find("builtins", "max");
    assert_non_null(def);
    assert_true(helper_native_call_array(th, (void *)(uintptr_t)def, args, 3) == number(9));
    assert_true(helper_value_call0(th, max) == VALUE_ABSENT);
    expect_exception(th, EXC_TYPE_ERROR);
    assert_true(helper_value_call1(th, number(1), number(2)) == VALUE_ABSENT);
    expect_exception(th, EXC_TYPE_ERROR);
    assert_null(natives_find("math", "no_such"));
    rt_decref(th, max);
}

/* Every allocation of start-up may fail: the process goes on, without natives. */
static void natives_survive_out_of_memory(void **state)
{
    (void)state;
    static char program[] = "program.py";
    static char *argv[] = {program};
    const NativeConfig config = {1, argv, "/adder", false, NULL};
    bool done = false;
    for (uint64_t n = 1; !done && n < 5000; n++) {
        Thread *th = rt_start();
        assert_non_null(th);
        rt_alloc_fail_at(n, true);
        done = natives_init(th, &config);
        rt_alloc_fail_at(0, false);
        assert_true(done || rt_pending_is(th, EXC_MEMORY_ERROR));
        rt_stop(th);
    }
    assert_true(done);
}

static void lent_reads_take_no_reference(void **state)
{
    Thread *th = *state;
    Value list = expression_value(th, "['a' * 3, 2, 3.5]");
    Value item = helper_list_item_lent(list, -3);
    assert_ptr_equal(item, helper_list_item_lent(list, 0));
    assert_int_equal(value_object(item)->local, 1);
    assert_int_equal(helper_list_item_lent(list, 3), VALUE_ABSENT);
    assert_int_equal(helper_list_item_lent(list, -4), VALUE_ABSENT);
    Value dict =
        expression_value(th, "{1: 'x' * 2, 'two': 2, 2.5: 3, 10 ** 30: 4, None: 5, (1,): 6}");
    item = helper_dict_get_lent(dict, value_from_small_int(1));
    assert_int_equal(value_object(item)->local, 1);
    static const char *const keys[] = {"'t' + 'wo'", "2.5", "10 ** 30", "None"};
    for (int64_t i = 0; i < 4; i++) {
        Value key = expression_value(th, keys[i]);
        assert_int_equal(helper_dict_get_lent(dict, key), value_from_small_int(i + 2));
        rt_decref(th, key);
    }
    assert_ptr_equal(helper_dict_get_lent(dict, value_from_double(1.0)), item);
    assert_ptr_equal(helper_dict_get_lent(dict, VALUE_TRUE), item);
    assert_int_equal(helper_dict_get_lent(dict, value_from_small_int(7)), VALUE_ABSENT);
    Value tuple = expression_value(th, "(1,)");
    assert_int_equal(helper_dict_get_lent(dict, tuple), VALUE_UNBOUND);
    rt_decref(th, tuple);
    rt_decref(th, dict);
    rt_decref(th, list);
}

int main(void)
{
    const struct CMUnitTest alone[] = {cmocka_unit_test(natives_survive_out_of_memory)};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_keeps_its_rules),
        cmocka_unit_test(pow_of_ints_is_exact_beyond_int64),
        cmocka_unit_test(exact_arithmetic_grows),
        cmocka_unit_test(bits_of_ints),
        cmocka_unit_test(domain_errors_are_not_finite),
        cmocka_unit_test(nans_can_be_boxed),
        cmocka_unit_test(hypot_helper_and_module_agree),
        cmocka_unit_test(lists_index_as_python),
        cmocka_unit_test(references_are_borrowed_or_stolen),
        cmocka_unit_test(iterators_start_where_they_are_told),
        cmocka_unit_test(dicts_and_texts),
        cmocka_unit_test(iterators_and_unpacking_say_how_they_end),
        cmocka_unit_test(displays_are_made_from_arrays),
        cmocka_unit_test(calls_spread_and_dicts_merge),
        cmocka_unit_test(calls_pass_their_arguments),
        cmocka_unit_test(lent_reads_take_no_reference),
    };
    int failed = cmocka_run_group_tests(alone, NULL, NULL);
    return failed + cmocka_run_group_tests(tests, expression_setup, expression_teardown);
}
