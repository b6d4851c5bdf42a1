/*
 * Thread offsets: where machine code and tier 1 find the fields of a Thread that they use by offset.
 *
 * Only constants and assertions; a stencil includes this and reads `disp32(thread)`.
 */
#ifndef ADDER_RUNTIME_THREAD_OFFSETS_H
#define ADDER_RUNTIME_THREAD_OFFSETS_H

#include "runtime/thread.h"

enum {
    THREAD_OFFSET_TID = 0,
    THREAD_OFFSET_TICKS = 4,
    THREAD_OFFSET_STACK_LIMIT = 8,
    THREAD_OFFSET_DISPATCH = 16,
    THREAD_OFFSET_TEMP = 24,
    THREAD_OFFSET_EXCEPTION = 32,
    THREAD_OFFSET_VM = 40,
    THREAD_OFFSET_JIT = 48,
    THREAD_OFFSET_TRACE_FP = 56,
    THREAD_OFFSET_CALLS_LEFT = 64,
    THREAD_OFFSET_ALONE = 68,
    THREAD_OFFSET_POLL = offsetof(Thread, poll),
};

_Static_assert(offsetof(Thread, tid) == THREAD_OFFSET_TID, "machine code");
_Static_assert(offsetof(Thread, ticks) == THREAD_OFFSET_TICKS, "machine code");
_Static_assert(offsetof(Thread, stack_limit) == THREAD_OFFSET_STACK_LIMIT, "machine code");
_Static_assert(offsetof(Thread, dispatch) == THREAD_OFFSET_DISPATCH, "machine code");
_Static_assert(offsetof(Thread, temp) == THREAD_OFFSET_TEMP, "machine code");
_Static_assert(offsetof(Thread, exception) == THREAD_OFFSET_EXCEPTION, "machine code");
_Static_assert(offsetof(Thread, vm) == THREAD_OFFSET_VM, "machine code");
_Static_assert(offsetof(Thread, jit) == THREAD_OFFSET_JIT, "machine code");
_Static_assert(offsetof(Thread, trace_fp) == THREAD_OFFSET_TRACE_FP, "machine code");
_Static_assert(offsetof(Thread, calls_left) == THREAD_OFFSET_CALLS_LEFT, "machine code");
_Static_assert(offsetof(Thread, alone) == THREAD_OFFSET_ALONE, "machine code");
_Static_assert(THREAD_OFFSET_POLL < 256 && sizeof(((Thread *)0)->poll) == 4, "machine code");

#endif
