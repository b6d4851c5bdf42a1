/*
 * Cutting: from the functions of a bitcode file to stencils with holes.
 *
 * Each stencil is assembled once as LLVM wrote it, once for every register of every role, and some
 * times with random registers for all roles at once.  A hole is a byte that differs between the
 * first and the second kind.  Checked here, each failure stops the tool:
 *
 *     all variants have the base's length (or rax's short form, which the linearity fills in)
 *     XOR differences are linear over GF(2) in the register number
 *     the third kind equals the XOR of the second (roles do not interfere)
 *     no input is written; nothing is written but result, scratch and implicit registers
 *     every role takes every register but the stack pointer
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "tools/stencilgen/stencilgen.h"

enum { JOINT_TESTS = 12, MAX_LENGTH = 255 };

typedef struct Cut {
    SgFunction *f;
    const StencilForm *form;
    int id;
    int8_t base[STENCIL_ROLES]; /* register that LLVM used, -1: no such role */
    uint8_t class[STENCIL_ROLES];
    int role_count; /* scratch included */
    uint16_t implicit;
    int8_t joint[JOINT_TESTS][STENCIL_ROLES];
} Cut;

static bool is_vector(char letter) { return letter == 'f' || letter == 'u' || letter == 'F'; }
static bool is_tied(char letter) { return letter == 't' || letter == 'u'; }
static bool is_register(char letter) { return letter == 'i' || letter == 'f'; }

static void set_role(Cut *c, int role, bool vector, int gpr, int xmm)
{
    c->class[role] = vector;
    c->base[role] = (int8_t)(vector ? xmm : gpr);
}

static int role_of(const Cut *c, int class, int number)
{
    for (int role = 0; role < c->role_count; role++) {
        if (c->base[role] == number && c->class[role] == class) {
            return role;
        }
    }
    return -1;
}

/* Registers that the function's signature gives to each role, then scratch registers. */
static void find_roles(Cut *c)
{
    const StencilForm *form = c->form;
    memset(c->base, -1, sizeof c->base);
    memset(c->class, 0, sizeof c->class);
    if (form->result != 'N' || is_tied(form->a)) {
        set_role(c, ROLE_RESULT, is_vector(form->result) || form->a == 'u', 12, 0);
    }
    const char letters[3] = {form->a, form->b, form->c};
    for (int i = 0; i < 3; i++) {
        if (is_register(letters[i])) {
            set_role(c, ROLE_A + i, is_vector(letters[i]), 13 + i, 1 + i);
        }
    }
    if (form->takes_thread) {
        set_role(c, ROLE_THREAD, false, 7, 0);
    }
    c->role_count = ROLE_SCRATCH;
    for (int k = 0; k < c->f->count; k++) {
        c->implicit |= sg_implicit(c->f->lines[k]);
    }
    for (int k = 0; k < c->f->count; k++) {
        SgRegister r;
        for (const char *at = c->f->lines[k]; sg_next_register(&at, &r);) {
            if (role_of(c, r.class, r.number) >= 0 ||
                (r.class == SG_GPR && (c->implicit >> r.number & 1) != 0)) {
                continue;
            }
            if (c->role_count == STENCIL_ROLES) {
                sg_fail("%s: too many scratch registers", c->f->name);
            }
            c->class[c->role_count] = (uint8_t)r.class;
            c->base[c->role_count++] = (int8_t)r.number;
        }
    }
}

/* The register that a line writes explicitly: its last operand, unless the instruction only reads. */
static bool written_register(const char *line, SgRegister *out)
{
    static const char *const readers[] = {"cmp",  "test", "ucomis", "vucomis", "push",
                                          "call", "idiv", "div",    "mul",     "j"};
    while (*line == '{') {
        line = strchr(line, '}') + 2;
    }
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        size_t n = strlen(readers[i]);
        if (strncmp(line, readers[i], n) == 0 && strncmp(line, "divsd", 5) != 0 &&
            strncmp(line, "mulsd", 5) != 0) {
            return false;
        }
    }
    if (strncmp(line, "imulq", 5) == 0 && strchr(line, ',') == NULL) {
        return false;
    }
    const char *last = strchr(line, '\t');
    if (last == NULL || line[strlen(line) - 1] == ')') {
        return false;
    }
    const char *comma = strrchr(line, ',');
    last = comma != NULL ? comma : last;
    return sg_next_register(&last, out);
}

static void check_writes(const Cut *c)
{
    bool swaps = strncmp(c->f->name, "swap_", 5) == 0;
    for (int k = 0; k < c->f->count; k++) {
        SgRegister r;
        if (!written_register(c->f->lines[k], &r)) {
            continue;
        }
        int role = role_of(c, r.class, r.number);
        if (role > ROLE_RESULT && role < ROLE_SCRATCH && !swaps) {
            sg_fail("%s: writes input %d in `%s`", c->f->name, role, c->f->lines[k]);
        }
    }
}

