/*
 * Cells and other single slots under many threads: what is read lives, each value that was stored is taken out
 * once, and short histories have an order.
 */
#include "tests/runtime/stress.h"

#include "runtime/abstract.h"

enum { ROUNDS = 1500, PER_WORKER = 6, WORKERS = 3 };
enum Kind { SET, GET, CLEAR, KINDS };
static const char *const kinds[] = {"set", "get", "clear"};
enum { NOTHING = 0 };

static int64_t apply(StressModel *m, const StressOp *op)
{
    int64_t had = m->words[0];
    switch ((enum Kind)op->kind) {
    case SET: return m->words[0] = op->a, 0;
    case GET: return had;
    default: return m->words[0] = NOTHING, 0;
    }
}

static int64_t perform(Thread *th, Value cell, const StressOp *op)
{
    Value v;
    switch ((enum Kind)op->kind) {
    case SET: cell_set_steal(th, cell, stress_probe(th, op->a)); return 0;
    case GET: {
        v = cell_get(th, cell);
        int64_t n = v == VALUE_UNBOUND ? NOTHING : stress_number(v);
        rt_decref(th, v);
        return n;
    }
    default: cell_set_steal(th, cell, VALUE_UNBOUND); return 0;
    }
}

typedef struct Linear {
    StressHistory history;
    Value cell;
} Linear;

static void linear_round(Worker *w, Linear *x)
{
    for (int i = 0; i < PER_WORKER; i++) {
        StressOp *op = &x->history.ops[w->number * PER_WORKER + i];
        *op = (StressOp){.kind = (int)stress_random(w, KINDS),
                         .a = 1 + (int64_t)stress_random(w, 1000)};
        op->start = stress_now();
        op->result = perform(w->th, x->cell, op);
        op->end = stress_now();
    }
}

static void linear_body(Worker *w)
{
    Linear *x = w->stress->arg;
    for (int round = 0; round < ROUNDS; round++) {
        if (w->number == 0) {
            x->history = (StressHistory){.count = WORKERS * PER_WORKER};
            x->cell = stress_shared(w->th, cell_new(w->th, VALUE_UNBOUND));
        }
        stress_start_together(w);
        linear_round(w, x);
        stress_meet(w);
        if (w->number == 0) {
            stress_assert_linear(&x->history, apply, kinds);
            rt_decref(w->th, x->cell);
        }
    }
}

static void test_each_history_has_an_order(void **state)
{
    static Linear x;
    stress_run(*state, WORKERS, linear_body, &x);
    stress_assert_all_freed(*state);
}

enum { OPS = 10000 };

/* What is stored may be a list that reaches private ones: all of it is published first. */
static void free_body(Worker *w)
{
    Value cell = *(Value *)w->stress->arg;
    for (int i = 0; i < OPS; i++) {
        if (stress_random(w, 2) == 0) {
            Value probe = stress_probe(w->th, i), inner = list_new_steal(w->th, &probe, 1);
            cell_set_steal(w->th, cell, list_new_steal(w->th, &inner, 1));
        } else {
            Value v = cell_get(w->th, cell);
            if (v != VALUE_UNBOUND) {
                Value inner = list_item_lent(v, 0);
                assert_int_equal(value_object(inner)->flags & OBJECT_PRIVATE, 0);
                stress_number(list_item_lent(inner, 0));
            }
            rt_decref(w->th, v);
        }
        stress_pause(w);
    }
}

static void test_what_is_read_lives_and_is_published(void **state)
{
    Thread *th = *state;
    Value cell = stress_shared(th, cell_new(th, VALUE_UNBOUND));
    stress_run(th, stress_thread_count(), free_body, &cell);
    assert_null(rt_check_published(value_object(cell)));
    rt_decref(th, cell);
    stress_assert_all_freed(th);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_history_has_an_order),
        cmocka_unit_test(test_what_is_read_lives_and_is_published),
    };
    return stress_main(tests, sizeof tests / sizeof *tests);
}
