/*
 * Program: the part of the command line, of loading and of running that the tools share.
 *
 * The look of a tool happens while all objects of the program are alive, after its output is flushed.
 *
 * Threads: main.
 */
#include "tools/program.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "interp/compiler.h"
#include "interp/vm.h"
#include "runtime/containers.h"
#include "runtime/gc.h"
#include "runtime/memory.h"
#include "runtime/natives.h"
#include "runtime/safepoint.h"
#include "runtime/stats.h"
#include "runtime/str.h"
#include "runtime/thread_start.h"
#include "tools/stress_thread.h"

/* ---- loading ---------------------------------------------------------------------------------------- */

/* The path as tracebacks show it: absolute, otherwise as it was given. owns: rt_malloc'ed; NULL. */
static char *absolute_path(const char *path)
{
    char *cwd = path[0] != '/' ? getcwd(NULL, 0) : NULL;
    size_t n = cwd != NULL ? strlen(cwd) + 1 : 0;
    char *out = rt_malloc(n + strlen(path) + 1);
    if (out != NULL) {
        if (cwd != NULL) {
            memcpy(out, cwd, n - 1);
            out[n - 1] = '/';
        }
        strcpy(out + n, path);
    }
    free(cwd);
    return out;
}

static bool read_stream(FILE *f, Program *p)
{
    size_t capacity = 1 << 16;
    p->source = rt_malloc(capacity);
    while (p->source != NULL) {
        p->size_bytes += fread(p->source + p->size_bytes, 1, capacity - p->size_bytes, f);
        if (p->size_bytes < capacity) {
            return ferror(f) == 0;
        }
        capacity *= 2;
        char *larger = rt_realloc(p->source, capacity);
        if (larger == NULL) {
            rt_free(p->source);
        }
        p->source = larger;
    }
    errno = ENOMEM;
    return false;
}

static bool read_program(Program *p, const char *path, const Tool *tool)
{
    FILE *f = p->is_file ? fopen(path, "rb") : stdin;
    bool ok = f != NULL && read_stream(f, p);
    if (!ok) {
        fprintf(stderr, "%s: can't open file '%s': [Errno %d] %s\n", tool->name, path, errno,
                strerror(errno));
    }
    if (f != NULL && p->is_file) {
        fclose(f);
    }
    return ok;
}

/* ---- running --------------------------------------------------------------------------------------- */

/* The exit status of a SystemExit, after printing a message that is no number. */
static int system_exit_status(Thread *th, Value exc)
{
    Value code = ((Exception *)value_object(exc))->extra;
    if (code == VALUE_ABSENT || code == VALUE_NONE) {
        return 0;
    }
    if (value_is_small_int(code)) {
        return (int)(value_int(code) & 0xFF);
    }
    if (value_is_bool(code)) {
        return code == VALUE_TRUE;
    }
    Value text = rt_str(th, code);
    size_t n = 0;
    const char *utf8 = text != VALUE_ABSENT ? str_utf8(th, text, &n) : NULL;
    if (utf8 != NULL) {
        natives_flush(th);
        natives_write(th, 2, utf8, n);
        natives_write(th, 2, "\n", 1);
    }
    rt_xdecref(th, text);
    rt_clear_exception(th);
    return 1;
}

static int report(Thread *th)
{
    Value exc = rt_take_exception(th);
    int status = 1;
    if (value_object(exc)->type_id == EXC_SYSTEM_EXIT) {
        status = system_exit_status(th, exc);
    } else {
        natives_flush(th);
        vm_print_exception(th, exc);
        status = value_object(exc)->type_id == EXC_KEYBOARD_INTERRUPT ? 130 : 1;
    }
    rt_decref(th, exc);
    return status;
}

