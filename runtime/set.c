/*
 * Set: lookup, insertion, removal, and the C interface.
 *
 * Layout and invariants are in runtime/set_table.h; tables and what several threads do to them in
 * set_groups.c; the types, methods and the algebra of sets in set_methods.c and set_algebra.c.
 *
 * Threads: as the table says.  Every search goes without a lock; the slot that it ends at is looked at again
 * under its group.  Where a comparison has run Python code, the version and the slot's key are looked at again,
 * and the search restarts if either has changed.
 */
#include "runtime/cursor.h"
#include "runtime/set_table.h"

#include "runtime/dict_table.h"

/* Counts where nobody else does. */
static inline void count_plain(_Atomic int64_t *n, int64_t change)
{
    atomic_store_explicit(n, atomic_load_explicit(n, memory_order_relaxed) + change,
                          memory_order_relaxed);
}

/* The slots of a probe chain, in order. */
typedef struct Chain {
    uint64_t mask, slot, perturb;
    int run; /* slots left in this run behind the current one */
} Chain;

static inline void chain_enter_run(Chain *c)
{
    c->run = c->slot + SET_LINEAR <= c->mask ? SET_LINEAR : 0;
}
static inline Chain chain_start(const SetTable *t, int64_t hash)
{
    Chain c = {.mask = t->mask, .slot = (uint64_t)hash & t->mask, .perturb = (uint64_t)hash};
    chain_enter_run(&c);
    return c;
}
static inline void chain_next(Chain *c, uint64_t *start)
{
    if (c->run > 0) {
        c->run--;
        c->slot++;
        return;
    }
    c->perturb >>= 5;
    *start = c->slot = (*start * 5 + 1 + c->perturb) & c->mask;
    chain_enter_run(c);
}

void set_table_insert(SetTable *t, Value key, int64_t hash)
{
    Chain c = chain_start(t, hash);
    uint64_t start = c.slot;
    while (t->entries[c.slot].key != VALUE_ABSENT) {
        chain_next(&c, &start);
    }
    t->entries[c.slot].hash = hash;
    t->entries[c.slot].key = key;
    count_plain(&t->fill, 1);
    count_plain(&t->used, 1);
}

enum { FIND_ERROR = -2, FIND_ABSENT = -1 };

/* One walk of the chain. Returns the slot with the key, FIND_ABSENT with *at the free slot,
 * FIND_ERROR, or -3: restart. */
static int64_t find_once(Thread *th, Set *s, SetTable *t, Value key, int64_t hash, uint64_t *at)
{
    uint64_t version = atomic_load_explicit(&s->version, memory_order_acquire);
    if (set_table_acquire(s) != t) {
        return -3;
    }
    Chain c = chain_start(t, hash);
    for (uint64_t start = c.slot;; chain_next(&c, &start)) {
        SetEntry *e = &t->entries[c.slot];
        Value k = slot_load_acquire(&e->key);
        if (k == VALUE_ABSENT) {
            *at = c.slot;
            return FIND_ABSENT;
        }
        if (k == key) {
            return (int64_t)c.slot;
        }
        if (k == SET_DUMMY || e->hash != hash) {
            continue;
        }
        int equal = values_equal_quick(k, key);
        equal = equal < 0 ? rt_equal_simple(k, key) : equal;
        if (equal < 0) {
            rt_incref(th, k);
            equal = rt_equal(th, k, key);
            rt_decref(th, k);
            if (equal < 0) {
                return FIND_ERROR;
            }
            /* The version tells whether t is still there: an address may be used again. */
            if (atomic_load_explicit(&s->version, memory_order_acquire) != version ||
                slot_load_acquire(&e->key) != k) {
                return -3;
            }
        }
        if (equal > 0) {
            return (int64_t)c.slot;
        }
    }
}

static int64_t set_find(Thread *th, Set *s, Value key, int64_t hash, SetTable **table, uint64_t *at)
{
    int64_t i;
    do {
        *table = set_table_acquire(s);
        i = find_once(th, s, *table, key, hash, at);
    } while (i == -3);
    return i;
}

Value set_new(Thread *th, bool frozen)
{
    Set *s = rt_object_new_gc(th, frozen ? TYPE_FROZENSET : TYPE_SET, sizeof(Set));
    if (s == NULL) {
        return VALUE_ABSENT;
    }
    atomic_store_explicit(&s->table, set_empty_table(), memory_order_relaxed);
    atomic_store_explicit(&s->hash, -1, memory_order_relaxed);
    return value_from_object(s);
}

int64_t set_size(Value set) { return set_used(value_set(set)); }

int set_contains_hash(Thread *th, Set *s, Value key, int64_t hash)
{
    SetTable *t;
    uint64_t at;
    int64_t i = set_find(th, s, key, hash, &t, &at);
    return i >= 0 ? 1 : i == FIND_ERROR ? -1 : 0;
}

int set_contains(Thread *th, Value set, Value item)
{
    int64_t hash;
    return key_hash(th, item, &hash) ? set_contains_hash(th, value_set(set), item, hash) : -1;
}

