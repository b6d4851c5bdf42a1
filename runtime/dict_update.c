/*
 * dict.update and what it takes: a dict, anything with keys(), or pairs.
 *
 * A dict is taken over in one step, as CPython does: from a dict that others may change what it holds at one
 * moment, into a shared one under one hold of its lock (which a comparison in Python code lets go).
 *
 * Threads: as dict.c.
 */
#include "runtime/cursor.h"
#include "runtime/dict_table.h"
#include "runtime/types.h"

static bool update_one_by_one(Thread *th, Value dict, Value other)
{
    const Dict *from = value_dict(other);
    int64_t used = dict_used(from), hash;
    Value key, v;
    for (int64_t at = 0; dict_entry_next(th, from, &at, &key, &v, &hash);) {
        bool ok = dict_set_hash_steal(th, value_dict(dict), key, hash, v);
        rt_decref(th, key);
        if (!ok) {
            return false;
        }
        if (dict_used(from) != used) {
            rt_raise(th, EXC_RUNTIME_ERROR, "dict mutated during update");
            return false;
        }
    }
    return !rt_pending(th);
}

/* All entries of other, which only the caller knows, without another thread's change in between, as far as no
 * comparison needs Python. fails: false, some entries may be there. */
static bool update_in_one_step(Thread *th, Dict *d, const Dict *other)
{
    Value key, v, *old = rt_malloc((size_t)dict_used(other) * sizeof(Value));
    if (old == NULL) {
        rt_raise_memory_error(th);
        return false;
    }
    const DictTable *from = dict_table_acquire(other);
    int64_t replaced = 0, i = 0;
    bool ok = true;
    object_lock(th, &d->header);
    for (int64_t at = 0; ok && dict_next(value_from_object(other), &at, &key, &v);) {
        DictTable *t;
        int64_t hash = from->entries[at - 1].hash;
        i = dict_find(th, d, key, hash, true, &t);
        rt_store_barrier(th, &d->header, v);
        if (i >= 0) {
            old[replaced++] = atomic_exchange_explicit(&t->entries[i].value, rt_newref(th, v),
                                                       memory_order_acq_rel);
        } else if (i == DICT_NOT_FOUND && dict_insert_locked(th, d, key, hash, v)) {
            rt_incref(th, key);
            rt_incref(th, v);
        } else {
            ok = false;
        }
    }
    object_unlock(th, &d->header);
    while (replaced > 0) {
        container_drop(th, &d->header, old[--replaced]);
    }
    rt_free(old);
    if (!ok && i == DICT_NOT_FOUND) {
        rt_raise_memory_error(th);
    }
    return ok;
}

Value dict_seen(Thread *th, Value dict)
{
    return object_exclusive(th, value_object(dict)) ? rt_newref(th, dict) : dict_copy(th, dict);
}

static bool update_from_dict(Thread *th, Value dict, Value other)
{
    if (dict == other) {
        return true;
    }
    /* A copy for the one step: a comparison in Python could change other, too. */
    bool shared = !object_exclusive(th, value_object(dict));
    Value seen = shared ? dict_copy(th, other) : dict_seen(th, other);
    bool ok = seen != VALUE_ABSENT;
    if (ok && shared) {
        ok = update_in_one_step(th, value_dict(dict), value_dict(seen));
    } else if (ok) {
        ok = update_one_by_one(th, dict, seen);
    }
    rt_xdecref(th, seen);
    return ok;
}
/* Anything with a method keys(). */
static bool update_from_mapping(Thread *th, Value dict, Value other, Value keys_method)
{
    Value keys = rt_call(th, keys_method, NULL, 0, VALUE_ABSENT);
    Value iterator = keys == VALUE_ABSENT ? VALUE_ABSENT : rt_iter(th, keys);
    rt_xdecref(th, keys);
    if (iterator == VALUE_ABSENT) {
        return false;
    }
    bool ok = true;
    Value key = VALUE_ABSENT;
    while (ok && (key = rt_next(th, iterator)) != VALUE_ABSENT) {
        Value v = rt_getitem(th, other, key);
        ok = v != VALUE_ABSENT && dict_set_steal(th, dict, key, v);
        rt_decref(th, key);
    }
    rt_decref(th, iterator);
    return ok && !rt_pending(th);
}

static bool update_from_pair(Thread *th, Value dict, Value element, int64_t number)
{
    Value pair = tuple_from_iterable(th, element);
    if (pair == VALUE_ABSENT) {
        if (rt_pending_is(th, EXC_TYPE_ERROR)) {
            rt_clear_exception(th);
            rt_raise(th, EXC_TYPE_ERROR,
                     "cannot convert dictionary update sequence element #%lld to a sequence",
                     (long long)number);
        }
        return false;
    }
    const Tuple *t = value_tuple(pair);
    bool ok = t->size == 2;
    if (ok) {
        ok = dict_set(th, dict, t->items[0], t->items[1]);
    } else {
        rt_raise(th, EXC_VALUE_ERROR,
                 "dictionary update sequence element #%lld has length %lld; 2 is required",
                 (long long)number, (long long)t->size);
    }
    rt_decref(th, pair);
    return ok;
}

static bool update_from_pairs(Thread *th, Value dict, Value iterable)
{
    Cursor c;
    Value element = VALUE_ABSENT;
    if (!cursor_open(th, &c, iterable)) {
        cursor_close(th, &c);
        return false;
    }
    bool ok = true;
    for (int64_t i = 0; ok && (element = cursor_next(th, &c)) != VALUE_ABSENT; i++) {
        ok = update_from_pair(th, dict, element, i);
        rt_decref(th, element);
    }
    cursor_close(th, &c);
    return ok && !rt_pending(th);
}

bool dict_update(Thread *th, Value dict, Value other)
{
    if (value_is_dict(other)) {
        return update_from_dict(th, dict, other);
    }
    if (value_is_object(other) && value_object(other)->type_id >= TYPE_USER_FIRST) {
        Value name = str_intern_cstr(th, "keys");
        Value keys = name == VALUE_ABSENT ? VALUE_ABSENT : rt_getattr(th, other, name);
        rt_xdecref(th, name);
        if (keys != VALUE_ABSENT) {
            bool ok = update_from_mapping(th, dict, other, keys);
            rt_decref(th, keys);
            return ok;
        }
        if (!rt_pending_is(th, EXC_ATTRIBUTE_ERROR)) {
            return false;
        }
        rt_clear_exception(th);
    }
    return update_from_pairs(th, dict, other);
}
