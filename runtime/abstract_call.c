/*
 * Calls: anything callable through its type's slot, native definitions with CPython's wording of
 * argument errors, and isinstance.
 *
 * A native definition carries only its name; the words "list.append()" or "math.sin()" need the type
 * or module, which is looked for when there is an error to word.
 *
 * Threads: any.
 */
#include "runtime/abstract_internal.h"

#include <stdio.h>

enum { FULL_NAME_MAX = 160 };

/* Is def one of the functions in that module's dict? */
static bool module_has_def(Value module, const NativeDef *def)
{
    if (!value_has_type(module, TYPE_MODULE)) {
        return false;
    }
    Value dict = ((const Module *)value_object(module))->dict;
    int64_t position = 0;
    Value key, v;
    while (dict_next(dict, &position, &key, &v)) {
        if (value_is_native(v) && native_def(v) == def) {
            return true;
        }
    }
    return false;
}

/* The name of the type of the chain whose table has this method. */
static const char *method_owner(const Type *type, const NativeDef *def)
{
    for (const Type *t = type; t != NULL; t = t->base) {
        for (const NativeDef *d = t->methods; d != NULL && d->name != NULL; d++) {
            if (d == def) {
                return t->name;
            }
        }
    }
    return type->name;
}

static const char *full_name(Thread *th, const NativeDef *def, const Value *args, uint32_t nargs,
                             char *out)
{
    const char *owner = NULL;
    if ((def->flags & NATIVE_FUNCTION) == 0) {
        if (nargs > 0 && (def->flags & NATIVE_STATIC) == 0) {
            bool class_method = (def->flags & NATIVE_CLASS) != 0 && value_is_type(args[0]);
            owner = method_owner(class_method ? value_type(args[0]) : rt_type_of(args[0]), def);
        }
    } else if (th->rt->modules != VALUE_ABSENT) {
        int64_t position = 0;
        Value name, module;
        while (dict_next(th->rt->modules, &position, &name, &module)) {
            if (module_has_def(module, def) && !str_is(name, "builtins") &&
                !str_is(name, "__main__")) {
                owner = str_utf8(th, name, &(size_t){0});
                break;
            }
        }
    }
    const char *dot =
        owner != NULL && (def->flags & NATIVE_FUNCTION) == 0 ? strrchr(owner, '.') : NULL;
    owner = dot != NULL ? dot + 1 : owner; /* a type without its module */
    snprintf(out, FULL_NAME_MAX, "%s%s%s", owner == NULL ? "" : owner, owner == NULL ? "" : ".",
             def->name);
    return out;
}

static Value raise_count(Thread *th, const NativeDef *def, const Value *args, uint32_t nargs)
{
    bool has_self = (def->flags & (NATIVE_FUNCTION | NATIVE_STATIC)) == 0;
    if (has_self && nargs == 0) {
        return rt_raise(th, EXC_TYPE_ERROR, "unbound method %s() needs an argument", def->name);
    }
    int given = (int)nargs - has_self, min = def->min_args - has_self,
        max = def->max_args < 0 ? -1 : def->max_args - has_self;
    char name[FULL_NAME_MAX];
    if (min == max && max == 0) {
        return rt_raise(th, EXC_TYPE_ERROR, "%s() takes no arguments (%d given)",
                        full_name(th, def, args, nargs, name), given);
    }
    if (min == max && max == 1 && (def->flags & NATIVE_KEYWORDS) == 0) {
        return rt_raise(th, EXC_TYPE_ERROR, "%s() takes exactly one argument (%d given)",
                        full_name(th, def, args, nargs, name), given);
    }
    int bound = given < min ? min : max;
    const char *kind = min == max ? "" : given < min ? "at least " : "at most ";
    if ((def->flags & NATIVE_PARSED) != 0) {
        return rt_raise(th, EXC_TYPE_ERROR, "%s() takes %s%d argument%s (%d given)", def->name,
                        min == max ? "exactly " : kind, bound, bound == 1 ? "" : "s", given);
    }
    return rt_raise(th, EXC_TYPE_ERROR, "%s expected %s%d argument%s, got %d", def->name, kind,
                    bound, bound == 1 ? "" : "s", given);
}

Value native_call(Thread *th, const NativeDef *def, const Value *args, uint32_t nargs,
                  Value kwnames)
{
    if (kwnames != VALUE_ABSENT && (def->flags & NATIVE_KEYWORDS) == 0) {
        if (value_tuple(kwnames)->size != 0) {
            char name[FULL_NAME_MAX];
            return rt_raise(th, EXC_TYPE_ERROR, "%s() takes no keyword arguments",
                            full_name(th, def, args, nargs, name));
        }
        kwnames = VALUE_ABSENT;
    }
    if ((int64_t)nargs < def->min_args || (def->max_args >= 0 && (int64_t)nargs > def->max_args)) {
        return raise_count(th, def, args, nargs);
    }
    return def->fn(th, args, nargs, kwnames);
}

static Value call_type(Thread *th, Type *type, const Value *args, uint32_t nargs, Value kwnames)
{
    if (type->id == TYPE_TYPE && nargs == 1 && keyword_count(kwnames) == 0) {
        return value_from_object(value_class(args[0])); /* type(x) */
    }
    if (type->construct == NULL) {
        return rt_raise(th, EXC_TYPE_ERROR, "cannot create '%s' instances", type->name);
    }
    return type->construct(th, type, args, nargs, kwnames);
}

Value rt_call(Thread *th, Value callee, const Value *args, uint32_t nargs, Value kwnames)
{
    if (value_is_native(callee)) {
        return native_call(th, native_def(callee), args, nargs, kwnames);
    }
    bool is_type = value_is_type(callee);
    Type *type = rt_type_of(callee);
    if (!is_type && type->call == NULL) {
        return rt_raise(th, EXC_TYPE_ERROR, "'%s' object is not callable", rt_type_name(callee));
    }
    if (!rt_stack_check(th, " while calling a Python object")) {
        return VALUE_ABSENT;
    }
    return is_type ? call_type(th, value_type(callee), args, nargs, kwnames)
                   : type->call(th, callee, args, nargs, kwnames);
}

bool rt_is_callable(Value v)
{
    return value_is_type(v) || value_is_native(v) || rt_type_of(v)->call != NULL;
}

int rt_isinstance(Thread *th, Value v, Value type_or_tuple)
{
    if (value_is_type(type_or_tuple)) {
        return rt_type_is_subtype(value_class(v), value_type(type_or_tuple));
    }
    if (!value_is_tuple(type_or_tuple)) {
        rt_raise(th, EXC_TYPE_ERROR,
                 "isinstance() arg 2 must be a type, a tuple of types, or a union");
        return -1;
    }
    if (!rt_enter_recursive(th, " in __instancecheck__")) {
        return -1;
    }
    const Tuple *types = value_tuple(type_or_tuple);
    int found = 0;
    for (int64_t i = 0; i < types->size && found == 0; i++) {
        found = rt_isinstance(th, v, types->items[i]);
    }
    rt_leave_recursive(th);
    return found;
}
