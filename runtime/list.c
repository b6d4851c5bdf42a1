/*
 * List: table management and the C interface.
 *
 * Slices are in list_slice.c, methods and the type in list_methods.c, sorting in list_sort.c.
 *
 * Invariant: slots [0, size) of the table hold values, the rest is absent; capacity never changes
 * within a table.  An exclusive list grows by realloc; a shared one gets a new table, and the old
 * one is retired, so a reader always checks its index against the table that it has loaded.
 *
 * Threads: readers lock-free (table acquire, then the slot acquire; an absent slot means that the
 * list became shorter); writers hold the lock.
 */
#include "runtime/cursor.h"
#include "runtime/list_internal.h"

#include <assert.h>
#include <sched.h>
#include <string.h>

enum { SPINS = 64 };
#define LIST_MAX_CAPACITY (OBJECT_SIZE_MAX / 16)

static ListTable empty_table = {.capacity = 0}; /* never written */

ListTable *list_empty_table(void) { return &empty_table; }

ListTable *list_table_new(int64_t capacity)
{
    if (capacity == 0) {
        return &empty_table;
    }
    if (capacity > LIST_MAX_CAPACITY) {
        return NULL;
    }
    ListTable *t = rt_calloc(1, sizeof(ListTable) + (size_t)capacity * sizeof(Value));
    if (t != NULL) {
        t->capacity = capacity;
    }
    return t;
}

static void free_table(Thread *th, void *p)
{
    (void)th;
    rt_free(p);
}

void list_table_retire(Thread *th, const List *l, ListTable *table)
{
    if (table == &empty_table) {
        return;
    }
    if (object_exclusive(th, &l->header)) {
        rt_free(table);
    } else {
        epoch_retire(th, table, sizeof(ListTable) + (size_t)table->capacity * sizeof(Value),
                     free_table);
    }
}

static void list_set_size(List *l, int64_t size)
{
    STAT_COUNT_LOCKED(SIZE);
    atomic_store_explicit(&l->size, size, memory_order_release);
}

bool list_reserve_locked(Thread *th, List *l, int64_t capacity)
{
    ListTable *old = list_table_relaxed(l);
    if (capacity <= old->capacity) {
        return true;
    }
    if (capacity > LIST_MAX_CAPACITY) {
        return false;
    }
    /* Appending grows by half; what makes a big step seldom grows again. */
    capacity += capacity > 2 * old->capacity ? capacity / 8 + 4 : capacity / 2 + 4;
    ListTable *t;
    if (object_exclusive(th, &l->header) && old != &empty_table) {
        t = rt_realloc(old, sizeof(ListTable) + (size_t)capacity * sizeof(Value));
        if (t == NULL) {
            return false;
        }
        memset(t->slots + t->capacity, 0, (size_t)(capacity - t->capacity) * sizeof(Value));
        t->capacity = capacity;
        atomic_store_explicit(&l->table, t, memory_order_relaxed);
        return true;
    }
    t = list_table_new(capacity);
    if (t == NULL) {
        return false;
    }
    memcpy(t->slots, old->slots, (size_t)list_size_relaxed(l) * sizeof(Value));
    atomic_store_explicit(&l->table, t, memory_order_release);
    list_table_retire(th, l, old);
    return true;
}

/* The exclusive form works in the table itself. */
static bool replace_in_place(Thread *th, List *l, int64_t low, int64_t high, const Value *items,
                             int64_t count)
{
    int64_t size = list_size_relaxed(l), new_size = size - (high - low) + count;
    if (!list_reserve_locked(th, l, new_size)) {
        return false;
    }
    Value *slots = list_table_relaxed(l)->slots;
    if (count != high - low) {
        memmove(slots + low + count, slots + high, (size_t)(size - high) * sizeof(Value));
    }
    if (count > 0) {
        memcpy(slots + low, items, (size_t)count * sizeof(Value));
    }
    if (new_size < size) {
        memset(slots + new_size, 0, (size_t)(size - new_size) * sizeof(Value));
    }
    list_set_size(l, new_size);
    return true;
}

