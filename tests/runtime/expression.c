/*
 * The calculator of expression.h: one recursive descent, a function for each level, that evaluates as
 * it reads.  Every value is owned by the function that got it until it is passed on; every failure,
 * out of memory too, leaves the exception on the thread, so that the calculator itself can be run
 * with each of its allocations failing.
 */
#include "tests/runtime/expression.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/containers.h"
#include "runtime/int.h"
#include "runtime/memory.h"
#include "runtime/str.h"

enum { ITEMS_MAX = 64 };

typedef struct Reader {
    Thread *th;
    const char *p;
} Reader;

static Value binary(Reader *r, int level);

static void skip_spaces(Reader *r)
{
    while (*r->p == ' ') {
        r->p++;
    }
}

static bool accept(Reader *r, const char *token)
{
    skip_spaces(r);
    size_t length = strlen(token);
    if (strncmp(r->p, token, length) != 0) {
        return false;
    }
    r->p += length;
    return true;
}

static Value syntax_error(Reader *r)
{
    return rt_raise(r->th, EXC_SYNTAX_ERROR, "test expression, at: %s", r->p);
}

static size_t name_length(const char *p)
{
    size_t n = 0;
    while (isalnum((unsigned char)p[n]) || p[n] == '_') {
        n++;
    }
    return n;
}

static Value number(Reader *r)
{
    const char *start = r->p;
    char *end;
    double d = strtod(start, &end);
    size_t digits = strspn(start, "0123456789");
    bool is_int = start[digits] == '\0' || strchr(".eE", start[digits]) == NULL;
    r->p = is_int ? start + digits : end;
    return is_int ? int_from_digits(r->th, start, digits, 10) : value_from_double(d);
}

static Value text(Reader *r)
{
    char quote = *r->p++;
    const char *start = r->p;
    while (*r->p != quote && *r->p != '\0') {
        r->p++;
    }
    Value v = str_from_utf8(r->th, start, (size_t)(r->p - start));
    r->p++;
    return v;
}

