/*
 * The C of the stencils: one function for each form of forms.def, made from the uop bodies.
 *
 * Never linked: clang compiles this to bitcode, tools/stencilgen cuts the stencils out of it
 * (REGISTER-HOLES in stencils/README.md).  All functions have one preserve_none signature; values
 * go on to `cont`, failures to `exit_`, both by tail call, so that every operand sits in a register
 * of its own: r in r12, a in r13, b in r14, c in r15, the Thread in rdi, doubles in xmm0 to xmm3.
 * Symbols H_* are the holes.
 */
#define ADDER_STENCILS
#include "ir/ops/ops.h"

typedef int64_t I;
typedef double F;
#define CC __attribute__((preserve_none))
#define GO __attribute__((musttail)) return
#define SIGNATURE I r, I a, I b, I c, Thread *th, F fr, F fa, F fb, F fc
#define HANDED a, b, c, th
#define HANDED_F fa, fb, fc
CC void cont(SIGNATURE);
CC void exit_(SIGNATURE);

extern char H_k0, H_m0, H_b0;                 /* imm32 constant, uop's imm32, imm8 */
extern char H_s0 __attribute__((aligned(8))); /* scaled: an index times 8 */
extern char H_e0 __attribute__((aligned(8))); /* scaled: the uop's imm times 8 */
extern const I H_p0;                          /* pool word */
extern const F H_q0;                          /* pool double */

/* Operands by letter: as first argument (A_), and as further arguments with their comma. */
#define A_i a
#define A_f fa
#define A_t r
#define A_u fr
#define A_k (I) & H_k0
#define A_q H_q0
#define B_n
#define B_i , b
#define B_f , fb
#define B_k , (I) & H_k0
#define B_b , (I) & H_b0
#define B_s , (I) & H_s0 >> 3
#define B_p , H_p0
#define B_q , H_q0
#define C_n
#define C_i , c
#define C_f , fc
#define M_n
#define M_m , (I) & H_m0
#define M_e , (I) & H_e0 >> 3
#define TH_n
#define TH_i , a

/* Pure outputs have no value at an exit; uninitialised variables become undef. */
#define UNDEF \
    I z;      \
    F y
#define CONT_I(x) GO cont(x, HANDED, y, HANDED_F)
#define CONT_F(x) GO cont(z, HANDED, x, HANDED_F)
#define CONT_N GO cont(z, HANDED, y, HANDED_F)
#define CONT_U GO cont(z, z, z, z, th, y, y, y, y)
#define EXIT GO exit_(z, HANDED, y, HANDED_F)
#define EXIT_U GO exit_(z, z, z, z, th, y, y, y, y)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

