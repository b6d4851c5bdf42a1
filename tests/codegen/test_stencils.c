/*
 * Every stencil against its C body: all registers of each role, aliased registers, edge values.
 *
 * A stencil is copied and patched here (not by codegen), run with all registers loaded, and what it
 * leaves is compared: exit taken, result, memory, and that every register but result, scratch and
 * clobbers is as before.  Then faults are seeded into copies of the table; each must be seen.
 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/codegen/support.h"

#include "ir/ops/ops.h"
#include "runtime/containers.h"
#include "stencils/stencil.h"

enum { BLOCK_WORDS = 128, SPILL_WORDS = 64, CODE_BYTES = 4096 };

typedef struct Context { /* the assembly below knows the offsets */
    uint64_t g[16];
    double x[16];
    uint64_t exit;
    uint64_t spill[SPILL_WORDS];
} Context;
_Static_assert(offsetof(Context, x) == 128 && offsetof(Context, exit) == 256 &&
                   offsetof(Context, spill) == 264 && SPILL_WORDS * 8 == 512,
               "offsets");

void run_code(Context *c, const void *code);
extern const uint8_t run_done[], run_left[], run_return[], run_leave[];

__asm__(".text\n.globl run_code\nrun_code:\n"
        "push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15; push %rdi; push %rsi\n"
        "sub $520, %rsp\n"
        "mov %rdi, %r12; lea 264(%rdi), %rsi; mov %rsp, %rdi; mov $64, %ecx; rep movsq\n"
        "mov %r12, %rdi\n"
        "movsd 128(%rdi), %xmm0; movsd 136(%rdi), %xmm1; movsd 144(%rdi), %xmm2\n"
        "movsd 152(%rdi), %xmm3; movsd 160(%rdi), %xmm4; movsd 168(%rdi), %xmm5\n"
        "movsd 176(%rdi), %xmm6; movsd 184(%rdi), %xmm7; movsd 192(%rdi), %xmm8\n"
        "movsd 200(%rdi), %xmm9; movsd 208(%rdi), %xmm10; movsd 216(%rdi), %xmm11\n"
        "movsd 224(%rdi), %xmm12; movsd 232(%rdi), %xmm13; movsd 240(%rdi), %xmm14\n"
        "movsd 248(%rdi), %xmm15\n"
        "mov 0(%rdi), %rax; mov 8(%rdi), %rcx; mov 16(%rdi), %rdx; mov 24(%rdi), %rbx\n"
        "mov 40(%rdi), %rbp; mov 48(%rdi), %rsi; mov 64(%rdi), %r8; mov 72(%rdi), %r9\n"
        "mov 80(%rdi), %r10; mov 88(%rdi), %r11; mov 96(%rdi), %r12; mov 104(%rdi), %r13\n"
        "mov 112(%rdi), %r14; mov 120(%rdi), %r15; mov 56(%rdi), %rdi\n"
        "jmp *520(%rsp)\n"
        ".globl run_return\nrun_return: ret\n"
        ".globl run_leave\nrun_leave: lea 8(%rsp), %rsp\n"
        ".globl run_left\nrun_left: push $1; jmp 1f\n"
        ".globl run_done\nrun_done: push $0\n"
        "1: push %rax; mov 544(%rsp), %rax\n"
        "mov %rcx, 8(%rax); mov %rdx, 16(%rax); mov %rbx, 24(%rax); mov %rbp, 40(%rax)\n"
        "mov %rsi, 48(%rax); mov %rdi, 56(%rax); mov %r8, 64(%rax); mov %r9, 72(%rax)\n"
        "mov %r10, 80(%rax); mov %r11, 88(%rax); mov %r12, 96(%rax); mov %r13, 104(%rax)\n"
        "mov %r14, 112(%rax); mov %r15, 120(%rax)\n"
        "movsd %xmm0, 128(%rax); movsd %xmm1, 136(%rax); movsd %xmm2, 144(%rax)\n"
        "movsd %xmm3, 152(%rax); movsd %xmm4, 160(%rax); movsd %xmm5, 168(%rax)\n"
        "movsd %xmm6, 176(%rax); movsd %xmm7, 184(%rax); movsd %xmm8, 192(%rax)\n"
        "movsd %xmm9, 200(%rax); movsd %xmm10, 208(%rax); movsd %xmm11, 216(%rax)\n"
        "movsd %xmm12, 224(%rax); movsd %xmm13, 232(%rax); movsd %xmm14, 240(%rax)\n"
        "movsd %xmm15, 248(%rax)\n"
        "pop %rcx; mov %rcx, 0(%rax); pop %rcx; mov %rcx, 256(%rax)\n"
        "lea 264(%rax), %rdi; mov %rsp, %rsi; mov $64, %ecx; rep movsq\n"
        "add $520, %rsp\n"
        "pop %rsi; pop %rdi; pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx; ret\n");

