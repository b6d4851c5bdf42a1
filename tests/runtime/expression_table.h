/*
 * What the tests of the runtime's types share beyond expression.h: includes, the thread, a
 * generator of numbers.
 *
 * Tables of expressions hold CPython 3.11's results; each is also run with every allocation on the
 * way failing.
 * Threads: one.
 */
#ifndef ADDER_TESTS_RUNTIME_EXPRESSION_TABLE_H
#define ADDER_TESTS_RUNTIME_EXPRESSION_TABLE_H

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

static Thread *th;

static inline int table_setup(void **state)
{
    if (expression_setup(state) != 0) {
        return -1;
    }
    th = *state;
    return 0;
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
