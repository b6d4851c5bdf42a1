/* Tests of machine code that touches memory, counts references, calls helpers, allocates, links. */
#include <sys/resource.h>

#include "tests/codegen/support.h"

#include "runtime/containers.h"

static uint32_t count_of(Value v) { return value_object(v)->local; }

/* Runs machine code on the frame and rebuilds it. returns the snapshot. */
static uint32_t run_native(const CgCode *code, Value *frame)
{
    CgState state;
    cg_enter(thread, code, frame, &state);
    cg_restore(thread, &state);
    return state.exit->snap;
}

static void a_list_is_read_and_written(void **state)
{
    (void)state;
    const Value items[] = {small(10), small(20), small(30)};
    Value list = list_new(thread, items, 3);
    IrTrace *t = trace_of("v0 V slot #0\n"
                          "v1 - guard_type v0 #9 @0\n"
                          "v2 I load_list_size v0\n"
                          "v3 P load_list_table v0\n"
                          "v4 V load_list_item v3 1\n"
                          "v5 I unbox_int v4 @0\n"
                          "v6 I sub_int v2 1\n"
                          "v7 V load_list_item v3 v6\n"
                          "v8 I unbox_int v7 @0\n"
                          "v9 I add_int v5 v8\n"
                          "v10 V box_int v9 @0\n"
                          "v11 - store_list_item v3 0 v10\n"
                          "v12 - exit @1\n"
                          "snap 0 top=2 :\n"
                          "snap 1 top=2 : 1=v2\n");
    CgCode *code = compiled(t, NULL);
    Value frame[FRAME_SLOTS] = {list};
    assert_int_equal(run_native(code, frame), 1);
    assert_true(frame[1] == small(3));
    assert_true(list_get(thread, list, 0) == small(50));
    frame[0] = small(1);
    assert_int_equal(run_native(code, frame), 0);
    rt_decref(thread, list);
    cg_code_free(thread, arena, code);
    ir_free(thread, t);
}

static void slots_are_lent_and_drops_happen_at_exits(void **state)
{
    (void)state;
    IrTrace *t = trace_of("v0 V slot #0\n"
                          "v1 V slot #1\n"
                          "v2 - incref v1 @0\n"
                          "v3 - lend_slot v0 #2\n"
                          "v4 - lend_slot v1 #3\n"
                          "v5 - lend_slot V:7 #4\n"
                          "v6 P slot_address #2\n"
                          "v7 V call $list_new_array v6 3\n"
                          "v8 - guard_present v7 @0\n"
                          "v9 - exit @1\n"
                          "snap 0 top=2 : 0!v1\n"
                          "snap 1 top=6 : 5=v7 0!v1\n");
    CgCode *code = compiled(t, NULL);
    Value a = list_new(thread, NULL, 0), b = list_new(thread, NULL, 0);
    Value frame[FRAME_SLOTS] = {a, b};
    assert_int_equal(run_native(code, frame), 1);
    assert_int_equal(list_size(frame[5]), 3);
    assert_true(frame[2] == a && frame[3] == b && frame[4] == small(7));
    assert_int_equal(value_object(a)->local, 2);
    assert_int_equal(value_object(b)->local, 2);
    rt_decref(thread, frame[5]);
    rt_decref(thread, a);
    rt_decref(thread, b);
    cg_code_free(thread, arena, code);
    ir_free(thread, t);
}

