/*
 * Source carets: the marks below a traceback's source line.
 *
 * Threads: no shared state.
 */
#ifndef ADDER_INTERP_SOURCE_CARETS_H
#define ADDER_INTERP_SOURCE_CARETS_H

#include "interp/code.h"

/* The marks for a position in a line (with its indentation, without newline), to be printed below
 * the line without its indentation. owns: rt_malloc'ed. fails: NULL: no marks are due. */
char *source_carets(const char *line, const CodePosition *position);

#endif
