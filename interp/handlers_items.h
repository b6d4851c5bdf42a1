/*
 * Handlers of attributes, items and displays. Included by eval.c (the words are explained there).
 *
 * A container that is a temporary is dropped by the instruction; where that would be its last
 * reference, the slow path does the whole instruction.
 */

/* May the container in this register be dropped without freeing it? For locals nothing is dropped. */
#define CONTAINER_TEMP(reg, o)                                         \
    bool temporary = IS_TEMP(reg);                                     \
    if (temporary && UNLIKELY((o)->owner != TID || (o)->local == 1)) { \
        COLD(slow);                                                    \
    }
#define CONTAINER_DROP(o) \
    if (temporary) {      \
        (o)->local--;     \
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
/* relaxed: these handlers are of tables for one thread (eval.c) */
#define LIST_SIZE(v) atomic_load_explicit(&value_list(v)->size, memory_order_relaxed)
#define LIST_SLOTS(v) (atomic_load_explicit(&value_list(v)->table, memory_order_relaxed)->slots)

/* Delivers a borrowed item; the container is dropped if it was a temporary (out of line). */
#define GET_ITEM_DELIVER(SET)                             \
    if (IS_TEMP(pc->b)) {                                 \
        if (UNLIKELY(o->owner != TID || o->local == 1)) { \
            COLD(slow);                                   \
        }                                                 \
        INCREF_OR(item, slow);                            \
        o->local--;                                       \
        SET(item);                                        \
        NEXT(1);                                          \
    }                                                     \
    INCREF_OR(item, slow);                                \
    SET(item);                                            \
    NEXT(1);
#define GET_ITEM_BODY(SET)                                 \
    Value container = RB, index = RC;                      \
    if (UNLIKELY(!IS_OBJECT(container))) {                 \
        COLD(slow);                                        \
    }                                                      \
    Object *o = value_object(container);                   \
    if (LIKELY(o->type_id == TYPE_LIST)) {                 \
        ITEM_INDEX(index, LIST_SIZE(container), i)         \
        Value item = LIST_SLOTS(container)[i];             \
        GET_ITEM_DELIVER(SET)                              \
    }                                                      \
    if (LIKELY(o->type_id == TYPE_TUPLE)) {                \
        ITEM_INDEX(index, value_tuple(container)->size, i) \
        Value item = value_tuple(container)->items[i];     \
        GET_ITEM_DELIVER(SET)                              \
    }                                                      \
    COLD(slow);
OP(GET_ITEM){GET_ITEM_BODY(SET_OBJECT_D)} OP(GET_ITEM_T){GET_ITEM_BODY(SET_OBJECT_T)}

#define SET_ITEM_SLOT                                                                       \
    Value container = RA, index = RB;                                                       \
    if (UNLIKELY(!IS_OBJECT(container) || value_object(container)->type_id != TYPE_LIST)) { \
        COLD(slow);                                                                         \
    }                                                                                       \
    Object *o = value_object(container);                                                    \
    ITEM_INDEX(index, LIST_SIZE(container), i)                                              \
    CONTAINER_TEMP(pc->a, o)                                                                \
    Value *slot = &LIST_SLOTS(container)[i];
/* Stores and drops what was there; reading the old item is most of the cost of a store. */
#define SET_ITEM_STORE(v)    \
    Value old = *slot;       \
    *slot = (v);             \
    CONTAINER_DROP(o)        \
    DROP_OR(old, drop_next); \
    NEXT(1);
OP(SET_ITEM)
{
    SET_ITEM_SLOT
    Value v = RC;
    if (IS_OBJECT(v)) {
        Object *stored = value_object(v);
        if (UNLIKELY((stored->flags & OBJECT_PRIVATE) != 0)) {
            COLD(slow); /* must be published first */
        }
        if (LIKELY(pc->c < frame_function(fp)->local_count)) { /* a local keeps its reference */
            if (UNLIKELY(stored->owner != TID || stored->local >= OBJECT_LOCAL_MAX)) {
                COLD(slow);
            }
            stored->local++;
        }
    } else if (UNLIKELY(v == VALUE_UNBOUND)) {
        COLD(slow);
    }
    SET_ITEM_STORE(v)
}
OP(SET_ITEM_I){SET_ITEM_SLOT SET_ITEM_STORE(IMMEDIATE(pc->c))} OP(DELETE_ITEM) { COLD(slow); }

/* A module's attribute: the cache is its entry's number + 1, checked by the key. */
#define MODULE_ATTRIBUTE(module, v)                                                        \
    const DictTable *table = dict_table_acquire(value_dict(((Module *)(module))->dict));   \
    uint64_t entry = insn_cache(pc, 0) - 1;                                                \
    if (UNLIKELY(entry >= dict_count_acquire(table)) || table->entries[entry].key != KC) { \
        COLD(slow);                                                                        \
    }                                                                                      \
    Value v = slot_load_acquire((const Value *)&table->entries[entry].value);              \
    if (UNLIKELY(v == VALUE_ABSENT)) {                                                     \
        COLD(slow);                                                                        \
    }
OP(GET_ATTR)
{
    Value v = RB;
    if (UNLIKELY(!IS_OBJECT(v) || value_object(v)->type_id != TYPE_MODULE)) {
        COLD(slow);
    }
    Object *o = value_object(v);
    MODULE_ATTRIBUTE(o, attribute)
    CONTAINER_TEMP(pc->b, o)
    INCREF_OR(attribute, slow);
    CONTAINER_DROP(o)
    SET_T(attribute);
    NEXT(3);
}
OP(SET_ATTR) { COLD(slow); }
OP(DELETE_ATTR) { COLD(slow); }
/* A builtin type's method: the cache is function | type id << 48; such a type never changes. */
OP(LOAD_METHOD)
{
    Value v = RB;
    if (UNLIKELY(!IS_OBJECT(v))) {
        COLD(slow);
    }
    Object *o = value_object(v);
    Value *base = &RA;
    if (o->type_id == TYPE_MODULE) {
        MODULE_ATTRIBUTE(o, attribute)
        CONTAINER_TEMP(pc->b, o)
        INCREF_OR(attribute, slow);
        CONTAINER_DROP(o)
        base[0] = attribute;
        base[3] = VALUE_UNBOUND;
        NEXT(3);
    }
    uint64_t cached = insn_cache(pc, 0);
    if (UNLIKELY(cached >> 48 != o->type_id)) {
        COLD(slow);
    }
    Object *function = (Object *)(uintptr_t)(cached << 16 >> 16);
    if (UNLIKELY(function->owner != TID)) {
        COLD(slow);
    }
    if (!IS_TEMP(pc->b)) {
        INCREF_OR(v, slow);
    }
    function->local++;
    base[0] = value_from_object(function);
    base[3] = v;
    NEXT(3);
}

// clang-format off
#define SLOW_OPS(X)                                                                                \
    X(BUILD_SLICE) X(BUILD_LIST) X(BUILD_TUPLE) X(BUILD_SET) X(BUILD_DICT) X(LIST_APPEND)          \
    X(LIST_EXTEND) X(LIST_TO_TUPLE) X(SET_ADD) X(SET_UPDATE) X(DICT_PUT) X(DICT_UPDATE)            \
    X(DICT_MERGE) X(FORMAT) X(CONCAT) X(UNPACK) X(UNPACK_EX) X(GET_ITER) X(DROP_ITER)              \
    X(LOAD_ASSERTION_ERROR) X(IMPORT) X(IMPORT_FROM) X(IMPORT_STAR) X(JNO_MATCH) X(PUSH_EXC)       \
    X(POP_EXC) X(CALL_KW) X(CALL_METHOD_KW) X(CALL_EX)
// clang-format on
#define SLOW_OP(name) \
    OP(name) { COLD(slow); }
SLOW_OPS(SLOW_OP)
