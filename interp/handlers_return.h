/*
 * Handlers that leave a frame. Included by eval.c, once for MANY and once without.
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
            if (LIKELY(OWNER(o) == TID && o->local > 1)) {                                        \
                o->local--;                                                                       \
                fp[i] = VALUE_UNBOUND;                                                            \
            } else if (OWNER(o) != OWNER_IMMORTAL) {                                              \
                if (OWNER(o) == TID || !decref_other(o, MANY)) {                                  \
                    undo;                                                                         \
                    COLD(return_slow);                                                            \
                }                                                                                 \
                fp[i] = VALUE_UNBOUND;                                                            \
            }                                                                                     \
        }                                                                                         \
    }
#define LEAVE_FRAME(result)       \
    Value function = fp[-3];      \
    fp[-3] = (result);            \
    pc = frame_return_pc(fp);     \
    fp = frame_caller(fp);        \
    th->depth--;                  \
    DROP_OR(function, drop_here); \
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
    INCREF(result);
    LEAVE_FRAME(result)
}
