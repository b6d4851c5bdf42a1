/*
 * Options: the command line that adder and adder-trace share.
 *
 * Threads: main, before any other thread.
 */
#ifndef ADDER_TOOLS_OPTIONS_H
#define ADDER_TOOLS_OPTIONS_H

#include <stdio.h>

#include "interp/jit/jit.h"

typedef struct Options {
    JitConfig jit;
    const char *gil; /* -X gil, PYTHON_GIL, or NULL */
    bool stats, gc_stats, dis;
    bool thread_stats;
    const char *dump;  /* stage, or NULL */
    bool stress_share; /* Thread.alone is given up when the program starts */
    bool stress_thread;
    uint64_t alloc_fail;
    uint32_t stress_gc;
} Options;

void options_init(Options *o);
/* Parses what follows -X. fails: false, message written. */
bool options_parse_x(Options *o, const char *text, char *message, size_t size);
/* Prints the table of -X options. */
void options_print(FILE *out);
/* Checks combinations once all are parsed (jit-opt=0 wants the portable executor), and looks into the
 * environment. fails: false, CPython's fatal error printed: the process ends with status 1. */
bool options_finish(Options *o);

#endif
