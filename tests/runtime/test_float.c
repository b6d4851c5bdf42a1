/*
 * Float: results of CPython (float_cases.txt), repr that reads back from any bits, NaNs from
 * outside, and failing allocations.
 */
#include "tests/runtime/cases.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/abstract.h"
#include "runtime/float.h"
#include "runtime/memory.h"

static void test_results_are_cpythons(void **state) { run_cases(*state, "float_cases.txt"); }

/* Does a shorter text (one digit less, either neighbour) read back too? */
static bool shorter_reads_back(double d, const char *text)
{
    size_t digits = 0;
    for (const char *p = text; *p != '\0' && *p != 'e'; p++) {
        digits += *p >= '0' && *p <= '9' && (digits > 0 || *p != '0');
    }
    if (digits < 2 || strchr(text, 'e') == NULL) {
        return false; /* fixed notation pads with zeros: only scientific texts are judged */
    }
    char shorter[64];
    snprintf(shorter, sizeof shorter, "%.*e", (int)digits - 2, d);
    return strtod(shorter, NULL) == d;
}

static void test_repr_is_short_and_reads_back(void **state)
{
    (void)state;
    uint64_t seed = 1234567;
    for (int i = 0; i < 20000; i++) {
        double d = double_from_bits(random_word(&seed));
        if (!isfinite(d)) {
            continue;
        }
        char text[FLOAT_REPR_MAX];
        size_t length = float_repr(d, text);
        assert_true(length < FLOAT_REPR_MAX);
        assert_true(bits_from_double(strtod(text, NULL)) == bits_from_double(d));
        assert_false(shorter_reads_back(d, text));
        double parsed;
        assert_true(float_parse(text, length, &parsed));
        assert_true(bits_from_double(parsed) == bits_from_double(d));
    }
}

/* A signalling NaN computed with, or any NaN negated, must stay a double in the encoding. */
static void test_nans_from_outside_stay_doubles(void **state)
{
    Thread *th = *state;
    uint64_t seed = 7;
    for (int i = 0; i < 1000; i++) {
        uint64_t bits = random_word(&seed) | 0x7FF0000000000001u;
        Value v = value_from_bits_double(double_from_bits(bits));
        assert_true(value_is_double(v));
        Value results[] = {rt_binary(th, BIN_SUB, value_from_small_int(1), v),
                           rt_binary(th, BIN_MUL, v, v), rt_unary(th, UN_NEG, v),
                           value_from_double(-value_double(v)),
                           value_from_double(value_double(v) + 1.0)};
        for (size_t k = 0; k < sizeof results / sizeof results[0]; k++) {
            assert_true(value_is_double(results[k]));
        }
    }
}

static void test_power_refuses_complex(void **state)
{
    Thread *th = *state;
    double out;
    assert_false(float_pow(th, -8.0, 0.5, &out));
    assert_true(rt_pending_is(th, EXC_NOT_IMPLEMENTED_ERROR));
    rt_clear_exception(th);
    assert_true(float_pow(th, -8.0, 3.0, &out) && out == -512.0);
    assert_true(float_pow(th, -INFINITY, 0.5, &out) && out == INFINITY);
}

static void test_conversion_names_the_type(void **state)
{
    Thread *th = *state;
    double out;
    assert_false(float_from_value(th, VALUE_NONE, &out));
    assert_raised(th, EXC_TYPE_ERROR, "must be real number, not NoneType");
    assert_true(rt_call(th, value_from_object(rt_type_by_id(TYPE_FLOAT)), (Value[]){VALUE_NONE}, 1,
                        VALUE_ABSENT) == VALUE_ABSENT);
    assert_raised(th, EXC_TYPE_ERROR,
                  "float() argument must be a string or a real number, not 'NoneType'");
}

static Value texts(Thread *th, void *arg)
{
    (void)arg;
    static const char types[] = "eEfFgGr%";
    for (const char *t = types; *t != '\0'; t++) {
        size_t length;
        char *text = float_format(1234.5678, *t, *t == 'r' ? -1 : 3, 0, &length);
        if (text == NULL) {
            return rt_raise_memory_error(th);
        }
        rt_free(text);
    }
    return rt_repr(th, value_from_double(0.1));
}

static void test_failing_allocations(void **state) { sweep_failures(*state, texts, NULL); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_results_are_cpythons),
        cmocka_unit_test(test_repr_is_short_and_reads_back),
        cmocka_unit_test(test_nans_from_outside_stay_doubles),
        cmocka_unit_test(test_power_refuses_complex),
        cmocka_unit_test(test_conversion_names_the_type),
        cmocka_unit_test(test_failing_allocations),
    };
    return cmocka_run_group_tests(tests, runtime_setup, runtime_teardown);
}
