/*
 * Bodies of the uops that look at boxed values and pointers: unboxing, boxing, type and identity
 * guards.
 *
 * One static inline function for each row of ir/uops.def; the constant folder, the portable
 * executor, tier 1 and the stencils use these and nothing else.  A body that may fail returns false
 * and leaves *r alone.  Parameter types: I int64_t, F double, V Value, P void *, A IrAddress.
 *
 * Threads: pure functions, but for guard_poll and guard_alone (the calling thread's own words).
 */
#ifndef ADDER_IR_OPS_GUARDS_H
#define ADDER_IR_OPS_GUARDS_H

#include "runtime/int.h"
#include "runtime/thread.h"

typedef uint64_t IrAddress; /* a Value that is an object, or a raw pointer */
/* A uop's immediate. In a stencil it is a hole: a 64-bit symbol whose value is in int32's range. */
#ifdef ADDER_STENCILS
typedef int64_t IrImm;
#else
typedef int32_t IrImm;
#endif

#define IR_LIKELY(x) __builtin_expect(!!(x), 1)

static inline bool op_unbox_int(int64_t *r, Value a)
{
    if (!IR_LIKELY(value_is_small_int(a))) {
        return false;
    }
    *r = value_int(a);
    return true;
}

static inline bool op_unbox_int_any(int64_t *r, Value a)
{
    if (IR_LIKELY(value_is_small_int(a))) {
        *r = value_int(a);
        return true;
    }
    if (!value_has_type(a, TYPE_INT)) {
        return false;
    }
    const Int *i = (const Int *)(const void *)value_object(a);
    if (i->size != 1 && i->size != -1) {
        return false;
    }
    uint64_t magnitude = i->limbs[0];
    uint64_t number = i->size < 0 ? -magnitude : magnitude;
    if (number != 0 && ((int64_t)number < 0) != (i->size < 0)) {
        return false; /* beyond int64: the sign came out wrong */
    }
    *r = (int64_t)number;
    return true;
}

static inline bool op_unbox_float(double *r, Value a)
{
    if (!IR_LIKELY(value_is_double(a))) {
        return false;
    }
    *r = value_double(a);
    return true;
}

static inline bool op_unbox_bool(int64_t *r, Value a)
{
    uint64_t bit = a - VALUE_FALSE;
    if (!IR_LIKELY(bit < 2)) {
        return false;
    }
    *r = (int64_t)bit;
    return true;
}

static inline int64_t op_unbox_int_known(Value a) { return value_int(a); }
static inline double op_unbox_float_known(Value a) { return value_double(a); }

static inline bool op_guard_type(Value a, IrImm imm)
{
    return IR_LIKELY(value_is_object(a)) && IR_LIKELY(value_object(a)->type_id == (uint32_t)imm);
}
static inline bool op_guard_object(Value a) { return IR_LIKELY(value_is_object(a)); }
static inline bool op_guard_same(Value a, Value b) { return IR_LIKELY(a == b); }
static inline bool op_guard_not_same(Value a, Value b) { return IR_LIKELY(a != b); }
static inline bool op_guard_same_ptr(const void *a, const void *b) { return IR_LIKELY(a == b); }
/* One shift: absent, whose upper bits are an object's, leaves too. */
static inline bool op_guard_number(Value a) { return IR_LIKELY(a >> 48 != 0); }
_Static_assert(VALUE_DOUBLE_OFFSET == UINT64_C(1) << 48, "an object's upper bits are zero");
static inline bool op_guard_int(Value a) { return IR_LIKELY(value_is_small_int(a)); }
static inline bool op_guard_float(Value a) { return IR_LIKELY(value_is_double(a)); }
static inline bool op_guard_present(Value a) { return IR_LIKELY(a != VALUE_ABSENT); }
static inline bool op_guard_present_ptr(const void *a) { return IR_LIKELY(a != NULL); }
static inline bool op_guard_ok(int64_t a) { return IR_LIKELY(a >= 0); }
static inline bool op_guard_item(Value a) { return IR_LIKELY(a != VALUE_UNBOUND); }
static inline bool op_guard_end(Value a) { return IR_LIKELY(a == VALUE_UNBOUND); }
static inline bool op_guard_true(int64_t a) { return IR_LIKELY(a != 0); }
static inline bool op_guard_false(int64_t a) { return IR_LIKELY(a == 0); }
static inline bool op_guard_bound(Value a)
{
    return IR_LIKELY(a != VALUE_ABSENT && a != VALUE_UNBOUND);
}
/* Others may set other flags of the same word, but never this one. LLVM does not fold an atomic load into
 * the instruction that tests it. */
static inline bool ir_is_private(Value a)
{
    const uint8_t *flags = (const uint8_t *)&value_object(a)->flags;
#ifdef ADDER_STENCILS
    uint8_t word = *flags;
#else
    uint8_t word = __atomic_load_n(flags, __ATOMIC_RELAXED);
#endif
    return (word & OBJECT_PRIVATE) != 0;
}
_Static_assert(OBJECT_PRIVATE < 256, "in the low byte");
static inline bool op_guard_private(Value a) { return IR_LIKELY(ir_is_private(a)); }
static inline bool op_guard_alone(Thread *th) { return IR_LIKELY(th->alone != 0); }
static inline bool op_guard_poll(Thread *th)
{
    return IR_LIKELY(atomic_load_explicit(&th->poll, memory_order_relaxed) == 0);
}

static inline bool op_box_int(Value *r, int64_t a)
{
    if (!IR_LIKELY(int_fits_small(a))) {
        return false;
    }
    *r = value_from_small_int(a);
    return true;
}
static inline Value op_box_int_small(int64_t a) { return value_from_small_int(a); }
static inline Value op_box_float(double a) { return value_from_double(a); }
static inline Value op_box_bool(int64_t a) { return VALUE_FALSE + (uint64_t)a; }
static inline Value op_ptr_to_value(const void *a) { return (Value)(uintptr_t)a; }
static inline void *op_value_to_ptr(Value a) { return (void *)(uintptr_t)a; }

static inline Value op_select_value(int64_t a, Value b, Value c) { return a != 0 ? b : c; }
static inline int64_t op_same_value(Value a, Value b) { return a == b; }

#endif
