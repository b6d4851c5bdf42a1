/* parser_call.c - call arguments and subscripts.
 *
 * Arguments come in three phases: positional ones and *iterables; then name=value and *iterables;
 * behind the first **mapping only name=value and **mappings. parser_args stops at what does not fit
 * the phase, and the checks of the second pass explain why.
 * Threads: a parser belongs to one parse.
 */
#include "interp/frontend/parser.h"

typedef struct Arguments {
    NodeList positional;
    NodeList keywords;
    enum { PHASE_POSITIONAL, PHASE_NAMED, PHASE_MAPPING } phase;
} Arguments;

static bool named_ahead(Parser *p)
{
    return parser_at(p, TOKEN_NAME) && parser_peek_at(p, 1)->type == TOKEN_EQUAL;
}

static AstNode *parse_named(Parser *p)
{
    Token *start = parser_peek(p);
    p->mark += 2;
    AstNode *value = parser_expression(p);
    if (value == NULL) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_keyword, start);
    node->keyword.arg = parser_name(p, start);
    node->keyword.value = value;
    return node;
}

static AstNode *parse_mapping(Parser *p)
{
    Token *start = parser_accept(p, TOKEN_DOUBLESTAR);
    AstNode *value = parser_expression(p);
    if (value == NULL) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_keyword, start);
    node->keyword.value = value;
    return node;
}

/* As parser_starred, but of a whole expression. */
static AstNode *parse_iterable(Parser *p)
{
    Token *start = parser_accept(p, TOKEN_STAR);
    AstNode *value = parser_expression(p);
    if (value == NULL) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_Starred, start);
    node->Starred.value = value;
    return node;
}

/* Parses an argument of the positional phase that is none of the others. */
static AstNode *parse_positional(Parser *p)
{
    AstNode *node = parser_walrus_or_expression(p);
    return node == NULL || parser_at(p, TOKEN_EQUAL) ? NULL : node;
}

/* Parses one argument into *args; false if none fits the phase. */
static bool parse_argument(Parser *p, Arguments *args)
{
    int32_t start = p->mark;
    AstNode *node = NULL;
    if (args->phase == PHASE_POSITIONAL && !named_ahead(p) && !parser_at(p, TOKEN_DOUBLESTAR)) {
        node = parser_at(p, TOKEN_STAR) ? parse_iterable(p) : parse_positional(p);
        if (node != NULL) {
            parser_append(p, &args->positional, node);
            return true;
        }
        p->mark = start;
    }
    if (parser_checking(p)) {
        diagnose_keyword_argument(p);
        p->mark = start;
    }
    if (named_ahead(p)) {
        node = parse_named(p);
        args->phase = args->phase == PHASE_MAPPING ? PHASE_MAPPING : PHASE_NAMED;
    } else if (parser_at(p, TOKEN_DOUBLESTAR)) {
        node = parse_mapping(p);
        args->phase = PHASE_MAPPING;
    } else if (parser_at(p, TOKEN_STAR) && args->phase != PHASE_MAPPING) {
        node = parse_iterable(p);
        if (node != NULL) {
            parser_append(p, &args->positional, node);
            return true;
        }
    }
    if (node != NULL) {
        parser_append(p, &args->keywords, node);
    }
    return node != NULL;
}

/* Parses arguments until one does not fit; false when there is none at all. */
static bool parse_arguments(Parser *p, Arguments *args)
{
    if (!parse_argument(p, args)) {
        return false;
    }
    for (;;) {
        int32_t mark = p->mark;
        if (!parser_accept(p, TOKEN_COMMA) || parser_at(p, TOKEN_RPAR) ||
            !parse_argument(p, args)) {
            p->mark = mark;
            return true;
        }
    }
}

static AstNode *finish_call(Parser *p, Token *start, const Arguments *args)
{
    AstNode *node = parser_node(p, AST_Call, start);
    node->Call.args = parser_seq(p, &args->positional);
    node->Call.keywords = parser_seq(p, &args->keywords);
    return node;
}

static AstNode *args_rule(Parser *p)
{
    Arguments args = {0};
    Token *start = parser_peek(p);
    return parse_arguments(p, &args) ? finish_call(p, start, &args) : NULL;
}

