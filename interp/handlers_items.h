/*
 * Handlers of attributes, items and displays. Included by eval.c (the words are explained there).
 *
 * A container that is a temporary is dropped by the instruction; where that would be its last
 * reference, the slow path does the whole instruction.
 */

/* Is a temporary container one whose reference cannot just be taken off `local`? */
#define CONTAINER_ODD(o) UNLIKELY(OWNER(o) != TID || (o)->local == 1)
/* The last reference of its owner: the slow function does all. */
#define CONTAINER_LAST(o)  \
    if (OWNER(o) == TID) { \
        COLD(slow);        \
    }
/* An index into `size` slots; negative ones count from the end. */
#define ITEM_INDEX(index, size, i)          \
    uint64_t slot_count = (uint64_t)(size); \
    if (UNLIKELY((index) < T)) {            \
        COLD(slow);                         \
    }                                       \
    uint64_t i = (index) + UNTAG;           \
    if (UNLIKELY(i >= slot_count)) {        \
        i += slot_count;                    \
        if (i >= slot_count) {              \
            COLD(slow);                     \
        }                                   \
    }
/* Declares item: the slot's value, borrowed. */
#define LIST_ITEM(v, index, item)                                                              \
    Value item;                                                                                \
    if (MANY) {                                                                                \
        const ListTable *table =                                                               \
            atomic_load_explicit(&value_list(v)->table, memory_order_acquire);                 \
        ITEM_INDEX(index, atomic_load_explicit(&value_list(v)->size, memory_order_acquire), i) \
        if (UNLIKELY(i >= (uint64_t)table->capacity)) {                                        \
            COLD(slow);                                                                        \
        }                                                                                      \
        item = slot_load_acquire(&table->slots[i]);                                            \
        if (UNLIKELY(item == VALUE_ABSENT)) {                                                  \
            COLD(slow);                                                                        \
        }                                                                                      \
    } else {                                                                                   \
        ITEM_INDEX(index, LIST_SIZE(v), i)                                                     \
        item = LIST_SLOTS(v)[i];                                                               \
    }
/* relaxed: of a thread that is alone, or of a private list */
#define LIST_SIZE(v) atomic_load_explicit(&value_list(v)->size, memory_order_relaxed)
#define LIST_SLOTS(v) (atomic_load_explicit(&value_list(v)->table, memory_order_relaxed)->slots)

/* Delivers a borrowed item; the container is dropped if it was a temporary (out of line): after the
 * item is counted, which the container may have kept alive. */
#define GET_ITEM_DELIVER(SET, SET_AND_DROP) \
    if (IS_TEMP(pc->b)) {                   \
        if (CONTAINER_ODD(o)) {             \
            CONTAINER_LAST(o)               \
            INCREF(item);                   \
            SET_AND_DROP(item);             \
            NEXT(1);                        \
        }                                   \
        INCREF(item);                       \
        o->local--;                         \
        SET(item);                          \
        NEXT(1);                            \
    }                                       \
    INCREF(item);                           \
    SET(item);                              \
    NEXT(1);
/* As SET; drops the temporary container, which another thread owns. b == a is possible for _T. */
#define SET_AND_DROP_T(v)              \
    do {                               \
        RA = (v);                      \
        DROP_OR(container, drop_next); \
    } while (0)
#define SET_AND_DROP_D(v)                                           \
    do {                                                            \
        Value set_old = RA;                                         \
        RA = (v);                                                   \
        if (OWNER(o) != OWNER_IMMORTAL && !decref_other(o, MANY)) { \
            th->temp = container;                                   \
            RB = set_old;                                           \
            COLD(drop_two);                                         \
        }                                                           \
        DROP_OR(set_old, drop_next);                                \
    } while (0)
#define GET_ITEM_BODY(SET, SET_AND_DROP)                   \
    Value container = RB, index = RC;                      \
    if (UNLIKELY(!IS_OBJECT(container))) {                 \
        COLD(slow);                                        \
    }                                                      \
    Object *o = value_object(container);                   \
    if (LIKELY(o->type_id == TYPE_LIST)) {                 \
        LIST_ITEM(container, index, item)                  \
        GET_ITEM_DELIVER(SET, SET_AND_DROP)                \
    }                                                      \
    if (LIKELY(o->type_id == TYPE_TUPLE)) {                \
        ITEM_INDEX(index, value_tuple(container)->size, i) \
        Value item = value_tuple(container)->items[i];     \
        GET_ITEM_DELIVER(SET, SET_AND_DROP)                \
    }                                                      \
    COLD(slow);
OP(GET_ITEM){GET_ITEM_BODY(SET_OBJECT_D, SET_AND_DROP_D)} OP(GET_ITEM_T){
    GET_ITEM_BODY(SET_OBJECT_T, SET_AND_DROP_T)}

/* Declares container, index, o: a list. */
#define SET_ITEM_LIST                                                                       \
    Value container = RA, index = RB;                                                       \
    if (UNLIKELY(!IS_OBJECT(container) || value_object(container)->type_id != TYPE_LIST)) { \
        COLD(slow);                                                                         \
    }                                                                                       \
    Object *o = value_object(container);
/* A list that other threads know: its lock is taken if it is free.  v is no private object; keep: it
 * stays in its register, too. */
