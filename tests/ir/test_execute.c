/* Tests of ir/execute.c and ir/evaluate.c. */
#include "tests/ir/support.h"

#include "ir/ops/ops.h"
#include "runtime/containers.h"
#include "runtime/int.h"

/* sum of 0..n-1, recorded: the frame holds i in slot 0, n in 1, the sum in 2. */
static const char *const recorded = "v0 V slot #0\n"
                                    "v1 I unbox_int v0 @0\n"
                                    "v2 V slot #1\n"
                                    "v3 I unbox_int v2 @0\n"
                                    "v4 - guard_lt_int v1 v3 @0\n"
                                    "v5 V slot #2\n"
                                    "v6 I unbox_int v5 @0\n"
                                    "v7 I add_int_ov v6 v1 @0\n"
                                    "v8 I add_int_ov v1 1 @1\n"
                                    "v9 V box_int v8 @1\n"
                                    "v10 - jump @2\n"
                                    "snap 0 pc=0x8 top=3 :\n"
                                    "snap 1 pc=0x10 top=3 : 2=v7\n"
                                    "snap 2 pc=0x8 top=3 : 0=v9 2=v7\n";

static void a_recorded_loop_runs_on_the_frame(void **state)
{
    (void)state;
    IrTrace *t = trace_of(recorded);
    Value fp[3] = {small(0), small(1000), small(0)};
    IrWord *values;
    IrExit e = run_of(t, fp, &values);
    assert_int_equal(e.snap, 0);
    assert_int_equal(e.link, IR_NONE);
    assert_false(e.returned);
    ir_restore(thread, t, e.snap, fp, fetch_from_array, values);
    assert_true(fp[0] == small(1000));
    assert_true(fp[2] == small(499500));
    free(values);
    ir_free(thread, t);
}

static void phis_are_assigned_in_parallel(void **state)
{
    (void)state;
    IrTrace *t = trace_of("v0 V slot #0\n"
                          "v1 I unbox_int v0 @0\n"
                          "v2 - loop\n"
                          "v3 I phi 0 v4\n"
                          "v4 I phi 1 v5\n"
                          "v5 I phi 7 v3\n"
                          "v6 I phi v1 v7\n"
                          "v7 I sub_int v6 1\n"
                          "v8 - guard_gt_int v7 0 @1\n"
                          "v9 - jump\n"
                          "snap 0 top=1 :\n"
                          "snap 1 top=4 : 0=v3 1=v4 2=v5 3=v7\n");
    Value fp[4] = {small(5), 0, 0, 0};
    IrWord *values;
    IrExit e = run_of(t, fp, &values);
    assert_int_equal(e.snap, 1);
    ir_restore(thread, t, e.snap, fp, fetch_from_array, values);
    assert_true(fp[0] == small(1) && fp[1] == small(7) && fp[2] == small(0) && fp[3] == small(0));
    free(values);
    ir_free(thread, t);
}

static void the_head_can_be_entered_again(void **state)
{
    (void)state;
    IrTrace *t = trace_of("v0 V slot #0\n"
                          "v1 I unbox_int v0 @0\n"
                          "v2 - loop\n"
                          "v3 I phi 0 v4\n"
                          "v4 I add_int v3 v1\n"
                          "v5 - guard_lt_int v4 20 @1\n"
                          "v6 - jump\n"
                          "snap 0 top=1 :\n"
                          "snap 1 top=1 : 0=v4\n");
    Value fp[1] = {small(3)};
    IrWord *values;
    run_of(t, fp, &values);
    assert_int_equal(values[4].i, 21);
    IrTrace *side = trace_of("inherit I\n"
                             "v0 I inherit #0\n"
                             "v1 I sub_int v0 13\n"
                             "v2 - link_head #0\n"
                             "head_args v1\n");
    IrWord side_values[3], phis[1];
    IrExit e = ir_execute(thread, side, fp, side_values, &values[4]);
    assert_int_equal(e.link, 0);
    ir_head_words(side, side_values, phis);
    assert_int_equal(phis[0].i, 8);
    e = ir_execute_head(thread, t, fp, fp, values, phis, NULL);
    assert_int_equal(e.snap, 1);
    assert_int_equal(values[4].i, 20);
    free(values);
    ir_free(thread, side);
    ir_free(thread, t);
}

