/*
 * What the files of ir share among themselves; nobody else includes it.
 */
#ifndef ADDER_IR_INTERNAL_H
#define ADDER_IR_INTERNAL_H

#include "ir/ir.h"
#include "runtime/containers.h"

/* A tuple of count items that are all absent; count > 0. owns: new. fails: absent, MemoryError. */
Value ir_make_tuple(Thread *th, int32_t count);
/* A cell that holds v. owns: new; v is stolen on success only. fails: absent, MemoryError. */
Value ir_make_cell(Thread *th, Value v);

/* The word of a constant or of a uop's result. */
static inline IrWord ir_word(const IrTrace *t, const IrWord *values, IrRef r)
{
    if (__builtin_expect((r & IR_REF_CONST) != 0, 0)) {
        return (IrWord){.i = (int64_t)t->consts[r & ~IR_REF_CONST].bits};
    }
    return values[r];
}

#endif
