/* parser_import.c - `import` and `from ... import`.
 *
 * A dotted name is one identifier with dots in it, as in Python's tree.
 * Threads: a parser belongs to one parse.
 */
#include <string.h>

#include "interp/frontend/string_run.h"

/* Parses NAME ('.' NAME)*; NULL if there is no NAME. */
static AstIdent *parse_dotted_name(Parser *p)
{
    Token *first = parser_accept(p, TOKEN_NAME);
    if (first == NULL) {
        return NULL;
    }
    AstIdent *name = parser_name(p, first);
    if (!parser_at(p, TOKEN_DOT)) {
        return name;
    }
    TextBuffer text = {0};
    text_append(p, &text, name->bytes, name->size_bytes);
    while (parser_at(p, TOKEN_DOT)) {
        if (parser_peek_at(p, 1)->type != TOKEN_NAME) {
            break;
        }
        p->mark++;
        AstIdent *part = parser_name(p, parser_accept(p, TOKEN_NAME));
        text_append(p, &text, ".", 1);
        text_append(p, &text, part->bytes, part->size_bytes);
    }
    name = ast_intern(p->frontend->ast, text.bytes, text.count);
    if (name == NULL) {
        frontend_raise_memory(p->frontend);
    }
    return name;
}

/* Parses a name, dotted or not, with an optional `as NAME`. */
static AstNode *parse_alias(Parser *p, bool dotted)
{
    Token *start = parser_peek(p);
    AstIdent *name = NULL;
    if (dotted) {
        name = parse_dotted_name(p);
    } else if (parser_accept(p, TOKEN_NAME)) {
        name = parser_name(p, start);
    }
    if (name == NULL) {
        return NULL;
    }
    AstIdent *asname = NULL;
    if (parser_accept(p, TOKEN_AS)) {
        Token *as = parser_accept(p, TOKEN_NAME);
        if (as == NULL) {
            return NULL;
        }
        asname = parser_name(p, as);
    }
    AstNode *node = parser_node(p, AST_alias, start);
    node->alias.name = name;
    node->alias.asname = asname;
    return node;
}

AstNode *parser_import(Parser *p)
{
    Token *start = parser_accept(p, TOKEN_IMPORT);
    NodeList names = {0};
    do {
        AstNode *alias = parse_alias(p, true);
        if (alias == NULL) {
            return NULL;
        }
        parser_append(p, &names, alias);
    } while (parser_accept(p, TOKEN_COMMA));
    AstNode *node = parser_node(p, AST_Import, start);
    node->Import.names = parser_seq(p, &names);
    return node;
}

/* Parses names with commas; *trailing says that a comma stands behind the last. */
static bool parse_names(Parser *p, NodeList *names, bool *trailing)
{
    *trailing = false;
    AstNode *alias = parse_alias(p, false);
    while (alias != NULL) {
        parser_append(p, names, alias);
        *trailing = parser_accept(p, TOKEN_COMMA) != NULL;
        if (!*trailing || !parser_at(p, TOKEN_NAME)) {
            return true;
        }
        alias = parse_alias(p, false);
    }
    return false;
}

/* Parses what stands behind `import`. */
static bool parse_import_targets(Parser *p, NodeList *names)
{
    Token *start = parser_peek(p);
    bool trailing;
    if (parser_accept(p, TOKEN_STAR)) {
        AstNode *alias = parser_node(p, AST_alias, start);
        alias->alias.name = ast_intern(p->frontend->ast, "*", 1);
        if (alias->alias.name == NULL) {
            frontend_raise_memory(p->frontend);
        }
        parser_append(p, names, alias);
        return true;
    }
    if (parser_accept(p, TOKEN_LPAR)) {
        return parse_names(p, names, &trailing) && parser_accept(p, TOKEN_RPAR);
    }
    if (!parse_names(p, names, &trailing)) {
        return false;
    }
    if (trailing && parser_checking(p) && parser_accept(p, TOKEN_NEWLINE)) {
        parser_raise(p, SYNTAX_ERROR, "trailing comma not allowed without surrounding parentheses");
    }
    return !trailing;
}

AstNode *parser_import_from(Parser *p)
{
    Token *start = parser_accept(p, TOKEN_FROM);
    int32_t level = 0;
    for (;;) {
        if (parser_accept(p, TOKEN_DOT)) {
            level++;
        } else if (parser_accept(p, TOKEN_ELLIPSIS)) {
            level += 3;
        } else {
            break;
        }
    }
    AstIdent *module = parse_dotted_name(p);
    if ((module == NULL && level == 0) || !parser_accept(p, TOKEN_IMPORT)) {
        return NULL;
    }
    NodeList names = {0};
    if (!parse_import_targets(p, &names)) {
        return NULL;
    }
    AstNode *node = parser_node(p, AST_ImportFrom, start);
    node->ImportFrom.module = module;
    node->ImportFrom.names = parser_seq(p, &names);
    node->ImportFrom.level = level;
    return node;
}
