/* diagnose_stmt.c - second pass: what CPython says about wrong targets, headers and blocks.
 *
 * See diagnose_expr.c for how checks work.
 * Threads: a parser belongs to one parse.
 */
#include "interp/frontend/parser.h"

static const char *constant_name(const AstConst *value)
{
    switch (value->kind) {
    case AST_CONST_NONE: return "None";
    case AST_CONST_TRUE: return "True";
    case AST_CONST_FALSE: return "False";
    case AST_CONST_ELLIPSIS: return "ellipsis";
    default: return "literal";
    }
}

const char *diagnose_expression_name(const AstNode *node)
{
    switch (node->kind) {
    case AST_Attribute: return "attribute";
    case AST_Subscript: return "subscript";
    case AST_Starred: return "starred";
    case AST_Name: return "name";
    case AST_List: return "list";
    case AST_Tuple: return "tuple";
    case AST_Lambda: return "lambda";
    case AST_Call: return "function call";
    case AST_BoolOp:
    case AST_BinOp:
    case AST_UnaryOp: return "expression";
    case AST_GeneratorExp: return "generator expression";
    case AST_Yield:
    case AST_YieldFrom: return "yield expression";
    case AST_Await: return "await expression";
    case AST_ListComp: return "list comprehension";
    case AST_SetComp: return "set comprehension";
    case AST_DictComp: return "dict comprehension";
    case AST_Dict: return "dict literal";
    case AST_Set: return "set display";
    case AST_JoinedStr:
    case AST_FormattedValue: return "f-string expression";
    case AST_Constant: return constant_name(&node->Constant.value);
    case AST_Compare: return "comparison";
    case AST_IfExp: return "conditional expression";
    case AST_NamedExpr: return "named expression";
    default: return "expression";
    }
}

/* ---- targets ---- */

/* Gives the first part of a target that cannot be one, or NULL. */
static AstNode *invalid_part(AstNode *node, TargetKind kind)
{
    AstSeq elements = {0};
    switch (node->kind) {
    case AST_Name:
    case AST_Subscript:
    case AST_Attribute: return NULL;
    case AST_Starred: return kind == TARGET_DELETE ? node : invalid_part(node->Starred.value, kind);
    case AST_Compare:
        if (kind != TARGET_FOR) {
            return node;
        }
        /* `a in b` of `for a in b` is read as a comparison: its left side is the target. */
        return node->Compare.ops.items[0] == AST_OP_IN ? invalid_part(node->Compare.left, kind)
                                                       : NULL;
    case AST_List: elements = node->List.elts; break;
    case AST_Tuple: elements = node->Tuple.elts; break;
    default: return node;
    }
    for (int32_t i = 0; i < elements.count; i++) {
        AstNode *part = invalid_part(elements.items[i], kind);
        if (part != NULL) {
            return part;
        }
    }
    return NULL;
}

void diagnose_target(Parser *p, AstNode *node, TargetKind kind)
{
    AstNode *part = node == NULL ? NULL : invalid_part(node, kind);
    if (part != NULL) {
        parser_raise_node(p, part, "cannot %s %s", kind == TARGET_DELETE ? "delete" : "assign to",
                          diagnose_expression_name(part));
    }
}

void diagnose_for_target(Parser *p)
{
    parser_accept(p, TOKEN_ASYNC);
    if (parser_accept(p, TOKEN_FOR)) {
        diagnose_target(p, parser_star_expressions(p), TARGET_FOR);
    }
}

void diagnose_delete(Parser *p)
{
    p->mark++;
    diagnose_target(p, parser_star_expressions(p), TARGET_DELETE);
}

void diagnose_with_item(Parser *p)
{
    if (parser_expression(p) == NULL || !parser_accept(p, TOKEN_AS)) {
        return;
    }
    AstNode *target = parser_expression(p);
    if (target != NULL &&
        (parser_at(p, TOKEN_COMMA) || parser_at(p, TOKEN_RPAR) || parser_at(p, TOKEN_COLON))) {
        diagnose_target(p, target, TARGET_STAR);
    }
}

/* ---- assignments ---- */

/* A list or tuple, perhaps in groups, that is annotated. */
static void check_annotated_display(Parser *p)
{
    int32_t depth = 0;
    while (parser_at(p, TOKEN_LPAR) && !diagnose_at_display(p, false)) {
        p->mark++;
        depth++;
    }
    AstNode *target = diagnose_at_display(p, false) ? parser_atom(p) : NULL;
    while (target != NULL && depth > 0 && parser_accept(p, TOKEN_RPAR)) {
        depth--;
    }
    if (target != NULL && depth == 0 && parser_accept(p, TOKEN_COLON) &&
        parser_expression(p) != NULL) {
        parser_raise_node(p, target, "only single target (not %s) can be annotated",
                          diagnose_expression_name(target));
    }
}

/* Several targets, or an expression that is none, with an annotation. */
static void check_annotated(Parser *p)
{
    int32_t mark = p->mark;
    AstNode *first = parser_star_named_expression(p);
    if (first != NULL && parser_accept(p, TOKEN_COMMA)) {
        int32_t end = p->mark;
        NodeList rest = {0};
        while (parser_star_named_list(p, &rest)) {
            end = p->mark;
        }
        p->mark = end;
        if (parser_accept(p, TOKEN_COLON) && parser_expression(p) != NULL) {
            parser_raise_node(p, first, "only single target (not tuple) can be annotated");
        }
    }
    p->mark = mark;
    AstNode *target = parser_expression(p);
    if (target != NULL && parser_accept(p, TOKEN_COLON) && parser_expression(p) != NULL) {
        parser_raise_node(p, target, "illegal target for annotation");
    }
}

