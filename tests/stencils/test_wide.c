/*
 * The peephole that puts wide constants into memory: what it rewrites, and what it leaves because a
 * register is still needed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tools/stencilgen/stencilgen.h"

/* ---- what wide.c and text.c take from stencilgen's main file ------------------------------------------ */

_Noreturn void sg_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    abort();
}

/* As in stencilgen nothing is freed before the end. */
void *sg_alloc(size_t size_bytes)
{
    static char memory[1 << 20];
    static size_t used;
    void *p = memory + used;
    used += (size_bytes + 15) & ~(size_t)15;
    assert_in_range(used, 0, sizeof memory);
    return p;
}

char *sg_printf(const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    assert_in_range(n, 0, sizeof text - 1);
    char *copy = sg_alloc((size_t)n + 1);
    memcpy(copy, text, (size_t)n);
    return copy;
}

void sg_append(SgText *t, const char *text)
{
    (void)t;
    (void)text;
    abort();
}

void sg_appendf(SgText *t, const char *format, ...)
{
    (void)t;
    (void)format;
    abort();
}

/* ---- tests ------------------------------------------------------------------------------------------------ */

/* The lines of text (tabs as blanks between name and operands) after the peephole. */
static char *rewritten(const char *text)
{
    SgSource source = {0};
    SgFunction f = {.name = sg_printf("test")};
    for (const char *line = text; *line != 0;) {
        size_t n = strcspn(line, "\n");
        char *copy = sg_printf("%.*s", (int)n, line);
        char *blank = strchr(copy, ' ');
        if (blank != NULL) {
            *blank = '\t';
        }
        f.lines[f.count++] = copy;
        line += n + (line[n] == '\n');
    }
    sg_wide_constants(&source, &f);
    free(source.literals);
    char *out = sg_alloc(2000);
    for (int k = 0; k < f.count; k++) {
        char *tab = strchr(f.lines[k], '\t');
        if (tab != NULL) {
            *tab = ' ';
        }
        strcat(strcat(out, f.lines[k]), "\n");
    }
    return out;
}

static void becomes(const char *before, const char *after)
{
    assert_string_equal(rewritten(before), after);
}

static void stays(const char *text) { becomes(text, text); }

static void a_compare_of_high_bits_is_one_of_the_whole(void **state)
{
    (void)state;
    becomes("movq %r13, %rcx\nshrq $48, %rcx\ncmpl $65529, %ecx\njae exit_\n",
            "cmpq .LCPIw_fff9000000000000(%rip), %r13\njae exit_\n");
    becomes("movq %r13, %r11\nshrq $50, %r11\ncmpl $16382, %r11d\njbe exit_\n",
            "cmpq .LCPIw_fffc000000000000(%rip), %r13\njb exit_\n");
    becomes("movq %r13, %r11\nshrq $48, %r11\nje exit_\n",
            "cmpq .LCPIw_1000000000000(%rip), %r13\njb exit_\n");
    becomes("addq %r13, %r11\nshrq $50, %r11\njne exit_\nmovq %r13, %r12\n",
            "addq %r13, %r11\ncmpq .LCPIw_4000000000000(%rip), %r11\njae exit_\nmovq %r13, %r12\n");
}

static void what_is_needed_later_is_not_dropped(void **state)
{
    (void)state;
    stays("movq %r13, %rcx\nshrq $48, %rcx\ncmpl $65529, %ecx\njae exit_\naddq %rcx, %r12\n");
    stays("shrq $48, %r12\ncmpl $7, %r12d\njae exit_\n");                /* an operand */
    stays("movq %r13, %rcx\nshrq $48, %rcx\ncmpl $7, %ecx\njg exit_\n"); /* a signed comparison */
    stays("movq %r13, %rcx\nshrq $48, %rcx\ncmpl $65535, %ecx\nja exit_\n"); /* beyond 64 bits */
    stays("movq %r13, %rcx\nshrq $48, %rcx\nsete %r12b\n");
    stays("movq %r13, %rax\nshrq $48, %rax\nje exit_\nmulq %r14\n"); /* reads rax silently */
    /* written anew, but not on the way by the label */
    stays("movabsq $281474976710655, %rcx\ncmpq %rcx, %r13\nja .LBB0_2\nmovl 4(%r13), %ecx\n"
          ".LBB0_2:\naddq %rcx, %r12\n");
    stays("movabsq $281474976710655, %rcx\ncmpq %rcx, %r13\nja exit_\nmovw 4(%r13), %cx\n");
}

static void a_register_that_is_written_anew_is_dead(void **state)
{
    (void)state;
    becomes("movabsq $281474976710655, %rcx\ncmpq %rcx, %r13\nja .LBB0_2\nmovl 4(%r13), %ecx\n"
            "incl %ecx\n.LBB0_2:\naddq %r11, %r12\n",
            "cmpq .LCPIw_ffffffffffff(%rip), %r13\nja .LBB0_2\nmovl 4(%r13), %ecx\n"
            "incl %ecx\n.LBB0_2:\naddq %r11, %r12\n");
}

static void a_sum_with_a_wide_constant_may_share_a_register(void **state)
{
    (void)state;
    becomes("movabsq $-281474976710656, %r12\naddq %r13, %r12\n",
            "movq %r13, %r12\naddq .LCPIw_ffff000000000000(%rip), %r12\n");
    becomes("vmovq %xmm1, %r11\nmovabsq $281474976710656, %r12\naddq %r11, %r12\n",
            "vmovq %xmm1, %r12\naddq .LCPIw_1000000000000(%rip), %r12\n");
    becomes("movabsq $281474976710656, %r11\naddq %r11, %r12\n",
            "addq .LCPIw_1000000000000(%rip), %r12\n");
    stays("movabsq $281474976710656, %r11\naddq %r11, %r12\nmovq %r11, 8(%r13)\n");
    stays("movabsq $281474976710656, %r12\naddq $4, %r12\n");
    stays("movabsq $H_w0, %r12\naddq %r13, %r12\n"); /* a hole is no constant */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_compare_of_high_bits_is_one_of_the_whole),
        cmocka_unit_test(what_is_needed_later_is_not_dropped),
        cmocka_unit_test(a_register_that_is_written_anew_is_dead),
        cmocka_unit_test(a_sum_with_a_wide_constant_may_share_a_register),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
