/*
 * Searching in text: find, count, replace, prefix tests, and the methods on top of them.
 *
 * Texts of one byte a character use memchr and memmem; for others the first character is sought and
 * the rest compared, which is quadratic only for texts made to be so.
 *
 * Threads: any.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "runtime/str_internal.h"

#include <string.h>

bool str_match_at(const Str *s, const Str *needle, int64_t at)
{
    if (needle->kind == s->kind) {
        return memcmp(s->data + at * s->kind, needle->data,
                      (size_t)needle->length * needle->kind) == 0;
    }
    for (int64_t i = 0; i < needle->length; i++) {
        if (str_char_at(s, at + i) != str_char_at(needle, i)) {
            return false;
        }
    }
    return true;
}

int64_t str_find(const Str *s, const Str *needle, int64_t start, int64_t end)
{
    end = end > s->length ? s->length : end;
    int64_t n = needle->length;
    if (start > end || n > end - start || needle->kind > s->kind) {
        return start <= end && n == 0 ? start : -1;
    }
    if (n == 0) {
        return start;
    }
    if (s->kind == 1) {
        const uint8_t *from = s->data + start;
        const uint8_t *hit = n == 1 ? memchr(from, needle->data[0], (size_t)(end - start))
                                    : memmem(from, (size_t)(end - start), needle->data, (size_t)n);
        return hit == NULL ? -1 : hit - s->data;
    }
    uint32_t first = str_char_at(needle, 0);
    for (int64_t i = start; i + n <= end; i++) {
        if (str_char_at(s, i) == first && str_match_at(s, needle, i)) {
            return i;
        }
    }
    return -1;
}

int64_t str_rfind(const Str *s, const Str *needle, int64_t start, int64_t end)
{
    end = end > s->length ? s->length : end;
    int64_t n = needle->length;
    if (start > end || n > end - start || needle->kind > s->kind) {
        return start <= end && n == 0 ? end : -1;
    }
    if (n == 0) {
        return end;
    }
    uint32_t first = str_char_at(needle, 0);
    for (int64_t i = end - n; i >= start; i--) {
        if (str_char_at(s, i) == first && str_match_at(s, needle, i)) {
            return i;
        }
    }
    return -1;
}

int64_t str_count(const Str *s, const Str *needle, int64_t start, int64_t end)
{
    end = end > s->length ? s->length : end;
    if (start > end) {
        return 0;
    }
    if (needle->length == 0) {
        return end - start + 1;
    }
    int64_t n = 0;
    for (int64_t at = start; (at = str_find(s, needle, at, end)) >= 0; at += needle->length) {
        n++;
    }
    return n;
}

/* The arguments (self, sub[, start[, end]]); the range is cut to the text as slices are. */
typedef struct SearchArguments {
    const Str *text, *needle;
    int64_t start, end;
} SearchArguments;

static bool range_arguments(Thread *th, const Value *args, uint32_t nargs, SearchArguments *out)
{
    out->text = value_str(args[0]);
    out->start = 0;
    out->end = INT64_MAX;
    if ((nargs > 2 && !optional_index(th, args[2], &out->start)) ||
        (nargs > 3 && !optional_index(th, args[3], &out->end))) {
        return false;
    }
    int64_t length = out->text->length;
    out->start += out->start < 0 ? length : 0;
    out->start = out->start < 0 ? 0 : out->start;
    out->end = clamp_index(out->end, length);
    return true;
}

static bool search_arguments(Thread *th, const char *method, const Value *args, uint32_t nargs,
                             SearchArguments *out)
{
    if (!str_self(th, args[0], method)) {
        return false;
    }
    if (!value_is_str(args[1])) {
        rt_raise(th, EXC_TYPE_ERROR, "must be str, not %T", args[1]);
        return false;
    }
    out->needle = value_str(args[1]);
    return range_arguments(th, args, nargs, out);
}

STR_NATIVE(find)
{
    (void)kwnames;
    SearchArguments a;
    return search_arguments(th, "find", args, nargs, &a)
               ? int_from_i64(th, str_find(a.text, a.needle, a.start, a.end))
               : VALUE_ABSENT;
}

STR_NATIVE(rfind)
{
    (void)kwnames;
    SearchArguments a;
    return search_arguments(th, "rfind", args, nargs, &a)
               ? int_from_i64(th, str_rfind(a.text, a.needle, a.start, a.end))
               : VALUE_ABSENT;
}

static Value found_or_raise(Thread *th, int64_t at)
{
    return at >= 0 ? int_from_i64(th, at) : rt_raise(th, EXC_VALUE_ERROR, "substring not found");
}

STR_NATIVE(index)
{
    (void)kwnames;
    SearchArguments a;
    return search_arguments(th, "index", args, nargs, &a)
               ? found_or_raise(th, str_find(a.text, a.needle, a.start, a.end))
               : VALUE_ABSENT;
}

