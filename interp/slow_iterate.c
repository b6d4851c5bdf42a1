/*
 * Slow paths, iteration: the state of FOR (bytecode.def), and unpacking.
 *
 * Threads: the thread that owns the stack.
 */
#include "interp/slow.h"
#include "runtime/list_internal.h"

static bool small_range(const Range *r)
{
    return r->step == value_from_small_int(1) && value_is_small_int(r->start) &&
           value_is_small_int(r->stop);
}

/* Fills the state from v; the reference to v moves or is dropped. */
VmState slow_get_iter(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    if (vm_unbound(th, fp, pc->b)) {
        return VM_RAISED;
    }
    Value v = fp[pc->b];
    Value *state = &fp[pc->a];
    bool temporary = reg_is_temp(fp, pc->b);
    if (value_has_type(v, TYPE_RANGE) && small_range((const Range *)value_object(v))) {
        const Range *r = (const Range *)value_object(v);
        Value start = r->start, stop = r->stop;
        vm_consume(th, fp, pc->b);
        state[0] = start;
        state[1] = stop;
    } else if (value_has_type(v, TYPE_RANGE) || value_is_list(v) || value_is_tuple(v)) {
        state[0] = temporary ? v : rt_newref(th, v);
        state[1] = value_from_small_int(0);
    } else {
        Value iterator = rt_iter(th, v);
        if (iterator == VALUE_ABSENT) {
            return VM_RAISED;
        }
        vm_consume(th, fp, pc->b);
        state[0] = iterator;
        state[1] = VALUE_NONE;
    }
    state[2] = VALUE_NONE;
    return vm_next(pc, fp, op);
}

/* Item i of a range. owns: new; absent without an exception: i is beyond the end. */
static Value range_item(Thread *th, const Range *r, Value i)
{
    int in = rt_compare_bool(th, i, r->length, CMP_LT);
    if (in <= 0) {
        return VALUE_ABSENT;
    }
    Value offset = rt_binary(th, BIN_MUL, r->step, i);
    if (offset == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value item = rt_binary(th, BIN_ADD, r->start, offset);
    rt_decref(th, offset);
    return item;
}

/* owns: new; absent without an exception: exhausted. */
static Value state_next(Thread *th, Value *state)
{
    if (state[1] == VALUE_NONE) {
        return rt_next(th, state[0]);
    }
    Value item = VALUE_ABSENT;
    if (state[1] == FOR_AT_END) {
        return item;
    }
    int64_t i = value_int(state[1]);
    if (value_is_list(state[0])) {
        item = list_item(th, value_list(state[0]), i);
    } else if (value_is_tuple(state[0])) {
        const Tuple *t = value_tuple(state[0]);
        item = i < t->size ? rt_newref(th, t->items[i]) : VALUE_ABSENT;
    } else {
        item = range_item(th, (const Range *)value_object(state[0]), state[1]);
    }
    if (item != VALUE_ABSENT) {
        state[1] = value_from_small_int(i + 1);
    }
    return item;
}

VmState slow_for(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    Value *state = &fp[pc->a];
    if (value_is_small_int(state[0])) {
        if ((int64_t)state[0] >= (int64_t)state[1]) {
            return vm_next(pc, fp, op);
        }
        vm_store_steal(th, fp, pc->b, state[0]++);
        return vm_jump(pc, fp);
    }
    Value item = state_next(th, state);
    if (item == VALUE_ABSENT) {
        if (rt_pending(th)) {
            if (!rt_pending_is(th, EXC_STOP_ITERATION)) {
                return VM_RAISED;
            }
            rt_clear_exception(th);
        }
        rt_decref(th, state[0]);
        return vm_next(pc, fp, op);
    }
    vm_store_steal(th, fp, pc->b, item);
    return vm_jump(pc, fp);
}

VmState slow_drop_iter(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    rt_decref(th, fp[pc->a]);
    return vm_next(pc, fp, op);
}

/* ---- unpacking --------------------------------------------------------------------------------------- */

static Value item_get(Thread *th, Value items, int64_t i)
{
    return value_is_tuple(items) ? rt_newref(th, value_tuple(items)->items[i])
                                 : list_get(th, items, i);
}

VmState slow_unpack(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    int64_t count = pc->c;
    Value items = rt_unpack(th, fp[pc->b], count);
    if (items == VALUE_ABSENT) {
        return VM_RAISED;
    }
    Value source = fp[pc->b];
    for (int64_t i = 0; i < count; i++) {
        fp[pc->a + i] = item_get(th, items, i);
    }
    rt_decref(th, source);
    rt_decref(th, items);
    return vm_next(pc, fp, op);
}

VmState slow_unpack_ex(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    Value items = rt_unpack_ex(th, fp[pc->b], pc->c & 0xFF, pc->c >> 8);
    if (items == VALUE_ABSENT) {
        return VM_RAISED;
    }
    Value source = fp[pc->b];
    for (int64_t i = 0; i < value_tuple(items)->size; i++) {
        fp[pc->a + i] = rt_newref(th, value_tuple(items)->items[i]);
    }
    rt_decref(th, source);
    rt_decref(th, items);
    return vm_next(pc, fp, op);
}
