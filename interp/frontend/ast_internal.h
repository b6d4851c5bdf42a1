/* ast_internal.h - the inside of Ast, for the files of this folder only.
 *
 * names is a power-of-two table of interned identifiers (ast.c). root is set last, when the parse
 * has succeeded.
 */
#ifndef ADDER_INTERP_FRONTEND_AST_INTERNAL_H
#define ADDER_INTERP_FRONTEND_AST_INTERNAL_H

#include "interp/frontend/arena.h"
#include "interp/frontend/ast.h"

struct Ast {
    Arena arena;
    AstNode *root;
    AstIdent **names;
    uint32_t name_count;
    uint32_t name_capacity;
};

/* Makes a tree without a root. owns: new. may: allocate. fails: NULL. */
Ast *ast_new(void);

/* Gives the bytes a node of this kind takes: header and its own union member. */
size_t ast_kind_size(AstKind kind);

#endif
