/* dump.c - a tree as text, exactly as Python's ast.dump(tree, include_attributes=True) prints it.
 *
 * For tests (two parsers, one text to compare) and for debugging. Walks any node by a table of fields
 * made from ast.def. Numbers and strings are printed as Python's repr would, so their values are
 * compared, not their spelling.
 * Threads: reads a finished tree; any number at a time.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interp/frontend/frontend.h"
#include "interp/frontend/parse.h"
#include "runtime/memory.h"

enum { DUMP_MAX_DEPTH = 5000 };

typedef enum FieldType : uint8_t {
    FIELD_IDENT,
    FIELD_IDENT_OPT,
    FIELD_NODE,
    FIELD_NODE_OPT,
    FIELD_SEQ,
    FIELD_IDENTS,
    FIELD_INT,
    FIELD_OP,
    FIELD_OPS,
    FIELD_CTX,
    FIELD_CONST,
    FIELD_UFLAG,
} FieldType;

typedef struct Field {
    AstKind kind;
    FieldType type;
    uint8_t offset;
    const char *name;
} Field;

/* All fields of all kinds, in the order of ast.def. */
static const Field fields[] = {
#define AST_BEGIN(Kind, group, positions)
#define AST_FIELD(Kind, type, name) \
    {AST_##Kind, FIELD_##type, (uint8_t)offsetof(AstNode, Kind.name), #name},
#define AST_END(Kind)
#include "interp/frontend/ast.def"
};

static const bool has_positions[] = {
#define AST_BEGIN(Kind, group, positions) positions,
#define AST_FIELD(Kind, type, name)
#define AST_END(Kind)
#include "interp/frontend/ast.def"
};

/* Growing output; after a failed allocation nothing more is written. */
typedef struct Output {
    char *bytes;
    size_t count;
    size_t capacity;
    int depth;
    bool failed;
    uint16_t first_field[AST_KIND_COUNT];
} Output;

static void put_bytes(Output *out, const char *bytes, size_t size_bytes)
{
    if (out->failed) {
        return;
    }
    if (out->capacity - out->count <= size_bytes) {
        size_t capacity = out->capacity * 2 + size_bytes + 256;
        char *grown = rt_realloc(out->bytes, capacity);
        if (grown == NULL) {
            out->failed = true;
            return;
        }
        out->bytes = grown;
        out->capacity = capacity;
    }
    memcpy(out->bytes + out->count, bytes, size_bytes);
    out->count += size_bytes;
    out->bytes[out->count] = '\0';
}

static void put(Output *out, const char *text) { put_bytes(out, text, strlen(text)); }

static void put_int(Output *out, int64_t value)
{
    char text[32];
    snprintf(text, sizeof(text), "%" PRId64, value);
    put(out, text);
}

/* ---- constants ---- */

static int digit_value(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

/* Prints digits of another base in decimal: limbs of 9 decimal digits, lowest first. */
static void put_converted(Output *out, const char *digits, size_t count, int base)
{
    size_t room = count / 7 + 2;
    uint32_t *limbs = rt_calloc(room, sizeof(uint32_t));
    if (limbs == NULL) {
        out->failed = true;
        return;
    }
    size_t used = 1;
    for (size_t i = 0; i < count; i++) {
        uint64_t carry = (uint64_t)digit_value(digits[i]);
        for (size_t k = 0; k < used; k++) {
            uint64_t value = (uint64_t)limbs[k] * (uint64_t)base + carry;
            limbs[k] = (uint32_t)(value % 1000000000u);
            carry = value / 1000000000u;
        }
        if (carry != 0) {
            limbs[used++] = (uint32_t)carry;
        }
    }
    char text[16];
    snprintf(text, sizeof(text), "%u", limbs[used - 1]);
    put(out, text);
    for (size_t k = used - 1; k > 0; k--) {
        snprintf(text, sizeof(text), "%09u", limbs[k - 1]);
        put(out, text);
    }
    rt_free(limbs);
}

/* Writes the shortest digits that read back as `value` (finite, not negative), and the exponent of
 * the first digit. */
static int shortest_digits(double value, char *digits)
{
    char text[40];
    for (int precision = 0; precision <= 16; precision++) {
        snprintf(text, sizeof(text), "%.*e", precision, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    size_t count = 0;
    const char *at = text;
    for (; *at != 'e'; at++) {
        if (*at != '.') {
            digits[count++] = *at;
        }
    }
    while (count > 1 && digits[count - 1] == '0') {
        count--;
    }
    digits[count] = '\0';
    return atoi(at + 1);
}

/* Prints a float as repr does; `bare`: without ".0" behind a whole number (imaginary parts). */
static void put_float(Output *out, double value, bool bare)
{
    if (isinf(value)) {
        put(out, "inf");
        return;
    }
    char digits[40];
    int exponent = shortest_digits(value, digits);
    int count = (int)strlen(digits);
    char text[80];
    if (exponent < -4 || exponent >= 16) {
        snprintf(text, sizeof(text), "%c%s%se%c%02d", digits[0], count > 1 ? "." : "", digits + 1,
                 exponent < 0 ? '-' : '+', abs(exponent));
    } else if (exponent < 0) {
        snprintf(text, sizeof(text), "0.%.*s%s", -exponent - 1, "0000", digits);
    } else if (count <= exponent + 1) {
        snprintf(text, sizeof(text), "%s%.*s%s", digits, exponent + 1 - count, "0000000000000000",
                 bare ? "" : ".0");
    } else {
        snprintf(text, sizeof(text), "%.*s.%s", exponent + 1, digits, digits + exponent + 1);
    }
    put(out, text);
}

static void put_code(Output *out, int32_t code, char quote, bool bytes)
{
    char text[16];
    int32_t size_bytes;
    if (code == '\n' || code == '\r' || code == '\t') {
        put(out, code == '\n' ? "\\n" : code == '\r' ? "\\r" : "\\t");
        return;
    }
    if (code == quote || code == '\\') {
        text[0] = '\\';
        text[1] = (char)code;
        size_bytes = 2;
    } else if (code >= ' ' && code < 0x7f) {
        text[0] = (char)code;
        size_bytes = 1;
    } else if (!bytes && code >= 0x80 && unicode_is_printable(code)) {
        size_bytes = unicode_encode(code, text);
    } else {
        const char *format = code < 0x100 ? "\\x%02x" : code < 0x10000 ? "\\u%04x" : "\\U%08x";
        size_bytes = snprintf(text, sizeof(text), format, (unsigned)code);
    }
    put_bytes(out, text, (size_t)size_bytes);
}

static void put_quoted(Output *out, const char *text, size_t size_bytes, bool bytes)
{
    bool single = memchr(text, '\'', size_bytes) != NULL;
    bool twice = memchr(text, '"', size_bytes) != NULL;
    char quote = single && !twice ? '"' : '\'';
    put(out, bytes ? "b" : "");
    put_bytes(out, &quote, 1);
    for (size_t i = 0; i < size_bytes;) {
        int32_t taken = 1;
        int32_t code = bytes ? (unsigned char)text[i] : unicode_decode(text + i, &taken);
        put_code(out, code, quote, bytes);
        i += (size_t)taken;
    }
    put_bytes(out, &quote, 1);
}

static void put_constant(Output *out, const AstConst *value)
{
    switch (value->kind) {
    case AST_CONST_NONE: put(out, "None"); break;
    case AST_CONST_TRUE: put(out, "True"); break;
    case AST_CONST_FALSE: put(out, "False"); break;
    case AST_CONST_ELLIPSIS: put(out, "Ellipsis"); break;
    case AST_CONST_INT:
        if (value->base == 10) {
            put_bytes(out, value->bytes, value->size_bytes);
        } else {
            put_converted(out, value->bytes, value->size_bytes, value->base);
        }
        break;
    case AST_CONST_FLOAT: put_float(out, value->number, false); break;
    case AST_CONST_IMAGINARY:
        put_float(out, value->number, true);
        put(out, "j");
        break;
    case AST_CONST_STR: put_quoted(out, value->bytes, value->size_bytes, false); break;
    case AST_CONST_BYTES: put_quoted(out, value->bytes, value->size_bytes, true); break;
    }
}

/* ---- nodes ---- */

static void put_node(Output *out, const AstNode *node);

static void put_name(Output *out, const AstIdent *name)
{
    put_quoted(out, name->bytes, name->size_bytes, false);
}

static void put_seq(Output *out, const AstSeq *seq)
{
    put(out, "[");
    for (int32_t i = 0; i < seq->count; i++) {
        put(out, i > 0 ? ", " : "");
        if (seq->items[i] == NULL) {
            put(out, "None");
        } else {
            put_node(out, seq->items[i]);
        }
    }
    put(out, "]");
}

static void put_idents(Output *out, const AstIdentSeq *names)
{
    put(out, "[");
    for (int32_t i = 0; i < names->count; i++) {
        put(out, i > 0 ? ", " : "");
        put_name(out, names->items[i]);
    }
    put(out, "]");
}

static void put_op(Output *out, AstOp op)
{
    put(out, ast_op_name(op));
    put(out, "()");
}

static void put_ops(Output *out, const AstOpSeq *ops)
{
    put(out, "[");
    for (int32_t i = 0; i < ops->count; i++) {
        put(out, i > 0 ? ", " : "");
        put_op(out, ops->items[i]);
    }
    put(out, "]");
}

/* Tells whether Python leaves the field out. */
static bool is_absent(FieldType type, const void *at)
{
    switch (type) {
    case FIELD_IDENT_OPT:
    case FIELD_NODE_OPT: return *(void *const *)at == NULL;
    case FIELD_UFLAG: return !*(const bool *)at;
    default: return false;
    }
}

static void put_field(Output *out, FieldType type, const void *at)
{
    static const char *const contexts[] = {"Load()", "Store()", "Del()"};
    switch (type) {
    case FIELD_IDENT:
    case FIELD_IDENT_OPT: put_name(out, *(AstIdent *const *)at); break;
    case FIELD_NODE:
    case FIELD_NODE_OPT: put_node(out, *(AstNode *const *)at); break;
    case FIELD_SEQ: put_seq(out, at); break;
    case FIELD_IDENTS: put_idents(out, at); break;
    case FIELD_INT: put_int(out, *(const int32_t *)at); break;
    case FIELD_OP: put_op(out, *(const AstOp *)at); break;
    case FIELD_OPS: put_ops(out, at); break;
    case FIELD_CTX: put(out, contexts[*(const AstContext *)at]); break;
    case FIELD_CONST: put_constant(out, at); break;
    case FIELD_UFLAG: put(out, "'u'"); break;
    }
}

static void put_position(Output *out, const char *before, const char *name, int32_t value)
{
    put(out, before);
    put(out, name);
    put_int(out, value);
}

static void put_node(Output *out, const AstNode *node)
{
    if (++out->depth > DUMP_MAX_DEPTH) {
        out->failed = true;
    }
    if (out->failed) {
        return;
    }
    put(out, ast_kind_name(node->kind));
    put(out, "(");
    const char *comma = "";
    size_t count = sizeof(fields) / sizeof(fields[0]);
    for (size_t i = out->first_field[node->kind]; i < count && fields[i].kind == node->kind; i++) {
        const void *at = (const char *)node + fields[i].offset;
        if (is_absent(fields[i].type, at)) {
            continue;
        }
        put(out, comma);
        put(out, fields[i].name);
        put(out, "=");
        put_field(out, fields[i].type, at);
        comma = ", ";
    }
    if (node->kind == AST_Module) {
        put(out, ", type_ignores=[]");
    }
    if (has_positions[node->kind]) {
        put_position(out, comma, "lineno=", node->lineno);
        put_position(out, ", ", "col_offset=", node->col_offset);
        put_position(out, ", ", "end_lineno=", node->end_lineno);
        put_position(out, ", ", "end_col_offset=", node->end_col_offset);
    }
    put(out, ")");
    out->depth--;
}

char *ast_dump(const Ast *ast, size_t *size_bytes)
{
    Output out = {0};
    size_t count = sizeof(fields) / sizeof(fields[0]);
    for (size_t i = count; i > 0; i--) {
        out.first_field[fields[i - 1].kind] = (uint16_t)(i - 1);
    }
    put_node(&out, ast_root(ast));
    if (out.failed) {
        rt_free(out.bytes);
        return NULL;
    }
    *size_bytes = out.count;
    return out.bytes;
}
