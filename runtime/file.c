/*
 * File: the text streams sys.stdin, sys.stdout and sys.stderr.
 *
 * Output is UTF-8 and collects in one buffer a stream; a terminal's stream and stderr are written at
 * each newline, as CPython does.  Input is UTF-8 with universal newlines.  Not for files that
 * programs open: open() is refused until there is an io module.
 *
 * Lock order: a File's mutex is a leaf, taken with no object lock held.  A thread parks to wait for it, and
 * for read(2) and write(2), so that nobody waits for slow output.  It never stops being parked while it has
 * a mutex: it may be stopped there for good, and the output of others is still to come.
 *
 * Threads: any.
 */
#define _GNU_SOURCE /* ppoll */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "runtime/epoch.h"
#include "runtime/int.h"
#include "runtime/memory.h"
#include "runtime/natives_internal.h"
#include "runtime/safepoint_internal.h"

enum { OUT_CAPACITY = 32 * 1024, IN_CAPACITY = 16 * 1024 };

static void file_lock(Thread *th, File *f)
{
    while (pthread_mutex_trylock(&f->mutex) != 0) {
        epoch_park(th);
        pthread_mutex_lock(&f->mutex);
        pthread_mutex_unlock(&f->mutex);
        epoch_unpark(th);
    }
}

static void file_unlock(File *f) { pthread_mutex_unlock(&f->mutex); }

/* Holds the mutex. What follows may block; no finalizers run here. */
static void begin_blocking(Thread *th) { thread_park(th); }
static void end_blocking(Thread *th, File *f)
{
    file_unlock(f);
    thread_unpark(th);
}

Value file_new(Thread *th, int fd, bool writable, const char *name)
{
    File *f = rt_object_new(th, TYPE_FILE, sizeof *f);
    if (f == NULL) {
        return VALUE_ABSENT;
    }
    pthread_mutex_init(&f->mutex, NULL);
    f->fd = fd;
    f->writable = writable;
    f->line_buffered = isatty(fd) != 0;
    f->name = str_from_cstr(th, name);
    f->mode = f->name == VALUE_ABSENT ? VALUE_ABSENT : str_from_cstr(th, writable ? "w" : "r");
    if (f->mode == VALUE_ABSENT) {
        rt_decref(th, value_from_object(f));
        return VALUE_ABSENT;
    }
    return value_from_object(f);
}

static void file_finalize(Thread *th, Object *o)
{
    File *f = (File *)o;
    if (f->writable && f->out_used != 0 && !file_flush(th, f)) {
        rt_clear_exception(th);
    }
    rt_xdecref(th, f->name);
    rt_xdecref(th, f->mode);
    rt_free(f->out);
    rt_free(f->in);
    pthread_mutex_destroy(&f->mutex);
}

static void file_traverse(Object *o, VisitFn visit, void *arg)
{
    value_visit(((File *)o)->name, visit, arg);
    value_visit(((File *)o)->mode, visit, arg);
}

static bool raise_os_error(Thread *th, int number)
{
    rt_raise(th, EXC_OS_ERROR, "[Errno %d] %s", number, strerror(number));
    return false;
}

static bool check_open(Thread *th, const File *f, bool writable)
{
    if (f->closed) {
        rt_raise(th, EXC_VALUE_ERROR, "I/O operation on closed file.");
        return false;
    }
    if (f->writable != writable) {
        rt_raise(th, EXC_OS_ERROR, writable ? "not writable" : "not readable");
        return false;
    }
    return true;
}

