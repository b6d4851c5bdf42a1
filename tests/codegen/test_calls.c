/*
 * Traces that call traces: results, registers across the call, recursion, calls without a trace, callees
 * that leave, roots that return to C, guard_entered, and the way of an unwinder through all frames.
 */
#include "tests/codegen/support.h"

#include <unwind.h>

#include "runtime/thread.h"

enum { CALLEE_SLOT = 20 };

static struct {
    CgEntry entry;
    uint32_t calls, finishes;
    Value returns;      /* what the host's `call` and `finish` give */
    uint32_t exit_snap; /* of the last callee that left */
    Value *entered;
    Value slot; /* what its frame held in slot 1 then */
} host;

static Value host_call(Thread *th, CgEntry *entry, Value *fp)
{
    assert_ptr_equal(th, thread);
    assert_ptr_equal(entry, &host.entry);
    host.calls++;
    host.entered = fp;
    if (host.returns == VALUE_ABSENT) {
        rt_raise(th, EXC_VALUE_ERROR, "from the host");
        return VALUE_ABSENT;
    }
    return small(value_int(fp[0]) + value_int(host.returns));
}

static Value host_finish(Thread *th, CgState *state)
{
    assert_ptr_equal(th, thread);
    host.finishes++;
    host.exit_snap = state->exit->snap;
    host.entered = state->entered;
    Value *fp = cg_restore(th, state);
    assert_ptr_equal(fp, state->entered);
    host.slot = fp[1];
    return host.returns;
}

static const CgHost functions = {.call = host_call, .finish = host_finish};

/* A trace that calls host.entry with slot 0, and keeps values in every kind of register meanwhile. */
static IrTrace *caller_trace(void)
{
    char text[1200];
    snprintf(text, sizeof text,
             "v0 V slot #0\n"
             "v1 I unbox_int v0 @0\n"
             "v2 V slot #1\n"
             "v3 F unbox_float v2 @0\n"
             "v4 I add_int_ov v1 100 @0\n"
             "v5 I mul_int_ov v1 3 @0\n"
             "v6 F mul_float v3 v3\n"
             "v7 - enter_call #1 @0\n"
             "v8 - store_slot v0 #%d\n"
             "v9 P slot_address #%d\n"
             "v10 V call $call_code P:0x%llx v9\n"
             "v11 - leave_call #1\n"
             "v12 - guard_present v10 @1\n"
             "v13 I unbox_int v10 @2\n"
             "v14 I add_int_ov v13 v4 @2\n"
             "v15 F add_float v6 v3\n"
             "v16 - exit @3\n"
             "snap 0 top=2 :\n"
             "snap 1 top=2 : 2=v4\n"
             "snap 2 top=2 : 2=v10\n"
             "snap 3 top=6 : 2=v14 3=v15 4=v5 5=v1\n",
             CALLEE_SLOT, CALLEE_SLOT, (unsigned long long)(uintptr_t)&host.entry);
    return trace_of(text);
}

/* slot 0 plus 7, or an exit where that is beyond 1000. */
static const char add_seven[] = "v0 V slot #0\n"
                                "v1 I unbox_int v0 @0\n"
                                "v2 I add_int_ov v1 7 @0\n"
                                "v3 - guard_lt_int v2 1000 @1\n"
                                "v4 V box_int v2 @1\n"
                                "v5 - ret v4\n"
                                "snap 0 top=1 :\n"
                                "snap 1 top=2 : 1=v2\n";

typedef struct Ran {
    uint32_t snap;
    Value frame[FRAME_SLOTS];
} Ran;

static Ran run(const CgCode *code, Value a, Value b)
{
    Ran ran = {.frame = {a, b}};
    CgState state;
    thread->calls_left = 50;
    thread->trace_fp = NULL;
    cg_enter(thread, code, ran.frame, &state);
    assert_non_null(state.exit);
    ran.snap = state.exit->snap;
    assert_ptr_equal(cg_restore(thread, &state), ran.frame);
    assert_null(thread->trace_fp);
    return ran;
}

static void check_caller(const Ran *ran, int64_t x, double y, int64_t result)
{
    assert_int_equal(ran->snap, 3);
    assert_true(ran->frame[2] == small(result + x + 100));
    assert_true(ran->frame[3] == real(y * y + y));
    assert_true(ran->frame[4] == small(x * 3) && ran->frame[5] == small(x));
    assert_int_equal(thread->calls_left, 50);
}

static int set_up(void **state)
{
    cg_set_host(&functions);
    return codegen_setup(state);
}

static void start(void)
{
    memset(&host, 0, sizeof host);
    cg_entry_set(&host.entry, NULL);
}

