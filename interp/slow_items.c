/*
 * Slow paths, attributes and items (and the filling of attribute caches).
 *
 * Caches: a module's entry number + 1 (checked by its key, so it needs no version), or a builtin
 * type's method with the type's id in the upper 16 bits (such types are immutable).
 * Threads: the thread that owns the stack.
 */
#include "interp/slow.h"
#include "runtime/dict_table.h"

/* Stores the result of an instruction whose source b was used up. */
static VmState finish(Thread *th, const Insn *pc, Value *fp, uint32_t op, Value r)
{
    vm_consume(th, fp, pc->b);
    vm_store_steal(th, fp, pc->a, r);
    return vm_next(pc, fp, op);
}

static void cache_module_entry(const Insn *pc, Value module, Value name)
{
    const Dict *d = value_dict(((const Module *)value_object(module))->dict);
    const DictTable *t = dict_table_acquire(d);
    uint32_t count = dict_count_acquire(t);
    for (uint32_t i = 0; i < count; i++) {
        if (slot_load_acquire(&t->entries[i].key) == name) {
            insn_cache_set(pc, 0, (uint64_t)i + 1);
            return;
        }
    }
}

VmState slow_get_attr(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    if (vm_unbound(th, fp, pc->b)) {
        return VM_RAISED;
    }
    Value v = fp[pc->b], name = insn_constant(pc, pc->c);
    Value r = rt_getattr(th, v, name);
    if (r == VALUE_ABSENT) {
        rt_note_attribute_error(th, v, name);
        return VM_RAISED;
    }
    if (value_has_type(v, TYPE_MODULE)) {
        cache_module_entry(pc, v, name);
    }
    return finish(th, pc, fp, op, r);
}

VmState slow_set_attr(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    if (vm_unbound(th, fp, pc->a)) {
        return VM_RAISED;
    }
    Value v = fp[pc->a], name = insn_constant(pc, pc->c);
    if (!rt_setattr(th, v, name, fp[pc->b])) {
        rt_note_attribute_error(th, v, name);
        return VM_RAISED;
    }
    rt_decref(th, fp[pc->b]);
    vm_consume(th, fp, pc->a);
    return vm_next(pc, fp, op);
}

VmState slow_delete_attr(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    if (vm_unbound(th, fp, pc->a)) {
        return VM_RAISED;
    }
    Value v = fp[pc->a], name = insn_constant(pc, pc->c);
    if (!rt_setattr(th, v, name, VALUE_ABSENT)) {
        rt_note_attribute_error(th, v, name);
        return VM_RAISED;
    }
    vm_consume(th, fp, pc->a);
    return vm_next(pc, fp, op);
}

static void cache_method(const Insn *pc, Value v, Value function)
{
    if (value_is_object(v) && value_object(v)->type_id < TYPE_USER_FIRST) {
        insn_cache_set(pc, 0, function | (uint64_t)value_object(v)->type_id << 48);
    }
}

VmState slow_load_method(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    if (vm_unbound(th, fp, pc->b)) {
        return VM_RAISED;
    }
    Value v = fp[pc->b], name = insn_constant(pc, pc->c);
    bool self;
    Value function = rt_getmethod(th, v, name, &self);
    if (function == VALUE_ABSENT) {
        rt_note_attribute_error(th, v, name);
        return VM_RAISED;
    }
    if (self) {
        cache_method(pc, v, function);
        if (!reg_is_temp(fp, pc->b)) {
            rt_incref(th, v);
        }
    } else {
        if (value_has_type(v, TYPE_MODULE)) {
            cache_module_entry(pc, v, name);
        }
        vm_consume(th, fp, pc->b);
        v = VALUE_UNBOUND;
    }
    fp[pc->a] = function;
    fp[pc->a + FRAME_HEADER_WORDS] = v;
    return vm_next(pc, fp, op);
}

VmState slow_get_item(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    if (vm_unbound(th, fp, pc->b) || vm_unbound(th, fp, pc->c)) {
        return VM_RAISED;
    }
    Value r = rt_getitem(th, fp[pc->b], fp[pc->c]);
    if (r == VALUE_ABSENT) {
        return VM_RAISED;
    }
    vm_consume(th, fp, pc->c);
    return finish(th, pc, fp, op, r);
}

VmState slow_set_item(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    const BytecodeInfo *info = &bytecode_info[op];
    if (vm_unbound(th, fp, pc->a) || vm_unbound(th, fp, pc->b)) {
        return VM_RAISED;
    }
    Value v = vm_operand(th, pc, fp, info->c, pc->c);
    if (v == VALUE_ABSENT || !rt_setitem(th, fp[pc->a], fp[pc->b], v)) {
        return VM_RAISED;
    }
    if (info->c == 'R') {
        vm_consume(th, fp, pc->c);
    }
    vm_consume(th, fp, pc->b);
    vm_consume(th, fp, pc->a);
    return vm_next(pc, fp, op);
}

VmState slow_delete_item(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    if (vm_unbound(th, fp, pc->a) || vm_unbound(th, fp, pc->b) ||
        !rt_delitem(th, fp[pc->a], fp[pc->b])) {
        return VM_RAISED;
    }
    vm_consume(th, fp, pc->b);
    vm_consume(th, fp, pc->a);
    return vm_next(pc, fp, op);
}

VmState slow_build_slice(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    Value *parts = &fp[pc->a];
    Value slice = slice_new(th, parts[0], parts[1], parts[2]);
    if (slice == VALUE_ABSENT) {
        return VM_RAISED;
    }
    for (int i = 0; i < 3; i++) {
        rt_decref(th, parts[i]);
    }
    parts[0] = slice;
    return vm_next(pc, fp, op);
}
