/* parser_params.c - parameters of functions and lambdas, and lambda itself.
 *
 * One state machine for both: lambdas have no annotations and end at ':' instead of ')'. It accepts
 * exactly the right lists; what is wrong with another one is found by diagnose_params.c.
 * Threads: a parser belongs to one parse.
 */
#include "interp/frontend/parser.h"

typedef struct Parameters {
    NodeList positional_only;
    NodeList positional;
    NodeList defaults;
    NodeList keyword_only;
    NodeList keyword_defaults;
    AstNode *vararg;
    AstNode *kwarg;
    bool lambda;
    bool slash;
    bool star;
    bool bare_star; /* a '*' that still needs a parameter behind it */
} Parameters;

/* Parses NAME [':' annotation]; `star`: the annotation may be '*' expression. */
static AstNode *parse_parameter(Parser *p, bool lambda, bool star)
{
    Token *name = parser_accept(p, TOKEN_NAME);
    if (name == NULL) {
        return NULL;
    }
    AstNode *annotation = NULL;
    if (!lambda && parser_accept(p, TOKEN_COLON)) {
        annotation = star ? parser_star_expression(p) : parser_expression(p);
        if (annotation == NULL) {
            return NULL;
        }
    }
    AstNode *node = parser_node(p, AST_arg, name);
    node->arg.arg = parser_name(p, name);
    node->arg.annotation = annotation;
    return node;
}

static bool parse_default(Parser *p, AstNode **value)
{
    *value = NULL;
    if (!parser_accept(p, TOKEN_EQUAL)) {
        return true;
    }
    *value = parser_expression(p);
    return *value != NULL;
}

static bool take_plain(Parser *p, Parameters *list)
{
    AstNode *parameter = parse_parameter(p, list->lambda, false);
    AstNode *value;
    if (parameter == NULL || !parse_default(p, &value)) {
        return false;
    }
    if (list->star) {
        list->bare_star = false;
        parser_append(p, &list->keyword_only, parameter);
        parser_append(p, &list->keyword_defaults, value);
        return true;
    }
    parser_append(p, &list->positional, parameter);
    if (value != NULL) {
        parser_append(p, &list->defaults, value);
    }
    return value != NULL || list->defaults.count == 0;
}

static bool take_slash(Parser *p, Parameters *list)
{
    p->mark++;
    if (list->slash || list->star || list->positional.count == 0) {
        return false;
    }
    list->slash = true;
    list->positional_only = list->positional;
    list->positional = (NodeList){0};
    return true;
}

static bool take_star(Parser *p, Parameters *list)
{
    p->mark++;
    if (list->star) {
        return false;
    }
    list->star = true;
    if (parser_at(p, TOKEN_COMMA)) {
        list->bare_star = true;
        return true;
    }
    list->vararg = parse_parameter(p, list->lambda, true);
    return list->vararg != NULL;
}

static bool take_double_star(Parser *p, Parameters *list)
{
    if (list->bare_star) {
        return false;
    }
    p->mark++;
    list->kwarg = parse_parameter(p, list->lambda, false);
    return list->kwarg != NULL;
}

static bool parse_list(Parser *p, Parameters *list, TokenType closing)
{
    while (!parser_at(p, closing)) {
        bool good = false;
        switch (parser_peek(p)->type) {
        case TOKEN_SLASH: good = take_slash(p, list); break;
        case TOKEN_STAR: good = take_star(p, list); break;
        case TOKEN_DOUBLESTAR: good = take_double_star(p, list); break;
        default: good = take_plain(p, list); break;
        }
        if (!good) {
            return false;
        }
        if (!parser_accept(p, TOKEN_COMMA)) {
            break;
        }
        if (list->kwarg != NULL) {
            break;
        }
    }
    return parser_at(p, closing) && !list->bare_star;
}

AstNode *parser_parameters(Parser *p, bool lambda)
{
    if (parser_checking(p)) {
        int32_t start = p->mark;
        diagnose_parameters(p, lambda);
        p->mark = start;
    }
    Parameters list = {.lambda = lambda};
    if (!parse_list(p, &list, lambda ? TOKEN_COLON : TOKEN_RPAR)) {
        return NULL;
    }
    AstNode *node = parser_bare_node(p, AST_arguments);
    node->arguments.posonlyargs = parser_seq(p, &list.positional_only);
    node->arguments.args = parser_seq(p, &list.positional);
    node->arguments.vararg = list.vararg;
    node->arguments.kwonlyargs = parser_seq(p, &list.keyword_only);
    node->arguments.kw_defaults = parser_seq(p, &list.keyword_defaults);
    node->arguments.kwarg = list.kwarg;
    node->arguments.defaults = parser_seq(p, &list.defaults);
    return node;
}

AstNode *parser_lambda(Parser *p)
{
    Token *start = parser_accept(p, TOKEN_LAMBDA);
    if (start == NULL) {
        return NULL;
    }
    AstNode *parameters = parser_parameters(p, true);
    if (parameters == NULL || !parser_accept(p, TOKEN_COLON)) {
        return NULL;
    }
    AstNode *body = parser_expression(p);
    if (body == NULL) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_Lambda, start);
    node->Lambda.args = parameters;
    node->Lambda.body = body;
    return node;
}
