/* diagnose_expr.c - second pass: what CPython says about wrong expressions and displays.
 *
 * Each function looks at the tokens from the mark for the shapes that have words of their own and raises
 * if it finds one; else it returns, and the caller sets the mark back. The shapes are tried in CPython's
 * order, as the first that fits decides the words.
 * Threads: a parser belongs to one parse.
 */
#include <string.h>

#include "interp/frontend/parser.h"

static bool is_legacy_statement(const AstNode *node)
{
    return node->kind == AST_Name && (strcmp(node->Name.id->bytes, "print") == 0 ||
                                      strcmp(node->Name.id->bytes, "exec") == 0);
}

/* Tells whether the token counts as a soft keyword. CPython 3.11 compares only as many characters as
 * the name has, so any beginning of `match`, `case` and `_` counts. */
static bool is_soft_keyword(const Token *token)
{
    if (token->type != TOKEN_NAME) {
        return false;
    }
    size_t size_bytes = (size_t)(token->end - token->start);
    return strncmp("match", token->start, size_bytes) == 0 ||
           strncmp("case", token->start, size_bytes) == 0 ||
           strncmp("_", token->start, size_bytes) == 0;
}

/* Two expressions side by side inside brackets. */
static void check_missing_comma(Parser *p)
{
    Token *start = parser_peek(p);
    if (start->type == TOKEN_NAME && parser_peek_at(p, 1)->type == TOKEN_STRING) {
        return;
    }
    if (is_soft_keyword(start)) {
        return;
    }
    AstNode *left = parser_disjunction(p);
    AstNode *right = left == NULL ? NULL : parser_plain_expression(p);
    if (right == NULL || is_legacy_statement(left) || p->tokens[p->mark - 1]->level == 0) {
        return;
    }
    parser_raise_range(p, parser_range_nodes(left, right),
                       "invalid syntax. Perhaps you forgot a comma?");
}

void diagnose_expression(Parser *p)
{
    int32_t mark = p->mark;
    check_missing_comma(p);
    p->mark = mark;
    AstNode *body = parser_disjunction(p);
    if (body != NULL && parser_accept(p, TOKEN_IF)) {
        AstNode *test = parser_disjunction(p);
        if (test != NULL && !parser_at(p, TOKEN_ELSE) && !parser_at(p, TOKEN_COLON)) {
            parser_raise_range(p, parser_range_nodes(body, test),
                               "expected 'else' after 'if' expression");
        }
    }
    p->mark = mark;
    Token *name = parser_accept(p, TOKEN_NAME);
    if (name == NULL || parser_at(p, TOKEN_LPAR)) {
        return;
    }
    AstNode *rest = parser_star_expressions(p);
    AstNode *word = parser_name_node(p, name);
    if (rest != NULL && is_legacy_statement(word)) {
        parser_raise_range(p, parser_range_nodes(word, rest),
                           "Missing parentheses in call to '%s'. Did you mean %s(...)?",
                           word->Name.id->bytes, word->Name.id->bytes);
    }
}

bool diagnose_at_display(Parser *p, bool genexp)
{
    Token *start = parser_peek(p);
    if (start->type != TOKEN_LPAR && start->type != TOKEN_LSQB) {
        return false;
    }
    int32_t mark = p->mark;
    AstNode *node = parser_atom(p);
    p->mark = mark;
    /* What stands in a group begins behind the parenthesis. */
    return node != NULL && node->lineno == start->lineno && node->col_offset == start->col &&
           (node->kind == AST_List || node->kind == AST_Tuple ||
            (genexp && node->kind == AST_GeneratorExp));
}

/* Tells whether neither '=' nor ':=' is at the mark. */
static bool no_assignment(Parser *p)
{
    return !parser_at(p, TOKEN_EQUAL) && !parser_at(p, TOKEN_COLONEQUAL);
}

