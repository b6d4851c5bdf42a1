/*
 * Abstract operations on any value: what each Python operator, builtin protocol and conversion does.
 *
 * Tier 1's slow paths, builtins and trace helpers call these; the type slots (object.h) give the
 * meaning.  All arguments are borrowed, results are new; failure is absent / false / -1 with the
 * exception set in CPython's words ("unsupported operand type(s) for +: 'int' and 'str'").
 *
 * Threads: any.  may: run Python (through slots), allocate, raise.
 */
#ifndef ADDER_RUNTIME_ABSTRACT_H
#define ADDER_RUNTIME_ABSTRACT_H

#include "runtime/error.h"

Value rt_binary(Thread *th, BinaryOp op, Value a, Value b);
Value rt_inplace(Thread *th, BinaryOp op, Value a, Value b); /* a += b; wording "+=" */
Value rt_unary(Thread *th, UnaryOp op, Value a);
Value rt_power(Thread *th, Value a, Value b, Value modulus);  /* pow(a, b, modulus) */
Value rt_compare(Thread *th, Value a, Value b, CompareOp op); /* any value */
int rt_compare_bool(Thread *th, Value a, Value b, CompareOp op);
/* a == b, identity first (as containers compare). 1, 0, -1. */
int rt_equal(Thread *th, Value a, Value b);
/* `is`: numbers by type and value (floats by bits), objects by identity. */
bool rt_is(Value a, Value b);
int rt_truth(Thread *th, Value v);
/* Of exact str, int, float, bool, bytes and None: no Python code, no lock, no exception.  Equality: 1, 0, or
 * -1: not both are of these.  Hash: false: it is none of these. threads: any. */
int rt_equal_simple(Value a, Value b);
bool rt_hash_simple(Value v, int64_t *out);
bool rt_hash(Thread *th, Value v, int64_t *out); /* TypeError "unhashable type: 'list'" */
Value rt_id(Thread *th, Value v);
Value rt_repr(Thread *th, Value v);
Value rt_str(Thread *th, Value v);
Value rt_ascii(Thread *th, Value v);
Value rt_format(Thread *th, Value v, Value spec); /* spec: str, may be absent */
int64_t rt_length(Thread *th, Value v);
Value rt_getitem(Thread *th, Value v, Value key);
bool rt_setitem(Thread *th, Value v, Value key, Value item);
bool rt_delitem(Thread *th, Value v, Value key);
int rt_contains(Thread *th, Value container, Value item);
Value rt_getattr(Thread *th, Value v, Value name); /* AttributeError with CPython's wording */
/* As rt_getattr, but finds a method without making a bound object: *self is 1 when the result is a
 * function that wants v as its first argument. */
Value rt_getmethod(Thread *th, Value v, Value name, bool *self);
/* An AttributeError that is pending gets the attributes name and obj, which suggestions need. */
void rt_note_attribute_error(Thread *th, Value v, Value name);
bool rt_setattr(Thread *th, Value v, Value name, Value item); /* item absent: delete */
/* What a getattr slot falls back to: the attributes of v's type, bound to v. As rt_getattr. */
Value rt_generic_getattr(Thread *th, Value v, Value name);
bool rt_generic_setattr(Thread *th, Value v, Value name, Value item);
/* As rt_getattr, but a missing attribute is absent without an exception. */
Value rt_getattr_optional(Thread *th, Value v, Value name);
Value rt_iter(Thread *th, Value v);
Value rt_next(Thread *th, Value iterator); /* absent, no exception: exhausted */
/* What an iterable gives, as a list or tuple (itself, if it is one); from others at most `enough` items
 * if that is not negative. owns: new. may: run Python. fails: absent, raised. */
Value rt_collect(Thread *th, Value v, int64_t enough);
/* ... of exactly `count` items, as `a, b = v` asks for them. */
Value rt_unpack(Thread *th, Value v, int64_t count);
/* ... as `a, *b, c = v` asks for them: a tuple of `before` items, a list, and `after` items. owns: new. */
Value rt_unpack_ex(Thread *th, Value v, int64_t before, int64_t after);
/* Calls anything callable through its type's slot. kwnames: tuple of str or absent. */
Value rt_call(Thread *th, Value callee, const Value *args, uint32_t nargs, Value kwnames);
bool rt_is_callable(Value v);
/* Type name for messages, e.g. "NoneType". */
const char *rt_type_name(Value v);
int rt_isinstance(Thread *th, Value v, Value type_or_tuple);

/* Objects that are only containers of natives. owns: new. */
Value native_function_new(Thread *th, const NativeDef *def, Value module_or_absent);
Value bound_method_new(Thread *th, Value function, Value self);
typedef struct NativeFunction {
    Object header;
    const NativeDef *def;
    Value module;
} NativeFunction; /* module: a str, a Type for a method, or absent */
_Static_assert(offsetof(NativeFunction, def) == 24, "machine code");
typedef struct BoundMethod {
    Object header;
    Value function, self;
} BoundMethod;
/* Calls a native definition with argument checks in CPython's wording
 * ("len() takes exactly one argument (2 given)"). */
Value native_call(Thread *th, const NativeDef *def, const Value *args, uint32_t nargs,
                  Value kwnames);

/* A module with a name and a dict. */
typedef struct Module {
    Object header;
    Value name, dict;
} Module;
Value module_new(Thread *th, const char *name);
bool module_add(Thread *th, Value module, const char *name, Value v_stolen);
bool module_add_natives(Thread *th, Value module, const NativeDef *defs);

#endif
