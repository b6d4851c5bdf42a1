/*
 * Fast paths against the runtime's own operators: each form of each operator, comparison and jump on
 * numbers at the edges of their encodings and on some objects must give what rt_binary, rt_unary and
 * rt_compare give, be it a value or an exception.
 */
#include "tests/interp/support.h"

#include <math.h>
#include <stdio.h>

#include "runtime/int.h"

enum { FORMS = 8, JUMP_FORMS = 9, SAMPLES_MAX = 64 };

static const BinaryOp binary_ops[] = {BIN_ADD,      BIN_SUB, BIN_MUL, BIN_TRUEDIV,
                                      BIN_FLOORDIV, BIN_MOD, BIN_POW, BIN_LSHIFT,
                                      BIN_RSHIFT,   BIN_AND, BIN_OR,  BIN_XOR};
static const CompareOp compare_ops[] = {CMP_LT, CMP_LE, CMP_EQ, CMP_NE, CMP_GT, CMP_GE};

static uint32_t make_samples(Thread *th, Value *out)
{
    static const int64_t ints[] = {0,
                                   1,
                                   -1,
                                   2,
                                   -2,
                                   3,
                                   7,
                                   -7,
                                   10,
                                   48,
                                   49,
                                   50,
                                   63,
                                   64,
                                   255,
                                   32767,
                                   -32768,
                                   65536,
                                   2147483647,
                                   -2147483648,
                                   4294967295,
                                   4294967296,
                                   INT64_C(1) << 48,
                                   SMALL_INT_MAX,
                                   SMALL_INT_MIN,
                                   SMALL_INT_MAX - 1,
                                   -SMALL_INT_MAX,
                                   SMALL_INT_MAX + 1,
                                   SMALL_INT_MIN - 1,
                                   INT64_MAX,
                                   INT64_MIN};
    static const double doubles[] = {
        0.0,      -0.0,      1.0, -1.0, 0.5, -2.5, 3.0, 1e300, -1e-300, 5e-324, 9007199254740993.0,
        INFINITY, -INFINITY, NAN, -NAN};
    uint32_t n = 0;
    for (size_t i = 0; i < sizeof ints / sizeof *ints; i++) {
        out[n++] = int_from_i64(th, ints[i]);
    }
    for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++) {
        out[n++] = value_from_bits_double(doubles[i]);
    }
    out[n++] = VALUE_TRUE;
    out[n++] = VALUE_FALSE;
    out[n++] = VALUE_NONE;
    out[n++] = str_from_cstr(th, "text");
    out[n++] = list_new(th, out, 2);
    assert_true(n <= SAMPLES_MAX);
    return n;
}

static void drop_samples(Thread *th, const Value *samples, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        rt_decref(th, samples[i]);
    }
}

/* Would the operation take too much memory for a test? */
static bool too_large(BinaryOp op, Value a, Value b)
{
    bool large = (value_is_small_int(b) && value_int(b) > 64) || value_has_type(b, TYPE_INT);
    bool count = value_is_small_int(a) && value_int(a) > 64;
    bool sequence = op == BIN_MUL && (large || count || value_has_type(a, TYPE_INT)) &&
                    (value_is_str(a) || value_is_list(a) || value_is_str(b) || value_is_list(b));
    return ((op == BIN_POW || op == BIN_LSHIFT) && large) || sequence;
}

/* Same value, type and bits; or the same exception. Drops both. */
static bool same_steal(Thread *th, Value got, Value expected, Value got_exception)
{
    bool same;
    if (expected == VALUE_ABSENT) {
        Value exception = rt_take_exception(th);
        same = got == VALUE_ABSENT && rt_type_of(exception) == rt_type_of(got_exception);
        rt_xdecref(th, exception);
    } else if (got == VALUE_ABSENT) {
        same = false;
    } else {
        same = rt_is(got, expected);
        if (!same && value_is_object(got) && value_is_object(expected) &&
            rt_type_of(got) == rt_type_of(expected)) {
            same = rt_equal(th, got, expected) == 1;
        }
    }
    rt_xdecref(th, got);
    rt_xdecref(th, expected);
    rt_xdecref(th, got_exception);
    return same;
}

