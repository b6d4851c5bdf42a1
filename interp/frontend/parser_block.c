/* parser_block.c - compound statements but match: if, while, for, try, with, def, class, async.
 *
 * A header that is complete but for its ':' and a block that is not indented are reported in the second
 * pass, with the line of the header. `def`, `else`, `try` and `finally` demand their ':' in the first.
 * Chains of elif are built in a loop, so their length is not bounded by the stack.
 * Threads: a parser belongs to one parse.
 */
#include "interp/frontend/parser.h"

static AstSeq *block_rule(Parser *p)
{
    NodeList body = {0};
    if (!parser_accept(p, TOKEN_NEWLINE)) {
        if (!parser_simple_line(p, &body)) {
            return NULL;
        }
    } else {
        if (!parser_accept(p, TOKEN_INDENT)) {
            return NULL;
        }
        do {
            if (!parser_statement(p, &body)) {
                return NULL;
            }
        } while (!parser_accept(p, TOKEN_DEDENT));
    }
    AstSeq *seq = frontend_scratch(p->frontend, sizeof(AstSeq));
    *seq = parser_seq(p, &body);
    return seq;
}

AstSeq *parser_block(Parser *p)
{
    void *known;
    if (parser_recall(p, MEMO_BLOCK, &known)) {
        return known;
    }
    int32_t start = p->mark;
    AstSeq *seq = block_rule(p);
    parser_remember(p, MEMO_BLOCK, start, seq);
    return seq;
}

/* Takes the ':' of a header and its block; `what` names the statement in errors. */
static AstSeq *colon_block(Parser *p, const char *what, const Token *keyword)
{
    if (parser_checking(p)) {
        diagnose_missing_colon(p);
    }
    if (!parser_accept(p, TOKEN_COLON)) {
        return NULL;
    }
    if (parser_checking(p)) {
        diagnose_indent(p, what, keyword->lineno);
    }
    return parser_block(p);
}

/* The same where the ':' is demanded in either pass. */
static AstSeq *forced_block(Parser *p, const char *what, const Token *keyword)
{
    parser_force(p, TOKEN_COLON, ":");
    if (parser_checking(p)) {
        diagnose_indent(p, what, keyword->lineno);
    }
    return parser_block(p);
}

/* Parses an optional else block; false when there is a broken one. */
static bool parse_else(Parser *p, AstSeq *orelse)
{
    Token *keyword = parser_accept(p, TOKEN_ELSE);
    if (keyword == NULL) {
        return true;
    }
    AstSeq *body = forced_block(p, "'else' statement", keyword);
    if (body != NULL) {
        *orelse = *body;
    }
    return body != NULL;
}

/* ---- if, while ---- */

/* Parses test and block behind `if` or `elif`. */
static AstNode *parse_test_block(Parser *p, const char *what)
{
    Token *keyword = parser_peek(p);
    p->mark++;
    AstNode *test = parser_named_expression(p);
    AstSeq *body = test == NULL ? NULL : colon_block(p, what, keyword);
    if (body == NULL) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_If, keyword);
    node->If.test = test;
    node->If.body = *body;
    return node;
}

static AstNode *parse_if(Parser *p)
{
    AstNode *first = parse_test_block(p, "'if' statement");
    if (first == NULL) {
        return NULL;
    }
    AstNode *last = first;
    while (parser_at(p, TOKEN_ELIF)) {
        AstNode *next = parse_test_block(p, "'elif' statement");
        if (next == NULL) {
            return NULL;
        }
        last->If.orelse = parser_seq_of(p, next);
        last = next;
    }
    if (!parse_else(p, &last->If.orelse)) {
        return NULL;
    }
    for (AstNode *node = first; node != last; node = node->If.orelse.items[0]) {
        parser_end_node(p, node); /* each ends where the whole chain ends */
    }
    parser_end_node(p, last);
    return first;
}

