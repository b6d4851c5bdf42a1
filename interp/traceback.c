/*
 * Traceback: printing an exception to stderr as CPython 3.11 does.
 *
 * An exception that has a cause or a context is printed after it.  Each traceback entry shows its
 * line and, below it, ^^^^ under the range of the instruction, unless that is the whole line; in
 * binary operations and subscripts ~~~ and ^ tell operands and operator apart (source_carets.c).
 *
 * Nothing here fails: what cannot be printed is left out, and no exception stays pending.
 * Threads: the thread itself.
 */
#include "interp/slow.h"
#include "interp/source_carets.h"
#include "runtime/natives.h"

#include <stdarg.h>
#include <stdio.h>

#define CAUSE_TEXT "\nThe above exception was the direct cause of the following exception:\n\n"
#define CONTEXT_TEXT "\nDuring handling of the above exception, another exception occurred:\n\n"

enum { REPEATS_SHOWN = 3, TRACEBACK_LIMIT = 1000 };

/* What is printed is collected here and written at once, so that two threads do not mix their lines. */
typedef struct Out {
    Thread *th;
    char *text; /* rt_malloc'ed */
    size_t length, capacity;
} Out;

static void write_part(Out *out)
{
    natives_write(out->th, 2, out->text, out->length);
    rt_clear_exception(out->th);
    out->length = 0;
}

/* The end: nothing is left in out. */
static void write_out(Out *out)
{
    write_part(out);
    rt_free(out->text);
    natives_flush(out->th);
    rt_clear_exception(out->th);
}

static void write_text(Out *out, const char *text, size_t length)
{
    if (length > out->capacity - out->length) {
        size_t capacity = (out->length + length) * 2;
        char *larger = rt_realloc(out->text, capacity);
        if (larger == NULL) { /* in pieces, then */
            write_part(out);
            natives_write(out->th, 2, text, length);
            rt_clear_exception(out->th);
            return;
        }
        out->text = larger;
        out->capacity = capacity;
    }
    memcpy(out->text + out->length, text, length);
    out->length += length;
}

