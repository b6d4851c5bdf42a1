/*
 * The object file of the variants: their bytes and relocations, by tag.
 *
 * Plain ELF64 for x86-64 as LLVM writes it; anything unexpected stops the tool.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "tools/stencilgen/stencilgen.h"

static int by_tag(const void *a, const void *b)
{
    return strcmp(((const SgVariant *)a)->tag, ((const SgVariant *)b)->tag);
}
static int by_offset(const void *a, const void *b)
{
    const SgReloc *x = a, *y = b;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

typedef struct Elf {
    const uint8_t *data;
    const Elf64_Shdr *sections;
    int section_count, text;
    const Elf64_Sym *symbols;
    size_t symbol_count;
    const char *names;
} Elf;

static Elf open_elf(const uint8_t *data, size_t size_bytes)
{
    Elf e = {.data = data, .text = -1};
    const Elf64_Ehdr *header = (const void *)data;
    if (size_bytes < sizeof *header || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) {
        sg_fail("LLVM wrote no ELF object");
    }
    e.sections = (const void *)(data + header->e_shoff);
    e.section_count = header->e_shnum;
    const char *section_names = (const char *)data + e.sections[header->e_shstrndx].sh_offset;
    for (int i = 0; i < e.section_count; i++) {
        if (strcmp(section_names + e.sections[i].sh_name, ".text") == 0) {
            e.text = i;
        }
        if (e.sections[i].sh_type == SHT_SYMTAB) {
            e.symbols = (const void *)(data + e.sections[i].sh_offset);
            e.symbol_count = e.sections[i].sh_size / sizeof *e.symbols;
            e.names = (const char *)data + e.sections[e.sections[i].sh_link].sh_offset;
        }
    }
    if (e.text < 0 || e.symbols == NULL) {
        sg_fail("object without .text or symbols");
    }
    return e;
}

/* All relocations of .text, sorted by offset. */
static SgReloc *read_relocs(const Elf *e, uint32_t *count)
{
    SgReloc *all = NULL;
    *count = 0;
    for (int i = 0; i < e->section_count; i++) {
        const Elf64_Shdr *s = &e->sections[i];
        if (s->sh_type != SHT_RELA || (int)s->sh_info != e->text) {
            continue;
        }
        const Elf64_Rela *rela = (const void *)(e->data + s->sh_offset);
        size_t n = s->sh_size / sizeof *rela;
        all = sg_alloc((n + 1) * sizeof *all);
        for (size_t k = 0; k < n; k++) {
            all[k] = (SgReloc){
                .offset = (uint32_t)rela[k].r_offset,
                .type = (uint32_t)ELF64_R_TYPE(rela[k].r_info),
                .symbol = e->names + e->symbols[ELF64_R_SYM(rela[k].r_info)].st_name,
                .addend = rela[k].r_addend,
            };
        }
        *count = (uint32_t)n;
    }
    if (all != NULL) {
        qsort(all, *count, sizeof *all, by_offset);
    }
    return all;
}

static uint32_t first_at(const SgReloc *all, uint32_t count, uint32_t offset)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (all[middle].offset < offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

SgObject sg_read_object(const uint8_t *data, size_t size_bytes)
{
    Elf e = open_elf(data, size_bytes);
    uint32_t reloc_count;
    SgReloc *relocs = read_relocs(&e, &reloc_count);
    SgObject o = {.variants = sg_alloc(e.symbol_count * sizeof *o.variants)};
    for (size_t i = 0; i < e.symbol_count; i++) {
        const char *name = e.names + e.symbols[i].st_name;
        if (strncmp(name, "v$", 2) == 0) {
            o.variants[o.count++] = (SgVariant){
                .tag = name + 2,
                .length = (uint32_t)e.symbols[i].st_value, /* start, until the end is known */
            };
        }
    }
    qsort(o.variants, o.count, sizeof *o.variants, by_tag);
    const uint8_t *text = data + e.sections[e.text].sh_offset;
    for (size_t i = 0; i < e.symbol_count; i++) {
        const char *name = e.names + e.symbols[i].st_name;
        if (strncmp(name, "e$", 2) != 0) {
            continue;
        }
        SgVariant *v = (SgVariant *)(uintptr_t)sg_find_variant(&o, name + 2);
        uint32_t start = v->length, end = (uint32_t)e.symbols[i].st_value;
        uint32_t first = first_at(relocs, reloc_count, start);
        uint32_t last = first_at(relocs, reloc_count, end);
        v->code = text + start;
        v->length = end - start;
        v->reloc_count = last - first;
        v->relocs = sg_alloc((v->reloc_count + 1) * sizeof *v->relocs);
        for (uint32_t k = 0; k < v->reloc_count; k++) {
            v->relocs[k] = relocs[first + k];
            v->relocs[k].offset -= start;
        }
    }
    return o;
}

const SgVariant *sg_find_variant(const SgObject *o, const char *tag)
{
    SgVariant key = {.tag = tag};
    const SgVariant *v = bsearch(&key, o->variants, o->count, sizeof *o->variants, by_tag);
    if (v == NULL) {
        sg_fail("variant %s was not assembled", tag);
    }
    return v;
}