/* Calls a made function with (a, b) and compares with what is expected (stolen) or is pending. */
static bool check(Thread *th, Value f, Value a, Value b, Value expected)
{
    Value args[2] = {a, b};
    Value pending = rt_take_exception(th);
    Value got = rt_call(th, f, args, 2, VALUE_ABSENT);
    Value got_exception = rt_take_exception(th);
    th->exception = pending;
    rt_decref(th, f);
    return same_steal(th, got, expected, got_exception);
}

/* The instruction for a form of a binary operator: parameters 0 and 1, temporary 2. K: constant. */
static bool make_binary(Thread *th, uint32_t op, Value a, Value b, Value *f)
{
    uint32_t form = op % FORMS;
    bool temporary = (form & 1) != 0;
    Value constant = VALUE_NONE;
    Insn insns[2] = {{(uint16_t)(BC_ADD_RR + op), temporary ? 2 : 0, 0, 1},
                     {BC_RETURN, temporary ? 2 : 0, 0, 0}};
    switch (form / 2) {
    case 1: /* RK */
        insns[0].c = 2;
        constant = b;
        break;
    case 2: /* KR */
        insns[0].b = 2;
        constant = a;
        break;
    case 3: /* RI */
        if (!value_is_small_int(b) || value_int(b) < INT16_MIN || value_int(b) > INT16_MAX) {
            return false;
        }
        insns[0].c = (uint16_t)value_int(b);
        break;
    default: break;
    }
    *f = make_function(th, insns, 2, &constant, 1, 2);
    return true;
}

static void binary_forms_agree_with_runtime(void **state)
{
    Thread *th = *state;
    Value samples[SAMPLES_MAX];
    uint32_t n = make_samples(th, samples);
    for (uint32_t op = 0; op < FORMS * sizeof binary_ops / sizeof *binary_ops; op++) {
        for (uint32_t i = 0; i < n * n; i++) {
            Value a = samples[i / n], b = samples[i % n], f;
            BinaryOp operator= binary_ops[op / FORMS];
            if (too_large(operator, a, b) || !make_binary(th, op, a, b, &f)) {
                continue;
            }
            if (!check(th, f, a, b, rt_binary(th, operator, a, b))) {
                fail_msg("%s of samples %u and %u", bytecode_info[BC_ADD_RR + op].name, i / n,
                         i % n);
            }
        }
    }
    drop_samples(th, samples, n);
}

static void unary_forms_agree_with_runtime(void **state)
{
    Thread *th = *state;
    Value samples[SAMPLES_MAX];
    uint32_t n = make_samples(th, samples);
    for (uint32_t op = BC_NEG; op <= BC_NOT_T; op++) {
        bool temporary = ((op - BC_NEG) & 1) != 0;
        for (uint32_t i = 0; i < n; i++) {
            Insn insns[2] = {{(uint16_t)op, temporary ? 2 : 0, 0, 0},
                             {BC_RETURN, temporary ? 2 : 0, 0, 0}};
            Value f = make_function(th, insns, 2, NULL, 0, 2);
            Value expected = op >= BC_NOT ? value_from_bool(rt_truth(th, samples[i]) == 0)
                                          : rt_unary(th, (UnaryOp)((op - BC_NEG) / 2), samples[i]);
            if (!check(th, f, samples[i], VALUE_NONE, expected)) {
                fail_msg("%s of sample %u", bytecode_info[op].name, i);
            }
        }
    }
    drop_samples(th, samples, n);
}

static void comparisons_agree_with_runtime(void **state)
{
    Thread *th = *state;
    Value samples[SAMPLES_MAX];
    uint32_t n = make_samples(th, samples);
    for (uint32_t op = BC_LT; op < BC_IS; op++) {
        bool temporary = ((op - BC_LT) & 1) != 0;
        for (uint32_t i = 0; i < n * n; i++) {
            Value a = samples[i / n], b = samples[i % n];
            Insn insns[2] = {{(uint16_t)op, temporary ? 2 : 0, 0, 1},
                             {BC_RETURN, temporary ? 2 : 0, 0, 0}};
            Value f = make_function(th, insns, 2, NULL, 0, 2);
            if (!check(th, f, a, b, rt_compare(th, a, b, compare_ops[(op - BC_LT) / 2]))) {
                fail_msg("%s of samples %u and %u", bytecode_info[op].name, i / n, i % n);
            }
        }
    }
    drop_samples(th, samples, n);
}

