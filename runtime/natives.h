/*
 * Natives: the builtin functions and modules that are written in C.
 *
 * Threads: natives_init before any program runs; the functions themselves: any.
 */
#ifndef ADDER_RUNTIME_NATIVES_H
#define ADDER_RUNTIME_NATIVES_H

#include "runtime/abstract.h"

typedef struct NativeConfig {
    int argc;                /* sys.argv */
    char *const *argv;
    const char *executable;
    bool unbuffered;
} NativeConfig;

/* Fills th->rt->builtins and registers sys, math, time, builtins in th->rt->modules (sys is made at
 * once, the others on first import). fails: false, exception set. */
bool natives_init(Thread *th, const NativeConfig *config);
/* The builtin module of that name, made on demand. owns: new; absent without an exception: there
 * is no such builtin module. */
Value natives_import(Thread *th, Value name);
/* Flushes sys.stdout / sys.stderr. */
bool natives_flush(Thread *th);
/* Writes text to a stream (1 stdout, 2 stderr) through its buffer. */
bool natives_write(Thread *th, int stream, const char *text, size_t length);

#endif
