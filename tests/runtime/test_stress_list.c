/*
 * Lists under many threads: every short history of operations has an order that explains it; in long runs
 * nothing is lost, nothing comes twice, nothing dead is read.
 */
#include "tests/runtime/stress.h"

#include "runtime/list_internal.h"

enum { ROUNDS = 1500, PER_WORKER = 4, WORKERS = 3, FIRST = 4 };

enum Kind {
    APPEND,
    POP,
    POP_FIRST,
    INSERT,
    SET,
    GET,
    GET_LAST,
    REMOVE,
    CONTAINS,
    REVERSE,
    SORT,
    COPY,
    DOUBLE,
    KINDS
};
static const char *const kinds[] = {"append", "pop",     "pop(0)", "insert(0)", "set",
                                    "get",    "get(-1)", "remove", "in",        "reverse",
                                    "sort",   "copy",    "*= 2"};
enum { NOTHING = -1 };

static int64_t digest(const int64_t *items, int64_t count)
{
    int64_t d = count;
    for (int64_t i = 0; i < count; i++) {
        d = d * 10 + items[i];
    }
    return d;
}

static int64_t model_remove(StressModel *m, int64_t at)
{
    int64_t v = m->words[at];
    for (int64_t i = at; i + 1 < m->count; i++) {
        m->words[i] = m->words[i + 1];
    }
    m->words[--m->count] = 0;
    return v;
}

static void model_insert(StressModel *m, int64_t v)
{
    for (int64_t i = m->count++; i > 0; i--) {
        m->words[i] = m->words[i - 1];
    }
    m->words[0] = v;
}

static void model_swap(StressModel *m, int64_t i, int64_t j)
{
    int64_t v = m->words[i];
    m->words[i] = m->words[j];
    m->words[j] = v;
}

static int64_t model_find(const StressModel *m, int64_t v)
{
    for (int64_t i = 0; i < m->count; i++) {
        if (m->words[i] == v) {
            return i;
        }
    }
    return NOTHING;
}

static int64_t apply(StressModel *m, const StressOp *op)
{
    int64_t n = m->count, at;
    switch ((enum Kind)op->kind) {
    case APPEND: return m->words[m->count++] = op->a, 0;
    case POP: return n == 0 ? NOTHING : model_remove(m, n - 1);
    case POP_FIRST: return n == 0 ? NOTHING : model_remove(m, 0);
    case INSERT: return model_insert(m, op->a), 0;
    case SET: return op->b >= n ? NOTHING : (m->words[op->b] = op->a, 0);
    case GET: return op->b >= n ? NOTHING : m->words[op->b];
    case GET_LAST: return n == 0 ? NOTHING : m->words[n - 1];
    case REMOVE: at = model_find(m, op->a); return at < 0 ? NOTHING : (model_remove(m, at), 0);
    case CONTAINS: return model_find(m, op->a) >= 0;
    case REVERSE:
        for (int64_t i = 0; i < n / 2; i++) {
            model_swap(m, i, n - 1 - i);
        }
        return 0;
    case SORT:
        for (int64_t i = 1; i < n; i++) {
            for (int64_t j = i; j > 0 && m->words[j] < m->words[j - 1]; j--) {
                model_swap(m, j, j - 1);
            }
        }
        return 0;
    case COPY: return digest(m->words, n);
    default:
        for (int64_t i = 0; i < n; i++) {
            m->words[m->count++] = m->words[i];
        }
        return 0;
    }
}

static int64_t index_error(Thread *th)
{
    rt_clear_exception(th);
    return NOTHING;
}

static int64_t number_or_error(Thread *th, Value v)
{
    return v == VALUE_ABSENT ? index_error(th) : value_int(v);
}

static int64_t list_digest(Thread *th, Value list)
{
    Value copy = list_slice(th, list, 0, INT64_MAX);
    int64_t items[STRESS_WORDS], n = list_size(copy);
    for (int64_t i = 0; i < n; i++) {
        items[i] = value_int(list_item_lent(copy, i));
    }
    rt_decref(th, copy);
    return digest(items, n);
}

