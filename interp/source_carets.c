/*
 * Source carets: which characters of a source line an instruction stands for.
 *
 * As CPython 3.11: ^ under the whole range, nothing if that is the whole line; if the range is one
 * expression that is a binary operation or a subscript, ~ under it and ^ under the operator or the
 * brackets.  The range's text is parsed again to find those; when it does not parse, there are no
 * anchors.  Columns come in bytes and are printed in characters.
 *
 * Threads: no shared state.
 */
#include "interp/source_carets.h"
#include "interp/frontend/parse.h"
#include "interp/vm_internal.h"

#include <stdio.h>

static size_t characters(const char *text, size_t bytes)
{
    size_t n = 0;
    for (size_t i = 0; i < bytes && text[i] != '\0'; i++) {
        n += ((unsigned char)text[i] & 0xC0) != 0x80;
    }
    return n;
}

typedef struct Anchors {
    int64_t left, right; /* bytes in the segment; -1: none */
} Anchors;

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\f'; }

static void operator_anchors(const AstNode *n, const char *segment, Anchors *out)
{
    int32_t end = n->BinOp.right->col_offset;
    for (int32_t i = n->BinOp.left->end_col_offset; i < end; i++) {
        if (is_space(segment[i])) {
            continue;
        }
        out->left = i;
        out->right = i + 1;
        if (i + 1 < end && !is_space(segment[i + 1])) {
            out->right++;
        }
        return;
    }
}

/* segment: zero-terminated text of the range, on one line. */
static Anchors find_anchors(const char *segment, size_t length)
{
    Anchors anchors = {-1, -1};
    SyntaxDiag diag;
    Ast *ast = parse_source(segment, length, "", PARSE_EXEC, &diag);
    if (ast == NULL) {
        syntax_diag_free(&diag);
        return anchors;
    }
    AstSeq body = ast_root(ast)->Module.body;
    if (body.count == 1 && body.items[0]->kind == AST_Expr) {
        const AstNode *n = body.items[0]->Expr.value;
        if (n->kind == AST_BinOp) {
            operator_anchors(n, segment, &anchors);
        } else if (n->kind == AST_Subscript) {
            anchors.left = n->Subscript.value->end_col_offset;
            anchors.right = n->Subscript.slice->end_col_offset + 1;
        }
    }
    ast_free(ast);
    return anchors;
}

/* The range in bytes of the line; an instruction of several lines ends with its first one. */
static void clip(const char *line, const CodePosition *p, size_t *start, size_t *end)
{
    size_t length = strlen(line);
    *start = (size_t)p->column < length ? (size_t)p->column : length;
    *end = (size_t)p->end_column < length ? (size_t)p->end_column : length;
    if (p->end_lineno != p->lineno) {
        *end = length;
        while (*end > 0 && is_space(line[*end - 1])) {
            (*end)--;
        }
    }
}

static void put_marks(char *out, size_t from, size_t to, char mark)
{
    for (size_t i = from; i < to; i++) {
        out[i] = mark;
    }
}

char *source_carets(const char *line, const CodePosition *position)
{
    size_t start, end;
    clip(line, position, &start, &end);
    if (end <= start) {
        return NULL;
    }
    Anchors anchors = {-1, -1};
    if (position->end_lineno == position->lineno) {
        char *segment = rt_malloc(end - start + 1);
        if (segment == NULL) {
            return NULL;
        }
        memcpy(segment, line + start, end - start);
        segment[end - start] = '\0';
        anchors = find_anchors(segment, end - start);
        rt_free(segment);
    }
    size_t indent = strspn(line, " \t\f");
    size_t total = characters(line, strlen(line));
    size_t first = characters(line, start), last = characters(line, end);
    if (anchors.left < 0 && last - first == total - indent) {
        return NULL;
    }
    if (first < indent) {
        return NULL;
    }
    char *out = rt_malloc(last - indent + 1);
    if (out == NULL) {
        return NULL;
    }
    put_marks(out, 0, first - indent, ' ');
    put_marks(out, first - indent, last - indent, anchors.left < 0 ? '^' : '~');
    if (anchors.left >= 0) {
        size_t left = first + characters(line + start, (size_t)anchors.left);
        size_t right = first + characters(line + start, (size_t)anchors.right);
        put_marks(out, left - indent, (right < last ? right : last) - indent, '^');
    }
    out[last - indent] = '\0';
    return out;
}

char *vm_source_line(const char *file_name, int32_t lineno)
{
    FILE *f = file_name[0] == '<' || lineno <= 0 ? NULL : fopen(file_name, "rb");
    if (f == NULL) {
        return NULL;
    }
    size_t capacity = 256, length = 0;
    char *line = rt_malloc(capacity);
    int32_t at = 1;
    int c;
    while (line != NULL && (c = fgetc(f)) != EOF && at <= lineno) {
        if (c == '\n') {
            at++;
        } else if (at == lineno && c != '\r') {
            if (length + 1 == capacity) {
                char *larger = rt_realloc(line, capacity *= 2);
                if (larger == NULL) {
                    rt_free(line);
                }
                line = larger;
            }
            if (line != NULL) {
                line[length++] = (char)c;
            }
        }
    }
    fclose(f);
    if (line != NULL && at < lineno) {
        rt_free(line);
        line = NULL;
    }
    if (line != NULL) {
        line[length] = '\0';
    }
    return line;
}