/* A decref whose cold half runs keeps every register: 20 ints and 10 floats are alive around it. */
static void a_cold_decref_keeps_all_registers(void **state)
{
    (void)state;
    char text[8000] = "v0 V slot #0\n", snaps[2000] = "snap 0 top=60 :\nsnap 1 top=60 :";
    int n = 1;
    char line[100];
    for (int i = 1; i <= 24; i++) {
        snprintf(line, sizeof line, "v%d V slot #%d\nv%d %s v%d @0\n", n, i, n + 1,
                 i % 3 ? "I unbox_int" : "F unbox_float", n);
        strcat(text, line);
        snprintf(line, sizeof line, " %d=v%d", 30 + i, n + 1);
        strcat(snaps, line);
        n += 2;
    }
    snprintf(line, sizeof line, "v%d - decref v0\nv%d - exit @1\n", n, n + 1);
    strcat(text, line);
    strcat(text, snaps);
    strcat(text, "\n");
    IrTrace *t = trace_of(text);
    CgCode *code = compiled(t, NULL);
    for (int shared = 0; shared < 2; shared++) {
        Value inner = list_new(thread, NULL, 0);
        Value list = list_new(thread, &inner, 1);
        if (shared) {
            rt_incref(thread, list);
        }
        Value frame[FRAME_SLOTS] = {list};
        for (int i = 1; i <= 24; i++) {
            frame[i] = i % 3 ? small(i * 1000) : real(i * 0.5);
        }
        assert_int_equal(run_native(code, frame), 1);
        for (int i = 1; i <= 24; i++) {
            assert_true(frame[30 + i] == frame[i]);
        }
        assert_int_equal(count_of(inner), shared ? 2 : 1); /* the list gave up its reference */
        if (shared) {
            assert_int_equal(count_of(list), 1);
            rt_decref(thread, list);
        }
        rt_decref(thread, inner);
    }
    cg_code_free(thread, arena, code);
    ir_free(thread, t);
}

static void incref_counts_foreign_objects_in_their_shared_count(void **state)
{
    (void)state;
    Value list = list_new(thread, NULL, 0);
    IrTrace *t = trace_of("v0 V slot #0\n"
                          "v1 - incref v0\n"
                          "v2 - exit @0\n"
                          "snap 0 top=1 :\n");
    CgCode *code = compiled(t, NULL);
    Value frame[FRAME_SLOTS] = {list};
    assert_int_equal(run_native(code, frame), 0);
    assert_int_equal(count_of(list), 2);
    value_object(list)->owner = thread->tid + 7;
    assert_int_equal(run_native(code, frame), 0);
    assert_int_equal(atomic_load(&value_object(list)->shared) >> 2, 1);
    atomic_store(&value_object(list)->shared, 0);
    value_object(list)->owner = thread->tid;
    assert_int_equal(count_of(list), 2);
    frame[0] = small(3);
    assert_int_equal(run_native(code, frame), 0);
    rt_decref(thread, list);
    rt_decref(thread, list);
    cg_code_free(thread, arena, code);
    ir_free(thread, t);
}

/* A number takes a number's place under the lock; all else leaves, and nothing is done. */
static void a_number_is_stored_in_a_list_that_others_know(void **state)
{
    (void)state;
    const Value items[] = {small(10), small(20)};
    Value list = list_new(thread, items, 2), inner = list_new(thread, NULL, 0);
    rt_publish(thread, value_object(list));
    IrTrace *t = trace_of("trace 1 form=shared\n"
                          "v0 V slot #0\nv1 V slot #1\nv2 V slot #2\nv3 I unbox_int v2 @0\n"
                          "v4 - lock_list v0\nv5 I store_locked_item v0 v3 v1\n"
                          "v6 - unlock_list v0\nv7 - guard_true v5 @1\nv8 - exit @2\n"
                          "snap 0 top=3 :\nsnap 1 top=3 :\nsnap 2 top=3 :\n");
    CgCode *code = compiled(t, NULL);
    const uint32_t alone = thread->alone;
    for (uint32_t k = 0; k < 2; k++) {
        thread->alone = k == 0 ? 0 : alone;
        Value frame[FRAME_SLOTS] = {list, real(1.5), small(1)};
        assert_int_equal(run_native(code, frame), 2);
        assert_true(list_get(thread, list, 1) == real(1.5));
        assert_int_equal(atomic_load(&value_object(list)->lock), 0);
        frame[2] = small(2);
        assert_int_equal(run_native(code, frame), 1); /* beyond its size */
        frame[2] = small(-1);
        assert_int_equal(run_native(code, frame), 1);
        frame[2] = small(0);
        assert_true(list_set(thread, list, 0, inner));
        assert_int_equal(run_native(code, frame), 1); /* an object is there */
        assert_int_equal(list_size(inner), 0);
        assert_true(list_set(thread, list, 0, small(3)));
        value_object(list)->flags |= OBJECT_PRIVATE;
        assert_int_equal(run_native(code, frame), 1); /* plain accesses are for these */
        value_object(list)->flags &= (uint16_t)~OBJECT_PRIVATE;
        assert_int_equal(atomic_load(&value_object(list)->lock), 0);
        assert_true(list_item_lent(list, 0) == small(3) && list_item_lent(list, 1) == real(1.5));
    }
    rt_decref(thread, inner);
    rt_decref(thread, list);
    cg_code_free(thread, arena, code);
    ir_free(thread, t);
}

