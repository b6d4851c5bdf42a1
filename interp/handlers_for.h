/*
 * Handlers of FOR, which is a back edge, too. Included by eval.c, once for each way of counting, with
 * and without MANY.
 */

/* The state is described in bytecode.def. Its end, and iterators, are slow. */
#define FOR_NEXT(SET_B)                                                            \
    COUNT_BACK_EDGE()                                                              \
    Value *state = &RA;                                                            \
    Value first = state[0];                                                        \
    if (LIKELY(first >= T)) {                                                      \
        if (LIKELY((int64_t)first < (int64_t)state[1])) {                          \
            state[0] = first + 1;                                                  \
            SET_B(first);                                                          \
        }                                                                          \
        NEXT(1);                                                                   \
    }                                                                              \
    Value index = state[1];                                                        \
    if (UNLIKELY(index < T)) {                                                     \
        COLD(slow);                                                                \
    }                                                                              \
    uint64_t i = index + UNTAG;                                                    \
    Value item;                                                                    \
    if (value_object(first)->type_id == TYPE_LIST) {                               \
        const ListTable *table =                                                   \
            atomic_load_explicit(&value_list(first)->table, memory_order_acquire); \
        if (UNLIKELY(i >= (uint64_t)atomic_load_explicit(&value_list(first)->size, \
                                                         memory_order_acquire)) || \
            (MANY && UNLIKELY(i >= (uint64_t)table->capacity))) {                  \
            COLD(slow);                                                            \
        }                                                                          \
        item = slot_load_acquire(&table->slots[i]);                                \
        if (MANY && UNLIKELY(item == VALUE_ABSENT)) {                              \
            COLD(slow);                                                            \
        }                                                                          \
    } else if (value_object(first)->type_id == TYPE_TUPLE) {                       \
        if (UNLIKELY(i >= (uint64_t)value_tuple(first)->size)) {                   \
            COLD(slow);                                                            \
        }                                                                          \
        item = value_tuple(first)->items[i];                                       \
    } else {                                                                       \
        COLD(slow);                                                                \
    }                                                                              \
    INCREF(item);                                                                  \
    state[1] = index + 1;                                                          \
    SET_B(item);
/* Into a local: its old value is dropped; drop_jump jumps by c. */
#define FOR_SET_LOCAL(v)             \
    do {                             \
        Value set_old = RB;          \
        RB = (v);                    \
        DROP_OR(set_old, drop_jump); \
        JUMP();                      \
    } while (0)
#define FOR_SET_TEMP(v) \
    do {                \
        RB = (v);       \
        JUMP();         \
    } while (0)
OP(FOR){FOR_NEXT(FOR_SET_LOCAL)} OP(FOR_T) { FOR_NEXT(FOR_SET_TEMP) }
#undef FOR_NEXT
#undef FOR_SET_LOCAL
#undef FOR_SET_TEMP
