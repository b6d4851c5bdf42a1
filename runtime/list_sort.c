/*
 * list.sort: a stable, adaptive merge sort.
 *
 * Natural runs are found (descending ones reversed) and lengthened to a minimal run by binary
 * insertion; runs wait on a stack and are merged in the order of the powersort rule (Munro and
 * Wild), which is close to the entropy of the runs.  Before a merge both ends are cut off by
 * galloping, so concatenations of sorted parts cost little.
 *
 * The comparison is chosen once by looking at all keys: small ints compare as words, doubles and
 * strings directly; anything else through rt_compare_bool, which may run Python.  Therefore the
 * list is empty while it is being sorted, and an error leaves all items in it in some order.
 *
 * Threads: the items are taken out under the lock and put back under the lock; a shared list of plain
 * values without a key is sorted under the lock, in a new table, so that no reader sees it half sorted and
 * no append is lost.
 */
#include "runtime/gc.h"
#include "runtime/list_internal.h"
#include "runtime/safepoint.h"

#include <string.h>

enum { SORT_REVERSE = 1, SORT_LOCKED = 2 /* the list's lock is held: no polls */ };
typedef enum SortMode { SORT_INT, SORT_DOUBLE, SORT_STR, SORT_ANY } SortMode;

enum { SORT_MIN_RUN = 32, SORT_MAX_RUNS = 72 };

typedef struct SortRun {
    int64_t start, length;
    int power; /* of the boundary to the run before */
} SortRun;

typedef struct Sorter {
    Thread *th;
    SortMode mode;
    Value *keys;
    Value *values; /* moved along with keys, or NULL */
    int64_t count;
    Value *buffer; /* half of the keys, then half of the values */
    int64_t half;
    SortRun runs[SORT_MAX_RUNS];
    int depth;
    bool polls;
} Sorter;

/* a < b: 1, 0, -1 with an exception. */
static inline __attribute__((always_inline)) int less(Sorter *s, SortMode mode, Value a, Value b)
{
    switch (mode) {
    case SORT_INT: return a < b;
    case SORT_DOUBLE: return value_double(a) < value_double(b);
    case SORT_STR: return str_compare(a, b) < 0;
    default: return rt_compare_bool(s->th, a, b, CMP_LT);
    }
}

static SortMode sort_mode(const Value *keys, int64_t count)
{
    bool ints = true, doubles = true, strs = true;
    for (int64_t i = 0; i < count && (ints || doubles || strs); i++) {
        ints = ints && value_is_small_int(keys[i]);
        doubles = doubles && value_is_double(keys[i]);
        strs = strs && value_is_str(keys[i]);
    }
    return ints ? SORT_INT : doubles ? SORT_DOUBLE : strs ? SORT_STR : SORT_ANY;
}

static void reverse_values(Value *v, int64_t start, int64_t end)
{
    for (int64_t i = start, j = end - 1; v != NULL && i < j; i++, j--) {
        Value t = v[i];
        v[i] = v[j];
        v[j] = t;
    }
}

/* The length of the run at start; a strictly descending one is reversed. -1: exception. */
static inline __attribute__((always_inline)) int64_t find_run(Sorter *s, SortMode mode,
                                                              int64_t start)
{
    int64_t i = start + 1;
    if (i >= s->count) {
        return s->count - start;
    }
    int down = less(s, mode, s->keys[i], s->keys[i - 1]), r = down;
    while (r >= 0 && ++i < s->count) {
        r = less(s, mode, s->keys[i], s->keys[i - 1]);
        if (r != down) {
            break;
        }
    }
    if (r < 0) {
        return -1;
    }
    if (down) {
        reverse_values(s->keys, start, i);
        reverse_values(s->values, start, i);
    }
    return i - start;
}

static void move_into(Value *v, int64_t at, int64_t from)
{
    if (v != NULL) {
        Value item = v[from];
        memmove(v + at + 1, v + at, (size_t)(from - at) * sizeof(Value));
        v[at] = item;
    }
}

