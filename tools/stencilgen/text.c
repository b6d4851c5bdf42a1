/*
 * Assembly text: parsing, the peephole at the end of a stencil, and encodings of constant length.
 *
 * LLVM ends a stencil in tail calls: `jmp cont` (go on) and `jmp exit_` (leave).  Here the last way
 * on becomes "fall through", other ways on a jump to the stencil's end (LCONT), and
 * `jcc cont; jmp exit_` becomes `jncc exit_`.
 *
 * Normalising: {vex3} and {rex} prefixes always, {disp8} where there is no displacement (rbp and r13
 * cannot be a base without one), `(%base)` as `(%base,%riz)` (rsp and r12 need a SIB byte), and rax
 * renamed where it is a plain scratch register (its short forms with imm32 have another length).
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "tools/stencilgen/stencilgen.h"

static const char *const gpr64[16] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                      "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
static char names[2][16][4][8];

static void init_names(void)
{
    for (int n = 0; n < 16; n++) {
        const char *r = gpr64[n];
        snprintf(names[0][n][0], 8, "%s", r);
        if (n < 8) {
            snprintf(names[0][n][1], 8, "e%s", r + 1);
            snprintf(names[0][n][2], 8, "%s", r + 1);
            if (n < 4) {
                snprintf(names[0][n][3], 8, "%cl", r[1]);
            } else {
                snprintf(names[0][n][3], 8, "%sl", r + 1);
            }
        } else {
            snprintf(names[0][n][1], 8, "%sd", r);
            snprintf(names[0][n][2], 8, "%sw", r);
            snprintf(names[0][n][3], 8, "%sb", r);
        }
        for (int size = 0; size < 4; size++) {
            snprintf(names[1][n][size], 8, "xmm%d", n);
        }
    }
}

const char *sg_register_name(int class, int number, int size)
{
    if (names[0][0][0][0] == 0) {
        init_names();
    }
    return names[class][number][size];
}

bool sg_next_register(const char **at, SgRegister *out)
{
    for (const char *p = strchr(*at, '%'); p != NULL; p = strchr(p + 1, '%')) {
        size_t length = 1;
        while (isalnum((unsigned char)p[length])) {
            length++;
        }
        for (int class = 0; class < 2; class ++) {
            for (int n = 0; n < 16; n++) {
                for (int size = 0; size < 4 - 3 * class; size++) {
                    const char *name = sg_register_name(class, n, size);
                    if (strlen(name) == length - 1 && memcmp(name, p + 1, length - 1) == 0 &&
                        !(class == 0 && n == 4)) {
                        *out = (SgRegister){class, n, size, p, length};
                        *at = p + length;
                        return true;
                    }
                }
            }
        }
    }
    return false;
}

/* The mnemonic of a line, prefixes left out. */
static void mnemonic(const char *line, char *out, size_t size)
{
    while (*line == '{') {
        line = strchr(line, '}') + 1;
        while (*line == ' ') {
            line++;
        }
    }
    size_t n = 0;
    while (line[n] != 0 && line[n] != '\t' && line[n] != ' ' && n + 1 < size) {
        out[n] = line[n];
        n++;
    }
    out[n] = 0;
}

uint16_t sg_implicit(const char *line)
{
    static const struct {
        const char *name;
        uint16_t mask;
    } table[] = {
        {"cqto", 5}, {"cltd", 5}, {"idivq", 5}, {"divq", 5},     {"idivl", 5},    {"divl", 5},
        {"mulq", 5}, {"mull", 5}, {"cltq", 1},  {"cmpxchgb", 1}, {"cmpxchgl", 1}, {"cmpxchgq", 1},
    };
    char name[24];
    mnemonic(line, name, sizeof name);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(name, table[i].name) == 0) {
            return table[i].mask;
        }
    }
    if (strcmp(name, "imulq") == 0 && strchr(line, ',') == NULL) {
        return 5;
    }
    bool shift = strncmp(name, "sar", 3) == 0 || strncmp(name, "shl", 3) == 0 ||
                 strncmp(name, "shr", 3) == 0 || strncmp(name, "rol", 3) == 0;
    return shift && strstr(line, "%cl") != NULL ? 2 : 0;
}