static void print(Out *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void print(Out *out, const char *format, ...)
{
    char line[256];
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(line, sizeof line, format, ap);
    va_end(ap);
    write_text(out, line, n < 0 ? 0 : (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

static void print_str(Out *out, Value v)
{
    size_t length;
    const char *text = value_is_str(v) ? str_utf8(out->th, v, &length) : NULL;
    if (text != NULL) {
        write_text(out, text, length);
    }
    rt_clear_exception(out->th);
}

/* ---- one traceback ------------------------------------------------------------------------------------ */

typedef struct Place {
    const Code *code;
    Value name;
    int32_t lineno;
    CodePosition position;
    bool has_position;
} Place;

/* The name of the frame that a position is in: that of the innermost comprehension other than
 * `except`, or of the code. */
static Value place_name(const Code *code, uint32_t index, uint32_t except)
{
    Value name = code->name;
    uint32_t size = UINT32_MAX;
    for (uint32_t i = 0; i < code->inlined_count; i++) {
        const CodeInlined *c = &code->inlined[i];
        bool outside = except == UINT32_MAX ||
                       c->end - c->start > code->inlined[except].end - code->inlined[except].start;
        if (i != except && outside && c->start <= index && index < c->end &&
            c->end - c->start < size) {
            size = c->end - c->start;
            name = c->name;
        }
    }
    return name;
}

static Place place_of(const Traceback *t)
{
    const Code *code = (const Code *)value_object(t->code);
    Place p = {.code = code, .lineno = t->lineno};
    if (t->instruction >= 0) {
        const CodePosition *position = code_position(code, (uint32_t)t->instruction);
        p.name = place_name(code, (uint32_t)t->instruction, UINT32_MAX);
        p.has_position = position != NULL && position->column >= 0 && position->end_column >= 0;
        if (position != NULL) {
            p.position = *position;
        }
        return p;
    }
    uint32_t inlined = (uint32_t)(-1 - t->instruction);
    const CodeInlined *c = &code->inlined[inlined];
    p.name = place_name(code, c->start, inlined);
    p.position = (CodePosition){c->start, c->lineno, c->end_lineno, c->column, c->end_column};
    p.has_position = c->column >= 0 && c->end_column >= 0;
    return p;
}

static void print_source(Out *out, const Place *p)
{
    Thread *th = out->th;
    const char *file = str_utf8(th, p->code->filename, &(size_t){0});
    char *line = file == NULL ? NULL : vm_source_line(file, p->lineno);
    rt_clear_exception(th);
    if (line == NULL) {
        return;
    }
    size_t indent = strspn(line, " \t\f");
    print(out, "    ");
    write_text(out, line + indent, strlen(line + indent));
    print(out, "\n");
    char *carets = p->has_position ? source_carets(line, &p->position) : NULL;
    if (carets != NULL) {
        print(out, "    ");
        write_text(out, carets, strlen(carets));
        print(out, "\n");
        rt_free(carets);
    }
    rt_free(line);
}

static void print_repeats(Out *out, long count)
{
    count -= REPEATS_SHOWN;
    print(out, "  [Previous line repeated %ld more time%s]\n", count, count > 1 ? "s" : "");
}

static void print_traceback(Out *out, Value tb)
{
    print(out, "Traceback (most recent call last):\n");
    long depth = 0, repeats = 0;
    for (Value v = tb; v != VALUE_NONE; v = ((const Traceback *)value_object(v))->next) {
        depth++;
    }
    for (; tb != VALUE_NONE && depth > TRACEBACK_LIMIT; depth--) {
        tb = ((const Traceback *)value_object(tb))->next;
    }
    Place last = {.code = NULL};
    for (; tb != VALUE_NONE; tb = ((const Traceback *)value_object(tb))->next) {
        Place p = place_of((const Traceback *)value_object(tb));
        if (last.code == NULL || last.code->filename != p.code->filename ||
            last.lineno != p.lineno || last.name != p.name) {
            if (repeats > REPEATS_SHOWN) {
                print_repeats(out, repeats);
            }
            last = p;
            repeats = 0;
        }
        if (++repeats <= REPEATS_SHOWN) {
            print(out, "  File \"");
            print_str(out, p.code->filename);
            print(out, "\", line %d, in ", (int)p.lineno);
            print_str(out, p.name);
            print(out, "\n");
            print_source(out, &p);
        }
    }
    if (repeats > REPEATS_SHOWN) {
        print_repeats(out, repeats);
    }
}

/* ---- the exception's last lines --------------------------------------------------------------------------- */

static Value attribute(Thread *th, Value v, const char *name)
{
    Value key = str_intern_cstr(th, name);
    Value r = key == VALUE_ABSENT ? VALUE_ABSENT : rt_getattr_optional(th, v, key);
    rt_xdecref(th, key);
    rt_clear_exception(th);
    return r == VALUE_ABSENT ? VALUE_NONE : r;
}

static int64_t int_attribute(Thread *th, Value v, const char *name)
{
    Value n = attribute(th, v, name);
    int64_t r = value_is_small_int(n) ? value_int(n) : -1;
    rt_decref(th, n);
    return r;
}

/* The line of a SyntaxError with carets from offset (from 1) to end. */
static void print_error_text(Out *out, Value text, int64_t offset, int64_t end)
{
    Thread *th = out->th;
    size_t length;
    const char *line = value_is_str(text) ? str_utf8(th, text, &length) : NULL;
    if (line == NULL) {
        rt_clear_exception(th);
        return;
    }
    int64_t carets = end > 0 && end > offset ? end - offset : 1;
    int64_t at = offset - 1; /* from 0 */
    size_t indent = strspn(line, " \t\f");
    line += indent;
    at -= (int64_t)indent;
    size_t shown = strcspn(line, "\n");
    print(out, "    ");
    write_text(out, line, shown);
    print(out, "\n");
    if (at < 0) {
        return;
    }
    print(out, "    ");
    for (int64_t i = 0; i < at; i++) {
        print(out, " ");
    }
    for (int64_t i = 0; i < carets; i++) {
        print(out, "^");
    }
    print(out, "\n");
}

static void print_syntax_place(Out *out, Value exc)
{
    Thread *th = out->th;
    Value file = attribute(th, exc, "filename");
    Value text = attribute(th, exc, "text");
    int64_t lineno = int_attribute(th, exc, "lineno");
    int64_t end_lineno = int_attribute(th, exc, "end_lineno");
    int64_t offset = int_attribute(th, exc, "offset");
    int64_t end = int_attribute(th, exc, "end_offset");
    if (lineno > 0 || value_is_str(file)) {
        print(out, "  File \"");
        if (value_is_str(file)) {
            print_str(out, file);
        } else {
            print(out, "<string>");
        }
        print(out, "\", line %lld\n", (long long)lineno);
        if (value_is_str(text)) {
            if (end_lineno > lineno) {
                size_t length = 0;
                const char *line = str_utf8(th, text, &length);
                end = line == NULL ? -1 : (int64_t)length;
            }
            print_error_text(out, text, offset, end);
        }
    }
    rt_decref(th, file);
    rt_decref(th, text);
}

static void print_message(Out *out, Value exc)
{
    Thread *th = out->th;
    const Type *type = rt_type_of(exc);
    Value shown = rt_newref(th, exc);
    if (rt_type_is_subtype(type, rt_type_by_id(EXC_SYNTAX_ERROR))) {
        Value lineno = attribute(th, exc, "lineno");
        if (value_is_small_int(lineno)) {
            print_syntax_place(out, exc);
            rt_decref(th, shown);
            shown = attribute(th, exc, "msg");
        }
        rt_decref(th, lineno);
    }
    print(out, "%s", type->name);
    Value text = shown == VALUE_NONE ? str_from_cstr(th, "None") : rt_str(th, shown);
    rt_decref(th, shown);
    if (text == VALUE_ABSENT) {
        rt_clear_exception(th);
        print(out, ": <exception str() failed>");
    } else if (value_str(text)->length > 0) {
        print(out, ": ");
        print_str(out, text);
    }
    rt_xdecref(th, text);
    Value suggestion = vm_suggestion(th, exc);
    if (suggestion != VALUE_ABSENT) {
        print(out, ". Did you mean: '");
        print_str(out, suggestion);
        print(out, "'?");
        rt_decref(th, suggestion);
    }
    print(out, "\n");
}

static void print_notes(Out *out, Value exc)
{
    Thread *th = out->th;
    Value notes = attribute(th, exc, "__notes__");
    if (value_is_list(notes) || value_is_tuple(notes)) {
        int64_t count = rt_length(th, notes);
        for (int64_t i = 0; i < count; i++) {
            Value note = rt_getitem(th, notes, value_from_small_int(i));
            Value text = note == VALUE_ABSENT ? VALUE_ABSENT : rt_str(th, note);
            if (text != VALUE_ABSENT) {
                print_str(out, text);
            } else {
                print(out, "<note str() failed>");
            }
            print(out, "\n");
            rt_clear_exception(th);
            rt_xdecref(th, note);
            rt_xdecref(th, text);
        }
    } else if (notes != VALUE_NONE) {
        Value text = rt_repr(th, notes);
        if (text != VALUE_ABSENT) {
            print_str(out, text);
            print(out, "\n");
            rt_decref(th, text);
        }
        rt_clear_exception(th);
    }
    rt_decref(th, notes);
}

static void print_traceback_of(Out *out, const Exception *e)
{
    Value traceback = slot_load_acquire(&e->traceback);
    if (value_has_type(traceback, TYPE_TRACEBACK)) {
        rt_incref(out->th, traceback);
        print_traceback(out, traceback);
        rt_decref(out->th, traceback);
    }
}

static void print_one(Out *out, Value exc)
{
    const Exception *e = (const Exception *)value_object(exc);
    print_traceback_of(out, e);
    print_message(out, exc);
    print_notes(out, exc);
}

/* ---- chains ------------------------------------------------------------------------------------------------ */

/* What is printed before exc: its cause, or its context unless that is suppressed; lent. */
static Value chain_next(Value exc, bool *is_cause)
{
    const Exception *e = (const Exception *)value_object(exc);
    Value cause = slot_load_acquire(&e->cause), context = slot_load_acquire(&e->context);
    *is_cause = cause != VALUE_NONE && cause != VALUE_ABSENT;
    if (*is_cause) {
        return cause;
    }
    bool shown = context != VALUE_ABSENT && !exception_suppresses_context(exc);
    return shown ? context : VALUE_NONE;
}

typedef struct Link {
    Value exc;     /* owned */
    bool is_cause; /* of the one before it in the array */
} Link;

static bool seen(const Link *chain, size_t count, Value exc)
{
    for (size_t i = 0; i < count; i++) {
        if (chain[i].exc == exc) {
            return true;
        }
    }
    return false;
}

/* The exceptions that are printed, the last one first; stops where memory ends. */
static size_t collect_chain(Thread *th, Value exception, Link **chain)
{
    size_t count = 0, capacity = 0;
    Value next = exception;
    bool is_cause = false;
    while (next != VALUE_NONE && !seen(*chain, count, next)) {
        if (count == capacity) {
            capacity = capacity == 0 ? 16 : capacity * 2;
            Link *larger = rt_realloc(*chain, capacity * sizeof **chain);
            if (larger == NULL) {
                break;
            }
            *chain = larger;
        }
        (*chain)[count++] = (Link){rt_newref(th, next), is_cause};
        next = chain_next(next, &is_cause);
    }
    return count;
}

void vm_print_exception(Thread *th, Value exception)
{
    Value pending = rt_take_exception(th); /* may be this one */
    rt_incref(th, exception);
    Link *chain = NULL;
    Out out = {.th = th};
    size_t count = collect_chain(th, exception, &chain);
    if (count == 0) {
        print_one(&out, exception);
    }
    for (size_t i = count; i > 0; i--) {
        print_one(&out, chain[i - 1].exc);
        if (i > 1) {
            print(&out, "%s", chain[i - 1].is_cause ? CAUSE_TEXT : CONTEXT_TEXT);
        }
        rt_decref(th, chain[i - 1].exc);
    }
    write_out(&out);
    rt_free(chain);
    rt_clear_exception(th);
    rt_decref(th, exception);
    th->exception = pending;
}

static void print_object(Out *out, Value v, bool as_repr, const char *failed)
{
    Thread *th = out->th;
    Value text = as_repr ? rt_repr(th, v) : rt_str(th, v);
    if (text != VALUE_ABSENT) {
        print_str(out, text);
        rt_decref(th, text);
    } else {
        rt_clear_exception(th);
        print(out, "%s", failed);
    }
}

void vm_print_unraisable(Thread *th, const char *message, Value object)
{
    Value exception = rt_take_exception(th);
    if (exception == VALUE_ABSENT) {
        return;
    }
    Out out = {.th = th};
    print(&out, "%s: ", message);
    print_object(&out, object, true, "<object repr() failed>");
    print(&out, "\n");
    const Exception *e = (const Exception *)value_object(exception);
    print_traceback_of(&out, e);
    print(&out, "%s: ", rt_type_name(exception));
    print_object(&out, exception, false, "<exception str() failed>");
    print(&out, "\n");
    write_out(&out);
    rt_clear_exception(th);
    rt_decref(th, exception);
}