static void helpers_allocation_and_counts_run(void **state)
{
    (void)state;
    IrTrace *t = trace_of("v0 V slot #0\n"
                          "v1 - incref v0 @0\n"
                          "v2 V alloc_tuple #2 @1\n"
                          "v3 - init_tuple v2 v0 #0\n"
                          "v4 - init_tuple v2 V:5 #1\n"
                          "v5 I call $list_append v0 v2\n"
                          "v6 - guard_ok v5 @1\n"
                          "v7 - decref v2\n"
                          "v8 V alloc_cell v0 @2\n"
                          "v9 V load_cell v8\n"
                          "v10 - store_cell v8 None\n"
                          "v11 - decref v8\n"
                          "v12 F call $math_pow 2.0 10.0\n"
                          "v13 V box_float v12\n"
                          "v14 - ret v13\n"
                          "snap 0 top=1 :\nsnap 1 top=1 :\nsnap 2 top=1 :\n");
    Value list = list_new(thread, NULL, 0);
    Value fp[1] = {list};
    IrWord *values;
    IrExit e = run_of(t, fp, &values);
    assert_true(e.returned);
    assert_true(e.result == value_from_double(1024.0));
    assert_int_equal(list_size(list), 1);
    assert_int_equal(value_object(list)->local, 2);
    assert_true(values[9].v == list);
    Value item = list_pop(thread, list, 0);
    assert_int_equal(value_tuple(item)->size, 2);
    rt_decref(thread, item);
    assert_int_equal(value_object(list)->local, 1);
    rt_decref(thread, list);
    free(values);
    ir_free(thread, t);
}

static void a_failing_helper_leaves_through_its_x_guard(void **state)
{
    (void)state;
    IrTrace *t = trace_of("v0 V slot #0\n"
                          "v1 V call $value_getitem v0 V:3\n"
                          "v2 - guard_present v1 @0\n"
                          "v3 - exit @1\n"
                          "snap 0 top=1 :\nsnap 1 top=1 :\n");
    Value list = list_new(thread, NULL, 0);
    IrWord *values;
    IrExit e = run_of(t, &list, &values);
    assert_int_equal(e.snap, 0);
    assert_true(rt_pending_is(thread, EXC_INDEX_ERROR));
    rt_clear_exception(thread);
    rt_decref(thread, list);
    free(values);
    ir_free(thread, t);
}

static void slots_are_lent_to_a_helper_as_an_array(void **state)
{
    (void)state;
    IrTrace *t = trace_of("v0 V slot #0\n"
                          "v1 - lend_slot v0 #2\n"
                          "v2 - lend_slot V:7 #3\n"
                          "v3 P slot_address #2\n"
                          "v4 V call $list_new_array v3 2\n"
                          "v5 - guard_present v4 @0\n"
                          "v6 - exit @1\n"
                          "snap 0 top=1 :\nsnap 1 top=2 : 1=v4\n");
    Value list = list_new(thread, NULL, 0);
    Value fp[4] = {list, 0, 0, 0};
    IrWord *values;
    assert_int_equal(run_of(t, fp, &values).snap, 1);
    ir_restore(thread, t, 1, fp, fetch_from_array, values);
    assert_true(list_get(thread, fp[1], 0) == list && list_get(thread, fp[1], 1) == small(7));
    assert_int_equal(value_object(list)->local, 3); /* ours, the new list's, and list_get's */
    rt_decref(thread, list);
    rt_decref(thread, fp[1]);
    rt_decref(thread, list);
    free(values);
    ir_free(thread, t);
}

