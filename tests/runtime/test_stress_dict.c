/*
 * Dicts under many threads: every short history of operations has an order that explains it; setdefault has one
 * winner, pop one taker, an own key keeps its value while others make the table grow.
 */
#include "tests/runtime/stress.h"

#include "runtime/dict_table.h"

enum { ROUNDS = 1500, PER_WORKER = 5, WORKERS = 3, KEYS = 5 };
enum Kind {
    SET,
    GET,
    LENT,
    DELETE,
    POP,
    SETDEFAULT,
    POPITEM,
    CONTAINS,
    LENGTH,
    COPY,
    UPDATE,
    CLEAR,
    KINDS
};
static const char *const kinds[] = {"set",     "get", "lent", "del",  "pop",    "setdefault",
                                    "popitem", "in",  "len",  "copy", "update", "clear"};
enum { NOTHING = -1, EMPTY = 0 };

/* The model: words[key] is the value or EMPTY; words[8 + i], i < count: the keys in order of insertion. */
static void model_remove(StressModel *m, int64_t key)
{
    int64_t to = 0;
    for (int64_t i = 0; i < m->count; i++) {
        if (m->words[8 + i] != key) {
            m->words[8 + to++] = m->words[8 + i];
        }
    }
    m->words[8 + to] = 0;
    m->count = to;
    m->words[key] = EMPTY;
}

static int64_t model_set(StressModel *m, int64_t key, int64_t v)
{
    if (m->words[key] == EMPTY) {
        m->words[8 + m->count++] = key;
    }
    m->words[key] = v;
    return 0;
}

static int64_t model_take(StressModel *m, int64_t key)
{
    int64_t v = m->words[key];
    if (v == EMPTY) {
        return NOTHING;
    }
    model_remove(m, key);
    return v;
}

static int64_t apply(StressModel *m, const StressOp *op)
{
    int64_t key = op->a, v = m->words[key], digest = 0;
    switch ((enum Kind)op->kind) {
    case SET: return model_set(m, key, op->b);
    case GET:
    case LENT: return v == EMPTY ? NOTHING : v;
    case DELETE: return model_take(m, key) == NOTHING ? NOTHING : 0;
    case POP: return model_take(m, key);
    case SETDEFAULT: return v == EMPTY ? (model_set(m, key, op->b), op->b) : v;
    case POPITEM: return m->count == 0 ? NOTHING : model_take(m, m->words[8 + m->count - 1]);
    case CONTAINS: return v != EMPTY;
    case LENGTH: return m->count;
    case COPY:
        for (int64_t i = 0; i < m->count; i++) {
            digest = digest * 100 + m->words[8 + i] * 10 + m->words[m->words[8 + i]];
        }
        return digest;
    case UPDATE: return model_set(m, key, op->b), 0;
    default:
        while (m->count > 0) {
            model_remove(m, m->words[8]);
        }
        return 0;
    }
}

static int64_t number(Thread *th, Value v)
{
    int64_t n = v == VALUE_ABSENT ? NOTHING : stress_number(v);
    rt_xdecref(th, v);
    return n;
}

/* Keys are texts with one content in many objects, so that finding compares. */
static Value make_key(Thread *th, int64_t key)
{
    char text[] = "key of the test 0";
    text[sizeof text - 2] = (char)('0' + key);
    return str_from_cstr(th, text);
}

static int64_t copy_digest(Thread *th, Value dict)
{
    Value copy = dict_copy(th, dict), key, v;
    int64_t digest = 0;
    for (int64_t at = 0; dict_next(copy, &at, &key, &v);) {
        int64_t k = str_char_at(value_str(key), value_str(key)->length - 1) - '0';
        digest = digest * 100 + k * 10 + stress_number(v);
    }
    rt_decref(th, copy);
    return digest;
}

static int64_t update_two(Thread *th, Value dict, const StressOp *op, Value key, Value v)
{
    Value two = dict_new(th),
          next =
              make_key(th,
                       op->a); /* one key: readers without a lock may see several come one by one */
    bool ok = dict_set(th, two, key, v) && dict_set(th, two, next, v) && dict_update(th, dict, two);
    rt_decref(th, two);
    rt_decref(th, next);
    return ok ? 0 : NOTHING;
}

static int64_t perform(Thread *th, Value dict, const StressOp *op, Value key, Value v)
{
    Value out = VALUE_ABSENT, taken_key = VALUE_ABSENT;
    switch ((enum Kind)op->kind) {
    case SET: return dict_set(th, dict, key, v) ? 0 : NOTHING;
    case GET: return dict_get(th, dict, key, &out) ? number(th, out) : NOTHING;
    case LENT:
        out = dict_get_lent(dict, key);
        return out == VALUE_ABSENT ? NOTHING : stress_number(out);
    case DELETE: return dict_delete(th, dict, key) > 0 ? 0 : NOTHING;
    case POP: dict_take(th, value_dict(dict), key, &out); return number(th, out);
    case SETDEFAULT: return number(th, dict_setdefault(th, dict, key, v));
    case POPITEM:
        if (!dict_take_last(th, value_dict(dict), &taken_key, &out)) {
            return NOTHING;
        }
        rt_decref(th, taken_key);
        return number(th, out);
    case CONTAINS: return dict_contains(th, dict, key);
    case LENGTH: return dict_length(th, dict);
    case COPY: return copy_digest(th, dict);
    case UPDATE: return update_two(th, dict, op, key, v);
    default: dict_clear(th, value_dict(dict)); return 0;
    }
}