/* ---- values ------------------------------------------------------------------------------------------- */

static uint8_t *code; /* memory that is written and run, below 2 GiB */
static uint64_t block[BLOCK_WORDS], saved[BLOCK_WORDS]; /* what pointers point into */
static uint64_t pool_word;
static int64_t powers[64]; /* of a constant base */
static const void *slot_word;
static uint64_t seed_state = 88172645463325252u;

static uint64_t rnd(void)
{
    seed_state ^= seed_state << 13;
    seed_state ^= seed_state >> 7;
    seed_state ^= seed_state << 17;
    return seed_state;
}
static uint32_t below(uint32_t n) { return (uint32_t)(rnd() >> 20) % n; }

static uint64_t some_int(void)
{
    switch (below(9)) {
    case 0: return below(5) - 2u;
    case 1: return (uint64_t)INT64_MIN;
    case 2: return INT64_MAX;
    case 3: return rnd();
    case 4: return below(64);
    case 5: return (uint64_t)((int64_t)rnd() >> below(64));
    case 6: return (uint64_t)-(int64_t)below(64);
    case 7: return (uint64_t)SMALL_INT_MAX + below(3) - 1;
    default: return (uint64_t)(int64_t)below(1000) - 500;
    }
}

static double some_float(void)
{
    static const double edges[] = {0.0,   -0.0,   1.0, -1.5, 0x1p63, -0x1p63, 0x1.fffffffffffffp62,
                                   1e308, -1e-310};
    switch (below(6)) {
    case 0: return edges[below(9)];
    case 1: return __builtin_nan("");
    case 2: return below(2) ? __builtin_inf() : -__builtin_inf();
    case 3: return (double)(int64_t)rnd();
    case 4: return (double)below(9) - 4;
    default: return (double)(int64_t)rnd() / 1e15;
    }
}

/* Object headers at the start of the block: every owner, count, type and size that bodies look at. */
static void fill_block(void)
{
    for (int i = 0; i < BLOCK_WORDS; i++) {
        block[i] = rnd();
    }
    for (int i = 0; i < BLOCK_WORDS; i += 8) {
        Object *o = (Object *)(void *)&block[i];
        const uint32_t owners[] = {thread->tid, thread->tid + 1, OWNER_IMMORTAL, OWNER_NONE};
        const uint32_t counts[] = {1, 2, 5, OBJECT_LOCAL_MAX - 1, OBJECT_LOCAL_MAX};
        o->owner = owners[below(3) ? 0 : below(4)];
        o->local = counts[below(5)];
        o->type_id = below(2) ? TYPE_INT : TYPE_LIST;
        block[i + 3] = (uint64_t)(int64_t)((int)below(5) - 2); /* Int.size */
        block[i + 4] = some_int();                             /* Int.limbs[0] */
    }
}

static uint64_t some_pointer(void) { return (uint64_t)(uintptr_t)&block[below(6) * 8]; }