/* Nine values live across the cold path. */
static void publish_clears_the_flag_of_private_objects(void **state)
{
    (void)state;
    Value inner = list_new(thread, NULL, 0);
    Value list = list_new(thread, &inner, 1);
    rt_decref(thread, inner);
    char text[1600] = "v0 V slot #0\n", line[80], snap[400] = "snap 1 top=30 :";
    int n = 1;
    for (int i = 1; i <= 9; i++, n += 2) {
        snprintf(line, sizeof line, "v%d V slot #%d\nv%d I unbox_int v%d @0\n", n, i, n + 1, n);
        strcat(text, line);
        snprintf(line, sizeof line, " %d=v%d", 10 + i, n + 1);
        strcat(snap, line);
    }
    snprintf(line, sizeof line, "v%d - publish v0\nv%d - exit @1\nsnap 0 top=1 :\n", n, n + 1);
    strcat(text, line);
    strcat(text, snap);
    strcat(text, "\n");
    IrTrace *t = trace_of(text);
    CgCode *code = compiled(t, NULL);
    for (int private = 0; private < 2; private ++) {
        Value frame[FRAME_SLOTS] = {list};
        for (int i = 1; i <= 9; i++) {
            frame[i] = small(i * 100);
        }
        value_object(list)->flags |= private ? OBJECT_PRIVATE : 0;
        value_object(inner)->flags |= private ? OBJECT_PRIVATE : 0;
        assert_int_equal(run_native(code, frame), 1);
        assert_int_equal(value_object(list)->flags & OBJECT_PRIVATE, 0);
        assert_int_equal(value_object(inner)->flags & OBJECT_PRIVATE, 0);
        for (int i = 1; i <= 9; i++) {
            assert_true(frame[10 + i] == small(i * 100));
        }
    }
    rt_decref(thread, list);
    cg_code_free(thread, arena, code);
    ir_free(thread, t);
}

static void tuples_and_cells_are_made(void **state)
{
    (void)state;
    IrTrace *t = trace_of("v0 V slot #0\n"
                          "v1 V slot #1\n"
                          "v2 F unbox_float v1 @0\n"
                          "v3 V alloc_tuple #2 @0\n"
                          "v4 - init_tuple v3 v0 #0\n"
                          "v5 V box_float v2\n"
                          "v6 - init_tuple v3 v5 #1\n"
                          "v7 V alloc_cell v3 @1\n"
                          "v8 - exit @2\n"
                          "snap 0 top=4 :\n"
                          "snap 1 top=4 : 2=v3\n"
                          "snap 2 top=4 : 2=v7 3=v2\n");
    CgCode *code = compiled(t, NULL);
    Value frame[FRAME_SLOTS] = {small(5), real(2.5)};
    assert_int_equal(run_native(code, frame), 2);
    assert_true(value_has_type(frame[2], TYPE_CELL));
    Value tuple = ((Cell *)(void *)value_object(frame[2]))->value;
    assert_true(value_is_tuple(tuple));
    assert_int_equal(value_tuple(tuple)->size, 2);
    assert_true(value_tuple(tuple)->items[0] == small(5));
    assert_true(value_tuple(tuple)->items[1] == real(2.5));
    assert_int_equal(count_of(tuple), 1);
    assert_true(frame[3] == real(2.5));
    rt_decref(thread, frame[2]);
    rt_alloc_fail_at(1, false);
    frame[2] = small(0);
    assert_int_equal(run_native(code, frame), 0);
    rt_alloc_fail_at(0, false);
    assert_true(rt_pending(thread));
    rt_clear_exception(thread);
    cg_code_free(thread, arena, code);
    ir_free(thread, t);
}

static const CgCode *target_code;
static const CgCode *find_target(void *context, uint32_t id)
{
    (void)context;
    return id == 7 ? target_code : NULL;
}

