/*
 * Handlers of moves, constants and names. Included by eval.c (the words are explained there).
 */

#define MOVE_BODY(SET)                  \
    Value v = RB;                       \
    if (UNLIKELY(v == VALUE_UNBOUND)) { \
        COLD(slow);                     \
    }                                   \
    INCREF(v);                          \
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
    INCREF(v);          \
    SET(v);             \
    NEXT(1);
OP(LOADK){LOADK_BODY(SET_OBJECT_D)} OP(LOADK_T){LOADK_BODY(SET_OBJECT_T)} OP(CLEAR)
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
    INCREF(v);
    SET_T(v);
    NEXT(1);
}

/* Cached slots die when globals_epoch moves. A slot is absent after its key was deleted. The slot is
 * good if it was the cache's while the cache had the epoch: another thread may fill it just now. */
#define GLOBAL_SLOT(slot)                                                               \
    uint64_t cache_epoch = insn_cache(pc, 1);                                           \
    if (UNLIKELY(cache_epoch !=                                                         \
                 atomic_load_explicit(&th->rt->globals_epoch, memory_order_acquire))) { \
        COLD(slow);                                                                     \
    }                                                                                   \
    Value *slot = (Value *)(uintptr_t)insn_cache(pc, 0);                                \
    if (MANY && UNLIKELY(insn_cache(pc, 1) != cache_epoch)) {                           \
        COLD(slow);                                                                     \
    }
OP(LOAD_GLOBAL)
{
    GLOBAL_SLOT(slot)
    Value v = slot_load_acquire(slot);
    if (UNLIKELY(v == VALUE_ABSENT)) {
        COLD(slow);
    }
    INCREF(v);
    SET_T(v);
    NEXT(3);
}
OP(STORE_GLOBAL)
{
    GLOBAL_SLOT(slot)
    Value v = RA;
    if (IS_OBJECT(v) && UNLIKELY((value_object(v)->flags & OBJECT_PRIVATE) != 0)) {
        COLD(slow); /* must be published first */
    }
    if (MANY) {
        Object *o = value_object(frame_function(fp)->globals);
        uint8_t lock = 0;
        if (UNLIKELY((o->flags & OBJECT_PRIVATE) != 0) || !LOCK_FREE(o, lock)) {
            COLD(slow);
        }
        /* The slot is good as long as the lock is held, if the epoch has not moved before. */
        Value removed = *slot;
        if (UNLIKELY(removed == VALUE_ABSENT) ||
            UNLIKELY(cache_epoch !=
                     atomic_load_explicit(&th->rt->globals_epoch, memory_order_acquire))) {
            COLD(unlock_slow);
        }
        slot_store_release(slot, v);
        UNLOCK_RETIRE(o, lock, removed)
        NEXT(3);
    }
    Value old = *slot;
    if (UNLIKELY(old == VALUE_ABSENT)) {
        COLD(slow);
    }
    slot_store_release(slot, v);
    DROP_OR(old, drop_next);
    NEXT(3);
}

#define CELL_LOAD(cell)                                                                     \
    Value v = slot_load_acquire((const Value *)&((const Cell *)value_object(cell))->value); \
    if (UNLIKELY(v == VALUE_UNBOUND)) {                                                     \
        COLD(slow);                                                                         \
    }                                                                                       \
    INCREF(v);                                                                              \
    SET_T(v);                                                                               \
    NEXT(1);
/* A private value is stored into a private cell only; else it must be published first. */
#define CELL_STORE(cell)                                                                       \
    Value v = RB;                                                                              \
    Object *o = value_object(cell);                                                            \
    bool o_private = (o->flags & OBJECT_PRIVATE) != 0;                                         \
    bool v_private = IS_OBJECT(v) && UNLIKELY((value_object(v)->flags & OBJECT_PRIVATE) != 0); \
    if (MANY ? UNLIKELY(!o_private) : v_private && !o_private) {                               \
        COLD(slow);                                                                            \
    }                                                                                          \
    Value *slot = (Value *)&((Cell *)o)->value;                                                \
    Value old = *slot;                                                                         \
    slot_store_release(slot, v);                                                               \
    DROP_OR(old, drop_next);                                                                   \
    NEXT(1);
OP(LOAD_CELL){CELL_LOAD(RB)} OP(STORE_CELL){CELL_STORE(RA)} OP(LOAD_FREE){
    CELL_LOAD(frame_function(fp)->closure[pc->b])} OP(STORE_FREE)
{
    CELL_STORE(frame_function(fp)->closure[pc->a])
}
