/*
 * Vm, calls: whatever is called from bytecode, and functions called from C.
 *
 * From bytecode, natives get their arguments in place, and a Python function's frame is pushed over
 * the arguments: the interpreter goes on in it without recursion of C.  From C (the call slot of
 * functions), a frame is pushed above the one that was last published and vm_enter runs a nested
 * loop until it returns.
 *
 * Invariant: whoever calls C that may call back has published pc and fp, so frame_end(vm->fp) is
 * free stack.
 * Threads: the thread that owns the stack.
 */
#include "interp/slow.h"
#include "runtime/gc.h"

bool vm_frame_check(Thread *th, const Value *fp, size_t bytes)
{
    const Value *limit = thread_stack_limit(th);
    if (__atomic_load_n(&th->stack_limit, __ATOMIC_RELAXED) != limit && /* poisoned */
        !thread_safepoint(th)) {
        return false;
    }
    if (th->depth >= __atomic_load_n(&th->depth_limit, __ATOMIC_RELAXED) ||
        (const char *)fp + bytes > (const char *)limit) {
        rt_raise(th, EXC_RECURSION_ERROR, "maximum recursion depth exceeded");
        return false;
    }
    return true;
}

/* Pushes the frame of fn, whose arguments (consumed if it succeeds, else None) are at base + 3. */
static VmState push_frame(Thread *th, const Insn *pc, Value *fp, Value *base, Value *args,
                          uint32_t nargs, Value kwnames)
{
    Function *fn = value_function(base[0]);
    Value *frame = base + FRAME_HEADER_WORDS;
    if (!vm_frame_check(th, frame, fn->frame_bytes)) {
        return VM_RAISED;
    }
    uint32_t total = nargs;
    total += kwnames == VALUE_ABSENT ? 0 : (uint32_t)value_tuple(kwnames)->size;
    if (!vm_bind(th, fn, frame, args, nargs, kwnames)) {
        for (uint32_t i = 0; i < total; i++) {
            args[i] = VALUE_NONE; /* the live table still names them */
        }
        return VM_RAISED;
    }
    th->depth++;
    frame[-2] = (Value)(uintptr_t)(pc + 1);
    frame[-1] = (Value)((char *)frame - (char *)fp);
    return (VmState){fn->entry, frame};
}

static Value call_native(Thread *th, const NativeDef *def, const Value *args, uint32_t nargs)
{
    if ((int64_t)nargs < def->min_args || (def->max_args >= 0 && (int64_t)nargs > def->max_args)) {
        return native_call(th, def, args, nargs, VALUE_ABSENT);
    }
    return def->fn(th, args, nargs, VALUE_ABSENT);
}

static Value call_other(Thread *th, Value callee, const Value *args, uint32_t nargs, Value kwnames)
{
    if (kwnames == VALUE_ABSENT && value_has_type(callee, TYPE_NATIVE_FUNCTION)) {
        return call_native(th, ((const NativeFunction *)value_object(callee))->def, args, nargs);
    }
    return rt_call(th, callee, args, nargs, kwnames);
}

/* args: base + 3, or base + 4 when CALL_METHOD has no self. */
static VmState call_at(Thread *th, const Insn *pc, Value *fp, Value *base, Value *args,
                       uint32_t nargs, Value kwnames)
{
    Value callee = base[0];
    if (value_is_function(callee)) {
        return push_frame(th, pc, fp, base, args, nargs, kwnames);
    }
    Value r = call_other(th, callee, args, nargs, kwnames);
    if (r == VALUE_ABSENT) {
        return VM_RAISED;
    }
    uint32_t total = nargs;
    total += kwnames == VALUE_ABSENT ? 0 : (uint32_t)value_tuple(kwnames)->size;
    base[0] = r;
    rt_decref(th, callee);
    for (uint32_t i = 0; i < total; i++) {
        rt_decref(th, args[i]);
    }
    return (VmState){pc + 1, fp};
}

VmState vm_call_base(Thread *th, const Insn *pc, Value *fp, Value *base, uint32_t nargs,
                     Value kwnames)
{
    return call_at(th, pc, fp, base, base + FRAME_HEADER_WORDS, nargs, kwnames);
}

