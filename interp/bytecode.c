/*
 * Bytecode: the table of bytecodes, for all who read code without running it.
 *
 * Threads: immutable.
 */
#include "interp/code.h"

/* Operand letters as characters. */
#define OPERAND_D 'D'
#define OPERAND_T 'T'
#define OPERAND_R 'R'
#define OPERAND_L 'L'
#define OPERAND_S 'S'
#define OPERAND_K 'K'
#define OPERAND_I 'I'
#define OPERAND_J 'J'
#define OPERAND_U 'U'
#define OPERAND_N 'N'

const BytecodeInfo bytecode_info[BC_COUNT] = {
#define BC(name, a, b, c, cache, text) {#name, text, OPERAND_##a, OPERAND_##b, OPERAND_##c, cache},
#include "interp/bytecode.def"
#undef BC
};

const CodePosition *code_position(const Code *code, uint32_t insn)
{
    uint32_t low = 0;
    uint32_t high = code->position_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (code->positions[middle].start <= insn) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low == 0 ? NULL : &code->positions[low - 1];
}
