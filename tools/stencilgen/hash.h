/*
 * The hash of the sources that a stencil table was made from: FNV-1a, 64 bits, over the C tokens of
 * the files in the order of stencils/meson.build.  Comments, white space and how a long string is
 * broken into parts do not count, so that a reformat leaves the kept tables valid; the end of a
 * preprocessor line does, and whether a macro's name is followed by its parameters.  Shared by
 * stencilgen and by the check that runs where LLVM is not at hand.
 *
 * Threads: pure functions.
 */
#ifndef ADDER_TOOLS_STENCILGEN_HASH_H
#define ADDER_TOOLS_STENCILGEN_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t sg_hash_start(void);
/* Adds one source file. */
uint64_t sg_hash_source(uint64_t hash, const char *text, size_t size_bytes);

#endif
