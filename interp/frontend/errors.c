/* errors.c - how a parse ends in an exception: fills the SyntaxDiag and leaves through the jump.
 *
 * The parser counts bytes from 0; Python's SyntaxError counts characters from 1. A column of a
 * character's first byte becomes the number of characters before it, plus one. A column behind the
 * line's end is clamped to one behind its last character, as CPython does.
 * Message and line are copied into one block (diag->storage), because the source and both arenas are
 * gone when the caller reads them. If that copy fails the diag becomes a MemoryError.
 * Threads: a Frontend belongs to one parse.
 */
#include <stdio.h>
#include <string.h>

#include "interp/frontend/frontend.h"
#include "runtime/memory.h"

void *frontend_alloc(Frontend *frontend, size_t size_bytes)
{
    void *block = ast_alloc(frontend->ast, size_bytes);
    if (block == NULL) {
        frontend_raise_memory(frontend);
    }
    return block;
}

void *frontend_scratch(Frontend *frontend, size_t size_bytes)
{
    void *block = arena_alloc(&frontend->scratch, size_bytes);
    if (block == NULL) {
        frontend_raise_memory(frontend);
    }
    return block;
}

void frontend_raise_memory(Frontend *frontend)
{
    syntax_diag_free(frontend->diag);
    frontend->diag->kind = SYNTAX_MEMORY_ERROR;
    frontend->diag->message = "";
    longjmp(frontend->jump, 1);
}

const char *frontend_line(const Frontend *frontend, int32_t lineno)
{
    const char *line = frontend->source;
    while (line != NULL && lineno > 1) {
        line = strchr(line, '\n');
        line = line == NULL ? NULL : line + 1;
        lineno--;
    }
    return lineno < 1 || line == NULL ? NULL : line;
}

/* Counts as frontend_characters does, but at most one behind the text's end at size `line_bytes`. */
static int32_t clamped_characters(const char *line, size_t line_bytes, int32_t size_bytes)
{
    if ((size_t)size_bytes > line_bytes) {
        return frontend_characters(line, (int32_t)line_bytes) + 1;
    }
    return frontend_characters(line, size_bytes);
}

int32_t frontend_characters(const char *line, int32_t size_bytes)
{
    int32_t characters = 0;
    for (int32_t i = 0; i < size_bytes; i++) {
        if (((unsigned char)line[i] & 0xC0) != 0x80) {
            characters++;
        }
        if (line[i] == '\0') {
            break;
        }
        if (line[i] == '\n') {
            characters += i + 1 < size_bytes;
            break;
        }
    }
    return characters;
}

/* Copies message and line (its first `text_bytes` bytes) into the diag and leaves. */
[[noreturn]] static void finish(Frontend *frontend, SyntaxKind kind, const char *line,
                                size_t text_bytes, const char *format, va_list arguments)
{
    SyntaxDiag *diag = frontend->diag;
    va_list again;
    va_copy(again, arguments);
    int message_bytes = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *storage =
        message_bytes < 0 ? NULL : rt_malloc((size_t)message_bytes + 1 + text_bytes + 1);
    if (storage == NULL) {
        frontend_raise_memory(frontend);
    }
    vsnprintf(storage, (size_t)message_bytes + 1, format, arguments);
    diag->kind = kind;
    diag->storage = storage;
    diag->message = storage;
    if (line != NULL) {
        char *text = storage + message_bytes + 1;
        memcpy(text, line, text_bytes);
        text[text_bytes] = '\0';
        diag->text = text;
        diag->text_size_bytes = text_bytes;
    }
    longjmp(frontend->jump, 1);
}

void frontend_raise(Frontend *frontend, SyntaxKind kind, SourceRange range, const char *line,
                    const char *format, va_list arguments)
{
    SyntaxDiag *diag = frontend->diag;
    diag->lineno = range.lineno;
    diag->end_lineno = range.end_lineno;
    diag->column = range.col + 1;
    diag->end_column = range.end_col + 1;
    bool convert = line == NULL;
    if (convert) {
        line = frontend_line(frontend, range.lineno);
    }
    size_t line_bytes = line == NULL ? 0 : strcspn(line, "\n");
    /* The line's end belongs to it only while the lexer has not left the line. */
    if (line != NULL && line[line_bytes] == '\n' && range.lineno >= frontend->read_lineno) {
        line_bytes++;
    }
    if (convert && line != NULL) {
        /* One byte more than the column: a character counts with its first byte. */
        if (diag->column > 0) {
            diag->column = clamped_characters(line, line_bytes, range.col + 1);
        }
        if (diag->end_column > 0) {
            diag->end_column = clamped_characters(line, line_bytes, range.end_col + 1);
        }
    }
    finish(frontend, kind, line, line_bytes, format, arguments);
}

void frontend_raise_column(Frontend *frontend, int32_t lineno, int32_t column, const char *line,
                           const char *format, ...)
{
    SyntaxDiag *diag = frontend->diag;
    diag->lineno = diag->end_lineno = lineno;
    diag->column = column;
    if (diag->end_column == 0) {
        diag->end_column = column;
    }
    va_list arguments;
    va_start(arguments, format);
    finish(frontend, SYNTAX_ERROR, line, line == NULL ? 0 : strcspn(line, "\n"), format, arguments);
}

void syntax_diag_free(SyntaxDiag *diag)
{
    rt_free(diag->storage);
    *diag = (SyntaxDiag){0};
}

const char *syntax_kind_name(SyntaxKind kind)
{
    static const char *const names[] = {
        [SYNTAX_OK] = "",
        [SYNTAX_ERROR] = "SyntaxError",
        [SYNTAX_INDENTATION] = "IndentationError",
        [SYNTAX_TAB] = "TabError",
        [SYNTAX_MEMORY_ERROR] = "MemoryError",
    };
    return names[kind];
}
