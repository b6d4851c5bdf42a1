/*
 * What the hash of the stencils' sources sees and what it does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tools/stencilgen/hash.h"

static uint64_t hash_of(const char *text)
{
    /* In memory of its own size: a read behind the end is a fault under ASan. */
    size_t size = strlen(text);
    char *copy = malloc(size + (size == 0));
    assert_non_null(copy);
    memcpy(copy, text, size);
    uint64_t hash = sg_hash_source(sg_hash_start(), copy, size);
    free(copy);
    return hash;
}

static void assert_same(const char *a, const char *b)
{
    if (hash_of(a) != hash_of(b)) {
        fail_msg("not the same hash:\n%s\n---\n%s", a, b);
    }
}

static void assert_other(const char *a, const char *b)
{
    if (hash_of(a) == hash_of(b)) {
        fail_msg("the same hash:\n%s\n---\n%s", a, b);
    }
}

static void layout_does_not_count(void **state)
{
    (void)state;
    assert_same("int f(int a){return a+1;}", "int f(int a)\n{\n    return a + 1;\n}\n");
    assert_same("a = b; /* why */ // so\nc", "a=b;\nc");
    assert_same("a // on \\\n and on\nb", "a b");
    assert_same("#define F(x) \\\n    (x + \\\n 1)\nf", "#define F(x) (x + 1) /* so */\nf");
    assert_same("s = \"one\"\n    \"two\";", "s = \"onetwo\";");
    assert_same("\ta\r\nb\f", "a b");
    assert_same("", " /* nothing */ ");
}

static void tokens_count(void **state)
{
    (void)state;
    assert_other("a + 1", "a + 2");
    assert_other("int a", "inta");
    assert_other("a + +b", "a ++ b");
    assert_other("a > > b", "a >> b");
    assert_other("x - > y", "x->y");
    assert_other("a . . . b", "a ... b");
    assert_other("\"a b\"", "\"ab\"");
    assert_other("\"/* a */\"", "\"\"");
    assert_other("\"a\", \"b\"", "\"ab\"");
    assert_other("\"\\1\" \"2\"", "\"\\12\"");
    assert_other("'a'", "\"a\"");
    assert_other("'\"' a /* \" */", "'\"' /* a \" */");
    assert_other("\"\\\" // a\"", "\"\\\" // b\"");
    assert_other("1e+5", "1e + 5");
    assert_other("1 2", "12");
}

static void preprocessor_lines_count(void **state)
{
    (void)state;
    assert_other("#define A b\nc", "#define A b c\n");
    assert_other("#define F(x) x\n", "#define F (x) x\n");
    assert_same("#define A b\n\n\nc", "#  define A   b\nc");
}

static void files_are_apart(void **state)
{
    (void)state;
    uint64_t one = sg_hash_source(sg_hash_source(sg_hash_start(), "ab", 2), "c", 1);
    uint64_t two = sg_hash_source(sg_hash_source(sg_hash_start(), "a", 1), "bc", 2);
    assert_true(one != two);
}

static void what_is_not_c_has_a_hash_too(void **state)
{
    (void)state;
    assert_other("\"never closed", "'never closed");
    assert_other("/* never closed", "/ * never closed");
    hash_of("\\");
    hash_of("\"\\");
    hash_of("#define");
    hash_of("#define \"");
    hash_of("/");
    hash_of("*/ \xff");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layout_does_not_count),        cmocka_unit_test(tokens_count),
        cmocka_unit_test(preprocessor_lines_count),     cmocka_unit_test(files_are_apart),
        cmocka_unit_test(what_is_not_c_has_a_hash_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
