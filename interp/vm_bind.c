/*
 * Vm, binding: from the arguments of a call to the parameters of a frame, with CPython's errors.
 *
 * Order of registers: positional parameters, keyword-only ones, *args, **kwargs (CPython's order of
 * co_varnames), then other locals.
 *
 * Ownership: the arguments are consumed, also on failure.  While binding, a parameter without a
 * value holds VALUE_UNBOUND, so a failure drops the whole frame.
 * Threads: the thread that owns the stack.
 */
#include "interp/slow.h"

#include <stdio.h>

typedef struct Binding {
    Thread *th;
    const Function *fn;
    const Code *code;
    Value *fp;
    Value *args; /* not in fp */
    uint32_t nargs;
    Value kwnames;
    Value kwargs; /* the ** dict, or absent */
} Binding;

static uint32_t named_count(const Code *code)
{
    return (uint32_t)code->arg_count + code->kwonly_count;
}

/* Fields of a function that any thread may replace are read once; what is read is lent by the epoch. */
static Value qualname(const Binding *b) { return slot_load_acquire(&b->fn->qualname); }

/* ---- errors ----------------------------------------------------------------------------------------- */

/* "'a', 'b', and 'c'" of the parameters in [from, to) that are unbound. */
static Value list_missing(const Binding *b, uint32_t from, uint32_t to, uint32_t count)
{
    StrBuilder text;
    str_builder_init(&text);
    uint32_t done = 0;
    for (uint32_t i = from; i < to; i++) {
        if (b->fp[i] != VALUE_UNBOUND) {
            continue;
        }
        if (done > 0) {
            const char *joint = count == 2 ? " and " : done + 1 == count ? ", and " : ", ";
            str_builder_ascii(&text, joint, strlen(joint));
        }
        str_builder_ascii(&text, "'", 1);
        str_builder_str(&text, b->code->local_names[i]);
        str_builder_ascii(&text, "'", 1);
        done++;
    }
    return str_builder_finish(b->th, &text);
}

static bool check_missing(const Binding *b, uint32_t from, uint32_t to, const char *kind)
{
    uint32_t count = 0;
    for (uint32_t i = from; i < to; i++) {
        count += b->fp[i] == VALUE_UNBOUND;
    }
    if (count == 0) {
        return true;
    }
    Value names = list_missing(b, from, to, count);
    if (names != VALUE_ABSENT) {
        rt_raise(b->th, EXC_TYPE_ERROR, "%U() missing %d required %s argument%s: %U", qualname(b),
                 (int)count, kind, count == 1 ? "" : "s", names);
        rt_decref(b->th, names);
    }
    return false;
}

static uint32_t default_count(Value defaults)
{
    return value_is_tuple(defaults) ? (uint32_t)value_tuple(defaults)->size : 0;
}

static bool raise_too_many(const Binding *b)
{
    const Code *code = b->code;
    uint32_t defaults = default_count(slot_load_acquire(&b->fn->defaults)), given_kwonly = 0;
    for (uint32_t i = code->arg_count; i < named_count(code); i++) {
        given_kwonly += b->fp[i] != VALUE_UNBOUND;
    }
    char accepted[64], kwonly[96] = "";
    bool plural = defaults > 0 || code->arg_count != 1;
    if (defaults > 0) {
        snprintf(accepted, sizeof accepted, "from %u to %u", code->arg_count - defaults,
                 (unsigned)code->arg_count);
    } else {
        snprintf(accepted, sizeof accepted, "%u", (unsigned)code->arg_count);
    }
    if (given_kwonly > 0) {
        snprintf(kwonly, sizeof kwonly, " positional argument%s (and %u keyword-only argument%s)",
                 b->nargs != 1 ? "s" : "", given_kwonly, given_kwonly != 1 ? "s" : "");
    }
    rt_raise(b->th, EXC_TYPE_ERROR, "%U() takes %s positional argument%s but %d%s %s given",
             qualname(b), accepted, plural ? "s" : "", (int)b->nargs, kwonly,
             b->nargs == 1 && given_kwonly == 0 ? "was" : "were");
    return false;
}

