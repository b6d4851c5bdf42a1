/* lexer.c - tokens: lines and indentation, names, operators and brackets.
 *
 * Strings are in lex_string (below), numbers in lex_number.c. The cursor walks a buffer line by line:
 * `lineno` and `line_start` change when the first character of a line is read, not when the '\n'
 * before it was, so that a NEWLINE token still belongs to the line it ends.
 *
 * Indentation is measured twice, with tabs to multiples of 8 and with tabs one column wide; both
 * measures must order two lines the same way, else the program reads differently with other tabs.
 * Threads: a lexer belongs to one parse.
 */
#include "interp/frontend/lexer.h"

#include <stdio.h>
#include <string.h>

void lexer_init(Lexer *lexer, Frontend *frontend, const char *buffer, int32_t lineno)
{
    memset(lexer, 0, sizeof(*lexer));
    lexer->frontend = frontend;
    lexer->buffer = buffer;
    lexer->cursor = buffer;
    lexer->line_end = buffer;
    lexer->line_start = buffer;
    lexer->lineno = lineno - 1;
    lexer->at_line_begin = true;
}

int lexer_get(Lexer *lexer)
{
    if (lexer->cursor == lexer->line_end) {
        if (lexer->status != LEX_OK) {
            return -1;
        }
        if (*lexer->cursor == '\0') {
            lexer->status = LEX_EOF;
            return -1;
        }
        const char *newline = strchr(lexer->cursor, '\n');
        lexer->line_end = newline != NULL ? newline + 1 : lexer->cursor + strlen(lexer->cursor);
        lexer->line_start = lexer->cursor;
        lexer->lineno++;
        if (!lexer->keep_buffer) {
            lexer->buffer_line = lexer->cursor;
        }
    }
    return (unsigned char)*lexer->cursor++;
}

void lexer_unget(Lexer *lexer, int c)
{
    if (c != -1) {
        lexer->cursor--;
    }
}

void lexer_error(Lexer *lexer, const char *format, ...)
{
    char message[160];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    frontend_scan_outer(lexer->frontend);
    int32_t bytes = (int32_t)(lexer->cursor - lexer->line_start);
    frontend_raise_column(lexer->frontend, lexer->lineno,
                          frontend_characters(lexer->line_start, bytes), lexer->line_start, "%s",
                          message);
}

bool lexer_starts_name(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 128;
}

bool lexer_continues_name(int c) { return lexer_starts_name(c) || (c >= '0' && c <= '9'); }

/* Checks that a name with bytes from 128 is an identifier; raises at the first character that is
 * not. */
static void check_identifier(Lexer *lexer)
{
    const char *at = lexer->token_start;
    const char *end = lexer->cursor;
    while (at < end) {
        int32_t size_bytes;
        int32_t code = unicode_decode(at, &size_bytes);
        bool good =
            at == lexer->token_start ? unicode_is_name_start(code) : unicode_is_name_continue(code);
        at += size_bytes;
        if (good) {
            continue;
        }
        lexer->cursor = at;
        if (unicode_is_printable(code)) {
            lexer_error(lexer, "invalid character '%.*s' (U+%04X)", size_bytes, at - size_bytes,
                        (unsigned)code);
        }
        lexer_error(lexer, "invalid non-printable character U+%04X", (unsigned)code);
    }
}

static TokenType keyword_type(const char *start, size_t size_bytes)
{
    static const struct {
        char text[9];
        uint8_t size_bytes;
        TokenType type;
    } keywords[] = {
#define TOKEN_KEYWORD(name, text) {text, sizeof(text) - 1, TOKEN_##name},
#define TOKEN_OP(name, text)
#include "interp/frontend/token.def"
    };
    if (size_bytes < 2 || size_bytes > 8) {
        return TOKEN_NAME;
    }
    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
        if (keywords[i].size_bytes > size_bytes) {
            break;
        }
        if (keywords[i].size_bytes == size_bytes && keywords[i].text[0] == start[0] &&
            memcmp(keywords[i].text, start, size_bytes) == 0) {
            return keywords[i].type;
        }
    }
    return TOKEN_NAME;
}

