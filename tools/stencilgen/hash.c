/*
 * The hash of C sources by their tokens (hash.h).
 *
 * Not a preprocessor: tokens are cut by longest match and hashed with a separator, nothing is
 * expanded.  What is not C (a stray quote) ends at the end of its line, so every text has a hash.
 */
#include "tools/stencilgen/hash.h"

#include <stdbool.h>
#include <string.h>

enum { BETWEEN_TOKENS = 0, END_OF_LINE = 1, PARAMETERS = 2, AFTER_NUMBER = 3 };

typedef struct Scan {
    const char *at, *end;
    uint64_t hash;
    bool directive; /* within a preprocessor line */
} Scan;

static void add(Scan *s, uint8_t byte) { s->hash = (s->hash ^ byte) * 0x100000001b3u; }

static char peek(const Scan *s, size_t ahead)
{
    return (size_t)(s->end - s->at) > ahead ? s->at[ahead] : '\0';
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || (c & 0x80) != 0;
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* A backslash at the end of a line, as many characters as that takes; 0. */
static size_t spliced(const Scan *s)
{
    if (peek(s, 0) != '\\') {
        return 0;
    }
    return peek(s, 1) == '\n' ? 2 : peek(s, 1) == '\r' && peek(s, 2) == '\n' ? 3 : 0;
}

/* Leaves comments behind. A line comment's newline stays. */
static bool skip_comment(Scan *s)
{
    if (peek(s, 0) != '/' || (peek(s, 1) != '*' && peek(s, 1) != '/')) {
        return false;
    }
    bool line = peek(s, 1) == '/';
    s->at += 2;
    while (s->at < s->end && !(line ? *s->at == '\n' : *s->at == '*' && peek(s, 1) == '/')) {
        s->at += line && spliced(s) != 0 ? spliced(s) : 1;
    }
    s->at += line || s->at == s->end ? 0 : 2;
    return true;
}

/* To the next token; the end of a preprocessor line is hashed on the way. */
static void skip_blank(Scan *s)
{
    while (s->at < s->end) {
        if (*s->at == '\n' && s->directive) {
            s->directive = false;
            add(s, END_OF_LINE);
        }
        if (spliced(s) != 0) {
            s->at += spliced(s);
        } else if (is_space(*s->at)) {
            s->at++;
        } else if (!skip_comment(s)) {
            return;
        }
    }
}

/* The body of one literal, behind its first quote. returns whether a numeric escape ends it. */
static bool add_literal(Scan *s, char quote)
{
    bool number = false;
    while (s->at < s->end && *s->at != quote && *s->at != '\n') {
        char c = *s->at++;
        if (c == '\\' && s->at < s->end) {
            number = *s->at == 'x' || (*s->at >= '0' && *s->at <= '7');
            add(s, (uint8_t)c);
            c = *s->at++;
        } else {
            number = number && is_word(c);
        }
        add(s, (uint8_t)c);
    }
    s->at += s->at < s->end && *s->at == quote;
    return number;
}

/* A string with all the parts that follow it, or a character. */
static void add_quoted(Scan *s)
{
    char quote = *s->at;
    add(s, (uint8_t)quote);
    for (;;) {
        s->at++;
        bool number = add_literal(s, quote);
        skip_blank(s);
        if (quote != '"' || peek(s, 0) != '"') {
            break;
        }
        if (number) {
            add(s, AFTER_NUMBER); /* "\1" "2" is not "\12" */
        }
    }
    add(s, (uint8_t)quote);
}

/* How many characters the punctuator here has. */
static size_t punctuator_length(const Scan *s)
{
    static const char *const longer[] = {"<<=", ">>=", "...", "->", "++", "--", "<<",
                                         ">>",  "<=",  ">=",  "==", "!=", "&&", "||",
                                         "*=",  "/=",  "%=",  "+=", "-=", "&=", "^=",
                                         "|=",  "##",  "<:",  ":>", "<%", "%>", "%:"};
    size_t left = (size_t)(s->end - s->at);
    for (size_t i = 0; i < sizeof longer / sizeof *longer; i++) {
        size_t length = strlen(longer[i]);
        if (length <= left && memcmp(s->at, longer[i], length) == 0) {
            return length;
        }
    }
    return 1;
}

/* Names, numbers, punctuators. */
static void add_plain(Scan *s)
{
    bool number = (*s->at >= '0' && *s->at <= '9') ||
                  (*s->at == '.' && peek(s, 1) >= '0' && peek(s, 1) <= '9');
    if (!number && !is_word(*s->at)) {
        for (size_t n = punctuator_length(s); n > 0; n--) {
            add(s, (uint8_t)*s->at++);
        }
        return;
    }
    char last = '\0';
    while (s->at < s->end &&
           (is_word(*s->at) || (number && (*s->at == '.' || *s->at == '\'')) ||
            (number && (*s->at == '+' || *s->at == '-') && strchr("eEpP", last) != NULL))) {
        last = *s->at++;
        add(s, (uint8_t)last);
    }
}

/* `#define NAME(` has parameters, `#define NAME (` has none. */
static void add_define(Scan *s)
{
    skip_blank(s);
    if (!s->directive || s->at == s->end || !is_word(*s->at)) {
        return;
    }
    add_plain(s);
    add(s, peek(s, 0) == '(' ? PARAMETERS : BETWEEN_TOKENS);
}

uint64_t sg_hash_start(void) { return 0xcbf29ce484222325u; }

uint64_t sg_hash_source(uint64_t hash, const char *text, size_t size_bytes)
{
    Scan s = {.at = text, .end = text + size_bytes, .hash = hash};
    for (skip_blank(&s); s.at < s.end; skip_blank(&s)) {
        const char *start = s.at;
        if (*s.at == '"' || *s.at == '\'') {
            add_quoted(&s);
        } else {
            s.directive = s.directive || *s.at == '#';
            add_plain(&s);
        }
        add(&s, BETWEEN_TOKENS);
        if (s.directive && s.at - start == 6 && memcmp(start, "define", 6) == 0) {
            add_define(&s);
        }
    }
    add(&s, END_OF_LINE); /* a token does not go on in the next file */
    return s.hash;
}
