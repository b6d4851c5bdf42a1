/* parse.h - source text to syntax tree: the whole contract of the frontend.
 *
 * parse_source decodes (BOM, PEP 263 cookie: utf-8, latin-1, ascii), splits into tokens and parses
 * the whole grammar of Python 3.11. It either gives a tree or fills a SyntaxDiag with the exception
 * that CPython 3.11 would raise: same class, words, line and column. What CPython reports later, in
 * its symbol table or compiler (duplicate arguments, 'return' outside function, ...), is not checked
 * here.
 *
 * Nesting is bounded: no input can exhaust the C stack. Memory comes from runtime/memory.h; when it
 * runs out nothing leaks and the diag says SYNTAX_MEMORY_ERROR.
 * Threads: no shared state but the calling thread's C stack bound; any number of parses may run at the same time.
 */
#ifndef ADDER_INTERP_FRONTEND_PARSE_H
#define ADDER_INTERP_FRONTEND_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "interp/frontend/ast.h"

typedef enum ParseMode {
    PARSE_EXEC,   /* a module: root Module */
    PARSE_EVAL,   /* one expression: root Expression */
    PARSE_SINGLE, /* one interactive statement: root Interactive */
} ParseMode;

typedef enum SyntaxKind {
    SYNTAX_OK,
    SYNTAX_ERROR,        /* SyntaxError */
    SYNTAX_INDENTATION,  /* IndentationError */
    SYNTAX_TAB,          /* TabError */
    SYNTAX_MEMORY_ERROR, /* MemoryError: no memory, or nesting beyond the parser's bound (CPython
                            raises the same class there); no position, no text */
} SyntaxKind;

/* What went wrong. Columns count characters from 1, as SyntaxError.offset does; a column of 0 or
 * less means CPython gives that value too (no caret is drawn). `text` is the source line with its
 * newline where it had one, UTF-8, NUL-terminated; NULL when there is none to show. */
typedef struct SyntaxDiag {
    SyntaxKind kind;
    int32_t lineno;
    int32_t column;
    int32_t end_lineno;
    int32_t end_column;
    const char *message;
    const char *text;
    size_t text_size_bytes;
    void *storage; /* private: backs message and text */
} SyntaxDiag;

/* Parses `size_bytes` bytes of `source`; `file_name` is used only inside messages.
 * owns: source and file_name are borrowed for the call; a tree comes back new (ast_free), and diag
 *       then holds SYNTAX_OK; otherwise diag must be given to syntax_diag_free.
 * threads: any. may: allocate. fails: NULL with *diag filled. */
Ast *parse_source(const char *source, size_t size_bytes, const char *file_name, ParseMode mode,
                  SyntaxDiag *diag);

/* Frees what the diag holds and clears it; a cleared diag is allowed. threads: any. */
void syntax_diag_free(SyntaxDiag *diag);

/* Gives the exception's class name for a diag ("SyntaxError", ...). threads: any. */
const char *syntax_kind_name(SyntaxKind kind);

/* Tries to give the tree as Python's ast.dump(tree, include_attributes=True) prints it.
 * owns: a new NUL-terminated buffer, to be freed with rt_free(buffer); *size_bytes is its length.
 * threads: any. may: allocate. fails: NULL when memory runs out or the tree is deeper than
 * 5,000 levels. */
char *ast_dump(const Ast *ast, size_t *size_bytes);

#endif
