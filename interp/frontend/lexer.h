/* lexer.h - characters to tokens, one at a time, on demand.
 *
 * The parser asks for a token only when it looks at it, because which of two errors Python reports
 * depends on how far the parser has read. The lexer handles indentation (with the rule that tabs and
 * spaces must agree for any tab size), implicit joining inside brackets, continuation lines,
 * comments, and the spelling of numbers and strings; it does not evaluate literals.
 *
 * Input: the decoded buffer of source.h, lines ended by '\n', NUL at the end.
 * Errors come in two kinds. Those with their own words are raised at once (Frontend.jump). The others
 * (LexStatus) are left in `status` with a TOKEN_ERROR, because a scan for errors behind a syntax
 * error must ignore them.
 * Threads: a lexer belongs to one parse.
 */
#ifndef ADDER_INTERP_FRONTEND_LEXER_H
#define ADDER_INTERP_FRONTEND_LEXER_H

#include <stdbool.h>
#include <stdint.h>

#include "interp/frontend/frontend.h"

typedef enum TokenType : uint8_t {
    TOKEN_ENDMARKER,
    TOKEN_NEWLINE,
    TOKEN_INDENT,
    TOKEN_DEDENT,
    TOKEN_NAME,
    TOKEN_NUMBER,
    TOKEN_STRING,
    TOKEN_UNKNOWN, /* a character that no token begins with: '$', '?', '!' */
    TOKEN_ERROR,
#define TOKEN_KEYWORD(name, text) TOKEN_##name,
#define TOKEN_OP(name, text) TOKEN_##name,
#include "interp/frontend/token.def"
    TOKEN_TYPE_COUNT
} TokenType;

typedef enum LexStatus : uint8_t {
    LEX_OK,
    LEX_EOF,
    LEX_DEDENT,       /* to a column that no open block has */
    LEX_TABS,         /* tabs and spaces disagree */
    LEX_TOO_DEEP,     /* more than 100 blocks */
    LEX_CONTINUATION, /* something after a backslash */
} LexStatus;

typedef struct Memo Memo; /* private to the parser */

/* col is -1 for tokens without text (INDENT, DEDENT, ENDMARKER). level: open brackets after it. */
typedef struct Token {
    TokenType type;
    uint8_t level;
    int32_t lineno;
    int32_t col;
    int32_t end_lineno;
    int32_t end_col;
    const char *start; /* the text, in the source buffer; NULL where col is -1 */
    const char *end;
    AstIdent *name; /* TOKEN_NAME: interned when first asked for */
    Memo *memos;
} Token;

enum { LEX_MAX_INDENT = 100, LEX_MAX_LEVEL = 200 };

typedef struct Lexer {
    Frontend *frontend;
    const char *buffer;
    const char *cursor;
    const char *line_end;   /* end of the line the cursor is in, after its '\n' */
    const char *line_start; /* start of that line */
    const char *token_start;
    const char
        *buffer_line; /* the first line that CPython's lexer would still have in its buffer */
    bool keep_buffer; /* inside a token: a new line does not move buffer_line */
    const char *string_line_start; /* line in which the last string began */
    int32_t string_lineno;
    int32_t lineno;
    LexStatus status;
    bool at_line_begin;
    int32_t pending; /* DEDENTs (negative) or INDENTs still to be given */
    int32_t indent_depth;
    int32_t indents[LEX_MAX_INDENT];
    int32_t alternate_indents[LEX_MAX_INDENT]; /* the same with tabs one column wide */
    int32_t level;
    char brackets[LEX_MAX_LEVEL];
    int32_t bracket_lines[LEX_MAX_LEVEL];
    int32_t bracket_cols[LEX_MAX_LEVEL];
} Lexer;

/* Starts at the begin of a NUL-terminated buffer whose first line has the number `lineno`. */
void lexer_init(Lexer *lexer, Frontend *frontend, const char *buffer, int32_t lineno);

/* Reads the next token into *token (name and memos NULL).
 * may: jump out with a SyntaxError. fails: type TOKEN_ERROR, status says why. */
void lexer_next(Lexer *lexer, Token *token);

/* Reads the number that starts with the digit or point `first`, just read; the cursor then stands
 * behind it. may: jump out with a SyntaxError. (lex_number.c) */
void lexer_number(Lexer *lexer, int first);

/* Raises a SyntaxError at the last character read. (lexer.c; for lex_number.c) */
[[noreturn]] void lexer_error(Lexer *lexer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Reads one character, -1 at the end; and steps back over it. */
int lexer_get(Lexer *lexer);
void lexer_unget(Lexer *lexer, int c);

/* Tells whether a byte can start, or continue, an identifier (any byte from 128 can). */
bool lexer_starts_name(int c);
bool lexer_continues_name(int c);

#endif
