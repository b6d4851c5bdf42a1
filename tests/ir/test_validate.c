/* Tests of ir/validate.c: one broken trace a rule. */
#include "tests/ir/support.h"

static void assert_invalid(const char *text, const char *part)
{
    char message[200] = "";
    uint32_t line = 0;
    IrTrace *t = ir_parse(thread, text, message, &line);
    if (t == NULL) {
        fail_msg("line %u: %s", line, message);
    }
    if (ir_validate(t, message, sizeof message)) {
        fail_msg("accepted:\n%s", text);
    }
    if (strstr(message, part) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", message, part);
    }
    ir_free(thread, t);
}

#define EXIT "v99 - exit @0\nsnap 0 top=1 :\n"

static void operands_are_defined_and_typed(void **state)
{
    (void)state;
    assert_invalid("v0 I neg_int v1\nv1 I neg_int 1\n" EXIT, "not defined before it");
    assert_invalid("v0 I neg_int v0\n" EXIT, "not defined before it");
    assert_invalid("v0 I neg_int 1.5\n" EXIT, "the wrong type");
    assert_invalid("v0 I neg_int\n" EXIT, "not defined before it");
    assert_invalid("v0 I neg_int 1 2\n" EXIT, "is not expected");
    assert_invalid("v0 F neg_int 1\n" EXIT, "result has the wrong type");
    assert_invalid("v0 I neg_int 1 #3\n" EXIT, "immediate is not expected");
    assert_invalid("v0 - incref 12 @0\n" EXIT, "the wrong type");
    assert_invalid("v0 - decref 1.5\n" EXIT, "the wrong type");
}

static void a_trace_ends_in_one_terminator(void **state)
{
    (void)state;
    assert_invalid("v0 I neg_int 1\n", "does not end a trace");
    assert_invalid("v0 - exit @0\n" EXIT, "is not the last uop");
    assert_invalid("", "empty");
}

static void exits_have_snapshots(void **state)
{
    (void)state;
    assert_invalid("v0 V slot #0\nv1 I unbox_int v0\n" EXIT, "has no snapshot");
    assert_invalid("v0 - exit\n", "has no snapshot");
    assert_invalid("v0 - jump\n", "has no snapshot");
    assert_invalid("v0 V slot #0\nv1 I unbox_int v0 @0\nv2 I neg_int v1\n"
                   "v3 - exit @0\nsnap 0 top=1 : 0=v2\n",
                   "not defined before it");
    assert_invalid("v0 - exit @0\nsnap 0 top=1 : 0=1 0=2\n", "twice");
    assert_invalid("v0 - exit @0\nsnap 0 top=1 : 0=P:0x10\n", "wrong kind");
    assert_invalid("v0 - exit @0\nsnap 0 top=1 : 0=1.5?\n", "is no int");
}

static void no_effect_lies_between_a_snapshot_and_its_guard(void **state)
{
    (void)state;
    assert_invalid("v0 V slot #0\nv1 I unbox_int v0 @1\nv2 - store_cell v0 v0\n"
                   "v3 - guard_lt_int v1 5 @1\n" EXIT "snap 1 top=1 :\n",
                   "an effect lies between");
    assert_invalid("v0 V slot #0\nv1 - guard_object v0 @1\nv2 - incref v0\n"
                   "v3 - guard_type v0 #9 @1\n" EXIT "snap 1 top=1 :\n",
                   "an effect lies between");
    /* X guards leave with an exception pending; they may come after the effect. */
    ir_free(thread, trace_of("v0 V slot #0\nv1 I unbox_int v0 @1\nv2 I call $list_append v0 v0\n"
                             "v3 - guard_ok v2 @1\n" EXIT "snap 1 top=1 :\n"));
}

static void loops_have_a_shape(void **state)
{
    (void)state;
    assert_invalid("v0 V slot #0\nv1 - loop\nv2 V phi v0 v0\nv3 - exit @0\nsnap 0 top=1 :\n",
                   "loop is broken");
    assert_invalid("v0 V slot #0\nv1 V phi v0 v0\n" EXIT, "does not stand after loop");
    assert_invalid("v0 - loop\nv1 I phi v2 v1\nv2 I neg_int v1\nv3 - jump\n", "before");
    assert_invalid("v0 - loop\nv1 I phi 1 1.5\nv2 - jump\n", "types differ");
    assert_invalid("v0 - loop\nv1 I phi 1 v7\nv7 - jump\n", "operand 1 is not defined");
    assert_invalid("v0 - loop\nv1 V slot #0\nv2 - jump\n", "after loop");
    ir_free(thread, trace_of("v0 - loop\nv1 I phi 1 v2\nv2 I neg_int v1\nv3 - jump\n"));
}

static void calls_match_their_helper(void **state)
{
    (void)state;
    assert_invalid("v0 F call $math_sin 1\n" EXIT, "wrong type");
    assert_invalid("v0 I call $math_sin 1.5\n" EXIT, "another result type");
    assert_invalid("v0 F call $math_sin 1.5 1.5\n" EXIT, "takes 1 arguments");
}

static void sunk_objects_are_seen_by_snapshots_only(void **state)
{
    (void)state;
    assert_invalid("v0 V alloc_tuple #1 @0 !sunk\nv1 I load_tuple_size v0\n" EXIT, "is sunk");
    assert_invalid("v0 I neg_int 1 !sunk\n" EXIT, "cannot be sunk");
    assert_invalid("inherit I\nv0 F inherit #0\n" EXIT, "no such inherited value");
}

#define SHARED "trace 1 form=shared\n"