static bool replace_with_new_table(Thread *th, List *l, int64_t low, int64_t high,
                                   const Value *items, int64_t count)
{
    int64_t size = list_size_relaxed(l), new_size = size - (high - low) + count;
    ListTable *old = list_table_relaxed(l), *t = list_table_new(new_size + new_size / 8);
    if (t == NULL) {
        return false;
    }
    memcpy(t->slots, old->slots, (size_t)low * sizeof(Value));
    if (count > 0) {
        memcpy(t->slots + low, items, (size_t)count * sizeof(Value));
    }
    memcpy(t->slots + low + count, old->slots + high, (size_t)(size - high) * sizeof(Value));
    /* In this order for item_from_end. */
    if (new_size > size) {
        list_set_size(l, new_size);
    }
    atomic_store_explicit(&l->table, t, memory_order_release);
    if (new_size <= size) {
        list_set_size(l, new_size);
    }
    list_table_retire(th, l, old);
    return true;
}

bool list_replace_locked(Thread *th, List *l, int64_t low, int64_t high, const Value *items,
                         int64_t count, Value *removed)
{
    ListTable *t = list_table_relaxed(l);
    assert(low >= 0 && low <= high && high <= list_size_relaxed(l));
    if (high > low) {
        memcpy(removed, t->slots + low, (size_t)(high - low) * sizeof(Value));
    }
    if (object_exclusive(th, &l->header)) {
        return replace_in_place(th, l, low, high, items, count);
    }
    return replace_with_new_table(th, l, low, high, items, count);
}

ListTable *list_table_to_change(Thread *th, List *l)
{
    ListTable *t = list_table_relaxed(l);
    if (t == &empty_table || object_exclusive(th, &l->header)) {
        return t;
    }
    ListTable *copy = list_table_new(t->capacity);
    if (copy != NULL) {
        memcpy(copy->slots, t->slots, (size_t)list_size_relaxed(l) * sizeof(Value));
    }
    return copy;
}

ListTable *list_table_changed(List *l, ListTable *t)
{
    ListTable *old = list_table_relaxed(l);
    if (t == NULL || t == old) {
        return &empty_table;
    }
    atomic_store_explicit(&l->table, t, memory_order_release);
    return old;
}

ListTable *list_take_all(Thread *th, List *l, int64_t *size)
{
    object_lock(th, &l->header);
    ListTable *t = list_table_relaxed(l);
    *size = list_size_relaxed(l);
    atomic_store_explicit(&l->table, &empty_table, memory_order_release);
    list_set_size(l, 0);
    object_unlock(th, &l->header);
    return t;
}

void list_drop_all(Thread *th, const List *l, const Value *items, int64_t count)
{
    for (int64_t i = count - 1; i >= 0; i--) {
        container_drop(th, &l->header, items[i]);
    }
}

Value list_slice(Thread *th, Value self, int64_t start, int64_t end)
{
    ValueArray a;
    if (!list_snapshot(th, self, start, end, &a)) {
        return VALUE_ABSENT;
    }
    Value v = list_new_steal(th, a.items, a.count);
    rt_free(a.items);
    return v;
}

static Value list_alloc(Thread *th, ListTable *table, int64_t size)
{
    List *l = rt_object_new_gc(th, TYPE_LIST, sizeof(List));
    if (l == NULL) {
        if (table != &empty_table) {
            rt_free(table);
        }
        return VALUE_ABSENT;
    }
    atomic_store_explicit(&l->size, size, memory_order_relaxed);
    atomic_store_explicit(&l->table, table, memory_order_relaxed);
    return value_from_object(l);
}

