/*
 * Calling the body of a uop with words: one adapter for each signature that a body has.
 *
 * ir_apply(op_name, th, result, args, imm) picks the adapter by the body's C type (overloading), so
 * that the executor's and the folder's switch over uops.def needs no list of its own.  A body that
 * cannot fail yields true.  A new signature is one line here.
 *
 * Private to ir/execute.c and ir/evaluate.c.  Threads: as the bodies.
 */
#ifndef ADDER_IR_APPLY_H
#define ADDER_IR_APPLY_H

#include "ir/ir.h"
#include "ir/ops/ops.h"

#define IR_ADAPTER static inline __attribute__((overloadable, always_inline, unused)) bool

/* The words' fields by the letters of uops.def. A (an address) is a Value's word. */
#define IR_WORD_I i
#define IR_WORD_F f
#define IR_WORD_V v
#define IR_WORD_P p
#define IR_C_I int64_t
#define IR_C_F double
#define IR_C_V Value
#define IR_C_P void *
#define IR_C_p const void * /* a parameter that is only read */
#define IR_WORD_p p

/* R: result letter.  1, 2, 3: number of operands.  i: with imm. */
#define IR_PURE_1(R, A)                                                                  \
    IR_ADAPTER ir_apply(IR_C_##R (*f)(IR_C_##A), Thread *th, IrWord *r, const IrWord *w, \
                        int32_t imm)                                                     \
    {                                                                                    \
        (void)th, (void)imm;                                                             \
        r->IR_WORD_##R = f(w[0].IR_WORD_##A);                                            \
        return true;                                                                     \
    }
#define IR_PURE_1i(R, A)                                                                          \
    IR_ADAPTER ir_apply(IR_C_##R (*f)(IR_C_##A, int32_t), Thread *th, IrWord *r, const IrWord *w, \
                        int32_t imm)                                                              \
    {                                                                                             \
        (void)th;                                                                                 \
        r->IR_WORD_##R = f(w[0].IR_WORD_##A, imm);                                                \
        return true;                                                                              \
    }
#define IR_PURE_2(R, A, B)                                                                         \
    IR_ADAPTER ir_apply(IR_C_##R (*f)(IR_C_##A, IR_C_##B), Thread *th, IrWord *r, const IrWord *w, \
                        int32_t imm)                                                               \
    {                                                                                              \
        (void)th, (void)imm;                                                                       \
        r->IR_WORD_##R = f(w[0].IR_WORD_##A, w[1].IR_WORD_##B);                                    \
        return true;                                                                               \
    }
#define IR_PURE_3(R, A, B, C)                                                               \
    IR_ADAPTER ir_apply(IR_C_##R (*f)(IR_C_##A, IR_C_##B, IR_C_##C), Thread *th, IrWord *r, \
                        const IrWord *w, int32_t imm)                                       \
    {                                                                                       \
        (void)th, (void)imm;                                                                \
        r->IR_WORD_##R = f(w[0].IR_WORD_##A, w[1].IR_WORD_##B, w[2].IR_WORD_##C);           \
        return true;                                                                        \
    }
