/* parser_expr.c - expressions from star_expressions down to powers, and yield.
 *
 * Binary operators from '|' to '*' share one precedence-climbing loop; comparison, not, and, or,
 * ternary and lambda are rules of their own. An operator whose right side fails is given back, so a
 * rule succeeds with the longest operand list it can, as a PEG does.
 * Threads: a parser belongs to one parse.
 */
#include "interp/frontend/parser.h"

/* ---- binary operators ---- */

typedef struct BinaryOperator {
    uint8_t precedence; /* 0: not a binary operator */
    AstOp op;
} BinaryOperator;

static BinaryOperator binary_operator(TokenType type)
{
    switch (type) {
    case TOKEN_VBAR: return (BinaryOperator){1, AST_OP_BITOR};
    case TOKEN_CIRCUMFLEX: return (BinaryOperator){2, AST_OP_BITXOR};
    case TOKEN_AMPER: return (BinaryOperator){3, AST_OP_BITAND};
    case TOKEN_LEFTSHIFT: return (BinaryOperator){4, AST_OP_LSHIFT};
    case TOKEN_RIGHTSHIFT: return (BinaryOperator){4, AST_OP_RSHIFT};
    case TOKEN_PLUS: return (BinaryOperator){5, AST_OP_ADD};
    case TOKEN_MINUS: return (BinaryOperator){5, AST_OP_SUB};
    case TOKEN_STAR: return (BinaryOperator){6, AST_OP_MULT};
    case TOKEN_SLASH: return (BinaryOperator){6, AST_OP_DIV};
    case TOKEN_DOUBLESLASH: return (BinaryOperator){6, AST_OP_FLOORDIV};
    case TOKEN_PERCENT: return (BinaryOperator){6, AST_OP_MOD};
    case TOKEN_AT: return (BinaryOperator){6, AST_OP_MATMULT};
    default: return (BinaryOperator){0, AST_OP_NONE};
    }
}

static AstNode *parse_factor(Parser *p);

static AstNode *parse_await(Parser *p)
{
    Token *start = parser_accept(p, TOKEN_AWAIT);
    if (start == NULL) {
        return parser_primary(p);
    }
    AstNode *value = parser_primary(p);
    if (value == NULL) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_Await, start);
    node->Await.value = value;
    return node;
}

static AstNode *parse_power(Parser *p)
{
    Token *start = parser_peek(p);
    AstNode *left = parse_await(p);
    if (left == NULL) {
        return NULL;
    }
    int32_t mark = p->mark;
    if (!parser_accept(p, TOKEN_DOUBLESTAR)) {
        return left;
    }
    AstNode *right = parse_factor(p);
    if (right == NULL) {
        p->mark = mark;
        return left;
    }
    AstNode *node = parser_node(p, AST_BinOp, start);
    node->BinOp.left = left;
    node->BinOp.op = AST_OP_POW;
    node->BinOp.right = right;
    return node;
}

static AstNode *parse_unary(Parser *p, AstOp op)
{
    Token *start = parser_peek(p);
    p->mark++;
    AstNode *operand = parse_factor(p);
    if (operand == NULL) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_UnaryOp, start);
    node->UnaryOp.op = op;
    node->UnaryOp.operand = operand;
    return node;
}

static AstNode *factor(Parser *p)
{
    switch (parser_peek(p)->type) {
    case TOKEN_PLUS: return parse_unary(p, AST_OP_UADD);
    case TOKEN_MINUS: return parse_unary(p, AST_OP_USUB);
    case TOKEN_TILDE: return parse_unary(p, AST_OP_INVERT);
    default: return parse_power(p);
    }
}

static AstNode *parse_factor(Parser *p)
{
    parser_enter(p);
    AstNode *node = parser_memoized(p, MEMO_FACTOR, factor);
    parser_leave(p);
    return node;
}