static void calls_a_trace(void **state)
{
    (void)state;
    start();
    IrTrace *callee = trace_of(add_seven), *caller = caller_trace();
    CgCode *inner = compiled(callee, NULL), *outer = compiled(caller, NULL);
    host.returns = small(4000);
    Ran ran = run(outer, small(5), real(1.5)); /* no trace yet: the host runs the function */
    check_caller(&ran, 5, 1.5, 4005);
    assert_int_equal(host.calls, 1);
    cg_entry_set(&host.entry, inner);
    ran = run(outer, small(11), real(-2.25));
    check_caller(&ran, 11, -2.25, 18);
    assert_int_equal(host.calls, 1);
    assert_int_equal(host.finishes, 0);
    cg_entry_set(&host.entry, NULL);
    ran = run(outer, small(-3), real(0.5));
    check_caller(&ran, -3, 0.5, 3997);
    assert_int_equal(host.calls, 2);
    cg_code_free(thread, arena, outer);
    cg_code_free(thread, arena, inner);
    ir_free(thread, caller);
    ir_free(thread, callee);
}

static void a_callee_that_leaves_is_finished(void **state)
{
    (void)state;
    start();
    IrTrace *callee = trace_of(add_seven), *caller = caller_trace();
    CgCode *inner = compiled(callee, NULL), *outer = compiled(caller, NULL);
    cg_entry_set(&host.entry, inner);
    host.returns = small(77);
    Ran ran = run(outer, small(999), real(3.0));
    check_caller(&ran, 999, 3.0, 77);
    assert_int_equal(host.finishes, 1);
    assert_int_equal(host.exit_snap, 1);
    assert_true(host.slot == small(1006));
    /* an exception: the caller leaves through its own snapshot */
    host.returns = VALUE_ABSENT;
    ran = run(outer, small(998), real(3.0));
    assert_int_equal(ran.snap, 1);
    assert_true(ran.frame[2] == small(1098));
    cg_entry_set(&host.entry, NULL);
    ran = run(outer, small(1), real(3.0));
    assert_int_equal(ran.snap, 1);
    assert_true(rt_pending(thread));
    rt_clear_exception(thread);
    cg_code_free(thread, arena, outer);
    cg_code_free(thread, arena, inner);
    ir_free(thread, caller);
    ir_free(thread, callee);
}

static void no_call_without_room(void **state)
{
    (void)state;
    start();
    IrTrace *caller = caller_trace();
    CgCode *outer = compiled(caller, NULL);
    Value frame[FRAME_SLOTS] = {small(1), real(1.0)};
    CgState s;
    thread->calls_left = 0;
    cg_enter(thread, outer, frame, &s);
    assert_int_equal(s.exit->snap, 0);
    assert_int_equal(host.calls, 0);
    assert_int_equal(thread->calls_left, 0);
    cg_code_free(thread, arena, outer);
    ir_free(thread, caller);
}

/* A guard and an exception guard that leave through one snapshot have an exit each. */
static void exceptions_take_no_side_trace(void **state)
{
    (void)state;
    IrTrace *t = trace_of("v0 V slot #0\n"
                          "v1 I unbox_int v0 @0\n"
                          "v2 V slot #1\n"
                          "v3 V call $value_unary_neg v2\n"
                          "v4 - guard_present v3 @0\n"
                          "v5 - exit @1\n"
                          "snap 0 top=2 :\n"
                          "snap 1 top=3 : 2=v3\n");
    IrTrace *side = trace_of("v0 - exit @0\n"
                             "snap 0 top=2 : 0=5\n");
    CgCode *code = compiled(t, NULL);
    assert_int_equal(code->exit_count, 3);
    CgExit *plain = NULL, *raising = NULL;
    for (uint32_t i = 0; i < code->exit_count; i++) {
        if (code->exits[i].snap == 0) {
            *(code->exits[i].raises ? &raising : &plain) = &code->exits[i];
        }
    }
    assert_non_null(plain);
    assert_non_null(raising);
    CgContext context = {.parent = plain};
    CgCode *attached = compiled(side, &context);
    cg_attach(plain, attached);
    Value frame[FRAME_SLOTS] = {real(1.0), small(1)};
    CgState s;
    cg_enter(thread, code, frame, &s);
    assert_ptr_equal(s.exit->code, attached);
    frame[0] = small(1);
    frame[1] = VALUE_NONE;
    cg_enter(thread, code, frame, &s);
    assert_ptr_equal(s.exit, raising);
    assert_true(rt_pending(thread));
    rt_clear_exception(thread);
    cg_code_free(thread, arena, attached);
    cg_code_free(thread, arena, code);
    ir_free(thread, side);
    ir_free(thread, t);
}

/* ---- recursion and unwinding ---------------------------------------------------------------------------- */

static struct {
    const CgCode *code;
    uint32_t in_trace;
    bool in_runner;
} walk;
static CgState recursion_state;

static void run_recursion(const CgCode *code, Value *frame);

static _Unwind_Reason_Code see_frame(struct _Unwind_Context *context, void *unused)
{
    (void)unused;
    uintptr_t ip = _Unwind_GetIP(context);
    walk.in_trace += ip - (uintptr_t)walk.code->entry < walk.code->code_bytes;
    walk.in_runner |=
        _Unwind_FindEnclosingFunction((void *)ip) == (const void *)(uintptr_t)run_recursion;
    return walk.in_runner ? _URC_END_OF_STACK : _URC_NO_REASON;
}

