/*
 * Slow paths, operands: reading, consuming and writing registers when nothing is known of them, and
 * the slow functions of moves and constants.
 *
 * Threads: the thread that owns the stack.
 */
#include "interp/slow.h"

static bool in_comprehension(const Code *code, uint32_t index)
{
    for (uint32_t i = 0; i < code->inlined_count; i++) {
        if (code->inlined[i].start <= index && index < code->inlined[i].end) {
            return true;
        }
    }
    return false;
}

void vm_raise_unbound(Thread *th, const Value *fp, uint32_t reg)
{
    const Code *code = frame_code(fp);
    Value name = code->local_names[reg];
    const char *text = name == VALUE_ABSENT ? "?" : str_utf8(th, name, &(size_t){0});
    if (text == NULL) {
        return; /* MemoryError */
    }
    bool own = text[0] == '.'; /* a comprehension's variable */
    if (!own && in_comprehension(code, insn_index(code, thread_vm(th)->pc))) {
        /* Python sees a function there, and this name in the one around it. */
        rt_raise(th, EXC_NAME_ERROR,
                 "cannot access free variable '%s' where it is not associated with a value in "
                 "enclosing scope",
                 text);
        vm_note_name_error(th, name);
        return;
    }
    rt_raise(th, EXC_UNBOUND_LOCAL_ERROR,
             "cannot access local variable '%s' where it is not associated with a value",
             text + own);
}

bool vm_unbound(Thread *th, const Value *fp, uint32_t reg)
{
    if (fp[reg] != VALUE_UNBOUND) {
        return false;
    }
    vm_raise_unbound(th, fp, reg);
    return true;
}

Value vm_operand(Thread *th, const Insn *pc, const Value *fp, char letter, uint16_t operand)
{
    switch (letter) {
    case 'K': return insn_constant(pc, operand);
    case 'I': return value_from_small_int((int16_t)operand);
    default: return vm_unbound(th, fp, operand) ? VALUE_ABSENT : fp[operand];
    }
}

void vm_consume(Thread *th, const Value *fp, uint32_t reg)
{
    if (reg_is_temp(fp, reg)) {
        rt_decref(th, fp[reg]);
    }
}

void vm_store_steal(Thread *th, Value *fp, uint32_t reg, Value v)
{
    if (reg_is_temp(fp, reg)) {
        fp[reg] = v;
        return;
    }
    Value old = fp[reg];
    fp[reg] = v;
    rt_decref(th, old);
}

VmState slow_move(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    if (vm_unbound(th, fp, pc->b)) {
        return VM_RAISED;
    }
    vm_store_steal(th, fp, pc->a, rt_newref(th, fp[pc->b]));
    return vm_next(pc, fp, op);
}

VmState slow_loadk(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    vm_store_steal(th, fp, pc->a, rt_newref(th, insn_constant(pc, pc->b)));
    return vm_next(pc, fp, op);
}

VmState slow_loadk_wide(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    uint32_t index = (uint32_t)pc->b | (uint32_t)pc->c << 16;
    vm_store_steal(th, fp, pc->a, rt_newref(th, frame_code(fp)->consts[index]));
    return vm_next(pc, fp, op);
}

VmState slow_clear(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    if (vm_unbound(th, fp, pc->a)) {
        return VM_RAISED;
    }
    vm_store_steal(th, fp, pc->a, VALUE_UNBOUND);
    return vm_next(pc, fp, op);
}

VmState slow_copy(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    fp[pc->a] = rt_newref(th, fp[pc->b]);
    return vm_next(pc, fp, op);
}

/* An opcode without a slow path: its handler does all itself. */
VmState slow_never(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    (void)pc, (void)fp;
    rt_raise(th, EXC_SYSTEM_ERROR, "bytecode %s has no slow path", bytecode_info[op].name);
    return VM_RAISED;
}
