/* test_lexer.c - tokens: types, positions, indentation, joining, numbers. */
#include "interp/frontend/lexer.h"

#include "tests/interp/frontend/support.h"

enum { MAX_TOKENS = 100 };

typedef struct Tokens {
    Frontend frontend;
    SyntaxDiag diag;
    Lexer lexer;
    Token items[MAX_TOKENS];
    int count;
} Tokens;

/* Reads all tokens of a text; the last is ENDMARKER, or ERROR. Gives false if the lexer raised. */
static bool read_tokens(Tokens *tokens, const char *text)
{
    memset(tokens, 0, sizeof(*tokens));
    tokens->frontend.diag = &tokens->diag;
    if (setjmp(tokens->frontend.jump) != 0) {
        return false;
    }
    lexer_init(&tokens->lexer, &tokens->frontend, text, 1);
    Token *token;
    do {
        assert_true(tokens->count < MAX_TOKENS);
        token = &tokens->items[tokens->count++];
        lexer_next(&tokens->lexer, token);
    } while (token->type != TOKEN_ENDMARKER && token->type != TOKEN_ERROR);
    return true;
}

static void check_types(const char *text, const TokenType *types, int count)
{
    Tokens tokens;
    assert_true(read_tokens(&tokens, text));
    assert_int_equal(tokens.count, count);
    for (int i = 0; i < count; i++) {
        assert_int_equal(tokens.items[i].type, types[i]);
    }
}

#define CHECK_TYPES(text, ...)                                               \
    do {                                                                     \
        const TokenType types[] = {__VA_ARGS__};                             \
        check_types((text), types, (int)(sizeof(types) / sizeof(types[0]))); \
    } while (0)

static void test_words_and_operators(void **state)
{
    (void)state;
    CHECK_TYPES("", TOKEN_ENDMARKER);
    CHECK_TYPES("if iff\n", TOKEN_IF, TOKEN_NAME, TOKEN_NEWLINE, TOKEN_ENDMARKER);
    CHECK_TYPES("a**=b//c\n", TOKEN_NAME, TOKEN_DOUBLESTAREQUAL, TOKEN_NAME, TOKEN_DOUBLESLASH,
                TOKEN_NAME, TOKEN_NEWLINE, TOKEN_ENDMARKER);
    CHECK_TYPES("....1\n", TOKEN_ELLIPSIS, TOKEN_NUMBER, TOKEN_NEWLINE, TOKEN_ENDMARKER);
    CHECK_TYPES("a<>b!=c->d:=e\n", TOKEN_NAME, TOKEN_LESSGREATER, TOKEN_NAME, TOKEN_NOTEQUAL,
                TOKEN_NAME, TOKEN_RARROW, TOKEN_NAME, TOKEN_COLONEQUAL, TOKEN_NAME, TOKEN_NEWLINE,
                TOKEN_ENDMARKER);
    CHECK_TYPES("$\n", TOKEN_UNKNOWN, TOKEN_NEWLINE, TOKEN_ENDMARKER);
}

static void test_prefixes_make_strings(void **state)
{
    (void)state;
    const char *const strings[] = {"''",   "b''",  "rb''", "bR''", "u''",       "f''",
                                   "fr''", "Rf''", "r''",  "B''",  "'''a\nb'''"};
    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        CHECK_TYPES(strings[i], TOKEN_STRING, TOKEN_ENDMARKER);
    }
    CHECK_TYPES("ub''", TOKEN_NAME, TOKEN_STRING, TOKEN_ENDMARKER);
    CHECK_TYPES("bf''", TOKEN_NAME, TOKEN_STRING, TOKEN_ENDMARKER);
}

static void test_blocks_give_indent_and_dedent(void **state)
{
    (void)state;
    CHECK_TYPES("a\n  b\n    c\nd\n", TOKEN_NAME, TOKEN_NEWLINE, TOKEN_INDENT, TOKEN_NAME,
                TOKEN_NEWLINE, TOKEN_INDENT, TOKEN_NAME, TOKEN_NEWLINE, TOKEN_DEDENT, TOKEN_DEDENT,
                TOKEN_NAME, TOKEN_NEWLINE, TOKEN_ENDMARKER);
    CHECK_TYPES("a\n  b\n", TOKEN_NAME, TOKEN_NEWLINE, TOKEN_INDENT, TOKEN_NAME, TOKEN_NEWLINE,
                TOKEN_DEDENT, TOKEN_ENDMARKER);
}

