/*
 * Scratch: memory of one compilation, taken piece by piece, given back as a whole.
 *
 * The optimizer and codegen work on one trace at a time and allocate arrays by uop number.  A page
 * that the process touches for the first time costs more than some ten uops, so both use the same
 * memory, and the largest chunk is kept for the next trace.  The first chunk may be lent by the
 * caller (on its C stack): a short trace then allocates nothing.
 *
 * Threads: one at a time (the JIT lock).
 */
#ifndef ADDER_IR_SCRATCH_H
#define ADDER_IR_SCRATCH_H

#include <stddef.h>

typedef struct IrScratchChunk IrScratchChunk;
typedef struct IrScratch {
    char *at, *end;         /* what is left of the newest chunk or of the lent one */
    IrScratchChunk *chunks; /* newest first, each larger than the one before */
    char *lent;             /* the caller's, NULL: none */
    size_t lent_size;
} IrScratch;

/* Lends size_bytes at block (aligned to 16) to an empty or reset scratch, until ir_scratch_take_back. */
void ir_scratch_lend(IrScratch *s, void *block, size_t size_bytes);
void ir_scratch_take_back(IrScratch *s);
/* Aligned to 16, not zeroed; lives until the reset. fails: NULL. */
void *ir_scratch_alloc(IrScratch *s, size_t size_bytes);
/* Much will be allocated: room for size_bytes more in one chunk, if the memory is there. */
void ir_scratch_expect(IrScratch *s, size_t size_bytes);
/* Nothing is allocated any more; the largest chunk stays. */
void ir_scratch_reset(IrScratch *s);
void ir_scratch_free(IrScratch *s);

#endif
