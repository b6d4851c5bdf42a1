/*
 * Changes between two stages of a trace: what is kept, replaced, removed, added; numbers shift.
 */
#include "tests/ir/support.h"
#include "tools/trace/trace.h"

static Changes find(const char *before, const char *after)
{
    IrTrace *a = trace_of(before), *b = trace_of(after);
    Changes c;
    assert_true(changes_find(a, b, 0, &c));
    ir_free(thread, a);
    ir_free(thread, b);
    return c;
}

static void assert_counts(const Changes *c, uint32_t changed, uint32_t removed, uint32_t added)
{
    assert_int_equal(c->changed, changed);
    assert_int_equal(c->removed, removed);
    assert_int_equal(c->added, added);
}

#define HEAD "trace 1 head=0x10\nv0 V slot #0\nv1 I unbox_int v0 @0\n"
#define SNAP "snap 0 pc=0x10 base=0 top=4 depth=0 :\n"

static void same_trace_has_no_changes(void **state)
{
    (void)state;
    const char *text = HEAD "v2 I add_int v1 1\nv3 - keep v2\nv4 - exit @0\n" SNAP;
    Changes c = find(text, text);
    assert_counts(&c, 0, 0, 0);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(c.matches[i], i);
        assert_true(c.same[i]);
    }
    changes_free(&c);
}

/* A uop goes: those behind it have other numbers, and are the same. */
static void removed_uop_shifts_numbers(void **state)
{
    (void)state;
    Changes c =
        find(HEAD "v2 - guard_ge_int v1 0 @0\nv3 I add_int v1 1\nv4 - keep v3\nv5 - exit @0\n" SNAP,
             HEAD "v2 I add_int v1 1\nv3 - keep v2\nv4 - exit @0\n" SNAP);
    assert_counts(&c, 0, 1, 0);
    assert_int_equal(c.kept[2], IR_NONE);
    assert_int_equal(c.matches[2], 3);
    assert_true(c.same[3]);
    changes_free(&c);
}

/* One for one: a change of this uop, and what uses it is as before. */
static void replacement_leaves_its_users_alone(void **state)
{
    (void)state;
    Changes c =
        find(HEAD "v2 I mul_int_ov v1 2 @0\nv3 I add_int v2 5\nv4 - keep v3\nv5 - exit @0\n" SNAP,
             HEAD "v2 I shl_int v1 1\nv3 I add_int v2 5\nv4 - keep v3\nv5 - exit @0\n" SNAP);
    assert_counts(&c, 1, 0, 0);
    assert_false(c.same[2]);
    assert_true(c.same[3]);
    changes_free(&c);
}

static void other_operand_is_a_change(void **state)
{
    (void)state;
    Changes c =
        find(HEAD "v2 I add_int v1 1\nv3 I sub_int v2 v1\nv4 - keep v3\nv5 - exit @0\n" SNAP,
             HEAD "v2 I add_int v1 1\nv3 I sub_int v1 v2\nv4 - keep v3\nv5 - exit @0\n" SNAP);
    assert_counts(&c, 1, 0, 0);
    assert_false(c.same[3]);
    changes_free(&c);
}

static void order_of_commutative_operands_is_none(void **state)
{
    (void)state;
    Changes c =
        find(HEAD "v2 I add_int 7 v1\nv3 I add_int v2 v1\nv4 - keep v3\nv5 - exit @0\n" SNAP,
             HEAD "v2 I add_int v1 7\nv3 I add_int v1 v2\nv4 - keep v3\nv5 - exit @0\n" SNAP);
    assert_counts(&c, 0, 0, 0);
    changes_free(&c);
}

static void added_uops_have_no_match(void **state)
{
    (void)state;
    Changes c = find(HEAD "v2 - keep v1\nv3 - exit @0\n" SNAP, HEAD
                     "v2 I add_int v1 1\nv3 I mul_int v2 3\nv4 - keep v1\nv5 - exit @0\n" SNAP);
    assert_counts(&c, 0, 0, 2);
    assert_int_equal(c.matches[2], IR_NONE);
    assert_int_equal(c.matches[4], 2);
    changes_free(&c);
}

/* Every pair is mutual and in order, whatever the traces are; beyond the limit nothing is paired. */
static void pairs_are_mutual_and_in_order(void **state)
{
    (void)state;
    enum { ROUNDS = 60, UOPS = 3400 };
    uint32_t random = 12345;
    for (int round = 0; round < ROUNDS; round++) {
        IrTrace *t[2];
        uint32_t length = round == 0 ? UOPS : 40;
        for (int k = 0; k < 2; k++) {
            t[k] = ir_new();
            IrRef x = ir_emit(t[k], IR_slot, IR_V, IR_NONE, IR_NONE, IR_NONE, 0, IR_NONE);
            x = ir_emit(t[k], IR_unbox_int_known, IR_I, x, IR_NONE, IR_NONE, 0, IR_NONE);
            for (uint32_t i = 0; i < length; i++) {
                random = random * 1664525u + 1013904223u;
                int64_t n = round == 0 ? (int64_t)(i + 10000u * (uint32_t)k) : random >> 28;
                x = ir_emit(t[k], (random >> 20 & 1) != 0 ? IR_add_int : IR_xor_int, IR_I, x,
                            ir_const_int(t[k], n), IR_NONE, 0, IR_NONE);
            }
        }
        Changes c;
        assert_true(changes_find(t[0], t[1], 0, &c));
        uint32_t matched = 0, last = 0;
        for (uint32_t i = 0; i < t[1]->count; i++) {
            if (c.matches[i] != IR_NONE) {
                assert_int_equal(c.kept[c.matches[i]], i);
                assert_true(matched == 0 || c.matches[i] > last);
                last = c.matches[i];
                matched++;
            }
        }
        assert_int_equal(matched + c.removed, t[0]->count);
        assert_int_equal(matched + c.added, t[1]->count);
        changes_free(&c);
        ir_free(thread, t[0]);
        ir_free(thread, t[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_trace_has_no_changes),
        cmocka_unit_test(removed_uop_shifts_numbers),
        cmocka_unit_test(replacement_leaves_its_users_alone),
        cmocka_unit_test(other_operand_is_a_change),
        cmocka_unit_test(order_of_commutative_operands_is_none),
        cmocka_unit_test(added_uops_have_no_match),
        cmocka_unit_test(pairs_are_mutual_and_in_order),
    };
    return cmocka_run_group_tests(tests, runtime_setup, runtime_teardown);
}
