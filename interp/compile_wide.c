/*
 * Compile, wide code: a unit whose distances do not fit 16 bits gets islands.
 *
 * The code is cut into blocks of some thousand words.  Behind each block lies an island, which the code
 * before it jumps over (JMP_WIDE with a = 1): first a JMP_WIDE for each label that a jump of the block
 * cannot reach, to which that jump leads, then copies of the constants that the block uses (borrowed:
 * the pool at the end of the code owns them).  JMP and JMPB that go far become wide themselves.
 *
 * Invariant: in the block and its island all distances fit, and so do those of NEAR_MAX words, whatever
 * island lies between.
 *
 * Threads: no shared state.
 */
#include <assert.h>

#include "interp/compile.h"

enum {
    BLOCK_WORDS = 8000,
    NEAR_MAX = 4000, /* in words of the code without islands */
    WORST_ISLAND = 1 + BLOCK_WORDS + 2 * BLOCK_WORDS,
};
_Static_assert(BLOCK_WORDS + 8 + WORST_ISLAND <= INT16_MAX, "a block reaches all of its island");
_Static_assert(NEAR_MAX + 8 + WORST_ISLAND <= INT16_MAX, "near is near across an island");

typedef struct Wide {
    Compiler *c;
    Unit *u;
    uint32_t *map;        /* old index -> new; count + 1 of them */
    uint32_t *label_slot; /* of the block at hand: index of the label's jump in its island */
    uint32_t *const_slot; /* ... and of the constant's copy, behind the jumps */
    uint32_t *label_block, *const_block;       /* for which block (from 1) these hold */
    uint32_t block, start, end, jumps, consts; /* the block at hand, and its island */
    Insn *out;
} Wide;

static uint16_t distance(uint32_t from, uint32_t to)
{
    int64_t d = (int64_t)to - (int64_t)from;
    assert(d >= INT16_MIN && d <= INT16_MAX);
    return (uint16_t)(int16_t)d;
}

static Insn wide_jump(uint16_t op, uint16_t a, uint32_t from, uint32_t to)
{
    uint32_t d = to - from;
    return (Insn){op, a, (uint16_t)d, (uint16_t)(d >> 16)};
}

static uint32_t next_insn(const Unit *u, uint32_t pc)
{
    return pc + 1u + bytecode_info[u->insns[pc].op].cache;
}

static bool is_near(const Wide *w, uint32_t pc, uint32_t target)
{
    uint32_t d = target > pc ? target - pc : pc - target;
    return d <= NEAR_MAX || (target >= w->start && target < w->end);
}

static bool has_wide_form(uint16_t op) { return op == BC_JMP || op == BC_JMPB; }

static void use_constant(Wide *w, uint32_t k)
{
    if (w->const_block[k] != w->block) {
        w->const_block[k] = w->block;
        w->const_slot[k] = w->consts++;
    }
}

/* What the block from w->start on needs in its island. */
static void measure(Wide *w)
{
    const Unit *u = w->u;
    uint32_t pc = w->start;
    while (pc < u->count && pc - w->start < BLOCK_WORDS) {
        pc = next_insn(u, pc);
    }
    w->end = pc;
    w->block++;
    w->jumps = w->consts = 0;
    for (pc = w->start; pc < w->end; pc = next_insn(u, pc)) {
        const Fix *f = &u->fixes[pc];
        if ((f->kinds & FIX_LABEL) != 0 && !has_wide_form(u->insns[pc].op) &&
            !is_near(w, pc, u->labels[f->label]) && w->label_block[f->label] != w->block) {
            w->label_block[f->label] = w->block;
            w->label_slot[f->label] = w->jumps++;
        }
        if ((f->kinds & (FIX_CONST_B | FIX_CONST_C)) != 0) {
            use_constant(w, f->constant);
        }
    }
}

static uint32_t island_words(const Wide *w)
{
    uint32_t content = w->jumps + w->consts;
    return content == 0 ? 0 : content + 1;
}

/* Fills map. returns: words of the wide code. */
static uint32_t lay_out(Wide *w)
{
    uint32_t at = 0;
    for (w->start = 0; w->start < w->u->count; w->start = w->end) {
        measure(w);
        for (uint32_t pc = w->start; pc < w->end; pc++) {
            w->map[pc] = at++;
        }
        at += island_words(w);
    }
    w->map[w->u->count] = at;
    return at;
}

