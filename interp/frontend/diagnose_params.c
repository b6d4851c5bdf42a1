/* diagnose_params.c - second pass: what CPython says about wrong parameter lists.
 *
 * The small skip_ functions are the pieces of CPython's parameter grammar, which this file recombines
 * into wrong lists. Each leaves the mark where it was when it does not match.
 * Threads: a parser belongs to one parse.
 */
#include "interp/frontend/parser.h"

typedef enum DefaultRule { DEFAULT_NONE, DEFAULT_REQUIRED, DEFAULT_MAYBE } DefaultRule;

static TokenType closing(bool lambda) { return lambda ? TOKEN_COLON : TOKEN_RPAR; }

/* NAME, with an annotation where there can be one. */
static Token *skip_name(Parser *p, bool lambda)
{
    int32_t mark = p->mark;
    Token *name = parser_accept(p, TOKEN_NAME);
    if (name != NULL && !lambda && parser_accept(p, TOKEN_COLON) && parser_expression(p) == NULL) {
        p->mark = mark + 1; /* the annotation does not count */
    }
    return name;
}

static bool skip_default(Parser *p)
{
    int32_t mark = p->mark;
    Token *equal = parser_accept(p, TOKEN_EQUAL);
    if (equal == NULL) {
        return false;
    }
    if (parser_expression(p) != NULL) {
        return true;
    }
    p->mark = mark + 1;
    if (parser_at(p, TOKEN_RPAR) || parser_at(p, TOKEN_COMMA)) { /* ')' for lambdas too */
        parser_raise_token(p, equal, "expected default value expression");
    }
    p->mark = mark;
    return false;
}

/* A parameter and the comma behind it, or the closing token not taken. */
static Token *skip_parameter(Parser *p, bool lambda, DefaultRule rule)
{
    int32_t mark = p->mark;
    Token *name = skip_name(p, lambda);
    bool good = name != NULL;
    if (good && rule != DEFAULT_NONE) {
        bool has = skip_default(p);
        good = has || rule == DEFAULT_MAYBE;
    }
    good = good && (parser_accept(p, TOKEN_COMMA) || parser_at(p, closing(lambda)));
    if (!good) {
        p->mark = mark;
    }
    return good ? name : NULL;
}

static int32_t skip_parameters(Parser *p, bool lambda, DefaultRule rule)
{
    int32_t count = 0;
    while (skip_parameter(p, lambda, rule)) {
        count++;
    }
    return count;
}

/* '/' and the comma behind it, or the closing token not taken. */
static bool skip_slash(Parser *p, bool lambda)
{
    int32_t mark = p->mark;
    if (parser_accept(p, TOKEN_SLASH) &&
        (parser_accept(p, TOKEN_COMMA) || parser_at(p, closing(lambda)))) {
        return true;
    }
    p->mark = mark;
    return false;
}

/* Parameters up to a '/' with at least one before it. */
static bool skip_positional_only(Parser *p, bool lambda, bool with_default)
{
    int32_t mark = p->mark;
    int32_t count = skip_parameters(p, lambda, DEFAULT_NONE);
    if (with_default) {
        count = skip_parameters(p, lambda, DEFAULT_REQUIRED);
    }
    if (count > 0 && skip_slash(p, lambda)) {
        return true;
    }
    p->mark = mark;
    return false;
}

static bool skip_any_positional_only(Parser *p, bool lambda)
{
    return skip_positional_only(p, lambda, false) || skip_positional_only(p, lambda, true);
}

/* Raises at the parameter, annotation included. */
[[noreturn]] static void raise_parameter(Parser *p, bool lambda, int32_t mark, const char *words)
{
    p->mark = mark;
    Token *name = skip_name(p, lambda);
    parser_raise_node(p, parser_node(p, AST_arg, name), "%s", words);
}

static void check_default_order(Parser *p, bool lambda)
{
    skip_parameters(p, lambda, DEFAULT_NONE);
    int32_t mark = p->mark;
    if (!skip_positional_only(p, lambda, true)) {
        p->mark = mark;
        if (skip_parameters(p, lambda, DEFAULT_REQUIRED) == 0) {
            return;
        }
    }
    mark = p->mark;
    if (skip_parameter(p, lambda, DEFAULT_NONE)) {
        raise_parameter(p, lambda, mark, "non-default argument follows default argument");
    }
}

/* In parentheses: names with commas between. */
static bool skip_parenthesized(Parser *p, bool lambda)
{
    int32_t count = 0;
    while (skip_name(p, lambda)) {
        count++;
        if (!parser_accept(p, TOKEN_COMMA)) {
            break;
        }
    }
    return count > 0;
}

static void check_parenthesized(Parser *p, bool lambda)
{
    skip_parameters(p, lambda, DEFAULT_NONE);
    Token *open = parser_accept(p, TOKEN_LPAR);
    if (open == NULL || !skip_parenthesized(p, lambda)) {
        return;
    }
    Token *close = parser_accept(p, TOKEN_RPAR);
    if (close != NULL) {
        parser_raise_range(p, parser_range_tokens(open, close),
                           "%s parameters cannot be "
                           "parenthesized",
                           lambda ? "Lambda expression" : "Function");
    }
}

