/* diagnose_call.c - second pass: what CPython says about wrong call arguments.
 *
 * See diagnose_expr.c for how checks work.
 * Threads: a parser belongs to one parse.
 */
#include "interp/frontend/parser.h"

static const char bare_genexp[] = "Generator expression must be parenthesized";
static const char not_equal[] = "invalid syntax. Maybe you meant '==' or ':=' instead of '='?";

/* Gives the last expression of the `for` clauses. */
static const AstNode *last_of_clauses(const AstSeq *clauses)
{
    const AstNode *clause = clauses->items[clauses->count - 1];
    const AstSeq *ifs = &clause->comprehension.ifs;
    return ifs->count > 0 ? ifs->items[ifs->count - 1] : clause->comprehension.iter;
}

/* NAME '=' expression for ... */
static void check_named_genexp(Parser *p)
{
    Token *name = parser_accept(p, TOKEN_NAME);
    Token *equal = name == NULL ? NULL : parser_accept(p, TOKEN_EQUAL);
    if (equal != NULL && parser_expression(p) != NULL && parser_clauses(p) != NULL) {
        parser_raise_range(p, parser_range_tokens(name, equal), "%s", not_equal);
    }
}

void diagnose_keyword_argument(Parser *p)
{
    int32_t mark = p->mark;
    Token *word = parser_peek(p);
    if (word->type == TOKEN_TRUE || word->type == TOKEN_FALSE || word->type == TOKEN_NONE) {
        p->mark++;
        Token *equal = parser_accept(p, TOKEN_EQUAL);
        if (equal != NULL) {
            parser_raise_range(p, parser_range_tokens(word, equal), "cannot assign to %.*s",
                               (int)(word->end - word->start), word->start);
        }
        p->mark = mark;
    }
    check_named_genexp(p);
    p->mark = mark;
    if (word->type == TOKEN_NAME && parser_peek_at(p, 1)->type == TOKEN_EQUAL) {
        return;
    }
    AstNode *left = parser_expression(p);
    Token *equal = left == NULL ? NULL : parser_accept(p, TOKEN_EQUAL);
    if (equal != NULL) {
        parser_raise_range(p, parser_range_mixed(left, equal),
                           "expression cannot contain assignment, perhaps you meant \"==\"?");
    }
}

/* A generator expression without parentheses, followed by a comma. */
static void check_first_genexp(Parser *p)
{
    AstNode *element = parser_expression(p);
    AstSeq *clauses = element == NULL ? NULL : parser_clauses(p);
    if (clauses == NULL || !parser_accept(p, TOKEN_COMMA)) {
        return;
    }
    int32_t mark = p->mark;
    if (parser_args(p) == NULL) {
        p->mark = mark;
        if (parser_expression(p) != NULL) {
            parser_clauses(p);
        }
    }
    parser_raise_range(p, parser_range_nodes(element, last_of_clauses(clauses)), "%s", bare_genexp);
}

/* Arguments whose last is a generator expression without parentheses. */
static void check_last_genexp(Parser *p)
{
    AstNode *args = parser_args(p);
    AstSeq *clauses = args == NULL ? NULL : parser_clauses(p);
    if (clauses != NULL && args->Call.args.count > 1) {
        const AstNode *last = args->Call.args.items[args->Call.args.count - 1];
        parser_raise_range(p, parser_range_nodes(last, last_of_clauses(clauses)), "%s",
                           bare_genexp);
    }
}

static bool has_mapping(const AstNode *args)
{
    for (int32_t i = 0; i < args->Call.keywords.count; i++) {
        if (args->Call.keywords.items[i]->keyword.arg == NULL) {
            return true;
        }
    }
    return false;
}

/* Tells whether the last of the arguments can be one behind a name=value. */
static bool ends_named(const AstNode *args)
{
    for (int32_t i = 0; i < args->Call.args.count; i++) {
        if (args->Call.args.items[i]->kind != AST_Starred) {
            return args->Call.keywords.count > 0;
        }
    }
    return true;
}

void diagnose_arguments(Parser *p)
{
    int32_t mark = p->mark;
    AstNode *args = parser_args(p);
    if (args != NULL && ends_named(args) && parser_accept(p, TOKEN_COMMA)) {
        Token *star = parser_accept(p, TOKEN_STAR);
        if (star != NULL) {
            parser_raise_token(p, star,
                               "iterable argument unpacking follows keyword argument unpacking");
        }
    }
    p->mark = mark;
    check_first_genexp(p);
    p->mark = mark;
    check_named_genexp(p);
    p->mark = mark;
    check_last_genexp(p);
    p->mark = mark;
    if (parser_args(p) == NULL || !parser_accept(p, TOKEN_COMMA)) {
        return;
    }
    int32_t behind = p->mark;
    AstNode *element = parser_expression(p);
    AstSeq *clauses = element == NULL ? NULL : parser_clauses(p);
    if (clauses != NULL) {
        parser_raise_range(p, parser_range_nodes(element, last_of_clauses(clauses)), "%s",
                           bare_genexp);
    }
    p->mark = behind;
    if (parser_args(p) != NULL) {
        parser_raise(p, SYNTAX_ERROR, "positional argument follows keyword argument%s",
                     has_mapping(args) ? " unpacking" : "");
    }
}
