/*
 * Abstract operations on any value: text (repr, str, format), length, subscripts, membership and
 * iteration.  Arithmetic is in abstract_number.c, comparison in abstract_compare.c, attributes in
 * abstract_attr.c, calls in abstract_call.c.
 *
 * Each function asks the type's slot and otherwise raises what CPython raises.
 *
 * Threads: any.
 */
#include "runtime/abstract_internal.h"
#include "runtime/container_inline.h"
#include "runtime/int.h"
#include "runtime/safepoint.h"

const char *rt_type_name(Value v) { return value_class(v)->name; }

static Value checked_text(Thread *th, Value text, const char *method)
{
    if (text == VALUE_ABSENT || value_is_str(text)) {
        return text;
    }
    rt_raise(th, EXC_TYPE_ERROR, "%s returned non-string (type %s)", method, rt_type_name(text));
    rt_decref(th, text);
    return VALUE_ABSENT;
}

static Value immediate_text(Thread *th, Value v)
{
    switch (v) {
    case VALUE_NONE: return str_intern_cstr(th, "None");
    case VALUE_TRUE: return str_intern_cstr(th, "True");
    case VALUE_FALSE: return str_intern_cstr(th, "False");
    default: return str_intern_cstr(th, "<unbound>");
    }
}

static Value default_repr(Thread *th, Value v)
{
    return str_from_format(th, "<%s object at 0x%llx>", rt_type_name(v), (unsigned long long)v);
}

Value rt_repr(Thread *th, Value v)
{
    if (value_is_immediate(v)) {
        return immediate_text(th, v);
    }
    Type *type = rt_type_of(v);
    if (type->repr == NULL) {
        return default_repr(th, v);
    }
    if (!rt_enter_recursive(th, " while getting the repr of an object")) {
        return VALUE_ABSENT;
    }
    Value text = checked_text(th, type->repr(th, v), "__repr__");
    rt_leave_recursive(th);
    return text;
}

Value rt_str(Thread *th, Value v)
{
    if (value_is_str(v)) {
        return rt_newref(th, v);
    }
    Type *type = value_is_immediate(v) ? NULL : rt_type_of(v);
    if (type == NULL || type->str == NULL) {
        return rt_repr(th, v);
    }
    if (!rt_enter_recursive(th, " while getting the str of an object")) {
        return VALUE_ABSENT;
    }
    Value text = checked_text(th, type->str(th, v), "__str__");
    rt_leave_recursive(th);
    return text;
}

static void append_escaped(StrBuilder *b, uint32_t c)
{
    static const char digits[] = "0123456789abcdef";
    char text[10];
    int width = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
    text[0] = '\\';
    text[1] = width == 2 ? 'x' : width == 4 ? 'u' : 'U';
    for (int i = 0; i < width; i++) {
        text[2 + i] = digits[c >> (4 * (width - 1 - i)) & 15];
    }
    str_builder_ascii(b, text, (size_t)(2 + width));
}

Value rt_ascii(Thread *th, Value v)
{
    Value text = rt_repr(th, v);
    if (text == VALUE_ABSENT || value_str(text)->ascii) {
        return text;
    }
    const Str *s = value_str(text);
    StrBuilder b;
    str_builder_init(&b);
    for (int64_t i = 0; i < s->length; i++) {
        uint32_t c = str_char_at(s, i);
        if (c < 128) {
            str_builder_char(&b, c);
        } else {
            append_escaped(&b, c);
        }
    }
    rt_decref(th, text);
    return str_builder_finish(th, &b);
}

Value rt_format(Thread *th, Value v, Value spec)
{
    bool plain = spec == VALUE_ABSENT || value_str(spec)->length == 0;
    Type *type = rt_type_of(v);
    if (type->format != NULL && !value_is_immediate(v)) {
        return plain && value_is_str(v) ? rt_newref(th, v) : type->format(th, v, spec);
    }
    if (plain) {
        return rt_str(th, v);
    }
    if (type->format != NULL) {
        return type->format(th, v, spec);
    }
    return rt_raise(th, EXC_TYPE_ERROR, "unsupported format string passed to %s.__format__",
                    rt_type_name(v));
}

int64_t rt_length(Thread *th, Value v)
{
    Type *type = rt_type_of(v);
    if (type->length == NULL) {
        rt_raise(th, EXC_TYPE_ERROR, "object of type '%s' has no len()", rt_type_name(v));
        return -1;
    }
    return type->length(th, v);
}

Value rt_getitem(Thread *th, Value v, Value key)
{
    Type *type = rt_type_of(v);
    if (type->getitem == NULL) {
        if (value_is_type(v)) {
            return rt_raise(th, EXC_TYPE_ERROR, "type '%s' is not subscriptable",
                            value_type(v)->name);
        }
        return rt_raise(th, EXC_TYPE_ERROR, "'%s' object is not subscriptable", rt_type_name(v));
    }
    return type->getitem(th, v, key);
}

bool rt_setitem(Thread *th, Value v, Value key, Value item)
{
    Type *type = rt_type_of(v);
    if (type->setitem == NULL) {
        rt_raise(th, EXC_TYPE_ERROR, "'%s' object does not support item assignment",
                 rt_type_name(v));
        return false;
    }
    return type->setitem(th, v, key, item);
}

bool rt_delitem(Thread *th, Value v, Value key)
{
    Type *type = rt_type_of(v);
    if (type->setitem == NULL) {
        bool sequence = type->getitem != NULL;
        rt_raise(th, EXC_TYPE_ERROR, "'%s' object %s support item deletion", rt_type_name(v),
                 sequence ? "doesn't" : "does not");
        return false;
    }
    return type->setitem(th, v, key, VALUE_ABSENT);
}

