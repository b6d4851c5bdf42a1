/*
 * Cold handlers: what the fast paths tail-call. Included by eval.c.
 *
 * They publish pc and fp, call C, and reload what C does not preserve.
 */

COLD_OP(slow)
{
    vm_publish(th, pc, fp);
    uint32_t covered = vm_covered_op(th, pc, fp);
    VmState s = slow_functions[covered](th, pc, fp, covered);
    if (UNLIKELY(s.fp == NULL)) {
        RAISE();
    }
    pc = s.pc;
    fp = s.fp;
    DISPATCH_RELOAD();
}
/* Drops th->temp and goes on behind the instruction ... */
COLD_OP(drop_next)
{
    vm_publish(th, pc, fp);
    uint32_t covered = vm_covered_op(th, pc, fp);
    rt_decref(th, th->temp);
    pc += 1 + bytecode_info[covered].cache;
    DISPATCH_RELOAD();
}
/* Drops th->temp and register b. */
COLD_OP(drop_two)
{
    vm_publish(th, pc, fp);
    uint32_t covered = vm_covered_op(th, pc, fp);
    Value second = RB;
    rt_decref(th, th->temp);
    rt_decref(th, second);
    pc += 1 + bytecode_info[covered].cache;
    DISPATCH_RELOAD();
}
/* Drops th->temp and goes on where the instruction jumps ... */
COLD_OP(drop_jump)
{
    vm_publish(th, pc, fp);
    rt_decref(th, th->temp);
    pc += SIGNED(pc->c);
    DISPATCH_RELOAD();
}
/* ... or at pc, where a frame has returned to. */
COLD_OP(drop_here)
{
    vm_publish_return(th, pc, fp);
    rt_decref(th, th->temp);
    DISPATCH_RELOAD();
}
#define LOCKED_OBJECT \
    value_object(vm_covered_op(th, pc, fp) == BC_STORE_GLOBAL ? frame_function(fp)->globals : RA)
/* SET_ITEM has locked register a, STORE_GLOBAL the globals: there is no such item ... */
COLD_OP(unlock_slow)
{
    object_unlock(th, LOCKED_OBJECT);
    COLD(slow);
}
/* ... or while another thread has begun to wait for the lock. */
COLD_OP(unlock_retire)
{
    object_unlock(th, LOCKED_OBJECT);
    COLD(retire_next);
}
/* Retires th->temp, which was in an object that others know, and goes on behind the instruction. */
COLD_OP(retire_next)
{
    vm_publish(th, pc, fp);
    uint32_t covered = vm_covered_op(th, pc, fp);
    epoch_retire_value(th, th->temp);
    pc += 1 + bytecode_info[covered].cache;
    DISPATCH_RELOAD();
}
COLD_OP(raise)
{
    VmState s = vm_unwind(th, pc, fp);
    if (s.fp == NULL) {
        LEAVE();
    }
    pc = s.pc;
    fp = s.fp;
    DISPATCH_RELOAD();
}
COLD_OP(poll)
{
    vm_publish(th, pc, fp);
    th->ticks = VM_TICKS;
    if (UNLIKELY(!thread_safepoint(th))) {
        RAISE();
    }
    if (th->dispatch == vm_dispatch_recording()) {
        /* This step has been recorded already: a second time, the loop would seem to close here. */
        GO_PLAIN_RELOAD(vm_covered_op(th, pc, fp));
    }
    DISPATCH_RELOAD();
}
COLD_OP(hot)
{
    vm_publish(th, pc, fp);
    Vm *vm = thread_vm(th);
    vm->hot[VM_HOT_INDEX(pc)] = vm_threshold(vm);
    if (UNLIKELY(!thread_safepoint(th))) {
        RAISE();
    }
    if (th->dispatch == vm_dispatch_recording()) {
        /* this step has been recorded already */
        GO_PLAIN_RELOAD(vm_covered_op(th, pc, fp));
    }
    vm->config.jit->hot(th, pc, fp);
    if (th->dispatch == vm_dispatch_recording()) {
        DISPATCH_RELOAD();
    }
    GO_PLAIN_RELOAD(vm_covered_op(th, pc, fp));
}
/* pc is a function's first instruction, its frame is there. */
COLD_OP(hot_entry)
{
    vm_publish(th, pc, fp);
    Vm *vm = thread_vm(th);
    vm->hot[VM_HOT_INDEX(pc)] = vm_threshold(vm);
    if (insn_op(pc) != BC_ENTER_TRACE) {
        vm->config.jit->hot(th, pc, fp);
    }
    DISPATCH_RELOAD();
}
COLD_OP(call)
{
    vm_publish(th, pc, fp);
    VmState s = vm_call_slow(th, pc, fp);
    if (UNLIKELY(s.fp == NULL)) {
        RAISE();
    }
    pc = s.pc;
    fp = s.fp;
    DISPATCH_RELOAD();
}
COLD_OP(return_slow)
{
    vm_publish(th, pc, fp);
    VmState s = vm_return(th, pc, fp);
    if (UNLIKELY(s.fp == NULL)) {
        RAISE();
    }
    pc = s.pc;
    fp = s.fp;
    DISPATCH_RELOAD();
}