Value list_from_table_steal(Thread *th, ListTable *table, int64_t size)
{
    if (table == NULL) {
        return rt_raise_memory_error(th);
    }
    Value v = list_alloc(th, &empty_table, 0);
    if (v == VALUE_ABSENT) {
        for (int64_t i = 0; i < size; i++) {
            rt_decref(th, table->slots[i]);
        }
        if (table != &empty_table) {
            rt_free(table);
        }
        return VALUE_ABSENT;
    }
    atomic_store_explicit(&value_list(v)->size, size, memory_order_relaxed);
    atomic_store_explicit(&value_list(v)->table, table, memory_order_relaxed);
    return v;
}

Value list_new_steal(Thread *th, Value *items, int64_t count)
{
    ListTable *t = list_table_new(count);
    if (t == NULL) {
        rt_raise_memory_error(th);
    } else {
        if (count > 0) {
            memcpy(t->slots, items, (size_t)count * sizeof(Value));
        }
        Value v = list_alloc(th, t, count);
        if (v != VALUE_ABSENT) {
            return v;
        }
    }
    for (int64_t i = 0; i < count; i++) {
        rt_decref(th, items[i]);
    }
    return VALUE_ABSENT;
}

Value list_new(Thread *th, const Value *items, int64_t count)
{
    ListTable *t = list_table_new(count);
    if (t == NULL) {
        return rt_raise_memory_error(th);
    }
    if (count > 0) {
        memcpy(t->slots, items, (size_t)count * sizeof(Value));
    }
    Value v = list_alloc(th, t, count);
    if (v != VALUE_ABSENT) {
        for (int64_t i = 0; i < count; i++) {
            rt_incref(th, items[i]);
        }
    }
    return v;
}

Value list_repeat_value(Thread *th, Value item, int64_t count)
{
    count = count < 0 ? 0 : count;
    ListTable *t = list_table_new(count);
    if (t == NULL) {
        return rt_raise_memory_error(th);
    }
    Value v = list_alloc(th, t, count);
    if (v != VALUE_ABSENT) {
        for (int64_t i = 0; i < count; i++) {
            t->slots[i] = rt_newref(th, item);
        }
    }
    return v;
}

int64_t list_size(Value list)
{
    return atomic_load_explicit(&value_list(list)->size, memory_order_acquire);
}

/* An item counted from the end: table and size must belong together, so the table is looked at again.
 * A writer that adds items stores the size before the table, one that removes some the table before the
 * size: what it leaves in between is seen as a hole or as a change of the table, and tried again. */
static Value item_from_end(const List *l, int64_t index)
{
    for (int spins = 1;; spins++) {
        const ListTable *t = atomic_load_explicit(&l->table, memory_order_acquire);
        int64_t size = atomic_load_explicit(&l->size, memory_order_acquire), at = index + size;
        bool inside = at >= 0 && at < t->capacity;
        Value v = inside ? slot_load_acquire(&t->slots[at]) : VALUE_ABSENT;
        if (atomic_load_explicit(&l->table, memory_order_acquire) == t &&
            (v != VALUE_ABSENT || at < 0)) {
            return v;
        }
        if (spins % SPINS == 0) {
            sched_yield(); /* the writer was interrupted between two stores */
        }
    }
}

Value list_item_lent(Value list, int64_t index)
{
    const List *l = value_list(list);
    if (__builtin_expect(index < 0, 0)) {
        return item_from_end(l, index);
    }
    const ListTable *t = atomic_load_explicit(&l->table, memory_order_acquire);
    int64_t size = atomic_load_explicit(&l->size, memory_order_acquire);
    return index < size && index < t->capacity ? slot_load_acquire(&t->slots[index]) : VALUE_ABSENT;
}

Value list_item(Thread *th, const List *l, int64_t index)
{
    Value v = index < 0 ? VALUE_ABSENT : list_item_lent(value_from_object(l), index);
    return v == VALUE_ABSENT ? VALUE_ABSENT : rt_newref(th, v);
}

