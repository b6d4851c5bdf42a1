/*
 * Type: the registry of types, readiness (slot inheritance), attributes, subtyping.
 *
 * The rows of the registry are process-wide: an object names its type by id and knows no runtime.
 * Ids below TYPE_USER_FIRST are a flat table of static Types; later ids lie in chunks that never
 * move, so a reader needs no lock.  Ids are never reused.
 *
 * What types and objects can do (repr, call, attributes) is in type_type.c.
 *
 * Threads: readers any; writers before the first program or under the type lock.
 */
#include <assert.h>

#include "runtime/abstract.h"
#include "runtime/containers.h"
#include "runtime/memory.h"
#include "runtime/str.h"
#include "runtime/types.h"

enum { CHUNK_SHIFT = 10, CHUNK_ROWS = 1 << CHUNK_SHIFT, CHUNK_COUNT = 4096 };

/* shared: rt_type_ready writes (release), everybody reads (acquire) */
static Type *_Atomic static_rows[TYPE_USER_FIRST];
static Type *_Atomic *_Atomic chunks[CHUNK_COUNT];

Type *rt_type_by_id(uint32_t id)
{
    if (__builtin_expect(id < TYPE_USER_FIRST, 1)) {
        return atomic_load_explicit(&static_rows[id], memory_order_acquire);
    }
    if (id >= (uint32_t)CHUNK_COUNT << CHUNK_SHIFT) {
        return NULL;
    }
    Type *_Atomic *chunk = atomic_load_explicit(&chunks[id >> CHUNK_SHIFT], memory_order_acquire);
    return chunk == NULL
               ? NULL
               : atomic_load_explicit(&chunk[id & (CHUNK_ROWS - 1)], memory_order_acquire);
}

static bool store_row(Thread *th, Type *type)
{
    uint32_t id = type->id;
    if (id < TYPE_USER_FIRST) {
        atomic_store_explicit(&static_rows[id], type, memory_order_release);
        return true;
    }
    if (id >= (uint32_t)CHUNK_COUNT << CHUNK_SHIFT) {
        rt_raise(th, EXC_RUNTIME_ERROR, "too many types");
        return false;
    }
    Type *_Atomic *chunk = atomic_load_explicit(&chunks[id >> CHUNK_SHIFT], memory_order_relaxed);
    if (chunk == NULL) {
        chunk = rt_calloc(CHUNK_ROWS, sizeof *chunk);
        if (chunk == NULL) {
            rt_raise_memory_error(th);
            return false;
        }
        atomic_store_explicit(&chunks[id >> CHUNK_SHIFT], chunk, memory_order_release);
    }
    atomic_store_explicit(&chunk[id & (CHUNK_ROWS - 1)], type, memory_order_release);
    return true;
}

Type *rt_type_of(Value v)
{
    if (value_is_object(v)) {
        return rt_type_by_id(value_object(v)->type_id);
    }
    if (value_is_small_int(v)) {
        return &int_type;
    }
    if (value_is_double(v)) {
        return &float_type;
    }
    return value_is_bool(v) ? &bool_type : &none_type;
}

#define INHERIT(field)                 \
    do {                               \
        if (type->field == NULL) {     \
            type->field = base->field; \
        }                              \
    } while (0)

/* Equality and hash are inherited together: a type that redefines == only is not hashable by its
 * base's hash. */
static void inherit_slots(Type *type, const Type *base)
{
    if (type->compare == NULL && type->hash == NULL) {
        type->compare = base->compare;
        type->hash = base->hash;
        type->flags |= base->flags & TYPE_FLAG_UNHASHABLE;
    } else if (type->hash == NULL && (type->flags & TYPE_FLAG_UNHASHABLE) == 0) {
        type->hash = base->hash;
    }
    INHERIT(finalize);
    INHERIT(traverse);
    INHERIT(clear);
    INHERIT(construct);
    INHERIT(str);
    INHERIT(repr);
    INHERIT(format);
    INHERIT(getattr);
    INHERIT(setattr);
    INHERIT(call);
    INHERIT(iter);
    INHERIT(next);
    INHERIT(truth);
    INHERIT(length);
    INHERIT(getitem);
    INHERIT(setitem);
    INHERIT(contains);
    for (int i = 0; i < BIN_COUNT; i++) {
        INHERIT(binary[i]);
        INHERIT(inplace[i]);
    }
    for (int i = 0; i < UN_COUNT; i++) {
        INHERIT(unary[i]);
    }
    type->flags |=
        base->flags & (TYPE_FLAG_INT | TYPE_FLAG_EXCEPTION | TYPE_FLAG_GC | TYPE_FLAG_FINALIZER);
    if (type->size_bytes == 0) {
        type->size_bytes = base->size_bytes;
    }
}

