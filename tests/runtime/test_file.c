/* Standard streams: what is written arrives once and in order, whatever the sizes; lines and
 * characters are cut where Python cuts them; errors of the system are exceptions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/memory.h"
#include "runtime/natives_internal.h"
#include "tests/runtime/expression.h"

static void expect_text(Thread *th, Value v, const char *expected)
{
    assert_true(v != VALUE_ABSENT);
    assert_string_equal(str_utf8(th, v, &(size_t){0}), expected);
    rt_decref(th, v);
}

static void expect_exception(Thread *th, uint32_t type_id, const char *message)
{
    assert_true(rt_pending_is(th, type_id));
    Value exception = rt_take_exception(th);
    expect_text(th, rt_str(th, exception), message);
    rt_decref(th, exception);
}

/* A readable stream that holds these bytes. */
static Value reader_of(Thread *th, const char *text, size_t length, int *fd)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text, length), length);
    close(ends[1]);
    *fd = ends[0];
    return file_new(th, ends[0], false, "<test>");
}

static Value method(Thread *th, Value v, const char *name, const Value *args, uint32_t nargs)
{
    Value key = str_intern_cstr(th, name);
    Value bound = rt_getattr(th, v, key);
    rt_decref(th, key);
    if (bound == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value r = rt_call(th, bound, args, nargs, VALUE_ABSENT);
    rt_decref(th, bound);
    return r;
}

static void lines_end_at_any_newline(void **state)
{
    Thread *th = *state;
    static const char text[] = "unix\nmac\rdos\r\n\r\nlast";
    int fd;
    Value f = reader_of(th, text, sizeof text - 1, &fd);
    static const char *const lines[] = {"unix\n", "mac\n", "dos\n", "\n", "last", ""};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        expect_text(th, file_read_line(th, value_file(f), -1), lines[i]);
    }
    rt_decref(th, f);
    close(fd);
}

static void sizes_count_characters(void **state)
{
    Thread *th = *state;
    static const char text[] = "h\xC3\xA9llo w\xE2\x82\xACrld\nrest";
    int fd;
    Value f = reader_of(th, text, sizeof text - 1, &fd);
    Value three = value_from_small_int(3), many = value_from_small_int(100);
    expect_text(th, method(th, f, "read", &three, 1), "h\xC3\xA9l");
    expect_text(th, method(th, f, "readline", &three, 1), "lo ");
    expect_text(th, method(th, f, "readline", &many, 1), "w\xE2\x82\xACrld\n");
    expect_text(th, method(th, f, "read", NULL, 0), "rest");
    expect_text(th, method(th, f, "read", NULL, 0), "");
    rt_decref(th, f);
    close(fd);
}

static void iteration_gives_lines(void **state)
{
    Thread *th = *state;
    int fd;
    Value f = reader_of(th, "a\nb", 3, &fd);
    expect_text(th, rt_next(th, f), "a\n");
    expect_text(th, rt_next(th, f), "b");
    assert_true(rt_next(th, f) == VALUE_ABSENT);
    assert_false(rt_pending(th));
    rt_decref(th, f);
    close(fd);
}

typedef struct Sink {
    int fd;
    char *data;
    size_t length;
} Sink;

static void *drain(void *arg)
{
    Sink *sink = arg;
    enum { ROOM = 1 << 22 };
    sink->data = malloc(ROOM);
    ssize_t n;
    while (sink->length < ROOM &&
           (n = read(sink->fd, sink->data + sink->length, ROOM - sink->length)) > 0) {
        sink->length += (size_t)n;
    }
    return NULL;
}

