/*
 * Cold handlers: what the fast paths tail-call. Included by eval.c.
 *
 * They publish pc and fp, call C, and reload what C does not preserve.
 */

COLD_OP(slow)
{
    vm_publish(th, pc, fp);
    uint32_t covered = pc->op;
    if (UNLIKELY(covered == BC_ENTER_TRACE)) {
        covered = thread_vm(th)->config.jit->original(frame_code(fp), pc);
    }
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
    uint32_t covered = pc->op;
    if (UNLIKELY(covered == BC_ENTER_TRACE)) {
        covered = thread_vm(th)->config.jit->original(frame_code(fp), pc);
    }
    rt_decref(th, th->temp);
    pc += 1 + bytecode_info[covered].cache;
    DISPATCH_RELOAD();
}
/* ... where it jumps ... */
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
    if (UNLIKELY(!vm_poll(th))) {
        RAISE();
    }
    if (th->dispatch == vm_dispatch_recording()) {
        /* This step has been recorded already: a second time, the loop would seem to close here. */
        uint16_t covered = pc->op;
        if (covered == BC_ENTER_TRACE) {
            covered = thread_vm(th)->config.jit->original(frame_code(fp), pc);
        }
        GO_PLAIN_RELOAD(covered);
    }
    DISPATCH_RELOAD();
}
COLD_OP(hot)
{
    vm_publish(th, pc, fp);
    Vm *vm = thread_vm(th);
    vm->hot[VM_HOT_INDEX(pc)] = vm_threshold(vm);
    if (UNLIKELY(!vm_poll(th))) {
        RAISE();
    }
    if (th->dispatch == vm_dispatch_recording()) {
        GO_PLAIN_RELOAD(pc->op); /* this step has been recorded already */
    }
    vm->config.jit->hot(th, pc, fp);
    if (th->dispatch == vm_dispatch_recording()) {
        DISPATCH_RELOAD();
    }
    GO_PLAIN_RELOAD(pc->op);
}
/* pc is a function's first instruction, its frame is there. */
COLD_OP(hot_entry)
{
    vm_publish(th, pc, fp);
    Vm *vm = thread_vm(th);
    vm->hot[VM_HOT_INDEX(pc)] = vm_threshold(vm);
    if (pc->op != BC_ENTER_TRACE) {
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