VmState vm_call_slow(Thread *th, const Insn *pc, Value *fp)
{
    Value *base = &fp[pc->a];
    Value *args = base + FRAME_HEADER_WORDS;
    uint32_t nargs = pc->b;
    if (vm_covered_op(th, pc, fp) == BC_CALL_METHOD && args[0] == VALUE_UNBOUND) {
        args++;
        nargs--;
    }
    return call_at(th, pc, fp, base, args, nargs, VALUE_ABSENT);
}

VmState slow_call_kw(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    Value *base = &fp[pc->a];
    Value *args = base + FRAME_HEADER_WORDS;
    Value kwnames = insn_constant(pc, pc->c);
    uint32_t nargs = pc->b - (uint32_t)value_tuple(kwnames)->size;
    if (op == BC_CALL_METHOD_KW && args[0] == VALUE_UNBOUND) {
        args++;
        nargs--;
    }
    return call_at(th, pc, fp, base, args, nargs, kwnames);
}

/* ---- f(*args, **kwargs) --------------------------------------------------------------------------------- */

Value vm_callable_name(Thread *th, Value callable)
{
    if (value_is_function(callable)) {
        return str_from_format(th, "%U.%U()", slot_load_acquire(&value_function(callable)->module),
                               slot_load_acquire(&value_function(callable)->qualname));
    }
    Value key = str_intern_cstr(th, "__qualname__");
    Value name = key == VALUE_ABSENT ? key : rt_getattr_optional(th, callable, key);
    rt_xdecref(th, key);
    if (name == VALUE_ABSENT) {
        return rt_pending(th) ? VALUE_ABSENT : rt_str(th, callable);
    }
    Value text = str_from_format(th, "%U()", name);
    rt_decref(th, name);
    return text;
}

/* The arguments of CALL_EX in one array: positional, then by keyword. owns: new references. */
typedef struct Spread {
    Value *args;
    uint32_t nargs, total;
    Value kwnames; /* new, or absent */
} Spread;

static void spread_drop(Thread *th, Spread *s, bool with_args)
{
    for (uint32_t i = 0; with_args && i < s->total; i++) {
        rt_decref(th, s->args[i]);
    }
    rt_free(s->args);
    rt_xdecref(th, s->kwnames);
}

static bool spread(Thread *th, Value tuple, Value dict, Spread *s)
{
    const Tuple *t = value_tuple(tuple);
    int64_t keywords = dict == VALUE_ABSENT ? 0 : dict_size(dict);
    *s = (Spread){NULL, (uint32_t)t->size, 0, VALUE_ABSENT};
    s->args = rt_malloc((size_t)(t->size + keywords + 1) * sizeof(Value));
    if (s->args == NULL) {
        rt_raise_memory_error(th);
        return false;
    }
    for (int64_t i = 0; i < t->size; i++) {
        s->args[s->total++] = rt_newref(th, t->items[i]);
    }
    if (keywords == 0) {
        return true;
    }
    Value names = list_new(th, NULL, 0);
    int64_t position = 0;
    Value key, v;
    bool ok = names != VALUE_ABSENT;
    while (ok && s->total < t->size + keywords && dict_next(dict, &position, &key, &v)) {
        if (!value_is_str(key)) {
            rt_raise(th, EXC_TYPE_ERROR, "keywords must be strings");
            ok = false;
        } else {
            ok = list_append(th, names, key);
            s->args[s->total++] = rt_newref(th, v);
        }
    }
    s->kwnames = ok ? list_to_tuple(th, names) : VALUE_ABSENT;
    rt_xdecref(th, names);
    if (s->kwnames == VALUE_ABSENT) {
        spread_drop(th, s, true);
        return false;
    }
    return true;
}

VmState slow_call_ex(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    (void)op;
    Value *base = &fp[pc->a];
    Value *parts = base + FRAME_HEADER_WORDS;
    Value tuple = parts[0], dict = pc->b == 1 ? parts[1] : VALUE_ABSENT;
    Spread s;
    if (!spread(th, tuple, dict, &s)) {
        return VM_RAISED;
    }
    VmState state = VM_RAISED;
    if (value_is_function(base[0])) {
        /* The frame lies over tuple and dict: they go first. */
        parts[0] = parts[1] = VALUE_NONE;
        rt_decref(th, tuple);
        rt_xdecref(th, dict);
        gc_hide(th);
        state = push_frame(th, pc, fp, base, s.args, s.nargs, s.kwnames);
        gc_unhide(th);
        spread_drop(th, &s, state.fp == NULL);
        return state;
    }
    gc_hide(th);
    Value r = call_other(th, base[0], s.args, s.nargs, s.kwnames);
    gc_unhide(th);
    spread_drop(th, &s, true);
    if (r != VALUE_ABSENT) {
        Value callee = base[0];
        base[0] = r;
        rt_decref(th, callee);
        rt_decref(th, tuple);
        rt_xdecref(th, dict);
        state = (VmState){pc + 1, fp};
    }
    return state;
}