#define SET_ITEM_LOCKED(v, keep)                                             \
    uint8_t lock = 0;                                                        \
    if (UNLIKELY(index < T || IS_TEMP(pc->a)) || !LOCK_FREE(o, lock)) {      \
        COLD(slow);                                                          \
    }                                                                        \
    uint64_t list_count = (uint64_t)LIST_SIZE(container), i = index + UNTAG; \
    i = i >= list_count ? i + list_count : i;                                \
    if (UNLIKELY(i >= list_count)) {                                         \
        COLD(unlock_slow);                                                   \
    }                                                                        \
    if (keep) {                                                              \
        INCREF(v);                                                           \
    }                                                                        \
    Value *slot = &LIST_SLOTS(container)[i];                                 \
    Value old = *slot;                                                       \
    slot_store_release(slot, v);                                             \
    UNLOCK_RETIRE(o, lock, old)                                              \
    NEXT(1);
/* The slot of a list that is this thread's own: all are, when it is alone. */
#define SET_ITEM_SLOT                          \
    ITEM_INDEX(index, LIST_SIZE(container), i) \
    bool temporary = IS_TEMP(pc->a);           \
    if (temporary && CONTAINER_ODD(o)) {       \
        COLD(slow);                            \
    }                                          \
    Value *slot = &LIST_SLOTS(container)[i];
/* Stores and drops what was there; reading the old item is most of the cost of a store. */
#define SET_ITEM_STORE(v)    \
    Value old = *slot;       \
    *slot = (v);             \
    if (temporary) {         \
        o->local--;          \
    }                        \
    DROP_OR(old, drop_next); \
    NEXT(1);
OP(SET_ITEM)
{
    SET_ITEM_LIST
    Value v = RC;
    if (MANY && (o->flags & OBJECT_PRIVATE) == 0) {
        if (UNLIKELY(v == VALUE_UNBOUND) ||
            (IS_OBJECT(v) && UNLIKELY((value_object(v)->flags & OBJECT_PRIVATE) != 0))) {
            COLD(slow);
        }
        SET_ITEM_LOCKED(v, pc->c < frame_function(fp)->local_count)
    }
    SET_ITEM_SLOT
    if (IS_OBJECT(v)) {
        Object *stored = value_object(v);
        if (!MANY && UNLIKELY((stored->flags & OBJECT_PRIVATE) != 0)) {
            if ((o->flags & OBJECT_PRIVATE) == 0) {
                COLD(slow); /* must be published first */
            }
        }
        if (LIKELY(pc->c < frame_function(fp)->local_count)) { /* a local keeps its reference */
            if (UNLIKELY(OWNER(stored) != TID || stored->local >= OBJECT_LOCAL_MAX)) {
                COLD(slow);
            }
            stored->local++;
        }
    } else if (UNLIKELY(v == VALUE_UNBOUND)) {
        COLD(slow);
    }
    SET_ITEM_STORE(v)
}
OP(SET_ITEM_I)
{
    SET_ITEM_LIST
    if (MANY && (o->flags & OBJECT_PRIVATE) == 0) {
        SET_ITEM_LOCKED(IMMEDIATE(pc->c), false)
    }
    SET_ITEM_SLOT
    SET_ITEM_STORE(IMMEDIATE(pc->c))
}

/* A module's attribute: the cache is its entry's number + 1, checked by the key. */
#define MODULE_ATTRIBUTE(module, v)                                                      \
    const DictTable *table = dict_table_acquire(value_dict(((Module *)(module))->dict)); \
    uint64_t entry = insn_cache(pc, 0) - 1;                                              \
    if (UNLIKELY(entry >= dict_count_acquire(table)) ||                                  \
        slot_load_acquire(&table->entries[entry].key) != KC) {                           \
        COLD(slow);                                                                      \
    }                                                                                    \
    Value v = slot_load_acquire((const Value *)&table->entries[entry].value);            \
    if (UNLIKELY(v == VALUE_ABSENT)) {                                                   \
        COLD(slow);                                                                      \
    }
/* Goes on behind GET_ATTR and LOAD_METHOD; the module is dropped if it was a temporary. */
#define MODULE_NEXT                 \
    if (IS_TEMP(pc->b)) {           \
        DROP_OR(module, drop_next); \
    }                               \
    NEXT(3);
OP(GET_ATTR)
{
    Value module = RB;
    if (UNLIKELY(!IS_OBJECT(module) || value_object(module)->type_id != TYPE_MODULE)) {
        COLD(slow);
    }
    MODULE_ATTRIBUTE(value_object(module), attribute)
    INCREF(attribute);
    SET_T(attribute);
    MODULE_NEXT
}
/* A builtin type's method: the cache is function | type id << 48; such a type never changes, and keeps
 * the function. */
OP(LOAD_METHOD)
{
    Value v = RB;
    if (UNLIKELY(!IS_OBJECT(v))) {
        COLD(slow);
    }
    Object *o = value_object(v);
    Value *base = &RA;
    if (o->type_id == TYPE_MODULE) {
        Value module = v;
        MODULE_ATTRIBUTE(o, attribute)
        INCREF(attribute);
        base[0] = attribute;
        base[3] = VALUE_UNBOUND;
        MODULE_NEXT
    }
    uint64_t cached = insn_cache(pc, 0);
    if (UNLIKELY(cached >> 48 != o->type_id)) {
        COLD(slow);
    }
    Value function = cached << 16 >> 16;
    if (!IS_TEMP(pc->b)) {
        INCREF(v);
    }
    INCREF(function);
    base[0] = function;
    base[3] = v;
    NEXT(3);
}
