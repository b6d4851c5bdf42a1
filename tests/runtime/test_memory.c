/*
 * Memory: blocks, the switch that fails the n-th allocation, fresh objects.
 */
#include "tests/runtime/cases.h"

#include <string.h>

#include "runtime/memory.h"

static void test_blocks(void **state)
{
    (void)state;
    char *a = rt_malloc(0), *b = rt_malloc(0);
    assert_non_null(a);
    assert_non_null(b);
    assert_ptr_not_equal(a, b);
    a = rt_realloc(a, 100);
    memset(a, 7, 100);
    a = rt_realloc(a, 100000);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(a[i], 7);
    }
    unsigned char *zeros = rt_calloc(10, 100);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(zeros[i], 0);
    }
    assert_null(rt_calloc(SIZE_MAX / 2, 4));
    rt_free(a);
    rt_free(b);
    rt_free(zeros);
    rt_free(NULL);
}

static void test_requests_beyond_the_machine_fail(void **state)
{
    (void)state;
    assert_null(rt_malloc((size_t)1 << 46));
    assert_null(rt_calloc((size_t)1 << 40, 64));
    assert_null(rt_realloc(NULL, (size_t)1 << 46));
    void *large = rt_malloc((size_t)65 << 20);
    assert_non_null(large);
    rt_free(large);
}

static void test_the_nth_allocation_fails_once(void **state)
{
    (void)state;
    rt_alloc_fail_at(3, false);
    void *p[5];
    for (int i = 0; i < 5; i++) {
        p[i] = rt_malloc(8);
    }
    for (int i = 0; i < 5; i++) {
        assert_int_equal(p[i] == NULL, i == 2);
        rt_free(p[i]);
    }
}

static void test_a_sticky_failure_lasts(void **state)
{
    (void)state;
    rt_alloc_fail_at(2, true);
    void *first = rt_malloc(8);
    void *second = rt_malloc(8), *third = rt_realloc(NULL, 8), *fourth = rt_calloc(1, 8);
    rt_alloc_fail_at(0, false);
    void *after = rt_malloc(8);
    assert_non_null(first);
    assert_true(second == NULL && third == NULL && fourth == NULL);
    assert_non_null(after);
    rt_free(first);
    rt_free(after);
}

static void test_a_failed_realloc_keeps_the_block(void **state)
{
    (void)state;
    char *p = rt_malloc(4);
    memcpy(p, "abc", 4);
    rt_alloc_fail_at(1, false);
    assert_null(rt_realloc(p, 1000));
    assert_string_equal(p, "abc");
    rt_free(p);
}

static void test_allocations_are_counted(void **state)
{
    (void)state;
    uint64_t before = rt_alloc_count();
    rt_free(rt_malloc(1));
    rt_free(rt_calloc(1, 1));
    assert_true(rt_alloc_count() == before + 2);
}

static void test_a_new_object(void **state)
{
    Thread *th = *state;
    enum { SIZE = 200 };
    for (int round = 0; round < 2; round++) { /* the second reuses the first one's dirty memory */
        Object *o = rt_object_new(th, TYPE_OBJECT, SIZE);
        assert_int_equal(o->owner, th->tid);
        assert_int_equal(o->local, 1);
        assert_int_equal(atomic_load(&o->shared), 0);
        assert_int_equal(o->type_id, TYPE_OBJECT);
        assert_int_equal(o->shape_id, 0);
        assert_int_equal(o->flags & OBJECT_PRIVATE, 0); /* one thread */
        unsigned char *rest = (unsigned char *)(o + 1);
        for (size_t i = 0; i < SIZE - sizeof *o; i++) {
            assert_int_equal(rest[i], 0);
            rest[i] = 0xFF;
        }
        rt_object_free(th, o);
    }
}

static void test_no_memory_for_an_object(void **state)
{
    Thread *th = *state;
    rt_alloc_fail_at(1, true);
    Object *o = rt_object_new(th, TYPE_OBJECT, sizeof(Object));
    rt_alloc_fail_at(0, false);
    assert_null(o);
    assert_raised(th, EXC_MEMORY_ERROR, "");
}

static void test_start_without_memory(void **state)
{
    (void)state;
    /* a runtime of its own at each n: nothing may leak or crash until it succeeds */
    int failures = 0;
    for (uint64_t n = 1;; n++) {
        rt_alloc_fail_at(n, true);
        Thread *th = rt_start();
        rt_alloc_fail_at(0, false);
        if (th != NULL) {
            rt_stop(th);
            break;
        }
        failures++;
        assert_true(n < 5000);
    }
    assert_true(failures >= 3);
}

int main(void)
{
    const struct CMUnitTest alone[] = {cmocka_unit_test(test_start_without_memory)};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_requests_beyond_the_machine_fail),
        cmocka_unit_test(test_the_nth_allocation_fails_once),
        cmocka_unit_test(test_a_sticky_failure_lasts),
        cmocka_unit_test(test_a_failed_realloc_keeps_the_block),
        cmocka_unit_test(test_allocations_are_counted),
        cmocka_unit_test(test_a_new_object),
        cmocka_unit_test(test_no_memory_for_an_object),
    };
    int failed = cmocka_run_group_tests(alone, NULL, NULL);
    return failed + cmocka_run_group_tests(tests, runtime_setup, runtime_teardown);
}