static Value make_main(Thread *th, const Program *p)
{
    Value main = module_new(th, "__main__");
    if (main == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value globals = ((Module *)value_object(main))->dict;
    Value file = p->is_file ? str_from_cstr(th, p->name) : VALUE_NONE;
    bool ok = file != VALUE_ABSENT && dict_set_cstr(th, th->rt->modules, "__main__", main) &&
              (!p->is_file || dict_set_cstr(th, globals, "__file__", file));
    rt_xdecref(th, file);
    if (!ok) {
        rt_decref(th, main);
        return VALUE_ABSENT;
    }
    return main;
}

static void print_bytecode(Thread *th, Value code)
{
    char *text = code_disassemble(th, (const Code *)value_object(code), true);
    fputs(text != NULL ? text : "adder: out of memory\n", text != NULL ? stdout : stderr);
    rt_free(text);
}

/* code: compiled, or absent with the exception set. */
static int run_code(Thread *th, const Program *p, Value code)
{
    if (code == VALUE_ABSENT) {
        return report(th);
    }
    Value main = make_main(th, p);
    Value result = main != VALUE_ABSENT
                       ? vm_run_module(th, code, ((Module *)value_object(main))->dict)
                       : VALUE_ABSENT;
    int status = result == VALUE_ABSENT ? report(th) : 0;
    rt_xdecref(th, result);
    rt_xdecref(th, main);
    return status;
}

typedef struct ThreadRun {
    const Program *program;
    Value code;
} ThreadRun;

static int run_in_thread(Thread *th, void *context)
{
    const ThreadRun *r = context;
    int status = run_code(th, r->program, r->code);
    natives_flush(th);
    return status;
}

/* -X stress-thread */
static int run_code_in_thread(Thread *th, const Program *p, Value code)
{
    if (code == VALUE_ABSENT) {
        return report(th);
    }
    ThreadRun r = {p, code};
    rt_publish(th, value_object(code));
    int status;
    return stress_in_thread(th, run_in_thread, &r, &status) ? status : report(th);
}

static void print_dumps(Thread *th, const char *stage)
{
    for (uint32_t id = 1; id <= jit_trace_count(th); id++) {
        const JitTrace *t = jit_trace(th, id);
        if (t == NULL) {
            continue;
        }
        for (uint32_t i = 0; i < t->dump_count; i++) {
            bool last = i + 1 == t->dump_count;
            if (t->dumps[i].text != NULL &&
                (strcmp(stage, "all") == 0 || strcmp(stage, t->dumps[i].stage) == 0 ||
                 (last && strcmp(stage, "final") == 0))) {
                fprintf(stderr, "; trace %u, %s:%d, %s\n%s\n", id, t->event.file, t->event.lineno,
                        t->dumps[i].stage, t->dumps[i].text);
            }
        }
    }
}

static void print_thread_stats(void)
{
    stats_flush();
    char *text = stats_built() ? stats_text() : NULL;
    fputs(text != NULL    ? text
          : stats_built() ? "adder: out of memory\n"
                          : "adder: -X thread-stats needs a build with meson -Dstats=true\n",
          stderr);
    rt_free(text);
}

static void print_reports(Thread *th, const Options *o)
{
    if (o->thread_stats) {
        print_thread_stats();
    }
    if (o->gc_stats) {
        char *text = gc_stats_text(th->rt);
        fputs(text != NULL ? text : "adder: out of memory\n", stderr);
        rt_free(text);
    }
    if (th->jit == NULL) {
        return;
    }
    if (o->dump != NULL) {
        print_dumps(th, o->dump);
    }
    if (o->stats) {
        char *text = jit_stats_text(th);
        fputs(text != NULL ? text : "adder: out of memory\n", stderr);
        rt_free(text);
    }
}

static int run_started(Thread *th, const Program *p, const Options *o, ProgramLook look,
                       void *context)
{
    int status = 0;
    if (o->stress_share) {
        thread_share(th);
    }
    gc_set_stress(th, o->stress_gc);
    rt_alloc_fail_at(o->alloc_fail, false);
    Value code = compile_module(th, p->source, p->size_bytes, p->name);
    if (o->dis && code != VALUE_ABSENT) {
        print_bytecode(th, code);
    } else {
        status = o->stress_thread ? run_code_in_thread(th, p, code) : run_code(th, p, code);
    }
    rt_alloc_fail_at(0, false);
    threads_stop(th);
    if (!natives_flush(th) && status == 0) {
        status = 120;
    }
    print_reports(th, o);
    if (look != NULL && !o->dis) {
        look(context, th, code, status);
    }
    rt_xdecref(th, code);
    return status;
}

int program_run(const Program *p, const Options *o, const Tool *tool, ProgramLook look,
                void *context)
{
    Thread *th = rt_start();
    if (th == NULL) {
        fprintf(stderr, "%s: out of memory\n", tool->name);
        return 1;
    }
    th->rt->gil = o->gil != NULL && o->gil[0] == '1';
    const char *why = NULL;
    bool jit = o->jit.mode != JIT_OFF;
    VmConfig vm = {.threshold = o->jit.threshold, .jit = jit ? jit_vm() : NULL};
    NativeConfig natives = {.argc = p->argc,
                            .argv = p->argv,
                            .executable = tool->name,
                            .gil = o->gil};
    int status = 1;
    if ((jit && !jit_start(th, &o->jit, &why)) || !natives_init(th, &natives) ||
        !vm_init(th, &vm)) {
        fprintf(stderr, "%s: cannot start: %s\n", tool->name, why != NULL ? why : "out of memory");
    } else {
        status = run_started(th, p, o, look, context);
    }
    jit_stop(th);
    vm_done(th);
    rt_stop(th);
    return status;
}

/* ---- the command line -------------------------------------------------------------------------------- */

int program_usage(const Tool *tool, const char *message)
{
    fprintf(stderr, "%s: %s\nTry `%s --help' for more information.\n", tool->name, message,
            tool->name);
    return 2;
}

static void print_help(FILE *out, const Tool *tool)
{
    fprintf(out,
            "usage: %s [option] ... [-c cmd | file | -] [arg] ...\n"
            "  -c cmd                           program passed in as string\n"
            "  file                             program read from script file\n"
            "  -                                program read from standard input\n"
            "  --help, -h                       this text\n"
            "  --version, -V                    prints the version\n",
            tool->name);
    if (tool->help != NULL) {
        tool->help(out);
    }
    options_print(out);
}

/* The value of -X or -c: attached, or the next argument. */
static const char *option_value(int argc, char **argv, int *i)
{
    if (argv[*i][2] != '\0') {
        return argv[*i] + 2;
    }
    return *i + 1 < argc ? argv[++*i] : NULL;
}

typedef struct CommandLine {
    Program *program;
    Options *options;
    const Tool *tool;
    int argc;
    char **argv;
    int at;              /* the argument in hand */
    const char *command; /* of -c */
} CommandLine;

/* -X and -c. PROGRAM_LOADED: go on. */
static int parse_valued(CommandLine *c)
{
    char message[200];
    bool is_x = c->argv[c->at][1] == 'X';
    const char *value = option_value(c->argc, c->argv, &c->at);
    if (value == NULL) {
        return program_usage(c->tool,
                             is_x ? "-X needs a value" : "argument expected for the -c option");
    }
    if (!is_x) {
        c->command = value;
    } else if (!options_parse_x(c->options, value, message, sizeof message)) {
        return program_usage(c->tool, message);
    }
    return PROGRAM_LOADED;
}

static int parse_option(CommandLine *c)
{
    const char *word = c->argv[c->at];
    char message[200];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        print_help(stdout, c->tool);
        return 0;
    }
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        printf("%s " ADDER_VERSION " (Python 3.11)\n", c->tool->title);
        return 0;
    }
    if (word[1] == 'X' || word[1] == 'c') {
        return parse_valued(c);
    }
    int taken = c->tool->option != NULL ? c->tool->option(c->tool->context, c->argc, c->argv,
                                                          &c->at, message, sizeof message)
                                        : 0;
    if (taken == 0) {
        snprintf(message, sizeof message, "unknown option %s", word);
    }
    return taken > 0 ? PROGRAM_LOADED : program_usage(c->tool, message);
}

