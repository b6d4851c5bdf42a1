/*
 * Constants that do not fit an imm32 go to memory: peephole on a stencil's assembly.
 *
 * LLVM takes a memory operand to be dear and builds such constants in registers, or compares high bits
 * after a shift.  In a trace the literal block is always in the cache, instructions are what counts,
 * and a scratch register less is a spill less:
 *
 *     movq A, T; shrq $S, T; cmpl $C, T; jae L      ->  cmpq LITERAL(%rip), A; jae L
 *     shrq $S, T; jne L                             ->  cmpq LITERAL(%rip), T; jae L
 *     movabsq $K, T; cmpq T, A                      ->  cmpq LITERAL(%rip), A (addq, andq, ...)
 *     movabsq $K, R; addq A, R                      ->  movq A, R; addq LITERAL(%rip), R
 *
 * T must be a register that nobody reads afterwards.  The last rule lets the result share A's register;
 * if A was only just moved there, the move goes to R at once.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/stencilgen/stencilgen.h"

/* An instruction with two operands, taken apart. */
typedef struct Two {
    char name[16], a[64], b[64];
} Two;

static bool take_apart(const char *line, Two *out)
{
    const char *tab = strchr(line, '\t');
    const char *comma = tab != NULL ? strstr(tab, ", ") : NULL;
    if (comma == NULL || tab - line >= 16 || comma - tab >= 64 || strlen(comma) >= 64 ||
        strstr(comma + 2, ", ") != NULL) {
        return false;
    }
    snprintf(out->name, sizeof out->name, "%.*s", (int)(tab - line), line);
    snprintf(out->a, sizeof out->a, "%.*s", (int)(comma - tab - 1), tab + 1);
    snprintf(out->b, sizeof out->b, "%s", comma + 2);
    return true;
}

/* The number of a general register; -1 if the operand is anything else. */
static int register_of(const char *operand)
{
    SgRegister r;
    const char *at = operand;
    bool plain = operand[0] == '%' && sg_next_register(&at, &r) && *at == 0 && r.class == SG_GPR;
    return plain ? r.number : -1;
}

static bool immediate_of(const char *operand, uint64_t *out)
{
    char *end;
    if (operand[0] != '$') {
        return false;
    }
    *out = operand[1] == '-' ? (uint64_t)strtoll(operand + 1, &end, 0)
                             : strtoull(operand + 1, &end, 0);
    return *end == 0;
}

static bool names(const char *line, int reg)
{
    SgRegister r;
    bool found = (sg_implicit(line) >> reg & 1) != 0;
    for (const char *at = line; !found && sg_next_register(&at, &r);) {
        found = r.class == SG_GPR && r.number == reg;
    }
    return found;
}

