/*
 * What the files of abstract operations and natives share: names, argument lists, small tests on
 * strings.  Private to the natives of this folder; other folders use abstract.h.
 *
 * Threads: any.
 */
#ifndef ADDER_RUNTIME_ABSTRACT_INTERNAL_H
#define ADDER_RUNTIME_ABSTRACT_INTERNAL_H

#include "runtime/abstract.h"
#include "runtime/containers.h"
#include "runtime/str.h"

/* Is v the str with this (ASCII) content? */
static inline bool str_is(Value v, const char *text)
{
    if (!value_is_str(v)) {
        return false;
    }
    const Str *s = value_str(v);
    size_t length = strlen(text);
    return s->ascii && (size_t)s->length == length && memcmp(s->data, text, length) == 0;
}

static inline bool value_is_type(Value v) { return value_has_type(v, TYPE_TYPE); }
static inline Type *value_type(Value v) { return (Type *)value_object(v); }
static inline bool value_is_native(Value v) { return value_has_type(v, TYPE_NATIVE_FUNCTION); }
static inline const NativeDef *native_def(Value v)
{
    return ((const NativeFunction *)value_object(v))->def;
}

/* The type that a program sees: a bound native method is a builtin_function_or_method. */
static inline Type *value_class(Value v)
{
    if (value_has_type(v, TYPE_BOUND_METHOD) &&
        value_is_native(((const BoundMethod *)value_object(v))->function)) {
        return rt_type_by_id(TYPE_NATIVE_FUNCTION);
    }
    return rt_type_of(v);
}

/* Number of keyword arguments of a call. */
static inline uint32_t keyword_count(Value kwnames)
{
    return kwnames == VALUE_ABSENT ? 0 : (uint32_t)value_tuple(kwnames)->size;
}

/* Sorts the arguments of a call into out[count]: absent where not given.  Wording of TypeErrors as
 * CPython's argument clinic.  names[i] == NULL: positional only.  positional: how many may be given
 * by position.  fails: false, TypeError. */
typedef struct NativeSignature {
    const char *name;
    const char *const *names;
    uint32_t count;
    uint32_t required;
    uint32_t positional;
} NativeSignature;
bool native_bind(Thread *th, const NativeSignature *signature, const Value *args, uint32_t nargs,
                 Value kwnames, Value *out);
/* "f expected at least 1 argument, got 0": positional count in [min, max]. */
bool native_check_positional(Thread *th, const char *name, uint32_t nargs, uint32_t min,
                             uint32_t max);
/* TypeError "f() takes no keyword arguments" if there are any. */
bool native_no_keywords(Thread *th, const char *name, Value kwnames);

/* TypeError "x() argument must be ..." free helper: an attribute name; false: TypeError. */
bool attribute_name_check(Thread *th, Value name);
/* A special method that the type (not the instance) has, bound; absent without an exception: none. */
Value type_special_method(Thread *th, Value v, const char *name);

/* The polls of native loops: call once per item. fails: false, exception set by the poll hook. */
typedef struct LoopPoll {
    uint32_t left;
} LoopPoll;
enum { LOOP_POLL_INTERVAL = 4096 };
bool loop_poll_slow(Thread *th, LoopPoll *p);
static inline bool loop_poll(Thread *th, LoopPoll *p)
{
    if (__builtin_expect(p->left-- != 0, 1)) {
        return true;
    }
    return loop_poll_slow(th, p);
}

/* Types of this part, registered by rt_native_types_init. */
bool function_types_init(Thread *th);
bool module_type_init(Thread *th);
bool iterator_types_init(Thread *th);
bool file_type_init(Thread *th);
bool namespace_types_init(Thread *th);
bool thread_types_init(Thread *th);

#endif