/* Reads what follows a backslash. Gives false (and a status) unless that is a line end with a line
 * behind it. */
static bool continue_line(Lexer *lexer)
{
    int c = lexer_get(lexer);
    if (c != '\n') {
        lexer->status = LEX_CONTINUATION;
        return false;
    }
    c = lexer_get(lexer);
    if (c == -1) {
        lexer->status = LEX_EOF;
        lexer->cursor = lexer->line_end;
        return false;
    }
    lexer_unget(lexer, c);
    return true;
}

static bool indent_fail(Lexer *lexer, LexStatus status)
{
    lexer->status = status;
    lexer->cursor = lexer->line_end;
    return false;
}

/* Compares a line's indentation with the open blocks and sets `pending`. */
static bool apply_indent(Lexer *lexer, int32_t col, int32_t alternate_col)
{
    int32_t depth = lexer->indent_depth;
    if (col == lexer->indents[depth]) {
        return alternate_col == lexer->alternate_indents[depth] || indent_fail(lexer, LEX_TABS);
    }
    if (col > lexer->indents[depth]) {
        if (depth + 1 >= LEX_MAX_INDENT) {
            return indent_fail(lexer, LEX_TOO_DEEP);
        }
        if (alternate_col <= lexer->alternate_indents[depth]) {
            return indent_fail(lexer, LEX_TABS);
        }
        lexer->pending++;
        lexer->indent_depth = ++depth;
        lexer->indents[depth] = col;
        lexer->alternate_indents[depth] = alternate_col;
        return true;
    }
    while (depth > 0 && col < lexer->indents[depth]) {
        lexer->pending--;
        depth--;
    }
    lexer->indent_depth = depth;
    if (col != lexer->indents[depth]) {
        return indent_fail(lexer, LEX_DEDENT);
    }
    return alternate_col == lexer->alternate_indents[depth] || indent_fail(lexer, LEX_TABS);
}

/* Reads the white space that begins a line; *blank says that the line has nothing else. */
static bool begin_line(Lexer *lexer, bool *blank)
{
    int32_t col = 0;
    int32_t alternate_col = 0;
    int32_t continued_col = 0; /* indentation before a leading backslash counts */
    lexer->at_line_begin = false;
    int c;
    for (;;) {
        c = lexer_get(lexer);
        if (c == ' ') {
            col++;
            alternate_col++;
        } else if (c == '\t') {
            col = (col / 8 + 1) * 8;
            alternate_col++;
        } else if (c == '\f') {
            col = alternate_col = 0;
        } else if (c == '\\') {
            continued_col = continued_col != 0 ? continued_col : col;
            if (!continue_line(lexer)) {
                return false;
            }
        } else {
            break;
        }
    }
    lexer_unget(lexer, c);
    *blank = c == '#' || c == '\n';
    if (*blank || lexer->level != 0) {
        return true;
    }
    col = continued_col != 0 ? continued_col : col;
    alternate_col = continued_col != 0 ? continued_col : alternate_col;
    return apply_indent(lexer, col, alternate_col);
}

static void finish_token(Lexer *lexer, Token *token, TokenType type, const char *end)
{
    token->type = type;
    token->level = (uint8_t)lexer->level;
    token->start = lexer->token_start;
    token->end = end;
    token->lineno = lexer->lineno;
    token->end_lineno = lexer->lineno;
    token->col = (int32_t)(lexer->token_start - lexer->line_start);
    token->end_col = (int32_t)(end - lexer->line_start);
}

static void finish_bare(Lexer *lexer, Token *token, TokenType type)
{
    token->type = type;
    token->level = (uint8_t)lexer->level;
    token->lineno = token->end_lineno = lexer->lineno;
    token->col = token->end_col = -1;
    token->start = token->end = NULL;
}

