/*
 * The JSON writer: commas, nesting, escapes, text that is no UTF-8.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tools/trace/json_write.h"

typedef struct Sink {
    char *text;
    size_t size;
    Json json;
} Sink;

static void sink_open(Sink *s)
{
    *s = (Sink){0};
    s->json = (Json){.out = open_memstream(&s->text, &s->size), .fresh = true};
    assert_non_null(s->json.out);
}

/* What was written, without line breaks and indentation. */
static void assert_written(Sink *s, const char *wanted)
{
    fclose(s->json.out);
    char *to = s->text;
    for (const char *p = s->text; *p != '\0'; p++) {
        if (*p == '\n') {
            while (p[1] == ' ') {
                p++;
            }
            continue;
        }
        *to++ = *p;
    }
    *to = '\0';
    assert_string_equal(s->text, wanted);
    free(s->text);
}

static void nesting_and_commas(void **state)
{
    (void)state;
    Sink s;
    sink_open(&s);
    json_open(&s.json, NULL, '{');
    json_open(&s.json, "a", '[');
    json_close(&s.json, ']');
    json_open(&s.json, "b", '[');
    json_number(&s.json, NULL, UINT64_MAX);
    json_signed(&s.json, NULL, INT64_MIN);
    json_index(&s.json, NULL, UINT32_MAX);
    json_index(&s.json, NULL, 0);
    json_close(&s.json, ']');
    json_bool(&s.json, "c", true);
    json_text(&s.json, "d", NULL);
    json_address(&s.json, "e", 255);
    json_bytes(&s.json, "f", (const uint8_t *)"\x00\xff", 2);
    json_close(&s.json, '}');
    assert_written(&s, "{\"a\": [],\"b\": [18446744073709551615,-9223372036854775808,null,0],"
                       "\"c\": true,\"d\": null,\"e\": \"0xff\",\"f\": \"00ff\"}");
}

static void assert_text(const char *text, const char *wanted)
{
    Sink s;
    sink_open(&s);
    json_text(&s.json, NULL, text);
    assert_written(&s, wanted);
}

static void text_is_escaped(void **state)
{
    (void)state;
    assert_text("a\"b\\c/", "\"a\\\"b\\\\c/\"");
    assert_text("\t\n\x01\x7f", "\"\\u0009\\u000a\\u0001\\u007f\"");
    assert_text("\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x8d", "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x8d\"");
}

static void wrong_utf8_is_replaced(void **state)
{
    (void)state;
    assert_text("\xff", "\"\\ufffd\"");
    assert_text("\x80z", "\"\\ufffdz\"");
    assert_text("\xc3", "\"\\ufffd\"");            /* cut */
    assert_text("\xc0\xaf", "\"\\ufffd\\ufffd\""); /* overlong */
    assert_text("\xe0\x80\x80", "\"\\ufffd\\ufffd\\ufffd\"");
    assert_text("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""); /* a surrogate */
    assert_text("\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
    assert_text("\xe2\x82", "\"\\ufffd\\ufffd\"");
}

static void text_in_a_page_ends_no_script(void **state)
{
    (void)state;
    Sink s;
    sink_open(&s);
    s.json.in_html = true;
    json_text(&s.json, NULL, "</script> <!--");
    assert_written(&s, "\"\\u003c/script> \\u003c!--\"");
}

static void text_of_a_length(void **state)
{
    (void)state;
    Sink s;
    sink_open(&s);
    json_open(&s.json, NULL, '[');
    json_text_n(&s.json, NULL, "a\0b", 3);
    json_text_n(&s.json, NULL, "\xe2\x82\xac", 2); /* cut in the middle of a character */
    json_close(&s.json, ']');
    assert_written(&s, "[\"a\\u0000b\",\"\\ufffd\\ufffd\"]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nesting_and_commas),     cmocka_unit_test(text_is_escaped),
        cmocka_unit_test(wrong_utf8_is_replaced), cmocka_unit_test(text_in_a_page_ends_no_script),
        cmocka_unit_test(text_of_a_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
