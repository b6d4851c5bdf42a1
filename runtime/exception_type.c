/*
 * Exception types: every row of exceptions.def as a Type; making instances; str and repr.
 *
 * The table is generated from the rows; the few types with a text or with arguments of their own
 * are patched before they are made ready.  Attributes: exception_attributes.c.
 *
 * Threads: exception_types_init at start; the rest any.
 */
#include <stdio.h>

#include "runtime/exception_internal.h"
#include "runtime/int.h"
#include "runtime/memory.h"

enum { EXCEPTION_COUNT = EXC_END - TYPE_EXCEPTION_FIRST };

static Type exception_types[EXCEPTION_COUNT];

static const struct {
    const char *name;
    uint32_t base;
} exception_rows[EXCEPTION_COUNT] = {
#define EXCEPTION(id, python_name, base_id) {python_name, EXC_##base_id},
#include "runtime/exceptions.def"
#undef EXCEPTION
};

_Static_assert((int)EXC_BASE_EXCEPTION == (int)TYPE_EXCEPTION_FIRST, "ids follow the rows");
_Static_assert((int)EXC_END <= (int)TYPE_USER_FIRST, "room for exceptions");

Type *rt_exception_type(uint32_t type_id)
{
    return &exception_types[type_id - TYPE_EXCEPTION_FIRST];
}

bool value_is_exception(Value v) { return (rt_type_of(v)->flags & TYPE_FLAG_EXCEPTION) != 0; }

static void exception_finalize(Thread *th, Object *o)
{
    Exception *exc = (Exception *)o;
    rt_xdecref(th, exc->args);
    rt_xdecref(th, exc->traceback);
    rt_xdecref(th, exc->cause);
    rt_xdecref(th, exc->context);
    rt_xdecref(th, exc->extra);
    rt_xdecref(th, exc->dict);
}

static void exception_traverse(Object *o, VisitFn visit, void *arg)
{
    Exception *exc = (Exception *)o;
    value_visit(exc->args, visit, arg);
    value_visit(exc->traceback, visit, arg);
    value_visit(exc->cause, visit, arg);
    value_visit(exc->context, visit, arg);
    value_visit(exc->extra, visit, arg);
    value_visit(exc->dict, visit, arg);
}

static void exception_clear(Thread *th, Object *o)
{
    Exception *exc = (Exception *)o;
    const Value fields[] = {exc->traceback, exc->cause, exc->context, exc->dict};
    exc->traceback = exc->cause = exc->context = VALUE_NONE;
    exc->dict = VALUE_ABSENT;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        rt_xdecref(th, fields[i]);
    }
}

static bool is_a(const Type *type, uint32_t exc_id)
{
    return rt_type_is_subtype(type, rt_exception_type(exc_id));
}

/* The attribute that is kept in `extra`, from args. owns: new; absent: none. */
static Value extra_from_args(Thread *th, const Type *type, const Tuple *args)
{
    if (is_a(type, EXC_STOP_ITERATION)) {
        return args->size > 0 ? rt_newref(th, args->items[0]) : VALUE_NONE;
    }
    if (is_a(type, EXC_SYSTEM_EXIT)) {
        if (args->size == 0) {
            return VALUE_NONE;
        }
        return rt_newref(th, args->size == 1 ? args->items[0] : value_from_object(args));
    }
    if (is_a(type, EXC_SYNTAX_ERROR) && args->size == 2 && value_is_tuple(args->items[1])) {
        return rt_newref(th, args->items[1]);
    }
    return VALUE_ABSENT;
}

static Value exception_new(Thread *th, Type *type, Value args_tuple)
{
    Exception *exc = rt_object_new(th, type->id, sizeof *exc);
    if (exc == NULL) {
        return VALUE_ABSENT;
    }
    exc->args = rt_newref(th, args_tuple);
    exc->traceback = exc->cause = exc->context = VALUE_NONE;
    exc->extra = extra_from_args(th, type, value_tuple(args_tuple));
    exc->dict = VALUE_ABSENT;
    return value_from_object(exc);
}