static void test_blank_lines_do_not_indent(void **state)
{
    (void)state;
    CHECK_TYPES("a\n   \n     # c\n\nb\n", TOKEN_NAME, TOKEN_NEWLINE, TOKEN_NAME, TOKEN_NEWLINE,
                TOKEN_ENDMARKER);
}

static void test_brackets_and_backslashes_join_lines(void **state)
{
    (void)state;
    CHECK_TYPES("(a,\n     b)\n", TOKEN_LPAR, TOKEN_NAME, TOKEN_COMMA, TOKEN_NAME, TOKEN_RPAR,
                TOKEN_NEWLINE, TOKEN_ENDMARKER);
    CHECK_TYPES("a + \\\n  b\n", TOKEN_NAME, TOKEN_PLUS, TOKEN_NAME, TOKEN_NEWLINE,
                TOKEN_ENDMARKER);
}

static void test_positions(void **state)
{
    (void)state;
    Tokens tokens;
    assert_true(read_tokens(&tokens, "ab  'c\\\nd' (\n"));
    const Token *string = &tokens.items[1];
    assert_int_equal(string->type, TOKEN_STRING);
    assert_int_equal(string->lineno, 1);
    assert_int_equal(string->col, 4);
    assert_int_equal(string->end_lineno, 2);
    assert_int_equal(string->end_col, 2);
    const Token *open = &tokens.items[2];
    assert_int_equal(open->lineno, 2);
    assert_int_equal(open->col, 3);
    assert_int_equal(open->level, 1);
    assert_int_equal(tokens.items[3].type, TOKEN_ERROR);
    assert_int_equal(tokens.lexer.status, LEX_EOF);
}

static void check_status(const char *text, LexStatus status)
{
    Tokens tokens;
    assert_true(read_tokens(&tokens, text));
    assert_int_equal(tokens.items[tokens.count - 1].type, TOKEN_ERROR);
    assert_int_equal(tokens.lexer.status, status);
}

static void test_bad_lines_leave_a_status(void **state)
{
    (void)state;
    check_status("a\n  b\n c\n", LEX_DEDENT);
    check_status("a\n\tb\n        c\n", LEX_TABS);
    check_status("a\n        b\n\tc\n", LEX_TABS);
    check_status("a \\ b\n", LEX_CONTINUATION);
    check_status("a \\\n", LEX_EOF);
    check_status("(", LEX_EOF);
}

static void test_numbers(void **state)
{
    (void)state;
    const char *const good[] = {"0",   "00_0", "1_0", "0x_fF", "0o17",  "0B1_0", "1.",  ".5",
                                "1e5", "1E-5", "1.j", "09.5",  "0_9e1", "1_0J",  "00j", "1e1_0"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        CHECK_TYPES(good[i], TOKEN_NUMBER, TOKEN_ENDMARKER);
    }
    const char *const bad[] = {"1_", "1__0", "0x", "0b2", "0o8", "012", "1e+", "1a", "0_", "1.5_"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        Tokens tokens;
        assert_false(read_tokens(&tokens, bad[i]));
        syntax_diag_free(&tokens.diag);
    }
    CHECK_TYPES("1if", TOKEN_NUMBER, TOKEN_IF, TOKEN_ENDMARKER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_and_operators),
        cmocka_unit_test(test_prefixes_make_strings),
        cmocka_unit_test(test_blocks_give_indent_and_dedent),
        cmocka_unit_test(test_blank_lines_do_not_indent),
        cmocka_unit_test(test_brackets_and_backslashes_join_lines),
        cmocka_unit_test(test_positions),
        cmocka_unit_test(test_bad_lines_leave_a_status),
        cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