static bool starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}
static bool is_label(const char *line) { return line[strlen(line) - 1] == ':'; }

/* Target of a jump `jXX\tTARGET`, or NULL. */
static const char *jump_target(const char *line)
{
    if (line[0] != 'j') {
        return NULL;
    }
    const char *tab = strchr(line, '\t');
    return tab != NULL && tab[1] != '*' ? tab + 1 : NULL;
}
static bool is_jump_always(const char *line) { return starts(line, "jmp\t"); }

static void parse_literal(SgSource *s, const char *label, size_t length)
{
    s->literals = realloc(s->literals, (size_t)(s->literal_count + 1) * sizeof *s->literals);
    if (s->literals == NULL) {
        sg_fail("out of memory");
    }
    SgLiteral *l = &s->literals[s->literal_count++];
    *l = (SgLiteral){sg_printf("%.*s", (int)length, label), {0, 0}, 0};
}

SgSource sg_parse(const char *text)
{
    SgSource s = {0};
    s.functions = sg_alloc(1024 * sizeof *s.functions);
    SgFunction *f = NULL;
    bool literal = false;
    for (const char *line = text; *line != 0;) {
        const char *end = strchr(line, '\n');
        size_t length = end != NULL ? (size_t)(end - line) : strlen(line);
        const char *next = line + length + (end != NULL);
        const char *comment = memchr(line, '#', length);
        if (comment != NULL) {
            length = (size_t)(comment - line);
        }
        while (length > 0 && isspace((unsigned char)line[length - 1])) {
            length--;
        }
        if (length == 0) {
            line = next;
            continue;
        }
        if (starts(line, ".LCPI") && line[length - 1] == ':') {
            parse_literal(&s, line, length - 1);
            literal = true;
        } else if (literal && starts(line, "\t.quad\t")) {
            SgLiteral *l = &s.literals[s.literal_count - 1];
            if (l->count == 2) {
                sg_fail("literal %s is too long", l->label);
            }
            l->words[l->count++] = strtoull(line + 7, NULL, 0);
        } else if (starts(line, "st_") && line[length - 1] == ':') {
            if (s.function_count == 1024) {
                sg_fail("too many stencils");
            }
            f = &s.functions[s.function_count++];
            f->name = sg_printf("%.*s", (int)length - 4, line + 3);
            literal = false;
        } else if (starts(line, ".Lfunc_end")) {
            f = NULL;
        } else if (f != NULL) {
            const char *p = line;
            while (isspace((unsigned char)*p)) {
                p++;
            }
            size_t n = length - (size_t)(p - line);
            bool keep = *p != '.' || line[length - 1] == ':' || starts(p, ".quad");
            if (keep && f->count == SG_LINES) {
                sg_fail("%s: too long", f->name);
            }
            if (keep) {
                f->lines[f->count++] = sg_printf("%.*s", (int)n, p);
            }
        } else if (literal && line[0] == '\t' && line[1] == '.' && !starts(line, "\t.p2align") &&
                   !starts(line, "\t.section") && !starts(line, "\t.text")) {
            literal = false;
        }
        line = next;
    }
    return s;
}

static void remove_line(SgFunction *f, int i)
{
    memmove(&f->lines[i], &f->lines[i + 1], (size_t)(f->count - i - 1) * sizeof f->lines[0]);
    f->count--;
}

/* Jumps to a label that only jumps on go there at once; unused labels and dead code disappear. */
static bool simplify_once(SgFunction *f)
{
    for (int k = 0; k < f->count; k++) {
        const char *target = jump_target(f->lines[k]);
        for (int j = 0; target != NULL && j + 1 < f->count; j++) {
            size_t n = strlen(f->lines[j]);
            if (is_label(f->lines[j]) && strlen(target) == n - 1 &&
                memcmp(target, f->lines[j], n - 1) == 0 && is_jump_always(f->lines[j + 1])) {
                size_t op = (size_t)(target - f->lines[k]);
                f->lines[k] = sg_printf("%.*s%s", (int)op, f->lines[k], f->lines[j + 1] + 4);
                return true;
            }
        }
    }
    for (int k = 0; k < f->count; k++) {
        if (is_label(f->lines[k])) {
            bool used = false;
            for (int j = 0; j < f->count; j++) {
                const char *target = jump_target(f->lines[j]);
                used |= target != NULL && strlen(target) == strlen(f->lines[k]) - 1 &&
                        starts(f->lines[k], target);
            }
            if (!used) {
                remove_line(f, k);
                return true;
            }
        } else if (k > 0 && is_jump_always(f->lines[k - 1])) {
            remove_line(f, k);
            return true;
        }
    }
    return false;
}

