/*
 * Program: what adder and adder-trace do alike: read the command line, load a program (file, -c,
 * standard input), run it as __main__, print what was not caught, and end with Python's exit status.
 *
 * Threads: main.
 */
#ifndef ADDER_TOOLS_PROGRAM_H
#define ADDER_TOOLS_PROGRAM_H

#include "tools/options.h"

#define ADDER_VERSION "0.1"

typedef struct Program {
    const char *name; /* file name in tracebacks: absolute path, "<string>" or "<stdin>" */
    char *source;     /* rt_malloc'ed */
    size_t size_bytes;
    bool is_file;
    char *path; /* rt_malloc'ed, or NULL: what name points at */
    int argc;   /* sys.argv */
    char **argv;
} Program;

/* A tool's name, and what its command line has beyond the common options. */
typedef struct Tool {
    const char *name;  /* "adder": before messages */
    const char *title; /* "Adder": before the version */
    void (*help)(FILE *out);
    /* Takes the option at argv[*i], moving *i to the last word of it. 0: not an option of this tool.
     * -1: wrong, message written. NULL: none. */
    int (*option)(void *context, int argc, char **argv, int *i, char *message, size_t size);
    void *context;
} Tool;

enum { PROGRAM_LOADED = -1 };
/* Parses the command line and reads the program. returns PROGRAM_LOADED, or the status to exit with:
 * all has been said (help, version, a wrong option, a file that cannot be read).
 * owns: *p afterwards, program_free, in any case. */
int program_load(Program *p, Options *o, const Tool *tool, int argc, char **argv);
void program_free(Program *p);

/* What a tool wants to see once the program has ended and before the runtime stops: main_code is the
 * module's Code, or absent where compilation failed; status is what the program ended with. */
typedef void (*ProgramLook)(void *context, Thread *th, Value main_code, int status);
/* Starts the runtime, runs p, prints the reports that o asks for, calls look (NULL: nobody looks),
 * stops the runtime. returns Python's exit status. */
int program_run(const Program *p, const Options *o, const Tool *tool, ProgramLook look,
                void *context);
/* "adder: MESSAGE" and where to find help. returns the exit status for wrong usage. */
int program_usage(const Tool *tool, const char *message);

#endif
