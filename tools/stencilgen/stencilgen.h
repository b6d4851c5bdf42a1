/*
 * stencilgen: cuts the stencils out of what LLVM makes of stencils/stencils.c.
 *
 * The way of one table:
 *
 *     bitcode -> assembly text (llvm.c) -> functions, peephole, normalised lines (text.c)
 *     -> one source of all register variants -> object (llvm.c) -> bytes and relocations (object.c)
 *     -> holes as XOR tables, checks (cut.c) -> C source (write.c)
 *
 * A build tool: it runs once, so it allocates freely, frees little, and stops at the first error
 * with one line that names the stencil (sg_fail).
 */
#ifndef ADDER_TOOLS_STENCILGEN_H
#define ADDER_TOOLS_STENCILGEN_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "stencils/stencil.h"

_Noreturn void sg_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
void *sg_alloc(size_t size_bytes);                        /* zeroed; stops when out of memory */
char *sg_read_file(const char *path, size_t *size_bytes); /* zero-terminated */
char *sg_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A growing text. */
typedef struct SgText {
    char *data;
    size_t length, capacity;
} SgText;
void sg_append(SgText *t, const char *text);
void sg_appendf(SgText *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- llvm.c ---------------------------------------------------------------------------------- */
/* Assembly text of a bitcode file, with the ranges of the immediate holes declared. */
char *sg_bitcode_to_assembly(const char *path, const char *features);
/* Object file of an assembly source. */
uint8_t *sg_assemble(const char *source, size_t length, size_t *size_bytes);
/* One instruction as text; returns its length. */
size_t sg_disassemble(const uint8_t *code, size_t length, uint64_t address, char *text,
                      size_t size);

/* ---- text.c ---------------------------------------------------------------------------------- */
enum { SG_LINES = 160, SG_GPR = 0, SG_XMM = 1 };
typedef struct SgFunction {
    char *name; /* without st_ */
    char *lines[SG_LINES];
    int count;
} SgFunction;
typedef struct SgLiteral {
    char *label;
    uint64_t words[2];
    int count;
} SgLiteral;
typedef struct SgSource {
    SgFunction *functions;
    int function_count;
    SgLiteral *literals;
    int literal_count;
} SgSource;
/* Functions st_* and .LCPI literals of an assembly text. */
SgSource sg_parse(const char *text);
/* Exits by conditional jumps, the way on at the end, short jumps to LCONT. */
void sg_peephole(SgFunction *f);
/* Constants that fit no imm32 become literals in memory (wide.c). */
void sg_wide_constants(SgSource *s, SgFunction *f);
/* Encodings whose length does not depend on the register. */
void sg_normalise(SgFunction *f);
/* Calls back for each register name of a line: class, number, size (0 64-bit .. 3 8-bit). */
typedef struct SgRegister {
    int class, number, size;
    const char *start; /* at the % */
    size_t length;
} SgRegister;
/* The next register at or after *at; false at the end. Stack and instruction pointer are left out. */
bool sg_next_register(const char **at, SgRegister *out);
const char *sg_register_name(int class, int number, int size);
/* Implicit registers of an instruction (mask), e.g. rax and rdx of idiv. */
uint16_t sg_implicit(const char *line);
/* Appends the function with its registers replaced, as label "v$TAG" .. "e$TAG". */
void sg_emit_variant(SgText *out, const SgFunction *f, const char *tag,
                     const int8_t replace[2][16]);

/* ---- object.c -------------------------------------------------------------------------------- */
typedef struct SgReloc {
    uint32_t offset, type;
    const char *symbol;
    int64_t addend;
} SgReloc;
typedef struct SgVariant {
    const char *tag;
    const uint8_t *code;
    uint32_t length;
    SgReloc *relocs;
    uint32_t reloc_count;
} SgVariant;
typedef struct SgObject {
    SgVariant *variants; /* sorted by tag */
    uint32_t count;
} SgObject;
SgObject sg_read_object(const uint8_t *data, size_t size_bytes);
const SgVariant *sg_find_variant(const SgObject *o, const char *tag);

/* ---- cut.c ----------------------------------------------------------------------------------- */
typedef struct SgTable {
    const char *name;
    Stencil stencils[ST_COUNT];
    uint8_t *code;
    StencilHole *holes;
    StencilPatch *patches;
    uint8_t (*xors)[16];
    uint64_t *literals;
    uint32_t code_bytes, hole_count, patch_count, xor_count, literal_words;
} SgTable;
/* Cuts all stencils of a bitcode file; every check of stencil.h's invariant that needs no run. */
void sg_cut(SgTable *out, const char *name, const char *bitcode_path, const char *features);

/* ---- write.c --------------------------------------------------------------------------------- */
/* The C source of the tables. hash: of the source files. */
void sg_write(SgText *out, const SgTable *tables, int count, uint64_t hash);
/* Prints all stencils with their roles, holes and disassembly. */
void sg_list(const SgTable *table);

#endif
