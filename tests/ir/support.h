/*
 * What the tests of traces share: a runtime for the whole program, traces from text, runs.
 */
#ifndef ADDER_TESTS_IR_SUPPORT_H
#define ADDER_TESTS_IR_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ir/ir.h"
#include "runtime/memory.h"

static Thread *thread;

static inline int runtime_setup(void **state)
{
    (void)state;
    thread = rt_start();
    return thread == NULL ? -1 : 0;
}
static inline int runtime_teardown(void **state)
{
    (void)state;
    rt_stop(thread);
    return 0;
}

/* The trace; the test fails with the parser's or the validator's message. */
static inline IrTrace *trace_of(const char *text)
{
    char message[200] = "";
    uint32_t line = 0;
    IrTrace *t = ir_parse(thread, text, message, &line);
    if (t == NULL) {
        fail_msg("line %u: %s", line, message);
    }
    if (!ir_validate(t, message, sizeof message)) {
        fail_msg("%s", message);
    }
    return t;
}

/* Runs t on a frame; the values stay in *values (free). */
static inline IrExit run_of(const IrTrace *t, Value *fp, IrWord **values)
{
    *values = calloc(t->count, sizeof **values);
    assert_non_null(*values);
    return ir_execute(thread, t, fp, *values, NULL);
}

static inline IrWord fetch_from_array(void *context, IrRef ref)
{
    return ((const IrWord *)context)[ref];
}

static inline Value small(int64_t x) { return value_from_small_int(x); }

#endif
