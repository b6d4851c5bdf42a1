/*
 * Scratch memory: chunks in a list, a pointer that moves (scratch.h).
 *
 * A reset keeps the newest chunk only: it is the largest, and larger than the lent block.
 */
#include "ir/scratch.h"

#include <assert.h>
#include <stdint.h>

#include "runtime/memory.h"

enum { FIRST_CHUNK = 64 << 10 };

struct IrScratchChunk {
    IrScratchChunk *older;
    size_t size;
    _Alignas(16) char data[];
};

static void start(IrScratch *s)
{
    if (s->chunks != NULL) {
        s->at = s->chunks->data;
        s->end = s->at + s->chunks->size;
    } else {
        s->at = s->lent;
        s->end = s->lent != NULL ? s->lent + s->lent_size : NULL;
    }
}

void ir_scratch_lend(IrScratch *s, void *block, size_t size_bytes)
{
    assert(((uintptr_t)block & 15) == 0);
    s->lent = block;
    s->lent_size = size_bytes & ~(size_t)15;
    ir_scratch_reset(s);
}

void ir_scratch_take_back(IrScratch *s)
{
    s->lent = NULL;
    s->lent_size = 0;
    ir_scratch_reset(s);
}

/* A new chunk with that much room. */
static bool chunk_new(IrScratch *s, size_t wanted)
{
    size_t last = s->chunks != NULL ? s->chunks->size : s->lent_size;
    size_t size = last * 2 > FIRST_CHUNK ? last * 2 : FIRST_CHUNK;
    size = size > wanted ? size : wanted;
    IrScratchChunk *c = rt_malloc(sizeof *c + size);
    if (c == NULL) {
        return false;
    }
    *c = (IrScratchChunk){.older = s->chunks, .size = size};
    s->chunks = c;
    start(s);
    return true;
}

void *ir_scratch_alloc(IrScratch *s, size_t size_bytes)
{
    if (size_bytes > SIZE_MAX / 4) {
        return NULL;
    }
    size_t wanted = (size_bytes + 15) & ~(size_t)15;
    if ((s->at == NULL || (size_t)(s->end - s->at) < wanted) && !chunk_new(s, wanted)) {
        return NULL;
    }
    void *p = s->at;
    s->at += wanted;
    return p;
}

void ir_scratch_expect(IrScratch *s, size_t size_bytes)
{
    if (size_bytes < SIZE_MAX / 4 && (size_t)(s->end - s->at) < size_bytes) {
        chunk_new(s, (size_bytes + 15) & ~(size_t)15);
    }
}

static void free_chunks(IrScratchChunk *c)
{
    while (c != NULL) {
        IrScratchChunk *older = c->older;
        rt_free(c);
        c = older;
    }
}

void ir_scratch_reset(IrScratch *s)
{
    if (s->chunks != NULL) {
        free_chunks(s->chunks->older);
        s->chunks->older = NULL;
    }
    start(s);
}

void ir_scratch_free(IrScratch *s)
{
    free_chunks(s->chunks);
    *s = (IrScratch){0};
}
