/*
 * Bodies of the uops that load and store: lists, tuples, strings, cells, globals, plain fields.
 *
 * See ir/ops/guards.h for the rules.  Loads of memory that other threads may write are acquire loads
 * and stores are release stores (plain moves on x86-64): a reader that sees a reference sees what
 * it refers to.  Bodies check nothing: guards before them have.
 *
 * Threads: readers any; stores to shared objects as DESIGN 3 says (the optimizer sees to it).
 */
#ifndef ADDER_IR_OPS_MEMORY_H
#define ADDER_IR_OPS_MEMORY_H

#include "ir/ops/guards.h"
#include "runtime/containers.h"
#include "runtime/lock.h"
#include "runtime/str.h"

static inline Value ir_load_word(const void *address)
{
    return __atomic_load_n((const Value *)address, __ATOMIC_ACQUIRE);
}
static inline void ir_store_word(void *address, Value v)
{
    __atomic_store_n((Value *)address, v, __ATOMIC_RELEASE);
}
static inline void *ir_field(IrAddress a, IrImm offset_bytes)
{
    return (void *)(uintptr_t)(a + (uint64_t)(int64_t)offset_bytes);
}

static inline int64_t op_load_list_size(Value a)
{
    return atomic_load_explicit(&value_list(a)->size, memory_order_acquire);
}
static inline void *op_load_list_table(Value a)
{
    return atomic_load_explicit(&value_list(a)->table, memory_order_acquire);
}
static inline Value op_load_list_item(const void *a, int64_t b)
{
    return ir_load_word(&((const ListTable *)a)->slots[b]);
}
static inline void op_store_list_item(void *a, int64_t b, Value c)
{
    ir_store_word(&((ListTable *)a)->slots[b], c);
}
static inline int64_t op_load_tuple_size(Value a) { return value_tuple(a)->size; }
static inline Value op_load_tuple_item(Value a, int64_t b) { return value_tuple(a)->items[b]; }
static inline int64_t op_load_str_length(Value a) { return value_str(a)->length; }
static inline Value op_load_cell(Value a)
{
    return ir_load_word(ir_field(a, offsetof(Cell, value)));
}
static inline void op_store_cell(Value a, Value b)
{
    ir_store_word(ir_field(a, offsetof(Cell, value)), b);
}
static inline Value op_load_global(const void *a) { return ir_load_word(a); }
static inline void op_store_global(void *a, Value b) { ir_store_word(a, b); }
static inline int64_t op_load_version(const void *a) { return (int64_t)ir_load_word(a); }

static inline Value op_load_field_value(IrAddress a, IrImm imm)
{
    return ir_load_word(ir_field(a, imm));
}
static inline int64_t op_load_field_int(IrAddress a, IrImm imm)
{
    return (int64_t)ir_load_word(ir_field(a, imm));
}
static inline void *op_load_field_ptr(IrAddress a, IrImm imm)
{
    return (void *)(uintptr_t)ir_load_word(ir_field(a, imm));
}
static inline void op_store_field_value(IrAddress a, Value b, IrImm imm)
{
    ir_store_word(ir_field(a, imm), b);
}
static inline void op_store_field_int(IrAddress a, int64_t b, IrImm imm)
{
    ir_store_word(ir_field(a, imm), (Value)b);
}
static inline void *op_load_const_ptr(IrAddress a, IrImm imm)
{
    return *(void *const *)ir_field(a, imm);
}

static inline Value op_load_const_value(IrAddress a, IrImm imm)
{
    return *(const Value *)ir_field(a, imm);
}

/* What other threads may write: the same loads. */
static inline int64_t op_load_shared_size(Value a) { return op_load_list_size(a); }
static inline void *op_load_shared_table(Value a) { return op_load_list_table(a); }
static inline int64_t op_load_capacity(const void *a) { return ((const ListTable *)a)->capacity; }
static inline Value op_load_shared_item(const void *a, int64_t b)
{
    return op_load_list_item(a, b);
}
static inline Value op_load_shared_cell(Value a) { return op_load_cell(a); }
static inline Value op_load_shared_global(const void *a) { return ir_load_word(a); }
static inline int64_t op_load_shared_version(const void *a) { return op_load_version(a); }
static inline Value op_load_shared_field(IrAddress a, IrImm imm)
{
    return ir_load_word(ir_field(a, imm));
}

/* ---- a number for a number, in a list that others know ----
 *
 * The quick halves of runtime/lock.h, whose slow halves are helpers (object_lock_slow,
 * object_wake_waiters), around what list_set does where no count changes.  Between the
 * three nothing polls or leaves, so a thread that is alone at the first is so at the last. */
static inline bool op_lock_list(Thread *th, Value a)
{
    return th->alone != 0 || IR_LIKELY(object_lock_quick(value_object(a)));
}
static inline int64_t op_store_locked_item(Value a, int64_t b, Value c)
{
    List *l = value_list(a);
    int64_t size = atomic_load_explicit(&l->size, memory_order_relaxed);
    if (!IR_LIKELY((uint64_t)b < (uint64_t)size) || !IR_LIKELY(!ir_is_private(a))) {
        return 0;
    }
    Value *slot = &atomic_load_explicit(&l->table, memory_order_relaxed)->slots[b];
    if (!IR_LIKELY(op_guard_number(ir_load_word(slot)))) {
        return 0;
    }
    ir_store_word(slot, c);
    return 1;
}
static inline bool op_unlock_list(Thread *th, Value a)
{
    (void)th;
    return IR_LIKELY(object_unlock_quick(value_object(a)));
}

/* The tuple was made by alloc_tuple and nothing has seen it yet. */
static inline void op_init_tuple(Value a, Value b, IrImm imm) { value_tuple(a)->items[imm] = b; }

#endif
