/*
 * What publishing a trace costs, pass by pass, with warm caches: optimizes and compiles recorded
 * traces again and again.
 *
 *     adder -X jit-dump=recorded PROGRAM 2>DUMP; bench_publish DUMP...
 *
 * Root traces only: a side trace needs its parent's code. Each time the trace is parsed anew (not
 * timed) and gets fresh code memory. `first` is the first time in this process.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "codegen/codegen.h"
#include "optimizer/optimizer.h"
#include "runtime/memory.h"

enum { REPEATS = 400 };

typedef struct Sample {
    double passes[OPT_PASS_COUNT], optimize, compile;
    uint32_t recorded, optimized, code_bytes;
    long faults;
} Sample;

typedef struct Bench {
    Thread *th;
    CgArena *arena;
    IrScratch scratch;
} Bench;

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

/* One publication. false: the trace cannot be published alone. */
static bool publish(Bench *b, const char *text, Sample *out)
{
    char error[200];
    uint32_t line;
    IrTrace *t = ir_parse(b->th, text, error, &line);
    if (t == NULL) {
        fprintf(stderr, "bench_publish: line %u: %s\n", line, error);
        return false;
    }
    OptTrail trail;
    CgCode *code = NULL;
    CgContext context = {.scratch = &b->scratch};
    long faults = page_faults();
    double start = now_ns();
    bool ok =
        opt_run(b->th, &t, &(OptConfig){.scratch = &b->scratch, .timed = true}, &trail) == OPT_OK;
    double optimized = now_ns();
    ok = ok && cg_compile(b->th, b->arena, t, &context, &code) == CG_OK;
    double end = now_ns();
    if (ok) {
        *out = (Sample){.optimize = optimized - start,
                        .compile = end - optimized,
                        .recorded = trail.recorded_uops,
                        .optimized = t->count,
                        .code_bytes = code->code_bytes,
                        .faults = page_faults() - faults};
        for (int i = 0; i < OPT_PASS_COUNT; i++) {
            out->passes[i] = (double)trail.ns[i];
        }
    }
    ir_free(b->th, t);
    return ok;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, by_size);
    return values[count / 2];
}

/* The median of a field of all samples: field is its offset. */
static double median_of(const Sample *samples, size_t field)
{
    static double values[REPEATS];
    for (int i = 0; i < REPEATS; i++) {
        values[i] = *(const double *)(const void *)((const char *)&samples[i] + field);
    }
    return median(values, REPEATS);
}

static void measure(Bench *b, const char *path, const char *text)
{
    static Sample samples[REPEATS];
    for (int i = 0; i < REPEATS; i++) {
        if (!publish(b, text, &samples[i])) {
            return;
        }
    }
    const Sample *first = &samples[0];
    double uops = first->recorded;
    double optimize = median_of(samples, offsetof(Sample, optimize));
    double compile = median_of(samples, offsetof(Sample, compile));
    printf("%s: %u uops recorded, %u optimized, %u bytes of code\n"
           "    %.0f ns a recorded uop (first %.0f, %ld page faults); codegen %.0f ns an "
           "optimized one\n   ",
           path, first->recorded, first->optimized, first->code_bytes, (optimize + compile) / uops,
           (first->optimize + first->compile) / uops, first->faults, compile / first->optimized);
    for (int i = 0; i < OPT_PASS_COUNT; i++) {
        printf(" %s %.0f", opt_pass_names[i],
               median_of(samples, offsetof(Sample, passes) + (size_t)i * sizeof(double)) / uops);
    }
    printf(" codegen %.0f\n", compile / uops);
}

/* Each trace of a dump. */
static void measure_all(Bench *b, const char *path, char *text)
{
    for (char *at = text; at != NULL && *at != 0;) {
        char *next = strstr(at + 1, "\n; trace ");
        if (next != NULL) {
            *next++ = 0;
        }
        char *trace = strstr(at, "\ntrace ");
        bool side = trace == NULL || strstr(trace, " inherit ") != NULL ||
                    strstr(trace, " - link") != NULL || strstr(trace, "parent=") != NULL;
        if (!side) {
            measure(b, path, trace + 1);
        }
        at = next;
    }
}

int main(int argc, char **argv)
{
    const char *why = "no runtime";
    Bench b = {.th = rt_start()};
    b.arena = b.th != NULL ? cg_arena_new(b.th, (size_t)512 << 20, &why) : NULL;
    if (b.arena == NULL) {
        fprintf(stderr, "bench_publish: no arena: %s\n", why);
        return 1;
    }
    for (int i = 1; i < argc; i++) {
        char *text = read_file(argv[i]);
        if (text == NULL) {
            fprintf(stderr, "bench_publish: cannot read %s\n", argv[i]);
            return 1;
        }
        measure_all(&b, argv[i], text);
        free(text);
    }
    ir_scratch_free(&b.scratch);
    cg_arena_free(b.th, b.arena);
    rt_stop(b.th);
    return 0;
}
