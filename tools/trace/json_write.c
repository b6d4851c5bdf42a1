/*
 * Json: see json_write.h.
 */
#include "tools/trace/json_write.h"

#include <inttypes.h>
#include <string.h>

enum { INDENTED_DEPTH = 4 }; /* deeper values stay on their line */

/* The length of the UTF-8 sequence at p, 0 if it is none (cut, overlong, surrogate, too large). */
static int sequence_length(const unsigned char *p, const unsigned char *end)
{
    if (p[0] < 0x80) {
        return 1;
    }
    int n = p[0] >= 0xC2 && p[0] < 0xE0   ? 2
            : p[0] >= 0xE0 && p[0] < 0xF0 ? 3
            : p[0] >= 0xF0 && p[0] < 0xF5 ? 4
                                          : 0;
    if (end - p < n) {
        return 0;
    }
    for (int i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    bool wrong = (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] >= 0xA0) ||
                 (p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] >= 0x90);
    return wrong ? 0 : n;
}

static void put_string(FILE *out, const char *text, size_t size, bool in_html)
{
    fputc('"', out);
    const unsigned char *end = (const unsigned char *)text + size;
    for (const unsigned char *p = (const unsigned char *)text; p < end;) {
        int n = sequence_length(p, end);
        if (n == 0) {
            fputs("\\ufffd", out);
            n = 1;
        } else if (*p == '"' || *p == '\\') {
            fprintf(out, "\\%c", *p);
        } else if (*p < 0x20 || *p == 0x7F || (*p == '<' && in_html)) {
            fprintf(out, "\\u%04x", *p);
        } else {
            fwrite(p, 1, (size_t)n, out);
        }
        p += n;
    }
    fputc('"', out);
}

static void begin(Json *j, const char *key)
{
    if (!j->fresh) {
        fputs(j->depth <= INDENTED_DEPTH ? "," : ", ", j->out);
    }
    if (j->depth > 0 && j->depth <= INDENTED_DEPTH) {
        fprintf(j->out, "\n%*s", (int)j->depth, "");
    }
    j->fresh = false;
    if (key != NULL) {
        put_string(j->out, key, strlen(key), false);
        fputs(": ", j->out);
    }
}

void json_open(Json *j, const char *key, char bracket)
{
    begin(j, key);
    fputc(bracket, j->out);
    j->depth++;
    j->fresh = true;
}

void json_close(Json *j, char bracket)
{
    j->depth--;
    if (!j->fresh && j->depth < INDENTED_DEPTH) {
        fprintf(j->out, "\n%*s", (int)j->depth, "");
    }
    fputc(bracket, j->out);
    j->fresh = false;
}

void json_text(Json *j, const char *key, const char *text)
{
    json_text_n(j, key, text, text != NULL ? strlen(text) : 0);
}

void json_text_n(Json *j, const char *key, const char *text, size_t size)
{
    begin(j, key);
    if (text != NULL) {
        put_string(j->out, text, size, j->in_html);
    } else {
        fputs("null", j->out);
    }
}

void json_bytes(Json *j, const char *key, const uint8_t *bytes, uint32_t count)
{
    begin(j, key);
    fputc('"', j->out);
    for (uint32_t i = 0; i < count; i++) {
        fprintf(j->out, "%02x", bytes[i]);
    }
    fputc('"', j->out);
}

void json_number(Json *j, const char *key, uint64_t n)
{
    begin(j, key);
    fprintf(j->out, "%" PRIu64, n);
}

void json_signed(Json *j, const char *key, int64_t n)
{
    begin(j, key);
    fprintf(j->out, "%" PRId64, n);
}

void json_index(Json *j, const char *key, uint32_t n)
{
    if (n == UINT32_MAX) {
        json_null(j, key);
    } else {
        json_number(j, key, n);
    }
}

void json_bool(Json *j, const char *key, bool b)
{
    begin(j, key);
    fputs(b ? "true" : "false", j->out);
}

void json_null(Json *j, const char *key)
{
    begin(j, key);
    fputs("null", j->out);
}

void json_address(Json *j, const char *key, uint64_t address)
{
    begin(j, key);
    fprintf(j->out, "\"0x%" PRIx64 "\"", address);
}
