/*
 * Module: a name and a dict, as a type.
 *
 * Attributes are the dict's entries; what the dict lacks is asked of the type (__dict__, __class__).
 * Threads: any; the dict locks itself.
 */
#include "runtime/abstract_internal.h"
#include "runtime/gc.h"
#include "runtime/memory.h"

static Module *module_of(Value v) { return (Module *)value_object(v); }

static bool add_standard_names(Thread *th, Value dict, Value name)
{
    static const char *const none_names[] = {"__doc__", "__package__", "__loader__", "__spec__"};
    if (!dict_set_cstr(th, dict, "__name__", name)) {
        return false;
    }
    for (size_t i = 0; i < sizeof none_names / sizeof *none_names; i++) {
        if (!dict_set_cstr(th, dict, none_names[i], VALUE_NONE)) {
            return false;
        }
    }
    return true;
}

Value module_new(Thread *th, const char *name)
{
    Module *m = rt_object_new(th, TYPE_MODULE, sizeof *m);
    if (m == NULL) {
        return VALUE_ABSENT;
    }
    Value v = value_from_object(m);
    m->name = str_intern_cstr(th, name);
    m->dict = m->name == VALUE_ABSENT ? VALUE_ABSENT : dict_new(th);
    if (m->dict == VALUE_ABSENT || !add_standard_names(th, m->dict, m->name)) {
        rt_decref(th, v);
        return VALUE_ABSENT;
    }
    gc_defer(th, &m->header);
    return v;
}

bool module_add(Thread *th, Value module, const char *name, Value v_stolen)
{
    if (v_stolen == VALUE_ABSENT) {
        return false; /* the caller's constructor has failed: its exception stands */
    }
    bool done = dict_set_cstr(th, module_of(module)->dict, name, v_stolen);
    rt_decref(th, v_stolen);
    return done;
}

bool module_add_natives(Thread *th, Value module, const NativeDef *defs)
{
    for (const NativeDef *def = defs; def->name != NULL; def++) {
        if (!module_add(th, module, def->name, native_function_new(th, def, module))) {
            return false;
        }
    }
    return true;
}

static void module_finalize(Thread *th, Object *o)
{
    rt_xdecref(th, ((Module *)o)->name);
    rt_xdecref(th, ((Module *)o)->dict);
}

static void module_traverse(Object *o, VisitFn visit, void *arg)
{
    value_visit(((Module *)o)->name, visit, arg);
    value_visit(((Module *)o)->dict, visit, arg);
}

/* An entry of the dict. absent without an exception: not there. */
static Value module_entry(Thread *th, Value module, const char *name)
{
    Value key = str_intern_cstr(th, name);
    if (key == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value v = dict_get_str(th, module_of(module)->dict, key);
    rt_decref(th, key);
    return v;
}

static Value module_repr(Thread *th, Value self)
{
    Value name = module_entry(th, self, "__name__");
    if (name == VALUE_ABSENT) {
        if (rt_pending(th)) {
            return VALUE_ABSENT;
        }
        name = rt_newref(th, module_of(self)->name);
    }
    Value file = module_entry(th, self, "__file__");
    Value text = VALUE_ABSENT;
    if (file != VALUE_ABSENT) {
        text = str_from_format(th, "<module %V from %V>", name, file);
    } else if (!rt_pending(th)) {
        text = str_from_format(th, "<module %V (built-in)>", name);
    }
    rt_decref(th, name);
    rt_xdecref(th, file);
    return text;
}

static Value module_getattr(Thread *th, Value self, Value name)
{
    Value v = VALUE_ABSENT;
    if (!dict_get(th, module_of(self)->dict, name, &v) || v != VALUE_ABSENT) {
        return v;
    }
    if (str_is(name, "__class__")) {
        return value_from_object(rt_type_of(self));
    }
    if (str_is(name, "__dict__")) {
        return rt_newref(th, module_of(self)->dict);
    }
    return rt_raise(th, EXC_ATTRIBUTE_ERROR, "module %V has no attribute '%U'",
                    module_of(self)->name, name);
}

static bool module_setattr(Thread *th, Value self, Value name, Value v)
{
    if (v != VALUE_ABSENT) {
        if (str_is(name, "__dict__")) {
            rt_raise(th, EXC_ATTRIBUTE_ERROR, "readonly attribute");
            return false;
        }
        return dict_set(th, module_of(self)->dict, name, v);
    }
    int removed = dict_delete(th, module_of(self)->dict, name);
    if (removed == 0) {
        rt_raise(th, EXC_ATTRIBUTE_ERROR, "'module' object has no attribute '%U'", name);
    }
    return removed == 1;
}

static Value module_construct(Thread *th, Type *type, const Value *args, uint32_t nargs,
                              Value kwnames)
{
    (void)type;
    static const char *const names[] = {"name", "doc"};
    const NativeSignature signature = {"module", names, 2, 1, 2};
    Value given[2];
    if (!native_bind(th, &signature, args, nargs, kwnames, given)) {
        return VALUE_ABSENT;
    }
    if (!value_is_str(given[0])) {
        return rt_raise(th, EXC_TYPE_ERROR, "module() argument 'name' must be str, not %T",
                        given[0]);
    }
    const char *name = str_utf8(th, given[0], &(size_t){0});
    Value module = name == NULL ? VALUE_ABSENT : module_new(th, name);
    if (module != VALUE_ABSENT && given[1] != VALUE_ABSENT &&
        !dict_set_cstr(th, module_of(module)->dict, "__doc__", given[1])) {
        rt_decref(th, module);
        return VALUE_ABSENT;
    }
    return module;
}

static Type module_type = {
    .id = TYPE_MODULE,
    .name = "module",
    .flags = TYPE_FLAG_GC,
    .size_bytes = sizeof(Module),
    .finalize = module_finalize,
    .traverse = module_traverse,
    .construct = module_construct,
    .repr = module_repr,
    .getattr = module_getattr,
    .setattr = module_setattr,
};

bool module_type_init(Thread *th) { return rt_type_ready(th, &module_type); }
