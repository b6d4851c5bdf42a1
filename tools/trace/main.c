/*
 * adder-trace: runs a program and tells what the JIT did.
 *
 * The program runs as under adder: its output and exit status are its own.  When it has ended the
 * report follows, on stderr or in the file of --output: one line an event (list.c), traces in full
 * (detail.c), or everything as JSON (json.c) or as a page (html.c).
 *
 * Threads: main.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/memory.h"
#include "tools/trace/trace.h"

enum { SHOWN_MAX = 200 };

typedef struct Request {
    uint32_t shown[SHOWN_MAX]; /* --trace N */
    uint32_t shown_count;
    bool all, json, full;
    uint32_t sections;
    const char *output; /* NULL: stderr */
    const char *html;   /* NULL: no page */
    FILE *html_out;
    const Program *program;
    FILE *out;
    Log log;
    uint64_t start_ns;
    bool failed; /* the report could not be made or written */
} Request;

typedef struct SectionName {
    const char *name;
    uint32_t section;
} SectionName;
static const SectionName section_names[] = {
    {"source", SECTION_SOURCE}, {"bytecode", SECTION_BYTECODE}, {"recorded", SECTION_UOPS},
    {"passes", SECTION_PASSES}, {"final", SECTION_FINAL},       {"snapshots", SECTION_SNAPSHOTS},
    {"exits", SECTION_EXITS},   {"code", SECTION_MACHINE},
};

static void print_help(FILE *out)
{
    fputs(
        "  --trace N, --trace all           shows trace N in full; may be given more than once\n"
        "  --only PART[,PART...]            of --trace: source, bytecode, recorded, passes, "
        "final,\n"
        "                                   snapshots, exits, code\n"
        "  --full                           of --trace: all uops after each pass, all code\n"
        "  --json                           everything as one JSON object (tools/README.md)\n"
        "  --html FILE                      writes a page for a browser, too, with everything\n"
        "  --output FILE, -o FILE           the report goes to FILE, not to stderr; -: to stdout\n",
        out);
}

/* ---- options ------------------------------------------------------------------------------------------ */

/* The value of `--name VALUE` or `--name=VALUE`; NULL: another option. *i moves over it. */
static const char *long_value(const char *name, int argc, char **argv, int *i, bool *missing)
{
    size_t n = strlen(name);
    if (strncmp(argv[*i], name, n) != 0 || (argv[*i][n] != '\0' && argv[*i][n] != '=')) {
        return NULL;
    }
    if (argv[*i][n] == '=') {
        return argv[*i] + n + 1;
    }
    *missing = *i + 1 >= argc;
    return *missing ? "" : argv[++*i];
}

static bool add_trace(Request *q, const char *value, char *message, size_t size)
{
    char *end;
    if (strcmp(value, "all") == 0) {
        q->all = true;
        return true;
    }
    errno = 0;
    unsigned long n = strtoul(value, &end, 10);
    if (end == value || *end != '\0' || value[0] == '-' || errno != 0 || n == 0 || n > UINT32_MAX) {
        snprintf(message, size, "--trace: '%s' is no number of a trace, nor all", value);
        return false;
    }
    if (q->shown_count == SHOWN_MAX) {
        snprintf(message, size, "--trace: at most %d numbers, or all", SHOWN_MAX);
        return false;
    }
    q->shown[q->shown_count++] = (uint32_t)n;
    return true;
}

static bool add_sections(Request *q, const char *value, char *message, size_t size)
{
    while (*value != '\0') {
        size_t n = strcspn(value, ","), k = 0;
        size_t count = sizeof section_names / sizeof *section_names;
        while (k < count && (strlen(section_names[k].name) != n ||
                             strncmp(section_names[k].name, value, n) != 0)) {
            k++;
        }
        if (k == count) {
            snprintf(message, size, "--only: no part is named '%.*s'", (int)n, value);
            return false;
        }
        q->sections |= section_names[k].section;
        value += n + (value[n] == ',');
    }
    return true;
}

