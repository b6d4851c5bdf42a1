/*
 * Set: the table, lookup, insertion, removal, and the C interface.
 *
 * Layout and invariants are in runtime/set_table.h; the types, methods and the algebra of sets in
 * set_methods.c and set_algebra.c.
 *
 * Threads: as the table says.  Keys whose equality runs Python code are compared without the lock;
 * afterwards the version and the slot's key are looked at again and the search restarts if either
 * has changed.
 */
#include "runtime/cursor.h"
#include "runtime/set_table.h"

#include "runtime/dict_table.h"

#include <string.h>

static SetEntry empty_entries[SET_MIN_SLOTS];
/* The table of all empty sets; never written. */
static SetTable empty_table = {.mask = SET_MIN_SLOTS - 1, .fill = 0, .entries = empty_entries};

static SetTable *table_new(uint64_t slots)
{
    if (slots > OBJECT_SIZE_MAX / sizeof(SetEntry)) {
        return NULL;
    }
    SetTable *t = rt_calloc(1, sizeof(SetTable) + slots * sizeof(SetEntry));
    if (t != NULL) {
        t->mask = slots - 1;
        t->entries = (SetEntry *)(void *)(t + 1);
    }
    return t;
}

void set_table_free(SetTable *t)
{
    if (t != &empty_table && t != NULL) {
        rt_free(t);
    }
}

static void free_table(Thread *th, void *p)
{
    (void)th;
    rt_free(p);
}

static void table_retire(Thread *th, const Set *s, SetTable *t)
{
    if (t == &empty_table) {
        return;
    }
    if (object_exclusive(th, &s->header)) {
        rt_free(t);
    } else {
        epoch_retire(th, t, (t->mask + 1) * sizeof(SetEntry), free_table);
    }
}

static inline bool is_key(Value k) { return k != VALUE_ABSENT && k != SET_DUMMY; }

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

/* Puts a key that is not there into a table without dummies. */
static void insert_clean(SetTable *t, Value key, int64_t hash)
{
    Chain c = chain_start(t, hash);
    uint64_t start = c.slot;
    while (t->entries[c.slot].key != VALUE_ABSENT) {
        chain_next(&c, &start);
    }
    t->entries[c.slot].hash = hash;
    t->entries[c.slot].key = key;
    t->fill++;
}

/* A new table with more than minimum slots. Lock held. fails: false, nothing changed. */
static bool resize_locked(Thread *th, Set *s, int64_t minimum)
{
    uint64_t slots = SET_MIN_SLOTS;
    while (slots <= (uint64_t)minimum) {
        slots <<= 1;
    }
    SetTable *old = set_table_acquire(s), *t = table_new(slots);
    if (t == NULL) {
        return false;
    }
    for (uint64_t i = 0; i <= old->mask; i++) {
        if (is_key(old->entries[i].key)) {
            insert_clean(t, old->entries[i].key, old->entries[i].hash);
        }
    }
    atomic_store_explicit(&s->table, t, memory_order_release);
    atomic_fetch_add_explicit(&s->version, 1, memory_order_release);
    table_retire(th, s, old);
    return true;
}

enum { FIND_ERROR = -2, FIND_ABSENT = -1 };

/* One walk of the chain. Returns the slot with the key, FIND_ABSENT with *at the free slot,
 * FIND_ERROR, or -3: restart. */
static int64_t find_once(Thread *th, Set *s, SetTable *t, Value key, int64_t hash, bool locked,
                         uint64_t *at)
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
        if (e->hash != hash || k == SET_DUMMY) {
            continue;
        }
        int equal = values_equal_quick(k, key);
        if (equal < 0) {
            bool simple = value_is_simple_key(k) && value_is_simple_key(key);
            rt_incref(th, k);
            if (locked && !simple) {
                object_unlock(th, &s->header);
            }
            equal = rt_equal(th, k, key);
            if (locked && !simple) {
                object_lock(th, &s->header);
            }
            rt_decref(th, k);
            if (equal < 0) {
                return FIND_ERROR;
            }
            if (!simple && (atomic_load_explicit(&s->version, memory_order_acquire) != version ||
                            slot_load_acquire(&e->key) != k)) {
                return -3;
            }
        }
        if (equal > 0) {
            return (int64_t)c.slot;
        }
    }
}

static int64_t set_find(Thread *th, Set *s, Value key, int64_t hash, bool locked, SetTable **table,
                        uint64_t *at)
{
    int64_t i;
    do {
        *table = set_table_acquire(s);
        i = find_once(th, s, *table, key, hash, locked, at);
    } while (i == -3);
    return i;
}

