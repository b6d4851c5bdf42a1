/*
 * What the container and text types share: exclusive access, dropping of removed references, fast
 * hashing and equality, guards of recursive reprs.  Private to the type files of this folder.
 *
 * Exclusive: one thread runs, or the object is private.  Then stores need no order, tables are
 * replaced in place and removed references are dropped at once.  Otherwise the writer holds the
 * object's lock, stores release, and what it removed goes through epochs.
 *
 * Invariant: nothing here runs Python, but for container_drop (finalizers) and the functions that
 * say so; no caller holds an object lock across those.
 *
 * Threads: any.
 */
#ifndef ADDER_RUNTIME_CONTAINER_INLINE_H
#define ADDER_RUNTIME_CONTAINER_INLINE_H

#include "runtime/abstract.h"
#include "runtime/containers.h"
#include "runtime/epoch.h"
#include "runtime/int.h"
#include "runtime/lock.h"
#include "runtime/memory.h"
#include "runtime/str.h"

/* Larger objects are MemoryError without asking the allocator. */
#define OBJECT_SIZE_MAX (INT64_C(1) << 39)

static inline bool rt_alone(const Thread *th) { return th->alone != 0; }

static inline bool object_exclusive(const Thread *th, const Object *o)
{
    return (o->flags & OBJECT_PRIVATE) != 0 || rt_alone(th);
}

/* Drops a reference that was removed from container. v may be absent. may: run finalizers. */
static inline void container_drop(Thread *th, const Object *container, Value v)
{
    if (!value_is_object(v)) {
        return;
    }
    if (object_exclusive(th, container)) {
        rt_decref(th, v);
    } else {
        epoch_retire_value(th, v);
    }
}

/* Is th's one reference the only one there is? */
static inline bool object_unique(const Thread *th, const Object *o)
{
    return object_owner(o) == th->tid && o->local == 1 &&
           (atomic_load_explicit(&o->shared, memory_order_acquire) >> 2) == 0;
}

/* load_acquire pairs with store_release: a reader that sees a value sees what it refers to. */
static inline Value slot_load_acquire(const Value *slot)
{
    return __atomic_load_n(slot, __ATOMIC_ACQUIRE);
}
static inline void slot_store_release(Value *slot, Value v)
{
    STAT_COUNT_LOCKED(SLOT);
    __atomic_store_n(slot, v, __ATOMIC_RELEASE);
}

/* A field of o that any thread may replace (not of a table, which has o's lock): readers load it with
 * slot_load_acquire, and what they get is lent by the epoch.  v: stolen. may: run finalizers. */
static inline void field_set_steal(Thread *th, Object *o, Value *field, Value v)
{
    rt_store_barrier(th, o, v);
    Value old;
    if (object_exclusive(th, o)) {
        old = *field;
        *field = v;
    } else {
        old = __atomic_exchange_n(field, v, __ATOMIC_ACQ_REL);
    }
    container_drop(th, o, old);
}
/* Stores v, a new object, if the field still holds `before`, which is no object. v: stolen, then or
 * later the field's. returns: what the field holds now, lent. */
