/*
 * The choice of a stencil table by what the CPU has.
 *
 * Threads: any.
 */
#include "stencils/stencil.h"

#include <stddef.h>

const StencilTable *st_table_for_cpu(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx") && __builtin_cpu_supports("bmi2")) {
        return &st_table_avx;
    }
    if (__builtin_cpu_supports("sse4.1")) {
        return &st_table_sse;
    }
#endif
    return NULL;
}
