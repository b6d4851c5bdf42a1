/*
 * print and input, and the streams they use.
 *
 * print writes the common values (str, int, float) straight into a line of bytes, without making
 * a str, and the line into the stream's buffer.  sys.stdout is looked up at each call, because programs replace it; anything with a write
 * method will do.
 *
 * Threads: any; what one print writes to a File goes there in one step.
 */
#include "runtime/float.h"
#include "runtime/int.h"
#include "runtime/memory.h"
#include "runtime/natives_internal.h"

enum { DIGITS_MAX = 24, LINE_BYTES = 512 };

Value current_stream(Thread *th, int stream)
{
    static const char *const names[] = {"stdin", "stdout", "stderr"};
    struct NativeState *state = th->rt->natives;
    Value v = VALUE_ABSENT;
    if (state != NULL) {
        v = dict_get_str(th, state->sys_dict, state->stream_names[stream]);
    }
    if (v == VALUE_ABSENT && !rt_pending(th)) {
        return rt_raise(th, EXC_RUNTIME_ERROR, "lost sys.%s", names[stream]);
    }
    return v;
}

/* What one print has to write to a File: it goes there at once, so that lines of threads do not mix. */
typedef struct PrintLine {
    File *file; /* NULL: each piece goes to an object's write() */
    size_t used, capacity;
    char *bytes; /* on_stack, or memory */
    char on_stack[LINE_BYTES];
} PrintLine;

static bool line_flush(Thread *th, PrintLine *line)
{
    size_t used = line->used;
    line->used = 0;
    return used == 0 || file_write_bytes(th, line->file, line->bytes, used);
}

static bool line_bytes(Thread *th, PrintLine *line, const char *text, size_t length)
{
    if (length > line->capacity - line->used) {
        size_t capacity = (line->used + length) * 2;
        char *bytes = rt_malloc(capacity);
        if (bytes == NULL) { /* then in pieces */
            return line_flush(th, line) && file_write_bytes(th, line->file, text, length);
        }
        memcpy(bytes, line->bytes, line->used);
        if (line->bytes != line->on_stack) {
            rt_free(line->bytes);
        }
        line->bytes = bytes;
        line->capacity = capacity;
    }
    memcpy(line->bytes + line->used, text, length);
    line->used += length;
    return true;
}

/* Writes what there is, also behind an exception, which stays. */
static bool line_end(Thread *th, PrintLine *line, bool done)
{
    Value exception = rt_take_exception(th);
    bool written = line_flush(th, line);
    if (line->bytes != line->on_stack) {
        rt_free(line->bytes);
    }
    if (!done) {
        rt_clear_exception(th);
        th->exception = exception;
    }
    return done && written;
}

static bool has_surrogate(const Str *s)
{
    for (int64_t i = 0; s->kind >= 2 && i < s->length; i++) {
        uint32_t c = str_char_at(s, i);
        if (c >= 0xD800 && c < 0xE000) {
            return true;
        }
    }
    return false;
}

static bool line_str(Thread *th, PrintLine *line, Value text)
{
    const Str *s = value_str(text);
    if (has_surrogate(s)) {
        return line_flush(th, line) && file_write_str(th, line->file, text);
    }
    size_t length;
    const char *utf8 = str_utf8(th, text, &length);
    return utf8 != NULL && line_bytes(th, line, utf8, length);
}

static bool write_int(Thread *th, PrintLine *line, int64_t x)
{
    char text[DIGITS_MAX];
    char *p = text + sizeof text;
    uint64_t magnitude = x < 0 ? -(uint64_t)x : (uint64_t)x;
    do {
        *--p = (char)('0' + magnitude % 10);
        magnitude /= 10;
    } while (magnitude != 0);
    if (x < 0) {
        *--p = '-';
    }
    return line_bytes(th, line, p, (size_t)(text + sizeof text - p));
}

static bool write_value_to_file(Thread *th, PrintLine *line, Value v)
{
    if (value_is_str(v)) {
        return line_str(th, line, v);
    }
    if (value_is_small_int(v)) {
        return write_int(th, line, value_int(v));
    }
    if (value_is_double(v)) {
        char text[FLOAT_REPR_MAX];
        return line_bytes(th, line, text, float_repr(value_double(v), text));
    }
    /* A __str__ in Python may print, too: what comes before it is written first. */
    if (value_is_object(v) && value_object(v)->type_id >= TYPE_USER_FIRST &&
        !line_flush(th, line)) {
        return false;
    }
    Value text = rt_str(th, v);
    bool done = text != VALUE_ABSENT && line_str(th, line, text);
    rt_xdecref(th, text);
    return done;
}

/* Calls out.method(argument); argument may be absent. */
static bool call_method(Thread *th, Value out, const char *method, Value argument)
{
    Value name = str_intern_cstr(th, method);
    Value bound = name == VALUE_ABSENT ? VALUE_ABSENT : rt_getattr(th, out, name);
    rt_xdecref(th, name);
    if (bound == VALUE_ABSENT) {
        return false;
    }
    Value r = rt_call(th, bound, &argument, argument == VALUE_ABSENT ? 0 : 1, VALUE_ABSENT);
    rt_decref(th, bound);
    rt_xdecref(th, r);
    return r != VALUE_ABSENT;
}

static bool write_value(Thread *th, Value out, PrintLine *line, Value v)
{
    if (line->file != NULL) {
        return write_value_to_file(th, line, v);
    }
    Value text = rt_str(th, v);
    bool done = text != VALUE_ABSENT && call_method(th, out, "write", text);
    rt_xdecref(th, text);
    return done;
}