/* Inputs whose last mention comes after the result's first. */
static uint8_t early_inputs(const Cut *c)
{
    int first_result = c->f->count, last[STENCIL_ROLES] = {0};
    for (int k = 0; k < c->f->count; k++) {
        SgRegister r;
        for (const char *at = c->f->lines[k]; sg_next_register(&at, &r);) {
            int role = role_of(c, r.class, r.number);
            if (role == ROLE_RESULT && first_result == c->f->count) {
                first_result = k;
            } else if (role > ROLE_RESULT) {
                last[role] = k;
            }
        }
    }
    uint8_t early = 0;
    for (int role = ROLE_A; role <= ROLE_THREAD; role++) {
        if (c->base[role] >= 0 && last[role] > first_result) {
            early |= (uint8_t)(1u << role);
        }
    }
    return early;
}

/* Stencil.skip: `movq A, SCRATCH` at the start, A not named again, no result in a general register. */
static uint8_t first_move(const Cut *c, const SgVariant *base)
{
    const uint8_t *code = base->code;
    int a = c->base[ROLE_A], scratch = c->base[ROLE_SCRATCH];
    bool plain = c->role_count > ROLE_SCRATCH && a >= 0 && scratch >= 0 &&
                 c->class[ROLE_A] == SG_GPR && c->class[ROLE_SCRATCH] == SG_GPR &&
                 c->form->result != 'I' && !is_tied(c->form->a);
    if (!plain || base->length < 3 || (code[0] & 0xF8) != 0x48 || code[1] != 0x89 ||
        code[2] != (0xC0 | (a & 7) << 3 | (scratch & 7))) {
        return 0;
    }
    for (int k = 1; k < c->f->count; k++) {
        SgRegister r;
        for (const char *at = c->f->lines[k]; sg_next_register(&at, &r);) {
            if (role_of(c, r.class, r.number) == ROLE_A) {
                return 0;
            }
        }
    }
    return 3;
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

static void identity(int8_t replace[2][16])
{
    for (int8_t n = 0; n < 16; n++) {
        replace[0][n] = replace[1][n] = n;
    }
}

static void emit_variants(SgText *source, Cut *c)
{
    int8_t replace[2][16];
    identity(replace);
    char tag[64];
    snprintf(tag, sizeof tag, "%d.b", c->id);
    sg_emit_variant(source, c->f, tag, replace);
    uint32_t random = (uint32_t)c->id;
    for (int role = 0; role < c->role_count; role++) {
        for (int8_t r = 0; c->base[role] >= 0 && r < 16; r++) {
            if (c->class[role] == SG_GPR && r == 4) {
                continue;
            }
            identity(replace);
            replace[c->class[role]][c->base[role]] = r;
            snprintf(tag, sizeof tag, "%d.%d.%d", c->id, role, r);
            sg_emit_variant(source, c->f, tag, replace);
        }
    }
    for (int t = 0; t < JOINT_TESTS; t++) {
        identity(replace);
        for (int role = 0; role < c->role_count; role++) {
            if (c->base[role] < 0) {
                continue;
            }
            int8_t r;
            do {
                r = (int8_t)(next_random(&random) & 15);
            } while (c->class[role] == SG_GPR && r == 4);
            c->joint[t][role] = r;
            replace[c->class[role]][c->base[role]] = r;
        }
        snprintf(tag, sizeof tag, "%d.j%d", c->id, t);
        sg_emit_variant(source, c->f, tag, replace);
    }
}

static bool same_relocs(const SgVariant *a, const SgVariant *b)
{
    if (a->reloc_count != b->reloc_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->reloc_count; i++) {
        if (a->relocs[i].offset != b->relocs[i].offset || a->relocs[i].type != b->relocs[i].type) {
            return false;
        }
    }
    return true;
}

typedef struct Deltas {
    bool known[16];
    uint8_t byte[16][MAX_LENGTH];
} Deltas;

/* Fills in registers with a short form from two others, and checks linearity. */
static void complete(const Cut *c, int role, Deltas *d, uint32_t length)
{
    int base = c->base[role];
    for (int r = 0; r < 16; r++) {
        for (int x = 1; x < 16 && !d->known[r]; x++) {
            int y = r ^ base ^ x;
            if (d->known[base ^ x] && d->known[base ^ y]) {
                for (uint32_t k = 0; k < length; k++) {
                    d->byte[r][k] = d->byte[base ^ x][k] ^ d->byte[base ^ y][k];
                }
                d->known[r] = true;
            }
        }
        if (!d->known[r]) {
            sg_fail("%s: role %d does not take register %d", c->f->name, role, r);
        }
    }
    for (int x = 0; x < 16; x++) {
        for (int y = 0; y < 16; y++) {
            for (uint32_t k = 0; k < length; k++) {
                if ((d->byte[base ^ x][k] ^ d->byte[base ^ y][k]) != d->byte[base ^ x ^ y][k]) {
                    sg_fail("%s: role %d is not linear", c->f->name, role);
                }
            }
        }
    }
}

static uint8_t xor_table(SgTable *t, const uint8_t row[16])
{
    for (uint32_t i = 0; i < t->xor_count; i++) {
        if (memcmp(t->xors[i], row, 16) == 0) {
            return (uint8_t)i;
        }
    }
    if (t->xor_count == 256) {
        sg_fail("more than 256 XOR tables");
    }
    memcpy(t->xors[t->xor_count], row, 16);
    return (uint8_t)t->xor_count++;
}

static void cut_role(SgTable *t, const Cut *c, const SgObject *o, const SgVariant *base, int role)
{
    static Deltas d;
    memset(&d, 0, sizeof d);
    char tag[64];
    for (int r = 0; r < 16; r++) {
        if (c->class[role] == SG_GPR && r == 4) {
            continue;
        }
        snprintf(tag, sizeof tag, "%d.%d.%d", c->id, role, r);
        const SgVariant *v = sg_find_variant(o, tag);
        if (v->length != base->length || !same_relocs(v, base)) {
            continue;
        }
        d.known[r] = true;
        for (uint32_t k = 0; k < base->length; k++) {
            d.byte[r][k] = v->code[k] ^ base->code[k];
        }
    }
    complete(c, role, &d, base->length);
    for (uint32_t k = 0; k < base->length; k++) {
        uint8_t row[16], any = 0;
        for (int r = 0; r < 16; r++) {
            row[r] = d.byte[r][k];
            any |= row[r];
        }
        if (any != 0) {
            t->holes[t->hole_count++] = (StencilHole){(uint8_t)role, (uint8_t)k, xor_table(t, row)};
        }
    }
}

static void check_joint(const SgTable *t, const Cut *c, const SgObject *o, const SgVariant *base)
{
    const Stencil *s = &t->stencils[c->id];
    int compared = 0;
    for (int i = 0; i < JOINT_TESTS; i++) {
        char tag[64];
        snprintf(tag, sizeof tag, "%d.j%d", c->id, i);
        const SgVariant *v = sg_find_variant(o, tag);
        if (v->length != base->length) {
            continue; /* a short form of rax */
        }
        uint8_t code[MAX_LENGTH];
        memcpy(code, base->code, base->length);
        for (int h = 0; h < s->hole_count; h++) {
            const StencilHole *hole = &t->holes[s->hole + h];
            code[hole->offset] ^= t->xors[hole->xor_table][c->joint[i][hole->role]];
        }
        if (memcmp(code, v->code, base->length) != 0) {
            sg_fail("%s: joint registers do not compose", c->f->name);
        }
        compared++;
    }
    if (compared == 0) {
        sg_fail("%s: no joint variant has the base's length", c->f->name);
    }
}

static void add_patch(SgTable *t, const Cut *c, const SgReloc *r)
{
    static const struct {
        const char *symbol;
        uint8_t kind;
    } kinds[] = {
        {"H_k0", PATCH_K32},   {"H_s0", PATCH_K32},    {"H_m0", PATCH_M32},  {"H_e0", PATCH_M32},
        {"H_b0", PATCH_K8},    {"H_w0", PATCH_W64},    {"H_p0", PATCH_POOL}, {"H_q0", PATCH_POOL},
        {"exit_", PATCH_EXIT}, {"H_h0", PATCH_HELPER}, {"H_d0", PATCH_SLOT},
    };
    int kind = strncmp(r->symbol, "H_l", 3) == 0 ? PATCH_LITERAL : -1;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(r->symbol, kinds[i].symbol) == 0) {
            kind = kinds[i].kind;
        }
    }
    bool relative = r->type == R_X86_64_PC32 || r->type == R_X86_64_PLT32;
    bool good = kind == PATCH_K8    ? r->type == R_X86_64_8
                : kind == PATCH_W64 ? r->type == R_X86_64_64
                : kind == PATCH_K32 || kind == PATCH_M32
                    ? r->type == R_X86_64_32 || r->type == R_X86_64_32S
                    : kind >= 0 && relative;
    if (!good) {
        sg_fail("%s: relocation %u of %s", c->f->name, r->type, r->symbol);
    }
    int64_t addend = r->addend;
    if (kind == PATCH_LITERAL) {
        addend += strtol(r->symbol + 3, NULL, 10);
    }
    t->patches[t->patch_count++] =
        (StencilPatch){(uint8_t)kind, (uint8_t)r->offset, (int16_t)addend};
    t->stencils[c->id].exits |= kind == PATCH_EXIT;
}

