/* parser_stmt.c - simple statements, statement lines, and the four entry rules.
 *
 * An expression, an assignment, an annotated and an augmented assignment all begin with an expression;
 * it is parsed once and what follows decides. In the second pass the checks for bad targets run where
 * CPython would try them: after no form of assignment fits, before a plain expression is accepted.
 * Threads: a parser belongs to one parse.
 */
#include "interp/frontend/parser.h"

#include <string.h>

/* ---- assignments ---- */

static AstNode *expr_statement(Parser *p, Token *start, AstNode *value)
{
    AstNode *node = parser_node(p, AST_Expr, start);
    node->Expr.value = value;
    return node;
}

static AstNode *finish_annotated(Parser *p, Token *start, AstNode *target)
{
    if (!parser_to_single_store(target)) {
        return NULL;
    }
    p->mark++;
    AstNode *annotation = parser_expression(p);
    if (annotation == NULL) {
        return NULL;
    }
    AstNode *value = NULL;
    int32_t mark = p->mark;
    if (parser_accept(p, TOKEN_EQUAL)) {
        value = parser_value(p);
        if (value == NULL) {
            p->mark = mark;
        }
    }
    AstNode *node = parser_node(p, AST_AnnAssign, start);
    node->AnnAssign.target = target;
    node->AnnAssign.annotation = annotation;
    node->AnnAssign.value = value;
    node->AnnAssign.simple = start->type == TOKEN_NAME && target->kind == AST_Name;
    return node;
}

static AstOp augmented_operator(TokenType type)
{
    switch (type) {
    case TOKEN_PLUSEQUAL: return AST_OP_ADD;
    case TOKEN_MINEQUAL: return AST_OP_SUB;
    case TOKEN_STAREQUAL: return AST_OP_MULT;
    case TOKEN_ATEQUAL: return AST_OP_MATMULT;
    case TOKEN_SLASHEQUAL: return AST_OP_DIV;
    case TOKEN_PERCENTEQUAL: return AST_OP_MOD;
    case TOKEN_AMPEREQUAL: return AST_OP_BITAND;
    case TOKEN_VBAREQUAL: return AST_OP_BITOR;
    case TOKEN_CIRCUMFLEXEQUAL: return AST_OP_BITXOR;
    case TOKEN_LEFTSHIFTEQUAL: return AST_OP_LSHIFT;
    case TOKEN_RIGHTSHIFTEQUAL: return AST_OP_RSHIFT;
    case TOKEN_DOUBLESTAREQUAL: return AST_OP_POW;
    case TOKEN_DOUBLESLASHEQUAL: return AST_OP_FLOORDIV;
    default: return AST_OP_NONE;
    }
}

bool parser_at_augmented(Parser *p)
{
    return augmented_operator(parser_peek(p)->type) != AST_OP_NONE;
}

/* *cut: the target and operator fitted, so no other rule may explain the failure. */
static AstNode *finish_augmented(Parser *p, Token *start, AstNode *target, bool *cut)
{
    if (!parser_to_single_store(target)) {
        return NULL;
    }
    *cut = true;
    AstOp op = augmented_operator(parser_peek(p)->type);
    p->mark++;
    AstNode *value = parser_value(p);
    if (value == NULL) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_AugAssign, start);
    node->AugAssign.target = target;
    node->AugAssign.op = op;
    node->AugAssign.value = value;
    return node;
}

/* Parses `= value` one or more times behind a first target. */
static AstNode *finish_assign(Parser *p, Token *start, AstNode *value)
{
    NodeList targets = {0};
    while (parser_accept(p, TOKEN_EQUAL)) {
        if (!parser_to_store(value)) {
            return NULL;
        }
        parser_append(p, &targets, value);
        value = parser_value(p);
        if (value == NULL) {
            return NULL;
        }
    }
    AstNode *node = parser_node(p, AST_Assign, start);
    node->Assign.targets = parser_seq(p, &targets);
    node->Assign.value = value;
    return node;
}

