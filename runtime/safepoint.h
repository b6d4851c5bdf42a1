/*
 * Safepoints: how threads agree.
 *
 * A thread is running, parked, or ended.  Running: it may use shared memory.  Parked: it holds no
 * borrowed reference into shared memory and touches nothing that others see until it has come back
 * (epoch_park, epoch_unpark: around every call that may block).  A running thread comes to a safepoint at
 * back edges, function entries and in native loops, when its poll word is not 0.
 *
 * Alone.  Thread.alone says that no other thread runs and that none will begin to (start, or come
 * back from being parked) before this one has let go at a safepoint of its own or has parked.  Then it
 * needs no locks and no retirement.  The main thread is born alone; starting a thread ends it;
 * a thread takes it again at a safepoint when for some time it was the only one that ran.  With the
 * GIL on (rt->gil) every running thread is alone: being alone is having the GIL.
 *
 * The store barrier (rt_store_barrier) stays: objects that were born private while others ran are still
 * private when their thread is alone again, and others run again later.
 *
 * The word changes only at the thread's own safepoints and while it is parked, so code between two
 * safepoints may rely on one answer.  Code that has called Python, blocked or polled asks again.
 *
 * Threads: any attached; stated per function.
 */
#ifndef ADDER_RUNTIME_SAFEPOINT_H
#define ADDER_RUNTIME_SAFEPOINT_H

#include "runtime/thread.h"

/* Raises bits of t's poll word and poisons its stack limit, so that back edges and entries look. Safe in a
 * signal handler.
 * threads: any, t kept from ending (itself, or the list of threads is locked, or the world is stopped). */
void thread_raise_poll(Thread *t, uint32_t bits);

/* Does what the poll word asks: passes a quiescent point, waits out a stopped world, lets go of or takes
 * the alone state, hands on the GIL, merges counts; then hooks.poll for what needs Python.
 * Call it whenever th->poll != 0 and nothing is borrowed. fails: false, exception set. may: run Python,
 * wait. */
bool thread_safepoint(Thread *th);

/* Waits, parked, until every thread that runs now has passed a safepoint or is parked; the caller holds no
 * lock and nothing borrowed. may: be stopped. */
void thread_handshake(Thread *th);

/* Stops the world: returns when every other thread is parked or waits at a safepoint. No two threads stop it
 * at a time (the second waits, parked). Between the two calls the caller runs no Python and allocates
 * nothing that may wait. */
void world_stop(Thread *th);
void world_start(Thread *th);

/* Stops the world for good: the other threads stay where they stop, and the main thread is alone from now on,
 * through parks too. threads: main. */
void world_end(Thread *th);
/* The calling thread stops here for ever, parked. */
_Noreturn void thread_stop_for_ever(Thread *th);

/* Lets go of being alone now, with nothing borrowed: for C that starts threads and goes on without a
 * safepoint, such as tests. With the GIL on it does nothing: park instead. threads: its own. */
void thread_share(Thread *th);

/* In a fork child: th is the only thread and alone; all that other threads could have locked is free. The
 * parent had stopped the world. */
void threads_after_fork(Thread *th);

#endif
