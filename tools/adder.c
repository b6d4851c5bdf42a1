/*
 * adder: the runtime's command line.
 *
 * Reads a program (file, -c, standard input), compiles it, runs it as __main__, prints what was not
 * caught, and exits as Python does.
 *
 * Threads: main.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "interp/compiler.h"
#include "interp/vm.h"
#include "runtime/containers.h"
#include "runtime/memory.h"
#include "runtime/natives.h"
#include "runtime/str.h"
#include "tools/options.h"

#define ADDER_VERSION "0.1"

typedef struct Program {
    const char *name; /* file name in tracebacks: path, "<string>" or "<stdin>" */
    char *source;     /* rt_malloc'ed */
    size_t size_bytes;
    bool is_file;
} Program;

static void print_help(FILE *out)
{
    fprintf(out, "usage: adder [option] ... [-c cmd | file | -] [arg] ...\n"
                 "  -c cmd                           program passed in as string\n"
                 "  file                             program read from script file\n"
                 "  -                                program read from standard input\n"
                 "  --help, -h                       this text\n"
                 "  --version, -V                    prints the version\n");
    options_print(out);
}

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

static bool read_program(Program *p, const char *path)
{
    FILE *f = p->is_file ? fopen(path, "rb") : stdin;
    if (f == NULL || !read_stream(f, p)) {
        fprintf(stderr, "adder: can't open file '%s': [Errno %d] %s\n", path, errno,
                strerror(errno));
        return false;
    }
    if (p->is_file) {
        fclose(f);
    }
    return true;
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

static int run_program(Thread *th, const Program *p, bool dis)
{
    Value code = compile_module(th, p->source, p->size_bytes, p->name);
    if (code == VALUE_ABSENT) {
        return report(th);
    }
    int status = 0;
    if (dis) {
        char *text = code_disassemble(th, (const Code *)value_object(code), true);
        fputs(text != NULL ? text : "adder: out of memory\n", text != NULL ? stdout : stderr);
        rt_free(text);
    } else {
        Value main = make_main(th, p);
        Value result = main != VALUE_ABSENT
                           ? vm_run_module(th, code, ((Module *)value_object(main))->dict)
                           : VALUE_ABSENT;
        status = result == VALUE_ABSENT ? report(th) : 0;
        rt_xdecref(th, result);
        rt_xdecref(th, main);
    }
    rt_decref(th, code);
    return status;
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

static void print_reports(Thread *th, const Options *o)
{
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

static int run(const Program *p, const Options *o, int argc, char **argv)
{
    Thread *th = rt_start();
    if (th == NULL) {
        fputs("adder: out of memory\n", stderr);
        return 1;
    }
    const char *why = NULL;
    bool jit = o->jit.mode != JIT_OFF;
    VmConfig vm = {.threshold = o->jit.threshold, .jit = jit ? jit_vm() : NULL};
    NativeConfig natives = {.argc = argc, .argv = argv, .executable = "adder"};
    int status = 1;
    if ((jit && !jit_start(th, &o->jit, &why)) || !natives_init(th, &natives) ||
        !vm_init(th, &vm)) {
        fprintf(stderr, "adder: cannot start: %s\n", why != NULL ? why : "out of memory");
    } else {
        rt_alloc_fail_at(o->alloc_fail, false);
        status = run_program(th, p, o->dis);
        rt_alloc_fail_at(0, false);
        if (!natives_flush(th) && status == 0) {
            status = 120;
        }
        print_reports(th, o);
    }
    jit_stop(th);
    vm_done(th);
    rt_stop(th);
    return status;
}

static int usage(const char *message)
{
    fprintf(stderr, "adder: %s\nTry `adder --help' for more information.\n", message);
    return 2;
}

/* Handles an option that is followed by its value, attached or as the next argument. */
static const char *option_value(int argc, char **argv, int *i)
{
    if (argv[*i][2] != '\0') {
        return argv[*i] + 2;
    }
    return *i + 1 < argc ? argv[++*i] : NULL;
}

int main(int argc, char **argv)
{
    Options o;
    Program p = {.name = "<stdin>"};
    char message[200];
    const char *command = NULL;
    char *path = NULL;
    options_init(&o);
    int i = 1;
    for (; i < argc && argv[i][0] == '-' && argv[i][1] != '\0'; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            print_help(stdout);
            return 0;
        }
        if (strcmp(argv[i], "--version") == 0 || strcmp(argv[i], "-V") == 0) {
            puts("Adder " ADDER_VERSION " (Python 3.11)");
            return 0;
        }
        const char *value = NULL;
        if (argv[i][1] == 'X' || argv[i][1] == 'c') {
            bool is_x = argv[i][1] == 'X';
            value = option_value(argc, argv, &i);
            if (value == NULL) {
                return usage(is_x ? "-X needs a value" : "argument expected for the -c option");
            }
            if (!is_x) {
                command = value;
                break;
            }
            if (!options_parse_x(&o, value, message, sizeof message)) {
                return usage(message);
            }
            continue;
        }
        snprintf(message, sizeof message, "unknown option %s", argv[i]);
        return usage(message);
    }
    options_finish(&o);
    static char dash_c[] = "-c", nothing[] = "";
    if (command != NULL) {
        argv[i] = dash_c;
        p.name = "<string>";
        p.size_bytes = strlen(command);
        p.source = rt_malloc(p.size_bytes + 1);
        if (p.source == NULL) {
            return usage("out of memory");
        }
        memcpy(p.source, command, p.size_bytes + 1);
    } else {
        p.is_file = i < argc && strcmp(argv[i], "-") != 0;
        if (i >= argc && isatty(0)) {
            return usage("the interactive mode is not there yet: give a file, -c or -");
        }
        if (!read_program(&p, p.is_file ? argv[i] : p.name)) {
            return 2;
        }
        if (p.is_file) {
            path = absolute_path(argv[i]);
            p.name = path != NULL ? path : argv[i];
        }
    }
    char *no_args[] = {nothing};
    int status = i < argc ? run(&p, &o, argc - i, argv + i) : run(&p, &o, 1, no_args);
    rt_free(p.source);
    rt_free(path);
    return status;
}