/* Parses a statement that begins with an expression. */
static AstNode *parse_expression_statement(Parser *p)
{
    Token *start = parser_peek(p);
    int32_t mark = p->mark;
    bool cut = false;
    AstNode *node = NULL;
    AstNode *value = parser_value(p);
    if (value != NULL && parser_at(p, TOKEN_COLON)) {
        node = finish_annotated(p, start, value);
    } else if (value != NULL && parser_at(p, TOKEN_EQUAL)) {
        node = finish_assign(p, start, value);
    } else if (value != NULL && parser_at_augmented(p)) {
        node = finish_augmented(p, start, value, &cut);
    } else if (value != NULL && !p->diagnosing) {
        return expr_statement(p, start, value);
    }
    if (node != NULL || !p->diagnosing) {
        return node;
    }
    if (!cut) {
        p->mark = mark;
        diagnose_assignment(p);
    }
    p->mark = mark;
    value = parser_value(p);
    return value == NULL ? NULL : expr_statement(p, start, value);
}

/* ---- keyword statements ---- */

static AstNode *parse_keyword_only(Parser *p, AstKind kind)
{
    Token *start = parser_peek(p);
    p->mark++;
    return parser_node(p, kind, start);
}

static AstNode *parse_return(Parser *p)
{
    Token *start = parser_accept(p, TOKEN_RETURN);
    int32_t mark = p->mark;
    AstNode *value = parser_star_expressions(p);
    if (value == NULL) {
        p->mark = mark;
    }
    AstNode *node = parser_node(p, AST_Return, start);
    node->Return.value = value;
    return node;
}

static AstNode *parse_raise(Parser *p)
{
    Token *start = parser_accept(p, TOKEN_RAISE);
    int32_t mark = p->mark;
    AstNode *cause = NULL;
    AstNode *exc = parser_expression(p);
    if (exc == NULL) {
        p->mark = mark;
    } else {
        mark = p->mark;
        cause = parser_accept(p, TOKEN_FROM) ? parser_expression(p) : NULL;
        if (cause == NULL) {
            p->mark = mark;
        }
    }
    AstNode *node = parser_node(p, AST_Raise, start);
    node->Raise.exc = exc;
    node->Raise.cause = cause;
    return node;
}

static AstNode *parse_assert(Parser *p)
{
    Token *start = parser_accept(p, TOKEN_ASSERT);
    AstNode *test = parser_expression(p);
    if (test == NULL) {
        return NULL;
    }
    int32_t mark = p->mark;
    AstNode *msg = parser_accept(p, TOKEN_COMMA) ? parser_expression(p) : NULL;
    if (msg == NULL) {
        p->mark = mark;
    }
    AstNode *node = parser_node(p, AST_Assert, start);
    node->Assert.test = test;
    node->Assert.msg = msg;
    return node;
}

/* Parses the targets of `del` into *targets. */
static bool parse_delete_targets(Parser *p, NodeList *targets)
{
    do {
        int32_t mark = p->mark;
        AstNode *target = parser_primary(p);
        if (target == NULL && targets->count > 0) {
            p->mark = mark; /* a trailing comma */
            break;
        }
        if (target == NULL || !parser_to_delete(target)) {
            return false;
        }
        parser_append(p, targets, target);
    } while (parser_accept(p, TOKEN_COMMA));
    return parser_at(p, TOKEN_SEMI) || parser_at(p, TOKEN_NEWLINE);
}

static AstNode *parse_delete(Parser *p)
{
    int32_t mark = p->mark;
    Token *start = parser_accept(p, TOKEN_DEL);
    NodeList targets = {0};
    if (!parse_delete_targets(p, &targets)) {
        if (parser_checking(p)) {
            p->mark = mark;
            diagnose_delete(p);
        }
        return NULL;
    }
    AstNode *node = parser_node(p, AST_Delete, start);
    node->Delete.targets = parser_seq(p, &targets);
    return node;
}

static AstNode *parse_scope(Parser *p, AstKind kind)
{
    Token *start = parser_peek(p);
    p->mark++;
    NodeList names = {0};
    do {
        int32_t mark = p->mark;
        Token *name = parser_accept(p, TOKEN_NAME);
        if (name == NULL && names.count > 0) {
            p->mark = mark - 1; /* the comma belongs to nobody */
            break;
        }
        if (name == NULL) {
            return NULL;
        }
        parser_append(p, &names, (AstNode *)(void *)parser_name(p, name));
    } while (parser_accept(p, TOKEN_COMMA));
    AstNode *node = parser_node(p, kind, start);
    size_t size_bytes = (size_t)names.count * sizeof(AstIdent *);
    AstIdentSeq seq = {names.count, frontend_alloc(p->frontend, size_bytes)};
    memcpy(seq.items, names.items, size_bytes);
    if (kind == AST_Global) {
        node->Global.names = seq;
    } else {
        node->Nonlocal.names = seq;
    }
    return node;
}

