/*
 * The hash of the sources that a stencil table was made from: FNV-1a, 64 bits, over the files'
 * contents in the order of stencils/meson.build.  Shared by stencilgen and by the check that runs
 * where LLVM is not at hand.
 */
#ifndef ADDER_TOOLS_STENCILGEN_HASH_H
#define ADDER_TOOLS_STENCILGEN_HASH_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t sg_hash_start(void) { return 0xcbf29ce484222325u; }
static inline uint64_t sg_hash_add(uint64_t hash, const char *data, size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes; i++) {
        hash = (hash ^ (uint8_t)data[i]) * 0x100000001b3u;
    }
    return hash;
}

#endif
