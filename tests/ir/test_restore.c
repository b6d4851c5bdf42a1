/* Tests of ir/restore.c. */
#include "tests/ir/support.h"

#include "runtime/containers.h"
#include "runtime/int.h"

static void every_type_is_boxed(void **state)
{
    (void)state;
    IrTrace *t = trace_of("v0 I neg_int 1\n"
                          "v1 F neg_float 1.0\n"
                          "v2 - exit @0\n"
                          "snap 0 base=2 top=9 depth=1 : 0=v0 1=v1 2=v0? 3=12 4=True 5~P:0x40 "
                          "6=4611686018427387904 7=2.5\n");
    Value fp[9] = {0};
    IrWord values[3] = {{.i = -1}, {.f = -1.0}};
    assert_ptr_equal(ir_restore(thread, t, 0, fp, fetch_from_array, values), fp + 2);
    assert_true(fp[0] == small(-1) && fp[1] == value_from_double(-1.0) && fp[2] == VALUE_TRUE);
    assert_true(fp[3] == small(12) && fp[4] == VALUE_TRUE && fp[5] == 0x40);
    int64_t big;
    assert_true(int_to_i64(fp[6], &big));
    assert_int_equal(big, INT64_C(1) << 62);
    assert_true(fp[7] == value_from_double(2.5));
    rt_decref(thread, fp[6]);
    ir_free(thread, t);
}

/* A drop entry gives back what no slot took; with + there was nothing to give back. */
static void references_that_no_slot_holds_are_dropped(void **state)
{
    (void)state;
    IrTrace *t = trace_of("v0 V slot #0\n"
                          "v1 V slot #1\n"
                          "v2 V alloc_tuple #1 @0 !sunk\n"
                          "v3 - init_tuple v2 v1 #0 !sunk\n"
                          "v4 - exit @1\n"
                          "snap 0 top=1 :\n"
                          "snap 1 top=6 : 0!v0 0=v0+ 0!v2 0!v1+ 0!12\n");
    Value a = list_new(thread, NULL, 0), b = list_new(thread, NULL, 0);
    Value fp[6] = {0};
    IrWord values[4] = {{.v = a}, {.v = rt_newref(thread, b)}};
    ir_restore(thread, t, 1, fp, fetch_from_array, values);
    assert_true(fp[0] == a && fp[1] == 0);
    assert_int_equal(value_object(a)->local, 1); /* alive: the slot took its own before */
    assert_int_equal(value_object(b)->local, 1); /* the virtual tuple's is gone */
    rt_decref(thread, a);
    rt_decref(thread, b);
    ir_free(thread, t);
}

static const char *const with_virtuals = "v0 V slot #0\n"
                                         "v1 V slot #1\n"
                                         "v2 V alloc_tuple #2 @0 !sunk\n"
                                         "v3 - init_tuple v2 v1 #0 !sunk\n"
                                         "v4 - init_tuple v2 v0 #1 !sunk !borrowed\n"
                                         "v5 V alloc_cell v2 @0 !sunk\n"
                                         "v6 - exit @1\n"
                                         "snap 0 top=1 :\n"
                                         "snap 1 top=6 : 2=v5 3=v2+ 4=v5+ 5=v0+\n";

static void virtual_objects_are_made_once_with_right_counts(void **state)
{
    (void)state;
    IrTrace *t = trace_of(with_virtuals);
    Value a = list_new(thread, NULL, 0), b = list_new(thread, NULL, 0);
    Value fp[6] = {a, b, 0, 0, 0, 0};
    IrWord values[7] = {{.v = a}, {.v = rt_newref(thread, b)}};
    ir_restore(thread, t, 1, fp, fetch_from_array, values);
    assert_true(fp[2] == fp[4]);
    assert_int_equal(value_object(fp[2])->local, 2);
    assert_true(value_has_type(fp[2], TYPE_CELL) && value_is_tuple(fp[3]));
    assert_int_equal(value_object(fp[3])->local, 2);
    assert_true(value_tuple(fp[3])->items[0] == b && value_tuple(fp[3])->items[1] == a);
    assert_int_equal(value_object(a)->local, 3);
    assert_int_equal(value_object(b)->local, 2);
    for (int i = 0; i < 6; i++) {
        rt_decref(thread, fp[i]);
    }
    ir_free(thread, t);
}

