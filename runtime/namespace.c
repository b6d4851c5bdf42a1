/*
 * Namespace: immutable objects with named fields.
 *
 *     TYPE_NAMESPACE        sys.implementation   namespace(name='adder', ...)
 *     TYPE_STRUCT_SEQUENCE  sys.version_info     sys.version_info(major=3, ...), also a tuple
 *
 * Fields are a tuple of names and a tuple of values; a struct sequence compares, hashes, subscripts
 * and iterates as its tuple of values.
 *
 * Threads: any; immutable.
 */
#include "runtime/memory.h"
#include "runtime/natives_internal.h"

typedef struct Namespace {
    Object header;
    const char *name;    /* static text */
    Value names, values; /* tuples of one length */
} Namespace;

static Namespace *namespace_of(Value v) { return (Namespace *)value_object(v); }
static Value values_of(Value v) { return namespace_of(v)->values; }

enum { FIELDS_MAX = 24 };

Value namespace_new(Thread *th, uint32_t type_id, const char *name, const NamespaceField *fields,
                    size_t count)
{
    Value names[FIELDS_MAX] = {VALUE_ABSENT}, values[FIELDS_MAX] = {VALUE_ABSENT};
    bool ok = count <= FIELDS_MAX;
    for (size_t i = 0; i < count && i < FIELDS_MAX; i++) {
        names[i] = str_intern_cstr(th, fields[i].name);
        values[i] = fields[i].v;
        ok = ok && names[i] != VALUE_ABSENT && values[i] != VALUE_ABSENT;
    }
    Namespace *n = ok ? rt_object_new(th, type_id, sizeof *n) : NULL;
    if (n != NULL) {
        n->name = name;
        n->names = tuple_new(th, names, (int64_t)count);
        n->values = n->names == VALUE_ABSENT ? VALUE_ABSENT : tuple_new(th, values, (int64_t)count);
    }
    for (size_t i = 0; i < count && i < FIELDS_MAX; i++) {
        rt_xdecref(th, names[i]);
        rt_xdecref(th, values[i]);
    }
    if (n != NULL && n->values == VALUE_ABSENT) {
        rt_decref(th, value_from_object(n));
        n = NULL;
    }
    return n == NULL ? VALUE_ABSENT : value_from_object(n);
}

static void namespace_finalize(Thread *th, Object *o)
{
    rt_xdecref(th, ((Namespace *)o)->names);
    rt_xdecref(th, ((Namespace *)o)->values);
}

static void namespace_traverse(Object *o, VisitFn visit, void *arg)
{
    value_visit(((Namespace *)o)->names, visit, arg);
    value_visit(((Namespace *)o)->values, visit, arg);
}

static Value namespace_getattr(Thread *th, Value self, Value name)
{
    const Tuple *names = value_tuple(namespace_of(self)->names);
    for (int64_t i = 0; i < names->size; i++) {
        if (str_equal(names->items[i], name)) {
            return rt_newref(th, value_tuple(values_of(self))->items[i]);
        }
    }
    return rt_generic_getattr(th, self, name);
}

static Value namespace_repr(Thread *th, Value self)
{
    const Namespace *n = namespace_of(self);
    const Tuple *names = value_tuple(n->names), *values = value_tuple(n->values);
    StrBuilder b;
    str_builder_init(&b);
    str_builder_ascii(&b, n->name, strlen(n->name));
    str_builder_char(&b, '(');
    for (int64_t i = 0; i < names->size; i++) {
        if (i > 0) {
            str_builder_ascii(&b, ", ", 2);
        }
        str_builder_str(&b, names->items[i]);
        str_builder_char(&b, '=');
        Value text = rt_repr(th, values->items[i]);
        if (text == VALUE_ABSENT) {
            str_builder_abandon(&b);
            return VALUE_ABSENT;
        }
        str_builder_str(&b, text);
        rt_decref(th, text);
    }
    str_builder_char(&b, ')');
    return str_builder_finish(th, &b);
}

static Value sequence_compare(Thread *th, Value a, Value b, CompareOp op)
{
    if (value_has_type(b, TYPE_STRUCT_SEQUENCE)) {
        b = values_of(b);
    }
    return value_is_tuple(b) ? rt_compare(th, values_of(a), b, op) : rt_not_implemented();
}

static bool sequence_hash(Thread *th, Value self, int64_t *out)
{
    return rt_hash(th, values_of(self), out);
}

static int64_t sequence_length(Thread *th, Value self)
{
    (void)th;
    return value_tuple(values_of(self))->size;
}

static Value sequence_getitem(Thread *th, Value self, Value key)
{
    return rt_getitem(th, values_of(self), key);
}

static int sequence_contains(Thread *th, Value self, Value item)
{
    return rt_contains(th, values_of(self), item);
}

static Value sequence_iter(Thread *th, Value self) { return rt_iter(th, values_of(self)); }

static Type namespace_type = {
    .id = TYPE_NAMESPACE,
    .name = "types.SimpleNamespace",
    .flags = TYPE_FLAG_GC,
    .size_bytes = sizeof(Namespace),
    .finalize = namespace_finalize,
    .traverse = namespace_traverse,
    .repr = namespace_repr,
    .getattr = namespace_getattr,
};
static Type struct_sequence_type = {
    .id = TYPE_STRUCT_SEQUENCE,
    .name = "structseq",
    .flags = TYPE_FLAG_GC,
    .size_bytes = sizeof(Namespace),
    .finalize = namespace_finalize,
    .traverse = namespace_traverse,
    .repr = namespace_repr,
    .getattr = namespace_getattr,
    .compare = sequence_compare,
    .hash = sequence_hash,
    .length = sequence_length,
    .getitem = sequence_getitem,
    .contains = sequence_contains,
    .iter = sequence_iter,
};

bool namespace_types_init(Thread *th)
{
    return rt_type_ready(th, &namespace_type) && rt_type_ready(th, &struct_sequence_type);
}
