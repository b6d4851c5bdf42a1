/*
 * Handlers of moves, constants and names. Included by eval.c (the words are explained there).
 */

#define MOVE_BODY(SET)                  \
    Value v = RB;                       \
    if (UNLIKELY(v == VALUE_UNBOUND)) { \
        COLD(slow);                     \
    }                                   \
    INCREF_OR(v, slow);                 \
    SET(v);                             \
    NEXT(1);
OP(MOVE){MOVE_BODY(SET_OBJECT_D)} OP(MOVE_T){MOVE_BODY(SET_OBJECT_T)} OP(TAKE)
{
    SET_OBJECT_D(RB);
    NEXT(1);
}
OP(TAKE_T)
{
    SET_OBJECT_T(RB);
    NEXT(1);
}
OP(LOADI)
{
    SET_D(IMMEDIATE(pc->b));
    NEXT(1);
}
OP(LOADI_T)
{
    SET_T(IMMEDIATE(pc->b));
    NEXT(1);
}
#define LOADK_BODY(SET) \
    Value v = KB;       \
    INCREF_OR(v, slow); \
    SET(v);             \
    NEXT(1);
OP(LOADK){LOADK_BODY(SET_OBJECT_D)} OP(LOADK_T){LOADK_BODY(SET_OBJECT_T)} OP(LOADK_WIDE)
{
    COLD(slow);
}
OP(CLEAR)
{
    Value old = RA;
    if (UNLIKELY(old == VALUE_UNBOUND)) {
        COLD(slow);
    }
    RA = VALUE_UNBOUND;
    DROP_OR(old, drop_next);
    NEXT(1);
}
OP(UNBIND)
{
    Value old = RA;
    RA = VALUE_UNBOUND;
    DROP_OR(old, drop_next);
    NEXT(1);
}
OP(DROP)
{
    Value old = RA;
    DROP_OR(old, drop_next);
    NEXT(1);
}
OP(COPY_T)
{
    Value v = RB;
    INCREF_OR(v, slow);
    SET_T(v);
    NEXT(1);
}

/* Cached slots die when globals_epoch moves. A slot is absent after its key was deleted. */
#define GLOBAL_SLOT(slot)                                                               \
    if (UNLIKELY(insn_cache(pc, 1) !=                                                   \
                 atomic_load_explicit(&th->rt->globals_epoch, memory_order_acquire))) { \
        COLD(slow);                                                                     \
    }                                                                                   \
    Value *slot = (Value *)(uintptr_t)insn_cache(pc, 0);
OP(LOAD_GLOBAL)
{
    GLOBAL_SLOT(slot)
    Value v = slot_load_acquire(slot);
    if (UNLIKELY(v == VALUE_ABSENT)) {
        COLD(slow);
    }
    INCREF_OR(v, slow);
    SET_T(v);
    NEXT(3);
}
OP(STORE_GLOBAL)
{
    GLOBAL_SLOT(slot)
    Value old = *slot;
    Value v = RA;
    if (UNLIKELY(old == VALUE_ABSENT)) {
        COLD(slow);
    }
    if (IS_OBJECT(v) && UNLIKELY((value_object(v)->flags & OBJECT_PRIVATE) != 0)) {
        COLD(slow); /* must be published first */
    }
    slot_store_release(slot, v);
    DROP_OR(old, drop_next);
    NEXT(3);
}
OP(DELETE_GLOBAL) { COLD(slow); }
OP(MAKE_CELL) { COLD(slow); }

#define CELL_LOAD(cell)                                                                     \
    Value v = slot_load_acquire((const Value *)&((const Cell *)value_object(cell))->value); \
    if (UNLIKELY(v == VALUE_UNBOUND)) {                                                     \
        COLD(slow);                                                                         \
    }                                                                                       \
    INCREF_OR(v, slow);                                                                     \
    SET_T(v);                                                                               \
    NEXT(1);
#define CELL_STORE(cell)                                                            \
    Value v = RB;                                                                   \
    if (IS_OBJECT(v) && UNLIKELY((value_object(v)->flags & OBJECT_PRIVATE) != 0)) { \
        COLD(slow);                                                                 \
    }                                                                               \
    Value *slot = (Value *)&((Cell *)value_object(cell))->value;                    \
    Value old = *slot;                                                              \
    slot_store_release(slot, v);                                                    \
    DROP_OR(old, drop_next);                                                        \
    NEXT(1);
OP(LOAD_CELL){CELL_LOAD(RB)} OP(STORE_CELL){CELL_STORE(RA)} OP(DELETE_CELL) { COLD(slow); }
OP(LOAD_FREE){CELL_LOAD(frame_function(fp)->closure[pc->b])} OP(STORE_FREE){
    CELL_STORE(frame_function(fp)->closure[pc->a])} OP(DELETE_FREE)
{
    COLD(slow);
}
OP(CLOSURE_CELL) { COLD(slow); }
OP(MAKE_FUNCTION) { COLD(slow); }
