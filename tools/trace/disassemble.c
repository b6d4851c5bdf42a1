/*
 * Disassemble: capstone's view of one instruction, as far as machine.c asks.
 *
 * Threads: main; one decoder.
 */
#include <capstone/capstone.h>
#include <stdio.h>
#include <string.h>

#include "tools/trace/trace.h"

const char *const decoder_missing = NULL;

static csh handle;
static cs_insn *insn;

bool decoder_open(void)
{
    if (cs_open(CS_ARCH_X86, CS_MODE_64, &handle) != CS_ERR_OK) {
        return false;
    }
    cs_option(handle, CS_OPT_DETAIL, CS_OPT_ON);
    insn = cs_malloc(handle);
    if (insn == NULL) {
        cs_close(&handle);
    }
    return insn != NULL;
}

void decoder_close(void)
{
    if (insn != NULL) {
        cs_free(insn, 1);
        insn = NULL;
        cs_close(&handle);
    }
}

/* "qword ptr [" says no more than "qword [". */
static void put_text(Decoded *out)
{
    char operands[sizeof insn->op_str];
    size_t n = 0;
    for (const char *p = insn->op_str; *p != '\0'; p++) {
        if (strncmp(p, "ptr ", 4) == 0) {
            p += 3;
            continue;
        }
        operands[n++] = *p;
    }
    operands[n] = '\0';
    snprintf(out->text, sizeof out->text, n > 0 ? "%s %s" : "%s%s", insn->mnemonic, operands);
}

static void take_operand(const cs_x86_op *o, Decoded *out)
{
    if (o->type == X86_OP_REG) {
        out->is_float |= o->reg >= X86_REG_XMM0 && o->reg <= X86_REG_XMM15;
    } else if (o->type == X86_OP_IMM && (out->is_branch || out->is_call)) {
        out->has_target = true;
        out->target = (uint64_t)o->imm;
    } else if (o->type == X86_OP_IMM) {
        out->has_immediate = true;
        out->immediate = o->imm;
    } else if (o->type == X86_OP_MEM) {
        out->has_memory = true;
        out->disp = o->mem.disp;
        out->memory = insn->address + insn->size + (uint64_t)o->mem.disp;
        out->base = o->mem.base == X86_REG_RIP   ? BASE_RIP
                    : o->mem.base == X86_REG_RBX ? BASE_FRAME
                    : o->mem.base == X86_REG_RSP ? BASE_STACK
                    : o->mem.base == X86_REG_R15 ? BASE_THREAD
                                                 : BASE_OTHER;
        if (o->mem.index != X86_REG_INVALID && o->mem.index != X86_REG_RIZ) {
            out->base = BASE_OTHER;
        }
    }
}

bool decode(const uint8_t *at, size_t left, uint64_t address, Decoded *out)
{
    *out = (Decoded){0};
    if (!cs_disasm_iter(handle, &at, &left, &address, insn)) {
        return false;
    }
    out->size = insn->size;
    put_text(out);
    const cs_x86 *x86 = &insn->detail->x86;
    for (int i = 0; i < insn->detail->groups_count; i++) {
        out->is_branch |= insn->detail->groups[i] == X86_GRP_JUMP;
        out->is_call |= insn->detail->groups[i] == X86_GRP_CALL;
    }
    for (int i = 0; i < x86->op_count; i++) {
        take_operand(&x86->operands[i], out);
    }
    return true;
}