#define DO_PURE(name, op, R, A, B, C, M)      \
    CC void name(SIGNATURE)                   \
    {                                         \
        UNDEF;                                \
        R x = (R)op(A_##A B_##B C_##C M_##M); \
        CONT_##R(x);                          \
    }
#define DO_STORE(name, op, R, A, B, C, M) \
    CC void name(SIGNATURE)               \
    {                                     \
        UNDEF;                            \
        op(A_##A B_##B C_##C M_##M);      \
        CONT_N;                           \
    }
#define DO_GUARD(name, op, R, A, B, C, M)                 \
    CC void name(SIGNATURE)                               \
    {                                                     \
        UNDEF;                                            \
        R x;                                              \
        if (UNLIKELY(!op(&x, A_##A B_##B C_##C M_##M))) { \
            EXIT;                                         \
        }                                                 \
        CONT_##R(x);                                      \
    }
#define DO_GUARDU(name, op, R, A, B, C, M)                \
    CC void name(SIGNATURE)                               \
    {                                                     \
        UNDEF;                                            \
        R x;                                              \
        if (UNLIKELY(!op(&x, A_##A B_##B C_##C M_##M))) { \
            EXIT_U;                                       \
        }                                                 \
        CONT_##R(x);                                      \
    }
#define DO_TEST(name, op, R, A, B, C, M)              \
    CC void name(SIGNATURE)                           \
    {                                                 \
        UNDEF;                                        \
        if (UNLIKELY(!op(A_##A B_##B C_##C M_##M))) { \
            EXIT;                                     \
        }                                             \
        CONT_N;                                       \
    }
#define DO_TESTU(name, op, R, A, B, C, M)             \
    CC void name(SIGNATURE)                           \
    {                                                 \
        UNDEF;                                        \
        if (UNLIKELY(!op(A_##A B_##B C_##C M_##M))) { \
            EXIT_U;                                   \
        }                                             \
        CONT_U;                                       \
    }
#define DO_TESTTH(name, op, R, A, B, C, M) \
    CC void name(SIGNATURE)                \
    {                                      \
        UNDEF;                             \
        if (UNLIKELY(!op(th TH_##A))) {    \
            EXIT;                          \
        }                                  \
        CONT_N;                            \
    }
#define INV_TEST(name, op, A, B) \
    CC void name(SIGNATURE)      \
    {                            \
        UNDEF;                   \
        if (op(A_##A B_##B)) {   \
            EXIT;                \
        }                        \
        CONT_N;                  \
    }
#define INV_TESTU(name, op, A, B) \
    CC void name(SIGNATURE)       \
    {                             \
        UNDEF;                    \
        if (op(A_##A B_##B)) {    \
            EXIT_U;               \
        }                         \
        CONT_U;                   \
    }

/* Bodies in assembly. x is the result. */
#ifdef __AVX__
#define V(text) "v" text
#else
#define V(text) text
#endif
#define ASM_mul_int_ov_ikn                                            \
    int overflow;                                                     \
    asm("imulq $H_k0, %2, %0" : "=r"(x), "=@cco"(overflow) : "r"(a)); \
    if (UNLIKELY(overflow)) {                                         \
        EXIT;                                                         \
    }
#define ASM_pow_int_win asm("leaq H_q0(%%rip), %0\n\tmovq (%0,%1,8), %0" : "=&r"(x) : "r"(b));
#define ASM_guard_type_inn                                                                         \
    int equal;                                                                                     \
    if (UNLIKELY(!op_guard_object(a))) {                                                           \
        EXIT;                                                                                      \
    }                                                                                              \
    asm volatile("cmpl $H_m0, %c2(%1)" : "=@cce"(equal) : "r"(a), "i"(offsetof(Object, type_id))); \
    if (UNLIKELY(!equal)) {                                                                        \
        EXIT;                                                                                      \
    }
#define POLL_IS_ZERO \
    int zero;        \
    asm volatile("cmpl $0, %c1(%2)" : "=@cce"(zero) : "i"(offsetof(Thread, poll)), "r"(th));
#define ASM_guard_poll_nnn \
    POLL_IS_ZERO           \
    if (UNLIKELY(!zero)) { \
        EXIT;              \
    }
#define ASM_inv_guard_poll_nnn \
    POLL_IS_ZERO               \
    if (zero) {                \
        EXIT;                  \
    }
#define ASM_enter_call_nnn                                      \
    int less;                                                   \
    asm volatile("cmpl $H_m0, %c1(%2)"                          \
                 : "=@ccl"(less)                                \
                 : "i"(offsetof(Thread, calls_left)), "r"(th)); \
    if (UNLIKELY(less)) {                                       \
        EXIT;                                                   \
    }                                                           \
    asm volatile("subl $H_m0, %c0(%1)" ::"i"(offsetof(Thread, calls_left)), "r"(th));
#define ASM_lock_list_inn /* for a byte LLVM makes a loop of compare-exchanges */ \
    int held;                                                                     \
    if (th->alone == 0) {                                                         \
        asm volatile("lock btsl $0, %c2(%1)"                                      \
                     : "=@ccc"(held)                                              \
                     : "r"(a), "i"(offsetof(Object, lock))                        \
                     : "memory");                                                 \
        if (UNLIKELY(held)) {                                                     \
            EXIT;                                                                 \
        }                                                                         \
    }
_Static_assert(offsetof(Object, lock) % 4 == 0 && LOCK_HELD == 1, "bit 0 of an aligned word");
#define ASM_leave_call_nnn \
    asm volatile("addl $H_m0, %c0(%1)" ::"i"(offsetof(Thread, calls_left)), "r"(th));
#define ASM_sub_int_tkn \
    x = r;              \
    asm("subq $H_k0, %0" : "+r"(x));
#define ASM_store_field_int_ikn asm volatile("movq $H_k0, H_m0(%0)" ::"r"(a) : "memory");
#define ASM_mul_int_ikn asm("imulq $H_k0, %1, %0" : "=r"(x) : "r"(a));
#define ASM_and_int_tkn \
    x = r;              \
    asm("andq $H_k0, %0" : "+r"(x));
#define ASM_or_int_tkn \
    x = r;             \
    asm("orq $H_k0, %0" : "+r"(x));
#define ASM_xor_int_tkn \
    x = r;              \
    asm("xorq $H_k0, %0" : "+r"(x));
#define ASM_shl_int_tbn \
    x = r;              \
    asm("shlq $H_b0, %0" : "+r"(x));
#define ASM_shr_int_tbn \
    x = r;              \
    asm("sarq $H_b0, %0" : "+r"(x));
#define ASM_shl_int_ov_ibn /* the count is 0..62: codegen takes this form only then */ \
    I back;                                                                            \
    asm("movq %1, %0\n\tshlq $H_b0, %0" : "=&r"(x) : "r"(a));                          \
    asm("movq %1, %0\n\tsarq $H_b0, %0" : "=&r"(back) : "r"(x));                       \
    if (UNLIKELY(back != a)) {                                                         \
        EXIT_U;                                                                        \
    }
#ifdef __AVX__ /* clang leaves out the xor that breaks the dependency on the old register */
#define ASM_int_to_float_inn asm("vxorps %0, %0, %0\n\tvcvtsi2sdq %1, %0, %0" : "=&x"(x) : "r"(a));
#define ASM_swap_float_ufn \
    x = fr;                \
    asm volatile("vxorps %1, %0, %0\n\tvxorps %0, %1, %1\n\tvxorps %1, %0, %0" : "+x"(x), "+x"(fb));
#define ASM_const_float_zero_nnn asm("vxorps %0, %0, %0" : "=x"(x));
#define ASM_move_float_fnn asm("vmovaps %1, %0" : "=x"(x) : "x"(fa));
#else
#define ASM_int_to_float_inn asm("xorps %0, %0\n\tcvtsi2sdq %1, %0" : "=&x"(x) : "r"(a));
#define ASM_swap_float_ufn \
    x = fr;                \
    asm volatile("xorps %1, %0\n\txorps %0, %1\n\txorps %1, %0" : "+x"(x), "+x"(fb));
#define ASM_const_float_zero_nnn asm("xorps %0, %0" : "=x"(x));
#define ASM_move_float_fnn asm("movaps %1, %0" : "=x"(x) : "x"(fa));
#endif
#define ASM_move_int_inn asm("movq %1, %0" : "=r"(x) : "r"(a));
#define ASM_swap_int_tin \
    x = r;               \
    asm volatile("xorq %1, %0\n\txorq %0, %1\n\txorq %1, %0" : "+r"(x), "+r"(b));
#define ASM_const_zero_nnn asm("xorl %k0, %k0" : "=r"(x));
#define ASM_const_i32_knn asm("movq $H_k0, %0" : "=r"(x));
#define ASM_const_u32_knn asm("movl $H_k0, %k0" : "=r"(x));
#define ASM_const_i64_nnn asm("movabsq $H_w0, %0" : "=r"(x));
#define ASM_const_float_qnn asm(V("movsd H_q0(%%rip), %0") : "=x"(x));
#define ASM_spill_load_int_nnn asm volatile("movq H_m0(%%rsp), %0" : "=r"(x));
#define ASM_spill_load_float_nnn asm volatile(V("movsd H_m0(%%rsp), %0") : "=x"(x));
#define ASM_spill_store_int_inn asm volatile("movq %0, H_m0(%%rsp)" ::"r"(a));
#define ASM_spill_store_float_fnn asm volatile(V("movsd %0, H_m0(%%rsp)")::"x"(fa));
#define ASM_spill_copy_knn asm volatile("pushq H_k0(%rsp)\n\tpopq H_m0(%rsp)");
#define ASM_slot_load_inn asm volatile("movq H_m0(%1), %0" : "=r"(x) : "r"(a));
#define ASM_slot_store_iin asm volatile("movq %1, H_m0(%0)" ::"r"(a), "r"(b));
#define ASM_jump_nnn asm volatile("jmp exit_");
#define ASM_jump_slot_nnn asm volatile("jmpq *H_d0(%rip)");
#define ASM_call_nnn asm volatile("callq H_h0");
#define ASM_leave_nnn asm volatile("callq H_h0\n\t.quad H_w0");

#define RESULT_I I x;
#define RESULT_F F x;
#define RESULT_N
#define FINISH_I CONT_I(x);
#define FINISH_F CONT_F(x);
#define FINISH_N CONT_N;
#define DO_ASM_(name, R, BODY)     \
    CC void name(SIGNATURE)        \
    {                              \
        UNDEF;                     \
        RESULT_##R BODY FINISH_##R \
    }

#define FORM(u, shape, R, A, B, C, M) FORM_##shape(u, R, A, B, C, M)
#define FORM_PURE(u, R, A, B, C, M) DO_PURE(st_##u##_##A##B##C, op_##u, R, A, B, C, M)
#define FORM_STORE(u, R, A, B, C, M) DO_STORE(st_##u##_##A##B##C, op_##u, R, A, B, C, M)
#define FORM_GUARD(u, R, A, B, C, M) DO_GUARD(st_##u##_##A##B##C, op_##u, R, A, B, C, M)
#define FORM_GUARDU(u, R, A, B, C, M) DO_GUARDU(st_##u##_##A##B##C, op_##u, R, A, B, C, M)
#define FORM_TEST(u, R, A, B, C, M) DO_TEST(st_##u##_##A##B##C, op_##u, R, A, B, C, M)
#define FORM_TESTU(u, R, A, B, C, M) DO_TESTU(st_##u##_##A##B##C, op_##u, R, A, B, C, M)
#define FORM_TESTTH(u, R, A, B, C, M) DO_TESTTH(st_##u##_##A##B##C, op_##u, R, A, B, C, M)
#define FORM_ASM(u, R, A, B, C, M) DO_ASM_(st_##u##_##A##B##C, R, ASM_##u##_##A##B##C)
#define FORM_ASMTH FORM_ASM
#define INV_ASMTH(name, op, A, B) DO_ASM_(name, N, INV_ASM_##op)
#define INV_ASM_op_guard_poll ASM_inv_guard_poll_nnn
#define INVERTED(u, shape, A, B) INV_##shape(st_inv_##u##_##A##B##n, op_##u, A, B)
#define GLUE(u, shape, R, A, B, C, M) FORM_ASM(u, R, A, B, C, M)
#ifdef __AVX__
#define FORM_AVX FORM
#define FORM_SSE(...)
#else
#define FORM_AVX(...)
#define FORM_SSE FORM
#endif
#include "stencils/forms.def"
