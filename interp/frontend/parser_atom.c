/* parser_atom.c - primaries (attribute, call, subscript) and atoms (names, literals, displays).
 *
 * A bracketed atom is decided by what follows its first element: a ',' or the closing bracket makes a
 * display, ':' in braces a dict, `for` or `async` a comprehension. Every element is parsed once.
 * Threads: a parser belongs to one parse.
 */
#include "interp/frontend/parser.h"

static AstNode *parse_constant(Parser *p, AstConstKind kind)
{
    Token *start = parser_peek(p);
    p->mark++;
    AstNode *node = parser_node(p, AST_Constant, start);
    node->Constant.value.kind = kind;
    return node;
}

static bool at_clause(Parser *p) { return parser_at(p, TOKEN_FOR) || parser_at(p, TOKEN_ASYNC); }

/* ---- ( ) ---- */

static AstNode *finish_genexp(Parser *p, Token *start, AstNode *element)
{
    AstSeq *clauses = parser_clauses(p);
    if (clauses == NULL || !parser_accept(p, TOKEN_RPAR)) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_GeneratorExp, start);
    node->GeneratorExp.elt = element;
    node->GeneratorExp.generators = *clauses;
    return node;
}

AstNode *parser_genexp(Parser *p)
{
    Token *start = parser_accept(p, TOKEN_LPAR);
    if (start == NULL) {
        return NULL;
    }
    AstNode *element = parser_walrus_or_expression(p);
    return element == NULL || !at_clause(p) ? NULL : finish_genexp(p, start, element);
}

static AstNode *finish_tuple(Parser *p, Token *start, AstNode *first)
{
    NodeList elements = {0};
    if (first != NULL) {
        parser_append(p, &elements, first);
        p->mark++;
        int32_t mark = p->mark;
        if (!parser_star_named_list(p, &elements)) {
            p->mark = mark;
        }
    }
    if (!parser_accept(p, TOKEN_RPAR)) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_Tuple, start);
    node->Tuple.elts = parser_seq(p, &elements);
    return node;
}

static AstNode *parse_parenthesized(Parser *p)
{
    Token *start = parser_accept(p, TOKEN_LPAR);
    if (parser_at(p, TOKEN_RPAR)) {
        return finish_tuple(p, start, NULL);
    }
    if (parser_at(p, TOKEN_YIELD)) {
        AstNode *value = parser_yield(p);
        return value != NULL && parser_accept(p, TOKEN_RPAR) ? value : NULL;
    }
    AstNode *first = parser_star_named_expression(p);
    if (first == NULL) {
        return NULL;
    }
    if (parser_at(p, TOKEN_COMMA)) {
        return finish_tuple(p, start, first);
    }
    if (first->kind == AST_Starred) {
        return NULL; /* only a parenthesized starred fails here: (*a)() is no Starred */
    }
    if (parser_accept(p, TOKEN_RPAR)) {
        return first;
    }
    return at_clause(p) ? finish_genexp(p, start, first) : NULL;
}

/* ---- [ ] ---- */

static AstNode *parse_list(Parser *p)
{
    Token *start = parser_accept(p, TOKEN_LSQB);
    NodeList elements = {0};
    if (!parser_at(p, TOKEN_RSQB)) {
        AstNode *first = parser_star_named_expression(p);
        if (first == NULL) {
            return NULL;
        }
        if (at_clause(p) && first->kind != AST_Starred) {
            AstSeq *clauses = parser_clauses(p);
            if (clauses == NULL || !parser_accept(p, TOKEN_RSQB)) {
                return NULL;
            }
            AstNode *node = parser_node(p, AST_ListComp, start);
            node->ListComp.elt = first;
            node->ListComp.generators = *clauses;
            return node;
        }
        parser_append(p, &elements, first);
        int32_t mark = p->mark;
        if (parser_accept(p, TOKEN_COMMA)) {
            mark = p->mark;
            if (!parser_star_named_list(p, &elements)) {
                p->mark = mark;
            }
        }
    }
    if (!parser_accept(p, TOKEN_RSQB)) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_List, start);
    node->List.elts = parser_seq(p, &elements);
    return node;
}

/* ---- { } ---- */

/* Parses `**value` or `key: value`; key is NULL for the former. */
static bool parse_pair(Parser *p, AstNode **key, AstNode **value)
{
    *key = NULL;
    if (parser_accept(p, TOKEN_DOUBLESTAR)) {
        *value = parser_bitwise_or(p);
        return *value != NULL;
    }
    *key = parser_expression(p);
    if (*key == NULL || !parser_accept(p, TOKEN_COLON)) {
        return false;
    }
    *value = parser_expression(p);
    return *value != NULL;
}

