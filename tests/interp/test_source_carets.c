/*
 * Carets below source lines, as CPython 3.11 prints them.
 */
#include "tests/interp/support.h"

#include <string.h>

#include "interp/source_carets.h"

static const struct {
    const char *line;
    int32_t column, end_column, end_lines; /* end_lines: lines behind the first */
    const char *carets;                    /* NULL: none */
} cases[] = {
    {"    x = f(1)", 8, 12, 0, "    ^^^^"},
    {"    return f(1)", 4, 15, 0, NULL},
    {"x = a + b", 4, 9, 0, "    ~~^~~"},
    {"x = a // b", 4, 10, 0, "    ~~^^~~"},
    {"x = a  **  b", 4, 12, 0, "    ~~~^^~~~"},
    {"a + b", 0, 5, 0, "~~^~~"},
    {"x = d['k'][0]", 4, 13, 0, "    ~~~~~~^^^"},
    {"x = d['k'][0]", 4, 10, 0, "    ~^^^^^"},
    {"\td[1] = 2", 1, 5, 0, "~^^^"},
    {"x = (1 +", 5, 6, 3, "     ^^^"},
    {"foo(1,   ", 0, 3, 1, "^^^^^^"},
    {"foo(1,", 0, 3, 1, NULL},
    {"y = \"\xC3\xA9\" + z", 4, 12, 0, "    ~~~~^~~"},
    {"y = not a", 4, 9, 0, "    ^^^^^"},
    {"f(x)", 0, 4, 0, NULL},
    {"f(x)", 3, 3, 0, NULL},
};

static void carets_are_cpythons(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CodePosition p = {0, 1, 1 + cases[i].end_lines, cases[i].column, cases[i].end_column};
        char *carets = source_carets(cases[i].line, &p);
        bool same = carets == NULL || cases[i].carets == NULL
                        ? carets == NULL && cases[i].carets == NULL
                        : strcmp(carets, cases[i].carets) == 0;
        if (!same) {
            fail_msg("below '%s' %d..%d: '%s'", cases[i].line, cases[i].column, cases[i].end_column,
                     carets == NULL ? "(none)" : carets);
        }
        rt_free(carets);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(carets_are_cpythons)};
    return cmocka_run_group_tests(tests, interp_setup, interp_teardown);
}