Value set_new(Thread *th, bool frozen)
{
    Set *s = rt_object_new(th, frozen ? TYPE_FROZENSET : TYPE_SET, sizeof(Set));
    if (s == NULL) {
        return VALUE_ABSENT;
    }
    atomic_store_explicit(&s->table, &empty_table, memory_order_relaxed);
    atomic_store_explicit(&s->hash, -1, memory_order_relaxed);
    return value_from_object(s);
}

int64_t set_size(Value set) { return set_used(value_set(set)); }

int set_contains_hash(Thread *th, Set *s, Value key, int64_t hash)
{
    SetTable *t;
    uint64_t at;
    int64_t i = set_find(th, s, key, hash, false, &t, &at);
    return i >= 0 ? 1 : i == FIND_ERROR ? -1 : 0;
}

int set_contains(Thread *th, Value set, Value item)
{
    int64_t hash;
    return key_hash(th, item, &hash) ? set_contains_hash(th, value_set(set), item, hash) : -1;
}

/* Writes a new key into a free slot and grows the table if it became full. */
static bool insert_locked(Thread *th, Set *s, SetTable *t, uint64_t at, Value key, int64_t hash)
{
    if (t == &empty_table) {
        t = table_new(SET_MIN_SLOTS);
        if (t == NULL) {
            return false;
        }
        atomic_store_explicit(&s->table, t, memory_order_release);
        atomic_fetch_add_explicit(&s->version, 1, memory_order_release);
    }
    if (t->fill >= t->mask) {
        return false; /* growing has failed before: one slot must stay absent */
    }
    int64_t used = set_used(s) + 1;
    t->entries[at].hash = hash;
    slot_store_release(&t->entries[at].key, key);
    t->fill++;
    atomic_store_explicit(&s->used, used, memory_order_release);
    if (t->fill * 5 >= t->mask * 3 && !resize_locked(th, s, used > 50000 ? used * 2 : used * 4)) {
        slot_store_release(&t->entries[at].key, SET_DUMMY);
        atomic_store_explicit(&s->used, used - 1, memory_order_release);
        return false;
    }
    return true;
}

int set_add_hash(Thread *th, Set *s, Value key, int64_t hash)
{
    rt_store_barrier(th, &s->header, key);
    object_lock(th, &s->header);
    SetTable *t;
    uint64_t at;
    int64_t i = set_find(th, s, key, hash, true, &t, &at);
    bool ok = i != FIND_ABSENT || insert_locked(th, s, t, at, key, hash);
    if (ok && i == FIND_ABSENT) {
        rt_incref(th, key);
    }
    object_unlock(th, &s->header);
    if (!ok) {
        rt_raise_memory_error(th);
        return -1;
    }
    return i == FIND_ERROR ? -1 : i == FIND_ABSENT;
}

bool set_add(Thread *th, Value set, Value item)
{
    int64_t hash;
    return key_hash(th, item, &hash) && set_add_hash(th, value_set(set), item, hash) >= 0;
}