static void put_insn(Wide *w, uint32_t pc, uint32_t island)
{
    const Unit *u = w->u;
    const Fix *f = &u->fixes[pc];
    uint32_t at = w->map[pc];
    Insn insn = u->insns[pc];
    if ((f->kinds & FIX_LABEL) != 0) {
        uint32_t target = w->map[u->labels[f->label]];
        if (is_near(w, pc, u->labels[f->label])) {
            insn.c = distance(at, target);
        } else if (has_wide_form(insn.op)) {
            insn = wide_jump(insn.op == BC_JMP ? BC_JMP_WIDE : BC_JMPB_WIDE, 0, at, target);
        } else {
            insn.c = distance(at, island + 1 + w->label_slot[f->label]);
        }
    }
    if ((f->kinds & (FIX_CONST_B | FIX_CONST_C)) != 0) {
        uint16_t d = distance(at, island + 1 + w->jumps + w->const_slot[f->constant]);
        *((f->kinds & FIX_CONST_B) != 0 ? &insn.b : &insn.c) = d;
    }
    w->out[at] = insn;
    for (uint32_t i = 1; i < next_insn(u, pc) - pc; i++) { /* caches */
        w->out[at + i] = (Insn){0, 0, 0, 0};
    }
}

static void put_block(Wide *w)
{
    const Unit *u = w->u;
    uint32_t island = w->map[w->end - 1] + 1, words = island_words(w);
    for (uint32_t pc = w->start; pc < w->end; pc = next_insn(u, pc)) {
        put_insn(w, pc, island);
        const Fix *f = &u->fixes[pc];
        if ((f->kinds & FIX_LABEL) != 0 && w->label_block[f->label] == w->block) {
            uint32_t at = island + 1 + w->label_slot[f->label];
            w->out[at] = wide_jump(BC_JMP_WIDE, 0, at, w->map[u->labels[f->label]]);
        }
        if ((f->kinds & (FIX_CONST_B | FIX_CONST_C)) != 0) {
            uint32_t at = island + 1 + w->jumps + w->const_slot[f->constant];
            memcpy(&w->out[at], &u->consts[f->constant], sizeof(Value));
        }
    }
    if (words > 0) {
        w->out[island] = wide_jump(BC_JMP_WIDE, 1, island, island + words);
    }
}

/* All that names instructions by index. */
static void move_indices(Wide *w)
{
    Unit *u = w->u;
    const uint32_t *map = w->map;
    for (uint32_t i = 0; i < u->label_count; i++) {
        u->labels[i] = u->labels[i] == UINT32_MAX ? UINT32_MAX : map[u->labels[i]];
    }
    for (uint32_t i = 0; i < u->position_count; i++) {
        u->positions[i].start = map[u->positions[i].start];
    }
    for (uint32_t i = 0; i < u->handler_count; i++) {
        u->handlers[i].start = map[u->handlers[i].start];
        u->handlers[i].end = map[u->handlers[i].end];
    }
    for (uint32_t i = 0; i < u->live_count; i++) {
        u->live[i].start = map[u->live[i].start];
        u->live[i].end = map[u->live[i].end];
    }
    for (uint32_t i = 0; i < u->inlined_count; i++) {
        u->inlined[i].start = map[u->inlined[i].start];
        u->inlined[i].end = map[u->inlined[i].end];
    }
    for (uint32_t i = 0; i < u->inplace_count; i++) {
        u->inplace[i] = map[u->inplace[i]];
    }
}

static uint32_t *words(Compiler *c, uint32_t count)
{
    uint32_t *p = ast_alloc(c->ast, (count + 1) * sizeof *p); /* zeroed; dies with the tree */
    if (p == NULL) {
        compile_fail_memory(c);
    }
    return p;
}

void unit_widen(Compiler *c)
{
    Unit *u = c->unit;
    Wide w = {.c = c, .u = u};
    w.map = words(c, u->count);
    w.label_slot = words(c, u->label_count);
    w.label_block = words(c, u->label_count);
    w.const_slot = words(c, u->const_count);
    w.const_block = words(c, u->const_count);
    uint32_t count = lay_out(&w);
    w.out = rt_malloc((count + 1) * sizeof *w.out);
    if (w.out == NULL) {
        compile_fail_memory(c);
    }
    w.block = 0;
    memset(w.label_block, 0, u->label_count * sizeof *w.label_block);
    memset(w.const_block, 0, u->const_count * sizeof *w.const_block);
    for (w.start = 0; w.start < u->count; w.start = w.end) {
        measure(&w);
        put_block(&w);
    }
    move_indices(&w);
    rt_free(u->insns);
    u->insns = w.out;
    u->count = count;
}
