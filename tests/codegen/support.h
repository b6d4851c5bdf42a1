/*
 * What the tests of codegen share: a runtime, an arena, traces from text, and the comparison of
 * machine code with the portable executor.
 */
#ifndef ADDER_TESTS_CODEGEN_SUPPORT_H
#define ADDER_TESTS_CODEGEN_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "codegen/codegen.h"
#include "ir/ir.h"
#include "runtime/int.h"
#include "runtime/memory.h"

enum { FRAME_SLOTS = 64 };
static Thread *thread;
static CgArena *arena;
static uint32_t check_seed; /* for messages */

static inline int codegen_setup(void **state)
{
    (void)state;
    thread = rt_start();
    const char *why = NULL;
    arena = thread != NULL ? cg_arena_new(thread, 4 << 20, &why) : NULL;
    if (arena == NULL) {
        fprintf(stderr, "no arena: %s\n", why != NULL ? why : "no runtime");
    }
    return arena == NULL ? -1 : 0;
}
static inline int codegen_teardown(void **state)
{
    (void)state;
    cg_arena_free(thread, arena);
    rt_stop(thread);
    return 0;
}

static inline Value small(int64_t x) { return value_from_small_int(x); }
static inline Value real(double x) { return value_from_double(x); }

/* The trace; the test fails with the parser's or the validator's message. */
static inline IrTrace *trace_of(const char *text)
{
    char message[200] = "";
    uint32_t line = 0;
    IrTrace *t = ir_parse(thread, text, message, &line);
    if (t == NULL) {
        fail_msg("line %u: %s\n%s", line, message, text);
    }
    if (!ir_validate(t, message, sizeof message)) {
        fail_msg("%s\n%s", message, text);
    }
    return t;
}

static inline CgCode *compiled(const IrTrace *t, const CgContext *context)
{
    CgCode *code = NULL;
    CgStatus s = cg_compile(thread, arena, t, context, &code);
    if (s != CG_OK) {
        fail_msg("%s", cg_status_text(s));
    }
    return code;
}

static inline IrWord fetch_from_array(void *context, IrRef ref)
{
    return ((const IrWord *)context)[ref];
}

/* The same word, or heap ints of the same number. */
static inline bool same_number(Value a, Value b)
{
    if (value_is_double(a) && value_is_double(b) && value_double(a) != value_double(a)) {
        return value_double(b) != value_double(b); /* which NaN comes out of two is not defined */
    }
    return a == b ||
           (value_has_type(a, TYPE_INT) && value_has_type(b, TYPE_INT) && int_compare(a, b) == 0);
}

/* Drops the ints that a run has boxed into a frame: those that the frame did not hold before. */
static inline void drop_boxed(const Value *before, const Value *after)
{
    for (int i = 0; i < FRAME_SLOTS; i++) {
        bool known = !value_is_object(after[i]);
        for (int j = 0; j < FRAME_SLOTS && !known; j++) {
            known = before[j] == after[i] || (j < i && after[j] == after[i]);
        }
        if (!known) {
            rt_decref(thread, after[i]);
        }
    }
}

/* Runs the trace on a copy of the frame in both engines; snapshot and rebuilt frame must agree.
 * The frame's values must be numbers. */
static inline uint32_t check_engines_agree(const IrTrace *t, const Value *frame)
{
    Value portable[FRAME_SLOTS] = {0}, native[FRAME_SLOTS] = {0};
    memcpy(portable, frame, sizeof portable);
    memcpy(native, frame, sizeof native);
    IrWord *values = calloc(t->count, sizeof *values);
    assert_non_null(values);
    IrExit x = ir_execute(thread, t, portable, values, NULL);
    assert_true(x.snap != IR_NONE);
    ir_restore(thread, t, x.snap, portable, fetch_from_array, values);
    free(values);
    CgCode *code = compiled(t, NULL);
    CgState state;
    cg_enter(thread, code, native, &state);
    if (state.exit->snap != x.snap) {
        fail_msg("seed %u: exit %u, machine code %u\n%s", check_seed, x.snap, state.exit->snap,
                 ir_print(t));
    }
    cg_restore(thread, &state);
    for (int i = 0; i < FRAME_SLOTS; i++) {
        if (!same_number(portable[i], native[i])) {
            fail_msg("seed %u, slot %d: %llx, machine code %llx, exit %u\n%s", check_seed, i,
                     (unsigned long long)portable[i], (unsigned long long)native[i], x.snap,
                     ir_print(t));
        }
    }
    drop_boxed(frame, portable);
    drop_boxed(frame, native);
    cg_code_free(thread, arena, code);
    return x.snap;
}

#endif