static void a_link_moves_the_frame_and_can_be_detached(void **state)
{
    (void)state;
    IrTrace *target = trace_of("v0 V slot #0\n"
                               "v1 I unbox_int v0 @0\n"
                               "v2 I add_int v1 1\n"
                               "v3 - exit @1\n"
                               "snap 0 top=1 :\n"
                               "snap 1 top=1 : 0=v2\n");
    CgCode *to = compiled(target, NULL);
    target_code = to;
    IrTrace *t = trace_of("v0 V slot #0\n"
                          "v1 - store_slot v0 #5\n"
                          "v2 - link #7 @0\n"
                          "snap 0 base=5 top=6 :\n");
    CgContext context = {.find = find_target};
    CgCode *code = compiled(t, &context);
    Value frame[FRAME_SLOTS] = {small(41)};
    CgState s;
    cg_enter(thread, code, frame, &s);
    assert_ptr_equal(s.exit->code, to);
    assert_ptr_equal(s.fp, frame + 5);
    assert_ptr_equal(cg_restore(thread, &s), frame + 5);
    assert_true(frame[5] == small(42) && frame[0] == small(41));
    assert_int_equal(code->exit_count, 1);
    cg_detach(&code->exits[0]);
    cg_enter(thread, code, frame, &s);
    assert_ptr_equal(s.exit, &code->exits[0]);
    assert_ptr_equal(cg_restore(thread, &s), frame + 5);
    assert_true(frame[5] == small(41));
    cg_code_free(thread, arena, code);
    cg_code_free(thread, arena, to);
    ir_free(thread, t);
    ir_free(thread, target);
}

static void helpers_that_fail_leave_through_their_guard(void **state)
{
    (void)state;
    char text[400];
    snprintf(text, sizeof text,
             "v0 V slot #0\n"
             "v1 I unbox_int v0 @0\n"
             "v2 V slot #1\n"
             "v3 V call $list_getitem v2 v1\n"
             "v4 - guard_present v3 @0\n"
             "v5 - exit @1\n"
             "snap 0 top=3 :\n"
             "snap 1 top=3 : 2=v3\n");
    IrTrace *t = trace_of(text);
    CgCode *code = compiled(t, NULL);
    const Value items[] = {small(7), small(8)};
    Value list = list_new(thread, items, 2);
    Value frame[FRAME_SLOTS] = {small(-1), list};
    assert_int_equal(run_native(code, frame), 1);
    assert_true(frame[2] == small(8));
    frame[0] = small(2);
    assert_int_equal(run_native(code, frame), 0);
    assert_true(rt_pending_is(thread, EXC_INDEX_ERROR));
    rt_clear_exception(thread);
    rt_decref(thread, list);
    cg_code_free(thread, arena, code);
    ir_free(thread, t);
}

static void a_full_arena_says_so_and_freed_memory_is_used_again(void **state)
{
    (void)state;
    const char *why = NULL;
    CgArena *tiny = cg_arena_new(thread, 1, &why);
    assert_non_null(tiny);
    IrTrace *t = trace_of("v0 V slot #0\n"
                          "v1 I unbox_int v0 @0\n"
                          "v2 I add_int_ov v1 1 @0\n"
                          "v3 - exit @1\n"
                          "snap 0 top=1 :\n"
                          "snap 1 top=1 : 0=v2\n");
    enum { MANY = 1000 };
    CgCode *codes[MANY];
    int count = 0;
    CgStatus s = CG_OK;
    while (count < MANY && (s = cg_compile(thread, tiny, t, NULL, &codes[count])) == CG_OK) {
        count++;
    }
    assert_int_equal(s, CG_ARENA_FULL);
    assert_true(count > 5);
    CgStats stats;
    cg_stats(tiny, &stats);
    assert_int_equal(stats.traces, count);
    assert_true(stats.code_bytes + stats.data_bytes <= stats.limit_bytes);
    for (int round = 0; round < 5; round++) {
        while (count % 7 == 0) {
            cg_code_free(thread, tiny, codes[--count]);
        }
        for (int i = 0; i < count; i++) { /* in another order each time */
            cg_code_free(thread, tiny, codes[(i * 7 + round) % count]);
        }
        int again = 0;
        while (again < count && cg_compile(thread, tiny, t, NULL, &codes[again]) == CG_OK) {
            Value frame[FRAME_SLOTS] = {small(round)};
            assert_int_equal(run_native(codes[again], frame), 1);
            assert_true(frame[0] == small(round + 1));
            again++;
        }
        if (again < count * 3 / 4) {
            fail_msg("%d traces, after freeing them only %d", count, again);
        }
        count = again;
    }
    for (int i = 0; i < count; i++) {
        cg_code_free(thread, tiny, codes[i]);
    }
    cg_arena_free(thread, tiny);
    ir_free(thread, t);
}

