/*
 * Options: parsing of -X, one row of options.def each.
 *
 * Threads: main, before any other thread.
 */
#include "tools/options.h"

#include <errno.h>
#include <stdlib.h>

typedef struct Row {
    const char *name, *argument, *text;
} Row;
static const Row rows[] = {
#define XOPTION(name, argument, text) {name, argument, text},
#include "tools/options.def"
#undef XOPTION
};

void options_init(Options *o)
{
    *o = (Options){.jit = {.mode = JIT_NATIVE,
                           .threshold = 61,
                           .exit_threshold = 8,
                           .memory_bytes = (size_t)32 << 20,
                           .optimize = true}};
}

void options_print(FILE *out)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char left[64];
        snprintf(left, sizeof left, "-X %s%s%s", rows[i].name, rows[i].argument[0] ? "=" : "",
                 rows[i].argument);
        fprintf(out, "  %-32s %s\n", left, rows[i].text);
    }
}

/* A positive number with an optional K, M or G. false: no such number. */
static bool parse_size(const char *text, uint64_t *out)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    if (end == text || errno != 0 || text[0] == '-') {
        return false;
    }
    unsigned shift = *end == 'K' || *end == 'k'   ? 10
                     : *end == 'M' || *end == 'm' ? 20
                     : *end == 'G' || *end == 'g' ? 30
                                                  : 0;
    end += shift != 0;
    if (*end != '\0' || n > UINT64_MAX >> shift) {
        return false;
    }
    *out = (uint64_t)n << shift;
    return true;
}

static bool parse_passes(Options *o, const char *text, char *message, size_t size)
{
    while (*text != '\0') {
        size_t n = strcspn(text, ",");
        OptPass pass = opt_pass_by_name(text, n);
        if (pass == OPT_PASS_COUNT) {
            snprintf(message, size, "-X jit-off: no optimizer pass is named '%.*s'", (int)n, text);
            return false;
        }
        o->jit.passes_off |= 1u << pass;
        text += n + (text[n] == ',');
    }
    return true;
}

static bool parse_mode(Options *o, const char *value)
{
    static const char *const names[] = {"0", "1", "portable"};
    static const JitMode modes[] = {JIT_OFF, JIT_NATIVE, JIT_PORTABLE};
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(value, names[i]) == 0) {
            o->jit.mode = modes[i];
            return true;
        }
    }
    return false;
}

/* An option without argument. */
static bool parse_switch(Options *o, const char *name)
{
    if (strcmp(name, "jit-stats") == 0) {
        o->stats = true;
    } else if (strcmp(name, "thread-stats") == 0) {
        o->thread_stats = true;
    } else if (strcmp(name, "gc-stats") == 0) {
        o->gc_stats = true;
    } else if (strcmp(name, "jit-check") == 0) {
        o->jit.validate = true;
    } else if (strcmp(name, "stress-buffers") == 0) {
        o->jit.stress_buffers = true;
    } else if (strcmp(name, "stress-share") == 0) {
        o->stress_share = true;
    } else if (strcmp(name, "stress-thread") == 0) {
        o->stress_thread = true;
    } else {
        o->dis = true;
    }
    return true;
}

static bool parse_number(Options *o, const char *name, const char *value)
{
    uint64_t n;
    if (!parse_size(value, &n)) {
        return false;
    }
    uint32_t small = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
    if (strcmp(name, "jit-threshold") == 0) {
        o->jit.threshold = small < 1 ? 1 : small;
    } else if (strcmp(name, "jit-exit-threshold") == 0) {
        o->jit.exit_threshold = small < 1 ? 1 : small;
    } else if (strcmp(name, "jit-memory") == 0) {
        o->jit.memory_bytes = (size_t)n;
    } else if (strcmp(name, "stress-guard") == 0) {
        o->jit.stress_guard = small;
    } else if (strcmp(name, "stress-invalidate") == 0) {
        o->jit.stress_invalidate = small;
    } else if (strcmp(name, "stress-gc") == 0) {
        o->stress_gc = small;
    } else if (strcmp(name, "stress-alloc") == 0) {
        o->alloc_fail = n;
    } else { /* jit-opt */
        o->jit.optimize = n != 0;
    }
    return true;
}

static bool parse_value(Options *o, const char *name, const char *value, char *message, size_t size)
{
    if (strcmp(name, "jit-off") == 0) {
        return parse_passes(o, value, message, size);
    }
    if (strcmp(name, "gil") == 0) {
        o->gil = value; /* judged by options_finish, as PYTHON_GIL is */
        return true;
    }
    if (strcmp(name, "jit-dump") == 0) {
        o->dump = value;
        o->jit.keep_dumps = true;
        return true;
    }
    if (strcmp(name, "jit-form") == 0) {
        o->jit.shared_form = strcmp(value, "shared") == 0;
        if (!o->jit.shared_form && strcmp(value, "auto") != 0) {
            snprintf(message, size, "-X %s: bad value '%s'", name, value);
            return false;
        }
        return true;
    }
    bool ok = strcmp(name, "jit") == 0 ? parse_mode(o, value) : parse_number(o, name, value);
    if (!ok) {
        snprintf(message, size, "-X %s: bad value '%s'", name, value);
    }
    return ok;
}

bool options_parse_x(Options *o, const char *text, char *message, size_t size)
{
    size_t n = strcspn(text, "=");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strlen(rows[i].name) != n || strncmp(rows[i].name, text, n) != 0) {
            continue;
        }
        bool wants = rows[i].argument[0] != '\0';
        if (wants != (text[n] == '=')) {
            snprintf(message, size, wants ? "-X %s needs a value" : "-X %s takes no value",
                     rows[i].name);
            return false;
        }
        return wants ? parse_value(o, rows[i].name, text + n + 1, message, size)
                     : parse_switch(o, rows[i].name);
    }
    snprintf(message, size, "unknown option -X %s", text);
    return false;
}

static bool gil_is_good(Options *o)
{
    const char *environment = getenv("PYTHON_GIL");
    if (o->gil == NULL && environment != NULL && environment[0] != '\0') {
        o->gil = environment;
    }
    return o->gil == NULL || strcmp(o->gil, "0") == 0 || strcmp(o->gil, "1") == 0;
}

bool options_finish(Options *o)
{
    if (!gil_is_good(o)) {
        fputs("Fatal Python error: config_read_gil: PYTHON_GIL / -X gil must be \"0\" or \"1\"\n",
              stderr);
        return false;
    }
    if (!o->jit.optimize && o->jit.mode == JIT_NATIVE) {
        o->jit.mode = JIT_PORTABLE;
    }
    return true;
}