static AstNode *parse_while(Parser *p)
{
    Token *keyword = parser_accept(p, TOKEN_WHILE);
    AstNode *test = parser_named_expression(p);
    AstSeq *body = test == NULL ? NULL : colon_block(p, "'while' statement", keyword);
    AstSeq orelse = {0};
    if (body == NULL || !parse_else(p, &orelse)) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_While, keyword);
    node->While.test = test;
    node->While.body = *body;
    node->While.orelse = orelse;
    return node;
}

/* ---- for ---- */

static AstNode *parse_for(Parser *p, Token *async)
{
    int32_t mark = p->mark;
    Token *keyword = parser_accept(p, TOKEN_FOR);
    AstNode *target = parser_star_targets(p);
    if (target == NULL || !parser_accept(p, TOKEN_IN)) {
        if (parser_checking(p)) {
            p->mark = mark;
            diagnose_for_target(p);
        }
        return NULL;
    }
    AstNode *iter = parser_star_expressions(p);
    AstSeq *body = iter == NULL ? NULL : colon_block(p, "'for' statement", keyword);
    AstSeq orelse = {0};
    if (body == NULL || !parse_else(p, &orelse)) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_For, async != NULL ? async : keyword);
    node->kind = async != NULL ? AST_AsyncFor : AST_For; /* the two have the same fields */
    node->For.target = target;
    node->For.iter = iter;
    node->For.body = *body;
    node->For.orelse = orelse;
    return node;
}

/* ---- with ---- */

static AstNode *parse_with_item(Parser *p)
{
    int32_t mark = p->mark;
    AstNode *context = parser_expression(p);
    if (context == NULL) {
        return NULL;
    }
    int32_t end = p->mark;
    AstNode *target = NULL;
    if (parser_accept(p, TOKEN_AS)) {
        target = parser_star_target(p);
        TokenType next = target == NULL ? TOKEN_ERROR : parser_peek(p)->type;
        if (next != TOKEN_COMMA && next != TOKEN_RPAR && next != TOKEN_COLON) {
            if (parser_checking(p)) {
                p->mark = mark;
                diagnose_with_item(p);
            }
            target = NULL;
            p->mark = end;
        }
    }
    AstNode *node = parser_bare_node(p, AST_withitem);
    node->withitem.context_expr = context;
    node->withitem.optional_vars = target;
    return node;
}

static bool parse_with_items(Parser *p, NodeList *items)
{
    for (;;) {
        int32_t mark = p->mark;
        AstNode *item = parse_with_item(p);
        if (item == NULL) {
            p->mark = mark - 1; /* before the comma, if there was one */
            return items->count > 0;
        }
        parser_append(p, items, item);
        if (!parser_accept(p, TOKEN_COMMA)) {
            return true;
        }
    }
}

/* Parses `( items )` where a ':' follows. */
static bool parse_parenthesized_items(Parser *p, NodeList *items)
{
    if (!parser_accept(p, TOKEN_LPAR) || !parse_with_items(p, items)) {
        return false;
    }
    parser_accept(p, TOKEN_COMMA);
    return parser_accept(p, TOKEN_RPAR) && parser_at(p, TOKEN_COLON);
}

static AstNode *parse_with(Parser *p, Token *async)
{
    Token *keyword = parser_accept(p, TOKEN_WITH);
    int32_t mark = p->mark;
    NodeList items = {0};
    bool good = false;
    if (parser_at(p, TOKEN_LPAR)) {
        good = parse_parenthesized_items(p, &items);
    }
    if (!good) {
        p->mark = mark;
        items.count = 0;
        good = parse_with_items(p, &items);
    }
    if (!good || !parser_at(p, TOKEN_COLON)) {
        if (parser_checking(p)) {
            p->mark = mark;
            diagnose_with(p);
        }
        return NULL;
    }
    AstSeq *body = colon_block(p, "'with' statement", keyword);
    if (body == NULL) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_With, async != NULL ? async : keyword);
    node->kind = async != NULL ? AST_AsyncWith : AST_With; /* the two have the same fields */
    node->With.items = parser_seq(p, &items);
    node->With.body = *body;
    return node;
}

/* ---- try ---- */

