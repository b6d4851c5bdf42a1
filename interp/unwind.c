/*
 * Unwind: from a raised exception to its handler, frame by frame.
 *
 * In each frame: the traceback gets an entry (one more for each comprehension compiled in place that
 * the position lies in), the innermost handler whose range has the position is looked for, and the
 * live temporaries that the handler does not keep are released: values, FOR states, and PUSH_EXC
 * pairs, which restore the exception that was handled before.  Without a handler the frame is left:
 * its locals and its function are dropped and the caller goes on raising at its call.
 *
 * A caller's temporaries from the call's base on are the callee's, which has released them.
 *
 * Traceback.instruction is an index into the code, or -1 - i: where the code "calls" its inlined
 * comprehension i.
 *
 * Threads: the thread that owns the stack.
 */
#include "interp/slow.h"

/* ---- traceback ------------------------------------------------------------------------------------- */

static void add_entries(Thread *th, const Code *code, uint32_t index)
{
    Value exc = th->exception;
    const CodePosition *position = code_position(code, index);
    int32_t lineno = position != NULL ? position->lineno : code->first_line;
    rt_traceback_add(th, exc, value_from_object(code), lineno, (int32_t)index);
    uint32_t start = 0, end = UINT32_MAX;
    for (
        ;
        ;) { /* from the innermost comprehension outwards: the smallest range around the last one */
        uint32_t inner = UINT32_MAX;
        for (uint32_t i = 0; i < code->inlined_count; i++) {
            const CodeInlined *c = &code->inlined[i];
            bool around = c->start <= index && index < c->end;
            bool wider = end == UINT32_MAX || c->end - c->start > end - start;
            if (around && wider &&
                (inner == UINT32_MAX ||
                 c->end - c->start < code->inlined[inner].end - code->inlined[inner].start)) {
                inner = i;
            }
        }
        if (inner == UINT32_MAX) {
            return;
        }
        start = code->inlined[inner].start;
        end = code->inlined[inner].end;
        rt_traceback_add(th, exc, value_from_object(code), code->inlined[inner].lineno,
                         -1 - (int32_t)inner);
    }
}

/* ---- temporaries ------------------------------------------------------------------------------------- */

static void restore_handled(Thread *th, Value before)
{
    Value old = th->handled_exception;
    th->handled_exception = before == VALUE_NONE ? VALUE_ABSENT : before;
    rt_xdecref(th, old);
}

static void release_live(Thread *th, Value *fp, const CodeLive *live)
{
    Value v = fp[live->reg];
    if (live->kind == LIVE_HANDLED) {
        restore_handled(th, fp[live->reg + 1]);
    }
    rt_decref(th, v);
}

/* Releases the temporaries in [from, to) that are live at index; the latest first. */
static void release_temporaries(Thread *th, const Code *code, Value *fp, uint32_t index,
                                uint32_t from, uint32_t to)
{
    for (uint32_t i = code->live_count; i-- > 0;) {
        const CodeLive *live = &code->live[i];
        if (live->start <= index && index < live->end && live->reg >= from && live->reg < to) {
            release_live(th, fp, live);
        }
    }
}

/* ---- frames --------------------------------------------------------------------------------------------- */

static const CodeHandler *find_handler(const Code *code, uint32_t index)
{
    for (uint32_t i = 0; i < code->handler_count; i++) {
        if (code->handlers[i].start <= index && index < code->handlers[i].end) {
            return &code->handlers[i];
        }
    }
    return NULL;
}

static VmState unwind(Thread *th, const Insn *pc, Value *fp, bool add)
{
    Vm *vm = thread_vm(th);
    if (th->dispatch == vm_dispatch_recording()) {
        vm->config.jit->abort(th, pc, "exception");
    }
    uint32_t top = UINT32_MAX; /* registers from here on belong to a callee */
    for (;;) {
        vm_publish(th, pc, fp);
        const Code *code = frame_code(fp);
        uint32_t index = insn_index(code, pc);
        if (add) {
            add_entries(th, code, index);
        }
        add = true;
        const CodeHandler *handler = find_handler(code, index);
        release_temporaries(th, code, fp, index,
                            handler != NULL ? handler->depth : code->local_count, top);
        if (handler != NULL) {
            return (VmState){code->insns + handler->target, fp};
        }
        vm_frame_release(th, fp);
        bool left = fp == vm->entry_fp;
        Value function = fp[-3];
        const Insn *return_pc = frame_return_pc(fp);
        Value *caller = frame_caller(fp);
        fp[-3] = VALUE_NONE;
        th->depth--;
        vm_publish_return(th, return_pc, caller);
        rt_decref(th, function);
        if (left) {
            vm->result = VALUE_ABSENT;
            return VM_RAISED;
        }
        fp = caller;
        pc = return_pc - 1;
        top = pc->a;
    }
}