static int load_command(CommandLine *c)
{
    static char dash_c[] = "-c";
    Program *p = c->program;
    c->argv[c->at] = dash_c;
    p->name = "<string>";
    p->size_bytes = strlen(c->command);
    p->source = rt_malloc(p->size_bytes + 1);
    if (p->source == NULL) {
        return program_usage(c->tool, "out of memory");
    }
    memcpy(p->source, c->command, p->size_bytes + 1);
    return PROGRAM_LOADED;
}

static int load_file(CommandLine *c)
{
    Program *p = c->program;
    bool named = c->at < c->argc;
    p->is_file = named && strcmp(c->argv[c->at], "-") != 0;
    if (!named && isatty(0)) {
        return program_usage(c->tool,
                             "the interactive mode is not there yet: give a file, -c or -");
    }
    if (!read_program(p, p->is_file ? c->argv[c->at] : p->name, c->tool)) {
        return 2;
    }
    if (p->is_file) {
        p->path = absolute_path(c->argv[c->at]);
        p->name = p->path != NULL ? p->path : c->argv[c->at];
    }
    return PROGRAM_LOADED;
}

int program_load(Program *p, Options *o, const Tool *tool, int argc, char **argv)
{
    static char nothing[] = "", *no_args[] = {nothing};
    CommandLine c = {p, o, tool, argc, argv, 1, NULL};
    *p = (Program){.name = "<stdin>"};
    options_init(o);
    for (; c.at < argc && argv[c.at][0] == '-' && argv[c.at][1] != '\0'; c.at++) {
        int status = parse_option(&c);
        if (status != PROGRAM_LOADED) {
            return status;
        }
        if (c.command != NULL) {
            break;
        }
    }
    if (!options_finish(o)) {
        return 1;
    }
    int status = c.command != NULL ? load_command(&c) : load_file(&c);
    p->argc = c.at < argc ? argc - c.at : 1;
    p->argv = c.at < argc ? argv + c.at : no_args;
    return status;
}

void program_free(Program *p)
{
    rt_free(p->source);
    rt_free(p->path);
    *p = (Program){0};
}