static uint64_t some_value(void)
{
    switch (below(6)) {
    case 0: return value_from_double(some_float());
    case 1: return VALUE_IMMEDIATE + below(4);
    case 2: return 0;
    case 3: return value_from_small_int((int64_t)(rnd() >> 14) - (INT64_C(1) << 49));
    default: return some_pointer();
    }
}

/* Ops that read through operand a without asking. */
static bool wants_pointer(IrOp op)
{
    const char *n = ir_ops[op].name;
    return strncmp(n, "load_", 5) == 0 || strncmp(n, "store_", 6) == 0 ||
           strncmp(n, "init_", 5) == 0 || op == IR_guard_private || op == IR_lock_list ||
           op == IR_unlock_list;
}

/* ---- one run --------------------------------------------------------------------------------------------- */

typedef struct Case {
    const StencilTable *table;
    StencilId id;
    const StencilForm *form;
    const Stencil *s;
    int8_t reg[STENCIL_ROLES];
    IrWord w[3];
    int64_t k, m;
    const char *why; /* what was wrong */
    bool left;       /* the exit was taken */
} Case;

static bool is_vector_role(const Case *c, int role) { return (c->s->vectors >> role & 1) != 0; }

static bool has_role(const Case *c, int role)
{
    const char letters[3] = {c->form->a, c->form->b, c->form->c};
    if (role == ROLE_RESULT) {
        return c->form->result != 'N';
    }
    if (role <= ROLE_C) {
        return letters[role - ROLE_A] == 'i' || letters[role - ROLE_A] == 'f';
    }
    return role == ROLE_THREAD ? c->form->takes_thread : role < ROLE_SCRATCH + c->s->scratch_count;
}

static void random_registers(Case *c, int fixed_role, int fixed_reg)
{
    uint32_t used[2] = {1u << 4 | c->s->clobbers, 0};
    memset(c->reg, -1, sizeof c->reg);
    if (fixed_role >= 0) {
        c->reg[fixed_role] = (int8_t)fixed_reg;
        used[is_vector_role(c, fixed_role)] |= 1u << fixed_reg;
    }
    for (int role = 0; role < STENCIL_ROLES; role++) {
        if (!has_role(c, role) || role == fixed_role) {
            continue;
        }
        uint32_t r;
        do {
            r = below(16);
        } while ((used[is_vector_role(c, role)] >> r & 1) != 0);
        used[is_vector_role(c, role)] |= 1u << r;
        c->reg[role] = (int8_t)r;
    }
}

static bool is_tied(const StencilForm *f) { return f->a == 't' || f->a == 'u'; }

/* Now and then two inputs in one register, or an input in the result's. */
static void alias_registers(Case *c)
{
    bool swap = strncmp(c->form->name, "swap", 4) == 0;
    bool memory = c->form->glue || wants_pointer((IrOp)c->form->op);
    for (int x = ROLE_A; x <= ROLE_C && !swap && !memory; x++) {
        for (int y = x + 1; y <= ROLE_C; y++) {
            if (has_role(c, x) && has_role(c, y) && is_vector_role(c, x) == is_vector_role(c, y) &&
                below(6) == 0) {
                c->reg[y] = c->reg[x];
                c->w[y - ROLE_A] = c->w[x - ROLE_A];
            }
        }
    }
    if (c->s->skip != 0 && c->reg[ROLE_A] != c->reg[ROLE_B] && below(3) == 0) {
        c->reg[ROLE_SCRATCH] = c->reg[ROLE_A];
    }
    int x = ROLE_A + (int)below(3);
    if (swap || c->form->result == 'N' || !has_role(c, x) || below(3) != 0 ||
        is_vector_role(c, x) != is_vector_role(c, ROLE_RESULT)) {
        return;
    }
    for (int y = ROLE_A; y <= ROLE_C; y++) {
        bool same = has_role(c, y) && c->reg[y] == c->reg[x] &&
                    is_vector_role(c, y) == is_vector_role(c, x);
        if (same && (c->s->early >> y & 1) != 0) {
            return;
        }
    }
    if (is_tied(c->form)) {
        if (x == ROLE_B) { /* both operands are the same value */
            c->reg[ROLE_B] = c->reg[ROLE_RESULT];
            c->w[1] = c->w[0];
        }
        return;
    }
    c->reg[ROLE_RESULT] = c->reg[x];
}

