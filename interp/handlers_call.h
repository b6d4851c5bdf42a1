/*
 * Handlers of calls. Included by eval.c, once for each way of counting.
 *
 * CALL of a function that takes just these positional arguments is one compare of a header byte
 * (argument count + 1, which only functions have there: code.h), two limits, and the new frame's
 * header: the arguments are in place.  All other calls are `call` (vm_call.c).
 */

/* Enters function_value (a simple function of `count` arguments) with its frame at base + 3. */
#define ENTER_FUNCTION(base, function_value, count)                                         \
    Function *fn = value_function(function_value);                                          \
    Value *frame = (base) + FRAME_HEADER_WORDS;                                             \
    uint32_t depth = th->depth + 1;                                                         \
    Value *end = (Value *)(void *)((char *)frame + fn->frame_bytes);                        \
    if (UNLIKELY(end > __atomic_load_n(&th->stack_limit, __ATOMIC_RELAXED)) ||              \
        UNLIKELY(depth > __atomic_load_n(&th->depth_limit, __ATOMIC_RELAXED))) {            \
        COLD(call);                                                                         \
    }                                                                                       \
    th->depth = depth;                                                                      \
    _Pragma("clang loop vectorize(disable) unroll(disable)") for (uint32_t i = (count);     \
                                                                  i < fn->local_count; i++) \
    {                                                                                       \
        frame[i] = VALUE_UNBOUND;                                                           \
    }                                                                                       \
    frame[-2] = (Value)(uintptr_t)(pc + 1);                                                 \
    frame[-1] = (Value)((char *)frame - (char *)fp);                                        \
    fp = frame;                                                                             \
    pc = fn->entry;                                                                         \
    COUNT_ENTRY(pc);                                                                        \
    DISPATCH();
#define IS_SIMPLE_FUNCTION(v, count) \
    (LIKELY(IS_OBJECT(v)) &&         \
     LIKELY((uint32_t)(value_object(v)->flags >> OBJECT_TYPE_SHIFT) == (uint32_t)(count) + 1))

OP(CALL)
{
    Value *base = &RA;
    Value callee = base[0];
    if (IS_SIMPLE_FUNCTION(callee, pc->b)) {
        ENTER_FUNCTION(base, callee, pc->b)
    }
    COLD(call);
}
OP(CALL_METHOD)
{
    Value *base = &RA;
    Value callee = base[0];
    if (base[3] != VALUE_UNBOUND && IS_SIMPLE_FUNCTION(callee, pc->b)) {
        ENTER_FUNCTION(base, callee, pc->b)
    }
    COLD(call);
}
