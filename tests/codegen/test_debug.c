/*
 * What profilers, debuggers and unwinders see of traces: a helper that a trace calls is unwound to
 * main; the names that perf and gdb are given.
 */
#include "tests/codegen/support.h"

#include <elf.h>
#include <unistd.h>
#include <unwind.h>

#include "runtime/thread.h"

/* As gdb's manual has them. */
struct jit_code_entry {
    struct jit_code_entry *next_entry, *prev_entry;
    const char *symfile_addr;
    uint64_t symfile_size;
};
struct jit_descriptor {
    uint32_t version, action_flag;
    struct jit_code_entry *relevant_entry, *first_entry;
};
extern struct jit_descriptor __jit_debug_descriptor;
void __register_frame(void *begin);
void __deregister_frame(void *begin);

int main(void);

static const char poll_trace[] = "v0 V slot #0\n"
                                 "v1 I unbox_int v0 @0\n"
                                 "v2 I add_int_ov v1 1 @0\n"
                                 "v3 I call $thread_poll v2\n"
                                 "v4 - guard_ok v3 @1\n"
                                 "v5 I add_int_ov v2 v1 @1\n"
                                 "v6 - exit @2\n"
                                 "snap 0 top=1 :\n"
                                 "snap 1 top=1 : 0=v2\n"
                                 "snap 2 top=1 : 0=v5\n";

/* ---- unwinding ---------------------------------------------------------------------------------------- */

typedef struct Walk {
    const CgCode *code;
    int frames, in_trace, in_caller, in_main; /* numbers of the frames, from 1; 0: not seen */
    uintptr_t last_cfa;
    bool cfa_grows;
} Walk;
static Walk walk;

static int run_frames(const CgCode *code, Value *frame);

static _Unwind_Reason_Code see_frame(struct _Unwind_Context *context, void *unused)
{
    (void)unused;
    uintptr_t ip = _Unwind_GetIP(context), cfa = _Unwind_GetCFA(context);
    walk.frames++;
    walk.cfa_grows &= cfa >= walk.last_cfa;
    walk.last_cfa = cfa;
    if (ip - (uintptr_t)walk.code->entry < walk.code->code_bytes) {
        walk.in_trace = walk.frames;
        return _URC_NO_REASON;
    }
    const void *function = _Unwind_FindEnclosingFunction((void *)ip);
    if (function == (const void *)(uintptr_t)run_frames) {
        walk.in_caller = walk.frames;
    } else if (function == (const void *)(uintptr_t)main) {
        walk.in_main = walk.frames;
    }
    return walk.frames < 100 ? _URC_NO_REASON : _URC_END_OF_STACK;
}

static bool unwind_here(Thread *th, uint32_t bits)
{
    assert_ptr_equal(th, thread);
    assert_int_equal(bits, POLL_ASYNC);
    _Unwind_Backtrace(see_frame, NULL);
    return true;
}

/* Runs the code; not inlined, so that it is a frame. */
__attribute__((noinline)) static int run_frames(const CgCode *code, Value *frame)
{
    CgState state;
    cg_enter(thread, code, frame, &state);
    cg_restore(thread, &state);
    return (int)state.exit->snap;
}

static void run_and_walk(const CgCode *code)
{
    walk = (Walk){.code = code, .cfa_grows = true};
    thread->rt->hooks.poll = unwind_here;
    Value frame[FRAME_SLOTS] = {small(41)};
    atomic_store(&thread->poll, POLL_ASYNC);
    assert_int_equal(run_frames(code, frame), 2);
    atomic_store(&thread->poll, 0);
    thread->rt->hooks.poll = NULL;
    assert_true(frame[0] == small(83));
    assert_true(walk.cfa_grows);
    assert_true(walk.in_trace > 1); /* the helper is before it */
    assert_true(walk.in_caller > walk.in_trace);
    assert_true(walk.in_main > walk.in_caller);
}

static void a_helper_is_unwound_through_its_trace(void **state)
{
    (void)state;
    IrTrace *t = trace_of(poll_trace);
    CgCode *code = compiled(t, NULL);
    run_and_walk(code);
    cg_code_free(thread, arena, code);
    ir_free(thread, t);
}