static void check_slash(Parser *p, bool lambda)
{
    int32_t mark = p->mark;
    Token *slash = parser_accept(p, TOKEN_SLASH);
    if (slash != NULL && parser_accept(p, TOKEN_COMMA)) {
        parser_raise_token(p, slash, "at least one argument must precede /");
    }
    p->mark = mark;
    if (skip_any_positional_only(p, lambda)) {
        skip_parameters(p, lambda, DEFAULT_MAYBE);
        slash = parser_accept(p, TOKEN_SLASH);
        if (slash != NULL) {
            parser_raise_token(p, slash, "/ may appear only once");
        }
    }
    p->mark = mark;
    skip_any_positional_only(p, lambda);
    skip_parameters(p, lambda, DEFAULT_MAYBE);
    if (parser_accept(p, TOKEN_STAR) &&
        (parser_accept(p, TOKEN_COMMA) || skip_parameter(p, lambda, DEFAULT_NONE))) {
        skip_parameters(p, lambda, DEFAULT_MAYBE);
        slash = parser_accept(p, TOKEN_SLASH);
        if (slash != NULL) {
            parser_raise_token(p, slash, "/ must be ahead of *");
        }
    }
    p->mark = mark;
    if (skip_parameters(p, lambda, DEFAULT_MAYBE) > 0 && parser_accept(p, TOKEN_SLASH)) {
        Token *star = parser_accept(p, TOKEN_STAR);
        if (star != NULL) {
            parser_raise_token(p, star, "expected comma between / and *");
        }
    }
}

/* A bare '*' with nothing to name behind it. */
static void check_bare_star(Parser *p, bool lambda)
{
    Token *star = parser_accept(p, TOKEN_STAR);
    bool bare = parser_accept(p, closing(lambda)) != NULL;
    if (!bare && parser_accept(p, TOKEN_COMMA)) {
        bare = parser_accept(p, closing(lambda)) || parser_accept(p, TOKEN_DOUBLESTAR);
    }
    if (bare && lambda) {
        parser_raise(p, SYNTAX_ERROR, "named arguments must follow bare *");
    }
    if (bare) {
        parser_raise_token(p, star, "named arguments must follow bare *");
    }
}

static void check_star(Parser *p, bool lambda)
{
    int32_t mark = p->mark;
    check_bare_star(p, lambda);
    p->mark = mark + 1;
    Token *equal = skip_name(p, lambda) ? parser_accept(p, TOKEN_EQUAL) : NULL;
    if (equal != NULL) {
        parser_raise_token(p, equal, "var-positional argument cannot have default value");
    }
    p->mark = mark + 1;
    if (!skip_parameter(p, lambda, DEFAULT_NONE) && !parser_accept(p, TOKEN_COMMA)) {
        return;
    }
    skip_parameters(p, lambda, DEFAULT_MAYBE);
    Token *second = parser_accept(p, TOKEN_STAR);
    if (second != NULL &&
        (skip_parameter(p, lambda, DEFAULT_NONE) || parser_accept(p, TOKEN_COMMA))) {
        parser_raise_token(p, second, "* argument may appear only once");
    }
}

static void check_double_star(Parser *p, bool lambda)
{
    static const char words[] = "arguments cannot follow var-keyword argument";
    p->mark++;
    if (!skip_name(p, lambda)) {
        return;
    }
    Token *equal = parser_accept(p, TOKEN_EQUAL);
    if (equal != NULL) {
        parser_raise_token(p, equal, "var-keyword argument cannot have default value");
    }
    if (!parser_accept(p, TOKEN_COMMA)) {
        return;
    }
    Token *next = parser_peek(p);
    if (next->type == TOKEN_NAME) {
        raise_parameter(p, lambda, p->mark, words);
    }
    if (next->type == TOKEN_STAR || next->type == TOKEN_DOUBLESTAR || next->type == TOKEN_SLASH) {
        parser_raise_token(p, next, "%s", words);
    }
}

void diagnose_parameters(Parser *p, bool lambda)
{
    int32_t mark = p->mark;
    check_default_order(p, lambda);
    p->mark = mark;
    check_parenthesized(p, lambda);
    p->mark = mark;
    check_slash(p, lambda);
    p->mark = mark;
    skip_any_positional_only(p, lambda);
    skip_parameters(p, lambda, DEFAULT_MAYBE);
    mark = p->mark;
    if (parser_at(p, TOKEN_STAR)) {
        check_star(p, lambda);
        p->mark = mark + 1;
        if (!skip_parameter(p, lambda, DEFAULT_NONE) && !parser_accept(p, TOKEN_COMMA)) {
            return;
        }
        skip_parameters(p, lambda, DEFAULT_MAYBE);
    }
    if (parser_at(p, TOKEN_DOUBLESTAR)) {
        check_double_star(p, lambda);
    }
}
