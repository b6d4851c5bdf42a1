/*
 * Containers: list, tuple, range, slice, dict, set, cell — layouts that machine code reads, and
 * their C interface.
 *
 * Lists and dicts keep their elements in a table that carries its own capacity; a reader checks its
 * index against the table it has loaded, so growing never races with reading.  Replaced tables and
 * removed elements of non-private containers go to epoch_retire.  Writers hold the object's byte
 * lock once the process has more than one thread.
 *
 * Threads: readers any, without locks; writers as above, inside these functions.
 */
#ifndef ADDER_RUNTIME_CONTAINERS_H
#define ADDER_RUNTIME_CONTAINERS_H

#include "runtime/error.h"

typedef struct ListTable {
    int64_t capacity;
    Value slots[]; /* [size, capacity): VALUE_ABSENT */
} ListTable;

typedef struct List {
    Object header;
    /* shared: writers under the lock, release; readers acquire table before size */
    _Atomic int64_t size;
    ListTable *_Atomic table; /* never NULL: an empty list points at a static table of capacity 0 */
} List;
_Static_assert(offsetof(List, size) == 24 && offsetof(List, table) == 32, "machine code");

static inline bool value_is_list(Value v) { return value_has_type(v, TYPE_LIST); }
static inline List *value_list(Value v) { return (List *)value_object(v); }

/* owns: new. items are copied with a new reference each (list_new) or stolen. */
Value list_new(Thread *th, const Value *items, int64_t count);
Value list_new_steal(Thread *th, Value *items, int64_t count);  /* steals on failure too */
Value list_repeat_value(Thread *th, Value item, int64_t count); /* [item] * count */
int64_t list_size(Value list);
Value list_get(Thread *th, Value list,
               int64_t index); /* owns: new; 0 <= index < size, else IndexError */
/* The item without a new reference, valid until th's next quiescent point; negative indices count from the
 * end. VALUE_ABSENT: out of range. threads: any; writes no shared line. may: nothing. */
Value list_item_lent(Value list, int64_t index);
bool list_set(Thread *th, Value list, int64_t index, Value v); /* negative: from the end */
bool list_append(Thread *th, Value list, Value v);
bool list_append_steal(Thread *th, Value list, Value v);
bool list_insert(Thread *th, Value list, int64_t index, Value v);
Value list_pop(Thread *th, Value list, int64_t index); /* owns: new */
bool list_extend(Thread *th, Value list, Value iterable);
Value list_to_tuple(Thread *th, Value list);
bool list_sort(Thread *th, Value list, Value key, bool reverse);

typedef struct Tuple {
    Object header;
    int64_t size;
    int64_t hash; /* unused; keeps items 16-aligned with List's size offset */
    Value items[];
} Tuple;
_Static_assert(offsetof(Tuple, size) == 24 && offsetof(Tuple, items) == 40, "machine code");
static inline bool value_is_tuple(Value v) { return value_has_type(v, TYPE_TUPLE); }
static inline Tuple *value_tuple(Value v) { return (Tuple *)value_object(v); }
Value tuple_new(Thread *th, const Value *items, int64_t count); /* copies references */
Value tuple_new_steal(Thread *th, Value *items, int64_t count); /* steals on failure too */
Value tuple_from_iterable(Thread *th, Value iterable);

typedef struct Range {
    Object header;
    Value start, stop, step; /* int values */
    Value length;            /* int value, computed at construction */
} Range;
Value range_new(Thread *th, Value start, Value stop, Value step); /* int values, borrowed */

typedef struct Slice {
    Object header;
    Value start, stop, step;
} Slice;
Value slice_new(Thread *th, Value start, Value stop, Value step); /* borrowed */
/* Resolves against a length as slice.indices does. fails: false, exception set. */
bool slice_resolve(Thread *th, Value slice, int64_t length, int64_t *start, int64_t *stop,
                   int64_t *step, int64_t *count);

