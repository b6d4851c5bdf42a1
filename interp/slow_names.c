/*
 * Slow paths, names: globals (and the filling of their caches), cells, making functions.
 *
 * A cache of a global is two words: the address of a value slot, and the epoch at which it was good.
 * Invariant: the slot belongs to a watched dict and was looked up after the epoch was read; whoever
 * replaces a table or adds a key moves the epoch afterwards, and before the table is retired.  One
 * thread fills a cache at a time (it claims the epoch's word), and a reader looks at the epoch's word
 * before and behind the slot's; so the two words that a reader uses were filled together.
 * Threads: the thread that owns the stack.
 */
#include "interp/slow.h"
#include "runtime/gc.h"

static Value builtins_of(const Thread *th) { return th->rt->builtins; }

#define CACHE_BUSY UINT64_MAX /* never an epoch */

static void cache_slot(const Insn *pc, const Value *fp, Value dict, Value name, uint64_t epoch)
{
    if (!code_caches_globals(frame_code(fp), frame_function(fp)->globals)) {
        return;
    }
    _Atomic Value *slot = dict_value_slot(dict, name);
    uint64_t before = insn_cache(pc, 1);
    if (slot == NULL || before == CACHE_BUSY || !insn_cache_claim(pc, 1, before, CACHE_BUSY)) {
        return;
    }
    insn_cache_set(pc, 0, (uint64_t)(uintptr_t)slot);
    insn_cache_set(pc, 1, epoch);
}

static uint64_t globals_epoch(const Thread *th)
{
    return atomic_load_explicit(&th->rt->globals_epoch, memory_order_acquire);
}

VmState slow_load_global(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    Value name = insn_constant(pc, pc->b);
    Value dict = frame_function(fp)->globals;
    uint64_t epoch = globals_epoch(th);
    Value v = dict_get_str(th, dict, name);
    if (v == VALUE_ABSENT && !rt_pending(th)) {
        dict = builtins_of(th);
        v = dict_get_str(th, dict, name);
    }
    if (v == VALUE_ABSENT) {
        if (!rt_pending(th)) {
            rt_raise(th, EXC_NAME_ERROR, "name '%U' is not defined", name);
            vm_note_name_error(th, name);
        }
        return VM_RAISED;
    }
    cache_slot(pc, fp, dict, name, epoch);
    fp[pc->a] = v;
    return vm_next(pc, fp, op);
}

VmState slow_store_global(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    Value name = insn_constant(pc, pc->b);
    Value dict = frame_function(fp)->globals;
    if (!dict_set(th, dict, name, fp[pc->a])) {
        return VM_RAISED;
    }
    cache_slot(pc, fp, dict, name, globals_epoch(th));
    rt_decref(th, fp[pc->a]);
    return vm_next(pc, fp, op);
}

VmState slow_delete_global(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    Value name = insn_constant(pc, pc->b);
    int removed = dict_delete(th, frame_function(fp)->globals, name);
    if (removed <= 0) {
        if (removed == 0) {
            rt_raise(th, EXC_NAME_ERROR, "name '%U' is not defined", name);
            vm_note_name_error(th, name);
        }
        return VM_RAISED;
    }
    return vm_next(pc, fp, op);
}

/* ---- cells ---------------------------------------------------------------------------------------- */

static Cell *cell_of(Value v) { return (Cell *)value_object(v); }

VmState slow_make_cell(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    Value cell = cell_new(th, fp[pc->a]);
    if (cell == VALUE_ABSENT) {
        return VM_RAISED;
    }
    vm_store_steal(th, fp, pc->a, cell);
    return vm_next(pc, fp, op);
}

static Value cell_for(const Value *fp, uint32_t op, uint16_t operand)
{
    bool free = op == BC_LOAD_FREE || op == BC_STORE_FREE || op == BC_DELETE_FREE;
    return free ? frame_function(fp)->closure[operand] : fp[operand];
}

static VmState raise_empty_cell(Thread *th, const Value *fp, uint32_t op, uint16_t operand)
{
    const Code *code = frame_code(fp);
    if (op == BC_LOAD_FREE || op == BC_DELETE_FREE) {
        rt_raise(th, EXC_NAME_ERROR,
                 "cannot access free variable '%U' where it is not associated with a value in "
                 "enclosing scope",
                 code->free_names[operand]);
        vm_note_name_error(th, code->free_names[operand]);
    } else {
        vm_raise_unbound(th, fp, operand);
    }
    return VM_RAISED;
}

VmState slow_load_cell(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    Value v = atomic_load_explicit(&cell_of(cell_for(fp, op, pc->b))->value, memory_order_acquire);
    if (v == VALUE_UNBOUND) {
        return raise_empty_cell(th, fp, op, pc->b);
    }
    fp[pc->a] = rt_newref(th, v);
    return vm_next(pc, fp, op);
}

VmState slow_store_cell(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    cell_set_steal(th, cell_for(fp, op, pc->a), fp[pc->b]);
    return vm_next(pc, fp, op);
}

VmState slow_delete_cell(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    Cell *cell = cell_of(cell_for(fp, op, pc->a));
    Value old = atomic_exchange_explicit(&cell->value, VALUE_UNBOUND, memory_order_acq_rel);
    if (old == VALUE_UNBOUND) {
        return raise_empty_cell(th, fp, op, pc->a);
    }
    container_drop(th, &cell->header, old);
    return vm_next(pc, fp, op);
}

VmState slow_closure_cell(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    fp[pc->a] = rt_newref(th, frame_function(fp)->closure[pc->b]);
    return vm_next(pc, fp, op);
}

Value vm_make_function(Thread *th, Value code, Value globals, const Value *parts)
{
    Value f = function_new(th, code, globals);
    if (f == VALUE_ABSENT) {
        return f;
    }
    Function *function = value_function(f);
    uint32_t cells = function->code->free_count;
    if (cells > 0) {
        function->closure = rt_calloc(cells, sizeof(Value));
        if (function->closure == NULL) {
            rt_decref(th, f);
            rt_raise_memory_error(th);
            return VALUE_ABSENT;
        }
    }
    function->defaults = rt_newref(th, parts[0]);
    function->kwdefaults = rt_newref(th, parts[1]);
    function->annotations = rt_newref(th, parts[2]);
    for (uint32_t i = 0; i < cells; i++) {
        function->closure[i] = rt_newref(th, parts[3 + i]);
    }
    if (cells == 0 && (function->code->flags & CODE_TOP_LEVEL) != 0) {
        gc_defer(th, &function->header);
    }
    return f;
}

/* Temporaries from a: defaults, keyword defaults, annotations, cells. */
VmState slow_make_function(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    Value *parts = &fp[pc->a];
    Value f = vm_make_function(th, insn_constant(pc, pc->b), frame_function(fp)->globals, parts);
    if (f == VALUE_ABSENT) {
        return VM_RAISED;
    }
    for (uint32_t i = 0; i < 3u + pc->c; i++) {
        rt_decref(th, parts[i]);
    }
    parts[0] = f;
    return vm_next(pc, fp, op);
}
