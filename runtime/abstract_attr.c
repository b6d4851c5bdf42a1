/*
 * Attributes of any value: lookup through the types' attribute dicts, binding of what is found, and
 * the words of AttributeError.
 *
 * Instances of native types have no dict: an attribute is a native function of the type (bound to
 * the value), a getter (called), a Python function (bound), or a plain value.  Types themselves are
 * asked first for their own attributes, unbound, then for those of `type`.
 *
 * Invariant: a NativeFunction that takes a self never reaches a program unbound: `list.append` is a
 * method descriptor, which checks its self.  So whoever calls a NativeFunction may do it blindly.
 *
 * Threads: any.
 */
#include "runtime/abstract_internal.h"
#include "runtime/memory.h"

enum { NATIVE_UNBOUND_FLAGS = NATIVE_STATIC | NATIVE_FUNCTION };

bool attribute_name_check(Thread *th, Value name)
{
    if (value_is_str(name)) {
        return true;
    }
    rt_raise(th, EXC_TYPE_ERROR, "attribute name must be string, not '%s'", rt_type_name(name));
    return false;
}

/* rt_type_lookup for any str. */
static Value type_attribute(Thread *th, Type *type, Value name)
{
    if (atomic_load_explicit(&value_str(name)->interned, memory_order_relaxed) != 0) {
        return rt_type_lookup(th, type, name);
    }
    Value interned = str_intern_steal(th, rt_newref(th, name));
    if (interned == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value attribute = rt_type_lookup(th, type, interned);
    rt_decref(th, interned);
    return attribute;
}

static bool wants_self(Value attribute)
{
    if (value_is_native(attribute)) {
        const uint32_t special = NATIVE_UNBOUND_FLAGS | NATIVE_CLASS | NATIVE_GETTER;
        return (native_def(attribute)->flags & special) == 0;
    }
    return value_has_type(attribute, TYPE_FUNCTION);
}

/* What `v.name` is when its type has attribute under that name. attribute: stolen. owns: new. */
static Value bind_steal(Thread *th, Value attribute, Value v, Type *type)
{
    Value result;
    if (wants_self(attribute)) {
        result = bound_method_new(th, attribute, v);
    } else if (!value_is_native(attribute)) {
        return attribute;
    } else if ((native_def(attribute)->flags & NATIVE_GETTER) != 0) {
        result = native_def(attribute)->fn(th, &v, 1, VALUE_ABSENT);
    } else if ((native_def(attribute)->flags & NATIVE_CLASS) != 0) {
        result = bound_method_new(th, attribute, value_from_object(type));
    } else {
        return attribute;
    }
    rt_decref(th, attribute);
    return result;
}

static Value generic_optional(Thread *th, Value v, Value name)
{
    Type *type = rt_type_of(v);
    Value attribute = type_attribute(th, type, name);
    if (attribute != VALUE_ABSENT) {
        return bind_steal(th, attribute, v, type);
    }
    if (rt_pending(th)) {
        return VALUE_ABSENT;
    }
    if (str_is(name, "__class__")) {
        return value_from_object(value_class(v));
    }
    if (str_is(name, "__doc__")) {
        return VALUE_NONE;
    }
    return VALUE_ABSENT;
}

Value rt_generic_getattr(Thread *th, Value v, Value name)
{
    Value result = generic_optional(th, v, name);
    if (result == VALUE_ABSENT && !rt_pending(th)) {
        return rt_raise(th, EXC_ATTRIBUTE_ERROR, "'%s' object has no attribute '%U'",
                        rt_type_name(v), name);
    }
    return result;
}

static Value bases_tuple(Thread *th, const Type *type)
{
    Value base = type->base == NULL ? VALUE_ABSENT : value_from_object(type->base);
    return tuple_new(th, &base, base == VALUE_ABSENT ? 0 : 1);
}

static Value mro_tuple(Thread *th, Type *type)
{
    enum { DEPTH_MAX = 64 };
    Value chain[DEPTH_MAX];
    int64_t count = 0;
    for (Type *t = type; t != NULL && count < DEPTH_MAX; t = t->base) {
        chain[count++] = value_from_object(t);
    }
    return tuple_new(th, chain, count);
}

/* The attributes that every type computes; absent without an exception: none of them. */
static Value type_special(Thread *th, Type *type, Value name)
{
    if (str_is(name, "__name__") || str_is(name, "__qualname__")) {
        return str_from_cstr(th, type->name);
    }
    if (str_is(name, "__module__")) {
        return str_from_cstr(th, "builtins");
    }
    if (str_is(name, "__doc__")) {
        return VALUE_NONE;
    }
    if (str_is(name, "__base__")) {
        return type->base == NULL ? VALUE_NONE : value_from_object(type->base);
    }
    if (str_is(name, "__bases__")) {
        return bases_tuple(th, type);
    }
    if (str_is(name, "__mro__")) {
        return mro_tuple(th, type);
    }
    return VALUE_ABSENT;
}

static Value descriptor_new_steal(Thread *th, Value function, Type *type)
{
    bool getter = (native_def(function)->flags & NATIVE_GETTER) != 0;
    BoundMethod *d =
        rt_object_new(th, getter ? TYPE_GETSET_DESCRIPTOR : TYPE_METHOD_DESCRIPTOR, sizeof *d);
    if (d == NULL) {
        rt_decref(th, function);
        return VALUE_ABSENT;
    }
    d->function = function;
    d->self = value_from_object(type);
    return value_from_object(d);
}

/* The type of type's chain whose own table has this function. */
static Type *defining_type(Thread *th, Type *type, Value name)
{
    Type *owner = type;
    Value first = type_attribute(th, type, name);
    for (Type *t = type->base; t != NULL; t = t->base) {
        Value other = type_attribute(th, t, name);
        bool same = other == first;
        rt_xdecref(th, other);
        if (!same) {
            break;
        }
        owner = t;
    }
    rt_xdecref(th, first);
    rt_clear_exception(th);
    return owner;
}

static Value type_optional(Thread *th, Value v, Value name)
{
    Type *type = value_type(v);
    /* first: the instances' getters of the same names are not for the type itself */
    Value special = type_special(th, type, name);
    if (special != VALUE_ABSENT || rt_pending(th)) {
        return special;
    }
    Value attribute = type_attribute(th, type, name);
    if (attribute == VALUE_ABSENT) {
        return rt_pending(th) ? VALUE_ABSENT : generic_optional(th, v, name);
    }
    if (!value_is_native(attribute)) {
        return attribute;
    }
    uint32_t flags = native_def(attribute)->flags;
    if ((flags & NATIVE_CLASS) != 0) {
        Value bound = bound_method_new(th, attribute, v);
        rt_decref(th, attribute);
        return bound;
    }
    if ((flags & NATIVE_UNBOUND_FLAGS) != 0) {
        return attribute;
    }
    return descriptor_new_steal(th, attribute, defining_type(th, type, name));
}

Value rt_getattr(Thread *th, Value v, Value name)
{
    if (!attribute_name_check(th, name)) {
        return VALUE_ABSENT;
    }
    if (value_is_type(v)) {
        Value result = type_optional(th, v, name);
        if (result == VALUE_ABSENT && !rt_pending(th)) {
            return rt_raise(th, EXC_ATTRIBUTE_ERROR, "type object '%s' has no attribute '%U'",
                            value_type(v)->name, name);
        }
        return result;
    }
    Type *type = rt_type_of(v);
    return type->getattr != NULL ? type->getattr(th, v, name) : rt_generic_getattr(th, v, name);
}

Value rt_getattr_optional(Thread *th, Value v, Value name)
{
    Type *type = rt_type_of(v);
    if (value_is_str(name) && value_is_type(v)) {
        return type_optional(th, v, name);
    }
    if (value_is_str(name) && type->getattr == NULL) {
        return generic_optional(th, v, name);
    }
    Value result = rt_getattr(th, v, name);
    if (result == VALUE_ABSENT && rt_pending_is(th, EXC_ATTRIBUTE_ERROR)) {
        rt_clear_exception(th);
    }
    return result;
}

Value rt_getmethod(Thread *th, Value v, Value name, bool *self)
{
    *self = false;
    Type *type = rt_type_of(v);
    if (!value_is_str(name) || value_is_type(v) || type->getattr != NULL) {
        return rt_getattr(th, v, name);
    }
    Value attribute = type_attribute(th, type, name);
    if (attribute == VALUE_ABSENT) {
        return rt_pending(th) ? VALUE_ABSENT : rt_generic_getattr(th, v, name);
    }
    if (wants_self(attribute)) {
        *self = true;
        return attribute;
    }
    return bind_steal(th, attribute, v, type);
}

Value type_special_method(Thread *th, Value v, const char *name)
{
    Value interned = str_intern_cstr(th, name);
    if (interned == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Type *type = rt_type_of(v);
    Value attribute = rt_type_lookup(th, type, interned);
    rt_decref(th, interned);
    return attribute == VALUE_ABSENT ? VALUE_ABSENT : bind_steal(th, attribute, v, type);
}

bool rt_generic_setattr(Thread *th, Value v, Value name, Value item)
{
    (void)item;
    Type *type = rt_type_of(v);
    Value attribute = type_attribute(th, type, name);
    if (attribute == VALUE_ABSENT) {
        if (!rt_pending(th)) {
            rt_raise(th, EXC_ATTRIBUTE_ERROR, "'%s' object has no attribute '%U'", rt_type_name(v),
                     name);
        }
        return false;
    }
    if (value_is_native(attribute) && (native_def(attribute)->flags & NATIVE_GETTER) != 0) {
        rt_raise(th, EXC_ATTRIBUTE_ERROR, "attribute '%U' of '%s' objects is not writable", name,
                 rt_type_name(v));
    } else {
        rt_raise(th, EXC_ATTRIBUTE_ERROR, "'%s' object attribute '%U' is read-only",
                 rt_type_name(v), name);
    }
    rt_decref(th, attribute);
    return false;
}

bool rt_setattr(Thread *th, Value v, Value name, Value item)
{
    if (!attribute_name_check(th, name)) {
        return false;
    }
    if (value_is_type(v)) {
        rt_raise(th, EXC_TYPE_ERROR, "cannot set '%U' attribute of immutable type '%s'", name,
                 value_type(v)->name);
        return false;
    }
    Type *type = rt_type_of(v);
    if (type->setattr != NULL) {
        return type->setattr(th, v, name, item);
    }
    return rt_generic_setattr(th, v, name, item);
}

static void set_extra(Thread *th, Value exception, const char *name, Value v)
{
    Value key = str_intern_cstr(th, name);
    if (key != VALUE_ABSENT) {
        rt_setattr(th, exception, key, v);
        rt_decref(th, key);
    }
    rt_clear_exception(th);
}

void rt_note_attribute_error(Thread *th, Value v, Value name)
{
    if (!rt_pending_is(th, EXC_ATTRIBUTE_ERROR)) {
        return;
    }
    Value exception = rt_take_exception(th);
    Value extra = ((const Exception *)value_object(exception))->extra;
    if (extra == VALUE_ABSENT || extra == VALUE_NONE) {
        set_extra(th, exception, "name", name);
        set_extra(th, exception, "obj", v);
    }
    th->exception = exception;
}
