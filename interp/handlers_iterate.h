/*
 * Handlers of back edges but FOR. Included by eval.c, once for each way of counting: the counter is
 * asked first, with pc at the back edge that has not run yet.
 */

#define COMPARE_JUMP_BACK(NAME, op)                                                     \
    OP(JB##NAME##_RR){COUNT_BACK_EDGE() JUMP_NUMBERS(RA, RB, op, JUMP(), NEXT(1))} OP(  \
        JB##NAME##_RI){COUNT_BACK_EDGE() JUMP_NUMBERS(RA, IMMEDIATE(pc->b), op, JUMP(), \
                                                      NEXT(1))} OP(JB##NAME##_RK)       \
    {                                                                                   \
        COUNT_BACK_EDGE()                                                               \
        JUMP_NUMBERS(RA, KB, op, JUMP(), NEXT(1))                                       \
    }
COMPARE_LIST(COMPARE_JUMP_BACK)
#undef COMPARE_JUMP_BACK

OP(JMPB)
{
    COUNT_BACK_EDGE()
    JUMP();
}
OP(JMPB_WIDE)
{
    COUNT_BACK_EDGE()
    NEXT((int64_t)(int32_t)((uint32_t)pc->b | (uint32_t)pc->c << 16));
}
OP(JTB){COUNT_BACK_EDGE() TRUTH_BODY(JUMP(), NEXT(1))} OP(JFB)
{
    COUNT_BACK_EDGE()
    TRUTH_BODY(NEXT(1), JUMP())
}
