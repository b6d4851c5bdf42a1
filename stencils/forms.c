/*
 * The forms of forms.def as data.
 *
 * Not here: the stencils themselves (prebuilt/, or made fresh by tools/stencilgen), and the choice of
 * a table (cpu.c).
 * Threads: immutable data, pure functions.
 */
#include "stencils/stencil.h"

#include "ir/ir.h"

#define LETTER(x) (#x)[0]
#define THREAD_PURE false
#define THREAD_STORE false
#define THREAD_GUARD false
#define THREAD_GUARDU false
#define THREAD_TEST false
#define THREAD_TESTU false
#define THREAD_TESTTH true
#define THREAD_ASM false
#define THREAD_ASMTH true
#define ROW(u, r, a, b, c, m, inv, glue, thread, op)   \
    {(inv) ? "inv_" #u "_" #a #b #c : #u "_" #a #b #c, \
     LETTER(r),                                        \
     LETTER(a),                                        \
     LETTER(b),                                        \
     LETTER(c),                                        \
     LETTER(m),                                        \
     inv,                                              \
     glue,                                             \
     thread,                                           \
     op},

const StencilForm st_forms[ST_COUNT] = {
#define FORM(u, shape, r, a, b, c, m) \
    ROW(u, r, a, b, c, m, false, false, THREAD_##shape, (int16_t)IR_##u)
#define FORM_AVX FORM
#define FORM_SSE FORM
#define INVERTED(u, shape, a, b) ROW(u, N, a, b, n, n, true, false, THREAD_##shape, (int16_t)IR_##u)
#define GLUE(u, shape, r, a, b, c, m) ROW(u, r, a, b, c, m, false, true, false, -1)
#include "stencils/forms.def"
};
