/*
 * Attributes of exceptions and tracebacks: getters and methods as tables, setting by name.
 *
 * Reading looks in the exception's own dict first, then goes the generic way through the getters.
 * Setting a name that has a field goes to the field with CPython's checks, else to the dict.
 *
 * Threads: any.
 */
#include "runtime/abstract_internal.h"
#include "runtime/exception_internal.h"
#include "runtime/int.h"

void exception_set_field_steal(Thread *th, Value exc, Value *field, Value v)
{
    field_set_steal(th, value_object(exc), field, v);
}

bool exception_dict_set(Thread *th, Value exc, const char *name, Value v)
{
    Exception *e = exception_of(exc);
    Value dict = slot_load_acquire(&e->dict);
    if (dict == VALUE_ABSENT) {
        dict = dict_new(th);
        if (dict == VALUE_ABSENT) {
            return false;
        }
        dict = field_set_first_steal(th, &e->header, &e->dict, VALUE_ABSENT, dict);
    }
    return dict_set_cstr(th, dict, name, v);
}

Value exception_dict_get(Thread *th, Value exc, const char *name)
{
    const Exception *e = exception_of(exc);
    Value dict = slot_load_acquire(&e->dict);
    if (dict == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value key = str_intern_cstr(th, name);
    if (key == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value found = dict_get_str(th, dict, key);
    rt_decref(th, key);
    return found;
}

Value exception_getattr(Thread *th, Value self, Value name)
{
    const Exception *e = exception_of(self);
    Value dict = slot_load_acquire(&e->dict);
    if (dict != VALUE_ABSENT) {
        Value found = dict_get_str(th, dict, name);
        if (found != VALUE_ABSENT || rt_pending(th)) {
            return found;
        }
    }
    return rt_generic_getattr(th, self, name);
}

static bool raise_type_error(Thread *th, const char *message)
{
    rt_raise(th, EXC_TYPE_ERROR, message);
    return false;
}

static bool set_args(Thread *th, Value self, Value v)
{
    if (v == VALUE_ABSENT) {
        return raise_type_error(th, "args may not be deleted");
    }
    Value tuple = tuple_from_iterable(th, v);
    if (tuple == VALUE_ABSENT) {
        return false;
    }
    exception_set_field_steal(th, self, &exception_of(self)->args, tuple);
    return true;
}

static bool set_cause_or_context(Thread *th, Value self, Value v, bool cause)
{
    if (v == VALUE_ABSENT) {
        return raise_type_error(th, cause ? "__cause__ may not be deleted"
                                          : "__context__ may not be deleted");
    }
    if (v != VALUE_NONE && !value_is_exception(v)) {
        return raise_type_error(
            th, cause ? "exception cause must be None or derive from BaseException"
                      : "exception context must be None or derive from BaseException");
    }
    Exception *e = exception_of(self);
    exception_set_field_steal(th, self, cause ? &e->cause : &e->context, rt_newref(th, v));
    if (cause) {
        exception_suppress_context(self, true);
    }
    return true;
}

static bool set_traceback(Thread *th, Value self, Value v)
{
    if (v == VALUE_ABSENT) {
        return raise_type_error(th, "__traceback__ may not be deleted");
    }
    if (v != VALUE_NONE && !value_has_type(v, TYPE_TRACEBACK)) {
        return raise_type_error(th, "__traceback__ must be a traceback or None");
    }
    exception_set_field_steal(th, self, &exception_of(self)->traceback, rt_newref(th, v));
    return true;
}

static bool set_suppress_context(Thread *th, Value self, Value v)
{
    if (v == VALUE_ABSENT) {
        return raise_type_error(th, "can't delete numeric/char attribute");
    }
    if (!value_is_bool(v)) {
        return raise_type_error(th, "attribute value type must be bool");
    }
    exception_suppress_context(self, v == VALUE_TRUE);
    return true;
}

/* The name under which the type keeps its `extra`, or NULL. */
static const char *extra_name(const Type *type)
{
    static const struct {
        uint32_t id;
        const char *name;
    } rows[] = {
        {EXC_STOP_ITERATION, "value"}, {EXC_SYSTEM_EXIT, "code"},  {EXC_NAME_ERROR, "name"},
        {EXC_ATTRIBUTE_ERROR, "name"}, {EXC_IMPORT_ERROR, "name"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rt_type_is_subtype(type, rt_exception_type(rows[i].id))) {
            return rows[i].name;
        }
    }
    return NULL;
}

static bool set_in_dict(Thread *th, Value self, Value name, Value v)
{
    Exception *e = exception_of(self);
    if (v != VALUE_ABSENT) {
        const char *text = str_utf8(th, name, NULL);
        return text != NULL && (e->dict != VALUE_ABSENT ? dict_set(th, e->dict, name, v)
                                                        : exception_dict_set(th, self, text, v));
    }
    int deleted = e->dict == VALUE_ABSENT ? 0 : dict_delete(th, e->dict, name);
    if (deleted == 0) {
        rt_raise(th, EXC_ATTRIBUTE_ERROR, "'%T' object has no attribute '%U'", self, name);
    }
    return deleted == 1;
}

bool exception_setattr(Thread *th, Value self, Value name, Value value)
{
    if (str_is(name, "args")) {
        return set_args(th, self, value);
    }
    if (str_is(name, "__cause__") || str_is(name, "__context__")) {
        return set_cause_or_context(th, self, value, str_is(name, "__cause__"));
    }
    if (str_is(name, "__traceback__")) {
        return set_traceback(th, self, value);
    }
    if (str_is(name, "__suppress_context__")) {
        return set_suppress_context(th, self, value);
    }
    const char *extra = extra_name(rt_type_of(self));
    if (extra != NULL && str_is(name, extra)) {
        exception_set_field_steal(th, self, &exception_of(self)->extra,
                                  value == VALUE_ABSENT ? VALUE_ABSENT : rt_newref(th, value));
        return true;
    }
    return set_in_dict(th, self, name, value);
}

static Value or_none(Thread *th, Value v)
{
    return v == VALUE_ABSENT ? VALUE_NONE : rt_newref(th, v);
}

#define GETTER(function, expression)                                                    \
    static Value function(Thread *th, const Value *args, uint32_t nargs, Value kwnames) \
    {                                                                                   \
        (void)nargs;                                                                    \
        (void)kwnames;                                                                  \
        const Exception *e = exception_of(args[0]);                                     \
        return or_none(th, expression);                                                 \
    }

/* Item i of args, if there are at least `least` of them. */
static Value argument(const Exception *e, int64_t i, int64_t least)
{
    const Tuple *t = value_tuple(slot_load_acquire(&e->args));
    return t->size >= least && i < t->size ? t->items[i] : VALUE_ABSENT;
}
/* Item i of SyntaxError's details. */
static Value detail(const Exception *e, int64_t i)
{
    Value extra = slot_load_acquire(&e->extra);
    if (!value_is_tuple(extra)) {
        return VALUE_ABSENT;
    }
    const Tuple *t = value_tuple(extra);
    return i < t->size ? t->items[i] : VALUE_ABSENT;
}

GETTER(get_args, slot_load_acquire(&e->args))
GETTER(get_cause, slot_load_acquire(&e->cause))
GETTER(get_context, slot_load_acquire(&e->context))
GETTER(get_traceback, slot_load_acquire(&e->traceback))
GETTER(get_suppress_context, ((void)e, value_from_bool(exception_suppresses_context(args[0]))))
GETTER(get_extra, slot_load_acquire(&e->extra))
GETTER(get_message, argument(e, 0, 1))
GETTER(get_none, ((void)e, VALUE_NONE))
GETTER(get_errno, argument(e, 0, 2))
GETTER(get_strerror, argument(e, 1, 2))
GETTER(get_filename, detail(e, 0))
GETTER(get_lineno, detail(e, 1))
GETTER(get_offset, detail(e, 2))
GETTER(get_text, detail(e, 3))
GETTER(get_end_lineno, detail(e, 4))
GETTER(get_end_offset, detail(e, 5))
GETTER(get_encoding, argument(e, 0, 5))
GETTER(get_object, argument(e, 1, 5))
GETTER(get_start, argument(e, 2, 5))
GETTER(get_end, argument(e, 3, 5))
GETTER(get_reason, argument(e, 4, 5))

/* ImportError.msg: the only argument. */
GETTER(get_import_message, argument(e, 1, 2) == VALUE_ABSENT ? argument(e, 0, 1) : VALUE_ABSENT)

static Value exception_with_traceback(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs;
    (void)kwnames;
    return set_traceback(th, args[0], args[1]) ? rt_newref(th, args[0]) : VALUE_ABSENT;
}

static Value exception_add_note(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs;
    (void)kwnames;
    if (!value_is_str(args[1])) {
        return rt_raise(th, EXC_TYPE_ERROR, "note must be a str, not '%T'", args[1]);
    }
    Value notes = exception_dict_get(th, args[0], "__notes__");
    if (notes == VALUE_ABSENT) {
        notes = rt_pending(th) ? VALUE_ABSENT : list_new(th, NULL, 0);
        if (notes == VALUE_ABSENT) {
            return VALUE_ABSENT;
        }
        if (!exception_dict_set(th, args[0], "__notes__", notes)) {
            rt_decref(th, notes);
            return VALUE_ABSENT;
        }
    }
    bool ok = value_is_list(notes)
                  ? list_append(th, notes, args[1])
                  : raise_type_error(th, "Cannot add note: __notes__ is not a list");
    rt_decref(th, notes);
    return ok ? VALUE_NONE : VALUE_ABSENT;
}

#define GET(name, fn) {name, fn, 1, 1, NATIVE_GETTER}
#define END {NULL, NULL, 0, 0, 0}

const NativeDef exception_base_methods[] = {
    GET("args", get_args),
    GET("__cause__", get_cause),
    GET("__context__", get_context),
    GET("__traceback__", get_traceback),
    GET("__suppress_context__", get_suppress_context),
    {"with_traceback", exception_with_traceback, 2, 2, 0},
    {"add_note", exception_add_note, 2, 2, 0},
    END,
};
const NativeDef stop_iteration_methods[] = {GET("value", get_extra), END};
const NativeDef system_exit_methods[] = {GET("code", get_extra), END};
const NativeDef name_error_methods[] = {GET("name", get_extra), END};
const NativeDef attribute_error_methods[] = {GET("name", get_extra), GET("obj", get_none), END};
const NativeDef import_error_methods[] = {GET("msg", get_import_message), GET("name", get_extra),
                                          GET("path", get_none), END};
const NativeDef os_error_methods[] = {GET("errno", get_errno), GET("strerror", get_strerror),
                                      GET("filename", get_none), END};
const NativeDef syntax_error_methods[] = {GET("msg", get_message),
                                          GET("filename", get_filename),
                                          GET("lineno", get_lineno),
                                          GET("offset", get_offset),
                                          GET("text", get_text),
                                          GET("end_lineno", get_end_lineno),
                                          GET("end_offset", get_end_offset),
                                          GET("print_file_and_line", get_none),
                                          END};
const NativeDef unicode_error_methods[] = {GET("encoding", get_encoding), GET("object", get_object),
                                           GET("start", get_start),       GET("end", get_end),
                                           GET("reason", get_reason),     END};

static Value get_tb_next(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs;
    (void)kwnames;
    return rt_newref(th, ((const Traceback *)value_object(args[0]))->next);
}
static Value get_tb_lineno(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs;
    (void)kwnames;
    return int_from_i64(th, ((const Traceback *)value_object(args[0]))->lineno);
}
static Value get_tb_lasti(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs;
    (void)kwnames;
    return int_from_i64(th, ((const Traceback *)value_object(args[0]))->instruction);
}

const NativeDef traceback_methods[] = {GET("tb_next", get_tb_next), GET("tb_lineno", get_tb_lineno),
                                       GET("tb_lasti", get_tb_lasti), END};
