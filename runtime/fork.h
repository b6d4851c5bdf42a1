/*
 * Fork: what must be so before fork(2), and after it in parent and child.
 *
 *     rt_fork_prepare(th); pid = fork(); pid == 0 ? rt_fork_child(th) : rt_fork_parent(th);
 *
 * In the child the calling thread is the only one, the main one and alone.  The others are gone: what they owned
 * and held stays as it was, so a lock that one of them held is held for ever.
 *
 * Threads: any attached, holding no lock.
 */
#ifndef ADDER_RUNTIME_FORK_H
#define ADDER_RUNTIME_FORK_H

#include "runtime/thread.h"

/* Stops the world and takes what parked threads may hold. may: wait. */
void rt_fork_prepare(Thread *th);
void rt_fork_parent(Thread *th);
void rt_fork_child(Thread *th);

/* thread_start.c: no parked thread is in the middle of a change of the pool; the child has no workers. */
void thread_pool_fork_prepare(Runtime *rt);
void thread_pool_fork_parent(Runtime *rt);
void thread_pool_fork_child(Thread *th);
/* natives.c: nobody is in the middle of a change of the standard streams. */
void natives_fork_prepare(Runtime *rt);
void natives_fork_done(Runtime *rt);

#endif