static inline Value field_set_first_steal(Thread *th, Object *o, Value *field, Value before,
                                          Value v)
{
    rt_store_barrier(th, o, v);
    if (__atomic_compare_exchange_n(field, &before, v, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        return v;
    }
    rt_decref(th, v); /* another thread was first */
    return before;
}

static inline int64_t small_int_hash(int64_t x) { return x == -1 ? -2 : x; }

static inline int64_t str_hash_inline(Str *s)
{
    int64_t h = atomic_load_explicit(&s->hash, memory_order_relaxed);
    return h != -1 ? h : str_hash(s);
}

/* rt_hash with short ways for small ints and strs. may: run Python. */
static inline bool key_hash(Thread *th, Value key, int64_t *out)
{
    if (value_is_small_int(key)) {
        *out = small_int_hash(value_int(key));
        return true;
    }
    if (value_is_str(key)) {
        *out = str_hash_inline(value_str(key));
        return true;
    }
    return rt_hash(th, key, out);
}

/* The answer of two sizes, where all items that both sequences have are equal. */
static inline Value compare_int64(int64_t a, int64_t b, CompareOp op)
{
    switch (op) {
    case CMP_LT: return value_from_bool(a < b);
    case CMP_LE: return value_from_bool(a <= b);
    case CMP_EQ: return value_from_bool(a == b);
    case CMP_NE: return value_from_bool(a != b);
    case CMP_GT: return value_from_bool(a > b);
    default: return value_from_bool(a >= b);
    }
}

/* The types whose equality runs no Python code. */
static inline bool value_is_simple_key(Value v)
{
    if (!value_is_object(v)) {
        return true;
    }
    uint32_t id = value_object(v)->type_id;
    return id == TYPE_STR || id == TYPE_INT || id == TYPE_FLOAT || id == TYPE_BYTES;
}

/* Are a and b equal, where this is seen without running Python?  1, 0, or -1: ask rt_equal. */
static inline int values_equal_quick(Value a, Value b)
{
    if (a == b) {
        return 1;
    }
    if (value_is_small_int(a) && value_is_small_int(b)) {
        return 0;
    }
    if (value_is_str(a) && value_is_str(b)) {
        return str_equal(a, b);
    }
    return -1;
}

/* As containers compare: identity, then ==. may: run Python. */
static inline int values_equal(Thread *th, Value a, Value b)
{
    int r = values_equal_quick(a, b);
    return r >= 0 ? r : rt_equal(th, a, b);
}

/* An entry of the thread's chain of containers whose repr is in progress; lives on the C stack. */
typedef struct ReprGuard {
    const Object *container;
    struct ReprGuard *outer;
} ReprGuard;

/* Enters container's repr (its depth is rt_repr's). fails: false, it is in progress already. */
static inline bool repr_enter(Thread *th, ReprGuard *guard, const Object *container)
{
    for (ReprGuard *g = th->repr_chain; g != NULL; g = g->outer) {
        if (g->container == container) {
            return false;
        }
    }
    guard->container = container;
    guard->outer = th->repr_chain;
    th->repr_chain = guard;
    return true;
}
static inline void repr_leave(Thread *th, ReprGuard *guard) { th->repr_chain = guard->outer; }

/* Appends repr(v). may: run Python. fails: false, exception set. */
bool str_builder_repr(Thread *th, StrBuilder *b, Value v);

/* Values collected in one block of memory; each slot owns a reference. */
typedef struct ValueArray {
    Value *items;
    int64_t count, capacity;
} ValueArray;
/* v is stolen, also on failure (MemoryError set). */
bool value_array_push_steal(Thread *th, ValueArray *a, Value v);
/* Appends all items of iterable. may: run Python. */
bool value_array_extend(Thread *th, ValueArray *a, Value iterable);
/* Does walking v run no Python code and change nothing (a text, range, dict, set or view, no iterator)? */
bool container_walk_is_quiet(Value v);
/* v itself, or, of a dict, view or set that other threads may change, a copy of what it holds at one moment: for
 * loops in C, which CPython runs without a change in between. owns: new. fails: absent, MemoryError. */
Value container_seen(Thread *th, Value v);
/* Drops the items and frees the block. */
void value_array_clear(Thread *th, ValueArray *a);

/* `v[index]` with an integer: the number of an index-like value; else TypeError
 * "<what> indices must be integers or slices, not X". fails: false, exception set. */
bool sequence_index(Thread *th, Value v, const char *what, int64_t *out);
/* slice.indices, without an object for the result. */
static inline int64_t clamp_index(int64_t index, int64_t length)
{
    if (index < 0) {
        index += length;
        return index < 0 ? 0 : index;
    }
    return index > length ? length : index;
}
/* An optional start or end argument of index(), find(): None and absent leave *out as it is, others
 * are clamped. fails: false, TypeError. */
bool optional_index(Thread *th, Value v, int64_t *out);
/* The same where None is not taken (list.index, tuple.index). */
bool bound_index(Thread *th, Value v, int64_t *out);

/* The parts of a slice as numbers, not yet cut to a length (CPython's PySlice_Unpack). may: run
 * Python (__index__). fails: false, exception set. */
bool slice_unpack(Thread *th, Value slice, int64_t *start, int64_t *stop, int64_t *step);
/* Cuts unpacked parts to a length; returns the number of items. */
int64_t slice_adjust(int64_t length, int64_t *start, int64_t *stop, int64_t step);
/* a * b where one is a sequence of type_id: 1 with *sequence (borrowed) and *times set, 0: not for
 * us (NotImplemented), -1: exception set. */
int sequence_repeat_operands(Thread *th, Value a, Value b, uint32_t type_id, Value *sequence,
                             int64_t *times);
/* The result of a + b where a is a sequence and b is not one of the same type. */
Value sequence_concat_refused(Thread *th, Value a, Value b);

/* Is self of that type?  TypeError "descriptor 'm' for 'T' objects doesn't apply to a 'X' object". */
bool method_self(Thread *th, Value self, uint32_t type_id, const char *type_name,
                 const char *method);
/* Sorts positional and keyword arguments into out[count] (absent where not given).  names[i] NULL:
 * positional only.  required: how many must be there.  function: for the messages. */
typedef struct ArgumentNames {
    const char *function;
    const char *const *names;
    uint32_t count, required;
} ArgumentNames;
bool arguments_bind(Thread *th, const ArgumentNames *spec, const Value *args, uint32_t nargs,
                    Value kwnames, Value *out);

/* Registration, one for each file of types. */
bool str_types_ready(Thread *th);
bool list_types_ready(Thread *th);
bool tuple_types_ready(Thread *th);
bool range_types_ready(Thread *th);
bool dict_types_ready(Thread *th);
bool dict_view_types_ready(Thread *th);
bool set_types_ready(Thread *th);
bool slice_types_ready(Thread *th);
bool sequence_iterator_types_ready(Thread *th);
bool bytes_types_ready(Thread *th);

/* Steps of the iterators whose next runs no Python code and drops nothing: they may be called under the lock of
 * an iterator that walks them (enumerate, zip, map).  They take the iterator's own lock.
 * item: owns new, if there is one. dropped: what the iterator held (owned, set at its end only), to be dropped
 * with container_drop when no lock is held.
 * FAILED: an exception is set (MemoryError). CHANGED: the container has changed; calling next raises that. */
enum { ITERATOR_CHANGED = -2, ITERATOR_FAILED, ITERATOR_END, ITERATOR_ITEM };
int sequence_iterator_step(Thread *th, Value it, Value *item, Value *dropped);
int range_iterator_step(Thread *th, Value it, Value *item, Value *dropped);
int dict_iterator_step(Thread *th, Value it, Value *item, Value *dropped);
int set_iterator_step(Thread *th, Value it, Value *item, Value *dropped);

/* An iterator object over a sequence of a kind that runtime/sequence_iterator.c knows. owns: new. */
Value sequence_iterator_new(Thread *th, uint32_t type_id, Value sequence, int64_t index);

#endif
