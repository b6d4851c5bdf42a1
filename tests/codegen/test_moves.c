/*
 * Parallel moves on random location maps, against a simulator: registers, vector registers and spill
 * slots, constants, cycles of every kind.  The moves are compiled by cg_parallel_move into code that
 * is run on random contents.
 */
#include <sys/mman.h>

#include "tests/codegen/random_trace.h"

#include "codegen/internal.h"

enum { SLOTS = 24, MOVES_MAX = 40 };

typedef struct Machine {
    uint64_t reg[REG_COUNT], slot[SLOTS];
} Machine;

void run_moves(Machine *m, const void *code);
extern const uint8_t moves_done[];
__asm__(".text\nrun_moves:\n"
        "push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
        "push %rsi; push %rdi; sub $2056, %rsp\n"
        "mov %rdi, %rax; lea 256(%rdi), %rsi; mov %rsp, %rdi; mov $24, %ecx; rep movsq\n"
        "mov %rax, %rdi\n"
        ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
        "movsd 128+8*\\n(%rdi), %xmm\\n\n.endr\n"
        "mov 0(%rdi), %rax; mov 8(%rdi), %rcx; mov 16(%rdi), %rdx; mov 24(%rdi), %rbx\n"
        "mov 40(%rdi), %rbp; mov 48(%rdi), %rsi; mov 64(%rdi), %r8; mov 72(%rdi), %r9\n"
        "mov 80(%rdi), %r10; mov 88(%rdi), %r11; mov 96(%rdi), %r12; mov 104(%rdi), %r13\n"
        "mov 112(%rdi), %r14; mov 120(%rdi), %r15; mov 56(%rdi), %rdi\n"
        "jmp *2064(%rsp)\n"
        ".globl moves_done\nmoves_done:\n"
        "push %rax; mov 2064(%rsp), %rax\n"
        "mov %rcx, 8(%rax); mov %rdx, 16(%rax); mov %rbx, 24(%rax); mov %rbp, 40(%rax)\n"
        "mov %rsi, 48(%rax); mov %rdi, 56(%rax); mov %r8, 64(%rax); mov %r9, 72(%rax)\n"
        "mov %r10, 80(%rax); mov %r11, 88(%rax); mov %r12, 96(%rax); mov %r13, 104(%rax)\n"
        "mov %r14, 112(%rax); mov %r15, 120(%rax)\n"
        ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
        "movsd %xmm\\n, 128+8*\\n(%rax)\n.endr\n"
        "pop %rcx; mov %rcx, 0(%rax)\n"
        "lea 256(%rax), %rdi; mov %rsp, %rsi; mov $24, %ecx; rep movsq\n"
        "add $2056, %rsp; pop %rdi; pop %rsi\n"
        "pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx; ret\n");

static CgPlace random_place(Random *r, bool vector, bool constant)
{
    if (constant && rnd(r, 8) == 0) {
        return (
            CgPlace){.kind = CG_CONST, .vector = vector, .bits = rnd(r, 3) ? rnd(r, 100000) : 0};
    }
    if (rnd(r, 3) == 0) {
        return (CgPlace){.kind = CG_SPILL, .vector = vector, .index = (uint16_t)rnd(r, SLOTS)};
    }
    uint32_t allowed = vector ? REGS_VECTOR : REGS_GENERAL;
    uint32_t reg;
    do {
        reg = rnd(r, REG_COUNT);
    } while ((allowed >> reg & 1) == 0);
    return cg_register_place((int)reg);
}

/* Distinct destinations; sources may repeat. A dense share of the moves makes cycles common. */
static uint32_t random_moves(Random *r, CgMove *moves)
{
    bool taken_reg[REG_COUNT] = {false}, taken_slot[SLOTS] = {false};
    uint32_t count = 0;
    for (uint32_t i = rnd(r, MOVES_MAX) + 1; i > 0; i--) {
        bool vector = rnd(r, 2);
        CgPlace to = random_place(r, vector, false);
        bool *taken = to.kind == CG_SPILL ? &taken_slot[to.index] : &taken_reg[to.index];
        if (*taken) {
            continue;
        }
        *taken = true;
        moves[count++] = (CgMove){to, random_place(r, vector, true)};
    }
    if (rnd(r, 2)) { /* a permutation of the destinations: only cycles */
        for (uint32_t i = 0; i < count; i++) {
            uint32_t j = rnd(r, count);
            if (moves[i].to.vector == moves[j].to.vector &&
                (moves[i].to.kind != CG_GPR || moves[j].to.kind != CG_GPR ||
                 (moves[i].to.index >= REG_XMM0) == (moves[j].to.index >= REG_XMM0))) {
                moves[i].from = moves[j].to;
            }
        }
    }
    return count;
}

static uint64_t read_place(const Machine *m, const CgPlace *p)
{
    return p->kind == CG_CONST   ? p->bits
           : p->kind == CG_SPILL ? m->slot[p->index]
                                 : m->reg[p->index];
}

static void random_maps(void **state)
{
    (void)state;
    uint8_t *code = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE | PROT_EXEC,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    assert_true(code != MAP_FAILED);
    const StencilTable *tables[] = {&st_table_avx, &st_table_sse};
    Random r = {12345};
    for (int i = 0; i < 40000; i++) {
        const StencilTable *table = tables[i % 2];
        if (table == &st_table_avx && st_table_for_cpu() != table) {
            continue;
        }
        Cg cg = {.arena = arena, .table = table, .start = code, .p = code, .limit = code + 60000};
        cg.data = cg.data_next = code + 60000;
        cg.data_limit = code + 65536;
        CgMove moves[MOVES_MAX], given[MOVES_MAX];
        uint32_t count = random_moves(&r, moves);
        memcpy(given, moves, sizeof moves);
        cg_parallel_move(&cg, moves, count);
        cg_put(&cg, ST_jump_nnn, (uint8_t[STENCIL_ROLES]){0}, &(CgArgs){.target = moves_done});
        assert_int_equal(cg.status, CG_OK);
        Machine before, after, expected;
        for (size_t k = 0; k < sizeof before / 8; k++) {
            ((uint64_t *)(void *)&before)[k] = (uint64_t)i << 32 | (k + 1);
        }
        expected = before;
        for (uint32_t k = 0; k < count; k++) {
            uint64_t v = read_place(&before, &given[k].from);
            if (given[k].to.kind == CG_SPILL) {
                expected.slot[given[k].to.index] = v;
            } else {
                expected.reg[given[k].to.index] = v;
            }
        }
        after = before;
        run_moves(&after, code);
        after.reg[REG_RSP] = expected.reg[REG_RSP];
        if (memcmp(&after, &expected, sizeof after) != 0) {
            fail_msg("map %d (%u moves, table %s) went wrong", i, count, table->name);
        }
    }
    munmap(code, 1 << 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_maps),
    };
    return cmocka_run_group_tests(tests, codegen_setup, codegen_teardown);
}