static int64_t call_list(Thread *th, Value list, const char *method)
{
    Value name = str_intern_cstr(th, method), bound = rt_getattr(th, list, name);
    Value r = rt_call(th, bound, NULL, 0, VALUE_ABSENT);
    rt_decref(th, name);
    rt_decref(th, bound);
    return r == VALUE_NONE ? 0 : index_error(th);
}

static int64_t perform(Thread *th, Value list, const StressOp *op)
{
    Value v = value_from_small_int(op->a);
    switch ((enum Kind)op->kind) {
    case APPEND: return list_append(th, list, v) ? 0 : NOTHING;
    case POP: return number_or_error(th, list_pop(th, list, -1));
    case POP_FIRST: return number_or_error(th, list_pop(th, list, 0));
    case INSERT: return list_insert(th, list, 0, v) ? 0 : NOTHING;
    case SET: return list_set(th, list, op->b, v) ? 0 : index_error(th);
    case GET: return number_or_error(th, list_get(th, list, op->b));
    case GET_LAST: return number_or_error(th, rt_getitem(th, list, value_from_small_int(-1)));
    case REMOVE: return list_remove(th, list, v) > 0 ? 0 : index_error(th);
    case CONTAINS: return rt_contains(th, list, v);
    case REVERSE: return call_list(th, list, "reverse");
    case SORT: return list_sort(th, list, VALUE_ABSENT, false) ? 0 : NOTHING;
    case COPY: return list_digest(th, list);
    default: break;
    }
    Value two = value_from_small_int(2), r = rt_type_of(list)->inplace[BIN_MUL](th, list, two);
    rt_decref(th, r);
    return 0;
}

typedef struct Linear {
    StressHistory history;
    Value list;
} Linear;

static void linear_round(Worker *w, Linear *x, bool doubles)
{
    for (int i = 0; i < PER_WORKER; i++) {
        StressOp *op = &x->history.ops[w->number * PER_WORKER + i];
        *op = (StressOp){.kind = (int)stress_random(w, KINDS),
                         .a = (int64_t)stress_random(w, 6),
                         .b = (int64_t)stress_random(w, 6)};
        if (op->kind == DOUBLE && !(doubles && w->number == 0 && i == 0)) {
            op->kind = GET; /* the model has a few words only */
        }
        op->start = stress_now();
        op->result = perform(w->th, x->list, op);
        op->end = stress_now();
    }
}

static void linear_body(Worker *w)
{
    Linear *x = w->stress->arg;
    for (int round = 0; round < ROUNDS; round++) {
        if (w->number == 0) {
            x->history = (StressHistory){.count = WORKERS * PER_WORKER};
            x->list = list_new(w->th, NULL, 0);
            for (int64_t i = 0; i < FIRST - round % 2 * 2; i++) {
                x->history.start.words[x->history.start.count++] = i;
                list_append(w->th, x->list, value_from_small_int(i));
            }
            stress_shared(w->th, x->list);
        }
        stress_start_together(w);
        linear_round(w, x, round % 2 == 1);
        stress_meet(w);
        if (w->number == 0) {
            stress_assert_linear(&x->history, apply, kinds);
            rt_decref(w->th, x->list);
        }
    }
}

static void test_each_history_has_an_order(void **state)
{
    Linear x;
    stress_run(*state, WORKERS, linear_body, &x);
}

enum { FREE_OPS = 8000 };

typedef struct Free {
    Value list;
    _Atomic int64_t pushed, popped;
    _Atomic uint8_t seen[STRESS_THREADS_MAX * FREE_OPS];
} Free;

static void take(Worker *w, Free *x, Value v)
{
    if (v == VALUE_ABSENT) {
        rt_clear_exception(w->th);
        return;
    }
    assert_int_equal(atomic_fetch_add(&x->seen[stress_number(v)], 1), 0); /* nobody else got it */
    atomic_fetch_add(&x->popped, 1);
    rt_decref(w->th, v);
}