static Value constant_or_name(Reader *r)
{
    size_t n = name_length(r->p);
    if (n == 0) {
        return syntax_error(r);
    }
    char name[64];
    n = n < sizeof name ? n : sizeof name - 1;
    memcpy(name, r->p, n);
    name[n] = '\0';
    r->p += n;
    Value key = str_intern_cstr(r->th, name);
    if (key == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value v = dict_get_str(r->th, r->th->rt->builtins, key);
    if (v == VALUE_ABSENT && !rt_pending(r->th)) {
        v = natives_import(r->th, key);
    }
    if (v == VALUE_ABSENT && !rt_pending(r->th)) {
        rt_raise(r->th, EXC_NAME_ERROR, "name '%s' is not defined", name);
    }
    rt_decref(r->th, key);
    return v;
}

/* Values up to the closing token, for lists, tuples and calls. */
typedef struct Items {
    Value values[ITEMS_MAX];
    Value names[ITEMS_MAX]; /* keywords, from `positional` on */
    uint32_t count, positional;
    bool comma;
} Items;

static void items_drop(Reader *r, Items *items)
{
    for (uint32_t i = 0; i < items->count; i++) {
        rt_decref(r->th, items->values[i]);
        if (i >= items->positional) {
            rt_decref(r->th, items->names[i]);
        }
    }
}

static bool items_read(Reader *r, Items *items, const char *close)
{
    *items = (Items){.count = 0};
    while (!accept(r, close)) {
        skip_spaces(r);
        size_t n = name_length(r->p);
        bool keyword =
            n > 0 && !isdigit((unsigned char)*r->p) && r->p[n] == '=' && r->p[n + 1] != '=';
        if (keyword) {
            items->names[items->count] = str_from_utf8(r->th, r->p, n);
            r->p += n + 1;
            if (items->names[items->count] == VALUE_ABSENT) {
                items_drop(r, items);
                return false;
            }
        }
        Value v = binary(r, 0);
        if (v == VALUE_ABSENT || items->count + 1 == ITEMS_MAX) {
            if (keyword) {
                rt_decref(r->th, items->names[items->count]);
            }
            items_drop(r, items);
            return false;
        }
        items->values[items->count++] = v;
        items->positional += !keyword;
        items->comma = accept(r, ",");
    }
    return true;
}

static Value dict_display(Reader *r)
{
    Value dict = dict_new(r->th);
    if (dict == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    while (!accept(r, "}")) {
        Value key = binary(r, 0);
        accept(r, ":");
        Value v = key == VALUE_ABSENT ? VALUE_ABSENT : binary(r, 0);
        bool done = v != VALUE_ABSENT && dict_set(r->th, dict, key, v);
        rt_xdecref(r->th, key);
        rt_xdecref(r->th, v);
        if (!done) {
            rt_decref(r->th, dict);
            return VALUE_ABSENT;
        }
        accept(r, ",");
    }
    return dict;
}

static Value display(Reader *r, bool list)
{
    Items items;
    if (!items_read(r, &items, list ? "]" : ")")) {
        return VALUE_ABSENT;
    }
    if (!list && items.count == 1 && !items.comma) {
        return items.values[0];
    }
    Value v = list ? list_new(r->th, items.values, items.count)
                   : tuple_new(r->th, items.values, items.count);
    items_drop(r, &items);
    return v;
}

static Value primary(Reader *r)
{
    skip_spaces(r);
    if (isdigit((unsigned char)*r->p)) {
        return number(r);
    }
    if (*r->p == '\'') {
        return text(r);
    }
    if (accept(r, "[")) {
        return display(r, true);
    }
    if (accept(r, "(")) {
        return display(r, false);
    }
    if (accept(r, "{")) {
        return dict_display(r);
    }
    return constant_or_name(r);
}

static Value call_steal(Reader *r, Value callee)
{
    Items items;
    Value result = VALUE_ABSENT;
    if (items_read(r, &items, ")")) {
        uint32_t keywords = items.count - items.positional;
        Value names = keywords == 0 ? VALUE_ABSENT
                                    : tuple_new(r->th, items.names + items.positional, keywords);
        if (keywords == 0 || names != VALUE_ABSENT) {
            result = rt_call(r->th, callee, items.values, items.positional, names);
        }
        rt_xdecref(r->th, names);
        items_drop(r, &items);
    }
    rt_decref(r->th, callee);
    return result;
}

static Value attribute_steal(Reader *r, Value v)
{
    size_t n = name_length(r->p);
    Value name = str_from_utf8(r->th, r->p, n);
    r->p += n;
    Value result = name == VALUE_ABSENT ? VALUE_ABSENT : rt_getattr(r->th, v, name);
    rt_xdecref(r->th, name);
    rt_decref(r->th, v);
    return result;
}

static Value subscript_steal(Reader *r, Value v)
{
    Value key = binary(r, 0);
    accept(r, "]");
    Value result = key == VALUE_ABSENT ? VALUE_ABSENT : rt_getitem(r->th, v, key);
    rt_xdecref(r->th, key);
    rt_decref(r->th, v);
    return result;
}

static Value postfix(Reader *r)
{
    Value v = primary(r);
    while (v != VALUE_ABSENT) {
        if (accept(r, "(")) {
            v = call_steal(r, v);
        } else if (accept(r, "[")) {
            v = subscript_steal(r, v);
        } else if (accept(r, ".")) {
            v = attribute_steal(r, v);
        } else {
            break;
        }
    }
    return v;
}

static Value unary(Reader *r)
{
    UnaryOp op;
    if (accept(r, "-")) {
        op = UN_NEG;
    } else if (accept(r, "~")) {
        op = UN_INVERT;
    } else {
        return postfix(r);
    }
    Value v = unary(r);
    Value result = v == VALUE_ABSENT ? VALUE_ABSENT : rt_unary(r->th, op, v);
    rt_xdecref(r->th, v);
    return result;
}

typedef struct Operator {
    const char *token;
    int level;
    int op; /* BinaryOp, or 100 + CompareOp, or 200: in */
} Operator;

/* Longer tokens first. */
static const Operator operators[] = {
    {"**", 7, BIN_POW},      {"//", 6, BIN_FLOORDIV}, {"<<", 4, BIN_LSHIFT},
    {">>", 4, BIN_RSHIFT},   {"<=", 0, 100 + CMP_LE}, {">=", 0, 100 + CMP_GE},
    {"==", 0, 100 + CMP_EQ}, {"!=", 0, 100 + CMP_NE}, {"<", 0, 100 + CMP_LT},
    {">", 0, 100 + CMP_GT},  {"in ", 0, 200},         {"|", 1, BIN_OR},
    {"^", 2, BIN_XOR},       {"&", 3, BIN_AND},       {"+", 5, BIN_ADD},
    {"-", 5, BIN_SUB},       {"*", 6, BIN_MUL},       {"/", 6, BIN_TRUEDIV},
    {"%", 6, BIN_MOD},       {"@", 6, BIN_MATMUL},
};
enum { LEVEL_MAX = 7, COMPARISON = 100, MEMBERSHIP = 200 };

static const Operator *peek_operator(Reader *r)
{
    skip_spaces(r);
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (strncmp(r->p, operators[i].token, strlen(operators[i].token)) == 0) {
            return &operators[i];
        }
    }
    return NULL;
}

static Value apply(Reader *r, int op, Value a, Value b)
{
    if (op >= MEMBERSHIP) {
        int found = rt_contains(r->th, b, a);
        return found < 0 ? VALUE_ABSENT : value_from_bool(found != 0);
    }
    return op >= COMPARISON ? rt_compare(r->th, a, b, (CompareOp)(op - COMPARISON))
                            : rt_binary(r->th, (BinaryOp)op, a, b);
}

static Value binary(Reader *r, int level)
{
    if (level > LEVEL_MAX) {
        return unary(r);
    }
    Value a = binary(r, level + 1);
    const Operator *o;
    while (a != VALUE_ABSENT && (o = peek_operator(r)) != NULL && o->level == level) {
        r->p += strlen(o->token);
        Value b = binary(r, level == LEVEL_MAX ? level : level + 1); /* ** groups to the right */
        Value result = b == VALUE_ABSENT ? VALUE_ABSENT : apply(r, o->op, a, b);
        rt_decref(r->th, a);
        rt_xdecref(r->th, b);
        a = result;
    }
    return a;
}

Value expression_value(Thread *th, const char *source)
{
    Reader r = {th, source};
    Value v = binary(&r, 0);
    skip_spaces(&r);
    if (v != VALUE_ABSENT && *r.p != '\0') {
        rt_decref(th, v);
        return syntax_error(&r);
    }
    return v;
}

static char *exception_text(Thread *th)
{
    Value exception = rt_take_exception(th);
    Value message = rt_str(th, exception);
    const char *type = rt_type_name(exception);
    const char *words = message == VALUE_ABSENT ? "?" : str_utf8(th, message, &(size_t){0});
    size_t size = strlen(type) + strlen(words) + 3;
    char *out = malloc(size);
    if (out != NULL) {
        strcpy(out, type);
        strcat(out, ": ");
        strcat(out, words);
    }
    rt_xdecref(th, message);
    rt_decref(th, exception);
    return out;
}

char *expression_result(Thread *th, const char *source)
{
    Value v = expression_value(th, source);
    Value shown = v == VALUE_ABSENT ? VALUE_ABSENT : rt_repr(th, v);
    rt_xdecref(th, v);
    if (shown == VALUE_ABSENT) {
        return exception_text(th);
    }
    char *out = strdup(str_utf8(th, shown, &(size_t){0}));
    rt_decref(th, shown);
    return out;
}

void expression_check(Thread *th, const ExpressionCase *rows, size_t count)
{
    int failures = 0;
    for (size_t i = 0; i < count; i++) {
        char *result = expression_result(th, rows[i].text);
        if (result == NULL || strcmp(result, rows[i].expected) != 0) {
            failures++;
            print_error("%s\n    expected %s\n    got      %s\n", rows[i].text, rows[i].expected,
                        result);
        }
        free(result);
    }
    assert_int_equal(failures, 0);
}

/* Evaluates with the n-th allocation failing. true: as expected, and nothing failed any more. */
static bool survives(Thread *th, const ExpressionCase *row, uint64_t n, int *failures, int *raised)
{
    rt_alloc_fail_at(n, false);
    Value v = expression_value(th, row->text);
    rt_alloc_fail_at(0, false);
    if (v == VALUE_ABSENT && rt_pending_is(th, EXC_MEMORY_ERROR)) {
        rt_clear_exception(th);
        ++*raised;
        return false;
    }
    Value shown = v == VALUE_ABSENT ? VALUE_ABSENT : rt_repr(th, v);
    rt_xdecref(th, v);
    char *result =
        shown == VALUE_ABSENT ? exception_text(th) : strdup(str_utf8(th, shown, &(size_t){0}));
    rt_xdecref(th, shown);
    if (result == NULL || strcmp(result, row->expected) != 0) {
        ++*failures;
        print_error("%s with allocation %llu failing\n    expected %s\n    got      %s\n",
                    row->text, (unsigned long long)n, row->expected, result);
    }
    free(result);
    return true;
}

void expression_check_out_of_memory(Thread *th, const ExpressionCase *rows, size_t count)
{
    enum { ALLOCATIONS_MAX = 400, CALM = 3 };
    int failures = 0, raised = 0;
    for (size_t i = 0; i < count; i++) {
        int calm = 0; /* some failures are survived in silence: a cache that is not filled */
        for (uint64_t n = 1; n < ALLOCATIONS_MAX && calm < CALM; n++) {
            calm = survives(th, &rows[i], n, &failures, &raised) ? calm + 1 : 0;
        }
    }
    assert_int_equal(failures, 0);
    assert_true(raised > (int)count / 2);
}

int expression_setup(void **state)
{
    static char program[] = "program.py";
    static char *argv[] = {program};
    const NativeConfig config = {1, argv, "/adder", false, NULL};
    Thread *th = rt_start();
    if (th == NULL || !natives_init(th, &config)) {
        return -1;
    }
    *state = th;
    return 0;
}

int expression_teardown(void **state)
{
    rt_stop(*state);
    return 0;
}
