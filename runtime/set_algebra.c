/*
 * The algebra of sets: union, intersection, difference, symmetric difference, subset tests, and
 * what of it changes a set in place.
 *
 * Every function takes any iterable as the other operand; sets and dicts are used as they are,
 * other iterables are walked once.  The order of work follows CPython's, because the order of the
 * result depends on it.
 *
 * Threads: as set.c; operands that change meanwhile give the result of some interleaving.
 */
#include "runtime/set_algebra.h"
#include "runtime/cursor.h"

#include "runtime/dict_table.h"

Value set_copy_as(Thread *th, Value iterable, bool frozen)
{
    Value set = set_new(th, frozen);
    if (set != VALUE_ABSENT && !set_update(th, set, iterable)) {
        rt_decref(th, set);
        return VALUE_ABSENT;
    }
    return set;
}

/* A set for a test or a loop, as it is now: itself if it is one already. owns: new. */
static Value as_set(Thread *th, Value v)
{
    return value_is_set(v) ? set_seen(th, v) : set_copy_as(th, v, false);
}

static bool intersect_seen(Thread *th, Set *result, Set *a, const Set *b)
{
    Value key;
    int64_t hash;
    for (int64_t at = 0; set_entry_next(th, b, &at, &key, &hash);) {
        int r = set_contains_hash(th, a, key, hash);
        if (r > 0) {
            r = set_add_hash(th, result, key, hash) < 0 ? -1 : 1;
        }
        rt_decref(th, key);
        if (r < 0) {
            return false;
        }
    }
    return !rt_pending(th);
}

static bool intersect_sets(Thread *th, Set *result, Set *a, Set *b)
{
    bool swap = set_used(b) > set_used(a);
    Value walked = set_seen(th, value_from_object(swap ? a : b));
    bool ok = walked != VALUE_ABSENT && intersect_seen(th, result, swap ? b : a, value_set(walked));
    rt_xdecref(th, walked);
    return ok;
}

static bool intersect_iterable(Thread *th, Set *result, Set *a, Value iterable)
{
    Cursor c;
    Value item = VALUE_ABSENT;
    if (!cursor_open(th, &c, iterable)) {
        cursor_close(th, &c);
        return false;
    }
    bool ok = true;
    while (ok && (item = cursor_next(th, &c)) != VALUE_ABSENT) {
        int64_t hash;
        int r = key_hash(th, item, &hash) ? set_contains_hash(th, a, item, hash) : -1;
        ok = r == 0 || (r > 0 && set_add_hash(th, result, item, hash) >= 0);
        rt_decref(th, item);
    }
    cursor_close(th, &c);
    return ok && !rt_pending(th);
}