static Value walk_stack(Thread *th, CgState *state)
{
    (void)th;
    (void)state;
    _Unwind_Backtrace(see_frame, NULL);
    return small(0);
}

__attribute__((noinline)) static void run_recursion(const CgCode *code, Value *frame)
{
    cg_enter(thread, code, frame, &recursion_state);
    walk.code = code;
}

/* sum(n) = n + sum(n - 1), and at 0 the exit whose finish looks at the stack. */
static void recursion_returns_and_unwinds(void **state)
{
    (void)state;
    start();
    char text[800];
    snprintf(text, sizeof text,
             "v0 V slot #0\n"
             "v1 I unbox_int v0 @0\n"
             "v2 - guard_gt_int v1 0 @0\n"
             "v3 I sub_int v1 1\n"
             "v4 V box_int v3 @0\n"
             "v5 - enter_call #1 @0\n"
             "v6 - store_slot v4 #4\n"
             "v7 P slot_address #4\n"
             "v8 V call $call_code P:0x%llx v7\n"
             "v9 - leave_call #1\n"
             "v10 - guard_present v8 @0\n"
             "v11 I unbox_int v8 @1\n"
             "v12 I add_int_ov v11 v1 @1\n"
             "v13 V box_int v12 @1\n"
             "v14 - ret v13\n"
             "snap 0 top=1 :\n"
             "snap 1 top=2 : 1=v8\n",
             (unsigned long long)(uintptr_t)&host.entry);
    IrTrace *t = trace_of(text);
    CgCode *code = compiled(t, NULL);
    cg_entry_set(&host.entry, code);
    static const CgHost walking = {.call = host_call, .finish = walk_stack};
    cg_set_host(&walking);
    walk.code = code;
    walk.in_trace = 0;
    walk.in_runner = false;
    Value frame[FRAME_SLOTS * 4] = {small(40)};
    thread->calls_left = 100;
    run_recursion(code, frame);
    assert_null(recursion_state.exit);
    assert_true(recursion_state.result == small(820));
    assert_int_equal(thread->calls_left, 100);
    assert_true(walk.in_runner);
    assert_int_equal(walk.in_trace, 40); /* the innermost has become its leave part */
    cg_set_host(&functions);
    cg_code_free(thread, arena, code);
    ir_free(thread, t);
}

/* ---- guard_entered ------------------------------------------------------------------------------------------ */

static const CgCode *found;
static const CgCode *find(void *context, uint32_t id)
{
    (void)context;
    return id == 2 ? found : NULL;
}

/* A trace that is linked to in an inlined frame may not return for the frame that was entered. */
static void a_link_to_another_frame_does_not_return(void **state)
{
    (void)state;
    start();
    IrTrace *target = trace_of("trace 2\n"
                               "v0 V slot #0\n"
                               "v1 I unbox_int v0 @0\n"
                               "v2 - guard_entered @0\n"
                               "v3 V box_int v1 @0\n"
                               "v4 - ret v3\n"
                               "snap 0 top=1 :\n");
    IrTrace *same = trace_of("v0 - link #2 @0\n"
                             "snap 0 top=1 :\n");
    IrTrace *inner = trace_of("v0 V slot #1\n"
                              "v1 - store_slot v0 #8\n"
                              "v2 - link #2 @0\n"
                              "snap 0 base=8 top=9 depth=1 :\n");
    CgCode *code = compiled(target, NULL);
    found = code;
    CgContext context = {.find = find};
    CgCode *from_same = compiled(same, &context), *from_inner = compiled(inner, &context);
    Value frame[FRAME_SLOTS] = {small(3), small(4)};
    CgState s;
    cg_enter(thread, from_same, frame, &s);
    assert_null(s.exit);
    assert_true(s.result == small(3));
    cg_enter(thread, from_inner, frame, &s);
    assert_non_null(s.exit);
    assert_ptr_equal(s.exit->code, code);
    assert_ptr_equal(s.fp, frame + 8);
    assert_ptr_equal(s.entered, frame);
    /* the same in the portable executor */
    IrWord values[8];
    IrExit x = ir_execute_stressed(thread, target, frame, frame, values, NULL, NULL);
    assert_true(x.returned && x.result == small(3));
    x = ir_execute_stressed(thread, target, frame + 1, frame, values, NULL, NULL);
    assert_true(!x.returned && x.snap == 0);
    cg_code_free(thread, arena, from_inner);
    cg_code_free(thread, arena, from_same);
    cg_code_free(thread, arena, code);
    ir_free(thread, inner);
    ir_free(thread, same);
    ir_free(thread, target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_a_trace),
        cmocka_unit_test(a_callee_that_leaves_is_finished),
        cmocka_unit_test(no_call_without_room),
        cmocka_unit_test(exceptions_take_no_side_trace),
        cmocka_unit_test(recursion_returns_and_unwinds),
        cmocka_unit_test(a_link_to_another_frame_does_not_return),
    };
    return cmocka_run_group_tests(tests, set_up, codegen_teardown);
}
