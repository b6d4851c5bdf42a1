/*
 * Handlers of comparisons to a value, compare-and-jump forward, and forward jumps. Included by
 * eval.c (the words are explained there); back edges are in handlers_iterate.h.
 *
 * Ints are compared as they are encoded.  Unordered doubles, and all that are no numbers, are slow.
 */

/* Sets `truth` and goes on behind the macro if a and b are numbers, else goes slow. */
#define COMPARE_NUMBERS(A, B, op)                    \
    Value a = A, b = B;                              \
    bool truth;                                      \
    if (LIKELY(BOTH_INTS(a, b))) {                   \
        truth = (int64_t)a op(int64_t) b;            \
    } else {                                         \
        double x = TO_DOUBLE(a), y = TO_DOUBLE(b);   \
        if (UNLIKELY(__builtin_isunordered(x, y))) { \
            COLD(slow);                              \
        }                                            \
        truth = x op y;                              \
    }
#define COMPARE_LIST(X) X(LT, <) X(LE, <=) X(EQ, ==) X(NE, !=) X(GT, >) X(GE, >=)

#define COMPARE_VALUE(NAME, op)        \
    OP(NAME)                           \
    {                                  \
        COMPARE_NUMBERS(RB, RC, op)    \
        SET_D(value_from_bool(truth)); \
        NEXT(1);                       \
    }                                  \
    OP(NAME##_T)                       \
    {                                  \
        COMPARE_NUMBERS(RB, RC, op)    \
        SET_T(value_from_bool(truth)); \
        NEXT(1);                       \
    }
COMPARE_LIST(COMPARE_VALUE)

/* ints: the int test is first and the doubles out of line, for each outcome one indirect jump */
#define JUMP_NUMBERS(A, B, op, taken, fallen)   \
    Value a = A, b = B;                         \
    if (LIKELY(BOTH_INTS(a, b))) {              \
        if ((int64_t)a op(int64_t) b) {         \
            taken;                              \
        }                                       \
        fallen;                                 \
    }                                           \
    double x = TO_DOUBLE(a), y = TO_DOUBLE(b);  \
    if (LIKELY(!__builtin_isunordered(x, y))) { \
        if (x op y) {                           \
            taken;                              \
        }                                       \
        fallen;                                 \
    }                                           \
    COLD(slow);
#define COMPARE_JUMP(NAME, op)                                                     \
    OP(J##NAME##_RR){JUMP_NUMBERS(RA, RB, op, JUMP(), NEXT(1))} OP(J##NAME##_RI){  \
        JUMP_NUMBERS(RA, IMMEDIATE(pc->b), op, JUMP(), NEXT(1))} OP(J##NAME##_RK){ \
        JUMP_NUMBERS(RA, KB, op, JUMP(), NEXT(1))} OP(JN##NAME##_RR){              \
        JUMP_NUMBERS(RA, RB, op, NEXT(1), JUMP())} OP(JN##NAME##_RI){              \
        JUMP_NUMBERS(RA, IMMEDIATE(pc->b), op, NEXT(1), JUMP())} OP(JN##NAME##_RK) \
    {                                                                              \
        JUMP_NUMBERS(RA, KB, op, NEXT(1), JUMP())                                  \
    }
COMPARE_LIST(COMPARE_JUMP)

/* `is`: equal words are the same value, and different words of numbers and singletons are not. */
#define IS_BODY(SET, when_same)                                                               \
    Value a = RB, b = RC;                                                                     \
    if (LIKELY(!IS_OBJECT(a) && !IS_OBJECT(b) && a != VALUE_UNBOUND && b != VALUE_UNBOUND)) { \
        SET(value_from_bool((a == b) == (when_same)));                                        \
        NEXT(1);                                                                              \
    }                                                                                         \
    COLD(slow);
OP(IS){IS_BODY(SET_D, true)} OP(IS_T){IS_BODY(SET_T, true)} OP(IS_NOT){
    IS_BODY(SET_D, false)} OP(IS_NOT_T){IS_BODY(SET_T, false)} OP(IN)
{
    COLD(slow);
}
OP(IN_T) { COLD(slow); }
OP(NOT_IN) { COLD(slow); }
OP(NOT_IN_T) { COLD(slow); }

/* ---- jumps ----------------------------------------------------------------------------------------- */
OP(JMP) { JUMP(); }
OP(JMP_WIDE) { NEXT((int64_t)(int32_t)((uint32_t)pc->b | (uint32_t)pc->c << 16)); }

#define TRUTH_BODY(on_true, on_false)                           \
    Value a = RA;                                               \
    if (a == VALUE_TRUE) {                                      \
        on_true;                                                \
    }                                                           \
    if (a == VALUE_FALSE || a == VALUE_NONE || a == INT_ZERO) { \
        on_false;                                               \
    }                                                           \
    if (LIKELY(a >= T)) {                                       \
        on_true;                                                \
    }                                                           \
    COLD(slow);
OP(JT){TRUTH_BODY(JUMP(), NEXT(1))} OP(JF){TRUTH_BODY(NEXT(1), JUMP())} OP(JT_KEEP){
    TRUTH_BODY(JUMP(), NEXT(1))} OP(JF_KEEP){TRUTH_BODY(NEXT(1), JUMP())} OP(JNONE)
{
    if (RA == VALUE_NONE) {
        JUMP();
    }
    COLD(slow);
}
OP(JNOTNONE)
{
    if (RA == VALUE_NONE) {
        NEXT(1);
    }
    COLD(slow);
}