/* 0 or the errno; *written: how far it came. */
static int write_all(int fd, const char *text, size_t length, size_t *written)
{
    *written = 0;
    while (*written < length) {
        ssize_t n = write(fd, text + *written, length - *written);
        if (n >= 0) {
            *written += (size_t)n;
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

/* Holds the mutex, parked. What could not be written stays in the buffer. */
static int flush_locked(File *f)
{
    if (f->out_used == 0) {
        return 0;
    }
    size_t written;
    int error = write_all(f->fd, f->out, f->out_used, &written);
    f->out_used -= written;
    memmove(f->out, f->out + written, f->out_used);
    return error;
}

static bool fits(const File *f, const char *text, size_t length)
{
    return length <= f->out_capacity - f->out_used && length < f->out_capacity &&
           !f->write_through && !(f->line_buffered && memchr(text, '\n', length) != NULL);
}

/* Holds the mutex, parked. */
static int append_locked(File *f, const char *text, size_t length)
{
    if (length > f->out_capacity - f->out_used) {
        int error = flush_locked(f);
        if (error != 0) {
            return error;
        }
    }
    if (length >= f->out_capacity) { /* also: no buffer could be had */
        return write_all(f->fd, text, length, &(size_t){0});
    }
    memcpy(f->out + f->out_used, text, length);
    f->out_used += length;
    bool flush = f->write_through || (f->line_buffered && memchr(text, '\n', length) != NULL);
    return flush ? flush_locked(f) : 0;
}

bool file_write_bytes(Thread *th, File *f, const char *text, size_t length)
{
    if (f->closed || !f->writable) {
        return check_open(th, f, true);
    }
    if (length == 0) {
        return true;
    }
    file_lock(th, f);
    if (f->out == NULL) {
        f->out = rt_malloc(OUT_CAPACITY);
        f->out_capacity = f->out == NULL ? 0 : OUT_CAPACITY;
    }
    if (fits(f, text, length)) {
        memcpy(f->out + f->out_used, text, length);
        f->out_used += length;
        file_unlock(f);
        return true;
    }
    begin_blocking(th);
    int error = append_locked(f, text, length);
    end_blocking(th, f);
    return error == 0 || raise_os_error(th, error);
}

bool file_flush(Thread *th, File *f)
{
    if (f->closed) {
        return check_open(th, f, true);
    }
    file_lock(th, f);
    if (f->out_used == 0) {
        file_unlock(f);
        return true;
    }
    begin_blocking(th);
    int error = flush_locked(f);
    end_blocking(th, f);
    return error == 0 || raise_os_error(th, error);
}

static bool is_surrogate(uint32_t c) { return c >= 0xD800 && c < 0xE000; }

static int64_t find_surrogate(const Str *s)
{
    for (int64_t i = 0; s->kind >= 2 && i < s->length; i++) {
        if (is_surrogate(str_char_at(s, i))) {
            return i;
        }
    }
    return -1;
}

/* As the error handler backslashreplace: stderr must be able to show any text. */
static bool write_escaped(Thread *th, File *f, Value text)
{
    const Str *s = value_str(text);
    StrBuilder b;
    str_builder_init(&b);
    for (int64_t i = 0; i < s->length; i++) {
        uint32_t c = str_char_at(s, i);
        if (!is_surrogate(c)) {
            str_builder_char(&b, c);
            continue;
        }
        static const char digits[] = "0123456789abcdef";
        const char escape[6] = {'\\',          'u', 'd', digits[c >> 8 & 15], digits[c >> 4 & 15],
                                digits[c & 15]};
        str_builder_ascii(&b, escape, sizeof escape);
    }
    Value escaped = str_builder_finish(th, &b);
    bool done = escaped != VALUE_ABSENT && file_write_str(th, f, escaped);
    rt_xdecref(th, escaped);
    return done;
}

bool file_write_str(Thread *th, File *f, Value text)
{
    const Str *s = value_str(text);
    if (s->ascii) {
        return file_write_bytes(th, f, (const char *)s->data, (size_t)s->length);
    }
    int64_t bad = find_surrogate(s);
    if (bad >= 0) {
        if (f->escape_surrogates) {
            return write_escaped(th, f, text);
        }
        char escape[8] = "\\u";
        static const char digits[] = "0123456789abcdef";
        uint32_t c = str_char_at(s, bad);
        for (int i = 0; i < 4; i++) {
            escape[2 + i] = digits[c >> (12 - 4 * i) & 15];
        }
        rt_raise(
            th, EXC_UNICODE_ENCODE_ERROR,
            "'utf-8' codec can't encode character '%s' in position %lld: surrogates not allowed",
            escape, (long long)bad);
        return false;
    }
    size_t length;
    const char *utf8 = str_utf8(th, text, &length);
    return utf8 != NULL && file_write_bytes(th, f, utf8, length);
}

/* Turns \r\n and \r into \n in the bytes just read. Returns the new count. */
static size_t universal_newlines(File *f, char *text, size_t count)
{
    size_t to = 0;
    for (size_t i = 0; i < count; i++) {
        char c = text[i];
        if (c == '\n' && f->pending_cr) {
            f->pending_cr = false;
            continue;
        }
        f->pending_cr = c == '\r';
        text[to++] = c == '\r' ? '\n' : c;
    }
    return to;
}

/* Waits until fd can be read. false: a signal has come first; none is missed that comes before the wait. */
static bool wait_readable(Thread *th, int fd)
{
    struct pollfd wanted = {.fd = fd, .events = POLLIN};
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool ready = (atomic_load_explicit(&th->poll, memory_order_acquire) & POLL_SIGNAL) == 0 &&
                 !(ppoll(&wanted, 1, NULL, &before) < 0 && errno == EINTR);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return ready;
}

/* Reads more into the buffer; holds the mutex, parked. 1: more, 0: end, -1: errno in *error. */
static int fill_locked(Thread *th, File *f, int *error)
{
    if (f->in_start > 0) {
        memmove(f->in, f->in + f->in_start, f->in_end - f->in_start);
        f->in_end -= f->in_start;
        f->in_start = 0;
    }
    if (f->in_capacity - f->in_end < IN_CAPACITY) {
        size_t capacity = f->in_capacity * 2 + IN_CAPACITY;
        char *in = rt_realloc(f->in, capacity);
        if (in == NULL) {
            *error = ENOMEM;
            return -1;
        }
        f->in = in;
        f->in_capacity = capacity;
    }
    for (;;) {
        if (!wait_readable(th, f->fd)) {
            *error = EINTR;
            return -1;
        }
        ssize_t n = read(f->fd, f->in + f->in_end, f->in_capacity - f->in_end);
        if (n > 0) {
            size_t kept = universal_newlines(f, f->in + f->in_end, (size_t)n);
            f->in_end += kept;
            if (kept != 0) {
                return 1;
            }
        } else if (n == 0) {
            return 0;
        } else {
            *error = errno;
            return -1;
        }
    }
}

/* Length of the first `limit` characters of the input, at most up to and with a newline (when
 * `line`); -1: the buffer does not hold that much yet. */
static int64_t measure(const File *f, int64_t limit, bool line)
{
    size_t available = f->in_end - f->in_start;
    if (available == 0) {
        return -1;
    }
    const char *p = f->in + f->in_start;
    if (limit < 0) {
        const char *newline = line ? memchr(p, '\n', available) : NULL;
        return newline == NULL ? -1 : newline - p + 1;
    }
    int64_t characters = 0;
    for (size_t i = 0; i < available; i++) {
        if (((unsigned char)p[i] & 0xC0) != 0x80 && characters++ == limit) {
            return (int64_t)i;
        }
        if (line && p[i] == '\n') {
            return (int64_t)i + 1;
        }
    }
    return -1;
}

static Value read_text(Thread *th, File *f, int64_t limit, bool line)
{
    if (!check_open(th, f, false)) {
        return VALUE_ABSENT;
    }
    if (limit == 0) {
        return str_from_ascii(th, "", 0);
    }
    int error = 0, more = 1;
    for (;;) {
        file_lock(th, f);
        int64_t length = measure(f, limit, line);
        if (length >= 0 || more == 0) {
            size_t count = length < 0 ? f->in_end - f->in_start : (size_t)length;
            Value text = str_from_utf8(th, count == 0 ? "" : f->in + f->in_start, count);
            f->in_start += count;
            file_unlock(f);
            return text;
        }
        begin_blocking(th);
        more = fill_locked(th, f, &error);
        end_blocking(th, f);
        if (more < 0 && error != EINTR) {
            return error == ENOMEM ? rt_raise_memory_error(th)
                                   : (raise_os_error(th, error), VALUE_ABSENT);
        }
        if (!thread_safepoint(th)) { /* a signal may want to be heard */
            return VALUE_ABSENT;
        }
    }
}

Value file_read_line(Thread *th, File *f, int64_t limit) { return read_text(th, f, limit, true); }

static bool size_argument(Thread *th, const Value *args, uint32_t nargs, int64_t *out)
{
    *out = -1;
    return nargs < 2 || args[1] == VALUE_NONE || int_as_index(th, args[1], out, true);
}

static Value file_write(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    if (!value_is_str(args[1])) {
        return rt_raise(th, EXC_TYPE_ERROR, "write() argument must be str, not %T", args[1]);
    }
    if (!file_write_str(th, value_file(args[0]), args[1])) {
        return VALUE_ABSENT;
    }
    return int_from_i64(th, value_str(args[1])->length);
}

static Value file_writelines(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    Value iterator = rt_iter(th, args[1]);
    if (iterator == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value line;
    bool ok = true;
    while (ok && (line = rt_next(th, iterator)) != VALUE_ABSENT) {
        const Value call[2] = {args[0], line};
        ok = file_write(th, call, 2, VALUE_ABSENT) != VALUE_ABSENT;
        rt_decref(th, line);
    }
    rt_decref(th, iterator);
    return rt_pending(th) ? VALUE_ABSENT : VALUE_NONE;
}

static Value file_flush_method(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return file_flush(th, value_file(args[0])) ? VALUE_NONE : VALUE_ABSENT;
}

static Value file_read(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)kwnames;
    int64_t size;
    return size_argument(th, args, nargs, &size) ? read_text(th, value_file(args[0]), size, false)
                                                 : VALUE_ABSENT;
}

static Value file_readline(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)kwnames;
    int64_t size;
    return size_argument(th, args, nargs, &size) ? read_text(th, value_file(args[0]), size, true)
                                                 : VALUE_ABSENT;
}

static Value file_next(Thread *th, Value self)
{
    Value line = file_read_line(th, value_file(self), -1);
    if (line != VALUE_ABSENT && value_str(line)->length == 0) {
        rt_decref(th, line);
        return VALUE_ABSENT;
    }
    return line;
}

static Value file_readlines(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    Value lines = list_new(th, NULL, 0);
    Value line;
    while (lines != VALUE_ABSENT && (line = file_next(th, args[0])) != VALUE_ABSENT) {
        if (!list_append_steal(th, lines, line)) {
            break;
        }
    }
    if (rt_pending(th)) {
        rt_xdecref(th, lines);
        return VALUE_ABSENT;
    }
    return lines;
}

static Value file_iter(Thread *th, Value self) { return rt_newref(th, self); }

static Value file_fileno(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return int_from_i64(th, value_file(args[0])->fd);
}

static Value file_isatty(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)th, (void)nargs, (void)kwnames;
    return value_from_bool(isatty(value_file(args[0])->fd) != 0);
}

static Value file_readable(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)th, (void)nargs, (void)kwnames;
    return value_from_bool(!value_file(args[0])->writable);
}

