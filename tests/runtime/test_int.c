/*
 * Int: results of CPython (int_cases.txt), identities on random operands, the invariant of the
 * representation, and failing allocations at every place.
 */
#include "tests/runtime/cases.h"

#include "runtime/abstract.h"
#include "runtime/containers.h"
#include "runtime/int.h"
#include "runtime/str.h"

static void test_results_are_cpythons(void **state) { run_cases(*state, "int_cases.txt"); }

/* Up to 40 limbs of random bits, in runs of ones and zeros now and then. */
static Value random_int(Thread *th, uint64_t *seed)
{
    Value v = value_from_small_int(0);
    int limbs = (int)(random_word(seed) % 40);
    bool runs = random_word(seed) % 4 == 0;
    for (int i = 0; i < limbs; i++) {
        uint64_t word = random_word(seed);
        word = runs ? (word % 3 == 0 ? UINT64_MAX : word % 3 == 1 ? 0 : word) : word;
        Value shifted = int_lshift(th, v, value_from_small_int(64));
        Value low = int_from_u64(th, word);
        rt_decref(th, v);
        v = int_or(th, shifted, low);
        rt_decref(th, shifted);
        rt_decref(th, low);
    }
    if (random_word(seed) % 2 == 0) {
        Value negated = int_neg(th, v);
        rt_decref(th, v);
        v = negated;
    }
    return v;
}

static void assert_same_steal(Thread *th, Value a, Value b)
{
    assert_true(a != VALUE_ABSENT && b != VALUE_ABSENT);
    assert_int_equal(int_compare(a, b), 0);
    assert_int_equal(int_hash(a), int_hash(b));
    rt_decref(th, a);
    rt_decref(th, b);
}

static void check_division(Thread *th, Value a, Value b)
{
    if (b == value_from_small_int(0)) {
        return;
    }
    Value q = int_floordiv(th, a, b), r = int_mod(th, a, b);
    Value product = int_mul(th, q, b);
    assert_same_steal(th, int_add(th, product, r), rt_newref(th, a));
    int sign = int_compare(b, value_from_small_int(0));
    assert_true(r == value_from_small_int(0) || int_compare(r, value_from_small_int(0)) == sign);
    Value size = int_abs(th, r), limit = int_abs(th, b);
    assert_int_equal(int_compare(size, limit), -1);
    rt_decref(th, size);
    rt_decref(th, limit);
    rt_decref(th, product);
    rt_decref(th, q);
    rt_decref(th, r);
}

static void test_identities(void **state)
{
    Thread *th = *state;
    uint64_t seed = 88172645463325252u;
    for (int i = 0; i < 300; i++) {
        Value a = random_int(th, &seed), b = random_int(th, &seed);
        Value sum = int_add(th, a, b), difference = int_sub(th, a, b);
        assert_same_steal(th, int_sub(th, sum, b), rt_newref(th, a));
        /* (a + b) * (a - b) == a * a - b * b */
        Value aa = int_mul(th, a, a), bb = int_pow(th, b, value_from_small_int(2));
        assert_same_steal(th, int_mul(th, sum, difference), int_sub(th, aa, bb));
        /* a + b == (a ^ b) + 2 * (a & b), and (a | b) == (a & b) + (a ^ b) */
        Value both = int_and(th, a, b), either = int_xor(th, a, b);
        Value twice = int_lshift(th, both, value_from_small_int(1));
        assert_same_steal(th, int_add(th, either, twice), rt_newref(th, sum));
        assert_same_steal(th, int_add(th, either, both), int_or(th, a, b));
        check_division(th, a, b);
        Value all[] = {a, b, sum, difference, aa, bb, both, either, twice};
        for (size_t k = 0; k < sizeof all / sizeof all[0]; k++) {
            rt_decref(th, all[k]);
        }
    }
}

static void test_text_reads_back_in_every_base(void **state)
{
    Thread *th = *state;
    uint64_t seed = 99;
    for (int base = 2; base <= 36; base++) {
        Value a = random_int(th, &seed);
        Value text = int_to_str(th, a, base);
        size_t length;
        const char *p = str_utf8(th, text, &length);
        assert_same_steal(th, int_parse(th, p, length, base, VALUE_ABSENT), a);
        rt_decref(th, text);
    }
}

static void test_large_products_and_text(void **state)
{
    Thread *th = *state;
    /* large enough for GMP's own scratch memory: 3 ** 60000 % 10 ** 9, checked by pow with modulus */
    Value big = int_pow(th, value_from_small_int(3), value_from_small_int(60000));
    Value rest = int_mod(th, big, value_from_small_int(1000000000));
    assert_same_steal(th, rest,
                      int_pow_mod(th, value_from_small_int(3), value_from_small_int(60000),
                                  value_from_small_int(1000000000)));
    Value text = int_to_str(th, big, 16);
    size_t length;
    const char *p = str_utf8(th, text, &length);
    assert_same_steal(th, int_parse(th, p, length, 16, VALUE_ABSENT), rt_newref(th, big));
    rt_decref(th, text);
    Value square = int_mul(th, big, big);
    Value root = int_floordiv(th, square, big);
    assert_same_steal(th, root, big);
    rt_decref(th, square);
}

