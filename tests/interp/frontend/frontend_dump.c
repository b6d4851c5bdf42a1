/* frontend_dump - parses files and prints their trees or errors; for compare.py.
 *
 *   frontend_dump MODE < LIST     MODE: exec, eval or single
 *   frontend_dump unicode         one line: for each code point a digit, 1 if it can start a name,
 *                                 plus 2 if it can continue one, plus 4 if it is printable
 *
 * Reads from stdin a sequence of records "SIZE NAME\n" + SIZE bytes of source; for each it writes one
 * record "KIND SIZE\n" + SIZE bytes, where KIND is "tree" (text: the dump) or "error" (text: class,
 * line, column, end line, end column, message, separated by tabs).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interp/frontend/frontend.h"
#include "interp/frontend/parse.h"
#include "runtime/memory.h"

static void write_error(const SyntaxDiag *diag)
{
    char position[100];
    int count =
        snprintf(position, sizeof(position), "%s\t%d\t%d\t%d\t%d\t", syntax_kind_name(diag->kind),
                 diag->lineno, diag->column, diag->end_lineno, diag->end_column);
    printf("error %zu\n%s%s", (size_t)count + strlen(diag->message), position, diag->message);
}

static bool parse_record(ParseMode mode, size_t size_bytes, const char *name)
{
    char *source = malloc(size_bytes + 1);
    if (source == NULL || fread(source, 1, size_bytes, stdin) != size_bytes) {
        free(source);
        return false;
    }
    SyntaxDiag diag;
    Ast *ast = parse_source(source, size_bytes, name, mode, &diag);
    free(source);
    if (ast == NULL) {
        write_error(&diag);
        syntax_diag_free(&diag);
        return true;
    }
    size_t dump_bytes = 0;
    char *dump = ast_dump(ast, &dump_bytes);
    printf("tree %zu\n", dump_bytes);
    fwrite(dump, 1, dump_bytes, stdout);
    rt_free(dump);
    ast_free(ast);
    return true;
}

static int print_unicode(void)
{
    for (int32_t code = 0; code <= 0x10FFFF; code++) {
        int bits = unicode_is_name_start(code) + 2 * unicode_is_name_continue(code) +
                   4 * unicode_is_printable(code);
        putchar('0' + bits);
    }
    putchar('\n');
    return 0;
}

int main(int argc, char **argv)
{
    ParseMode mode = PARSE_EXEC;
    if (argc > 1 && strcmp(argv[1], "eval") == 0) {
        mode = PARSE_EVAL;
    } else if (argc > 1 && strcmp(argv[1], "single") == 0) {
        mode = PARSE_SINGLE;
    }
    if (argc > 1 && strcmp(argv[1], "unicode") == 0) {
        return print_unicode();
    }
    size_t size_bytes;
    char name[1024];
    while (scanf("%zu %1023[^\n]", &size_bytes, name) == 2) {
        if (getchar() != '\n' || !parse_record(mode, size_bytes, name)) {
            return 1;
        }
        fflush(stdout);
    }
    return 0;
}
