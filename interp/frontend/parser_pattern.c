/* parser_pattern.c - the match statement and its patterns.
 *
 * `match` and `case` are names everywhere else. parser_match tries the header `match subject:` with a
 * line end behind it and an indented `case`; if that fails the caller reads the line as a simple
 * statement. Only the header is ever read twice.
 * Threads: a parser belongs to one parse.
 */
#include <string.h>

#include "interp/frontend/parser.h"

static AstNode *parse_pattern(Parser *p);

/* ---- literals ---- */

static AstNode *parse_signed_number(Parser *p)
{
    Token *start = parser_peek(p);
    bool negative = parser_accept(p, TOKEN_MINUS) != NULL;
    Token *token = parser_accept(p, TOKEN_NUMBER);
    if (token == NULL) {
        return NULL;
    }
    AstNode *number = parser_number(p, token);
    if (!negative) {
        return number;
    }
    AstNode *node = parser_node(p, AST_UnaryOp, start);
    node->UnaryOp.op = AST_OP_USUB;
    node->UnaryOp.operand = number;
    return node;
}

static bool is_imaginary(const AstNode *node)
{
    if (node->kind == AST_UnaryOp) {
        node = node->UnaryOp.operand;
    }
    return node->Constant.value.kind == AST_CONST_IMAGINARY;
}

/* Parses a number, or real + imaginary. */
static AstNode *parse_literal_number(Parser *p)
{
    Token *start = parser_peek(p);
    AstNode *left = parse_signed_number(p);
    if (left == NULL) {
        return NULL;
    }
    bool plus = parser_at(p, TOKEN_PLUS);
    if (!plus && !parser_at(p, TOKEN_MINUS)) {
        return left;
    }
    if (is_imaginary(left)) {
        AstNode *number = left->kind == AST_UnaryOp ? left->UnaryOp.operand : left;
        parser_raise_node(p, number, "real number required in complex literal");
    }
    p->mark++;
    Token *token = parser_accept(p, TOKEN_NUMBER);
    if (token == NULL) {
        return NULL;
    }
    AstNode *right = parser_number(p, token);
    if (!is_imaginary(right)) {
        parser_raise_node(p, right, "imaginary number required in complex literal");
    }
    AstNode *node = parser_node(p, AST_BinOp, start);
    node->BinOp.left = left;
    node->BinOp.op = plus ? AST_OP_ADD : AST_OP_SUB;
    node->BinOp.right = right;
    return node;
}

/* Parses a literal as an expression; NULL if there is none. */
static AstNode *parse_literal(Parser *p)
{
    switch (parser_peek(p)->type) {
    case TOKEN_MINUS:
    case TOKEN_NUMBER: return parse_literal_number(p);
    case TOKEN_STRING:
    case TOKEN_NONE:
    case TOKEN_TRUE:
    case TOKEN_FALSE: return parser_atom(p);
    default: return NULL;
    }
}

static AstNode *parse_literal_pattern(Parser *p)
{
    Token *start = parser_peek(p);
    TokenType type = start->type;
    AstNode *value = parse_literal(p);
    if (value == NULL) {
        return NULL;
    }
    if (type == TOKEN_NONE || type == TOKEN_TRUE || type == TOKEN_FALSE) {
        AstNode *node = parser_node(p, AST_MatchSingleton, start);
        node->MatchSingleton.value = value->Constant.value;
        return node;
    }
    AstNode *node = parser_node(p, AST_MatchValue, start);
    node->MatchValue.value = value;
    return node;
}

/* ---- names ---- */

static bool at_name_continuation(Parser *p)
{
    return parser_at(p, TOKEN_DOT) || parser_at(p, TOKEN_LPAR) || parser_at(p, TOKEN_EQUAL);
}

/* Takes a name that a value is bound to: not `_`, and nothing that makes it a value. */
static Token *accept_capture(Parser *p)
{
    Token *name = parser_peek(p);
    if (name->type != TOKEN_NAME || parser_is_word(name, "_")) {
        return NULL;
    }
    p->mark++;
    return at_name_continuation(p) ? NULL : name;
}

/* Parses NAME ('.' NAME)* as an expression. */
static AstNode *parse_name_or_attribute(Parser *p)
{
    Token *first = parser_accept(p, TOKEN_NAME);
    if (first == NULL) {
        return NULL;
    }
    AstNode *node = parser_name_node(p, first);
    while (parser_at(p, TOKEN_DOT) && parser_peek_at(p, 1)->type == TOKEN_NAME) {
        p->mark++;
        Token *name = parser_accept(p, TOKEN_NAME);
        AstNode *attribute = parser_node(p, AST_Attribute, first);
        attribute->Attribute.value = node;
        attribute->Attribute.attr = parser_name(p, name);
        node = attribute;
    }
    return node;
}