int set_discard_hash(Thread *th, Set *s, Value key, int64_t hash)
{
    object_lock(th, &s->header);
    SetTable *t;
    uint64_t at;
    int64_t i = set_find(th, s, key, hash, true, &t, &at);
    Value old = VALUE_ABSENT;
    if (i >= 0) {
        old = t->entries[i].key;
        slot_store_release(&t->entries[i].key, SET_DUMMY);
        atomic_fetch_sub_explicit(&s->used, 1, memory_order_release);
    }
    object_unlock(th, &s->header);
    container_drop(th, &s->header, old);
    return i >= 0 ? 1 : i == FIND_ERROR ? -1 : 0;
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
        if (is_key(k)) {
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
    object_lock(th, &s->header);
    const SetTable *t = set_table_acquire(s);
    bool ok = (t->fill + (uint64_t)count) * 5 < t->mask * 3 ||
              resize_locked(th, s, (set_used(s) + count) * 2);
    object_unlock(th, &s->header);
    if (!ok) {
        rt_raise_memory_error(th);
    }
    return ok;
}

/* Takes over the slots of other as they are, or its keys into a clean table. */
static void merge_into_empty(Thread *th, Set *s, const SetTable *from, int64_t used)
{
    SetTable *to = set_table_acquire(s);
    bool same = to->mask == from->mask && from->fill == (uint64_t)used;
    for (uint64_t i = 0; i <= from->mask; i++) {
        const SetEntry *e = &from->entries[i];
        if (!is_key(e->key)) {
            continue;
        }
        rt_store_barrier(th, &s->header, e->key);
        rt_incref(th, e->key);
        if (same) {
            to->entries[i].hash = e->hash;
            slot_store_release(&to->entries[i].key, e->key);
            to->fill++;
        } else {
            insert_clean(to, e->key, e->hash);
        }
    }
    atomic_store_explicit(&s->used, used, memory_order_release);
}

bool set_merge(Thread *th, Set *s, Set *other)
{
    if (s == other || set_used(other) == 0) {
        return true;
    }
    if (!set_reserve_more(th, s, set_used(other))) {
        return false;
    }
    object_lock_two(th, &s->header, &other->header);
    const SetTable *from = set_table_acquire(other);
    SetTable *to = set_table_acquire(s);
    bool empty = to->fill == 0 && (uint64_t)set_used(other) * 5 < to->mask * 3;
    bool ok = true;
    if (empty && to == &empty_table) {
        ok = resize_locked(th, s, SET_MIN_SLOTS - 1);
    }
    if (ok && empty) {
        merge_into_empty(th, s, from, set_used(other));
    }
    object_unlock_two(th, &s->header, &other->header);
    if (!ok) {
        rt_raise_memory_error(th);
    }
    if (empty || !ok) {
        return ok;
    }
    Value key;
    int64_t hash;
    for (int64_t at = 0; ok && set_entry_next(th, other, &at, &key, &hash);) {
        ok = set_add_hash(th, s, key, hash) >= 0;
        rt_decref(th, key);
    }
    return ok && !rt_pending(th);
}

static bool update_from_dict(Thread *th, Set *s, Value dict)
{
    if (!set_reserve_more(th, s, dict_size(dict))) {
        return false;
    }
    Value key, v;
    int64_t hash;
    for (int64_t at = 0; dict_entry_next(th, value_dict(dict), &at, &key, &v, &hash);) {
        int r = set_add_hash(th, s, key, hash);
        rt_decref(th, key);
        rt_decref(th, v);
        if (r < 0) {
            return false;
        }
    }
    return !rt_pending(th);
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

Value set_pop_any(Thread *th, Set *s)
{
    object_lock(th, &s->header);
    SetTable *t = set_table_acquire(s);
    if (set_used(s) == 0) {
        object_unlock(th, &s->header);
        return VALUE_ABSENT;
    }
    uint64_t i = s->finger & t->mask;
    while (!is_key(t->entries[i].key)) {
        i = i == t->mask ? 0 : i + 1;
    }
    Value key = t->entries[i].key;
    slot_store_release(&t->entries[i].key, SET_DUMMY);
    atomic_fetch_sub_explicit(&s->used, 1, memory_order_release);
    s->finger = i + 1;
    object_unlock(th, &s->header);
    if (!object_exclusive(th, &s->header)) {
        epoch_retire_value(th, rt_newref(th, key));
    }
    return key;
}

/* Drops the keys of a table that s had, and the table. */
static void drop_table(Thread *th, const Set *s, SetTable *t)
{
    for (uint64_t i = 0; i <= t->mask; i++) {
        if (is_key(t->entries[i].key)) {
            container_drop(th, &s->header, t->entries[i].key);
        }
    }
    table_retire(th, s, t);
}

void set_clear(Thread *th, Set *s)
{
    object_lock(th, &s->header);
    SetTable *t = set_table_acquire(s);
    atomic_store_explicit(&s->table, &empty_table, memory_order_release);
    atomic_store_explicit(&s->used, 0, memory_order_release);
    atomic_fetch_add_explicit(&s->version, 1, memory_order_release);
    object_unlock(th, &s->header);
    drop_table(th, s, t);
}

void set_take_over(Thread *th, Set *s, Set *other)
{
    SetTable *mine = set_table_acquire(other);
    int64_t used = set_used(other);
    for (uint64_t i = 0; i <= mine->mask; i++) {
        if (is_key(mine->entries[i].key)) {
            rt_store_barrier(th, &s->header, mine->entries[i].key);
        }
    }
    atomic_store_explicit(&other->table, &empty_table, memory_order_release);
    atomic_store_explicit(&other->used, 0, memory_order_release);
    object_lock(th, &s->header);
    SetTable *old = set_table_acquire(s);
    atomic_store_explicit(&s->table, mine, memory_order_release);
    atomic_store_explicit(&s->used, used, memory_order_release);
    atomic_fetch_add_explicit(&s->version, 1, memory_order_release);
    object_unlock(th, &s->header);
    drop_table(th, s, old);
}

bool set_tidy(Thread *th, Set *s)
{
    object_lock(th, &s->header);
    const SetTable *t = set_table_acquire(s);
    int64_t used = set_used(s);
    bool ok = t->fill - (uint64_t)used <= t->mask / 4 ||
              resize_locked(th, s, used > 50000 ? used * 2 : used * 4);
    object_unlock(th, &s->header);
    if (!ok) {
        rt_raise_memory_error(th);
    }
    return ok;
}
