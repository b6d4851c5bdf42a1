/*
 * Native functions, bound methods and method descriptors as types.
 *
 *     len            NativeFunction  <built-in function len>
 *     [].append      BoundMethod     <built-in method append of list object at 0x...>
 *     list.append    descriptor      <method 'append' of 'list' objects>
 *     int.real       descriptor      <attribute 'real' of 'int' objects>
 *
 * A BoundMethod binds native and Python functions alike; to a program the first kind is a
 * builtin_function_or_method, the second a method.  A descriptor is a BoundMethod whose self is the
 * type; calling it checks the first argument against that type.
 *
 * Threads: any; all immutable.
 */
#include "runtime/abstract_internal.h"
#include "runtime/memory.h"

enum { CALL_STACK_ARGS = 8 };

static BoundMethod *bound(Value v) { return (BoundMethod *)value_object(v); }
static NativeFunction *native(Value v) { return (NativeFunction *)value_object(v); }

Value native_function_new(Thread *th, const NativeDef *def, Value module_or_absent)
{
    NativeFunction *f = rt_object_new(th, TYPE_NATIVE_FUNCTION, sizeof *f);
    if (f == NULL) {
        return VALUE_ABSENT;
    }
    f->def = def;
    /* The name, not the module: its dict refers to the function. */
    Value owner = module_or_absent;
    if (value_has_type(owner, TYPE_MODULE)) {
        owner = ((const Module *)value_object(owner))->name;
    }
    f->module = owner == VALUE_ABSENT ? VALUE_ABSENT : rt_newref(th, owner);
    return value_from_object(f);
}

Value bound_method_new(Thread *th, Value function, Value self)
{
    BoundMethod *m = rt_object_new_gc(th, TYPE_BOUND_METHOD, sizeof *m);
    if (m == NULL) {
        return VALUE_ABSENT;
    }
    m->function = rt_newref(th, function);
    m->self = rt_newref(th, self);
    return value_from_object(m);
}

static void native_finalize(Thread *th, Object *o)
{
    rt_xdecref(th, ((NativeFunction *)o)->module);
}

static void bound_finalize(Thread *th, Object *o)
{
    rt_xdecref(th, ((BoundMethod *)o)->function);
    rt_xdecref(th, ((BoundMethod *)o)->self);
}

static void native_traverse(Object *o, VisitFn visit, void *arg)
{
    value_visit(((NativeFunction *)o)->module, visit, arg);
}

static void bound_traverse(Object *o, VisitFn visit, void *arg)
{
    value_visit(((BoundMethod *)o)->function, visit, arg);
    value_visit(((BoundMethod *)o)->self, visit, arg);
}

static Value native_repr(Thread *th, Value self)
{
    return str_from_format(th, "<built-in function %s>", native_def(self)->name);
}

