/*
 * Slow paths, displays: lists, tuples, sets, dicts, formatted strings, unpacking.
 *
 * Invariant: on failure all consumed temporaries are still there; a helper that steals gets extra
 * references, or the temporaries are made None before.
 * Threads: the thread that owns the stack.
 */
#include "interp/slow.h"

static void drop_values(Thread *th, Value *values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        rt_decref(th, values[i]);
    }
}

static Value build_set(Thread *th, const Value *items, uint32_t count)
{
    Value set = set_new(th, false);
    for (uint32_t i = 0; set != VALUE_ABSENT && i < count; i++) {
        if (!set_add(th, set, items[i])) {
            rt_decref(th, set);
            return VALUE_ABSENT;
        }
    }
    return set;
}

static Value build_dict(Thread *th, const Value *pairs, uint32_t count)
{
    Value dict = dict_new(th);
    for (uint32_t i = 0; dict != VALUE_ABSENT && i < count; i++) {
        if (!dict_set(th, dict, pairs[2 * i], pairs[2 * i + 1])) {
            rt_decref(th, dict);
            return VALUE_ABSENT;
        }
    }
    return dict;
}

VmState slow_build(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    Value *items = &fp[pc->b];
    uint32_t count = pc->c;
    Value r;
    switch (op) {
    case BC_BUILD_LIST: r = list_new(th, items, count); break;
    case BC_BUILD_TUPLE: r = tuple_new(th, items, count); break;
    case BC_BUILD_SET: r = build_set(th, items, count); break;
    default:
        r = build_dict(th, items, count);
        count *= 2;
        break;
    }
    if (r == VALUE_ABSENT) {
        return VM_RAISED;
    }
    drop_values(th, items, count);
    fp[pc->a] = r;
    return vm_next(pc, fp, op);
}

VmState slow_list_append(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    if (vm_unbound(th, fp, pc->b) || !list_append(th, fp[pc->a], fp[pc->b])) {
        return VM_RAISED;
    }
    vm_consume(th, fp, pc->b);
    return vm_next(pc, fp, op);
}

/* The TypeError of `*v` when v cannot be iterated; function: absent, or what is called with it. */
static void raise_not_iterable(Thread *th, Value v, Value function)
{
    if (function == VALUE_ABSENT) {
        rt_raise(th, EXC_TYPE_ERROR, "Value after * must be an iterable, not %T", v);
        return;
    }
    Value name = vm_callable_name(th, function);
    if (name != VALUE_ABSENT) {
        rt_raise(th, EXC_TYPE_ERROR, "%U argument after * must be an iterable, not %T", name, v);
        rt_decref(th, name);
    }
}

VmState slow_list_extend(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    Value v = fp[pc->b];
    if (rt_type_of(v)->iter == NULL && rt_type_of(v)->getitem == NULL) {
        Value function = pc->c == 1 ? fp[pc->a - FRAME_HEADER_WORDS] : VALUE_ABSENT;
        raise_not_iterable(th, v, function);
        return VM_RAISED;
    }
    if (!list_extend(th, fp[pc->a], v)) {
        return VM_RAISED;
    }
    rt_decref(th, v);
    return vm_next(pc, fp, op);
}

VmState slow_list_to_tuple(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    Value tuple = list_to_tuple(th, fp[pc->a]);
    if (tuple == VALUE_ABSENT) {
        return VM_RAISED;
    }
    rt_decref(th, fp[pc->a]);
    fp[pc->a] = tuple;
    return vm_next(pc, fp, op);
}

VmState slow_set_add(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    if (vm_unbound(th, fp, pc->b) || !set_add(th, fp[pc->a], fp[pc->b])) {
        return VM_RAISED;
    }
    vm_consume(th, fp, pc->b);
    return vm_next(pc, fp, op);
}

VmState slow_set_update(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    if (!set_update(th, fp[pc->a], fp[pc->b])) {
        return VM_RAISED;
    }
    rt_decref(th, fp[pc->b]);
    return vm_next(pc, fp, op);
}

VmState slow_dict_put(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    if (!dict_set(th, fp[pc->a], fp[pc->b], fp[pc->b + 1])) {
        return VM_RAISED;
    }
    drop_values(th, &fp[pc->b], 2);
    return vm_next(pc, fp, op);
}

