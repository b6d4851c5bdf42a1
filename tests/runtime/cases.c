/*
 * Support of the runtime's tests: reading and running files of cases, assertions, sweeps.
 */
#define _GNU_SOURCE /* strsep */
#include "tests/runtime/cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/abstract.h"
#include "runtime/float.h"
#include "runtime/int.h"
#include "runtime/memory.h"
#include "runtime/str.h"

enum { LINE_MAX_BYTES = 1 << 16, OPERANDS_MAX = 4 };

int runtime_setup(void **state)
{
    *state = rt_start();
    return *state == NULL;
}

int runtime_teardown(void **state)
{
    rt_stop(*state);
    return 0;
}

uint64_t random_word(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    *state = x;
    return x;
}

static Value operand(Thread *th, const char *text)
{
    switch (*text) {
    case '!': return value_from_bits_double(double_from_bits(strtoull(text + 1, NULL, 16)));
    case 's': return str_from_utf8(th, text + 1, strlen(text + 1));
    case 'T': return VALUE_TRUE;
    case 'F': return VALUE_FALSE;
    case 'N': return VALUE_NONE;
    default: return int_parse(th, text, strlen(text), 16, VALUE_ABSENT);
    }
}

static Value call_type(Thread *th, uint32_t type_id, const Value *v, uint32_t count)
{
    return rt_call(th, value_from_object(rt_type_by_id(type_id)), v, count, VALUE_ABSENT);
}

static Value call_method(Thread *th, const char *name, const Value *v, uint32_t count)
{
    Value key = str_intern_cstr(th, name);
    Value method = rt_getattr(th, v[0], key);
    Value result = method;
    if (method != VALUE_ABSENT && rt_is_callable(method)) {
        result = rt_call(th, method, v + 1, count - 1, VALUE_ABSENT);
        rt_decref(th, method);
    }
    rt_decref(th, key);
    return result;
}

static Value hash_value(Thread *th, Value v)
{
    int64_t hash;
    return rt_hash(th, v, &hash) ? int_from_i64(th, hash) : VALUE_ABSENT;
}

static Value round_value(Thread *th, const Value *v)
{
    return value_is_double(v[0]) ? float_round(th, value_double(v[0]), v[1])
                                 : int_round(th, v[0], v[1]);
}

static Value evaluate(Thread *th, const char *op, const Value *v, uint32_t count)
{
    static const char *const binary[BIN_COUNT] = {"+",  "-",  "*",  "@", "/", "//", "%",
                                                  "**", "<<", ">>", "&", "|", "^"};
    for (int i = 0; i < BIN_COUNT; i++) {
        if (strcmp(op, binary[i]) == 0) {
            return rt_binary(th, (BinaryOp)i, v[0], v[1]);
        }
    }
    if (*op == '.') {
        return call_method(th, op + 1, v, count);
    }
    if (strncmp(op, "cmp", 3) == 0) {
        return rt_compare(th, v[0], v[1], (CompareOp)(op[3] - '0'));
    }
    return strcmp(op, "neg") == 0      ? rt_unary(th, UN_NEG, v[0])
           : strcmp(op, "inv") == 0    ? rt_unary(th, UN_INVERT, v[0])
           : strcmp(op, "pow3") == 0   ? int_pow_mod(th, v[0], v[1], v[2])
           : strcmp(op, "divmod") == 0 ? int_divmod(th, v[0], v[1])
           : strcmp(op, "hash") == 0   ? hash_value(th, v[0])
           : strcmp(op, "int") == 0    ? call_type(th, TYPE_INT, v, count)
           : strcmp(op, "float") == 0  ? call_type(th, TYPE_FLOAT, v, count)
           : strcmp(op, "repr") == 0   ? rt_repr(th, v[0])
           : strcmp(op, "format") == 0 ? rt_format(th, v[0], v[1])
           : strcmp(op, "round") == 0  ? round_value(th, v)
                                       : rt_raise(th, EXC_SYSTEM_ERROR, "no operation %s", op);
}

/* The result's text in the form of the case files. v: stolen. owns: malloc'ed. */
static char *result_text_steal(Thread *th, Value v)
{
    char *out;
    if (v == VALUE_ABSENT) {
        Value exc = rt_take_exception(th);
        assert_true(exc != VALUE_ABSENT);
        Value text = rt_str(th, exc);
        size_t room = strlen(rt_type_name(exc)) + strlen(str_utf8(th, text, NULL)) + 2;
        out = malloc(room);
        snprintf(out, room, "%s %s", rt_type_name(exc), str_utf8(th, text, NULL));
        rt_decref(th, text);
        rt_decref(th, exc);
        return out;
    }
    Value text = value_is_int(v) ? int_to_str(th, v, 16) : rt_repr(th, v);
    out = strdup(str_utf8(th, text, NULL));
    rt_decref(th, text);
    rt_decref(th, v);
    return out;
}

static void run_case(Thread *th, char *line, int number)
{
    char *rest = line;
    const char *expected = strsep(&rest, "\t");
    const char *op = strsep(&rest, "\t");
    Value operands[OPERANDS_MAX];
    uint32_t count = 0;
    char *text;
    char shown[120];
    snprintf(shown, sizeof shown, "%s", rest);
    while (count < OPERANDS_MAX && (text = strsep(&rest, "\t")) != NULL) {
        operands[count] = operand(th, text);
        assert_true(operands[count++] != VALUE_ABSENT);
    }
    char *got = result_text_steal(th, evaluate(th, op, operands, count));
    if (strcmp(got, expected) != 0) {
        fail_msg("line %d: %s %s\nexpected %.300s\ngot      %.300s", number, op, shown, expected,
                 got);
    }
    free(got);
    for (uint32_t i = 0; i < count; i++) {
        rt_decref(th, operands[i]);
    }
}

void run_cases(Thread *th, const char *file_name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", CASES_DIR, file_name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *line = malloc(LINE_MAX_BYTES);
    int number = 0;
    while (fgets(line, LINE_MAX_BYTES, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        run_case(th, line, ++number);
    }
    free(line);
    fclose(file);
    assert_true(number > 100);
}

void assert_raised(Thread *th, uint32_t type_id, const char *text)
{
    assert_true(rt_pending(th));
    assert_string_equal(rt_type_name(th->exception), rt_type_by_id(type_id)->name);
    Value exc = rt_take_exception(th);
    Value shown = rt_str(th, exc);
    assert_string_equal(str_utf8(th, shown, NULL), text);
    rt_decref(th, shown);
    rt_decref(th, exc);
}

void assert_repr_steal(Thread *th, Value v, const char *text)
{
    assert_true(v != VALUE_ABSENT);
    Value shown = rt_repr(th, v);
    assert_true(shown != VALUE_ABSENT);
    assert_string_equal(str_utf8(th, shown, NULL), text);
    rt_decref(th, shown);
    rt_decref(th, v);
}

void sweep_failures(Thread *th, Value (*operation)(Thread *th, void *arg), void *arg)
{
    enum { RUNS_MAX = 20000 };
    int failures = 0;
    for (uint64_t n = 1; n < RUNS_MAX; n++) {
        rt_alloc_fail_at(n, (n & 1) != 0);
        Value result = operation(th, arg);
        rt_alloc_fail_at(0, false);
        if (result != VALUE_ABSENT) {
            rt_decref(th, result);
            assert_true(failures > 0 || n == 1);
            return;
        }
        failures++;
        assert_true(rt_pending_is(th, EXC_MEMORY_ERROR));
        rt_clear_exception(th);
    }
    fail_msg("never succeeds");
}
