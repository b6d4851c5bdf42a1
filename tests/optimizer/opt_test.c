/*
 * opt-test [--print] [--update] FILE|FOLDER...: runs passes over traces written as text.
 *
 * A file (tests/optimizer/<pass>_<intent>.uops): first line `; intent`, second line
 * `; passes: NAME...` (or `all`), a trace, a line `----`, the trace that is expected; or, where
 * opt_run must refuse, `; status: TEXT`.  --print shows the result, --update writes it into the
 * file.  Last line: "N passed, N failed".
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "optimizer/optimizer.h"
#include "runtime/memory.h"

enum { PATH_SIZE = 1024, FILES_MAX = 1000 };

typedef struct Options {
    Thread *th;
    bool print, update;
    int passed, failed;
} Options;

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        return NULL;
    }
    fseek(f, 0, SEEK_END);
    size_t size = (size_t)ftell(f);
    rewind(f);
    char *text = malloc(size + 1);
    if (text != NULL) {
        text[fread(text, 1, size, f)] = 0;
    }
    fclose(f);
    return text;
}

/* The bits of the passes that `; passes:` does not name. */
static uint32_t disabled_by(const char *text)
{
    const char *line = strstr(text, "; passes:");
    uint32_t enabled = 0;
    const char *p = line == NULL ? " all" : line + strlen("; passes:");
    while (*p == ' ') {
        p++;
        size_t n = strcspn(p, " \r\n");
        if (n == 3 && memcmp(p, "all", 3) == 0) {
            enabled = ~0u;
        } else if (opt_pass_by_name(p, n) == OPT_PASS_COUNT) {
            fprintf(stderr, "opt-test: no pass \"%.*s\"\n", (int)n, p);
        } else {
            enabled |= 1u << opt_pass_by_name(p, n);
        }
        p += n;
    }
    return ~enabled;
}

/* The result as text (free), or the reason of a refusal. */
static char *optimize(Options *options, const char *path, const char *input)
{
    char message[200] = "", report[400];
    uint32_t line = 0;
    IrTrace *t = ir_parse(options->th, input, message, &line);
    if (t == NULL) {
        snprintf(report, sizeof report, "%s:%u: %s\n", path, line, message);
        return strdup(report);
    }
    if (!ir_validate(t, message, sizeof message)) {
        ir_free(options->th, t);
        snprintf(report, sizeof report, "%s: invalid input: %s\n", path, message);
        return strdup(report);
    }
    OptTrail trail;
    OptConfig config = {.disabled = disabled_by(input), .validate = true};
    OptStatus status = opt_run(options->th, &t, &config, &trail);
    char *result;
    if (status == OPT_OK) {
        char *text = ir_print(t);
        result = strdup(text == NULL ? "" : text);
        rt_free(text);
    } else {
        char *text = status == OPT_INVALID ? ir_print(t) : NULL;
        snprintf(report, sizeof report, "; status: %s%s%s\n", opt_status_text(status),
                 status == OPT_INVALID ? ": " : "", status == OPT_INVALID ? trail.message : "");
        if (text != NULL) {
            fputs(text, stderr);
        }
        rt_free(text);
        result = strdup(report);
    }
    ir_free(options->th, t);
    return result;
}

static void write_update(const char *path, const char *input, const char *result)
{
    FILE *f = fopen(path, "wb");
    if (f != NULL) {
        fprintf(f, "%s----\n%s", input, result);
        fclose(f);
    }
}

static void run_file(Options *options, const char *path)
{
    char *text = read_file(path);
    if (text == NULL) {
        printf("%s: cannot be read\n", path);
        options->failed++;
        return;
    }
    char *mark = strstr(text, "\n----\n");
    const char *expected = mark == NULL ? "" : mark + 6;
    if (mark != NULL) {
        mark[1] = 0;
    }
    char *result = optimize(options, path, text);
    if (options->print) {
        printf("%s", result);
    }
    if (options->update) {
        write_update(path, text, result);
        options->passed++;
    } else if (strcmp(result, expected) == 0) {
        options->passed++;
    } else {
        options->failed++;
        printf("%s: %.*s\n--- expected\n%s--- result\n%s", path, (int)strcspn(text, "\n"), text,
               expected, result);
    }
    free(result);
    free(text);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void run_folder(Options *options, const char *path, DIR *folder)
{
    char *names[FILES_MAX];
    size_t count = 0;
    for (struct dirent *e = readdir(folder); e != NULL && count < FILES_MAX; e = readdir(folder)) {
        size_t n = strlen(e->d_name);
        if (n > 5 && strcmp(e->d_name + n - 5, ".uops") == 0) {
            names[count++] = strdup(e->d_name);
        }
    }
    qsort(names, count, sizeof *names, by_name);
    for (size_t i = 0; i < count; i++) {
        char full[PATH_SIZE];
        snprintf(full, sizeof full, "%s/%s", path, names[i]);
        run_file(options, full);
        free(names[i]);
    }
}

int main(int argc, char **argv)
{
    Options options = {.th = rt_start()};
    if (options.th == NULL) {
        return 2;
    }
    for (int i = 1; i < argc; i++) {
        DIR *folder;
        if (strcmp(argv[i], "--print") == 0) {
            options.print = true;
        } else if (strcmp(argv[i], "--update") == 0) {
            options.update = true;
        } else if ((folder = opendir(argv[i])) != NULL) {
            run_folder(&options, argv[i], folder);
            closedir(folder);
        } else {
            run_file(&options, argv[i]);
        }
    }
    rt_stop(options.th);
    printf("%d passed, %d failed\n", options.passed, options.failed);
    return options.failed != 0 || options.passed == 0;
}