static AstNode *parse_binary(Parser *p, int lowest)
{
    Token *start = parser_peek(p);
    AstNode *left = parse_factor(p);
    while (left != NULL) {
        BinaryOperator infix = binary_operator(parser_peek(p)->type);
        if (infix.precedence == 0 || infix.precedence < lowest) {
            break;
        }
        int32_t mark = p->mark++;
        AstNode *right = parse_binary(p, infix.precedence + 1);
        if (right == NULL) {
            p->mark = mark;
            break;
        }
        AstNode *node = parser_node(p, AST_BinOp, start);
        node->BinOp.left = left;
        node->BinOp.op = infix.op;
        node->BinOp.right = right;
        left = node;
    }
    return left;
}

static AstNode *bitwise_or(Parser *p) { return parse_binary(p, 1); }

AstNode *parser_bitwise_or(Parser *p) { return parser_memoized(p, MEMO_BITWISE_OR, bitwise_or); }

/* ---- comparisons and boolean operators ---- */

/* Takes a comparison operator; AST_OP_NONE (and nothing taken) if there is none. */
static AstOp accept_comparison(Parser *p)
{
    AstOp op = AST_OP_NONE;
    int32_t mark = p->mark;
    switch (parser_peek(p)->type) {
    case TOKEN_EQEQUAL: op = AST_OP_EQ; break;
    case TOKEN_NOTEQUAL: op = AST_OP_NOTEQ; break;
    case TOKEN_LESS: op = AST_OP_LT; break;
    case TOKEN_LESSEQUAL: op = AST_OP_LTE; break;
    case TOKEN_GREATER: op = AST_OP_GT; break;
    case TOKEN_GREATEREQUAL: op = AST_OP_GTE; break;
    case TOKEN_IN: op = AST_OP_IN; break;
    case TOKEN_IS:
        p->mark++;
        if (parser_at(p, TOKEN_NOT)) {
            op = AST_OP_ISNOT;
            break;
        }
        return AST_OP_IS;
    case TOKEN_NOT:
        p->mark++;
        if (parser_accept(p, TOKEN_IN)) {
            return AST_OP_NOTIN;
        }
        p->mark = mark;
        return AST_OP_NONE;
    default: return AST_OP_NONE;
    }
    p->mark++;
    return op;
}

static AstNode *parse_comparison(Parser *p)
{
    Token *start = parser_peek(p);
    AstNode *left = parser_bitwise_or(p);
    if (left == NULL) {
        return NULL;
    }
    NodeList comparators = {0};
    AstOp few[8];
    AstOp *ops = few;
    int32_t capacity = 8;
    for (;;) {
        int32_t mark = p->mark;
        AstOp op = accept_comparison(p);
        AstNode *right = op == AST_OP_NONE ? NULL : parser_bitwise_or(p);
        if (right == NULL) {
            p->mark = mark;
            break;
        }
        if (comparators.count == capacity) {
            AstOp *more = frontend_scratch(p->frontend, (size_t)capacity * 2);
            __builtin_memcpy(more, ops, (size_t)capacity);
            ops = more;
            capacity *= 2;
        }
        ops[comparators.count] = op;
        parser_append(p, &comparators, right);
    }
    if (comparators.count == 0) {
        return left;
    }
    AstNode *node = parser_node(p, AST_Compare, start);
    node->Compare.left = left;
    node->Compare.comparators = parser_seq(p, &comparators);
    AstOp *kept = frontend_alloc(p->frontend, (size_t)comparators.count);
    __builtin_memcpy(kept, ops, (size_t)comparators.count);
    node->Compare.ops = (AstOpSeq){comparators.count, kept};
    return node;
}

static AstNode *parse_inversion(Parser *p)
{
    Token *start = parser_accept(p, TOKEN_NOT);
    if (start == NULL) {
        return parse_comparison(p);
    }
    parser_enter(p);
    AstNode *operand = parse_inversion(p);
    parser_leave(p);
    if (operand == NULL) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_UnaryOp, start);
    node->UnaryOp.op = AST_OP_NOT;
    node->UnaryOp.operand = operand;
    return node;
}