#define IR_STORE_2(A, B)                                                                       \
    IR_ADAPTER ir_apply(void (*f)(IR_C_##A, IR_C_##B), Thread *th, IrWord *r, const IrWord *w, \
                        int32_t imm)                                                           \
    {                                                                                          \
        (void)th, (void)imm, (void)r;                                                          \
        f(w[0].IR_WORD_##A, w[1].IR_WORD_##B);                                                 \
        return true;                                                                           \
    }
#define IR_STORE_2i(A, B)                                                              \
    IR_ADAPTER ir_apply(void (*f)(IR_C_##A, IR_C_##B, int32_t), Thread *th, IrWord *r, \
                        const IrWord *w, int32_t imm)                                  \
    {                                                                                  \
        (void)th, (void)r;                                                             \
        f(w[0].IR_WORD_##A, w[1].IR_WORD_##B, imm);                                    \
        return true;                                                                   \
    }
#define IR_STORE_3(A, B, C)                                                             \
    IR_ADAPTER ir_apply(void (*f)(IR_C_##A, IR_C_##B, IR_C_##C), Thread *th, IrWord *r, \
                        const IrWord *w, int32_t imm)                                   \
    {                                                                                   \
        (void)th, (void)imm, (void)r;                                                   \
        f(w[0].IR_WORD_##A, w[1].IR_WORD_##B, w[2].IR_WORD_##C);                        \
        return true;                                                                    \
    }
#define IR_GUARD_1(A)                                                                             \
    IR_ADAPTER ir_apply(bool (*f)(IR_C_##A), Thread *th, IrWord *r, const IrWord *w, int32_t imm) \
    {                                                                                             \
        (void)th, (void)imm, (void)r;                                                             \
        return f(w[0].IR_WORD_##A);                                                               \
    }
#define IR_GUARD_1i(A)                                                                        \
    IR_ADAPTER ir_apply(bool (*f)(IR_C_##A, int32_t), Thread *th, IrWord *r, const IrWord *w, \
                        int32_t imm)                                                          \
    {                                                                                         \
        (void)th, (void)r;                                                                    \
        return f(w[0].IR_WORD_##A, imm);                                                      \
    }
#define IR_GUARD_2(A, B)                                                                       \
    IR_ADAPTER ir_apply(bool (*f)(IR_C_##A, IR_C_##B), Thread *th, IrWord *r, const IrWord *w, \
                        int32_t imm)                                                           \
    {                                                                                          \
        (void)th, (void)imm, (void)r;                                                          \
        return f(w[0].IR_WORD_##A, w[1].IR_WORD_##B);                                          \
    }
#define IR_CHECKED_1(R, A)                                                                       \
    IR_ADAPTER ir_apply(bool (*f)(IR_C_##R *, IR_C_##A), Thread *th, IrWord *r, const IrWord *w, \
                        int32_t imm)                                                             \
    {                                                                                            \
        (void)th, (void)imm;                                                                     \
        return f(&r->IR_WORD_##R, w[0].IR_WORD_##A);                                             \
    }
#define IR_CHECKED_2(R, A, B)                                                             \
    IR_ADAPTER ir_apply(bool (*f)(IR_C_##R *, IR_C_##A, IR_C_##B), Thread *th, IrWord *r, \
                        const IrWord *w, int32_t imm)                                     \
    {                                                                                     \
        (void)th, (void)imm;                                                              \
        return f(&r->IR_WORD_##R, w[0].IR_WORD_##A, w[1].IR_WORD_##B);                    \
    }

// clang-format off
IR_PURE_1(I, I) IR_PURE_1(F, F) IR_PURE_1(I, V) IR_PURE_1(F, V) IR_PURE_1(F, I) IR_PURE_1(V, I)
IR_PURE_1(V, F) IR_PURE_1(V, V) IR_PURE_1(V, p) IR_PURE_1(P, V) IR_PURE_1(I, p) IR_PURE_1i(V, V)
IR_PURE_1i(I, V) IR_PURE_1i(P, V) IR_PURE_2(I, I, I) IR_PURE_2(F, F, F) IR_PURE_2(I, F, F)
IR_PURE_2(I, V, V) IR_PURE_2(V, V, I) IR_PURE_2(V, p, I) IR_PURE_3(I, V, I, V) IR_PURE_3(I, I, I, I) IR_PURE_3(F, I, F, F)
IR_PURE_3(V, I, V, V) IR_STORE_2(V, V) IR_STORE_2(P, V) IR_STORE_2i(V, V) IR_STORE_2i(V, I)
IR_STORE_3(P, I, V) IR_GUARD_1(V) IR_GUARD_1(p) IR_GUARD_1(I) IR_GUARD_1i(V) IR_GUARD_2(V, V)
IR_GUARD_2(p, p) IR_GUARD_2(I, I) IR_GUARD_2(F, F) IR_CHECKED_1(I, V) IR_CHECKED_1(F, V)
IR_CHECKED_1(I, I) IR_CHECKED_1(I, F) IR_CHECKED_1(V, I) IR_CHECKED_2(I, I, I)
    // clang-format on

    IR_ADAPTER ir_apply(bool (*f)(Thread *), Thread *th, IrWord *r, const IrWord *w, int32_t imm)
{
    (void)r, (void)w, (void)imm;
    return f(th);
}
IR_ADAPTER ir_apply(bool (*f)(Thread *, int32_t), Thread *th, IrWord *r, const IrWord *w,
                    int32_t imm)
{
    (void)r, (void)w;
    return f(th, imm);
}
IR_ADAPTER ir_apply(void (*f)(Thread *, int32_t), Thread *th, IrWord *r, const IrWord *w,
                    int32_t imm)
{
    (void)r, (void)w;
    f(th, imm);
    return true;
}
IR_ADAPTER ir_apply(bool (*f)(Thread *, Value), Thread *th, IrWord *r, const IrWord *w, int32_t imm)
{
    (void)r, (void)imm;
    return f(th, w[0].v);
}

/* Rows that have no body: what is SP in uops.def. */
struct IrNoBody;
IR_ADAPTER ir_apply(struct IrNoBody *(*f)(void), Thread *th, IrWord *r, const IrWord *w,
                    int32_t imm)
{
    (void)f, (void)th, (void)r, (void)w, (void)imm;
    return false;
}
#define IR_NO_BODY(name) \
    static inline __attribute__((unused)) struct IrNoBody *op_##name(void) { return NULL; }
// clang-format off
IR_NO_BODY(nop) IR_NO_BODY(slot) IR_NO_BODY(inherit) IR_NO_BODY(loop) IR_NO_BODY(phi)
IR_NO_BODY(jump) IR_NO_BODY(link) IR_NO_BODY(link_head) IR_NO_BODY(exit) IR_NO_BODY(ret)
IR_NO_BODY(keep) IR_NO_BODY(store_slot) IR_NO_BODY(store_slot_ptr) IR_NO_BODY(lend_slot) IR_NO_BODY(slot_address) IR_NO_BODY(call)
IR_NO_BODY(guard_entered) IR_NO_BODY(alloc_tuple) IR_NO_BODY(alloc_cell)
// clang-format on

#endif
