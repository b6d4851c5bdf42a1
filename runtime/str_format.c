/*
 * str.format and str.format_map: replacement fields.
 *
 *     "{" [name ("." attribute | "[" index "]")*] ["!" r|s|a] [":" spec] "}"
 *
 * A spec may hold fields itself, one level deep.  Values are formatted by their type's format slot
 * (rt_format), so the mini-language of specs is not here.
 *
 * Threads: any. may: run Python.
 */
#include "runtime/str_internal.h"

enum { AUTO_UNKNOWN, AUTO_NUMBERED, AUTO_MANUAL };

typedef struct Format {
    Thread *th;
    const Value *args; /* without self */
    uint32_t nargs;
    Value kwnames; /* tuple or absent; values follow args */
    Value mapping; /* format_map's argument, or absent */
    int numbering;
    int64_t next_number;
} Format;

/* A stretch of the format string. */
typedef struct Span {
    Value text; /* borrowed str */
    int64_t start, end;
} Span;

static uint32_t span_char(const Span *s, int64_t i) { return str_char_at(value_str(s->text), i); }

static bool fail(Format *f, const char *message)
{
    rt_raise(f->th, EXC_VALUE_ERROR, "%s", message);
    return false;
}

/* All digits? Then the number. 1, 0, or -1: too large (exception set). */
static int parse_index(Format *f, const Span *s, int64_t *out)
{
    *out = 0;
    for (int64_t i = s->start; i < s->end; i++) {
        int digit = char_decimal_value(span_char(s, i));
        if (digit < 0) {
            return 0;
        }
        if (__builtin_mul_overflow(*out, 10, out) || __builtin_add_overflow(*out, digit, out)) {
            fail(f, "Too many decimal digits in format string");
            return -1;
        }
    }
    return s->end > s->start;
}

static Value positional(Format *f, int64_t index)
{
    if (f->mapping != VALUE_ABSENT) {
        fail(f, "Format string contains positional fields");
        return VALUE_ABSENT;
    }
    if (index >= (int64_t)f->nargs) {
        return rt_raise(f->th, EXC_INDEX_ERROR,
                        "Replacement index %lld out of range for positional args tuple",
                        (long long)index);
    }
    return rt_newref(f->th, f->args[index]);
}

static Value keyword(Format *f, Value name)
{
    if (f->mapping != VALUE_ABSENT) {
        return rt_getitem(f->th, f->mapping, name);
    }
    int64_t count = f->kwnames == VALUE_ABSENT ? 0 : value_tuple(f->kwnames)->size;
    for (int64_t i = 0; i < count; i++) {
        if (str_equal(value_tuple(f->kwnames)->items[i], name)) {
            return rt_newref(f->th, f->args[f->nargs + (uint64_t)i]);
        }
    }
    return rt_raise_value(f->th, EXC_KEY_ERROR, name);
}

/* Automatic and manual numbers do not mix. */
static bool check_numbering(Format *f, bool automatic)
{
    int wanted = automatic ? AUTO_NUMBERED : AUTO_MANUAL;
    if (f->numbering == AUTO_UNKNOWN) {
        f->numbering = wanted;
    }
    if (f->numbering == wanted) {
        return true;
    }
    return fail(f, automatic ? "cannot switch from manual field specification to automatic field "
                               "numbering"
                             : "cannot switch from automatic field numbering to manual field "
                               "specification");
}