/* Parses the block of a handler and makes the node. */
static AstNode *finish_handler(Parser *p, Token *keyword, AstNode *type, AstIdent *name, bool star)
{
    if (!parser_accept(p, TOKEN_COLON)) {
        return NULL;
    }
    if (parser_checking(p)) {
        diagnose_indent(p, star ? "'except*' statement" : "'except' statement", keyword->lineno);
    }
    AstSeq *body = parser_block(p);
    if (body == NULL) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_ExceptHandler, keyword);
    node->ExceptHandler.type = type;
    node->ExceptHandler.name = name;
    node->ExceptHandler.body = *body;
    return node;
}

static AstNode *parse_handler(Parser *p, bool star)
{
    int32_t mark = p->mark;
    Token *keyword = parser_accept(p, TOKEN_EXCEPT);
    if (keyword == NULL || (star && !parser_accept(p, TOKEN_STAR))) {
        return NULL;
    }
    AstNode *node = NULL;
    AstNode *type = NULL;
    AstIdent *name = NULL;
    bool header = !star && parser_at(p, TOKEN_COLON);
    if (!header) {
        type = parser_expression(p);
        header = type != NULL;
        if (header && parser_accept(p, TOKEN_AS)) {
            Token *token = parser_accept(p, TOKEN_NAME);
            header = token != NULL;
            name = header ? parser_name(p, token) : NULL;
        }
    }
    if (header) {
        node = finish_handler(p, keyword, type, name, star);
    }
    if (node == NULL && parser_checking(p)) {
        p->mark = mark;
        diagnose_except(p);
    }
    return node;
}

/* Parses all handlers, which must be of one sort. */
static bool parse_handlers(Parser *p, NodeList *handlers, bool *star)
{
    *star = parser_at(p, TOKEN_EXCEPT) && parser_peek_at(p, 1)->type == TOKEN_STAR;
    while (parser_at(p, TOKEN_EXCEPT)) {
        bool this_star = parser_peek_at(p, 1)->type == TOKEN_STAR;
        if (this_star != *star) {
            if (parser_checking(p)) {
                diagnose_mixed_handler(p);
            }
            return false;
        }
        AstNode *handler = parse_handler(p, this_star);
        if (handler == NULL) {
            return false;
        }
        parser_append(p, handlers, handler);
    }
    return true;
}

static AstNode *parse_try(Parser *p)
{
    Token *keyword = parser_accept(p, TOKEN_TRY);
    int32_t mark = p->mark + 1;
    AstSeq *body = forced_block(p, "'try' statement", keyword);
    NodeList handlers = {0};
    bool star;
    if (body == NULL) {
        if (parser_checking(p)) {
            p->mark = mark; /* CPython checks handlers behind an empty block, too */
            parse_handlers(p, &handlers, &star);
        }
        return NULL;
    }
    if (parser_checking(p) && !parser_at(p, TOKEN_EXCEPT) && !parser_at(p, TOKEN_FINALLY)) {
        parser_raise(p, SYNTAX_ERROR, "expected 'except' or 'finally' block");
    }
    AstSeq orelse = {0};
    AstSeq *finalbody = NULL;
    if (!parse_handlers(p, &handlers, &star) || (handlers.count > 0 && !parse_else(p, &orelse))) {
        return NULL;
    }
    Token *finally = parser_accept(p, TOKEN_FINALLY);
    if (finally != NULL) {
        finalbody = forced_block(p, "'finally' statement", finally);
    }
    if (finally != NULL ? finalbody == NULL : handlers.count == 0) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_Try, keyword);
    node->kind = star ? AST_TryStar : AST_Try; /* the two have the same fields */
    node->Try.body = *body;
    node->Try.handlers = parser_seq(p, &handlers);
    node->Try.orelse = orelse;
    node->Try.finalbody = finalbody != NULL ? *finalbody : (AstSeq){0};
    return node;
}

/* ---- def, class, decorators ---- */

