/* test_strings.c - values of string, bytes and number literals, and the shape of f-strings. */
#include "tests/interp/frontend/support.h"

static void check_text(const char *source, AstConstKind kind, const char *bytes, size_t size_bytes)
{
    Ast *ast = parse_good(source);
    const AstNode *node = expression_of(ast);
    assert_int_equal(node->kind, AST_Constant);
    assert_int_equal(node->Constant.value.kind, kind);
    assert_int_equal(node->Constant.value.size_bytes, size_bytes);
    assert_memory_equal(node->Constant.value.bytes, bytes, size_bytes + 1);
    ast_free(ast);
}

#define CHECK_STR(source, value) check_text((source), AST_CONST_STR, (value), sizeof(value) - 1)
#define CHECK_BYTES(source, value) check_text((source), AST_CONST_BYTES, (value), sizeof(value) - 1)

static void test_escapes(void **state)
{
    (void)state;
    CHECK_STR("'a\\n\\t\\\\\\'\\\"'", "a\n\t\\'\"");
    CHECK_STR("'\\x41\\101\\u00e9\\U0001F600'", "AA\xc3\xa9\xf0\x9f\x98\x80");
    CHECK_STR("'a\\\nb'", "ab");
    CHECK_STR("'\\0'", "\0");
    CHECK_STR("'\\q'", "\\q");
    CHECK_STR("r'\\n\\''", "\\n\\'");
    CHECK_STR("'\\N{CJK UNIFIED IDEOGRAPH-4E2D}'", "\xe4\xb8\xad");
}

static void test_surrogates_keep_three_bytes(void **state)
{
    (void)state;
    CHECK_STR("'\\ud800'", "\xed\xa0\x80");
    CHECK_STR("'\\ud83d\\ude00'", "\xed\xa0\xbd\xed\xb8\x80");
}

static void test_bytes(void **state)
{
    (void)state;
    CHECK_BYTES("b'\\xff\\0\\u'", "\xff\0\\u");
    CHECK_BYTES("b'a' rb'\\n'", "a\\n");
    CHECK_BYTES("b'\\777'", "\xff");
}

static void test_adjacent_literals_join(void **state)
{
    (void)state;
    CHECK_STR("'a' \"b\" '''c\nd'''", "abc\nd");
    Ast *ast = parse_good("u'a' 'b'");
    assert_true(expression_of(ast)->Constant.kind);
    ast_free(ast);
}

static void check_int(const char *source, int base, const char *digits)
{
    Ast *ast = parse_good(source);
    const AstNode *node = expression_of(ast);
    assert_int_equal(node->Constant.value.kind, AST_CONST_INT);
    assert_int_equal(node->Constant.value.base, base);
    assert_string_equal(node->Constant.value.bytes, digits);
    assert_int_equal(node->Constant.value.size_bytes, strlen(digits));
    ast_free(ast);
}

static void test_ints_are_normalised_digits(void **state)
{
    (void)state;
    check_int("1_000", 10, "1000");
    check_int("000", 10, "0");
    check_int("0x00_FF", 16, "ff");
    check_int("0O17", 8, "17");
    check_int("0b0101", 2, "101");
    check_int("0b0", 2, "0");
}

static void test_floats(void **state)
{
    (void)state;
    Ast *ast = parse_good("1_0.5e-1");
    assert_int_equal(expression_of(ast)->Constant.value.kind, AST_CONST_FLOAT);
    assert_true(expression_of(ast)->Constant.value.number == 1.05);
    ast_free(ast);
    ast = parse_good("2.5J");
    assert_int_equal(expression_of(ast)->Constant.value.kind, AST_CONST_IMAGINARY);
    assert_true(expression_of(ast)->Constant.value.number == 2.5);
    ast_free(ast);
}

static void test_fstring_pieces(void **state)
{
    (void)state;
    Ast *ast = parse_good("f'a{{{b!r:>{c}}}}' 'd'");
    const AstNode *node = expression_of(ast);
    assert_int_equal(node->kind, AST_JoinedStr);
    assert_int_equal(node->JoinedStr.values.count, 3);
    assert_string_equal(node->JoinedStr.values.items[0]->Constant.value.bytes, "a{");
    const AstNode *field = node->JoinedStr.values.items[1];
    assert_int_equal(field->kind, AST_FormattedValue);
    assert_int_equal(field->FormattedValue.conversion, 'r');
    assert_int_equal(field->FormattedValue.value->kind, AST_Name);
    assert_int_equal(field->FormattedValue.value->col_offset, 6);
    const AstNode *spec = field->FormattedValue.format_spec;
    assert_int_equal(spec->kind, AST_JoinedStr);
    assert_int_equal(spec->JoinedStr.values.count, 2);
    assert_string_equal(node->JoinedStr.values.items[2]->Constant.value.bytes, "}d");
    ast_free(ast);
}

static void test_fstring_echo(void **state)
{
    (void)state;
    Ast *ast = parse_good("f'{ a = }'");
    const AstNode *node = expression_of(ast);
    assert_int_equal(node->JoinedStr.values.count, 2);
    assert_string_equal(node->JoinedStr.values.items[0]->Constant.value.bytes, " a = ");
    assert_int_equal(node->JoinedStr.values.items[1]->FormattedValue.conversion, 'r');
    ast_free(ast);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_surrogates_keep_three_bytes),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_adjacent_literals_join),
        cmocka_unit_test(test_ints_are_normalised_digits),
        cmocka_unit_test(test_floats),
        cmocka_unit_test(test_fstring_pieces),
        cmocka_unit_test(test_fstring_echo),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