void diagnose_named_expression(Parser *p)
{
    int32_t mark = p->mark;
    AstNode *left = parser_expression(p);
    if (left != NULL && parser_accept(p, TOKEN_COLONEQUAL) && parser_expression(p) != NULL) {
        parser_raise_node(p, left, "cannot use assignment expressions with %s",
                          diagnose_expression_name(left));
    }
    p->mark = mark;
    Token *name = parser_accept(p, TOKEN_NAME);
    if (name != NULL && parser_accept(p, TOKEN_EQUAL)) {
        AstNode *right = parser_bitwise_or(p);
        if (right != NULL && no_assignment(p)) {
            parser_raise_range(p, parser_range_nodes(parser_name_node(p, name), right),
                               "invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
        }
    }
    p->mark = mark;
    TokenType type = parser_peek(p)->type;
    if (type == TOKEN_TRUE || type == TOKEN_FALSE || type == TOKEN_NONE ||
        diagnose_at_display(p, true)) {
        return;
    }
    left = parser_bitwise_or(p);
    if (left != NULL && parser_accept(p, TOKEN_EQUAL) && parser_bitwise_or(p) != NULL &&
        no_assignment(p)) {
        parser_raise_node(p, left, "cannot assign to %s here. Maybe you meant '==' instead of '='?",
                          diagnose_expression_name(left));
    }
}

/* '*' expression */
static AstNode *parse_starred_whole(Parser *p)
{
    Token *start = parser_accept(p, TOKEN_STAR);
    if (start == NULL || parser_expression(p) == NULL) {
        return NULL;
    }
    return parser_node(p, AST_Starred, start);
}

void diagnose_group(Parser *p)
{
    int32_t mark = ++p->mark;
    AstNode *starred = parse_starred_whole(p);
    if (starred != NULL && parser_accept(p, TOKEN_RPAR)) {
        parser_raise_node(p, starred, "cannot use starred expression here");
    }
    p->mark = mark;
    Token *stars = parser_accept(p, TOKEN_DOUBLESTAR);
    if (stars != NULL && parser_expression(p) != NULL && parser_accept(p, TOKEN_RPAR)) {
        parser_raise_token(p, stars, "cannot use double starred expression here");
    }
}

void diagnose_comprehension(Parser *p)
{
    TokenType open = parser_peek(p)->type;
    int32_t mark = ++p->mark;
    AstNode *starred = parse_starred_whole(p);
    if (starred != NULL && parser_clauses(p) != NULL) {
        parser_raise_node(p, starred, "iterable unpacking cannot be used in comprehension");
    }
    p->mark = mark;
    if (open == TOKEN_LPAR) {
        return;
    }
    static const char words[] = "did you forget parentheses around the comprehension target?";
    AstNode *first = parser_star_named_expression(p);
    Token *comma = first == NULL ? NULL : parser_accept(p, TOKEN_COMMA);
    if (comma == NULL) {
        return;
    }
    mark = p->mark;
    NodeList rest = {0};
    if (parser_star_named_list(p, &rest) && parser_clauses(p) != NULL) {
        parser_raise_range(p, parser_range_nodes(first, rest.items[rest.count - 1]), "%s", words);
    }
    p->mark = mark;
    if (parser_clauses(p) != NULL) {
        parser_raise_range(p, parser_range_mixed(first, comma), "%s", words);
    }
}

void diagnose_dict_comprehension(Parser *p)
{
    p->mark++;
    Token *stars = parser_accept(p, TOKEN_DOUBLESTAR);
    if (stars != NULL && parser_bitwise_or(p) != NULL && parser_clauses(p) != NULL &&
        parser_accept(p, TOKEN_RBRACE)) {
        parser_raise_token(p, stars, "dict unpacking cannot be used in dict comprehension");
    }
}

/* A key with ':' but a starred value, or none. */
static void check_dict_value(Parser *p)
{
    Token *colon = parser_expression(p) == NULL ? NULL : parser_accept(p, TOKEN_COLON);
    if (colon == NULL) {
        return;
    }
    Token *star = parser_accept(p, TOKEN_STAR);
    if (star != NULL && parser_bitwise_or(p) != NULL) {
        SourceRange range = parser_range_tokens(star, star);
        parser_range_to_cursor(p, &range);
        parser_raise_range(p, range, "cannot use a starred expression in a dictionary value");
    }
    if (star == NULL && (parser_at(p, TOKEN_RBRACE) || parser_at(p, TOKEN_COMMA))) {
        parser_raise_token(p, colon, "expression expected after dictionary key and ':'");
    }
}

/* Skips pairs with commas between; the mark is then behind the last pair. */
static bool skip_pairs(Parser *p)
{
    for (bool any = false;; any = true) {
        int32_t mark = p->mark;
        if (any && !parser_accept(p, TOKEN_COMMA)) {
            return true;
        }
        bool good;
        if (parser_accept(p, TOKEN_DOUBLESTAR)) {
            good = parser_bitwise_or(p) != NULL;
        } else {
            good = parser_expression(p) != NULL && parser_accept(p, TOKEN_COLON) &&
                   parser_expression(p) != NULL;
        }
        if (!good) {
            p->mark = mark;
            return any;
        }
    }
}

void diagnose_dict(Parser *p)
{
    int32_t mark = p->mark;
    if (skip_pairs(p) && parser_accept(p, TOKEN_COMMA)) {
        int32_t pair = p->mark;
        AstNode *key = parser_expression(p);
        if (key != NULL && !parser_at(p, TOKEN_COLON)) {
            SourceRange range = {key->lineno, key->end_col_offset - 1, key->end_lineno,
                                 RANGE_NO_END};
            parser_raise_range(p, range, "':' expected after dictionary key");
        }
        p->mark = pair;
        check_dict_value(p);
    }
    p->mark = mark;
    check_dict_value(p);
}
