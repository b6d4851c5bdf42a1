/*
 * Stress: a program in a thread that is not the main one (-X stress-thread).
 *
 * Threads: main.
 */
#ifndef ADDER_TOOLS_STRESS_THREAD_H
#define ADDER_TOOLS_STRESS_THREAD_H

#include "runtime/thread.h"

typedef int (*StressRun)(Thread *th, void *context);

/* Calls run(another thread, context) in a thread that it starts; until that returns, this thread runs Python
 * code of its own, so that none is ever alone. returns: what run returned.
 * fails: false, exception set, run was not called. */
bool stress_in_thread(Thread *th, StressRun run, void *context, int *status);

#endif