static void shared_traces_ask_whether_objects_are_private(void **state)
{
    (void)state;
    const char *missing = "no guard_private";
    assert_invalid(SHARED "v0 V slot #0\nv1 I load_list_size v0\n" EXIT, missing);
    assert_invalid(SHARED "v0 V slot #0\nv1 - store_cell v0 None\n" EXIT, missing);
    assert_invalid(SHARED "v0 V slot #0\nv1 V slot #1\nv2 - guard_private v1 @0\n"
                          "v3 V load_cell v0\n" EXIT,
                   missing);
    assert_invalid(SHARED "v0 V slot #0\nv1 - guard_private v0 @0\nv2 I call $list_append v0 v0\n"
                          "v3 V load_cell v0\n" EXIT,
                   missing);
    assert_invalid(SHARED "v0 V slot #0\nv1 V alloc_cell v0 @0\nv2 I call $list_append v0 v1\n"
                          "v3 V load_cell v1\n" EXIT,
                   missing);
    assert_invalid(SHARED "v0 V slot #0\nv1 - guard_private v0 @0\nv2 - loop\n"
                          "v3 V load_cell v0\nv4 I call $list_append v0 v0\nv5 - jump\n"
                          "snap 0 top=1 :\n",
                   missing);
    assert_invalid(SHARED "v0 V load_global P:0x10\n" EXIT, "other threads may write");
    assert_invalid(SHARED "v0 I load_version P:0x10\n" EXIT, "other threads may write");
    assert_invalid(SHARED
                   "v0 V slot #0\nv1 P load_shared_table v0\nv2 V load_list_item v1 0\n" EXIT,
                   "other threads may write");
    assert_invalid(SHARED "v0 - guard_alone @0\n" EXIT, "for the alone form");
    ir_free(thread, trace_of(SHARED "v0 V slot #0\nv1 - guard_private v0 @0\n"
                                    "v2 P load_list_table v0\nv3 - loop\nv4 V load_list_item v2 0\n"
                                    "v5 V alloc_cell v4 @1\nv6 V load_cell v5\nv7 - jump\n"
                                    "snap 0 top=1 :\nsnap 1 top=1 :\n"));
    ir_free(thread, trace_of(SHARED "v0 V slot #0\nv1 P load_shared_table v0\n"
                                    "v2 V load_shared_item v1 0\n" EXIT));
}

static void numbers_are_stored_under_the_lock(void **state)
{
    (void)state;
    const char *together = "belong together";
    assert_invalid(SHARED "v0 V slot #0\nv1 I store_locked_item v0 0 V:1\n" EXIT, together);
    assert_invalid(SHARED "v0 V slot #0\nv1 - lock_list v0\n" EXIT, together);
    assert_invalid(SHARED "v0 V slot #0\nv1 - lock_list v0\nv2 I store_locked_item v0 0 V:1\n"
                          "v3 - guard_true v2 @0\nv4 - unlock_list v0\n" EXIT,
                   together);
    assert_invalid(SHARED "v0 V slot #0\nv1 V slot #1\nv2 - lock_list v0\n"
                          "v3 I store_locked_item v1 0 V:1\nv4 - unlock_list v0\n"
                          "v5 - guard_true v3 @0\n" EXIT,
                   together);
    assert_invalid(SHARED "v0 V slot #0\nv1 I slot #1\nv2 - lock_list v0\n"
                          "v3 I store_locked_item v0 0 V:1\nv4 - unlock_list v0\n"
                          "v5 - guard_true v1 @0\n" EXIT,
                   "wrong type");
    assert_invalid(SHARED "v0 V slot #0\nv1 - guard_object v0 @1\nv2 - lock_list v0\n"
                          "v3 I store_locked_item v0 0 V:1\nv4 - unlock_list v0\n"
                          "v5 - guard_true v3 @1\nv6 - guard_type v0 #9 @1\n" EXIT
                          "snap 1 top=1 :\n",
                   "an effect lies between");
    ir_free(thread, trace_of(SHARED "v0 V slot #0\nv1 - guard_object v0 @1\nv2 - lock_list v0\n"
                                    "v3 I store_locked_item v0 0 V:1\nv4 - unlock_list v0\n"
                                    "v5 - guard_true v3 @1\n" EXIT "snap 1 top=1 :\n"));
}

static void alone_traces_ask_whether_they_still_are(void **state)
{
    (void)state;
    const char *missing = "no guard_alone";
    assert_invalid("v0 V slot #0\nv1 I call $value_len v0\nv2 I load_list_size v0\n" EXIT, missing);
    assert_invalid("v0 V slot #0\nv1 - loop\nv2 I call $value_len v0\nv3 - jump\n", missing);
    assert_invalid("v0 V slot #0\nv1 - guard_alone @0\nv2 I call $value_len v0\nv3 - link #2 @0\n"
                   "snap 0 top=1 :\n",
                   missing);
    ir_free(thread, trace_of("v0 V slot #0\nv1 I call $value_len v0\nv2 - guard_alone @0\n"
                             "v3 I load_list_size v0\n" EXIT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operands_are_defined_and_typed),
        cmocka_unit_test(a_trace_ends_in_one_terminator),
        cmocka_unit_test(exits_have_snapshots),
        cmocka_unit_test(no_effect_lies_between_a_snapshot_and_its_guard),
        cmocka_unit_test(loops_have_a_shape),
        cmocka_unit_test(calls_match_their_helper),
        cmocka_unit_test(sunk_objects_are_seen_by_snapshots_only),
        cmocka_unit_test(shared_traces_ask_whether_objects_are_private),
        cmocka_unit_test(numbers_are_stored_under_the_lock),
        cmocka_unit_test(alone_traces_ask_whether_they_still_are),
    };
    return cmocka_run_group_tests(tests, runtime_setup, runtime_teardown);
}
