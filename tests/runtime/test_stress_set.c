/*
 * Sets under many threads: every short history has an order; adds of one key have one winner and removals one
 * taker while the table grows through its groups; a toggle is never lost.
 */
#include "tests/runtime/stress.h"

#include <stdlib.h>

#include "runtime/set_algebra.h"

enum { ROUNDS = 1500, PER_WORKER = 5, WORKERS = 3, KEYS = 6 };
enum Kind { ADD, DISCARD, CONTAINS, POP, TOGGLE, LENGTH, COPY, CLEAR, KINDS };
static const char *const kinds[] = {"add",    "discard", "in",   "pop",
                                    "toggle", "len",     "copy", "clear"};
enum { NOTHING = -1 };

/* words[0]: the keys as bits. */
static int64_t apply(StressModel *m, const StressOp *op)
{
    int64_t bit = INT64_C(1) << op->a, *bits = &m->words[0], had = (*bits & bit) != 0;
    switch ((enum Kind)op->kind) {
    case ADD: *bits |= bit; return !had;
    case DISCARD: *bits &= ~bit; return had;
    case CONTAINS: return had;
    case POP: /* whatever it was, it was there and is not any more; empty: nothing */
        if (op->result == NOTHING) {
            return *bits == 0 ? NOTHING : 0;
        }
        had = *bits >> op->result & 1;
        *bits &= ~(INT64_C(1) << op->result);
        return had ? op->result : NOTHING;
    case TOGGLE: *bits ^= bit; return 0;
    case LENGTH: return __builtin_popcountll((uint64_t)*bits);
    case COPY: return *bits;
    default: *bits = 0; return 0;
    }
}

static Value make_key(Thread *th, int64_t key)
{
    char text[] = "key of the test 0";
    text[sizeof text - 2] = (char)('0' + key);
    return str_from_cstr(th, text);
}

static int64_t key_number(Value key)
{
    return str_char_at(value_str(key), value_str(key)->length - 1) - '0';
}

static int64_t copy_bits(Thread *th, Value set)
{
    Value copy = set_copy_as(th, set, true), key;
    int64_t bits = 0;
    for (int64_t at = 0; set_next(copy, &at, &key);) {
        bits |= INT64_C(1) << key_number(key);
    }
    rt_decref(th, copy);
    return bits;
}

static int64_t perform(Thread *th, Value set, const StressOp *op, Value key)
{
    int64_t hash = str_hash(value_str(key)), n;
    Value v;
    switch ((enum Kind)op->kind) {
    case ADD: return set_add_hash(th, value_set(set), key, hash);
    case DISCARD: return set_discard(th, set, key);
    case CONTAINS: return set_contains(th, set, key);
    case POP:
        v = set_pop_any(th, value_set(set));
        n = v == VALUE_ABSENT ? NOTHING : key_number(v);
        rt_xdecref(th, v);
        return n;
    case TOGGLE: return set_toggle_hash(th, value_set(set), key, hash) ? 0 : NOTHING;
    case LENGTH: return set_size(set);
    case COPY: return copy_bits(th, set);
    default: set_clear(th, value_set(set)); return 0;
    }
}

typedef struct Linear {
    StressHistory history;
    Value set;
} Linear;

static void linear_round(Worker *w, Linear *x)
{
    for (int i = 0; i < PER_WORKER; i++) {
        StressOp *op = &x->history.ops[w->number * PER_WORKER + i];
        *op =
            (StressOp){.kind = (int)stress_random(w, KINDS), .a = (int64_t)stress_random(w, KEYS)};
        Value key = make_key(w->th, op->a);
        op->start = stress_now();
        op->result = perform(w->th, x->set, op, key);
        op->end = stress_now();
        rt_decref(w->th, key);
    }
}

static void linear_body(Worker *w)
{
    Linear *x = w->stress->arg;
    for (int round = 0; round < ROUNDS; round++) {
        if (w->number == 0) {
            x->history = (StressHistory){.count = WORKERS * PER_WORKER};
            x->set = stress_shared(w->th, set_new(w->th, false));
        }
        stress_start_together(w);
        linear_round(w, x);
        stress_meet(w);
        if (w->number == 0) {
            stress_assert_linear(&x->history, apply, kinds);
            rt_decref(w->th, x->set);
        }
    }
}

static void test_each_history_has_an_order(void **state)
{
    static Linear x;
    stress_run(*state, WORKERS, linear_body, &x);
}