static void copy_code(const Case *c)
{
    const StencilTable *t = c->table;
    memcpy(code, t->code + c->s->code, c->s->length);
    for (int i = 0; i < c->s->hole_count; i++) {
        const StencilHole *h = &t->holes[c->s->hole + i];
        code[h->offset] ^= t->xors[h->xor_table][c->reg[h->role] & 15];
    }
    for (int i = 0; i < c->s->patch_count; i++) {
        const StencilPatch *p = &t->patches[c->s->patch + i];
        uint8_t *field = code + p->offset;
        const uint8_t *to = NULL;
        int64_t absolute = 0;
        switch ((StencilPatchKind)p->kind) {
        case PATCH_K32: absolute = c->form->b == 's' ? c->k * 8 : c->k; break;
        case PATCH_M32: absolute = c->form->imm == 'e' ? c->m * 8 : c->m; break;
        case PATCH_K8: *field = (uint8_t)c->k; continue;
        case PATCH_W64: memcpy(field, &pool_word, 8); continue;
        case PATCH_POOL:
            to = c->form->a == 'w' ? (const uint8_t *)powers : (const uint8_t *)&pool_word;
            break;
        case PATCH_LITERAL: to = (const uint8_t *)t->literals; break;
        case PATCH_EXIT: to = run_left; break;
        case PATCH_HELPER:
            to = strncmp(c->form->name, "leave", 5) == 0 ? run_leave : run_return;
            break;
        case PATCH_SLOT: to = (const uint8_t *)&slot_word; break;
        }
        int32_t word = (int32_t)(to != NULL ? (intptr_t)to + p->addend - (intptr_t)field
                                            : absolute + p->addend);
        memcpy(field, &word, 4);
    }
    if (c->s->skip != 0 && c->reg[ROLE_SCRATCH] == c->reg[ROLE_A]) {
        memset(code, 0x90, c->s->skip); /* may be left out then */
    }
    uint8_t *end = code + c->s->length;
    int32_t distance = (int32_t)(run_done - (end + 5));
    *end = 0xe9;
    memcpy(end + 1, &distance, 4);
}

static void load_inputs(const Case *c, Context *x)
{
    for (int i = 0; i < 16; i++) {
        x->g[i] = rnd();
        x->x[i] = double_from_bits(rnd() >> 2);
    }
    for (int i = 0; i < SPILL_WORDS; i++) {
        x->spill[i] = rnd();
    }
    for (int k = 0; k < 3; k++) {
        int role = k == 0 && is_tied(c->form) ? ROLE_RESULT : ROLE_A + k;
        if (role == ROLE_RESULT || has_role(c, role)) {
            if (is_vector_role(c, role)) {
                x->x[c->reg[role]] = c->w[k].f;
            } else {
                x->g[c->reg[role]] = (uint64_t)c->w[k].i;
            }
        }
    }
    if (c->form->takes_thread) {
        x->g[c->reg[ROLE_THREAD]] = (uint64_t)(uintptr_t)thread;
    }
}

