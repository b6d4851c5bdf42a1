/*
 * Helpers of machine code, part 3: calls, and displays from arrays of values that a trace lends.
 *
 * A trace lends values in the memory of its frames, above which the frames of called Python functions
 * are pushed: so whatever may call back works on a copy of the array.
 *
 * Threads: any attached thread.
 */
#include "runtime/abstract.h"
#include "runtime/containers.h"
#include "runtime/gc.h"
#include "runtime/helpers.h"
#include "runtime/memory.h"
#include "runtime/str.h"

enum { ON_STACK = 16 };

Value helper_value_call0(Thread *th, Value a) { return rt_call(th, a, NULL, 0, VALUE_ABSENT); }
Value helper_value_call1(Thread *th, Value a, Value b)
{
    return rt_call(th, a, &b, 1, VALUE_ABSENT);
}
Value helper_value_call2(Thread *th, Value a, Value b, Value c)
{
    const Value args[2] = {b, c};
    return rt_call(th, a, args, 2, VALUE_ABSENT);
}

/* total: keyword arguments included. */
static Value call_copied(Thread *th, Value callee, const Value *args, size_t total, Value kwnames)
{
    Value on_stack[ON_STACK];
    Value *copy = total <= ON_STACK ? on_stack : rt_malloc(total * sizeof(Value));
    if (copy == NULL) {
        rt_raise_memory_error(th);
        return VALUE_ABSENT;
    }
    memcpy(copy, args, total * sizeof(Value));
    size_t named = kwnames == VALUE_ABSENT ? 0 : (size_t)value_tuple(kwnames)->size;
    gc_hide(th);
    Value result = rt_call(th, callee, copy, (uint32_t)(total - named), kwnames);
    gc_unhide(th);
    if (copy != on_stack) {
        rt_free(copy);
    }
    return result;
}

Value helper_value_call_array(Thread *th, Value callee, void *args, int64_t nargs)
{
    return call_copied(th, callee, args, (size_t)nargs, VALUE_ABSENT);
}
Value helper_value_call_kw(Thread *th, Value a, void *b, int64_t c)
{
    const Value *args = b;
    return call_copied(th, a, args, (size_t)c, args[-1]);
}

static Value keyword_names(Thread *th, Value dict, Value *values)
{
    Value names = list_new(th, NULL, 0), key, v;
    int64_t position = 0;
    while (names != VALUE_ABSENT && dict_next(dict, &position, &key, &v)) {
        bool is_str = value_is_str(key);
        if (!is_str) {
            rt_raise(th, EXC_TYPE_ERROR, "keywords must be strings");
        }
        if (!is_str || !list_append(th, names, key)) {
            rt_decref(th, names);
            return VALUE_ABSENT;
        }
        *values++ = rt_newref(th, v);
    }
    Value tuple = names != VALUE_ABSENT ? list_to_tuple(th, names) : names;
    rt_xdecref(th, names);
    return tuple;
}

Value helper_value_call_ex(Thread *th, Value a, Value b, Value c)
{
    const Tuple *t = value_tuple(b);
    int64_t named = c == VALUE_ABSENT ? 0 : dict_size(c);
    if (named == 0) {
        return call_copied(th, a, t->items, (size_t)t->size, VALUE_ABSENT);
    }
    Value *args = rt_calloc((size_t)(t->size + named), sizeof *args);
    if (args == NULL) {
        rt_raise_memory_error(th);
        return VALUE_ABSENT;
    }
    for (int64_t i = 0; i < t->size; i++) {
        args[i] = rt_newref(th, t->items[i]);
    }
    Value names = keyword_names(th, c, args + t->size), result = VALUE_ABSENT;
    if (names != VALUE_ABSENT) {
        gc_hide(th);
        result = rt_call(th, a, args, (uint32_t)t->size, names);
        gc_unhide(th);
        rt_decref(th, names);
    }
    for (int64_t i = 0; i < t->size + named; i++) {
        rt_xdecref(th, args[i]);
    }
    rt_free(args);
    return result;
}

Value helper_function_new_array(Thread *th, Value a, Value b, void *c)
{
    return th->rt->hooks.make_function(th, a, b, c);
}
Value helper_native_call_array(Thread *th, void *def, void *args, int64_t nargs)
{
    return native_call(th, def, args, (uint32_t)nargs, VALUE_ABSENT);
}

static Value copy_of(Thread *th, void *items, int64_t count) { return tuple_new(th, items, count); }

Value helper_set_new_array(Thread *th, void *a, int64_t b)
{
    Value items = copy_of(th, a, b), set = items != VALUE_ABSENT ? set_new(th, false) : items;
    for (int64_t i = 0; set != VALUE_ABSENT && i < b; i++) {
        if (!set_add(th, set, value_tuple(items)->items[i])) {
            rt_decref(th, set);
            set = VALUE_ABSENT;
        }
    }
    rt_xdecref(th, items);
    return set;
}

Value helper_dict_new_array(Thread *th, void *a, int64_t b)
{
    Value items = copy_of(th, a, b), dict = items != VALUE_ABSENT ? dict_new(th) : items;
    for (int64_t i = 0; dict != VALUE_ABSENT && i < b; i += 2) {
        const Value *pair = &value_tuple(items)->items[i];
        if (!dict_set(th, dict, pair[0], pair[1])) {
            rt_decref(th, dict);
            dict = VALUE_ABSENT;
        }
    }
    rt_xdecref(th, items);
    return dict;
}

Value helper_str_join_array(Thread *th, void *a, int64_t b)
{
    const Value *items = a;
    StrBuilder builder;
    str_builder_init(&builder);
    for (int64_t i = 0; i < b; i++) {
        str_builder_str(&builder, items[i]);
    }
    return str_builder_finish(th, &builder);
}
