/* fstring.c - f-strings as Python 3.11 defines them: literals first, then fields inside their text.
 *
 * The lexer sees an f-string as one string token. Here its body is split into literal pieces and
 * replacement fields. A field's expression is found by matching brackets and quotes, then copied
 * between parentheses and parsed by a parser of its own, whose tokens are moved to where the field
 * stands. Format specs nest once.
 * Threads: a parser belongs to one parse.
 */
#include <string.h>

#include "interp/frontend/string_run.h"

enum { FSTRING_MAX_BRACKETS = 200 };

/* One f-string body, or a format spec in it; `at` moves through [.., end). */
typedef struct FString {
    StringRun *run;
    Parser *p;
    const char *at;
    const char *end;
    bool raw;
    int level; /* 0: the body, 1: a format spec, 2: a spec in a spec (refused at its first field) */
} FString;

static void read_pieces(FString *f, TextBuffer *text, NodeList *values);

/* Moves a text, if there is one, to the end of values as a Constant. */
static void flush_text(FString *f, TextBuffer *text, NodeList *values)
{
    if (text->count == 0) {
        return;
    }
    StringRun piece = *f->run;
    piece.text = *text;
    parser_append(f->p, values, string_constant(&piece));
    text->count = 0;
}

/* ---- literal pieces ---- */

/* Steps over the escape behind a backslash if it could hide a brace. Gives the character that takes
 * part in looking for braces, 0 for none. */
static char skip_escape(FString *f)
{
    char c = *f->at++;
    if (c != 'N') {
        return c;
    }
    if (f->at < f->end && *f->at++ == '{') {
        while (f->at < f->end && *f->at++ != '}') {
        }
    }
    return 0;
}

/* Reads literal text up to a field, the end of a spec, or the end. Gives false when it stopped behind
 * a doubled brace, that is, when more literal text may follow. */
static bool read_literal(FString *f, TextBuffer *text)
{
    const char *start = f->at;
    const char *piece_end = f->end;
    bool complete = true;
    while (f->at < f->end) {
        char c = *f->at++;
        if (!f->raw && c == '\\' && f->at < f->end) {
            c = skip_escape(f);
        }
        if (c != '{' && c != '}') {
            continue;
        }
        if (f->level == 0) {
            if (f->at < f->end && *f->at == c) {
                piece_end = f->at++; /* one brace of two */
                complete = false;
                break;
            }
            if (c == '}') {
                parser_raise(f->p, SYNTAX_ERROR, "f-string: single '}' is not allowed");
            }
        }
        piece_end = --f->at;
        break;
    }
    string_decode(f->p, text, start, piece_end, f->raw);
    return complete;
}

/* ---- the extent of an expression ---- */

typedef struct Extent {
    char quote; /* inside a string: its quote */
    bool triple;
    int depth;
    char brackets[FSTRING_MAX_BRACKETS];
} Extent;

static bool tripled(const FString *f, char c)
{
    return f->at + 2 < f->end && f->at[1] == c && f->at[2] == c;
}

static void step_in_string(FString *f, Extent *extent, char c)
{
    if (c != extent->quote) {
        return;
    }
    if (!extent->triple) {
        extent->quote = 0;
    } else if (tripled(f, c)) {
        f->at += 2;
        extent->quote = 0;
    }
}

static void close_field_bracket(FString *f, Extent *extent, char c)
{
    if (extent->depth == 0) {
        parser_raise(f->p, SYNTAX_ERROR, "f-string: unmatched '%c'", c);
    }
    char opening = extent->brackets[--extent->depth];
    if (!((opening == '(' && c == ')') || (opening == '[' && c == ']') ||
          (opening == '{' && c == '}'))) {
        parser_raise(f->p, SYNTAX_ERROR,
                     "f-string: closing parenthesis '%c' does not match opening parenthesis '%c'",
                     c, opening);
    }
}

/* Looks at c outside strings and brackets: whether the expression ends before it. Steps over the
 * first character of a two-character comparison. */