/* Sorts [start, end) of which [start, sorted) is sorted. */
static inline __attribute__((always_inline)) bool
insert_sorted(Sorter *s, SortMode mode, int64_t start, int64_t sorted, int64_t end)
{
    for (int64_t i = sorted; i < end; i++) {
        Value key = s->keys[i];
        int64_t low = start, high = i;
        while (low < high) {
            int64_t middle = (low + high) / 2;
            int r = less(s, mode, key, s->keys[middle]);
            if (r < 0) {
                return false;
            }
            if (r) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        move_into(s->keys, low, i);
        move_into(s->values, low, i);
    }
    return true;
}

/* The first position in [low, high) whose key is not less than key (right: is greater), found by
 * doubling steps from one end. -1: exception. */
static inline __attribute__((always_inline)) int64_t gallop(Sorter *s, SortMode mode, Value key,
                                                            int64_t low, int64_t high, bool right,
                                                            bool from_end)
{
    int64_t step = 1;
    while (low < high) {
        int64_t probe = from_end ? high - step : low + step - 1;
        bool final = probe < low || probe >= high;
        if (final) {
            break;
        }
        int r = right ? less(s, mode, key, s->keys[probe]) : less(s, mode, s->keys[probe], key);
        if (r < 0) {
            return -1;
        }
        bool before = right ? !r : r; /* the position is behind probe */
        if (before) {
            low = probe + 1;
        } else {
            high = probe;
        }
        if (before == from_end) {
            break;
        }
        step *= 2;
    }
    while (low < high) {
        int64_t middle = (low + high) / 2;
        int r = right ? less(s, mode, key, s->keys[middle]) : less(s, mode, s->keys[middle], key);
        if (r < 0) {
            return -1;
        }
        if (right ? !r : r) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static inline void copy_pair(Sorter *s, int64_t to, int64_t from)
{
    s->keys[to] = s->keys[from];
    if (s->values != NULL) {
        s->values[to] = s->values[from];
    }
}
static inline void put_buffered(Sorter *s, int64_t to, int64_t from)
{
    s->keys[to] = s->buffer[from];
    if (s->values != NULL) {
        s->values[to] = s->buffer[s->half + from];
    }
}
static void buffer_items(Sorter *s, int64_t start, int64_t count)
{
    memcpy(s->buffer, s->keys + start, (size_t)count * sizeof(Value));
    if (s->values != NULL) {
        memcpy(s->buffer + s->half, s->values + start, (size_t)count * sizeof(Value));
    }
}

/* Merges [a, b) and [b, end), the left one being the shorter: forwards. */
static inline __attribute__((always_inline)) bool merge_low(Sorter *s, SortMode mode, int64_t a,
                                                            int64_t b, int64_t end)
{
    int64_t n = b - a, i = 0, out = a;
    buffer_items(s, a, n);
    int r = 0;
    while (i < n && b < end) {
        r = less(s, mode, s->keys[b], s->buffer[i]);
        if (r < 0) {
            break;
        }
        if (r) {
            copy_pair(s, out++, b++);
        } else {
            put_buffered(s, out++, i++);
        }
    }
    while (i < n) {
        put_buffered(s, out++, i++);
    }
    return r >= 0;
}

/* The same with the right one being the shorter: backwards. */
static inline __attribute__((always_inline)) bool merge_high(Sorter *s, SortMode mode, int64_t a,
                                                             int64_t b, int64_t end)
{
    int64_t n = end - b, i = n - 1, left = b - 1, out = end - 1;
    buffer_items(s, b, n);
    int r = 0;
    while (i >= 0 && left >= a) {
        r = less(s, mode, s->buffer[i], s->keys[left]);
        if (r < 0) {
            break;
        }
        if (r) {
            copy_pair(s, out--, left--);
        } else {
            put_buffered(s, out--, i--);
        }
    }
    while (i >= 0) {
        put_buffered(s, out--, i--);
    }
    return r >= 0;
}

static inline bool sort_poll(Sorter *s)
{
    return !s->polls || atomic_load_explicit(&s->th->poll, memory_order_relaxed) == 0 ||
           thread_safepoint(s->th);
}

/* Merges the two topmost runs. */
static inline __attribute__((always_inline)) bool merge_top(Sorter *s, SortMode mode)
{
    if (!sort_poll(s)) {
        return false;
    }
    SortRun *x = &s->runs[s->depth - 2], *y = x + 1;
    int64_t a = x->start, b = y->start, end = b + y->length;
    x->length += y->length;
    s->depth--;
    a = gallop(s, mode, s->keys[b], a, b, true, false);
    if (a < 0 || a == b) {
        return a >= 0;
    }
    end = gallop(s, mode, s->keys[b - 1], b, end, false, true);
    if (end < 0) {
        return false;
    }
    return b - a <= end - b ? merge_low(s, mode, a, b, end) : merge_high(s, mode, a, b, end);
}

/* Powersort: how deep in a nearly optimal merge tree the boundary of two neighbouring runs lies. */
static int boundary_power(const Sorter *s, const SortRun *x, int64_t next_length)
{
    uint64_t n = (uint64_t)s->count;
    uint64_t a = 2 * (uint64_t)x->start + (uint64_t)x->length;
    uint64_t b = a + (uint64_t)x->length + (uint64_t)next_length;
    int power = 0;
    for (;;) {
        power++;
        if (a >= n) {
            a -= n;
            b -= n;
        } else if (b >= n) {
            return power;
        }
        a <<= 1;
        b <<= 1;
    }
}

static int64_t minimal_run(int64_t n)
{
    int64_t odd = 0;
    while (n >= 2 * SORT_MIN_RUN) {
        odd |= n & 1;
        n >>= 1;
    }
    return n + odd;
}

static inline __attribute__((always_inline)) bool sort_runs(Sorter *s, SortMode mode)
{
    int64_t minimal = minimal_run(s->count);
    for (int64_t start = 0; start < s->count;) {
        int64_t length = sort_poll(s) ? find_run(s, mode, start) : -1;
        if (length < 0) {
            return false;
        }
        if (length < minimal) {
            int64_t forced = s->count - start < minimal ? s->count - start : minimal;
            if (!insert_sorted(s, mode, start, start + length, start + forced)) {
                return false;
            }
            length = forced;
        }
        int power = s->depth > 0 ? boundary_power(s, &s->runs[s->depth - 1], length) : 0;
        while (s->depth > 1 && s->runs[s->depth - 1].power > power) {
            if (!merge_top(s, mode)) {
                return false;
            }
        }
        s->runs[s->depth++] = (SortRun){start, length, power};
        start += length;
    }
    while (s->depth > 1) {
        if (!merge_top(s, mode)) {
            return false;
        }
    }
    return true;
}

static bool sort_ints(Sorter *s) { return sort_runs(s, SORT_INT); }
static bool sort_doubles(Sorter *s) { return sort_runs(s, SORT_DOUBLE); }
static bool sort_strs(Sorter *s) { return sort_runs(s, SORT_STR); }
static bool sort_any(Sorter *s) { return sort_runs(s, SORT_ANY); }

/* Sorts keys[0..count) and moves values along; flags: SORT_LOCKED. */
static bool sort_arrays(Thread *th, Value *keys, Value *values, int64_t count, uint32_t flags)
{
    if (count < 2) {
        return true;
    }
    Sorter s = {.th = th,
                .keys = keys,
                .values = values,
                .count = count,
                .half = count / 2 + 1,
                .polls = (flags & SORT_LOCKED) == 0};
    s.buffer = rt_malloc((size_t)s.half * 2 * sizeof(Value));
    if (s.buffer == NULL) {
        rt_raise_memory_error(th);
        return false;
    }
    bool ok;
    switch (sort_mode(keys, count)) {
    case SORT_INT: ok = sort_ints(&s); break;
    case SORT_DOUBLE: ok = sort_doubles(&s); break;
    case SORT_STR: ok = sort_strs(&s); break;
    default: ok = sort_any(&s); break;
    }
    rt_free(s.buffer);
    return ok;
}

/* key(item) for each item. owns: new array with count values; NULL: exception set. */
static Value *make_keys(Thread *th, Value function, const Value *items, int64_t count)
{
    Value *keys = rt_malloc((size_t)count * sizeof(Value));
    if (keys == NULL) {
        rt_raise_memory_error(th);
        return NULL;
    }
    for (int64_t i = 0; i < count; i++) {
        keys[i] = rt_call(th, function, &items[i], 1, VALUE_ABSENT);
        if (keys[i] == VALUE_ABSENT) {
            while (i-- > 0) {
                rt_decref(th, keys[i]);
            }
            rt_free(keys);
            return NULL;
        }
    }
    return keys;
}

static bool sort_items(Thread *th, Value *items, int64_t count, Value key, uint32_t flags)
{
    bool reverse = (flags & SORT_REVERSE) != 0;
    Value *keys = NULL;
    if (key != VALUE_ABSENT) {
        keys = make_keys(th, key, items, count);
        if (keys == NULL) {
            return false;
        }
    }
    /* Reversed before and after: equal items keep their order. */
    if (reverse) {
        reverse_values(items, 0, count);
        reverse_values(keys, 0, count);
    }
    bool ok = keys == NULL ? sort_arrays(th, items, NULL, count, flags)
                           : sort_arrays(th, keys, items, count, flags);
    if (reverse) {
        reverse_values(items, 0, count);
    }
    for (int64_t i = 0; keys != NULL && i < count; i++) {
        rt_decref(th, keys[i]);
    }
    rt_free(keys);
    return ok;
}

/* Does comparing the items run no Python code and take no lock? */
static bool items_are_plain(const Value *items, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        if (!value_is_simple_key(items[i])) {
            return false;
        }
    }
    return true;
}

/* Sorts a shared list of plain values in one step, as CPython does, under its lock. 1 sorted, 0: not such a
 * list, -1: exception (the items may be mixed up; an exception of a comparison leaves them in the list). */
static int sort_in_one_step(Thread *th, List *l, bool reverse)
{
    if (object_exclusive(th, &l->header)) {
        return 0;
    }
    object_lock(th, &l->header);
    int64_t count = list_size_relaxed(l);
    if (!items_are_plain(list_table_relaxed(l)->slots, count)) {
        object_unlock(th, &l->header);
        return 0;
    }
    ListTable *t = list_table_to_change(th, l);
    bool ok = t != NULL && sort_items(th, t->slots, count, VALUE_ABSENT,
                                      SORT_LOCKED | (reverse ? SORT_REVERSE : 0));
    ListTable *old = list_table_changed(l, t);
    object_unlock(th, &l->header);
    list_table_retire(th, l, old);
    if (t == NULL) {
        rt_raise_memory_error(th);
    }
    return ok ? 1 : -1;
}

bool list_sort(Thread *th, Value list, Value key, bool reverse)
{
    List *l = value_list(list);
    int64_t count;
    int sorted = key == VALUE_ABSENT ? sort_in_one_step(th, l, reverse) : 0;
    if (sorted != 0) {
        return sorted > 0;
    }
    ListTable *t = list_take_all(th, l, &count);
    ListTable *work = t;
    /* Readers of a shared list may still look into its table: sort a copy. */
    if (!object_exclusive(th, &l->header) && t != list_empty_table()) {
        work = list_table_new(t->capacity);
        if (work != NULL) {
            memcpy(work->slots, t->slots, (size_t)count * sizeof(Value));
        }
    }
    bool ok = false;
    if (work != NULL && rt_enter_recursive(th, " while calling a Python object")) {
        gc_hide(th); /* the items are in no object meanwhile */
        ok = sort_items(th, work->slots, count, key, reverse ? SORT_REVERSE : 0);
        gc_unhide(th);
        rt_leave_recursive(th);
    }
    if (work == NULL) {
        rt_raise_memory_error(th);
        work = t;
    } else if (work != t) {
        list_table_retire(th, l, t);
    }
    object_lock(th, &l->header);
    ListTable *intruder = list_table_relaxed(l);
    int64_t intruders = list_size_relaxed(l);
    atomic_store_explicit(&l->table, work, memory_order_release);
    atomic_store_explicit(&l->size, count, memory_order_release);
    object_unlock(th, &l->header);
    bool modified = intruder != list_empty_table();
    list_drop_all(th, l, intruder->slots, intruders);
    list_table_retire(th, l, intruder);
    if (modified && ok) {
        rt_raise(th, EXC_VALUE_ERROR, "list modified during sort");
        return false;
    }
    return ok;
}