/* Positional-only parameters that came as keywords? Then all of them are named. */
static bool raise_positional_only(const Binding *b)
{
    StrBuilder text;
    str_builder_init(&text);
    uint32_t found = 0;
    for (uint32_t i = 0; i < b->code->posonly_count; i++) {
        const Tuple *names = value_tuple(b->kwnames);
        for (int64_t k = 0; k < names->size; k++) {
            if (str_equal(names->items[k], b->code->local_names[i])) {
                if (found++ > 0) {
                    str_builder_ascii(&text, ", ", 2);
                }
                str_builder_str(&text, names->items[k]);
            }
        }
    }
    if (found == 0) {
        str_builder_abandon(&text);
        return false;
    }
    Value list = str_builder_finish(b->th, &text);
    if (list != VALUE_ABSENT) {
        rt_raise(b->th, EXC_TYPE_ERROR,
                 "%U() got some positional-only arguments passed as keyword arguments: '%U'",
                 qualname(b), list);
        rt_decref(b->th, list);
    }
    return true;
}

/* ---- steps --------------------------------------------------------------------------------------------- */

int64_t vm_find_parameter(const Code *code, Value name)
{
    for (uint32_t i = code->posonly_count; i < named_count(code); i++) {
        if (code->local_names[i] == name) {
            return i;
        }
    }
    for (uint32_t i = code->posonly_count; i < named_count(code); i++) {
        if (str_equal(code->local_names[i], name)) {
            return i;
        }
    }
    return -1;
}

static bool bind_keyword(Binding *b, Value name, Value *v)
{
    if (!value_is_str(name)) {
        rt_raise(b->th, EXC_TYPE_ERROR, "%U() keywords must be strings", qualname(b));
        return false;
    }
    int64_t i = vm_find_parameter(b->code, name);
    if (i < 0) {
        if (b->kwargs == VALUE_ABSENT) {
            if (b->code->posonly_count == 0 || !raise_positional_only(b)) {
                rt_raise(b->th, EXC_TYPE_ERROR, "%U() got an unexpected keyword argument '%U'",
                         qualname(b), name);
            }
            return false;
        }
        return dict_set(b->th, b->kwargs, name, *v);
    }
    if (b->fp[i] != VALUE_UNBOUND) {
        rt_raise(b->th, EXC_TYPE_ERROR, "%U() got multiple values for argument '%U'", qualname(b),
                 name);
        return false;
    }
    b->fp[i] = *v;
    *v = VALUE_NONE; /* moved */
    return true;
}

/* *args and **kwargs get their registers. */
static bool bind_collectors(Binding *b)
{
    const Code *code = b->code;
    uint32_t reg = named_count(code);
    if ((code->flags & CODE_VARARGS) != 0) {
        uint32_t extra = b->nargs > code->arg_count ? b->nargs - code->arg_count : 0;
        Value rest = tuple_new(b->th, b->args + code->arg_count * (extra > 0), extra);
        if (rest == VALUE_ABSENT) {
            return false;
        }
        b->fp[reg++] = rest;
    }
    if ((code->flags & CODE_VARKEYWORDS) != 0) {
        b->kwargs = dict_new(b->th);
        if (b->kwargs == VALUE_ABSENT) {
            return false;
        }
        b->fp[reg] = b->kwargs;
    }
    return true;
}

static bool bind_defaults(Binding *b)
{
    const Code *code = b->code;
    Value default_values = slot_load_acquire(&b->fn->defaults);
    Value kwdefaults = slot_load_acquire(&b->fn->kwdefaults);
    uint32_t defaults = default_count(default_values);
    uint32_t required = code->arg_count > defaults ? code->arg_count - defaults : 0;
    if (!check_missing(b, 0, required, "positional")) {
        return false;
    }
    uint32_t skipped = defaults > code->arg_count ? defaults - code->arg_count : 0;
    for (uint32_t i = required; i < code->arg_count; i++) {
        if (b->fp[i] == VALUE_UNBOUND) {
            b->fp[i] = rt_newref(b->th, value_tuple(default_values)->items[i - required + skipped]);
        }
    }
    for (uint32_t i = code->arg_count; i < named_count(code); i++) {
        if (b->fp[i] == VALUE_UNBOUND && value_is_dict(kwdefaults)) {
            Value v = VALUE_ABSENT;
            if (!dict_get(b->th, kwdefaults, code->local_names[i], &v)) {
                return false;
            }
            if (v != VALUE_ABSENT) {
                b->fp[i] = v;
            }
        }
    }
    return check_missing(b, code->arg_count, named_count(code), "keyword-only");
}