/* Writes a new key into a free slot and grows the table if it became full. Nobody else writes. */
static int insert_exclusive(Thread *th, Set *s, SetTable *t, uint64_t at, Value key, int64_t hash)
{
    if (t == set_empty_table()) {
        t = set_table_new(SET_MIN_SLOTS);
        if (t == NULL) {
            return SET_FAILED;
        }
        set_swap_table(th, s, t);
    }
    int64_t fill = set_table_fill(t) + 1;
    if (fill > (int64_t)t->mask) {
        return SET_FAILED; /* growing has failed before: one slot must stay absent */
    }
    t->entries[at].hash = hash;
    slot_store_release(&t->entries[at].key, key);
    count_plain(&t->fill, 1);
    count_plain(&t->used, 1);
    int64_t used = set_table_used(t);
    if ((uint64_t)fill * 5 >= t->mask * 3 &&
        !set_resize_locked(th, s, used > 50000 ? used * 2 : used * 4)) {
        slot_store_release(&t->entries[at].key, SET_DUMMY);
        count_plain(&t->used, -1);
        return SET_FAILED;
    }
    rt_incref(th, key);
    return SET_DONE;
}

int set_add_hash(Thread *th, Set *s, Value key, int64_t hash)
{
    for (;;) {
        SetTable *t;
        uint64_t at;
        int64_t i = set_find(th, s, key, hash, &t, &at);
        if (i != FIND_ABSENT) {
            return i == FIND_ERROR ? -1 : 0;
        }
        rt_store_barrier(th, &s->header, key);
        int r = object_exclusive(th, &s->header) ? insert_exclusive(th, s, t, at, key, hash)
                                                 : set_insert_shared(th, s, t, at, key, hash);
        if (r == SET_FAILED) {
            rt_raise_memory_error(th);
            return -1;
        }
        if (r == SET_DONE) {
            return 1;
        }
    }
}

bool set_add(Thread *th, Value set, Value item)
{
    int64_t hash;
    return key_hash(th, item, &hash) && set_add_hash(th, value_set(set), item, hash) >= 0;
}

static void remove_exclusive(Thread *th, Set *s, SetTable *t, uint64_t at)
{
    Value old = t->entries[at].key;
    slot_store_release(&t->entries[at].key, SET_DUMMY);
    count_plain(&t->used, -1);
    container_drop(th, &s->header, old);
}

int set_discard_hash(Thread *th, Set *s, Value key, int64_t hash)
{
    for (;;) {
        SetTable *t;
        uint64_t at;
        int64_t i = set_find(th, s, key, hash, &t, &at);
        if (i < 0) {
            return i == FIND_ERROR ? -1 : 0;
        }
        if (object_exclusive(th, &s->header)) {
            remove_exclusive(th, s, t, (uint64_t)i);
            return 1;
        }
        int r = set_remove_shared(th, s, t, (uint64_t)i);
        if (r == SET_FAILED) {
            rt_raise_memory_error(th);
            return -1;
        }
        if (r == SET_DONE) {
            return 1;
        }
    }
}

bool set_toggle_hash(Thread *th, Set *s, Value key, int64_t hash)
{
    /* Removing and adding are each one step; if neither finds what it needs, another thread has just done
     * the opposite. */
    int r = 0;
    while (r == 0) {
        r = set_discard_hash(th, s, key, hash);
        r = r == 0 ? set_add_hash(th, s, key, hash) : r;
    }
    return r > 0;
}

int set_discard(Thread *th, Value set, Value item)
{
    int64_t hash;
    return key_hash(th, item, &hash) ? set_discard_hash(th, value_set(set), item, hash) : -1;
}

bool set_next(Value set, int64_t *position, Value *item)
{
    const SetTable *t = set_table_acquire(value_set(set));
    for (int64_t i = *position; i <= (int64_t)t->mask; i++) {
        Value k = slot_load_acquire(&t->entries[i].key);
        if (set_is_key(k)) {
            *position = i + 1;
            *item = k;
            return true;
        }
    }
    *position = (int64_t)t->mask + 1;
    return false;
}

bool set_entry_next(Thread *th, const Set *s, int64_t *position, Value *key, int64_t *hash)
{
    const SetTable *t = set_table_acquire(s);
    if (!set_next(value_from_object(s), position, key)) {
        return false;
    }
    rt_incref(th, *key);
    if (set_table_acquire(s) == t) {
        *hash = t->entries[*position - 1].hash;
        return true;
    }
    if (key_hash(th, *key, hash)) {
        return true;
    }
    rt_decref(th, *key);
    return false;
}

bool set_reserve_more(Thread *th, Set *s, int64_t count)
{
    if (!object_exclusive(th, &s->header)) {
        return true; /* it grows as it fills */
    }
    const SetTable *t = set_table_acquire(s);
    if ((uint64_t)(set_table_fill(t) + count) * 5 < t->mask * 3 ||
        set_resize_locked(th, s, (set_used(s) + count) * 2)) {
        return true;
    }
    rt_raise_memory_error(th);
    return false;
}