static Value file_is_writable(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)th, (void)nargs, (void)kwnames;
    return value_from_bool(value_file(args[0])->writable);
}

static Value file_close(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    File *f = value_file(args[0]);
    if (!f->closed && f->writable && !file_flush(th, f)) {
        return VALUE_ABSENT;
    }
    f->closed = true;
    return VALUE_NONE;
}

static Value file_closed(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)th, (void)nargs, (void)kwnames;
    return value_from_bool(value_file(args[0])->closed);
}

static Value file_name(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return rt_newref(th, value_file(args[0])->name);
}

static Value file_mode(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return rt_newref(th, value_file(args[0])->mode);
}

static Value file_encoding(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)args, (void)nargs, (void)kwnames;
    return str_intern_cstr(th, "utf-8");
}

static Value file_errors(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return str_intern_cstr(th,
                           value_file(args[0])->escape_surrogates ? "backslashreplace" : "strict");
}

static Value file_line_buffering(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)th, (void)nargs, (void)kwnames;
    return value_from_bool(value_file(args[0])->line_buffered);
}

static Value file_repr(Thread *th, Value self)
{
    const File *f = value_file(self);
    return str_from_format(th, "<_io.TextIOWrapper name=%V mode=%V encoding='utf-8'>", f->name,
                           f->mode);
}

