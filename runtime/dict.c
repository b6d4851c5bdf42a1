/*
 * Dict: lookup, insertion, deletion, growth, and the C interface.
 *
 * Probing is linear congruential over the mask, perturbed by the upper bits of the hash; small ints
 * in sequence therefore fall into place without collisions.  Load is at most 2/3.
 *
 * The layout and its invariants are in runtime/dict_table.h; methods in dict_methods.c, views and
 * iterators in dict_views.c.
 *
 * Threads: as the table says.  Keys whose equality runs Python code are compared without the lock;
 * afterwards the table and the entry's key are looked at again, and the search restarts if either
 * has changed.
 */
#include "runtime/dict_table.h"

#include <assert.h>
#include <string.h>

enum { DICT_MIN_SLOTS = 8, DICT_MAX_SLOTS = 1 << 30 };

static int32_t empty_indices[1] = {DICT_EMPTY};
/* The table of all empty dicts; never written. */
static DictTable empty_table = {.mask = 0, .usable = 0, .indices = empty_indices};

static size_t table_size_bytes(uint32_t slots, uint32_t usable)
{
    return sizeof(DictTable) + usable * sizeof(DictEntry) + slots * sizeof(int32_t);
}

static DictTable *table_new(uint64_t slots)
{
    if (slots > DICT_MAX_SLOTS) {
        return NULL;
    }
    uint32_t usable = (uint32_t)(slots * 2 / 3);
    DictTable *t = rt_malloc(table_size_bytes((uint32_t)slots, usable));
    if (t == NULL) {
        return NULL;
    }
    t->mask = (uint32_t)slots - 1;
    t->usable = usable;
    atomic_init(&t->count, 0);
    t->live_begin = t->live_end = 0;
    t->indices = (int32_t *)(void *)&t->entries[usable];
    memset(t->indices, 0xFF, slots * sizeof(int32_t));
    return t;
}

static void free_table(Thread *th, void *p)
{
    (void)th;
    rt_free(p);
}

static void table_retire(Thread *th, const Dict *d, DictTable *t)
{
    if (t == &empty_table) {
        return;
    }
    if (object_exclusive(th, &d->header)) {
        rt_free(t);
    } else {
        epoch_retire(th, t, table_size_bytes(t->mask + 1, t->usable), free_table);
    }
}

static inline int32_t index_acquire(const DictTable *t, uint64_t slot)
{
    return __atomic_load_n(&t->indices[slot], __ATOMIC_ACQUIRE);
}

/* Tells caches of globals that addresses or keys of a watched dict have changed: called after the
 * change, so that what is looked up at the new epoch is new, and before the old table is retired.
 * release: pairs with the acquire of whoever compares the epoch before it uses a cached slot. */
static inline void watched_change(const Thread *th, const Dict *d)
{
    if (__builtin_expect((d->header.flags & OBJECT_WATCHED) != 0, 0)) {
        atomic_fetch_add_explicit(&th->rt->globals_epoch, 1, memory_order_release);
    }
}

void dict_watch(Value dict)
{
    Object *o = value_object(dict);
    if ((__atomic_load_n(&o->flags, __ATOMIC_RELAXED) & OBJECT_WATCHED) != 0) {
        return;
    }
    __atomic_fetch_or(&o->flags, (uint16_t)OBJECT_WATCHED, __ATOMIC_RELAXED);
    /* Nothing that was cached for a dict at this address, before it, stands. */
    atomic_fetch_add_explicit(&rt_thread_current()->rt->globals_epoch, 1, memory_order_release);
}

/* Writes an entry behind the others: entry, index, count. The table has room. */
static void table_append(DictTable *t, Value key, int64_t hash, Value v)
{
    uint32_t n = atomic_load_explicit(&t->count, memory_order_relaxed);
    assert(n < t->usable);
    DictEntry *e = &t->entries[n];
    e->key = key;
    e->hash = hash;
    atomic_store_explicit(&e->value, v, memory_order_relaxed);
    uint64_t perturb = (uint64_t)hash, slot = perturb & t->mask;
    while (t->indices[slot] != DICT_EMPTY) {
        perturb >>= 5;
        slot = (slot * 5 + perturb + 1) & t->mask;
    }
    STAT_COUNT_LOCKED(SLOT);
    STAT_COUNT_LOCKED(SIZE);
    STAT_COUNT_LOCKED(SIZE);
    __atomic_store_n(&t->indices[slot], (int32_t)n, __ATOMIC_RELEASE);
    t->live_end = n + 1;
    atomic_store_explicit(&t->count, n + 1, memory_order_release);
}

