/* source.c - bytes to text: BOM, coding cookie (PEP 263), line ends, validity.
 *
 * The result is UTF-8 with '\n' line ends and, for a module, a '\n' at the end. Known codecs are
 * utf-8, latin-1 and ascii under the names CPython folds together; others are refused with CPython's
 * words for an unknown encoding. The cookie must stand in a comment in line 1, or in line 2 if line 1
 * holds nothing but a comment.
 * Threads: a Frontend belongs to one parse.
 */
#include <string.h>

#include "interp/frontend/frontend.h"

typedef enum Codec { CODEC_UTF8, CODEC_LATIN1, CODEC_ASCII, CODEC_UNKNOWN } Codec;

enum { COOKIE_MAX = 64 };

/* Gives the length of a line without its end, and the start of the next line (NULL: none). */
static size_t line_length(const char *line, const char *end, const char **next)
{
    const char *at = line;
    while (at < end && *at != '\n' && *at != '\r') {
        at++;
    }
    size_t size_bytes = (size_t)(at - line);
    *next = NULL;
    if (at < end) {
        at += at[0] == '\r' && at + 1 < end && at[1] == '\n' ? 2 : 1;
        *next = at;
    }
    return size_bytes;
}

static bool is_cookie_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

/* Finds a cookie in one line. *blank: the line has nothing but a comment. */
static bool find_cookie(const char *line, size_t size_bytes, char *name, bool *blank)
{
    size_t i = 0;
    while (i < size_bytes && (line[i] == ' ' || line[i] == '\t' || line[i] == '\f')) {
        i++;
    }
    *blank = i == size_bytes || line[i] == '#';
    if (!*blank) {
        return false;
    }
    for (; i + 6 < size_bytes; i++) {
        if (memcmp(line + i, "coding", 6) != 0 || (line[i + 6] != ':' && line[i + 6] != '=')) {
            continue;
        }
        size_t at = i + 7;
        while (at < size_bytes && (line[at] == ' ' || line[at] == '\t')) {
            at++;
        }
        size_t length = 0;
        while (at + length < size_bytes && is_cookie_char(line[at + length])) {
            length++;
        }
        if (length > 0) {
            length = length < COOKIE_MAX - 1 ? length : COOKIE_MAX - 1;
            memcpy(name, line + at, length);
            name[length] = '\0';
            return true;
        }
    }
    return false;
}

/* Tells whether a folded name is `codec`, or `codec` with a suffix after a dash. */
static bool names_codec(const char *folded, const char *codec)
{
    size_t size_bytes = strlen(codec);
    return strncmp(folded, codec, size_bytes) == 0 &&
           (folded[size_bytes] == '\0' || folded[size_bytes] == '-');
}

