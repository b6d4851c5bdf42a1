/* Tests of cg_compile: machine code does what the portable executor does. */
#include "tests/codegen/support.h"

static void a_counting_loop_leaves_at_its_end(void **state)
{
    (void)state;
    IrTrace *t = trace_of("v0 V slot #0\n"
                          "v1 I unbox_int v0 @0\n"
                          "v2 V slot #1\n"
                          "v3 I unbox_int v2 @0\n"
                          "v4 V slot #2\n"
                          "v5 I unbox_int v4 @0\n"
                          "v6 - loop\n"
                          "v7 I phi v1 v11\n"
                          "v8 I phi v5 v10\n"
                          "v9 - guard_lt_int v7 v3 @1\n"
                          "v10 I add_int_ov v8 v7 @1\n"
                          "v11 I add_int_ov v7 1 @2\n"
                          "v12 - jump\n"
                          "snap 0 top=3 :\n"
                          "snap 1 top=3 : 0=v7 2=v8\n"
                          "snap 2 top=3 : 0=v7 2=v10\n");
    Value frame[FRAME_SLOTS] = {small(0), small(1000), small(0)};
    assert_int_equal(check_engines_agree(t, frame), 1);
    frame[2] = real(0.5);
    assert_int_equal(check_engines_agree(t, frame), 0);
    ir_free(thread, t);
}

static void an_overflow_undoes_the_addition(void **state)
{
    (void)state;
    IrTrace *t = trace_of("v0 V slot #0\n"
                          "v1 I unbox_int v0 @0\n"
                          "v2 - loop\n"
                          "v3 I phi v1 v4\n"
                          "v4 I add_int_ov v3 1000000000000000000 @1\n"
                          "v5 - jump\n"
                          "snap 0 top=1 :\n"
                          "snap 1 top=1 : 0=v3\n");
    Value frame[FRAME_SLOTS] = {small(77)};
    assert_int_equal(check_engines_agree(t, frame), 1);
    ir_free(thread, t);
}

static void floats_run_in_vector_registers(void **state)
{
    (void)state;
    IrTrace *t = trace_of("v0 V slot #0\n"
                          "v1 F unbox_float v0 @0\n"
                          "v2 V slot #1\n"
                          "v3 I unbox_int v2 @0\n"
                          "v4 - loop\n"
                          "v5 F phi v1 v11\n"
                          "v6 F phi 1.0 v12\n"
                          "v7 I phi 0 v13\n"
                          "v8 I mul_int_ov v7 2 @1\n"
                          "v9 I add_int_ov v8 1 @1\n"
                          "v10 F int_to_float v9\n"
                          "v14 F div_float v6 v10\n"
                          "v11 F add_float v5 v14\n"
                          "v12 F neg_float v6\n"
                          "v13 I add_int_ov v7 1 @2\n"
                          "v15 - guard_lt_int v13 v3 @3\n"
                          "v16 - jump\n"
                          "snap 0 top=3 :\n"
                          "snap 1 top=3 : 0=v5 1=v7\n"
                          "snap 2 top=3 : 0=v11 1=v7\n"
                          "snap 3 top=3 : 0=v11 1=v13 2=v12\n");
    Value frame[FRAME_SLOTS] = {real(0), small(1000)};
    assert_int_equal(check_engines_agree(t, frame), 3);
    ir_free(thread, t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_counting_loop_leaves_at_its_end),
        cmocka_unit_test(an_overflow_undoes_the_addition),
        cmocka_unit_test(floats_run_in_vector_registers),
    };
    return cmocka_run_group_tests(tests, codegen_setup, codegen_teardown);
}
