/*
 * Builtin functions over iterables: all any iter len max min next sorted sum.
 *
 * Lists, tuples and ranges are walked without an iterator object (cursor.h).  sum keeps an int64,
 * then a double, as long as the items allow; floats are added plainly, as CPython 3.11 does.
 *
 * Threads: any.
 */
#include "runtime/cursor.h"
#include "runtime/natives_internal.h"

/* Does any item have that truth?  1, 0, -1. */
static int search_truth(Thread *th, Value iterable, int wanted)
{
    Cursor c;
    int found = cursor_open(th, &c, iterable) ? 0 : -1;
    Value v;
    while (found == 0 && (v = cursor_next(th, &c)) != VALUE_ABSENT) {
        int truth = rt_truth(th, v);
        rt_decref(th, v);
        found = truth < 0 ? -1 : truth == wanted;
    }
    cursor_close(th, &c);
    return rt_pending(th) ? -1 : found;
}

static Value builtin_all(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    int found = search_truth(th, args[0], 0);
    return found < 0 ? VALUE_ABSENT : value_from_bool(found == 0);
}

static Value builtin_any(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    int found = search_truth(th, args[0], 1);
    return found < 0 ? VALUE_ABSENT : value_from_bool(found != 0);
}

static Value builtin_len(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    int64_t length = rt_length(th, args[0]);
    return length < 0 ? VALUE_ABSENT : int_from_i64(th, length);
}

static Value builtin_iter(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)kwnames;
    if (nargs == 1) {
        return rt_iter(th, args[0]);
    }
    if (!rt_is_callable(args[0])) {
        return rt_raise(th, EXC_TYPE_ERROR, "iter(v, w): v must be callable");
    }
    return callable_iterator_new(th, args[0], args[1]);
}

static Value builtin_next(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)kwnames;
    Value v = rt_next(th, args[0]);
    if (v != VALUE_ABSENT) {
        return v;
    }
    if (rt_pending(th)) {
        if (nargs < 2 || !rt_pending_is(th, EXC_STOP_ITERATION)) {
            return VALUE_ABSENT;
        }
        rt_clear_exception(th);
    }
    if (nargs >= 2) {
        return rt_newref(th, args[1]);
    }
    Value stop = rt_exception_new(th, EXC_STOP_ITERATION, VALUE_ABSENT);
    return stop == VALUE_ABSENT ? VALUE_ABSENT : rt_raise_steal(th, stop);
}

/* The best item so far and its key; both owned, absent at first. */
typedef struct Extreme {
    CompareOp op; /* CMP_LT: min, CMP_GT: max */
    Value key_function;
    Value item, key;
} Extreme;

/* Is number a beyond number b, where that is seen from the Values?  -1: it is not. */
static int extreme_quick(CompareOp op, Value a, Value b)
{
    if (value_is_small_int(a) && value_is_small_int(b)) {
        return op == CMP_LT ? a < b : a > b; /* the encoding keeps the order */
    }
    if (value_is_double(a) && value_is_double(b)) {
        double x = value_double(a), y = value_double(b);
        return op == CMP_LT ? x < y : x > y;
    }
    return -1;
}

/* item: stolen. */
static bool extreme_offer_steal(Thread *th, Extreme *e, Value item)
{
    if (e->key_function == VALUE_ABSENT) {
        int quick = extreme_quick(e->op, item, e->item);
        if (quick >= 0) { /* numbers are not counted */
            e->item = quick ? item : e->item;
            e->key = e->item;
            return true;
        }
    }
    Value key = e->key_function == VALUE_ABSENT
                    ? rt_newref(th, item)
                    : rt_call(th, e->key_function, &item, 1, VALUE_ABSENT);
    if (key == VALUE_ABSENT) {
        rt_decref(th, item);
        return false;
    }
    int better = e->item == VALUE_ABSENT ? 1 : rt_compare_bool(th, key, e->key, e->op);
    if (better <= 0) {
        rt_decref(th, key);
        rt_decref(th, item);
        return better == 0;
    }
    rt_xdecref(th, e->item);
    rt_xdecref(th, e->key);
    e->item = item;
    e->key = key;
    return true;
}