typedef struct Linear {
    StressHistory history;
    Value dict;
} Linear;

static void linear_round(Worker *w, Linear *x)
{
    for (int i = 0; i < PER_WORKER; i++) {
        StressOp *op = &x->history.ops[w->number * PER_WORKER + i];
        *op = (StressOp){.kind = (int)stress_random(w, KINDS),
                         .a = (int64_t)stress_random(w, KEYS),
                         .b = 1 + (int64_t)stress_random(w, 9)};
        Value key = make_key(w->th, op->a), v = stress_probe(w->th, op->b);
        op->start = stress_now();
        op->result = perform(w->th, x->dict, op, key, v);
        op->end = stress_now();
        rt_decref(w->th, key);
        rt_decref(w->th, v);
    }
}

static void linear_body(Worker *w)
{
    Linear *x = w->stress->arg;
    for (int round = 0; round < ROUNDS; round++) {
        if (w->number == 0) {
            x->history = (StressHistory){.count = WORKERS * PER_WORKER};
            x->dict = stress_shared(w->th, dict_new(w->th));
        }
        stress_start_together(w);
        linear_round(w, x);
        stress_meet(w);
        if (w->number == 0) {
            stress_assert_linear(&x->history, apply, kinds);
            rt_decref(w->th, x->dict);
        }
    }
}

static void test_each_history_has_an_order(void **state)
{
    static Linear x;
    stress_run(*state, WORKERS, linear_body, &x);
    stress_assert_all_freed(*state);
}

enum { TOKENS = 500, OPS = 8000 };

typedef struct Free {
    Value dict;
    _Atomic int64_t made, taken;
} Free;

/* A token is put by setdefault and taken by pop: everybody sees the same one meanwhile. */
static void token_step(Worker *w, Free *x, int i)
{
    Value key = value_from_small_int((int64_t)stress_random(w, TOKENS)), out;
    if (stress_random(w, 2) == 0) {
        Value v = stress_probe(w->th, w->number * OPS + i);
        Value in = dict_setdefault(w->th, x->dict, key, v);
        stress_number(in);
        atomic_fetch_add(&x->made, in == v);
        rt_decref(w->th, in);
        rt_decref(w->th, v);
    } else if (dict_take(w->th, value_dict(x->dict), key, &out) > 0) {
        stress_number(out);
        rt_decref(w->th, out);
        atomic_fetch_add(&x->taken, 1);
    } else {
        Value lent = dict_get_lent(x->dict, key);
        if (lent != VALUE_ABSENT) {
            stress_number(lent);
        }
    }
}

/* A key that only this worker writes has the value that it wrote last. */
static void own_step(Worker *w, Free *x, int i)
{
    Value key = value_from_small_int(TOKENS + w->number * OPS + i / 4), v, out;
    if (i % 4 == 3) {
        assert_int_equal(dict_delete(w->th, x->dict, key), 1);
        return;
    }
    v = stress_probe(w->th, i);
    assert_true(dict_set(w->th, x->dict, key, v));
    assert_true(dict_get(w->th, x->dict, key, &out));
    assert_true(out == v);
    rt_decref(w->th, out);
    rt_decref(w->th, v);
}

static void free_body(Worker *w)
{
    Free *x = w->stress->arg;
    for (int i = 0; i < OPS; i++) {
        token_step(w, x, i);
        own_step(w, x, i);
        if (stress_random(w, 256) == 0) {
            Value copy = dict_copy(w->th, x->dict), key, v;
            for (int64_t at = 0; dict_next(copy, &at, &key, &v);) {
                stress_number(v);
            }
            rt_decref(w->th, copy);
        }
        stress_pause(w);
    }
}

static void test_setdefault_has_one_winner_and_pop_one_taker(void **state)
{
    Thread *th = *state;
    static Free x;
    x.dict = stress_shared(th, dict_new(th));
    stress_run(th, stress_thread_count(), free_body, &x);
    assert_int_equal(dict_size(x.dict), x.made - x.taken);
    assert_null(rt_check_published(value_object(x.dict)));
    rt_decref(th, x.dict);
    stress_assert_all_freed(th);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_history_has_an_order),
        cmocka_unit_test(test_setdefault_has_one_winner_and_pop_one_taker),
    };
    return stress_main(tests, sizeof tests / sizeof *tests);
}
