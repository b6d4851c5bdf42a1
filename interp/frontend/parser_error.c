/* parser_error.c - raising from the parser: positions, lexer states, and the scan behind an error.
 *
 * Once the parser has found a syntax error CPython still reads all remaining tokens: an error of the
 * lexer in them (an unterminated string, a bad character) replaces the one found, and so does a
 * bracket that was opened before the error's line and is never closed. So scan_rest runs before an
 * error is raised, and a raise inside it wins.
 * Threads: a parser belongs to one parse.
 */
#include "interp/frontend/parser.h"

#include <stdio.h>

/* Reads all tokens behind the last one read. Errors with words of their own leave from inside. */
static void scan_rest(Parser *p)
{
    if (p->lexer.status != LEX_OK && p->lexer.status != LEX_EOF) {
        return;
    }
    int32_t error_lineno = p->tokens[p->count - 1]->lineno;
    Token token;
    do {
        lexer_next(&p->lexer, &token);
    } while (token.type != TOKEN_ERROR && token.type != TOKEN_ENDMARKER);
    if (token.type == TOKEN_ERROR && p->lexer.level != 0 &&
        error_lineno > p->lexer.bracket_lines[p->lexer.level - 1]) {
        parser_raise_unclosed(p);
    }
}

void frontend_scan_outer(Frontend *frontend)
{
    Parser *outer = frontend->outer;
    frontend->outer = NULL; /* what is raised from here on is final */
    for (; outer != NULL; outer = outer->parent) {
        scan_rest(outer);
    }
}

/* Gives the text that a column is counted in: inside an f-string the expression in parentheses. */
static const char *error_line(const Parser *p, int32_t lineno)
{
    if (!p->fstring) {
        return NULL;
    }
    const char *line = p->lexer.buffer;
    for (int32_t at = p->first_lineno; at < lineno; at++) {
        while (*line != '\n' && *line != '\0') {
            line++;
        }
        line += *line == '\n';
    }
    return line;
}

[[noreturn]] static void raise_raw(Parser *p, SyntaxKind kind, SourceRange range,
                                   const char *format, va_list arguments)
{
    char words[512];
    if (p->fstring) {
        snprintf(words, sizeof(words), "f-string: %s", format);
        format = words;
        range.col -= p->first_col;
        range.end_col -= range.end_col >= 0 ? p->first_col : 0;
    }
    const char *line = error_line(p, range.lineno);
    frontend_raise(p->frontend, kind, range, line, format, arguments);
}

/* Scans first: what that raises would replace this error anyway. */
static void raise_list(Parser *p, SyntaxKind kind, SourceRange range, const char *format,
                       va_list arguments)
{
    p->frontend->read_lineno = p->lexer.lineno;
    scan_rest(p);
    frontend_scan_outer(p->frontend);
    raise_raw(p, kind, range, format, arguments);
}

static SourceRange token_range(const Parser *p, const Token *token)
{
    SourceRange range = {token->lineno, token->col, token->end_lineno, token->end_col};
    if (token->col < 0) {
        range.col = (int32_t)(p->lexer.cursor - p->lexer.line_start) - 1;
    }
    if (token->end_col < 0) {
        range.end_col = RANGE_BARE_TOKEN;
    }
    return range;
}

void parser_raise(Parser *p, SyntaxKind kind, const char *format, ...)
{
    SourceRange range = {0};
    if (p->count > 0) {
        range = token_range(p, p->tokens[p->count - 1]);
    }
    va_list arguments;
    va_start(arguments, format);
    raise_list(p, kind, range, format, arguments);
    __builtin_unreachable();
}

void parser_raise_token(Parser *p, const Token *token, const char *format, ...)
{
    SourceRange range = {token->lineno, token->col, token->end_lineno, token->end_col};
    va_list arguments;
    va_start(arguments, format);
    raise_list(p, SYNTAX_ERROR, range, format, arguments);
    __builtin_unreachable();
}

void parser_raise_node(Parser *p, const AstNode *node, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    raise_list(p, SYNTAX_ERROR, parser_range_nodes(node, node), format, arguments);
    __builtin_unreachable();
}

void parser_raise_range(Parser *p, SourceRange range, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    raise_list(p, SYNTAX_ERROR, range, format, arguments);
    __builtin_unreachable();
}

SourceRange parser_range_nodes(const AstNode *first, const AstNode *last)
{
    return (SourceRange){first->lineno, first->col_offset, last->end_lineno, last->end_col_offset};
}

SourceRange parser_range_tokens(const Token *first, const Token *last)
{
    return (SourceRange){first->lineno, first->col, last->end_lineno, last->end_col};
}

SourceRange parser_range_mixed(const AstNode *first, const Token *last)
{
    return (SourceRange){first->lineno, first->col_offset, last->end_lineno, last->end_col};
}

void parser_range_to_cursor(const Parser *p, SourceRange *range)
{
    range->end_lineno = p->lexer.lineno;
    range->end_col = (int32_t)(p->lexer.cursor - p->lexer.line_start) - 1;
}

[[noreturn]] static void raise_now(Parser *p, SyntaxKind kind, SourceRange range,
                                   const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    raise_raw(p, kind, range, format, arguments);
}

void parser_raise_unclosed(Parser *p)
{
    Lexer *lexer = &p->lexer;
    int32_t at = lexer->level - 1;
    int32_t lineno = lexer->bracket_lines[at];
    SourceRange range = {lineno, lexer->bracket_cols[at], lineno, RANGE_NO_END};
    raise_now(p, SYNTAX_ERROR, range, "'%c' was never closed", lexer->brackets[at]);
}

void parser_raise_lexer(Parser *p)
{
    Lexer *lexer = &p->lexer;
    SourceRange range = {lexer->lineno, 0, lexer->lineno, RANGE_NO_END};
    switch (lexer->status) {
    case LEX_DEDENT:
        range.col = (int32_t)(lexer->cursor - lexer->line_start) - 1;
        range.end_col = RANGE_BARE_TOKEN;
        raise_now(p, SYNTAX_INDENTATION, range,
                  "unindent does not match any outer indentation level");
    case LEX_TABS:
        raise_now(p, SYNTAX_TAB, range, "inconsistent use of tabs and spaces in indentation");
    case LEX_TOO_DEEP: raise_now(p, SYNTAX_INDENTATION, range, "too many levels of indentation");
    case LEX_CONTINUATION:
        range.col = (int32_t)(lexer->cursor - lexer->buffer_line) - 1;
        raise_now(p, SYNTAX_ERROR, range, "unexpected character after line continuation character");
    default: break;
    }
    if (lexer->level > 0) {
        parser_raise_unclosed(p);
    }
    range.col = (int32_t)(lexer->cursor - lexer->line_start) - 1;
    range.end_col = RANGE_BARE_TOKEN;
    raise_now(p, SYNTAX_ERROR, range, "unexpected EOF while parsing");
}

void parser_raise_generic(Parser *p, const Token *last)
{
    if (last->type == TOKEN_INDENT) {
        SourceRange range = token_range(p, p->tokens[p->count - 1]);
        raise_now(p, SYNTAX_INDENTATION, range, "unexpected indent");
    }
    if (last->type == TOKEN_DEDENT) {
        SourceRange range = token_range(p, p->tokens[p->count - 1]);
        raise_now(p, SYNTAX_INDENTATION, range, "unexpected unindent");
    }
    parser_raise_token(p, last, "invalid syntax");
}