/* What glue does: result, spill slots; true: goes on. */
static bool glue_body(const Case *c, IrWord *r, uint64_t *spill, IrWord *second)
{
    const char *n = c->form->name;
    if (strncmp(n, "move_", 5) == 0) {
        *r = c->w[0];
    } else if (strncmp(n, "swap_", 5) == 0) {
        *r = c->w[1];
        *second = c->w[0];
    } else if (strncmp(n, "const_zero", 10) == 0 || strncmp(n, "const_float_zero", 16) == 0) {
        r->i = 0;
    } else if (strncmp(n, "const_i32", 9) == 0) {
        r->i = c->k;
    } else if (strncmp(n, "const_u32", 9) == 0) {
        r->i = (uint32_t)c->k;
    } else if (strncmp(n, "const_", 6) == 0) {
        r->i = (int64_t)pool_word;
    } else if (strncmp(n, "spill_load", 10) == 0) {
        r->i = (int64_t)spill[c->m / 8];
    } else if (strncmp(n, "spill_store", 11) == 0) {
        spill[c->m / 8] = (uint64_t)c->w[0].i;
    } else if (strncmp(n, "spill_copy", 10) == 0) {
        spill[c->m / 8] = spill[c->k / 8];
    } else if (strncmp(n, "slot_load", 9) == 0) {
        memcpy(r, (const char *)(uintptr_t)c->w[0].i + c->m, 8);
    } else if (strncmp(n, "slot_store", 10) == 0) {
        memcpy((char *)(uintptr_t)c->w[0].i + c->m, &c->w[1], 8);
    } else {
        return strncmp(n, "call", 4) == 0; /* jump, jump_slot, leave */
    }
    return true;
}

static bool same_double(double a, double b) { return memcmp(&a, &b, 8) == 0 || (a != a && b != b); }

static const char *compare(const Case *c, const Context *before, const Context *after, bool leaves,
                           const IrWord *result, const IrWord *second, const uint64_t *spill)
{
    if ((after->exit != 0) != leaves) {
        return "exit";
    }
    if (memcmp(after->spill, spill, sizeof after->spill) != 0) {
        return "spill slots";
    }
    uint32_t written[2] = {c->s->clobbers | 1u << 4, 0};
    for (int role = 0; role < STENCIL_ROLES; role++) {
        if ((role == ROLE_RESULT || role >= ROLE_SCRATCH) && has_role(c, role)) {
            written[is_vector_role(c, role)] |= 1u << c->reg[role];
        }
    }
    bool swap = strncmp(c->form->name, "swap_", 5) == 0;
    if (swap) {
        written[is_vector_role(c, ROLE_B)] |= 1u << c->reg[ROLE_B];
    }
    for (int i = 0; i < 16; i++) {
        if (((written[0] >> i & 1) == 0 && before->g[i] != after->g[i]) ||
            ((written[1] >> i & 1) == 0 && memcmp(&before->x[i], &after->x[i], 8) != 0)) {
            return "another register";
        }
    }
    if (leaves || c->form->result == 'N') {
        return NULL;
    }
    bool right = is_vector_role(c, ROLE_RESULT)
                     ? same_double(after->x[c->reg[ROLE_RESULT]], result->f)
                     : after->g[c->reg[ROLE_RESULT]] == (uint64_t)result->i;
    if (swap) {
        right =
            right && (is_vector_role(c, ROLE_B) ? same_double(after->x[c->reg[ROLE_B]], second->f)
                                                : after->g[c->reg[ROLE_B]] == (uint64_t)second->i);
    }
    return right ? NULL : "result";
}

/* The operation must be undone by its opposite when it leaves (codegen's exit stubs rely on it). */
static const char *check_undo(const Case *c, const Context *after)
{
    bool add = strncmp(c->form->name, "add_int_ov", 10) == 0;
    bool sub = strncmp(c->form->name, "sub_int_ov", 10) == 0;
    if (after->exit == 0 || (!add && !sub) || c->reg[ROLE_B] == c->reg[ROLE_RESULT]) {
        return NULL;
    }
    uint64_t b = (uint64_t)c->w[1].i, r = after->g[c->reg[ROLE_RESULT]];
    return (add ? r - b : r + b) == (uint64_t)c->w[0].i ? NULL : "undo";
}

