/* support.h - what the frontend's unit tests share: parse a text, walk to a node, compare errors. */
#ifndef ADDER_TESTS_FRONTEND_SUPPORT_H
#define ADDER_TESTS_FRONTEND_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "interp/frontend/parse.h"
#include "runtime/memory.h"

/* Parses a module that must be right. */
static inline Ast *parse_good(const char *source)
{
    SyntaxDiag diag;
    Ast *ast = parse_source(source, strlen(source), "test.py", PARSE_EXEC, &diag);
    if (ast == NULL) {
        fail_msg("%s: %s", source, diag.message);
    }
    assert_int_equal(diag.kind, SYNTAX_OK);
    return ast;
}

/* Gives statement `at` of a module. */
static inline AstNode *statement(const Ast *ast, int at)
{
    const AstNode *root = ast_root(ast);
    assert_int_equal(root->kind, AST_Module);
    assert_true(at < root->Module.body.count);
    return root->Module.body.items[at];
}

/* Gives the value of the first statement, an expression. */
static inline AstNode *expression_of(const Ast *ast)
{
    AstNode *node = statement(ast, 0);
    assert_int_equal(node->kind, AST_Expr);
    return node->Expr.value;
}

/* Parses `size_bytes` bytes that must be wrong and checks class, message, line and column. */
static inline void check_error_bytes(const char *source, size_t size_bytes, SyntaxKind kind,
                                     const char *message, int32_t lineno, int32_t column)
{
    SyntaxDiag diag;
    Ast *ast = parse_source(source, size_bytes, "test.py", PARSE_EXEC, &diag);
    assert_null(ast);
    assert_string_equal(diag.message, message);
    assert_string_equal(syntax_kind_name(diag.kind), syntax_kind_name(kind));
    assert_int_equal(diag.lineno, lineno);
    assert_int_equal(diag.column, column);
    syntax_diag_free(&diag);
}

static inline void check_error(const char *source, SyntaxKind kind, const char *message,
                               int32_t lineno, int32_t column)
{
    check_error_bytes(source, strlen(source), kind, message, lineno, column);
}

#endif
