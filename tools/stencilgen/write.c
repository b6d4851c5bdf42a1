/*
 * Output: the tables as C source, and a listing for people.
 *
 * The source depends on the tables only (no dates, no paths), so that two runs give the same bytes.
 */
#include <string.h>

#include "tools/stencilgen/stencilgen.h"

static void write_bytes(SgText *out, const uint8_t *bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        sg_appendf(out, "%s%u,", i % 24 == 0 ? "\n    " : " ", bytes[i]);
    }
    sg_append(out, "\n};\n");
}

static void write_table(SgText *out, const SgTable *t, uint64_t hash)
{
    sg_appendf(out, "\nstatic const uint8_t %s_code[] = {", t->name);
    uint8_t *padded = sg_alloc(t->code_bytes + 32);
    memcpy(padded, t->code, t->code_bytes);
    write_bytes(out, padded, t->code_bytes + 32);
    sg_appendf(out, "static const StencilHole %s_holes[] = {", t->name);
    for (uint32_t i = 0; i < t->hole_count; i++) {
        sg_appendf(out, "%s{%u,%u,%u},", i % 9 == 0 ? "\n    " : " ", t->holes[i].role,
                   t->holes[i].offset, t->holes[i].xor_table);
    }
    sg_appendf(out, "\n};\nstatic const StencilPatch %s_patches[] = {", t->name);
    for (uint32_t i = 0; i < t->patch_count; i++) {
        sg_appendf(out, "%s{%u,%u,%d},", i % 9 == 0 ? "\n    " : " ", t->patches[i].kind,
                   t->patches[i].offset, t->patches[i].addend);
    }
    sg_appendf(out, "\n};\nstatic const uint8_t %s_xors[][16] = {\n", t->name);
    for (uint32_t i = 0; i < t->xor_count; i++) {
        sg_append(out, "    {");
        for (int r = 0; r < 16; r++) {
            sg_appendf(out, "%u%s", t->xors[i][r], r < 15 ? ", " : "},\n");
        }
    }
    sg_appendf(out, "};\nstatic const uint64_t %s_literals[] = {\n", t->name);
    for (uint32_t i = 0; i < t->literal_words; i++) {
        sg_appendf(out, "    0x%016llx,\n", (unsigned long long)t->literals[i]);
    }
    sg_appendf(out,
               "};\n/* code, hole, patch, length, hole_count, patch_count, present, vectors, "
               "scratch, early,\n * exits, clobbers, skip */\n"
               "static const Stencil %s_stencils[ST_COUNT] = {\n",
               t->name);
    for (int id = 0; id < ST_COUNT; id++) {
        const Stencil *s = &t->stencils[id];
        if (s->present) {
            sg_appendf(out, "    [ST_%s] = {%u, %u, %u, %u, %u, %u, 1, %u, %u, %u, %u, %u, %u},\n",
                       st_forms[id].name, s->code, s->hole, s->patch, s->length, s->hole_count,
                       s->patch_count, s->vectors, s->scratch_count, s->early, s->exits,
                       s->clobbers, s->skip);
        }
    }
    sg_appendf(out,
               "};\nconst StencilTable st_table_%s = {\n"
               "    .name = \"x86-64-%s\",\n    .code = %s_code,\n    .holes = %s_holes,\n"
               "    .patches = %s_patches,\n    .xors = %s_xors,\n    .stencils = %s_stencils,\n"
               "    .literals = %s_literals,\n    .code_bytes = %u,\n    .literal_bytes = %u,\n"
               "    .hole_count = %u,\n    .patch_count = %u,\n    .xor_count = %u,\n"
               "    .source_hash = 0x%016llx,\n};\n",
               t->name, t->name, t->name, t->name, t->name, t->name, t->name, t->name,
               t->code_bytes, t->literal_words * 8, t->hole_count, t->patch_count, t->xor_count,
               (unsigned long long)hash);
}

void sg_write(SgText *out, const SgTable *tables, int count, uint64_t hash)
{
    sg_appendf(out,
               "/*\n * Stencil tables for x86-64. Made by tools/stencilgen: do not edit "
               "(ninja regen-stencils).\n * source-hash: %016llx\n */\n"
               "#include \"stencils/stencil.h\"\n",
               (unsigned long long)hash);
    for (int i = 0; i < count; i++) {
        write_table(out, &tables[i], hash);
    }
}

void sg_list(const SgTable *t)
{
    static const char *const kinds[] = {"k32",     "m32",  "k8",     "w64", "pool",
                                        "literal", "exit", "helper", "slot"};
    printf("table %s: %u bytes of code, %u holes, %u patches, %u XOR tables, %u literal words\n",
           t->name, t->code_bytes, t->hole_count, t->patch_count, t->xor_count, t->literal_words);
    for (int id = 0; id < ST_COUNT; id++) {
        const Stencil *s = &t->stencils[id];
        if (!s->present) {
            continue;
        }
        printf("\n%s: %u bytes, %u holes, scratch %u, early %#x, clobbers %#x\n", st_forms[id].name,
               s->length, s->hole_count, s->scratch_count, s->early, s->clobbers);
        for (int i = 0; i < s->patch_count; i++) {
            const StencilPatch *p = &t->patches[s->patch + i];
            printf("    patch %s at %u%+d\n", kinds[p->kind], p->offset, p->addend);
        }
        for (uint32_t at = 0; at < s->length;) {
            char text[128];
            size_t n =
                sg_disassemble(t->code + s->code + at, s->length - at, at, text, sizeof text);
            if (n == 0) {
                break;
            }
            printf("    %3u %s\n", at, text);
            at += (uint32_t)n;
        }
    }
}