/* Skips (star_targets '=')*. */
static void skip_targets(Parser *p)
{
    for (;;) {
        int32_t mark = p->mark;
        if (parser_star_targets(p) == NULL || !parser_accept(p, TOKEN_EQUAL)) {
            p->mark = mark;
            return;
        }
    }
}

void diagnose_assignment(Parser *p)
{
    int32_t mark = p->mark;
    check_annotated_display(p);
    p->mark = mark;
    check_annotated(p);
    p->mark = mark;
    skip_targets(p);
    int32_t behind = p->mark;
    AstNode *target = parser_star_expressions(p);
    if (target != NULL && parser_accept(p, TOKEN_EQUAL)) {
        diagnose_target(p, target, TARGET_STAR);
    }
    p->mark = behind;
    AstNode *yield = parser_yield(p);
    if (yield != NULL && parser_at(p, TOKEN_EQUAL)) {
        parser_raise_node(p, yield, "assignment to yield expression not possible");
    }
    p->mark = mark;
    target = parser_star_expressions(p);
    if (target != NULL && parser_at_augmented(p)) {
        p->mark++;
        if (parser_value(p) != NULL) {
            parser_raise_node(p, target, "'%s' is an illegal expression for augmented assignment",
                              diagnose_expression_name(target));
        }
    }
}

/* ---- headers and blocks ---- */

void diagnose_missing_colon(Parser *p)
{
    if (parser_at(p, TOKEN_NEWLINE)) {
        parser_raise(p, SYNTAX_ERROR, "expected ':'");
    }
}

void diagnose_indent(Parser *p, const char *what, int32_t lineno)
{
    if (parser_at(p, TOKEN_NEWLINE) && parser_peek_at(p, 1)->type != TOKEN_INDENT) {
        parser_raise(p, SYNTAX_INDENTATION, "expected an indented block after %s on line %d", what,
                     lineno);
    }
}

/* item ['as' star_target], with commas between; `item` parses one. */
static bool skip_with_items(Parser *p, ParseRule *item)
{
    for (bool any = false;; any = true) {
        int32_t mark = p->mark;
        if (any && !parser_accept(p, TOKEN_COMMA)) {
            return true;
        }
        if (item(p) == NULL) {
            p->mark = mark;
            return any;
        }
        mark = p->mark;
        if (parser_accept(p, TOKEN_AS) && parser_star_target(p) == NULL) {
            p->mark = mark;
        } else if (p->tokens[p->mark - 1]->type == TOKEN_AS) {
            p->mark = mark;
        }
    }
}

void diagnose_with(Parser *p)
{
    int32_t mark = p->mark;
    if (skip_with_items(p, parser_expression)) {
        diagnose_missing_colon(p);
    }
    p->mark = mark;
    if (!parser_accept(p, TOKEN_LPAR) || !skip_with_items(p, parser_expressions)) {
        return;
    }
    parser_accept(p, TOKEN_COMMA);
    if (parser_accept(p, TOKEN_RPAR)) {
        diagnose_missing_colon(p);
    }
}

/* Takes an optional `as NAME`. */
static void skip_as(Parser *p)
{
    if (parser_at(p, TOKEN_AS) && parser_peek_at(p, 1)->type == TOKEN_NAME) {
        p->mark += 2;
    }
}

static void check_mixed_header(Parser *p)
{
    Token *first = parser_accept(p, TOKEN_EXCEPT);
    Token *star = parser_accept(p, TOKEN_STAR);
    if (!(star == NULL && parser_at(p, TOKEN_COLON))) {
        if (parser_expression(p) == NULL) {
            return;
        }
        skip_as(p);
    }
    if (parser_accept(p, TOKEN_COLON)) {
        parser_raise_range(p, parser_range_tokens(first, star != NULL ? star : first),
                           "cannot have both 'except' and 'except*' on the same 'try'");
    }
}

void diagnose_mixed_handler(Parser *p)
{
    int32_t mark = p->mark;
    check_mixed_header(p);
    p->mark = mark;
    diagnose_except(p);
}

void diagnose_except(Parser *p)
{
    p->mark++;
    diagnose_missing_colon(p);
    bool star = parser_accept(p, TOKEN_STAR) != NULL;
    if (star && (parser_at(p, TOKEN_NEWLINE) || parser_at(p, TOKEN_COLON))) {
        parser_raise(p, SYNTAX_ERROR, "expected one or more exception types");
    }
    AstNode *type = parser_expression(p);
    if (type == NULL) {
        return;
    }
    int32_t mark = p->mark;
    if (parser_accept(p, TOKEN_COMMA) && parser_expressions(p) != NULL) {
        skip_as(p);
        if (parser_accept(p, TOKEN_COLON)) {
            SourceRange range = parser_range_nodes(type, type);
            parser_range_to_cursor(p, &range);
            parser_raise_range(p, range, "multiple exception types must be parenthesized");
        }
    }
    p->mark = mark;
    skip_as(p);
    diagnose_missing_colon(p);
}