/* Parses operands of one rule joined by `and` or `or`. */
static AstNode *parse_boolean(Parser *p, TokenType word, AstOp op, ParseRule *operand)
{
    Token *start = parser_peek(p);
    AstNode *first = operand(p);
    if (first == NULL || !parser_at(p, word)) {
        return first;
    }
    NodeList values = {0};
    parser_append(p, &values, first);
    for (;;) {
        int32_t mark = p->mark;
        AstNode *next = parser_accept(p, word) ? operand(p) : NULL;
        if (next == NULL) {
            p->mark = mark;
            break;
        }
        parser_append(p, &values, next);
    }
    if (values.count == 1) {
        return first;
    }
    AstNode *node = parser_node(p, AST_BoolOp, start);
    node->BoolOp.op = op;
    node->BoolOp.values = parser_seq(p, &values);
    return node;
}

static AstNode *parse_conjunction(Parser *p)
{
    return parse_boolean(p, TOKEN_AND, AST_OP_AND, parse_inversion);
}

static AstNode *disjunction(Parser *p)
{
    return parse_boolean(p, TOKEN_OR, AST_OP_OR, parse_conjunction);
}

AstNode *parser_disjunction(Parser *p) { return parser_memoized(p, MEMO_DISJUNCTION, disjunction); }

/* ---- expression ---- */

/* Parses a ternary, a disjunction or a lambda. */
static AstNode *parse_ternary(Parser *p)
{
    if (parser_at(p, TOKEN_LAMBDA)) {
        return parser_lambda(p);
    }
    Token *start = parser_peek(p);
    AstNode *body = parser_disjunction(p);
    if (body == NULL || !parser_at(p, TOKEN_IF)) {
        return body;
    }
    int32_t mark = p->mark++;
    AstNode *test = parser_disjunction(p);
    AstNode *orelse = NULL;
    if (test != NULL && parser_accept(p, TOKEN_ELSE)) {
        orelse = parser_expression(p);
    }
    if (orelse == NULL) {
        p->mark = mark;
        return body;
    }
    AstNode *node = parser_node(p, AST_IfExp, start);
    node->IfExp.test = test;
    node->IfExp.body = body;
    node->IfExp.orelse = orelse;
    return node;
}

static AstNode *expression(Parser *p)
{
    if (parser_checking(p)) {
        int32_t start = p->mark;
        diagnose_expression(p);
        p->mark = start;
    }
    return parse_ternary(p);
}

AstNode *parser_expression(Parser *p)
{
    parser_enter(p);
    AstNode *node = parser_memoized(p, MEMO_EXPRESSION, expression);
    parser_leave(p);
    return node;
}

AstNode *parser_plain_expression(Parser *p)
{
    bool checks = p->checks;
    p->checks = false;
    AstNode *node = parse_ternary(p);
    p->checks = checks;
    return node;
}

static bool walrus_ahead(Parser *p)
{
    return parser_at(p, TOKEN_NAME) && parser_peek_at(p, 1)->type == TOKEN_COLONEQUAL;
}

static AstNode *parse_walrus(Parser *p)
{
    Token *start = parser_accept(p, TOKEN_NAME);
    p->mark++;
    AstNode *value = parser_expression(p);
    if (value == NULL) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_NamedExpr, start);
    node->NamedExpr.target = parser_name_node(p, start);
    node->NamedExpr.target->Name.ctx = AST_STORE;
    node->NamedExpr.value = value;
    return node;
}

static AstNode *expression_without_walrus(Parser *p)
{
    AstNode *node = parser_expression(p);
    return node == NULL || parser_at(p, TOKEN_COLONEQUAL) ? NULL : node;
}