static void run_case(Case *c)
{
    Context before, after;
    load_inputs(c, &before);
    copy_code(c);
    uint64_t spill[SPILL_WORDS];
    memcpy(spill, before.spill, sizeof spill);
    memcpy(saved, block, sizeof saved);
    int32_t calls_left = thread->calls_left;
    IrWord result = {0}, second = {0};
    bool goes_on = c->form->glue
                       ? glue_body(c, &result, spill, &second)
                       : ir_evaluate(thread, (IrOp)c->form->op, c->w, (int32_t)c->m, &result);
    uint64_t expected[BLOCK_WORDS];
    memcpy(expected, block, sizeof block);
    memcpy(block, saved, sizeof block);
    int32_t expected_calls = thread->calls_left;
    thread->calls_left = calls_left;
    after = before;
    run_code(&after, code);
    bool guarded = c->s->exits || c->form->glue;
    bool leaves = guarded && goes_on == c->form->inverted;
    c->left = after.exit != 0;
    c->why = compare(c, &before, &after, leaves, &result, &second, spill);
    if (c->why == NULL && memcmp(expected, block, sizeof block) != 0) {
        c->why = "memory";
    }
    if (c->why == NULL && thread->calls_left != expected_calls) {
        c->why = "calls left";
    }
    if (c->why == NULL) {
        c->why = check_undo(c, &after);
    }
    memcpy(block, saved, sizeof block);
}

/* ---- all runs of a stencil ---------------------------------------------------------------------------------- */

/* Fills the table of powers. */
static int64_t random_base(void)
{
    int64_t base = (int64_t)rnd() >> below(63);
    base = base >= -1 && base <= 1 ? base + 3 : base;
    for (int64_t i = 0; i < ir_power_count(base); i++) {
        powers[i] = op_pow_int(base, i);
    }
    return base;
}

/* What a stencil may rely upon of its operands. */
static void make_known(Case *c)
{
    if (c->form->op == IR_pow_int) {
        bool unit = c->w[0].i >= -1 && c->w[0].i <= 1;
        c->w[1].i = (int64_t)below(unit ? 1000 : (uint32_t)ir_power_count(c->w[0].i));
    } else if (c->form->op == IR_pow_int_ov && below(2)) {
        c->w[0].i = (int64_t)below(21) - 10;
        c->w[1].i = (int64_t)below(24) - 3;
    } else if ((c->form->op == IR_floordiv_int_pos || c->form->op == IR_mod_int_pos) &&
               c->w[1].i <= 0) {
        c->w[1].i = 1 + (int64_t)below(100);
    }
}

static void random_operand(Case *c, int k, char letter)
{
    IrWord *w = &c->w[k];
    bool pointer = !c->form->glue && wants_pointer((IrOp)c->form->op) && k == 0;
    bool index = !c->form->glue && wants_pointer((IrOp)c->form->op) && k == 1 &&
                 ir_ops[c->form->op].operands[1] == IR_I && c->form->imm == 'n';
    bool boxed = !c->form->glue && ir_ops[c->form->op].operands[k] == IR_V;
    bool slot = c->form->glue && strncmp(c->form->name, "slot_", 5) == 0 && k == 0;
    w->i = pointer || slot ? (int64_t)some_pointer()
           : index         ? (int64_t)below(16)
           : boxed         ? (int64_t)some_value()
                           : (int64_t)some_int();
    switch (letter) {
    case 'f':
    case 'u': w->f = some_float(); break;
    case 'k': c->k = w->i = (int32_t)rnd(); break;
    case 'b': c->k = w->i = (int64_t)below(63); break;
    case 's': c->k = w->i = (int64_t)below(16); break;
    case 'w': w->i = random_base(); break;
    case 'p': pool_word = (uint64_t)w->i; break;
    case 'q':
        w->f = some_float();
        pool_word = (uint64_t)w->i;
        break;
    default: break;
    }
}

