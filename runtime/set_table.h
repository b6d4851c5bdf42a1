/*
 * The table of set and frozenset: open addressing over {key, hash} slots, short linear runs of
 * slots (10, one or two cache lines) between jumps.  Private to set.c and set_methods.c.
 *
 * Sizes, growth and probing follow CPython's, so that sets of ints print and iterate in the same
 * order; programs' output depends on it.
 *
 * Invariants: a slot goes absent -> key -> SET_DUMMY and never back (a new table leaves dummies
 * out), so a reader that has found a slot finds nothing else in it later; fill counts keys and
 * dummies, one slot at least stays absent, so every probe ends.  Two keys that are equal end their search at
 * the same absent slot: whoever holds that slot's group and finds it still absent may put the key there.
 *
 * Threads.  Readers: no lock: table acquire, key acquire, then hash.  A set that is private, or whose thread is
 * alone, is written without locks.  Writers of others hold the lock byte of the slot's group of 16 (held for
 * some stores, so who waits spins and yields); a new table, pop and a copy of the whole hold the set's lock and
 * then all groups.  The groups of a table that has been replaced are DEAD for ever: a writer that finds one
 * looks for the new table.  A frozenset is filled before anybody sees it.
 *
 * Counts.  Of a small table they are two words beside the mask.  Of a large one that several threads write,
 * each thread counts in a stripe of its own cache line (by thread id); fill moves on to the common word in
 * steps of a 64th of the table, so that the table grows somewhat later than with one thread, and len() adds
 * up the stripes.
 */
#ifndef ADDER_RUNTIME_SET_TABLE_H
#define ADDER_RUNTIME_SET_TABLE_H

#include "runtime/container_inline.h"

#define SET_DUMMY VALUE_UNBOUND

enum { SET_MIN_SLOTS = 8, SET_LINEAR = 9 };
enum { SET_GROUP_SHIFT = 4, SET_STRIPES = 8, SET_STRIPED_SLOTS = 1024, SET_FILL_STEPS_SHIFT = 6 };
enum { SET_GROUP_FREE, SET_GROUP_HELD, SET_GROUP_DEAD };

typedef struct SetEntry {
    Value key; /* absent, SET_DUMMY or a key */
    int64_t hash;
} SetEntry;

typedef struct SetStripe {
    _Atomic int64_t used, fill;
    char padding[48];
} SetStripe;

typedef struct SetTable {
    uint64_t mask;
    SetEntry *entries;
    _Atomic uint8_t *groups; /* SET_GROUP_*, one for 16 slots */
    SetStripe *stripes;      /* NULL in a small table */
    /* shared: writers, relaxed, with the group held */
    _Atomic int64_t used, fill;
    _Atomic bool striped; /* some stripe is not 0 */
} SetTable;

typedef struct Set {
    Object header;
    /* shared: writers under the lock, release; readers acquire */
    SetTable *_Atomic table;  /* never NULL: an empty set points at a static table */
    _Atomic uint64_t version; /* changes when the table is replaced */
    uint64_t finger;          /* where pop() looks first */
    _Atomic int64_t hash;     /* of a frozenset; -1: not yet known */
} Set;

static inline Set *value_set(Value v) { return (Set *)value_object(v); }
static inline SetTable *set_table_acquire(const Set *s)
{
    return atomic_load_explicit(&s->table, memory_order_acquire);
}
static inline bool set_is_key(Value k) { return k != VALUE_ABSENT && k != SET_DUMMY; }
/* Keys, and keys with dummies, of a table; exact when nobody writes. */
int64_t set_table_used(const SetTable *t);
int64_t set_table_fill(const SetTable *t);
static inline int64_t set_used(const Set *s) { return set_table_used(set_table_acquire(s)); }

/* set_groups.c: what several threads do to a set. */
SetTable *set_empty_table(void);
SetTable *set_table_new(uint64_t slots); /* fails: NULL, no exception */
void set_table_retire(Thread *th, const Set *s, SetTable *t);
/* Puts a key that is not there into a table without dummies that only the caller knows. */
void set_table_insert(SetTable *t, Value key, int64_t hash);
/* A new table with more than minimum slots. Exclusive, or with the set's lock. fails: false, nothing changed. */
bool set_resize_locked(Thread *th, Set *s, int64_t minimum);
/* Takes the table out of the set: another one comes in, no writer uses the old one any more. As above. */
SetTable *set_swap_table(Thread *th, Set *s, SetTable *t);
/* Puts key into slot `at` of t, which the search has found absent, or takes the key in that slot out.
 * SET_AGAIN: another thread was faster: search again. fails: SET_FAILED, no exception (out of memory). */
enum { SET_FAILED = -1, SET_AGAIN, SET_DONE };
int set_insert_shared(Thread *th, Set *s, SetTable *t, uint64_t at, Value key, int64_t hash);
int set_remove_shared(Thread *th, Set *s, SetTable *t, uint64_t at);
/* Makes sure of a table that can be written. fails: false, out of memory. */
bool set_await_table(Thread *th, Set *s, const SetTable *dead);

/* The following: 1, 0, -1 with an exception; may run Python for keys that are not simple. */
int set_contains_hash(Thread *th, Set *s, Value key, int64_t hash);
int set_add_hash(Thread *th, Set *s, Value key, int64_t hash); /* 1: was not there */
int set_discard_hash(Thread *th, Set *s, Value key, int64_t hash);
/* Removes key if it is there, adds it if not, in one step; false: exception. */
bool set_toggle_hash(Thread *th, Set *s, Value key, int64_t hash);
/* Adds all of other, a set. fails: false. */
bool set_merge(Thread *th, Set *s, Set *other);
/* Next key at or after *position with a new reference, and its hash. */
bool set_entry_next(Thread *th, const Set *s, int64_t *position, Value *key, int64_t *hash);
/* Removes and returns some key; absent: empty. owns: new. */
Value set_pop_any(Thread *th, Set *s);
/* The set itself, or a copy of what it holds at one moment if others may change it. owns: new. */
Value set_seen(Thread *th, Value set);
void set_clear(Thread *th, Set *s);
/* Replaces the contents of s by those of other, which nobody else knows and is empty afterwards. */
void set_take_over(Thread *th, Set *s, Set *other);
/* After many removals: a new table if more than a quarter of the slots are dummies. */
bool set_tidy(Thread *th, Set *s);
void set_table_free(SetTable *t);
/* Prepares for count more keys of a mapping or set in one step. */
bool set_reserve_more(Thread *th, Set *s, int64_t count);

#endif
