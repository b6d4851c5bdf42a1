/*
 * The types object, type, NoneType and of the singletons (NotImplemented, Ellipsis, Hole).
 *
 * Attributes of types (names, bases, methods unbound) are found by rt_getattr; here are the slots.
 *
 * Threads: any; all immutable.
 */
#include "runtime/abstract_internal.h"
#include "runtime/memory.h"
#include "runtime/types.h"

static Value object_repr(Thread *th, Value self)
{
    return str_from_format(th, "<%T object at 0x%llx>", self, (unsigned long long)self);
}

/* By address; where ids may not show, by type: many equal hashes, the same in every run. */
static bool object_hash(Thread *th, Value self, int64_t *out)
{
    *out = th->rt->deterministic_ids ? (int64_t)value_object(self)->type_id : (int64_t)(self >> 4);
    return true;
}

/* == is identity; no order. */
static Value object_compare(Thread *th, Value a, Value b, CompareOp op)
{
    (void)th;
    if (a == b && (op == CMP_EQ || op == CMP_NE)) {
        return value_from_bool(op == CMP_EQ);
    }
    return rt_not_implemented();
}

static Value object_construct(Thread *th, Type *type, const Value *args, uint32_t nargs,
                              Value kwnames)
{
    (void)args;
    if (type != &object_type) { /* a type that does not say how its instances are made */
        return rt_raise(th, EXC_TYPE_ERROR, "cannot create '%s' instances", type->name);
    }
    if (nargs != 0 || keyword_count(kwnames) != 0) {
        return rt_raise(th, EXC_TYPE_ERROR, "%s() takes no arguments", type->name);
    }
    return value_from_object(rt_object_new(th, TYPE_OBJECT, sizeof(Object)));
}

Type object_type = {
    .id = TYPE_OBJECT,
    .name = "object",
    .size_bytes = sizeof(Object),
    .construct = object_construct,
    .repr = object_repr,
    .hash = object_hash,
    .compare = object_compare,
};

static Value type_repr(Thread *th, Value self)
{
    return str_from_format(th, "<class '%s'>", value_type(self)->name);
}

static Value type_call(Thread *th, Value callee, const Value *args, uint32_t nargs, Value kwnames)
{
    Type *type = value_type(callee);
    return type->construct(th, type, args, nargs, kwnames);
}

/* type(x) is x's type; type(name, bases, dict) would make a class. */
static Value type_construct(Thread *th, Type *type, const Value *args, uint32_t nargs,
                            Value kwnames)
{
    (void)type;
    if (nargs == 1 && keyword_count(kwnames) == 0) {
        return rt_newref(th, value_from_object(rt_type_of(args[0])));
    }
    if (nargs != 3) {
        return rt_raise(th, EXC_TYPE_ERROR, "type() takes 1 or 3 arguments");
    }
    return rt_raise(th, EXC_NOT_IMPLEMENTED_ERROR,
                    "type() with three arguments (making a class) is not supported");
}

static void type_traverse(Object *o, VisitFn visit, void *arg)
{
    const Type *type = (const Type *)o;
    if (type->base != NULL) {
        visit((Object *)type->base, arg);
    }
    value_visit(__atomic_load_n(&type->attributes, __ATOMIC_ACQUIRE), visit, arg);
}

Type type_type = {
    .id = TYPE_TYPE,
    .name = "type",
    .size_bytes = sizeof(Type),
    .traverse = type_traverse,
    .construct = type_construct,
    .repr = type_repr,
    .call = type_call,
};

static Value none_repr(Thread *th, Value self)
{
    (void)self;
    return str_from_ascii(th, "None", 4);
}

static int none_truth(Thread *th, Value self)
{
    (void)th;
    (void)self;
    return 0;
}

static bool none_hash(Thread *th, Value self, int64_t *out)
{
    (void)th;
    (void)self;
    *out = 0xFCA86420;
    return true;
}

static Value none_construct(Thread *th, Type *type, const Value *args, uint32_t nargs,
                            Value kwnames)
{
    (void)args;
    if (nargs != 0 || keyword_count(kwnames) != 0) {
        return rt_raise(th, EXC_TYPE_ERROR, "%s takes no arguments", type->name);
    }
    return VALUE_NONE;
}

Type none_type = {
    .id = TYPE_NONE,
    .name = "NoneType",
    .construct = none_construct,
    .repr = none_repr,
    .hash = none_hash,
    .truth = none_truth,
};

#define SINGLETON(type) {.owner = OWNER_IMMORTAL, .local = 1, .type_id = (type)}
static Object not_implemented_object = SINGLETON(TYPE_NOT_IMPLEMENTED);
static Object ellipsis_object = SINGLETON(TYPE_ELLIPSIS);
static Object hole_object = SINGLETON(TYPE_HOLE);

Value rt_not_implemented(void) { return value_from_object(&not_implemented_object); }
Value rt_ellipsis(void) { return value_from_object(&ellipsis_object); }
Value rt_hole(void) { return value_from_object(&hole_object); }

static Value singleton_repr(Thread *th, Value self)
{
    const char *text = self == rt_not_implemented() ? "NotImplemented"
                       : self == rt_ellipsis()      ? "Ellipsis"
                                                    : "<hole>";
    return str_from_cstr(th, text);
}

static Value singleton_construct(Thread *th, Type *type, const Value *args, uint32_t nargs,
                                 Value kwnames)
{
    (void)args;
    if (nargs != 0 || keyword_count(kwnames) != 0) {
        return rt_raise(th, EXC_TYPE_ERROR, "%s takes no arguments", type->name);
    }
    return type->id == TYPE_ELLIPSIS ? rt_ellipsis() : rt_not_implemented();
}

static Type not_implemented_type = {
    .id = TYPE_NOT_IMPLEMENTED,
    .name = "NotImplementedType",
    .construct = singleton_construct,
    .repr = singleton_repr,
};
static Type ellipsis_type = {
    .id = TYPE_ELLIPSIS,
    .name = "ellipsis",
    .construct = singleton_construct,
    .repr = singleton_repr,
};
static Type hole_type = {.id = TYPE_HOLE, .name = "hole", .repr = singleton_repr};

bool object_types_init(Thread *th)
{
    Type *const types[] = {&object_type,          &type_type,     &none_type,
                           &not_implemented_type, &ellipsis_type, &hole_type};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (!rt_type_ready(th, types[i])) {
            return false;
        }
    }
    return true;
}

bool rt_core_types_init(Thread *th)
{
    return object_types_init(th) && int_types_init(th) && float_type_init(th) &&
           exception_types_init(th);
}
