/*
 * Texts under many threads: one content has one interned text; hashes, UTF-8 and texts that grow in place are
 * right wherever the text is seen.
 */
#include "tests/runtime/stress.h"

#include <stdio.h>

#include "runtime/abstract.h"
#include "runtime/str.h"

enum { NAMES = 400, ROUNDS = 6 };

typedef struct Names {
    int round;
    _Atomic uint64_t unique[NAMES]; /* the text that the first one got */
} Names;

static void intern_body(Worker *w)
{
    Names *x = w->stress->arg;
    for (int i = 0; i < NAMES; i++) {
        char text[40];
        int n = (i * 7 + w->number * 13) % NAMES;
        snprintf(text, sizeof text, "name %d of round %d", n, x->round);
        Value v = str_intern_cstr(w->th, text);
        uint64_t first = 0;
        if (!atomic_compare_exchange_strong(&x->unique[n], &first, v)) {
            assert_true(first == v);
        }
        assert_int_equal(str_hash(value_str(v)), str_hash(value_str((Value)x->unique[n])));
        rt_decref(w->th, v);
        stress_pause(w);
    }
}

static void test_one_content_is_one_text(void **state)
{
    static Names x;
    for (x.round = 0; x.round < ROUNDS; x.round++) {
        for (int i = 0; i < NAMES; i++) {
            x.unique[i] = 0;
        }
        stress_run(*state, stress_thread_count(), intern_body, &x);
    }
}

enum { TEXTS = 64, APPENDS = 3000 };

typedef struct Texts {
    Value list; /* of texts "<number>:xxxx...", each as long as it says */
} Texts;

/* A text in a shared list is never changed by who appends to his own reference of it. */
static void grow_body(Worker *w)
{
    const Texts *x = w->stress->arg;
    Value letter = str_from_cstr(w->th, "\xc3\xa9");
    for (int i = 0; i < APPENDS; i++) {
        int64_t at = (int64_t)stress_random(w, TEXTS);
        Value v = list_get(w->th, x->list, at);
        int64_t length = value_str(v)->length;
        size_t bytes;
        assert_non_null(str_utf8(w->th, v, &bytes));
        assert_int_equal(bytes, 2 * length);
        Value longer = str_append_steal(w->th, v, letter);
        assert_int_equal(value_str(longer)->length, length + 1);
        for (int64_t c = 0; c < length; c += 7) {
            assert_int_equal(str_char_at(value_str(longer), c), 0xE9);
        }
        if (length > 200) {
            rt_decref(w->th, longer);
            longer = str_repeat(w->th, letter, 2);
        }
        assert_true(list_set(w->th, x->list, at, longer));
        rt_decref(w->th, longer);
        stress_pause(w);
    }
    rt_decref(w->th, letter);
}

static void test_texts_grow_where_nobody_sees(void **state)
{
    Thread *th = *state;
    Texts x = {.list = list_new(th, NULL, 0)};
    Value letter = str_from_cstr(th, "\xc3\xa9");
    for (int i = 0; i < TEXTS; i++) {
        Value v = str_repeat(th, letter, 2);
        assert_true(list_append_steal(th, x.list, v));
    }
    stress_shared(th, x.list);
    stress_run(th, stress_thread_count(), grow_body, &x);
    rt_decref(th, letter);
    rt_decref(th, x.list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_content_is_one_text),
        cmocka_unit_test(test_texts_grow_where_nobody_sees),
    };
    return stress_main(tests, sizeof tests / sizeof *tests);
}
