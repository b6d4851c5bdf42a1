/*
 * The choice of a table: ADDER_STENCILS takes away what a CPU has, and gives nothing that it has not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "stencils/stencil.h"

static void sse_is_taken_when_asked_for(void **state)
{
    (void)state;
    unsetenv("ADDER_STENCILS");
    const StencilTable *best = st_table_for_cpu();
    setenv("ADDER_STENCILS", "sse", 1);
    assert_ptr_equal(st_table_for_cpu(), best != NULL ? &st_table_sse : NULL);
    setenv("ADDER_STENCILS", "avx", 1);
    assert_ptr_equal(st_table_for_cpu(), best);
    unsetenv("ADDER_STENCILS");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sse_is_taken_when_asked_for)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