static void cut_one(SgTable *t, const Cut *c, const SgObject *o)
{
    char tag[64];
    snprintf(tag, sizeof tag, "%d.b", c->id);
    const SgVariant *base = sg_find_variant(o, tag);
    if (base->length > MAX_LENGTH) {
        sg_fail("%s: %u bytes", c->f->name, base->length);
    }
    Stencil *s = &t->stencils[c->id];
    *s = (Stencil){
        .code = t->code_bytes,
        .hole = (uint16_t)t->hole_count,
        .patch = (uint16_t)t->patch_count,
        .length = (uint8_t)base->length,
        .present = 1,
        .scratch_count = (uint8_t)(c->role_count - ROLE_SCRATCH),
        .early = early_inputs(c),
        .clobbers = c->implicit,
        .skip = first_move(c, base),
    };
    for (int role = 0; role < c->role_count; role++) {
        if (c->base[role] >= 0) {
            s->vectors |= (uint8_t)((c->class[role] == SG_XMM) << role);
            cut_role(t, c, o, base, role);
        }
    }
    s->hole_count = (uint8_t)(t->hole_count - s->hole);
    for (uint32_t i = 0; i < base->reloc_count; i++) {
        add_patch(t, c, &base->relocs[i]);
    }
    s->patch_count = (uint8_t)(t->patch_count - s->patch);
    memcpy(t->code + t->code_bytes, base->code, base->length);
    t->code_bytes += base->length;
    check_joint(t, c, o, base);
}