Value list_get(Thread *th, Value list, int64_t index)
{
    Value v = list_item(th, value_list(list), index);
    return v != VALUE_ABSENT ? v : rt_raise(th, EXC_INDEX_ERROR, "list index out of range");
}

bool list_set(Thread *th, Value list, int64_t index, Value v)
{
    List *l = value_list(list);
    rt_store_barrier(th, &l->header, v);
    object_lock(th, &l->header);
    index += index < 0 ? list_size_relaxed(l) : 0;
    if (index < 0 || index >= list_size_relaxed(l)) {
        object_unlock(th, &l->header);
        rt_raise(th, EXC_INDEX_ERROR, "list assignment index out of range");
        return false;
    }
    Value *slot = &list_table_relaxed(l)->slots[index];
    Value old = *slot;
    rt_incref(th, v);
    slot_store_release(slot, v);
    object_unlock(th, &l->header);
    container_drop(th, &l->header, old);
    return true;
}

bool list_append_steal(Thread *th, Value list, Value v)
{
    List *l = value_list(list);
    rt_store_barrier(th, &l->header, v);
    object_lock(th, &l->header);
    int64_t size = list_size_relaxed(l);
    if (__builtin_expect(size == list_table_relaxed(l)->capacity, 0) &&
        !list_reserve_locked(th, l, size + 1)) {
        object_unlock(th, &l->header);
        rt_decref(th, v);
        rt_raise_memory_error(th);
        return false;
    }
    slot_store_release(&list_table_relaxed(l)->slots[size], v);
    list_set_size(l, size + 1);
    object_unlock(th, &l->header);
    return true;
}

bool list_append(Thread *th, Value list, Value v)
{
    return list_append_steal(th, list, rt_newref(th, v));
}

bool list_insert(Thread *th, Value list, int64_t index, Value v)
{
    List *l = value_list(list);
    rt_store_barrier(th, &l->header, v);
    object_lock(th, &l->header);
    index = clamp_index(index, list_size_relaxed(l));
    Value unused;
    bool ok = list_replace_locked(th, l, index, index, &v, 1, &unused);
    object_unlock(th, &l->header);
    if (!ok) {
        rt_raise_memory_error(th);
        return false;
    }
    rt_incref(th, v);
    return true;
}

Value list_pop(Thread *th, Value list, int64_t index)
{
    List *l = value_list(list);
    object_lock(th, &l->header);
    int64_t size = list_size_relaxed(l);
    if (index < 0) {
        index += size;
    }
    if (index < 0 || index >= size) {
        object_unlock(th, &l->header);
        return rt_raise(th, EXC_INDEX_ERROR,
                        size == 0 ? "pop from empty list" : "pop index out of range");
    }
    Value v = list_table_relaxed(l)->slots[index];
    bool ok = true;
    if (index == size - 1) {
        list_set_size(l, size - 1);
        slot_store_release(&list_table_relaxed(l)->slots[index], VALUE_ABSENT);
    } else {
        ok = list_replace_locked(th, l, index, index + 1, NULL, 0, &v);
    }
    object_unlock(th, &l->header);
    if (!ok) {
        return rt_raise_memory_error(th);
    }
    if (!object_exclusive(th, &l->header)) {
        rt_incref(th, v);
        epoch_retire_value(th, v);
    }
    return v;
}

bool list_snapshot(Thread *th, Value list, int64_t start, int64_t end, ValueArray *out)
{
    List *l = value_list(list);
    object_lock(th, &l->header);
    int64_t size = list_size_relaxed(l);
    end = end > size ? size : end;
    int64_t count = end > start ? end - start : 0;
    *out = (ValueArray){.items = rt_malloc((size_t)count * sizeof(Value)),
                        .count = count,
                        .capacity = count};
    if (out->items == NULL) {
        object_unlock(th, &l->header);
        *out = (ValueArray){0};
        rt_raise_memory_error(th);
        return false;
    }
    const Value *slots = list_table_relaxed(l)->slots + start;
    for (int64_t i = 0; i < count; i++) {
        out->items[i] = rt_newref(th, slots[i]);
    }
    object_unlock(th, &l->header);
    return true;
}

