/*
 * Stats: the counts of a statistics build, summed over threads, and their text.
 *
 * The sums are of the process, not of a Runtime: system threads count before they are attached and after.
 *
 * Threads: any; sums are atomic.
 */
#include "runtime/stats.h"

#include <stdatomic.h>
#include <stdio.h>

#include "runtime/memory.h"

#ifdef ADDER_STATS
_Thread_local uint64_t stats_counts[STATS];
_Thread_local int32_t stats_locked;
#endif

static _Atomic uint64_t sums[STATS];

static const struct {
    const char *name, *kind, *text;
} rows[] = {
#define STAT(name, kind, text) {#name, #kind, text},
#include "runtime/stats.def"
#undef STAT
};

bool stats_built(void)
{
#ifdef ADDER_STATS
    return true;
#else
    return false;
#endif
}

void stats_flush(void)
{
#ifdef ADDER_STATS
    for (int i = 0; i < STATS; i++) {
        atomic_fetch_add_explicit(&sums[i], stats_counts[i], memory_order_relaxed);
        stats_counts[i] = 0;
    }
#endif
}

char *stats_text(void)
{
    enum { LINE_MAX_BYTES = 120 };
    char *text = rt_malloc(STATS * LINE_MAX_BYTES);
    if (text == NULL) {
        return NULL;
    }
    int n = 0;
    for (int i = 0; i < STATS; i++) {
        n += snprintf(text + n, LINE_MAX_BYTES, "thread-stats %s %s %llu %s\n", rows[i].kind,
                      rows[i].name,
                      (unsigned long long)atomic_load_explicit(&sums[i], memory_order_relaxed),
                      rows[i].text);
    }
    return text;
}