/* ---- classes ---- */

typedef struct ClassArguments {
    NodeList positional;
    NodeList keyword_names; /* AstIdent * */
    NodeList keyword_patterns;
} ClassArguments;

static bool keyword_ahead(Parser *p)
{
    return parser_at(p, TOKEN_NAME) && parser_peek_at(p, 1)->type == TOKEN_EQUAL;
}

/* In the second pass: positional patterns stand behind keyword ones; raises if so. */
static void diagnose_class_arguments(Parser *p)
{
    AstNode *first = parse_pattern(p);
    if (first == NULL) {
        return;
    }
    AstNode *last = first;
    for (;;) {
        if (!parser_accept(p, TOKEN_COMMA) || parser_at(p, TOKEN_RPAR) || keyword_ahead(p)) {
            break;
        }
        AstNode *next = parse_pattern(p);
        if (next == NULL) {
            break;
        }
        last = next;
    }
    parser_raise_range(p, parser_range_nodes(first, last),
                       "positional patterns follow keyword patterns");
}

static bool parse_class_argument(Parser *p, ClassArguments *arguments)
{
    if (keyword_ahead(p)) {
        AstIdent *name = parser_name(p, parser_peek(p));
        p->mark += 2;
        AstNode *pattern = parse_pattern(p);
        if (pattern == NULL) {
            return false;
        }
        parser_append(p, &arguments->keyword_names, (AstNode *)(void *)name);
        parser_append(p, &arguments->keyword_patterns, pattern);
        return true;
    }
    if (arguments->keyword_names.count > 0) {
        if (parser_checking(p)) {
            diagnose_class_arguments(p);
        }
        return false;
    }
    AstNode *pattern = parse_pattern(p);
    if (pattern != NULL) {
        parser_append(p, &arguments->positional, pattern);
    }
    return pattern != NULL;
}

static AstNode *finish_class(Parser *p, Token *start, AstNode *cls)
{
    ClassArguments arguments = {0};
    p->mark++;
    while (!parser_at(p, TOKEN_RPAR)) {
        if (!parse_class_argument(p, &arguments)) {
            return NULL;
        }
        if (!parser_accept(p, TOKEN_COMMA)) {
            break;
        }
    }
    if (!parser_accept(p, TOKEN_RPAR)) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_MatchClass, start);
    node->MatchClass.cls = cls;
    node->MatchClass.patterns = parser_seq(p, &arguments.positional);
    node->MatchClass.kwd_patterns = parser_seq(p, &arguments.keyword_patterns);
    int32_t count = arguments.keyword_names.count;
    if (count > 0) {
        size_t size_bytes = (size_t)count * sizeof(AstIdent *);
        node->MatchClass.kwd_attrs.count = count;
        node->MatchClass.kwd_attrs.items = frontend_alloc(p->frontend, size_bytes);
        memcpy(node->MatchClass.kwd_attrs.items, arguments.keyword_names.items, size_bytes);
    }
    return node;
}

/* Parses a pattern that begins with a name: wildcard, capture, value or class. */
static AstNode *parse_name_pattern(Parser *p)
{
    Token *start = parser_peek(p);
    if (parser_is_word(start, "_")) {
        p->mark++;
        return parser_node(p, AST_MatchAs, start);
    }
    AstNode *name = parse_name_or_attribute(p);
    if (parser_at(p, TOKEN_LPAR)) {
        return finish_class(p, start, name);
    }
    if (at_name_continuation(p)) {
        return NULL;
    }
    if (name->kind == AST_Name) {
        AstNode *node = parser_node(p, AST_MatchAs, start);
        node->MatchAs.name = name->Name.id;
        return node;
    }
    AstNode *node = parser_node(p, AST_MatchValue, start);
    node->MatchValue.value = name;
    return node;
}

/* ---- sequences and mappings ---- */

static AstNode *parse_star_pattern(Parser *p)
{
    Token *start = parser_accept(p, TOKEN_STAR);
    if (start == NULL) {
        return parse_pattern(p);
    }
    AstIdent *name = NULL;
    if (parser_is_word(parser_peek(p), "_")) {
        p->mark++;
    } else {
        Token *token = accept_capture(p);
        if (token == NULL) {
            return NULL;
        }
        name = parser_name(p, token);
    }
    AstNode *node = parser_node(p, AST_MatchStar, start);
    node->MatchStar.name = name;
    return node;
}

