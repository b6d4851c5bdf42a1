/*
 * Object: the header of everything on the heap, reference counts, and types.
 *
 * Header, 24 bytes.  Counting is biased (PEP 703): the owner thread counts in `local` without
 * atomics, every other thread in `shared`.  owner == OWNER_IMMORTAL: never counted, never freed.
 * The last 8 bytes are one word {shape id, type id}: one compare guards any object (machine code
 * relies on the offsets, asserted below).  shape_id is 0 for objects that have no shape.
 *
 * Private objects: OBJECT_PRIVATE is set only at birth, on objects of threads that have not always
 * been alone (Thread.birth_flags), and cleared only by the owner, before it publishes the object
 * (rt_store_barrier).
 * Invariant: nothing private is reachable from anything that is not private.
 *
 * Vocabulary.  new: the caller owns one reference.  borrowed: it does not.  steal: the callee takes
 * over the caller's reference, also on failure.  A Value that is no pointer needs no counting;
 * rt_incref/rt_decref accept every Value but VALUE_ABSENT.
 *
 * Threads: stated per function.  "any": may be called by any attached thread on its own behalf.
 */
#ifndef ADDER_RUNTIME_OBJECT_H
#define ADDER_RUNTIME_OBJECT_H

#include <stdatomic.h>
#include <stddef.h>

#include "runtime/value.h"

typedef struct Thread Thread;
typedef struct Runtime Runtime;
typedef struct Type Type;

#define OWNER_IMMORTAL UINT32_MAX
#define OWNER_NONE 0u               /* merged: only `shared` counts */
#define OBJECT_LOCAL_MAX (1u << 28) /* a count that gets there makes the object immortal */

enum {
    OBJECT_PRIVATE = 1 << 0,  /* see above; owner only */
    OBJECT_DEFERRED = 1 << 1, /* modules, types, code, top-level functions: counted lazily */
    OBJECT_GC = 1 << 2,       /* may take part in a cycle */
    OBJECT_WATCHED = 1 << 3,  /* dict of globals or builtins: see dict_watch */
    /* bits 8..15: functions alone (argument count + 1 if simple); a call is one compare of them */
    OBJECT_TYPE_SHIFT = 8,
};

typedef struct Object {
    uint32_t owner;          /* thread id; written by the owner only, read through object_owner */
    uint32_t local;          /* owner's count */
    _Atomic uint32_t shared; /* shared: other threads, count << 2 | flag bits */
    _Atomic uint8_t lock;    /* shared: one-byte lock, runtime/lock.h */
    uint8_t gc;              /* GC_*: runtime/gc_internal.h */
    uint16_t flags;
    uint32_t shape_id;
    uint32_t type_id;
} Object;

_Static_assert(sizeof(Object) == 24, "header size");
_Static_assert(offsetof(Object, owner) == 0 && offsetof(Object, local) == 4, "counts");
_Static_assert(offsetof(Object, flags) == 14 && offsetof(Object, shape_id) == 16, "type word");

/* Who counts o without atomics. threads: any; "it is me" stays true, "it is another" may change. */
static inline uint32_t object_owner(const Object *o)
{
    return __atomic_load_n(&o->owner, __ATOMIC_RELAXED);
}

/* Ids of the types that are there from the start.  Ids are never reused.  Exceptions: see
 * runtime/exceptions.def, ids from TYPE_EXCEPTION_FIRST in that order. */
