/*
 * Functions as a Python type: attributes, repr, calling from C.
 *
 * Attributes that Python sets (__defaults__, __kwdefaults__, __name__ ...) are fields; all others go
 * into a dict made on demand.  A function made at module level without free variables is deferred
 * (DESIGN 2): nobody counts it, the collector frees it.
 *
 * Threads: any; setting an attribute replaces one field.
 */
#include "interp/vm_internal.h"
#include "runtime/container_inline.h"

static Function *function_of(Value v) { return value_function(v); }

enum { SIMPLE_ARGS_MAX = 254 };

static Value module_name(Thread *th, Value globals)
{
    Value key = str_intern_cstr(th, "__name__");
    if (key == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value name = dict_get_str(th, globals, key);
    rt_decref(th, key);
    if (name == VALUE_ABSENT && !rt_pending(th)) {
        return str_intern_cstr(th, "builtins");
    }
    return name;
}

/* Notes which globals code is run with. */
static void note_globals(const Thread *th, Code *code, Value globals)
{
    Value before = VALUE_ABSENT;
    if (atomic_compare_exchange_strong_explicit(&code->globals, &before, globals,
                                                memory_order_acq_rel, memory_order_acquire) ||
        before == globals || before == CODE_SEVERAL_GLOBALS) {
        return;
    }
    atomic_store_explicit(&code->globals, CODE_SEVERAL_GLOBALS, memory_order_release);
    /* release: who reads the new epoch sees that nothing is to be cached; all that was is dead */
    atomic_fetch_add_explicit(&th->rt->globals_epoch, 1, memory_order_release);
}

Value function_new(Thread *th, Value code_value, Value globals)
{
    Code *code = (Code *)value_object(code_value);
    Value module = module_name(th, globals);
    if (module == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Function *f = rt_object_new_gc(th, TYPE_FUNCTION, sizeof *f);
    if (f == NULL) {
        rt_decref(th, module);
        return VALUE_ABSENT;
    }
    bool simple = code->param_count == code->arg_count && code->arg_count <= SIMPLE_ARGS_MAX;
    uint16_t type_flags = simple ? FUNCTION_SIMPLE_FLAGS(code->arg_count) : 0;
    f->header.flags = (uint16_t)(f->header.flags | type_flags);
    rt_incref(th, code_value);
    if (!code_caches_globals(code, globals)) {
        note_globals(th, code, globals);
    }
    f->code = code;
    f->entry = code->insns;
    f->frame_bytes = code->frame_size * (uint32_t)sizeof(Value);
    f->local_count = code->local_count;
    f->globals = rt_newref(th, globals);
    f->defaults = f->kwdefaults = f->annotations = VALUE_NONE;
    f->name = rt_newref(th, code->name);
    f->qualname = rt_newref(th, code->qualname);
    f->module = module;
    f->doc = rt_newref(th, code->doc);
    return value_from_object(f);
}

static void function_finalize(Thread *th, Object *o)
{
    Function *f = (Function *)o;
    for (uint32_t i = 0; f->closure != NULL && i < f->code->free_count; i++) {
        rt_xdecref(th, f->closure[i]);
    }
    rt_free(f->closure);
    rt_xdecref(th, f->globals);
    rt_xdecref(th, f->defaults);
    rt_xdecref(th, f->kwdefaults);
    rt_xdecref(th, f->annotations);
    rt_xdecref(th, f->name);
    rt_xdecref(th, f->qualname);
    rt_xdecref(th, f->module);
    rt_xdecref(th, f->doc);
    rt_xdecref(th, f->dict);
    rt_decref(th, value_from_object(f->code));
}

static void function_traverse(Object *o, VisitFn visit, void *arg)
{
    Function *f = (Function *)o;
    const Value fields[] = {f->globals,  f->defaults, f->kwdefaults, f->annotations, f->name,
                            f->qualname, f->module,   f->doc,        f->dict};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        value_visit(fields[i], visit, arg);
    }
    for (uint32_t i = 0; f->closure != NULL && i < f->code->free_count; i++) {
        value_visit(f->closure[i], visit, arg);
    }
    visit(&f->code->header, arg);
}

/* What may be set later than the function was made; its cells and its globals are cleared themselves. */
static void function_clear(Thread *th, Object *o)
{
    Function *f = (Function *)o;
    const Value fields[] = {f->defaults, f->kwdefaults, f->annotations, f->doc, f->dict};
    f->defaults = f->kwdefaults = f->annotations = f->doc = VALUE_NONE;
    f->dict = VALUE_ABSENT;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        rt_xdecref(th, fields[i]);
    }
}

static Value function_repr(Thread *th, Value self)
{
    return str_from_format(th, "<function %U at 0x%llx>",
                           slot_load_acquire(&function_of(self)->qualname),
                           (unsigned long long)self);
}

/* ---- attributes --------------------------------------------------------------------------------------- */

typedef enum Check { CHECK_ANY, CHECK_STR, CHECK_TUPLE, CHECK_DICT, CHECK_READ_ONLY } Check;

typedef struct Field {
    const char *name;
    size_t offset;
    Check check;
    const char *message; /* of the TypeError */
} Field;

static const Field fields[] = {
    {"__name__", offsetof(Function, name), CHECK_STR, "__name__ must be set to a string object"},
    {"__qualname__", offsetof(Function, qualname), CHECK_STR,
     "__qualname__ must be set to a string object"},
    {"__doc__", offsetof(Function, doc), CHECK_ANY, NULL},
    {"__module__", offsetof(Function, module), CHECK_ANY, NULL},
    {"__defaults__", offsetof(Function, defaults), CHECK_TUPLE,
     "__defaults__ must be set to a tuple object"},
    {"__kwdefaults__", offsetof(Function, kwdefaults), CHECK_DICT,
     "__kwdefaults__ must be set to a dict object"},
    {"__annotations__", offsetof(Function, annotations), CHECK_DICT,
     "__annotations__ must be set to a dict object"},
    {"__globals__", offsetof(Function, globals), CHECK_READ_ONLY, "readonly attribute"},
};