/* Parses patterns with commas up to `closing`; *commas says whether there was one. */
static bool parse_patterns_until(Parser *p, TokenType closing, NodeList *patterns, bool *commas)
{
    *commas = false;
    while (!parser_at(p, closing)) {
        AstNode *pattern = parse_star_pattern(p);
        if (pattern == NULL) {
            return false;
        }
        parser_append(p, patterns, pattern);
        if (!parser_accept(p, TOKEN_COMMA)) {
            break;
        }
        *commas = true;
    }
    return parser_accept(p, closing) != NULL;
}

/* Parses ( ) or [ ]: a group in parentheses without a comma, else a sequence. */
static AstNode *parse_sequence_pattern(Parser *p, TokenType closing)
{
    Token *start = parser_peek(p);
    p->mark++;
    NodeList patterns = {0};
    bool commas;
    if (!parse_patterns_until(p, closing, &patterns, &commas)) {
        return NULL;
    }
    if (closing == TOKEN_RPAR && patterns.count == 1 && !commas) {
        return patterns.items[0]->kind == AST_MatchStar ? NULL : patterns.items[0];
    }
    AstNode *node = parser_node(p, AST_MatchSequence, start);
    node->MatchSequence.patterns = parser_seq(p, &patterns);
    return node;
}

static bool parse_mapping_pair(Parser *p, NodeList *keys, NodeList *patterns)
{
    int32_t mark = p->mark;
    AstNode *key = parse_literal(p);
    if (key == NULL) {
        p->mark = mark;
        key = parse_name_or_attribute(p);
        if (key == NULL || key->kind != AST_Attribute) {
            return false;
        }
    }
    AstNode *pattern = parser_accept(p, TOKEN_COLON) ? parse_pattern(p) : NULL;
    if (pattern == NULL) {
        return false;
    }
    parser_append(p, keys, key);
    parser_append(p, patterns, pattern);
    return true;
}

static AstNode *parse_mapping_pattern(Parser *p)
{
    Token *start = parser_accept(p, TOKEN_LBRACE);
    NodeList keys = {0};
    NodeList patterns = {0};
    AstIdent *rest = NULL;
    while (!parser_at(p, TOKEN_RBRACE) && rest == NULL) {
        if (parser_accept(p, TOKEN_DOUBLESTAR)) {
            Token *name = accept_capture(p);
            if (name == NULL) {
                return NULL;
            }
            rest = parser_name(p, name);
        } else if (!parse_mapping_pair(p, &keys, &patterns)) {
            return NULL;
        }
        if (!parser_accept(p, TOKEN_COMMA)) {
            break;
        }
    }
    if (!parser_accept(p, TOKEN_RBRACE)) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_MatchMapping, start);
    node->MatchMapping.keys = parser_seq(p, &keys);
    node->MatchMapping.patterns = parser_seq(p, &patterns);
    node->MatchMapping.rest = rest;
    return node;
}

/* ---- or, as, open sequences ---- */

static AstNode *parse_closed_pattern(Parser *p)
{
    switch (parser_peek(p)->type) {
    case TOKEN_NAME: return parse_name_pattern(p);
    case TOKEN_LPAR: return parse_sequence_pattern(p, TOKEN_RPAR);
    case TOKEN_LSQB: return parse_sequence_pattern(p, TOKEN_RSQB);
    case TOKEN_LBRACE: return parse_mapping_pattern(p);
    default: return parse_literal_pattern(p);
    }
}

static AstNode *parse_or_pattern(Parser *p)
{
    Token *start = parser_peek(p);
    AstNode *first = parse_closed_pattern(p);
    if (first == NULL || !parser_at(p, TOKEN_VBAR)) {
        return first;
    }
    NodeList patterns = {0};
    parser_append(p, &patterns, first);
    for (;;) {
        int32_t mark = p->mark;
        AstNode *next = parser_accept(p, TOKEN_VBAR) ? parse_closed_pattern(p) : NULL;
        if (next == NULL) {
            p->mark = mark;
            break;
        }
        parser_append(p, &patterns, next);
    }
    if (patterns.count == 1) {
        return first;
    }
    AstNode *node = parser_node(p, AST_MatchOr, start);
    node->MatchOr.patterns = parser_seq(p, &patterns);
    return node;
}

/* In the second pass: what stands behind `as` is no name to bind. */
static void diagnose_as_target(Parser *p)
{
    Token *token = parser_peek(p);
    if (parser_is_word(token, "_")) {
        parser_raise_token(p, token, "cannot use '_' as a target");
    }
    if (token->type != TOKEN_NAME) {
        AstNode *target = parser_expression(p);
        if (target != NULL) {
            parser_raise_node(p, target, "invalid pattern target");
        }
    }
}