/* Takes over the slots of a table as they are, or its keys into a clean table. Both exclusive. */
static void merge_into_empty(Thread *th, Set *s, const SetTable *from, int64_t used)
{
    SetTable *to = set_table_acquire(s);
    bool same = to->mask == from->mask && set_table_fill(from) == used;
    for (uint64_t i = 0; i <= from->mask; i++) {
        const SetEntry *e = &from->entries[i];
        if (!set_is_key(e->key)) {
            continue;
        }
        rt_store_barrier(th, &s->header, e->key);
        rt_incref(th, e->key);
        if (same) {
            to->entries[i].hash = e->hash;
            slot_store_release(&to->entries[i].key, e->key);
            count_plain(&to->fill, 1);
            count_plain(&to->used, 1);
        } else {
            set_table_insert(to, e->key, e->hash);
        }
    }
}

/* other is as the caller has seen it: nobody else changes it. */
static bool merge_seen(Thread *th, Set *s, Set *other)
{
    int64_t used = set_used(other);
    if (!set_reserve_more(th, s, used)) {
        return false;
    }
    const SetTable *to = set_table_acquire(s);
    if (object_exclusive(th, &s->header) && set_table_fill(to) == 0 &&
        (uint64_t)used * 5 < to->mask * 3) {
        if (to == set_empty_table() && !set_resize_locked(th, s, SET_MIN_SLOTS - 1)) {
            rt_raise_memory_error(th);
            return false;
        }
        merge_into_empty(th, s, set_table_acquire(other), used);
        return true;
    }
    Value key;
    int64_t hash;
    bool ok = true;
    for (int64_t at = 0; ok && set_entry_next(th, other, &at, &key, &hash);) {
        ok = set_add_hash(th, s, key, hash) >= 0;
        rt_decref(th, key);
    }
    return ok && !rt_pending(th);
}

bool set_merge(Thread *th, Set *s, Set *other)
{
    if (s == other || set_used(other) == 0) {
        return true;
    }
    Value seen = set_seen(th, value_from_object(other));
    bool ok = seen != VALUE_ABSENT && merge_seen(th, s, value_set(seen));
    rt_xdecref(th, seen);
    return ok;
}

static bool update_from_dict(Thread *th, Set *s, Value dict)
{
    Value seen = dict_seen(th, dict), key, v;
    int64_t hash;
    bool ok = seen != VALUE_ABSENT && set_reserve_more(th, s, dict_size(seen));
    for (int64_t at = 0; ok && dict_entry_next(th, value_dict(seen), &at, &key, &v, &hash);) {
        ok = set_add_hash(th, s, key, hash) >= 0;
        rt_decref(th, key);
        rt_decref(th, v);
    }
    rt_xdecref(th, seen);
    return ok && !rt_pending(th);
}

bool set_update(Thread *th, Value set, Value iterable)
{
    if (value_is_set(iterable)) {
        return set_merge(th, value_set(set), value_set(iterable));
    }
    if (value_is_dict(iterable)) {
        return update_from_dict(th, value_set(set), iterable);
    }
    Cursor c;
    Value item = VALUE_ABSENT;
    if (!cursor_open(th, &c, iterable)) {
        cursor_close(th, &c);
        return false;
    }
    bool ok = true;
    while (ok && (item = cursor_next(th, &c)) != VALUE_ABSENT) {
        ok = set_add(th, set, item);
        rt_decref(th, item);
    }
    cursor_close(th, &c);
    return ok && !rt_pending(th);
}

/* Drops the keys of a table that s had, and the table. */
static void drop_table(Thread *th, const Set *s, SetTable *t)
{
    for (uint64_t i = 0; i <= t->mask; i++) {
        if (set_is_key(t->entries[i].key)) {
            container_drop(th, &s->header, t->entries[i].key);
        }
    }
    set_table_retire(th, s, t);
}

void set_clear(Thread *th, Set *s)
{
    object_lock(th, &s->header);
    SetTable *t = set_swap_table(th, s, set_empty_table());
    object_unlock(th, &s->header);
    drop_table(th, s, t);
}

void set_take_over(Thread *th, Set *s, Set *other)
{
    SetTable *mine = set_swap_table(th, other, set_empty_table());
    for (uint64_t i = 0; i <= mine->mask; i++) {
        if (set_is_key(mine->entries[i].key)) {
            rt_store_barrier(th, &s->header, mine->entries[i].key);
        }
    }
    object_lock(th, &s->header);
    SetTable *old = set_swap_table(th, s, mine);
    object_unlock(th, &s->header);
    drop_table(th, s, old);
}

bool set_tidy(Thread *th, Set *s)
{
    if (!object_exclusive(th, &s->header)) {
        return true; /* the next growth leaves the dummies out */
    }
    const SetTable *t = set_table_acquire(s);
    int64_t used = set_table_used(t);
    if (set_table_fill(t) - used <= (int64_t)(t->mask / 4) ||
        set_resize_locked(th, s, used > 50000 ? used * 2 : used * 4)) {
        return true;
    }
    rt_raise_memory_error(th);
    return false;
}
