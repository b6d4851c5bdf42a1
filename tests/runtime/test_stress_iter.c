/*
 * One iterator among many threads: each item goes to exactly one of them, also through enumerate and zip, whose
 * parts belong together.
 */
#include "tests/runtime/stress.h"

#include "runtime/abstract.h"
#include "runtime/int.h"
#include "runtime/str.h"

enum { ITEMS = 3000, ROUNDS = 4 };

typedef enum Shape { PLAIN, PAIR, NUMBERED_PAIR } Shape;
typedef struct Walk {
    Value iterator;
    Shape shape; /* PAIR: (i, i), NUMBERED_PAIR: (position, i) with position == i */
    _Atomic uint8_t seen[ITEMS];
} Walk;

static void walk_body(Worker *w)
{
    Walk *x = w->stress->arg;
    Value v;
    while ((v = rt_next(w->th, x->iterator)) != VALUE_ABSENT) {
        int64_t n;
        if (x->shape == PLAIN) {
            n = value_is_str(v) ? str_char_at(value_str(v), 0) - 0x4000 : value_int(v);
        } else {
            n = value_int(value_tuple(v)->items[1]);
            assert_int_equal(value_int(value_tuple(v)->items[0]), n);
        }
        assert_int_equal(atomic_fetch_add(&x->seen[n], 1), 0);
        rt_decref(w->th, v);
        stress_pause(w);
    }
    assert_false(rt_pending(w->th));
}

static Value call_type(Thread *th, uint32_t type_id, const Value *args, uint32_t count)
{
    Value v = rt_call(th, value_from_object(rt_type_by_id(type_id)), args, count, VALUE_ABSENT);
    assert_true(v != VALUE_ABSENT);
    return v;
}

static void walk_steal(Thread *th, Value iterator, Shape shape)
{
    static Walk x;
    memset((void *)x.seen, 0, sizeof x.seen);
    x.iterator = stress_shared(th, iterator);
    x.shape = shape;
    stress_run(th, stress_thread_count(), walk_body, &x);
    for (int i = 0; i < ITEMS; i++) {
        assert_int_equal(x.seen[i], 1);
    }
    assert_true(rt_next(th, iterator) == VALUE_ABSENT);
    rt_decref(th, iterator);
}

static Value numbers(Thread *th)
{
    return range_new(th, value_from_small_int(0), value_from_small_int(ITEMS),
                     value_from_small_int(1));
}

static Value container(Thread *th, uint32_t type_id)
{
    Value range = numbers(th), v;
    if (type_id == TYPE_RANGE) {
        return range;
    }
    if (type_id == TYPE_STR) {
        v = str_new(th, ITEMS, 0x4000 + ITEMS);
        for (int64_t i = 0; i < ITEMS; i++) {
            ((uint16_t *)(void *)value_str(v)->data)[i] = (uint16_t)(0x4000 + i);
        }
    } else if (type_id == TYPE_DICT) {
        v = dict_new(th);
        for (int64_t i = 0; i < ITEMS; i++) {
            assert_true(dict_set(th, v, value_from_small_int(i), value_from_small_int(i)));
        }
    } else {
        v = call_type(th, type_id, &range, 1);
    }
    rt_decref(th, range);
    return v;
}

static Value iterator_of(Thread *th, uint32_t type_id)
{
    Value v = container(th, type_id), iterator = rt_iter(th, v);
    rt_decref(th, v);
    return iterator;
}

static const uint32_t containers[] = {TYPE_LIST, TYPE_TUPLE, TYPE_RANGE,    TYPE_STR,
                                      TYPE_DICT, TYPE_SET,   TYPE_FROZENSET};
enum { CONTAINERS = sizeof containers / sizeof *containers };

static void test_each_item_goes_to_one_thread(void **state)
{
    for (int i = 0; i < ROUNDS * CONTAINERS; i++) {
        walk_steal(*state, iterator_of(*state, containers[i % CONTAINERS]), PLAIN);
    }
}

static void test_reversed_and_items_too(void **state)
{
    Thread *th = *state;
    for (int round = 0; round < ROUNDS; round++) {
        Value list = container(th, TYPE_LIST), dict = container(th, TYPE_DICT);
        walk_steal(th, call_type(th, TYPE_REVERSED, &list, 1), PLAIN);
        Value name = str_intern_cstr(th, "items"), method = rt_getattr(th, dict, name);
        Value items = rt_call(th, method, NULL, 0, VALUE_ABSENT);
        walk_steal(th, rt_iter(th, items), PAIR);
        rt_decref(th, name);
        rt_decref(th, method);
        rt_decref(th, items);
        rt_decref(th, list);
        rt_decref(th, dict);
    }
}

static void test_enumerate_numbers_what_it_takes(void **state)
{
    Thread *th = *state;
    for (int round = 0; round < ROUNDS; round++) {
        Value list = container(th, TYPE_LIST);
        walk_steal(th, call_type(th, TYPE_ENUMERATE, &list, 1), NUMBERED_PAIR);
        rt_decref(th, list);
    }
}

static void test_zip_takes_pairs(void **state)
{
    Thread *th = *state;
    for (int round = 0; round < ROUNDS; round++) {
        const Value args[2] = {container(th, TYPE_LIST), container(th, TYPE_RANGE)};
        walk_steal(th, call_type(th, TYPE_ZIP, args, 2), PAIR);
        rt_decref(th, args[0]);
        rt_decref(th, args[1]);
    }
}

/* range(2**62, ...) walks long ints. */
static void long_body(Worker *w)
{
    Walk *x = w->stress->arg;
    Value v;
    while ((v = rt_next(w->th, x->iterator)) != VALUE_ABSENT) {
        Value base = int_from_u64(w->th, UINT64_MAX), n = int_sub(w->th, v, base);
        assert_int_equal(atomic_fetch_add(&x->seen[value_int(n)], 1), 0);
        rt_decref(w->th, base);
        rt_decref(w->th, v);
        stress_pause(w);
    }
}

static void test_ranges_of_long_ints(void **state)
{
    Thread *th = *state;
    static Walk x;
    Value start = int_from_u64(th, UINT64_MAX),
          stop = int_add(th, start, value_from_small_int(ITEMS));
    Value range = range_new(th, start, stop, value_from_small_int(1));
    x.iterator = stress_shared(th, rt_iter(th, range));
    stress_run(th, stress_thread_count(), long_body, &x);
    for (int i = 0; i < ITEMS; i++) {
        assert_int_equal(x.seen[i], 1);
    }
    rt_decref(th, x.iterator);
    rt_decref(th, range);
    rt_decref(th, start);
    rt_decref(th, stop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_item_goes_to_one_thread),
        cmocka_unit_test(test_reversed_and_items_too),
        cmocka_unit_test(test_enumerate_numbers_what_it_takes),
        cmocka_unit_test(test_zip_takes_pairs),
        cmocka_unit_test(test_ranges_of_long_ints),
    };
    return stress_main(tests, sizeof tests / sizeof *tests);
}