static AstNode *pattern_rule(Parser *p)
{
    Token *start = parser_peek(p);
    AstNode *pattern = parse_or_pattern(p);
    if (pattern == NULL || !parser_accept(p, TOKEN_AS)) {
        return pattern;
    }
    int32_t mark = p->mark;
    Token *name = accept_capture(p);
    if (name == NULL) {
        if (parser_checking(p)) {
            p->mark = mark;
            diagnose_as_target(p);
        }
        return NULL;
    }
    AstNode *node = parser_node(p, AST_MatchAs, start);
    node->MatchAs.pattern = pattern;
    node->MatchAs.name = parser_name(p, name);
    return node;
}

static AstNode *parse_pattern(Parser *p)
{
    parser_enter(p);
    AstNode *node = parser_memoized(p, MEMO_PATTERN, pattern_rule);
    parser_leave(p);
    return node;
}

/* Parses what stands behind `case`: a pattern, or several with commas as a sequence. */
static AstNode *parse_patterns(Parser *p)
{
    Token *start = parser_peek(p);
    AstNode *first = parse_star_pattern(p);
    if (first == NULL || (first->kind != AST_MatchStar && !parser_at(p, TOKEN_COMMA))) {
        return first;
    }
    NodeList patterns = {0};
    parser_append(p, &patterns, first);
    if (!parser_at(p, TOKEN_COMMA)) {
        return NULL;
    }
    while (parser_accept(p, TOKEN_COMMA)) {
        if (parser_at(p, TOKEN_COLON) || parser_at(p, TOKEN_IF)) {
            break;
        }
        AstNode *next = parse_star_pattern(p);
        if (next == NULL) {
            return NULL;
        }
        parser_append(p, &patterns, next);
    }
    AstNode *node = parser_node(p, AST_MatchSequence, start);
    node->MatchSequence.patterns = parser_seq(p, &patterns);
    return node;
}

/* ---- statement ---- */

static AstNode *parse_case(Parser *p)
{
    Token *keyword = parser_peek(p);
    if (!parser_is_word(keyword, "case")) {
        return NULL;
    }
    p->mark++;
    AstNode *pattern = parse_patterns(p);
    if (pattern == NULL) {
        return NULL;
    }
    AstNode *guard = NULL;
    if (parser_accept(p, TOKEN_IF)) {
        guard = parser_named_expression(p);
        if (guard == NULL) {
            return NULL;
        }
    }
    if (parser_checking(p)) {
        diagnose_missing_colon(p);
    }
    if (!parser_accept(p, TOKEN_COLON)) {
        return NULL;
    }
    if (parser_checking(p)) {
        diagnose_indent(p, "'case' statement", keyword->lineno);
    }
    AstSeq *body = parser_block(p);
    if (body == NULL) {
        return NULL;
    }
    AstNode *node = parser_bare_node(p, AST_match_case);
    node->match_case.pattern = pattern;
    node->match_case.guard = guard;
    node->match_case.body = *body;
    return node;
}

static AstNode *parse_subject(Parser *p)
{
    Token *start = parser_peek(p);
    AstNode *first = parser_star_named_expression(p);
    if (first == NULL || (first->kind == AST_Starred && !parser_at(p, TOKEN_COMMA))) {
        return NULL;
    }
    if (!parser_accept(p, TOKEN_COMMA)) {
        return first;
    }
    NodeList elements = {0};
    parser_append(p, &elements, first);
    int32_t mark = p->mark;
    if (!parser_star_named_list(p, &elements)) {
        p->mark = mark;
    }
    AstNode *node = parser_node(p, AST_Tuple, start);
    node->Tuple.elts = parser_seq(p, &elements);
    return node;
}

AstNode *parser_match(Parser *p)
{
    Token *keyword = parser_peek(p);
    p->mark++;
    AstNode *subject = parse_subject(p);
    if (subject == NULL) {
        return NULL;
    }
    if (parser_checking(p)) {
        diagnose_missing_colon(p);
    }
    if (!parser_accept(p, TOKEN_COLON)) {
        return NULL;
    }
    if (parser_checking(p)) {
        diagnose_indent(p, "'match' statement", keyword->lineno);
    }
    if (!parser_accept(p, TOKEN_NEWLINE) || !parser_accept(p, TOKEN_INDENT)) {
        return NULL;
    }
    NodeList cases = {0};
    do {
        AstNode *one = parse_case(p);
        if (one == NULL) {
            return NULL;
        }
        parser_append(p, &cases, one);
    } while (!parser_accept(p, TOKEN_DEDENT));
    AstNode *node = parser_node(p, AST_Match, keyword);
    node->Match.subject = subject;
    node->Match.cases = parser_seq(p, &cases);
    return node;
}
