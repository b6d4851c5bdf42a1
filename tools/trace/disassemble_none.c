/*
 * Disassemble, where capstone was not at hand at build time: bytes, no assembly.
 *
 * Threads: any.
 */
#include "tools/trace/trace.h"

const char *const decoder_missing = "built without libcapstone: bytes only";

bool decoder_open(void) { return true; }

void decoder_close(void) {}

bool decode(const uint8_t *at, size_t left, uint64_t address, Decoded *out)
{
    (void)at;
    (void)left;
    (void)address;
    *out = (Decoded){0};
    return false;
}