AstNode *parser_args(Parser *p) { return parser_memoized(p, MEMO_ARGUMENTS, args_rule); }

/* Turns the one positional argument into a generator expression whose parentheses are the call's. */
static bool finish_bare_genexp(Parser *p, Token *open, Arguments *args)
{
    AstSeq *clauses = parser_clauses(p);
    if (clauses == NULL || !parser_at(p, TOKEN_RPAR)) {
        return false;
    }
    p->mark++;
    AstNode *node = parser_node(p, AST_GeneratorExp, open);
    p->mark--;
    node->GeneratorExp.elt = args->positional.items[0];
    node->GeneratorExp.generators = *clauses;
    args->positional.items[0] = node;
    return true;
}

AstNode *parser_arguments(Parser *p, bool genexp)
{
    int32_t mark = p->mark;
    Token *start = parser_peek(p);
    Arguments args = {0};
    if (start->type == TOKEN_RPAR) {
        return finish_call(p, p->tokens[mark - 1], &args);
    }
    bool good = parse_arguments(p, &args);
    if (good) {
        if (genexp && args.positional.count == 1 && args.keywords.count == 0 &&
            args.positional.items[0]->kind != AST_Starred &&
            (parser_at(p, TOKEN_FOR) || parser_at(p, TOKEN_ASYNC))) {
            good = finish_bare_genexp(p, p->tokens[mark - 1], &args);
        }
        parser_accept(p, TOKEN_COMMA);
        good = good && parser_at(p, TOKEN_RPAR);
    }
    if (!good) {
        if (parser_checking(p)) {
            p->mark = mark;
            diagnose_arguments(p);
        }
        return NULL;
    }
    return finish_call(p, start, &args);
}

/* ---- subscripts ---- */

/* Parses what follows the lower bound, from ':' on. */
static AstNode *parse_slice_rest(Parser *p, Token *start, AstNode *lower)
{
    p->mark++;
    AstNode *upper = NULL;
    AstNode *step = NULL;
    int32_t mark = p->mark;
    if (!parser_at(p, TOKEN_COLON)) {
        upper = parser_expression(p);
        if (upper == NULL) {
            p->mark = mark;
        }
    }
    if (parser_accept(p, TOKEN_COLON)) {
        mark = p->mark;
        step = parser_expression(p);
        if (step == NULL) {
            p->mark = mark;
        }
    }
    AstNode *node = parser_node(p, AST_Slice, start);
    node->Slice.lower = lower;
    node->Slice.upper = upper;
    node->Slice.step = step;
    return node;
}

static AstNode *parse_slice(Parser *p)
{
    Token *start = parser_peek(p);
    if (start->type == TOKEN_COLON) {
        return parse_slice_rest(p, start, NULL);
    }
    if (start->type == TOKEN_STAR) {
        return parse_iterable(p);
    }
    if (start->type == TOKEN_NAME && parser_peek_at(p, 1)->type == TOKEN_COLONEQUAL) {
        return parser_named_expression(p);
    }
    int32_t mark = p->mark;
    AstNode *lower = parser_expression(p);
    if (lower != NULL && parser_at(p, TOKEN_COLON)) {
        return parse_slice_rest(p, start, lower);
    }
    if (p->diagnosing) {
        p->mark = mark;
        return parser_named_expression(p);
    }
    return lower;
}

AstNode *parser_slices(Parser *p)
{
    Token *start = parser_peek(p);
    AstNode *first = parse_slice(p);
    if (first == NULL || (first->kind != AST_Starred && !parser_at(p, TOKEN_COMMA))) {
        return first;
    }
    NodeList elements = {0};
    parser_append(p, &elements, first);
    while (parser_accept(p, TOKEN_COMMA)) {
        int32_t mark = p->mark;
        AstNode *next = parse_slice(p);
        if (next == NULL) {
            p->mark = mark;
            break;
        }
        parser_append(p, &elements, next);
    }
    AstNode *node = parser_node(p, AST_Tuple, start);
    node->Tuple.elts = parser_seq(p, &elements);
    return node;
}
