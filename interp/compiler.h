/*
 * Compiler: syntax tree to Code, in two walks: scopes (symtable.c), then code (compile_*.c).
 *
 * What is not compiled yet is refused with one line that names the feature, file and line
 * (a SyntaxError whose message begins "Adder does not compile ... yet").
 * Threads: any; no shared state.
 */
#ifndef ADDER_INTERP_COMPILER_H
#define ADDER_INTERP_COMPILER_H

#include "interp/code.h"
#include "interp/frontend/parse.h"

/* Compiles a module (PARSE_EXEC). source text is borrowed. owns: new Code value.
 * fails: absent with SyntaxError (details in extra: filename, line, offset, text, end), MemoryError. */
Value compile_module(Thread *th, const char *source, size_t size_bytes, const char *file_name);

#endif
