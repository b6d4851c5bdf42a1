/*
 * Random recordings, run as recorded and optimized: the same exits, frames, memory and counts.
 *
 * Fresh frames are run by the executor, once through a recording (recording.h) and once through the
 * optimized trace.  Where the recording leaves for want of a proof only (an overflow or a box that nobody may
 * need), the optimized one may stay longer; those runs are not compared.
 */
#include "tests/optimizer/recording.h"

/* ---- comparison ---- */

static bool same_value(Value a, Value b, int depth)
{
    if (a == b) {
        return true;
    }
    if (value_is_double(a) && value_is_double(b)) {
        double x = value_double(a), y = value_double(b);
        return x != x && y != y;
    }
    if (!value_is_object(a) || !value_is_object(b) || depth > 4 ||
        value_object(a)->type_id != value_object(b)->type_id) {
        return false;
    }
    if (value_has_type(a, TYPE_INT)) {
        return int_compare(a, b) == 0;
    }
    if (value_object(a)->local != value_object(b)->local) {
        return false;
    }
    if (value_has_type(a, TYPE_CELL)) {
        return same_value(((Cell *)value_object(a))->value, ((Cell *)value_object(b))->value,
                          depth + 1);
    }
    bool list = value_is_list(a);
    int64_t size = list ? list_size(a) : value_tuple(a)->size;
    if (size != (list ? list_size(b) : value_tuple(b)->size)) {
        return false;
    }
    for (int64_t i = 0; i < size; i++) {
        Value x = list ? value_list(a)->table->slots[i] : value_tuple(a)->items[i];
        Value y = list ? value_list(b)->table->slots[i] : value_tuple(b)->items[i];
        if (!same_value(x, y, depth + 1)) {
            return false;
        }
    }
    return true;
}

/* Runs t on a frame and rebuilds it. returns the pc of the exit. */
static uintptr_t run_on(const IrTrace *t, Frame *f)
{
    IrWord *values = calloc(t->count, sizeof *values);
    assert_non_null(values);
    IrExit e = ir_execute(thread, t, f->fp, values, NULL);
    assert_int_not_equal(e.snap, IR_NONE);
    ir_restore(thread, t, e.snap, f->fp, fetch_from_array, values);
    free(values);
    return (uintptr_t)t->snaps[e.snap].pc;
}

/* Leaves the recording's uop number pc - 1 only for want of a proof? */
static bool wants_proof(const IrTrace *raw, uintptr_t pc, const Frame *f)
{
    const IrUop *u = &raw->uops[pc - 1];
    IrOp op = (IrOp)u->op;
    if (op == IR_pow_int_ov && !ir_is_const(u->a)) {
        return true; /* multiplications, if the exponent turns out to be constant */
    }
    for (int i = 0; op == IR_unbox_int && i < INTS; i++) {
        if (value_has_type(f->fp[i], TYPE_INT)) {
            return true; /* a variable that the loop carries unboxed has left the small range */
        }
    }
    return (op >= IR_add_int_ov && op <= IR_abs_int_ov) || op == IR_box_int || op == IR_shl_int_ov;
}

/* Left the loop at its head because a variable that it boxes there has left the small range?  The
 * recording may have gone on for a part of the iteration. */
static bool left_at_head(const IrTrace *raw, uintptr_t pc, const Frame *f)
{
    const IrUop *jump = &raw->uops[raw->count - 1];
    bool big = false;
    for (int i = 0; i < INTS; i++) {
        big |= value_has_type(f->fp[i], TYPE_INT);
    }
    return big && jump->op == IR_jump && pc == (uintptr_t)raw->snaps[jump->snap].pc;
}

typedef struct Result {
    int compared, skipped, refused;
} Result;

