/*
 * Names of traces for profilers and debuggers.
 *
 * ADDER_PERF_MAP=1: each trace is a line of /tmp/perf-PID.map, which perf reads.
 * ADDER_GDB=1: each trace is announced to gdb through the interface that gdb documents for JIT
 * compilers, as an ELF object in memory with one symbol (the name) and one FDE (the trace frame).
 * Without either, nothing is done per trace; gdb and other unwinders still find their way through
 * traces (pages.c), only without names.
 *
 * A name is `trace N FILE:LINE`, FILE without its folder.
 *
 * Threads: under the JIT lock. gdb's list is one for the process, as gdb wants it.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "codegen/internal.h"
#include "runtime/memory.h"

enum { NAME_MAX_BYTES = 120 };

/* ---- what gdb looks at: its names, its layout ------------------------------------------------------- */

enum { JIT_NOACTION, JIT_REGISTER_FN, JIT_UNREGISTER_FN };

struct jit_code_entry {
    struct jit_code_entry *next_entry, *prev_entry;
    const char *symfile_addr;
    uint64_t symfile_size;
};

struct jit_descriptor {
    uint32_t version, action_flag;
    struct jit_code_entry *relevant_entry, *first_entry;
};

void __jit_debug_register_code(void);
extern struct jit_descriptor __jit_debug_descriptor;

struct jit_descriptor __jit_debug_descriptor = {1, JIT_NOACTION, NULL, NULL};
/* gdb has a breakpoint here. */
__attribute__((noinline)) void __jit_debug_register_code(void)
{
    __asm__ volatile("" ::: "memory");
}

/* ---- the object --------------------------------------------------------------------------------------- */

enum { SECTION_TEXT = 1, SECTION_FRAME, SECTION_SYMBOLS, SECTION_STRINGS, SECTION_COUNT };

static const char section_names[] = "\0.text\0.eh_frame\0.symtab\0.strtab";
enum { NAME_TEXT = 1, NAME_FRAME = 7, NAME_SYMTAB = 17, NAME_STRTAB = 25 };

/* The call frame information of one trace: addresses are absolute, so it means the same anywhere. */
typedef struct __attribute__((packed)) Frame {
    uint32_t cie_length, cie_id;
    uint8_t cie[28];
    uint32_t fde_length, fde_cie;
    uint64_t start, size;
    uint8_t augmentation_length, padding[7];
    uint32_t end;
} Frame;

static const uint8_t cie[28] = {
    1,
    'z',
    'R',
    0, /* version, augmentation */
    1,
    0x78, /* factors of code and data: 1 and -8 */
    16,   /* the return address has column 16 */
    1,
    0, /* augmentation: addresses are absolute */
    0x0C,
    7,
    (CG_FRAME_BYTES & 0x7F) | 0x80,
    CG_FRAME_BYTES >> 7, /* CFA = rsp + CG_FRAME_BYTES */
    0x90,
    1, /* the return address at CFA - 8; the rest is DW_CFA_nop */
};
_Static_assert(CG_FRAME_BYTES < 1 << 14, "two bytes of LEB128");

typedef struct CgImage {
    struct jit_code_entry entry;
    struct { /* the object that gdb reads */
        Elf64_Ehdr header;
        Elf64_Shdr sections[SECTION_COUNT];
        Elf64_Sym symbols[2];
        Frame frame;
        char strings[sizeof section_names + NAME_MAX_BYTES];
    } elf;
} CgImage;

#define OFFSET(field) offsetof(CgImage, elf.field) - offsetof(CgImage, elf)

static void fill_sections(CgImage *image, const CgCode *code)
{
    Elf64_Shdr *s = image->elf.sections;
    s[SECTION_TEXT] = (Elf64_Shdr){.sh_name = NAME_TEXT,
                                   .sh_type = SHT_NOBITS,
                                   .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
                                   .sh_addr = (uintptr_t)code->entry,
                                   .sh_size = code->code_bytes,
                                   .sh_addralign = 16};
    s[SECTION_FRAME] = (Elf64_Shdr){.sh_name = NAME_FRAME,
                                    .sh_type = SHT_PROGBITS,
                                    .sh_flags = SHF_ALLOC,
                                    .sh_addr = (uintptr_t)&image->elf.frame,
                                    .sh_offset = OFFSET(frame),
                                    .sh_size = sizeof image->elf.frame,
                                    .sh_addralign = 8};
    s[SECTION_SYMBOLS] = (Elf64_Shdr){.sh_name = NAME_SYMTAB,
                                      .sh_type = SHT_SYMTAB,
                                      .sh_offset = OFFSET(symbols),
                                      .sh_size = sizeof image->elf.symbols,
                                      .sh_link = SECTION_STRINGS,
                                      .sh_info = 1,
                                      .sh_addralign = 8,
                                      .sh_entsize = sizeof(Elf64_Sym)};
    s[SECTION_STRINGS] = (Elf64_Shdr){.sh_name = NAME_STRTAB,
                                      .sh_type = SHT_STRTAB,
                                      .sh_offset = OFFSET(strings),
                                      .sh_size = sizeof image->elf.strings,
                                      .sh_addralign = 1};
}