/* ---- leaving --------------------------------------------------------------------------------------------- */

void vm_frame_release(Thread *th, Value *fp)
{
    for (uint32_t i = frame_function(fp)->local_count; i-- > 0;) {
        Value v = fp[i];
        fp[i] = VALUE_UNBOUND;
        rt_decref(th, v);
    }
}

VmState vm_return(Thread *th, const Insn *pc, Value *fp)
{
    Value result;
    if (vm_covered_op(th, pc, fp) == BC_RETURN_K) {
        result = rt_newref(th, insn_constant(pc, pc->b));
    } else {
        if (vm_unbound(th, fp, pc->a)) {
            return VM_RAISED;
        }
        result = fp[pc->a];
        fp[pc->a] = VALUE_UNBOUND;
    }
    vm_frame_release(th, fp);
    return vm_leave(th, fp, result);
}

VmState vm_leave(Thread *th, Value *fp, Value result)
{
    Value function = fp[-3];
    const Insn *return_pc = frame_return_pc(fp);
    fp[-3] = result;
    fp = frame_caller(fp);
    th->depth--;
    vm_publish_return(th, return_pc, fp);
    rt_decref(th, function);
    return (VmState){return_pc, fp};
}

/* ---- from C -------------------------------------------------------------------------------------------------- */

/* Runs until the frame fp returns; what is published now is published again afterwards. */
Value vm_resume(Thread *th, const Insn *pc, Value *fp, Value *first)
{
    Vm *vm = thread_vm(th);
    Value *entry_fp = vm->entry_fp;
    VmEntry entry = {vm->entry, first, vm->pc, vm->fp};
    first[-2] = (Value)(uintptr_t)vm_halt_insn;
    first[-1] = 0;
    vm->entry = &entry;
    vm->entry_fp = first;
    VmState s = {pc, fp};
    if (rt_pending(th)) {
        s = vm_unwind(th, pc, fp);
    }
    if (s.fp != NULL) {
        vm_enter(s.pc, s.fp, th, th->dispatch);
    }
    vm->entry = entry.outer;
    vm->entry_fp = entry_fp;
    vm->fp = entry.outer_fp;
    vm->pc = entry.outer_pc;
    Value result = vm->result;
    vm->result = VALUE_ABSENT;
    return result;
}

/* Where a frame may begin: above the innermost one, be it the interpreter's or a trace's, which may have
 * lent values of inlined frames to the native that calls. */
static Value *free_stack(const Thread *th)
{
    const Vm *vm = thread_vm(th);
    Value *start = vm->fp == NULL ? th->stack_base : frame_end(vm->fp);
    Value *trace = th->trace_fp == NULL ? start : th->trace_fp + VM_TRACE_SLOTS;
    return trace > start ? trace : start;
}

Value vm_call(Thread *th, Value function, const Value *args, uint32_t nargs, Value kwnames)
{
    Function *fn = value_function(function);
    Value *fp = free_stack(th) + FRAME_HEADER_WORDS;
    uint32_t total = nargs;
    total += kwnames == VALUE_ABSENT ? 0 : (uint32_t)value_tuple(kwnames)->size;
    if (!rt_stack_check(th, " while calling a Python object")) {
        return VALUE_ABSENT;
    }
    Value result = VALUE_ABSENT;
    size_t bytes =
        fn->frame_bytes > total * sizeof(Value) ? fn->frame_bytes : total * sizeof(Value);
    if (vm_frame_check(th, fp, bytes)) {
        for (uint32_t i = 0; i < total; i++) {
            fp[i] = rt_newref(th, args[i]);
        }
        if (vm_bind(th, fn, fp, fp, nargs, kwnames)) {
            fp[-3] = rt_newref(th, function);
            th->depth++;
            result = vm_resume(th, fn->entry, fp, fp);
        }
    }
    return result;
}