static AstNode *parse_def(Parser *p, Token *async, const NodeList *decorators)
{
    Token *keyword = parser_accept(p, TOKEN_DEF);
    Token *name = parser_accept(p, TOKEN_NAME);
    if (name == NULL) {
        return NULL;
    }
    parser_force(p, TOKEN_LPAR, "(");
    AstNode *parameters = parser_parameters(p, false);
    if (parameters == NULL || !parser_accept(p, TOKEN_RPAR)) {
        return NULL;
    }
    AstNode *returns = NULL;
    int32_t mark = p->mark;
    if (parser_accept(p, TOKEN_RARROW)) {
        returns = parser_expression(p);
        if (returns == NULL) {
            p->mark = mark;
        }
    }
    AstSeq *body = forced_block(p, "function definition", keyword);
    if (body == NULL) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_FunctionDef, async != NULL ? async : keyword);
    node->kind = async != NULL ? AST_AsyncFunctionDef : AST_FunctionDef; /* the same fields */
    node->FunctionDef.name = parser_name(p, name);
    node->FunctionDef.args = parameters;
    node->FunctionDef.body = *body;
    node->FunctionDef.decorator_list = parser_seq(p, decorators);
    node->FunctionDef.returns = returns;
    return node;
}

static AstNode *parse_class(Parser *p, const NodeList *decorators)
{
    Token *keyword = parser_accept(p, TOKEN_CLASS);
    Token *name = parser_accept(p, TOKEN_NAME);
    if (name == NULL) {
        return NULL;
    }
    AstNode *arguments = NULL;
    if (parser_accept(p, TOKEN_LPAR)) {
        arguments = parser_arguments(p, false);
        if (arguments == NULL || !parser_accept(p, TOKEN_RPAR)) {
            return NULL;
        }
    }
    AstSeq *body = colon_block(p, "class definition", keyword);
    if (body == NULL) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_ClassDef, keyword);
    node->ClassDef.name = parser_name(p, name);
    if (arguments != NULL) {
        node->ClassDef.bases = arguments->Call.args;
        node->ClassDef.keywords = arguments->Call.keywords;
    }
    node->ClassDef.body = *body;
    node->ClassDef.decorator_list = parser_seq(p, decorators);
    return node;
}

static AstNode *parse_async(Parser *p, const NodeList *decorators)
{
    Token *async = parser_accept(p, TOKEN_ASYNC);
    switch (parser_peek(p)->type) {
    case TOKEN_DEF: return parse_def(p, async, decorators);
    case TOKEN_FOR: return decorators->count > 0 ? NULL : parse_for(p, async);
    case TOKEN_WITH: return decorators->count > 0 ? NULL : parse_with(p, async);
    default: return NULL;
    }
}

static AstNode *parse_decorated(Parser *p)
{
    NodeList decorators = {0};
    while (parser_accept(p, TOKEN_AT)) {
        AstNode *decorator = parser_named_expression(p);
        if (decorator == NULL || !parser_accept(p, TOKEN_NEWLINE)) {
            return NULL;
        }
        parser_append(p, &decorators, decorator);
    }
    switch (parser_peek(p)->type) {
    case TOKEN_DEF: return parse_def(p, NULL, &decorators);
    case TOKEN_ASYNC: return parse_async(p, &decorators);
    case TOKEN_CLASS: return parse_class(p, &decorators);
    default: return NULL;
    }
}

AstNode *parser_compound(Parser *p)
{
    static const NodeList no_decorators = {0};
    Token *token = parser_peek(p);
    switch (token->type) {
    case TOKEN_IF: return parse_if(p);
    case TOKEN_WHILE: return parse_while(p);
    case TOKEN_FOR: return parse_for(p, NULL);
    case TOKEN_TRY: return parse_try(p);
    case TOKEN_WITH: return parse_with(p, NULL);
    case TOKEN_DEF: return parse_def(p, NULL, &no_decorators);
    case TOKEN_CLASS: return parse_class(p, &no_decorators);
    case TOKEN_ASYNC: return parse_async(p, &no_decorators);
    case TOKEN_AT: return parse_decorated(p);
    case TOKEN_NAME: return parser_is_word(token, "match") ? parser_match(p) : NULL;
    default: return NULL;
    }
}
