/*
 * Code objects as a Python type: attributes co_*, repr, release.
 *
 * Threads: any; immutable.
 */
#include "interp/vm_internal.h"

static Code *code_of(Value v) { return (Code *)value_object(v); }

static void code_finalize(Thread *th, Object *o)
{
    Code *code = (Code *)o;
    rt_xdecref(th, code->name);
    rt_xdecref(th, code->qualname);
    rt_xdecref(th, code->filename);
    rt_xdecref(th, code->doc);
    for (uint32_t i = 0; i < code->const_count; i++) {
        rt_xdecref(th, code->consts[i]);
    }
    for (uint32_t i = 0; code->local_names != NULL && i < code->local_count; i++) {
        rt_xdecref(th, code->local_names[i]);
    }
    for (uint32_t i = 0; code->free_names != NULL && i < code->free_count; i++) {
        rt_xdecref(th, code->free_names[i]);
    }
    for (uint32_t i = 0; i < code->inlined_count; i++) {
        rt_xdecref(th, code->inlined[i].name);
    }
    rt_free(code->insns);
    rt_free(code->local_names);
    rt_free(code->free_names);
    rt_free(code->positions);
    rt_free(code->handlers);
    rt_free(code->live);
    rt_free(code->inlined);
    rt_free(code->inplace_bits);
    rt_free(code->jit);
}

static void code_traverse(Object *o, VisitFn visit, void *arg)
{
    const Code *code = (const Code *)o;
    value_visit(code->name, visit, arg);
    value_visit(code->qualname, visit, arg);
    value_visit(code->filename, visit, arg);
    value_visit(code->doc, visit, arg);
    for (uint32_t i = 0; i < code->const_count; i++) {
        value_visit(code->consts[i], visit, arg);
    }
    for (uint32_t i = 0; code->local_names != NULL && i < code->local_count; i++) {
        value_visit(code->local_names[i], visit, arg);
    }
    for (uint32_t i = 0; code->free_names != NULL && i < code->free_count; i++) {
        value_visit(code->free_names[i], visit, arg);
    }
    for (uint32_t i = 0; i < code->inlined_count; i++) {
        value_visit(code->inlined[i].name, visit, arg);
    }
}

static Value code_repr(Thread *th, Value self)
{
    const Code *code = code_of(self);
    return str_from_format(th, "<code object %U at 0x%llx, file \"%U\", line %d>", code->name,
                           (unsigned long long)self, code->filename, (int)code->first_line);
}

/* Names of [0, count) that the program knows (hidden ones begin with a dot). */
static Value names_tuple(Thread *th, const Value *names, uint32_t count)
{
    Value list = list_new(th, NULL, 0);
    for (uint32_t i = 0; list != VALUE_ABSENT && i < count; i++) {
        if (names[i] == VALUE_ABSENT || str_char_at(value_str(names[i]), 0) == '.') {
            continue;
        }
        if (!list_append(th, list, names[i])) {
            rt_decref(th, list);
            list = VALUE_ABSENT;
        }
    }
    Value tuple = list == VALUE_ABSENT ? VALUE_ABSENT : list_to_tuple(th, list);
    rt_xdecref(th, list);
    return tuple;
}

#define GETTER(name) static Value name(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
#define UNUSED_ARGUMENTS ((void)th, (void)nargs, (void)kwnames)

GETTER(code_name)
{
    UNUSED_ARGUMENTS;
    return rt_newref(th, code_of(args[0])->name);
}
GETTER(code_qualname)
{
    UNUSED_ARGUMENTS;
    return rt_newref(th, code_of(args[0])->qualname);
}
GETTER(code_filename)
{
    UNUSED_ARGUMENTS;
    return rt_newref(th, code_of(args[0])->filename);
}
GETTER(code_first_line)
{
    UNUSED_ARGUMENTS;
    return value_from_small_int(code_of(args[0])->first_line);
}
GETTER(code_arg_count)
{
    UNUSED_ARGUMENTS;
    return value_from_small_int(code_of(args[0])->arg_count);
}
GETTER(code_posonly_count)
{
    UNUSED_ARGUMENTS;
    return value_from_small_int(code_of(args[0])->posonly_count);
}
GETTER(code_kwonly_count)
{
    UNUSED_ARGUMENTS;
    return value_from_small_int(code_of(args[0])->kwonly_count);
}
GETTER(code_var_names)
{
    UNUSED_ARGUMENTS;
    const Code *code = code_of(args[0]);
    return names_tuple(th, code->local_names, code->local_count);
}
GETTER(code_local_count)
{
    UNUSED_ARGUMENTS;
    const Code *code = code_of(args[0]);
    Value names = names_tuple(th, code->local_names, code->local_count);
    if (names == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    int64_t count = value_tuple(names)->size;
    rt_decref(th, names);
    return value_from_small_int(count);
}
GETTER(code_free_names)
{
    UNUSED_ARGUMENTS;
    const Code *code = code_of(args[0]);
    return tuple_new(th, code->free_names, code->free_count);
}
GETTER(code_consts)
{
    UNUSED_ARGUMENTS;
    const Code *code = code_of(args[0]);
    return tuple_new(th, code->consts, code->const_count);
}
GETTER(code_flags)
{
    UNUSED_ARGUMENTS;
    const Code *code =
        code_of(args[0]); /* CO_OPTIMIZED, CO_NEWLOCALS, CO_VARARGS, CO_VARKEYWORDS */
    int64_t flags = (code->flags & CODE_MODULE) != 0 ? 0 : 3;
    flags |= (code->flags & CODE_VARARGS) != 0 ? 4 : 0;
    flags |= (code->flags & CODE_VARKEYWORDS) != 0 ? 8 : 0;
    return value_from_small_int(flags);
}

static const NativeDef code_methods[] = {
    {"co_name", code_name, 1, 1, NATIVE_GETTER},
    {"co_qualname", code_qualname, 1, 1, NATIVE_GETTER},
    {"co_filename", code_filename, 1, 1, NATIVE_GETTER},
    {"co_firstlineno", code_first_line, 1, 1, NATIVE_GETTER},
    {"co_argcount", code_arg_count, 1, 1, NATIVE_GETTER},
    {"co_posonlyargcount", code_posonly_count, 1, 1, NATIVE_GETTER},
    {"co_kwonlyargcount", code_kwonly_count, 1, 1, NATIVE_GETTER},
    {"co_varnames", code_var_names, 1, 1, NATIVE_GETTER},
    {"co_nlocals", code_local_count, 1, 1, NATIVE_GETTER},
    {"co_freevars", code_free_names, 1, 1, NATIVE_GETTER},
    {"co_consts", code_consts, 1, 1, NATIVE_GETTER},
    {"co_flags", code_flags, 1, 1, NATIVE_GETTER},
    {NULL, NULL, 0, 0, 0},
};

static Type code_type = {
    .id = TYPE_CODE,
    .name = "code",
    .flags = TYPE_FLAG_GC,
    .size_bytes = sizeof(Code),
    .finalize = code_finalize,
    .traverse = code_traverse,
    .repr = code_repr,
    .methods = code_methods,
};

bool vm_code_type_init(Thread *th) { return rt_type_ready(th, &code_type); }
