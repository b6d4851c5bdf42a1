/*
 * Where LLVM is not at hand: copies the kept stencil tables, after checking that they were made from
 * the sources that are here.
 *
 *     check_kept KEPT OUTPUT SOURCES...
 *
 * A table from other sources would have other offsets and another meaning: that stops the build.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/stencilgen/hash.h"

static char *read_file(const char *path, size_t *size_bytes)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL || fseek(f, 0, SEEK_END) != 0) {
        fprintf(stderr, "stencils: cannot read %s\n", path);
        exit(2);
    }
    long size = ftell(f);
    rewind(f);
    char *data = size >= 0 ? malloc((size_t)size + 1) : NULL;
    if (data == NULL || fread(data, 1, (size_t)size, f) != (size_t)size) {
        fprintf(stderr, "stencils: cannot read %s\n", path);
        exit(2);
    }
    fclose(f);
    data[size] = 0;
    *size_bytes = (size_t)size;
    return data;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fputs("usage: check_kept KEPT OUTPUT SOURCES...\n", stderr);
        return 2;
    }
    uint64_t hash = sg_hash_start();
    for (int i = 3; i < argc; i++) {
        size_t size;
        char *data = read_file(argv[i], &size);
        hash = sg_hash_source(hash, data, size);
        free(data);
    }
    size_t size;
    char *kept = read_file(argv[1], &size);
    char line[64];
    snprintf(line, sizeof line, "source-hash: %016llx", (unsigned long long)hash);
    if (strstr(kept, line) == NULL) {
        fprintf(stderr,
                "stencils: %s was made from other sources than these; install llvm-19-dev "
                "and run `ninja regen-stencils`\n",
                argv[1]);
        return 1;
    }
    FILE *f = fopen(argv[2], "wb");
    if (f == NULL || fwrite(kept, 1, size, f) != size || fclose(f) != 0) {
        fprintf(stderr, "stencils: cannot write %s\n", argv[2]);
        return 2;
    }
    free(kept);
    return 0;
}