/* Without an arena: the test makes the process's first one. */
static int runtime_setup(void **state)
{
    (void)state;
    thread = rt_start();
    return thread == NULL ? -1 : 0;
}

static int runtime_teardown(void **state)
{
    (void)state;
    rt_stop(thread);
    return 0;
}

/* ---- names ---------------------------------------------------------------------------------------------- */

static CgArena *arena_with(const char *variable)
{
    setenv(variable, "1", 1);
    const char *why = "";
    CgArena *a = cg_arena_new(thread, 1 << 20, &why);
    unsetenv(variable);
    if (a == NULL) {
        fail_msg("%s", why);
    }
    return a;
}

static CgCode *compiled_at(CgArena *a, IrTrace *t, uint32_t id, const char *file, int32_t line)
{
    CgCode *code = NULL;
    t->id = id;
    assert_int_equal(cg_compile(thread, a, t, &(CgContext){.file = file, .line = line}, &code),
                     CG_OK);
    return code;
}

static void perf_finds_traces_in_its_map(void **state)
{
    (void)state;
    char path[64], wanted[2][128], line[128];
    snprintf(path, sizeof path, "/tmp/perf-%d.map", (int)getpid());
    unlink(path);
    CgArena *a = arena_with("ADDER_PERF_MAP");
    IrTrace *t = trace_of(poll_trace);
    CgCode *one = compiled_at(a, t, 7, "/some/where/loop.py", 12);
    CgCode *two = compiled_at(a, t, 8, NULL, 0);
    snprintf(wanted[0], sizeof wanted[0], "%lx %x trace 7 loop.py:12\n",
             (unsigned long)(uintptr_t)one->entry, one->code_bytes);
    snprintf(wanted[1], sizeof wanted[1], "%lx %x trace 8\n", (unsigned long)(uintptr_t)two->entry,
             two->code_bytes);
    FILE *map = fopen(path, "r");
    assert_non_null(map);
    for (int i = 0; i < 2; i++) {
        assert_non_null(fgets(line, sizeof line, map));
        assert_string_equal(line, wanted[i]);
    }
    assert_null(fgets(line, sizeof line, map));
    fclose(map);
    unlink(path);
    run_and_walk(one); /* what is written through the twin runs */
    run_and_walk(two);
    cg_code_free(thread, a, one);
    cg_code_free(thread, a, two);
    cg_arena_free(thread, a);
    ir_free(thread, t);
}

/* The section with that name; NULL. */
static const Elf64_Shdr *section_of(const char *elf, const char *name)
{
    const Elf64_Ehdr *header = (const void *)elf;
    const Elf64_Shdr *sections = (const void *)(elf + header->e_shoff);
    const char *names = elf + sections[header->e_shstrndx].sh_offset;
    for (int i = 1; i < header->e_shnum; i++) {
        if (strcmp(names + sections[i].sh_name, name) == 0) {
            return &sections[i];
        }
    }
    return NULL;
}

static void check_header(const struct jit_code_entry *entry)
{
    const Elf64_Ehdr *header = (const void *)entry->symfile_addr;
    assert_memory_equal(header->e_ident, ELFMAG, SELFMAG);
    assert_int_equal(header->e_ident[EI_CLASS], ELFCLASS64);
    assert_int_equal(header->e_ident[EI_DATA], ELFDATA2LSB);
    assert_int_equal(header->e_machine, EM_X86_64);
    assert_int_equal(header->e_shentsize, sizeof(Elf64_Shdr));
    assert_true(header->e_shoff + header->e_shnum * sizeof(Elf64_Shdr) <= entry->symfile_size);
    const Elf64_Shdr *sections = (const void *)(entry->symfile_addr + header->e_shoff);
    assert_int_equal(sections[0].sh_type, SHT_NULL);
    for (int i = 1; i < header->e_shnum; i++) {
        assert_true(sections[i].sh_type == SHT_NOBITS ||
                    sections[i].sh_offset + sections[i].sh_size <= entry->symfile_size);
    }
}

