/*
 * Fork: the order of the steps.
 *
 * With the world stopped no other thread holds a lock that running threads take.  Parked ones may hold three: a
 * stream's mutex (in write(2)), the pool's lock, the lock of the list of threads.  They let go of each before they
 * come back, so taking them does not wait for the world.
 *
 * Threads: stated in fork.h.
 */
#include "runtime/fork.h"

#include "runtime/gc_internal.h"
#include "runtime/safepoint_internal.h"

void rt_fork_prepare(Thread *th)
{
    world_stop(th);
    natives_fork_prepare(th->rt);
    thread_pool_fork_prepare(th->rt);
    threads_lock(th->rt);
}

void rt_fork_parent(Thread *th)
{
    threads_unlock(th->rt);
    thread_pool_fork_parent(th->rt);
    natives_fork_done(th->rt);
    world_start(th);
}

void rt_fork_child(Thread *th)
{
    Runtime *rt = th->rt;
    threads_after_fork(th);
    gc_after_fork(th);
    atomic_fetch_add_explicit(&rt->forks, 1, memory_order_relaxed);
    thread_pool_fork_child(th);
    natives_fork_done(rt);
    if (rt->hooks.fork_child != NULL) {
        rt->hooks.fork_child(th);
    }
}