static AstNode *finish_dict_comp(Parser *p, Token *start, AstNode *key, AstNode *value)
{
    AstSeq *clauses = parser_clauses(p);
    if (clauses == NULL || !parser_accept(p, TOKEN_RBRACE)) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_DictComp, start);
    node->DictComp.key = key;
    node->DictComp.value = value;
    node->DictComp.generators = *clauses;
    return node;
}

/* Parses a dict or a dict comprehension from its first pair on. */
static AstNode *parse_dict_rest(Parser *p, Token *start, AstNode *key, AstNode *value)
{
    if (key != NULL && at_clause(p)) {
        return finish_dict_comp(p, start, key, value);
    }
    NodeList keys = {0};
    NodeList values = {0};
    parser_append(p, &keys, key);
    parser_append(p, &values, value);
    while (parser_accept(p, TOKEN_COMMA)) {
        int32_t mark = p->mark;
        if (!parse_pair(p, &key, &value)) {
            p->mark = mark;
            break;
        }
        parser_append(p, &keys, key);
        parser_append(p, &values, value);
    }
    if (!parser_accept(p, TOKEN_RBRACE)) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_Dict, start);
    node->Dict.keys = parser_seq(p, &keys);
    node->Dict.values = parser_seq(p, &values);
    return node;
}

/* Parses a set or a set comprehension from its first element on. */
static AstNode *parse_set_rest(Parser *p, Token *start, AstNode *first)
{
    if (at_clause(p) && first->kind != AST_Starred) {
        AstSeq *clauses = parser_clauses(p);
        if (clauses == NULL || !parser_accept(p, TOKEN_RBRACE)) {
            return NULL;
        }
        AstNode *node = parser_node(p, AST_SetComp, start);
        node->SetComp.elt = first;
        node->SetComp.generators = *clauses;
        return node;
    }
    NodeList elements = {0};
    parser_append(p, &elements, first);
    if (parser_accept(p, TOKEN_COMMA)) {
        int32_t mark = p->mark;
        if (!parser_star_named_list(p, &elements)) {
            p->mark = mark;
        }
    }
    if (!parser_accept(p, TOKEN_RBRACE)) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_Set, start);
    node->Set.elts = parser_seq(p, &elements);
    return node;
}

/* One parse of the first element decides. */
static AstNode *parse_braces_once(Parser *p)
{
    Token *start = parser_accept(p, TOKEN_LBRACE);
    if (parser_accept(p, TOKEN_RBRACE)) {
        return parser_node(p, AST_Dict, start);
    }
    if (parser_accept(p, TOKEN_DOUBLESTAR)) {
        AstNode *value = parser_bitwise_or(p);
        return value == NULL ? NULL : parse_dict_rest(p, start, NULL, value);
    }
    bool walrus = parser_at(p, TOKEN_NAME) && parser_peek_at(p, 1)->type == TOKEN_COLONEQUAL;
    AstNode *first = parser_star_named_expression(p);
    if (first == NULL) {
        return NULL;
    }
    if (first->kind == AST_Starred || walrus || !parser_accept(p, TOKEN_COLON)) {
        return parse_set_rest(p, start, first);
    }
    AstNode *value = parser_expression(p);
    return value == NULL ? NULL : parse_dict_rest(p, start, first, value);
}

/* First pass. The checks for dicts run in it already (CPython has them there, and so they win over
 * those of the second pass); as they read everything inside again, results are remembered from now
 * on. */
static AstNode *parse_braces(Parser *p)
{
    int32_t mark = p->mark;
    AstNode *node = parse_braces_once(p);
    if (node == NULL) {
        p->memoizing = true;
        p->mark = mark + 1;
        diagnose_dict(p);
    }
    return node;
}

/* Second pass: dict, then its checks, then set, in the order in which CPython would raise. */
static AstNode *diagnose_braces(Parser *p)
{
    int32_t mark = p->mark;
    Token *start = parser_accept(p, TOKEN_LBRACE);
    if (parser_accept(p, TOKEN_RBRACE)) {
        return parser_node(p, AST_Dict, start);
    }
    AstNode *key;
    AstNode *value;
    AstNode *node = NULL;
    if (parse_pair(p, &key, &value) && !at_clause(p)) {
        node = parse_dict_rest(p, start, key, value);
    }
    if (node == NULL) {
        p->mark = mark + 1;
        diagnose_dict(p);
        p->mark = mark + 1;
        AstNode *first = parser_star_named_expression(p);
        node = first == NULL || at_clause(p) ? NULL : parse_set_rest(p, start, first);
    }
    if (node == NULL) {
        p->mark = mark + 1;
        if (!parser_at(p, TOKEN_DOUBLESTAR) && parse_pair(p, &key, &value) && at_clause(p)) {
            node = finish_dict_comp(p, start, key, value);
        }
    }
    if (node == NULL) {
        p->mark = mark;
        if (p->checks) {
            diagnose_dict_comprehension(p);
        }
        p->mark = mark + 1;
        AstNode *first = parser_named_expression(p);
        node = first == NULL || !at_clause(p) ? NULL : parse_set_rest(p, start, first);
    }
    return node;
}