/* Replaces the table by one with room for at least one more entry; holes are left out. Lock held.
 * fails: false, nothing changed, no exception. */
static bool dict_grow_locked(Thread *th, Dict *d, int64_t room)
{
    DictTable *old = atomic_load_explicit(&d->table, memory_order_relaxed);
    uint64_t need = (uint64_t)room * 3 / 2 + 1, slots = DICT_MIN_SLOTS;
    while (slots < need) {
        slots *= 2;
    }
    DictTable *t = table_new(slots);
    if (t == NULL) {
        return false;
    }
    uint32_t n = atomic_load_explicit(&old->count, memory_order_relaxed);
    for (uint32_t i = old->live_begin; i < n; i++) {
        DictEntry *e = &old->entries[i];
        Value v = atomic_load_explicit(&e->value, memory_order_relaxed);
        if (v != VALUE_ABSENT) {
            table_append(t, e->key, e->hash, v);
        }
    }
    atomic_store_explicit(&d->table, t, memory_order_release);
    atomic_fetch_add_explicit(&d->version, 1, memory_order_release);
    watched_change(th, d);
    table_retire(th, d, old);
    return true;
}

/* One probe chain. At an entry with the same hash whose key must be asked with Python code, stops
 * with its number in *ask. */
static inline int64_t probe(DictTable *t, Value key, int64_t hash, int64_t *ask)
{
    uint64_t perturb = (uint64_t)hash, slot = perturb & t->mask;
    for (;;) {
        int32_t i = index_acquire(t, slot);
        if (i < 0) {
            return DICT_NOT_FOUND;
        }
        DictEntry *e = &t->entries[i];
        Value k = slot_load_acquire(&e->key);
        if (k == key) {
            return i;
        }
        if (e->hash == hash && k != VALUE_ABSENT) {
            int equal = values_equal_quick(k, key);
            if (equal > 0) {
                return i;
            }
            if (equal < 0) {
                *ask = i;
                return DICT_ERROR;
            }
        }
        perturb >>= 5;
        slot = (slot * 5 + perturb + 1) & t->mask;
    }
}

/* The rest of a chain whose keys need rt_equal: 1 found at *at, 0 not there, -1 error, 2 restart. */
static int probe_asking(Thread *th, Dict *d, DictTable *t, Value key, int64_t hash, bool locked,
                        int64_t *at)
{
    uint64_t perturb = (uint64_t)hash, slot = perturb & t->mask;
    uint64_t version = atomic_load_explicit(&d->version, memory_order_acquire);
    if (dict_table_acquire(d) != t) {
        return 2;
    }
    for (int32_t i; (i = index_acquire(t, slot)) >= 0;) {
        DictEntry *e = &t->entries[i];
        Value k = slot_load_acquire(&e->key);
        *at = i;
        if (k == key) {
            return 1;
        }
        int equal = e->hash != hash || k == VALUE_ABSENT ? 0 : rt_equal_simple(k, key);
        if (equal < 0) {
            rt_incref(th, k);
            if (locked) {
                object_unlock(th, &d->header);
            }
            equal = rt_equal(th, k, key);
            rt_decref(th, k);
            if (locked) {
                object_lock(th, &d->header);
            }
            if (equal < 0) {
                return -1;
            }
            /* The version tells whether t is still there: an address may be used again. */
            if (atomic_load_explicit(&d->version, memory_order_acquire) != version ||
                slot_load_acquire(&e->key) != k) {
                return 2;
            }
        }
        if (equal > 0) {
            return 1;
        }
        perturb >>= 5;
        slot = (slot * 5 + perturb + 1) & t->mask;
    }
    return 0;
}

int64_t dict_find(Thread *th, Dict *d, Value key, int64_t hash, bool locked, DictTable **table)
{
    for (;;) {
        int64_t at = 0;
        DictTable *t = *table = dict_table_acquire(d);
        int64_t i = probe(t, key, hash, &at);
        if (__builtin_expect(i != DICT_ERROR, 1)) {
            return i;
        }
        int r = probe_asking(th, d, t, key, hash, locked, &at);
        if (r <= 0) {
            return r < 0 ? DICT_ERROR : DICT_NOT_FOUND;
        }
        if (r == 1) {
            return at;
        }
    }
}