static bool bind_all(Binding *b)
{
    const Code *code = b->code;
    uint32_t positional = b->nargs < code->arg_count ? b->nargs : code->arg_count;
    if (!bind_collectors(b)) {
        return false;
    }
    for (uint32_t i = 0; i < positional; i++) {
        b->fp[i] = b->args[i];
        b->args[i] = VALUE_NONE;
    }
    if (b->kwnames != VALUE_ABSENT) {
        const Tuple *names = value_tuple(b->kwnames);
        for (int64_t k = 0; k < names->size; k++) {
            if (!bind_keyword(b, names->items[k], &b->args[b->nargs + k])) {
                return false;
            }
        }
    }
    if (b->nargs > code->arg_count && (code->flags & CODE_VARARGS) == 0) {
        return raise_too_many(b);
    }
    return bind_defaults(b);
}

/* Nothing but positional parameters, the last of them from defaults. */
static bool bind_positional(Thread *th, const Function *fn, Value *fp, Value *args, uint32_t nargs)
{
    const Code *code = fn->code;
    Value default_values = slot_load_acquire(&fn->defaults);
    uint32_t defaults = default_count(default_values);
    if (code->param_count != code->arg_count || nargs > code->arg_count ||
        nargs + defaults < code->arg_count) {
        return false;
    }
    if (args != fp) {
        memmove(fp, args, nargs * sizeof(Value));
    }
    for (uint32_t i = nargs; i < code->arg_count; i++) {
        fp[i] = rt_newref(th, value_tuple(default_values)->items[defaults - code->arg_count + i]);
    }
    for (uint32_t i = code->arg_count; i < code->local_count; i++) {
        fp[i] = VALUE_UNBOUND;
    }
    return true;
}

bool vm_bind(Thread *th, Function *fn, Value *fp, Value *args, uint32_t nargs, Value kwnames)
{
    enum { ON_STACK = 16 };
    uint32_t total = nargs;
    total += kwnames == VALUE_ABSENT ? 0 : (uint32_t)value_tuple(kwnames)->size;
    if (total == nargs && bind_positional(th, fn, fp, args, nargs)) {
        return true;
    }
    Value on_stack[ON_STACK];
    Value *copy = total <= ON_STACK ? on_stack : rt_malloc(total * sizeof(Value));
    Binding b = {th, fn, fn->code, fp, copy, nargs, kwnames, VALUE_ABSENT};
    if (copy == NULL) {
        b.args = args;
        total = 0;
        rt_raise_memory_error(th);
    } else {
        memcpy(copy, args, total * sizeof(Value));
    }
    for (uint32_t i = 0; i < fn->code->local_count && copy != NULL; i++) {
        fp[i] = VALUE_UNBOUND;
    }
    bool ok = copy != NULL && bind_all(&b);
    for (uint32_t i = 0; i < total; i++) {
        rt_decref(th, copy[i]); /* what was not moved */
    }
    if (copy == NULL) {
        uint32_t count =
            nargs + (kwnames == VALUE_ABSENT ? 0 : (uint32_t)value_tuple(kwnames)->size);
        for (uint32_t i = 0; i < count; i++) {
            rt_decref(th, args[i]);
        }
    } else if (!ok) {
        for (uint32_t i = 0; i < fn->code->local_count; i++) {
            rt_decref(th, fp[i]);
            fp[i] = VALUE_NONE; /* the caller may still name this register */
        }
    }
    if (copy != on_stack) {
        rt_free(copy);
    }
    return ok;
}