static const NativeDef file_methods[] = {
    {"write", file_write, 2, 2, 0},
    {"writelines", file_writelines, 2, 2, 0},
    {"flush", file_flush_method, 1, 1, 0},
    {"read", file_read, 1, 2, 0},
    {"readline", file_readline, 1, 2, 0},
    {"readlines", file_readlines, 1, 2, 0},
    {"fileno", file_fileno, 1, 1, 0},
    {"isatty", file_isatty, 1, 1, 0},
    {"readable", file_readable, 1, 1, 0},
    {"writable", file_is_writable, 1, 1, 0},
    {"close", file_close, 1, 1, 0},
    {"closed", file_closed, 1, 1, NATIVE_GETTER},
    {"name", file_name, 1, 1, NATIVE_GETTER},
    {"mode", file_mode, 1, 1, NATIVE_GETTER},
    {"encoding", file_encoding, 1, 1, NATIVE_GETTER},
    {"errors", file_errors, 1, 1, NATIVE_GETTER},
    {"line_buffering", file_line_buffering, 1, 1, NATIVE_GETTER},
    {NULL, NULL, 0, 0, 0},
};

static Type file_type = {
    .id = TYPE_FILE,
    .flags = TYPE_FLAG_FINALIZER,
    .name = "_io.TextIOWrapper",
    .size_bytes = sizeof(File),
    .finalize = file_finalize,
    .traverse = file_traverse,
    .repr = file_repr,
    .iter = file_iter,
    .next = file_next,
    .methods = file_methods,
};

bool file_type_init(Thread *th) { return rt_type_ready(th, &file_type); }
