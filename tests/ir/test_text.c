/* Tests of ir/text.c and ir/parse.c: exact round trips, messages, and a fuzzer of the parser. */
#include "tests/ir/support.h"

static const char *const everything =
    "trace 7 head=0x1f40 parent=2 exit=5 head_snap=1 hoisted=0x2 writes=0x3be\n"
    "inherit I V F P\n"
    "v0 V slot #2\n"
    "v1 I inherit #0\n"
    "v2 F inherit #2\n"
    "v3 P inherit #3\n"
    "v4 I add_int_ov v1 -9223372036854775808 @0\n"
    "v5 F mul_float v2 -0.0\n"
    "v6 F add_float v5 1e+300\n"
    "v7 F sub_float v6 0.1\n"
    "v8 F div_float v7 inf\n"
    "v9 F div_float v8 -inf\n"
    "v10 F add_float v9 nan:0x7ff8000000000000\n"
    "v11 - guard_same v0 V@0x7f0012345678 @0\n"
    "v12 - guard_same_ptr v3 P:0x10 @0\n"
    "v13 V call $value_getitem v0 V:-12\n"
    "v14 - guard_present v13 @1\n"
    "v15 V alloc_tuple #1 @1 !sunk\n"
    "v16 - init_tuple v15 v13 #0 !sunk !borrowed\n"
    "v17 I load_field_int v0 #24\n"
    "v18 - guard_same v0 None @1\n"
    "v19 - guard_same v0 unbound @1\n"
    "v20 - loop\n"
    "v21 I phi v4 v23\n"
    "v22 V phi V:1.5 True\n"
    "v23 I add_int v21 1 !invariant\n"
    "v24 - jump\n"
    "snap 0 pc=0x1f48 base=0 top=6 depth=0 : 2=v0\n"
    "snap 1 pc=0x1f50 base=12 top=20 depth=1 : 2=v0+ 3=v4? 4=V:#0xfffb000000000000 5~P:0x40 6=v2 "
    "0!v0+ 0!v2\n"
    "fact v21 slot=2 low=-5 high=9223372036854775807\n"
    "head_refs 7 12\n"
    "head_args v1 V:2.0 absent\n";

static void prints_what_it_parsed(void **state)
{
    (void)state;
    char message[200];
    uint32_t line;
    IrTrace *t = ir_parse(thread, everything, message, &line);
    if (t == NULL) {
        fail_msg("line %u: %s", line, message);
    }
    char *text = ir_print(t);
    assert_string_equal(text, everything);
    rt_free(text);
    ir_free(thread, t);
}

static void labels_may_have_gaps_and_comments_are_skipped(void **state)
{
    (void)state;
    IrTrace *t = trace_of("; a dump, cut down\n"
                          "v10 V slot #1 ; the list\n"
                          "\n"
                          "v30 I load_list_size v10\n"
                          "v31 - exit @9\n"
                          "snap 9 pc=4 top=2 : 1=v30\n");
    char *text = ir_print(t);
    assert_string_equal(text, "trace 0 head=0x0\n"
                              "v0 V slot #1\n"
                              "v1 I load_list_size v0\n"
                              "v2 - exit @0\n"
                              "snap 0 pc=0x4 base=0 top=2 depth=0 : 1=v1\n");
    rt_free(text);
    ir_free(thread, t);
}

static void assert_refused(const char *text, uint32_t line, const char *part)
{
    char message[200] = "";
    uint32_t where = 0;
    IrTrace *t = ir_parse(thread, text, message, &where);
    assert_null(t);
    assert_int_equal(where, line);
    if (strstr(message, part) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", message, part);
    }
}