static bool extreme_of_iterable(Thread *th, Extreme *e, Value iterable)
{
    Cursor c;
    bool ok = cursor_open(th, &c, iterable);
    Value v;
    while (ok && (v = cursor_next(th, &c)) != VALUE_ABSENT) {
        ok = extreme_offer_steal(th, e, v);
    }
    cursor_close(th, &c);
    return ok && !rt_pending(th);
}

static Value min_max(Thread *th, const char *name, CompareOp op, const Value *args, uint32_t nargs,
                     Value kwnames)
{
    static const char *const names[] = {"key", "default"};
    const NativeSignature signature = {name, names, 2, 0, 0};
    Value options[2] = {VALUE_ABSENT, VALUE_ABSENT};
    if (!native_check_positional(th, name, nargs, 1, UINT32_MAX) ||
        (kwnames != VALUE_ABSENT &&
         !native_bind(th, &signature, args + nargs, 0, kwnames, options))) {
        return VALUE_ABSENT;
    }
    if (nargs > 1 && options[1] != VALUE_ABSENT) {
        return rt_raise(th, EXC_TYPE_ERROR,
                        "Cannot specify a default for %s() with multiple positional arguments",
                        name);
    }
    Extreme e = {op, options[0] == VALUE_NONE ? VALUE_ABSENT : options[0], VALUE_ABSENT,
                 VALUE_ABSENT};
    bool entered = rt_enter_recursive(th, " while calling a Python object"), ok = entered;
    if (ok && nargs == 1) {
        ok = extreme_of_iterable(th, &e, args[0]);
    } else {
        for (uint32_t i = 0; i < nargs && ok; i++) {
            ok = extreme_offer_steal(th, &e, rt_newref(th, args[i]));
        }
    }
    if (entered) {
        rt_leave_recursive(th);
    }
    rt_xdecref(th, e.key);
    if (!ok) {
        rt_xdecref(th, e.item);
        return VALUE_ABSENT;
    }
    if (e.item != VALUE_ABSENT) {
        return e.item;
    }
    if (options[1] != VALUE_ABSENT) {
        return rt_newref(th, options[1]);
    }
    return rt_raise(th, EXC_VALUE_ERROR, "%s() arg is an empty sequence", name);
}

static Value builtin_min(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    return min_max(th, "min", CMP_LT, args, nargs, kwnames);
}

static Value builtin_max(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    return min_max(th, "max", CMP_GT, args, nargs, kwnames);
}

static Value builtin_sorted(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    static const char *const names[] = {"key", "reverse"};
    static const NativeSignature signature = {"sort", names, 2, 0, 0};
    Value options[2] = {VALUE_ABSENT, VALUE_ABSENT};
    if (!native_check_positional(th, "sorted", nargs, 1, 1)) {
        return VALUE_ABSENT;
    }
    Value list = list_new(th, NULL, 0);
    if (list == VALUE_ABSENT || !list_extend(th, list, args[0])) {
        goto failed;
    }
    int64_t reverse = 0;
    if (kwnames != VALUE_ABSENT &&
        (!native_bind(th, &signature, args + 1, 0, kwnames, options) ||
         (options[1] != VALUE_ABSENT && !int_as_index(th, options[1], &reverse, true)))) {
        goto failed;
    }
    Value key = options[0] == VALUE_NONE ? VALUE_ABSENT : options[0];
    if (list_sort(th, list, key, reverse != 0)) {
        return list;
    }
failed:
    rt_xdecref(th, list);
    return VALUE_ABSENT;
}

/* While the total is one of these, items are added without making values. */
typedef enum SumMode { SUM_INT64, SUM_DOUBLE, SUM_VALUE } SumMode;
typedef struct Sum {
    SumMode mode;
    int64_t i;
    double d;
    Value v; /* owned in SUM_VALUE */
} Sum;

static bool sum_leave_fast(Thread *th, Sum *s)
{
    s->v = s->mode == SUM_INT64 ? int_from_i64(th, s->i) : value_from_double(s->d);
    s->mode = SUM_VALUE;
    return s->v != VALUE_ABSENT;
}