STR_NATIVE(rindex)
{
    (void)kwnames;
    SearchArguments a;
    return search_arguments(th, "rindex", args, nargs, &a)
               ? found_or_raise(th, str_rfind(a.text, a.needle, a.start, a.end))
               : VALUE_ABSENT;
}

STR_NATIVE(count)
{
    (void)kwnames;
    SearchArguments a;
    return search_arguments(th, "count", args, nargs, &a)
               ? int_from_i64(th, str_count(a.text, a.needle, a.start, a.end))
               : VALUE_ABSENT;
}

static bool affix_matches(const SearchArguments *a, const Str *affix, bool at_end)
{
    if (affix->length > a->end - a->start || a->start > a->end) {
        return false;
    }
    return str_match_at(a->text, affix, at_end ? a->end - affix->length : a->start);
}

/* startswith and endswith: a str or a tuple of them. */
static Value affix_test(Thread *th, const char *method, const Value *args, uint32_t nargs,
                        bool at_end)
{
    SearchArguments a;
    if (!str_self(th, args[0], method) || !range_arguments(th, args, nargs, &a)) {
        return VALUE_ABSENT;
    }
    if (value_is_str(args[1])) {
        return value_from_bool(affix_matches(&a, value_str(args[1]), at_end));
    }
    if (!value_is_tuple(args[1])) {
        return rt_raise(th, EXC_TYPE_ERROR, "%s first arg must be str or a tuple of str, not %T",
                        method, args[1]);
    }
    const Tuple *t = value_tuple(args[1]);
    for (int64_t i = 0; i < t->size; i++) {
        if (!value_is_str(t->items[i])) {
            return rt_raise(th, EXC_TYPE_ERROR, "tuple for %s must only contain str, not %T",
                            method, t->items[i]);
        }
        if (affix_matches(&a, value_str(t->items[i]), at_end)) {
            return VALUE_TRUE;
        }
    }
    return VALUE_FALSE;
}

STR_NATIVE(startswith)
{
    (void)kwnames;
    return affix_test(th, "startswith", args, nargs, false);
}

STR_NATIVE(endswith)
{
    (void)kwnames;
    return affix_test(th, "endswith", args, nargs, true);
}

/* Replaces up to limit occurrences. */
static Value replace_text(Thread *th, Value self, const Str *old, Value with, int64_t limit)
{
    const Str *s = value_str(self);
    int64_t at = limit == 0 ? -1 : str_find(s, old, 0, s->length);
    if (at < 0) {
        return rt_newref(th, self);
    }
    StrBuilder b;
    str_builder_init(&b);
    int64_t done = 0;
    for (int64_t n = 0; at >= 0 && n != limit; n++) {
        str_builder_part(&b, s, done, at);
        str_builder_str(&b, with);
        done = at + old->length;
        if (old->length == 0) {
            if (at >= s->length) {
                break;
            }
            str_builder_part(&b, s, at, at + 1);
            done = at + 1;
        }
        at = str_find(s, old, done, s->length);
    }
    str_builder_part(&b, s, done, s->length);
    return str_builder_finish(th, &b);
}

STR_NATIVE(replace)
{
    (void)kwnames;
    int64_t limit = -1;
    if (!str_self(th, args[0], "replace")) {
        return VALUE_ABSENT;
    }
    for (int i = 1; i <= 2; i++) {
        if (!value_is_str(args[i])) {
            return rt_raise(th, EXC_TYPE_ERROR, "replace() argument %d must be str, not %T", i,
                            args[i]);
        }
    }
    if (nargs > 3 && !int_as_index(th, args[3], &limit, false)) {
        return VALUE_ABSENT;
    }
    return replace_text(th, args[0], value_str(args[1]), args[2], limit);
}

static bool affix_argument(Thread *th, const Value *args, const char *method)
{
    if (!str_self(th, args[0], method)) {
        return false;
    }
    if (!value_is_str(args[1])) {
        rt_raise(th, EXC_TYPE_ERROR, "%s() argument must be str, not %T", method, args[1]);
        return false;
    }
    return true;
}

STR_NATIVE(removeprefix)
{
    (void)nargs;
    (void)kwnames;
    if (!affix_argument(th, args, "removeprefix")) {
        return VALUE_ABSENT;
    }
    const Str *s = value_str(args[0]), *affix = value_str(args[1]);
    bool match = affix->length <= s->length && str_match_at(s, affix, 0);
    return str_substring(th, args[0], match ? affix->length : 0, s->length);
}

STR_NATIVE(removesuffix)
{
    (void)nargs;
    (void)kwnames;
    if (!affix_argument(th, args, "removesuffix")) {
        return VALUE_ABSENT;
    }
    const Str *s = value_str(args[0]), *affix = value_str(args[1]);
    bool match = affix->length <= s->length && str_match_at(s, affix, s->length - affix->length);
    return str_substring(th, args[0], 0, match ? s->length - affix->length : s->length);
}