static void guards_leave_and_slots_are_stored(void **state)
{
    (void)state;
    IrTrace *t = trace_of("v0 V slot #0\n"
                          "v1 I unbox_int v0 @0\n"
                          "v2 I floordiv_int 7 v1 @0\n"
                          "v3 I mod_int -7 2 @0\n"
                          "v4 V box_int v3 @0\n"
                          "v5 - store_slot v4 #1\n"
                          "v6 - store_slot_ptr P:0x40 #2\n"
                          "v7 - link #9 @1\n"
                          "snap 0 pc=1 top=1 :\nsnap 1 pc=2 top=1 :\n");
    Value fp[3] = {small(0), 0, 0};
    IrWord *values;
    assert_int_equal(run_of(t, fp, &values).snap, 0);
    free(values);
    fp[0] = small(2);
    IrExit e = run_of(t, fp, &values);
    assert_int_equal(e.snap, 1);
    assert_int_equal(e.link, 9);
    assert_int_equal(values[2].i, 3);
    assert_true(fp[1] == small(1) && fp[2] == 0x40);
    free(values);
    ir_free(thread, t);
}

static void powers_leave_where_they_do_not_fit(void **state)
{
    (void)state;
    static const struct {
        int64_t base, exponent, fits, result;
    } rows[] = {
        {2, 62, 1, INT64_C(1) << 62},
        {2, 63, 0, 0},
        {-2, 63, 1, INT64_MIN},
        {-2, 64, 0, 0},
        {3, 39, 1, INT64_C(4052555153018976267)},
        {3, 40, 0, 0},
        {-3, 39, 1, -INT64_C(4052555153018976267)},
        {0, 0, 1, 1},
        {0, INT64_MAX, 1, 0},
        {0, -1, 0, 0},
        {1, INT64_MAX, 1, 1},
        {1, -1, 0, 0},
        {-1, INT64_MAX, 1, -1},
        {-1, INT64_MAX - 1, 1, 1},
        {-1, 2, 1, 1},
        {-1, 0, 1, 1},
        {-1, INT64_MIN, 0, 0},
        {10, 18, 1, INT64_C(1000000000000000000)},
        {10, 19, 0, 0},
        {INT64_MIN, 1, 1, INT64_MIN},
        {INT64_MIN, 2, 0, 0},
        {INT64_MAX, 0, 1, 1},
        {7, -1, 0, 0},
        {3037000499, 2, 1, INT64_C(9223372030926249001)},
        {3037000500, 2, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        IrWord args[3] = {{.i = rows[i].base}, {.i = rows[i].exponent}}, r = {.i = 77};
        assert_int_equal(ir_evaluate(thread, IR_pow_int_ov, args, 0, &r), rows[i].fits);
        assert_true(r.i == (rows[i].fits ? rows[i].result : 77));
        if (rows[i].fits) {
            assert_true(ir_evaluate(thread, IR_pow_int, args, 0, &r));
            assert_true(r.i == rows[i].result);
        }
    }
    assert_int_equal(ir_power_count(2), 63);
    assert_int_equal(ir_power_count(-2), 64);
    assert_int_equal(ir_power_count(3), 40);
    assert_int_equal(ir_power_count(INT64_MIN), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recorded_loop_runs_on_the_frame),
        cmocka_unit_test(phis_are_assigned_in_parallel),
        cmocka_unit_test(the_head_can_be_entered_again),
        cmocka_unit_test(helpers_allocation_and_counts_run),
        cmocka_unit_test(a_failing_helper_leaves_through_its_x_guard),
        cmocka_unit_test(guards_leave_and_slots_are_stored),
        cmocka_unit_test(powers_leave_where_they_do_not_fit),
        cmocka_unit_test(slots_are_lent_to_a_helper_as_an_array),
    };
    return cmocka_run_group_tests(tests, runtime_setup, runtime_teardown);
}