enum { OPS = 20000, SMALL = 40, LARGE = 6000 };

typedef struct Free {
    Value set;
    int64_t keys;
    _Atomic int64_t added, removed;
} Free;

static void free_body(Worker *w)
{
    Free *x = w->stress->arg;
    for (int i = 0; i < OPS; i++) {
        int64_t n = (int64_t)stress_random(w, (uint64_t)x->keys);
        Value key = value_from_small_int(n);
        uint64_t what = stress_random(w, 16);
        if (what < 9) {
            atomic_fetch_add(&x->added, set_add_hash(w->th, value_set(x->set), key, n));
        } else if (what < 13) {
            atomic_fetch_add(&x->removed, set_discard(w->th, x->set, key));
        } else if (what == 13) {
            atomic_fetch_add(&x->removed, set_pop_any(w->th, value_set(x->set)) != VALUE_ABSENT);
        } else {
            int r = set_contains(w->th, x->set, key);
            assert_true(r == 0 || r == 1);
        }
        if (stress_random(w, 512) == 0) {
            Value copy = set_copy_as(w->th, x->set, false);
            rt_decref(w->th, copy);
        }
        stress_pause(w);
    }
}

static void free_run(Thread *th, int64_t keys)
{
    Free x = {.set = stress_shared(th, set_new(th, false)), .keys = keys};
    stress_run(th, stress_thread_count(), free_body, &x);
    assert_int_equal(set_size(x.set), x.added - x.removed);
    int64_t count = 0;
    bool *seen = calloc((size_t)keys, sizeof *seen);
    Value key;
    for (int64_t at = 0; set_next(x.set, &at, &key); count++) {
        assert_false(seen[value_int(key)]); /* no key twice */
        seen[value_int(key)] = true;
    }
    free(seen);
    assert_int_equal(count, set_size(x.set));
    rt_decref(th, x.set);
}

static void test_adds_have_one_winner_and_removals_one_taker(void **state)
{
    free_run(*state, SMALL);
    free_run(*state, LARGE); /* grows through striped tables */
}

enum { TOGGLES = 500 };

static void toggle_body(Worker *w)
{
    Value self = *(Value *)w->stress->arg, other = set_new(w->th, false);
    for (int64_t i = 0; i < 8; i++) {
        assert_true(set_add(w->th, other, value_from_small_int(i)));
    }
    for (int i = 0; i < TOGGLES; i++) {
        assert_true(set_symmetric_update(w->th, self, other));
        stress_pause(w);
    }
    rt_decref(w->th, other);
}

static void test_no_toggle_is_lost(void **state)
{
    Thread *th = *state;
    Value set = stress_shared(th, set_new(th, false));
    for (int threads = 2; threads <= 3; threads++) { /* an even number of toggles in all */
        stress_run(th, threads, toggle_body, &set);
        assert_int_equal(set_size(set), 0);
    }
    rt_decref(th, set);
}

static void own_body(Worker *w)
{
    Value self = *(Value *)w->stress->arg, all = set_new(w->th, false);
    for (int64_t i = 0; i < 64 * STRESS_THREADS_MAX; i++) {
        assert_true(set_add(w->th, all, value_from_small_int(i)));
    }
    for (int64_t i = 0; i < 64; i++) {
        Value v = stress_probe(w->th, i);
        assert_true(set_add(w->th, self, value_from_small_int(w->number * 64 + i)));
        assert_true(set_add(w->th, self, v));
        assert_true(
            set_intersection_update(w->th, self, all)); /* drops the probe, nobody's number */
        assert_int_equal(set_contains(w->th, self, value_from_small_int(w->number * 64 + i)), 1);
        rt_decref(w->th, v);
        stress_pause(w);
    }
    rt_decref(w->th, all);
}

static void test_an_intersection_in_place_loses_no_add(void **state)
{
    Thread *th = *state;
    Value set = stress_shared(th, set_new(th, false));
    int threads = stress_thread_count();
    stress_run(th, threads, own_body, &set);
    assert_int_equal(set_size(set), threads * 64);
    assert_null(rt_check_published(value_object(set)));
    rt_decref(th, set);
    stress_assert_all_freed(th);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_history_has_an_order),
        cmocka_unit_test(test_adds_have_one_winner_and_removals_one_taker),
        cmocka_unit_test(test_no_toggle_is_lost),
        cmocka_unit_test(test_an_intersection_in_place_loses_no_add),
    };
    return stress_main(tests, sizeof tests / sizeof *tests);
}