/* A list whose lock, flags and size are of every kind, and whose table is somewhere in the block. */
static void make_list(const Case *c)
{
    IrOp op = (IrOp)c->form->op;
    if (op == IR_lock_list || op == IR_store_locked_item || op == IR_unlock_list) {
        List *l = value_list((Value)c->w[0].i);
        atomic_store(&l->header.lock, (uint8_t)below(4));
        l->header.flags = (uint16_t)(below(4) ? l->header.flags & ~OBJECT_PRIVATE : rnd());
        atomic_store(&l->size, (int64_t)below(24));
        atomic_store(&l->table, (ListTable *)(void *)some_pointer());
    }
}

static void random_operands(Case *c)
{
    fill_block();
    pool_word = rnd() >> 1;
    c->k = (int32_t)rnd();
    const char letters[3] = {c->form->a, c->form->b, c->form->c};
    for (int k = 0; k < 3; k++) {
        random_operand(c, k, letters[k]);
    }
    bool memory = !c->form->glue && wants_pointer((IrOp)c->form->op);
    if (below(3) == 0 && !memory && letters[1] == 'i') {
        c->w[1] = c->w[0]; /* equal values in two registers */
    } else if (below(3) == 0 && !memory && (letters[1] == 'k' || letters[1] == 'p')) {
        c->w[0] = c->w[1];
    }
    c->m = c->form->imm == 'e' ? (int64_t)below(8) : 8 * (int64_t)below(8);
    if (!c->form->glue && c->form->op == IR_guard_type) {
        c->m = below(2) ? TYPE_LIST : TYPE_INT;
    }
    if (strncmp(c->form->name, "spill_copy", 10) == 0) {
        c->k = 8 * (int64_t)below(SPILL_WORDS);
    }
    if (!c->form->glue) {
        make_known(c);
        make_list(c);
    }
    thread->calls_left = (int32_t)below(64);
    thread->alone = below(2);
    atomic_store(&thread->poll, below(2) ? 0 : 1u << below(5));
}

/* returns how many runs failed; *leaves counts exits taken. */
static uint32_t check_stencil(const StencilTable *table, StencilId id, int samples, bool tell,
                              uint32_t *runs, uint32_t *leaves)
{
    uint32_t bad = 0;
    Case c = {.table = table, .id = id, .form = &st_forms[id], .s = &table->stencils[id]};
    for (int role = -1; role < STENCIL_ROLES; role++) {
        if (role >= 0 && !has_role(&c, role)) {
            continue;
        }
        for (int reg = 0; reg < 16; reg++) {
            bool vector = role >= 0 && is_vector_role(&c, role);
            if (role >= 0 && !vector && (reg == 4 || (c.s->clobbers >> reg & 1) != 0)) {
                continue;
            }
            for (int i = 0; i < samples; i++) {
                random_registers(&c, role, reg);
                random_operands(&c);
                alias_registers(&c);
                if (c.form->op == IR_pow_int && c.reg[ROLE_A] == c.reg[ROLE_B]) {
                    c.w[0].i = c.w[1].i = (int64_t)below(16); /* one register for both */
                }
                if (c.form->op == IR_floordiv_int_pos || c.form->op == IR_mod_int_pos) {
                    c.w[1].i = c.w[1].i <= 0 ? 3 : c.w[1].i;
                    c.w[0] = c.reg[ROLE_A] == c.reg[ROLE_B] ? c.w[1] : c.w[0];
                }
                run_case(&c);
                *runs += 1;
                *leaves += c.left;
                if (c.why != NULL && bad++ == 0 && tell) {
                    print_error("%s %s: wrong %s; registers %d %d %d %d, a %llx b %llx k %llx\n",
                                table->name, c.form->name, c.why, c.reg[0], c.reg[1], c.reg[2],
                                c.reg[3], (long long)c.w[0].i, (long long)c.w[1].i, (long long)c.k);
                }
            }
        }
    }
    return bad;
}