Value dict_get_lent(Value dict, Value key)
{
    int64_t hash;
    if (value_is_small_int(key)) {
        hash = small_int_hash(value_int(key));
    } else if (!rt_hash_simple(key, &hash)) {
        return VALUE_UNBOUND;
    }
    DictTable *t = dict_table_acquire(value_dict(dict));
    uint64_t perturb = (uint64_t)hash, slot = perturb & t->mask;
    for (int32_t i; (i = index_acquire(t, slot)) >= 0;) {
        DictEntry *e = &t->entries[i];
        Value k = slot_load_acquire(&e->key);
        if (k == key) {
            return atomic_load_explicit(&e->value, memory_order_acquire);
        }
        if (e->hash == hash && k != VALUE_ABSENT) {
            int equal = rt_equal_simple(k, key);
            if (equal != 0) {
                return equal < 0 ? VALUE_UNBOUND
                                 : atomic_load_explicit(&e->value, memory_order_acquire);
            }
        }
        perturb >>= 5;
        slot = (slot * 5 + perturb + 1) & t->mask;
    }
    return VALUE_ABSENT;
}

Value dict_new(Thread *th)
{
    Dict *d = rt_object_new_gc(th, TYPE_DICT, sizeof(Dict));
    if (d == NULL) {
        return VALUE_ABSENT;
    }
    atomic_store_explicit(&d->table, &empty_table, memory_order_relaxed);
    atomic_store_explicit(&d->version, 1, memory_order_relaxed);
    return value_from_object(d);
}

int64_t dict_size(Value dict) { return dict_used(value_dict(dict)); }

int64_t dict_length(Thread *th, Value dict)
{
    Dict *d = value_dict(dict);
    /* acquire: who has seen an entry that the holder wrote sees that it holds the lock, or its count */
    if ((atomic_load_explicit(&d->header.lock, memory_order_acquire) & LOCK_HELD) == 0) {
        return dict_used(d);
    }
    object_lock(th, &d->header);
    int64_t used = dict_used(d);
    object_unlock(th, &d->header);
    return used;
}

int dict_get_hash(Thread *th, Dict *d, Value key, int64_t hash, Value *out)
{
    DictTable *t;
    int64_t i = dict_find(th, d, key, hash, false, &t);
    *out = VALUE_ABSENT;
    if (i < 0) {
        return i == DICT_ERROR ? -1 : 0;
    }
    Value v = atomic_load_explicit(&t->entries[i].value, memory_order_acquire);
    if (v == VALUE_ABSENT) {
        return 0;
    }
    *out = rt_newref(th, v);
    return 1;
}

bool dict_get(Thread *th, Value dict, Value key, Value *out)
{
    int64_t hash;
    *out = VALUE_ABSENT;
    return key_hash(th, key, &hash) && dict_get_hash(th, value_dict(dict), key, hash, out) >= 0;
}

Value dict_get_str(Thread *th, Value dict, Value key)
{
    Value v;
    dict_get_hash(th, value_dict(dict), key, str_hash_inline(value_str(key)), &v);
    return v;
}

bool dict_insert_locked(Thread *th, Dict *d, Value key, int64_t hash, Value v)
{
    rt_store_barrier(th, &d->header, key);
    DictTable *t = atomic_load_explicit(&d->table, memory_order_relaxed);
    int64_t used = atomic_load_explicit(&d->used, memory_order_relaxed);
    if (atomic_load_explicit(&t->count, memory_order_relaxed) == t->usable) {
        /* 3 times the live entries: room to grow, or a clean-up if most are holes. */
        if (!dict_grow_locked(th, d, used < 3 ? 4 : used * 2)) {
            return false;
        }
        t = atomic_load_explicit(&d->table, memory_order_relaxed);
    }
    table_append(t, key, hash, v);
    watched_change(th, d);
    atomic_store_explicit(&d->used, used + 1, memory_order_release);
    return true;
}

bool dict_set_hash_steal(Thread *th, Dict *d, Value key, int64_t hash, Value v)
{
    object_lock(th, &d->header);
    DictTable *t;
    int64_t i = dict_find(th, d, key, hash, true, &t);
    /* Only now: a comparison in Python may have published the dict. */
    rt_store_barrier(th, &d->header, v);
    if (__builtin_expect(i >= 0, 1)) {
        Value old = atomic_load_explicit(&t->entries[i].value, memory_order_relaxed);
        STAT_COUNT_LOCKED(SLOT);
        atomic_store_explicit(&t->entries[i].value, v, memory_order_release);
        object_unlock(th, &d->header);
        container_drop(th, &d->header, old);
        return true;
    }
    bool ok = false;
    if (i == DICT_NOT_FOUND) {
        ok = dict_insert_locked(th, d, key, hash, v);
        if (ok) {
            rt_incref(th, key);
        }
    }
    object_unlock(th, &d->header);
    if (!ok) {
        rt_decref(th, v);
        if (i == DICT_NOT_FOUND) {
            rt_raise_memory_error(th);
        }
    }
    return ok;
}

