/* strings.c - string literals: prefixes, escapes, adjacent literals joined.
 *
 * Text is UTF-8 throughout; an escaped surrogate becomes its 3-byte form and two of them are never
 * joined. Positions in error messages count as CPython's decoder sees them: each non-ASCII character
 * of a literal with a backslash in it stands there as a ten-character escape.
 * Characters by name (\N{...}) are known where the name follows from a rule (ideographs); other names
 * need the character database, which the frontend does not have: refused with words that say so.
 * Threads: a parser belongs to one parse.
 */
#include "interp/frontend/string_run.h"

#include <string.h>

void text_append(Parser *p, TextBuffer *text, const char *bytes, size_t size_bytes)
{
    if (size_bytes == 0) {
        return;
    }
    if (text->capacity - text->count < size_bytes) {
        size_t capacity = text->capacity * 2 + size_bytes + 32;
        char *grown = frontend_scratch(p->frontend, capacity);
        if (text->count > 0) {
            memcpy(grown, text->bytes, text->count);
        }
        text->bytes = grown;
        text->capacity = capacity;
    }
    memcpy(text->bytes + text->count, bytes, size_bytes);
    text->count += size_bytes;
}

void text_append_code(Parser *p, TextBuffer *text, int32_t code)
{
    char bytes[4];
    int32_t size_bytes = unicode_encode(code, bytes);
    text_append(p, text, bytes, (size_t)size_bytes);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The state of decoding one literal; at and end are source text. */
typedef struct Decoder {
    Parser *p;
    TextBuffer *text;
    const char *start;
    const char *at;
    const char *end;
} Decoder;

/* Gives a position as CPython's decoder counts it. */
static size_t decoder_position(const Decoder *decoder, const char *place)
{
    size_t position = 0;
    for (const char *c = decoder->start; c < place; c++) {
        unsigned char byte = (unsigned char)*c;
        position += byte < 0x80 ? 1 : (byte & 0xC0) == 0x80 ? 0 : 10;
    }
    return position;
}

[[noreturn]] static void raise_escape(const Decoder *decoder, const char *backslash,
                                      const char *problem)
{
    size_t from = decoder_position(decoder, backslash);
    size_t to = decoder_position(decoder, decoder->at) - 1;
    if (from == to) {
        parser_raise(decoder->p, SYNTAX_ERROR,
                     "(unicode error) 'unicodeescape' codec can't decode byte 0x5c in position "
                     "%zu: %s",
                     from, problem);
    }
    parser_raise(decoder->p, SYNTAX_ERROR,
                 "(unicode error) 'unicodeescape' codec can't decode bytes in position %zu-%zu: %s",
                 from, to, problem);
}

static void decode_hex(Decoder *decoder, const char *backslash, int digits, const char *problem)
{
    int64_t code = 0;
    for (int i = 0; i < digits; i++) {
        int value = decoder->at < decoder->end ? hex_value(*decoder->at) : -1;
        if (value < 0) {
            raise_escape(decoder, backslash, problem);
        }
        code = code * 16 + value;
        decoder->at++;
    }
    if (code > 0x10FFFF) {
        raise_escape(decoder, backslash, "illegal Unicode character");
    }
    text_append_code(decoder->p, decoder->text, (int32_t)code);
}

/* Gives the code point of a name made by rule, -1 for other names. */
static int32_t code_of_name(const char *name, size_t size_bytes)
{
    static const char prefix[] = "CJK UNIFIED IDEOGRAPH-";
    size_t prefix_bytes = sizeof(prefix) - 1;
    if (size_bytes != prefix_bytes + 4 && size_bytes != prefix_bytes + 5) {
        return -1;
    }
    for (size_t i = 0; i < prefix_bytes; i++) {
        char c = name[i] >= 'a' && name[i] <= 'z' ? (char)(name[i] - 32) : name[i];
        if (c != prefix[i]) {
            return -1;
        }
    }
    int32_t code = 0;
    for (size_t i = prefix_bytes; i < size_bytes; i++) {
        int value = hex_value(name[i]);
        if (value < 0) {
            return -1;
        }
        code = code * 16 + value;
    }
    bool ideograph = (code >= 0x3400 && code <= 0x4DBF) || (code >= 0x4E00 && code <= 0x9FFF) ||
                     (code >= 0x20000 && code <= 0x2A6DF) || (code >= 0x2A700 && code <= 0x2B738) ||
                     (code >= 0x2B740 && code <= 0x2B81D) || (code >= 0x2B820 && code <= 0x2CEA1) ||
                     (code >= 0x2CEB0 && code <= 0x2EBE0) || (code >= 0x30000 && code <= 0x3134A);
    return ideograph ? code : -1;
}

static void decode_named(Decoder *decoder, const char *backslash)
{
    static const char malformed[] = "malformed \\N character escape";
    if (decoder->at >= decoder->end || *decoder->at != '{') {
        raise_escape(decoder, backslash, malformed);
    }
    const char *name = ++decoder->at;
    while (decoder->at < decoder->end && *decoder->at != '}') {
        decoder->at++;
    }
    if (decoder->at >= decoder->end || decoder->at == name) {
        raise_escape(decoder, backslash, malformed);
    }
    size_t size_bytes = (size_t)(decoder->at - name);
    int32_t code = code_of_name(name, size_bytes);
    decoder->at++;
    if (code < 0) {
        parser_raise(decoder->p, SYNTAX_ERROR,
                     "Adder has no table of character names yet: \\N{%.*s}",
                     (int)(size_bytes < 100 ? size_bytes : 100), name);
    }
    text_append_code(decoder->p, decoder->text, code);
}

/* Gives the character that a one-letter escape stands for, -1 if there is none. */
static int simple_escape(char c)
{
    switch (c) {
    case '\\':
    case '\'':
    case '"': return c;
    case 'a': return 7;
    case 'b': return 8;
    case 't': return 9;
    case 'n': return 10;
    case 'v': return 11;
    case 'f': return 12;
    case 'r': return 13;
    default: return -1;
    }
}

/* Reads an octal escape whose first digit has been read. */
static int decode_octal(Decoder *decoder, char first)
{
    int code = first - '0';
    for (int i = 0; i < 2 && decoder->at < decoder->end; i++) {
        if (*decoder->at < '0' || *decoder->at > '7') {
            break;
        }
        code = code * 8 + (*decoder->at++ - '0');
    }
    return code;
}

/* Decodes one escape; decoder->at is behind the backslash. */
static void decode_escape(Decoder *decoder)
{
    const char *backslash = decoder->at - 1;
    if (decoder->at >= decoder->end) {
        text_append(decoder->p, decoder->text, "\\", 1); /* before the brace of a field */
        return;
    }
    char c = *decoder->at++;
    int simple = simple_escape(c);
    if (simple >= 0) {
        text_append_code(decoder->p, decoder->text, simple);
        return;
    }
    switch (c) {
    case '\n': return;
    case 'x': decode_hex(decoder, backslash, 2, "truncated \\xXX escape"); return;
    case 'u': decode_hex(decoder, backslash, 4, "truncated \\uXXXX escape"); return;
    case 'U': decode_hex(decoder, backslash, 8, "truncated \\UXXXXXXXX escape"); return;
    case 'N': decode_named(decoder, backslash); return;
    default: break;
    }
    if (c >= '0' && c <= '7') {
        text_append_code(decoder->p, decoder->text, decode_octal(decoder, c));
        return;
    }
    decoder->at--; /* unknown: the backslash stays */
    text_append(decoder->p, decoder->text, "\\", 1);
}

void string_decode(Parser *p, TextBuffer *text, const char *start, const char *end, bool raw)
{
    Decoder decoder = {p, text, start, start, end};
    while (decoder.at < end) {
        const char *from = decoder.at;
        const char *backslash = raw ? NULL : memchr(from, '\\', (size_t)(end - from));
        decoder.at = backslash == NULL ? end : backslash;
        text_append(p, text, from, (size_t)(decoder.at - from));
        if (backslash != NULL) {
            decoder.at++;
            decode_escape(&decoder);
        }
    }
}

static void decode_bytes(Parser *p, TextBuffer *text, const char *start, const char *end, bool raw)
{
    Decoder decoder = {p, text, start, start, end};
    while (decoder.at < end) {
        char c = *decoder.at++;
        if (c != '\\' || raw) {
            text_append(p, text, &c, 1);
            continue;
        }
        c = *decoder.at++; /* a literal never ends in a lone backslash */
        int simple = simple_escape(c);
        if (simple >= 0) {
            char value = (char)simple;
            text_append(p, text, &value, 1);
        } else if (c >= '0' && c <= '7') {
            char value = (char)decode_octal(&decoder, c);
            text_append(p, text, &value, 1);
        } else if (c == 'x') {
            int high = decoder.at < end ? hex_value(decoder.at[0]) : -1;
            int low = high >= 0 && decoder.at + 1 < end ? hex_value(decoder.at[1]) : -1;
            if (low < 0) {
                parser_raise(p, SYNTAX_ERROR, "(value error) invalid \\x escape at position %td",
                             decoder.at - 2 - start);
            }
            char value = (char)(high * 16 + low);
            text_append(p, text, &value, 1);
            decoder.at += 2;
        } else if (c != '\n') {
            char kept[2] = {'\\', c};
            text_append(p, text, kept, 2);
        }
    }
}

AstNode *string_node(StringRun *run, AstKind kind)
{
    AstNode *node = parser_bare_node(run->p, kind);
    node->lineno = run->first->lineno;
    node->col_offset = run->first->col;
    node->end_lineno = run->last->end_lineno;
    node->end_col_offset = run->last->end_col;
    return node;
}

static AstNode *finish_constant(StringRun *run, AstConstKind kind)
{
    AstNode *node = string_node(run, AST_Constant);
    char *bytes = frontend_alloc(run->p->frontend, run->text.count + 1);
    if (run->text.count > 0) {
        memcpy(bytes, run->text.bytes, run->text.count);
    }
    node->Constant.value.kind = kind;
    node->Constant.value.bytes = bytes;
    node->Constant.value.size_bytes = run->text.count;
    run->text.count = 0;
    return node;
}

AstNode *string_constant(StringRun *run)
{
    AstNode *node = finish_constant(run, AST_CONST_STR);
    node->Constant.kind = run->first->start[0] == 'u';
    return node;
}

typedef struct Prefix {
    bool raw;
    bool bytes;
    bool formatted;
} Prefix;

/* Finds the body of a literal between its quotes. */
static Prefix split_literal(const Token *token, const char **start, const char **end)
{
    Prefix prefix = {0};
    const char *at = token->start;
    for (; *at != '\'' && *at != '"'; at++) {
        prefix.raw = prefix.raw || *at == 'r' || *at == 'R';
        prefix.bytes = prefix.bytes || *at == 'b' || *at == 'B';
        prefix.formatted = prefix.formatted || *at == 'f' || *at == 'F';
    }
    bool triple = token->end - at >= 6 && at[1] == at[0] && at[2] == at[0];
    *start = at + (triple ? 3 : 1);
    *end = token->end - (triple ? 3 : 1);
    return prefix;
}

static void read_literal(StringRun *run, Prefix prefix, const char *start, const char *end)
{
    Parser *p = run->p;
    if (prefix.formatted) {
        run->formatted = true;
        fstring_read(run, start, end, prefix.raw);
    } else if (prefix.bytes) {
        decode_bytes(p, &run->text, start, end, prefix.raw);
    } else {
        string_decode(p, &run->text, start, end, prefix.raw);
    }
}

AstNode *parser_strings(Parser *p)
{
    int32_t from = p->mark;
    while (parser_at(p, TOKEN_STRING)) {
        p->mark++;
    }
    StringRun run = {.p = p, .first = p->tokens[from], .last = p->tokens[p->mark - 1]};
    bool bytes = false;
    for (int32_t i = from; i < p->mark; i++) {
        const char *start;
        const char *end;
        run.token = p->tokens[i];
        Prefix prefix = split_literal(run.token, &start, &end);
        for (const char *at = start; prefix.bytes && at < end; at++) {
            if ((unsigned char)*at >= 0x80) {
                parser_raise_token(p, run.token, "bytes can only contain ASCII literal characters");
            }
        }
        if (i > from && prefix.bytes != bytes) {
            parser_raise(p, SYNTAX_ERROR, "cannot mix bytes and nonbytes literals");
        }
        bytes = prefix.bytes;
        read_literal(&run, prefix, start, end);
    }
    if (!run.formatted) {
        return bytes ? finish_constant(&run, AST_CONST_BYTES) : string_constant(&run);
    }
    if (run.text.count > 0) {
        parser_append(p, &run.values, string_constant(&run));
    }
    AstNode *node = string_node(&run, AST_JoinedStr);
    node->JoinedStr.values = parser_seq(p, &run.values);
    return node;
}