/* ---- atom ---- */

/* Parses a bracketed atom; when it fails in the second pass, runs the checks for it. */
static AstNode *parse_bracketed(Parser *p, ParseRule *rule)
{
    int32_t start = p->mark;
    AstNode *node = rule(p);
    if (node == NULL && parser_checking(p)) {
        p->mark = start;
        if (parser_at(p, TOKEN_LPAR)) {
            diagnose_group(p);
        }
        p->mark = start;
        diagnose_comprehension(p);
    }
    return node;
}

static AstNode *atom(Parser *p)
{
    Token *token = parser_peek(p);
    switch (token->type) {
    case TOKEN_NAME: p->mark++; return parser_name_node(p, token);
    case TOKEN_NUMBER: p->mark++; return parser_number(p, token);
    case TOKEN_STRING: return parser_strings(p);
    case TOKEN_NONE: return parse_constant(p, AST_CONST_NONE);
    case TOKEN_TRUE: return parse_constant(p, AST_CONST_TRUE);
    case TOKEN_FALSE: return parse_constant(p, AST_CONST_FALSE);
    case TOKEN_ELLIPSIS: return parse_constant(p, AST_CONST_ELLIPSIS);
    case TOKEN_LPAR: return parse_bracketed(p, parse_parenthesized);
    case TOKEN_LSQB: return parse_bracketed(p, parse_list);
    case TOKEN_LBRACE: return parse_bracketed(p, p->diagnosing ? diagnose_braces : parse_braces);
    default: return NULL;
    }
}

AstNode *parser_atom(Parser *p)
{
    parser_enter(p);
    AstNode *node = parser_memoized(p, MEMO_ATOM, atom);
    parser_leave(p);
    return node;
}

/* ---- primary ---- */

static AstNode *parse_attribute(Parser *p, Token *first, AstNode *value)
{
    p->mark++;
    Token *name = parser_accept(p, TOKEN_NAME);
    if (name == NULL) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_Attribute, first);
    node->Attribute.value = value;
    node->Attribute.attr = parser_name(p, name);
    return node;
}

static AstNode *parse_call(Parser *p, Token *first, AstNode *func)
{
    int32_t start = p->mark;
    AstNode *genexp = NULL;
    AstNode *call = NULL;
    if (p->diagnosing) {
        genexp = parser_genexp(p); /* for its checks come before those of arguments */
        p->mark = genexp == NULL ? start : p->mark;
        if (genexp == NULL && p->checks) {
            diagnose_comprehension(p);
        }
    }
    if (genexp != NULL) {
        call = parser_node(p, AST_Call, first);
        call->Call.args = parser_seq_of(p, genexp);
    } else {
        p->mark = start + 1;
        call = parser_arguments(p, !p->diagnosing);
        if (call == NULL || !parser_accept(p, TOKEN_RPAR)) {
            return NULL;
        }
        call->lineno = first->lineno;
        call->col_offset = first->col;
        parser_end_node(p, call);
    }
    call->Call.func = func;
    return call;
}

static AstNode *parse_subscript(Parser *p, Token *first, AstNode *value)
{
    p->mark++;
    AstNode *slice = parser_slices(p);
    if (slice == NULL || !parser_accept(p, TOKEN_RSQB)) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_Subscript, first);
    node->Subscript.value = value;
    node->Subscript.slice = slice;
    return node;
}

static AstNode *primary(Parser *p)
{
    Token *first = parser_peek(p);
    AstNode *node = parser_atom(p);
    while (node != NULL) {
        int32_t mark = p->mark;
        AstNode *next = NULL;
        TokenType type = parser_peek(p)->type;
        if ((type == TOKEN_LSQB || type == TOKEN_LBRACE) && parser_checking(p)) {
            diagnose_comprehension(p); /* CPython tries a generator expression at any bracket */
            p->mark = mark;
        }
        switch (type) {
        case TOKEN_DOT: next = parse_attribute(p, first, node); break;
        case TOKEN_LPAR: next = parse_call(p, first, node); break;
        case TOKEN_LSQB: next = parse_subscript(p, first, node); break;
        default: return node;
        }
        if (next == NULL) {
            p->mark = mark;
            return node;
        }
        node = next;
    }
    return NULL;
}

AstNode *parser_primary(Parser *p) { return parser_memoized(p, MEMO_PRIMARY, primary); }