static void one_recording(uint64_t seed, uint32_t disabled, Result *result)
{
    Maker m = {.seed = seed};
    frame_fill(&m.scratch, seed);
    Frame made = m.scratch;
    for (int i = 0; i < SLOTS; i++) {
        rt_incref(thread, made.fp[i]);
    }
    IrTrace *raw = record(&m, 4 + (uint32_t)(seed % 40));
    char message[200];
    if (!ir_validate(raw, message, sizeof message)) {
        fail_msg("seed %llu: recording: %s", (unsigned long long)seed, message);
    }
    char *text = ir_print(raw);
    uint32_t line;
    IrTrace *t = ir_parse(thread, text, message, &line);
    assert_non_null(t);
    OptTrail trail;
    OptConfig config = {.validate = true, .disabled = disabled};
    OptStatus status = opt_run(thread, &t, &config, &trail);
    if (status == OPT_INVALID) {
        fail_msg("seed %llu: %s: %s\n%s\n%s", (unsigned long long)seed, trail.pass, trail.message,
                 text, ir_print(t));
    }
    for (uint64_t k = 0; k < 4 && status == OPT_OK; k++) {
        Frame a, b;
        frame_fill(&a, seed + k * 77);
        frame_fill(&b, seed + k * 77);
        a.fp[3] = b.fp[3] = made.fp[3]; /* the counter: every run ends */
        uintptr_t pc_a = run_on(raw, &a), pc_b = run_on(t, &b);
        /* another place, or the same one in another iteration */
        bool apart = pc_a != pc_b || a.fp[3] != b.fp[3];
        bool skip = apart && (wants_proof(raw, pc_a, &a) || left_at_head(raw, pc_b, &b));
        result->skipped += skip;
        result->compared += !skip;
        for (int i = 0; i < SLOTS && !skip; i++) {
            if (pc_a != pc_b || !same_value(a.fp[i], b.fp[i], 0)) {
                fprintf(stderr, "%s\n%s\n", text, ir_print(t));
                fail_msg("seed %llu, frame %llu, passes off 0x%x: pc %zu and %zu, slot %d",
                         (unsigned long long)seed, (unsigned long long)k, disabled, pc_a, pc_b, i);
            }
        }
        frame_drop(&a);
        frame_drop(&b);
    }
    result->refused += status != OPT_OK;
    /* what the recording held at its end */
    for (int i = 0; i < SLOTS; i++) {
        if (m.written[i] && ir_type_of(raw, m.slots[i]) == IR_V) {
            m.scratch.fp[i] = word(&m, m.slots[i]).v;
        }
    }
    frame_drop(&m.scratch);
    frame_drop(&made);
    rt_free(text);
    ir_free(thread, t);
    ir_free(thread, raw);
}

static void optimized_traces_do_what_recorded_ones_do(void **state)
{
    (void)state;
    const char *only = getenv("OPT_SEED"), *count = getenv("OPT_COUNT");
    uint64_t first = only != NULL ? strtoull(only, NULL, 10) : 1;
    uint64_t end = first + (only != NULL ? 1 : count != NULL ? strtoull(count, NULL, 10) : 1500);
    Result result = {0};
    for (uint64_t seed = first; seed < end; seed++) {
        one_recording(seed * UINT64_C(0x9E3779B97F4A7C15) | 1, 0, &result);
    }
    printf("%d runs compared, %d left for want of a proof, %d recordings refused\n",
           result.compared, result.skipped, result.refused);
    if (only == NULL) {
        assert_true(result.compared > 10 * result.refused);
        assert_true(result.compared > 4 * result.skipped);
    }
}

static void each_pass_can_be_switched_off(void **state)
{
    (void)state;
    Result result = {0};
    for (uint64_t seed = 5000; seed < 5300; seed++) {
        uint32_t off = 1u << seed % OPT_PASS_COUNT;
        off |= seed % 3 == 0 ? 1u << seed / 7 % OPT_PASS_COUNT : 0;
        one_recording(seed * UINT64_C(0x9E3779B97F4A7C15) | 1, off, &result);
    }
    assert_true(result.compared > 500);
}

static void out_of_memory_is_a_status(void **state)
{
    (void)state;
    for (uint64_t seed = 7000; seed < 7010; seed++) {
        Maker m = {.seed = seed * UINT64_C(0x9E3779B97F4A7C15) | 1};
        frame_fill(&m.scratch, m.seed);
        Frame made = m.scratch;
        for (int i = 0; i < SLOTS; i++) {
            rt_incref(thread, made.fp[i]);
        }
        IrTrace *raw = record(&m, 30);
        char *text = ir_print(raw), message[200];
        uint32_t line;
        bool done = false;
        for (uint64_t n = 1; !done; n++) {
            IrTrace *t = ir_parse(thread, text, message, &line);
            assert_non_null(t);
            rt_alloc_fail_at(n, true);
            OptStatus status = opt_run(thread, &t, NULL, NULL);
            rt_alloc_fail_at(0, false);
            done = status != OPT_NO_MEMORY;
            assert_true(n < 200);
            ir_free(thread, t);
        }
        for (int i = 0; i < SLOTS; i++) {
            if (m.written[i] && ir_type_of(raw, m.slots[i]) == IR_V) {
                m.scratch.fp[i] = word(&m, m.slots[i]).v;
            }
        }
        frame_drop(&m.scratch);
        frame_drop(&made);
        rt_free(text);
        ir_free(thread, raw);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(optimized_traces_do_what_recorded_ones_do),
        cmocka_unit_test(each_pass_can_be_switched_off),
        cmocka_unit_test(out_of_memory_is_a_status),
    };
    return cmocka_run_group_tests(tests, runtime_setup, runtime_teardown);
}