/* The object names the code, and nothing else. */
static void check_image(const struct jit_code_entry *entry, const CgCode *code, const char *name)
{
    const char *elf = entry->symfile_addr;
    check_header(entry);
    const Elf64_Shdr *text = section_of(elf, ".text"), *symtab = section_of(elf, ".symtab");
    const Elf64_Shdr *strtab = section_of(elf, ".strtab"), *frame = section_of(elf, ".eh_frame");
    assert_true(text != NULL && symtab != NULL && strtab != NULL && frame != NULL);
    assert_int_equal(text->sh_type, SHT_NOBITS);
    assert_int_equal(text->sh_flags, SHF_ALLOC | SHF_EXECINSTR);
    assert_int_equal(text->sh_addr, (uintptr_t)code->entry);
    assert_int_equal(text->sh_size, code->code_bytes);
    assert_int_equal(symtab->sh_size, 2 * sizeof(Elf64_Sym));
    const Elf64_Sym *symbol = (const Elf64_Sym *)(const void *)(elf + symtab->sh_offset) + 1;
    assert_int_equal(symbol->st_info, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC));
    assert_int_equal(symbol->st_value, 0);
    assert_int_equal(symbol->st_size, code->code_bytes);
    assert_string_equal(elf + strtab->sh_offset + symbol->st_name, name);
    assert_int_equal(frame->sh_addr, (uintptr_t)elf + frame->sh_offset);
}

static void gdb_is_told_of_each_trace(void **state)
{
    (void)state;
    CgArena *a = arena_with("ADDER_GDB");
    IrTrace *t = trace_of(poll_trace);
    CgCode *one = compiled_at(a, t, 3, "file.py", 4);
    CgCode *two = compiled_at(a, t, 5, "/x/other.py", 60);
    const struct jit_descriptor *d = &__jit_debug_descriptor;
    assert_int_equal(d->version, 1);
    assert_int_equal(d->action_flag, 1);
    assert_ptr_equal(d->relevant_entry, d->first_entry);
    check_image(d->first_entry, two, "trace 5 other.py:60");
    check_image(d->first_entry->next_entry, one, "trace 3 file.py:4");
    assert_null(d->first_entry->next_entry->next_entry);
    assert_ptr_equal(d->first_entry->next_entry->prev_entry, d->first_entry);
    /* its call frame information leads an unwinder that knows nothing else */
    void *frames =
        (void *)(uintptr_t)section_of(d->first_entry->symfile_addr, ".eh_frame")->sh_addr;
    __register_frame(frames);
    run_and_walk(two);
    __deregister_frame(frames);
    const struct jit_code_entry *gone = d->first_entry;
    cg_code_free(thread, a, two);
    assert_int_equal(d->action_flag, 2);
    assert_ptr_not_equal(d->first_entry, gone);
    check_image(d->first_entry, one, "trace 3 file.py:4");
    assert_null(d->first_entry->prev_entry);
    cg_code_free(thread, a, one);
    assert_null(d->first_entry);
    cg_arena_free(thread, a);
    ir_free(thread, t);
}

static void without_being_asked_nobody_is_told(void **state)
{
    (void)state;
    IrTrace *t = trace_of(poll_trace);
    CgCode *code = compiled(t, NULL);
    char path[64];
    snprintf(path, sizeof path, "/tmp/perf-%d.map", (int)getpid());
    assert_int_not_equal(access(path, F_OK), 0);
    assert_null(__jit_debug_descriptor.first_entry);
    cg_code_free(thread, arena, code);
    ir_free(thread, t);
}

int main(void)
{
    unsetenv("ADDER_PERF_MAP");
    unsetenv("ADDER_GDB");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_helper_is_unwound_through_its_trace, codegen_setup,
                                        codegen_teardown),
        cmocka_unit_test_setup_teardown(perf_finds_traces_in_its_map, runtime_setup,
                                        runtime_teardown),
        cmocka_unit_test_setup_teardown(gdb_is_told_of_each_trace, codegen_setup, codegen_teardown),
        cmocka_unit_test_setup_teardown(without_being_asked_nobody_is_told, codegen_setup,
                                        codegen_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