/* Replaces references to literals by holes into the table's literal block. */
static void bind_literals(SgTable *t, const SgSource *s, SgFunction *f)
{
    for (int k = 0; k < f->count; k++) {
        char *at = strstr(f->lines[k], ".LCPI");
        if (at == NULL) {
            continue;
        }
        size_t n = strcspn(at, "(");
        const SgLiteral *l = NULL;
        for (int i = 0; i < s->literal_count; i++) {
            if (strlen(s->literals[i].label) == n && strncmp(s->literals[i].label, at, n) == 0) {
                l = &s->literals[i];
            }
        }
        if (l == NULL || l->count == 0) {
            sg_fail("%s: literal of an unknown form in `%s`", f->name, f->lines[k]);
        }
        uint32_t offset = 0; /* two words each: alignment 16 */
        while (offset < t->literal_words &&
               memcmp(&t->literals[offset], l->words, sizeof l->words) != 0) {
            offset += 2;
        }
        if (offset == t->literal_words) {
            memcpy(&t->literals[offset], l->words, sizeof l->words);
            t->literal_words += 2;
        }
        f->lines[k] =
            sg_printf("%.*sH_l%u%s", (int)(at - f->lines[k]), f->lines[k], offset * 8, at + n);
    }
}

void sg_cut(SgTable *out, const char *name, const char *bitcode_path, const char *features)
{
    *out = (SgTable){
        .name = name,
        .code = sg_alloc(1 << 16),
        .holes = sg_alloc((1 << 16) * sizeof(StencilHole)),
        .patches = sg_alloc((1 << 14) * sizeof(StencilPatch)),
        .xors = sg_alloc(256 * 16),
        .literals = sg_alloc(256 * 8),
    };
    SgSource source = sg_parse(sg_bitcode_to_assembly(bitcode_path, features));
    Cut *cuts = sg_alloc(ST_COUNT * sizeof *cuts);
    SgText variants = {0};
    sg_append(&variants, ".text\n");
    for (int i = 0; i < source.function_count; i++) {
        SgFunction *f = &source.functions[i];
        int id = 0;
        while (id < ST_COUNT && strcmp(st_forms[id].name, f->name) != 0) {
            id++;
        }
        if (id == ST_COUNT) {
            sg_fail("%s is no form of forms.def", f->name);
        }
        sg_peephole(f);
        sg_wide_constants(&source, f);
        bind_literals(out, &source, f);
        sg_normalise(f);
        Cut *c = &cuts[id];
        *c = (Cut){.f = f, .form = &st_forms[id], .id = id};
        find_roles(c);
        check_writes(c);
        emit_variants(&variants, c);
    }
    size_t size_bytes;
    uint8_t *object = sg_assemble(variants.data, variants.length, &size_bytes);
    SgObject o = sg_read_object(object, size_bytes);
    for (int id = 0; id < ST_COUNT; id++) {
        if (cuts[id].f != NULL) {
            cut_one(out, &cuts[id], &o);
        }
    }
}