static void push(Worker *w, Free *x, int i)
{
    Value v = stress_probe(w->th, w->number * FREE_OPS + i);
    if (i % 7 == 0) {
        assert_true(list_insert(w->th, x->list, (int64_t)stress_random(w, 8), v));
        rt_decref(w->th, v);
    } else if (i % 11 == 0) {
        Value more = list_new_steal(w->th, &v, 1);
        assert_true(list_extend(w->th, x->list, more));
        rt_decref(w->th, more);
    } else {
        assert_true(list_append_steal(w->th, x->list, v));
    }
    atomic_fetch_add(&x->pushed, 1);
}

static void look(Worker *w, const Free *x)
{
    Value lent = list_item_lent(x->list, (int64_t)stress_random(w, 16) - 8);
    if (lent != VALUE_ABSENT) {
        stress_number(lent); /* without a reference: lent by the epoch */
    }
    Value v = list_get(w->th, x->list, (int64_t)stress_random(w, 8));
    if (v == VALUE_ABSENT) {
        rt_clear_exception(w->th);
    } else {
        stress_number(v);
        rt_decref(w->th, v);
    }
    if (stress_random(w, 16) == 0) {
        Value copy = list_slice(w->th, x->list, 0, INT64_MAX);
        for (int64_t i = 0; i < list_size(copy); i++) {
            stress_number(list_item_lent(copy, i));
        }
        rt_decref(w->th, copy);
    }
}

static void free_body(Worker *w)
{
    Free *x = w->stress->arg;
    for (int i = 0; i < FREE_OPS; i++) {
        push(w, x, i);
        look(w, x);
        for (int64_t n = list_size(x->list) > 100 ? 3 : 1; n > 0; n--) {
            take(w, x, list_pop(w->th, x->list, stress_random(w, 4) == 0 ? 0 : -1));
        }
        if (stress_random(w, 64) == 0) {
            call_list(w->th, x->list, "reverse");
        }
        stress_pause(w);
    }
}

static void test_nothing_is_lost_or_comes_twice(void **state)
{
    Thread *th = *state;
    static Free x;
    x.list = stress_shared(th, list_new(th, NULL, 0));
    stress_run(th, stress_thread_count(), free_body, &x);
    assert_int_equal(list_size(x.list), x.pushed - x.popped);
    for (int64_t i = 0; i < list_size(x.list); i++) {
        assert_int_equal(atomic_fetch_add(&x.seen[stress_number(list_item_lent(x.list, i))], 1), 0);
    }
    assert_null(rt_check_published(value_object(x.list)));
    rt_decref(th, x.list);
    stress_assert_all_freed(th);
}

enum { SORT_ITEMS = 200, SORT_ROUNDS = 60 };

/* Sorting under appends: every number stays there, and no append is refused. */
static void sort_body(Worker *w)
{
    Value list = *(Value *)w->stress->arg;
    for (int i = 0; i < SORT_ROUNDS; i++) {
        assert_true(list_append(w->th, list, value_from_small_int(w->number * SORT_ROUNDS + i)));
        if (i % 8 == 0) {
            assert_true(list_sort(w->th, list, VALUE_ABSENT, i % 16 == 0));
        }
        assert_int_equal(rt_contains(w->th, list,
                                     value_from_small_int(w->number * SORT_ROUNDS + i)),
                         1);
        stress_pause(w);
    }
}

static void test_appends_survive_sorting(void **state)
{
    Thread *th = *state;
    Value list = stress_shared(th, list_new(th, NULL, 0));
    int threads = stress_thread_count();
    stress_run(th, threads, sort_body, &list);
    assert_int_equal(list_size(list), threads * SORT_ROUNDS);
    assert_true(list_sort(th, list, VALUE_ABSENT, false));
    for (int i = 0; i < threads * SORT_ROUNDS; i++) {
        assert_int_equal(value_int(list_item_lent(list, i)), i);
    }
    rt_decref(th, list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_history_has_an_order),
        cmocka_unit_test(test_nothing_is_lost_or_comes_twice),
        cmocka_unit_test(test_appends_survive_sorting),
    };
    return stress_main(tests, sizeof tests / sizeof *tests);
}