static bool ends_expression(FString *f, char c)
{
    if (f->at + 1 < f->end && f->at[1] == '=' && c != ':' && c != '}') {
        f->at++; /* != == <= >= */
        return false;
    }
    return c != '<' && c != '>';
}

/* Takes one character of an expression; gives true when the expression ends before it. */
static bool step_expression(FString *f, Extent *extent)
{
    char c = *f->at;
    switch (c) {
    case '\\':
        parser_raise(f->p, SYNTAX_ERROR, "f-string expression part cannot include a backslash");
    case '\'':
    case '"':
        if (extent->quote == 0) {
            extent->quote = c;
            extent->triple = tripled(f, c);
            f->at += extent->triple ? 2 : 0;
            return false;
        }
        break;
    default: break;
    }
    if (extent->quote != 0) {
        step_in_string(f, extent, c);
        return false;
    }
    switch (c) {
    case '(':
    case '[':
    case '{':
        if (extent->depth >= FSTRING_MAX_BRACKETS) {
            parser_raise(f->p, SYNTAX_ERROR, "f-string: too many nested parenthesis");
        }
        extent->brackets[extent->depth++] = c;
        return false;
    case '#': parser_raise(f->p, SYNTAX_ERROR, "f-string expression part cannot include '#'");
    default: break;
    }
    if (extent->depth == 0 && strchr("!:}=<>", c) != NULL) {
        return ends_expression(f, c);
    }
    if (c == ')' || c == ']' || c == '}') {
        close_field_bracket(f, extent, c);
    }
    return false;
}

[[noreturn]] static void raise_expecting_brace(FString *f)
{
    parser_raise(f->p, SYNTAX_ERROR, "f-string: expecting '}'");
}

/* Moves f->at to the end of the expression that starts there. */
static void find_expression_end(FString *f)
{
    Extent extent = {0};
    while (f->at < f->end && !step_expression(f, &extent)) {
        f->at++;
    }
    if (extent.quote != 0) {
        parser_raise(f->p, SYNTAX_ERROR, "f-string: unterminated string");
    }
    if (extent.depth > 0) {
        parser_raise(f->p, SYNTAX_ERROR, "f-string: unmatched '%c'",
                     extent.brackets[extent.depth - 1]);
    }
    if (f->at >= f->end) {
        raise_expecting_brace(f);
    }
}

/* ---- the expression ---- */

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f'; }

/* Says where the field's '{' stands: lines behind the literal's first, and the column to which the
 * parenthesis in its place is moved. */
static void locate_field(const Token *token, const char *brace, int32_t *lines, int32_t *col)
{
    *lines = 0;
    for (const char *at = token->start; at < brace; at++) {
        *lines += *at == '\n';
    }
    *col = 0;
    const char *at = brace + 1;
    while (*at == ' ' || *at == '\t' || *at == '\f') {
        at++;
    }
    if (*at == '\n' || *at == '}') {
        return; /* the expression begins on the next line, whose columns need no move */
    }
    at = brace;
    while (at > token->start && *at != '\n') {
        at--;
    }
    *col = (int32_t)(brace - at) - (*at == '\n');
}

/* Parses the text between start and end (not empty) as the expression of a field. */
static AstNode *parse_field(FString *f, const char *start, const char *end)
{
    const char *at = start;
    while (at < end && is_blank(*at)) {
        at++;
    }
    if (at == end) {
        if (*end == '!' || *end == ':' || *end == '=') {
            parser_raise(f->p, SYNTAX_ERROR, "f-string: expression required before '%c'", *end);
        }
        parser_raise(f->p, SYNTAX_ERROR, "f-string: empty expression not allowed");
    }
    Frontend *frontend = f->p->frontend;
    size_t size_bytes = (size_t)(end - start);
    char *text = frontend_scratch(frontend, size_bytes + 4);
    text[0] = '(';
    memcpy(text + 1, start, size_bytes);
    text[size_bytes + 1] = ')';
    text[size_bytes + 2] = '\n';
    const Token *token = f->run->token;
    int32_t lines;
    int32_t col;
    locate_field(token, start - 1, &lines, &col);
    Parser *inner = frontend_scratch(frontend, sizeof(Parser));
    parser_init(inner, frontend, text, token->lineno + lines);
    inner->fstring = true;
    inner->parent = f->p;
    inner->first_lineno = token->lineno + lines;
    inner->first_col = lines != 0 ? col : token->col + col;
    struct Parser *outer = frontend->outer;
    frontend->outer = f->p;
    parser_enter(f->p);
    AstNode *node = parser_run(inner, parser_fstring_input);
    parser_leave(f->p);
    frontend->outer = outer;
    return node;
}

