/*
 * Argument lists of natives that take keywords: sorting by name, and CPython's words for what is
 * wrong with a call.  Natives without keywords are checked by native_call (abstract_call.c).
 *
 * Threads: any.
 */
#include "runtime/abstract_internal.h"

static bool raise_too_many(Thread *th, const NativeSignature *s, uint32_t nargs, uint32_t given)
{
    rt_raise(th, EXC_TYPE_ERROR, "%s() takes %s %u %sargument%s (%u given)", s->name,
             s->required < s->count ? "at most" : "exactly", s->count, nargs == 0 ? "keyword " : "",
             s->count == 1 ? "" : "s", given);
    return false;
}

static bool raise_positional(Thread *th, const NativeSignature *s, uint32_t nargs)
{
    if (s->positional == 0) {
        rt_raise(th, EXC_TYPE_ERROR, "%s() takes no positional arguments", s->name);
    } else {
        rt_raise(th, EXC_TYPE_ERROR, "%s() takes %s %u positional argument%s (%u given)", s->name,
                 s->required < s->positional ? "at most" : "exactly", s->positional,
                 s->positional == 1 ? "" : "s", nargs);
    }
    return false;
}

/* Index of the keyword in the signature, or count. */
static uint32_t find_keyword(const NativeSignature *s, Value keyword)
{
    uint32_t i = 0;
    while (i < s->count && (s->names[i] == NULL || !str_is(keyword, s->names[i]))) {
        i++;
    }
    return i;
}

/* What is wrong with a keyword, if anything: it is unknown, or given by position, too. */
static bool check_keyword(Thread *th, const NativeSignature *s, Value keyword, uint32_t nargs)
{
    uint32_t i = find_keyword(s, keyword);
    if (i == s->count) {
        rt_raise(th, EXC_TYPE_ERROR, "'%U' is an invalid keyword argument for %s()", keyword,
                 s->name);
        return false;
    }
    if (i < nargs) {
        rt_raise(th, EXC_TYPE_ERROR, "argument for %s() given by name ('%s') and position (%u)",
                 s->name, s->names[i], i + 1);
        return false;
    }
    return true;
}

static bool check_required(Thread *th, const NativeSignature *s, uint32_t nargs, const Value *out)
{
    uint32_t positional_only = 0;
    while (positional_only < s->required && s->names[positional_only] == NULL) {
        positional_only++;
    }
    if (nargs < positional_only) {
        rt_raise(th, EXC_TYPE_ERROR, "%s() takes %s %u positional argument%s (%u given)", s->name,
                 positional_only < s->positional ? "at least" : "exactly", positional_only,
                 positional_only == 1 ? "" : "s", nargs);
        return false;
    }
    for (uint32_t i = nargs; i < s->required; i++) {
        if (out[i] == VALUE_ABSENT) {
            rt_raise(th, EXC_TYPE_ERROR, "%s() missing required argument '%s' (pos %u)", s->name,
                     s->names[i], i + 1);
            return false;
        }
    }
    return true;
}

bool native_bind(Thread *th, const NativeSignature *signature, const Value *args, uint32_t nargs,
                 Value kwnames, Value *out)
{
    const NativeSignature *s = signature;
    uint32_t keywords = keyword_count(kwnames);
    if (nargs + keywords > s->count) {
        return raise_too_many(th, s, nargs, nargs + keywords);
    }
    if (nargs > s->positional) {
        return raise_positional(th, s, nargs);
    }
    for (uint32_t i = 0; i < s->count; i++) {
        out[i] = i < nargs ? args[i] : VALUE_ABSENT;
    }
    for (uint32_t i = 0; i < keywords; i++) {
        uint32_t at = find_keyword(s, value_tuple(kwnames)->items[i]);
        if (at < s->count && at >= nargs) {
            out[at] = args[nargs + i];
        }
    }
    bool ok = check_required(th, s, nargs, out); /* comes first, as in CPython */
    for (uint32_t i = 0; i < keywords && ok; i++) {
        ok = check_keyword(th, s, value_tuple(kwnames)->items[i], nargs);
    }
    return ok;
}

bool native_check_positional(Thread *th, const char *name, uint32_t nargs, uint32_t min,
                             uint32_t max)
{
    if (nargs >= min && nargs <= max) {
        return true;
    }
    uint32_t bound = nargs < min ? min : max;
    const char *kind = min == max ? "" : nargs < min ? "at least " : "at most ";
    rt_raise(th, EXC_TYPE_ERROR, "%s expected %s%u argument%s, got %u", name, kind, bound,
             bound == 1 ? "" : "s", nargs);
    return false;
}

bool native_no_keywords(Thread *th, const char *name, Value kwnames)
{
    if (keyword_count(kwnames) == 0) {
        return true;
    }
    rt_raise(th, EXC_TYPE_ERROR, "%s() takes no keyword arguments", name);
    return false;
}
