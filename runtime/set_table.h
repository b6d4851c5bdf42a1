/*
 * The table of set and frozenset: open addressing over {key, hash} slots, short linear runs of
 * slots (10, one or two cache lines) between jumps.  Private to set.c and set_methods.c.
 *
 * Sizes, growth and probing follow CPython's, so that sets of ints print and iterate in the same
 * order; programs' output depends on it.
 *
 * Invariants: a slot goes absent -> key -> SET_DUMMY and never back (a new table leaves dummies
 * out), so a reader that has found a slot finds nothing else in it later; fill counts keys and
 * dummies, fill * 5 < mask * 3 after every insertion, so every probe ends.
 *
 * Threads: readers lock-free: table acquire, key acquire; writers hold the set's lock and write
 * hash before key (release).  A frozenset is filled before anybody sees it.
 */
#ifndef ADDER_RUNTIME_SET_TABLE_H
#define ADDER_RUNTIME_SET_TABLE_H

#include "runtime/container_inline.h"

#define SET_DUMMY VALUE_UNBOUND

enum { SET_MIN_SLOTS = 8, SET_LINEAR = 9 };

typedef struct SetEntry {
    Value key; /* absent, SET_DUMMY or a key */
    int64_t hash;
} SetEntry;

typedef struct SetTable {
    uint64_t mask;
    uint64_t fill;
    SetEntry *entries;
} SetTable;

typedef struct Set {
    Object header;
    /* shared: writers under the lock, release; readers acquire */
    SetTable *_Atomic table; /* never NULL: an empty set points at a static table */
    _Atomic int64_t used;
    _Atomic uint64_t version; /* changes when the table is replaced */
    uint64_t finger;          /* where pop() looks first */
    _Atomic int64_t hash;     /* of a frozenset; -1: not yet known */
} Set;

static inline Set *value_set(Value v) { return (Set *)value_object(v); }
static inline SetTable *set_table_acquire(const Set *s)
{
    return atomic_load_explicit(&s->table, memory_order_acquire);
}
static inline int64_t set_used(const Set *s)
{
    return atomic_load_explicit(&s->used, memory_order_acquire);
}

/* The following: 1, 0, -1 with an exception; may run Python for keys that are not simple. */
int set_contains_hash(Thread *th, Set *s, Value key, int64_t hash);
int set_add_hash(Thread *th, Set *s, Value key, int64_t hash); /* 1: was not there */
int set_discard_hash(Thread *th, Set *s, Value key, int64_t hash);
/* Adds all of other, a set. fails: false. */
bool set_merge(Thread *th, Set *s, Set *other);
/* Next key at or after *position with a new reference, and its hash. */
bool set_entry_next(Thread *th, const Set *s, int64_t *position, Value *key, int64_t *hash);
/* Removes and returns some key; absent: empty. owns: new. */
Value set_pop_any(Thread *th, Set *s);
void set_clear(Thread *th, Set *s);
/* Replaces the contents of s by those of other, which nobody else knows and is empty afterwards. */
void set_take_over(Thread *th, Set *s, Set *other);
/* After many removals: a new table if more than a quarter of the slots are dummies. */
bool set_tidy(Thread *th, Set *s);
void set_table_free(SetTable *t);
/* Prepares for count more keys of a mapping or set in one step. */
bool set_reserve_more(Thread *th, Set *s, int64_t count);

#endif