static void says_what_is_wrong_and_where(void **state)
{
    (void)state;
    assert_refused("fact 7 slot=1\n", 1, "a phi is expected");
    assert_refused("v0 V slot #0\nv1 V slott #1\n", 2, "an unknown uop at \"slott\"");
    assert_refused("v0 V slot #0\nv0 V slot #1\n", 2, "a label is defined twice");
    assert_refused("v0 I neg_int v5\n", 2, "label v5 is not defined");
    assert_refused("v0 - exit @3\n", 2, "label @3 is not defined");
    assert_refused("v0 I add_int 1 2 3 4\n", 1, "too many operands");
    assert_refused("v0 I add_int 1 99999999999999999999\n", 1, "too large");
    assert_refused("v0 V call $nobody 1\n", 1, "an unknown helper");
    assert_refused("snap 0 foot=1\n", 1, "an unknown field");
    assert_refused("hello\n", 1, "an unknown line");
    assert_refused("v0 V slot #0 !heavy\n", 1, "an unknown flag");
    assert_refused("v0 F add_float 1.0 nan:0x0\n", 1, "no nan");
}

static void floats_of_all_kinds_come_back_by_bits(void **state)
{
    (void)state;
    const uint64_t bits[] = {0,
                             1,
                             UINT64_C(1) << 63,
                             0x3FF0000000000000,
                             0x7FEFFFFFFFFFFFFF,
                             0x0010000000000000,
                             0x3FB999999999999A,
                             0x7FF0000000000000,
                             0xFFF0000000000000,
                             0x7FF8000000000000,
                             0xFFF8000000000001,
                             0x4340000000000001,
                             0x4415AF1D78B58C40};
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) {
        IrTrace *t = ir_new();
        ir_emit(t, IR_neg_float, IR_F, ir_const_float(t, double_from_bits(bits[i])), IR_NONE,
                IR_NONE, 0, IR_NONE);
        char *text = ir_print(t);
        char message[200];
        uint32_t line;
        IrTrace *back = ir_parse(thread, text, message, &line);
        assert_non_null(back);
        assert_int_equal(ir_const(back, back->uops[0].a)->bits, bits[i]);
        assert_int_equal(ir_const(back, back->uops[0].a)->type, IR_F);
        rt_free(text);
        ir_free(thread, t);
        ir_free(thread, back);
    }
}

/* Deterministic mutations: whatever the text, the parser ends, and what it accepts can be printed,
 * parsed again to the same text, and validated. Sanitizer builds see memory errors. */
static void survives_mutated_text(void **state)
{
    (void)state;
    size_t length = strlen(everything);
    char *text = malloc(length + 8);
    uint64_t seed = 88172645463325252u;
    static const char pool[] = "v0123456789 @#!$:=+?~_.-\nePVIFnx;";
    int accepted = 0;
    for (int round = 0; round < 3000; round++) {
        memcpy(text, everything, length + 1);
        for (int edits = 1 + round % 4; edits > 0; edits--) {
            seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
            size_t at = seed % length;
            char c = pool[(seed >> 32) % (sizeof pool - 1)];
            if ((seed >> 60) == 0) {
                text[at] = 0;
                break;
            }
            if ((seed >> 40 & 3) == 0) {
                memmove(text + at, text + at + 1, strlen(text + at));
            } else {
                text[at] = c;
            }
        }
        char message[200];
        uint32_t line;
        IrTrace *t = ir_parse(thread, text, message, &line);
        if (t == NULL) {
            continue;
        }
        accepted++;
        char *printed = ir_print(t);
        IrTrace *again = ir_parse(thread, printed, message, &line);
        if (again == NULL) {
            fail_msg("line %u: %s in\n%s", line, message, printed);
        }
        char *twice = ir_print(again);
        assert_string_equal(printed, twice);
        ir_validate(t, message, sizeof message);
        rt_free(printed);
        rt_free(twice);
        ir_free(thread, again);
        ir_free(thread, t);
    }
    assert_true(accepted > 100);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_what_it_parsed),
        cmocka_unit_test(labels_may_have_gaps_and_comments_are_skipped),
        cmocka_unit_test(says_what_is_wrong_and_where),
        cmocka_unit_test(floats_of_all_kinds_come_back_by_bits),
        cmocka_unit_test(survives_mutated_text),
    };
    return cmocka_run_group_tests(tests, runtime_setup, runtime_teardown);
}