/* ---- lines ---- */

static AstNode *parse_simple(Parser *p)
{
    switch (parser_peek(p)->type) {
    case TOKEN_RETURN: return parse_return(p);
    case TOKEN_IMPORT: return parser_import(p);
    case TOKEN_FROM: return parser_import_from(p);
    case TOKEN_RAISE: return parse_raise(p);
    case TOKEN_PASS: return parse_keyword_only(p, AST_Pass);
    case TOKEN_DEL: return parse_delete(p);
    case TOKEN_ASSERT: return parse_assert(p);
    case TOKEN_BREAK: return parse_keyword_only(p, AST_Break);
    case TOKEN_CONTINUE: return parse_keyword_only(p, AST_Continue);
    case TOKEN_GLOBAL: return parse_scope(p, AST_Global);
    case TOKEN_NONLOCAL: return parse_scope(p, AST_Nonlocal);
    default: return parse_expression_statement(p);
    }
}

bool parser_simple_line(Parser *p, NodeList *list)
{
    do {
        int32_t mark = p->mark;
        AstNode *node = parse_simple(p);
        if (node == NULL) {
            p->mark = mark;
            break;
        }
        parser_append(p, list, node);
    } while (parser_accept(p, TOKEN_SEMI));
    return parser_accept(p, TOKEN_NEWLINE) != NULL;
}

bool parser_statement(Parser *p, NodeList *list)
{
    int32_t mark = p->mark;
    parser_enter(p);
    AstNode *node = parser_compound(p);
    bool good = true;
    if (node != NULL) {
        parser_append(p, list, node);
    } else {
        p->mark = mark;
        good = parser_simple_line(p, list);
    }
    parser_leave(p);
    return good;
}

AstNode *parser_module(Parser *p)
{
    NodeList body = {0};
    while (!parser_at(p, TOKEN_ENDMARKER)) {
        if (!parser_statement(p, &body)) {
            return NULL;
        }
    }
    AstNode *node = parser_bare_node(p, AST_Module);
    node->Module.body = parser_seq(p, &body);
    return node;
}

/* Tells whether only blanks and comments stand behind the cursor. */
static bool only_blanks_left(const Parser *p)
{
    const char *at = p->lexer.cursor;
    for (;;) {
        at += strspn(at, " \t\n\f");
        if (*at != '#') {
            return *at == '\0';
        }
        at += strcspn(at, "\n");
    }
}

AstNode *parser_interactive(Parser *p)
{
    NodeList body = {0};
    if (parser_at(p, TOKEN_NEWLINE)) {
        Token *newline = parser_accept(p, TOKEN_NEWLINE);
        parser_append(p, &body, parser_node(p, AST_Pass, newline));
    } else if (parser_at(p, TOKEN_ENDMARKER)) {
        return NULL;
    } else {
        AstNode *compound = parser_compound(p);
        if (compound != NULL) {
            parser_append(p, &body, compound);
            if (!parser_accept(p, TOKEN_NEWLINE)) {
                return NULL;
            }
        } else {
            p->mark = 0;
            if (!parser_simple_line(p, &body)) {
                return NULL;
            }
        }
    }
    if (!only_blanks_left(p)) {
        parser_raise(p, SYNTAX_ERROR,
                     "multiple statements found while compiling a single statement");
    }
    AstNode *node = parser_bare_node(p, AST_Interactive);
    node->Interactive.body = parser_seq(p, &body);
    return node;
}

AstNode *parser_eval_input(Parser *p)
{
    AstNode *value = parser_expressions(p);
    if (value == NULL) {
        return NULL;
    }
    while (parser_accept(p, TOKEN_NEWLINE)) {
    }
    if (!parser_accept(p, TOKEN_ENDMARKER)) {
        return NULL;
    }
    AstNode *node = parser_bare_node(p, AST_Expression);
    node->Expression.body = value;
    return node;
}

AstNode *parser_fstring_input(Parser *p) { return parser_star_expressions(p); }
