/* unicode.c - code points: UTF-8, identifier classes, printability, NFKC.
 *
 * utf8proc gives the general category, from which Unicode derives XID_Start and XID_Continue; the
 * short lists below are the standard's Other_ID_* characters and those that XID excludes because
 * they change under NFKC. A test compares all 1,114,112 code points with Python's own answer; only
 * characters newer than Python 3.11's Unicode 14 may differ.
 * Threads: pure functions, but unicode_intern, which belongs to one parse.
 */
#include <string.h>
#include <utf8proc.h>

#include "interp/frontend/frontend.h"

int32_t unicode_decode(const char *bytes, int32_t *size_bytes)
{
    const unsigned char *b = (const unsigned char *)bytes;
    if (b[0] < 0x80) {
        *size_bytes = 1;
        return b[0];
    }
    if (b[0] < 0xE0) {
        *size_bytes = 2;
        return ((b[0] & 0x1F) << 6) | (b[1] & 0x3F);
    }
    if (b[0] < 0xF0) {
        *size_bytes = 3;
        return ((b[0] & 0x0F) << 12) | ((b[1] & 0x3F) << 6) | (b[2] & 0x3F);
    }
    *size_bytes = 4;
    return ((b[0] & 0x07) << 18) | ((b[1] & 0x3F) << 12) | ((b[2] & 0x3F) << 6) | (b[3] & 0x3F);
}

int32_t unicode_encode(int32_t code, char *bytes)
{
    if (code < 0x80) {
        bytes[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        bytes[0] = (char)(0xC0 | (code >> 6));
        bytes[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        bytes[0] = (char)(0xE0 | (code >> 12));
        bytes[1] = (char)(0x80 | ((code >> 6) & 0x3F));
        bytes[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    bytes[0] = (char)(0xF0 | (code >> 18));
    bytes[1] = (char)(0x80 | ((code >> 12) & 0x3F));
    bytes[2] = (char)(0x80 | ((code >> 6) & 0x3F));
    bytes[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

static bool in_list(int32_t code, const int32_t (*ranges)[2], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (code >= ranges[i][0] && code <= ranges[i][1]) {
            return true;
        }
    }
    return false;
}

#define IN_LIST(code, list) in_list((code), (list), sizeof(list) / sizeof((list)[0]))

/* Not in XID_* though in ID_*: their NFKC form would not be an identifier. */
static const int32_t start_excluded[][2] = {
    {0x037A, 0x037A}, {0x0E33, 0x0E33}, {0x0EB3, 0x0EB3}, {0x309B, 0x309C}, {0xFC5E, 0xFC63},
    {0xFDFA, 0xFDFB}, {0xFE70, 0xFE70}, {0xFE72, 0xFE72}, {0xFE74, 0xFE74}, {0xFE76, 0xFE76},
    {0xFE78, 0xFE78}, {0xFE7A, 0xFE7A}, {0xFE7C, 0xFE7C}, {0xFE7E, 0xFE7E}, {0xFF9E, 0xFF9F},
};
static const int32_t continue_excluded[][2] = {
    {0x037A, 0x037A}, {0x309B, 0x309C}, {0xFC5E, 0xFC63}, {0xFDFA, 0xFDFB},
    {0xFE70, 0xFE70}, {0xFE72, 0xFE72}, {0xFE74, 0xFE74}, {0xFE76, 0xFE76},
    {0xFE78, 0xFE78}, {0xFE7A, 0xFE7A}, {0xFE7C, 0xFE7C}, {0xFE7E, 0xFE7E},
};
/* Other_ID_Start, Other_ID_Continue; and the pattern syntax that U+2E2F would otherwise escape. */
static const int32_t other_start[][2] = {{0x1885, 0x1886}, {0x2118, 0x2118}, {0x212E, 0x212E}};
static const int32_t other_continue[][2] = {{0x00B7, 0x00B7},
                                            {0x0387, 0x0387},
                                            {0x1369, 0x1371},
                                            {0x19DA, 0x19DA}};

static bool is_id_start(int32_t code)
{
    if (code == 0x2E2F) {
        return false;
    }
    switch (utf8proc_category(code)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_NL: return true;
    default: return IN_LIST(code, other_start);
    }
}

bool unicode_is_name_start(int32_t code)
{
    if (code < 128) {
        return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') || code == '_';
    }
    return is_id_start(code) && !IN_LIST(code, start_excluded);
}

bool unicode_is_name_continue(int32_t code)
{
    if (code < 128) {
        return unicode_is_name_start(code) || (code >= '0' && code <= '9');
    }
    if (IN_LIST(code, continue_excluded)) {
        return false;
    }
    switch (utf8proc_category(code)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_PC: return true;
    default: return is_id_start(code) || IN_LIST(code, other_continue);
    }
}

bool unicode_is_printable(int32_t code)
{
    switch (utf8proc_category(code)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return false;
    case UTF8PROC_CATEGORY_ZS: return code == ' ';
    default: return true;
    }
}

/* Gives the NFKC of valid UTF-8 in a scratch block; the code points are decomposed, put in order and
 * composed in place, all in memory of this parse. */
static const char *normalize(Frontend *frontend, const char *bytes, size_t *size_bytes)
{
    const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT;
    const utf8proc_uint8_t *text = (const utf8proc_uint8_t *)bytes;
    utf8proc_ssize_t length = (utf8proc_ssize_t)*size_bytes;
    utf8proc_ssize_t codes = utf8proc_decompose(text, length, NULL, 0, options);
    if (codes < 0) {
        frontend_raise_memory(frontend);
    }
    utf8proc_int32_t *buffer = frontend_scratch(frontend, ((size_t)codes + 1) * sizeof(*buffer));
    utf8proc_decompose(text, length, buffer, codes, options);
    utf8proc_ssize_t written = utf8proc_reencode(buffer, codes, options);
    if (written < 0) {
        frontend_raise_memory(frontend);
    }
    *size_bytes = (size_t)written;
    return (const char *)buffer;
}

AstIdent *unicode_intern(Frontend *frontend, const char *bytes, size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes; i++) {
        if ((unsigned char)bytes[i] >= 128) {
            bytes = normalize(frontend, bytes, &size_bytes);
            break;
        }
    }
    AstIdent *name = ast_intern(frontend->ast, bytes, size_bytes);
    if (name == NULL) {
        frontend_raise_memory(frontend);
    }
    return name;
}
