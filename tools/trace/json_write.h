/*
 * Json: writes JSON to a stream: commas, indentation and escapes.
 *
 * Objects and arrays are opened and closed in pairs; within an object each value has a key, within an
 * array key is NULL.  Text that is no UTF-8 has U+FFFD for each wrong byte.
 *
 * Threads: one writer.
 */
#ifndef ADDER_TOOLS_TRACE_JSON_WRITE_H
#define ADDER_TOOLS_TRACE_JSON_WRITE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct Json {
    FILE *out;
    uint32_t depth;
    bool fresh;   /* nothing was written yet in the innermost object or array */
    bool in_html; /* "<" is escaped: the text may stand in a script element */
} Json;

void json_open(Json *j, const char *key, char bracket);     /* '{' or '[' */
void json_close(Json *j, char bracket);                     /* '}' or ']' */
void json_text(Json *j, const char *key, const char *text); /* NULL: null */
void json_text_n(Json *j, const char *key, const char *text, size_t size);
void json_bytes(Json *j, const char *key, const uint8_t *bytes, uint32_t count); /* as hex */
void json_number(Json *j, const char *key, uint64_t n);
void json_signed(Json *j, const char *key, int64_t n);
/* A number where IR_NONE means null. */
void json_index(Json *j, const char *key, uint32_t n);
void json_bool(Json *j, const char *key, bool b);
void json_null(Json *j, const char *key);
void json_address(Json *j, const char *key, uint64_t address); /* "0x..." */

#endif
