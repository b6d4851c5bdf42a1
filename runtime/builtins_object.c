/*
 * Builtin functions on any object: attributes, types, text; and open, which is refused.
 *
 * Functions that need frames (globals, locals, vars, dir, exec, eval, compile, __import__) belong to
 * the interpreter, which adds them with natives_add_builtin.
 *
 * Threads: any.
 */
#include "runtime/natives_internal.h"

static Value builtin_callable(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)th, (void)nargs, (void)kwnames;
    return value_from_bool(rt_is_callable(args[0]));
}

static Value builtin_getattr(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)kwnames;
    if (nargs < 3) {
        return rt_getattr(th, args[0], args[1]);
    }
    if (!attribute_name_check(th, args[1])) {
        return VALUE_ABSENT;
    }
    Value v = rt_getattr_optional(th, args[0], args[1]);
    return v == VALUE_ABSENT && !rt_pending(th) ? rt_newref(th, args[2]) : v;
}

static Value builtin_hasattr(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    if (!attribute_name_check(th, args[1])) {
        return VALUE_ABSENT;
    }
    Value v = rt_getattr_optional(th, args[0], args[1]);
    if (v == VALUE_ABSENT) {
        return rt_pending(th) ? VALUE_ABSENT : VALUE_FALSE;
    }
    rt_decref(th, v);
    return VALUE_TRUE;
}

static Value builtin_setattr(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return rt_setattr(th, args[0], args[1], args[2]) ? VALUE_NONE : VALUE_ABSENT;
}

static Value builtin_delattr(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return rt_setattr(th, args[0], args[1], VALUE_ABSENT) ? VALUE_NONE : VALUE_ABSENT;
}

static Value builtin_isinstance(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    int is = rt_isinstance(th, args[0], args[1]);
    return is < 0 ? VALUE_ABSENT : value_from_bool(is != 0);
}

static int is_subclass(Thread *th, const Type *type, Value type_or_tuple)
{
    if (value_is_type(type_or_tuple)) {
        return rt_type_is_subtype(type, value_type(type_or_tuple));
    }
    if (!value_is_tuple(type_or_tuple)) {
        rt_raise(th, EXC_TYPE_ERROR,
                 "issubclass() arg 2 must be a class, a tuple of classes, or a union");
        return -1;
    }
    if (!rt_enter_recursive(th, " in __subclasscheck__")) {
        return -1;
    }
    const Tuple *types = value_tuple(type_or_tuple);
    int found = 0;
    for (int64_t i = 0; i < types->size && found == 0; i++) {
        found = is_subclass(th, type, types->items[i]);
    }
    rt_leave_recursive(th);
    return found;
}

static Value builtin_issubclass(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    if (!value_is_type(args[0])) {
        return rt_raise(th, EXC_TYPE_ERROR, "issubclass() arg 1 must be a class");
    }
    int is = is_subclass(th, value_type(args[0]), args[1]);
    return is < 0 ? VALUE_ABSENT : value_from_bool(is != 0);
}

static Value builtin_repr(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return rt_repr(th, args[0]);
}

static Value builtin_ascii(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return rt_ascii(th, args[0]);
}

static Value builtin_format(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)kwnames;
    Value spec = nargs < 2 ? VALUE_ABSENT : args[1];
    if (spec != VALUE_ABSENT && !value_is_str(spec)) {
        return rt_raise(th, EXC_TYPE_ERROR, "format() argument 2 must be str, not %T", spec);
    }
    return rt_format(th, args[0], spec);
}

static Value builtin_open(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)args, (void)nargs, (void)kwnames;
    return rt_raise(th, EXC_NOT_IMPLEMENTED_ERROR,
                    "open() is not supported by this version of Adder: it has no io module yet");
}

const NativeDef builtin_object_defs[] = {
    {"ascii", builtin_ascii, 1, 1, NATIVE_FUNCTION},
    {"callable", builtin_callable, 1, 1, NATIVE_FUNCTION},
    {"delattr", builtin_delattr, 2, 2, NATIVE_FUNCTION},
    {"format", builtin_format, 1, 2, NATIVE_FUNCTION},
    {"getattr", builtin_getattr, 2, 3, NATIVE_FUNCTION},
    {"hasattr", builtin_hasattr, 2, 2, NATIVE_FUNCTION},
    {"isinstance", builtin_isinstance, 2, 2, NATIVE_FUNCTION},
    {"issubclass", builtin_issubclass, 2, 2, NATIVE_FUNCTION},
    {"open", builtin_open, 0, -1, NATIVE_KEYWORDS | NATIVE_FUNCTION},
    {"repr", builtin_repr, 1, 1, NATIVE_FUNCTION},
    {"setattr", builtin_setattr, 3, 3, NATIVE_FUNCTION},
    {NULL, NULL, 0, 0, 0},
};