AstNode *parser_walrus_or_expression(Parser *p)
{
    return walrus_ahead(p) ? parse_walrus(p) : expression_without_walrus(p);
}

/* Runs the checks once at each place: they may be reached from many alternatives. */
static void check_named_expression(Parser *p)
{
    void *known;
    if (parser_recall(p, MEMO_NAMED_EXPRESSION_CHECK, &known)) {
        return;
    }
    int32_t start = p->mark;
    diagnose_named_expression(p);
    p->mark = start;
    parser_remember(p, MEMO_NAMED_EXPRESSION_CHECK, start, NULL);
}

AstNode *parser_named_expression(Parser *p)
{
    if (walrus_ahead(p)) {
        return parse_walrus(p);
    }
    if (parser_checking(p)) {
        check_named_expression(p);
    }
    return expression_without_walrus(p);
}

AstNode *parser_starred(Parser *p)
{
    Token *start = parser_accept(p, TOKEN_STAR);
    if (start == NULL) {
        return NULL;
    }
    AstNode *value = parser_bitwise_or(p);
    if (value == NULL) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_Starred, start);
    node->Starred.value = value;
    return node;
}

static AstNode *star_expression(Parser *p)
{
    return parser_at(p, TOKEN_STAR) ? parser_starred(p) : parser_expression(p);
}

AstNode *parser_star_expression(Parser *p)
{
    return parser_memoized(p, MEMO_STAR_EXPRESSION, star_expression);
}

AstNode *parser_star_named_expression(Parser *p)
{
    return parser_at(p, TOKEN_STAR) ? parser_starred(p) : parser_named_expression(p);
}

/* Takes ',' item ',' item ... [','] behind a first item. */
static void parse_more(Parser *p, NodeList *list, ParseRule *item)
{
    while (parser_accept(p, TOKEN_COMMA)) {
        int32_t mark = p->mark;
        AstNode *node = item(p);
        if (node == NULL) {
            p->mark = mark; /* that was a trailing comma */
            return;
        }
        parser_append(p, list, node);
    }
}

/* Parses one item, or several with commas as a tuple without parentheses. */
static AstNode *parse_tuple_of(Parser *p, ParseRule *item)
{
    Token *start = parser_peek(p);
    AstNode *first = item(p);
    if (first == NULL || !parser_at(p, TOKEN_COMMA)) {
        return first;
    }
    NodeList elements = {0};
    parser_append(p, &elements, first);
    parse_more(p, &elements, item);
    AstNode *node = parser_node(p, AST_Tuple, start);
    node->Tuple.elts = parser_seq(p, &elements);
    return node;
}

AstNode *parser_star_expressions(Parser *p) { return parse_tuple_of(p, parser_star_expression); }

AstNode *parser_expressions(Parser *p) { return parse_tuple_of(p, parser_expression); }

bool parser_star_named_list(Parser *p, NodeList *list)
{
    AstNode *first = parser_star_named_expression(p);
    if (first == NULL) {
        return false;
    }
    parser_append(p, list, first);
    parse_more(p, list, parser_star_named_expression);
    return true;
}

AstNode *parser_yield(Parser *p)
{
    Token *start = parser_accept(p, TOKEN_YIELD);
    if (start == NULL) {
        return NULL;
    }
    int32_t mark = p->mark;
    if (parser_accept(p, TOKEN_FROM)) {
        AstNode *value = parser_expression(p);
        if (value != NULL) {
            AstNode *node = parser_node(p, AST_YieldFrom, start);
            node->YieldFrom.value = value;
            return node;
        }
        p->mark = mark;
    }
    AstNode *value = parser_star_expressions(p);
    if (value == NULL) {
        p->mark = mark;
    }
    AstNode *node = parser_node(p, AST_Yield, start);
    node->Yield.value = value;
    return node;
}

AstNode *parser_value(Parser *p)
{
    return parser_at(p, TOKEN_YIELD) ? parser_yield(p) : parser_star_expressions(p);
}
