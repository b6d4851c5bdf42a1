/*
 * The dict's table: a compact array of entries in order of insertion, found through an
 * open-addressed array of indices.  Private to the dict and to caches of globals.
 *
 * Invariants:
 *   (1) an index slot goes from EMPTY to an entry's number once and never changes again;
 *   (2) an entry's key is written once, before its index is published, and becomes absent when the
 *       key is deleted; the entry is never used for another key;
 *   (3) an entry's value is absent iff the key was deleted (a hole);
 *   (4) count <= usable < mask + 1, so every probe ends at an EMPTY index.
 * A hole stays a station of its probe chain; a new table leaves holes out.
 *
 * Threads: readers lock-free: table acquire, index acquire, key and value acquire.  Writers hold
 * the dict's lock; order of writes: entry, then index (release), then count (release).
 */
#ifndef ADDER_RUNTIME_DICT_TABLE_H
#define ADDER_RUNTIME_DICT_TABLE_H

#include "runtime/container_inline.h"

enum { DICT_EMPTY = -1 };

typedef struct DictEntry {
    Value key;
    int64_t hash;
    _Atomic Value value;
} DictEntry;

typedef struct DictTable {
    uint32_t mask;   /* number of index slots - 1 */
    uint32_t usable; /* entries that fit */
    _Atomic uint32_t count;
    /* All live entries are in [live_begin, live_end); both ends are live unless none is. */
    _Atomic uint32_t live_begin;
    uint32_t live_end;
    int32_t *indices;
    DictEntry entries[];
} DictTable;

struct Dict {
    Object header;
    /* shared: writers under the lock, release; readers acquire */
    DictTable *_Atomic table; /* never NULL: an empty dict points at a static table */
    _Atomic int64_t used;     /* live entries */
    _Atomic uint64_t version; /* changes when the table is replaced */
};

static inline Dict *value_dict(Value v) { return (Dict *)value_object(v); }
static inline DictTable *dict_table_acquire(const Dict *d)
{
    return atomic_load_explicit(&d->table, memory_order_acquire);
}
static inline int64_t dict_used(const Dict *d)
{
    return atomic_load_explicit(&d->used, memory_order_acquire);
}
static inline uint32_t dict_count_acquire(const DictTable *t)
{
    return atomic_load_explicit(&t->count, memory_order_acquire);
}

/* len(dict): in one order with lookups, since it waits for a writer that is at work. may: wait. */
int64_t dict_length(Thread *th, Value dict);

/* dict_find: the number of the entry, or one of these. */
enum { DICT_NOT_FOUND = -1, DICT_ERROR = -2 };
/* Looks key up. *table is the table that the entry is in. locked: the caller holds the lock; it is
 * let go while Python code runs and held again on return, with the table looked at afresh.
 * may: run Python (only for keys that are not simple). */
int64_t dict_find(Thread *th, Dict *d, Value key, int64_t hash, bool locked, DictTable **table);

/* Appends an entry whose key is not there. The lock is held. key is published here, v by the caller; both
 * get no new references. fails: false, no exception (out of memory). */
bool dict_insert_locked(Thread *th, Dict *d, Value key, int64_t hash, Value v);
/* With a hash that the caller has. v stolen. */
bool dict_set_hash_steal(Thread *th, Dict *d, Value key, int64_t hash, Value v);
/* As dict_get with a known hash; 1, 0, -1. */
int dict_get_hash(Thread *th, Dict *d, Value key, int64_t hash, Value *out);
/* Removes key; its value comes back. 1, 0, -1. */
int dict_take(Thread *th, Dict *d, Value key, Value *out);
/* Removes the last entry (popitem). 1, or 0: empty. */
int dict_take_last(Thread *th, Dict *d, Value *key, Value *v);
/* Entry at or after *position that is live, with new references. *position is moved behind it. */
bool dict_entry_next(Thread *th, const Dict *d, int64_t *position, Value *key, Value *v,
                     int64_t *hash);
/* The dict itself, or, if other threads may change it, a copy of what it holds at one moment: for loops that
 * must not see half of a change. owns: new. fails: absent, MemoryError. */
Value dict_seen(Thread *th, Value dict);
void dict_clear(Thread *th, Dict *d);
/* a == b for dicts: 1, 0, -1. */
int dict_equal(Thread *th, Value a, Value b);

extern const NativeDef dict_natives[];

/* dict_views.c */
/* A view of dict_seen of the view's dict. owns: new. */
Value dict_view_seen(Thread *th, Value view);
Value dict_view_new(Thread *th, uint32_t type_id, Value dict);
Value dict_iterator_new(Thread *th, uint32_t type_id, Value dict, bool reverse);

#endif
