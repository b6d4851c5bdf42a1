/* arena.h - bump allocation for the frontend: what is made together dies together.
 *
 * The tree lives in one arena; tokens, memos and growing lists live in a second one that is thrown
 * away after the parse. There is no way to free a single block.
 * Invariant: every block is 16-byte aligned and zeroed, and stays where it is until arena_clear.
 * Threads: an arena belongs to one thread at a time.
 */
#ifndef ADDER_INTERP_FRONTEND_ARENA_H
#define ADDER_INTERP_FRONTEND_ARENA_H

#include <stddef.h>

typedef struct ArenaChunk ArenaChunk;

typedef struct Arena {
    ArenaChunk *chunks; /* newest first */
    char *next;
    char *limit;
    size_t chunk_bytes; /* size of the next chunk */
} Arena;

/* Makes an empty arena; allocates nothing yet. */
void arena_init(Arena *arena);

/* Gives a zeroed block. owns: borrowed from arena. may: allocate. fails: NULL, nothing changed. */
void *arena_alloc(Arena *arena, size_t size_bytes);

/* Frees all blocks; the arena can be used again. */
void arena_clear(Arena *arena);

#endif