bool dict_set_steal(Thread *th, Value dict, Value key, Value v)
{
    int64_t hash;
    if (!key_hash(th, key, &hash)) {
        rt_decref(th, v);
        return false;
    }
    return dict_set_hash_steal(th, value_dict(dict), key, hash, v);
}

bool dict_set(Thread *th, Value dict, Value key, Value v)
{
    return dict_set_steal(th, dict, key, rt_newref(th, v));
}

bool dict_set_cstr(Thread *th, Value dict, const char *key, Value v)
{
    Value name = str_intern_cstr(th, key);
    if (name == VALUE_ABSENT) {
        return false;
    }
    bool ok = dict_set(th, dict, name, v);
    rt_decref(th, name);
    return ok;
}

static bool entry_is_hole(const DictTable *t, uint32_t i)
{
    return atomic_load_explicit(&t->entries[i].value, memory_order_relaxed) == VALUE_ABSENT;
}

/* Turns entry i into a hole; its references go to the caller. Lock held. */
static void remove_locked(Dict *d, DictTable *t, int64_t i, Value *key, Value *v)
{
    DictEntry *e = &t->entries[i];
    *key = e->key;
    *v = atomic_exchange_explicit(&e->value, VALUE_ABSENT, memory_order_acq_rel);
    slot_store_release(&e->key, VALUE_ABSENT);
    uint32_t begin = atomic_load_explicit(&t->live_begin, memory_order_relaxed);
    while (begin < t->live_end && entry_is_hole(t, begin)) {
        begin++;
    }
    atomic_store_explicit(&t->live_begin, begin, memory_order_relaxed);
    while (t->live_end > begin && entry_is_hole(t, t->live_end - 1)) {
        t->live_end--;
    }
    atomic_fetch_sub_explicit(&d->used, 1, memory_order_release);
}

static int take_hash(Thread *th, Dict *d, Value key, int64_t hash, Value *out)
{
    *out = VALUE_ABSENT;
    object_lock(th, &d->header);
    DictTable *t;
    int64_t i = dict_find(th, d, key, hash, true, &t);
    Value old_key = VALUE_ABSENT;
    if (i >= 0) {
        remove_locked(d, t, i, &old_key, out);
    }
    object_unlock(th, &d->header);
    if (i < 0) {
        return i == DICT_ERROR ? -1 : 0;
    }
    container_drop(th, &d->header, old_key);
    return 1;
}

int dict_take(Thread *th, Dict *d, Value key, Value *out)
{
    int64_t hash;
    *out = VALUE_ABSENT;
    if (!key_hash(th, key, &hash)) {
        return -1;
    }
    int r = take_hash(th, d, key, hash, out);
    if (r > 0 && !object_exclusive(th, &d->header)) {
        epoch_retire_value(th, rt_newref(th, *out));
    }
    return r;
}

int dict_take_last(Thread *th, Dict *d, Value *key, Value *v)
{
    object_lock(th, &d->header);
    DictTable *t = atomic_load_explicit(&d->table, memory_order_relaxed);
    int found = t->live_end > 0 && atomic_load_explicit(&d->used, memory_order_relaxed) > 0;
    if (found) {
        remove_locked(d, t, (int64_t)t->live_end - 1, key, v);
    }
    object_unlock(th, &d->header);
    if (found && !object_exclusive(th, &d->header)) {
        epoch_retire_value(th, rt_newref(th, *key));
        epoch_retire_value(th, rt_newref(th, *v));
    }
    return found;
}

int dict_delete(Thread *th, Value dict, Value key)
{
    int64_t hash;
    Value v;
    if (!key_hash(th, key, &hash)) {
        return -1;
    }
    int r = take_hash(th, value_dict(dict), key, hash, &v);
    container_drop(th, value_object(dict), v);
    return r;
}

int dict_contains(Thread *th, Value dict, Value key)
{
    int64_t hash;
    DictTable *t;
    if (!key_hash(th, key, &hash)) {
        return -1;
    }
    int64_t i = dict_find(th, value_dict(dict), key, hash, false, &t);
    return i >= 0 ? 1 : i == DICT_ERROR ? -1 : 0;
}