static void test_small_range_is_never_on_the_heap(void **state)
{
    Thread *th = *state;
    Value edge = int_from_i64(th, SMALL_INT_MAX + 1);
    assert_true(value_is_object(edge));
    Value back = int_sub(th, edge, value_from_small_int(1));
    assert_true(back == value_from_small_int(SMALL_INT_MAX));
    rt_decref(th, edge);
    edge = int_from_i64(th, SMALL_INT_MIN - 1);
    assert_true(value_is_object(edge));
    assert_true(int_add(th, edge, value_from_small_int(1)) == value_from_small_int(SMALL_INT_MIN));
    rt_decref(th, edge);
    edge = int_neg(th, value_from_small_int(SMALL_INT_MIN));
    assert_true(value_is_object(edge));
    assert_true(int_neg(th, edge) == value_from_small_int(SMALL_INT_MIN));
    rt_decref(th, edge);
}

static void test_int64_edges(void **state)
{
    Thread *th = *state;
    const int64_t edges[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX - 1, INT64_MAX};
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        Value v = int_from_i64(th, edges[i]);
        int64_t back;
        assert_true(int_to_i64(v, &back));
        assert_true(back == edges[i]);
        rt_decref(th, v);
    }
    Value beyond = int_from_u64(th, UINT64_C(1) << 63);
    int64_t unused;
    assert_false(int_to_i64(beyond, &unused));
    assert_false(int_as_index(th, beyond, &unused, false));
    assert_raised(th, EXC_OVERFLOW_ERROR, "Python int too large to convert to C ssize_t");
    assert_true(int_as_index(th, beyond, &unused, true));
    assert_true(unused == INT64_MAX);
    rt_decref(th, beyond);
}

static void test_huge_results_are_memory_errors(void **state)
{
    Thread *th = *state;
    Value huge = int_pow(th, value_from_small_int(2), value_from_small_int(100));
    assert_true(int_pow(th, value_from_small_int(3), huge) == VALUE_ABSENT);
    assert_raised(th, EXC_MEMORY_ERROR, "");
    assert_true(int_lshift(th, value_from_small_int(1), value_from_small_int(INT64_C(1) << 48)) ==
                VALUE_ABSENT);
    assert_raised(th, EXC_MEMORY_ERROR, "");
    assert_true(int_lshift(th, value_from_small_int(1), huge) == VALUE_ABSENT);
    assert_raised(th, EXC_OVERFLOW_ERROR, "too many digits in integer");
    rt_decref(th, huge);
}

/* Each step owns what it makes; any may fail. arg: two long and two shorter ints. */
static Value arithmetic(Thread *th, void *arg)
{
    const Value *v = arg;
    Value (*const steps[])(Thread *, Value, Value) = {int_add,      int_sub,    int_mul,
                                                      int_floordiv, int_mod,    int_and,
                                                      int_xor,      int_divmod, int_truediv};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        Value r = steps[i](th, v[0], v[1]);
        if (r == VALUE_ABSENT) {
            return VALUE_ABSENT;
        }
        rt_decref(th, r);
    }
    Value power = int_pow(th, v[0], value_from_small_int(5));
    if (power == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value rest = int_pow_mod(th, v[0], v[2], power);
    Value inverse =
        rest == VALUE_ABSENT ? VALUE_ABSENT : int_pow_mod(th, v[2], value_from_small_int(-1), v[3]);
    Value text = inverse == VALUE_ABSENT ? VALUE_ABSENT : int_to_str(th, power, 10);
    rt_xdecref(th, rest);
    rt_xdecref(th, inverse);
    rt_decref(th, power);
    if (text == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    size_t length;
    const char *p = str_utf8(th, text, &length);
    Value parsed = p == NULL ? VALUE_ABSENT : int_parse(th, p, length, 10, VALUE_ABSENT);
    rt_decref(th, text);
    return parsed;
}

static void test_failing_allocations(void **state)
{
    Thread *th = *state;
    Value v[4] = {int_pow(th, value_from_small_int(3), value_from_small_int(1500)),
                  int_pow(th, value_from_small_int(7), value_from_small_int(500)),
                  int_pow(th, value_from_small_int(3), value_from_small_int(60)),
                  int_pow(th, value_from_small_int(7), value_from_small_int(30))};
    sweep_failures(th, arithmetic, v);
    for (int i = 0; i < 4; i++) {
        rt_decref(th, v[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_results_are_cpythons),
        cmocka_unit_test(test_identities),
        cmocka_unit_test(test_text_reads_back_in_every_base),
        cmocka_unit_test(test_large_products_and_text),
        cmocka_unit_test(test_small_range_is_never_on_the_heap),
        cmocka_unit_test(test_int64_edges),
        cmocka_unit_test(test_huge_results_are_memory_errors),
        cmocka_unit_test(test_failing_allocations),
    };
    return cmocka_run_group_tests(tests, runtime_setup, runtime_teardown);
}