static void out_of_memory_leaves_none_and_drops_what_was_owned(void **state)
{
    (void)state;
    IrTrace *t = trace_of(with_virtuals);
    for (uint64_t n = 1; n <= 3; n++) {
        Value a = list_new(thread, NULL, 0), b = list_new(thread, NULL, 0);
        Value fp[6] = {a, b, 0, 0, 0, 0};
        IrWord values[7] = {{.v = a}, {.v = rt_newref(thread, b)}};
        rt_alloc_fail_at(n, true);
        ir_restore(thread, t, 1, fp, fetch_from_array, values);
        rt_alloc_fail_at(0, false);
        if (n <= 2) {
            assert_true(rt_pending_is(thread, EXC_MEMORY_ERROR));
            assert_true(fp[2] == VALUE_NONE && fp[4] == VALUE_NONE);
            rt_clear_exception(thread);
        } else {
            assert_false(rt_pending(thread));
        }
        assert_true(fp[5] == a);
        for (int i = 2; i < 6; i++) {
            rt_decref(thread, fp[i]);
        }
        assert_int_equal(value_object(a)->local, 1);
        assert_int_equal(value_object(b)->local, 1);
        rt_decref(thread, a);
        rt_decref(thread, b);
    }
    ir_free(thread, t);
}

static void a_heap_int_without_memory_is_none(void **state)
{
    (void)state;
    IrTrace *t = trace_of("v0 - exit @0\nsnap 0 top=2 : 0=4611686018427387904 1=5\n");
    Value fp[2] = {0};
    rt_alloc_fail_at(1, true);
    ir_restore(thread, t, 0, fp, fetch_from_array, NULL);
    rt_alloc_fail_at(0, false);
    assert_true(rt_pending_is(thread, EXC_MEMORY_ERROR));
    rt_clear_exception(thread);
    assert_true(fp[0] == VALUE_NONE && fp[1] == small(5));
    ir_free(thread, t);
}

static void many_virtual_objects_are_made(void **state)
{
    (void)state;
    IrTrace *t = ir_new();
    uint32_t before = ir_snap_new(t, NULL, 0, 0, 0);
    enum { COUNT = 100 };
    for (int i = 0; i < COUNT; i++) {
        IrRef tuple = ir_emit(t, IR_alloc_tuple, IR_V, IR_NONE, IR_NONE, IR_NONE, 1, before);
        IrRef init = ir_emit(t, IR_init_tuple, IR_N, tuple, ir_const_value(thread, t, small(i)),
                             IR_NONE, 0, IR_NONE);
        t->uops[tuple].flags = UOP_SUNK;
        t->uops[init].flags = UOP_SUNK;
    }
    uint32_t snap = ir_snap_new(t, NULL, 0, COUNT, 0);
    for (int i = 0; i < COUNT; i++) {
        ir_snap_entry(t, i, SNAP_VALUE, 0, (IrRef)i * 2);
    }
    ir_emit(t, IR_exit, IR_N, IR_NONE, IR_NONE, IR_NONE, 0, snap);
    char message[200];
    assert_true(ir_validate(t, message, sizeof message));
    Value fp[COUNT];
    ir_restore(thread, t, snap, fp, fetch_from_array, NULL);
    for (int i = 0; i < COUNT; i++) {
        assert_true(value_tuple(fp[i])->items[0] == small(i));
        rt_decref(thread, fp[i]);
    }
    ir_free(thread, t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_is_boxed),
        cmocka_unit_test(references_that_no_slot_holds_are_dropped),
        cmocka_unit_test(virtual_objects_are_made_once_with_right_counts),
        cmocka_unit_test(out_of_memory_leaves_none_and_drops_what_was_owned),
        cmocka_unit_test(a_heap_int_without_memory_is_none),
        cmocka_unit_test(many_virtual_objects_are_made),
    };
    return cmocka_run_group_tests(tests, runtime_setup, runtime_teardown);
}