Value set_intersection(Thread *th, Value self, Value other)
{
    if (self == other) {
        return set_copy_as(th, self, value_has_type(self, TYPE_FROZENSET));
    }
    Value result = set_new(th, value_has_type(self, TYPE_FROZENSET));
    if (result == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    bool ok = value_is_set(other)
                  ? intersect_sets(th, value_set(result), value_set(self), value_set(other))
                  : intersect_iterable(th, value_set(result), value_set(self), other);
    if (!ok) {
        rt_decref(th, result);
        return VALUE_ABSENT;
    }
    return result;
}

bool set_difference_update(Thread *th, Value self, Value other)
{
    Set *s = value_set(self);
    if (self == other) {
        set_clear(th, s);
        return true;
    }
    bool ok = true;
    Value key = VALUE_ABSENT;
    int64_t hash;
    if (value_is_set(other)) {
        Value seen = set_seen(th, other);
        ok = seen != VALUE_ABSENT;
        for (int64_t at = 0; ok && set_entry_next(th, value_set(seen), &at, &key, &hash);) {
            ok = set_discard_hash(th, s, key, hash) >= 0;
            rt_decref(th, key);
        }
        rt_xdecref(th, seen);
    } else {
        Cursor c;
        if (!cursor_open(th, &c, other)) {
            cursor_close(th, &c);
            return false;
        }
        while (ok && (key = cursor_next(th, &c)) != VALUE_ABSENT) {
            ok = set_discard(th, self, key) >= 0;
            rt_decref(th, key);
        }
        cursor_close(th, &c);
    }
    return ok && !rt_pending(th) && set_tidy(th, s);
}

/* The keys of self that are not in other, a set or dict. */
static bool subtract_lookup(Thread *th, Set *result, const Set *self, Value other)
{
    Value key;
    int64_t hash;
    for (int64_t at = 0; set_entry_next(th, self, &at, &key, &hash);) {
        Value v = VALUE_ABSENT;
        int r = value_is_dict(other) ? dict_get_hash(th, value_dict(other), key, hash, &v)
                                     : set_contains_hash(th, value_set(other), key, hash);
        rt_xdecref(th, v);
        if (r == 0) {
            r = set_add_hash(th, result, key, hash) < 0 ? -1 : 0;
        }
        rt_decref(th, key);
        if (r < 0) {
            return false;
        }
    }
    return !rt_pending(th);
}

Value set_difference(Thread *th, Value self, Value other)
{
    bool frozen = value_has_type(self, TYPE_FROZENSET), lookup = false;
    if (value_is_set(other) || value_is_dict(other)) {
        int64_t size = value_is_dict(other) ? dict_size(other) : set_size(other);
        lookup = set_size(self) >> 2 <= size;
    }
    Value result = lookup ? set_new(th, frozen) : set_copy_as(th, self, frozen);
    if (result == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value seen = lookup ? set_seen(th, self) : VALUE_NONE;
    bool ok = seen != VALUE_ABSENT &&
              (lookup ? subtract_lookup(th, value_set(result), value_set(seen), other)
                      : set_difference_update(th, result, other));
    rt_xdecref(th, seen);
    if (!ok) {
        rt_decref(th, result);
        return VALUE_ABSENT;
    }
    return result;
}

/* Each key of others in s goes, each other comes. */
static bool toggle_keys(Thread *th, Set *s, const Set *others)
{
    Value key;
    int64_t hash;
    for (int64_t at = 0; set_entry_next(th, others, &at, &key, &hash);) {
        bool ok = set_toggle_hash(th, s, key, hash);
        rt_decref(th, key);
        if (!ok) {
            return false;
        }
    }
    return !rt_pending(th);
}

bool set_symmetric_update(Thread *th, Value self, Value other)
{
    if (self == other) {
        set_clear(th, value_set(self));
        return true;
    }
    Value set = as_set(th, other);
    bool ok = set != VALUE_ABSENT && toggle_keys(th, value_set(self), value_set(set));
    rt_xdecref(th, set);
    return ok;
}

Value set_symmetric_difference(Thread *th, Value self, Value other)
{
    Value result = set_copy_as(th, other, value_has_type(self, TYPE_FROZENSET));
    if (result == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    if (self == other) {
        set_clear(th, value_set(result));
        return result;
    }
    Value seen = set_seen(th, self);
    bool ok = seen != VALUE_ABSENT && toggle_keys(th, value_set(result), value_set(seen));
    rt_xdecref(th, seen);
    if (!ok) {
        rt_decref(th, result);
        return VALUE_ABSENT;
    }
    return result;
}

Value set_union(Thread *th, Value self, Value other)
{
    Value result = set_copy_as(th, self, value_has_type(self, TYPE_FROZENSET));
    if (result != VALUE_ABSENT && self != other && !set_update(th, result, other)) {
        rt_decref(th, result);
        return VALUE_ABSENT;
    }
    return result;
}

/* In a shared set each key goes for itself: taking over a result would lose what others add meanwhile. */
static bool intersect_in_place(Thread *th, Value self, Value other)
{
    Value keep = value_is_set(other) ? rt_newref(th, other) : set_copy_as(th, other, false);
    Value seen = keep == VALUE_ABSENT ? VALUE_ABSENT : set_seen(th, self);
    Value key;
    int64_t hash;
    bool ok = seen != VALUE_ABSENT;
    for (int64_t at = 0; ok && set_entry_next(th, value_set(seen), &at, &key, &hash);) {
        int r = set_contains_hash(th, value_set(keep), key, hash);
        ok = r > 0 || (r == 0 && set_discard_hash(th, value_set(self), key, hash) >= 0);
        rt_decref(th, key);
    }
    rt_xdecref(th, seen);
    rt_xdecref(th, keep);
    return ok && !rt_pending(th);
}

bool set_intersection_update(Thread *th, Value self, Value other)
{
    if (!object_exclusive(th, value_object(self))) {
        return self == other || intersect_in_place(th, self, other);
    }
    Value result = set_intersection(th, self, other);
    if (result == VALUE_ABSENT) {
        return false;
    }
    set_take_over(th, value_set(self), value_set(result));
    rt_decref(th, result);
    return true;
}

static int all_inside(Thread *th, const Set *a, Set *b)
{
    Value key;
    int64_t hash;
    for (int64_t at = 0; set_entry_next(th, a, &at, &key, &hash);) {
        int r = set_contains_hash(th, b, key, hash);
        rt_decref(th, key);
        if (r <= 0) {
            return r;
        }
    }
    return rt_pending(th) ? -1 : 1;
}

int set_is_subset(Thread *th, Value self, Value other)
{
    Value set = as_set(th, other);
    if (set == VALUE_ABSENT) {
        return -1;
    }
    Value seen = set_seen(th, self);
    int r = seen == VALUE_ABSENT             ? -1
            : set_size(seen) > set_size(set) ? 0
                                             : all_inside(th, value_set(seen), value_set(set));
    rt_xdecref(th, seen);
    rt_decref(th, set);
    return r;
}

int set_is_superset(Thread *th, Value self, Value other)
{
    if (value_is_set(other)) {
        return set_is_subset(th, other, self);
    }
    Cursor c;
    Value item = VALUE_ABSENT;
    if (!cursor_open(th, &c, other)) {
        cursor_close(th, &c);
        return -1;
    }
    int inside = 1;
    while (inside > 0 && (item = cursor_next(th, &c)) != VALUE_ABSENT) {
        inside = set_contains(th, self, item);
        rt_decref(th, item);
    }
    cursor_close(th, &c);
    return rt_pending(th) ? -1 : inside;
}

int set_is_disjoint(Thread *th, Value self, Value other)
{
    if (self == other) {
        return set_size(self) == 0;
    }
    Cursor c;
    Value item = VALUE_ABSENT;
    if (!cursor_open(th, &c, other)) {
        cursor_close(th, &c);
        return -1;
    }
    int inside = 0;
    while (inside == 0 && (item = cursor_next(th, &c)) != VALUE_ABSENT) {
        inside = set_contains(th, self, item);
        rt_decref(th, item);
    }
    cursor_close(th, &c);
    return rt_pending(th) ? -1 : inside == 0;
}