/* Only mappings may follow ** in a display or a call. */
static bool is_mapping(Thread *th, Value v, bool *failed)
{
    if (value_is_dict(v)) {
        return true;
    }
    Value name = str_intern_cstr(th, "keys");
    Value keys = name == VALUE_ABSENT ? VALUE_ABSENT : rt_getattr_optional(th, v, name);
    rt_xdecref(th, name);
    *failed = rt_pending(th);
    rt_xdecref(th, keys);
    return keys != VALUE_ABSENT;
}

VmState slow_dict_update(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    Value v = fp[pc->b];
    bool failed = false;
    if (!is_mapping(th, v, &failed)) {
        if (!failed) {
            rt_raise(th, EXC_TYPE_ERROR, "'%T' object is not a mapping", v);
        }
        return VM_RAISED;
    }
    if (!dict_update(th, fp[pc->a], v)) {
        return VM_RAISED;
    }
    rt_decref(th, v);
    return vm_next(pc, fp, op);
}

/* f(**a, **b): keys must be new. base: register of the function, for the name. */
static bool dict_merge(Thread *th, Value dict, Value v, Value function)
{
    Value source = v;
    if (value_is_dict(v)) {
        rt_incref(th, v);
    } else {
        source = dict_new(th);
        if (source == VALUE_ABSENT || !dict_update(th, source, v)) {
            rt_xdecref(th, source);
            return false;
        }
    }
    int64_t position = 0;
    Value key, item;
    bool ok = true;
    while (ok && dict_next(source, &position, &key, &item)) {
        int there = dict_contains(th, dict, key);
        if (there > 0) {
            Value name = vm_callable_name(th, function);
            if (name != VALUE_ABSENT) {
                rt_raise(th, EXC_TYPE_ERROR, "%U got multiple values for keyword argument '%U'",
                         name, key);
                rt_decref(th, name);
            }
        }
        ok = there == 0 && dict_set(th, dict, key, item);
    }
    rt_decref(th, source);
    return ok;
}

VmState slow_dict_merge(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    Value v = fp[pc->b];
    bool failed = false;
    if (!is_mapping(th, v, &failed)) {
        Value name = failed ? VALUE_ABSENT : vm_callable_name(th, fp[pc->c]);
        if (name != VALUE_ABSENT) {
            rt_raise(th, EXC_TYPE_ERROR, "%U argument after ** must be a mapping, not %T", name, v);
            rt_decref(th, name);
        }
        return VM_RAISED;
    }
    if (!dict_merge(th, fp[pc->a], v, fp[pc->c])) {
        return VM_RAISED;
    }
    rt_decref(th, v);
    return vm_next(pc, fp, op);
}

static Value convert(Thread *th, Value v, uint16_t conversion)
{
    switch (conversion) {
    case 's': return rt_str(th, v);
    case 'r': return rt_repr(th, v);
    case 'a': return rt_ascii(th, v);
    default: return rt_newref(th, v);
    }
}

VmState slow_format(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    Value v = convert(th, fp[pc->a], pc->b);
    if (v == VALUE_ABSENT) {
        return VM_RAISED;
    }
    Value text = v;
    if (pc->c != 0 || !value_is_str(v)) {
        text = rt_format(th, v, pc->c != 0 ? fp[pc->a + 1] : VALUE_ABSENT);
        rt_decref(th, v);
    }
    if (text == VALUE_ABSENT) {
        return VM_RAISED;
    }
    drop_values(th, &fp[pc->a], pc->c != 0 ? 2 : 1);
    fp[pc->a] = text;
    return vm_next(pc, fp, op);
}

VmState slow_concat(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    StrBuilder builder;
    str_builder_init(&builder);
    for (uint32_t i = 0; i < pc->c; i++) {
        str_builder_str(&builder, fp[pc->b + i]);
    }
    Value text = str_builder_finish(th, &builder);
    if (text == VALUE_ABSENT) {
        return VM_RAISED;
    }
    drop_values(th, &fp[pc->b], pc->c);
    fp[pc->a] = text;
    return vm_next(pc, fp, op);
}
