/*
 * Inside of list: table handling for list.c, list_slice.c, list_methods.c and list_sort.c.
 *
 * Functions named _locked are called with the list's lock held (or exclusively) and run no Python:
 * what they remove is handed to the caller, who drops it after unlocking.
 */
#ifndef ADDER_RUNTIME_LIST_INTERNAL_H
#define ADDER_RUNTIME_LIST_INTERNAL_H

#include "runtime/container_inline.h"

/* The table of all empty lists; never written. */
ListTable *list_empty_table(void);

static inline int64_t list_size_relaxed(const List *l)
{
    return atomic_load_explicit(&l->size, memory_order_relaxed);
}
static inline ListTable *list_table_relaxed(const List *l)
{
    return atomic_load_explicit(&l->table, memory_order_relaxed);
}
/* A table of a capacity, all absent. fails: NULL, no exception. */
ListTable *list_table_new(int64_t capacity);
/* Frees a table that lists no longer use, after a grace period if l is shared. */
void list_table_retire(Thread *th, const List *l, ListTable *table);
/* Makes room for capacity items. fails: false, nothing changed, no exception. */
bool list_reserve_locked(Thread *th, List *l, int64_t capacity);
/* A list of a table that the caller has filled; table NULL: MemoryError. Steals on failure too. */
Value list_from_table_steal(Thread *th, ListTable *table, int64_t size);
/* Replaces items [low, high) by count stolen ones. The removed high - low items are moved into
 * removed. fails: false, nothing changed or stolen, no exception. */
bool list_replace_locked(Thread *th, List *l, int64_t low, int64_t high, const Value *items,
                         int64_t count, Value *removed);
/* Takes everything out of the list: its table and size now belong to the caller. */
ListTable *list_take_all(Thread *th, List *l, int64_t *size);
/* For a change of many slots that readers must see as one: the table itself where nobody else reads, else a
 * copy, which list_table_changed puts in its place. Lock held. fails: NULL, nothing changed. */
ListTable *list_table_to_change(Thread *th, List *l);
/* t NULL: nothing happens. returns: the table to retire after unlocking (perhaps the empty one). */
ListTable *list_table_changed(List *l, ListTable *t);
/* Drops count values that were removed from l. may: run finalizers. */
void list_drop_all(Thread *th, const List *l, const Value *items, int64_t count);
/* Publishes what is about to be stored. */
static inline void list_barrier(Thread *th, const List *l, const Value *items, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        rt_store_barrier(th, &l->header, items[i]);
    }
}
/* The items now, with a new reference each. fails: false, MemoryError. */
bool list_snapshot(Thread *th, Value list, int64_t start, int64_t end, ValueArray *out);
/* Item index >= 0 with a new reference; absent (no exception) if the list is not that long. */
Value list_item(Thread *th, const List *l, int64_t index);

/* list_search.c: 1, 0, -1 with an exception; may run Python where comparing does. list_find: the first in
 * [start, stop) that equals v; list_count: how many. */
int list_find(Thread *th, Value self, Value v, int64_t start, int64_t stop, int64_t *index);
int list_remove(Thread *th, Value self, Value v);
int64_t list_count(Thread *th, Value self, Value v);
Value list_compare(Thread *th, Value a, Value b, CompareOp op);

/* The items [start, end), cut to the length, as a new list. owns: new. */
Value list_slice(Thread *th, Value self, int64_t start, int64_t end);
Value list_getitem(Thread *th, Value self, Value key);
bool list_setitem(Thread *th, Value self, Value key, Value v);
bool list_set_slice(Thread *th, Value self, Value slice, Value iterable);

extern const NativeDef list_natives[];

#endif
