/*
 * Tables of expressions with CPython 3.11's results, and how they are run: once as they are, and
 * once for each allocation that can fail on the way (the result is then MemoryError or the same).
 *
 * Used by the tests of the runtime's types; the expressions are evaluated by expression.c.
 * Threads: one.
 */
#ifndef ADDER_TESTS_RUNTIME_CASES_H
#define ADDER_TESTS_RUNTIME_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/containers.h"
#include "runtime/int.h"
#include "runtime/memory.h"
#include "runtime/str.h"
#include "tests/runtime/expression.h"

typedef struct Case {
    const char *text, *result;
} Case;

static Thread *th;

static inline int cases_setup(void **state)
{
    (void)state;
    static char *arguments[] = {(char *)"test", NULL};
    NativeConfig config = {.argc = 1, .argv = arguments};
    th = rt_start();
    return th != NULL && natives_init(th, &config) ? 0 : -1;
}

static inline int cases_teardown(void **state)
{
    (void)state;
    rt_stop(th);
    return 0;
}

static inline void cases_check(const Case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *result = expression_result(th, cases[i].text);
        if (strcmp(result, cases[i].result) != 0) {
            print_error("expression: %s\n", cases[i].text);
        }
        assert_string_equal(result, cases[i].result);
        free(result);
    }
}

/* Fails the first, second, ... allocation of each case until it gets through. */
static inline void cases_sweep(const Case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (uint64_t n = 1;; n++) {
            uint64_t before = rt_alloc_count();
            rt_alloc_fail_at(n, false);
            char *result = expression_result(th, cases[i].text);
            rt_alloc_fail_at(0, false);
            bool through = rt_alloc_count() - before < n;
            bool refused = strncmp(result, "MemoryError", 11) == 0;
            if (strcmp(result, cases[i].result) != 0 && !refused) {
                print_error("expression: %s, allocation %d fails: %s\n", cases[i].text, (int)n,
                            result);
                fail();
            }
            assert_false(rt_pending(th));
            free(result);
            if (through) {
                assert_false(refused);
                break;
            }
            assert_true(n < 5000);
        }
    }
}

/* A small generator; the sequence is fixed by its seed. */
static inline uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

#endif