enum {
    TYPE_INVALID,
    TYPE_TYPE,
    TYPE_OBJECT,
    TYPE_NONE,
    TYPE_BOOL,
    TYPE_INT,
    TYPE_FLOAT,
    TYPE_STR,
    TYPE_BYTES,
    TYPE_LIST,
    TYPE_TUPLE,
    TYPE_RANGE,
    TYPE_DICT,
    TYPE_SET,
    TYPE_FROZENSET,
    TYPE_SLICE,
    TYPE_FUNCTION,
    TYPE_NATIVE_FUNCTION,
    TYPE_BOUND_METHOD,
    TYPE_MODULE,
    TYPE_CODE,
    TYPE_CELL,
    TYPE_TRACEBACK,
    TYPE_HOLE,
    TYPE_NOT_IMPLEMENTED,
    TYPE_ELLIPSIS,
    TYPE_LIST_ITERATOR,
    TYPE_LIST_REVERSE_ITERATOR,
    TYPE_TUPLE_ITERATOR,
    TYPE_RANGE_ITERATOR,
    TYPE_STR_ITERATOR,
    TYPE_DICT_KEY_ITERATOR,
    TYPE_DICT_VALUE_ITERATOR,
    TYPE_DICT_ITEM_ITERATOR,
    TYPE_SET_ITERATOR,
    TYPE_DICT_KEYS,
    TYPE_DICT_VALUES,
    TYPE_DICT_ITEMS,
    TYPE_CALLABLE_ITERATOR,
    TYPE_ENUMERATE,
    TYPE_ZIP,
    TYPE_MAP,
    TYPE_FILTER,
    TYPE_REVERSED,
    TYPE_FILE,
    TYPE_NAMESPACE,
    TYPE_STRUCT_SEQUENCE,
    TYPE_METHOD_DESCRIPTOR,
    TYPE_GETSET_DESCRIPTOR,
    TYPE_LOCK,
    TYPE_RLOCK,
    TYPE_THREAD_LOCAL,
    TYPE_THREAD_HANDLE,
    TYPE_EXCEPTION_FIRST = 64,
    TYPE_USER_FIRST = 256,
};

typedef enum CompareOp { CMP_LT, CMP_LE, CMP_EQ, CMP_NE, CMP_GT, CMP_GE } CompareOp;
typedef enum BinaryOp {
    BIN_ADD,
    BIN_SUB,
    BIN_MUL,
    BIN_MATMUL,
    BIN_TRUEDIV,
    BIN_FLOORDIV,
    BIN_MOD,
    BIN_POW,
    BIN_LSHIFT,
    BIN_RSHIFT,
    BIN_AND,
    BIN_OR,
    BIN_XOR,
    BIN_COUNT
} BinaryOp;
typedef enum UnaryOp { UN_NEG, UN_POS, UN_INVERT, UN_COUNT } UnaryOp;

/* A native function.  args: nargs positional values, then one value for each name in kwnames
 * (a tuple of str, or VALUE_ABSENT); all borrowed.  Methods get self as args[0].
 * Returns new, or VALUE_ABSENT with the thread's exception set. */
typedef Value (*NativeFn)(Thread *th, const Value *args, uint32_t nargs, Value kwnames);

typedef struct NativeDef {
    const char *name; /* NULL ends a table */
    NativeFn fn;
    int16_t min_args; /* positional count including self; checked by the caller of fn */
    int16_t max_args; /* -1: any number */
    uint32_t flags;   /* NATIVE_* */
} NativeDef;

enum {
    NATIVE_KEYWORDS = 1 << 0, /* accepts kwnames; otherwise a keyword is a TypeError */
    NATIVE_STATIC = 1 << 1,   /* as a method: gets no self */
    NATIVE_CLASS = 1 << 2,    /* as a method: args[0] is the type */
    NATIVE_GETTER = 1 << 3,   /* an attribute computed on access: fn(self) */
    NATIVE_FUNCTION = 1 << 4, /* a function of a module: args[0] is no self (matters for wording) */
    NATIVE_PARSED =
        1 << 5, /* wording of a wrong count: "f() takes at least 1 argument (0 given)" */
};

typedef void (*VisitFn)(Object *o, void *arg);
/* Visits what v refers to, if v is an object (absent is none). What traverse functions are made of. */
static inline void value_visit(Value v, VisitFn visit, void *arg)
{
    if (value_is_object(v)) {
        visit(value_object(v), arg);
    }
}

/* A type.  A NULL slot means that the operation is not supported (or is inherited: rt_type_ready
 * copies missing slots from the base).  Binary slots return rt_not_implemented() when they do not
 * know the other operand; the type's function is tried for the left, then for the right operand
 * (arguments always in source order). */
