/* parser.c - the parser's ground: tokens on demand, nodes, lists, memos; and parse_source.
 *
 * Tokens are read once and kept for both passes. Nodes go to the tree's arena, sized by kind; lists
 * grow in scratch memory and are copied to the tree when they are complete.
 * Threads: a parser belongs to one parse.
 */
#include "interp/frontend/parser.h"

#include <string.h>

#include "runtime/memory.h"
#include "runtime/thread.h"

void parser_init(Parser *p, Frontend *frontend, const char *text, int32_t lineno)
{
    memset(p, 0, sizeof(*p));
    p->frontend = frontend;
    lexer_init(&p->lexer, frontend, text, lineno);
}

static void grow_tokens(Parser *p)
{
    int32_t capacity = p->capacity == 0 ? 64 : p->capacity * 2;
    Token **tokens = frontend_scratch(p->frontend, (size_t)capacity * sizeof(Token *));
    if (p->count > 0) {
        memcpy(tokens, p->tokens, (size_t)p->count * sizeof(Token *));
    }
    p->tokens = tokens;
    p->capacity = capacity;
}

/* An interactive statement may end without a line end: gives NEWLINE, then closes open blocks. */
static void fake_newline(Parser *p, Token *token)
{
    if (p->frontend->mode != PARSE_SINGLE || p->fstring) {
        return;
    }
    if (token->type != TOKEN_ENDMARKER) {
        p->end_faked = false;
        return;
    }
    if (!p->end_faked && p->count > 0) {
        p->end_faked = true;
        token->type = TOKEN_NEWLINE;
        p->lexer.pending = -p->lexer.indent_depth;
        p->lexer.indent_depth = 0;
    }
}

void parser_fill(Parser *p)
{
    if (p->count == p->capacity) {
        grow_tokens(p);
    }
    Token *token = frontend_scratch(p->frontend, sizeof(Token));
    lexer_next(&p->lexer, token);
    if (token->type == TOKEN_ERROR) {
        parser_raise_lexer(p);
    }
    fake_newline(p, token);
    if (p->fstring && token->lineno == p->first_lineno && token->col >= 0) {
        token->col += p->first_col;
    }
    if (p->fstring && token->end_lineno == p->first_lineno && token->end_col >= 0) {
        token->end_col += p->first_col;
    }
    p->tokens[p->count++] = token;
}

Token *parser_force(Parser *p, TokenType type, const char *text)
{
    Token *token = parser_peek(p);
    if (token->type != type) {
        parser_raise_token(p, token, "expected '%s'", text);
    }
    p->mark++;
    return token;
}

bool parser_is_word(const Token *token, const char *text)
{
    size_t size_bytes = strlen(text);
    return token->type == TOKEN_NAME && (size_t)(token->end - token->start) == size_bytes &&
           memcmp(token->start, text, size_bytes) == 0;
}

AstIdent *parser_name(Parser *p, Token *token)
{
    if (token->name == NULL) {
        size_t size_bytes = (size_t)(token->end - token->start);
        token->name = unicode_intern(p->frontend, token->start, size_bytes);
    }
    return token->name;
}

/* Gives the last token taken that has text of its own. */
static const Token *last_visible_token(const Parser *p)
{
    int32_t at = p->mark - 1;
    while (at > 0 && (p->tokens[at]->type <= TOKEN_DEDENT)) {
        at--;
    }
    return p->tokens[at < 0 ? 0 : at];
}

void parser_end_node(Parser *p, AstNode *node)
{
    const Token *last = last_visible_token(p);
    node->end_lineno = last->end_lineno;
    node->end_col_offset = last->end_col;
}

AstNode *parser_bare_node(Parser *p, AstKind kind)
{
    AstNode *node = frontend_alloc(p->frontend, ast_kind_size(kind));
    node->kind = kind;
    return node;
}

AstNode *parser_node(Parser *p, AstKind kind, const Token *start)
{
    AstNode *node = parser_bare_node(p, kind);
    node->lineno = start->lineno;
    node->col_offset = start->col;
    parser_end_node(p, node);
    return node;
}

AstNode *parser_name_node(Parser *p, Token *token)
{
    AstNode *node = parser_bare_node(p, AST_Name);
    node->lineno = token->lineno;
    node->col_offset = token->col;
    node->end_lineno = token->end_lineno;
    node->end_col_offset = token->end_col;
    node->Name.id = parser_name(p, token);
    return node;
}