/* Pieces of all sizes around the buffer's, through a pipe that is slower than the writer. */
static void output_arrives_in_order(void **state)
{
    Thread *th = *state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    Sink sink = {.fd = ends[0]};
    pthread_t reader;
    assert_int_equal(pthread_create(&reader, NULL, drain, &sink), 0);
    Value f = file_new(th, ends[1], true, "<test>");
    static const size_t sizes[] = {1, 7, 4096, 32767, 32768, 32769, 100000, 3, 65536, 2};
    size_t total = 0;
    unsigned char next = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *piece = malloc(sizes[i]);
        for (size_t j = 0; j < sizes[i]; j++) {
            piece[j] = (char)next++;
        }
        assert_true(file_write_bytes(th, value_file(f), piece, sizes[i]));
        free(piece);
        total += sizes[i];
    }
    rt_decref(th, f); /* the last reference flushes */
    close(ends[1]);
    pthread_join(reader, NULL);
    assert_int_equal(sink.length, total);
    for (size_t i = 0; i < total; i++) {
        assert_int_equal((unsigned char)sink.data[i], i & 255);
    }
    free(sink.data);
    close(ends[0]);
}

static void a_closed_pipe_is_an_os_error(void **state)
{
    Thread *th = *state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    Value f = file_new(th, ends[1], true, "<test>");
    assert_true(file_write_bytes(th, value_file(f), "x", 1));
    assert_false(file_flush(th, value_file(f)));
    expect_exception(th, EXC_OS_ERROR, "[Errno 32] Broken pipe");
    rt_decref(th, f);
    assert_false(rt_pending(th));
    close(ends[1]);
}

static void line_buffered_streams_write_at_newlines(void **state)
{
    Thread *th = *state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    Value f = file_new(th, ends[1], true, "<test>");
    value_file(f)->line_buffered = true;
    assert_true(file_write_bytes(th, value_file(f), "one", 3));
    assert_int_equal(value_file(f)->out_used, 3);
    assert_true(file_write_bytes(th, value_file(f), "\n", 1));
    assert_int_equal(value_file(f)->out_used, 0);
    char got[8] = "";
    assert_int_equal(read(ends[0], got, sizeof got), 4);
    assert_memory_equal(got, "one\n", 4);
    rt_decref(th, f);
    close(ends[0]);
    close(ends[1]);
}

static void surrogates_are_refused_or_escaped(void **state)
{
    Thread *th = *state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    Value f = file_new(th, ends[1], true, "<test>");
    Value text = str_from_utf8(th, "a\xED\xB2\x80z", 5); /* U+DC80 */
    assert_true(text != VALUE_ABSENT);
    assert_false(file_write_str(th, value_file(f), text));
    expect_exception(th, EXC_UNICODE_ENCODE_ERROR,
                     "'utf-8' codec can't encode character '\\udc80' in position 1: surrogates not "
                     "allowed");
    value_file(f)->escape_surrogates = true;
    assert_true(file_write_str(th, value_file(f), text));
    assert_true(file_flush(th, value_file(f)));
    char got[16] = "";
    assert_int_equal(read(ends[0], got, sizeof got), 8);
    assert_string_equal(got, "a\\udc80z");
    rt_decref(th, text);
    rt_decref(th, f);
    close(ends[0]);
    close(ends[1]);
}

static void closed_streams_refuse(void **state)
{
    Thread *th = *state;
    int fd;
    Value f = reader_of(th, "x", 1, &fd);
    assert_true(method(th, f, "close", NULL, 0) == VALUE_NONE);
    assert_true(method(th, f, "read", NULL, 0) == VALUE_ABSENT);
    expect_exception(th, EXC_VALUE_ERROR, "I/O operation on closed file.");
    rt_decref(th, f);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_end_at_any_newline),
        cmocka_unit_test(sizes_count_characters),
        cmocka_unit_test(iteration_gives_lines),
        cmocka_unit_test(output_arrives_in_order),
        cmocka_unit_test(a_closed_pipe_is_an_os_error),
        cmocka_unit_test(line_buffered_streams_write_at_newlines),
        cmocka_unit_test(surrogates_are_refused_or_escaped),
        cmocka_unit_test(closed_streams_refuse),
    };
    return cmocka_run_group_tests(tests, expression_setup, expression_teardown);
}