static int contains_by_iteration(Thread *th, Value container, Value item)
{
    Value iterator = rt_iter(th, container);
    if (iterator == VALUE_ABSENT) {
        return -1;
    }
    LoopPoll poll = {LOOP_POLL_INTERVAL};
    int found = 0;
    Value v;
    while (found == 0 && (v = rt_next(th, iterator)) != VALUE_ABSENT) {
        found = rt_equal(th, v, item);
        rt_decref(th, v);
        if (found == 0 && !loop_poll(th, &poll)) {
            found = -1;
        }
    }
    rt_decref(th, iterator);
    return found == 0 && rt_pending(th) ? -1 : found;
}

int rt_contains(Thread *th, Value container, Value item)
{
    Type *type = rt_type_of(container);
    if (type->contains != NULL) {
        return type->contains(th, container, item);
    }
    if (type->iter == NULL && type->getitem == NULL) {
        rt_raise(th, EXC_TYPE_ERROR, "argument of type '%s' is not iterable",
                 rt_type_name(container));
        return -1;
    }
    return contains_by_iteration(th, container, item);
}

Value rt_iter(Thread *th, Value v)
{
    Type *type = rt_type_of(v);
    if (type->iter != NULL) {
        return type->iter(th, v);
    }
    return rt_raise(th, EXC_TYPE_ERROR, "'%s' object is not iterable", rt_type_name(v));
}

Value rt_next(Thread *th, Value iterator)
{
    Type *type = rt_type_of(iterator);
    if (type->next == NULL) {
        return rt_raise(th, EXC_TYPE_ERROR, "'%s' object is not an iterator",
                        rt_type_name(iterator));
    }
    return type->next(th, iterator);
}

static Value collect_items(Thread *th, Value iterator, int64_t enough)
{
    Value list = list_new(th, NULL, 0);
    for (int64_t i = 0; list != VALUE_ABSENT && (enough < 0 || i < enough); i++) {
        Value item = rt_next(th, iterator);
        if (item == VALUE_ABSENT && rt_pending_is(th, EXC_STOP_ITERATION)) {
            rt_clear_exception(th);
        }
        if (item == VALUE_ABSENT && !rt_pending(th)) {
            break;
        }
        if (item == VALUE_ABSENT || !list_append_steal(th, list, item)) {
            rt_decref(th, list);
            return VALUE_ABSENT;
        }
    }
    return list;
}

Value rt_collect(Thread *th, Value v, int64_t enough)
{
    if (value_is_list(v) && !object_exclusive(th, value_object(v))) {
        return list_to_tuple(th, v); /* as it is now: others may change it */
    }
    if (value_is_list(v) || value_is_tuple(v)) {
        return rt_newref(th, v);
    }
    if (rt_type_of(v)->iter == NULL && rt_type_of(v)->getitem == NULL) {
        return rt_raise(th, EXC_TYPE_ERROR, "cannot unpack non-iterable %T object", v);
    }
    Value iterator = rt_iter(th, v);
    if (iterator == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value list = collect_items(th, iterator, enough);
    rt_decref(th, iterator);
    return list;
}

Value rt_unpack(Thread *th, Value v, int64_t count)
{
    Value items = rt_collect(th, v, count + 1);
    if (items == VALUE_ABSENT) {
        return items;
    }
    int64_t have = value_is_tuple(items) ? value_tuple(items)->size : list_size(items);
    if (have == count) {
        return items;
    }
    rt_decref(th, items);
    if (have < count) {
        return rt_raise(th, EXC_VALUE_ERROR,
                        "not enough values to unpack (expected %lld, got %lld)", (long long)count,
                        (long long)have);
    }
    return rt_raise(th, EXC_VALUE_ERROR, "too many values to unpack (expected %lld)",
                    (long long)count);
}

static Value unpack_middle(Thread *th, Value items, int64_t before, int64_t count)
{
    Value rest = list_new(th, NULL, 0);
    for (int64_t i = 0; rest != VALUE_ABSENT && i < count; i++) {
        if (!list_append_steal(th, rest, rt_newref(th, value_tuple(items)->items[before + i]))) {
            rt_decref(th, rest);
            return VALUE_ABSENT;
        }
    }
    return rest;
}

Value rt_unpack_ex(Thread *th, Value v, int64_t before, int64_t after)
{
    Value collected = rt_collect(th, v, -1);
    Value items = collected;
    if (value_is_list(collected)) {
        items = list_to_tuple(th, collected);
        rt_decref(th, collected);
    }
    if (items == VALUE_ABSENT) {
        return items;
    }
    const Tuple *t = value_tuple(items);
    if (t->size < before + after) {
        rt_raise(th, EXC_VALUE_ERROR,
                 "not enough values to unpack (expected at least %lld, got %lld)",
                 (long long)(before + after), (long long)t->size);
        rt_decref(th, items);
        return VALUE_ABSENT;
    }
    Value rest = unpack_middle(th, items, before, t->size - before - after);
    Value parts = rest != VALUE_ABSENT ? list_new(th, t->items, before) : VALUE_ABSENT;
    bool ok = parts != VALUE_ABSENT && list_append(th, parts, rest);
    for (int64_t i = t->size - after; ok && i < t->size; i++) {
        ok = list_append(th, parts, t->items[i]);
    }
    Value result = ok ? list_to_tuple(th, parts) : VALUE_ABSENT;
    rt_xdecref(th, parts);
    rt_xdecref(th, rest);
    rt_decref(th, items);
    return result;
}

bool loop_poll_slow(Thread *th, LoopPoll *p)
{
    p->left = LOOP_POLL_INTERVAL;
    return atomic_load_explicit(&th->poll, memory_order_relaxed) == 0 || thread_safepoint(th);
}
