/* parser_target.c - targets of assignments, loops, `with`, `del` and comprehensions; `for` clauses.
 *
 * Targets are parsed as primaries, then checked and turned to Store or Del: the grammar of targets is
 * a part of that of primaries. The nodes are changed in place; when the check fails the whole
 * alternative fails, so half-changed nodes are never part of a tree.
 * Threads: a parser belongs to one parse.
 */
#include "interp/frontend/parser.h"

static bool elements_to(AstSeq elements, bool (*convert)(AstNode *node))
{
    for (int32_t i = 0; i < elements.count; i++) {
        if (!convert(elements.items[i])) {
            return false;
        }
    }
    return true;
}

/* Sets the context of a Name, Attribute or Subscript; false for other kinds. */
static bool set_single(AstNode *node, AstContext context)
{
    switch (node->kind) {
    case AST_Name: node->Name.ctx = context; return true;
    case AST_Attribute: node->Attribute.ctx = context; return true;
    case AST_Subscript: node->Subscript.ctx = context; return true;
    default: return false;
    }
}

bool parser_to_store(AstNode *node)
{
    switch (node->kind) {
    case AST_Tuple:
        node->Tuple.ctx = AST_STORE;
        return elements_to(node->Tuple.elts, parser_to_store);
    case AST_List: node->List.ctx = AST_STORE; return elements_to(node->List.elts, parser_to_store);
    case AST_Starred: node->Starred.ctx = AST_STORE; return parser_to_store(node->Starred.value);
    default: return set_single(node, AST_STORE);
    }
}

bool parser_to_single_store(AstNode *node) { return set_single(node, AST_STORE); }

bool parser_to_delete(AstNode *node)
{
    switch (node->kind) {
    case AST_Tuple:
        node->Tuple.ctx = AST_DEL;
        return elements_to(node->Tuple.elts, parser_to_delete);
    case AST_List: node->List.ctx = AST_DEL; return elements_to(node->List.elts, parser_to_delete);
    default: return set_single(node, AST_DEL);
    }
}

AstNode *parser_star_target(Parser *p)
{
    Token *star = parser_accept(p, TOKEN_STAR);
    AstNode *target = parser_primary(p);
    if (target == NULL || !parser_to_store(target)) {
        return NULL;
    }
    if (star == NULL) {
        return target;
    }
    AstNode *node = parser_node(p, AST_Starred, star);
    node->Starred.value = target;
    node->Starred.ctx = AST_STORE;
    return node;
}

AstNode *parser_star_targets(Parser *p)
{
    Token *start = parser_peek(p);
    AstNode *first = parser_star_target(p);
    if (first == NULL || !parser_at(p, TOKEN_COMMA)) {
        return first;
    }
    NodeList elements = {0};
    parser_append(p, &elements, first);
    while (parser_accept(p, TOKEN_COMMA)) {
        int32_t mark = p->mark;
        AstNode *next = parser_star_target(p);
        if (next == NULL) {
            p->mark = mark;
            break;
        }
        parser_append(p, &elements, next);
    }
    AstNode *node = parser_node(p, AST_Tuple, start);
    node->Tuple.elts = parser_seq(p, &elements);
    node->Tuple.ctx = AST_STORE;
    return node;
}

/* Parses one clause: [async] for targets in disjunction (if disjunction)*. */
static AstNode *parse_clause(Parser *p)
{
    int32_t start = p->mark;
    bool is_async = parser_accept(p, TOKEN_ASYNC) != NULL;
    if (!parser_accept(p, TOKEN_FOR)) {
        p->mark = start;
        return NULL;
    }
    AstNode *target = parser_star_targets(p);
    if (target == NULL || !parser_accept(p, TOKEN_IN)) {
        if (parser_checking(p)) {
            p->mark = start;
            diagnose_for_target(p);
        }
        return NULL;
    }
    AstNode *iter = parser_disjunction(p);
    if (iter == NULL) {
        return NULL;
    }
    NodeList ifs = {0};
    for (;;) {
        int32_t mark = p->mark;
        AstNode *test = parser_accept(p, TOKEN_IF) ? parser_disjunction(p) : NULL;
        if (test == NULL) {
            p->mark = mark;
            break;
        }
        parser_append(p, &ifs, test);
    }
    AstNode *node = parser_bare_node(p, AST_comprehension);
    node->comprehension.target = target;
    node->comprehension.iter = iter;
    node->comprehension.ifs = parser_seq(p, &ifs);
    node->comprehension.is_async = is_async;
    return node;
}

AstSeq *parser_clauses(Parser *p)
{
    NodeList clauses = {0};
    for (;;) {
        int32_t mark = p->mark;
        AstNode *clause = parse_clause(p);
        if (clause == NULL) {
            p->mark = mark;
            break;
        }
        parser_append(p, &clauses, clause);
    }
    AstSeq *seq = NULL;
    if (clauses.count > 0) {
        seq = frontend_scratch(p->frontend, sizeof(AstSeq));
        *seq = parser_seq(p, &clauses);
    }
    return seq;
}
