/*
 * List subscripts: items and slices, read, assigned and deleted.
 *
 * What is assigned is materialised first, then the list is locked and the slice is cut to the
 * length that it has then; what was removed is dropped after unlocking.
 *
 * Threads: as list.c.
 */
#include "runtime/list_internal.h"

#include <string.h>

static Value get_slice(Thread *th, Value self, Value slice)
{
    int64_t start, stop, step;
    if (!slice_unpack(th, slice, &start, &stop, &step)) {
        return VALUE_ABSENT;
    }
    List *l = value_list(self);
    object_lock(th, &l->header);
    int64_t count = slice_adjust(list_size_relaxed(l), &start, &stop, step);
    ListTable *t = list_table_new(count);
    if (t != NULL) {
        const Value *slots = list_table_relaxed(l)->slots;
        for (int64_t i = 0; i < count; i++) {
            t->slots[i] = rt_newref(th, slots[start + i * step]);
        }
    }
    object_unlock(th, &l->header);
    return list_from_table_steal(th, t, count);
}

Value list_getitem(Thread *th, Value self, Value key)
{
    int64_t index;
    if (value_is_small_int(key)) {
        index = value_int(key);
    } else if (value_has_type(key, TYPE_SLICE)) {
        return get_slice(th, self, key);
    } else if (!sequence_index(th, key, "list", &index)) {
        return VALUE_ABSENT;
    }
    Value v = list_item_lent(self, index);
    return v != VALUE_ABSENT ? rt_newref(th, v)
                             : rt_raise(th, EXC_INDEX_ERROR, "list index out of range");
}

/* Replaces [low, high), a slice not yet cut to the size, by the stolen items of a. */
static bool replace_range(Thread *th, Value self, int64_t low, int64_t high, ValueArray *a)
{
    List *l = value_list(self);
    list_barrier(th, l, a->items, a->count);
    object_lock(th, &l->header);
    slice_adjust(list_size_relaxed(l), &low, &high, 1);
    high = high < low ? low : high;
    Value small[16], *removed = small;
    if (high - low > 16) {
        removed = rt_malloc((size_t)(high - low) * sizeof(Value));
    }
    bool ok = removed != NULL && list_replace_locked(th, l, low, high, a->items, a->count, removed);
    object_unlock(th, &l->header);
    if (ok) {
        a->count = 0;
        list_drop_all(th, l, removed, high - low);
    } else {
        rt_raise_memory_error(th);
    }
    if (removed != small) {
        rt_free(removed);
    }
    value_array_clear(th, a);
    return ok;
}

/* Puts the stolen items of a at start, start + step, ... The old items come back in a. */
static bool assign_steps(Thread *th, Value self, int64_t start, int64_t stop, int64_t step,
                         ValueArray *a)
{
    List *l = value_list(self);
    list_barrier(th, l, a->items, a->count);
    object_lock(th, &l->header);
    int64_t count = slice_adjust(list_size_relaxed(l), &start, &stop, step);
    bool same = count == a->count;
    ListTable *t = same ? list_table_to_change(th, l) : NULL;
    for (int64_t i = 0; t != NULL && i < count; i++) {
        Value old = t->slots[start + i * step];
        t->slots[start + i * step] = a->items[i];
        a->items[i] = old;
    }
    ListTable *replaced = list_table_changed(l, t);
    object_unlock(th, &l->header);
    list_table_retire(th, l, replaced);
    if (same && t == NULL) {
        rt_raise_memory_error(th);
        same = false;
    } else if (!same) {
        rt_raise(th, EXC_VALUE_ERROR,
                 "attempt to assign sequence of size %lld to extended slice of size %lld",
                 (long long)a->count, (long long)count);
    } else {
        list_drop_all(th, l, a->items, a->count);
        a->count = 0;
    }
    value_array_clear(th, a);
    return same;
}

/* kept and gone: what stays and what goes, from an ascending slice. */
static void partition_items(const Value *slots, int64_t size, int64_t start, int64_t step,
                            int64_t count, Value *kept, Value *gone)
{
    int64_t next = start, k = 0, g = 0;
    for (int64_t i = 0; i < size; i++) {
        if (g < count && i == next) {
            gone[g++] = slots[i];
            next += g < count ? step : 0;
        } else {
            kept[k++] = slots[i];
        }
    }
}

static bool delete_steps(Thread *th, Value self, int64_t start, int64_t stop, int64_t step)
{
    List *l = value_list(self);
    object_lock(th, &l->header);
    int64_t size = list_size_relaxed(l), count = slice_adjust(size, &start, &stop, step);
    if (step < 0 && count > 0) {
        start += (count - 1) * step;
        step = -step;
    }
    Value *work = rt_malloc((size_t)size * 2 * sizeof(Value));
    bool ok = work != NULL;
    if (ok && count > 0) {
        Value *kept = work, *gone = work + (size - count), *old = work + size;
        partition_items(list_table_relaxed(l)->slots, size, start, step, count, kept, gone);
        ok = list_replace_locked(th, l, 0, size, kept, size - count, old);
    }
    object_unlock(th, &l->header);
    if (!ok) {
        rt_raise_memory_error(th);
    } else {
        list_drop_all(th, l, work + (size - count), count);
    }
    rt_free(work);
    return ok;
}

bool list_set_slice(Thread *th, Value self, Value slice, Value iterable)
{
    int64_t start, stop, step;
    if (!slice_unpack(th, slice, &start, &stop, &step)) {
        return false;
    }
    if (iterable == VALUE_ABSENT && step != 1) {
        return delete_steps(th, self, start, stop, step);
    }
    ValueArray a = {0};
    if (iterable != VALUE_ABSENT) {
        if (value_is_list(iterable)) {
            if (!list_snapshot(th, iterable, 0, INT64_MAX, &a)) {
                return false;
            }
        } else if (!value_array_extend(th, &a, iterable)) {
            value_array_clear(th, &a);
            if (rt_pending_is(th, EXC_TYPE_ERROR) && rt_type_of(iterable)->iter == NULL) {
                rt_clear_exception(th);
                rt_raise(th, EXC_TYPE_ERROR,
                         step == 1 ? "can only assign an iterable"
                                   : "must assign iterable to extended slice");
            }
            return false;
        }
    }
    if (step != 1) {
        return assign_steps(th, self, start, stop, step, &a);
    }
    return replace_range(th, self, start, stop, &a);
}

static bool delete_item(Thread *th, Value self, int64_t index)
{
    List *l = value_list(self);
    object_lock(th, &l->header);
    int64_t size = list_size_relaxed(l);
    index += index < 0 ? size : 0;
    bool inside = index >= 0 && index < size;
    Value removed = VALUE_ABSENT;
    bool ok = inside && list_replace_locked(th, l, index, index + 1, NULL, 0, &removed);
    object_unlock(th, &l->header);
    if (!inside) {
        rt_raise(th, EXC_INDEX_ERROR, "list assignment index out of range");
    } else if (!ok) {
        rt_raise_memory_error(th);
    } else {
        container_drop(th, &l->header, removed);
    }
    return ok;
}

bool list_setitem(Thread *th, Value self, Value key, Value v)
{
    if (value_has_type(key, TYPE_SLICE)) {
        return list_set_slice(th, self, key, v);
    }
    int64_t index;
    if (!sequence_index(th, key, "list", &index)) {
        return false;
    }
    return v != VALUE_ABSENT ? list_set(th, self, index, v) : delete_item(th, self, index);
}