Value dict_setdefault(Thread *th, Value dict, Value key, Value v)
{
    Dict *d = value_dict(dict);
    int64_t hash;
    if (!key_hash(th, key, &hash)) {
        return VALUE_ABSENT;
    }
    object_lock(th, &d->header);
    DictTable *t;
    int64_t i = dict_find(th, d, key, hash, true, &t);
    rt_store_barrier(th, &d->header, v);
    Value result = VALUE_ABSENT;
    if (i >= 0) {
        result = atomic_load_explicit(&t->entries[i].value, memory_order_relaxed);
    } else if (i == DICT_NOT_FOUND && dict_insert_locked(th, d, key, hash, v)) {
        rt_incref(th, key);
        rt_incref(th, v);
        result = v;
    }
    if (result != VALUE_ABSENT) {
        rt_incref(th, result);
    }
    object_unlock(th, &d->header);
    if (result == VALUE_ABSENT && i == DICT_NOT_FOUND) {
        rt_raise_memory_error(th);
    }
    return result;
}

bool dict_next(Value dict, int64_t *position, Value *key, Value *v)
{
    const DictTable *t = dict_table_acquire(value_dict(dict));
    int64_t n = dict_count_acquire(t);
    int64_t i = *position > t->live_begin ? *position : t->live_begin;
    for (; i < n; i++) {
        const DictEntry *e = &t->entries[i];
        Value found = atomic_load_explicit(&e->value, memory_order_acquire);
        Value k = slot_load_acquire(&e->key);
        if (found != VALUE_ABSENT && k != VALUE_ABSENT) {
            *position = i + 1;
            *key = k;
            *v = found;
            return true;
        }
    }
    *position = n;
    return false;
}

bool dict_entry_next(Thread *th, const Dict *d, int64_t *position, Value *key, Value *v,
                     int64_t *hash)
{
    const DictTable *t = dict_table_acquire(d);
    if (!dict_next(value_from_object(d), position, key, v)) {
        return false;
    }
    rt_incref(th, *key);
    rt_incref(th, *v);
    if (dict_table_acquire(d) == t) {
        *hash = t->entries[*position - 1].hash;
        return true;
    }
    /* The table was replaced in between (another thread): hashes of what is a key are known. */
    if (key_hash(th, *key, hash)) {
        return true;
    }
    rt_decref(th, *key);
    rt_decref(th, *v);
    return false;
}

_Atomic Value *dict_value_slot(Value dict, Value key)
{
    DictTable *t = dict_table_acquire(value_dict(dict));
    int64_t at;
    int64_t i = probe(t, key, str_hash_inline(value_str(key)), &at);
    return i >= 0 ? &t->entries[i].value : NULL;
}

uint64_t dict_version(Value dict)
{
    return atomic_load_explicit(&value_dict(dict)->version, memory_order_acquire);
}

void dict_clear(Thread *th, Dict *d)
{
    object_lock(th, &d->header);
    DictTable *t = atomic_load_explicit(&d->table, memory_order_relaxed);
    atomic_store_explicit(&d->table, &empty_table, memory_order_release);
    atomic_store_explicit(&d->used, 0, memory_order_release);
    atomic_fetch_add_explicit(&d->version, 1, memory_order_release);
    watched_change(th, d);
    object_unlock(th, &d->header);
    uint32_t n = atomic_load_explicit(&t->count, memory_order_relaxed);
    for (uint32_t i = 0; i < n; i++) {
        container_drop(th, &d->header, t->entries[i].key);
        container_drop(th, &d->header,
                       atomic_load_explicit(&t->entries[i].value, memory_order_relaxed));
    }
    table_retire(th, d, t);
}

Value dict_copy(Thread *th, Value dict)
{
    Value copy = dict_new(th);
    if (copy == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Dict *from = value_dict(dict), *to = value_dict(copy);
    object_lock(th, &from->header);
    DictTable *t = atomic_load_explicit(&from->table, memory_order_relaxed);
    int64_t used = atomic_load_explicit(&from->used, memory_order_relaxed);
    bool ok = used == 0 || dict_grow_locked(th, to, used);
    if (ok && used > 0) {
        uint32_t n = atomic_load_explicit(&t->count, memory_order_relaxed);
        for (uint32_t i = t->live_begin; i < n; i++) {
            const DictEntry *e = &t->entries[i];
            Value v = atomic_load_explicit(&e->value, memory_order_relaxed);
            if (v != VALUE_ABSENT) {
                table_append(atomic_load_explicit(&to->table, memory_order_relaxed),
                             rt_newref(th, e->key), e->hash, rt_newref(th, v));
            }
        }
        atomic_store_explicit(&to->used, used, memory_order_release);
    }
    object_unlock(th, &from->header);
    if (!ok) {
        rt_decref(th, copy);
        return rt_raise_memory_error(th);
    }
    return copy;
}
