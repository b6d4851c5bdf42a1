/*
 * stencilgen: command line.
 *
 *     stencilgen --avx AVX.bc --sse SSE.bc [--output FILE] [--check KEPT] [--list] -- SOURCES...
 *
 * --output writes the tables, --check compares them with the kept file byte for byte (exit 1 when
 * they differ, with what to do), --list prints every stencil with its disassembly.  SOURCES are the
 * files whose tokens make the hash that the tables carry (hash.h).
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tools/stencilgen/hash.h"
#include "tools/stencilgen/stencilgen.h"

_Noreturn void sg_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("stencilgen: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(2);
}

void *sg_alloc(size_t size_bytes)
{
    void *p = calloc(1, size_bytes > 0 ? size_bytes : 1);
    if (p == NULL) {
        sg_fail("out of memory");
    }
    return p;
}

char *sg_read_file(const char *path, size_t *size_bytes)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        sg_fail("cannot read %s", path);
    }
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    char *data = sg_alloc((size_t)size + 1);
    if (size < 0 || fread(data, 1, (size_t)size, f) != (size_t)size) {
        sg_fail("cannot read %s", path);
    }
    fclose(f);
    *size_bytes = (size_t)size;
    return data;
}

char *sg_printf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = NULL;
    if (vasprintf(&text, format, args) < 0) {
        sg_fail("out of memory");
    }
    va_end(args);
    return text;
}

static void append_bytes(SgText *t, const char *text, size_t n)
{
    if (t->length + n + 1 > t->capacity) {
        t->capacity = (t->length + n + 1) * 2;
        t->data = realloc(t->data, t->capacity);
        if (t->data == NULL) {
            sg_fail("out of memory");
        }
    }
    memcpy(t->data + t->length, text, n);
    t->length += n;
    t->data[t->length] = 0;
}

void sg_append(SgText *t, const char *text) { append_bytes(t, text, strlen(text)); }

void sg_appendf(SgText *t, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof text) {
        sg_fail("text too long");
    }
    append_bytes(t, text, (size_t)n);
}

static int check(const char *kept_path, const SgText *fresh)
{
    size_t size;
    char *kept = sg_read_file(kept_path, &size);
    if (size == fresh->length && memcmp(kept, fresh->data, size) == 0) {
        printf("stencilgen: %s is up to date\n", kept_path);
        return 0;
    }
    size_t line = 1, at = 0;
    while (at < size && at < fresh->length && kept[at] == fresh->data[at]) {
        line += kept[at] == '\n';
        at++;
    }
    fprintf(stderr,
            "stencilgen: %s differs from a fresh table from line %zu on; "
            "run `ninja regen-stencils` and commit it\n",
            kept_path, line);
    return 1;
}

int main(int argc, char **argv)
{
    const char *avx = NULL, *sse = NULL, *output = NULL, *kept = NULL;
    bool list = false;
    int i = 1;
    for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char **value = strcmp(argv[i], "--avx") == 0      ? &avx
                             : strcmp(argv[i], "--sse") == 0    ? &sse
                             : strcmp(argv[i], "--output") == 0 ? &output
                             : strcmp(argv[i], "--check") == 0  ? &kept
                                                                : NULL;
        if (strcmp(argv[i], "--list") == 0) {
            list = true;
        } else if (value == NULL || i + 1 == argc) {
            sg_fail("bad argument %s", argv[i]);
        } else {
            *value = argv[++i];
        }
    }
    if (avx == NULL || sse == NULL) {
        sg_fail("usage: stencilgen --avx AVX.bc --sse SSE.bc [--output FILE] [--check KEPT] "
                "[--list] -- SOURCES...");
    }
    uint64_t hash = sg_hash_start();
    for (i++; i < argc; i++) {
        size_t size;
        char *data = sg_read_file(argv[i], &size);
        hash = sg_hash_source(hash, data, size);
        free(data);
    }
    SgTable *tables = sg_alloc(2 * sizeof *tables);
    sg_cut(&tables[0], "avx", avx, "+avx,+bmi2");
    sg_cut(&tables[1], "sse", sse, "+sse4.1");
    if (list) {
        sg_list(&tables[0]);
        sg_list(&tables[1]);
    }
    SgText fresh = {0};
    sg_write(&fresh, tables, 2, hash);
    if (output != NULL) {
        FILE *f = fopen(output, "wb");
        if (f == NULL || fwrite(fresh.data, 1, fresh.length, f) != fresh.length || fclose(f) != 0) {
            sg_fail("cannot write %s", output);
        }
    }
    return kept != NULL ? check(kept, &fresh) : 0;
}