/* item is a number that keeps the total in a fast mode? Adds it then. */
static bool sum_add_fast(Sum *s, Value item)
{
    if (s->mode == SUM_INT64) {
        if (value_is_small_int(item)) {
            return !__builtin_add_overflow(s->i, value_int(item), &s->i);
        }
        int64_t x;
        if (value_is_int_like(item)) {
            return int_to_i64(item, &x) && !__builtin_add_overflow(s->i, x, &s->i);
        }
        if (value_is_double(item)) {
            s->d = (double)s->i + value_double(item);
            s->mode = SUM_DOUBLE;
            return true;
        }
        return false;
    }
    if (value_is_double(item)) {
        s->d += value_double(item);
        return true;
    }
    int64_t x;
    if (value_is_int_like(item) && int_to_i64(item, &x)) {
        s->d += (double)x;
        return true;
    }
    return false;
}

static bool sum_add(Thread *th, Sum *s, Value item)
{
    if (s->mode != SUM_VALUE) {
        int64_t before = s->i;
        if (sum_add_fast(s, item)) {
            return true;
        }
        s->i = before;
        if (!sum_leave_fast(th, s)) {
            return false;
        }
    }
    Value total = rt_binary(th, BIN_ADD, s->v, item);
    rt_decref(th, s->v);
    s->v = total;
    return total != VALUE_ABSENT;
}

static void sum_start(Thread *th, Sum *s, Value start)
{
    *s = (Sum){SUM_VALUE, 0, 0.0, VALUE_ABSENT};
    if (start == VALUE_ABSENT) {
        s->mode = SUM_INT64;
    } else if (value_is_small_int(start)) {
        s->mode = SUM_INT64;
        s->i = value_int(start);
    } else if (value_is_double(start)) {
        s->mode = SUM_DOUBLE;
        s->d = value_double(start);
    } else {
        s->v = rt_newref(th, start);
    }
}

static Value builtin_sum(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    static const char *const names[] = {NULL, "start"};
    static const NativeSignature signature = {"sum", names, 2, 1, 2};
    Value given[2];
    if (!native_bind(th, &signature, args, nargs, kwnames, given)) {
        return VALUE_ABSENT;
    }
    Cursor c;
    Sum s;
    sum_start(th, &s, VALUE_ABSENT);
    bool ok = cursor_open(th, &c, given[0]);
    if (ok && given[1] != VALUE_ABSENT) {
        if (value_is_str(given[1])) {
            rt_raise(th, EXC_TYPE_ERROR, "sum() can't sum strings [use ''.join(seq) instead]");
            ok = false;
        } else if (value_has_type(given[1], TYPE_BYTES)) {
            rt_raise(th, EXC_TYPE_ERROR, "sum() can't sum bytes [use b''.join(seq) instead]");
            ok = false;
        } else {
            sum_start(th, &s, given[1]);
        }
    }
    Value v;
    while (ok && (v = cursor_next(th, &c)) != VALUE_ABSENT) {
        ok = sum_add(th, &s, v);
        rt_decref(th, v);
    }
    cursor_close(th, &c);
    if (!ok || rt_pending(th)) {
        rt_xdecref(th, s.v);
        return VALUE_ABSENT;
    }
    return s.mode == SUM_VALUE || sum_leave_fast(th, &s) ? s.v : VALUE_ABSENT;
}

const NativeDef builtin_sequence_defs[] = {
    {"all", builtin_all, 1, 1, NATIVE_FUNCTION},
    {"any", builtin_any, 1, 1, NATIVE_FUNCTION},
    {"iter", builtin_iter, 1, 2, NATIVE_FUNCTION},
    {"len", builtin_len, 1, 1, NATIVE_FUNCTION},
    {"max", builtin_max, 0, -1, NATIVE_KEYWORDS | NATIVE_FUNCTION},
    {"min", builtin_min, 0, -1, NATIVE_KEYWORDS | NATIVE_FUNCTION},
    {"next", builtin_next, 1, 2, NATIVE_FUNCTION},
    {"sorted", builtin_sorted, 0, -1, NATIVE_KEYWORDS | NATIVE_FUNCTION},
    {"sum", builtin_sum, 0, -1, NATIVE_KEYWORDS | NATIVE_FUNCTION},
    {NULL, NULL, 0, 0, 0},
};
