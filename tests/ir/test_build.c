/* Tests of ir/build.c and ir/effects.c. */
#include "tests/ir/support.h"

#include "runtime/containers.h"
#include "runtime/helpers.h"

static void constants_are_shared_by_bits_and_type(void **state)
{
    (void)state;
    IrTrace *t = ir_new();
    IrRef first = ir_const_int(t, 0);
    assert_int_equal(first, ir_const_int(t, 0));
    assert_int_not_equal(first, ir_const_float(t, 0.0));
    assert_int_not_equal(ir_const_float(t, 0.0), ir_const_float(t, -0.0));
    for (int64_t i = 0; i < 1000; i++) {
        ir_const_int(t, i);
    }
    for (int64_t i = 0; i < 1000; i++) {
        assert_int_equal(ir_const(t, ir_const_int(t, i))->i, i);
    }
    assert_int_equal(t->const_count, 1002);
    ir_free(thread, t);
}

static void value_constants_are_kept_alive(void **state)
{
    (void)state;
    IrTrace *t = ir_new();
    Value list = list_new(thread, NULL, 0);
    uint32_t before = value_object(list)->local;
    ir_const_value(thread, t, list);
    ir_const_value(thread, t, list);
    assert_int_equal(value_object(list)->local, before + 1);
    ir_free(thread, t);
    assert_int_equal(value_object(list)->local, before);
    rt_decref(thread, list);
}

static void uops_and_snapshots_grow(void **state)
{
    (void)state;
    IrTrace *t = ir_new();
    IrRef last = IR_NONE;
    for (int32_t i = 0; i < 500; i++) {
        last = ir_emit(t, IR_slot, IR_V, IR_NONE, IR_NONE, IR_NONE, i, IR_NONE);
        uint32_t snap = ir_snap_new(t, NULL, 0, i, 0);
        ir_snap_entry(t, i, SNAP_VALUE, 0, last);
        assert_int_equal(snap, (uint32_t)i);
    }
    assert_int_equal(last, 499);
    assert_int_equal(t->entries[t->snaps[300].first].ref, 300);
    ir_free(thread, t);
}

static void a_failed_allocation_makes_the_builder_inert(void **state)
{
    (void)state;
    for (uint64_t n = 1; n < 20; n++) {
        IrTrace *t = ir_new();
        rt_alloc_fail_at(n, true);
        for (int32_t i = 0; i < 100; i++) {
            IrRef k = ir_const_int(t, i);
            IrRef r = ir_emit(t, IR_neg_int, IR_I, k, IR_NONE, IR_NONE, 0, IR_NONE);
            uint32_t snap = ir_snap_new(t, NULL, 0, 0, 0);
            ir_snap_entry(t, 0, SNAP_VALUE, 0, r);
            (void)snap;
        }
        rt_alloc_fail_at(0, false);
        char message[100];
        assert_int_equal(ir_validate(t, message, sizeof message), false);
        ir_free(thread, t);
    }
}

static void effects_of_calls_come_from_their_helper(void **state)
{
    (void)state;
    IrTrace *t = trace_of("v0 V slot #0\n"
                          "v1 F call $math_sin 1.5\n"
                          "v2 I call $list_append v0 v0\n"
                          "v3 I load_list_size v0\n"
                          "v4 I neg_int v3\n"
                          "v5 - exit @0\n"
                          "snap 0 top=1 :\n");
    assert_true(ir_is_pure(t, &t->uops[1]));
    assert_int_equal(ir_writes(t, &t->uops[1]), 0);
    assert_false(ir_is_pure(t, &t->uops[2]));
    assert_true((ir_writes(t, &t->uops[2]) & MEM_LIST_SIZE) != 0);
    assert_true((ir_writes(t, &t->uops[2]) & (MEM_SLOT | MEM_COUNT)) == 0);
    assert_false(ir_is_pure(t, &t->uops[3]));
    assert_int_equal(ir_reads(t, &t->uops[3]), MEM_LIST_SIZE);
    assert_true(ir_is_pure(t, &t->uops[4]));
    ir_free(thread, t);
}

static void live_values_expand_virtual_objects(void **state)
{
    (void)state;
    IrTrace *t = trace_of("v0 V slot #0\n"
                          "v1 V slot #1\n"
                          "v2 V alloc_tuple #2 @0 !sunk\n"
                          "v3 - init_tuple v2 v1 #0 !sunk\n"
                          "v4 - init_tuple v2 v0 #1 !sunk\n"
                          "v5 - exit @1\n"
                          "snap 0 top=1 :\n"
                          "snap 1 top=4 : 0=v2 1=12 2=v0\n");
    IrRef live[4];
    assert_int_equal(ir_snap_live(t, 1, live, 4), 2);
    assert_int_equal(live[0], 1);
    assert_int_equal(live[1], 0);
    ir_free(thread, t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constants_are_shared_by_bits_and_type),
        cmocka_unit_test(value_constants_are_kept_alive),
        cmocka_unit_test(uops_and_snapshots_grow),
        cmocka_unit_test(a_failed_allocation_makes_the_builder_inert),
        cmocka_unit_test(effects_of_calls_come_from_their_helper),
        cmocka_unit_test(live_values_expand_virtual_objects),
    };
    return cmocka_run_group_tests(tests, runtime_setup, runtime_teardown);
}