static Value bound_repr(Thread *th, Value self)
{
    const BoundMethod *m = bound(self);
    if (value_is_native(m->function)) {
        return str_from_format(th, "<built-in method %s of %s object at 0x%llx>",
                               native_def(m->function)->name, rt_type_name(m->self),
                               (unsigned long long)m->self);
    }
    Value name = str_intern_cstr(th, "__qualname__");
    if (name == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value qualname = rt_getattr_optional(th, m->function, name);
    rt_decref(th, name);
    if (qualname == VALUE_ABSENT) {
        return rt_pending(th) ? VALUE_ABSENT
                              : str_from_format(th, "<bound method ? of %V>", m->self);
    }
    Value text = str_from_format(th, "<bound method %U of %V>", qualname, m->self);
    rt_decref(th, qualname);
    return text;
}

static Value native_call_slot(Thread *th, Value callee, const Value *args, uint32_t nargs,
                              Value kwnames)
{
    return native_call(th, native_def(callee), args, nargs, kwnames);
}

static Value bound_call(Thread *th, Value callee, const Value *args, uint32_t nargs, Value kwnames)
{
    const BoundMethod *m = bound(callee);
    uint32_t total = nargs + keyword_count(kwnames);
    Value on_stack[CALL_STACK_ARGS + 1];
    Value *all = on_stack;
    if (total > CALL_STACK_ARGS) {
        all = rt_malloc((total + 1) * sizeof(Value));
        if (all == NULL) {
            return rt_raise_memory_error(th);
        }
    }
    all[0] = m->self;
    if (total != 0) {
        memcpy(all + 1, args, total * sizeof(Value));
    }
    Value function = rt_newref(th, m->function);
    Value self = rt_newref(th, m->self);
    Value result = rt_call(th, function, all, nargs + 1, kwnames);
    rt_decref(th, self);
    rt_decref(th, function);
    if (all != on_stack) {
        rt_free(all);
    }
    return result;
}

static Value bound_compare(Thread *th, Value a, Value b, CompareOp op)
{
    (void)th;
    bool same_kind = value_is_object(b) && value_object(a)->type_id == value_object(b)->type_id;
    if (!same_kind || (op != CMP_EQ && op != CMP_NE)) {
        return rt_not_implemented();
    }
    bool equal =
        rt_is(bound(a)->function, bound(b)->function) && rt_is(bound(a)->self, bound(b)->self);
    return value_from_bool(equal == (op == CMP_EQ));
}

static bool bound_hash(Thread *th, Value self, int64_t *out)
{
    (void)th;
    uint64_t h = (bound(self)->function >> 4) ^ (bound(self)->self >> 4 | bound(self)->self << 60);
    *out = (int64_t)h == -1 ? -2 : (int64_t)h;
    return true;
}

static Value descriptor_call(Thread *th, Value callee, const Value *args, uint32_t nargs,
                             Value kwnames)
{
    const BoundMethod *d = bound(callee);
    const NativeDef *def = native_def(d->function);
    Type *type = value_type(d->self);
    if (nargs == 0) {
        return rt_raise(th, EXC_TYPE_ERROR, "unbound method %s.%s() needs an argument", type->name,
                        def->name);
    }
    if (!rt_type_is_subtype(rt_type_of(args[0]), type)) {
        return rt_raise(th, EXC_TYPE_ERROR,
                        "descriptor '%s' for '%s' objects doesn't apply to a '%s' object",
                        def->name, type->name, rt_type_name(args[0]));
    }
    return native_call(th, def, args, nargs, kwnames);
}

static Value descriptor_repr(Thread *th, Value self)
{
    bool getter = value_has_type(self, TYPE_GETSET_DESCRIPTOR);
    return str_from_format(th, "<%s '%s' of '%s' objects>", getter ? "attribute" : "method",
                           native_def(bound(self)->function)->name,
                           value_type(bound(self)->self)->name);
}

static Value native_name(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return str_from_cstr(th, native_def(args[0])->name);
}

static Value native_module(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    Value module = native(args[0])->module;
    return value_is_str(module) ? rt_newref(th, module) : VALUE_NONE;
}

static Value bound_self(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return rt_newref(th, bound(args[0])->self);
}

static Value bound_function(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return rt_newref(th, bound(args[0])->function);
}

static Value function_attribute(Thread *th, Value self, const char *attribute)
{
    Value name = str_intern_cstr(th, attribute);
    if (name == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value v = rt_getattr(th, bound(self)->function, name);
    rt_decref(th, name);
    return v;
}

static Value bound_name(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return function_attribute(th, args[0], "__name__");
}

static Value bound_qualname(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    const BoundMethod *m = bound(args[0]);
    if (!value_is_native(m->function)) {
        return function_attribute(th, args[0], "__qualname__");
    }
    const char *type = value_is_type(m->self) ? value_type(m->self)->name : rt_type_name(m->self);
    return str_from_format(th, "%s.%s", type, native_def(m->function)->name);
}

static Value descriptor_name(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return str_from_cstr(th, native_def(bound(args[0])->function)->name);
}

static const NativeDef native_methods[] = {
    {"__name__", native_name, 1, 1, NATIVE_GETTER},
    {"__qualname__", native_name, 1, 1, NATIVE_GETTER},
    {"__module__", native_module, 1, 1, NATIVE_GETTER},
    {NULL, NULL, 0, 0, 0},
};
static const NativeDef bound_methods[] = {
    {"__self__", bound_self, 1, 1, NATIVE_GETTER},
    {"__func__", bound_function, 1, 1, NATIVE_GETTER},
    {"__name__", bound_name, 1, 1, NATIVE_GETTER},
    {"__qualname__", bound_qualname, 1, 1, NATIVE_GETTER},
    {NULL, NULL, 0, 0, 0},
};
static const NativeDef descriptor_methods[] = {
    {"__name__", descriptor_name, 1, 1, NATIVE_GETTER},
    {"__qualname__", bound_qualname, 1, 1, NATIVE_GETTER},
    {"__objclass__", bound_self, 1, 1, NATIVE_GETTER},
    {NULL, NULL, 0, 0, 0},
};

static Type native_function_type = {
    .id = TYPE_NATIVE_FUNCTION,
    .name = "builtin_function_or_method",
    .flags = TYPE_FLAG_GC,
    .size_bytes = sizeof(NativeFunction),
    .finalize = native_finalize,
    .traverse = native_traverse,
    .repr = native_repr,
    .call = native_call_slot,
    .methods = native_methods,
};
static Type bound_method_type = {
    .id = TYPE_BOUND_METHOD,
    .name = "method",
    .flags = TYPE_FLAG_GC,
    .size_bytes = sizeof(BoundMethod),
    .finalize = bound_finalize,
    .traverse = bound_traverse,
    .repr = bound_repr,
    .compare = bound_compare,
    .hash = bound_hash,
    .call = bound_call,
    .methods = bound_methods,
};
static Type method_descriptor_type = {
    .id = TYPE_METHOD_DESCRIPTOR,
    .name = "method_descriptor",
    .flags = TYPE_FLAG_GC,
    .size_bytes = sizeof(BoundMethod),
    .finalize = bound_finalize,
    .traverse = bound_traverse,
    .repr = descriptor_repr,
    .compare = bound_compare,
    .hash = bound_hash,
    .call = descriptor_call,
    .methods = descriptor_methods,
};
static Type getset_descriptor_type = {
    .id = TYPE_GETSET_DESCRIPTOR,
    .name = "getset_descriptor",
    .flags = TYPE_FLAG_GC,
    .size_bytes = sizeof(BoundMethod),
    .finalize = bound_finalize,
    .traverse = bound_traverse,
    .repr = descriptor_repr,
    .compare = bound_compare,
    .hash = bound_hash,
    .methods = descriptor_methods,
};

bool function_types_init(Thread *th)
{
    return rt_type_ready(th, &native_function_type) && rt_type_ready(th, &bound_method_type) &&
           rt_type_ready(th, &method_descriptor_type) && rt_type_ready(th, &getset_descriptor_type);
}