void parser_append(Parser *p, NodeList *list, AstNode *node)
{
    if (list->count == list->capacity) {
        int32_t capacity = list->capacity == 0 ? 8 : list->capacity * 2;
        AstNode **items = frontend_scratch(p->frontend, (size_t)capacity * sizeof(AstNode *));
        if (list->count > 0) {
            memcpy(items, list->items, (size_t)list->count * sizeof(AstNode *));
        }
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = node;
}

AstSeq parser_seq(Parser *p, const NodeList *list)
{
    if (list->count == 0) {
        return (AstSeq){0};
    }
    size_t size_bytes = (size_t)list->count * sizeof(AstNode *);
    AstSeq seq = {list->count, frontend_alloc(p->frontend, size_bytes)};
    memcpy(seq.items, list->items, size_bytes);
    return seq;
}

AstSeq parser_seq_of(Parser *p, AstNode *node)
{
    AstSeq seq = {1, frontend_alloc(p->frontend, sizeof(AstNode *))};
    seq.items[0] = node;
    return seq;
}

bool parser_recall(Parser *p, MemoRule rule, void **result)
{
    if (!p->memoizing) {
        return false;
    }
    for (Memo *memo = parser_peek(p)->memos; memo != NULL; memo = memo->next) {
        if (memo->rule == rule) {
            *result = memo->result;
            p->mark = memo->end_mark;
            return true;
        }
    }
    return false;
}

void parser_remember(Parser *p, MemoRule rule, int32_t start, void *result)
{
    if (!p->memoizing) {
        return;
    }
    Memo *memo = frontend_scratch(p->frontend, sizeof(Memo));
    Token *token = p->tokens[start];
    *memo = (Memo){token->memos, result, p->mark, rule};
    token->memos = memo;
}

AstNode *parser_memoized(Parser *p, MemoRule memo, ParseRule *rule)
{
    void *known;
    if (parser_recall(p, memo, &known)) {
        return known;
    }
    int32_t start = p->mark;
    AstNode *node = rule(p);
    parser_remember(p, memo, start, node);
    return node;
}

bool parser_sees(Parser *p, ParseRule *rule)
{
    int32_t start = p->mark;
    bool seen = rule(p) != NULL;
    p->mark = start;
    return seen;
}

AstNode *parser_run(Parser *p, ParseRule *rule)
{
    AstNode *root = rule(p);
    if (root != NULL) {
        return root;
    }
    const Token *last = p->tokens[p->count - 1];
    for (int32_t i = 0; i < p->count; i++) {
        p->tokens[i]->memos = NULL;
    }
    p->mark = 0;
    p->diagnosing = true;
    p->memoizing = true;
    p->checks = true;
    rule(p); /* raises, as a rule */
    parser_raise_generic(p, last);
}

static AstNode *parse_decoded(Frontend *frontend, const char *source, size_t size_bytes)
{
    static ParseRule *const rules[] = {
        [PARSE_EXEC] = parser_module,
        [PARSE_EVAL] = parser_eval_input,
        [PARSE_SINGLE] = parser_interactive,
    };
    frontend_decode(frontend, source, size_bytes);
    Parser *p = frontend_scratch(frontend, sizeof(Parser));
    parser_init(p, frontend, frontend->source, 1);
    return parser_run(p, rules[frontend->mode]);
}

/* The Frontend is on the heap, as what a jump leaves in locals is not sure. */
Ast *parse_source(const char *source, size_t size_bytes, const char *file_name, ParseMode mode,
                  SyntaxDiag *diag)
{
    *diag = (SyntaxDiag){0};
    Ast *const ast = ast_new();
    Frontend *const frontend = ast == NULL ? NULL : rt_malloc(sizeof(Frontend));
    if (frontend == NULL) {
        ast_free(ast);
        diag->kind = SYNTAX_MEMORY_ERROR;
        diag->message = "";
        return NULL;
    }
    const Thread *th = rt_thread_current();
    *frontend = (Frontend){.stack_limit = th != NULL ? th->c_stack_limit : 0,
                           .ast = ast,
                           .diag = diag,
                           .file_name = file_name,
                           .mode = mode};
    arena_init(&frontend->scratch);
    if (setjmp(frontend->jump) == 0) {
        ast->root = parse_decoded(frontend, source, size_bytes);
    }
    arena_clear(&frontend->scratch);
    rt_free(frontend);
    if (diag->kind != SYNTAX_OK) {
        ast_free(ast);
        return NULL;
    }
    return ast;
}