/* Reads a string from its opening quote, just read, to its end. */
static void lex_string(Lexer *lexer, Token *token, int quote)
{
    lexer->string_line_start = lexer->line_start;
    lexer->string_lineno = lexer->lineno;
    int quotes = 1;
    int closing = 0;
    int c = lexer_get(lexer);
    if (c == quote) {
        c = lexer_get(lexer);
        if (c == quote) {
            quotes = 3;
        } else {
            closing = 1; /* the empty string */
        }
    }
    if (c != quote) {
        lexer_unget(lexer, c);
    }
    lexer->keep_buffer = true;
    while (closing != quotes) {
        c = lexer_get(lexer);
        if (c == -1 || (quotes == 1 && c == '\n')) {
            int32_t detected = lexer->lineno;
            lexer->cursor = lexer->token_start + 1;
            lexer->line_start = lexer->string_line_start;
            lexer->lineno = lexer->string_lineno;
            lexer_error(lexer, "unterminated %sstring literal (detected at line %d)",
                        quotes == 3 ? "triple-quoted " : "", detected);
        }
        if (c == quote) {
            closing++;
        } else {
            closing = 0;
            if (c == '\\') {
                lexer_get(lexer);
            }
        }
    }
    lexer->keep_buffer = false;
    finish_token(lexer, token, TOKEN_STRING, lexer->cursor);
    token->lineno = lexer->string_lineno;
    token->col = (int32_t)(lexer->token_start - lexer->string_line_start);
}

/* Reads a name, a keyword, or a string with a prefix, whose first character has been read. */
static void lex_name(Lexer *lexer, Token *token, int c)
{
    bool saw_b = false;
    bool saw_u = false;
    bool saw_r = false;
    bool saw_f = false;
    for (;;) {
        if (!(saw_b || saw_u || saw_f) && (c == 'b' || c == 'B')) {
            saw_b = true;
        } else if (!(saw_b || saw_u || saw_r || saw_f) && (c == 'u' || c == 'U')) {
            saw_u = true;
        } else if (!(saw_r || saw_u) && (c == 'r' || c == 'R')) {
            saw_r = true;
        } else if (!(saw_f || saw_b || saw_u) && (c == 'f' || c == 'F')) {
            saw_f = true;
        } else {
            break;
        }
        c = lexer_get(lexer);
        if (c == '"' || c == '\'') {
            lex_string(lexer, token, c);
            return;
        }
    }
    bool ascii = true;
    while (lexer_continues_name(c)) {
        ascii = ascii && c < 128;
        c = lexer_get(lexer);
    }
    lexer_unget(lexer, c);
    if (!ascii) {
        check_identifier(lexer);
    }
    size_t size_bytes = (size_t)(lexer->cursor - lexer->token_start);
    TokenType type = ascii ? keyword_type(lexer->token_start, size_bytes) : TOKEN_NAME;
    finish_token(lexer, token, type, lexer->cursor);
}

static void open_bracket(Lexer *lexer, int c)
{
    if (lexer->level >= LEX_MAX_LEVEL) {
        lexer_error(lexer, "too many nested parentheses");
    }
    lexer->brackets[lexer->level] = (char)c;
    lexer->bracket_lines[lexer->level] = lexer->lineno;
    lexer->bracket_cols[lexer->level] = (int32_t)(lexer->token_start - lexer->line_start);
    lexer->level++;
}

static void close_bracket(Lexer *lexer, int c)
{
    if (lexer->level == 0) {
        lexer_error(lexer, "unmatched '%c'", c);
    }
    lexer->level--;
    char opening = lexer->brackets[lexer->level];
    if ((opening == '(' && c == ')') || (opening == '[' && c == ']') ||
        (opening == '{' && c == '}')) {
        return;
    }
    if (lexer->bracket_lines[lexer->level] != lexer->lineno) {
        lexer_error(lexer,
                    "closing parenthesis '%c' does not match opening parenthesis '%c' on line %d",
                    c, opening, lexer->bracket_lines[lexer->level]);
    }
    lexer_error(lexer, "closing parenthesis '%c' does not match opening parenthesis '%c'", c,
                opening);
}

