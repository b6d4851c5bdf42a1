/*
 * Stencils: pieces of machine code, one for each form of forms.def, and the tables that say which of
 * their bits name registers, immediates, addresses and exits.
 *
 * Vocabulary.  A *form* is a uop with kinds of operands.  Its *stencil* is the code that LLVM made of
 * the uop's body.  A *hole* is a byte that depends on the register of one role:
 *
 *     code[hole.offset] ^= xors[hole.xor_table][register of hole.role]
 *
 * A *patch* is an immediate, an address or an exit that is written into the copy.
 * Roles: result, operands a b c, the Thread, then scratch registers.  A tied operand a has the
 * result's role.
 *
 * Invariant (checked by stencilgen when it cuts, and by tests/codegen/test_stencils.c by execution):
 * for every register of every role, but for the stack pointer and the stencil's clobbers, the
 * patched copy does what the body says and writes nothing but result, scratch and clobbers.
 *
 * Threads: the tables are immutable.
 */
#ifndef ADDER_STENCILS_STENCIL_H
#define ADDER_STENCILS_STENCIL_H

#include <stdbool.h>
#include <stdint.h>

typedef enum StencilId {
#define FORM(u, shape, r, a, b, c, m) ST_##u##_##a##b##c,
#define FORM_AVX FORM
#define FORM_SSE FORM
#define INVERTED(u, shape, a, b) ST_inv_##u##_##a##b##n,
#define GLUE FORM
#include "stencils/forms.def"
#undef FORM
#undef FORM_AVX
#undef FORM_SSE
#undef INVERTED
#undef GLUE
    ST_COUNT
} StencilId;

enum { ROLE_RESULT, ROLE_A, ROLE_B, ROLE_C, ROLE_THREAD, ROLE_SCRATCH, STENCIL_ROLES = 8 };

typedef struct StencilHole {
    uint8_t role, offset, xor_table;
} StencilHole;

typedef enum StencilPatchKind {
    PATCH_K32,     /* operand constant, sign-extended (times 8 for kind s) */
    PATCH_M32,     /* the uop's immediate (times 8 for kind e), or an offset */
    PATCH_K8,      /* shift count */
    PATCH_W64,     /* 64-bit word */
    PATCH_POOL,    /* pc-relative: the operand's word in the constant pool */
    PATCH_LITERAL, /* pc-relative: the table's literal block (addend: where in it) */
    PATCH_EXIT,    /* pc-relative: where to go when the trace is left */
    PATCH_HELPER,  /* pc-relative: the function to call */
    PATCH_SLOT,    /* pc-relative: the data slot to jump through */
} StencilPatchKind;

typedef struct StencilPatch {
    uint8_t kind, offset;
    int16_t addend;
} StencilPatch;

typedef struct Stencil {
    uint32_t code;        /* offset in the table's code */
    uint16_t hole, patch; /* first of each */
    uint8_t length, hole_count, patch_count;
    uint8_t present;       /* 0: this table has no such form */
    uint8_t vectors;       /* bit per role: a vector register (else general) */
    uint8_t scratch_count; /* roles ROLE_SCRATCH ... */
    uint8_t early;     /* bit per role: the result must not share its register with this input */
    uint8_t exits;     /* has an exit patch */
    uint16_t clobbers; /* general registers written beyond result and scratch */
    /* Bytes of the first instruction if that only moves operand a, which nothing reads afterwards, to
     * the first scratch register, else 0.  Where a dies here the two may be one register, and those
     * bytes are left out. */
    uint8_t skip;
} Stencil;

typedef struct StencilTable {
    const char *name;
    const uint8_t *code; /* readable 32 bytes beyond the last stencil */
    const StencilHole *holes;
    const StencilPatch *patches;
    const uint8_t (*xors)[16];
    const Stencil *stencils; /* ST_COUNT */
    const uint64_t *literals;
    uint32_t code_bytes, literal_bytes, hole_count, patch_count, xor_count;
    uint64_t source_hash; /* of the files that the table was made from */
} StencilTable;

extern const StencilTable st_table_avx; /* needs AVX and BMI2 */
extern const StencilTable st_table_sse; /* needs SSE4.1 */

/* What a form's letters say, for codegen, the tests and the generator. immutable. */
typedef struct StencilForm {
    const char *name;
    char result, a, b, c, imm; /* letters of forms.def */
    bool inverted, glue, takes_thread;
    int16_t op; /* IrOp, or -1 for glue */
} StencilForm;
extern const StencilForm st_forms[ST_COUNT];

/* The CPU's best table, or NULL; with ADDER_STENCILS=sse in the environment never the AVX table. */
const StencilTable *st_table_for_cpu(void);

#endif