/* Jumps over LOADI 0 to LOADI 1. The back-edge forms may jump forward here as well. */
static bool make_jump(Thread *th, uint32_t op, Value b, Value *f)
{
    uint32_t form = (op - BC_JLT_RR) % JUMP_FORMS % 3;
    if (form == 1 &&
        (!value_is_small_int(b) || value_int(b) < INT16_MIN || value_int(b) > INT16_MAX)) {
        return false;
    }
    uint16_t operand = form == 0 ? 1 : form == 1 ? (uint16_t)value_int(b) : 5;
    Insn insns[5] = {{(uint16_t)op, 0, operand, 3},
                     {BC_LOADI_T, 2, 0, 0},
                     {BC_RETURN, 2, 0, 0},
                     {BC_LOADI_T, 2, 1, 0},
                     {BC_RETURN, 2, 0, 0}};
    *f = make_function(th, insns, 5, &b, 1, 2);
    return true;
}

static void jumps_agree_with_runtime(void **state)
{
    Thread *th = *state;
    Value samples[SAMPLES_MAX];
    uint32_t n = make_samples(th, samples);
    for (uint32_t op = BC_JLT_RR; op <= BC_JBGE_RK; op++) {
        bool when_false = (op - BC_JLT_RR) % JUMP_FORMS / 3 == 1;
        CompareOp operator= compare_ops[(op - BC_JLT_RR) / JUMP_FORMS];
        for (uint32_t i = 0; i < n * n; i++) {
            Value a = samples[i / n], b = samples[i % n], f;
            if (!make_jump(th, op, b, &f)) {
                continue;
            }
            int truth = rt_compare_bool(th, a, b, operator);
            Value expected =
                truth < 0 ? VALUE_ABSENT : value_from_small_int((truth != 0) != when_false);
            if (!check(th, f, a, b, expected)) {
                fail_msg("%s of samples %u and %u", bytecode_info[op].name, i / n, i % n);
            }
        }
    }
    drop_samples(th, samples, n);
}

static void truth_jumps_agree_with_runtime(void **state)
{
    Thread *th = *state;
    Value samples[SAMPLES_MAX];
    uint32_t n = make_samples(th, samples);
    static const uint16_t ops[] = {BC_JT, BC_JF, BC_JTB, BC_JFB, BC_JNONE, BC_JNOTNONE};
    for (size_t k = 0; k < sizeof ops / sizeof *ops; k++) {
        for (uint32_t i = 0; i < n; i++) {
            Insn insns[5] = {{ops[k], 0, 0, 3},
                             {BC_LOADI_T, 2, 0, 0},
                             {BC_RETURN, 2, 0, 0},
                             {BC_LOADI_T, 2, 1, 0},
                             {BC_RETURN, 2, 0, 0}};
            bool truth = rt_truth(th, samples[i]) != 0, none = samples[i] == VALUE_NONE;
            bool jumps = ops[k] == BC_JNONE      ? none
                         : ops[k] == BC_JNOTNONE ? !none
                                                 : truth == (ops[k] == BC_JT || ops[k] == BC_JTB);
            Value f = make_function(th, insns, 5, NULL, 0, 2);
            if (!check(th, f, samples[i], VALUE_NONE, value_from_small_int(jumps))) {
                fail_msg("%s of sample %u", bytecode_info[ops[k]].name, i);
            }
        }
    }
    drop_samples(th, samples, n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(binary_forms_agree_with_runtime),
        cmocka_unit_test(unary_forms_agree_with_runtime),
        cmocka_unit_test(comparisons_agree_with_runtime),
        cmocka_unit_test(jumps_agree_with_runtime),
        cmocka_unit_test(truth_jumps_agree_with_runtime),
    };
    return cmocka_run_group_tests(tests, interp_setup, interp_teardown);
}
