/*
 * Natives: the builtin functions and modules that are written in C.
 *
 * Threads: natives_init before any program runs; the functions themselves: any.
 */
#ifndef ADDER_RUNTIME_NATIVES_H
#define ADDER_RUNTIME_NATIVES_H

#include "runtime/abstract.h"

typedef struct NativeConfig {
    int argc; /* sys.argv */
    char *const *argv;
    const char *executable;
    bool unbuffered;
    const char *gil; /* sys.flags.gil: "0", "1", or NULL: nobody said */
} NativeConfig;

/* Fills th->rt->builtins and registers sys, math, time, builtins in th->rt->modules (sys is made at
 * once, the others on first import). fails: false, exception set. */
bool natives_init(Thread *th, const NativeConfig *config);
/* The builtin module of that name, made on demand. owns: new; absent without an exception: there
 * is no such builtin module. */
Value natives_import(Thread *th, Value name);
/* Adds one function to the builtins (for those that need frames: globals, locals, exec, ...).
 * def lives as long as the runtime. fails: false, MemoryError set. */
bool natives_add_builtin(Thread *th, const NativeDef *def);
/* Flushes and frees what natives_init made, but for what programs still hold. Called by rt_stop;
 * without natives_init it does nothing. */
void natives_stop(Thread *th);
/* The function of a builtin module with that name ("math", "sin"), for recognising calls, or NULL. */
const NativeDef *natives_find(const char *module, const char *name);
/* Flushes sys.stdout / sys.stderr. */
bool natives_flush(Thread *th);
/* Writes text to a stream (1 stdout, 2 stderr) through its buffer. */
bool natives_write(Thread *th, int stream, const char *text, size_t length);

#endif