/* The value that the first part of a field name means. owns: new. */
static Value lookup_first(Format *f, const Span *name)
{
    int64_t index;
    int number = parse_index(f, name, &index);
    if (number < 0) {
        return VALUE_ABSENT;
    }
    if (name->start == name->end) {
        if (f->mapping == VALUE_ABSENT && !check_numbering(f, true)) {
            return VALUE_ABSENT;
        }
        return positional(f, f->next_number++);
    }
    if (number > 0) {
        if (f->mapping == VALUE_ABSENT && !check_numbering(f, false)) {
            return VALUE_ABSENT;
        }
        return positional(f, index);
    }
    Value key = str_substring(f->th, name->text, name->start, name->end);
    if (key == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value v = keyword(f, key);
    rt_decref(f->th, key);
    return v;
}

/* One ".name" or "[index]" from *at. owns: new; v is stolen. */
static Value lookup_step(Format *f, const Span *name, int64_t *at, Value v)
{
    bool attribute = span_char(name, *at) == '.';
    Span part = {name->text, *at + 1, *at + 1};
    while (part.end < name->end) {
        uint32_t c = span_char(name, part.end);
        if (attribute ? c == '.' || c == '[' : c == ']') {
            break;
        }
        part.end++;
    }
    *at = part.end;
    Value result = VALUE_ABSENT, key = VALUE_ABSENT;
    int64_t index;
    if (!attribute && part.end == name->end) {
        fail(f, "Missing ']' in format string");
        goto done;
    }
    *at += !attribute;
    if (part.start == part.end) {
        fail(f, "Empty attribute in format string");
        goto done;
    }
    int number = attribute ? 0 : parse_index(f, &part, &index);
    if (number < 0) {
        goto done;
    }
    key = number > 0 ? int_from_i64(f->th, index)
                     : str_substring(f->th, part.text, part.start, part.end);
    if (key != VALUE_ABSENT && attribute) {
        key = str_intern_steal(f->th, key);
    }
    if (key != VALUE_ABSENT) {
        result = attribute ? rt_getattr(f->th, v, key) : rt_getitem(f->th, v, key);
    }
done:
    rt_xdecref(f->th, key);
    rt_decref(f->th, v);
    return result;
}

static Value lookup(Format *f, const Span *name)
{
    Span first = {name->text, name->start, name->start};
    while (first.end < name->end) {
        uint32_t c = span_char(name, first.end);
        if (c == '.' || c == '[') {
            break;
        }
        first.end++;
    }
    Value v = lookup_first(f, &first);
    int64_t at = first.end;
    while (v != VALUE_ABSENT && at < name->end) {
        uint32_t c = span_char(name, at);
        if (c != '.' && c != '[') {
            rt_decref(f->th, v);
            fail(f, "Only '.' or '[' may follow ']' in format field specifier");
            return VALUE_ABSENT;
        }
        v = lookup_step(f, name, &at, v);
    }
    return v;
}

/* The parts of a field between its braces. */
typedef struct Field {
    Span name, spec;
    uint32_t conversion; /* 0: none */
    bool nested;         /* the spec holds fields */
} Field;

/* Parses from behind the "{"; *at ends behind the "}". */
static bool parse_field(Format *f, const Span *s, int64_t *at, Field *out)
{
    int64_t i = *at, bracket = 0;
    uint32_t c = 0;
    *out = (Field){.name = {s->text, i, i}};
    for (; i < s->end; i++) {
        c = span_char(s, i);
        if (c == '{') {
            return fail(f, "unexpected '{' in field name");
        }
        if (c == '[') {
            bracket = 1;
        } else if (c == ']') {
            bracket = 0;
        } else if (!bracket && (c == '}' || c == ':' || c == '!')) {
            break;
        }
    }
    out->name.end = i;
    if (i >= s->end) {
        return fail(f, "expected '}' before end of string");
    }
    if (c == '!') {
        if (i + 1 >= s->end) {
            return fail(f, "end of string while looking for conversion specifier");
        }
        out->conversion = span_char(s, ++i);
        if (++i >= s->end) {
            return fail(f, "unmatched '{' in format spec");
        }
        c = span_char(s, i);
        if (c != ':' && c != '}') {
            return fail(f, "expected ':' after conversion specifier");
        }
    }
    out->spec = (Span){s->text, i + 1, i + 1};
    if (c == '}') {
        out->spec.start = out->spec.end = i;
        *at = i + 1;
        return true;
    }
    int64_t depth = 1;
    for (i++; i < s->end; i++) {
        c = span_char(s, i);
        out->nested = out->nested || c == '{';
        depth += c == '{' ? 1 : c == '}' ? -1 : 0;
        if (depth == 0) {
            out->spec.end = i;
            *at = i + 1;
            return true;
        }
    }
    return fail(f, "unmatched '{' in format spec");
}

static bool expand(Format *f, const Span *s, StrBuilder *b, int depth);

static Value converted(Format *f, uint32_t conversion, Value v)
{
    switch (conversion) {
    case 'r': return rt_repr(f->th, v);
    case 's': return rt_str(f->th, v);
    case 'a': return rt_ascii(f->th, v);
    default: break;
    }
    if (conversion > 32 && conversion < 127) {
        return rt_raise(f->th, EXC_VALUE_ERROR, "Unknown conversion specifier %c", (int)conversion);
    }
    return rt_raise(f->th, EXC_VALUE_ERROR, "Unknown conversion specifier \\x%x", conversion);
}

/* The spec's text, fields in it expanded. owns: new. */
static Value spec_text(Format *f, const Field *field, int depth)
{
    if (!field->nested) {
        return str_substring(f->th, field->spec.text, field->spec.start, field->spec.end);
    }
    StrBuilder b;
    str_builder_init(&b);
    if (!expand(f, &field->spec, &b, depth - 1)) {
        str_builder_abandon(&b);
        return VALUE_ABSENT;
    }
    return str_builder_finish(f->th, &b);
}

static bool render(Format *f, const Field *field, StrBuilder *b, int depth)
{
    Value v = lookup(f, &field->name);
    if (v != VALUE_ABSENT && field->conversion != 0) {
        Value text = converted(f, field->conversion, v);
        rt_decref(f->th, v);
        v = text;
    }
    Value spec = v == VALUE_ABSENT ? VALUE_ABSENT : spec_text(f, field, depth);
    Value text = spec == VALUE_ABSENT ? VALUE_ABSENT : rt_format(f->th, v, spec);
    if (text != VALUE_ABSENT) {
        str_builder_str(b, text);
    }
    rt_xdecref(f->th, v);
    rt_xdecref(f->th, spec);
    rt_xdecref(f->th, text);
    return text != VALUE_ABSENT;
}

static bool expand(Format *f, const Span *s, StrBuilder *b, int depth)
{
    if (depth <= 0) {
        return fail(f, "Max string recursion exceeded");
    }
    for (int64_t i = s->start; i < s->end;) {
        int64_t start = i;
        uint32_t c = 0;
        while (i < s->end && (c = span_char(s, i)) != '{' && c != '}') {
            i++;
        }
        str_builder_part(b, value_str(s->text), start, i);
        if (i == s->end) {
            break;
        }
        i++;
        if (i < s->end && span_char(s, i) == c) {
            str_builder_char(b, c);
            i++;
            continue;
        }
        if (c == '}') {
            return fail(f, "Single '}' encountered in format string");
        }
        if (i == s->end) {
            return fail(f, "Single '{' encountered in format string");
        }
        Field field;
        if (!parse_field(f, s, &i, &field) || !render(f, &field, b, depth)) {
            return false;
        }
    }
    return true;
}

static Value run(Format *f, Value pattern)
{
    StrBuilder b;
    str_builder_init(&b);
    Span all = {pattern, 0, value_str(pattern)->length};
    if (!expand(f, &all, &b, 2)) {
        str_builder_abandon(&b);
        return VALUE_ABSENT;
    }
    return str_builder_finish(f->th, &b);
}

STR_NATIVE(format)
{
    if (!str_self(th, args[0], "format")) {
        return VALUE_ABSENT;
    }
    Format f = {.th = th, .args = args + 1, .nargs = nargs - 1, .kwnames = kwnames};
    return run(&f, args[0]);
}

STR_NATIVE(format_map)
{
    (void)nargs;
    (void)kwnames;
    if (!str_self(th, args[0], "format_map")) {
        return VALUE_ABSENT;
    }
    Format f = {.th = th, .mapping = args[1], .kwnames = VALUE_ABSENT};
    return run(&f, args[0]);
}