struct Type {
    Object header;
    uint32_t id;
    uint32_t flags;
    const char *name;
    Type *base; /* NULL: object (rt_type_ready sets it) */
    size_t size_bytes;
    void (*finalize)(Thread *th, Object *o); /* drops what o refers to; the caller frees o */
    /* Visits every object that o refers to with a count, once for each count and no other; every type that
     * holds references has it. Publishing and the collector rely on it. threads: o's owner while o is
     * private, or stopped world. */
    void (*traverse)(Object *o, VisitFn visit, void *arg);
    /* Drops references that may close a cycle; o stays valid. NULL: o has none that came after it was made
     * (tuples), or every cycle through it has another object that is cleared. threads: owner; o private. */
    void (*clear)(Thread *th, Object *o);
    Value (*construct)(Thread *th, Type *type, const Value *args, uint32_t nargs, Value kwnames);
    Value (*repr)(Thread *th, Value self);
    Value (*str)(Thread *th, Value self); /* NULL: repr */
    Value (*format)(Thread *th, Value self, Value spec);
    bool (*hash)(Thread *th, Value self, int64_t *out);
    Value (*compare)(Thread *th, Value a, Value b, CompareOp op);
    Value (*getattr)(Thread *th, Value self, Value name); /* NULL: generic, from `attributes` */
    bool (*setattr)(Thread *th, Value self, Value name, Value value); /* value absent: delete */
    Value (*call)(Thread *th, Value callee, const Value *args, uint32_t nargs, Value kwnames);
    Value (*iter)(Thread *th, Value self);
    Value (*next)(Thread *th, Value self);     /* absent and no exception: exhausted */
    int (*truth)(Thread *th, Value self);      /* 0, 1, or -1 with an exception */
    int64_t (*length)(Thread *th, Value self); /* -1 with an exception */
    Value (*getitem)(Thread *th, Value self, Value key);
    bool (*setitem)(Thread *th, Value self, Value key, Value value); /* value absent: delete */
    int (*contains)(Thread *th, Value self, Value item);
    Value (*binary[BIN_COUNT])(Thread *th, Value a, Value b);
    Value (*inplace[BIN_COUNT])(Thread *th, Value a, Value b); /* may be NULL: binary */
    Value (*unary[UN_COUNT])(Thread *th, Value a);
    const NativeDef *methods;
    Value attributes; /* dict str -> native function or value; use rt_type_attributes() */
};

enum {
    TYPE_FLAG_INT = 1 << 0, /* bool too */
    TYPE_FLAG_EXCEPTION = 1 << 1,
    TYPE_FLAG_UNHASHABLE = 1 << 2,
    TYPE_FLAG_GC = 1 << 3,
    TYPE_FLAG_FINALIZER =
        1 << 4, /* freeing one can be seen by programs: not late (epoch.h); inherited */
};

/* The type of any value.  threads: any. returns: borrowed, never NULL. */
Type *rt_type_of(Value v);
/* The type with an id, or NULL.  threads: any. */
Type *rt_type_by_id(uint32_t id);
/* Registers a type (fills id's row, inherits slots, makes `attributes` from `methods`).
 * threads: before the first program runs, or under the type lock. fails: false, MemoryError set. */
bool rt_type_ready(Thread *th, Type *type);
/* The type's own attribute dict (not its bases'), made from `methods` at the first call.
 * owns: borrowed from the type. fails: absent, MemoryError set. */
Value rt_type_attributes(Thread *th, Type *type);
/* Looks a name (an interned str) up in the type and then in its bases: a native function
 * (NATIVE_GETTER and the like not yet applied) or any value.
 * owns: new. fails: absent with an exception; absent without one: no such attribute. */
Value rt_type_lookup(Thread *th, Type *type, Value name);
bool rt_type_is_subtype(const Type *type, const Type *base);
static inline bool value_has_type(Value v, uint32_t type_id)
{
    return value_is_object(v) && value_object(v)->type_id == type_id;
}

/* Slow halves of the counts; use rt_incref/rt_decref (runtime/thread.h, which knows the tid). */
void rt_incref_slow(Object *o);
/* Adds count references at once ([x] * n); a count beyond 2^28 makes the object immortal. */
void rt_incref_many(Thread *th, Value v, uint64_t count);
/* Never counted and never freed from now on. threads: owner, or before o is shared. */
void rt_make_immortal(Object *o);
void rt_decref_slow(Thread *th, Object *o);
/* Called when the last reference is gone.  Does not recurse beyond a small depth: the rest goes on
 * the thread's dealloc list.  threads: any. may: run finalizers. */
void rt_dealloc(Thread *th, Object *o);

/* Immortal singletons that are objects. */
Value rt_not_implemented(void);
Value rt_ellipsis(void);
Value rt_hole(void); /* what a cleared slot of a shared container holds; fails every type guard */

#endif