static Codec codec_of(const char *name)
{
    char folded[COOKIE_MAX];
    size_t i = 0;
    for (; name[i] != '\0'; i++) {
        char c = name[i];
        folded[i] = (char)(c == '_' ? '-' : c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    folded[i] = '\0';
    if (names_codec(folded, "utf-8") || strcmp(folded, "utf8") == 0) {
        return CODEC_UTF8;
    }
    if (names_codec(folded, "latin-1") || names_codec(folded, "iso-8859-1") ||
        names_codec(folded, "iso-latin-1") || strcmp(folded, "latin1") == 0 ||
        strcmp(folded, "iso8859-1") == 0) {
        return CODEC_LATIN1;
    }
    if (strcmp(folded, "ascii") == 0 || strcmp(folded, "us-ascii") == 0) {
        return CODEC_ASCII;
    }
    return CODEC_UNKNOWN;
}

/* Finds out the codec from BOM and cookie; moves *source behind the BOM. */
static Codec find_codec(Frontend *frontend, const char **source, const char *end, bool *declared)
{
    bool bom = end - *source >= 3 && memcmp(*source, "\xEF\xBB\xBF", 3) == 0;
    if (bom) {
        *source += 3;
    }
    char name[COOKIE_MAX];
    bool blank;
    const char *second;
    size_t size_bytes = line_length(*source, end, &second);
    bool found = find_cookie(*source, size_bytes, name, &blank);
    if (!found && blank && second != NULL) {
        const char *third;
        size_bytes = line_length(second, end, &third);
        found = find_cookie(second, size_bytes, name, &blank);
    }
    *declared = bom || found;
    if (!found) {
        return CODEC_UTF8;
    }
    Codec codec = codec_of(name);
    if (codec == CODEC_UNKNOWN) {
        frontend_raise_column(frontend, 0, -1, NULL, "encoding problem: %s", name);
    }
    /* Behind a BOM CPython knows only the spelling with a dash. */
    if (bom && (codec != CODEC_UTF8 || strchr("-_", name[3]) == NULL)) {
        frontend_raise_column(frontend, 0, -1, NULL, "encoding problem: %s with BOM",
                              codec == CODEC_LATIN1 ? "iso-8859-1" : name);
    }
    return codec;
}

/* Gives the bytes of the valid UTF-8 sequence at `at`, or 0. */
static size_t valid_sequence(const unsigned char *at, const unsigned char *end)
{
    size_t size_bytes;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    if (at[0] < 0x80) {
        return 1;
    }
    if (at[0] >= 0xC2 && at[0] <= 0xDF) {
        size_bytes = 2;
    } else if ((at[0] & 0xF0) == 0xE0) {
        size_bytes = 3;
        low = at[0] == 0xE0 ? 0xA0 : low;
        high = at[0] == 0xED ? 0x9F : high; /* no surrogates */
    } else if (at[0] >= 0xF0 && at[0] <= 0xF4) {
        size_bytes = 4;
        low = at[0] == 0xF0 ? 0x90 : low;
        high = at[0] == 0xF4 ? 0x8F : high;
    } else {
        return 0;
    }
    if ((size_t)(end - at) < size_bytes || at[1] < low || at[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < size_bytes; i++) {
        if (at[i] < 0x80 || at[i] > 0xBF) {
            return 0;
        }
    }
    return size_bytes;
}

[[noreturn]] static void raise_undecodable(Frontend *frontend, Codec codec, bool declared,
                                           unsigned char byte, int32_t lineno)
{
    if (codec == CODEC_ASCII) {
        frontend_raise_column(frontend, 0, -1, NULL, "encoding problem: ascii");
    }
    if (declared) {
        frontend_raise_column(frontend, lineno, 1, NULL,
                              "(unicode error) 'utf-8' codec can't decode byte 0x%02x", byte);
    }
    frontend_raise_column(frontend, 0, -1, NULL,
                          "Non-UTF-8 code starting with '\\x%02x' in file %s on line %d, but no "
                          "encoding declared; see https://peps.python.org/pep-0263/ for details",
                          byte, frontend->file_name, lineno);
}

/* Copies one character, checked, to *to; gives the bytes read. */
static size_t copy_character(Frontend *frontend, Codec codec, bool declared, const char *at,
                             const char *end, char **to, int32_t lineno)
{
    unsigned char byte = (unsigned char)*at;
    if (byte < 0x80) {
        *(*to)++ = *at;
        return 1;
    }
    if (codec == CODEC_LATIN1) {
        *to += unicode_encode(byte, *to);
        return 1;
    }
    size_t size_bytes = codec == CODEC_ASCII
                            ? 0
                            : valid_sequence((const unsigned char *)at, (const unsigned char *)end);
    if (size_bytes == 0) {
        raise_undecodable(frontend, codec, declared, byte, lineno);
    }
    memcpy(*to, at, size_bytes);
    *to += size_bytes;
    return size_bytes;
}

void frontend_decode(Frontend *frontend, const char *source, size_t size_bytes)
{
    const char *end = source + size_bytes;
    bool declared;
    Codec codec = find_codec(frontend, &source, end, &declared);
    size_bytes = (size_t)(end - source);
    if (size_bytes > INT32_MAX / 2) { /* lines and columns are 32 bit */
        frontend_raise_memory(frontend);
    }
    size_t room = (codec == CODEC_LATIN1 ? 2 * size_bytes : size_bytes) + 2;
    char *text = frontend_scratch(frontend, room);
    char *to = text;
    int32_t lineno = 1;
    frontend->source = text;
    for (const char *at = source; at < end;) {
        if (*at == '\0') {
            frontend_raise_column(frontend, lineno, 1, frontend_line(frontend, lineno),
                                  "source code cannot contain null bytes");
        }
        if (*at == '\r' || *at == '\n') {
            at += *at == '\r' && at + 1 < end && at[1] == '\n' ? 2 : 1;
            *to++ = '\n';
            lineno++;
            continue;
        }
        at += copy_character(frontend, codec, declared, at, end, &to, lineno);
    }
    if (frontend->mode == PARSE_EXEC && to > text && to[-1] != '\n') {
        *to++ = '\n';
    }
    *to = '\0';
    frontend->source_bytes = (size_t)(to - text);
}
