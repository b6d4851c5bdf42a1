/*
 * Set: tables and their counts, and how several threads write one: groups of 16 slots, each with a lock byte.
 *
 * What a writer does under a group is a handful of stores; nothing is allocated, dropped or compared.  Lock
 * order: the set's lock, then groups in ascending order.
 *
 * Threads: as runtime/set_table.h says.
 */
#include "runtime/set_table.h"
#include "runtime/stats.h"

#include <sched.h>
#include <string.h>

enum { GROUP_SPINS = 64, LINE_BYTES = 64 };

static SetEntry empty_entries[SET_MIN_SLOTS];
static _Atomic uint8_t empty_groups[1] = {SET_GROUP_DEAD};
/* The table of all empty sets; never written. */
static SetTable empty_table = {.mask = SET_MIN_SLOTS - 1,
                               .entries = empty_entries,
                               .groups = empty_groups};

SetTable *set_empty_table(void) { return &empty_table; }

static uint64_t group_count(const SetTable *t) { return (t->mask >> SET_GROUP_SHIFT) + 1; }

static size_t table_size_bytes(uint64_t slots)
{
    size_t stripes = slots >= SET_STRIPED_SLOTS ? (SET_STRIPES + 1) * sizeof(SetStripe) : 0;
    return sizeof(SetTable) + stripes + slots * sizeof(SetEntry) + (slots >> SET_GROUP_SHIFT) + 1;
}