typedef struct Cell {
    Object header;
    _Atomic Value value; /* VALUE_UNBOUND: empty */
} Cell;
_Static_assert(offsetof(Cell, value) == 24, "machine code");
Value cell_new(Thread *th, Value v); /* v borrowed */
/* owns: new; VALUE_UNBOUND: empty. threads: any. */
Value cell_get(Thread *th, Value cell);
/* v: VALUE_UNBOUND empties it. threads: any. may: run finalizers. */
void cell_set_steal(Thread *th, Value cell, Value v);

/* Dict: insertion-ordered, open addressing over a compact entry array. A table's entry is never
 * reused for another key. Layout in runtime/dict_table.h (private to the dict and to globals). */
typedef struct Dict Dict;
static inline bool value_is_dict(Value v) { return value_has_type(v, TYPE_DICT); }
Value dict_new(Thread *th);
int64_t dict_size(Value dict);
/* fails: *out absent and false: exception; true with *out absent: not there. owns: *out new. */
bool dict_get(Thread *th, Value dict, Value key, Value *out);
/* The value without a new reference, valid until th's next quiescent point; only for keys that are exact
 * str, int, float, bool, bytes or None. VALUE_ABSENT: not there. VALUE_UNBOUND: another kind of key, or one
 * in the dict with the same hash whose comparison is not ours to make: ask dict_get.
 * threads: any; writes no shared line. may: nothing. */
Value dict_get_lent(Value dict, Value key);
bool dict_set(Thread *th, Value dict, Value key, Value v);
bool dict_set_steal(Thread *th, Value dict, Value key, Value v); /* steals v only */
int dict_delete(Thread *th, Value dict, Value key); /* 1 removed, 0 not there, -1 exception */
int dict_contains(Thread *th, Value dict, Value key);
Value dict_setdefault(Thread *th, Value dict, Value key, Value v); /* owns: new */
bool dict_update(Thread *th, Value dict, Value mapping_or_pairs);
Value dict_copy(Thread *th, Value dict);
/* Walks in order: *position starts at 0. key and v borrowed until the dict changes. */
bool dict_next(Value dict, int64_t *position, Value *key, Value *v);
/* The address of the value slot of a key that is there (for caches of globals), or NULL. Valid while
 * dict_version(dict) is unchanged. The slot holds VALUE_ABSENT after the key was deleted. */
_Atomic Value *dict_value_slot(Value dict, Value key);
/* From now on rt->globals_epoch grows whenever a slot address of this dict may die or a key is added:
 * caches of globals (and of builtins that a new global would hide) are looked up again. */
void dict_watch(Value dict);
/* Changes whenever the table is replaced (slot addresses die) . */
uint64_t dict_version(Value dict);
/* String-keyed fast forms for globals and attributes: key interned. owns: new; absent without an
 * exception: not there. */
Value dict_get_str(Thread *th, Value dict, Value key);
bool dict_set_cstr(Thread *th, Value dict, const char *key, Value v);

/* A set's table is groups of 16 slots with a lock byte each. */
static inline bool value_is_set(Value v)
{
    return value_has_type(v, TYPE_SET) || value_has_type(v, TYPE_FROZENSET);
}
Value set_new(Thread *th, bool frozen);
int64_t set_size(Value set);
int set_contains(Thread *th, Value set, Value item);
bool set_add(Thread *th, Value set, Value item);
int set_discard(Thread *th, Value set, Value item);
bool set_update(Thread *th, Value set, Value iterable);
bool set_next(Value set, int64_t *position, Value *item);

/* A read-only table iterator object that holds a container and a position. */
typedef struct SequenceIterator {
    Object header;
    Value sequence; /* VALUE_ABSENT once exhausted */
    int64_t index;
} SequenceIterator;
_Static_assert(offsetof(SequenceIterator, sequence) == 24, "machine code");

typedef struct RangeIterator {
    Object header;
    int64_t current, step, remaining; /* int64 form; ranges beyond int64 use a slow form */
    Value big;                        /* tuple (current, stop, step) of the slow form or absent */
} RangeIterator;

#endif
