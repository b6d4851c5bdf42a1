/* arena.c - chunks from the runtime's allocator, handed out by moving a pointer.
 *
 * Chunks double from 4 KiB to 256 KiB, so a small module costs little and a large one few calls. A
 * request that does not fit gets a new chunk at least as large as itself; the rest of the old chunk
 * is given up. Blocks are zeroed here, as a chunk comes unzeroed from rt_malloc.
 * Threads: an arena belongs to one thread at a time.
 */
#include "interp/frontend/arena.h"

#include <stdint.h>
#include <string.h>

#include "runtime/memory.h"

enum { ARENA_ALIGN = 16, ARENA_FIRST_CHUNK = 4096, ARENA_LARGEST_CHUNK = 256 * 1024 };

struct ArenaChunk {
    ArenaChunk *older;
    size_t size_bytes;
};

void arena_init(Arena *arena) { *arena = (Arena){.chunk_bytes = ARENA_FIRST_CHUNK}; }

static bool arena_grow(Arena *arena, size_t size_bytes)
{
    size_t wanted = arena->chunk_bytes;
    size_t needed = size_bytes + ARENA_ALIGN + sizeof(ArenaChunk);
    if (wanted < needed) {
        wanted = needed;
    }
    ArenaChunk *chunk = rt_malloc(wanted);
    if (chunk == NULL) {
        return false;
    }
    chunk->older = arena->chunks;
    chunk->size_bytes = wanted;
    arena->chunks = chunk;
    uintptr_t first = ((uintptr_t)(chunk + 1) + ARENA_ALIGN - 1) & ~(uintptr_t)(ARENA_ALIGN - 1);
    arena->next = (char *)first;
    arena->limit = (char *)chunk + wanted;
    if (arena->chunk_bytes < ARENA_LARGEST_CHUNK) {
        arena->chunk_bytes *= 2;
    }
    return true;
}

void *arena_alloc(Arena *arena, size_t size_bytes)
{
    if (size_bytes > PTRDIFF_MAX / 2) {
        return NULL;
    }
    size_t rounded = (size_bytes + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    if (arena->next == NULL || (size_t)(arena->limit - arena->next) < rounded) {
        if (!arena_grow(arena, rounded)) {
            return NULL;
        }
    }
    char *block = arena->next;
    arena->next += rounded;
    memset(block, 0, rounded);
    return block;
}

void arena_clear(Arena *arena)
{
    ArenaChunk *chunk = arena->chunks;
    while (chunk != NULL) {
        ArenaChunk *older = chunk->older;
        rt_free(chunk);
        chunk = older;
    }
    arena_init(arena);
}