Value rt_exception_new(Thread *th, uint32_t type_id, Value args_tuple)
{
    Type *type = rt_type_by_id(type_id);
    if (args_tuple != VALUE_ABSENT) {
        return exception_new(th, type, args_tuple);
    }
    Value empty = tuple_new(th, NULL, 0);
    if (empty == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value exc = exception_new(th, type, empty);
    rt_decref(th, empty);
    return exc;
}

static Value construct_positional(Thread *th, Type *type, const Value *args, uint32_t nargs)
{
    Value tuple = tuple_new(th, args, nargs);
    if (tuple == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value exc = exception_new(th, type, tuple);
    rt_decref(th, tuple);
    return exc;
}

static Value exception_construct(Thread *th, Type *type, const Value *args, uint32_t nargs,
                                 Value kwnames)
{
    if (kwnames != VALUE_ABSENT && value_tuple(kwnames)->size > 0) {
        return rt_raise(th, EXC_TYPE_ERROR, "%s() takes no keyword arguments", type->name);
    }
    return construct_positional(th, type, args, nargs);
}

/* NameError(name=), AttributeError(name=, obj=), ImportError(name=, path=): second is the keyword
 * beside `name` or NULL. */
static Value construct_named(Thread *th, Type *type, const Value *args, uint32_t nargs,
                             Value kwnames, const char *second)
{
    Value exc = construct_positional(th, type, args, nargs);
    int64_t keywords = kwnames == VALUE_ABSENT ? 0 : value_tuple(kwnames)->size;
    for (int64_t i = 0; exc != VALUE_ABSENT && i < keywords; i++) {
        Value key = value_tuple(kwnames)->items[i];
        Value v = args[nargs + i];
        const char *text = str_utf8(th, key, NULL);
        bool ok = text != NULL;
        if (ok && strcmp(text, "name") == 0) {
            exception_set_field_steal(th, exc, &exception_of(exc)->extra, rt_newref(th, v));
        } else if (ok && second != NULL && strcmp(text, second) == 0) {
            ok = exception_dict_set(th, exc, second, v);
        } else if (ok) {
            rt_raise(th, EXC_TYPE_ERROR, "'%U' is an invalid keyword argument for %s()", key,
                     type->name);
            ok = false;
        }
        if (!ok) {
            rt_decref(th, exc);
            exc = VALUE_ABSENT;
        }
    }
    return exc;
}

static Value name_error_construct(Thread *th, Type *type, const Value *args, uint32_t nargs,
                                  Value kwnames)
{
    return construct_named(th, type, args, nargs, kwnames, NULL);
}

static Value attribute_error_construct(Thread *th, Type *type, const Value *args, uint32_t nargs,
                                       Value kwnames)
{
    return construct_named(th, type, args, nargs, kwnames, "obj");
}

static Value import_error_construct(Thread *th, Type *type, const Value *args, uint32_t nargs,
                                    Value kwnames)
{
    return construct_named(th, type, args, nargs, kwnames, "path");
}

/* OSError(errno, strerror[, filename]): errno picks the subclass, filename leaves args. */
static Value os_error_construct(Thread *th, Type *type, const Value *args, uint32_t nargs,
                                Value kwnames)
{
    int64_t number = 0;
    if (type->id == EXC_OS_ERROR && nargs >= 2 && value_is_small_int(args[0])) {
        number = value_int(args[0]);
        if (number == 2 /* ENOENT */) {
            type = rt_exception_type(EXC_FILE_NOT_FOUND_ERROR);
        } else if (number == 1 || number == 13 /* EPERM, EACCES */) {
            type = rt_exception_type(EXC_PERMISSION_ERROR);
        }
    }
    bool filename = nargs >= 3 && nargs <= 5 && args[2] != VALUE_NONE;
    Value exc = exception_construct(th, type, args, filename ? 2 : nargs, kwnames);
    if (exc != VALUE_ABSENT && filename && !exception_dict_set(th, exc, "filename", args[2])) {
        rt_decref(th, exc);
        return VALUE_ABSENT;
    }
    return exc;
}

static Value unicode_error_construct(Thread *th, Type *type, const Value *args, uint32_t nargs,
                                     Value kwnames)
{
    if (nargs != 5) {
        return rt_raise(th, EXC_TYPE_ERROR, "function takes exactly 5 arguments (%d given)",
                        (int)nargs);
    }
    return exception_construct(th, type, args, nargs, kwnames);
}

/* The text of an exception by NAME_of, which is given args owned: Python code that runs meanwhile, or
 * another thread, may replace the exception's. */
#define WITH_ARGS(name)                                                           \
    static Value name(Thread *th, Value self)                                     \
    {                                                                             \
        Value args = rt_newref(th, slot_load_acquire(&exception_of(self)->args)); \
        Value text = name##_of(th, self, args);                                   \
        rt_decref(th, args);                                                      \
        return text;                                                              \
    }

static Value exception_str_of(Thread *th, Value self, Value args)
{
    (void)self;
    const Tuple *t = value_tuple(args);
    if (t->size == 0) {
        return str_from_ascii(th, "", 0);
    }
    return t->size == 1 ? rt_str(th, t->items[0]) : rt_repr(th, args);
}
WITH_ARGS(exception_str)

static Value exception_repr_of(Thread *th, Value self, Value args)
{
    const Tuple *t = value_tuple(args);
    const char *name = rt_type_of(self)->name;
    if (t->size == 1) {
        return str_from_format(th, "%s(%V)", name, t->items[0]);
    }
    return str_from_format(th, "%s%V", name, args);
}
WITH_ARGS(exception_repr)

static Value key_error_str_of(Thread *th, Value self, Value args)
{
    const Tuple *t = value_tuple(args);
    return t->size == 1 ? rt_repr(th, t->items[0]) : exception_str(th, self);
}
WITH_ARGS(key_error_str)

static Value os_error_str_of(Thread *th, Value self, Value args)
{
    const Tuple *t = value_tuple(args);
    if (t->size < 2) {
        return exception_str(th, self);
    }
    Value filename = exception_dict_get(th, self, "filename");
    if (filename == VALUE_ABSENT) {
        return rt_pending(th) ? VALUE_ABSENT
               : t->size == 2 ? str_from_format(th, "[Errno %S] %S", t->items[0], t->items[1])
                              : exception_str(th, self);
    }
    Value text = str_from_format(th, "[Errno %S] %S: %V", t->items[0], t->items[1], filename);
    rt_decref(th, filename);
    return text;
}
WITH_ARGS(os_error_str)

static Value import_error_str_of(Thread *th, Value self, Value args)
{
    const Tuple *t = value_tuple(args);
    return t->size == 1 && value_is_str(t->items[0]) ? rt_newref(th, t->items[0])
                                                     : exception_str(th, self);
}
WITH_ARGS(import_error_str)

/* "msg (file.py, line 3)": the base name of the file and the line, as far as they are known. */
static Value syntax_error_text(Thread *th, Value message, Value extra)
{
    Value filename = value_tuple(extra)->items[0];
    Value line = value_tuple(extra)->items[1];
    const char *path = value_is_str(filename) ? str_utf8(th, filename, NULL) : "";
    if (path == NULL) {
        return VALUE_ABSENT;
    }
    const char *slash = strrchr(path, '/');
    path = slash == NULL ? path : slash + 1;
    bool has_line = value_is_int(line);
    if (*path != '\0' && has_line) {
        return str_from_format(th, "%S (%s, line %S)", message, path, line);
    }
    if (*path != '\0') {
        return str_from_format(th, "%S (%s)", message, path);
    }
    return has_line ? str_from_format(th, "%S (line %S)", message, line) : rt_str(th, message);
}
static Value syntax_error_str_of(Thread *th, Value self, Value args)
{
    const Tuple *t = value_tuple(args);
    Value message = t->size > 0 ? t->items[0] : VALUE_NONE;
    Value extra = slot_load_acquire(&exception_of(self)->extra);
    if (!value_has_type(extra, TYPE_TUPLE) || value_tuple(extra)->size < 2) {
        return rt_str(th, message);
    }
    rt_incref(th, extra);
    Value text = syntax_error_text(th, message, extra);
    rt_decref(th, extra);
    return text;
}
WITH_ARGS(syntax_error_str)

static Value unicode_position(Thread *th, const Tuple *t, const char *what, const char *unit,
                              int64_t start, int64_t end)
{
    if (end != start + 1) {
        return str_from_format(th, "'%S' codec can't %s %ss in position %lld-%lld: %S", t->items[0],
                               what, unit, (long long)start, (long long)end - 1, t->items[4]);
    }
    Value at = rt_getitem(th, t->items[1], t->items[2]);
    if (at == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    char text[32] = "?";
    if (value_is_small_int(at)) {
        snprintf(text, sizeof text, "0x%02x", (unsigned)value_int(at));
    } else if (value_is_str(at) && value_str(at)->length == 1) {
        uint32_t c = str_char_at(value_str(at), 0);
        snprintf(text, sizeof text,
                 c < 0x100     ? "'\\x%02x'"
                 : c < 0x10000 ? "'\\u%04x'"
                               : "'\\U%08x'",
                 c);
    }
    rt_decref(th, at);
    return str_from_format(th, "'%S' codec can't %s %s %s in position %lld: %S", t->items[0], what,
                           unit, text, (long long)start, t->items[4]);
}

static Value unicode_error_str_of(Thread *th, Value self, Value args)
{
    const Tuple *t = value_tuple(args);
    int64_t start, end;
    if (t->size != 5 || !value_is_int(t->items[2]) || !value_is_int(t->items[3]) ||
        !int_to_i64(t->items[2], &start) || !int_to_i64(t->items[3], &end)) {
        return exception_str(th, self);
    }
    bool decode = is_a(rt_type_of(self), EXC_UNICODE_DECODE_ERROR);
    return unicode_position(th, t, decode ? "decode" : "encode", decode ? "byte" : "character",
                            start, end);
}
WITH_ARGS(unicode_error_str)

static void traceback_finalize(Thread *th, Object *o)
{
    Traceback *tb = (Traceback *)o;
    rt_xdecref(th, tb->next);
    rt_xdecref(th, tb->code);
}

static void traceback_traverse(Object *o, VisitFn visit, void *arg)
{
    value_visit(((Traceback *)o)->next, visit, arg);
    value_visit(((Traceback *)o)->code, visit, arg);
}

static Type traceback_type = {
    .id = TYPE_TRACEBACK,
    .flags = TYPE_FLAG_GC,
    .name = "traceback",
    .size_bytes = sizeof(Traceback),
    .finalize = traceback_finalize,
    .traverse = traceback_traverse,
    .methods = traceback_methods,
};

static void patch_base(void)
{
    Type *base = rt_exception_type(EXC_BASE_EXCEPTION);
    base->flags = TYPE_FLAG_EXCEPTION | TYPE_FLAG_GC;
    base->size_bytes = sizeof(Exception);
    base->finalize = exception_finalize;
    base->traverse = exception_traverse;
    base->clear = exception_clear;
    base->construct = exception_construct;
    base->repr = exception_repr;
    base->str = exception_str;
    base->getattr = exception_getattr;
    base->setattr = exception_setattr;
    base->methods = exception_base_methods;
}

static void patch_special(void)
{
    rt_exception_type(EXC_KEY_ERROR)->str = key_error_str;
    rt_exception_type(EXC_STOP_ITERATION)->methods = stop_iteration_methods;
    rt_exception_type(EXC_SYSTEM_EXIT)->methods = system_exit_methods;
    Type *type = rt_exception_type(EXC_NAME_ERROR);
    type->construct = name_error_construct;
    type->methods = name_error_methods;
    type = rt_exception_type(EXC_ATTRIBUTE_ERROR);
    type->construct = attribute_error_construct;
    type->methods = attribute_error_methods;
    type = rt_exception_type(EXC_IMPORT_ERROR);
    type->construct = import_error_construct;
    type->str = import_error_str;
    type->methods = import_error_methods;
    type = rt_exception_type(EXC_OS_ERROR);
    type->construct = os_error_construct;
    type->str = os_error_str;
    type->methods = os_error_methods;
    type = rt_exception_type(EXC_SYNTAX_ERROR);
    type->str = syntax_error_str;
    type->methods = syntax_error_methods;
    for (uint32_t id = EXC_UNICODE_DECODE_ERROR; id <= EXC_UNICODE_ENCODE_ERROR; id++) {
        type = rt_exception_type(id);
        type->construct = unicode_error_construct;
        type->str = unicode_error_str;
        type->methods = unicode_error_methods;
    }
}

bool exception_types_init(Thread *th)
{
    for (uint32_t i = 0; i < EXCEPTION_COUNT; i++) {
        exception_types[i] = (Type){.id = TYPE_EXCEPTION_FIRST + i, .name = exception_rows[i].name};
        if (i != 0) {
            exception_types[i].base = rt_exception_type(exception_rows[i].base);
        }
    }
    patch_base();
    patch_special();
    for (uint32_t i = 0; i < EXCEPTION_COUNT; i++) {
        if (!rt_type_ready(th, &exception_types[i])) {
            return false;
        }
    }
    return rt_type_ready(th, &traceback_type);
}