#undef INHERIT

bool rt_type_ready(Thread *th, Type *type)
{
    if (type->base == NULL && type != &object_type) {
        type->base = &object_type;
    }
    type->header.type_id = TYPE_TYPE;
    if (type->header.owner == 0) { /* a static Type; one on the heap has its owner already */
        rt_make_immortal(&type->header);
        type->header.local = 1;
    }
    if (type->base != NULL) {
        assert(rt_type_by_id(type->base->id) == type->base && "bases first");
        inherit_slots(type, type->base);
    }
    return store_row(th, type);
}

bool rt_type_is_subtype(const Type *type, const Type *base)
{
    for (; type != NULL; type = type->base) {
        if (type == base) {
            return true;
        }
    }
    return false;
}

/* A dict of the type's methods. owns: new. */
static Value make_attributes(Thread *th, const Type *type)
{
    Value dict = dict_new(th);
    if (dict == VALUE_ABSENT || type->methods == NULL) {
        return dict;
    }
    for (const NativeDef *def = type->methods; def->name != NULL; def++) {
        Value fn = native_function_new(th, def, VALUE_ABSENT);
        Value name = fn == VALUE_ABSENT ? VALUE_ABSENT : str_intern_cstr(th, def->name);
        bool ok = name != VALUE_ABSENT && dict_set(th, dict, name, fn);
        rt_xdecref(th, name);
        rt_xdecref(th, fn);
        if (!ok) {
            rt_decref(th, dict);
            return VALUE_ABSENT;
        }
    }
    return dict;
}

Value rt_type_attributes(Thread *th, Type *type)
{
    /* acquire: pairs with the release below, so that the dict is seen filled */
    Value have = __atomic_load_n(&type->attributes, __ATOMIC_ACQUIRE);
    if (have != VALUE_ABSENT) {
        return have;
    }
    Value made = make_attributes(th, type);
    if (made == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    rt_store_barrier(th, &type->header, made);
    if (__atomic_compare_exchange_n(&type->attributes, &have, made, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE)) {
        return made;
    }
    rt_decref(th, made); /* another thread was first */
    return have;
}

Value rt_type_lookup(Thread *th, Type *type, Value name)
{
    for (; type != NULL; type = type->base) {
        if (type->methods == NULL &&
            __atomic_load_n(&type->attributes, __ATOMIC_RELAXED) == VALUE_ABSENT) {
            continue; /* nothing of its own */
        }
        Value attributes = rt_type_attributes(th, type);
        if (attributes == VALUE_ABSENT) {
            return VALUE_ABSENT;
        }
        Value found = dict_get_str(th, attributes, name);
        if (found != VALUE_ABSENT || rt_pending(th)) {
            return found;
        }
    }
    return VALUE_ABSENT;
}

void types_clear(Thread *th)
{
    for (uint32_t id = 0; id < TYPE_USER_FIRST; id++) {
        Type *type = rt_type_by_id(id);
        if (type != NULL) {
            Value attributes = type->attributes;
            type->attributes = VALUE_ABSENT;
            if (attributes != VALUE_ABSENT) {
                rt_decref(th, attributes);
            }
        }
    }
}

void types_forget(void)
{
    for (uint32_t id = 0; id < TYPE_USER_FIRST; id++) {
        atomic_store_explicit(&static_rows[id], NULL, memory_order_relaxed);
    }
    for (uint32_t i = 0; i < CHUNK_COUNT; i++) {
        Type *_Atomic *chunk = atomic_load_explicit(&chunks[i], memory_order_relaxed);
        atomic_store_explicit(&chunks[i], NULL, memory_order_relaxed);
        if (chunk != NULL) {
            rt_free((void *)chunk);
        }
    }
}