static void fill_frame(Frame *f, const CgCode *code)
{
    *f = (Frame){.cie_length = offsetof(Frame, fde_length) - offsetof(Frame, cie_id),
                 .fde_length = offsetof(Frame, end) - offsetof(Frame, fde_cie),
                 .fde_cie = offsetof(Frame, fde_cie),
                 .start = (uintptr_t)code->entry,
                 .size = code->code_bytes};
    memcpy(f->cie, cie, sizeof cie);
}

static CgImage *image_new(const CgCode *code, const char *name)
{
    CgImage *image = rt_calloc(1, sizeof *image);
    if (image == NULL) {
        return NULL;
    }
    image->elf.header = (Elf64_Ehdr){.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
                                                 ELFDATA2LSB, EV_CURRENT},
                                     .e_type = ET_REL,
                                     .e_machine = EM_X86_64,
                                     .e_version = EV_CURRENT,
                                     .e_shoff = OFFSET(sections),
                                     .e_ehsize = sizeof(Elf64_Ehdr),
                                     .e_shentsize = sizeof(Elf64_Shdr),
                                     .e_shnum = SECTION_COUNT,
                                     .e_shstrndx = SECTION_STRINGS};
    fill_sections(image, code);
    fill_frame(&image->elf.frame, code);
    memcpy(image->elf.strings, section_names, sizeof section_names);
    snprintf(image->elf.strings + sizeof section_names, NAME_MAX_BYTES, "%s", name);
    image->elf.symbols[1] = (Elf64_Sym){.st_name = sizeof section_names,
                                        .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
                                        .st_shndx = SECTION_TEXT,
                                        .st_size = code->code_bytes};
    image->entry.symfile_addr = (const char *)&image->elf;
    image->entry.symfile_size = sizeof image->elf;
    return image;
}

static void announce(CgImage *image)
{
    struct jit_descriptor *d = &__jit_debug_descriptor;
    image->entry.next_entry = d->first_entry;
    if (d->first_entry != NULL) {
        d->first_entry->prev_entry = &image->entry;
    }
    d->first_entry = d->relevant_entry = &image->entry;
    d->action_flag = JIT_REGISTER_FN;
    __jit_debug_register_code();
}

static void withdraw(CgImage *image)
{
    struct jit_descriptor *d = &__jit_debug_descriptor;
    struct jit_code_entry *next = image->entry.next_entry, *prev = image->entry.prev_entry;
    if (next != NULL) {
        next->prev_entry = prev;
    }
    if (prev != NULL) {
        prev->next_entry = next;
    } else {
        d->first_entry = next;
    }
    d->relevant_entry = &image->entry;
    d->action_flag = JIT_UNREGISTER_FN;
    __jit_debug_register_code();
    d->relevant_entry = NULL;
}

/* ---- the arena's side ----------------------------------------------------------------------------------- */

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);
    return value != NULL && value[0] != 0 && value[0] != '0';
}

void cg_debug_open(CgDebug *d)
{
    *d = (CgDebug){.gdb = is_set("ADDER_GDB"), .perf_map = -1};
    if (is_set("ADDER_PERF_MAP")) {
        char path[64];
        snprintf(path, sizeof path, "/tmp/perf-%d.map", (int)getpid());
        d->perf_map = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    }
    d->wanted = d->gdb || d->perf_map >= 0;
}

void cg_debug_close(CgDebug *d)
{
    if (d->perf_map >= 0) {
        close(d->perf_map);
    }
    *d = (CgDebug){.perf_map = -1};
}

static void write_perf_line(const CgDebug *d, const CgCode *code, const char *name)
{
    char line[NAME_MAX_BYTES + 64];
    int n = snprintf(line, sizeof line, "%lx %x %s\n", (unsigned long)(uintptr_t)code->entry,
                     code->code_bytes, name);
    if (n > 0 && write(d->perf_map, line, (size_t)n) != n) {
        return; /* perf then knows fewer names */
    }
}

void cg_debug_add(const CgDebug *d, CgCode *code, const CgContext *context)
{
    if (!d->wanted) {
        return;
    }
    char name[NAME_MAX_BYTES];
    const char *file = context != NULL ? context->file : NULL;
    if (file != NULL) {
        const char *slash = strrchr(file, '/');
        snprintf(name, sizeof name, "trace %u %.80s:%d", code->ir->id,
                 slash != NULL ? slash + 1 : file, context->line);
    } else {
        snprintf(name, sizeof name, "trace %u", code->ir->id);
    }
    if (d->perf_map >= 0) {
        write_perf_line(d, code, name);
    }
    if (d->gdb) {
        CgImage *image = image_new(code, name);
        if (image != NULL) {
            announce(image);
        }
        allocation_of(code)->image = image;
    }
}

void cg_debug_remove(CgCode *code)
{
    CgAllocation *a = allocation_of(code);
    if (a->image != NULL) {
        withdraw(a->image);
        rt_free(a->image);
        a->image = NULL;
    }
}