SetTable *set_table_new(uint64_t slots)
{
    if (slots > OBJECT_SIZE_MAX / sizeof(SetEntry)) {
        return NULL;
    }
    SetTable *t = rt_calloc(1, table_size_bytes(slots));
    if (t == NULL) {
        return NULL;
    }
    t->mask = slots - 1;
    t->entries = (SetEntry *)(void *)(t + 1);
    char *end = (char *)(t->entries + slots);
    if (slots >= SET_STRIPED_SLOTS) {
        uintptr_t line = ((uintptr_t)end + LINE_BYTES - 1) & ~(uintptr_t)(LINE_BYTES - 1);
        t->stripes = (SetStripe *)line;
        end += (SET_STRIPES + 1) * sizeof(SetStripe);
    }
    t->groups = (_Atomic uint8_t *)end;
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

void set_table_retire(Thread *th, const Set *s, SetTable *t)
{
    if (t == &empty_table) {
        return;
    }
    if (object_exclusive(th, &s->header)) {
        rt_free(t);
    } else {
        epoch_retire(th, t, table_size_bytes(t->mask + 1), free_table);
    }
}

int64_t set_table_used(const SetTable *t)
{
    int64_t n = atomic_load_explicit(&t->used, memory_order_relaxed);
    if (atomic_load_explicit(&t->striped, memory_order_relaxed)) {
        for (int i = 0; i < SET_STRIPES; i++) {
            n += atomic_load_explicit(&t->stripes[i].used, memory_order_relaxed);
        }
    }
    return n < 0 ? 0 : n; /* read one after the other: for a moment too small */
}

int64_t set_table_fill(const SetTable *t)
{
    int64_t n = atomic_load_explicit(&t->fill, memory_order_relaxed);
    if (atomic_load_explicit(&t->striped, memory_order_relaxed)) {
        for (int i = 0; i < SET_STRIPES; i++) {
            n += atomic_load_explicit(&t->stripes[i].fill, memory_order_relaxed);
        }
    }
    return n;
}

/* The thread's stripe of a large table, or NULL. */
static SetStripe *stripe_of(const Thread *th, SetTable *t)
{
    if (t->stripes == NULL) {
        return NULL;
    }
    if (!atomic_load_explicit(&t->striped, memory_order_relaxed)) {
        atomic_store_explicit(&t->striped, true, memory_order_relaxed);
    }
    return &t->stripes[th->tid % SET_STRIPES];
}

static void count_used(const Thread *th, SetTable *t, int64_t change)
{
    SetStripe *stripe = stripe_of(th, t);
    atomic_fetch_add_explicit(stripe != NULL ? &stripe->used : &t->used, change,
                              memory_order_relaxed);
}

/* One more slot is filled. false: then none would stay absent. */
static bool count_fill(const Thread *th, SetTable *t)
{
    SetStripe *stripe = stripe_of(th, t);
    if (stripe == NULL) {
        if (atomic_fetch_add_explicit(&t->fill, 1, memory_order_relaxed) + 1 <= (int64_t)t->mask) {
            return true;
        }
        atomic_fetch_sub_explicit(&t->fill, 1, memory_order_relaxed);
        return false;
    }
    int64_t step = (int64_t)(t->mask + 1) >> SET_FILL_STEPS_SHIFT;
    int64_t n = atomic_fetch_add_explicit(&stripe->fill, 1, memory_order_relaxed) + 1;
    if (n % step == 0) {
        atomic_fetch_add_explicit(&t->fill, step, memory_order_relaxed);
        atomic_fetch_sub_explicit(&stripe->fill, step, memory_order_relaxed);
    }
    return true;
}

/* Is it time to grow, as far as the common count knows? */
static bool is_full(const SetTable *t)
{
    return (uint64_t)atomic_load_explicit(&t->fill, memory_order_relaxed) * 5 >= t->mask * 3;
}

/* Takes a group byte. to: HELD or DEAD. false: the table is dead. */
static bool group_take(SetTable *t, uint64_t group, uint8_t to)
{
    STAT_COUNT(GROUP_TAKE);
    STAT_LOCKED(1);
    for (int spins = 1;; spins++) {
        uint8_t byte = SET_GROUP_FREE;
        /* acquire: pairs with the release in group_release */
        if (atomic_compare_exchange_weak_explicit(&t->groups[group], &byte, to,
                                                  memory_order_acquire, memory_order_relaxed)) {
            return true;
        }
        if (byte == SET_GROUP_DEAD) {
            STAT_LOCKED(-1);
            return false;
        }
        if (spins % GROUP_SPINS == 0) {
            sched_yield();
        } else {
            __builtin_ia32_pause();
        }
    }
}
static void group_release(SetTable *t, uint64_t group)
{
    STAT_COUNT(GROUP_RELEASE);
    STAT_LOCKED(-1);
    atomic_store_explicit(&t->groups[group], SET_GROUP_FREE, memory_order_release);
}

/* All groups of a table that is in a set whose lock is held. */
static void groups_take(SetTable *t, uint8_t to)
{
    for (uint64_t i = 0; t != &empty_table && i < group_count(t); i++) {
        group_take(t, i, to);
    }
}
static void groups_release(SetTable *t)
{
    for (uint64_t i = 0; t != &empty_table && i < group_count(t); i++) {
        group_release(t, i);
    }
}

SetTable *set_swap_table(Thread *th, Set *s, SetTable *t)
{
    SetTable *old = set_table_acquire(s);
    if (!object_exclusive(th, &s->header)) {
        groups_take(old, SET_GROUP_DEAD);
    }
    atomic_store_explicit(&s->table, t, memory_order_release);
    atomic_fetch_add_explicit(&s->version, 1, memory_order_release);
    return old;
}

/* Copies the keys of a table that nobody writes into a new one. */
static SetTable *table_rebuilt(const SetTable *old, uint64_t slots)
{
    SetTable *t = set_table_new(slots);
    for (uint64_t i = 0; t != NULL && i <= old->mask; i++) {
        if (set_is_key(old->entries[i].key)) {
            set_table_insert(t, old->entries[i].key, old->entries[i].hash);
        }
    }
    return t;
}

bool set_resize_locked(Thread *th, Set *s, int64_t minimum)
{
    SetTable *old = set_table_acquire(s);
    bool shared = !object_exclusive(th, &s->header);
    if (shared) {
        groups_take(old, SET_GROUP_HELD);
    }
    uint64_t slots = SET_MIN_SLOTS, least = (uint64_t)set_table_used(old) * 5 / 3 + 1;
    while (slots <= (uint64_t)minimum || slots <= least) {
        slots <<= 1;
    }
    SetTable *t = table_rebuilt(old, slots);
    if (t != NULL) {
        atomic_store_explicit(&s->table, t, memory_order_release);
        atomic_fetch_add_explicit(&s->version, 1, memory_order_release);
    }
    for (uint64_t i = 0; shared && old != &empty_table && i < group_count(old); i++) {
        atomic_store_explicit(&old->groups[i], t != NULL ? SET_GROUP_DEAD : SET_GROUP_FREE,
                              memory_order_release);
    }
    if (t != NULL) {
        set_table_retire(th, s, old);
    }
    return t != NULL;
}

bool set_await_table(Thread *th, Set *s, const SetTable *dead)
{
    object_lock(th, &s->header);
    bool ok = set_table_acquire(s) != dead || set_resize_locked(th, s, SET_MIN_SLOTS - 1);
    object_unlock(th, &s->header);
    return ok;
}

/* Grows the table, if it is still the set's. */
static bool grow(Thread *th, Set *s, const SetTable *t)
{
    object_lock(th, &s->header);
    int64_t used = set_used(s);
    bool ok =
        set_table_acquire(s) != t || set_resize_locked(th, s, used > 50000 ? used * 2 : used * 4);
    object_unlock(th, &s->header);
    return ok;
}

int set_insert_shared(Thread *th, Set *s, SetTable *t, uint64_t at, Value key, int64_t hash)
{
    uint64_t group = at >> SET_GROUP_SHIFT;
    if (!group_take(t, group, SET_GROUP_HELD)) {
        return set_await_table(th, s, t) ? SET_AGAIN : SET_FAILED;
    }
    if (t->entries[at].key != VALUE_ABSENT) {
        group_release(t, group);
        return SET_AGAIN;
    }
    if (!count_fill(th, t)) {
        group_release(t, group);
        return grow(th, s, t) ? SET_AGAIN : SET_FAILED;
    }
    rt_incref(th, key);
    t->entries[at].hash = hash;
    slot_store_release(&t->entries[at].key, key);
    count_used(th, t, 1);
    bool full = is_full(t);
    group_release(t, group);
    if (full) {
        grow(th, s, t); /* without memory the table fills up to its last slot, and then fails */
    }
    return SET_DONE;
}

int set_remove_shared(Thread *th, Set *s, SetTable *t, uint64_t at)
{
    uint64_t group = at >> SET_GROUP_SHIFT;
    if (!group_take(t, group, SET_GROUP_HELD)) {
        return set_await_table(th, s, t) ? SET_AGAIN : SET_FAILED;
    }
    Value key = t->entries[at].key;
    if (key != SET_DUMMY) {
        slot_store_release(&t->entries[at].key, SET_DUMMY);
        count_used(th, t, -1);
    }
    group_release(t, group);
    if (key == SET_DUMMY) {
        return SET_AGAIN;
    }
    container_drop(th, &s->header, key);
    return SET_DONE;
}

Value set_pop_any(Thread *th, Set *s)
{
    object_lock(th, &s->header);
    bool shared = !object_exclusive(th, &s->header);
    SetTable *t = set_table_acquire(s);
    Value key = VALUE_ABSENT;
    uint64_t i = s->finger & t->mask, left = set_table_used(t) == 0 ? 0 : t->mask + 1;
    for (; left > 0; left--, i = i == t->mask ? 0 : i + 1) {
        if (!set_is_key(slot_load_acquire(&t->entries[i].key))) {
            continue;
        }
        bool held = !shared || group_take(t, i >> SET_GROUP_SHIFT, SET_GROUP_HELD);
        key = held ? t->entries[i].key : SET_DUMMY;
        if (key != SET_DUMMY) {
            slot_store_release(&t->entries[i].key, SET_DUMMY);
            if (shared) {
                count_used(th, t, -1);
            } else {
                atomic_store_explicit(&t->used,
                                      atomic_load_explicit(&t->used, memory_order_relaxed) - 1,
                                      memory_order_relaxed);
            }
        }
        if (shared && held) {
            group_release(t, i >> SET_GROUP_SHIFT);
        }
        if (key != SET_DUMMY) {
            s->finger = i + 1;
            break;
        }
    }
    object_unlock(th, &s->header);
    if (left == 0) {
        return VALUE_ABSENT;
    }
    if (shared) {
        epoch_retire_value(th, rt_newref(th, key));
    }
    return key;
}

/* The same table again, dummies included, with references. Nobody writes t. */
static SetTable *table_copy(Thread *th, const SetTable *t)
{
    SetTable *copy = t == &empty_table ? &empty_table : set_table_new(t->mask + 1);
    if (copy == NULL || copy == &empty_table) {
        return copy;
    }
    memcpy(copy->entries, t->entries, (t->mask + 1) * sizeof(SetEntry));
    for (uint64_t i = 0; i <= t->mask; i++) {
        rt_incref(th, t->entries[i].key);
    }
    copy->used = set_table_used(t);
    copy->fill = set_table_fill(t);
    return copy;
}

Value set_seen(Thread *th, Value set)
{
    Set *s = value_set(set);
    if (s->header.type_id == TYPE_FROZENSET || object_exclusive(th, &s->header)) {
        return rt_newref(th, set);
    }
    Value seen = set_new(th, false);
    if (seen == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    object_lock(th, &s->header);
    SetTable *t = set_table_acquire(s);
    groups_take(t, SET_GROUP_HELD);
    SetTable *copy = table_copy(th, t);
    groups_release(t);
    object_unlock(th, &s->header);
    if (copy == NULL) {
        rt_decref(th, seen);
        return rt_raise_memory_error(th);
    }
    atomic_store_explicit(&value_set(seen)->table, copy, memory_order_relaxed);
    return seen;
}
