/* string_run.h - shared by strings.c (literals) and fstring.c (f-strings): growing text, and the values
 * that a run of adjacent literals builds up.
 *
 * Threads: belong to one parse.
 */
#ifndef ADDER_INTERP_FRONTEND_STRING_RUN_H
#define ADDER_INTERP_FRONTEND_STRING_RUN_H

#include "interp/frontend/parser.h"

/* Growing bytes in scratch memory. */
typedef struct TextBuffer {
    char *bytes;
    size_t count;
    size_t capacity;
} TextBuffer;

/* A run of adjacent literals, `first` to `last`. `text` is what has come since the last value; it
 * becomes a Constant when a replacement field or the end follows. All nodes of the run span the
 * whole run, as in CPython 3.11. */
typedef struct StringRun {
    Parser *p;
    Token *first;
    Token *last;
    Token *token; /* the literal that is being read */
    TextBuffer text;
    NodeList values;
    bool formatted; /* one of the literals is an f-string */
} StringRun;

void text_append(Parser *p, TextBuffer *text, const char *bytes, size_t size_bytes);
void text_append_code(Parser *p, TextBuffer *text, int32_t code);

/* Appends the value of the characters of a str literal, escapes decoded unless raw.
 * may: jump out with a SyntaxError. */
void string_decode(Parser *p, TextBuffer *text, const char *start, const char *end, bool raw);

/* Makes a str Constant of the run's text, as a node over the whole run. */
AstNode *string_constant(StringRun *run);

/* Makes a node over the whole run. */
AstNode *string_node(StringRun *run, AstKind kind);

/* Reads the body of one f-string literal into the run. (fstring.c) */
void fstring_read(StringRun *run, const char *start, const char *end, bool raw);

#endif
