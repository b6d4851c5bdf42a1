/*
 * Bodies of the uops that count references, and the frames of calls.
 *
 * See ir/ops/guards.h for the rules.  The same counting as rt_incref/rt_decref (runtime/thread.h),
 * with the slow halves outside: a false is finished by a helper (object_incref_slow,
 * object_decref_slow, object_publish) before the trace goes on.  Immortal objects are not counted.
 *
 * Threads: the calling thread counts in `local` only where it owns the object.
 */
#ifndef ADDER_IR_OPS_COUNT_H
#define ADDER_IR_OPS_COUNT_H

#include "ir/ops/guards.h"

static inline bool op_enter_call(Thread *th, int32_t frames)
{
    if (th->calls_left < frames) {
        return false;
    }
    th->calls_left -= frames;
    return true;
}

static inline void op_leave_call(Thread *th, int32_t frames) { th->calls_left += frames; }

/* Its owner may give an object up meanwhile. LLVM does not fold an atomic load into a comparison. */
static inline uint32_t ir_owner(const Object *o)
{
#ifdef ADDER_STENCILS
    return o->owner;
#else
    return object_owner(o);
#endif
}

static inline bool op_incref(Thread *th, Value a)
{
    if (!value_is_object(a)) {
        return true;
    }
    Object *o = value_object(a);
    if (!IR_LIKELY(ir_owner(o) == th->tid && o->local < OBJECT_LOCAL_MAX)) {
        return ir_owner(o) == OWNER_IMMORTAL;
    }
    o->local++;
    return true;
}

static inline bool op_decref(Thread *th, Value a)
{
    if (!value_is_object(a)) {
        return true;
    }
    Object *o = value_object(a);
    if (!IR_LIKELY(ir_owner(o) == th->tid && o->local > 1)) {
        return ir_owner(o) == OWNER_IMMORTAL;
    }
    o->local--;
    return true;
}

static inline bool op_publish(Thread *th, Value a)
{
    (void)th;
    return !value_is_object(a) || IR_LIKELY(!ir_is_private(a));
}

#endif
