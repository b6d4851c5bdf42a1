/*
 * The choice of a stencil table by what the CPU has.
 *
 * ADDER_STENCILS=sse takes the SSE table where the AVX table could run, so that a machine with AVX
 * can test what older ones get. Anything else in it changes nothing.
 *
 * Threads: any.
 */
#include "stencils/stencil.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
static bool wants_sse(void)
{
    const char *wanted = getenv("ADDER_STENCILS");
    return wanted != NULL && strcmp(wanted, "sse") == 0;
}
#endif

const StencilTable *st_table_for_cpu(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx") && __builtin_cpu_supports("bmi2") && !wants_sse()) {
        return &st_table_avx;
    }
    if (__builtin_cpu_supports("sse4.1")) {
        return &st_table_sse;
    }
#endif
    return NULL;
}
