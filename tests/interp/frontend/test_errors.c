/* test_errors.c - exceptions: class, words, places, the line shown, encodings.
 *
 * errors.py holds many more, judged by Python itself; here are those that must hold without it, and
 * those where what a file gives is wanted (Python's compile() words some of them otherwise).
 */
#include "tests/interp/frontend/support.h"

static void test_lexer_errors(void **state)
{
    (void)state;
    check_error("x = 'a", SYNTAX_ERROR, "unterminated string literal (detected at line 1)", 1, 5);
    check_error("x = '''a\nb", SYNTAX_ERROR,
                "unterminated triple-quoted string literal (detected at line 2)", 1, 5);
    check_error("f(1, (2", SYNTAX_ERROR, "'(' was never closed", 1, 6);
    check_error("(]", SYNTAX_ERROR,
                "closing parenthesis ']' does not match opening parenthesis '('", 1, 2);
    check_error("(\n]", SYNTAX_ERROR,
                "closing parenthesis ']' does not match opening parenthesis '(' on line 1", 2, 1);
    check_error("a)", SYNTAX_ERROR, "unmatched ')'", 1, 2);
    check_error("\xc3\xa9 = \xe2\x82\xac", SYNTAX_ERROR,
                "invalid character '\xe2\x82\xac' (U+20AC)", 1, 5);
    check_error("a\xc2\xa0", SYNTAX_ERROR, "invalid non-printable character U+00A0", 1, 2);
    check_error("012", SYNTAX_ERROR,
                "leading zeros in decimal integer literals are not permitted; use an 0o prefix for "
                "octal integers",
                1, 1);
}

static void test_indentation_errors(void **state)
{
    (void)state;
    check_error("if a:\nb", SYNTAX_INDENTATION,
                "expected an indented block after 'if' statement on line 1", 2, 1);
    check_error("a\n  b", SYNTAX_INDENTATION, "unexpected indent", 2, 2);
    check_error("if a:\n    b\n  c\n", SYNTAX_INDENTATION,
                "unindent does not match any outer indentation level", 3, 4);
    check_error("if a:\n\tb\n        c\n", SYNTAX_TAB,
                "inconsistent use of tabs and spaces in indentation", 3, 1);
}

static void test_parser_errors(void **state)
{
    (void)state;
    check_error("a b", SYNTAX_ERROR, "invalid syntax", 1, 3);
    check_error("f(a b)", SYNTAX_ERROR, "invalid syntax. Perhaps you forgot a comma?", 1, 3);
    check_error("if a\n  b\n", SYNTAX_ERROR, "expected ':'", 1, 5);
    check_error("f() = 1", SYNTAX_ERROR,
                "cannot assign to function call here. Maybe you meant '==' instead of '='?", 1, 1);
    check_error("del f()", SYNTAX_ERROR, "cannot delete function call", 1, 5);
    check_error("print 'a'", SYNTAX_ERROR,
                "Missing parentheses in call to 'print'. Did you mean print(...)?", 1, 1);
    check_error("f(a=1, b)", SYNTAX_ERROR, "positional argument follows keyword argument", 1, 9);
    check_error("def f(a=1, b): pass", SYNTAX_ERROR,
                "non-default argument follows default argument", 1, 12);
    check_error("f'{a b}'", SYNTAX_ERROR, "f-string: invalid syntax. Perhaps you forgot a comma?",
                1, 2);
}

static void test_lexer_error_behind_wins(void **state)
{
    (void)state;
    check_error("a b\nx = 'c\n", SYNTAX_ERROR, "unterminated string literal (detected at line 2)",
                2, 5);
    check_error("x = (1\ny z\n", SYNTAX_ERROR, "'(' was never closed", 1, 5);
}

static void test_line_is_shown(void **state)
{
    (void)state;
    static const char source[] = "a = 1\n  b = \xc3\xa9 c\nd = 2\n";
    SyntaxDiag diag;
    assert_null(parse_source(source, sizeof(source) - 1, "test.py", PARSE_EXEC, &diag));
    assert_int_equal(diag.kind, SYNTAX_INDENTATION);
    assert_string_equal(diag.text, "  b = \xc3\xa9 c\n");
    assert_int_equal(diag.text_size_bytes, strlen(diag.text));
    syntax_diag_free(&diag);
    assert_null(diag.message);
    assert_int_equal(diag.kind, SYNTAX_OK);
}

static void test_columns_count_characters(void **state)
{
    (void)state;
    check_error("'\xc3\xa9\xe2\x82\xac' x", SYNTAX_ERROR, "invalid syntax", 1, 6);
}

#define CHECK_BYTES(source, message, lineno, column) \
    check_error_bytes((source), sizeof(source) - 1, SYNTAX_ERROR, (message), (lineno), (column))

static void test_encodings(void **state)
{
    (void)state;
    CHECK_BYTES("#\nx = '\xff'\n",
                "Non-UTF-8 code starting with '\\xff' in file test.py on line 2, but no encoding "
                "declared; see https://peps.python.org/pep-0263/ for details",
                0, -1);
    CHECK_BYTES("# coding: nonsense\nx\n", "encoding problem: nonsense", 0, -1);
    CHECK_BYTES("\xef\xbb\xbf# coding: latin-1\nx\n", "encoding problem: iso-8859-1 with BOM", 0,
                -1);
    CHECK_BYTES("\xef\xbb\xbf# coding: utf8\nx\n", "encoding problem: utf8 with BOM", 0, -1);
    CHECK_BYTES("# coding: ascii\n'\xe9'\n", "encoding problem: ascii", 0, -1);
    CHECK_BYTES("a\0b\n", "source code cannot contain null bytes", 1, 1);
    CHECK_BYTES("# coding: latin-1\n'\xe9' x\n", "invalid syntax", 2, 5);
    Ast *ast = parse_good("# coding: latin-1\n'\xe9'\n");
    assert_string_equal(expression_of(ast)->Constant.value.bytes, "\xc3\xa9");
    ast_free(ast);
}

static void test_unknown_character_name_is_refused(void **state)
{
    (void)state;
    check_error("'\\N{DIGIT ONE}'", SYNTAX_ERROR,
                "Adder has no table of character names yet: \\N{DIGIT ONE}", 1, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lexer_errors),
        cmocka_unit_test(test_indentation_errors),
        cmocka_unit_test(test_parser_errors),
        cmocka_unit_test(test_lexer_error_behind_wins),
        cmocka_unit_test(test_line_is_shown),
        cmocka_unit_test(test_columns_count_characters),
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_unknown_character_name_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
