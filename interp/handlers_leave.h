/*
 * Handlers that raise, enter traces, or leave the interpreter. Included by eval.c.
 */

OP(RAISE)
{
    vm_publish(th, pc, fp);
    VmState s = vm_raise(th, pc, fp);
    if (s.fp == NULL) {
        LEAVE();
    }
    pc = s.pc;
    fp = s.fp;
    DISPATCH_RELOAD();
}
OP(RERAISE)
{
    vm_publish(th, pc, fp);
    VmState s = vm_reraise(th, pc, fp);
    if (s.fp == NULL) {
        LEAVE();
    }
    pc = s.pc;
    fp = s.fp;
    DISPATCH_RELOAD();
}

/* The trace says where to go on, or that the original instruction runs here, uncounted. */
OP(ENTER_TRACE)
{
    vm_publish(th, pc, fp);
    if (UNLIKELY(th->jit == NULL)) { /* a thread without a JIT of its own */
        GO_PLAIN_RELOAD(vm_covered_op(th, pc, fp));
    }
    uint16_t original = BC_COUNT;
    VmState s = thread_vm(th)->config.jit->enter(th, pc, fp, &original);
    pc = s.pc;
    fp = s.fp;
    if (UNLIKELY(rt_pending(th))) {
        COLD(raise);
    }
    if (original != BC_COUNT) {
        GO_PLAIN_RELOAD(original);
    }
    DISPATCH_RELOAD();
}

OP(HALT)
{
    Vm *vm = thread_vm(th);
    vm->result = vm->entry_fp[-3];
    LEAVE();
}