/* Appends a whole array of stolen values. */
static bool extend_array_steal(Thread *th, List *l, ValueArray *a)
{
    list_barrier(th, l, a->items, a->count);
    object_lock(th, &l->header);
    int64_t size = list_size_relaxed(l);
    bool ok = list_reserve_locked(th, l, size + a->count);
    if (ok) {
        Value *slots = list_table_relaxed(l)->slots;
        for (int64_t i = 0; i < a->count; i++) {
            slot_store_release(&slots[size + i], a->items[i]);
        }
        list_set_size(l, size + a->count);
        a->count = 0;
    }
    object_unlock(th, &l->header);
    value_array_clear(th, a);
    if (!ok) {
        rt_raise_memory_error(th);
    }
    return ok;
}

/* Both exclusive; they may be the same. */
static bool extend_from_list(Thread *th, List *l, const List *from)
{
    int64_t size = list_size_relaxed(l), count = list_size_relaxed(from);
    if (!list_reserve_locked(th, l, size + count)) {
        rt_raise_memory_error(th);
        return false;
    }
    Value *to = list_table_relaxed(l)->slots + size;
    const Value *items = list_table_relaxed(from)->slots;
    for (int64_t i = 0; i < count; i++) {
        rt_store_barrier(th, &l->header, items[i]);
        to[i] = rt_newref(th, items[i]);
    }
    list_set_size(l, size + count);
    return true;
}

bool list_extend(Thread *th, Value list, Value iterable)
{
    List *l = value_list(list);
    ValueArray a = {0};
    if (value_is_list(iterable)) {
        if (object_exclusive(th, &l->header) && object_exclusive(th, value_object(iterable))) {
            return extend_from_list(th, l, value_list(iterable));
        }
        return list_snapshot(th, iterable, 0, INT64_MAX, &a) && extend_array_steal(th, l, &a);
    }
    if (value_is_tuple(iterable)) {
        if (!value_array_extend(th, &a, iterable)) {
            value_array_clear(th, &a);
            return false;
        }
        return extend_array_steal(th, l, &a);
    }
    if (value_has_type(iterable, TYPE_RANGE) && rt_length(th, iterable) < 0) {
        return false; /* OverflowError: its items are not even counted */
    }
    Cursor c;
    if (!cursor_open(th, &c, iterable)) {
        cursor_close(th, &c);
        return false;
    }
    if (c.kind == CURSOR_RANGE && object_exclusive(th, &l->header) &&
        !list_reserve_locked(th, l, list_size_relaxed(l) + c.remaining)) {
        cursor_close(th, &c);
        rt_raise_memory_error(th);
        return false;
    }
    if (!object_exclusive(th, &l->header) && container_walk_is_quiet(iterable)) {
        cursor_close(th, &c); /* in one step, as CPython, where no Python code runs in between */
        if (!value_array_extend(th, &a, iterable)) {
            value_array_clear(th, &a);
            return false;
        }
        return extend_array_steal(th, l, &a);
    }
    /* One by one, as CPython: what came before an exception stays. */
    bool ok = true;
    Value v = VALUE_ABSENT;
    while (ok && (v = cursor_next(th, &c)) != VALUE_ABSENT) {
        ok = list_append_steal(th, list, v);
    }
    cursor_close(th, &c);
    return ok && !rt_pending(th);
}

Value list_to_tuple(Thread *th, Value list)
{
    ValueArray a;
    if (!list_snapshot(th, list, 0, INT64_MAX, &a)) {
        return VALUE_ABSENT;
    }
    Value v = tuple_new_steal(th, a.items, a.count);
    rt_free(a.items);
    return v;
}