static int setup(void **state)
{
    code = mmap(NULL, CODE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    slot_word = run_left;
    return code == MAP_FAILED ? -1 : codegen_setup(state);
}

static void check_table(const StencilTable *table)
{
    uint32_t bad = 0, runs = 0;
    for (StencilId id = 0; id < ST_COUNT; id++) {
        uint32_t leaves = 0, before = runs;
        if (!table->stencils[id].present) {
            continue;
        }
        bad += check_stencil(table, id, 30, true, &runs, &leaves) != 0;
        bool guard = table->stencils[id].exits && !st_forms[id].glue;
        if (guard && (leaves == 0 || leaves == runs - before)) {
            print_error("%s: %u of %u runs left\n", st_forms[id].name, leaves, runs - before);
            bad++; /* the values do not reach both ways */
        }
    }
    assert_int_equal(bad, 0);
    assert_true(runs > 100000);
}

static void every_avx_stencil_does_what_its_body_says(void **state)
{
    (void)state;
    if (st_table_for_cpu() != &st_table_avx) {
        skip();
    }
    check_table(&st_table_avx);
}
static void every_sse_stencil_does_what_its_body_says(void **state)
{
    (void)state;
    if (st_table_for_cpu() == NULL) {
        skip();
    }
    check_table(&st_table_sse);
}

/* ---- seeded faults --------------------------------------------------------------------------------------------- */

/* Runs in a child: a wrong register may well crash or hang. */
static void look_for_faults(const StencilTable *table, StencilId id)
{
    uint32_t runs = 0, leaves = 0;
    alarm(5);
    _exit(check_stencil(table, id, 60, false, &runs, &leaves) != 0 ? 1 : 0);
}

static bool fault_is_seen(const StencilTable *table, StencilId id)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL);
        signal(SIGILL, SIG_DFL);
        signal(SIGBUS, SIG_DFL);
        signal(SIGFPE, SIG_DFL);
        signal(SIGTRAP, SIG_DFL);
        look_for_faults(table, id);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

static void faults_in_the_table_are_seen(void **state)
{
    (void)state;
    const StencilTable *good = st_table_for_cpu();
    if (good == NULL) {
        skip();
    }
    static StencilHole holes[4096];
    static Stencil stencils[ST_COUNT];
    uint8_t xors[256][16];
    assert_true(good->hole_count <= 4096);
    uint32_t seen = 0, seeded = 0;
    for (int i = 0; i < 60; i++) {
        memcpy(holes, good->holes, good->hole_count * sizeof *holes);
        memcpy(stencils, good->stencils, sizeof stencils);
        memcpy(xors, good->xors, good->xor_count * 16);
        StencilTable bad = *good;
        bad.holes = holes;
        bad.stencils = stencils;
        bad.xors = (const uint8_t(*)[16])xors;
        StencilId id = (StencilId)below(ST_COUNT);
        Stencil *s = &stencils[id];
        if (!s->present || s->hole_count == 0) {
            continue;
        }
        StencilHole *h = &holes[s->hole + below(s->hole_count)];
        bool scratch = h->role >= ROLE_SCRATCH;
        uint32_t kind = below(3), reg = below(16);
        switch (kind) {
        case 0: xors[h->xor_table][reg == 4 ? 5 : reg] ^= (uint8_t)(1u << below(8)); break;
        case 1: h->offset = (uint8_t)((h->offset + 1) % s->length); break;
        default: h->role = (uint8_t)(h->role == ROLE_A ? ROLE_RESULT : ROLE_A); break;
        }
        seeded++;
        bool found = fault_is_seen(&bad, id);
        seen += found;
        if (!found) {
            print_message("not seen: %s, role %u%s, kind %u\n", st_forms[id].name, h->role,
                          scratch ? " (scratch)" : "", kind);
        }
    }
    assert_true(seeded > 30);
    assert_true(seen * 100 >= seeded * 90);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_avx_stencil_does_what_its_body_says),
        cmocka_unit_test(every_sse_stencil_does_what_its_body_says),
        cmocka_unit_test(faults_in_the_table_are_seen),
    };
    return cmocka_run_group_tests(tests, setup, codegen_teardown);
}
