/*
 * Handlers that leave a frame, raise, or enter traces. Included by eval.c.
 */

/* Drops the locals; `undo` puts back what return_slow needs to do it all again. A local that is
 * dropped becomes unbound, so that doing it again finds nothing. */
#define DROP_LOCALS(fn, undo)                                                                     \
    _Pragma("clang loop vectorize(disable) unroll(disable)") for (uint32_t i = (fn)->local_count; \
                                                                  i-- > 0;)                       \
    {                                                                                             \
        Value local = fp[i];                                                                      \
        if (IS_OBJECT(local)) {                                                                   \
            Object *o = value_object(local);                                                      \
            if (LIKELY(o->owner == TID && o->local > 1)) {                                        \
                o->local--;                                                                       \
                fp[i] = VALUE_UNBOUND;                                                            \
            } else if (o->owner != OWNER_IMMORTAL) {                                              \
                undo;                                                                             \
                COLD(return_slow);                                                                \
            }                                                                                     \
        }                                                                                         \
    }
#define LEAVE_FRAME(result)                \
    Value function = fp[-3];               \
    fp[-3] = (result);                     \
    pc = frame_return_pc(fp);              \
    fp = frame_caller(fp);                 \
    th->depth--;                           \
    FUNCTION_DROP_OR(function, drop_here); \
    DISPATCH();

OP(RETURN)
{
    const Function *fn = frame_function(fp);
    Value result = RA;
    if (UNLIKELY(result == VALUE_UNBOUND)) {
        COLD(return_slow);
    }
    RA = VALUE_UNBOUND; /* moved, be it a local or a temporary */
    DROP_LOCALS(fn, RA = result)
    LEAVE_FRAME(result)
}
OP(RETURN_K)
{
    const Function *fn = frame_function(fp);
    DROP_LOCALS(fn, (void)0)
    Value result = KB;
    if (IS_OBJECT(result)) {
        if (UNLIKELY(value_object(result)->owner != TID)) {
            COLD(return_slow);
        }
        value_object(result)->local++;
    }
    LEAVE_FRAME(result)
}

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
