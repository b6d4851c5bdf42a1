/*
 * Scratch memory: pieces do not overlap, the largest chunk serves again, failure changes nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ir/scratch.h"
#include "runtime/memory.h"

static bool lies_in(const void *p, const char *block, size_t size)
{
    return (const char *)p >= block && (const char *)p < block + size;
}

static void pieces_are_aligned_and_apart(void **state)
{
    (void)state;
    enum { PIECES = 300 };
    IrScratch s = {0};
    unsigned char *pieces[PIECES];
    size_t sizes[PIECES];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < PIECES; i++) {
            sizes[i] = (size_t)(i * 37 % 5000);
            pieces[i] = ir_scratch_alloc(&s, sizes[i]);
            assert_non_null(pieces[i]);
            assert_int_equal((uintptr_t)pieces[i] & 15, 0);
            memset(pieces[i], i & 0xff, sizes[i]);
        }
        for (int i = 0; i < PIECES; i++) {
            for (size_t k = 0; k < sizes[i]; k++) {
                assert_int_equal(pieces[i][k], i & 0xff);
            }
        }
        ir_scratch_reset(&s);
    }
    ir_scratch_free(&s);
}

static void a_lent_block_is_used_first_and_given_back(void **state)
{
    (void)state;
    _Alignas(16) char block[1024];
    IrScratch s = {0};
    ir_scratch_lend(&s, block, sizeof block);
    uint64_t before = rt_alloc_count();
    assert_true(lies_in(ir_scratch_alloc(&s, 500), block, sizeof block));
    assert_true(lies_in(ir_scratch_alloc(&s, 500), block, sizeof block));
    assert_int_equal(rt_alloc_count(), before);
    assert_false(lies_in(ir_scratch_alloc(&s, 500), block, sizeof block));
    ir_scratch_take_back(&s);
    assert_false(lies_in(ir_scratch_alloc(&s, 16), block, sizeof block));
    ir_scratch_free(&s);
}

static void the_largest_chunk_serves_again(void **state)
{
    (void)state;
    IrScratch s = {0};
    assert_non_null(ir_scratch_alloc(&s, 1000));
    assert_non_null(ir_scratch_alloc(&s, 1000000));
    ir_scratch_reset(&s);
    uint64_t before = rt_alloc_count();
    assert_non_null(ir_scratch_alloc(&s, 900000));
    assert_int_equal(rt_alloc_count(), before);
    ir_scratch_reset(&s);
    ir_scratch_expect(&s, 3000000);
    before = rt_alloc_count();
    for (int i = 0; i < 3; i++) {
        assert_non_null(ir_scratch_alloc(&s, 1000000));
    }
    assert_int_equal(rt_alloc_count(), before);
    ir_scratch_free(&s);
}

static void without_memory_what_was_there_stays(void **state)
{
    (void)state;
    IrScratch s = {0};
    char *first = ir_scratch_alloc(&s, 100);
    assert_non_null(first);
    memset(first, 1, 100);
    rt_alloc_fail_at(1, true);
    assert_null(ir_scratch_alloc(&s, 1000000));
    ir_scratch_expect(&s, 1000000);
    char *second = ir_scratch_alloc(&s, 100);
    rt_alloc_fail_at(0, false);
    assert_non_null(second);
    memset(second, 2, 100);
    assert_int_equal(first[99], 1);
    assert_null(ir_scratch_alloc(&s, SIZE_MAX));
    ir_scratch_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_aligned_and_apart),
        cmocka_unit_test(a_lent_block_is_used_first_and_given_back),
        cmocka_unit_test(the_largest_chunk_serves_again),
        cmocka_unit_test(without_memory_what_was_there_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
