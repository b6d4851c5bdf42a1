/*
 * Stats: in a statistics build (meson -Dstats=true), how often threads write lines that others may hold.
 *
 * STAT_COUNT(name) counts one event of runtime/stats.def for the calling system thread, in thread-local memory; a thread
 * that is detached adds its counts to the process's.  In all other builds it is nothing.
 * Counted are the C functions: what machine code does inline on shared lines is not seen, so figures of traces
 * come from the portable executor, which runs the same uops by calling these functions.
 *
 * Threads: any.
 */
#ifndef ADDER_RUNTIME_STATS_H
#define ADDER_RUNTIME_STATS_H

#include <stdbool.h>
#include <stdint.h>

enum {
#define STAT(name, kind, text) STAT_##name,
#include "runtime/stats.def"
#undef STAT
    STATS
};

/* Is this a statistics build? */
bool stats_built(void);
/* Adds the calling thread's counts to the process's, and begins again. */
void stats_flush(void);
/* One line a count, "thread-stats KIND NAME N TEXT". Call stats_flush first. owns: rt_malloc'ed; NULL: no memory. */
char *stats_text(void);

#ifdef ADDER_STATS
extern _Thread_local uint64_t stats_counts[STATS];
extern _Thread_local int32_t stats_locked;
#define STAT_COUNT(name) ((void)stats_counts[STAT_##name]++)
/* n object locks more are held; what STAT_COUNT_LOCKED counts, it counts while one is. */
#define STAT_LOCKED(n) ((void)(stats_locked += (n)))
#define STAT_COUNT_LOCKED(name) ((void)(stats_counts[STAT_##name] += stats_locked > 0))
#else
#define STAT_COUNT(name) ((void)0)
#define STAT_LOCKED(n) ((void)0)
#define STAT_COUNT_LOCKED(name) ((void)0)
#endif

#endif
