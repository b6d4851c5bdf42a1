/*
 * Thread start: Python threads as threads of the system, kept for a while in a pool when they end.
 *
 * A worker is a system thread with its Thread.  It runs one job after the other; between two it waits,
 * parked, with its allocator's heap and value stack as they are.  All threads are daemons: threads_stop ends
 * them where they stand.
 *
 * Threads: any attached, unless stated.
 */
#ifndef ADDER_RUNTIME_THREAD_START_H
#define ADDER_RUNTIME_THREAD_START_H

#include "runtime/thread_lock.h"

/* What a thread that can be joined gives to its starter. `running` is held until it has ended. */
typedef struct ThreadHandle {
    Object header;
    ThreadLock running;
    _Atomic uint64_t ident; /* 0: not started */
    Thread *th; /* which Thread runs it; compared only, to find out that a thread joins itself */
} ThreadHandle;

/* A call to be made in another thread; borrowed. nargs of args are positional, then one for each name. */
typedef struct ThreadJob {
    Value function;
    Value args;    /* tuple */
    Value kwnames; /* tuple of str, or VALUE_ABSENT */
    Value handle;  /* ThreadHandle, not started, or VALUE_ABSENT */
} ThreadJob;

/* Runs the job in a new thread; *ident: its thread_ident. fails: false, RuntimeError "can't start new thread" or
 * MemoryError, nothing has been started. may: block (parked). */
bool thread_start(Thread *th, const ThreadJob *job, uint64_t *ident);
/* Threads that run jobs now. */
uint32_t thread_job_count(const Runtime *rt);
/* What programs know a thread by: not 0, unique among those that run. threads: the thread itself. */
uint64_t thread_ident(void);
/* The C stack of threads that are started from now on, in bytes; 0: the system's default. A thread has never
 * less than what the runtime itself needs. */
size_t thread_stack_size(const Runtime *rt);
bool thread_set_stack_size(Thread *th, size_t size_bytes); /* fails: false, MemoryError */

/* The end: no thread but the main one runs Python from now on. Those that wait in the pool end; the others stop at
 * their next safepoint, or where they are parked, for ever. Returns when all have.
 * threads: main. returns: true if some have stopped with what they held; then nothing that hangs from the
 * runtime or from their Threads may be freed. */
bool threads_stop(Thread *th);
/* Frees the pool. threads: main, after threads_stop. */
void thread_pool_free(Runtime *rt);
/* thread_local.c: the thread ends: its values go. may: run Python. */
void thread_locals_clear(Thread *th);

#endif