/* sep or end: absent or None stand for text. */
static bool write_separator(Thread *th, Value out, PrintLine *line, Value separator,
                            const char *text)
{
    if (separator != VALUE_ABSENT && separator != VALUE_NONE) {
        return write_value(th, out, line, separator);
    }
    if (line->file != NULL) {
        return line_bytes(th, line, text, 1);
    }
    Value s = str_from_ascii(th, text, 1);
    bool done = s != VALUE_ABSENT && call_method(th, out, "write", s);
    rt_xdecref(th, s);
    return done;
}

typedef struct PrintOptions {
    Value sep, end, file, flush;
} PrintOptions;

static bool check_separator(Thread *th, const char *name, Value v)
{
    if (v == VALUE_ABSENT || v == VALUE_NONE || value_is_str(v)) {
        return true;
    }
    rt_raise(th, EXC_TYPE_ERROR, "%s must be None or a string, not %T", name, v);
    return false;
}

static bool print_options(Thread *th, const Value *values, Value kwnames, PrintOptions *out)
{
    static const char *const names[] = {"sep", "end", "file", "flush"};
    static const NativeSignature signature = {"print", names, 4, 0, 0};
    Value given[4];
    if (!native_bind(th, &signature, values, 0, kwnames, given)) {
        return false;
    }
    *out = (PrintOptions){given[0], given[1], given[2], given[3]};
    return check_separator(th, "sep", out->sep) && check_separator(th, "end", out->end);
}

static void line_init(PrintLine *line, Value out)
{
    line->file = value_is_file(out) ? value_file(out) : NULL;
    line->used = 0;
    line->capacity = sizeof line->on_stack;
    line->bytes = line->on_stack;
}

static bool write_all(Thread *th, Value out, const Value *args, uint32_t nargs,
                      const PrintOptions *options)
{
    PrintLine line;
    line_init(&line, out);
    bool done = true;
    for (uint32_t i = 0; done && i < nargs; i++) {
        done = (i == 0 || write_separator(th, out, &line, options->sep, " ")) &&
               write_value(th, out, &line, args[i]);
    }
    done = done && write_separator(th, out, &line, options->end, "\n");
    return line_end(th, &line, done);
}

static bool print_to(Thread *th, Value out, const Value *args, uint32_t nargs,
                     const PrintOptions *options)
{
    if (!write_all(th, out, args, nargs, options)) {
        return false;
    }
    if (options->flush == VALUE_ABSENT) {
        return true;
    }
    int flush = rt_truth(th, options->flush);
    return flush == 0 || (flush > 0 && call_method(th, out, "flush", VALUE_ABSENT));
}

static Value builtin_print(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    PrintOptions options = {VALUE_ABSENT, VALUE_ABSENT, VALUE_ABSENT, VALUE_ABSENT};
    if (kwnames != VALUE_ABSENT && !print_options(th, args + nargs, kwnames, &options)) {
        return VALUE_ABSENT;
    }
    Value out;
    if (options.file == VALUE_ABSENT || options.file == VALUE_NONE) {
        out = current_stream(th, 1);
        if (out == VALUE_ABSENT || out == VALUE_NONE) {
            return out; /* sys.stdout may be None: then nothing is printed */
        }
    } else {
        out = rt_newref(th, options.file);
    }
    bool done = print_to(th, out, args, nargs, &options);
    rt_decref(th, out);
    return done ? VALUE_NONE : VALUE_ABSENT;
}

/* A line from anything with readline(). */
static Value read_line(Thread *th, Value in)
{
    if (value_is_file(in)) {
        return file_read_line(th, value_file(in), -1);
    }
    Value name = str_intern_cstr(th, "readline");
    Value bound = name == VALUE_ABSENT ? VALUE_ABSENT : rt_getattr(th, in, name);
    rt_xdecref(th, name);
    if (bound == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value line = rt_call(th, bound, NULL, 0, VALUE_ABSENT);
    rt_decref(th, bound);
    if (line != VALUE_ABSENT && !value_is_str(line)) {
        rt_decref(th, line);
        return rt_raise(th, EXC_TYPE_ERROR, "object.readline() returned non-string");
    }
    return line;
}

static Value strip_newline_steal(Thread *th, Value line)
{
    int64_t length = value_str(line)->length;
    if (length == 0) {
        rt_decref(th, line);
        return rt_raise(th, EXC_EOF_ERROR, "EOF when reading a line");
    }
    if (str_char_at(value_str(line), length - 1) != '\n') {
        return line;
    }
    Value text = str_substring(th, line, 0, length - 1);
    rt_decref(th, line);
    return text;
}

static Value builtin_input(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)kwnames;
    Value in = current_stream(th, 0);
    Value out = in == VALUE_ABSENT ? VALUE_ABSENT : current_stream(th, 1);
    Value line = VALUE_ABSENT;
    if (out == VALUE_ABSENT) {
        goto done;
    }
    if (in == VALUE_NONE || out == VALUE_NONE) {
        rt_raise(th, EXC_RUNTIME_ERROR, "input(): lost sys.%s",
                 in == VALUE_NONE ? "stdin" : "stdout");
        goto done;
    }
    PrintLine prompt;
    line_init(&prompt, out);
    if (!line_end(th, &prompt, nargs == 0 || write_value(th, out, &prompt, args[0])) ||
        !call_method(th, out, "flush", VALUE_ABSENT)) {
        goto done;
    }
    line = read_line(th, in);
    if (line != VALUE_ABSENT) {
        line = strip_newline_steal(th, line);
    }
done:
    rt_xdecref(th, in);
    rt_xdecref(th, out);
    return line;
}

const NativeDef builtin_io_defs[] = {
    {"print", builtin_print, 0, -1, NATIVE_KEYWORDS | NATIVE_FUNCTION},
    {"input", builtin_input, 0, 1, NATIVE_FUNCTION},
    {NULL, NULL, 0, 0, 0},
};