/* Does the line write the whole register without reading it? */
static bool defines(const char *line, int reg)
{
    static const char *const moves[] = {"movq", "movl", "leaq", "movabsq"};
    Two two;
    SgRegister r;
    const char *at = two.b;
    bool plain = take_apart(line, &two) && !names(two.a, reg) && two.b[0] == '%' &&
                 sg_next_register(&at, &r) && *at == 0 && r.number == reg && r.size <= 1;
    for (size_t i = 0; plain && i < sizeof moves / sizeof moves[0]; i++) {
        if (strcmp(two.name, moves[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* The line of the label that line k jumps to; f->count if it leaves or is no jump. */
static int target_of(const SgFunction *f, int k)
{
    const char *tab = strchr(f->lines[k], '\t');
    for (int i = 0; f->lines[k][0] == 'j' && tab != NULL && i < f->count; i++) {
        size_t n = strlen(f->lines[i]);
        if (f->lines[i][n - 1] == ':' && strncmp(f->lines[i], tab + 1, n - 1) == 0 && tab[n] == 0) {
            return i;
        }
    }
    return f->count;
}

/* A register of no role whose value nobody reads from line `from` on: it is not named again, or
 * first written, and no jump passes that by. */
static bool is_dead(const SgFunction *f, int reg, int from)
{
    if (reg < 0 || reg == 7 || reg >= 12) { /* the Thread; r, a, b, c (stencils.c) */
        return false;
    }
    int first = from;
    while (first < f->count && !names(f->lines[first], reg)) {
        first++;
    }
    if (first < f->count && !defines(f->lines[first], reg)) {
        return false;
    }
    for (int k = from; k < first; k++) {
        for (int i = target_of(f, k); i > first && i < f->count; i++) {
            if (names(f->lines[i], reg)) {
                return false;
            }
        }
    }
    return true;
}

static const char *literal(SgSource *s, uint64_t word)
{
    char *label = sg_printf(".LCPIw_%llx", (unsigned long long)word);
    for (int i = 0; i < s->literal_count; i++) {
        if (strcmp(s->literals[i].label, label) == 0) {
            return s->literals[i].label;
        }
    }
    s->literals = realloc(s->literals, (size_t)(s->literal_count + 1) * sizeof *s->literals);
    if (s->literals == NULL) {
        sg_fail("out of memory");
    }
    s->literals[s->literal_count++] = (SgLiteral){label, {word, 0}, 1};
    return label;
}

/* Lines [from, from + count) give way to two lines. */
static void replace(SgFunction *f, int from, int count, char *first, char *second)
{
    f->lines[from] = first;
    f->lines[from + 1] = second;
    memmove(&f->lines[from + 2], &f->lines[from + count],
            (size_t)(f->count - from - count) * sizeof f->lines[0]);
    f->count -= count - 2;
}

/* The jump at line k: its condition, and where the target begins; false if it has none. */
static bool condition_at(const SgFunction *f, int k, char condition[8], const char **target)
{
    const char *line = k < f->count ? f->lines[k] : "";
    const char *tab = strchr(line, '\t');
    if (line[0] != 'j' || tab == NULL || tab - line > 7 || line[1] == 'm') {
        return false;
    }
    snprintf(condition, 8, "%.*s", (int)(tab - line - 1), line + 1);
    *target = tab + 1;
    return true;
}

/* [movq A, T;] shrq $S, T; [cmpl $C, T;] jcc: a comparison of the whole with a constant. */
static bool compare_high_bits(SgSource *s, SgFunction *f, int k)
{
    Two move, shift, compare;
    uint64_t bits, limit = 1;
    char condition[8];
    const char *target;
    bool moves = take_apart(f->lines[k], &move) && strcmp(move.name, "movq") == 0 &&
                 register_of(move.a) >= 0 && register_of(move.b) >= 0;
    int at = k + moves;
    if (at >= f->count || !take_apart(f->lines[at], &shift) || strcmp(shift.name, "shrq") != 0 ||
        !immediate_of(shift.a, &bits) || (moves && strcmp(shift.b, move.b) != 0)) {
        return false;
    }
    int reg = register_of(shift.b);
    at++;
    bool compares = at < f->count && take_apart(f->lines[at], &compare) &&
                    strncmp(compare.name, "cmp", 3) == 0 && immediate_of(compare.a, &limit) &&
                    register_of(compare.b) == reg;
    at += compares;
    if (!condition_at(f, at, condition, &target) || !is_dead(f, reg, at)) {
        return false;
    }
    bool above = strcmp(condition, compares ? "a" : "ne") == 0;
    bool not_above = strcmp(condition, compares ? "be" : "e") == 0;
    bool at_least = compares && strcmp(condition, "ae") == 0;
    bool below = compares && strcmp(condition, "b") == 0;
    limit = compares && (above || not_above) ? limit + 1 : limit;
    if ((!above && !not_above && !at_least && !below) || bits == 0 || bits > 63 || limit == 0 ||
        limit > UINT64_MAX >> bits) {
        return false;
    }
    replace(f, k, at + 1 - k,
            sg_printf("cmpq\t%s(%%rip), %s", literal(s, limit << bits), moves ? move.a : shift.b),
            sg_printf("j%s\t%s", above || at_least ? "ae" : "b", target));
    return true;
}

/* movabsq $K, T; opq T, A */
static bool operate_wide(SgSource *s, SgFunction *f, int k)
{
    static const char *const operations[] = {"cmpq", "addq", "subq", "andq", "orq", "xorq"};
    Two wide, operation;
    uint64_t word;
    bool known = false;
    if (k + 1 >= f->count || !take_apart(f->lines[k], &wide) || strcmp(wide.name, "movabsq") != 0 ||
        !immediate_of(wide.a, &word) || !take_apart(f->lines[k + 1], &operation)) {
        return false;
    }
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        known = known || strcmp(operation.name, operations[i]) == 0;
    }
    if (!known || strcmp(operation.a, wide.b) != 0 || register_of(operation.b) < 0 ||
        strcmp(operation.b, wide.b) == 0 || !is_dead(f, register_of(wide.b), k + 2)) {
        return false;
    }
    f->lines[k] = sg_printf("%s\t%s(%%rip), %s", operation.name, literal(s, word), operation.b);
    memmove(&f->lines[k + 1], &f->lines[k + 2], (size_t)(f->count - k - 2) * sizeof f->lines[0]);
    f->count--;
    return true;
}

/* movabsq $K, R; addq A, R */
static bool add_wide(SgSource *s, SgFunction *f, int k)
{
    Two wide, add;
    uint64_t word;
    if (k + 1 >= f->count || !take_apart(f->lines[k], &wide) || strcmp(wide.name, "movabsq") != 0 ||
        !immediate_of(wide.a, &word) || !take_apart(f->lines[k + 1], &add) ||
        strcmp(add.name, "addq") != 0 || strcmp(add.b, wide.b) != 0 || register_of(add.a) < 0 ||
        strcmp(add.a, wide.b) == 0) {
        return false;
    }
    Two before;
    if (k > 0 && take_apart(f->lines[k - 1], &before) && strstr(before.name, "movq") != NULL &&
        strcmp(before.b, add.a) == 0 && is_dead(f, register_of(add.a), k + 2)) {
        replace(f, k - 1, 3, sg_printf("%s\t%s, %s", before.name, before.a, add.b),
                sg_printf("addq\t%s(%%rip), %s", literal(s, word), add.b));
        return true;
    }
    replace(f, k, 2, sg_printf("movq\t%s, %s", add.a, add.b),
            sg_printf("addq\t%s(%%rip), %s", literal(s, word), add.b));
    return true;
}

void sg_wide_constants(SgSource *s, SgFunction *f)
{
    for (int k = 0; k < f->count; k++) {
        if (!compare_high_bits(s, f, k) && !operate_wide(s, f, k)) {
            add_wide(s, f, k);
        }
    }
}
