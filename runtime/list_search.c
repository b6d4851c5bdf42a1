/*
 * List: looking for items (in, index, count, remove) and comparing lists.
 *
 * A program that looks through a list with values that compare without Python code sees the list as it
 * was at one moment, as CPython gives it: the walk stays in one table.  Items that move do so into a new
 * table when the list is shared, so what was in the list all the time is met exactly once.  From the first
 * item on whose comparison may run Python code, the walk goes by index, each step on its own.
 *
 * Threads: any; without a lock, but for the removal itself.
 */
#include "runtime/list_internal.h"

enum { RESTARTS = 64 };

/* The walk within one table. Returns 1 found, 0 not, -1: Python must be asked from *index on.
 * counted: not NULL: goes on after each hit and counts them. No quiescent point in here. */
static int walk_table(const List *l, Value v, int64_t stop, int64_t *index, int64_t *counted,
                      Value *lent)
{
    const ListTable *t = atomic_load_explicit(&l->table, memory_order_acquire);
    int64_t size = atomic_load_explicit(&l->size, memory_order_acquire);
    size = size > t->capacity ? t->capacity : size;
    stop = stop > size ? size : stop;
    for (int64_t i = *index; i < stop; i++) {
        Value item = slot_load_acquire(&t->slots[i]);
        if (item == VALUE_ABSENT) {
            break;
        }
        int equal = values_equal_quick(item, v);
        equal = equal < 0 ? rt_equal_simple(item, v) : equal;
        if (equal == 0) {
            continue;
        }
        *index = i;
        *lent = item;
        if (equal < 0 || counted == NULL) {
            return equal;
        }
        ++*counted;
    }
    return 0;
}

/* As list_find; the item that was found comes with a reference. */
static int find_item(Thread *th, const List *l, Value v, int64_t stop, int64_t *index, Value *item)
{
    int found = walk_table(l, v, stop, index, NULL, item);
    if (found >= 0) {
        if (found > 0) {
            rt_incref(th, *item);
        }
        return found;
    }
    for (; *index < stop && (*item = list_item(th, l, *index)) != VALUE_ABSENT; ++*index) {
        int equal = values_equal(th, *item, v);
        if (equal > 0) {
            return 1;
        }
        rt_decref(th, *item);
        if (equal < 0) {
            return -1;
        }
    }
    return 0;
}

int list_find(Thread *th, Value self, Value v, int64_t start, int64_t stop, int64_t *index)
{
    Value item = VALUE_ABSENT;
    *index = start;
    int found = find_item(th, value_list(self), v, stop, index, &item);
    if (found > 0) {
        rt_decref(th, item);
    }
    return found;
}

int64_t list_count(Thread *th, Value self, Value v)
{
    int64_t n = 0, at = 0;
    Value lent;
    int found = walk_table(value_list(self), v, INT64_MAX, &at, &n, &lent);
    if (found == 0) {
        return n;
    }
    while ((found = list_find(th, self, v, at, INT64_MAX, &at)) > 0) {
        n++;
        at++;
    }
    return found < 0 ? -1 : n;
}

/* Removes what is at index if that is item, or if anything will do (item absent).
 * 1 removed, 0 something else is there, -1 exception. */
static int remove_if_same(Thread *th, List *l, int64_t index, Value item)
{
    object_lock(th, &l->header);
    Value removed = VALUE_ABSENT;
    bool there = index < list_size_relaxed(l);
    bool same = there && (item == VALUE_ABSENT || list_table_relaxed(l)->slots[index] == item);
    bool ok = !same || list_replace_locked(th, l, index, index + 1, NULL, 0, &removed);
    object_unlock(th, &l->header);
    if (!ok) {
        rt_raise_memory_error(th);
        return -1;
    }
    container_drop(th, &l->header, removed);
    return same;
}

/* As CPython, the item at the place that was found goes; while other threads move items, the search
 * starts again until what was found is what goes. */
int list_remove(Thread *th, Value self, Value v)
{
    List *l = value_list(self);
    for (int restarts = 0;; restarts++) {
        int64_t index = 0;
        Value item = VALUE_ABSENT;
        int found = find_item(th, l, v, INT64_MAX, &index, &item);
        if (found <= 0) {
            return found;
        }
        bool any = object_exclusive(th, &l->header) || restarts == RESTARTS;
        int removed = remove_if_same(th, l, index, any ? VALUE_ABSENT : item);
        rt_decref(th, item);
        if (removed != 0 || any) {
            return removed < 0 ? -1 : 1;
        }
    }
}

/* The length of the common beginning that is equal without asking Python; within one table of each. */
static int64_t common_start(const List *x, const List *y)
{
    const ListTable *t = atomic_load_explicit(&x->table, memory_order_acquire);
    const ListTable *u = atomic_load_explicit(&y->table, memory_order_acquire);
    int64_t n = t->capacity < u->capacity ? t->capacity : u->capacity;
    for (int64_t i = 0; i < n; i++) {
        Value v = slot_load_acquire(&t->slots[i]), w = slot_load_acquire(&u->slots[i]);
        if (v == VALUE_ABSENT || w == VALUE_ABSENT || rt_equal_simple(v, w) <= 0) {
            return i;
        }
    }
    return n;
}

Value list_compare(Thread *th, Value a, Value b, CompareOp op)
{
    if (!value_is_list(a) || !value_is_list(b)) {
        return rt_not_implemented();
    }
    if ((op == CMP_EQ || op == CMP_NE) && list_size(a) != list_size(b)) {
        return value_from_bool(op == CMP_NE);
    }
    const List *x = value_list(a), *y = value_list(b);
    for (int64_t i = common_start(x, y);; i++) {
        Value v = list_item(th, x, i);
        Value w = v == VALUE_ABSENT ? VALUE_ABSENT : list_item(th, y, i);
        if (w == VALUE_ABSENT) {
            rt_xdecref(th, v);
            return compare_int64(list_size(a), list_size(b), op);
        }
        int equal = values_equal(th, v, w);
        Value result = VALUE_ABSENT;
        if (equal == 0) {
            result = op == CMP_EQ   ? VALUE_FALSE
                     : op == CMP_NE ? VALUE_TRUE
                                    : rt_compare(th, v, w, op);
        }
        rt_decref(th, v);
        rt_decref(th, w);
        if (equal <= 0) {
            return result;
        }
    }
}
