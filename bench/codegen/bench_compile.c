/*
 * How long cg_compile takes a uop: compiles traces from text files (adder -X jit-dump=final) again
 * and again.
 *
 *     bench_compile FILE...
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "codegen/codegen.h"
#include "runtime/memory.h"

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL || fseek(f, 0, SEEK_END) != 0) {
        return NULL;
    }
    long size = ftell(f);
    rewind(f);
    char *text = malloc((size_t)size + 1);
    if (text != NULL) {
        text[fread(text, 1, (size_t)size, f)] = 0;
    }
    fclose(f);
    return text;
}

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static long page_faults(void)
{
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return r.ru_minflt;
}

static void measure(Thread *th, CgArena *arena, const char *path)
{
    char *text = read_file(path), error[200] = "";
    uint32_t line = 0;
    IrTrace *t = text != NULL ? ir_parse(th, text, error, &line) : NULL;
    if (t == NULL) {
        printf("%s: line %u: %s\n", path, line, error);
        return;
    }
    enum { ROUNDS = 10, REPEATS = 20 };
    double best = 1e18, first = 0;
    long faults = 0;
    CgCode *code = NULL, *all[ROUNDS * REPEATS];
    for (int round = 0; round < ROUNDS; round++) { /* fresh memory each time, as in a program */
        double start = now_ns();
        long faults_before = page_faults();
        for (int i = 0; i < REPEATS; i++) {
            CgStatus s = cg_compile(th, arena, t, NULL, &code);
            if (s != CG_OK) {
                printf("%s: %s\n", path, cg_status_text(s));
                return;
            }
            all[round * REPEATS + i] = code;
            if (round == 0 && i == 0) {
                first = now_ns() - start;
                faults = page_faults() - faults_before;
            }
        }
        double each = (now_ns() - start) / REPEATS;
        best = each < best ? each : best;
    }
    printf("%s: %u uops, %u exits, %u bytes of code, %.1f ns a uop; the first time %.1f, "
           "%ld page faults\n",
           path, t->count, code->exit_count, code->code_bytes, best / t->count, first / t->count,
           faults);
    for (int i = 0; i < ROUNDS * REPEATS; i++) {
        cg_code_free(th, arena, all[i]);
    }
    ir_free(th, t);
    free(text);
}

int main(int argc, char **argv)
{
    Thread *th = rt_start();
    const char *why = NULL;
    CgArena *arena = th != NULL ? cg_arena_new(th, 256 << 20, &why) : NULL;
    if (arena == NULL) {
        fprintf(stderr, "no arena: %s\n", why != NULL ? why : "no runtime");
        return 1;
    }
    for (int i = 1; i < argc; i++) {
        measure(th, arena, argv[i]);
    }
    cg_arena_free(th, arena);
    rt_stop(th);
    return 0;
}
