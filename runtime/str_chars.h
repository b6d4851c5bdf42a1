/*
 * Case of single characters, as CPython 3.11's str methods see it.  The other predicates are
 * declared in runtime/str_internal.h.  Private to the str_*.c files.
 *
 * Threads: pure functions.
 */
#ifndef ADDER_RUNTIME_STR_CHARS_H
#define ADDER_RUNTIME_STR_CHARS_H

#include <stdbool.h>
#include <stdint.h>

bool char_is_lower(uint32_t c);
bool char_is_upper(uint32_t c);
bool char_is_title(uint32_t c);
bool char_is_case_ignorable(uint32_t c);
/* Full mappings: write 1 to 3 characters into out, return how many. */
int char_to_upper(uint32_t c, uint32_t out[3]);
int char_to_lower(uint32_t c, uint32_t out[3]);
int char_to_title(uint32_t c, uint32_t out[3]);
int char_to_folded(uint32_t c, uint32_t out[3]);

#endif