/* Reads `!c`; gives -1 when there is none. */
static int32_t read_conversion(FString *f)
{
    if (*f->at != '!') {
        return -1;
    }
    f->at++;
    if (f->at >= f->end) {
        raise_expecting_brace(f);
    }
    char conversion = *f->at++;
    if (conversion != 's' && conversion != 'r' && conversion != 'a') {
        parser_raise(f->p, SYNTAX_ERROR,
                     "f-string: invalid conversion character: expected 's', 'r', or 'a'");
    }
    return conversion;
}

/* Reads ':' and the format spec behind it. */
static AstNode *read_spec(FString *f)
{
    f->at++;
    if (f->at >= f->end) {
        raise_expecting_brace(f);
    }
    FString spec = *f;
    spec.level++;
    TextBuffer text = {0};
    NodeList values = {0};
    read_pieces(&spec, &text, &values);
    f->at = spec.at;
    /* The end of a spec, and the spec as a whole, span only the literal they stand in. */
    StringRun alone = *f->run;
    alone.first = alone.last = alone.token;
    FString ending = *f;
    ending.run = &alone;
    flush_text(&ending, &text, &values);
    AstNode *node = string_node(&alone, AST_JoinedStr);
    node->JoinedStr.values = parser_seq(f->p, &values);
    return node;
}

/* Reads a field from its '{' to its '}'; its value goes to values, and `x=` to text. */
static void read_field(FString *f, TextBuffer *text, NodeList *values)
{
    if (f->level >= 2) {
        parser_raise(f->p, SYNTAX_ERROR, "f-string: expressions nested too deeply");
    }
    const char *start = ++f->at;
    find_expression_end(f);
    AstNode *expression = parse_field(f, start, f->at);
    bool echoed = *f->at == '=';
    if (echoed) {
        f->at++;
        while (f->at < f->end && (is_blank(*f->at) || *f->at == '\r' || *f->at == '\v')) {
            f->at++;
        }
        text_append(f->p, text, start, (size_t)(f->at - start));
        if (f->at >= f->end) {
            raise_expecting_brace(f);
        }
    }
    int32_t conversion = read_conversion(f);
    if (f->at >= f->end) {
        raise_expecting_brace(f);
    }
    AstNode *spec = *f->at == ':' ? read_spec(f) : NULL;
    if (f->at >= f->end || *f->at != '}') {
        raise_expecting_brace(f);
    }
    f->at++;
    if (echoed && spec == NULL && conversion == -1) {
        conversion = 'r';
    }
    flush_text(f, text, values);
    AstNode *node = string_node(f->run, AST_FormattedValue);
    node->FormattedValue.value = expression;
    node->FormattedValue.conversion = conversion;
    node->FormattedValue.format_spec = spec;
    parser_append(f->p, values, node);
}

/* Reads literal pieces and fields to the end of the body, or of the spec. */
static void read_pieces(FString *f, TextBuffer *text, NodeList *values)
{
    for (;;) {
        if (!read_literal(f, text)) {
            continue;
        }
        if (f->at >= f->end || *f->at == '}') {
            break;
        }
        read_field(f, text, values);
    }
    if (f->level == 0 && f->at < f->end) {
        parser_raise(f->p, SYNTAX_ERROR, "f-string: unexpected end of string");
    }
}

void fstring_read(StringRun *run, const char *start, const char *end, bool raw)
{
    FString f = {.run = run, .p = run->p, .at = start, .end = end, .raw = raw};
    read_pieces(&f, &run->text, &run->values);
}