VmState vm_unwind(Thread *th, const Insn *pc, Value *fp) { return unwind(th, pc, fp, true); }
VmState vm_unwind_again(Thread *th, const Insn *pc, Value *fp) { return unwind(th, pc, fp, false); }

/* ---- raise ------------------------------------------------------------------------------------------------- */

static bool is_exception_type(Value v)
{
    return value_has_type(v, TYPE_TYPE) &&
           rt_type_is_subtype((const Type *)value_object(v), rt_type_by_id(EXC_BASE_EXCEPTION));
}
static bool is_exception(Value v)
{
    return rt_type_is_subtype(rt_type_of(v), rt_type_by_id(EXC_BASE_EXCEPTION));
}

/* The instance that `raise v` raises. owns: new. fails: absent, TypeError. */
static Value exception_instance(Thread *th, Value v, const char *otherwise)
{
    if (is_exception(v)) {
        return rt_newref(th, v);
    }
    if (!is_exception_type(v)) {
        return rt_raise(th, EXC_TYPE_ERROR, "%s", otherwise);
    }
    return rt_call(th, v, NULL, 0, VALUE_ABSENT);
}

/* Gives exc the cause that `raise exc from v` names. */
static bool set_cause(Thread *th, Value exc, Value v)
{
    Value cause = VALUE_NONE;
    if (v != VALUE_NONE) {
        cause = exception_instance(th, v, "exception causes must derive from BaseException");
        if (cause == VALUE_ABSENT) {
            return false;
        }
    }
    Exception *e = (Exception *)value_object(exc);
    field_set_steal(th, &e->header, &e->cause, cause);
    exception_suppress_context(exc, true);
    return true;
}

VmState vm_raise(Thread *th, const Insn *pc, Value *fp)
{
    if (pc->b == 0) {
        if (th->handled_exception == VALUE_ABSENT || th->handled_exception == VALUE_NONE) {
            rt_raise(th, EXC_RUNTIME_ERROR, "No active exception to reraise");
            return vm_unwind(th, pc, fp);
        }
        th->exception = rt_newref(th, th->handled_exception);
        return vm_unwind_again(th, pc, fp);
    }
    Value exc = exception_instance(th, fp[pc->a], "exceptions must derive from BaseException");
    if (exc != VALUE_ABSENT) {
        if (pc->b == 2 && !set_cause(th, exc, fp[pc->a + 1])) {
            rt_decref(th, exc);
        } else {
            rt_raise_steal(th, exc);
        }
    }
    return vm_unwind(th, pc, fp);
}

/* The pair is still live: unwinding releases it and restores what was handled before. */
VmState vm_reraise(Thread *th, const Insn *pc, Value *fp)
{
    th->exception = rt_newref(th, fp[pc->a]);
    return vm_unwind_again(th, pc, fp);
}

VmState slow_push_exc(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    Value exc = rt_take_exception(th);
    fp[pc->a] = exc;
    fp[pc->a + 1] = th->handled_exception == VALUE_ABSENT ? VALUE_NONE : th->handled_exception;
    th->handled_exception = rt_newref(th, exc);
    return vm_next(pc, fp, op);
}

VmState slow_pop_exc(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    Value exc = fp[pc->a];
    restore_handled(th, fp[pc->a + 1]);
    rt_decref(th, exc);
    return vm_next(pc, fp, op);
}

static bool check_handler_types(Thread *th, Value v)
{
    bool ok = true;
    if (value_is_tuple(v)) {
        for (int64_t i = 0; ok && i < value_tuple(v)->size; i++) {
            ok = is_exception_type(value_tuple(v)->items[i]);
        }
    } else {
        ok = is_exception_type(v);
    }
    if (!ok) {
        rt_raise(th, EXC_TYPE_ERROR,
                 "catching classes that do not inherit from BaseException is not allowed");
    }
    return ok;
}

VmState slow_jno_match(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    Value types = fp[pc->b];
    if (!check_handler_types(th, types)) {
        return VM_RAISED;
    }
    int match = rt_isinstance(th, fp[pc->a], types);
    if (match < 0) {
        return VM_RAISED;
    }
    rt_decref(th, types);
    return match == 0 ? vm_jump(pc, fp) : vm_next(pc, fp, op);
}

VmState slow_load_assertion_error(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    (void)th;
    fp[pc->a] = value_from_object(rt_type_by_id(EXC_ASSERTION_ERROR));
    return vm_next(pc, fp, op);
}
