/*
 * Evaluating one uop or one helper call: what the constant folder and the executor share.
 *
 * Bodies come from ir/ops through ir/apply.h.  Helpers are called by name, one case for each row of
 * runtime/helpers.def; an adapter chosen by the C type of the function (overloading) spreads the
 * words, so that a helper of a new shape does not compile before its adapter is written here.
 *
 * Threads: as the bodies and helpers.
 */
#include "ir/apply.h"
#include "runtime/helpers.h"

bool ir_evaluate(Thread *th, IrOp op, const IrWord args[3], int32_t imm, IrWord *result)
{
    switch (op) {
#define UOP(name, r, a, b, c, i, flags, reads, writes) \
    case IR_##name: return ir_apply(op_##name, th, result, args, imm);
#include "ir/uops.def"
#undef UOP
    default: return false;
    }
}

#define CALL_ADAPTER static inline __attribute__((overloadable, always_inline)) void
/* Letters as in uops.def; R is the result.  T..: the function takes the Thread first. */
#define T0(R)                                                                          \
    CALL_ADAPTER call(IR_C_##R (*f)(Thread *), Thread *th, const IrWord *w, IrWord *r) \
    {                                                                                  \
        (void)w;                                                                       \
        r->IR_WORD_##R = f(th);                                                        \
    }
#define T1(R, A)                                                                                 \
    CALL_ADAPTER call(IR_C_##R (*f)(Thread *, IR_C_##A), Thread *th, const IrWord *w, IrWord *r) \
    {                                                                                            \
        r->IR_WORD_##R = f(th, w[0].IR_WORD_##A);                                                \
    }
#define T2(R, A, B)                                                                             \
    CALL_ADAPTER call(IR_C_##R (*f)(Thread *, IR_C_##A, IR_C_##B), Thread *th, const IrWord *w, \
                      IrWord *r)                                                                \
    {                                                                                           \
        r->IR_WORD_##R = f(th, w[0].IR_WORD_##A, w[1].IR_WORD_##B);                             \
    }
#define T3(R, A, B, C)                                                                   \
    CALL_ADAPTER call(IR_C_##R (*f)(Thread *, IR_C_##A, IR_C_##B, IR_C_##C), Thread *th, \
                      const IrWord *w, IrWord *r)                                        \
    {                                                                                    \
        r->IR_WORD_##R = f(th, w[0].IR_WORD_##A, w[1].IR_WORD_##B, w[2].IR_WORD_##C);    \
    }
#define B1(R, A)                                                                       \
    CALL_ADAPTER call(IR_C_##R (*f)(IR_C_##A), Thread *th, const IrWord *w, IrWord *r) \
    {                                                                                  \
        (void)th;                                                                      \
        r->IR_WORD_##R = f(w[0].IR_WORD_##A);                                          \
    }
#define B2(R, A, B)                                                                              \
    CALL_ADAPTER call(IR_C_##R (*f)(IR_C_##A, IR_C_##B), Thread *th, const IrWord *w, IrWord *r) \
    {                                                                                            \
        (void)th;                                                                                \
        r->IR_WORD_##R = f(w[0].IR_WORD_##A, w[1].IR_WORD_##B);                                  \
    }

// clang-format off
T0(V) T1(V, I) T1(V, F) T1(V, V) T1(I, V) T1(I, I) T2(V, I, I) T2(V, F, F) T2(V, V, V) T2(V, V, I)
T2(V, P, I) T2(V, P, P) T2(I, V, V) T3(V, V, V, V) T3(I, V, V, V) T3(I, V, I, V) T3(V, V, I, I) T3(V, I, I, I)
T3(V, V, P, I) T3(V, V, V, P) T3(V, P, P, I) B1(F, F) B1(I, I) B1(I, V) B2(F, F, F) B2(I, I, I) B2(I, V, V)
B2(V, V, V) B2(V, V, I)
    // clang-format on

    CALL_ADAPTER call(void (*f)(Thread *, Value), Thread *th, const IrWord *w, IrWord *r)
{
    (void)r;
    f(th, w[0].v);
}
CALL_ADAPTER call(void (*f)(Thread *, Value, Value), Thread *th, const IrWord *w, IrWord *r)
{
    (void)r;
    f(th, w[0].v, w[1].v);
}

void ir_call_helper(Thread *th, uint32_t helper, const IrWord args[3], IrWord *result)
{
    switch ((HelperId)helper) {
#define HELPER(name, function, r, arguments, effects) \
    case HELPER_ID_##name: call(function, th, args, result); break;
#include "runtime/helpers.def"
#undef HELPER
    case HELPER_COUNT: break;
    }
}