static const char *inverse(const char *condition)
{
    static const char *const pairs[][2] = {{"o", "no"}, {"e", "ne"}, {"b", "ae"}, {"be", "a"},
                                           {"l", "ge"}, {"le", "g"}, {"s", "ns"}, {"p", "np"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        for (int side = 0; side < 2; side++) {
            if (strcmp(condition, pairs[i][side]) == 0) {
                return pairs[i][1 - side];
            }
        }
    }
    sg_fail("condition %s", condition);
}

/* Does the chain (lines up to an unconditional jump) that ends before `end` go on at its end? */
static bool chain_goes_on(const SgFunction *f, int end)
{
    const char *last = f->lines[end - 1];
    const char *before = end > 1 ? f->lines[end - 2] : "";
    const char *target = jump_target(before);
    return strcmp(last, "jmp\tcont") == 0 ||
           (strcmp(last, "jmp\texit_") == 0 && target != NULL && strcmp(target, "cont") == 0);
}

/* Puts a chain that goes on at the end, when the last one does not and another (not the entry) does. */
static void move_chain_last(SgFunction *f)
{
    if (chain_goes_on(f, f->count)) {
        return;
    }
    int start = 0, found_start = -1, found_end = 0;
    for (int k = 0; k < f->count; k++) {
        if (is_jump_always(f->lines[k])) {
            if (start > 0 && chain_goes_on(f, k + 1)) {
                found_start = start;
                found_end = k + 1;
            }
            start = k + 1;
        }
    }
    if (found_start < 0) {
        return;
    }
    char *lines[SG_LINES];
    int n = 0;
    for (int k = 0; k < f->count; k++) {
        if (k < found_start || k >= found_end) {
            lines[n++] = f->lines[k];
        }
    }
    for (int k = found_start; k < found_end; k++) {
        lines[n++] = f->lines[k];
    }
    memcpy(f->lines, lines, (size_t)n * sizeof lines[0]);
}

static void check_forward(const SgFunction *f)
{
    for (int k = 0; k < f->count; k++) {
        if (!is_label(f->lines[k])) {
            continue;
        }
        for (int j = k + 1; j < f->count; j++) {
            const char *target = jump_target(f->lines[j]);
            if (target != NULL && strlen(target) == strlen(f->lines[k]) - 1 &&
                starts(f->lines[k], target)) {
                sg_fail("%s: jumps backwards", f->name);
            }
        }
    }
}

void sg_peephole(SgFunction *f)
{
    while (simplify_once(f)) {
    }
    move_chain_last(f);
    int n = f->count;
    if (n > 0 && strcmp(f->lines[n - 1], "jmp\tcont") == 0) {
        f->count--;
    } else if (chain_goes_on(f, n)) {
        char condition[8];
        snprintf(condition, sizeof condition, "%.*s",
                 (int)(jump_target(f->lines[n - 2]) - f->lines[n - 2] - 2), f->lines[n - 2] + 1);
        f->lines[n - 2] = sg_printf("j%s\texit_", inverse(condition));
        f->count--;
    }
    for (int k = 0; k < f->count; k++) {
        const char *target = jump_target(f->lines[k]);
        if (target != NULL && strcmp(target, "cont") == 0) {
            f->lines[k] = sg_printf("%.*sLCONT", (int)(target - f->lines[k]), f->lines[k]);
        }
    }
    check_forward(f);
}

static bool small_displacement(const char *digits, const char *end)
{
    char *stop;
    long value = strtol(digits, &stop, 10);
    return stop == end && value >= -128 && value <= 127;
}

/* `DISP(%base)` -> `DISP(%base,%riz)`; says if a {disp8} prefix is due. */
static char *force_sib(const char *line, bool *disp8)
{
    const char *open = strchr(line, '(');
    if (open == NULL || starts(open, "(%rip)") || strstr(line, "%rsp") != NULL) {
        return sg_printf("%s", line);
    }
    const char *disp = open;
    while (disp > line && strchr("\t ,", disp[-1]) == NULL) {
        disp--;
    }
    *disp8 = disp == open || small_displacement(disp, open);
    const char *close = strchr(open, ')');
    if (memchr(open, ',', (size_t)(close - open)) != NULL) {
        return sg_printf("%s", line);
    }
    return sg_printf("%.*s,%%riz%s", (int)(close - line), line, close);
}

static bool has_registers(const char *line)
{
    SgRegister r;
    const char *at = line;
    return sg_next_register(&at, &r);
}

static void rename_rax(SgFunction *f)
{
    uint32_t used = 0;
    bool renamable = true;
    for (int k = 0; k < f->count; k++) {
        SgRegister r;
        for (const char *at = f->lines[k]; sg_next_register(&at, &r);) {
            used |= r.class == SG_GPR ? 1u << r.number : 0;
        }
        renamable = renamable && (sg_implicit(f->lines[k]) & 1) == 0;
    }
    if (!renamable || (used & 1) == 0) {
        return;
    }
    int fresh = 11;
    while ((used >> fresh & 1) != 0) {
        fresh--;
    }
    for (int k = 0; k < f->count; k++) {
        SgText t = {0};
        const char *from = f->lines[k];
        SgRegister r;
        for (const char *at = from; sg_next_register(&at, &r);) {
            if (r.class == SG_GPR && r.number == 0) {
                sg_appendf(&t, "%.*s%%%s", (int)(r.start - from), from,
                           sg_register_name(SG_GPR, fresh, r.size));
                from = at;
            }
        }
        sg_append(&t, from);
        f->lines[k] = t.data;
    }
}

void sg_normalise(SgFunction *f)
{
    for (int k = 0; k < f->count; k++) {
        char *line = f->lines[k];
        if (is_label(line) || line[0] == 'j' || starts(line, "call") || !has_registers(line)) {
            continue;
        }
        char name[24];
        mnemonic(line, name, sizeof name);
        bool vex = name[0] == 'v' || strcmp(name, "shlxq") == 0 || strcmp(name, "sarxq") == 0 ||
                   strcmp(name, "shrxq") == 0 || strcmp(name, "andnq") == 0 ||
                   strcmp(name, "rorxq") == 0;
        bool disp8 = false;
        char *sib = force_sib(line, &disp8);
        f->lines[k] = sg_printf("%s%s%s", vex ? "{vex3} " : "{rex} ", disp8 ? "{disp8} " : "", sib);
    }
    rename_rax(f);
}

void sg_emit_variant(SgText *out, const SgFunction *f, const char *tag, const int8_t replace[2][16])
{
    sg_appendf(out, "v$%s:\n", tag);
    for (int k = 0; k < f->count; k++) {
        const char *from = f->lines[k];
        if (!is_label(from)) {
            sg_append(out, "\t");
        }
        SgText t = {0};
        SgRegister r;
        for (const char *at = from; sg_next_register(&at, &r);) {
            sg_appendf(&t, "%.*s%%%s", (int)(r.start - from), from,
                       sg_register_name(r.class, replace[r.class][r.number], r.size));
            from = at;
        }
        sg_append(&t, from);
        for (const char *p = t.data; *p != 0;) { /* local labels become the variant's own */
            if (starts(p, ".LBB")) {
                sg_appendf(out, ".L%s_", tag);
                p += 2;
            } else if (starts(p, "LCONT")) {
                sg_appendf(out, "e$%s", tag);
                p += 5;
            } else {
                char c[2] = {*p++, 0};
                sg_append(out, c);
            }
        }
        sg_append(out, "\n");
        free(t.data);
    }
    sg_appendf(out, "e$%s:\n", tag);
}
