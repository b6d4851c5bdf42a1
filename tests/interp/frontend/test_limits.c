/* test_limits.c - no memory, deep nesting, pathological errors: always an answer, never a crash. */
#include <stdlib.h>

#include "tests/interp/frontend/support.h"

static const char *const programs[] = {
    "def f(a, b=1, *c, d, **e) -> g:\n"
    "    x = [i for i in range(10) if i] + {1: 2, **h}\n"
    "    return f'{x!r:>{y}} {z = }' 'abc' \"\\u1234\"\n"
    "class A(B, metaclass=C):\n"
    "    def \xc3\xa9(self): yield lambda q: q\n"
    "match a:\n"
    "    case [1, {'k': v}, P(x=2)] | None: pass\n"
    "try: import a.b as c\n"
    "except* (E, F) as g: raise x from y\n"
    "with (a as b, c): del d[0]; 0xfffff\n",
    "x = f(a, b c)\n",
    "x = [1, 2\ny = f'{a b}'\n",
    "f() = {1: 2, 3}\n",
    "x = 'abc\n",
};

/* Fails each allocation in turn; every attempt must end cleanly, and the last as if nothing was. */
static void check_all_failures(const char *source, bool sticky)
{
    SyntaxDiag diag;
    Ast *ast = parse_source(source, strlen(source), "test.py", PARSE_EXEC, &diag);
    SyntaxKind wanted = diag.kind;
    ast_free(ast);
    syntax_diag_free(&diag);
    for (uint64_t n = 1; n < 100000; n++) {
        rt_alloc_fail_at(n, sticky);
        ast = parse_source(source, strlen(source), "test.py", PARSE_EXEC, &diag);
        rt_alloc_fail_at(0, false);
        bool memory = diag.kind == SYNTAX_MEMORY_ERROR;
        SyntaxKind kind = diag.kind;
        assert_true((ast != NULL) == (kind == SYNTAX_OK));
        ast_free(ast);
        syntax_diag_free(&diag);
        if (!memory) {
            assert_int_equal(kind, wanted);
            assert_true(n > 1);
            return;
        }
    }
    fail();
}

static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
        check_all_failures(programs[i], false);
        check_all_failures(programs[i], true);
    }
}

static void test_dump_without_memory_gives_null(void **state)
{
    (void)state;
    Ast *ast = parse_good(programs[0]);
    size_t size_bytes;
    rt_alloc_fail_at(1, true);
    char *text = ast_dump(ast, &size_bytes);
    rt_alloc_fail_at(0, false);
    assert_null(text);
    ast_free(ast);
}

/* Builds `prefix` repeated, then `middle`, then `suffix` repeated. */
static char *repeated(const char *prefix, const char *middle, const char *suffix, size_t count)
{
    size_t prefix_bytes = strlen(prefix);
    size_t suffix_bytes = strlen(suffix);
    char *text = malloc(count * (prefix_bytes + suffix_bytes) + strlen(middle) + 1);
    assert_non_null(text);
    char *to = text;
    for (size_t i = 0; i < count; i++) {
        memcpy(to, prefix, prefix_bytes);
        to += prefix_bytes;
    }
    memcpy(to, middle, strlen(middle));
    to += strlen(middle);
    for (size_t i = 0; i < count; i++) {
        memcpy(to, suffix, suffix_bytes);
        to += suffix_bytes;
    }
    *to = '\0';
    return text;
}

/* Gives how the parse of a repeated text ended. */
static SyntaxKind parse_repeated(const char *prefix, const char *middle, const char *suffix,
                                 size_t count)
{
    char *text = repeated(prefix, middle, suffix, count);
    SyntaxDiag diag;
    Ast *ast = parse_source(text, strlen(text), "test.py", PARSE_EXEC, &diag);
    SyntaxKind kind = diag.kind;
    assert_true((ast != NULL) == (kind == SYNTAX_OK));
    ast_free(ast);
    syntax_diag_free(&diag);
    free(text);
    return kind;
}

static void test_deep_nesting_is_a_memory_error(void **state)
{
    (void)state;
    static const char *const prefixes[] = {"-",         "~",        "not ",
                                           "1 ** ",     "lambda: ", "1 if 1 else ",
                                           "lambda a=", "x ",       "print "};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        assert_int_equal(parse_repeated(prefixes[i], "1", "", 100000), SYNTAX_MEMORY_ERROR);
    }
    assert_int_equal(parse_repeated("-", "1", "", 1500), SYNTAX_OK);
}

static void test_long_chains_are_no_nesting(void **state)
{
    (void)state;
    static const char *const prefixes[] = {"1 + ", "a = ", "a, ", "a < ", "a and ", "'a' ", "@a\n"};
    for (size_t i = 0; i < 6; i++) {
        const char *middle = i == 5 ? "''" : "a";
        assert_int_equal(parse_repeated(prefixes[i], middle, "", 20000), SYNTAX_OK);
    }
    assert_int_equal(parse_repeated("", "a", ".b", 20000), SYNTAX_OK);
    assert_int_equal(parse_repeated("", "a", "()", 20000), SYNTAX_OK);
    assert_int_equal(parse_repeated("", "if a: b\n", "elif a: b\n", 20000), SYNTAX_OK);
}

static void test_brackets_nest_200_deep(void **state)
{
    (void)state;
    assert_int_equal(parse_repeated("(", "a", ")", 200), SYNTAX_OK);
    assert_int_equal(parse_repeated("(", "a", ")", 201), SYNTAX_ERROR);
    assert_int_equal(parse_repeated("{1: ", "a", "}", 200), SYNTAX_OK);
    assert_int_equal(parse_repeated("f(a=[", "a", "])", 100), SYNTAX_OK);
}

/* Without memos these would take time exponential in the depth. */
static void test_errors_inside_nesting_take_little_time(void **state)
{
    (void)state;
    static const char *const brackets[][2] = {
        {"(", ")"},
        {"[", "]"},
        {"{", "}"},
        {"{1: ", "}"},
        {"f(", ")"},
        {"f(a=", ")"},
        {"a[", "]"},
        {"(a := ", ")"},
        {"(a=", ")"},
        {"{**", "}"},
        {"(lambda x=", ":1)"},
        {"(a if ", " else b)"},
        {"[a for ", "]"},
        {"(yield ", ")"},
        {"{1: 2, 3: ", "}"},
        {"f(*", ")"},
        {"{a, b ", "}"},
        {"del (", ")"},
        {"(*", ",)"},
        {"f(**", ")"},
    };
    for (size_t i = 0; i < sizeof(brackets) / sizeof(brackets[0]); i++) {
        assert_int_equal(parse_repeated(brackets[i][0], "$", brackets[i][1], 180), SYNTAX_ERROR);
        assert_int_equal(parse_repeated(brackets[i][0], "1 1", brackets[i][1], 180), SYNTAX_ERROR);
        assert_int_equal(parse_repeated(brackets[i][0], "1", "", 180), SYNTAX_ERROR);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_allocation_may_fail),
        cmocka_unit_test(test_dump_without_memory_gives_null),
        cmocka_unit_test(test_deep_nesting_is_a_memory_error),
        cmocka_unit_test(test_long_chains_are_no_nesting),
        cmocka_unit_test(test_brackets_nest_200_deep),
        cmocka_unit_test(test_errors_inside_nesting_take_little_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