static int take_option(void *context, int argc, char **argv, int *i, char *message, size_t size)
{
    Request *q = context;
    bool missing = false;
    const char *word = argv[*i], *value;
    if (strcmp(word, "--json") == 0 || strcmp(word, "--full") == 0) {
        q->json |= word[2] == 'j';
        q->full |= word[2] == 'f';
        return 1;
    }
    bool ok = true;
    if ((value = long_value("--trace", argc, argv, i, &missing)) != NULL) {
        ok = missing || add_trace(q, value, message, size);
    } else if ((value = long_value("--only", argc, argv, i, &missing)) != NULL) {
        ok = missing || add_sections(q, value, message, size);
    } else if ((value = long_value("--html", argc, argv, i, &missing)) != NULL) {
        q->html = value;
    } else if ((value = long_value("--output", argc, argv, i, &missing)) != NULL ||
               (value = long_value("-o", argc, argv, i, &missing)) != NULL) {
        q->output = value;
    } else {
        return 0;
    }
    if (missing) {
        snprintf(message, size, "%.20s needs a value", word);
        ok = false;
    }
    return ok ? 1 : -1;
}

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- the report ------------------------------------------------------------------------------------------ */

static void write_report(Request *q, Report *r)
{
    if (q->html != NULL) {
        r->out = q->html_out;
        report_html(r);
        r->out = q->out;
    }
    if (q->json) {
        report_json(r, false);
        return;
    }
    if (!q->all && q->shown_count == 0) {
        report_list(r);
    }
    for (uint32_t i = 0; i < q->shown_count; i++) {
        report_trace(r, q->shown[i]);
    }
    for (uint32_t i = 0; q->all && i < r->log->count; i++) {
        report_trace(r, r->log->events[i].e.id);
    }
}

/* ProgramLook. */
static void look(void *context, Thread *th, Value main_code, int status)
{
    Request *q = context;
    Report r = {
        .th = th,
        .program = q->program,
        .log = &q->log,
        .out = q->out,
        .status = status,
        .wall_ns = now_ns() - q->start_ns,
        .sections = q->sections != 0 ? q->sections : SECTION_ALL,
        .full = q->full,
    };
    if (places_open(&r, main_code)) {
        write_report(q, &r);
    } else {
        q->failed = true;
    }
    places_close(&r);
}

/* NULL: could not be opened, which has been said. */
static FILE *open_file(const char *name, FILE *unnamed)
{
    FILE *f = name == NULL ? unnamed : strcmp(name, "-") == 0 ? stdout : fopen(name, "w");
    if (f == NULL) {
        fprintf(stderr, "adder-trace: can't open file '%s': [Errno %d] %s\n", name, errno,
                strerror(errno));
    }
    return f;
}

/* false: what was written did not get there. */
static bool close_file(FILE *f)
{
    bool ok = fflush(f) == 0 && ferror(f) == 0;
    if (f != stderr && f != stdout) {
        ok = fclose(f) == 0 && ok;
    }
    return ok;
}

/* Before the program runs, so that it does not run in vain. */
static bool open_outputs(Request *q)
{
    q->out = open_file(q->output, stderr);
    q->html_out = q->out != NULL ? open_file(q->html, stderr) : NULL;
    if (q->out != NULL && q->html_out == NULL) {
        close_file(q->out);
    }
    return q->html_out != NULL;
}

static bool close_outputs(Request *q)
{
    bool ok = close_file(q->out) && !q->failed;
    ok = (q->html == NULL || close_file(q->html_out)) && ok;
    if (!ok) {
        fputs("adder-trace: the report could not be written\n", stderr);
    }
    return ok;
}

int main(int argc, char **argv)
{
    Request q = {0};
    const Tool tool = {.name = "adder-trace",
                       .title = "adder-trace",
                       .help = print_help,
                       .option = take_option,
                       .context = &q};
    Options options;
    Program program;
    int status = program_load(&program, &options, &tool, argc, argv);
    if (status == PROGRAM_LOADED && !open_outputs(&q)) {
        status = 2;
    }
    if (status == PROGRAM_LOADED) {
        q.program = &program;
        q.start_ns = now_ns();
        options.jit.observe = log_observe;
        options.jit.observe_context = &q.log;
        options.jit.keep_dumps |= q.json || q.html != NULL || q.all || q.shown_count > 0;
        status = program_run(&program, &options, &tool, look, &q);
        if (!close_outputs(&q) && status == 0) {
            status = 1;
        }
    }
    log_free(&q.log);
    program_free(&program);
    return status;
}