/* Finds the longest operator that begins at the token's start; its first character has been read. */
static TokenType lex_operator(Lexer *lexer)
{
    static const struct {
        char text[4];
        uint8_t size_bytes;
        TokenType type;
    } operators[] = {
#define TOKEN_KEYWORD(name, text)
#define TOKEN_OP(name, text) {text, sizeof(text) - 1, TOKEN_##name},
#include "interp/frontend/token.def"
    };
    const char *start = lexer->token_start;
    TokenType best = TOKEN_UNKNOWN;
    size_t best_bytes = 1;
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        size_t size_bytes = operators[i].size_bytes;
        if (operators[i].text[0] == start[0] &&
            (best == TOKEN_UNKNOWN || size_bytes > best_bytes) &&
            strncmp(operators[i].text, start, size_bytes) == 0) {
            best = operators[i].type;
            best_bytes = size_bytes;
        }
    }
    lexer->cursor = start + best_bytes;
    return best;
}

/* Reads a token of punctuation whose first character c has been read. */
static void lex_punctuation(Lexer *lexer, Token *token, int c)
{
    switch (c) {
    case '(':
    case '[':
    case '{': open_bracket(lexer, c); break;
    case ')':
    case ']':
    case '}': close_bracket(lexer, c); break;
    default:
        if (c < ' ' || c == 0x7f) {
            lexer_error(lexer, "invalid non-printable character U+%04X", (unsigned)c);
        }
        break;
    }
    TokenType type = lex_operator(lexer);
    finish_token(lexer, token, type, lexer->cursor);
}

/* Skips blanks, comments and continued lines; gives the first character of a token. -1: the end, or
 * a status. */
static int skip_to_token(Lexer *lexer)
{
    for (;;) {
        int c;
        do {
            c = lexer_get(lexer);
        } while (c == ' ' || c == '\t' || c == '\f');
        lexer->token_start = c == -1 ? NULL : lexer->cursor - 1;
        if (c == '#') {
            do {
                c = lexer_get(lexer);
            } while (c != -1 && c != '\n'); /* a NEWLINE behind it begins with the comment */
        }
        if (c != '\\') {
            return c;
        }
        lexer->keep_buffer = true;
        if (!continue_line(lexer)) {
            return -2;
        }
        lexer->keep_buffer = false;
    }
}

void lexer_next(Lexer *lexer, Token *token)
{
    *token = (Token){0};
    for (;;) {
        bool blank = false;
        if (lexer->at_line_begin && !begin_line(lexer, &blank)) {
            finish_bare(lexer, token, TOKEN_ERROR);
            return;
        }
        if (lexer->pending != 0) {
            bool dedent = lexer->pending < 0;
            lexer->pending += dedent ? 1 : -1;
            finish_bare(lexer, token, dedent ? TOKEN_DEDENT : TOKEN_INDENT);
            return;
        }
        int c = skip_to_token(lexer);
        if (c < 0) {
            bool end = c == -1 && lexer->level == 0 && lexer->status == LEX_EOF;
            finish_bare(lexer, token, end ? TOKEN_ENDMARKER : TOKEN_ERROR);
            return;
        }
        if (c == '\n') {
            lexer->at_line_begin = true;
            if (blank || lexer->level > 0) {
                continue;
            }
            finish_token(lexer, token, TOKEN_NEWLINE, lexer->cursor - 1);
            return;
        }
        if (lexer_starts_name(c)) {
            lex_name(lexer, token, c);
        } else if ((c >= '0' && c <= '9') ||
                   (c == '.' && *lexer->cursor >= '0' && *lexer->cursor <= '9')) {
            lexer_number(lexer, c);
            finish_token(lexer, token, TOKEN_NUMBER, lexer->cursor);
        } else if (c == '"' || c == '\'') {
            lex_string(lexer, token, c);
        } else {
            lex_punctuation(lexer, token, c);
        }
        return;
    }
}
