/* frontend.h - what one parse shares between decoder, lexer, parser and error reports.
 *
 * A Frontend lives as long as one call of parse_source. All failures leave through frontend_raise*, which
 * fill the diag and longjmp to parse_source; nothing between holds memory of its own, only blocks of
 * the two arenas and buffers that hang from the Frontend.
 * Threads: a Frontend belongs to one parse.
 */
#ifndef ADDER_INTERP_FRONTEND_FRONTEND_H
#define ADDER_INTERP_FRONTEND_FRONTEND_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "interp/frontend/arena.h"
#include "interp/frontend/ast_internal.h"
#include "interp/frontend/parse.h"

typedef struct Frontend {
    jmp_buf jump;
    Ast *ast;
    Arena scratch; /* dies with the parse */
    SyntaxDiag *diag;
    const char *file_name;
    ParseMode mode;
    const char *source; /* decoded text: UTF-8, '\n' line ends, NUL-terminated (scratch) */
    size_t source_bytes;
    int32_t read_lineno;   /* set before a raise: the line that the lexer has reached */
    struct Parser *outer;  /* while a field of an f-string is parsed: the parser around it */
    int32_t depth;         /* recursion so far, all parsers of this parse together */
    uintptr_t stack_limit; /* of the C stack: runtime/thread.h; 0: no Thread */
} Frontend;

/* A range as the parser counts: byte columns from 0. Where CPython has no end it reports 0 or -1, by
 * the path of the error; end_col RANGE_NO_END gives 0, RANGE_BARE_TOKEN gives -1. */
enum { RANGE_NO_END = -1, RANGE_BARE_TOKEN = -2 };

typedef struct SourceRange {
    int32_t lineno;
    int32_t col;
    int32_t end_lineno;
    int32_t end_col;
} SourceRange;

/* Blocks in the tree's arena or the scratch arena, zeroed. may: jump out (no memory). */
void *frontend_alloc(Frontend *frontend, size_t size_bytes);
void *frontend_scratch(Frontend *frontend, size_t size_bytes);

/* Raises MemoryError: no memory, or too deep. */
[[noreturn]] void frontend_raise_memory(Frontend *frontend);

/* Raises `kind` at a range of byte columns; they are turned into characters of line range.lineno of
 * the source, from 1. With a `line` (a text up to '\n' or NUL) that one is shown, and columns stay
 * bytes: inside an f-string CPython does not convert them. */
[[noreturn]] void frontend_raise(Frontend *frontend, SyntaxKind kind, SourceRange range,
                                 const char *line, const char *format, va_list arguments);

/* Raises a SyntaxError at a finished column (both ends) of `line`, which may be NULL. */
[[noreturn]] void frontend_raise_column(Frontend *frontend, int32_t lineno, int32_t column,
                                        const char *line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Gives line `lineno` of the decoded source, or NULL. */
const char *frontend_line(const Frontend *frontend, int32_t lineno);

/* Counts the characters that begin in the first `size_bytes` bytes of a line of UTF-8 text; behind
 * the line's '\n' or its NUL at most one more is counted. */
int32_t frontend_characters(const char *line, int32_t size_bytes);

/* Reads the rest of the text around an f-string: an error of the lexer there wins over one inside.
 * may: jump out. (parser_error.c) */
void frontend_scan_outer(Frontend *frontend);

/* Decodes the source bytes into frontend->source (source.c). may: jump out. */
void frontend_decode(Frontend *frontend, const char *source, size_t size_bytes);

/* Unicode classes (unicode.c). */
bool unicode_is_name_start(int32_t code);
bool unicode_is_name_continue(int32_t code);
bool unicode_is_printable(int32_t code);

/* Decodes one code point of valid UTF-8 (surrogates allowed) and says how many bytes it took. */
int32_t unicode_decode(const char *bytes, int32_t *size_bytes);

/* Encodes one code point (surrogates as 3 bytes) and gives the bytes written, 1 to 4. */
int32_t unicode_encode(int32_t code, char *bytes);

/* Gives the NFKC of an identifier, interned. may: jump out (no memory). */
AstIdent *unicode_intern(Frontend *frontend, const char *bytes, size_t size_bytes);

#endif