static bool name_is(Value name, const char *text)
{
    const Str *s = value_str(name);
    size_t length = strlen(text);
    return s->ascii && (size_t)s->length == length && memcmp(s->data, text, length) == 0;
}

static const Field *find_field(Value name)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (name_is(name, fields[i].name)) {
            return &fields[i];
        }
    }
    return NULL;
}

static Value *field_slot(Function *f, const Field *field)
{
    return (Value *)(void *)((char *)f + field->offset);
}

/* A dict field that is None or absent becomes a new dict. */
static Value dict_field(Thread *th, Function *f, Value *slot)
{
    Value have = slot_load_acquire(slot);
    if (!value_is_dict(have)) {
        Value dict = dict_new(th);
        if (dict == VALUE_ABSENT) {
            return VALUE_ABSENT;
        }
        have = field_set_first_steal(th, &f->header, slot, have, dict);
    }
    return rt_newref(th, have);
}

static Value function_getattr(Thread *th, Value self, Value name)
{
    Function *f = function_of(self);
    const Field *field = find_field(name);
    if (field != NULL) {
        Value *slot = field_slot(f, field);
        return name_is(name, "__annotations__") ? dict_field(th, f, slot)
                                                : rt_newref(th, slot_load_acquire(slot));
    }
    if (name_is(name, "__dict__")) {
        return dict_field(th, f, &f->dict);
    }
    if (name_is(name, "__code__")) {
        return rt_newref(th, value_from_object(f->code));
    }
    if (name_is(name, "__closure__")) {
        return f->closure == NULL ? VALUE_NONE : tuple_new(th, f->closure, f->code->free_count);
    }
    Value dict = slot_load_acquire(&f->dict);
    if (dict != VALUE_ABSENT) {
        Value v = VALUE_ABSENT;
        if (!dict_get(th, dict, name, &v) || v != VALUE_ABSENT) {
            return v;
        }
    }
    return rt_generic_getattr(th, self, name);
}

static bool check_field(Thread *th, const Field *field, Value v)
{
    bool none_allowed = field->check == CHECK_TUPLE || field->check == CHECK_DICT;
    if (field->check == CHECK_READ_ONLY) {
        rt_raise(th, EXC_ATTRIBUTE_ERROR, "readonly attribute");
        return false;
    }
    bool ok = (none_allowed && v == VALUE_NONE) || field->check == CHECK_ANY ||
              (field->check == CHECK_STR && value_is_str(v)) ||
              (field->check == CHECK_TUPLE && value_is_tuple(v)) ||
              (field->check == CHECK_DICT && value_is_dict(v));
    if (!ok) {
        rt_raise(th, EXC_TYPE_ERROR, "%s", field->message);
    }
    return ok;
}

static void store_field(Thread *th, Function *f, Value *slot, Value v)
{
    field_set_steal(th, &f->header, slot, rt_newref(th, v));
}

/* Attributes that are no fields of values. fails: false with *done: an exception. */
static bool set_special(Thread *th, Function *f, Value name, Value v, bool *done)
{
    *done = true;
    if (name_is(name, "__closure__")) {
        rt_raise(th, EXC_ATTRIBUTE_ERROR, "readonly attribute");
        return false;
    }
    if (name_is(name, "__dict__")) {
        if (!value_is_dict(v)) {
            rt_raise(th, EXC_TYPE_ERROR, "__dict__ must be set to a dictionary, not a '%T'", v);
            return false;
        }
        store_field(th, f, &f->dict, v);
        return true;
    }
    if (name_is(name, "__code__")) {
        rt_raise(th, EXC_NOT_IMPLEMENTED_ERROR, "Adder does not replace __code__ of functions yet");
        return false;
    }
    *done = false;
    return false;
}

static bool function_setattr(Thread *th, Value self, Value name, Value v)
{
    Function *f = function_of(self);
    const Field *field = find_field(name);
    if (field != NULL) {
        Value to = v;
        if (v == VALUE_ABSENT) { /* del: CPython refuses for names, else stores None */
            to = VALUE_NONE;
        }
        if (!check_field(th, field, to)) {
            return false;
        }
        store_field(th, f, field_slot(f, field), to);
        return true;
    }
    bool done;
    bool ok = set_special(th, f, name, v, &done);
    if (done) {
        return ok;
    }
    if (v == VALUE_ABSENT) {
        Value have = slot_load_acquire(&f->dict);
        int removed = have == VALUE_ABSENT ? 0 : dict_delete(th, have, name);
        if (removed == 0) {
            rt_raise(th, EXC_ATTRIBUTE_ERROR, "'function' object has no attribute '%U'", name);
        }
        return removed > 0;
    }
    Value dict = dict_field(th, f, &f->dict);
    ok = dict != VALUE_ABSENT && dict_set(th, dict, name, v);
    rt_xdecref(th, dict);
    return ok;
}

static Type function_type = {
    .id = TYPE_FUNCTION,
    .name = "function",
    .flags = TYPE_FLAG_GC,
    .size_bytes = sizeof(Function),
    .finalize = function_finalize,
    .traverse = function_traverse,
    .clear = function_clear,
    .repr = function_repr,
    .getattr = function_getattr,
    .setattr = function_setattr,
    .call = vm_call,
};

bool vm_function_type_init(Thread *th) { return rt_type_ready(th, &function_type); }
