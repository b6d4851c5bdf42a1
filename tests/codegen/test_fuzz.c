/* Random traces: machine code and the portable executor agree on exit and frame. */
#include "tests/codegen/random_trace.h"

static void run_many(uint32_t count, uint32_t size, uint32_t trips, uint32_t call_chance)
{
    const char *only = getenv("ADDER_TEST_SEED");
    uint32_t exits[3] = {0};
    for (uint32_t seed = 1; seed <= count; seed++) {
        if (only != NULL && (uint32_t)atoi(only) != seed) {
            continue;
        }
        Random r = {seed * 0x9E3779B97F4A7C15u + size * 31 + trips};
        rnd(&r, 2);
        IrTrace *t = random_root(&r, size, trips, call_chance);
        char message[200];
        if (!ir_validate(t, message, sizeof message)) {
            fail_msg("seed %u: %s\n%s", seed, message, ir_print(t));
        }
        Value frame[FRAME_SLOTS];
        random_frame(&r, frame);
        check_seed = seed;
        exits[check_engines_agree(t, frame) % 3]++;
        ir_free(thread, t);
    }
}

static void straight_traces(void **state)
{
    (void)state;
    run_many(600, 30, 0, 0);
    run_many(200, 250, 0, 0);
}
static void straight_traces_with_calls(void **state)
{
    (void)state;
    run_many(400, 40, 0, 20);
}
static void loops(void **state)
{
    (void)state;
    run_many(1000, 12, 20, 0);
    run_many(500, 60, 20, 0);
}
static void loops_under_pressure(void **state)
{
    (void)state;
    run_many(200, 300, 5, 0);
}
static void loops_with_calls(void **state)
{
    (void)state;
    run_many(600, 20, 10, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(straight_traces),
        cmocka_unit_test(straight_traces_with_calls),
        cmocka_unit_test(loops),
        cmocka_unit_test(loops_under_pressure),
        cmocka_unit_test(loops_with_calls),
    };
    return cmocka_run_group_tests(tests, codegen_setup, codegen_teardown);
}