/* The permissions of the mapping that holds address, and whether another one of its file can be
 * written. */
static void permissions_of(const void *address, char permissions[5], bool *writable_twin)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    assert_non_null(maps);
    char line[512];
    *writable_twin = false;
    permissions[0] = 0;
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long low, high;
        char now[5];
        assert_int_equal(sscanf(line, "%lx-%lx %4s", &low, &high, now), 3);
        if ((uintptr_t)address >= low && (uintptr_t)address < high) {
            strcpy(permissions, now);
        }
        *writable_twin |= strstr(line, "adder-code") != NULL && now[1] == 'w';
    }
    fclose(maps);
}

static void code_is_never_mapped_writable(void **state)
{
    (void)state;
    IrTrace *t = trace_of("v0 - exit @0\nsnap 0 top=1 :\n");
    CgCode *code = compiled(t, NULL);
    char permissions[5];
    bool writable_twin;
    permissions_of(code->entry, permissions, &writable_twin);
    assert_string_equal(permissions, "r-xs");
    assert_false(writable_twin);
    permissions_of(code->exits[0].slot, permissions, &writable_twin);
    assert_string_equal(permissions, "rw-p");
    cg_code_free(thread, arena, code);
    ir_free(thread, t);
}

static void a_limit_on_files_is_a_reason_and_no_signal(void **state)
{
    (void)state;
    struct rlimit old, tight;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    tight = (struct rlimit){4096, old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    const char *why = NULL;
    CgArena *a = cg_arena_new(thread, 1 << 20, &why);
    setrlimit(RLIMIT_FSIZE, &old);
    assert_null(a);
    assert_string_equal(why, "memfd_create is refused");
}

static void out_of_memory_while_compiling_changes_nothing(void **state)
{
    (void)state;
    IrTrace *t = trace_of("v0 V slot #0\n"
                          "v1 I unbox_int v0 @0\n"
                          "v2 - exit @1\n"
                          "snap 0 top=1 :\n"
                          "snap 1 top=1 : 1=v1\n");
    const char *why = NULL;
    for (uint64_t n = 1; n < 40; n++) {
        CgArena *a = cg_arena_new(thread, 1 << 20, &why);
        assert_non_null(a);
        CgCode *code = NULL;
        rt_alloc_fail_at(n, false);
        CgStatus s = cg_compile(thread, a, t, NULL, &code);
        rt_alloc_fail_at(0, false);
        assert_true(s == CG_OK ? code != NULL : s == CG_NO_MEMORY && code == NULL);
        cg_code_free(thread, a, code);
        cg_arena_free(thread, a);
    }
    ir_free(thread, t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_read_and_written),
        cmocka_unit_test(slots_are_lent_and_drops_happen_at_exits),
        cmocka_unit_test(a_cold_decref_keeps_all_registers),
        cmocka_unit_test(a_number_is_stored_in_a_list_that_others_know),
        cmocka_unit_test(incref_counts_foreign_objects_in_their_shared_count),
        cmocka_unit_test(publish_clears_the_flag_of_private_objects),
        cmocka_unit_test(tuples_and_cells_are_made),
        cmocka_unit_test(a_link_moves_the_frame_and_can_be_detached),
        cmocka_unit_test(helpers_that_fail_leave_through_their_guard),
        cmocka_unit_test(a_full_arena_says_so_and_freed_memory_is_used_again),
        cmocka_unit_test(code_is_never_mapped_writable),
        cmocka_unit_test(a_limit_on_files_is_a_reason_and_no_signal),
        cmocka_unit_test(out_of_memory_while_compiling_changes_nothing),
    };
    return cmocka_run_group_tests(tests, codegen_setup, codegen_teardown);
}
